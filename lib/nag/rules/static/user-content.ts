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
  ours: 'Only dashboard hosts write releases to the asset bucket',
  cause: 'The server or bucket for static media accepts content from users.',
  explanation:
    'A file that a user uploaded runs with the rights of the site that serves it. The guide ' +
    'says that the subdomain for static media must not serve user content.',
  page: GuidePage.STATIC_MEDIA,
  fix: 'Allow only the build to write there, and use a separate domain and bucket for uploads.',
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
    // Django writes users' uploads to MEDIA_ROOT.
    const media = (sources ?? [])
      .filter(({ settings }) => /\/static(\/|$)/.test(known(settings.get('MEDIA_ROOT')) ?? ''))
      .map((source) => place(source, 'MEDIA_ROOT'));
    return [...new Set([...scripts, ...media])];
  },
};

/** Whether a bucket policy lets everyone write to the bucket. */
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
