import * as fs from 'node:fs';
import * as path from 'node:path';
import { run } from '../../shared/run';

export interface Certificate {
  readonly keyFile: string;
  readonly certFile: string;
  readonly key: string;
  readonly cert: string;
}

/** A certificate authority that lives as long as the preview, for everything that speaks TLS in it. */
export class Authority {
  public static async create(directory: string): Promise<Authority> {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    const authority = new Authority(directory);
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-keyout', authority.keyFile, '-out', authority.certFile, '-days', '7'],
      ...['-subj', '/CN=cdk-openstack-dashboard preview'],
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    ]);
    return authority;
  }

  public readonly certFile: string;
  private readonly keyFile: string;
  private count = 0;

  private constructor(private readonly directory: string) {
    this.certFile = path.join(directory, 'ca.pem');
    this.keyFile = path.join(directory, 'ca.key');
  }

  public get cert(): string {
    return fs.readFileSync(this.certFile, 'utf8');
  }

  public async issue(...names: string[]): Promise<Certificate> {
    const base = path.join(this.directory, String(++this.count));
    const [keyFile, certFile] = [`${base}.key`, `${base}.pem`];
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-keyout', keyFile, '-out', certFile, '-days', '7', '-subj', '/CN=preview'],
      ...['-CA', this.certFile, '-CAkey', this.keyFile],
      ...['-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`],
      ...['-addext', 'basicConstraints=critical,CA:false'],
      ...['-addext', 'extendedKeyUsage=serverAuth'],
    ]);
    const read = (file: string) => fs.readFileSync(file, 'utf8');
    // With the authority itself, so that a client can recognize it by its key.
    return { keyFile, certFile, key: read(keyFile), cert: read(certFile) + this.cert };
  }
}
