// Programs that say what happens, a JSON array a line, until their input ends; and our Socket.IO client, which is one.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';

import { built } from './program.mjs';

const DEADLINE = 20_000;

export class Speaker {
  #child;
  #said = [];
  #heard = new EventTarget();

  constructor(program, args, env = {}) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
    createInterface(this.#child.stdout).on('line', line => {
      this.#said.push(JSON.parse(line));
      this.#heard.dispatchEvent(new Event('line'));
    });
  }

  write(line) { this.#child.stdin.write(`${JSON.stringify(line)}\n`); }

  /** What follows this beginning, the next time that it is said. */
  async says(...beginning) {
    return this.#said.splice(await this.#find(beginning), 1)[0].slice(beginning.length);
  }

  /** All that is said up to a line with this beginning, and is not taken yet. */
  async saysUntil(...beginning) {
    return this.#said.splice(0, 1 + await this.#find(beginning));
  }

  async #find(beginning) {
    const signal = AbortSignal.timeout(DEADLINE);
    for (;;) {
      const place = this.#said.findIndex(line => isDeepStrictEqual(line.slice(0, beginning.length), beginning));
      if (place >= 0) return place;
      await once(this.#heard, 'line', { signal }).catch(() => {
        const said = this.#said.map(line => JSON.stringify(line)).join('\n');
        throw new Error(`waited ${DEADLINE} ms for ${JSON.stringify(beginning)}, and it did not come; there was\n${said}`);
      });
    }
  }

  async stop() {
    const exit = once(this.#child, 'exit', { signal: AbortSignal.timeout(DEADLINE) });
    this.#child.stdin.end();
    assert.deepEqual(await exit, [0, null]);
  }
}

export class Talk extends Speaker {
  constructor(url, settings, env) {
    super(built('interop', 'socketio-talk'), [url, JSON.stringify(settings)], env);
  }

  /** What to do, in the namespace that `nsp` names. */
  tell(what, more = {}) { this.write({ do: what, ...more }); }

  emit(name, ...args) { this.tell('emit', { name, args }); }
  call(name, ...args) { this.tell('call', { name, args }); }

  /** Joins a namespace; the id that the server gave. */
  async join(nsp = '/') {
    this.tell('connect', { nsp });
    const [id] = await this.says(nsp, 'joined');
    await this.says(nsp, 'connect', id, false);
    return id;
  }
}
