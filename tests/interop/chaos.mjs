// Clients that number what they say, a server that may be killed, and what became of each number.

import { io } from 'socket.io-client';

import { Program } from './program.mjs';
import { event, inTime } from './socketio-client.mjs';
import { Talk } from './socketio-talk.mjs';

const TRANSPORTS = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };

/** Of a client that retries: each answer is awaited so long (ms) that only a break makes it say a number again. */
const RETRIES = 100;
const PATIENCE = 15_000;

class Client {
  said = 0;

  constructor(name, nsp) {
    Object.assign(this, { name, nsp });
  }

  /** Says the next number, and `more` beside it, for its size. */
  say(more) {
    this.emit('note', this.#next(more));
  }

  saySome(count) {
    for (let times = 0; times < count; times += 1) this.say();
  }

  /** Says the next number, and hears that it has come. */
  async tell() {
    await inTime('the answer', this.ask('note', this.#next()));
  }

  #next(more) {
    this.said += 1;
    return { who: this.name, number: this.said, more };
  }
}

class Ours extends Client {
  #talk;

  constructor(name, address, { way, retries, nsp }) {
    super(name, nsp);
    this.#talk = new Talk(address, { way, ...(retries && { retries: RETRIES, call_timeout: PATIENCE }) });
  }

  async #hears(what) { return (await this.#talk.says(this.nsp, what))[0]; }
  emit(name, ...args) { this.#talk.tell('emit', { nsp: this.nsp, name, args }); }
  async ask(name, ...args) {
    this.#talk.tell('call', { nsp: this.nsp, name, args });
    await this.#talk.says(this.nsp, 'is answered', name);
  }

  connect() { this.#talk.tell('connect', { nsp: this.nsp }); }
  connected() { return this.#hears('connect'); }
  disconnected() { return this.#hears('disconnect'); }
  async refused(words) { await this.#talk.says(this.nsp, 'connect_error', words); }
  stop() { return this.#talk.stop(); }
}

class Npms extends Client {
  #socket;
  #visit = 0;

  constructor(name, address, { way, retries, nsp }) {
    super(name, nsp);
    this.#socket = io(address + nsp, {
      forceNew: true, autoConnect: false, transports: TRANSPORTS[way],
      reconnectionDelay: 100, reconnectionDelayMax: 500,
      auth: show => show({ visit: this.#visit += 1 }),
      ...(retries && { retries: RETRIES, ackTimeout: PATIENCE }),
    });
  }

  emit(...args) { this.#socket.emit(...args); }
  async ask(...args) { await this.#socket.emitWithAck(...args); }
  connect() { this.#socket.connect(); }
  async connected() { return event(this.#socket, 'connect').then(() => this.#socket.id); }
  async disconnected() { return (await event(this.#socket, 'disconnect'))[0]; }
  /** A server that is not back yet is an error, too, and no refusal. */
  refused(words) {
    return inTime(words, new Promise(resolve => {
      this.#socket.on('connect_error', ({ message }) => { if (message === words) resolve(); });
    }));
  }

  stop() { this.#socket.io._close(); }
}

export const KINDS = { ours: Ours, npm: Npms };

/** The numbers that a server heard of each client, in order; a server that is killed takes none of them along. */
class Notes extends EventTarget {
  #heard = new Map();

  follow(program) {
    program.follow(line => {
      const [, who, number] = line.match(/^noted (\S+) (\d+)$/) ?? [];
      if (!who) return;
      this.#heard.set(who, [...this.of({ name: who }), Number(number)]);
      this.dispatchEvent(new Event('note'));
    });
  }

  of({ name }) {
    return this.#heard.get(name) ?? [];
  }

  /** Until this holds of each client and its numbers. */
  until(what, clients, holds) {
    return inTime(what, new Promise(resolve => {
      const look = () => {
        if (!clients.every(client => holds(this.of(client), client))) return;
        this.removeEventListener('note', look);
        resolve();
      };
      this.addEventListener('note', look);
      look();
    }));
  }

  /** Until the last that each said has been heard. */
  untilLast(clients) {
    return this.until('the last number of each client', clients, (heard, { said }) => heard.includes(said));
  }

  /** Until so many more have been heard of each. */
  async untilMore(clients, count) {
    const before = new Map(clients.map(client => [client, this.of(client).length]));
    await this.until(`${count} more of each client`, clients, (heard, client) => heard.length >= before.get(client) + count);
  }

  count(clients) {
    const sum = { said: 0, heard: 0, lost: 0, doubled: 0, disordered: 0 };
    for (const client of clients) {
      const heard = this.of(client);
      const once = new Set(heard).size;
      sum.said += client.said;
      sum.heard += heard.length;
      sum.lost += client.said - once;
      sum.doubled += heard.length - once;
      sum.disordered += heard.filter((number, place) => number < heard[place - 1]).length;
    }
    return sum;
  }
}

/**
 * Our server, which can be killed and comes back at its address. It pings often: npm's client whose WebSocket goes
 * after the `3probe`, and before the GET that it waits for is answered, polls no more, and only a missing ping tells it.
 */
export class Victim {
  notes = new Notes();
  #program;

  static async start() {
    const victim = new Victim();
    await victim.#run(0);
    return victim;
  }

  async #run(port) {
    this.#program = new Program('socketio', 'socketio-interop', '--port', String(port), '--ping', '1000');
    [, this.address] = await this.#program.line(/^listening on (http:\/\/[^/ ]+)/);
    this.notes.follow(this.#program);
  }

  kill() { return this.#program.kill(); }
  comeBack() { return this.#run(new URL(this.address).port); }
  stop() { return this.#program.stop(); }
}
