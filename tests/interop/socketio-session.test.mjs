// Lesson 13: two namespaces on one connection, in the hands of the official client.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import { Manager } from 'socket.io-client';

import { Program } from './program.mjs';

const SECRET = { auth: { token: 'secret' } };
const WAYS = {
  'polling alone': { transports: ['polling'] },
  'a WebSocket alone': { transports: ['websocket'] },
  'polling, then a WebSocket': { transports: ['polling', 'websocket'] },
};

let server;
let address;

before(async () => {
  server = new Program('socketio-session', 'multiplex', '--port', '0');
  [, address] = await server.line(/^listening on (http:\/\/[^/ ]+)/);
});

after(async () => assert.equal(await server.stop(), 0));

/** An event of a socket or of its manager, in time. */
const event = (emitter, name) => new Promise((resolve, reject) => {
  const late = setTimeout(() => reject(new Error(`waited 20 s for ${name}, and it did not come`)), 20_000);
  emitter.once(name, (...values) => {
    clearTimeout(late);
    resolve(values);
  });
});

/** What the server answers, in time. */
const asked = (socket, ...args) => socket.timeout(20_000).emitWithAck(...args);

for (const [way, options] of Object.entries(WAYS)) {
  suite(way, () => {
    let manager;
    let main;
    let admin;

    /** Both sockets, of one manager: one connection. */
    async function visit() {
      manager = new Manager(address, { ...options, reconnection: false });
      [main, admin] = [manager.socket('/'), manager.socket('/admin', SECRET)];
      const question = event(admin, 'question');
      await Promise.all([event(main, 'connect'), event(admin, 'connect')]);
      return question;
    }

    /** Runs a test with both sockets, and closes the connection. */
    const visiting = (name, run) => test(name, async () => {
      const question = await visit();
      try {
        await run(question);
      } finally {
        manager._close();
      }
    });

    visiting('two sockets share a connection, each with an id of its own', async () => {
      const [, name] = await server.line(/^(\S{4})  joins \/ as /);
      await server.line(new RegExp(`^${name}  joins /admin as ${admin.id}$`));
      assert.ok(manager.engine.id.startsWith(name));
      assert.equal(new Set([manager.engine.id, main.id, admin.id]).size, 3);
      assert.equal(admin.id.length, 20);
    });

    visiting('each is answered in its namespace, also with bytes', async () => {
      const bytes = Buffer.from([1, 2, 254]);
      const answers = await Promise.all([asked(main, 'sum', 1), asked(admin, 'sum', { name: 'é', bytes }), asked(main, 'sum', 3)]);
      assert.deepEqual(answers, [1, { name: 'é', bytes }, 3]);
    });

    visiting('the server is answered', async ([question, answer]) => {
      assert.equal(question, 'are you sure?');
      answer('yes', Buffer.from([1]));
      await server.line(/ {2}are you sure\? \["yes",/);
    });

    visiting('the server waits no longer than it said', async ([, answer]) => {
      await server.line(/ {2}are you sure\? expected an answer before the timeout, came none/);
      answer('too late');
      assert.equal(await asked(main, 'still', 'here'), 'here');
    });

    visiting('who leaves one namespace stays in the other, and may come again', async () => {
      const before = admin.id;
      admin.disconnect();
      await server.line(/ {2}leaves \/admin: the client left the namespace/);
      assert.equal(await asked(main, 'still', 'here'), 'here');
      await event(admin.connect(), 'connect');
      assert.notEqual(admin.id, before);
      assert.equal(await asked(admin, 'back', 'again'), 'again');
    });

    visiting('who is sent out of one namespace stays in the other', async () => {
      const disconnected = event(admin, 'disconnect');
      admin.emit('kick');
      admin.emit('on its way'); // the reference closes the whole connection for this one
      admin.emit('on its way', 1, () => assert.fail('an answer from where nobody is'));
      const [reason] = await disconnected;
      assert.equal(reason, 'io server disconnect');
      assert.equal(await asked(main, 'still', 'here'), 'here');
      await event(admin.connect(), 'connect');
      assert.equal(await asked(admin, 'back', 'again'), 'again');
    });

    visiting('all are sent out, and the connection closes', async () => {
      const both = [event(main, 'disconnect'), event(admin, 'disconnect'), event(manager, 'close')];
      admin.emit('hang up');
      const [[first], [second]] = await Promise.all(both);
      assert.deepEqual([first, second], ['io server disconnect', 'io server disconnect']);
    });

    test('who is refused is told why, and may ask again on the same connection', async () => {
      manager = new Manager(address, { ...options, reconnection: false });
      [main, admin] = [manager.socket('/'), manager.socket('/admin', { auth: { token: 'guess' } })];
      const [[refusal]] = await Promise.all([event(admin, 'connect_error'), event(main, 'connect')]);
      assert.equal(refusal.message, 'not an admin');
      assert.deepEqual(refusal.data, { shows: 'no token' });
      const id = manager.engine.id;
      admin.auth = SECRET.auth;
      await event(admin.connect(), 'connect');
      const [nowhere] = await event(manager.socket('/nowhere'), 'connect_error');
      assert.equal(nowhere.message, 'Invalid namespace');
      assert.equal(manager.engine.id, id);
      manager._close();
    });

    for (const [what, packet] of [
      ['asks twice', '0'],
      ['speaks where nobody let it in', '2/nowhere,["delete everything"]'],
      ['answers where nobody let it in', '3/nowhere,0[]'],
      ['says what is no packet', '9'],
      ['says what only a server may', '4{"message":"no"}'],
    ]) {
      visiting(`who ${what} is sent away, from all namespaces`, async () => {
        const both = [event(main, 'disconnect'), event(admin, 'disconnect')];
        manager.engine.write(packet);
        const reasons = (await Promise.all(both)).map(([reason]) => reason);
        assert.deepEqual(reasons, ['transport close', 'transport close']);
        await server.line(/ {2}closes: expected /);
      });
    }
  });
}
