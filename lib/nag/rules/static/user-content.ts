import { Facts } from '../../dashboard/facts';
import { LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE, INSTANCE } from '../../dashboard/resource-types';
import { scriptsOf } from '../../dashboard/scripts';
import { staticTier } from '../../dashboard/static-tier';
import { GuidePage, Rule } from '../../pack/rule';
import { directives, staticBlocks } from '../../reading/nginx';
import { Resource, asList, get } from '../../template/template';
import { known, literal } from '../../template/text';
import { place } from '../kinds/setting-rule';

const BUCKET = 'AWS::S3::Bucket';
const WRITES = /^(PUT|POST|DELETE|\*)$/i;

export const staticUserContent: Rule = {
  id: 'STATIC4',
  guideRules: [28],
  level: 'error',
  ours: 'Dashboard hosts alone write releases into the asset bucket',
  cause: 'What serves static media takes content from users.',
  explanation:
    'A file that somebody uploaded runs with the rights of the site that serves it. The guide wants ' +
    'no content of users on the subdomain of static media.',
  page: GuidePage.STATIC_MEDIA,
  fix: 'Let nobody but the build write there; give uploads a domain and a bucket of their own.',
  types: [BUCKET, LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION, INSTANCE],
  check(resource, facts) {
    const tier = staticTier(facts);
    if (resource.type === BUCKET) {
      if (!tier.buckets.has(resource)) {
        return undefined;
      }
      const places: string[] = [];
      if (literal(resource.property('AccessControl')) === 'PublicReadWrite') {
        places.push('Properties.AccessControl');
      }
      if (letsWrite(resource, facts)) {
        places.push('Properties.BucketName');
      }
      const rules = asList(resource.property('CorsConfiguration', 'CorsRules')) ?? [];
      rules.forEach((rule, index) => {
        const methods = asList(get(rule, 'AllowedMethods')) ?? [];
        if (methods.some((method) => WRITES.test(literal(method) ?? ''))) {
          places.push(`Properties.CorsConfiguration.CorsRules.${index}.AllowedMethods`);
        }
      });
      return places;
    }
    const isStatic = tier.hosts.has(resource);
    const sources = facts.hosts.get(resource)?.sources;
    if (!isStatic && !sources) {
      return undefined;
    }
    const takes = (text: string): boolean =>
      directives(text, 'dav_methods').some((value) => /\b(PUT|MKCOL|COPY|MOVE)\b/.test(value)) ||
      /(^|[\s{;])upload_(pass|store)\s/.test(text);
    const scripts = scriptsOf(resource, facts)
      .filter(({ text }) => takes(text) && (isStatic || staticBlocks(text, facts).some(takes)))
      .map(({ location }) => location);
    // Django writes what users upload to its MEDIA_ROOT.
    const media = (sources ?? [])
      .filter(({ settings }) => /\/static(\/|$)/.test(known(settings.get('MEDIA_ROOT')) ?? ''))
      .map((source) => place(source, 'MEDIA_ROOT'));
    return [...new Set([...scripts, ...media])];
  },
};

/** Whether a policy of a bucket lets everybody write to it. */
function letsWrite(bucket: Resource, facts: Facts): boolean {
  return facts
    .referring('AWS::S3::BucketPolicy', 'Bucket', bucket)
    .flatMap((policy) => asList(policy.property('PolicyDocument', 'Statement')) ?? [])
    .some((statement) => {
      const principal = get(statement, 'Principal');
      const everybody = [principal, get(principal, 'AWS')].flatMap((each) => asList(each) ?? each);
      const given = get(statement, 'Action');
      const actions = (asList(given) ?? [given]).map((action) => literal(action) ?? '');
      return (
        literal(get(statement, 'Effect')) === 'Allow' &&
        get(statement, 'Condition') === undefined &&
        everybody.some((each) => literal(each) === '*') &&
        actions.some((action) => /^(\*|s3:(\*|Put(\*|Object)|Delete(\*|Object)))/i.test(action))
      );
    });
}
