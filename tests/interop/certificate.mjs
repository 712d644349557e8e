// A certificate of localhost, which nobody trusts who is not told to.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Certificate {
  #folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  keyFile = join(this.#folder, 'key.pem');
  certFile = join(this.#folder, 'cert.pem');

  constructor() {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
      '-keyout', this.keyFile, '-out', this.certFile, '-days', '2', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE'], { stdio: 'ignore' });
    this.key = readFileSync(this.keyFile);
    this.cert = readFileSync(this.certFile);
  }

  /** What a program of ours has to be told. */
  get trust() { return { SSL_CERT_FILE: this.certFile }; }

  remove() { rmSync(this.#folder, { recursive: true }); }
}
