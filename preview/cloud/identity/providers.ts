import { ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Authority } from '../network/pki';
import { answersAt } from '../../shared/listening';
import { run, until } from '../../shared/run';

const FILES = path.join(__dirname, 'files');

/** An identity provider, at a name of its own. */
export interface IdentityProvider {
  /** What Keystone and the dashboard call it. */
  readonly name: string;
  readonly kind: 'oidc' | 'saml';
  readonly title: string;
  readonly host: string;
  readonly port: number;
  /** Of its issuer's URL, and of the one of its metadata below that. */
  readonly paths?: { readonly issuer: string; readonly metadata: string };
  /** What Keystone's module asks for, instead of what the page has. */
  readonly scope?: string;
}

export const IDENTITY_PROVIDERS: readonly IdentityProvider[] = [
  {
    name: 'corp',
    kind: 'oidc',
    title: 'Corporation login',
    host: 'login.corp.example',
    port: 8441,
  },
  {
    name: 'partner',
    kind: 'oidc',
    title: 'Partner login',
    host: 'login.partner.example',
    port: 8442,
  },
  { name: 'campus', kind: 'saml', title: 'Campus login', host: 'login.campus.example', port: 8443 },
];

const KEYCLOAK = { title: 'Keycloak', host: 'keycloak.example', port: 8444 };
const realm = (name: string) => ({
  ...{ ...KEYCLOAK, name },
  paths: { issuer: `/realms/${name}`, metadata: '/protocol/saml/descriptor' },
});

/** Two realms, since Keystone has one identity provider for an issuer, whatever its protocol is. */
export const KEYCLOAK_PROVIDERS: readonly IdentityProvider[] = [
  // Keycloak refuses a scope that it does not know.
  { ...realm('corp'), kind: 'oidc', scope: 'openid email profile' },
  { ...realm('campus'), kind: 'saml' },
];

/** Who has an account at each of them. Keystone's mapping takes members of `cloud-users`. */
export const FEDERATED_USERS = [
  { name: 'ada.lovelace', groups: ['cloud-users', 'mathematics'] },
  { name: 'alan.turing', groups: ['cloud-users'] },
  { name: 'grace.hopper', groups: ['navy'] },
].map((user) => ({ ...user, email: `${user.name}@example.com` }));

export function issuerOf({ host, port, paths }: IdentityProvider): string {
  return `https://${host}:${port}${paths?.issuer ?? ''}`;
}

export function metadataOf(provider: IdentityProvider): string {
  return issuerOf(provider) + (provider.paths?.metadata ?? '/metadata');
}

/** What providers know of Keystone and of the dashboard. */
export interface RelyingParty {
  /** Where Keystone is for browsers, without `/v3`. */
  readonly keystones: readonly string[];
  /** The origin of the dashboard, which they send users back to after a logout. */
  readonly dashboard: string;
  /** Of the client at OpenID Connect providers. */
  readonly clientSecret: string;
}

export const CLIENT_ID = 'keystone';

/** What runs identity providers. */
export interface Providers {
  readonly list: readonly IdentityProvider[];
  /** Starts them, and registers Keystone at those that do not need its metadata. */
  start(authority: Authority, password: string, party: RelyingParty): Promise<void>;
  /** Does what is left when Keystone has its metadata, whose machine has this root directory. */
  registered(root: string): Promise<void>;
  /** One of them is away, or is there again. */
  setAway(name: string, away: boolean): Promise<void>;
}

/** The preview's own identity providers, each a process of its own. */
export class IdentityProviders implements Providers {
  public readonly list = IDENTITY_PROVIDERS;
  private readonly processes = new Map<string, ChildProcess>();
  private readonly configurations = new Map<string, string>();

  constructor(
    private readonly directory: string,
    private readonly address: string,
  ) {}

  public async start(authority: Authority, password: string, party: RelyingParty): Promise<void> {
    fs.mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    await Promise.all(
      IDENTITY_PROVIDERS.map(async (provider) => {
        const { key, cert } = await authority.issue(provider.host);
        const configuration = path.join(this.directory, `${provider.name}.json`);
        const own =
          provider.kind === 'oidc'
            ? oidcSettings(party)
            : await samlSettings(this.directory, party);
        const settings = {
          ...{ key, cert, address: this.address, port: provider.port, title: provider.title },
          ...{ issuer: issuerOf(provider), users: FEDERATED_USERS, password, ...own },
        };
        fs.writeFileSync(configuration, JSON.stringify(settings), { mode: 0o600 });
        this.configurations.set(provider.name, configuration);
        await this.run(provider);
      }),
    );
  }

  /** Their configuration has Keystone from the beginning. */
  public registered(): Promise<void> {
    return Promise.resolve();
  }

  public async setAway(name: string, away: boolean): Promise<void> {
    const provider = IDENTITY_PROVIDERS.find((one) => one.name === name);
    if (provider === undefined) {
      const names = IDENTITY_PROVIDERS.map((one) => one.name).join(', ');
      throw new Error(`the identity provider must be one of ${names}, got '${name}'`);
    }
    const running = this.processes.get(name);
    if (away && running !== undefined) {
      running.kill('SIGKILL');
      this.processes.delete(name);
    } else if (!away && running === undefined) {
      await this.run(provider);
    }
  }

  private async run(provider: IdentityProvider): Promise<void> {
    const { name, kind, port } = provider;
    const log = fs.openSync(path.join(this.directory, `${name}.log`), 'a');
    const configuration = this.configurations.get(name) ?? '';
    const child = spawn(process.execPath, [path.join(FILES, `${kind}.mjs`), configuration], {
      stdio: ['ignore', log, log],
    });
    fs.closeSync(log);
    this.processes.set(name, child);
    await until(`the identity provider ${name} answers`, 60, () => {
      if (child.exitCode !== null) {
        const said = fs.readFileSync(path.join(this.directory, `${name}.log`), 'utf8');
        throw new Error(`the identity provider ${name} ended:\n${said.slice(-2000)}`);
      }
      return answersAt(this.address, port);
    });
  }
}

function oidcSettings({ keystones, dashboard, clientSecret }: RelyingParty) {
  const client = {
    client_id: CLIENT_ID,
    client_secret: clientSecret,
    redirect_uris: keystones.map((keystone) => `${keystone}/v3/redirect_uri`),
    post_logout_redirect_uris: ['', 'logged-out', 'auth/login/'].map(
      (page) => `${dashboard}/${page}`,
    ),
  };
  // It outlives the process: Keystone's module keeps keys that it has seen.
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { clients: [client], signingKey: privateKey.export({ format: 'jwk' }) };
}

async function samlSettings(directory: string, { keystones }: RelyingParty) {
  const [key, cert] = ['key', 'cert'].map((kind) => path.join(directory, `saml.${kind}`));
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '7', '-subj', '/CN=preview'],
    ...['-keyout', key, '-out', cert],
  ]);
  const read = (file: string) => fs.readFileSync(file, 'utf8');
  const serviceProviders = keystones.map((keystone) => ({
    entityId: `${keystone}/v3/mellon/metadata`,
    consumer: `${keystone}/v3/mellon/postResponse`,
    logout: `${keystone}/v3/mellon/logout`,
  }));
  return { saml: { key: read(key), cert: read(cert) }, serviceProviders };
}
