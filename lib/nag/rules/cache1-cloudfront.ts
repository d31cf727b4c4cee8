import { Facts } from '../facts';
import { GuidePage, Rule } from '../rule';
import { Resource, asList, get } from '../template';
import { literal } from '../text';

const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
// The managed policies that cache, at least whatever the origin does not forbid.
const CACHING = new Set([
  '658327ea-f89d-4fab-a63d-7e88639e58f6', // CachingOptimized
  'b2884449-e4de-46a7-ac36-70bc7f1ddd6d', // CachingOptimizedForUncompressedObjects
  '83da9c7e-98b4-4e11-a168-04f0df8e2c65', // UseOriginCacheControlHeaders
  '4cc15a8a-d715-48a4-82b8-cc0b614638fe', // UseOriginCacheControlHeaders-QueryStrings
  '2e54312d-136d-493c-8eb9-b001f22f67d2', // Amplify
  '08627262-05a9-4f76-9ded-b50ca2e3a84f', // Elemental-MediaPackage
]);

export const cacheCloudFront: Rule = {
  id: 'CACHE1',
  guideRules: [20],
  level: 'error',
  ours: 'No CloudFront distribution; the load balancer caches nothing',
  cause: 'A CloudFront behavior caches what the dashboard answers.',
  explanation:
    'The dashboard renders every page from OpenStack API requests of the moment, for one person; a ' +
    'front-end cache shows wrong content, or one person the content of another.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix:
    'Use the managed cache policy CachingDisabled for behaviors that reach the dashboard, and let ' +
    'only the paths of static media be cached.',
  types: ['AWS::CloudFront::Distribution'],
  check(distribution, facts) {
    const config = distribution.property('DistributionConfig');
    const origins = dashboardOrigins(distribution, config, facts);
    if (origins.size === 0) return undefined;
    const behaviors: [string, unknown][] = [
      ['DefaultCacheBehavior', get(config, 'DefaultCacheBehavior')],
      ...(asList(get(config, 'CacheBehaviors')) ?? []).map((behavior, index): [string, unknown] => [
        `CacheBehaviors.${index}`,
        behavior,
      ]),
    ];
    const reaching = behaviors.filter(([, behavior]) => {
      const origin = literal(get(behavior, 'TargetOriginId'));
      return origin !== undefined && origins.has(origin) && !isStaticPath(behavior, facts);
    });
    if (reaching.length === 0) return undefined;
    return reaching
      .filter(([, behavior]) => caches(distribution, behavior, facts))
      .map(([place]) => `Properties.DistributionConfig.${place}`);
  },
};

/** Ids of the origins, and of groups of them, that are the dashboard. */
function dashboardOrigins(distribution: Resource, config: unknown, facts: Facts): Set<string> {
  const ids = new Set<string>();
  const aliases = asList(get(config, 'Aliases')) ?? [];
  // A distribution for static names alone may share the dashboard's load balancer.
  if (
    aliases.length > 0 &&
    aliases.every((alias) => facts.staticNames.has(literal(alias)?.toLowerCase() ?? ''))
  ) {
    return ids;
  }
  for (const origin of asList(get(config, 'Origins')) ?? []) {
    const domain = get(origin, 'DomainName');
    const target = facts.target(distribution, domain);
    const name = literal(domain)?.toLowerCase();
    const isDashboard =
      (target !== undefined && facts.loadBalancers.has(target.resource)) ||
      (name !== undefined && facts.names.has(name));
    const id = literal(get(origin, 'Id'));
    if (isDashboard && id !== undefined) ids.add(id);
  }
  for (const group of asList(get(config, 'OriginGroups', 'Items')) ?? []) {
    const members = asList(get(group, 'Members', 'Items')) ?? [];
    const id = literal(get(group, 'Id'));
    if (id && members.some((member) => ids.has(literal(get(member, 'OriginId')) ?? ''))) {
      ids.add(id);
    }
  }
  return ids;
}

function isStaticPath(behavior: unknown, facts: Facts): boolean {
  const pattern = literal(get(behavior, 'PathPattern'));
  if (pattern === undefined) return false;
  const path = pattern.startsWith('/') ? pattern : `/${pattern}`;
  return [...facts.staticPaths].some((prefix) => path.startsWith(prefix));
}

function caches(distribution: Resource, behavior: unknown, facts: Facts): boolean {
  const policy = get(behavior, 'CachePolicyId');
  if (policy !== undefined) {
    const id = literal(policy);
    if (id !== undefined) return id !== CACHING_DISABLED && CACHING.has(id);
    const target = facts.target(distribution, policy);
    if (target?.resource.type !== 'AWS::CloudFront::CachePolicy') return false;
    const config = target.resource.property('CachePolicyConfig');
    return positive(get(config, 'MinTTL')) || positive(get(config, 'DefaultTTL'));
  }
  // Settings from before cache policies; CloudFront's own default is a day.
  if (get(behavior, 'ForwardedValues') === undefined) return false;
  const defaultTtl = get(behavior, 'DefaultTTL');
  const maxTtl = get(behavior, 'MaxTTL');
  if (positive(get(behavior, 'MinTTL'))) return true;
  if (defaultTtl !== undefined) return positive(defaultTtl);
  return maxTtl === undefined || positive(maxTtl);
}

function positive(value: unknown): boolean {
  return Number(literal(value) ?? 0) > 0;
}
