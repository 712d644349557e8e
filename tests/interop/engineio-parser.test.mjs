// Lesson 08: packets and payloads, as the reference writes and reads them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { decodePayload, encodePayload } from 'engine.io-parser';

import { built } from './program.mjs';

const HANDSHAKE = { sid: 'lv_VI97HAXpY6yYWAAAC', upgrades: ['websocket'], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 };
const PACKETS = [
  { type: 'open', data: JSON.stringify(HANDSHAKE) },
  { type: 'open', data: JSON.stringify({ ...HANDSHAKE, upgrades: [] }) },
  { type: 'close' },
  { type: 'ping' },
  { type: 'ping', data: 'probe' },
  { type: 'pong' },
  { type: 'pong', data: 'probe' },
  { type: 'upgrade' },
  { type: 'noop' },
  ...['hello', 'κόσμε 😀', '4', 'b', ' ', '\n', '["a\\u001eb"]', 'x'.repeat(10_000)].map(message),
  ...[0, 1, 2, 3, 4, 100].map(count => message(Buffer.alloc(count, 'any bytes'))),
  ...[[255], [0xfb, 0xff, 0xbf], [0, 0x1e, 0xf0]].map(bytes => message(Buffer.from(bytes))),
];

function message(data) {
  return { type: 'message', data };
}

/** What our example does with a packet. */
function swap({ type, data }) {
  switch (type) {
    case 'ping': return { type: 'pong', data };
    case 'pong': return { type: 'ping', data };
    case 'message': return message(typeof data === 'string' ? Buffer.from(data) : textOf(data));
    default: return { type, data };
  }
}

function textOf(bytes) {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : bytes;
}

function answers(bodies) {
  const input = bodies.map(body => `${JSON.stringify(body)}\n`).join('');
  const { status, stdout } = spawnSync(built('interop', 'packet-swap'), { input, stdio: ['pipe', 'pipe', 'inherit'] });
  assert.equal(status, 0);
  return String(stdout).trimEnd().split('\n').map(line => JSON.parse(line));
}

const encoded = packets => {
  let body;
  encodePayload(packets, came => { body = came; });
  return body;
};

test('each packet, and all of them in one body, is read and written as the reference does', () => {
  const payloads = [...PACKETS.map(packet => [packet]), PACKETS, PACKETS.toReversed()];
  const came = answers(payloads.map(encoded));
  assert.equal(came.length, payloads.length);
  payloads.forEach((packets, index) => {
    const expected = packets.map(swap);
    assert.equal(came[index], encoded(expected));
    const read = decodePayload(came[index]).map(({ type, data = '' }) => ({ type, data }));
    assert.deepEqual(read, expected.map(({ type, data = '' }) => ({ type, data })));
  });
});

test('what the reference refuses is refused', () => {
  const bodies = ['', '7', 'hello', '4a\x1e', '\x1e4a', '4a\x1e\x1e4b', '4a\x1e9\x1e4b', 'B', 'é', '\ufeff4a'];
  answers(bodies).forEach((answer, index) => {
    assert.equal(decodePayload(bodies[index]).at(-1).type, 'error');
    assert.match(answer.error, /^expected a packet type from 0 to 6/);
  });
});

test('base64 without padding and in lines is read by both; garbage by the reference alone', () => {
  const [inLines, unpadded, garbage] = ['bAQID\nBA==\n', 'bAQIDBA', 'bAQ!ID-'];
  assert.deepEqual(answers([inLines, unpadded]), ['4\x01\x02\x03\x04', '4\x01\x02\x03\x04']);
  for (const body of [inLines, unpadded]) assert.deepEqual(decodePayload(body), [message(Buffer.from([1, 2, 3, 4]))]);
  assert.deepEqual(decodePayload(garbage), [message(Buffer.from([1, 2, 3]))]);
  assert.match(answers([garbage])[0].error, /^expected base64 after b, came '!'/);
});
