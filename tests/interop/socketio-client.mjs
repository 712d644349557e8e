// The official client, and how to wait for what it hears.

import { io } from 'socket.io-client';
import * as msgpackParser from 'socket.io-msgpack-parser';

const DEADLINE = 20_000;

export const WAYS = {
  'polling alone': { transports: ['polling'] },
  'a WebSocket alone': { transports: ['websocket'] },
  'polling, then a WebSocket': { transports: ['polling', 'websocket'] },
};

export const PARSERS = {
  JSON: { flags: [], options: {} },
  MessagePack: { flags: ['--msgpack'], options: { parser: msgpackParser } },
};

/** A wait that ends: without what is waited for, it says so. */
export function inTime(what, promise) {
  let late;
  const end = new Promise((_, reject) => {
    late = setTimeout(() => reject(new Error(`waited ${DEADLINE} ms for ${what}, and it did not come`)), DEADLINE);
  });
  return Promise.race([promise, end]).finally(() => clearTimeout(late));
}

/** The arguments of the next event of this name. */
export const event = (emitter, name) => inTime(name, new Promise(resolve => {
  emitter.once(name, (...args) => resolve(plain(args)));
}));

/** Bytes may come in one of several types, at any depth. */
function plain(value) {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value?.constructor !== Object) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** All that is heard under a name, in order. */
export function hear(socket, name) {
  const heard = [];
  socket.on(name, (...args) => heard.push(plain(args)));
  return heard;
}

/** Until at least so many have been heard. */
export const count = (socket, name, heard, wanted) => inTime(`${wanted} of ${name}`, new Promise(resolve => {
  const look = () => { if (heard.length >= wanted) resolve(heard); };
  socket.on(name, look);
  look();
}));

export const ask = async (socket, name, ...args) => plain(await socket.timeout(DEADLINE).emitWithAck(name, ...args));

/** Clients of one server, which all end with `close`. */
export class Clients {
  #open = [];

  constructor(address, options = {}) {
    this.address = address;
    this.options = options;
  }

  /** A client that begins to connect, over a connection of its own; `at` is where, if it is elsewhere. */
  start(nsp = '/', { at = this.address, ...options } = {}) {
    const socket = io(at + nsp, { forceNew: true, reconnection: false, ...this.options, ...options });
    this.#open.push(socket);
    return socket;
  }

  /** A client that has been let in. */
  async join(nsp = '/', options = {}) {
    const socket = this.start(nsp, options);
    const refused = event(socket, 'connect_error').then(([error]) => { throw error; });
    await Promise.race([event(socket, 'connect'), refused]);
    refused.catch(() => {});
    return socket;
  }

  close() {
    for (const socket of this.#open.splice(0)) socket.io._close();
  }
}
