// Lessons 15 and 18 while things break: which of the messages that clients number are lost, doubled or out of order.

import assert from 'node:assert/strict';
import { after, afterEach, suite, test } from 'node:test';

import { KINDS, Victim } from './chaos.mjs';
import { Cable } from './network.mjs';
import { Clients, event, inTime } from './socketio-client.mjs';

const WAYS = ['polling', 'websocket', 'upgrade'];
const MODES = { 'by default': false, 'with retries': true };
const table = [];

for (const [mode, retries] of Object.entries(MODES)) suite(mode, () => chaos(mode, retries));

after(() => {
  console.log('| what happens | who | how | said | heard | lost | doubled | out of order |');
  console.log('|---|---|---|---:|---:|---:|---:|---:|');
  for (const row of table) console.log(`| ${row.join(' | ')} |`);
});

function chaos(mode, retries) {
  let server;
  const clients = [];
  const cables = [];

  afterEach(async () => {
    await Promise.all(clients.splice(0).map(client => client.stop()));
    cables.splice(0).forEach(cable => cable.close());
    assert.equal(await server.stop(), 0);
  });

  function add(kind, address, settings) {
    const client = new KINDS[kind](`${kind}-${clients.length}`, address, { retries, nsp: '/', ...settings });
    clients.push(client);
    return client;
  }

  async function wire() {
    const cable = await Cable.start(server.address);
    cables.push(cable);
    return cable;
  }

  /** One client of each kind that is connected over a cable of its own, and has been answered. */
  function wired(settings) {
    return Promise.all(Object.keys(KINDS).map(async kind => {
      const cable = await wire();
      const client = add(kind, cable.address, settings);
      const connected = client.connected();
      client.connect();
      client.id = await connected;
      client.saySome(4);
      await client.tell();
      return { client, cable };
    }));
  }

  /** What was promised is kept, once the last number has been heard. */
  async function judge(what) {
    await server.notes.untilLast(clients);
    for (const kind of Object.keys(KINDS)) {
      const those = clients.filter(({ name }) => name.startsWith(kind));
      const { said, heard, lost, doubled, disordered } = server.notes.count(those);
      table.push([what, those.length === 1 ? kind : `${those.length} ${kind}`, mode, said, heard, lost, doubled, disordered]);
      assert.equal(disordered, 0, `${kind}: in order`);
      if (retries) assert.equal(lost, 0, `${kind}: at least once`);
      else assert.equal(doubled, 0, `${kind}: at most once`);
    }
  }

  test('the server is killed twice among fifty clients', async () => {
    server = await Victim.start();
    for (let number = 0; number < 25; number += 1) {
      for (const kind of Object.keys(KINDS)) add(kind, server.address, { way: WAYS[number % WAYS.length] });
    }
    clients.forEach(client => client.connect());
    const talk = setInterval(() => clients.forEach(client => client.say()), 50);
    try {
      for (let kill = 0; kill < 2; kill += 1) {
        await server.notes.untilMore(clients, 5);
        clients.forEach(client => client.saySome(20));
        await server.notes.untilMore(clients, 1);
        await server.kill();
        await server.comeBack();
      }
      await server.notes.untilMore(clients, 5);
    } finally {
      clearInterval(talk);
    }
    await judge('the server is killed, twice');
  });

  test('what a client says is cut in mid-frame', async () => {
    server = await Victim.start();
    await Promise.all((await wired({ way: 'websocket' })).map(async ({ client, cable }) => {
      const gone = client.disconnected();
      cable.tear('client');
      client.say('x'.repeat(100_000));
      await gone;
      client.saySome(5);
    }));
    await judge('its frame is cut');
  });

  if (retries) test('what the server answers is cut in mid-frame', async () => {
    server = await Victim.start();
    // One after the other: who is left hears of it, and that is no answer.
    for (const { client, cable } of await wired({ way: 'websocket' })) {
      const gone = client.disconnected();
      cable.tear('server');
      client.saySome(5);
      await gone;
      await server.notes.untilLast([client]);
    }
    await judge('the answer\'s frame is cut');
  });

  test('the network is frozen until both ends miss a ping', async () => {
    server = await Victim.start();
    const others = new Clients(server.address, { transports: ['websocket'] });
    const watcher = others.start();
    await event(watcher, 'connect');
    const left = id => inTime(`the end of ${id}`, new Promise(resolve => {
      watcher.on('left', (who, reason) => { if (who === id) resolve(reason); });
    }));
    await Promise.all((await wired({ way: 'websocket' })).map(async ({ client, cable }) => {
      const gone = Promise.all([client.disconnected(), left(client.id)]);
      cable.cut();
      cable.mend(); // for who comes anew
      client.saySome(5);
      assert.deepEqual(await gone, ['ping timeout', 'ping timeout']);
      client.saySome(5);
    }));
    others.close();
    await judge('the network is frozen');
  });

  for (const [moment, words] of Object.entries({ 'is asked for': 'transport=websocket', 'is probed': '3probe' })) {
    test(`the server is killed while the upgrade ${moment}`, async () => {
      server = await Victim.start();
      for (const kind of Object.keys(KINDS)) {
        const cable = await wire();
        const client = add(kind, cable.address, { way: 'upgrade' });
        const upgrading = cable.passes(words);
        client.connect();
        client.saySome(5);
        await inTime(words, upgrading);
        await server.kill();
        const again = cable.passes('3probe');
        client.saySome(5);
        await server.comeBack();
        await inTime(`the second upgrade of ${kind}`, again);
        client.saySome(5);
        await server.notes.untilLast([client]);
      }
      await judge(`it is killed while the upgrade ${moment}`);
    });
  }

  test('who comes back is refused, since their pass has expired', async () => {
    server = await Victim.start();
    const pairs = await wired({ way: 'upgrade', nsp: '/passes' });
    const refusals = pairs.map(({ client }) => client.refused('your pass has expired'));
    await server.kill();
    await server.comeBack();
    await Promise.all(refusals);
    await Promise.all(pairs.map(async ({ client }) => {
      client.saySome(5);
      const back = client.connected();
      client.connect();
      await back;
      client.saySome(5);
    }));
    await judge('its pass has expired');
  });
}
