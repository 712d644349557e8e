// Socket.IO, protocol version 5, on `engineio.js`: packets with attachments (lesson 12), namespaces and answers (13),
// reconnection (16), buffering and recovery (17). What the chat needs, under the names that npm's
// `socket.io-client` gives to it, so that the page runs with either.
// Left out: `retries`, other parsers, `onAny`, cookies of other sites, and Blobs: give it their `arrayBuffer()`.
'use strict';

globalThis.io = (() => {
  const { Emitter, Engine } = engineIo;

  const DEFAULTS = {
    path: '/socket.io/',
    transports: ['polling', 'websocket'], // the first one dials; the second is the upgrade
    upgrade: true,
    tryAllTransports: false, // true: when the first one cannot connect, dial with the next
    reconnection: true,
    reconnectionAttempts: Infinity,
    reconnectionDelay: 1000,
    reconnectionDelayMax: 5000,
    randomizationFactor: 0.5,
    timeout: 20_000, // for a connection to stand
    autoConnect: true,
    maxBuffered: 1000, // packets that may wait to be sent; npm's client has no bound
  };

  // A packet: type, attachments, namespace, id, JSON. `51-/admin,7["file",{"_placeholder":true,"num":0}]`

  const CONNECT = 0, DISCONNECT = 1, EVENT = 2, ACK = 3, CONNECT_ERROR = 4, BINARY = 3; // 5 and 6: with attachments
  const PACKET = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*),)?(\d+)?(.*)$/s;
  const RESERVED = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'];

  /** The text, then the attachments. */
  function encode({ type, nsp, id = '', data }) {
    const attachments = [];
    const json = JSON.stringify(data, function (key, value) {
      const bytes = this[key]; // `value` is what its `toJSON` made of it
      if (!(bytes instanceof ArrayBuffer || ArrayBuffer.isView(bytes))) return value;
      return { _placeholder: true, num: attachments.push(copy(bytes)) - 1 };
    }) ?? '';
    const head = attachments.length > 0 ? `${type + BINARY}${attachments.length}-` : type;
    return [`${head}${nsp === '/' ? '' : `${nsp},`}${id}${json}`, ...attachments];
  }

  /** Now: it may wait, and its owner may write to it. */
  const copy = bytes => new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength).slice().buffer;

  /** What comes, until a packet is complete: then the packet, else `undefined`. Throws what the server did wrong. */
  class Decoder {
    #head;
    #attachments = [];

    add(data) {
      if (typeof data === 'string') {
        if (this.#head) throw new Error(`expected ${this.#missing} more attachments, came a text`);
        this.#head = PACKET.exec(data);
        if (!this.#head) throw new Error(`expected a Socket.IO packet, came "${data.slice(0, 40)}"`);
      } else {
        if (!this.#head) throw new Error('expected a text, came an attachment of none');
        this.#attachments.push(data);
      }
      return this.#missing > 0 ? undefined : this.#finish();
    }

    get #missing() {
      return Number(this.#head[2] ?? 0) - this.#attachments.length;
    }

    #finish() {
      const [, type, , nsp = '/', id, json] = this.#head;
      const attachments = this.#attachments;
      this.#head = undefined;
      this.#attachments = [];
      const whole = (key, value) => value?._placeholder === true ? attachment(attachments, value.num) : value;
      const data = json === '' ? undefined : JSON.parse(json, type > 4 ? whole : undefined);
      const packet = { type: type > 4 ? type - BINARY : Number(type), nsp, id: id && Number(id), data };
      if (!isValid(packet)) throw new Error(`expected arguments as the type ${type} has them, came ${json.slice(0, 40)}`);
      return packet;
    }
  }

  function attachment(attachments, number) {
    if (attachments[number] === undefined) throw new Error(`expected the number of an attachment, came ${number}`);
    return attachments[number];
  }

  function isValid({ type, id, data }) {
    if (type === EVENT) return Array.isArray(data) && typeof data[0] === 'string' && !RESERVED.includes(data[0]);
    if (type === ACK) return Array.isArray(data) && id !== undefined;
    if (type === CONNECT) return typeof data?.sid === 'string';
    return type === DISCONNECT ? data === undefined : data?.message !== undefined;
  }

  /** The connection that several namespaces share, made anew whenever it breaks. */
  class Manager extends Emitter {
    state = 'closed'; // or 'opening', 'open'
    sockets = new Map();
    engine;
    #uri;
    #options;
    #decoder;
    #attempts = 0;
    #next;

    constructor(uri, options) {
      super();
      this.#uri = uri;
      this.#options = options;
    }

    open() {
      if (this.state !== 'closed') return;
      clearTimeout(this.#next);
      this.state = 'opening';
      this.#decoder = new Decoder();
      const engine = this.engine = new Engine(this.#uri, this.#options);
      const late = setTimeout(() => engine.close(), this.#options.timeout);
      engine.on('open', () => {
        clearTimeout(late);
        this.#opened();
      });
      engine.on('data', data => this.#heard(data));
      engine.on('close', (reason, error) => {
        clearTimeout(late);
        if (engine === this.engine) this.#closed(reason, error);
      });
    }

    send(packet) {
      for (const part of encode(packet)) this.engine.send(part);
    }

    /** When the last namespace is left, the connection has no use. */
    release() {
      if (this.#active.length > 0) return;
      clearTimeout(this.#next);
      this.#attempts = 0;
      this.engine?.close();
      this.state = 'closed';
      this.engine = undefined;
    }

    get waiting() { return this.engine?.queue.length ?? 0; }

    get writable() { return this.engine?.transport.writable ?? false; }

    get #active() { return [...this.sockets.values()].filter(socket => socket.active); }

    #opened() {
      this.state = 'open';
      const attempts = this.#attempts;
      this.#attempts = 0;
      for (const socket of this.#active) socket.hello();
      if (attempts > 0) this.tell('reconnect', attempts);
    }

    #heard(data) {
      try {
        const packet = this.#decoder.add(data);
        if (packet) this.sockets.get(packet.nsp)?.heard(packet);
      } catch (error) {
        const { engine } = this;
        this.#closed('parse error', error);
        engine.close();
      }
    }

    #closed(reason, error) {
      const opened = this.state === 'open';
      this.state = 'closed';
      this.engine = undefined;
      for (const socket of this.#active) {
        if (opened) socket.lost(reason);
        else socket.tell('connect_error', error ?? new Error('timeout'));
      }
      if (!opened && this.#attempts > 0) this.tell('reconnect_error', error);
      if (this.#options.reconnection && this.#active.length > 0) this.#again();
    }

    #again() {
      if (this.#attempts >= this.#options.reconnectionAttempts) {
        this.#attempts = 0;
        return this.tell('reconnect_failed');
      }
      this.#next = setTimeout(() => {
        this.tell('reconnect_attempt', this.#attempts);
        if (this.#active.length > 0) this.open();
      }, this.#delay());
      this.#attempts += 1;
    }

    /** Twice as long each time; and by chance more or less, so that not all come back at once. */
    #delay() {
      const { reconnectionDelay, reconnectionDelayMax, randomizationFactor } = this.#options;
      const delay = reconnectionDelay * 2 ** this.#attempts;
      const jitter = delay * randomizationFactor * (2 * Math.random() - 1);
      return Math.min(delay + jitter, reconnectionDelayMax);
    }
  }

  /** One namespace. */
  class Socket extends Emitter {
    connected = false;
    recovered = false;
    active = false; // connected, or about to be
    id;
    #options;
    #waiting = []; // packets of events, for when the namespace is joined
    #early = []; // what was missed comes before the yes that ends it
    #acks = new Map();
    #ids = 0;
    #flags = {};
    #pid; // the secret that proves who we were
    #offset; // of the last event that we have heard

    constructor(manager, nsp, options) {
      super();
      this.io = manager;
      this.nsp = nsp;
      this.auth = options.auth;
      this.#options = options;
      if (options.autoConnect) this.connect();
    }

    get disconnected() { return !this.connected; }

    get volatile() {
      this.#flags.volatile = true;
      return this;
    }

    timeout(ms) {
      this.#flags.timeout = ms;
      return this;
    }

    connect() {
      if (this.active) return this;
      this.active = true;
      if (this.io.state === 'open') this.hello();
      else this.io.open();
      return this;
    }

    disconnect() {
      if (this.connected) this.io.send({ type: DISCONNECT, nsp: this.nsp });
      this.#leave('io client disconnect');
      return this;
    }

    emit(name, ...args) {
      if (RESERVED.includes(name)) throw new Error(`expected a name that is not reserved, came "${name}"`);
      const { volatile, timeout } = this.#flags;
      this.#flags = {};
      if (volatile && !(this.connected && this.io.writable)) return this;
      if (this.#waiting.length + this.io.waiting >= this.#options.maxBuffered) {
        throw new Error(`expected at most ${this.#options.maxBuffered} packets to wait, came one more; try again later`);
      }
      const packet = { type: EVENT, nsp: this.nsp };
      if (typeof args.at(-1) === 'function') packet.id = this.#expect(args.pop(), timeout);
      packet.data = [name, ...args];
      if (this.connected) this.io.send(packet);
      else this.#waiting.push(packet);
      return this;
    }

    emitWithAck(name, ...args) {
      return new Promise((resolve, reject) => {
        const answer = (error, value) => error ? reject(error) : resolve(value);
        answer.hearsErrors = true;
        this.emit(name, ...args, answer);
      });
    }

    /** A function that has a timeout gets an error first, or null. */
    #expect(answer, timeout) {
      const id = this.#ids++;
      const hearsErrors = answer.hearsErrors || timeout !== undefined;
      const late = timeout === undefined ? undefined : setTimeout(() => {
        this.#acks.delete(id);
        this.#waiting = this.#waiting.filter(packet => packet.id !== id);
        answer(new Error('operation has timed out'));
      }, timeout);
      this.#acks.set(id, { answer, hearsErrors, late });
      return id;
    }

    hello() {
      const { engine } = this.io;
      const send = auth => {
        if (engine !== this.io.engine) return; // who asks somebody for a token may be too late with it
        const was = this.#pid && { pid: this.#pid, offset: this.#offset };
        this.io.send({ type: CONNECT, nsp: this.nsp, data: auth || was ? { ...was, ...auth } : undefined });
      };
      if (typeof this.auth === 'function') this.auth(send);
      else send(this.auth);
    }

    heard({ type, id, data }) {
      if (!this.active) return; // it has been left, and this was on its way
      switch (type) {
        case CONNECT: return this.#welcome(data);
        case EVENT: return this.connected ? this.#event(data, id) : this.#early.push([data, id]);
        case ACK: return this.#answered(id, data);
        case DISCONNECT: return this.#leave('io server disconnect');
        case CONNECT_ERROR:
          this.#leave();
          return this.tell('connect_error', Object.assign(new Error(data.message), { data: data.data }));
      }
    }

    #welcome({ sid, pid }) {
      this.id = sid;
      this.recovered = pid !== undefined && pid === this.#pid;
      this.#pid = pid;
      this.connected = true;
      for (const [data, id] of this.#early.splice(0)) this.#event(data, id);
      for (const packet of this.#waiting.splice(0)) this.io.send(packet);
      this.tell('connect');
    }

    #event(data, id) {
      const [name, ...args] = data;
      if (this.#pid && typeof data.at(-1) === 'string') this.#offset = data.at(-1);
      if (id !== undefined) args.push(this.#answerOnce(id));
      this.tell(name, ...args);
    }

    #answerOnce(id) {
      return (...data) => {
        if (id !== undefined && this.connected) this.io.send({ type: ACK, nsp: this.nsp, id, data });
        id = undefined;
      };
    }

    #answered(id, data) {
      const ack = this.#acks.get(id);
      if (!ack) return; // too late, or to a question that nobody asked
      this.#acks.delete(id);
      clearTimeout(ack.late);
      if (ack.hearsErrors) ack.answer(null, ...data);
      else ack.answer(...data);
    }

    /** The connection is gone: what was asked will not be answered. What waits still waits. */
    lost(reason) {
      const was = this.connected;
      this.connected = false;
      this.id = undefined;
      const waiting = new Set(this.#waiting.map(packet => packet.id));
      for (const [id, { answer, hearsErrors, late }] of this.#acks) {
        if (waiting.has(id)) continue;
        this.#acks.delete(id);
        clearTimeout(late);
        if (hearsErrors) answer(new Error('socket has been disconnected'));
      }
      if (was) this.tell('disconnect', reason);
    }

    /** On purpose, so that nobody comes back by itself. */
    #leave(reason) {
      this.active = false;
      this.io.release();
      this.lost(reason);
    }
  }

  const managers = new Map();

  /** `io()`, `io(options)`, `io('/admin')`, `io('https://example.org/admin', options)`. */
  return function io(uri = '/', options = {}) {
    if (typeof uri === 'object') return io('/', uri);
    const { origin, pathname: nsp } = new URL(uri, globalThis.location?.href);
    const settings = { ...DEFAULTS, ...options };
    const known = managers.get(origin);
    const shared = known && !settings.forceNew && !known.sockets.has(nsp);
    const manager = shared ? known : new Manager(origin, settings);
    if (!known && !settings.forceNew) managers.set(origin, manager);
    const socket = new Socket(manager, nsp, settings);
    manager.sockets.set(nsp, socket);
    return socket;
  };
})();
