import { createHmac } from 'node:crypto';
import { DomainLogin, OpenStackDashboardProps } from '../../../lib';
import { customized } from './customized';
import { Duration } from 'aws-cdk-lib';
import type { Preview } from '../../../preview';
import { KEYSTONE_URL, keystoneUrlOf } from '../../../preview/cloud/openstack/keystone';

/** Another Keystone, with users of its own. */
export const ASIA = { host: 'keystone.asia.internal', region: 'asia', label: 'Asia' };
/** A region of the first Keystone's catalog, beside the one in which Keystone is. */
export const SECOND_REGION = 'preview-south';
export const DOMAIN = 'customers';
/** How many wrong passwords lock an account, and for how many seconds. */
export const LOCKOUT = { attempts: 8, seconds: 25 };

/** What docs/login.md has for keystone.conf, and limits that a test can reach. */
export const KEYSTONE_SETTINGS = `[auth]
methods = password,token,totp
[security_compliance]
password_expires_days = 5
change_password_upon_first_use = true
lockout_failure_attempts = ${LOCKOUT.attempts}
lockout_duration = ${LOCKOUT.seconds}
`;

export function props(): Partial<OpenStackDashboardProps> {
  return {
    hosts: customized(),
    settings: {
      domains: DomainLogin.dropdown(['Default', DOMAIN]),
      regions: [
        { label: 'Europe', keystoneUrl: KEYSTONE_URL },
        { label: ASIA.label, keystoneUrl: keystoneUrlOf(ASIA.host) },
      ],
      defaultServiceRegion: SECOND_REGION,
      totp: true,
      passwordExpiryWarning: Duration.days(7),
    },
  };
}

/** Creates something in a Keystone, and gives its ID. */
export async function create(
  preview: Preview,
  kind: string,
  value: Record<string, unknown>,
  host?: string,
): Promise<string> {
  const call = { method: 'POST', path: `/${kind}s`, body: { [kind]: value } };
  return (await preview.call('keystone', { ...call, ...(host === undefined ? {} : { host }) }))[
    kind
  ].id;
}

export interface NewUser {
  readonly name: string;
  readonly password: string;
  /** Of a project that only this user has. */
  readonly project: string;
  /** The ID of a domain. @default default */
  readonly domain?: string;
  readonly options?: Record<string, unknown>;
  /** The password has expired, as Keystone has it with one that an administrator has set. */
  readonly expired?: boolean;
  readonly host?: string;
}

/** Creates a user with a project; gives the ID of the user. */
export async function addUser(preview: Preview, user: NewUser): Promise<string> {
  const { name, password, project, domain = 'default', options = {}, host } = user;
  const at = host === undefined ? {} : { host };
  const id = await create(preview, 'user', { name, password, domain_id: domain, options }, host);
  if (user.expired !== true) {
    const kept = { ignore_change_password_upon_first_use: true };
    const body = { user: { options: kept, password } };
    await preview.call('keystone', { method: 'PATCH', path: `/users/${id}`, body, ...at });
  }
  const place = await create(preview, 'project', { name: project, domain_id: domain }, host);
  const { roles } = await preview.call('keystone', { method: 'GET', path: '/roles', ...at });
  const member = (roles as unknown as { id: string; name: string }[]).find(
    (role) => role.name === 'member',
  );
  const path = `/projects/${place}/users/${id}/roles/${member?.id}`;
  await preview.call('keystone', { method: 'PUT', path, ...at });
  return id;
}

/** A wrong password at Keystone itself, without the dashboard. */
export async function tryAtKeystone(preview: Preview, name: string): Promise<void> {
  const user = { name, domain: { id: 'default' }, password: 'wrong' };
  const body = { auth: { identity: { methods: ['password'], password: { user } } } };
  await preview
    .call('keystone', { method: 'POST', path: '/auth/tokens', body })
    .catch((error: Error) => {
      if (!/: 401 /.test(error.message)) {
        throw error;
      }
    });
}

/** Lists a service of the first Keystone in a second region, too. */
export async function addRegion(preview: Preview): Promise<void> {
  const { services } = await preview.call('keystone', { method: 'GET', path: '/services' });
  const { endpoints } = await preview.call('keystone', { method: 'GET', path: '/endpoints' });
  await create(preview, 'region', { id: SECOND_REGION });
  for (const { id, type } of services as unknown as { id: string; type: string }[]) {
    if (type === 'identity') {
      continue;
    }
    for (const { service_id, url, interface: kind } of endpoints as unknown as {
      service_id: string;
      url: string;
      interface: string;
    }[]) {
      if (service_id === id) {
        await create(preview, 'endpoint', {
          ...{ service_id, url, interface: kind },
          region_id: SECOND_REGION,
        });
      }
    }
  }
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A secret that has only bits of whole letters. */
export const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

/** The one-time password of a moment: RFC 6238 with SHA-1, 30 seconds and 6 digits, as Keystone has it. */
export function oneTimePassword(secret: string, now = Date.now()): string {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0'));
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  const key = Buffer.from(bytes.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1000000).padStart(6, '0');
}
