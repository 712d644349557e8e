// Lesson 18: our Socket.IO client at the server that Python's users have.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, beforeEach, suite, test } from 'node:test';

import { Certificate } from './certificate.mjs';
import { Cable } from './network.mjs';
import { PARSERS, WAYS } from './socketio-peer.mjs';
import { Speaker, Talk } from './socketio-talk.mjs';

const shown = number => [number, [0, 0, 0, 0, 0, 0, 0, number], [[], null, [0, 0, 0, 0, 0, 0, 0, number]]];

function serve(settings) {
  const program = join(import.meta.dirname, 'socketio_server.py');
  return new Speaker('python3', [program, JSON.stringify({ parser: 'JSON', ...settings })], { PYTHONPATH: join(import.meta.dirname, '.python') });
}

for (const parser of Object.keys(PARSERS)) {
  for (const way of Object.keys(WAYS)) suite(`${parser}, ${way}`, () => conversation({ parser, way }));
}

function conversation(settings) {
  let server;
  let cable;
  let talk;

  beforeEach(async () => {
    server = serve(settings);
    const [address] = await server.says('listening');
    cable = await Cable.start(address);
    talk = new Talk(cable.address, { ...settings, call_timeout: 500 });
  });

  afterEach(async () => {
    await talk.stop();
    cable.close();
    await server.stop();
  });

  test('who connects has the id that the server gave it, and shows what it has', async () => {
    const id = await talk.join();
    assert.deepEqual(await server.says('/', 'connect', id), [{ visit: 1 }, WAYS[settings.way][0]]);
    talk.tell('close');
    assert.deepEqual(await server.says('/', 'disconnect', id), ['client disconnect']);
    await talk.says('client', 'closed');
  });

  test('of two namespaces over one connection one is refused, and the other goes on', async () => {
    await talk.join();
    talk.tell('connect', { nsp: '/guarded' });
    assert.deepEqual(await talk.says('/guarded', 'not joined'), ['members only', { seen: { visit: 1 } }]);
    talk.tell('connect', { nsp: '/guarded' });
    assert.deepEqual(await talk.says('/guarded', 'not joined'), ['members only', { seen: { visit: 2 } }]);
    await talk.join('/other');
    talk.call('ask', 'still here');
    assert.deepEqual(await talk.says('/', 'is answered', 'ask'), [['still here']]);
  });

  test('arguments of all kinds go both ways', async () => {
    await talk.join();
    const several = ['κόσμε 😀', 1, -2.5, true, null, [1, [2]], { a: { b: ['c'] } }];
    for (const args of [[], ['"quoted" \\ \n \u2028 \u0000'], several]) {
      talk.emit('send me', 'echo', ...args);
      assert.deepEqual(await talk.says('/', 'hears', 'echo'), args);
      assert.deepEqual(await server.says('/', 'echo'), args);
    }
    talk.tell('words', { number: 7 });
    assert.deepEqual(await talk.says('/', 'reads'), [shown(7)]);
  });

  test('each asks the other, and gives up in time', async () => {
    await talk.join();
    talk.call('ask', 1, 'two', [3]);
    assert.deepEqual(await talk.says('/', 'is answered', 'ask'), [[1, 'two', [3]]]);
    talk.tell('call_words', { number: 9 });
    assert.deepEqual(await talk.says('/', 'is answered', 'words'), [shown(9)]);
    talk.emit('ask me', 'ask', 20, 'what');
    assert.deepEqual(await server.says('/', 'is answered'), ['what']);
    talk.emit('ask me', 'nobody', 0.3);
    assert.deepEqual(await server.says('/', 'is not answered'), []);
    talk.call('ask me', 'nobody', 20);
    assert.deepEqual(await talk.says('/', 'is not answered', 'ask me'), ['expected an answer within 500ms, came none']);
  });

  // In MessagePack its DISCONNECT has `data: None`, which is no packet for the official client either.
  if (settings.parser === 'JSON') test('whom the server disconnects stays so, until it asks again', async () => {
    const id = await talk.join();
    talk.emit('disconnect me');
    assert.deepEqual(await talk.says('/', 'disconnect'), ['io server disconnect']);
    assert.deepEqual(await server.says('/', 'disconnect', id), ['server disconnect']);
    assert.notEqual(await talk.join(), id);
  });

  test('after a reset it comes back with all that waited, in order', async () => {
    const id = await talk.join();
    cable.reset();
    await talk.says('/', 'disconnect');
    for (let number = 0; number < 10; number += 1) talk.emit('tell', number);
    talk.tell('volatile', { name: 'tell', args: ['where the mouse is'] });
    talk.tell('tick');
    await talk.says('client', 'ticks');
    cable.mend();
    talk.call('ask', 'all is there');
    await talk.says('/', 'is answered', 'ask');
    talk.emit('tell', 'the last');
    const said = await server.saysUntil('/', 'hears', 'the last');
    assert.deepEqual(said.filter(([, what]) => what === 'hears').map(([, , number]) => number), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 'the last']);
    const connects = said.filter(([, what]) => what === 'connect');
    assert.deepEqual(connects.map(([, , , auth]) => auth), [{ visit: 1 }, { visit: 2 }]);
    assert.deepEqual([connects[0][2] === id, connects[1][2] === id], [true, false]);
  });

  test('what is for the first is called once, and what hears all hears all', async () => {
    await talk.join();
    for (const number of [1, 2]) talk.emit('send me', 'once', number);
    talk.emit('send me', 'last');
    const said = await talk.saysUntil('/', 'hears', 'last');
    assert.deepEqual(said.filter(([, what]) => what.startsWith('hears')), [
      ['/', 'hears', 'once', 1], ['/', 'hears the first'], ['/', 'hears', 'once', 2], ['/', 'hears', 'last'],
    ]);
  });

  test('what may be lost is not, while the connection stands', async () => {
    await talk.join();
    talk.call('ask', 'is all flushed');
    await talk.says('/', 'is answered', 'ask');
    talk.tell('volatile', { name: 'tell', args: ['where the mouse is'] });
    await server.says('/', 'hears', 'where the mouse is');
  });

  test('what has to arrive is sent until it is answered, once after the other', async () => {
    const again = new Talk(cable.address, { ...settings, call_timeout: 500, retries: 2 });
    await again.join();
    for (const number of [1, 2]) again.emit('say twice', number);
    again.emit('tell', 'the last');
    const said = await server.saysUntil('/', 'hears', 'the last');
    assert.deepEqual(said.filter(([, what]) => what === 'hears').map(([, , number]) => number), [1, 1, 2, 2, 'the last']);
    await again.stop();
  });

  test('a server that is started anew hears all that waited, in order', async () => {
    const id = await talk.join();
    await talk.says('/', 'is', 'connected');
    await server.stop();
    assert.match((await talk.says('/', 'disconnect'))[0], /^transport (close|error)$/);
    await talk.says('/', 'is', 'connecting');
    for (let number = 0; number < 10; number += 1) talk.emit('tell', number);
    talk.emit('tell', 'the last');
    const before = await talk.saysUntil('client', 'reconnect_attempt 2');
    server = serve({ ...settings, port: cable.port });
    const said = await server.saysUntil('/', 'hears', 'the last');
    assert.deepEqual(said.filter(([, what]) => what === 'hears').map(([, , number]) => number), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 'the last']);
    assert.notEqual(said.find(([, what]) => what === 'connect')[2], id);
    const after = await talk.saysUntil('/', 'is', 'connected');
    const words = [...before, ...after].filter(([who]) => who === 'client').map(([, what]) => what.split(':')[0]);
    assert.deepEqual(words.slice(0, 5), ['open', 'close', 'reconnect_attempt 1', 'error', 'reconnect_error']);
    assert.deepEqual(words.slice(-2), ['open', words.at(-3).replace('_attempt', '')]);
  });

  test('a client that is dropped is gone', async () => {
    const id = await talk.join();
    talk.tell('drop');
    await server.says('/', 'disconnect', id);
    await talk.says('client', 'ended');
  });

  test('it is on the transport that was chosen, in the end', async () => {
    await talk.join();
    const wanted = WAYS[settings.way].at(-1);
    for (let transport; transport !== wanted;) {
      talk.emit('tell', 'me');
      [transport] = await server.says('/', 'hears', 'me');
    }
  });
}

test('where the server knows polling alone, WebSocket first is polling', async () => {
  const server = serve({ transports: ['polling'] });
  const [address] = await server.says('listening');
  const talk = new Talk(address, { way: 'websocket-first' });
  const id = await talk.join();
  assert.deepEqual(await server.says('/', 'connect', id), [{ visit: 1 }, 'polling']);
  await talk.stop();
  await server.stop();
});

suite('TLS', () => {
  const certificate = new Certificate();
  after(() => certificate.remove());

  for (const way of Object.keys(WAYS)) test(way, async () => {
    const server = serve({ cert: certificate.certFile, key: certificate.keyFile });
    const [address] = await server.says('listening');
    const talk = new Talk(address.replace('http', 'https'), { way }, certificate.trust);
    await talk.join();
    talk.tell('call_words', { number: 9 });
    assert.deepEqual(await talk.says('/', 'is answered', 'words'), [shown(9)]);
    await talk.stop();
    await server.stop();
  });
});
