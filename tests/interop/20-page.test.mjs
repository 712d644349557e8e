// Lesson 20: what the page knows and what it still has to send, without a browser.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const PAGE = join(import.meta.dirname, '../../solutions/20-chat/page');

/** A module of the page; for Node it has no package that would say so. */
const load = name => import(`data:text/javascript,${encodeURIComponent(readFileSync(join(PAGE, name), 'utf8'))}`);
const { Conversation, Conversations } = await load('conversations.js');
const { Outbox } = await load('outbox.js');

const said = (number, from = 'Ann', id = `${from} ${number}`) => ({ number, from, id, text: id, at: number });
const texts = conversation => conversation.entries.map(({ text }) => text);

test('messages stand by their numbers, however they come, and what waits stands behind them', () => {
  const room = new Conversation('room', 'lobby');
  room.startAnew('first');
  assert.equal(room.add(said(2)).number, 2);
  const waiting = room.add({ from: 'me', id: 'w', text: 'waiting', waits: true });
  for (const number of [5, 3, 4, 1]) room.add(said(number));
  assert.deepEqual(texts(room), ['Ann 1', 'Ann 2', 'Ann 3', 'Ann 4', 'Ann 5', 'waiting']);
  assert.deepEqual(room.since, { epoch: 'first', number: 5 });
  waiting.waits = false;
  room.settle(waiting, { number: 6, at: 6 });
  room.add(said(7));
  assert.deepEqual(texts(room).slice(4), ['Ann 5', 'waiting', 'Ann 7']);
});

test('the same message once more is the same entry, from the same person alone', () => {
  const room = new Conversation('room', 'lobby');
  room.startAnew('first');
  const mine = room.add({ from: 'me', id: '1', text: 'once', waits: true });
  assert.equal(room.add({ ...said(1, 'me', '1'), text: 'once' }), mine);
  assert.equal(mine.number, 1);
  room.add(said(1, 'Ann', '1'));
  room.add(said(1, 'Ann', '1'));
  assert.equal(room.entries.length, 2);
});

test('a private word has no number, and stays where it came', () => {
  const person = new Conversation('person', 'Ann');
  for (const id of ['a', 'b', 'a']) person.add({ from: 'Ann', id, text: id, at: 1 });
  assert.deepEqual(texts(person), ['a', 'b']);
});

test('what a server that was started anew numbers stands behind what the old one did', () => {
  const room = new Conversation('room', 'lobby');
  assert.equal(room.since, undefined);
  assert.equal(room.startAnew('first'), false);
  for (const number of [1, 2, 3]) room.add(said(number));
  assert.equal(room.startAnew('first'), false);
  assert.equal(room.startAnew('second'), true);
  assert.deepEqual(room.since, { epoch: 'second', number: 0 });
  room.add({ ...said(2), id: 'b', text: 'b' });
  room.add({ ...said(1), id: 'a', text: 'a' });
  assert.deepEqual(texts(room), ['Ann 1', 'Ann 2', 'Ann 3', 'a', 'b']);
  room.add(said(3, 'Ann', 'Ann 3'));
  assert.deepEqual(texts(room), ['Ann 1', 'Ann 2', 'a', 'b', 'Ann 3'], 'it was said again to the new one');
});

test('what waits while a server is started anew stands behind the remark and what the new one numbers', () => {
  const room = new Conversation('room', 'lobby');
  room.startAnew('first');
  room.add(said(1));
  for (const id of ['v', 'w']) room.add({ from: 'me', id, text: id, waits: true });
  room.startAnew('second');
  room.add({ text: 'anew' });
  room.add({ ...said(1), id: 'a', text: 'a' });
  assert.deepEqual(texts(room), ['Ann 1', 'anew', 'a', 'v', 'w']);
});

test('a conversation keeps the last 500', () => {
  const room = new Conversations().open('room', 'lobby');
  for (let number = 1; number <= 600; number += 1) room.add(said(number));
  assert.deepEqual([room.entries.length, room.entries[0].number], [500, 101]);
});

/** A socket whose answers the test gives: `asked` tells of each question. */
class Server extends EventTarget {
  asked = [];

  timeout() { return this; }

  emitWithAck(name, argument) {
    return new Promise((answer, fail) => {
      this.asked.push({ name, argument, answer, fail });
      this.dispatchEvent(new Event('asked'));
    });
  }

  async next() {
    if (this.asked.length === 0) await once(this, 'asked', { signal: AbortSignal.timeout(5000) });
    return this.asked.shift();
  }
}

function outbox() {
  const server = new Server();
  const changes = [];
  const box = new Outbox(server, (conversation, { id, state, why }, receipt) => changes.push([id, state, why ?? receipt?.number]));
  const put = id => box.put({ conversation: 'lobby', entry: { id }, event: 'say', argument: { id } });
  return { server, changes, box, put };
}

const refusal = (code, more) => ({ error: { message: `expected less, came ${code}`, data: { code, ...more } } });

test('what is put waits for the server, then goes out in order, one at a time', async () => {
  const { server, changes, box, put } = outbox();
  ['a', 'b'].forEach(put);
  assert.deepEqual(server.asked, []);
  box.open();
  const first = await server.next();
  assert.deepEqual([first.name, first.argument, server.asked.length], ['say', { id: 'a' }, 0]);
  first.answer({ number: 1 });
  (await server.next()).answer({ number: 2 });
  put('c');
  await server.next();
  assert.deepEqual(changes, [
    ['a', 'waiting', undefined], ['b', 'waiting', undefined],
    ['a', 'sent', undefined], ['a', 'server', 1], ['b', 'sent', undefined],
    ['c', 'waiting', undefined], ['b', 'server', 2], ['c', 'sent', undefined],
  ]);
});

test('what has no answer goes out again under its id, once there is a connection', async () => {
  const { server, changes, box, put } = outbox();
  box.open();
  put('a');
  const lost = await server.next();
  box.close();
  assert.deepEqual(changes.at(-1), ['a', 'waiting', undefined]);
  lost.fail(new Error('socket has been disconnected'));
  put('b');
  assert.deepEqual(changes.at(-1), ['b', 'waiting', undefined]);
  box.open();
  for (const id of ['a', 'b']) {
    const { argument, answer } = await server.next();
    assert.deepEqual(argument, { id });
    answer({ number: 1, again: true });
  }
});

test('what was read before its receipt came stays read', async () => {
  const { server, box } = outbox();
  const entry = box.put({ conversation: 'Ann', entry: { id: 'a' }, event: 'whisper', argument: {} });
  box.open();
  const { answer } = await server.next();
  entry.state = 'read';
  answer({ read: false, at: 1 });
  box.put({ conversation: 'Ann', entry: { id: 'b' }, event: 'whisper', argument: {} });
  await server.next();
  assert.deepEqual([entry.state, entry.waits], ['read', false]);
});

test('too fast is tried again later; another refusal is told, and stops nobody else', async () => {
  const { server, changes, box, put } = outbox();
  box.open();
  ['a', 'b'].forEach(put);
  (await server.next()).answer(refusal('too-fast', { retry_ms: 1 }));
  const again = await server.next();
  assert.deepEqual(again.argument, { id: 'a' });
  again.answer(refusal('muted'));
  const { argument } = await server.next();
  assert.deepEqual(argument, { id: 'b' });
  assert.deepEqual(changes.filter(([id]) => id === 'a').at(-1), ['a', 'failed', 'expected less, came muted']);
});
