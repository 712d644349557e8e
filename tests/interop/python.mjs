// Runs a Python program of this folder, with what `npm test` has put into .python.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const DEADLINE = 120_000;

/** The program says itself what was wrong. */
export async function python(program, ...args) {
  const child = spawn('python3', [join(import.meta.dirname, program), ...args], {
    env: { ...process.env, PYTHONPATH: join(import.meta.dirname, '.python') },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  assert.deepEqual(await once(child, 'exit', { signal: AbortSignal.timeout(DEADLINE) }), [0, null]);
}
