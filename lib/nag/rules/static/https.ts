import { isPlainUrl } from '../../../contract/urls';
import { behaviorsOf, withoutTls } from '../../dashboard/cloudfront';
import { HOST_TYPES, TARGET_GROUP } from '../../dashboard/resource-types';
import { staticTier } from '../../dashboard/static-tier';
import { GuidePage, Rule } from '../../pack/rule';
import { place } from '../kinds/setting-rule';

// This library's parameter, and Django's setting.
const SETTINGS = ['STATIC_BASE_URL', 'STATIC_URL'];
const DISTRIBUTION = 'AWS::CloudFront::Distribution';

export const staticHttps: Rule = {
  id: 'STATIC5',
  guideRules: [29, 51],
  level: 'error',
  ours: 'HTTPS to the load balancer and from there to static hosts',
  cause: 'Static media is served without TLS.',
  explanation:
    'An attacker who can modify a script in transit controls everything that the script can ' +
    'access: the page, its forms and its session. The guide recommends serving static media ' +
    'over HTTPS like the dashboard itself.',
  page: GuidePage.STATIC_MEDIA,
  fix:
    'Use https:// in STATIC_BASE_URL or STATIC_URL, HTTPS for target groups, and ' +
    'redirect-to-https for CloudFront.',
  types: [...HOST_TYPES, TARGET_GROUP, DISTRIBUTION],
  check(resource, facts) {
    const sources = facts.hosts.get(resource)?.sources;
    if (sources) {
      const judged = sources.flatMap((source) =>
        SETTINGS.filter((name) => source.settings.has(name)).map((name) => [source, name] as const),
      );
      if (judged.length === 0) {
        return undefined;
      }
      return judged
        .filter(([source, name]) => {
          const setting = source.settings.get(name)!;
          if (setting.dynamic || setting.text.trim().startsWith('\uE000')) {
            facts.unknown(place(source, name));
          }
          // The scheme is often literal even if the name is not.
          return !setting.dynamic && isPlainUrl(setting.text);
        })
        .map(([source, name]) => place(source, name));
    }
    const tier = staticTier(facts);
    if (resource.type === TARGET_GROUP) {
      if (!tier.targetGroups.has(resource)) {
        return undefined;
      }
      return facts.wrong(
        'Properties.Protocol',
        resource.property('Protocol'),
        (protocol) => protocol === 'HTTP',
      );
    }
    if (resource.type !== DISTRIBUTION || !tier.distributions.has(resource)) {
      return undefined;
    }
    return withoutTls(behaviorsOf(resource.property('DistributionConfig')), facts);
  },
};
