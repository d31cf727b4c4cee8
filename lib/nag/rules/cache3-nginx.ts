import { HOST_TYPES } from '../facts';
import { GuidePage, Rule } from '../rule';
import { effectiveLines } from '../text';

// `proxy_cache off;` is what we want, and `proxy_cache_path` alone caches nothing.
const DIRECTIVE = /(^|[\s{;"'])(proxy|fastcgi|uwsgi|scgi)_cache\s+(?!off\s*;)[^\s;]+\s*;/;

export const cacheNginx: Rule = {
  id: 'CACHE3',
  guideRules: [20],
  level: 'error',
  ours: 'nginx before gunicorn has no cache; pages are sent with Cache-Control: no-store',
  cause: 'nginx caches the pages of the dashboard (proxy_cache, fastcgi_cache or uwsgi_cache).',
  explanation:
    'The dashboard renders every page from OpenStack API requests of the moment, for one person; a ' +
    'cache before it shows wrong content, or one person the content of another.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Remove the directive; cache static media alone, through HTTP headers.',
  types: HOST_TYPES,
  check(resource, facts) {
    if (!facts.servesOrFronts(resource)) return undefined;
    const data = facts.userData(resource);
    if (!data) return undefined;
    const lines = data.text.includes('_cache') ? effectiveLines(data.text) : [];
    return lines.some((line) => DIRECTIVE.test(line)) ? [data.location] : [];
  },
};
