// Lesson 18: our Socket.IO client and the official server, over TLS.

import assert from 'node:assert/strict';
import { after, afterEach, suite, test } from 'node:test';

import { Certificate } from './certificate.mjs';
import { ask, event } from './socketio-client.mjs';
import { Peer, WAYS } from './socketio-peer.mjs';
import { Talk } from './socketio-talk.mjs';

const certificate = new Certificate();
after(() => certificate.remove());

let peer;
afterEach(() => peer.close());

for (const way of Object.keys(WAYS)) suite(way, () => {
  test('each asks the other, and bytes are bytes', async () => {
    peer = await Peer.start({ way }, {}, certificate);
    const { talk, socket } = await peer.join();
    assert.equal(socket.conn.transport.name, WAYS[way].at(-1));
    assert.equal(socket.handshake.secure, true);
    const bytes = Buffer.alloc(70_000, 7);
    assert.deepEqual(await ask(socket, 'ask', { deep: [bytes] }), { deep: [bytes] });
    socket.on('ask', (what, answer) => answer(what));
    talk.call('ask', 'κόσμε');
    assert.deepEqual(await talk.says('/', 'is answered', 'ask'), [['κόσμε']]);
  });

  test('after a reset it comes back, with what waited', async () => {
    peer = await Peer.start({ way }, {}, certificate);
    const { talk } = await peer.join();
    peer.cable.reset();
    await talk.says('/', 'disconnect');
    talk.emit('kept', 1);
    const again = event(peer.io, 'connection');
    peer.cable.mend();
    const [socket] = await again;
    assert.deepEqual(await event(socket, 'kept'), [1]);
  });

  test('whom it has no reason to trust it tells nothing', async () => {
    peer = await Peer.start({ way }, {}, certificate);
    const talk = new Talk(peer.address, { way });
    talk.tell('connect');
    assert.match((await talk.says('/', 'not joined'))[0], /cannot reach the server: .*certificate/);
    await talk.stop();
    assert.equal(peer.io.engine.clientsCount, 0);
  });
});

test('wss is https', async () => {
  peer = await Peer.start({ way: 'websocket' }, {}, certificate);
  const talk = new Talk(peer.address.replace('https', 'wss'), { way: 'websocket' }, certificate.trust);
  await talk.join();
  await talk.stop();
});
