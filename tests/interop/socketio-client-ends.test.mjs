// Lesson 18: our Socket.IO client at the official server. How their connections end, and what comes after.

import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'node:test';

import { ask, count, event, hear, inTime } from './socketio-client.mjs';
import { PARSERS, Peer, WAYS } from './socketio-peer.mjs';

const SOON = { pingInterval: 300, pingTimeout: 600 };

let peer;
afterEach(() => peer.close());

/** Of all that our client said: that it was connected, and what it heard. */
const heard = said => said.filter(([, what, name]) => /^(connect|hears|reads)$/.test(what) && name !== 'words').map(([, ...rest]) => rest);

/** The engine's connection of a socket is closed: for which reason. */
const closed = socket => event(socket.conn, 'close').then(([reason]) => reason);
const left = socket => event(socket, 'disconnect').then(([reason]) => reason);
const next = nsp => event(nsp, 'connection').then(([socket]) => socket);

/** What the server hears under a name, from whoever comes. */
function hearAll(name, heard = () => {}) {
  const all = [];
  peer.io.on('connection', socket => socket.on(name, (...args) => {
    all.push(args[0]);
    heard(...args);
  }));
  return all;
}

for (const parser of Object.keys(PARSERS)) {
  for (const way of Object.keys(WAYS)) suite(`${parser}, ${way}`, () => endings({ parser, way }));
}

function endings(settings) {
  test('whom the server disconnects stays so, until it asks again', async () => {
    peer = await Peer.start(settings);
    for (const all of [false, true]) {
      const { talk, socket, id } = await peer.join();
      const gone = closed(socket);
      socket.emit('the last');
      socket.disconnect(all);
      await talk.says('/', 'hears', 'the last');
      assert.deepEqual(await talk.says('/', 'disconnect'), ['io server disconnect']);
      await gone;
      const again = next(peer.io);
      const other = await talk.join();
      assert.notEqual(other, id);
      assert.equal((await again).id, other);
    }
    assert.equal(peer.io.engine.clientsCount, 2);
  });

  test('whom the server disconnects in one namespace stays in the other', async () => {
    peer = await Peer.start(settings);
    const other = next(peer.io.of('/other'));
    const { talk, socket } = await peer.join();
    await talk.join('/other');
    (await other).disconnect();
    assert.deepEqual(await talk.says('/other', 'disconnect'), ['io server disconnect']);
    assert.equal(await ask(socket, 'ask', 'still here'), 'still here');
  });

  test('a client that closes says goodbye, and is gone', async () => {
    peer = await Peer.start(settings);
    const { talk, socket } = await peer.join();
    const [reason, gone] = [left(socket), closed(socket)];
    // It reads events together with the goodbye, and hands them out a tick later, when nobody is there any more.
    talk.emit('number', 1);
    talk.tell('close');
    assert.equal(await reason, 'client namespace disconnect');
    await gone;
    await talk.says('client', 'closed');
    assert.deepEqual(await talk.says('/', 'disconnect'), ['io client disconnect']);
    assert.equal(peer.io.engine.clientsCount, 0);
  });

  test('a client that is dropped leaves no connection', async () => {
    peer = await Peer.start(settings);
    const { talk, socket } = await peer.join();
    const [reason, gone] = [left(socket), closed(socket)];
    talk.tell('drop');
    assert.match(await reason, /^transport (close|error)$/);
    await gone;
    await talk.says('client', 'ended');
    assert.equal(peer.io.engine.clientsCount, 0);
  });

  test('after a reset it comes back, in each namespace, with all that waited, in order', async () => {
    peer = await Peer.start(settings);
    peer.io.of('/other');
    const numbers = hearAll('number');
    const { talk, id } = await peer.join();
    await talk.join('/other');
    peer.cable.reset();
    assert.match((await talk.says('/', 'disconnect'))[0], /^transport (close|error)$/);
    for (let number = 0; number < 100; number += 1) talk.emit('number', number);
    talk.call('ask', 'in between');
    talk.emit('number', 100);
    talk.tell('volatile', { name: 'number', args: [101] });
    talk.tell('tick');
    await talk.says('client', 'ticks');
    const [again, elsewhere] = [next(peer.io), next(peer.io.of('/other'))];
    peer.cable.mend();
    const socket = await again;
    socket.on('ask', (what, answer) => answer(what));
    assert.deepEqual(await talk.says('/', 'is answered', 'ask'), [['in between']]);
    assert.notEqual(socket.id, id);
    await talk.says('/', 'connect', socket.id, false);
    await talk.says('/other', 'connect', (await elsewhere).id, false);
    assert.deepEqual(socket.handshake.auth, { visit: 2 });
    talk.emit('number', 102);
    await count(socket, 'number', hear(socket, 'number'), 1);
    assert.deepEqual(numbers, [...Array.from({ length: 101 }, (_, number) => number), 102]);
  });

  test('a server that is started anew hears all that waited, in order', async () => {
    peer = await Peer.start(settings);
    const { talk, id } = await peer.join();
    await talk.says('/', 'is', 'connected');
    await peer.stop();
    assert.match((await talk.says('/', 'disconnect'))[0], /^transport (close|error)$/);
    await talk.says('/', 'is', 'connecting');
    for (let number = 0; number < 100; number += 1) talk.emit('number', number);
    talk.call('ask', 'meanwhile');
    await talk.says('client', 'reconnect_attempt 2');
    await peer.comeBack();
    const numbers = hearAll('number');
    peer.io.on('connection', socket => socket.on('ask', (what, answer) => answer(what)));
    const again = next(peer.io);
    assert.deepEqual(await talk.says('/', 'is answered', 'ask'), [['meanwhile']]);
    assert.deepEqual(numbers, Array.from({ length: 100 }, (_, number) => number));
    const socket = await again;
    assert.notEqual(socket.id, id);
    await talk.says('/', 'is', 'connected');
    await talk.says('/', 'connect', socket.id, false);
    assert.equal(await ask(socket, 'ask', 'and now'), 'and now');
    talk.tell('volatile', { name: 'number', args: [100] });
    talk.call('ask', 'the last');
    await talk.says('/', 'is answered', 'ask');
    assert.equal(numbers.at(-1), 100);
  });

  test('what its manager does is told in the words of the reference', async () => {
    peer = await Peer.start(settings);
    peer.cable.reset();
    const talk = peer.talk();
    talk.tell('open');
    const began = await talk.saysUntil('client', 'reconnect_attempt 2');
    peer.cable.mend();
    const done = await talk.saysUntil('/', 'is', 'connected');
    const words = [...began, ...done].filter(([who]) => who === 'client').map(([, what]) => what.split(':')[0]);
    const attempts = words.filter(word => word.startsWith('reconnect_attempt')).length;
    assert.deepEqual(words, [
      'error',
      ...Array.from({ length: attempts - 1 }, (_, n) => [`reconnect_attempt ${n + 1}`, 'error', 'reconnect_error']).flat(),
      `reconnect_attempt ${attempts}`, 'open', `reconnect ${attempts}`,
    ]);
  });

  test('a cable that is cut is missed, by both', async () => {
    peer = await Peer.start(settings, SOON);
    const { talk, socket } = await peer.join();
    const reason = left(socket);
    peer.cable.cut();
    assert.deepEqual(await talk.says('/', 'disconnect'), ['ping timeout']);
    assert.equal(await reason, 'ping timeout');
    const again = next(peer.io);
    peer.cable.mend();
    peer.cable.reset(); // the dials that went nowhere
    peer.cable.mend();
    assert.notEqual((await again).id, socket.id);
    await talk.says('/', 'connect', (await again).id, false);
  });

  test('a server that cannot be reached is tried again', async () => {
    peer = await Peer.start(settings);
    peer.cable.reset();
    const talk = peer.talk();
    talk.tell('connect');
    assert.equal((await talk.says('/', 'not joined')).length, 1);
    await talk.says('client', 'reconnect_attempt 1');
    const came = next(peer.io);
    peer.cable.mend();
    await talk.says('/', 'connect', (await came).id, false);
  });

  test('it is not tried more often than it was told to', async () => {
    peer = await Peer.start(settings);
    peer.cable.reset();
    const talk = peer.talk({ attempts: 2 });
    talk.tell('connect');
    await talk.says('/', 'not joined');
    const said = await talk.saysUntil('client', 'reconnect_failed');
    assert.deepEqual(said.map(([, what]) => what).filter(what => what.startsWith('reconnect_attempt')), ['reconnect_attempt 1', 'reconnect_attempt 2']);
    peer.cable.mend();
    await talk.join();
  });

  test('what has to arrive is sent until it is answered, once after the other', async () => {
    peer = await Peer.start(settings);
    let deaf = true;
    const numbers = hearAll('number', (number, answer) => {
      if (number === 2 && deaf) {
        deaf = false;
        peer.cable.reset(); // it came, and nobody will know
      } else if (number !== 3) {
        answer();
      }
    });
    const { talk } = await peer.join({ retries: 2, call_timeout: 300 });
    for (let number = 1; number <= 4; number += 1) talk.emit('number', number);
    await talk.says('/', 'disconnect');
    const again = next(peer.io);
    peer.cable.mend();
    const socket = await again;
    await inTime('the last', new Promise(resolve => socket.on('number', number => number === 4 && resolve())));
    assert.deepEqual(numbers, [1, 2, 2, 3, 3, 3, 4]);
    await talk.says('client', 'problem: an event was given up after the last of its retries: expected an answer before the timeout, came none');
  });

  test('who comes back in time is who it was, and misses nothing', async () => {
    peer = await Peer.start(settings, { ...SOON, connectionStateRecovery: {} });
    const { talk, socket, id } = await peer.join();
    socket.join('room');
    socket.data.name = 'κόσμε';
    socket.emit('first', 1);
    assert.deepEqual(await talk.says('/', 'hears', 'first'), [1]);
    const gone = left(socket);
    peer.cable.reset();
    await gone;
    peer.io.to('room').emit('missed', 1);
    peer.io.to('another room').emit('missed', 'by others');
    peer.io.emit('missed', 2, { a: [] });
    peer.io.emit('words', { number: 3, bytes: Buffer.from([3]), deep: [] });
    peer.io.to(id).emit('missed');
    await talk.says('/', 'disconnect');
    talk.emit('kept');
    const again = next(peer.io);
    peer.cable.mend();
    const back = await again;
    const kept = event(back, 'kept');
    assert.deepEqual([back.id, back.recovered, back.rooms, back.data], [id, true, new Set([id, 'room']), { name: 'κόσμε' }]);
    await kept;
    back.emit('last', 'text');
    const said = await talk.saysUntil('/', 'hears', 'last');
    assert.deepEqual(heard(said), [
      ['hears', 'missed', 1], ['hears', 'missed', 2, { a: [] }], ['reads', [3, [3], []]], ['hears', 'missed'],
      ['connect', id, true], ['hears', 'last', 'text'],
    ]);
  });

  test('who comes back too late is somebody new', async () => {
    peer = await Peer.start(settings, { ...SOON, connectionStateRecovery: { maxDisconnectionDuration: 1 } });
    const { talk, socket, id } = await peer.join();
    socket.emit('first');
    await talk.says('/', 'hears', 'first');
    const gone = left(socket);
    peer.cable.reset();
    await gone;
    peer.io.emit('missed');
    await talk.says('client', 'reconnect_attempt 1');
    const again = next(peer.io);
    peer.cable.mend();
    const back = await again;
    assert.deepEqual([back.id === id, back.recovered], [false, false]);
    back.emit('last');
    const said = await talk.saysUntil('/', 'hears', 'last');
    assert.deepEqual(heard(said), [['connect', back.id, false], ['hears', 'last']]);
  });
}

suite('WebSocket first', () => {
  for (const name of ['websocket', 'polling']) {
    test(`where the server knows ${name} alone`, async () => {
      peer = await Peer.start({ way: 'websocket-first' }, { transports: [name] });
      const { socket } = await peer.join();
      assert.equal(socket.conn.transport.name, name);
      assert.equal(await ask(socket, 'ask', 'here'), 'here');
    });
  }
});

suite('a WebSocket is refused on the way', () => {
  for (const way of ['upgrade', 'websocket-first']) {
    test(`${way} goes on by polling`, async () => {
      peer = await Peer.start({ way }, SOON);
      const asked = [];
      peer.io.engine.use(({ url }, _, go) => {
        const name = new URL(url, 'http://peer').searchParams.get('transport');
        asked.push(name);
        go(name === 'polling' ? undefined : new Error('no WebSocket here'));
      });
      const talk = peer.talk();
      const came = next(peer.io);
      await talk.join();
      const socket = await came;
      await event(socket.conn, 'heartbeat'); // a session that ends over it has ended by now
      assert.ok(asked.includes('websocket'));
      assert.equal(socket.conn.transport.name, 'polling');
      assert.equal(await ask(socket, 'ask', 'still here'), 'still here');
    });
  }
});
