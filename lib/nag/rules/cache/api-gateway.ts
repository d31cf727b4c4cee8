import { Facts } from '../../dashboard/facts';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource, asList, get } from '../../template/template';
import { flatten, holesIn, isTrue, literal } from '../../template/text';

const STAGE = 'AWS::ApiGateway::Stage';
const DEPLOYMENT = 'AWS::ApiGateway::Deployment';

export const cacheApiGateway: Rule = {
  id: 'CACHE4',
  guideRules: [20],
  level: 'error',
  ours: 'No API Gateway',
  cause: "An API Gateway stage caches the dashboard's responses.",
  explanation:
    'The dashboard renders every page for one user, from live OpenStack API calls. A cache in ' +
    "front of it can serve stale pages, or one user's page to another.",
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Set CacheClusterEnabled of the stage and CachingEnabled of its methods to false.',
  types: [STAGE, DEPLOYMENT],
  check(resource, facts) {
    if (facts.hosts.size === 0 && facts.names.size === 0) {
      return undefined;
    }
    const api = facts.target(resource, resource.property('RestApiId'))?.resource;
    if (!api || !leadsToDashboard(api, facts)) {
      return undefined;
    }
    // A deployment can contain the description of its stage.
    const path = resource.type === STAGE ? [] : ['StageDescription'];
    const place = ['Properties', ...path, 'CacheClusterEnabled'].join('.');
    const settings = asList(resource.property(...path, 'MethodSettings')) ?? [];
    if (!cachesPages(resource, path, settings, facts)) {
      return [];
    }
    return facts.wrong(place, resource.property(...path, 'CacheClusterEnabled'), isTrue);
  },
};

/** Whether a stage with a cache would use it for more than static media. */
function cachesPages(
  resource: Resource,
  path: readonly string[],
  settings: readonly unknown[],
  facts: Facts,
): boolean {
  // By default, GET methods are cached.
  let others = true;
  const all = literal(resource.property(...path, 'CachingEnabled'));
  if (all !== undefined && path.length > 0) {
    others = isTrue(all);
  }
  let some = false;
  for (const setting of settings) {
    const caching = literal(get(setting, 'CachingEnabled')) ?? '';
    const pages = (literal(get(setting, 'ResourcePath')) ?? '').replace(/~1/g, '/');
    if (/^\/+\*$/.test(pages)) {
      others = caching === '' ? others : isTrue(caching);
    } else if (isTrue(caching)) {
      some ||= ![...facts.staticPaths].some((prefix) =>
        `${pages}/`.replace(/^\/+/, '/').startsWith(prefix),
      );
    }
  }
  return others || some;
}

/** Whether an API's method or body leads to the dashboard. */
function leadsToDashboard(api: Resource, facts: Facts): boolean {
  const body = api.property('Body');
  if (body !== undefined && names(api, body, facts)) {
    return true;
  }
  return facts.referring('AWS::ApiGateway::Method', 'RestApiId', api).some((method) => {
    const integration = method.property('Integration');
    if (names(method, get(integration, 'Uri'), facts)) {
      return true;
    }
    const link = facts.target(method, get(integration, 'ConnectionId'))?.resource;
    return (link?.list('TargetArns') ?? []).some((arn) => {
      const target = link && facts.target(link, arn);
      return target !== undefined && facts.loadBalancers.has(target.resource);
    });
  });
}

/** Whether a value of any type names the dashboard or its load balancer. */
function names(from: Resource, value: unknown, facts: Facts, depth = 0): boolean {
  if (depth > 40 || value === undefined || value === null) {
    return false;
  }
  const text = flatten(value);
  if (facts.namesDashboard(from, text)) {
    return true;
  }
  // A value that is not a text is one hole.
  const [inner] = holesIn(text.text, text.holes);
  if (inner !== value || typeof value !== 'object') {
    return false;
  }
  return Object.values(value).some((each) => names(from, each, facts, depth + 1));
}
