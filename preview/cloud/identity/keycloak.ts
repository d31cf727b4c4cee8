import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { run, until } from '../../shared/run';
import { Authority } from '../network/pki';
import { withValues } from './federation';
import {
  CLIENT_ID,
  FEDERATED_USERS,
  IdentityProvider,
  issuerOf,
  KEYCLOAK_PROVIDERS,
  Providers,
  RelyingParty,
} from './providers';

const FILES = path.join(__dirname, 'files');
const [{ host: HOST, port: PORT }] = KEYCLOAK_PROVIDERS;
const ADMIN = 'admin';
const TRUST_PASSWORD = 'preview';
/** Starts sooner: a test does not run for so long that the second compiler pays. */
const JAVA_OPTIONS = '-XX:TieredStopAtLevel=1';

/** Arguments and variables with which a Keycloak for the preview is built, before its start. */
export const KEYCLOAK_BUILD = {
  args: ['build', '--db=dev-mem', '--health-enabled=false', '--cache=local'],
  env: { JAVA_OPTS_APPEND: JAVA_OPTIONS },
};

/** A Keycloak, with realms in which the files of docs/single-sign-on.md register Keystone. */
export class Keycloak implements Providers {
  public readonly list: readonly IdentityProvider[] = KEYCLOAK_PROVIDERS;

  constructor(
    /** The distribution, after its build. */
    private readonly home: string,
    private readonly directory: string,
    private readonly address: string,
  ) {}

  public async start(authority: Authority, password: string, party: RelyingParty): Promise<void> {
    fs.mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    await this.launch(authority, password);
    await this.writeFiles(authority, password, party);
    for (const provider of this.list) {
      await this.administrate(provider, this.file('realm.sh'));
      if (provider.kind === 'oidc') {
        await this.administrate(provider, path.join(FILES, 'keycloak/oidc.sh'));
      }
    }
  }

  /** Registers Keystone as a service provider of SAML, when Keystone's machine has its metadata. */
  public async registered(root: string): Promise<void> {
    const folder = path.join(root, 'etc/apache2/federation/saml');
    const metadata = fs
      .readdirSync(folder)
      .find((name) => /^[^/]+\.xml$/.test(name) && name !== 'provider.xml');
    fs.copyFileSync(path.join(folder, metadata ?? ''), this.file('keystone.xml'));
    for (const provider of this.list.filter(({ kind }) => kind === 'saml')) {
      await this.administrate(provider, path.join(FILES, 'keycloak/saml.sh'));
    }
  }

  public async setAway(): Promise<void> {
    throw new Error('the preview’s Keycloak is always there');
  }

  private async launch(authority: Authority, password: string): Promise<void> {
    const { keyFile, cert } = await authority.issue(HOST);
    const certFile = this.file('cert.pem');
    fs.writeFileSync(certFile, cert);
    const log = this.file('keycloak.log');
    const output = fs.openSync(log, 'a');
    const child = spawn(
      path.join(this.home, 'bin/kc.sh'),
      [
        ...['start', '--optimized', '--http-enabled=false', `--https-port=${PORT}`],
        ...[`--http-host=${this.address}`, `--hostname=https://${HOST}:${PORT}`],
        ...[`--https-certificate-file=${certFile}`, `--https-certificate-key-file=${keyFile}`],
      ],
      {
        stdio: ['ignore', output, output],
        env: {
          ...process.env,
          ...KEYCLOAK_BUILD.env,
          KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN,
          KC_BOOTSTRAP_ADMIN_PASSWORD: password,
        },
      },
    );
    fs.closeSync(output);
    await until('Keycloak starts', 600, () => {
      const said = fs.readFileSync(log, 'utf8');
      if (child.exitCode !== null) {
        throw new Error(`Keycloak ended:\n${said.slice(-2000)}`);
      }
      return /Keycloak .* started in/.test(said);
    });
  }

  private async writeFiles(
    authority: Authority,
    password: string,
    { keystones, dashboard, clientSecret }: RelyingParty,
  ): Promise<void> {
    const trust = this.file('trust.p12');
    await run('keytool', [
      ...['-importcert', '-noprompt', '-alias', 'preview', '-file', authority.certFile],
      ...['-keystore', trust, '-storetype', 'PKCS12', '-storepass', TRUST_PASSWORD],
    ]);
    const java = [
      JAVA_OPTIONS,
      `-Djdk.net.hosts.file=${this.file('hosts')}`,
      `-Djavax.net.ssl.trustStore=${trust}`,
      `-Djavax.net.ssl.trustStorePassword=${TRUST_PASSWORD}`,
    ];
    const environment = {
      PATH: `${path.join(this.home, 'bin')}:${process.env.PATH}`,
      HOME: this.directory,
      KC_OPTS: java.join(' '),
      KC_CLI_PASSWORD: password,
    };
    const files: Record<string, string> = {
      hosts: `${this.address} ${HOST}\n`,
      environment: Object.entries(environment)
        .map(([name, value]) => `export ${name}='${value}'\n`)
        .join(''),
      'client-secret': clientSecret,
      'realm.sh': 'kcadm.sh create realms --file realm.json --set "realm=$REALM"\n',
      'realm.json': JSON.stringify(realmOf(password)),
    };
    for (const provider of this.list) {
      files[valuesOf(provider)] = withValues('keycloak/values.sh', {
        KEYCLOAK: `https://${HOST}:${PORT}`,
        REALM: path.basename(issuerOf(provider)),
        CLIENT_ID,
        CLIENT_SECRET_FILE: this.file('client-secret'),
        DASHBOARD: new URL(dashboard).host,
        KEYSTONE: keystones[0],
        KEYSTONE_METADATA: this.file('keystone.xml'),
      });
    }
    for (const [name, text] of Object.entries(files)) {
      fs.writeFileSync(this.file(name), text, { mode: 0o600 });
    }
  }

  /** Logs in at Keycloak as its administrator, and runs a file for a realm. */
  private async administrate(provider: IdentityProvider, file: string): Promise<void> {
    const [program, login] = ['keycloak.sh', 'keycloak/login.sh'].map((name) =>
      path.join(FILES, name),
    );
    await run('bash', [program, this.directory, `./${valuesOf(provider)}`, login, file]);
  }

  private file(name: string): string {
    return path.join(this.directory, name);
  }
}

function valuesOf({ name }: IdentityProvider): string {
  return `values-${name}.sh`;
}

/** A realm without a name. */
function realmOf(password: string) {
  return {
    enabled: true,
    groups: [...new Set(FEDERATED_USERS.flatMap(({ groups }) => groups))].map((name) => ({ name })),
    users: FEDERATED_USERS.map(({ name, groups, email }) => {
      const [firstName, lastName] = name.split('.');
      return {
        ...{ username: name, email, emailVerified: true, enabled: true, firstName, lastName },
        groups: groups.map((group) => `/${group}`),
        credentials: [{ type: 'password', value: password, temporary: false }],
      };
    }),
  };
}
