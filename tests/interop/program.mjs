// Runs a built program of the workspace, and follows what it prints.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '../..');
const DEADLINE = 10_000;

/** Where a built example of a crate is; without one (`null`), the crate's own program. */
export function built(crate, example) {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
  const path = join(target, 'debug', example === null ? crate : join('examples', example));
  if (!existsSync(path)) {
    const kind = example === null ? '' : ` --example ${example}`;
    throw new Error(`expected ${path}, came nothing; run: cargo build -p ${crate}${kind}`);
  }
  return path;
}

export class Program {
  #child;
  #lines = [];
  #heard = new EventTarget();
  #exit;
  #silence;

  /** An example of a crate, or the crate's own program, as `built` finds it. */
  constructor(crate, example, ...args) {
    this.#child = spawn(built(crate, example), args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#exit = once(this.#child, 'exit');
    const output = createInterface(this.#child.stdout).on('line', line => {
      this.#lines.push(line);
      this.#heard.dispatchEvent(new Event('line'));
    });
    this.#silence = once(output, 'close');
  }

  /** Gives each line that comes to `read`, until there are no more; `line` does not see it then. */
  follow(read) {
    const take = () => this.#lines.splice(0).forEach(read);
    this.#heard.addEventListener('line', take);
    take();
  }

  /** A line, as if it were typed. */
  type(line) { this.#child.stdin.write(`${line}\n`); }

  endInput() { this.#child.stdin.end(); }

  /** The next line that the program prints and that matches; what was printed before it is passed over. */
  async line(pattern) {
    const signal = AbortSignal.timeout(DEADLINE);
    for (;;) {
      while (this.#lines.length > 0) {
        const match = this.#lines.shift().match(pattern);
        if (match) return match;
      }
      await once(this.#heard, 'line', { signal }).catch(() => {
        throw new Error(`waited ${DEADLINE} ms for a line like ${pattern}, and it did not come`);
      });
    }
  }

  /** Asks the program to end, as Ctrl+C does; its exit code, or the signal that it died of. */
  async stop() {
    this.#child.kill('SIGINT');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), DEADLINE);
    const [code, signal] = await this.#exit;
    clearTimeout(killer);
    return code ?? signal;
  }

  /** Ends the program without a word to it; all that it had printed is read. */
  async kill() {
    this.#child.kill('SIGKILL');
    await Promise.all([this.#exit, this.#silence]);
  }
}
