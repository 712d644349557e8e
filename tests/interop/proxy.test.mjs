// Our Socket.IO server, twice, behind the proxies that the book configures; and what happens without a line of it.

import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';

import { Program } from './program.mjs';
import { Proxy } from './proxy.mjs';
import { ask, Clients, count, event, hear, WAYS } from './socketio-client.mjs';

const BYTES = Buffer.alloc(70_000, 'any bytes');

/** Two servers, and clients of what stands before them. */
function behind(name, { changes = [], flags = [] } = {}) {
  const here = { servers: [] };
  let proxy;

  before(async () => {
    here.servers = [1, 2].map(() => new Program('socketio', 'socketio-interop', '--port', '0', ...flags));
    const lines = here.servers.map(server => server.line(/^listening on http:\/\/127\.0\.0\.1:(\d+)/));
    const ports = (await Promise.all(lines)).map(([, port]) => port);
    proxy = await Proxy.start(name, ports, changes);
    // A browser keeps cookies; this client does if it may.
    here.clients = new Clients(proxy.address, { ca: proxy.ca, withCredentials: true });
  });
  afterEach(() => here.clients.close());
  after(async () => {
    await proxy.stop();
    for (const server of here.servers) assert.equal(await server.stop(), 0);
  });
  return here;
}

const transportOf = socket => socket.io.engine.transport.name;

for (const name of ['nginx', 'caddy']) {
  suite(`behind ${name}`, () => {
    const here = behind(name);

    for (const [way, options] of Object.entries(WAYS)) {
      test(`over ${way}, events and bytes come in order, and who came is known`, async () => {
        const socket = here.clients.start('/', options);
        const moved = options.transports.length > 1 && event(socket.io.engine, 'upgrade');
        await event(socket, 'connect');
        await moved;
        assert.equal(transportOf(socket), options.transports.at(-1));
        assert.deepEqual(await ask(socket, 'ask', BYTES), BYTES);
        const numbers = hear(socket, 'number');
        for (let number = 0; number < 300; number++) socket.emit('number', number);
        assert.deepEqual(await count(socket, 'number', numbers, 300), Array.from({ length: 300 }, (_, number) => [number]));
        const { headers } = await ask(socket, 'handshake');
        assert.equal(headers['x-forwarded-for'], '127.0.0.1');
      });
    }
  });
}

suite('behind nginx that sends each request to the next server', () => {
  const here = behind('nginx', { changes: [['hash $remote_addr consistent;', '']] });

  test('who polls is unknown to the other, and a WebSocket alone is not', async () => {
    const polls = here.clients.start('/', { transports: ['polling'] });
    const [error] = await Promise.race([event(polls, 'connect_error'), event(polls, 'disconnect')]);
    assert.match(String(error), /xhr (poll|post) error|transport error/);
    const socket = await here.clients.join('/', { transports: ['websocket'] });
    assert.equal(await ask(socket, 'add', 20, 22), 42);
  });
});

for (const lines of [['proxy_set_header Upgrade $http_upgrade;', 'proxy_set_header Connection $connection_upgrade;'], ['proxy_http_version 1.1;']]) {
  suite(`behind nginx without ${lines.join(' ')}`, () => {
    const here = behind('nginx', { changes: lines.map(line => [line, '']) });

    test('a client stays on polling, and does not notice', async () => {
      const socket = here.clients.start();
      const refused = event(socket.io.engine, 'upgradeError');
      await event(socket, 'connect');
      await refused;
      assert.equal(transportOf(socket), 'polling');
      assert.equal(await ask(socket, 'add', 20, 22), 42);
    });
  });
}

/** Less than the 25 seconds after which a server says something, if nobody tells it otherwise. */
const IMPATIENT = [['proxy_read_timeout 60s', 'proxy_read_timeout 3s']];
const { 'polling, then a WebSocket': _, ...ALONE } = WAYS;

suite('behind nginx that waits for three seconds', () => {
  const here = behind('nginx', { changes: IMPATIENT });

  test('a connection on which nothing is said for longer is cut', async () => {
    const sockets = await Promise.all(Object.values(ALONE).map(options => here.clients.join('/', options)));
    for (const [reason] of await Promise.all(sockets.map(socket => event(socket, 'disconnect')))) {
      assert.match(reason, /^transport (close|error)$/);
    }
  });
});

suite('behind nginx that waits for three seconds, with a ping each second', () => {
  const here = behind('nginx', { changes: IMPATIENT, flags: ['--ping', '1000'] });

  test('a connection stands', async () => {
    const sockets = await Promise.all(Object.values(ALONE).map(options => here.clients.join('/', options)));
    await Promise.all(sockets.map(async socket => {
      const pings = hear(socket.io, 'ping');
      await count(socket.io, 'ping', pings, 4);
      assert.equal(await ask(socket, 'add', 20, 22), 42);
    }));
  });
});
