import * as fs from 'node:fs';
import * as https from 'node:https';
import * as path from 'node:path';
import { until } from '../../shared/run';

export const KEYSTONE_HOST = 'keystone.cloud.internal';
export const KEYSTONE_URL = keystoneUrlOf(KEYSTONE_HOST);
/** The region of its catalog. */
export const REGION = 'preview';
export const DEMO_USER = 'demo';
/** Where Keystone's files are on its machine. */
export const KEYSTONE_FOLDER = '/run/keystone';
const DATABASE_FOLDER = '/var/lib/keystone';
const GUNICORN = ['runuser', '-u', 'keystone', '--', 'gunicorn'];
const PROJECTS = ['demo', 'research', 'web shop'];

const FILES = path.join(__dirname, 'files');

/** The URL of a Keystone of the preview. */
export function keystoneUrlOf(host: string): string {
  return `https://${host}:5000/v3`;
}

/** The script that sets Keystone up in an image. */
export function keystoneSetup(): string {
  return fs.readFileSync(path.join(FILES, 'keystone-install.sh'), 'utf8');
}

/** The database of a Keystone that runs on SQLite, with its journal, in base64. */
export function readDatabase(root: string): Record<string, string> {
  const folder = root + DATABASE_FOLDER;
  const names = fs.readdirSync(folder).filter((name) => /\.db(-wal)?$/.test(name));
  return Object.fromEntries(
    names.map((name) => [name, fs.readFileSync(path.join(folder, name), 'base64')]),
  );
}

/** Where a Keystone is, and the region of its catalog. */
export interface KeystonePlace {
  readonly host: string;
  readonly address: string;
  readonly region: string;
}

export interface KeystoneFiles {
  readonly adminPassword: string;
  readonly certificate: { readonly key: string; readonly cert: string };
  /** The database of another Keystone, from `readDatabase`, or nothing. */
  readonly database: Record<string, string>;
  /** More lines of keystone.conf. */
  readonly settings?: string;
  /** What serves instead of gunicorn, with its files. */
  readonly instead?: { readonly files: Record<string, string>; readonly serve: readonly string[] };
}

/** The files of Keystone's machine, and the command that serves. */
export function keystoneProgram(
  { host, address, region }: KeystonePlace,
  { adminPassword, certificate, database, settings, instead }: KeystoneFiles,
) {
  const file = (name: string) => fs.readFileSync(path.join(FILES, name), 'utf8');
  const files: Record<string, string> = {
    [`${KEYSTONE_FOLDER}/start`]: file('keystone.sh'),
    [`${KEYSTONE_FOLDER}/grow.py`]: file('keystone-grow.py'),
    [`${KEYSTONE_FOLDER}/gunicorn.conf.py`]: file('keystone.conf.py'),
    [`${KEYSTONE_FOLDER}/password`]: adminPassword,
    [`${KEYSTONE_FOLDER}/key.pem`]: certificate.key,
    [`${KEYSTONE_FOLDER}/cert.pem`]: certificate.cert,
    ...(settings === undefined ? {} : { [`${KEYSTONE_FOLDER}/settings.conf`]: settings }),
    ...instead?.files,
    [`${KEYSTONE_FOLDER}/serve`]: `exec ${(instead?.serve ?? GUNICORN).join(' ')}\n`,
    ...Object.fromEntries(
      Object.entries(database).map(([name, text]) => [`${KEYSTONE_FOLDER}/database/${name}`, text]),
    ),
  };
  const command = [
    ...['/bin/bash', `${KEYSTONE_FOLDER}/start`, keystoneUrlOf(host), address, region],
  ];
  return { files, command };
}

/** The command that copies projects and endpoints in the database, on Keystone's machine. */
export function growCommand({ projects, endpoints }: CloudSize): string[] {
  return [
    ...['runuser', '-u', 'keystone', '--', 'python3', `${KEYSTONE_FOLDER}/grow.py`],
    ...[`${DATABASE_FOLDER}/keystone.db`, String(projects - PROJECTS.length), String(endpoints)],
  ];
}

/** A service of the catalog, at the same URL for everybody. */
export interface CatalogEntry {
  readonly name: string;
  readonly type: string;
  readonly url: string;
}

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Record<string, Record<string, string>> & Record<string, { id: string }[]>;
}

/** Asks Keystone for things, as a client of its API. */
export class KeystoneClient {
  /** Of whoever asks. */
  public token = '';

  constructor(
    private readonly place: KeystonePlace,
    private readonly ca: string,
  ) {}

  public get region(): string {
    return this.place.region;
  }

  public call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const { host, address } = this.place;
    return new Promise((resolve, reject) => {
      const request = https.request(
        {
          host: address,
          port: 5000,
          servername: host,
          ca: this.ca,
          method,
          path: `/v3${path}`,
          headers: {
            host: `${host}:5000`,
            'content-type': 'application/json',
            ...(this.token === '' ? {} : { 'x-auth-token': this.token }),
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => {
            const status = response.statusCode ?? 0;
            if (status >= 400) {
              reject(new Error(`keystone: ${method} ${path}: ${status} ${text}`));
              return;
            }
            const parsed = (text === '' ? {} : JSON.parse(text)) as Answer['body'];
            resolve({ status, headers: response.headers, body: parsed });
          });
        },
      );
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Waits until it answers. */
  public answers(): Promise<void> {
    return until('keystone answers', 180, async () => {
      try {
        return (await this.call('GET', '')).status === 200;
      } catch {
        return false;
      }
    });
  }
}

/**
 * Has a user keep a password that an administrator sets, although Keystone has
 * `change_password_upon_first_use`: it heeds the option from the second password on.
 */
async function keepPassword(client: KeystoneClient, id: string, password: string): Promise<void> {
  const options = { ignore_change_password_upon_first_use: true };
  await client.call('PATCH', `/users/${id}`, { user: { options, password } });
}

/** How much more than usual there is. */
export interface CloudSize {
  /** Of the user `demo`. */
  readonly projects: number;
  /** In each project. */
  readonly servers: number;
  /** In the catalog. */
  readonly endpoints: number;
}

/** Fills a fresh Keystone: a few projects, and users who may see and administer all of them. */
export async function populate(
  client: KeystoneClient,
  adminPassword: string,
  users: {
    readonly demoPassword: string;
    readonly moreUsers: string[];
    readonly roles: Record<string, string[]>;
    /** What else is in the catalog. */
    readonly catalog: readonly CatalogEntry[];
    /** Whether Keystone may have users change passwords that administrators have set, but not these. */
    readonly keepPasswords: boolean;
    /** Some of the projects and users are there, as in the full cloud's image. */
    readonly filled: boolean;
    /** Copies the first project. */
    readonly grow?: () => Promise<void>;
  },
): Promise<void> {
  const call = client.call.bind(client);
  const domain = { id: 'default' };
  const logIn = (name: string, password: string, scope?: unknown): Promise<Answer> =>
    call('POST', '/auth/tokens', {
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain, password } } },
        scope,
      },
    });
  const login = await logIn('admin', adminPassword, { project: { name: 'admin', domain } });
  client.token = String(login.headers['x-subject-token']);
  const roles = await call('GET', '/roles');
  const create = async (kind: string, value: Record<string, unknown>): Promise<string> =>
    (await call('POST', `/${kind}s`, { [kind]: value })).body[kind].id;
  /** A new one, or one that has the name, changed. */
  const keep = async (kind: string, name: string, value: Record<string, unknown>) => {
    const there = users.filled
      ? (await call('GET', `/${kind}s?name=${encodeURIComponent(name)}`)).body[`${kind}s`]
      : [];
    const [found] = there as unknown as { id: string }[];
    if (found === undefined) {
      return create(kind, { domain_id: 'default', name, ...value });
    }
    await call('PATCH', `/${kind}s/${found.id}`, { [kind]: value });
    return found.id;
  };
  const byName = (name: string) =>
    (roles.body.roles as unknown as { id: string; name: string }[]).find(
      (role) => role.name === name,
    )?.id;
  for (const { name, type, url } of users.catalog) {
    const service = await create('service', { name, type });
    for (const kind of ['public', 'internal', 'admin']) {
      const where = { url, region_id: client.region, interface: kind };
      await create('endpoint', { service_id: service, ...where });
    }
  }
  const ids: Record<string, string> = {};
  for (const name of [DEMO_USER, ...users.moreUsers]) {
    const description = 'a user of the preview';
    ids[name] = await keep('user', name, { password: users.demoPassword, description });
    if (users.keepPasswords) {
      await keepPassword(client, ids[name], users.demoPassword);
    }
    // Keystone writes down the day of a first login; SQLite refuses two of these at once.
    await logIn(name, users.demoPassword);
  }
  for (const [index, name] of PROJECTS.entries()) {
    if (index === 1) {
      await users.grow?.();
    }
    const description = `the preview’s project ${name}`;
    const project = await keep('project', name, { description });
    for (const [owner, user] of Object.entries(ids)) {
      for (const role of users.roles[owner] ?? ['admin', 'member']) {
        await call('PUT', `/projects/${project}/users/${user}/roles/${byName(role)}`);
      }
    }
  }
}
