import { Facts } from '../../dashboard/facts';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { scriptsOf } from '../../dashboard/scripts';
import { GuidePage, Rule } from '../../pack/rule';
import { apacheDirectives, directives } from '../../reading/nginx';
import { Resource, asList, get } from '../../template/template';
import { literal } from '../../template/text';

const OLD = /^(SSLv2|SSLv3|TLSv1|TLSv1\.0|TLSv1\.1|TLSv1_2016|TLSv1\.1_2016)$/;
const DISTRIBUTION = 'AWS::CloudFront::Distribution';

export const httpsOldTls: Rule = {
  id: 'HTTPS14',
  guideRules: [52],
  level: 'error',
  ours: 'TLS 1.2 and 1.3 in nginx on both tiers',
  cause: 'The web server or CloudFront accepts TLS versions earlier than 1.2 for the dashboard.',
  explanation:
    'Earlier versions of TLS, and SSL, have known attacks. Every hop must use TLS 1.2 or later.',
  page: GuidePage.TLS,
  fix:
    'In nginx: ssl_protocols TLSv1.2 TLSv1.3. In Apache: SSLProtocol -all +TLSv1.2 +TLSv1.3. ' +
    'For CloudFront: MinimumProtocolVersion TLSv1.2_2021 and OriginSSLProtocols TLSv1.2.',
  types: [...HOST_TYPES, DISTRIBUTION],
  check(resource, facts) {
    if (resource.type === DISTRIBUTION) {
      return distribution(resource, facts);
    }
    if (!facts.servesOrFronts(resource)) {
      return undefined;
    }
    return scriptsOf(resource, facts)
      .filter(
        ({ text }) =>
          directives(text, 'ssl_protocols').some((value) =>
            value.split(/\s+/).some((version) => OLD.test(version)),
          ) ||
          apacheDirectives(text, 'SSLProtocol').some(apacheAccepts) ||
          // HAProxy: the minimum version for all binds or for one.
          /^\s*(ssl-default-bind-options|bind)\s(.*\s)?ssl-min-ver\s+(SSLv3|TLSv1\.[01])(\s|$)/m.test(
            text,
          ),
      )
      .map(({ location }) => location);
  },
};

/** Whether an expression such as `all -SSLv3 +TLSv1.2` allows an old version. */
function apacheAccepts(value: string): boolean {
  const versions = new Set<string>();
  for (const word of value.split(/\s+/)) {
    const [, sign, name] = /^([+-]?)(.*)$/.exec(word)!;
    const named = /^all$/i.test(name) ? ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] : [name];
    for (const version of named) {
      if (sign === '-') {
        versions.delete(version);
      } else {
        versions.add(version);
      }
    }
  }
  return [...versions].some((version) => OLD.test(version));
}

function distribution(resource: Resource, facts: Facts): string[] | undefined {
  const config = resource.property('DistributionConfig');
  const places: string[] = [];
  let judged = false;
  (asList(get(config, 'Origins')) ?? []).forEach((origin, index) => {
    const domain = get(origin, 'DomainName');
    const target = facts.target(resource, domain);
    const name = literal(domain)?.toLowerCase();
    if (
      !(target !== undefined && facts.loadBalancers.has(target.resource)) &&
      !(name !== undefined && facts.names.has(name))
    ) {
      return;
    }
    judged = true;
    const protocols = asList(get(origin, 'CustomOriginConfig', 'OriginSSLProtocols')) ?? [];
    if (protocols.some((protocol) => OLD.test(literal(protocol) ?? ''))) {
      places.push(
        `Properties.DistributionConfig.Origins.${index}.CustomOriginConfig.OriginSSLProtocols`,
      );
    }
  });
  if (!judged) {
    return undefined;
  }
  const version = literal(get(config, 'ViewerCertificate', 'MinimumProtocolVersion'));
  if (version !== undefined && OLD.test(version)) {
    places.push('Properties.DistributionConfig.ViewerCertificate.MinimumProtocolVersion');
  }
  return places;
}
