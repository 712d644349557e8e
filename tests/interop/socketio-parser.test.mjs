// Lesson 12: packets, as both of the reference's parsers write and read them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import decodeInBrowser from 'notepack.io/browser/decode.js';
import msgpack from 'socket.io-msgpack-parser';
import * as json from 'socket.io-parser';

import { built } from './program.mjs';

const [CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR] = [0, 1, 2, 3, 4];
const bytes = (...values) => Buffer.from(values);

const PACKETS = [
  { type: CONNECT, nsp: '/' },
  { type: CONNECT, nsp: '/admin' },
  { type: CONNECT, nsp: '/x?token=1', data: { token: '123' } },
  { type: CONNECT_ERROR, nsp: '/', data: { message: 'Not authorized' } },
  { type: DISCONNECT, nsp: '/' },
  { type: DISCONNECT, nsp: '/é' },
  { type: EVENT, nsp: '/', data: ['hello'] },
  { type: EVENT, nsp: '/', data: [''] },
  { type: EVENT, nsp: '/admin', data: ['hello', 1, -1, 1.5, 1e21, null, true, '"\\\u0000\u001e\u007fé😀', { a: [{}] }, []] },
  { type: EVENT, nsp: '/', data: ['a "name" \\ 😀'], id: 0 },
  { type: EVENT, nsp: '/x', data: ['hello', 'x'.repeat(70_000)], id: 4294967296 },
  { type: EVENT, nsp: '/x', data: ['many', ...Array(20).keys()], id: 9007199254740991 },
  { type: EVENT, nsp: '/', data: ['hello', bytes(1, 2), { a: bytes(), b: [bytes(255)] }] },
  { type: EVENT, nsp: '/x', data: ['hello', ...Array(10).fill(bytes(7))], id: 12 },
  { type: ACK, nsp: '/', data: [], id: 0 },
  { type: ACK, nsp: '/x', data: [bytes(0)], id: 7 },
  { type: ACK, nsp: '/', data: ['connect', Buffer.alloc(300, 'x'), Buffer.alloc(70_000)], id: 123 },
  typed({}),
  typed({ one: bytes(9, 9) }),
];

function typed(more) {
  const all = { a: bytes(3), b: [true, -5, 0.25, null] };
  return { type: EVENT, nsp: '/', data: ['typed', 'text', { name: 'cat', data: bytes(1, 2), all, few: [bytes(4), bytes()], ...more }] };
}

/** What our example says for packets, each a list of messages. */
function again(packets, ...args) {
  const asText = message => (typeof message === 'string' ? `4${message}` : `b${message.toString('base64')}`);
  const input = packets.map(messages => `${JSON.stringify(messages.map(asText))}\n`).join('');
  const { status, stdout } = spawnSync(built('interop', 'packet-again'), args, { input, stdio: ['pipe', 'pipe', 'inherit'], maxBuffer: 1e8 });
  assert.equal(status, 0);
  const asMessage = text => (text[0] === '4' ? text.slice(1) : Buffer.from(text.slice(1), 'base64'));
  const answers = String(stdout).trimEnd().split('\n').map(line => JSON.parse(line));
  return answers.map(answer => (Array.isArray(answer) ? answer.map(asMessage) : answer));
}

function decoded(parser, messages) {
  const decoder = new parser.Decoder();
  let packet;
  decoder.on('decoded', came => { packet = came; });
  for (const message of messages) decoder.add(message);
  return packet;
}

/** Encoding JSON takes the bytes out of the packet that it is given. */
const encoded = (parser, packet) => new parser.Encoder().encode(structured(packet));
const structured = value => (Buffer.isBuffer(value) || value === null || typeof value !== 'object' ? value
  : Array.isArray(value) ? value.map(structured)
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, structured(inner)])));

for (const [name, parser] of [['json', json], ['msgpack', msgpack]]) {
  test(`each packet is read and written as the reference does: ${name}`, () => {
    const packets = PACKETS.map(packet => encoded(parser, packet));
    const came = again(packets, name);
    assert.equal(came.length, packets.length);
    packets.forEach((messages, index) => {
      assert.deepEqual(came[index], messages);
      assert.deepEqual(decoded(parser, came[index]), decoded(parser, messages));
    });
  });
}

const isRefused = (parser, messages) => {
  try {
    return decoded(parser, messages) === undefined;
  } catch {
    return true;
  }
};

const WRONG = [
  '7', 'x', 'é', '2{}', '2[]', '2[null]', '2[true]', '2[{}]', '2["a"', '2["a]', '2["a"x]', '2abc["a"]', '2["a\nb"]', '2[\f"a"]', '2[01]', '2[-]',
  '2["connect"]', '2["c\\u006fnnect"]', '2["disconnecting"]', '2["newListener",1]', '2"a"',
  '3{}', '37{}', '1{}', '1/x,[]', '0[]', '0"a"', '0{', '0{}}', '0null', '4[]', '41[]', '4"',
  '5', '51', '5-["a"]', '50-["a"]', '51x-["a"]', '511-["a"]', '599999999999999999999999-["a"]', '5-1-["a"]', '51.5-["a"]',
].map(text => [text]);
const PLACE = num => `{"_placeholder":true,"num":${num}}`;
const LOST = ['1', '-1', '"0"', 'null', '1e9'].map(num => [`51-["a",[{"b":${PLACE(num)}}]]`, bytes(1)]);
const IN_BETWEEN = [['51-["a"]', '2["b"]'], [bytes(1)], ['51-["a"]', bytes(1), bytes(1)]];

test('what the reference refuses is refused', () => {
  const packets = [...WRONG, ...LOST, ...IN_BETWEEN];
  again(packets).forEach((answer, index) => {
    assert.ok(isRefused(json, packets[index]), `the reference takes ${packets[index]}`);
    assert.match(answer.error ?? '', /^expected/, `${packets[index]}: ${JSON.stringify(answer)}`);
  });
});

test('what the reference takes is taken', () => {
  const taken = [
    '2["a\u007f"]', '2["a","\\ud83d"]', '2[ "a"\t,\r\n1 ] ', '2[12]', '2[-1.5e3,1]', '2["\\u00e9\\ud83d\\ude00"]', '2/x', '0/x', '0/x,', '1/', '20["a"]', '2/x,007["a"]', '2["a",{"_placeholder":true,"num":3}]',
    '2/x?a=[1],["a"]', '4"no"', '15',
  ].filter(text => text !== '2/x').map(text => [text]);
  const inAnyOrder = [`52-["a",${PLACE(1)},${PLACE(0)},${PLACE(0)},{"_placeholder":1,"num":9}]`, bytes(1), bytes(2)];
  const packets = [...taken, inAnyOrder, ['501-["a"]', bytes(1)], ['51-["a","\\ud83d"]', bytes(1)]];
  again(packets).forEach((answer, index) => {
    assert.ok(!isRefused(json, packets[index]), `the reference refuses ${packets[index]}`);
    assert.ok(Array.isArray(answer), `${packets[index]}: ${JSON.stringify(answer)}`);
  });
});

test('where we differ, we know it', () => {
  // Nothing is a CONNECT there, a space is a zero, and a payload that is missing is never looked at.
  const refused = ['', ' ', '2', '3', '4', '3[]', '2 ["a"]', '51-', '2["\\ud800"]', '399999999999999999999[]'];
  const packets = refused.map(text => (text === '51-' ? [text, bytes(1)] : [text]));
  again(packets).forEach((answer, index) => {
    assert.ok(!isRefused(json, packets[index]), `the reference refuses ${packets[index]}`);
    assert.match(answer.error ?? '', /^expected/, JSON.stringify(packets[index]));
  });
});

test('of twenty thousand random texts, we take none that the reference refuses', () => {
  const begins = ['', '2["', '2["a",', '2/x,7["a"', '37[', '51-["a",', '62-7[', '0{', '0/x,{', '4"'];
  const pieces = [
    ...'01234567-,/[]{}"\\: \t\n', '51-', '62-', '/x,', '"a"', '["a"', '"connect"', PLACE(0), PLACE(1), '{"num":0}', '\\u00e9', 'é', '1.5', '-1', 'true', 'null', '[]', '{"a":1}',
  ];
  const ends = ['', ']', '}', '"', '"]', '}]'];
  const any = list => list[Math.floor(Math.random() * list.length)];
  const texts = Array.from({ length: 20_000 }, () => any(begins) + Array.from({ length: any([0, 1, 2, 3, 5]) }, () => any(pieces)).join('') + any(ends));
  const attachments = text => Array(Math.min(10, text.match(/^[56](\d+)-/)?.[1] ?? 0)).fill(bytes(1));
  const packets = texts.map(text => [text, ...attachments(text)]);
  again(packets).forEach((answer, index) => {
    if (Array.isArray(answer)) assert.ok(!isRefused(json, packets[index]), `the reference refuses ${JSON.stringify(texts[index])}`);
  });
});

test('what the reference refuses in MessagePack is refused', () => {
  const packets = [
    { nsp: '/' }, { type: 5, nsp: '/', data: ['a'] }, { type: -1, nsp: '/' }, { type: 'x', nsp: '/' }, { type: CONNECT }, { type: CONNECT, nsp: 1 },
    { type: CONNECT, nsp: '/', data: 'x' }, { type: DISCONNECT, nsp: '/', data: {} }, { type: EVENT, nsp: '/' }, { type: EVENT, nsp: '/', data: {} },
    { type: ACK, nsp: '/', data: 'x', id: 1 }, { type: EVENT, nsp: '/', data: ['a'], id: 'x' }, { type: CONNECT_ERROR, nsp: '/', data: [] }, 'text', [1],
  ].map(packet => encoded(msgpack, packet));
  const whole = encoded(msgpack, { type: EVENT, nsp: '/', data: ['a'] })[0];
  packets.push([Buffer.concat([whole, bytes(0)])], [whole.subarray(0, -1)], ['2["a"]']);
  again(packets, 'msgpack').forEach((answer, index) => {
    assert.ok(isRefused(msgpack, packets[index]), `the reference takes ${packets[index]}`);
    assert.match(answer.error ?? '', /^expected a packet in MessagePack/, `${packets[index]}: ${JSON.stringify(answer)}`);
  });
});

test('what the reference sends along in MessagePack does no harm', () => {
  const [sent] = encoded(msgpack, { type: EVENT, data: ['a', undefined], id: undefined, options: { compress: true }, nsp: '/' });
  const [[came]] = again([[sent]], 'msgpack');
  assert.deepEqual(decoded(msgpack, [came]), { type: EVENT, nsp: '/', data: ['a', undefined] });
});

test('of twenty thousand damaged packets in MessagePack, we pass none on that a browser refuses', () => {
  const whole = PACKETS.filter(packet => packet.type === EVENT || packet.type === ACK).map(packet => encoded(msgpack, packet)[0]).filter(packet => packet.length < 200);
  const random = below => Math.floor(Math.random() * below);
  const damaged = Array.from({ length: 20_000 }, () => {
    const packet = Buffer.from(whole[random(whole.length)]);
    packet[random(packet.length)] = random(256);
    return packet;
  });
  again(damaged.map(packet => [packet]), 'msgpack').forEach((answer, index) => {
    if (!Array.isArray(answer)) return;
    assert.ok(!isRefused(msgpack, [damaged[index]]), `the reference refuses ${damaged[index].toString('hex')}`);
    assert.doesNotThrow(() => decodeInBrowser(answer[0]), damaged[index].toString('hex'));
  });
});
