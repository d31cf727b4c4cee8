import { HOST_TYPES, Source } from '../facts';
import { GuidePage, Rule } from '../rule';
import { place } from '../setting-rule';
import { known } from '../text';
import { CACHE_ENGINE } from './session1-engine';

const LOCAL = /\b(locmem\.LocMemCache|dummy\.DummyCache|filebased\.FileBasedCache)$/;
const ENGINES = [CACHE_ENGINE, 'django.contrib.sessions.backends.cached_db'];

export const sessionCacheBackend: Rule = {
  id: 'SESSION10',
  guideRules: [22, 24],
  level: 'error',
  ours: 'memcached, which all hosts share',
  cause: 'Sessions are in a cache that each process or host has for itself (CACHES).',
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
      const name = backendOf(source);
      const setting = source.settings.get(name);
      if (setting === undefined) continue;
      judged = true;
      const backend = known(setting);
      if (backend === undefined) facts.unknown(place(source, name));
      else if (LOCAL.test(backend)) places.push(place(source, name));
    }
    return judged ? places : undefined;
  },
};

/** The setting that names the cache of the sessions; none where they are in no cache. */
function backendOf({ settings }: Source): string {
  const engine = known(settings.get('SESSION_ENGINE')) ?? CACHE_ENGINE;
  const alias = known(settings.get('SESSION_CACHE_ALIAS')) ?? 'default';
  return ENGINES.includes(engine) ? `CACHES.${alias}.BACKEND` : '';
}
