// Lesson 15: the official client comes back to our server after a break, and is who it was.

import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Cable } from './network.mjs';
import { Program } from './program.mjs';
import { ask, Clients, count, event, hear, inTime, PARSERS, WAYS } from './socketio-client.mjs';

/** For how long a client may be away, where a test does not wait for it. */
const LONG = 60_000;
const SHORT = 1_000;

const ROOM = { to: ['room'] };
const words = number => ({ number, bytes: Buffer.from([number, 0, 255]) });

for (const [name, parser] of Object.entries(PARSERS)) {
  for (const [way, transports] of Object.entries(WAYS)) {
    suite(`${name} over ${way}`, () => recovery(parser.flags, { ...parser.options, ...transports }));
  }
}

async function start(...args) {
  const program = new Program('socketio', 'socketio-interop', ...args);
  const [, at] = await program.line(/^listening on (http:\/\/[^/ ]+)/);
  return [program, at];
}

function recovery(flags, options) {
  const last = options.transports.at(-1);
  const cables = [];
  let server;
  let clients;
  let watcher;

  before(async () => {
    const [program, address] = await start('--port', '0', '--ping', '1000', '--recovery', String(LONG), ...flags);
    server = program;
    clients = new Clients(address, options);
  });
  afterEach(() => {
    clients.close();
    cables.splice(0).forEach(cable => cable.close());
  });
  after(async () => assert.equal(await server.stop(), 0));

  /** On its last transport, and has heard something. */
  async function settled(socket) {
    await Promise.all([event(socket, 'connect'), event(socket, 'welcome')]);
    if (socket.io.engine.transport.name !== last) await event(socket.io.engine, 'upgrade');
    await ask(socket, 'nothing');
    return socket;
  }

  /** A client over a cable, and another one beside it. */
  async function wired(nsp = '/', at = clients) {
    const cable = await Cable.start(at.address);
    cables.push(cable);
    watcher = await at.join('/', { transports: ['websocket'] });
    return [cable, await settled(at.start(nsp, { at: cable.address }))];
  }

  /** Until the server knows that a client is gone. */
  const left = id => inTime(`the end of ${id}`, new Promise(resolve => {
    watcher.on('left', who => { if (who === id) resolve(); });
  }));

  /** The connection breaks, and both ends know. */
  async function lose(socket, cable) {
    const gone = [left(socket.id), event(socket, 'disconnect')];
    cable.reset();
    await Promise.all(gone);
    cable.mend();
  }

  async function comeBack(socket) {
    socket.connect();
    await event(socket, 'connect');
    assert.equal(await ask(socket, 'recovered?'), socket.recovered, 'both ends say the same');
    return socket.recovered;
  }

  test('id, rooms, data and all that was missed are back, in order, before `connect`', async () => {
    const [cable, socket] = await wired();
    await ask(socket, 'describe', { name: 'Ann' });
    socket.emit('join', 'room');
    await ask(socket, 'nothing');
    const { id } = socket;
    const rooms = await ask(socket, 'rooms');
    const heard = hear(socket, 'heard');
    await lose(socket, cable);

    watcher.emit('say', {}, words(1));
    watcher.emit('say', ROOM, words(2));
    watcher.emit('say', { to: ['elsewhere'] }, words(100));
    watcher.emit('say', { except: ['room'] }, words(100));
    watcher.emit('say', { except: ['elsewhere'] }, words(3));
    watcher.emit('say', { to: [id] }, words(4));
    watcher.emit('say', { volatile: true }, words(100));
    for (let number = 5; number < 100; number++) watcher.emit('say', ROOM, words(number));
    await ask(watcher, 'nothing');

    let before;
    socket.once('connect', () => { before = heard.length; });
    assert.equal(await comeBack(socket), true);
    assert.equal(before, 99);
    assert.deepEqual(heard.map(([{ number }]) => number), Array.from({ length: 99 }, (_, index) => index + 1));
    assert.deepEqual(heard[0][0], words(1));
    assert.equal(heard[0].length, 2, 'the event and its offset');
    assert.equal(socket.id, id);
    assert.deepEqual(await ask(socket, 'rooms'), rooms);
    const [known] = await ask(watcher, 'fetch', { to: [id] });
    assert.deepEqual(known, { id, rooms: [id, 'room'], data: { name: 'Ann' } });

    watcher.emit('say', ROOM, words(7));
    await count(socket, 'heard', heard, 100);
    assert.deepEqual(heard[99][0], words(7));
  });

  test('as often as the connection breaks, each event comes once', async () => {
    const [cable, socket] = await wired();
    const heard = hear(socket, 'heard');
    for (let number = 0; number < 4; number++) {
      watcher.emit('say', {}, words(2 * number));
      if (number % 2) await count(socket, 'heard', heard, 2 * number + 1);
      await lose(socket, cable);
      watcher.emit('say', {}, words(2 * number + 1));
      await ask(watcher, 'nothing');
      assert.equal(await comeBack(socket), true);
    }
    assert.deepEqual(heard.map(([{ number }]) => number), Array.from({ length: 8 }, (_, number) => number));
  });

  test('what is sent into a dead connection, before anybody knows, is missed too', async () => {
    const [cable, socket] = await wired();
    const heard = hear(socket, 'heard');
    const gone = [left(socket.id), event(socket, 'disconnect')];
    cable.cut();
    for (let number = 0; number < 10; number++) watcher.emit('say', {}, words(number));
    await Promise.all(gone);
    cable.mend();
    assert.equal(await comeBack(socket), true);
    assert.deepEqual(heard.map(([{ number }]) => number), Array.from({ length: 10 }, (_, number) => number));
  });

  test('who is back before the server knows that they were gone is somebody new', async () => {
    const [cable, socket] = await wired();
    socket.emit('join', 'room');
    await ask(socket, 'nothing');
    const { id, _pid: pid, _lastOffset: offset } = socket;
    const again = await clients.join('/', { auth: { pid, offset } });
    assert.equal(await ask(again, 'recovered?'), false);
    assert.notEqual(again.id, id);
    assert.deepEqual(await ask(again, 'rooms'), [again.id]);

    await lose(socket, cable);
    const known = await Promise.all([id, again.id].map(it => ask(watcher, 'fetch', { to: [it] })));
    assert.deepEqual(known.map(found => found.length), [0, 1], 'the other stays when this one goes');
    assert.equal(await comeBack(socket), true, 'nobody has taken its place');
  });

  test('two namespaces of a connection both come back', async () => {
    const [cable, socket] = await wired();
    const other = socket.io.socket('/other');
    await Promise.all([event(other, 'connect'), event(other, 'welcome')]);
    const ids = [socket.id, other.id];
    const heard = hear(other, 'heard');
    await lose(socket, cable);
    watcher.emit('say', {}, words(1));
    await ask(watcher, 'nothing');
    const connected = [event(socket, 'connect'), event(other, 'connect')];
    socket.connect();
    await Promise.all(connected);
    assert.deepEqual([socket.recovered, other.recovered], [true, true]);
    assert.deepEqual([socket.id, other.id], ids);
    assert.deepEqual(heard, [], 'it was said in the other namespace');
  });

  test('who left, or was made to leave, is somebody new', async () => {
    const [, socket] = await wired();
    let { id } = socket;
    let gone = left(id);
    socket.disconnect();
    await gone;
    assert.equal(await comeBack(socket), false);
    assert.notEqual(socket.id, id);

    for (const order of ['disconnect me', 'hang up']) {
      ({ id } = socket);
      gone = [left(id), event(socket, 'disconnect')];
      socket.emit(order);
      await Promise.all(gone);
      assert.equal(await comeBack(socket), false, order);
      assert.notEqual(socket.id, id);
    }
  });

  test('who never heard an event is somebody new', async () => {
    const [cable, socket] = await wired();
    const silent = socket.io.socket('/guarded', { auth: { token: 'sesame', name: 'Ann' } });
    await event(silent, 'connect');
    const { id } = silent;
    await lose(socket, cable);
    const connected = [event(socket, 'connect'), event(silent, 'connect')];
    socket.connect();
    await Promise.all(connected);
    assert.deepEqual([socket.recovered, silent.recovered], [true, false]);
    assert.notEqual(silent.id, id);
    assert.equal(await ask(silent, 'who am i'), 'Ann');
  });

  test('a secret of somebody else, of another namespace, or none at all lets nobody in as another', async () => {
    const [cable, socket] = await wired();
    const { id, _pid: pid, _lastOffset: offset } = socket;
    await lose(socket, cable);
    const tries = [
      ['/', { pid: `${pid}x`, offset }], ['/', { pid: id, offset }], ['/', { pid: '', offset }],
      ['/', { pid: 7, offset }], ['/', { pid: [pid], offset }], ['/', { offset }],
      ['/other', { pid, offset }],
    ];
    for (const [nsp, auth] of tries) {
      const stranger = await clients.join(nsp, { auth });
      assert.notEqual(stranger.id, id, JSON.stringify(auth));
      assert.equal(await ask(stranger, 'recovered?'), false);
      stranger.disconnect();
    }
    assert.equal(await comeBack(socket), true, 'and who was lost still is not');

    await lose(socket, cable);
    const stranger = await clients.join('/', { auth: { pid, offset: 'another' } });
    assert.notEqual(stranger.id, id);
    assert.equal(await comeBack(socket), false, 'one try for each secret');
  });

  test('who is away for too long is somebody new, and so is everybody once the server was started anew', async () => {
    const [first, address] = await start('--port', '0', '--ping', '1000', '--recovery', String(SHORT), ...flags);
    const own = new Clients(address, options);
    let second;
    try {
      const [cable, socket] = await wired('/', own);
      let { id } = socket;
      const heard = hear(socket, 'heard');
      await lose(socket, cable);
      watcher.emit('say', {}, words(1));
      await sleep(SHORT + 100);
      assert.equal(await comeBack(socket), false);
      assert.notEqual(socket.id, id);

      ({ id } = socket);
      const gone = [event(socket, 'disconnect'), event(watcher, 'disconnect')];
      assert.deepEqual(await first.stop(), 0);
      await Promise.all(gone);
      [second] = await start('--port', new URL(address).port, '--recovery', String(LONG), ...flags);
      const watches = event(watcher, 'connect');
      watcher.connect();
      await watches;
      assert.equal(await comeBack(socket), false);
      assert.notEqual(socket.id, id);
      watcher.emit('say', {}, words(2));
      await count(socket, 'heard', heard, 1);
      assert.deepEqual(heard.map(([{ number }]) => number), [2]);
    } finally {
      own.close();
      await second?.stop();
    }
  });
}
