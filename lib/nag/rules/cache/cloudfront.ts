import { behaviorsOf } from '../../dashboard/cloudfront';
import { Facts } from '../../dashboard/facts';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource, asList, get } from '../../template/template';
import { literal } from '../../template/text';

const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
// The managed policies that cache, unless the origin forbids it.
const CACHING = new Set([
  '658327ea-f89d-4fab-a63d-7e88639e58f6', // CachingOptimized
  'b2884449-e4de-46a7-ac36-70bc7f1ddd6d', // CachingOptimizedForUncompressedObjects
  '83da9c7e-98b4-4e11-a168-04f0df8e2c65', // UseOriginCacheControlHeaders
  '4cc15a8a-d715-48a4-82b8-cc0b614638fe', // UseOriginCacheControlHeaders-QueryStrings
  '2e54312d-136d-493c-8eb9-b001f22f67d2', // Amplify
  '08627262-05a9-4f76-9ded-b50ca2e3a84f', // Elemental-MediaPackage
]);
// Buckets contain files, regardless of the name of the distribution in front of them.
const BUCKET = /(^|[.-])s3[.-][a-z0-9.-]*amazonaws\.com(\.cn)?$|\.s3\.amazonaws\.com(\.cn)?$/;

/** True, false, or undefined if it is not known at synth time. */
type Known = boolean | undefined;

export const cacheCloudFront: Rule = {
  id: 'CACHE1',
  guideRules: [20],
  level: 'error',
  ours: 'No CloudFront distribution; the load balancer caches nothing',
  cause: "A CloudFront behavior caches the dashboard's responses.",
  explanation:
    'The dashboard renders every page for one user, from live OpenStack API calls. A cache in ' +
    "front of it can serve stale pages, or one user's page to another.",
  page: GuidePage.CACHING_AND_SESSIONS,
  fix:
    'Use the managed cache policy CachingDisabled for behaviors that reach the dashboard. Only ' +
    'the paths of static media may be cached.',
  types: ['AWS::CloudFront::Distribution'],
  check(distribution, facts) {
    if (facts.hosts.size === 0 && facts.names.size === 0) {
      return undefined;
    }
    const config = distribution.property('DistributionConfig');
    const origins = originsOf(distribution, config, facts);
    const reaching = behaviorsOf(config).flatMap(([place, behavior]) => {
      const id = literal(get(behavior, 'TargetOriginId'));
      // An ID that is not known at synth time can be that of any origin.
      const reaches = id === undefined ? anyOf([...origins.values()]) : origins.get(id);
      const isStatic = isStaticPath(behavior, facts);
      if (reaches === false || origins.size === 0 || isStatic === true) {
        return [];
      }
      return [{ place, behavior, sure: reaches === true && isStatic === false }];
    });
    if (reaching.length === 0) {
      return undefined;
    }
    return reaching.flatMap(({ place, behavior, sure }) => {
      const path = `Properties.DistributionConfig.${place}`;
      const wrong = caches(distribution, behavior, facts);
      if (wrong === true && sure) {
        return [path];
      }
      if (wrong !== false) {
        facts.unknown(path);
      }
      return [];
    });
  },
};

/** Whether origins and origin groups are the dashboard, by ID. */
function originsOf(distribution: Resource, config: unknown, facts: Facts): Map<string, Known> {
  const origins = new Map<string, Known>();
  const given = get(config, 'Aliases');
  const aliases = given === undefined ? [] : (asList(given) ?? [undefined]);
  const names = aliases.map((alias) => literal(alias)?.toLowerCase());
  const known = names.filter((name) => name !== undefined);
  // A distribution with only static names may share the dashboard's load balancer.
  if (names.length > 0 && known.length === names.length) {
    if (known.every((name) => facts.staticNames.has(name))) {
      return origins;
    }
  }
  const isDashboards = aliases.some((alias) => facts.isEntry(distribution, alias));
  const isOthers =
    known.length > 0 && known.length === names.length && !isDashboards && facts.names.size > 0;
  for (const origin of asList(get(config, 'Origins')) ?? []) {
    const id = literal(get(origin, 'Id'));
    if (id === undefined) {
      continue;
    }
    const domain = get(origin, 'DomainName');
    const balancer = balancerOf(distribution, origin, facts);
    const text = literal(domain)?.toLowerCase();
    if (balancer) {
      origins.set(id, !isOthers || facts.leadsToDashboard(balancer, known));
    } else if (facts.isEntry(distribution, domain)) {
      origins.set(id, true);
    } else if (
      facts.target(distribution, domain) !== undefined ||
      get(origin, 'S3OriginConfig') !== undefined ||
      get(origin, 'OriginAccessControlId') !== undefined ||
      (text !== undefined && (BUCKET.test(text) || facts.staticNames.has(text)))
    ) {
      origins.set(id, false);
    } else if (isDashboards) {
      // The origin serves the dashboard's name, whatever its own name is.
      origins.set(id, true);
    } else {
      origins.set(id, text !== undefined || isOthers ? false : undefined);
    }
  }
  for (const group of asList(get(config, 'OriginGroups', 'Items')) ?? []) {
    const members = asList(get(group, 'Members', 'Items')) ?? [];
    const id = literal(get(group, 'Id'));
    if (id === undefined) {
      continue;
    }
    const reached = members.map((member) => origins.get(literal(get(member, 'OriginId')) ?? ''));
    origins.set(id, reached.includes(true) ? true : anyOf(reached));
  }
  return origins;
}

/** The dashboard's load balancer, if an origin is one. */
function balancerOf(distribution: Resource, origin: unknown, facts: Facts): Resource | undefined {
  const id = get(origin, 'VpcOriginConfig', 'VpcOriginId');
  const inVpc = id === undefined ? undefined : facts.target(distribution, id)?.resource;
  const target =
    inVpc?.type === 'AWS::CloudFront::VpcOrigin'
      ? facts.target(inVpc, inVpc.property('VpcOriginEndpointConfig', 'Arn'))
      : facts.target(distribution, get(origin, 'DomainName'));
  return target && facts.loadBalancers.has(target.resource) ? target.resource : undefined;
}

/** The common value, if any of several may be meant. */
function anyOf(known: readonly Known[]): Known {
  const [first] = known;
  return known.every((each) => each === first) ? first : undefined;
}

function isStaticPath(behavior: unknown, facts: Facts): Known {
  const given = get(behavior, 'PathPattern');
  if (given === undefined) {
    return false;
  }
  const pattern = literal(given);
  if (pattern === undefined) {
    return undefined;
  }
  const path = pattern.startsWith('/') ? pattern : `/${pattern}`;
  return [...facts.staticPaths].some((prefix) => path.startsWith(prefix));
}

function caches(distribution: Resource, behavior: unknown, facts: Facts): Known {
  const policy = get(behavior, 'CachePolicyId');
  if (policy !== undefined) {
    const id = literal(policy);
    if (id === CACHING_DISABLED) {
      return false;
    }
    if (id !== undefined) {
      return CACHING.has(id) || undefined;
    }
    const target = facts.target(distribution, policy);
    if (target?.resource.type !== 'AWS::CloudFront::CachePolicy') {
      return undefined;
    }
    const config = target.resource.property('CachePolicyConfig');
    return either(positive(get(config, 'MinTTL')), positive(get(config, 'DefaultTTL')));
  }
  // Legacy cache settings; CloudFront's default TTL is one day.
  if (get(behavior, 'ForwardedValues') === undefined) {
    return false;
  }
  const defaultTtl = get(behavior, 'DefaultTTL');
  const maxTtl = get(behavior, 'MaxTTL');
  const kept =
    defaultTtl !== undefined ? positive(defaultTtl) : maxTtl === undefined || positive(maxTtl);
  return either(positive(get(behavior, 'MinTTL')), kept);
}

const either = (one: Known, other: Known): Known =>
  one === true || other === true
    ? true
    : one === undefined || other === undefined
      ? undefined
      : false;

function positive(value: unknown): Known {
  if (value === undefined) {
    return false;
  }
  const text = literal(value);
  return text === undefined ? undefined : Number(text) > 0;
}
