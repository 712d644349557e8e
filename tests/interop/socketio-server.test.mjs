// Lesson 15: our Socket.IO server, in the hands of the official client. What one client sees.

import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';

import { Program } from './program.mjs';
import { ask, Clients, count, event, hear, PARSERS, WAYS } from './socketio-client.mjs';

const BYTES = Buffer.from([0, 1, 254, 255]);
const ARGUMENTS = {
  none: [],
  'several of all kinds': ['text', 1, -2.5, true, null, [1, [2]], { a: { b: ['c'] } }],
  'texts with everything in them': ['κόσμε 😀', '"quoted" \\ \n \u2028 \u0000', '2["no packet"]', ''],
  bytes: [BYTES],
  'bytes nested and several': [{ a: BYTES, b: [Buffer.from('b'), { c: Buffer.alloc(0) }] }, 'between', Buffer.alloc(70_000, 7)],
};

for (const [name, parser] of Object.entries(PARSERS)) {
  for (const [way, transports] of Object.entries(WAYS)) {
    suite(`${name} over ${way}`, () => conversation(parser.flags, { ...parser.options, ...transports }));
  }
}

function conversation(flags, options) {
  let server;
  let clients;

  before(async () => {
    server = new Program('socketio', 'socketio-interop', '--port', '0', ...flags);
    const [, address] = await server.line(/^listening on (http:\/\/[^/ ]+)/);
    clients = new Clients(address, options);
  });
  afterEach(() => clients.close());
  after(async () => assert.equal(await server.stop(), 0));

  test('who connects is told who it is, and has shown what it has', async () => {
    const socket = clients.start('/', { auth: { token: 'κόσμε', n: [1] } });
    const welcome = event(socket, 'welcome');
    await event(socket, 'connect');
    assert.deepEqual(await welcome, [socket.id, { token: 'κόσμε', n: [1] }]);
    assert.match(socket.id, /^[\w-]{20}$/);
    assert.notEqual(socket.id, socket.io.engine.id);
  });

  test('who shows nothing has shown an empty object', async () => {
    const socket = clients.start();
    assert.deepEqual((await event(socket, 'welcome'))[1], {});
  });

  test('the handshake says how a client came', async () => {
    const how = { auth: { token: 7 }, query: { from: 'κόσμε' }, extraHeaders: { 'x-from': 'afar' } };
    const { headers, query, ...rest } = await ask(await clients.join('/', how), 'handshake');
    assert.equal(headers['x-from'], 'afar');
    assert.deepEqual([query.from, query.EIO, query.transport], ['κόσμε', '4', options.transports[0]]);
    assert.deepEqual([rest.address, rest.auth, rest.xdomain], ['127.0.0.1', { token: 7 }, false]);
    assert.match(rest.url, /^\/socket\.io\/\?/);
    assert.ok(Math.abs(Date.now() - rest.issued) < 60_000, `issued at ${rest.issued}`);
  });

  test('something is kept for a socket, and something for its connection', async () => {
    const main = await clients.join();
    const other = main.io.socket('/other');
    await event(other, 'connect');
    await ask(main, 'remember', 'me');
    assert.deepEqual(await ask(main, 'recall'), ['me', 'me']);
    assert.deepEqual(await ask(other, 'recall'), [null, 'me']);
    assert.deepEqual(await ask(await clients.join(), 'recall'), [null, null]);
  });

  test('auth as a function is asked each time', async () => {
    let times = 0;
    const socket = clients.start('/', { auth: show => show({ times: times += 1 }) });
    assert.deepEqual((await event(socket, 'welcome'))[1], { times: 1 });
    socket.disconnect();
    socket.connect();
    assert.deepEqual((await event(socket, 'welcome'))[1], { times: 2 });
  });

  test('arguments of all kinds go both ways', async () => {
    const socket = await clients.join();
    for (const [kind, args] of Object.entries(ARGUMENTS)) {
      const echo = event(socket, 'echo');
      socket.emit('echo', ...args);
      assert.deepEqual(await echo, args, kind);
    }
  });

  test('what is sent before the connection stands is not lost', async () => {
    const socket = clients.start();
    const heard = hear(socket, 'echo');
    socket.emit('echo', 'early');
    socket.emit('echo', BYTES, 'early too');
    socket.on('connect', () => socket.emit('echo', 'at once'));
    await count(socket, 'echo', heard, 3);
    assert.deepEqual(heard, [['early'], [BYTES, 'early too'], ['at once']]);
  });

  test('a client asks', async () => {
    const socket = await clients.join();
    assert.equal(await ask(socket, 'add', 20, 22), 42);
    assert.equal(await ask(socket, 'nothing'), undefined);
    assert.deepEqual(await ask(socket, 'ask', { deep: [BYTES, BYTES] }), { deep: [BYTES, BYTES] });
    const several = new Promise(resolve => { socket.emit('ask', 1, 'two', [3], (...args) => resolve(args)); });
    assert.deepEqual(await several, [1, 'two', [3]]);
    assert.equal(await ask(socket, 'κόσμε "\\\n😀', 'a name of any characters'), 'a name of any characters');
  });

  test('a client is refused an answer, and told why', async () => {
    const socket = await clients.join();
    assert.deepEqual(await ask(socket, 'refuse'), { error: { message: 'not today', data: { try: 'tomorrow' } } });
    assert.match((await ask(socket, 'add', 1, 'two')).error.message, /expected|invalid|wrong/);
    assert.match((await ask(socket, 'nobody handles this')).error.message, /nobody handles this/);
    assert.deepEqual(await ask(socket, 'panic'), { error: { message: 'internal error' } });
    assert.equal(await ask(socket, 'add', 1, 2), 3);
  });

  test('a client that gets no answer in time waits no longer', async () => {
    const socket = await clients.join();
    await assert.rejects(socket.timeout(50).emitWithAck('ask slowly'), /operation has timed out/);
  });

  test('the server asks', async () => {
    const socket = await clients.join();
    socket.on('question', (what, answer) => answer(what, BYTES, 'more'));
    const answered = event(socket, 'answered');
    socket.emit('call me', 'question', 10_000, { what: 'else' });
    assert.deepEqual(await answered, [{ what: 'else' }, BYTES, 'more']);
  });

  test('a client refuses the server an answer', async () => {
    const socket = await clients.join();
    socket.on('question', (what, answer) => answer({ error: { message: 'not today' } }));
    const unanswered = event(socket, 'unanswered');
    socket.emit('call me', 'question', 10_000, null);
    assert.deepEqual(await unanswered, ['refused: not today']);
  });

  test('the server waits no longer than it said, and a late answer harms nothing', async () => {
    const socket = await clients.join();
    const unanswered = event(socket, 'unanswered');
    const asked = event(socket, 'question');
    socket.emit('call me', 'question', 50, null);
    const [, answer] = await asked;
    assert.match((await unanswered)[0], /^expected an answer within 50ms, came none$/);
    answer('too late');
    answer('and twice');
    assert.equal(await ask(socket, 'add', 1, 2), 3);
  });

  test('a thousand events are handled in order, though handlers wait', async () => {
    const socket = await clients.join();
    const sent = Array.from({ length: 1000 }, (_, number) => [number]);
    const heard = hear(socket, 'number');
    for (const [number] of sent) {
      socket.emit('number', number);
      // In many turns of the loop, so that an upgrade falls into the middle.
      if (number % 10 === 0) await new Promise(resolve => setImmediate(resolve));
    }
    await count(socket, 'number', heard, sent.length);
    assert.deepEqual(heard, sent);
    assert.equal(socket.io.engine.transport.name, options.transports.at(-1));
  });

  test('several namespaces share a connection, and nothing else', async () => {
    const main = await clients.join();
    const others = ['/other', '/house-κόσμε', '/floor-7'].map(name => main.io.socket(name));
    const welcomes = await Promise.all(others.map(socket => event(socket, 'welcome')));
    assert.deepEqual(welcomes.map(([id]) => id), others.map(socket => socket.id));
    assert.equal(new Set([main, ...others].map(socket => socket.id)).size, 4);
    const heard = [main, ...others].map(socket => hear(socket, 'echo'));
    others[1].emit('echo', BYTES);
    for (const socket of [main, ...others]) await ask(socket, 'nothing');
    assert.deepEqual(heard, [[], [], [[BYTES]], []]);
    others[0].disconnect();
    assert.equal(await ask(others[1], 'add', 1, 2), 3);
    assert.equal(await ask(main, 'add', 1, 2), 3);
    others[0].connect();
    assert.equal(await ask(others[0], 'add', 1, 2), 3);
  });

  test('a namespace that does not exist refuses, and the connection stays', async () => {
    const main = await clients.join();
    for (const name of ['/nowhere', '/house-', '/house-a/b', '/floor-x', '/other?x=1']) {
      const socket = main.io.socket(name);
      assert.equal((await event(socket, 'connect_error'))[0].message, 'Invalid namespace');
      assert.equal(socket.connected, false);
    }
    assert.equal(await ask(main, 'add', 1, 2), 3);
  });

  test('a client that is refused is told why, and may try again', async () => {
    const main = await clients.join();
    const socket = main.io.socket('/guarded', { auth: { token: 'friend', name: 'Ali' } });
    const [error] = await event(socket, 'connect_error');
    assert.deepEqual([error.message, error.data], ['not authorized', { token: 'friend' }]);
    assert.equal(socket.active, false);
    socket.auth = { token: 'sesame', name: 'Ali' };
    socket.connect();
    assert.equal(await ask(socket, 'who am i'), 'Ali');
    assert.equal(await ask(main, 'add', 1, 2), 3);
  });

  test('middleware is asked before, and sees the query', async () => {
    const auth = { token: 'sesame', name: 'Ali' };
    const socket = clients.start('/guarded', { auth, query: { from: 'afar' } });
    const [error] = await event(socket, 'connect_error');
    assert.deepEqual([error.message, error.data], ['not from afar', undefined]);
  });

  test('what is shown and is of another type is a refusal', async () => {
    const socket = clients.start('/guarded', { auth: { token: 7 } });
    assert.match((await event(socket, 'connect_error'))[0].message, /expected|invalid|wrong|missing/);
  });

  test('events can be seen, changed and refused before they are handled', async () => {
    const socket = await clients.join('/filtered');
    const seen = hear(socket, 'seen');
    assert.equal(await ask(socket, 'old name', 'a'), 'a');
    assert.deepEqual(await ask(socket, 'forbidden'), { error: { message: 'this is forbidden' } });
    assert.equal(await ask(socket, 'new name', 'b'), 'b');
    assert.deepEqual(seen, [['new name'], ['new name']]);
  });
}
