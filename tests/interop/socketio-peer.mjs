// The official server, and our clients at it.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { Server } from 'socket.io';
import * as msgpackParser from 'socket.io-msgpack-parser';

import { Cable } from './network.mjs';
import { event } from './socketio-client.mjs';
import { Talk } from './socketio-talk.mjs';

/** How our client goes, and over which transports the server then sees it. */
export const WAYS = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };

export const PARSERS = { JSON: undefined, MessagePack: msgpackParser };

export class Peer {
  #http = createServer();
  #talks = [];

  /** `settings` are our client's, `options` the server's. */
  static async start(settings, options = {}) {
    const peer = new Peer();
    peer.settings = settings;
    peer.io = new Server(peer.#http, { parser: PARSERS[settings.parser], ...options });
    peer.#http.listen(0, '127.0.0.1');
    await once(peer.#http, 'listening');
    peer.cable = await Cable.start(`http://127.0.0.1:${peer.#http.address().port}`);
    return peer;
  }

  talk(settings = {}) {
    const talk = new Talk(this.cable.address, { ...this.settings, ...settings });
    this.#talks.push(talk);
    return talk;
  }

  /** Our client and the server's socket, joined over all transports of the client's way. */
  async join(settings = {}) {
    const talk = this.talk(settings);
    const came = event(this.io, 'connection');
    const id = await talk.join();
    const [socket] = await came;
    if (this.settings.way === 'upgrade' && socket.conn.transport.name === 'polling') await event(socket.conn, 'upgrade');
    return { talk, socket, id };
  }

  async close() {
    await Promise.all(this.#talks.map(talk => talk.stop()));
    this.cable.close();
    await this.io.close();
  }
}
