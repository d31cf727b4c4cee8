import { Facts } from '../../dashboard/facts';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { commandsIn } from '../../template/text';
import { runs } from './varnish';

// Proxies with caching as their main purpose.
const runsProxy = runs(
  'squid|squid-openssl|trafficserver|traffic_server|nuster',
  'squid|traffic_server|nuster',
);
const PROXY_IMAGE = /(^|\/)(squid|trafficserver|nuster)(:|@|$)/;
const APACHE = /(?:^|[\s"'])CacheEnable\s+(?:disk|socache|mem|fd)\b(?:\s+["']?([^\s"']+))?/;
const HAPROXY = /(?:^|[\s"'])http-re(?:quest|sponse)\s+cache-(?:use|store)\s/;
const MODULES =
  /envoy\.(extensions\.)?filters\.http\.cache\b|\b(darkweak\/souin|traefik\/plugin-simplecache|caddyserver\/cache-handler)\b/;

export const cacheProxies: Rule = {
  id: 'CACHE5',
  guideRules: [20],
  level: 'error',
  ours: 'The only proxy is nginx, which caches nothing',
  cause:
    'A proxy in front of the dashboard or on its hosts caches responses (Squid, Traffic ' +
    "Server, Apache's mod_cache, or the cache of HAProxy, Envoy, Traefik or Caddy).",
  explanation:
    'The dashboard renders every page for one user, from live OpenStack API calls. A cache in ' +
    "front of it can serve stale pages, or one user's page to another.",
  page: GuidePage.CACHING_AND_SESSIONS,
  fix:
    'Remove the proxy or turn its caching off. nginx serves static media with the HTTP headers ' +
    'that caching needs.',
  types: HOST_TYPES,
  check(resource, facts) {
    if (!facts.servesOrFronts(resource)) {
      return undefined;
    }
    facts.readsAll(resource);
    const places = facts
      .texts(resource)
      .filter(
        (text) =>
          /squid|traffic_?server|nuster|souin|cache/i.test(text.text) &&
          caches(facts.effectiveLines(text), facts),
      )
      .map(({ location }) => location);
    for (const { location, image } of facts.containers(resource)) {
      if (PROXY_IMAGE.test(image.text)) {
        places.push(`${location}.Image`);
      }
    }
    return [...new Set(places)];
  },
};

function caches(lines: readonly string[], facts: Facts): boolean {
  const isStatic = (path: string): boolean =>
    [...facts.staticPaths].some((prefix) => `${path.replace(/\/$/, '')}/`.startsWith(prefix));
  // Squid as a forward proxy, or without storage, is not a cache in front of a site.
  const said = (directive: RegExp): boolean => lines.some((line) => directive.test(line));
  const outward = said(/\bhttp_port\s/) && !said(/\bhttps?_port\s.*\baccel\b/);
  if (said(/\breverse_proxy\s/) && caddyCaches(lines, isStatic)) {
    return true;
  }
  const passes = outward || said(/(^|["'\s])cache\s+deny\s+all\b/);
  let section = '';
  return lines.some((line) => {
    const opened = /<Location(?:Match)?\s+["']?\^?([^\s"'>]+)/.exec(line);
    if (opened) {
      section = opened[1];
    }
    if (/<\/Location/.test(line)) {
      section = '';
    }
    const apache = APACHE.exec(line);
    if (apache && !isStatic(apache[1] ?? section)) {
      return true;
    }
    if (MODULES.test(line)) {
      return true;
    }
    if (HAPROXY.test(line)) {
      const path = /\{\s*path(?:_beg)?\s+(?:-i\s+)?(\S+)/.exec(line)?.[1];
      if (path === undefined || !isStatic(path)) {
        return true;
      }
    }
    return (
      !passes && /squid|traffic_?server|nuster/.test(line) && commandsIn([line]).some(runsProxy)
    );
  });
}

/** Whether a Caddyfile uses its cache module for more than static media. */
function caddyCaches(lines: readonly string[], isStatic: (path: string) => boolean): boolean {
  const heads: string[] = [];
  return lines.some((line) => {
    const inStatic = heads.some((head) => {
      const path = /^(?:handle|handle_path|route)\s+(\/[^\s*{]*)/.exec(head)?.[1];
      return path !== undefined && isStatic(path);
    });
    // The first block without a head contains global options, which do not cache anything.
    const isSite = heads.length > 0 && heads[0] !== '{' && !inStatic;
    const trimmed = line.trim();
    if (isSite && /^cache(\s*\{)?$/.test(trimmed)) {
      return true;
    }
    if (trimmed.endsWith('{')) {
      heads.push(trimmed);
    } else if (trimmed === '}') {
      heads.pop();
    }
    return false;
  });
}
