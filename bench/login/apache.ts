import { ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as https from 'node:https';
import * as path from 'node:path';
import { Authority } from '../../preview/cloud/network/pki';
import { until } from '../../preview/shared/run';
import { benchImages } from '../static/servers';

export const DEBIAN_NAME = 'debian.localhost';
const HTTPS = 443;
/** Apache has two processes at first, and each loads Horizon at its first page. */
const WARM_ROUNDS = 5;
const WARM_AT_ONCE = 16;
const PATIENCE = 90_000;

/** Debian's openstack-dashboard-apache, as its package configures it. */
export class Apache {
  /** @param directory for its certificate and log */
  public static async start(address: string, directory: string): Promise<Apache> {
    const script = fs.readFileSync(path.join(__dirname, 'apache-install.sh'), 'utf8');
    const images = benchImages();
    const { layers } = await images.derive('bench-login', await images.base(), script, []);
    const authority = await Authority.create(path.join(directory, 'pki'));
    const { cert, keyFile } = await authority.issue(DEBIAN_NAME);
    const certFile = path.join(directory, 'chain.pem');
    fs.writeFileSync(certFile, cert);
    const log = path.join(directory, 'apache.log');
    const out = fs.openSync(log, 'w');
    const child = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--uts', '--ipc'],
        ...['--fork', '--kill-child', '--mount-proc', path.join(__dirname, 'apache.sh')],
        ...[layers.join(':'), certFile, keyFile, address, DEBIAN_NAME],
      ],
      { stdio: ['pipe', out, out] },
    );
    fs.closeSync(out);
    const apache = new Apache(child, authority.cert, address);
    const said = () => fs.readFileSync(log, 'utf8');
    try {
      await until('Apache starts', 60, () => {
        if (child.exitCode !== null) {
          throw new Error(`Apache did not start:\n${said()}`);
        }
        return /^ready$/m.test(said());
      });
      await apache.warm();
      return apache;
    } catch (error) {
      await apache.stop();
      throw error;
    }
  }

  private constructor(
    private readonly child: ChildProcess,
    public readonly ca: string,
    private readonly address: string,
  ) {}

  public get url(): string {
    return `https://${DEBIAN_NAME}/`;
  }

  public async stop(): Promise<void> {
    this.child.stdin?.end();
    await until('Apache ends', 20, () => this.child.exitCode !== null);
  }

  /** Asks for the login page until all processes have Horizon loaded and its templates compiled. */
  private async warm(): Promise<void> {
    for (let round = 0; round < WARM_ROUNDS; round++) {
      await Promise.all(Array.from({ length: WARM_AT_ONCE }, () => this.page()));
    }
  }

  private page(): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = https.get(
        {
          ...{ host: this.address, port: HTTPS, path: '/auth/login/', timeout: PATIENCE },
          ...{ ca: this.ca, servername: DEBIAN_NAME, headers: { host: DEBIAN_NAME }, agent: false },
        },
        (response) => {
          response.resume();
          response.on('end', () =>
            response.statusCode === 200
              ? resolve()
              : reject(new Error(`Debian's login page answered ${response.statusCode}`)),
          );
        },
      );
      request.on('timeout', () => request.destroy(new Error("Debian's login page timed out")));
      request.on('error', reject);
    });
  }
}
