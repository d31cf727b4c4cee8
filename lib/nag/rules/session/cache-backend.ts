import { Facts, runsSeveral } from '../../dashboard/facts';
import { Source } from '../../dashboard/model';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource } from '../../template/template';
import { known } from '../../template/text';
import { place } from '../kinds/setting-rule';
import { CACHE_ENGINE } from './engine';

// What Django does not have any more: every page is an error. The guide's own snippet names the first.
const REMOVED = /\bmemcached\.(MemcachedCache|CacheClass)$/;
// An address of this very host, or a socket on it.
export const LOOPBACK = /^\s*(127\.|localhost\b|\[?::1\b|unix:|\/)/;
const LOCAL = /\b(locmem\.LocMemCache|dummy\.DummyCache|filebased\.FileBasedCache)$/;
const ENGINES = [CACHE_ENGINE, 'django.contrib.sessions.backends.cached_db'];

export const sessionCacheBackend: Rule = {
  id: 'SESSION10',
  guideRules: [22, 24],
  level: 'error',
  ours: 'memcached, which all hosts share',
  cause:
    'Sessions are in a cache that each process or host has for itself, or that Django does not have ' +
    '(CACHES).',
  explanation:
    'The guide recommends memcached instead of a local-memory cache: it keeps data for longer, is ' +
    'safe with several processes, and several hosts share it. In LocMemCache, in files of one host or ' +
    'in DummyCache the next request finds no session.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Set the BACKEND of the cache to django.core.cache.backends.memcached.PyMemcacheCache.',
  types: HOST_TYPES,
  check(resource, facts) {
    const sources = facts.hosts.get(resource)?.sources ?? [];
    const places: string[] = [];
    let judged = false;
    for (const source of sources) {
      places.push(...besideIt(source, resource, facts));
      const name = backendOf(source);
      const setting = source.settings.get(name);
      // Django wants an alias `default`; what stands in CACHES itself is none.
      if (name !== '' && source.settings.has('CACHES.BACKEND')) {
        judged = true;
        places.push(place(source, 'CACHES'));
        continue;
      }
      if (setting === undefined) {
        continue;
      }
      judged = true;
      const backend = known(setting);
      if (backend === undefined) {
        facts.unknown(place(source, name));
      } else if (LOCAL.test(backend) || REMOVED.test(backend)) {
        places.push(place(source, name));
      } else {
        const location = name.replace(/BACKEND$/, 'LOCATION');
        const given = source.settings.get(location);
        const servers = given && !given.dynamic ? given.text.split(',') : [];
        if (servers.some((server) => LOOPBACK.test(server)) && runsSeveral(resource, facts)) {
          places.push(place(source, location));
        }
      }
    }
    return judged || places.length > 0 ? places : undefined;
  },
};

/** The place of an endpoint on loopback, where a task has a cache of its own there. */
function besideIt(source: Source, resource: Resource, facts: Facts): string[] {
  const endpoint = known(source.settings.get('MEMCACHED_ENDPOINT'));
  // It may also be a proxy that adds TLS.
  const hasCache = facts
    .containers(resource)
    .some(({ image }) => /(^|\/)(memcached|valkey|redis)(:|@|$)/.test(image.text));
  return endpoint !== undefined &&
    LOOPBACK.test(endpoint) &&
    hasCache &&
    runsSeveral(resource, facts)
    ? [place(source, 'MEMCACHED_ENDPOINT')]
    : [];
}

/** The setting that names the cache of the sessions; none where they are in no cache. */
export function backendOf({ settings }: Source): string {
  const engine = known(settings.get('SESSION_ENGINE')) ?? CACHE_ENGINE;
  const alias = known(settings.get('SESSION_CACHE_ALIAS')) ?? 'default';
  return ENGINES.includes(engine) ? `CACHES.${alias}.BACKEND` : '';
}
