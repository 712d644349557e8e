// Lesson 10: our Engine.IO server, in the hands of the official client.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, suite, test } from 'node:test';

import { Socket } from 'engine.io-client';
import { WebSocket } from 'ws';

import { Program } from './program.mjs';

const MAX_PAYLOAD = 1_000_000;
const MESSAGES = ['hello', '', 'κόσμε 😀', '["a\\u001eb"]', Buffer.from([0, 1, 254, 255]), Buffer.alloc(0), Buffer.alloc(70_000, 'any bytes')];
const WAYS = {
  'polling alone': { transports: ['polling'] },
  'a WebSocket alone': { transports: ['websocket'] },
  'polling, then a WebSocket': { transports: ['polling', 'websocket'] },
};

let server;
let address;

before(async () => {
  server = new Program('engineio-server', 'engineio-echo', '--port', '0');
  [, address] = await server.line(/^listening on (http:\/\/[^/ ]+)/);
});

after(async () => assert.equal(await server.stop(), 0));

/** An event of the client, in time. */
const event = (socket, name) => new Promise((resolve, reject) => {
  const late = setTimeout(() => reject(new Error(`waited 20 s for ${name}, and it did not come`)), 20_000);
  socket.once(name, (...values) => {
    clearTimeout(late);
    resolve(values);
  });
});

async function connect(options) {
  const socket = new Socket(address, options);
  await event(socket, 'open');
  return socket;
}

/** The client hears an empty text as nothing at all, and bytes in one of several types. */
const plain = (message = '') => typeof message === 'string' ? message : Buffer.from(message);

/** The next `count` messages. */
async function heard(socket, count) {
  const messages = [];
  const all = new Promise(resolve => {
    socket.on('message', message => {
      messages.push(plain(message));
      if (messages.length === count) resolve();
    });
  });
  const late = event(socket, 'close').then(([reason]) => {
    throw new Error(`closed (${reason}) after ${messages.length} of ${count} messages`);
  });
  await Promise.race([all, late]);
  return messages;
}

async function close(socket) {
  const closed = event(socket, 'close');
  socket.close();
  assert.deepEqual((await closed)[0], 'forced close');
}

for (const [way, options] of Object.entries(WAYS)) {
  suite(way, () => {
    test('texts and bytes come back as they were', async () => {
      const socket = await connect(options);
      const echoes = heard(socket, MESSAGES.length);
      for (const message of MESSAGES) socket.send(message);
      assert.deepEqual(await echoes, MESSAGES);
      await close(socket);
    });

    test('a thousand messages come in order, each once', async () => {
      const socket = await connect(options);
      const sent = Array.from({ length: 1000 }, (_, index) => `${index}`);
      const echoes = heard(socket, sent.length);
      for (const message of sent) {
        socket.send(message);
        // In many turns of the loop, so that an upgrade falls into the middle.
        if (message % 10 === 0) await new Promise(resolve => setImmediate(resolve));
      }
      assert.deepEqual(await echoes, sent);
      assert.equal(socket.transport.name, options.transports.at(-1));
      await close(socket);
    });

    test('a message as long as may be, and one byte more', async () => {
      const socket = await connect(options);
      if (options.transports.length > 1) await event(socket, 'upgrade');
      // The packet's type counts.
      const echo = heard(socket, 1);
      const longest = 'x'.repeat(MAX_PAYLOAD - 1);
      socket.send(longest);
      assert.equal((await echo)[0], longest);
      const closed = event(socket, 'close');
      socket.send(`${longest}x`);
      const [reason, why] = await closed;
      assert.match(reason, /^transport (close|error)$/);
      if (options.transports.at(-1) === 'websocket') {
        assert.equal(why.context.code, 1009);
        assert.match(why.context.reason, /at most 1000000 bytes .*came 1000[0-9]+; send less/);
      } else {
        assert.equal(why.description, 413);
      }
    });
  });
}

test('the upgrade happens while both sides talk', async () => {
  const socket = await connect({ transports: ['polling', 'websocket'] });
  const upgraded = event(socket, 'upgrade');
  assert.equal(socket.transport.name, 'polling');
  const echoes = heard(socket, 1);
  socket.send('before');
  assert.deepEqual(await echoes, ['before']);
  await upgraded;
  assert.equal(socket.transport.name, 'websocket');
  await close(socket);
});

test('a POST that is too long is told the limit', async () => {
  const handshake = await fetch(`${address}/engine.io/?EIO=4&transport=polling`);
  const { sid } = JSON.parse((await handshake.text()).slice(1));
  const url = `${address}/engine.io/?EIO=4&transport=polling&sid=${sid}`;
  const answer = await fetch(url, { method: 'POST', body: `4${'x'.repeat(MAX_PAYLOAD)}` });
  assert.equal(answer.status, 413);
  assert.match(await answer.text(), /1000000 bytes/);
});

test('a client that wants base64 over its WebSocket gets it', async () => {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/engine.io/?EIO=4&transport=websocket&b64=1`);
  const signal = AbortSignal.timeout(20_000);
  await once(socket, 'message', { signal });
  const echo = once(socket, 'message', { signal });
  socket.send('bAQID');
  const [data, isBinary] = await echo;
  assert.deepEqual([String(data), isBinary], ['bAQID', false]);
  socket.close();
});

test('a client that offers subprotocols is given the first', async () => {
  const socket = await connect({ transports: ['websocket'], protocols: ['chat', 'news'] });
  assert.equal(socket.transport.ws.protocol, 'chat');
  await close(socket);
});
