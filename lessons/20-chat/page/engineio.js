// Engine.IO, version 4: a connection that always works, over polling, a WebSocket, or first one and then the
// other. The lower half of a small client; `socketio.js` is the upper one. Lessons 08 to 11 build the same.
'use strict';

const engineIo = (() => {
  class Emitter {
    #listeners = new Map();

    on(name, listener) {
      this.#listeners.set(name, [...this.#listeners.get(name) ?? [], listener]);
      return this;
    }

    once(name, listener) {
      const once = (...args) => {
        this.off(name, once);
        listener(...args);
      };
      once.stands = listener;
      return this.on(name, once);
    }

    off(name, listener) {
      const left = (this.#listeners.get(name) ?? []).filter(it => it !== listener && it.stands !== listener);
      this.#listeners.set(name, listener ? left : []);
      return this;
    }

    /** A listener that throws is reported, and stops neither the others nor the connection. */
    tell(name, ...args) {
      for (const listener of this.#listeners.get(name) ?? []) {
        try {
          listener(...args);
        } catch (error) {
          queueMicrotask(() => { throw error; });
        }
      }
    }
  }

  // A packet is a string that begins with its type, or an ArrayBuffer, which is a message.

  const OPEN = '0', CLOSE = '1', PING = '2', PONG = '3', MESSAGE = '4', UPGRADE = '5';
  const SEPARATOR = '\x1e'; // between the packets of one HTTP body

  const toBase64 = buffer => btoa(Array.from(new Uint8Array(buffer), byte => String.fromCharCode(byte)).join(''));
  const fromBase64 = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer;

  /** A GET that the server holds until it has something to say; and a POST for what is said to it. */
  class Polling {
    name = 'polling';
    writable = true; // one POST at a time, or they could overtake each other
    #url;
    #hears;
    #cancel = new AbortController();
    #paused = false;
    #reading;
    #writing;

    constructor(url, hears) {
      this.#url = url;
      this.#hears = hears;
      this.#reading = this.#poll();
    }

    async #poll() {
      try {
        while (!this.#paused) {
          const payload = await this.#request({ method: 'GET' });
          for (const packet of payload.split(SEPARATOR)) {
            this.#hears.packet(packet[0] === 'b' ? fromBase64(packet.slice(1)) : packet);
          }
        }
      } catch (error) {
        this.#hears.lost('transport error', error);
      }
    }

    send(packets) {
      this.writable = false;
      const body = packets.map(inText).join(SEPARATOR);
      this.#writing = this.#request({ method: 'POST', body }).then(
        () => {
          this.writable = true;
          this.#hears.drain();
        },
        error => this.#hears.lost('transport error', error),
      );
    }

    async #request(options) {
      const answer = await fetch(this.#url(), { ...options, cache: 'no-store', signal: this.#cancel.signal });
      if (!answer.ok) throw new Error(`expected 200, came ${answer.status}: ${await answer.text()}`);
      return answer.text();
    }

    /** Resolves when nothing is on its way any more: what comes next may take another way. */
    pause() {
      this.#paused = true;
      return Promise.all([this.#reading, this.#writing]);
    }

    close({ politely }) {
      const told = politely ? this.#request({ method: 'POST', body: CLOSE, keepalive: true }) : Promise.reject();
      this.#paused = true;
      told.catch(() => {}).then(() => this.#cancel.abort());
    }
  }

  const inText = packet => typeof packet === 'string' ? packet : `b${toBase64(packet)}`;

  /** In bytes: base64 makes four of three. */
  function sizeInText(packet) {
    return typeof packet === 'string' ? new TextEncoder().encode(packet).length : 1 + 4 * Math.ceil(packet.byteLength / 3);
  }

  /** A frame is a packet: in text, or in binary for a binary message. */
  class WebSocketTransport {
    name = 'websocket';
    writable = false;
    #socket;

    constructor(url, hears) {
      try {
        this.#socket = new WebSocket(url().replace(/^http/, 'ws'));
      } catch (error) {
        queueMicrotask(() => hears.lost('transport error', error)); // not before whoever dials has this transport
        return;
      }
      this.#socket.binaryType = 'arraybuffer';
      this.#socket.onopen = () => {
        this.writable = true;
        hears.open?.();
      };
      this.#socket.onmessage = ({ data }) => hears.packet(data);
      this.#socket.onerror = () => hears.lost('transport error', new Error('websocket error'));
      this.#socket.onclose = () => hears.lost('transport close', new Error('the WebSocket was closed'));
    }

    send(packets) {
      for (const packet of packets) this.#socket.send(packet);
    }

    close() {
      this.#socket?.close();
    }
  }

  const TRANSPORTS = { polling: Polling, websocket: WebSocketTransport };

  /** One connection: the handshake, the heartbeat, the upgrade. Tells `open`, `data`, `upgrade`, `close`. */
  class Engine extends Emitter {
    state = 'opening'; // then 'open', perhaps 'closing', and 'closed'
    queue = []; // packets that wait for the transport
    #base;
    #options;
    #handshake = {};
    #probe;
    #upgrading = false;
    #silence;
    #offline = () => this.#end('transport close', new Error('the network is gone'));

    constructor(base, options) {
      super();
      this.#base = base;
      this.#options = options;
      globalThis.addEventListener?.('offline', this.#offline);
      this.#dial(options.transports);
    }

    /** A text, or an ArrayBuffer. */
    send(message) {
      this.#write(typeof message === 'string' ? MESSAGE + message : message);
    }

    /** Once all that waits has been sent. */
    close() {
      if (this.state === 'opening') return this.#end('forced close');
      if (this.state === 'open') this.state = 'closing';
      this.#flush();
    }

    #write(packet) {
      if (this.state !== 'open') return;
      this.queue.push(packet);
      this.#flush();
    }

    #dial([name, ...others]) {
      const transport = this.#create(name, {
        packet: packet => this.#heard(packet),
        drain: () => this.#flush(),
        lost: (reason, error) => {
          if (transport !== this.transport) return;
          const next = this.state === 'opening' && this.#options.tryAllTransports && others.length > 0;
          if (next) this.#dial(others);
          else this.#end(reason, error);
        },
      });
      this.transport = transport;
    }

    #create(name, hears) {
      const url = () => {
        const { sid } = this.#handshake; // polling asks each time: there is none before the handshake
        const query = new URLSearchParams({ EIO: '4', transport: name, ...sid && { sid } });
        return `${this.#base}${this.#options.path}?${query}`;
      };
      return new TRANSPORTS[name](url, hears);
    }

    #heard(packet) {
      if (this.state === 'closed') return;
      if (typeof packet !== 'string') return this.tell('data', packet);
      const data = packet.slice(1);
      switch (packet[0]) {
        case OPEN: return this.#open(data);
        case CLOSE: return this.#end('transport close');
        case PING:
          this.#listen();
          this.tell('ping');
          return this.#write(PONG + data);
        case MESSAGE: return this.tell('data', data);
        // A noop only ends a GET. What else there is, a later version may know.
      }
    }

    #open(data) {
      try {
        this.#handshake = JSON.parse(data);
      } catch (error) {
        return this.#end('parse error', error);
      }
      this.state = 'open';
      this.#listen();
      this.tell('open');
      const { upgrades = [] } = this.#handshake;
      if (this.#options.upgrade && this.#options.transports.includes('websocket') && upgrades.includes('websocket')) {
        this.#try();
      }
    }

    /** The server pings; a silence of both its times together means that it is gone. */
    #listen() {
      clearTimeout(this.#silence);
      const { pingInterval, pingTimeout } = this.#handshake;
      this.#silence = setTimeout(() => this.#end('ping timeout'), pingInterval + pingTimeout);
    }

    /** A WebSocket beside the polling. Only when a ping has gone through it and come back is it used. */
    #try() {
      const probe = this.#probe = this.#create('websocket', {
        open: () => probe.send([`${PING}probe`]),
        packet: packet => {
          if (probe === this.transport) this.#heard(packet);
          else if (packet === `${PONG}probe`) this.#upgrade(probe);
        },
        lost: (reason, error) => {
          if (probe === this.transport || this.#upgrading) this.#end(reason, error);
          else this.tell('upgradeError', error); // polling goes on: this is the fallback
        },
      });
    }

    async #upgrade(probe) {
      this.#upgrading = true; // nothing is sent until polling has come to rest: nothing can overtake
      await this.transport.pause();
      if (this.state === 'closed') return;
      probe.send([UPGRADE]);
      this.transport = probe;
      this.#upgrading = false;
      this.tell('upgrade', probe);
      this.#flush();
    }

    #flush() {
      if (this.#upgrading || !this.transport.writable) return;
      if (this.queue.length > 0) this.transport.send(this.#next());
      else if (this.state === 'closing') this.#end('forced close');
      if (this.state === 'closing') this.#flush();
    }

    /** As many packets as the server takes in one request. */
    #next() {
      let size = 0;
      const over = this.queue.findIndex((packet, index) => {
        size += 1 + sizeInText(packet);
        return index > 0 && size > this.#handshake.maxPayload;
      });
      return this.queue.splice(0, over < 0 || this.transport.name !== 'polling' ? Infinity : over);
    }

    #end(reason, error) {
      if (this.state === 'closed') return;
      const politely = this.state === 'closing';
      this.state = 'closed';
      clearTimeout(this.#silence);
      globalThis.removeEventListener?.('offline', this.#offline);
      this.transport?.close({ politely });
      this.#probe?.close();
      this.tell('close', reason, error);
    }
  }

  return { Emitter, Engine };
})();
