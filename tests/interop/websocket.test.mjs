// Lesson 06: an echo that others made clients and servers for.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';

import { WebSocket, WebSocketServer } from 'ws';

import { launch } from './browser.mjs';
import { built, Program } from './program.mjs';
import { python } from './python.mjs';

const MIB = 1 << 20;
const MESSAGES = ['hello', '', 'κόσμε 😀', 'x'.repeat(MIB), Buffer.alloc(0), Buffer.alloc(MIB, 'any bytes')];

const run = (...options) => new Program('websocket-connection', 'websocket-echo', ...options);
const signal = () => AbortSignal.timeout(20_000);
const heard = socket => once(socket, 'message', { signal: signal() });

/** What npm's `ws` says to an echo, whichever of the two is the server. */
async function converse(socket) {
  for (const message of MESSAGES) {
    const echo = heard(socket);
    socket.send(message);
    const [data, isBinary] = await echo;
    assert.equal(isBinary, typeof message !== 'string');
    assert.ok(data.equals(Buffer.from(message)), `${message.length} bytes came back`);
  }
  const euro = Buffer.from('€');
  const echo = heard(socket);
  const pong = once(socket, 'pong', { signal: signal() });
  socket.send(euro.subarray(0, 1), { binary: false, fin: false });
  socket.ping('in between');
  socket.send(euro.subarray(1), { binary: false, fin: true });
  assert.equal(String(await pong), 'in between');
  assert.equal(String((await echo)[0]), '€');
}

async function part(socket, code, reason) {
  const closed = once(socket, 'close', { signal: signal() });
  socket.close(code, reason);
  const [came, words] = await closed;
  assert.deepEqual([came, String(words)], [code, reason]);
}

suite('the server', () => {
  let server;
  let address;

  const start = async (...options) => {
    server = run('--port', '0', ...options);
    [, address] = await server.line(/^listening on http:\/\/(\S+)/);
  };
  const stop = async () => {
    const started = server;
    server = undefined;
    assert.equal(await started?.stop() ?? 0, 0, 'the server ends well');
  };
  const connect = async () => {
    const socket = new WebSocket(`ws://${address}/`);
    await once(socket, 'open', { signal: signal() });
    return socket;
  };

  afterEach(stop);

  test('ws converses, and closes with a code and a reason', async () => {
    await start();
    const socket = await connect();
    await converse(socket);
    await part(socket, 4000, 'that was all');
    await server.line(/^closed by the peer with 4000: that was all$/);
  });

  test('ws puts together what comes in fragments', async () => {
    await start('--fragment', '1000');
    const socket = await connect();
    await converse(socket);
    await part(socket, 1000, '');
  });

  test('ws is told why', async () => {
    await start();
    // ws sends nothing wrong by itself, so these go past it: a mask key of zeros changes nothing.
    const raw = (socket, ...bytes) => socket._socket.write(Buffer.from(bytes));
    const faults = [
      [socket => raw(socket, 0x81, 0x81, 0, 0, 0, 0, 0xff), 1007, /UTF-8/],
      [socket => socket.send(Buffer.alloc(MIB + 1)), 1009, /max_message.*1048577/],
      [socket => raw(socket, 0x80, 0x80, 0, 0, 0, 0), 1002, /continuation/],
      [socket => raw(socket, 0x83, 0x80, 0, 0, 0, 0), 1002, /opcode/],
      [socket => raw(socket, 0xc1, 0x80, 0, 0, 0, 0), 1002, /reserved/],
    ];
    for (const [offend, code, reason] of faults) {
      const socket = await connect();
      const closed = once(socket, 'close', { signal: signal() });
      offend(socket);
      const [came, words] = await closed;
      assert.equal(came, code);
      assert.match(String(words), reason);
    }
  });

  test('ws hears that the server stops', async () => {
    await start();
    const socket = await connect();
    const closed = once(socket, 'close', { signal: signal() });
    await stop();
    const [code, reason] = await closed;
    assert.deepEqual([code, String(reason)], [1001, 'stopping']);
  });

  test('python websockets converses', async () => {
    await start();
    await python('websocket_client.py', `ws://${address}/`);
    await server.line(/^closed by the peer with 4001: from python$/);
  });

  test('Autobahn finds no fault', async () => {
    await start('--limit', String(16 * MIB));
    await python('autobahn.py', 'server', address);
  });

  suite('in Chromium', () => {
    let browser;
    before(async () => {
      browser = await launch();
    });
    after(() => browser?.close());

    test('a page converses, and closes', async () => {
      await start();
      const page = await browser.newPage();
      await page.goto(`http://${address}/`); // any page of this origin, even a refusal
      const closed = await page.evaluate(async mib => {
        const socket = new WebSocket(`ws://${location.host}/`);
        socket.binaryType = 'arraybuffer';
        const next = name => new Promise(resolve => socket.addEventListener(name, resolve, { once: true }));
        await next('open');
        const texts = ['hello', '', 'κόσμε 😀', 'x'.repeat(mib)];
        const binaries = [new Uint8Array(0), new Uint8Array(mib).fill(7)];
        for (const message of [...texts, ...binaries]) {
          const echo = next('message');
          socket.send(message);
          const { data } = await echo;
          const isSame = typeof message === 'string'
            ? data === message
            : data.byteLength === message.length && new Uint8Array(data).every((byte, i) => byte === message[i]);
          if (!isSame) throw new Error(`sent ${message.length}, and something else came back`);
        }
        const end = next('close');
        socket.close(4002, 'from a page');
        const { code, reason, wasClean } = await end;
        return { code, reason, wasClean };
      }, MIB);
      assert.deepEqual(closed, { code: 4002, reason: 'from a page', wasClean: true });
      await server.line(/^closed by the peer with 4002: from a page$/);
      await page.close();
    });

    test('a page that is left says 1001, and a server that stops says so, too', async () => {
      await start();
      const [leaving, staying] = await Promise.all([browser.newPage(), browser.newPage()]);
      const closes = page => page.evaluate(() => new Promise(resolve => {
        const socket = new WebSocket(`ws://${location.host}/`);
        socket.onopen = () => resolve();
        window.ending = new Promise(end => { socket.onclose = ({ code, reason, wasClean }) => end({ code, reason, wasClean }); });
      }));
      for (const page of [leaving, staying]) {
        await page.goto(`http://${address}/`);
        await closes(page);
      }
      await leaving.goto('about:blank');
      await server.line(/^closed by the peer with 1001/);
      await stop();
      assert.deepEqual(await staying.evaluate(() => window.ending), { code: 1001, reason: 'stopping', wasClean: true });
    });
  });
});

suite('the client', () => {
  let listener;

  beforeEach(async () => {
    listener = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(listener, 'listening');
  });
  afterEach(() => listener.close());

  const dialled = async (...options) => {
    const connection = once(listener, 'connection', { signal: signal() });
    const client = run('--dial', `127.0.0.1:${listener.address().port}`, ...options);
    const [socket] = await connection;
    return [client, socket];
  };

  test('converses with a ws server', async () => {
    const [client, socket] = await dialled();
    await converse(socket);
    await part(socket, 4000, 'that was all');
    await client.line(/^closed by the peer with 4000: that was all$/);
    assert.equal(await client.stop(), 0);
  });

  test('Autobahn finds no fault', () =>
    python('autobahn.py', 'client', built('websocket-connection', 'websocket-echo')));

  test('sends fragments to a ws server, and closes by itself', async () => {
    const [client, socket] = await dialled('--fragment', '1000');
    await converse(socket);
    const closed = once(socket, 'close', { signal: signal() });
    assert.equal(await client.stop(), 0);
    const [code, reason] = await closed;
    assert.deepEqual([code, String(reason)], [1001, 'stopping']);
  });
});
