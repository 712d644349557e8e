// Lesson 16: the manager, beside the reference's, both in virtual time.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { Transport } from 'engine.io-client';
import { Manager } from 'socket.io-client';

import { built } from './program.mjs';

const NAMES = ['open', 'error', 'close', 'reconnect_attempt', 'reconnect', 'reconnect_error', 'reconnect_failed'];
const OPEN = { sid: 'A', upgrades: [], pingInterval: 1e9, pingTimeout: 1e9, maxPayload: 1e6 };
const trueRandom = Math.random;

const below = limit => Math.floor(trueRandom() * limit);
const any = list => list[below(list.length)];

/** The time, while the reference runs: it stands still, but for `pass`. (`mock.timers` jumps to the end of a wait at once.) */
class VirtualTime {
  now = 0;
  #timers = new Map();
  #last = 0;
  #real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, now: Date.now };

  constructor() {
    globalThis.setTimeout = (call, delay) => (this.#timers.set(++this.#last, { call, due: this.now + delay }), this.#last);
    globalThis.clearTimeout = id => this.#timers.delete(id);
    Date.now = () => this.now;
  }

  pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const [id, next] = [...this.#timers].reduce((a, b) => (b[1].due < a[1].due ? b : a), [0, { due: Infinity }]);
      if (next.due > end) break;
      this.#timers.delete(id);
      this.now = next.due;
      next.call();
    }
    this.now = end;
  }

  end() {
    const { setTimeout, clearTimeout, now } = this.#real;
    Object.assign(globalThis, { setTimeout, clearTimeout });
    Date.now = now;
  }
}

/** A transport that waits to be told how its dial goes. */
class Told extends Transport {
  static latest;
  name = 'told';
  doOpen() { Told.latest = this; }
  doClose() {}
  write() {}
}

/** The reference's manager, with a log of what it tells, and when. */
class Reference {
  told = [];
  time = new VirtualTime();

  constructor({ enabled, attempts, first, max, jitter, timeout, random }) {
    Math.random = () => random;
    this.manager = new Manager('http://localhost', {
      autoConnect: false, transportImplementations: [Told], upgrade: false,
      reconnection: enabled, reconnectionAttempts: attempts ?? Infinity,
      reconnectionDelay: first, reconnectionDelayMax: max, randomizationFactor: jitter, timeout: timeout ?? false,
    });
    for (const name of NAMES) {
      this.manager.on(name, arg => {
        const said = name === 'close' ? `${name}: ${arg}` : typeof arg === 'number' ? `${name} ${arg}` : name;
        this.told.push([this.time.now, said]);
      });
    }
  }

  get state() {
    const { _readyState, _reconnecting } = this.manager;
    return _readyState === 'closed' && _reconnecting ? 'waiting' : _readyState;
  }

  perform(happens) {
    switch (happens) {
      case 'open': return this.manager.open();
      case 'close': return this.manager._close();
      case 'opened':
        Told.latest.onOpen();
        return Told.latest.onPacket({ type: 'open', data: JSON.stringify(OPEN) });
      case 'refused': return Told.latest.onError('refused');
      case 'ended': return Told.latest.onClose();
      case 'unreadable': return Told.latest.onPacket({ type: 'message', data: '9' });
      default: return this.time.pass(happens.wait);
    }
  }

  end() {
    this.time.end();
    Math.random = trueRandom;
    return this.told;
  }
}

function anything(state) {
  const wait = { wait: any([0, 1, 100, 999, 3000, 25000]) };
  switch (state) {
    case 'closed': return any(['open', 'open', wait]);
    case 'opening': return any(['opened', 'opened', 'refused', 'refused', 'refused', 'open', 'close', wait]);
    case 'open': return any(['ended', 'ended', 'unreadable', 'open', 'close', wait]);
    // Nobody opens here: that is the test after this one.
    default: return any([wait, wait, wait, wait, 'close']);
  }
}

function settings() {
  return {
    enabled: below(10) > 0, attempts: any([null, null, 1, 2, 3]), first: any([1, 100, 1000, 5000]),
    max: any([1, 750, 5000, 60000]), jitter: any([0, 0.5, 0.5, 1, 0.123]), timeout: any([null, 500, 20000]), random: trueRandom(),
  };
}

/** A script that chance wrote, and what the reference told. */
function played(length) {
  const script = { ...settings(), happens: [] };
  const reference = new Reference(script);
  while (script.happens.length < length) {
    const happens = anything(reference.state);
    script.happens.push(happens);
    reference.perform(happens);
  }
  return { script, told: reference.end() };
}

function byUs(scripts) {
  const input = scripts.map(script => `${JSON.stringify(script)}\n`).join('');
  const { status, stdout } = spawnSync(built('interop', 'reconnection-again'), { input, stdio: ['pipe', 'pipe', 'inherit'], maxBuffer: 1e9 });
  assert.equal(status, 0);
  return String(stdout).trimEnd().split('\n').map(line => JSON.parse(line));
}

test('whatever happens, the same is told, in the same order, in the same millisecond', () => {
  const all = Array.from({ length: 2000 }, () => played(60));
  const counts = {};
  byUs(all.map(({ script }) => script)).forEach((came, index) => {
    const { script, told } = all[index];
    assert.deepEqual(came, told, `after ${JSON.stringify(script)}`);
    for (const [name] of told.map(([, said]) => said.split(/[ :]/))) counts[name] = (counts[name] ?? 0) + 1;
  });
  for (const name of NAMES) assert.ok(counts[name] > 100, `expected each event often, came ${JSON.stringify(counts)}`);
});

test('where we differ, we know it: to open while it waits', () => {
  const script = { enabled: true, attempts: null, first: 1000, max: 5000, jitter: 0, timeout: null, random: 0 };
  const happens = ['open', 'opened', 'ended', 'open', 'opened', 'ended', { wait: 60_000 }];
  const reference = new Reference(script);
  for (const one of happens) reference.perform(one);
  // It has forgotten that it is not reconnecting any more, and never dials again.
  assert.deepEqual(reference.end(), [[0, 'open'], [0, 'close: transport close'], [0, 'open'], [0, 'close: transport close']]);
  const [came] = byUs([{ ...script, happens }]);
  assert.deepEqual(came.slice(0, 5), [
    [0, 'open'], [0, 'close: transport close'], [0, 'reconnect_attempt 1'], [0, 'open'], [0, 'reconnect 1'],
  ]);
  assert.deepEqual(came.slice(5), [[0, 'close: transport close'], [1000, 'reconnect_attempt 1']]);
});
