import { Stack } from 'aws-cdk-lib';
import { Facts } from '../../dashboard/facts';
import { keyPaths } from '../../dashboard/followed';
import { memo } from '../../dashboard/memo';
import { HOST_TYPES, INSTANCE } from '../../dashboard/resource-types';
import { Script, scriptsOf } from '../../dashboard/scripts';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource } from '../../template/template';
import { hasHole, holesIn, known } from '../../template/text';
import { place } from '../kinds/setting-rule';

const RANDOM =
  /generate_or_read_from_file|generate_key|get_random_secret_key|get_random_string|token_hex|token_urlsafe|token_bytes|secrets\.choice|SystemRandom|urandom|random\/uuid|openssl\s+rand|gpg\s+--gen-random|uuidgen|uuid4|pwgen|makepasswd/;
const ASSIGNED = /\bSECRET_KEY\s*=(.*)/;
// A key in a place that all hosts read is shared, even if a host generated it.
const SHARED = /put-secret-value|create-secret|put-parameter|^\/(mnt|efs|nfs|srv\/(nfs|efs))\b/m;

/** Whether a host generates its own key, in its settings or in a file that they read. */
function makesOwn({ lines, text }: Script): boolean {
  if (!RANDOM.test(text)) {
    return false;
  }
  if (lines.some((line) => RANDOM.test(ASSIGNED.exec(line)?.[1] ?? ''))) {
    return true;
  }
  if (SHARED.test(text)) {
    return false;
  }
  const opened = keyPaths(text);
  const isKey = (path: string): boolean =>
    opened.includes(path) ||
    (/secret[_-]?key[^/]*$/i.test(path) && /openstack|horizon|dashboard/i.test(path));
  // Shell variables with random values.
  const variables = lines.flatMap((line) => {
    const [, name, value] = /^\s*(?:export\s+)?(\w+)=["']?[$`](.*)$/.exec(line) ?? [];
    return name !== undefined && RANDOM.test(value) ? [new RegExp(`\\$\\{?${name}\\b`)] : [];
  });
  variables.splice(50);
  return lines.some((line) => {
    if (!RANDOM.test(line) && !variables.some((variable) => variable.test(line))) {
      return false;
    }
    if (ASSIGNED.test(line) && variables.some((variable) => variable.test(line))) {
      return true;
    }
    const [, path] = /(?:>>?|\btee\b(?:\s+-\w+)*|-out)\s*["']?(\/[^\s"';&|)]+)/.exec(line) ?? [];
    return path !== undefined && isKey(path);
  });
}

export const secretShared: Rule = {
  id: 'SECRET4',
  guideRules: [36],
  level: 'error',
  ours: 'One secret for all hosts',
  cause: 'Dashboard hosts do not share one SECRET_KEY.',
  explanation:
    'All hosts behind a load balancer must use the same key. Otherwise a host rejects what ' +
    'another host signed: users are logged out at random, and links to reset a password or to ' +
    'confirm an address fail.',
  page: GuidePage.SECRET_KEY,
  fix: 'Use the same secret for all hosts of a dashboard (SECRET_KEY_SECRET_ID).',
  types: HOST_TYPES,
  check(resource, facts) {
    const sources = facts.hosts.get(resource)?.sources;
    if (!sources) {
      return undefined;
    }
    const places: string[] = [];
    // A single machine does not share the key.
    if (resource.type !== INSTANCE) {
      for (const script of scriptsOf(resource, facts)) {
        if (makesOwn(script)) {
          places.push(script.location);
        }
      }
    }
    for (const source of sources) {
      const name = known(source.settings.get('ALLOWED_HOSTS'));
      const mine = secretOf(resource, source.settings, facts);
      if (name === undefined || mine === undefined) {
        continue;
      }
      if ((secrets(facts).get(resource.stack)?.get(name)?.size ?? 0) > 1) {
        places.push(place(source, 'SECRET_KEY_SECRET_ID'));
      }
    }
    return [...new Set(places)];
  },
};

/**
 * The secrets of each served name. Stacks are separate, since two stacks of an app may be two
 * environments with the same settings.
 */
const secrets = memo((facts) => {
  const found = new Map<Stack, Map<string, Set<unknown>>>();
  for (const { resource, sources } of facts.hosts.values()) {
    const names = found.get(resource.stack) ?? new Map<string, Set<unknown>>();
    found.set(resource.stack, names);
    for (const { settings } of sources) {
      const name = known(settings.get('ALLOWED_HOSTS'));
      const secret = secretOf(resource, settings, facts);
      if (name === undefined || secret === undefined) {
        continue;
      }
      names.set(name, (names.get(name) ?? new Set()).add(secret));
    }
  }
  return found;
});

/** The secret that a host is configured with: the resource, or a literal name. */
function secretOf(
  resource: Resource,
  settings: ReadonlyMap<string, { text: string; holes: readonly unknown[]; dynamic: boolean }>,
  facts: Facts,
): unknown {
  const setting = settings.get('SECRET_KEY_SECRET_ID');
  if (!setting) {
    const fetched = facts
      .texts(resource)
      .flatMap((text) => [...facts.fetchedSecrets(resource, text)]);
    // If there are several, it is not known which one is the key.
    return new Set(fetched).size === 1 ? fetched[0] : undefined;
  }
  if (setting.dynamic) {
    return undefined;
  }
  if (!hasHole(setting.text)) {
    return setting.text;
  }
  const [hole] = holesIn(setting.text, setting.holes);
  return facts.target(resource, hole)?.resource;
}
