// Lesson 11: our client and the reference's server.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { afterEach, test } from 'node:test';
import { promisify } from 'node:util';

import { Server } from 'engine.io';

import { Certificate } from './certificate.mjs';
import { built, Program } from './program.mjs';

const COUNT = 1000;
const LIMIT = 1000;
const REFUSED = /^expected at most 1000 bytes in a packet \(the server's maxPayload\), came 1001; send less$/;

/** What a test leaves behind. */
const open = [];

afterEach(async () => {
  for (const each of open.splice(0)) {
    if (each instanceof Program) await each.stop();
    else each.close().closeAllConnections();
  }
});

function numbered(number) {
  const text = String(number);
  return number % 2 === 0 ? text : Buffer.from(text);
}

/** What happened at the server while our client talked to it. */
async function talk(way, options = {}) {
  const http = createServer();
  const server = new Server({ pingInterval: 200, pingTimeout: 400, maxHttpBufferSize: LIMIT, ...options });
  server.attach(http, { path: '/engine.io/' });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');

  const seen = { requests: [], heard: [], longest: 0, transports: [], reason: undefined };
  const see = request => seen.requests.push({ method: request.method, headers: request.headers, url: request.url });
  http.on('request', see);
  // Without a listener Node answers an upgrade as any request; with one, nobody would.
  if (server.opts.transports.includes('websocket')) http.on('upgrade', see);
  const ended = new Promise(resolve => {
    server.on('connection', socket => {
      seen.transports.push(socket.transport.name);
      socket.on('upgrade', transport => seen.transports.push(transport.name));
      socket.on('close', reason => { seen.reason = reason; resolve(); });
      socket.on('message', message => {
        if (seen.heard.length < COUNT) seen.heard.push(message);
        else seen.longest = Math.max(seen.longest, message.length);
      });
      for (let number = 0; number < COUNT; number += 1) socket.send(numbered(number));
    });
  });
  open.push(http);
  const program = new Program('interop', 'engineio-talk', `http://127.0.0.1:${http.address().port}`, way, String(COUNT));
  open.push(program);
  return { server, program, seen, ended };
}

/** The talk, until our client has been refused a text that is too long, and the server has closed. */
async function wholeTalk(way, options) {
  const { server, program, seen, ended } = await talk(way, options);
  const [, begins] = await program.line(/^begins on (.+)/);
  await program.line(new RegExp(`^heard ${COUNT} in order$`));
  await program.line(REFUSED);
  // Longer than the server would wait for a pong.
  await new Promise(resolve => setTimeout(resolve, 1000));
  assert.equal(seen.reason, undefined, 'pings are answered');
  server.close();
  await ended;
  const [, ends] = await program.line(/^ends on (.+)/);
  assert.deepEqual(seen.heard, Array.from({ length: COUNT }, (_, number) => numbered(number)));
  assert.equal(seen.longest, LIMIT - 1, 'the type counts');
  return { begins, ends, seen };
}

test('over polling alone', async () => {
  const { begins, ends, seen } = await wholeTalk('polling');
  assert.equal(begins, 'polling');
  assert.equal(ends, 'polling: closed by the server');
  assert.deepEqual(seen.transports, ['polling']);
});

test('over a WebSocket alone', async () => {
  const { begins, ends, seen } = await wholeTalk('websocket');
  assert.equal(begins, 'websocket');
  assert.match(ends, /^websocket: the WebSocket ended: /);
  assert.deepEqual(seen.transports, ['websocket']);
});

test('across the upgrade', async () => {
  const { begins, ends, seen } = await wholeTalk('upgrade');
  assert.equal(begins, 'polling');
  assert.match(ends, /^websocket: /);
  assert.deepEqual(seen.transports, ['polling', 'websocket']);
});

test('WebSocket first, where it passes and where it does not', async () => {
  assert.equal((await wholeTalk('websocket-first')).begins, 'websocket');
  const { begins, seen } = await wholeTalk('websocket-first', { transports: ['polling'] });
  assert.equal(begins, 'polling');
  assert.deepEqual(seen.transports, ['polling']);
});

test('why a server refuses is told', async () => {
  const { program } = await talk('websocket', { transports: ['polling'] });
  await program.line(/^no connection, by websocket: expected status 101 Switching Protocols, came 400 Bad Request \(Transport unknown\)$/);
});

test('https and wss, with a certificate that the system is told to trust', async () => {
  const certificate = new Certificate();
  const https = createSecureServer({ key: certificate.key, cert: certificate.cert });
  open.push(https);
  new Server().attach(https, { path: '/engine.io/' });
  https.listen(0, 'localhost');
  await once(https, 'listening');
  const url = `https://localhost:${https.address().port}`;
  Object.assign(process.env, certificate.trust);
  for (const way of ['polling', 'websocket']) {
    const program = new Program('engineio-client', 'engineio-cli', url, '--transport', way);
    program.endInput(); // so it connects and closes
    await program.line(new RegExp(`^\\* connected by ${way}$`));
    await program.line(/^\* closed by the client$/);
  }
  delete process.env.SSL_CERT_FILE;
  const stranger = promisify(execFile)(built('engineio-client', 'engineio-cli'), [url]);
  await assert.rejects(stranger, /cannot reach the server: .*certificate/);
  certificate.remove();
});

test('each request carries the cookie that came', async () => {
  const { seen } = await wholeTalk('upgrade', { cookie: true });
  const [first, ...rest] = seen.requests;
  assert.equal(first.headers.cookie, undefined);
  assert.ok(rest.length > 3);
  const { cookie } = rest[0].headers;
  assert.match(cookie, /^io=[\w-]{20}$/);
  rest.forEach(({ headers }) => assert.equal(headers.cookie, cookie));
  const polls = seen.requests.filter(({ url }) => url.includes('transport=polling'));
  assert.equal(new Set(polls.map(({ url }) => url)).size, polls.length, 'no cache can know a request');
});
