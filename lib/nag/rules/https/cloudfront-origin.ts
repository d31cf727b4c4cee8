import { behaviorsOf, withoutTls } from '../../dashboard/cloudfront';
import { GuidePage, Rule } from '../../pack/rule';
import { asList, get } from '../../template/template';
import { literal } from '../../template/text';

export const httpsCloudFrontOrigin: Rule = {
  id: 'HTTPS11',
  guideRules: [51, 57],
  level: 'error',
  ours: 'No CloudFront distribution',
  cause: 'CloudFront connects to the dashboard without TLS, or lets browsers connect without it.',
  explanation:
    'Every hop must be encrypted: passwords, cookies and tokens travel between the browser and ' +
    'CloudFront, and between CloudFront and the load balancer.',
  page: GuidePage.TLS,
  fix: 'Set OriginProtocolPolicy to https-only and ViewerProtocolPolicy to redirect-to-https.',
  types: ['AWS::CloudFront::Distribution'],
  check(distribution, facts) {
    const config = distribution.property('DistributionConfig');
    const ids = new Set<string>();
    const places: string[] = [];
    (asList(get(config, 'Origins')) ?? []).forEach((origin, index) => {
      const inVpc = facts.target(
        distribution,
        get(origin, 'VpcOriginConfig', 'VpcOriginId'),
      )?.resource;
      const endpoint = inVpc?.property('VpcOriginEndpointConfig', 'Arn');
      const isDashboard =
        facts.isEntry(distribution, get(origin, 'DomainName')) ||
        (inVpc !== undefined && facts.isEntry(inVpc, endpoint));
      if (!isDashboard) {
        return;
      }
      ids.add(literal(get(origin, 'Id')) ?? '');
      if (inVpc) {
        places.push(
          ...facts.wrong(
            `Properties.DistributionConfig.Origins.${index}.VpcOriginConfig`,
            inVpc.property('VpcOriginEndpointConfig', 'OriginProtocolPolicy'),
            (policy) => policy === 'http-only' || policy === 'match-viewer',
          ),
        );
        return;
      }
      places.push(
        ...facts.wrong(
          `Properties.DistributionConfig.Origins.${index}.CustomOriginConfig.OriginProtocolPolicy`,
          get(origin, 'CustomOriginConfig', 'OriginProtocolPolicy'),
          (policy) => policy === 'http-only' || policy === 'match-viewer',
        ),
      );
    });
    if (ids.size === 0) {
      return undefined;
    }
    const reaching = behaviorsOf(config).filter(([, behavior]) => {
      const origin = literal(get(behavior, 'TargetOriginId'));
      return origin !== undefined && ids.has(origin);
    });
    return [...places, ...withoutTls(reaching, facts)];
  },
};
