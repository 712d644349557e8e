// The official server, and our clients at it.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

import { Server } from 'socket.io';
import * as msgpackParser from 'socket.io-msgpack-parser';

import { Cable } from './network.mjs';
import { event } from './socketio-client.mjs';
import { Talk } from './socketio-talk.mjs';

/** How our client goes, and over which transports the server then sees it. */
export const WAYS = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };

export const PARSERS = { JSON: undefined, MessagePack: msgpackParser };

export class Peer {
  #talks = [];
  #http;
  #port;

  /** `settings` are our client's, `options` the server's; with a `certificate` they speak TLS. */
  static async start(settings, options = {}, certificate = null) {
    const peer = Object.assign(new Peer(), { settings, options, certificate });
    await peer.#serve(0);
    peer.cable = await Cable.start(`http://127.0.0.1:${peer.#http.address().port}`);
    return peer;
  }

  async #serve(port) {
    this.#http = this.certificate ? createSecureServer(this.certificate) : createServer();
    this.io = new Server(this.#http, { parser: PARSERS[this.settings.parser], ...this.options });
    this.#http.listen(port, '127.0.0.1');
    await once(this.#http, 'listening');
  }

  /** Where our clients find the server. */
  get address() {
    return this.certificate ? this.cable.address.replace('http', 'https') : this.cable.address;
  }

  /** The server ends; `comeBack` starts a new one at its port. */
  async stop() {
    this.#port = this.#http.address().port;
    await this.io.close();
  }

  comeBack() { return this.#serve(this.#port); }

  talk(settings = {}) {
    const talk = new Talk(this.address, { ...this.settings, ...settings }, this.certificate?.trust);
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
