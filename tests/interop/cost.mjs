// What Socket.IO costs beside a plain WebSocket: requests, bytes on the wire, memory. A table, and no test:
// node cost.mjs
//
// The clients are npm's, without TLS; a browser's requests are longer by its own headers and cookies.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

import { io } from 'socket.io-client';
import { WebSocket, WebSocketServer } from 'ws';

import { Program } from './program.mjs';

const ECHOES = 100;
const IDLE = 1000;
const RELEASE = join(process.env.CARGO_TARGET_DIR ?? join(import.meta.dirname, '../../target'), 'release/examples');

/** A network that counts what passes. */
class Meter {
  up = 0;
  down = 0;
  requests = 0;

  static async before(port) {
    const meter = new Meter();
    meter.listener = createServer(client => {
      const server = connect(port, '127.0.0.1');
      client.on('data', chunk => {
        meter.up += chunk.length;
        meter.requests += (chunk.toString('latin1').match(/ HTTP\/1\.1\r\n/g) ?? []).length;
      });
      server.on('data', chunk => { meter.down += chunk.length; });
      for (const end of [client, server]) end.on('error', () => {});
      client.pipe(server).pipe(client);
    }).listen(0, '127.0.0.1');
    await once(meter.listener, 'listening');
    meter.address = `127.0.0.1:${meter.listener.address().port}`;
    return meter;
  }

  /** What passed since it was asked last. */
  take() {
    const { up, down, requests } = this;
    Object.assign(this, { up: 0, down: 0, requests: 0 });
    return { up, down, requests };
  }
}

/** A WebSocket, and nothing else. */
async function plain() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', socket => socket.on('message', (data, binary) => socket.send(data, { binary })));
  await once(server, 'listening');
  const meter = await Meter.before(server.address().port);
  const socket = new WebSocket(`ws://${meter.address}`, { perMessageDeflate: false });
  await once(socket, 'open');
  const echo = async () => { socket.send('hello'); await once(socket, 'message'); };
  return measure(meter, echo, () => { socket.terminate(); server.close(); });
}

/** Our server, and npm's client. */
async function socketIo(options, upgraded) {
  const server = new Program('socketio', 'socketio-interop', '--port', '0');
  const [, port] = await server.line(/^listening on http:\/\/127\.0\.0\.1:(\d+)/);
  const meter = await Meter.before(port);
  const socket = io(`http://${meter.address}`, options);
  const moved = upgraded && once(socket.io.engine, 'upgrade');
  await once(socket, 'welcome');
  await moved;
  const echo = () => new Promise(resolve => { socket.once('echo', resolve); socket.emit('echo', 'hello'); });
  return measure(meter, echo, () => { socket.disconnect(); return server.stop(); });
}

async function measure(meter, echo, end) {
  await echo();
  await setTimeout(200); // what else belongs to the beginning
  const beginning = meter.take();
  for (let number = 0; number < ECHOES; number++) await echo();
  const { up, down } = meter.take();
  await end();
  meter.listener.close();
  return { 'requests to begin': beginning.requests, 'bytes to begin': beginning.up + beginning.down,
    'bytes up, an echo': Math.round(up / ECHOES), 'bytes down, an echo': Math.round(down / ECHOES) };
}

/** How much an idle WebSocket adds to a server's memory, as Linux counts it. */
async function idle(example, args, path, hello) {
  const program = join(RELEASE, example);
  if (!existsSync(program)) return 'not built';
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = args[0] > 0 ? args[0] : (await once(createInterface(server.stdout), 'line'))[0].split(':').at(-1);
  const open = async () => {
    for (;;) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { perMessageDeflate: false });
      const first = once(socket, 'message'); // the handshake; bare tungstenite sends one as well
      if (await first.then(() => true, () => setTimeout(20, false))) {
        if (hello) { socket.send(hello); await once(socket, 'message'); }
        return socket;
      }
    }
  };
  const memory = () => Number(readFileSync(`/proc/${server.pid}/status`, 'utf8').match(/VmRSS:\s*(\d+)/)[1]) * 1024;
  const sockets = [await open()];
  const before = memory();
  while (sockets.length <= IDLE) sockets.push(await open());
  const grown = memory() - before;
  for (const socket of sockets) socket.terminate();
  server.kill();
  return Math.round(grown / IDLE);
}

console.table({
  'plain WebSocket': await plain(),
  'Socket.IO, WebSocket alone': await socketIo({ transports: ['websocket'] }),
  'Socket.IO, polling and upgrade': await socketIo({}, true),
  'Socket.IO, polling alone': await socketIo({ transports: ['polling'] }),
});
const engine = '/engine.io/?EIO=4&transport=websocket';
console.table({
  'tokio-tungstenite, buffers of 4 KiB': { 'bytes, an idle WebSocket': await idle('engineio-bench', ['bare'], engine) },
  'Engine.IO (lesson 10)': { 'bytes, an idle WebSocket': await idle('engineio-bench', ['ours'], engine) },
  'Socket.IO (lesson 15)': { 'bytes, an idle WebSocket': await idle('socketio-bench', ['4290'], '/socket.io/?EIO=4&transport=websocket', '40') },
});
process.exit(0);
