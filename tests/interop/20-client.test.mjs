// Lesson 20: the page's own small client, at our server and at the official one.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { runInThisContext } from 'node:vm';

import { Server } from 'socket.io';
import { WebSocket } from 'ws';

import { Cable } from './network.mjs';
import { Program } from './program.mjs';
import { ask, count, event, hear, inTime, WAYS } from './socketio-client.mjs';

const PAGE = join(import.meta.dirname, '../../solutions/20-chat/page');
globalThis.WebSocket ??= WebSocket; // Node 20 has none
for (const part of ['engineio.js', 'socketio.js']) runInThisContext(readFileSync(join(PAGE, part), 'utf8'), part);

const LONG = 60_000;
const BYTES = Buffer.from([0, 1, 254, 255]);
const WEBSOCKET_FIRST = { transports: ['websocket', 'polling'], tryAllTransports: true };

/** Our server, with all that its example offers. */
async function ours() {
  const program = new Program('socketio', 'socketio-interop', '--port', '0', '--ping', '1000', '--recovery', String(LONG));
  const [, address] = await program.line(/^listening on (http:\/\/[^/ ]+)/);
  return { address, stop: async () => assert.equal(await program.stop(), 0) };
}

/** The official one, with as much of it as is asked for here. */
async function theirs() {
  const http = createServer();
  const server = new Server(http, {
    pingInterval: 1000, pingTimeout: 1000, connectionStateRecovery: { maxDisconnectionDuration: LONG },
  });
  const talk = socket => {
    if (!socket.recovered) socket.emit('welcome', socket.id, socket.handshake.auth);
    socket.on('echo', (...args) => socket.emit('echo', ...args));
    socket.on('ask', (...args) => args.pop()(...args));
    socket.on('nothing', answer => answer());
    socket.on('add', (a, b, answer) => answer(a + b));
    socket.on('ask slowly', answer => setTimeout(answer, 1000));
    socket.on('recovered?', answer => answer(socket.recovered));
    socket.on('say', (_, words) => server.emit('heard', words));
    socket.on('call me', (name, ms, args) => {
      socket.timeout(ms).emit(name, args, (error, ...answer) => socket.emit(error ? 'unanswered' : 'answered', ...answer));
    });
    socket.on('disconnect me', () => socket.disconnect());
    socket.on('hang up', () => socket.disconnect(true));
    socket.on('disconnect', reason => socket.broadcast.emit('left', socket.id, reason));
  };
  for (const nsp of ['/', '/other', '/guarded']) server.of(nsp).on('connection', talk);
  server.of('/guarded').use((socket, next) => {
    next(socket.handshake.auth.token === 'sesame' ? undefined : Object.assign(new Error('not authorized'), { data: { try: 'sesame' } }));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return { address: `http://127.0.0.1:${http.address().port}`, stop: () => server.close() };
}

const SERVERS = { 'our server': ours, 'the official server': theirs };

for (const [whose, start] of Object.entries(SERVERS)) {
  for (const [way, transports] of Object.entries({ ...WAYS, 'a WebSocket first': WEBSOCKET_FIRST })) {
    suite(`${whose} over ${way}`, () => conversation(start, transports));
  }
}

function conversation(start, options) {
  let server;
  let cable;
  let open = [];

  before(async () => { server = await start(); });
  afterEach(() => {
    open.splice(0).forEach(socket => socket.disconnect());
    cable?.close();
    cable = undefined;
  });
  after(() => server.stop());

  function begin(nsp = '/', { at = server.address, ...more } = {}) {
    const socket = io(at + nsp, { forceNew: true, ...options, reconnectionDelay: 50, timeout: 2000, ...more });
    open.push(socket);
    return socket;
  }

  /** On its last transport, and welcomed. */
  async function enter(nsp, more) {
    const socket = begin(nsp, more);
    const welcome = event(socket, 'welcome');
    await event(socket, 'connect');
    const last = options.tryAllTransports ? 'websocket' : options.transports.at(-1);
    if (socket.io.engine.transport.name !== last) await event(socket.io.engine, 'upgrade');
    assert.equal(socket.io.engine.transport.name, last);
    const [id] = await welcome;
    assert.equal(id, socket.id);
    return socket;
  }

  test('arguments of all kinds and bytes come back as they went', async () => {
    const socket = await enter();
    for (const args of [
      [], ['κόσμε 😀', '"\\\n\u2028\u0000', ''], [1, -2.5, true, null, [1, [2]], { a: { b: ['c'] } }],
      [BYTES], [{ a: BYTES, b: [Buffer.alloc(0)] }, 'between', Buffer.alloc(70_000, 7)], ['b4AAA', '4\x1f'],
    ]) {
      const echo = event(socket, 'echo');
      socket.emit('echo', ...args);
      assert.deepEqual((await echo).slice(0, args.length), args);
    }
  });

  test('a thousand events are in order, through the upgrade too', async () => {
    const socket = begin('/', { maxBuffered: Infinity });
    const heard = hear(socket, 'echo');
    for (let number = 0; number < 500; number++) socket.emit('echo', number);
    await event(socket, 'connect');
    for (let number = 500; number < 1000; number++) socket.emit('echo', number, number % 100 ? '' : BYTES);
    await count(socket, 'echo', heard, 1000);
    assert.deepEqual(heard.map(([number]) => number), Array.from({ length: 1000 }, (_, number) => number));
  });

  test('what is larger than one request goes in several', async () => {
    const socket = await enter();
    const heard = hear(socket, 'echo');
    for (let number = 0; number < 4; number++) socket.emit('echo', Buffer.alloc(400_000, number));
    await count(socket, 'echo', heard, 4);
    assert.deepEqual(heard.map(([bytes]) => [bytes.length, bytes[7]]), [0, 1, 2, 3].map(it => [400_000, it]));
  });

  test('answers, in both directions, and the lack of one', async () => {
    const socket = await enter();
    assert.equal(await ask(socket, 'add', 20, 22), 42);
    assert.equal(await ask(socket, 'nothing'), undefined);
    assert.deepEqual(await ask(socket, 'ask', { deep: [BYTES] }), { deep: [BYTES] });
    await inTime('a timeout', assert.rejects(socket.timeout(10).emitWithAck('ask slowly'), { message: 'operation has timed out' }));
    socket.on('question', (number, answer) => {
      answer(number + 1);
      answer('twice');
    });
    socket.emit('call me', 'question', 1000, 2);
    assert.equal((await event(socket, 'answered'))[0], 3);
    socket.emit('call me', 'nobody', 10, 2);
    await event(socket, 'unanswered');
  });

  test('two namespaces share one connection, and each can be left', async () => {
    const main = await enter();
    const other = io(`${server.address}/other`, { ...options });
    open.push(other);
    const third = io(`${server.address}/`, { ...options });
    open.push(third);
    assert.equal(other.io, third.io);
    assert.notEqual(main.io, third.io);
    await Promise.all([event(other, 'connect'), event(third, 'connect')]);
    other.disconnect();
    assert.deepEqual([other.connected, third.connected], [false, true]);
    assert.equal(await ask(third, 'add', 1, 2), 3);
    const { engine } = third.io;
    const closed = event(engine, 'close');
    third.disconnect();
    await closed;
  });

  test('who is refused hears why, is left alone, and may try again', async () => {
    const socket = begin('/guarded', { auth: { token: 'wrong', name: 'Ann' } });
    const [error] = await new Promise(resolve => socket.once('connect_error', (...args) => resolve(args)));
    assert.match(error.message, /not authorized|expected/);
    assert.ok(error.data);
    assert.equal(socket.active, false);
    socket.auth = tell => tell({ token: 'sesame', name: 'Ann' });
    socket.connect();
    await event(socket, 'connect');
  });

  test('who is shown the door does not come back by itself', async () => {
    for (const order of ['disconnect me', 'hang up']) {
      const socket = await enter();
      const gone = event(socket, 'disconnect');
      socket.emit(order);
      const [reason] = await gone;
      assert.equal(reason, 'io server disconnect');
      assert.equal(socket.active, false);
      socket.connect();
      await event(socket, 'connect');
    }
  });

  test('a connection that is reset comes back with all that was missed, and sends what waited', async () => {
    cable = await Cable.start(server.address);
    const watcher = await enter();
    const socket = await enter('/', { at: cable.address });
    const heard = hear(socket, 'heard');
    watcher.emit('say', {}, { number: 0, bytes: BYTES });
    await count(socket, 'heard', heard, 1);
    const { id } = socket;
    const left = event(watcher, 'left');
    const gone = event(socket, 'disconnect');
    const tried = event(socket.io, 'reconnect_attempt');
    cable.reset();
    assert.match((await gone)[0], /^transport (close|error)$/);
    assert.equal((await left)[0], id);
    watcher.emit('say', {}, { number: 1, bytes: BYTES });
    await ask(watcher, 'nothing');
    const answer = ask(socket, 'add', 3, 4);
    assert.equal((await tried)[0], 1);
    const back = event(socket, 'connect');
    cable.mend();
    await back;
    assert.deepEqual([socket.id, socket.recovered], [id, true]);
    assert.equal(await ask(socket, 'recovered?'), true);
    assert.equal(await answer, 7);
    assert.deepEqual(heard.map(([{ number }]) => number), [0, 1]);
  });

  test('a network that is cut without a word is noticed by the silence', async () => {
    cable = await Cable.start(server.address);
    const socket = await enter('/', { at: cable.address });
    const gone = event(socket, 'disconnect');
    cable.cut();
    const lost = socket.emitWithAck('add', 1, 2);
    await inTime('the end of a question', assert.rejects(lost, { message: 'socket has been disconnected' }));
    assert.deepEqual(await gone, ['ping timeout']);
    cable.mend();
    await event(socket, 'connect');
  });

  test('what waits is bounded, and what is volatile does not wait', async () => {
    const socket = begin('/', { autoConnect: false, maxBuffered: 3 });
    const heard = hear(socket, 'echo');
    for (const number of [1, 2, 3]) socket.emit('echo', number);
    socket.volatile.emit('echo', 'lost');
    assert.throws(() => socket.emit('echo', 4), /expected at most 3 packets to wait/);
    await assert.rejects(socket.emitWithAck('ask', 4), /expected at most 3/);
    socket.connect();
    await count(socket, 'echo', heard, 3);
    await ask(socket, 'nothing');
    assert.deepEqual(heard.map(([number]) => number), [1, 2, 3]);
  });
}

test('where no WebSocket comes through, polling goes on, or is what remains', async () => {
  const http = createServer();
  const server = new Server({ transports: ['polling', 'websocket'] });
  server.attach(http);
  http.removeAllListeners('upgrade');
  http.on('upgrade', (request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'));
  server.on('connection', socket => socket.on('echo', (...args) => socket.emit('echo', ...args)));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  for (const options of [{}, WEBSOCKET_FIRST]) {
    const socket = io(`http://127.0.0.1:${http.address().port}`, { forceNew: true, reconnection: false, ...options });
    const heard = hear(socket, 'echo');
    socket.emit('echo', 1);
    if (!options.tryAllTransports) await event(socket.io.engine, 'upgradeError');
    socket.emit('echo', 2);
    await count(socket, 'echo', heard, 2);
    assert.equal(socket.io.engine.transport.name, 'polling');
    assert.deepEqual(heard, [[1], [2]]);
    const there = server.sockets.sockets.get(socket.id);
    const gone = Promise.all([event(there, 'disconnect'), event(there.conn, 'close')]);
    socket.disconnect();
    const [[left], [closed]] = await gone;
    assert.deepEqual([left, closed], ['client namespace disconnect', 'transport close'], 'both were said, neither was noticed');
  }
  await server.close();
});

test('it waits twice as long each time, and gives up when it was told to', async () => {
  const nobody = createServer();
  nobody.listen(0, '127.0.0.1');
  await once(nobody, 'listening');
  const address = `http://127.0.0.1:${nobody.address().port}`;
  nobody.close();
  const socket = io(address, { forceNew: true, reconnectionAttempts: 2, reconnectionDelay: 100, randomizationFactor: 0 });
  const began = performance.now();
  const errors = hear(socket, 'connect_error');
  const attempts = hear(socket.io, 'reconnect_attempt');
  await event(socket.io, 'reconnect_failed');
  assert.deepEqual([errors.length, attempts], [3, [[1], [2]]]);
  const took = performance.now() - began;
  assert.ok(took > 295, `expected 100 ms, then 200, came ${took}`); // a timer may be early by a millisecond or so
  socket.disconnect();
});

test('what no server may say ends the connection, and nothing else', async () => {
  for (const packet of ['2', '2{}', '2[]', '2["connect"]', '3[]', '0', '9', '51-["a",{"_placeholder":true,"num":1}]', '2[{]', '4']) {
    const http = createServer();
    const server = new Server(http);
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    server.on('connection', ({ conn }) => {
      conn.write(packet);
      if (packet[0] === '5') conn.write(Buffer.from('a'));
    });
    const socket = io(`http://127.0.0.1:${http.address().port}`, { forceNew: true, reconnection: false });
    assert.deepEqual((await event(socket, 'disconnect'))[0], 'parse error', packet);
    socket.disconnect();
    await server.close();
  }
});
