import { Facts } from '../../dashboard/facts';
import { Source } from '../../dashboard/model';
import { GuidePage, Rule } from '../../pack/rule';
import { hasHole, known } from '../../template/text';
import { mustBeTrue, place, settingRule } from '../kinds/setting-rule';
import { LOOPBACK, backendOf } from './cache-backend';
import { CACHE_ENGINE } from './engine';

const usesMemcached = ({ settings }: Source): boolean =>
  known(settings.get('SESSION_ENGINE')) === CACHE_ENGINE || settings.has('MEMCACHED_ENDPOINT');

const byVariable = settingRule({
  id: 'SESSION3',
  guideRules: [23, 51],
  level: 'error',
  ours: 'TLS, with verification of the certificate and its name',
  cause:
    'Dashboard hosts connect to the session cache without TLS (MEMCACHED_TLS, or CACHES ' +
    'without tls_context or rediss://).',
  explanation:
    'Sessions hold access tokens, and memcached has no login. The guide recommends making sure ' +
    'that no data leaks from it, so the connection has to be encrypted.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix:
    "Set MEMCACHED_TLS to true, or the cache's OPTIONS to {'tls_context': " +
    'ssl.create_default_context()}, and use a cache with encryption in transit.',
  setting: 'MEMCACHED_TLS',
  matters: (_setting, source) => usesMemcached(source),
  wrong: (value, source) => usesMemcached(source) && mustBeTrue(value),
});

export const sessionMemcachedTls: Rule = {
  ...byVariable,
  check(resource, facts) {
    const places = byVariable.check(resource, facts);
    const sources = facts.hosts.get(resource)?.sources ?? [];
    const plain = sources.flatMap((source) => placesOf(source, facts));
    return places || plain.length > 0 ? [...new Set([...(places ?? []), ...plain])] : undefined;
  },
};

/** The places in Python's CACHES with a session cache that is used without TLS. */
function placesOf(source: Source, facts: Facts): string[] {
  const name = backendOf(source);
  const backend = known(source.settings.get(name));
  if (backend === undefined) {
    return [];
  }
  const sibling = (key: string): string => name.replace(/BACKEND$/, key);
  const location = source.settings.get(sibling('LOCATION'));
  if (!location || location.text.trim() === '') {
    return [];
  }
  const servers = location.text.split(',').map((server) => server.trim());
  if (/redis|valkey/i.test(backend)) {
    const isPlain = servers.some(
      (server) => server.startsWith('redis://') && !LOOPBACK.test(server.slice('redis://'.length)),
    );
    return isPlain ? [place(source, sibling('LOCATION'))] : [];
  }
  if (!/\bmemcached\./.test(backend)) {
    return [];
  }
  if (servers.every((server) => LOOPBACK.test(server))) {
    return [];
  }
  const options = [...source.settings].filter(([key]) => key.startsWith(sibling('OPTIONS')));
  if (options.some(([key]) => key.startsWith(`${sibling('OPTIONS')}.tls_context`))) {
    return [];
  }
  // A name without dots may be a container on the same host, and an expression anything.
  const isFar = servers.some(
    (server) => !LOOPBACK.test(server) && (hasHole(server) || server.includes('.')),
  );
  if (location.dynamic || !isFar || options.some(([key]) => key === sibling('OPTIONS'))) {
    facts.unknown(place(source, sibling('LOCATION')));
    return [];
  }
  return [place(source, sibling('LOCATION'))];
}
