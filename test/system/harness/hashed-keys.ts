import { createHmac, hkdfSync } from 'node:crypto';
import { Preview } from '../../../preview';

/** Computes the key under which memcached holds a session: not by the code that is tested. */
export function hashedKey(secret: string, session: string, prefix = 'session'): string {
  const key = hkdfSync('sha256', secret, '', 'openstack-dashboard memcached key', 32);
  return createHmac('sha512', Buffer.from(key))
    .update(`${prefix}:1:django.contrib.sessions.cache${session}`)
    .digest()
    .subarray(0, 32)
    .toString('base64url');
}

/** Finds the sessions of these ids by the keys that memcached holds them under, of all secrets. */
export async function byHashedKey(
  preview: Preview,
  host: string,
  sessions: string[],
): Promise<Map<string, string>> {
  const file = await preview.call('exec', host, ['cat', '/run/openstack-dashboard/secret_key']);
  const { key, accept } = JSON.parse(file) as { key: string; accept: string[] };
  return new Map(
    sessions.flatMap((session) =>
      [key, ...accept].map((secret) => [hashedKey(secret, session), session] as const),
    ),
  );
}
