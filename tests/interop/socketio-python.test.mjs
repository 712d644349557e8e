// Lesson 15: our Socket.IO server, in the hands of the client that Python has.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import { Program } from './program.mjs';
import { python } from './python.mjs';
import { PARSERS, WAYS } from './socketio-client.mjs';

for (const [name, { flags }] of Object.entries(PARSERS)) {
  suite(name, () => {
    let server;
    let address;

    before(async () => {
      // A client that is refused on polling may leave only when it is pinged.
      server = new Program('socketio', 'socketio-interop', '--port', '0', '--ping', '3000', ...flags);
      [, address] = await server.line(/^listening on (http:\/\/[^/ ]+)/);
    });
    after(async () => assert.equal(await server.stop(), 0));

    for (const [way, { transports }] of Object.entries(WAYS)) {
      test(way, () => python('socketio_client.py', address, name, ...transports));
    }
  });
}
