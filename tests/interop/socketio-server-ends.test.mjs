// Lesson 15: how a conversation between our Socket.IO server and the official client ends, and begins anew.

import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';

import { Manager } from 'socket.io-client';
import { Encoder } from 'socket.io-msgpack-parser';

import { Cable } from './network.mjs';
import { Program } from './program.mjs';
import { ask, Clients, count, event, hear, inTime, PARSERS, WAYS } from './socketio-client.mjs';

const MAX_PAYLOAD = 1_000_000;

/** How long a word may be that a client asks about, in a packet with an id of two digits. */
function longestWord(parser, transport) {
  if (parser === 'JSON') return MAX_PAYLOAD - '42["ask",""]'.length - '00'.length;
  const packet = { type: 2, data: ['ask', 'x'.repeat(1 << 16)], options: { compress: true }, id: 10, nsp: '/' };
  const beside = new Encoder().encode(packet)[0].length - (1 << 16);
  // On polling it is b and base64.
  return (transport === 'polling' ? Math.floor((MAX_PAYLOAD - 'b'.length) / 4) * 3 : MAX_PAYLOAD) - beside;
}

for (const [name, parser] of Object.entries(PARSERS)) {
  for (const [way, transports] of Object.entries(WAYS)) {
    suite(`${name} over ${way}`, () => ends(name, parser.flags, { ...parser.options, ...transports }));
  }
}

async function start(...args) {
  const program = new Program('socketio', 'socketio-interop', ...args);
  const [, at] = await program.line(/^listening on (http:\/\/[^/ ]+)/);
  return [program, at];
}

function ends(parser, flags, options) {
  const last = options.transports.at(-1);
  let server;
  let address;
  let clients;
  let watcher;
  const cables = [];

  before(async () => {
    [server, address] = await start('--port', '0', '--ping', '1000', ...flags);
    clients = new Clients(address, options);
  });
  afterEach(() => {
    clients.close();
    cables.splice(0).forEach(cable => cable.close());
  });
  after(async () => assert.equal(await server.stop(), 0));

  /** A client that is watched by another, on its last transport. */
  async function watched(more = {}) {
    watcher = await clients.join('/', { transports: ['websocket'] });
    const socket = clients.start('/', more);
    await onTransport(socket);
    return socket;
  }

  async function onTransport(socket) {
    await event(socket, 'connect');
    if (socket.io.engine.transport.name !== last) await event(socket.io.engine, 'upgrade');
    // Both know of it.
    await ask(socket, 'nothing');
  }

  /** Over a cable to the server. */
  async function wired(more) {
    const cable = await Cable.start(address);
    cables.push(cable);
    return [cable, await watched({ at: cable.address, ...more })];
  }

  /** Why this socket left, as the server says. */
  const left = ({ id }) => inTime(`the end of ${id}`, new Promise(resolve => {
    watcher.on('left', (who, reason) => { if (who === id) resolve(reason); });
  }));

  test('the client leaves', async () => {
    const socket = await watched();
    const [here, there] = [event(socket, 'disconnect'), left(socket)];
    socket.disconnect();
    assert.equal((await here)[0], 'io client disconnect');
    assert.equal(await there, 'client namespace disconnect');
    socket.connect();
    assert.equal(await ask(socket, 'add', 1, 2), 3);
  });

  test('the server makes it leave, and its other namespaces stay', async () => {
    const socket = await watched();
    const other = socket.io.socket('/other');
    await event(other, 'connect');
    const [here, there] = [event(socket, 'disconnect'), left(socket)];
    socket.emit('disconnect me');
    assert.equal((await here)[0], 'io server disconnect');
    assert.equal(await there, 'server namespace disconnect');
    assert.equal(socket.active, false);
    assert.equal(await ask(other, 'add', 1, 2), 3);
    socket.connect();
    assert.equal(await ask(socket, 'add', 1, 2), 3);
  });

  test('the server makes it leave everything', async () => {
    const socket = await watched({ reconnection: true });
    const other = socket.io.socket('/other');
    await event(other, 'connect');
    const ends = [event(socket, 'disconnect'), event(other, 'disconnect')];
    const there = left(socket);
    socket.emit('hang up');
    for (const [reason] of await Promise.all(ends)) assert.equal(reason, 'io server disconnect');
    assert.equal(await there, 'server namespace disconnect');
    assert.equal(socket.active, false);
  });

  test('the connection is reset, and the client comes back', async () => {
    const [cable, socket] = await wired({ reconnection: true, reconnectionDelay: 50 });
    const { id } = socket;
    const [here, there] = [event(socket, 'disconnect'), left(socket)];
    cable.reset();
    assert.match((await here)[0], /^transport (close|error)$/);
    // Between two requests of a client that polls there is nothing to be seen.
    assert.match(await there, last === 'websocket' ? /^transport close$/ : /^(transport error|ping timeout)$/);
    assert.equal(socket.active, true);
    // What is said meanwhile is said after all, once.
    const echoes = hear(socket, 'echo');
    socket.emit('echo', 'while away');
    cable.mend();
    await event(socket, 'connect');
    assert.notEqual(socket.id, id);
    await count(socket, 'echo', echoes, 1);
    await ask(socket, 'nothing');
    assert.deepEqual(echoes, [['while away']]);
    assert.deepEqual(await ask(socket, 'rooms'), [socket.id]);
  });

  test('nothing travels any more', async () => {
    const [cable, socket] = await wired();
    const [here, there] = [event(socket, 'disconnect'), left(socket)];
    cable.cut();
    assert.equal((await here)[0], 'ping timeout');
    assert.equal(await there, 'ping timeout');
  });

  test('a message as long as may be, and one that is too long', async () => {
    const socket = await watched();
    const longest = 'x'.repeat(longestWord(parser, last));
    assert.equal(await ask(socket, 'ask', longest), longest);
    const [here, there] = [event(socket, 'disconnect'), left(socket)];
    socket.emit('echo', 'x'.repeat(MAX_PAYLOAD));
    const [reason, details] = await here;
    assert.match(reason, /^transport (close|error)$/);
    assert.match(await there, /^transport (close|error)$/);
    if (last === 'websocket') {
      assert.equal(details.context.code, 1009);
      assert.match(details.context.reason, /at most 1000000 bytes .*came 1000[0-9]+; send less/);
    } else {
      assert.equal(details.description, 413);
    }
  });

  test('an event with more bytes in it than may be', async () => {
    const socket = await watched();
    const most = Array(10).fill(Buffer.from('bytes'));
    assert.deepEqual(await ask(socket, 'ask', most), most);
    if (parser === 'MessagePack') {
      // There they travel in their place, and need no counting.
      assert.deepEqual(await ask(socket, 'ask', [...most, ...most]), [...most, ...most]);
      return;
    }
    const [here, there] = [event(socket, 'disconnect'), left(socket)];
    socket.emit('echo', [...most, most[0]]);
    assert.match((await here)[0], /^transport (close|error)$/);
    assert.equal(await there, 'forced close');
  });

  test('a client that joins no namespace', async () => {
    const [impatient, at] = await start('--port', '0', '--connect', '100', ...flags);
    const manager = new Manager(at, { ...options, autoConnect: false, reconnection: false });
    const closed = event(manager, 'close');
    manager.open();
    assert.equal((await closed)[0], 'transport close');
    assert.equal(await impatient.stop(), 0);
  });

  test('a client that never reads hears of volatile events only what there was room for', {
    skip: last === 'polling' && 'a client that polls reads when it asks',
  }, async () => {
    const socket = await watched();
    const heard = hear(socket, 'heard');
    const wire = socket.io.engine.transport.ws._socket;
    const bytes = Buffer.alloc(500_000, 7);
    wire.pause();
    for (let number = 0; number < 40; number += 1) {
      await ask(watcher, 'say', { to: [socket.id], volatile: true }, { number, bytes });
    }
    wire.resume();
    await ask(socket, 'nothing');
    const numbers = heard.map(([words]) => words.number);
    assert.ok(numbers.length > 0 && numbers.length < 40, `${numbers.length} came of 40`);
    // In order, each once. One may be missing between two: the kernel's buffers grow as they fill.
    assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
  });

  test('the server stops, is started anew, and the client comes back', async () => {
    const [first, at] = await start('--port', '0', ...flags);
    const socket = clients.start('/', { at, reconnection: true, reconnectionDelay: 50 });
    await onTransport(socket);
    const here = event(socket, 'disconnect');
    assert.equal(await first.stop(), 0);
    assert.equal((await here)[0], 'transport close');
    const back = event(socket, 'connect');
    const [second] = await start('--port', new URL(at).port, ...flags);
    await back;
    assert.equal(await ask(socket, 'add', 1, 2), 3);
    clients.close();
    assert.equal(await second.stop(), 0);
  });
}
