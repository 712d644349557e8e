// Lesson 17: what a client lets wait, beside the reference's socket; and what the reference's own memories do.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { mock, test } from 'node:test';

import { Server } from 'engine.io';
import { SessionAwareAdapter } from 'socket.io-adapter';
import { io, Socket } from 'socket.io-client';
import { PacketType } from 'socket.io-parser';

import { built } from './program.mjs';

const below = limit => Math.floor(Math.random() * limit);
const any = list => list[below(list.length)];

/** The reference's socket, between a manager that is told what happens, and an application that says what it hears. */
class Reference {
  said = [];
  now = 0;
  #timers = [];
  /** The number under which each packet was sent last. */
  #ids = new Map();

  constructor({ retries, timeout }) {
    this.engine = { transport: { writable: false }, _hasPingExpired: () => false };
    const manager = {
      engine: this.engine, _readyState: 'closed', _autoConnect: false, on() {}, off() {}, open() {}, _destroy() {},
      _packet: packet => this.#sent(packet),
      setTimeoutFn: (call, delay) => (this.#timers.push({ call, due: this.now + delay }), this.#timers.at(-1)),
      clearTimeoutFn: timer => (this.#timers = this.#timers.filter(other => other !== timer)),
    };
    this.timeout = timeout;
    this.socket = new Socket(manager, '/', { retries: retries ?? 0, ackTimeout: timeout });
    this.socket.on('connect', () => this.#say('is connected'));
    this.socket.on('event', number => this.#say(`hears ${number}`));
  }

  perform(happens) {
    const [what, arg] = typeof happens === 'string' ? [happens] : Object.entries(happens)[0];
    const come = packet => this.socket.onpacket({ nsp: '/', ...packet });
    switch (what) {
      case 'connect':
        this.engine.transport.writable = true;
        return come({ type: PacketType.CONNECT, data: { sid: 'A' } });
      case 'disconnect':
        this.engine.transport.writable = false;
        return this.socket.onclose('transport close');
      case 'emit': return this.socket.emit('event', arg);
      case 'volatile': return this.socket.volatile.emit('event', arg);
      case 'call': return this.socket.emit('event', arg, error => this.#say(error ? `${arg}: ${error.message}` : `answered ${arg}`));
      case 'answer': return come({ type: PacketType.ACK, id: this.#ids.get(arg), data: [] });
      case 'event': return come({ type: PacketType.EVENT, data: ['event', arg] });
      case 'wait': return this.#pass(arg);
    }
  }

  get connected() { return this.socket.connected; }
  sent(number) { return this.#ids.has(number); }

  #sent({ id, data: [, number] }) {
    this.#ids.set(number, id);
    this.#say(`sends ${number}`);
  }

  #pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const next = this.#timers.reduce((a, b) => (b.due < a.due ? b : a), { due: Infinity });
      if (next.due > end) break;
      this.#timers = this.#timers.filter(timer => timer !== next);
      this.now = next.due;
      next.call();
    }
    this.now = end;
  }

  #say(what) { this.said.push([this.now, what]); }
}

/** A script that chance wrote, and what the reference said. */
function played(length) {
  const script = { retries: any([null, null, 1, 2, 3]), timeout: any([1, 1000, 5000]), happens: [] };
  const reference = new Reference(script);
  let [number, early, asked] = [0, 0, []];
  while (script.happens.length < length) {
    const happens = any(['connect', 'disconnect', 'emit', 'emit', 'volatile', 'call', 'call', 'call', 'answer', 'answer', 'event', 'wait']);
    const sent = asked.filter(number => reference.sent(number));
    if (happens === 'connect' && reference.connected) continue;
    // With retries, the reference knows nothing that is sent only once and is not volatile.
    if (happens === 'emit' && script.retries !== null) continue;
    // What came early outlives its connection there, and comes a second time: here it does not.
    if (happens === 'disconnect' && early > 0) continue;
    if (happens === 'answer' && (!reference.connected || sent.length === 0)) continue;
    early = happens === 'event' && !reference.connected ? early + 1 : reference.connected || happens === 'connect' ? 0 : early;
    const arg = happens === 'wait' ? any([0, 1, 999, 1000, 5000]) : happens === 'answer' ? any(sent) : number++;
    if (happens === 'call') asked.push(arg);
    script.happens.push(['connect', 'disconnect'].includes(happens) ? happens : { [happens]: arg });
    reference.perform(script.happens.at(-1));
  }
  return { script, said: reference.said };
}

test('a thousand scripts of two hundred happenings say the same, in the same order and millisecond', () => {
  const all = Array.from({ length: 1000 }, () => played(200));
  const input = all.map(({ script }) => `${JSON.stringify(script)}\n`).join('');
  const { status, stdout } = spawnSync(built('interop', 'mailroom-again'), { input, stdio: ['pipe', 'pipe', 'inherit'], maxBuffer: 1e9 });
  assert.equal(status, 0);
  const ours = String(stdout).trimEnd().split('\n').map(line => JSON.parse(line));
  all.forEach(({ script, said }, place) => assert.deepEqual(ours[place], said, JSON.stringify(script)));
});

/** Lets everybody in, and counts their events. */
async function listening(port = 0) {
  const http = createServer();
  const engine = new Server();
  const server = { http, engine, events: 0 };
  engine.attach(http, { path: '/socket.io/' });
  engine.on('connection', socket => socket.on('message', text => {
    if (text === '0') socket.send('0{"sid":"A"}');
    else server.events += 1;
  }));
  await new Promise(resolve => http.listen(port, '127.0.0.1', resolve));
  return server;
}

async function stop({ http, engine }) {
  engine.close();
  http.closeAllConnections();
  await new Promise(resolve => http.close(resolve));
}

/** Of 600 positions in ten seconds without a server, how many arrive when there is one again? */
async function flood(transports, send) {
  const before = await listening();
  const { port } = before.http.address();
  const socket = io(`http://127.0.0.1:${port}`, { transports, forceNew: true });
  await new Promise(resolve => socket.once('connect', resolve));
  const gone = new Promise(resolve => socket.once('disconnect', resolve));
  await stop(before);
  await gone;
  for (let number = 0; number < 600; number++) {
    send(socket, number);
    await sleep(10_000 / 600);
  }
  const after = await listening(port);
  await new Promise(resolve => socket.once('connect', resolve));
  await sleep(500); // nothing says that it was all
  socket.disconnect();
  await stop(after);
  return after.events;
}

test('the reference floods on return, and even with what is volatile', { timeout: 60_000 }, async t => {
  const ways = {
    'emit': (socket, number) => socket.emit('position', number),
    'volatile.emit': (socket, number) => socket.volatile.emit('position', number),
    'if connected': (socket, number) => socket.connected && socket.emit('position', number),
  };
  const cases = ['websocket', 'polling'].flatMap(transport => Object.keys(ways).map(way => [transport, way]));
  const came = await Promise.all(cases.map(([transport, way]) => flood([transport], ways[way])));
  cases.forEach(([transport, way], place) => t.diagnostic(`${transport}, ${way}: ${came[place]} of 600`));
  assert.deepEqual([came[0], came[2], came[3], came[4], came[5]], [600, 0, 600, 0, 0]);
  assert.ok(came[1] > 0 && came[1] < 120, 'those of the time before the first attempt');
});

test('the reference restores nobody who heard nothing for long, and one secret twice', async () => {
  mock.timers.enable({ apis: ['Date', 'setInterval'], now: 1e12 });
  const nsp = { name: '/', sockets: new Map(), server: { encoder: { encode: () => [] }, opts: { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } } } };
  const adapter = new SessionAwareAdapter(nsp);
  const say = () => {
    const packet = { type: PacketType.EVENT, data: ['news'] };
    adapter.broadcast(packet, { rooms: new Set(), except: new Set(), flags: {} });
    return packet.data.at(-1);
  };
  const lose = () => adapter.persistSession({ pid: 'secret', sid: 'A', rooms: ['A'], data: {} });
  const offset = say();
  lose();
  assert.equal((await adapter.restoreSession('secret', offset)).sid, 'A');
  assert.equal((await adapter.restoreSession('secret', offset)).sid, 'A', 'a second time');
  mock.timers.tick(300_000);
  lose();
  mock.timers.tick(1000);
  assert.equal(await adapter.restoreSession('secret', offset), null, 'away for a second, after a silence');
  mock.timers.reset();
});

test('the reference takes any text at the end of an event for its offset', () => {
  const reference = new Reference({ timeout: 1000 });
  const come = packet => reference.socket.onpacket({ nsp: '/', ...packet });
  come({ type: PacketType.CONNECT, data: { sid: 'A', pid: 'secret' } });
  come({ type: PacketType.EVENT, data: ['note', 'hello'] });
  assert.equal(reference.socket._lastOffset, 'hello');
});
