// The network between a client and a server, which can be cut.

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect, createServer as createListener } from 'node:net';

/** Connections to a listener of ours, each joined with one to a server. */
class Lines {
  #pairs = new Set();
  /** Those whose ends do not hear of each other any more. */
  #parted = new Set();
  #listener;
  #watch = () => {};

  constructor(listener) {
    this.#listener = listener;
  }

  async listen() {
    this.#listener.listen(0, '127.0.0.1');
    await once(this.#listener, 'listening');
  }

  get address() {
    return `http://127.0.0.1:${this.#listener.address().port}`;
  }

  join(client, server) {
    client.pipe(server).pipe(client);
    const pair = [client, server];
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.on('data', chunk => this.#watch(chunk));
      socket.on('error', () => {});
      socket.on('close', () => {
        if (this.#parted.has(pair)) return;
        pair.forEach(other => other.destroy());
        this.#pairs.delete(pair);
      });
    }
  }

  /** Everything that stands is reset, as when a router is started anew. */
  reset() {
    for (const socket of [...this.#pairs].flat()) {
      // Node 20 cannot reset what has said its last word, and would never end.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  /** Nothing travels any more and nobody is told, as when a cable is pulled out. */
  cut() {
    for (const pair of this.#pairs) {
      this.#parted.add(pair);
      const [client, server] = pair;
      client.unpipe(server).pause();
      server.unpipe(client).pause();
    }
  }

  /** On what stands, the next that comes from `from` arrives by half, and is the last. */
  tear(from) {
    for (const pair of this.#pairs) {
      this.#parted.add(pair);
      const [source, target] = from === 'client' ? pair : [...pair].reverse();
      source.unpipe(target).once('data', chunk => {
        target.end(chunk.subarray(0, chunk.length / 2), () => source.resetAndDestroy());
      }).resume();
    }
  }

  /** When these words travel, whoever says them. */
  passes(words) {
    return new Promise(resolve => {
      this.#watch = chunk => {
        if (!chunk.includes(words)) return;
        this.#watch = () => {};
        resolve();
      };
    });
  }

  // Not reset: Node 20 keeps what it has reset open, and would not end.
  close() {
    for (const socket of [...this.#pairs].flat()) socket.destroy();
    this.#listener.close();
  }
}

/** A cable to one server, until it is mended. */
export class Cable extends Lines {
  #answer = (client, server) => this.join(client, server);

  static async start(address) {
    const { hostname, port } = new URL(address);
    const cable = new Cable(createListener(client => cable.#answer(client, connect(Number(port), hostname))));
    cable.port = Number(port);
    await cable.listen();
    return cable;
  }

  reset() {
    super.reset();
    this.#answer = (client, server) => {
      this.join(client, server);
      super.reset();
    };
  }

  cut() {
    super.cut();
    this.#answer = (client, server) => {
      this.join(client, server);
      super.cut();
    };
  }

  mend() {
    this.#answer = this.join;
  }
}

/** A proxy, as a browser knows it. */
export class Network extends Lines {
  /** `tunnels: false` is a proxy that knows HTTP and nothing else, as some companies have. */
  static async start({ tunnels = true } = {}) {
    const server = createServer();
    const network = new Network(server);
    server.on('request', (asked, answer) => {
      const { method, url, headers } = asked;
      const onward = request(url, { method, headers: { ...headers, connection: 'close' } }, came => {
        answer.writeHead(came.statusCode, came.headers);
        came.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    });
    server.on('connect', (asked, client, early) => {
      if (!tunnels) return client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
      const { hostname, port } = new URL(`http://${asked.url}`);
      const onward = connect(Number(port), hostname, () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        onward.write(early);
      });
      network.join(client, onward);
    });
    await network.listen();
    return network;
  }
}
