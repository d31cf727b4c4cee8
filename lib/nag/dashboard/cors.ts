import { headers, originsOf } from '../reading/nginx';
import { Resource, asList, get } from '../template/template';
import { isTrue, known, literal } from '../template/text';
import { behaviorsOf } from './cloudfront';
import { Facts } from './facts';
import { memo } from './memo';
import { LISTENER } from './resource-types';
import { scriptsOf } from './scripts';
import { staticTier } from './static-tier';

const BUCKET = 'AWS::S3::Bucket';
const HEADERS_POLICY = 'AWS::CloudFront::ResponseHeadersPolicy';
const DISTRIBUTION = 'AWS::CloudFront::Distribution';
const ATTRIBUTE = 'routing.http.response.access_control_allow_origin.header_value';

/** Types other than hosts and listeners that can set `Access-Control-Allow-Origin`. */
export const CORS_TYPES = [BUCKET, HEADERS_POLICY, DISTRIBUTION];

/** An origin that a resource of the dashboard allows, and its place. */
export interface AllowedOrigin {
  readonly origin: string;
  readonly location: string;
}

// CloudFront's managed policies that allow any origin, from its documentation.
const ANY_ORIGIN = new Set([
  '60669652-455b-4ae9-85a4-c4c02393f86c', // SimpleCORS
  '5cc3b908-e619-4b99-88e5-2cf7f45965bd', // CORS-With-Preflight
  'e61eb60c-9c35-4d20-a928-2b84e02af89c', // CORS-and-SecurityHeadersPolicy
  'eaab4381-ed33-4a86-88ca-d9558dc6cd63', // CORS-with-preflight-and-SecurityHeadersPolicy
]);

/** The origins that a resource allows; undefined if it is not part of the dashboard. */
export function allowedOrigins(resource: Resource, facts: Facts): AllowedOrigin[] | undefined {
  if (facts.hosts.size === 0) {
    return undefined;
  }
  switch (resource.type) {
    case LISTENER: {
      if (!facts.listeners.has(resource)) {
        return undefined;
      }
      return (resource.list('ListenerAttributes') ?? [])
        .filter((one) => literal(get(one, 'Key')) === ATTRIBUTE)
        .flatMap((one) => at(get(one, 'Value'), 'Properties.ListenerAttributes', facts));
    }
    case BUCKET: {
      if (!staticTier(facts).buckets.has(resource)) {
        return undefined;
      }
      const rules = asList(resource.property('CorsConfiguration', 'CorsRules')) ?? [];
      return rules.flatMap((rule, index) =>
        (asList(get(rule, 'AllowedOrigins')) ?? []).flatMap((origin) =>
          at(origin, `Properties.CorsConfiguration.CorsRules.${index}.AllowedOrigins`, facts),
        ),
      );
    }
    case DISTRIBUTION: {
      const config = resource.property('DistributionConfig');
      if (!isOurs(resource, config, facts)) {
        return undefined;
      }
      return behaviorsOf(config).flatMap(([place, behavior]) =>
        ANY_ORIGIN.has(literal(get(behavior, 'ResponseHeadersPolicyId')) ?? '')
          ? [
              {
                origin: '*',
                location: `Properties.DistributionConfig.${place}.ResponseHeadersPolicyId`,
              },
            ]
          : [],
      );
    }
    case HEADERS_POLICY: {
      if (!usedPolicies(facts).has(resource)) {
        return undefined;
      }
      const path = [
        'ResponseHeadersPolicyConfig',
        'CorsConfig',
        'AccessControlAllowOrigins',
        'Items',
      ];
      return (resource.list(...path) ?? []).flatMap((origin) =>
        at(origin, `Properties.${path.join('.')}`, facts),
      );
    }
    default: {
      const tier = staticTier(facts);
      if (!facts.servesOrFronts(resource) && !tier.hosts.has(resource)) {
        return undefined;
      }
      const scripts = scriptsOf(resource, facts).flatMap(({ text, location }) => [
        ...headers(text, 'Access-Control-Allow-Origin')
          .flatMap((origin) => {
            const variable = /^\$\{?(\w+)\}?$/.exec(origin.trim())?.[1];
            // The header repeats the origin of the request.
            if (variable === 'http_origin') {
              return ['*'];
            }
            return variable === undefined ? [origin] : originsOf(text, variable);
          })
          .map((origin) => ({ origin, location })),
        ...[...text.matchAll(/^\s*ALLOWED_ORIGIN="?([^"\n]*)"?\s*$/gm)].map(([, origin]) => ({
          origin,
          location,
        })),
      ]);
      // django-cors-headers, which Horizon does not use but a site can add.
      const settings = (facts.hosts.get(resource)?.sources ?? []).flatMap((source) =>
        ['CORS_ALLOW_ALL_ORIGINS', 'CORS_ORIGIN_ALLOW_ALL']
          .filter((name) => isTrue(known(source.settings.get(name)) ?? 'false'))
          .map((name) => ({
            origin: '*',
            location: source.kind === 'userData' ? source.location : `${source.location}.${name}`,
          })),
      );
      return [...scripts, ...settings];
    }
  }
}

function at(value: unknown, location: string, facts: Facts): AllowedOrigin[] {
  const origin = literal(value);
  if (origin === undefined) {
    facts.unknown(location);
  }
  return origin === undefined ? [] : [{ origin, location }];
}

/** The policies of distributions in front of the dashboard or its static media. */
const usedPolicies = memo((facts) => {
  const used = new Set<Resource>();
  for (const distribution of facts.template.ofType(DISTRIBUTION)) {
    const config = distribution.property('DistributionConfig');
    if (!isOurs(distribution, config, facts)) {
      continue;
    }
    for (const [, behavior] of behaviorsOf(config)) {
      const target = facts.target(distribution, get(behavior, 'ResponseHeadersPolicyId'));
      if (target) {
        used.add(target.resource);
      }
    }
  }
  return used;
});

/** Whether a distribution is in front of the dashboard or its static media. */
const isOurs = (distribution: Resource, config: unknown, facts: Facts): boolean =>
  staticTier(facts).distributions.has(distribution) ||
  (asList(get(config, 'Origins')) ?? []).some((origin) =>
    facts.isEntry(distribution, get(origin, 'DomainName')),
  );
