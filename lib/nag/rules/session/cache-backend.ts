import { Facts, runsSeveral } from '../../dashboard/facts';
import { Source } from '../../dashboard/model';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource } from '../../template/template';
import { known } from '../../template/text';
import { place } from '../kinds/setting-rule';
import { CACHE_ENGINE } from './engine';

// Back ends that Django no longer has, so that every page fails. The guide's snippet uses the first one.
const REMOVED = /\bmemcached\.(MemcachedCache|CacheClass)$/;
// An address of the same host, or a socket on it.
export const LOOPBACK = /^\s*(127\.|localhost\b|\[?::1\b|unix:|\/)/;
const LOCAL = /\b(locmem\.LocMemCache|dummy\.DummyCache|filebased\.FileBasedCache)$/;
const ENGINES = [CACHE_ENGINE, 'django.contrib.sessions.backends.cached_db'];

export const sessionCacheBackend: Rule = {
  id: 'SESSION10',
  guideRules: [22, 24],
  level: 'error',
  ours: 'memcached, shared by all hosts',
  cause:
    'Sessions are in a cache that is local to each process or host, or in a cache back end ' +
    'that Django does not have (CACHES).',
  explanation:
    'The guide recommends memcached instead of a local-memory cache: it keeps data longer, ' +
    'works with several processes, and is shared by all hosts. With LocMemCache, files on one ' +
    'host or DummyCache, the next request does not find the session.',
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
      // CACHES must contain aliases such as `default`, not the options of a cache.
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

/** The place of an endpoint on loopback, if the task contains a cache. */
function besideIt(source: Source, resource: Resource, facts: Facts): string[] {
  const endpoint = known(source.settings.get('MEMCACHED_ENDPOINT'));
  // The endpoint may also be a proxy that adds TLS.
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

/** The setting with the back end of the session cache, or an empty string if sessions are not in a cache. */
export function backendOf({ settings }: Source): string {
  const engine = known(settings.get('SESSION_ENGINE')) ?? CACHE_ENGINE;
  const alias = known(settings.get('SESSION_CACHE_ALIAS')) ?? 'default';
  return ENGINES.includes(engine) ? `CACHES.${alias}.BACKEND` : '';
}
