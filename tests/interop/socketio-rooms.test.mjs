// Lesson 14: rooms, beside the reference's in-memory adapter.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { Adapter } from 'socket.io-adapter';

import { built } from './program.mjs';

const IDS = ['A', 'B', 'C', 'D', 'E'];
const NAMES = ['kitchen', 'garden', 'cellar', ...IDS];

const any = list => list[Math.floor(Math.random() * list.length)];
const some = (list, most) => Array.from({ length: Math.floor(Math.random() * (most + 1)) }, () => any(list));

/** What may happen to a namespace. Nobody joins the room of its own id again: that is the test after this one. */
function anything() {
  const [id, name] = [any(IDS), any(NAMES)];
  switch (any(['insert', 'insert', 'remove', 'join', 'join', 'join', 'leave', 'leave', 'select', 'select'])) {
    case 'insert': return { insert: id };
    case 'remove': return { remove: id };
    case 'join': return { join: [id, id === name ? 'kitchen' : name] };
    case 'leave': return { leave: [id, name] };
    default: return { select: { to: some(NAMES, 3), except: some(NAMES, 2) } };
  }
}

function byTheReference(happens) {
  const nsp = { name: '/', server: {}, sockets: new Map() };
  const adapter = new Adapter(nsp);
  let events = [];
  for (const name of ['create-room', 'join-room', 'leave-room', 'delete-room']) {
    adapter.on(name, (...args) => events.push([name, ...args]));
  }
  // What socket.io does around its adapter.
  const perform = {
    insert(id) {
      if (nsp.sockets.has(id)) return;
      nsp.sockets.set(id, { id });
      adapter.addAll(id, new Set([id]));
    },
    remove(id) {
      adapter.delAll(id);
      nsp.sockets.delete(id);
    },
    join([id, room]) {
      if (nsp.sockets.has(id)) adapter.addAll(id, new Set([room]));
    },
    leave([id, room]) {
      adapter.del(id, room);
    },
    select({ to, except }) {
      const selected = [];
      adapter.apply({ rooms: new Set(to), except: new Set(except) }, socket => selected.push(socket.id));
      return selected.sort();
    },
  };
  return happens.map(one => {
    events = [];
    const [[name, args]] = Object.entries(one);
    const selected = perform[name](args) ?? [];
    return { selected, events, rooms: [...adapter.rooms.keys()].sort() };
  });
}

function byUs(all) {
  const input = all.map(happens => `${JSON.stringify(happens)}\n`).join('');
  const { status, stdout } = spawnSync(built('interop', 'rooms-again'), { input, stdio: ['pipe', 'pipe', 'inherit'], maxBuffer: 1e9 });
  assert.equal(status, 0);
  return String(stdout).trimEnd().split('\n').map(line => JSON.parse(line));
}

test('whatever happens, the same sockets are meant and the same events told, in the same order', () => {
  const all = Array.from({ length: 1000 }, () => Array.from({ length: 50 }, anything));
  byUs(all).forEach((came, index) => {
    const expected = byTheReference(all[index]);
    expected.forEach((answer, step) => {
      assert.deepEqual(came[step], answer, `after ${JSON.stringify(all[index].slice(0, step + 1))}`);
    });
  });
});

test('where we differ, we know it: the room of its own id is always the first that a socket leaves', () => {
  const happens = [{ insert: 'A' }, { join: ['A', 'kitchen'] }, { leave: ['A', 'A'] }, { join: ['A', 'A'] }, { remove: 'A' }];
  const left = answers => answers.at(-1).events.filter(([name]) => name === 'leave-room').map(([, room]) => room);
  assert.deepEqual(left(byUs([happens])[0]), ['A', 'kitchen']);
  assert.deepEqual(left(byTheReference(happens)), ['kitchen', 'A']);
});
