// A reverse proxy with TLS, from the configuration that the book shows.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const DEPLOY = join(import.meta.dirname, '../../solutions/socketio/deploy');
const DEADLINE = 10_000;

/** What stands in the book is what runs, but for names, ports and files; `changes` are a test's own. */
function edit(file, changes) {
  let text = readFileSync(join(DEPLOY, file), 'utf8');
  for (const [written, meant] of changes) {
    if (!text.includes(written)) throw new Error(`expected ${file} to say \`${written}\`, it does not`);
    text = text.replace(written, meant);
  }
  return text;
}

const upstreams = ports => ports.map((port, index) => [`127.0.0.1:300${index + 1}`, `127.0.0.1:${port}`]);

const PROGRAMS = {
  nginx({ folder, port, ports, certificate, changes }) {
    const server = edit('nginx.conf', [
      ...upstreams(ports),
      ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
      ['/etc/ssl/chat.pem', certificate.cert],
      ['/etc/ssl/chat.key', certificate.key],
      ...changes,
    ]);
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(it => `${it}_temp_path ${folder};`).join('\n');
    const config = join(folder, 'nginx.conf');
    writeFileSync(config, `daemon off;\npid ${folder}/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${temp}\n${server}}\n`);
    return ['nginx', ['-e', 'stderr', '-c', config]];
  },
  caddy({ folder, port, ports, certificate, changes }) {
    const site = edit('Caddyfile', [
      ...upstreams(ports),
      ['chat.example.com {', `https://127.0.0.1:${port} {\n\ttls ${certificate.cert} ${certificate.key}`],
      ...changes,
    ]);
    const config = join(folder, 'Caddyfile');
    writeFileSync(config, `{\n\tadmin off\n\tgrace_period 100ms\n\tauto_https disable_redirects\n\tstorage file_system ${folder}\n}\n${site}`);
    return ['caddy', ['run', '--adapter', 'caddyfile', '--config', config]];
  },
};

export class Proxy {
  #child;
  #folder = mkdtempSync(join(tmpdir(), 'proxy-'));
  #said = '';

  /** nginx or caddy, in front of servers on these ports. */
  static async start(name, ports, changes = []) {
    const proxy = new Proxy();
    const port = await freePort();
    const folder = proxy.#folder;
    const certificate = makeCertificate(folder);
    const [program, args] = PROGRAMS[name]({ folder, port, ports, certificate, changes });
    proxy.#child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: folder } });
    proxy.#child.stderr.on('data', data => { proxy.#said += data; });
    proxy.address = `https://127.0.0.1:${port}`;
    proxy.ca = readFileSync(certificate.cert);
    await proxy.#listens(port);
    return proxy;
  }

  async #listens(port) {
    const late = Date.now() + DEADLINE;
    while (!await accepts(port)) {
      if (this.#child.exitCode !== null || Date.now() > late) {
        throw new Error(`expected ${this.#child.spawnfile} to listen, it said:\n${this.#said}`);
      }
      await setTimeout(20);
    }
  }

  async stop() {
    const exit = once(this.#child, 'exit', { signal: AbortSignal.timeout(DEADLINE) });
    this.#child.kill('SIGTERM');
    await exit;
    rmSync(this.#folder, { recursive: true });
  }
}

function makeCertificate(folder) {
  const [key, cert] = ['key.pem', 'cert.pem'].map(name => join(folder, name));
  const { status, stderr } = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-keyout', key, '-out', cert, '-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']);
  if (status !== 0) throw new Error(`expected openssl to write a certificate, it said:\n${stderr}`);
  return { key, cert };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const accepts = port => new Promise(resolve => {
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => { socket.destroy(); resolve(true); });
  socket.once('error', () => resolve(false));
});
