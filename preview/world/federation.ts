import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  FAILED,
  federationProgram,
  keystoneBase,
  POPULATED,
  REGISTERED,
} from '../cloud/identity/federation';
import { Keycloak } from '../cloud/identity/keycloak';
import { IdentityProviders, Providers } from '../cloud/identity/providers';
import type { Authority } from '../cloud/network/pki';
import { KEYSTONE_FOLDER, KEYSTONE_URL } from '../cloud/openstack/keystone';
import { until } from '../shared/run';
import type { WorldOptions } from './calls';
import { ADDRESSES, Network } from './network';

/** Keystone in Apache, which has users log in at identity providers, and these. */
export class FederatedKeystone {
  public readonly providers: Providers;
  private readonly keystones: string[];
  private readonly log: string;
  private root = '';
  private readonly clientSecret = randomBytes(24).toString('base64url');

  constructor(
    urls: readonly string[],
    private readonly options: WorldOptions,
    private readonly authority: Authority,
  ) {
    this.keystones = [...new Set([KEYSTONE_URL, ...urls].map(keystoneBase))];
    this.log = path.join(options.directory, 'logs/keystone.log');
    const folder = path.join(options.directory, 'identity-providers');
    this.providers =
      options.keycloak === undefined
        ? new IdentityProviders(folder, ADDRESSES.identity)
        : new Keycloak(options.keycloak, folder, ADDRESSES.identity);
  }

  /** The names under which browsers and the dashboard look for Keystone. */
  public get names(): string[] {
    return this.keystones.map((url) => new URL(url).hostname);
  }

  /** The dashboard, as browsers have it. */
  private get dashboard(): string {
    const { names, ports } = this.options;
    return `${names[0]}${ports[443] === 443 ? '' : `:${ports[443]}`}`;
  }

  /** Starts the providers, and lets browsers reach them and Keystone. */
  public async prepare(network: Network): Promise<void> {
    const { directory, demoPassword } = this.options;
    network.name(ADDRESSES.identity, ...new Set(this.providers.list.map(({ host }) => host)));
    for (const port of new Set(this.keystones.map((url) => Number(new URL(url).port || 443)))) {
      await network.openWay(directory, ADDRESSES.keystone, port);
    }
    for (const port of new Set(this.providers.list.map((provider) => provider.port))) {
      await network.openWay(directory, ADDRESSES.identity, port);
    }
    await this.providers.start(this.authority, demoPassword, {
      keystones: this.keystones,
      dashboard: `https://${this.dashboard}`,
      clientSecret: this.clientSecret,
    });
  }

  /** What serves Keystone instead of gunicorn. */
  public program() {
    return federationProgram(ADDRESSES.keystone, {
      keystones: this.keystones,
      dashboard: this.dashboard,
      clientSecret: this.clientSecret,
      providers: this.providers.list,
      ca: this.authority.cert,
      certificate: `${KEYSTONE_FOLDER}/cert.pem`,
      certificateKey: `${KEYSTONE_FOLDER}/key.pem`,
    });
  }

  /** Begins to register the providers in Keystone, whose machine has this root directory. */
  public register(root: string): void {
    this.root = root;
    fs.writeFileSync(root + POPULATED, '');
  }

  public async registered(): Promise<void> {
    await until('the identity providers are registered in Keystone', 300, () => {
      if (fs.existsSync(this.root + FAILED)) {
        const said = fs.readFileSync(this.log, 'utf8').split('\n').slice(-30).join('\n');
        throw new Error(`the identity providers cannot be registered in Keystone:\n${said}`);
      }
      return fs.existsSync(this.root + REGISTERED);
    });
    await this.providers.registered(this.root);
  }
}
