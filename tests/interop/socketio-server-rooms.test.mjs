// Lesson 15: our Socket.IO server, and several official clients at once.

import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';

import { Program } from './program.mjs';
import { ask, Clients, count, event, hear, PARSERS, WAYS } from './socketio-client.mjs';

const BYTES = Buffer.from([0, 1, 254, 255]);

for (const [name, parser] of Object.entries(PARSERS)) {
  for (const [way, transports] of Object.entries(WAYS)) {
    suite(`${name} over ${way}`, () => company(parser.flags, { ...parser.options, ...transports }));
  }
}

function company(flags, options) {
  let server;
  let clients;
  let a;
  let b;
  let c;

  before(async () => {
    server = new Program('socketio', 'socketio-interop', '--port', '0', ...flags);
    const [, address] = await server.line(/^listening on (http:\/\/[^/ ]+)/);
    clients = new Clients(address, options);
  });
  after(async () => assert.equal(await server.stop(), 0));

  /** Three clients: a is in the room x, b in x and y, c in none. */
  async function three() {
    [a, b, c] = await Promise.all([1, 2, 3].map(() => clients.join()));
    await ask(a, 'join', 'x');
    await ask(b, 'join', 'x');
    await ask(b, 'join', 'y');
  }
  afterEach(() => clients.close());

  /** Who hears it, how often, if this client says something to that audience. */
  async function listeners(speaker, audience) {
    const all = [a, b, c];
    all.forEach(socket => socket.off('heard'));
    const heard = all.map(socket => hear(socket, 'heard'));
    await ask(speaker, 'say', audience, { number: 7, bytes: BYTES });
    // What is answered now was asked after it was said.
    for (const socket of all) await ask(socket, 'nothing');
    for (const [words] of heard.flat()) assert.deepEqual(words, { number: 7, bytes: BYTES });
    return heard.map(messages => messages.length);
  }

  test('each who is meant hears it, once', async () => {
    await three();
    assert.deepEqual(await listeners(a, {}), [1, 1, 1]);
    assert.deepEqual(await listeners(a, { to: ['x'] }), [1, 1, 0]);
    assert.deepEqual(await listeners(c, { to: ['x', 'y'] }), [1, 1, 0]);
    assert.deepEqual(await listeners(a, { except: ['y'] }), [1, 0, 1]);
    assert.deepEqual(await listeners(a, { to: ['x'], except: ['y'] }), [1, 0, 0]);
    assert.deepEqual(await listeners(a, { to: ['x'], local: true }), [1, 1, 0]);
    assert.deepEqual(await listeners(a, { to: [c.id] }), [0, 0, 1]);
    assert.deepEqual(await listeners(a, { to: ['nobody'] }), [0, 0, 0]);
  });

  test('who speaks to others does not hear itself', async () => {
    await three();
    assert.deepEqual(await listeners(a, { myself: false }), [0, 1, 1]);
    assert.deepEqual(await listeners(b, { myself: false, to: ['x', 'y'] }), [1, 0, 0]);
    assert.deepEqual(await listeners(b, { myself: false, except: ['y'] }), [1, 0, 1]);
  });

  test('rooms are joined and left, and end with the socket', async () => {
    await three();
    assert.deepEqual(await ask(b, 'rooms'), [b.id, 'x', 'y']);
    await ask(b, 'leave', 'x');
    assert.deepEqual(await ask(b, 'rooms'), [b.id, 'y']);
    assert.deepEqual(await listeners(a, { to: ['x'] }), [1, 0, 0]);
    const leaving = event(a, 'leaving');
    const left = event(a, 'left');
    const { id } = b;
    b.disconnect();
    assert.deepEqual(await leaving, [id, 'client namespace disconnect', [id, 'y']]);
    assert.deepEqual(await left, [id, 'client namespace disconnect']);
    assert.deepEqual(await ask(a, 'fetch', { to: ['y'] }), []);
  });

  test('who is there can be asked', async () => {
    await three();
    await ask(b, 'describe', { name: 'Béa' });
    const found = await ask(c, 'fetch', { to: ['x'] });
    const known = new Map(found.map(({ id, rooms, data }) => [id, { rooms, data }]));
    assert.deepEqual(known, new Map([
      [a.id, { rooms: [a.id, 'x'], data: null }],
      [b.id, { rooms: [b.id, 'x', 'y'], data: { name: 'Béa' } }],
    ]));
    assert.equal((await ask(c, 'fetch', {})).length, 3);
  });

  test('many join, leave and are disconnected by where they are', async () => {
    await three();
    await ask(c, 'bring', { to: ['x'], except: ['y'] }, 'z');
    assert.deepEqual(await ask(a, 'rooms'), [a.id, 'x', 'z']);
    assert.deepEqual(await ask(b, 'rooms'), [b.id, 'x', 'y']);
    await ask(c, 'send away', { to: ['x'] }, 'x');
    assert.deepEqual(await ask(a, 'rooms'), [a.id, 'z']);
    const out = [event(a, 'disconnect'), event(b, 'disconnect')];
    await ask(c, 'throw out', { to: ['y', 'z'] }, false);
    for (const [reason] of await Promise.all(out)) assert.equal(reason, 'io server disconnect');
    assert.deepEqual((await ask(c, 'fetch', {})).map(({ id }) => id), [c.id]);
  });

  test('some are disconnected from everywhere', async () => {
    await three();
    const other = b.io.socket('/other');
    await event(other, 'connect');
    const out = [event(b, 'disconnect'), event(other, 'disconnect')];
    await ask(c, 'throw out', { to: ['y'] }, true);
    for (const [reason] of await Promise.all(out)) assert.equal(reason, 'io server disconnect');
    assert.deepEqual((await ask(c, 'fetch', {})).map(({ id }) => id).sort(), [a.id, c.id].sort());
  });

  test('all are asked, and those who say nothing are counted', async () => {
    await three();
    a.on('question', answer => answer('from a'));
    b.on('question', answer => answer('from b'));
    const [answers, missing] = await ask(c, 'call all', { to: ['x'] }, 20_000);
    assert.deepEqual([answers.sort(), missing], [['from a', 'from b'], 0]);
    // c has no handler for it.
    const [some, silent] = await ask(a, 'call all', {}, 200);
    assert.deepEqual([some.sort(), silent], [['from a', 'from b'], 1]);
  });

  test('what is volatile comes once and in order, if it comes', async () => {
    await three();
    const heard = hear(b, 'heard');
    let said = 0;
    for (; heard.length < 3 && said < 1000; said += 1) {
      await ask(a, 'say', { to: ['y'], volatile: true }, { number: said, bytes: BYTES });
      await ask(b, 'nothing');
    }
    const numbers = heard.map(([{ number }]) => number);
    assert.ok(numbers.length >= 3, `${numbers.length} came of ${said}`);
    assert.deepEqual(numbers, [...new Set(numbers)].sort((one, other) => one - other));
  });

  test('who comes and goes harms nobody who stays', async () => {
    await three();
    const heard = hear(c, 'heard');
    for (let number = 0; number < 20; number += 1) {
      const guest = await clients.join();
      await ask(guest, 'join', 'x');
      a.emit('say', { to: ['x', c.id] }, { number, bytes: BYTES });
      guest.disconnect();
    }
    await count(c, 'heard', heard, 20);
    assert.deepEqual(heard.map(([{ number }]) => number), [...Array(20).keys()]);
  });
}
