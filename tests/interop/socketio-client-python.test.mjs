// Lesson 18: our Socket.IO client at the server that Python's users have.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';

import { Cable } from './network.mjs';
import { PARSERS, WAYS } from './socketio-peer.mjs';
import { Speaker, Talk } from './socketio-talk.mjs';

const shown = number => [number, [0, 0, 0, 0, 0, 0, 0, number], [[], null, [0, 0, 0, 0, 0, 0, 0, number]]];

for (const parser of Object.keys(PARSERS)) {
  for (const way of Object.keys(WAYS)) suite(`${parser}, ${way}`, () => conversation({ parser, way }));
}

function conversation(settings) {
  let server;
  let cable;
  let talk;

  beforeEach(async () => {
    const program = join(import.meta.dirname, 'socketio_server.py');
    server = new Speaker('python3', [program, settings.parser], { PYTHONPATH: join(import.meta.dirname, '.python') });
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
      talk.emit('echo me', ...args);
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

  test('it is on the transport that was chosen, in the end', async () => {
    await talk.join();
    const wanted = WAYS[settings.way].at(-1);
    for (let transport; transport !== wanted;) {
      talk.emit('tell', 'me');
      [transport] = await server.says('/', 'hears', 'me');
    }
  });
}
