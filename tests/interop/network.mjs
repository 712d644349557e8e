// The network between a browser and a server, as a proxy that can be cut.

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';

export class Network {
  #server = createServer();
  #pairs = new Set();

  /** `tunnels: false` is a proxy that knows HTTP and nothing else, as some companies have. */
  static async start({ tunnels = true } = {}) {
    const network = new Network();
    network.#server.on('request', (asked, answer) => {
      const { method, url, headers } = asked;
      const onward = request(url, { method, headers: { ...headers, connection: 'close' } }, came => {
        answer.writeHead(came.statusCode, came.headers);
        came.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    });
    network.#server.on('connect', (asked, client, early) => {
      if (!tunnels) return client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
      const { hostname, port } = new URL(`http://${asked.url}`);
      const server = connect(Number(port), hostname, () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        server.write(early);
        client.pipe(server).pipe(client);
      });
      network.#keep([client, server]);
    });
    network.#server.listen(0, '127.0.0.1');
    await once(network.#server, 'listening');
    return network;
  }

  get address() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Everything that stands is reset, as when a router is started anew. */
  reset() {
    for (const socket of [...this.#pairs].flat()) socket.resetAndDestroy();
  }

  /** Nothing travels any more and nobody is told, as when a cable is pulled out. */
  cut() {
    for (const [client, server] of this.#pairs) {
      client.unpipe(server).pause();
      server.unpipe(client).pause();
    }
  }

  close() {
    this.reset();
    this.#server.close();
  }

  #keep(pair) {
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pair.forEach(other => other.destroy());
        this.#pairs.delete(pair);
      });
    }
  }
}
