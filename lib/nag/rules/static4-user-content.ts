import { LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE, INSTANCE } from '../facts';
import { directives } from '../nginx';
import { GuidePage, Rule } from '../rule';
import { scriptsOf } from '../script-rule';
import { staticTier } from '../static-tier';
import { asList, get } from '../template';
import { literal } from '../text';

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
      if (!tier.buckets.has(resource)) return undefined;
      const places: string[] = [];
      if (literal(resource.property('AccessControl')) === 'PublicReadWrite') {
        places.push('Properties.AccessControl');
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
    if (!tier.hosts.has(resource)) return undefined;
    return scriptsOf(resource, facts)
      .filter(
        ({ text }) =>
          directives(text, 'dav_methods').some((value) =>
            /\b(PUT|MKCOL|COPY|MOVE)\b/.test(value),
          ) || /(^|[\s{;])upload_(pass|store)\s/.test(text),
      )
      .map(({ location }) => location);
  },
};
