// Lesson 18: our Socket.IO client at the official server. What they say to each other.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';

import { ask, count, event, hear } from './socketio-client.mjs';
import { PARSERS, Peer, WAYS } from './socketio-peer.mjs';

const BYTES = Buffer.from([0, 1, 254, 255]);
const ARGUMENTS = {
  none: [],
  'several of all kinds': ['text', 1, -2.5, true, null, [1, [2]], { a: { b: ['c'] } }],
  'texts with everything in them': ['κόσμε 😀', '"quoted" \\ \n \u2028 \u0000', '2["no packet"]', ''],
  bytes: [BYTES],
  'bytes nested and several': [{ a: BYTES, b: [Buffer.from('b'), { c: Buffer.alloc(0) }] }, 'between', Buffer.alloc(70_000, 7)],
};

/** What our client's `words` are, as it shows them and as the server reads them. */
const shown = number => [number, [0, 0, 0, 0, 0, 0, 0, number], [[], null, [0, 0, 0, 0, 0, 0, 0, number]]];
const words = number => {
  const bytes = Buffer.from(shown(number)[1]);
  return { number, bytes, deep: [Buffer.alloc(0), null, bytes] };
};

for (const parser of Object.keys(PARSERS)) {
  for (const way of Object.keys(WAYS)) suite(`${parser}, ${way}`, () => conversation({ parser, way }));
}

function conversation(settings) {
  let peer;
  beforeEach(async () => { peer = await Peer.start(settings); });
  afterEach(() => peer.close());

  test('who connects has the id that the server gave it, over the transports that were chosen', async () => {
    const names = [];
    peer.io.engine.on('connection', conn => {
      names.push(conn.transport.name);
      conn.on('upgrade', transport => names.push(transport.name));
    });
    const { socket, id } = await peer.join();
    assert.equal(id, socket.id);
    assert.deepEqual(names, WAYS[settings.way]);
  });

  test('who is refused is told why, is not let in by itself, and shows something new the next time', async () => {
    const visits = [];
    peer.io.use(({ handshake }, next) => {
      visits.push(handshake.auth);
      const refusal = Object.assign(new Error('not authorized'), { data: { seen: [handshake.auth.visit] } });
      next(visits.length < 2 ? refusal : undefined);
    });
    const talk = peer.talk();
    talk.tell('connect');
    assert.deepEqual(await talk.says('/', 'not joined'), ['not authorized', { seen: [1] }]);
    assert.deepEqual(await talk.says('/', 'connect_error'), ['not authorized', { seen: [1] }]);
    await talk.says('client', 'close: io client disconnect');
    await talk.join();
    assert.deepEqual(visits, [{ visit: 1 }, { visit: 2 }]);
  });

  test('of two namespaces over one connection one is refused, and the other goes on', async () => {
    peer.io.of('/guarded').use((_, next) => next(new Error('members only')));
    peer.io.of('/other').on('connection', socket => socket.on('where', answer => answer('/other')));
    const { talk, socket } = await peer.join();
    talk.tell('connect', { nsp: '/guarded' });
    talk.tell('connect', { nsp: '/nowhere' });
    await talk.join('/other');
    assert.deepEqual(await talk.says('/guarded', 'not joined'), ['members only', null]);
    assert.deepEqual(await talk.says('/nowhere', 'not joined'), ['Invalid namespace', null]);
    talk.tell('call', { nsp: '/other', name: 'where', args: [] });
    assert.deepEqual(await talk.says('/other', 'is answered', 'where'), [['/other']]);
    assert.equal(await ask(socket, 'ask', 'still here'), 'still here');
    assert.equal(peer.io.engine.clientsCount, 1);

    // Who leaves one stays in the other.
    const [other] = peer.io.of('/other').sockets.values();
    const left = event(other, 'disconnect');
    talk.tell('disconnect', { nsp: '/other' });
    assert.equal((await left)[0], 'client namespace disconnect');
    assert.equal(await ask(socket, 'ask', 'even now'), 'even now');
  });

  test('arguments of all kinds go both ways', async () => {
    const { socket } = await peer.join();
    for (const [what, args] of Object.entries(ARGUMENTS)) {
      const back = event(socket, 'echo');
      socket.emit('echo', ...args);
      assert.deepEqual(await back, args, what);
    }
  });

  test('bytes are bytes where a type says so', async () => {
    const { talk, socket } = await peer.join();
    const heard = event(socket, 'words');
    talk.tell('words', { number: 7 });
    assert.deepEqual(await heard, [words(7)]);
    socket.emit('words', words(8));
    assert.deepEqual(await talk.says('/', 'reads'), [shown(8)]);
    socket.on('words', (words, answer) => answer(words));
    talk.tell('call_words', { number: 9 });
    assert.deepEqual(await talk.says('/', 'is answered', 'words'), [shown(9)]);
  });

  test('the server asks', async () => {
    const { socket } = await peer.join();
    for (const [what, args] of Object.entries(ARGUMENTS)) {
      assert.deepEqual(await ask(socket, 'ask', ...args), args[0], what);
    }
    assert.deepEqual(await ask(socket, 'refuse'), { error: { message: 'not today', data: { try: 'tomorrow' } } });
    const nobody = socket.timeout(300).emitWithAck('nobody', 1);
    await assert.rejects(nobody, /operation has timed out/);
  });

  test('our client asks, and gives up when it was told to', async () => {
    const { talk, socket } = await peer.join({ call_timeout: 300 });
    socket.on('add', (a, b, answer) => answer(a + b));
    socket.on('refuse', answer => answer({ error: { message: 'not today', data: { try: 'tomorrow' } } }));
    socket.on('several', answer => answer(1, ['two'], { three: 3 }));
    const late = event(socket, 'late');
    talk.call('add', 20, 22);
    talk.call('several');
    talk.call('refuse');
    talk.call('late');
    assert.deepEqual(await talk.says('/', 'is answered', 'several'), [[1, ['two'], { three: 3 }]]);
    assert.deepEqual(await talk.says('/', 'is answered', 'add'), [[42]]);
    assert.deepEqual(await talk.says('/', 'is not answered', 'refuse'), ['refused: not today']);
    assert.deepEqual(await talk.says('/', 'is not answered', 'late'), ['expected an answer within 300ms, came none']);
    // An answer that comes too late is nobody's.
    (await late)[0]('too late');
    socket.emit('after it');
    const said = await talk.saysUntil('/', 'hears', 'after it');
    assert.deepEqual(said.filter(line => line.includes('late')), []);
  });

  test('a thousand events each way come in order', async () => {
    const { talk, socket } = await peer.join();
    const echoed = hear(socket, 'echo');
    const numbers = Array.from({ length: 1000 }, (_, number) => [number % 2 === 0 ? number : Buffer.from([number & 255])]);
    numbers.forEach(args => socket.emit('echo', ...args));
    for (let number = 0; number < 1000; number += 1) talk.emit('number', number);
    const counted = hear(socket, 'number');
    assert.deepEqual(await count(socket, 'echo', echoed, 1000), numbers);
    assert.deepEqual(await count(socket, 'number', counted, 1000), Array.from({ length: 1000 }, (_, number) => [number]));
  });

  test('what is for the first is called once, and what hears all hears all', async () => {
    const { talk, socket } = await peer.join();
    socket.emit('once', 1);
    socket.emit('once', 2);
    socket.emit('last');
    assert.deepEqual((await talk.saysUntil('/', 'hears', 'last')).filter(([, what]) => what.startsWith('hears')), [
      ['/', 'hears', 'once', 1], ['/', 'hears the first'], ['/', 'hears', 'once', 2], ['/', 'hears', 'last'],
    ]);
  });
}
