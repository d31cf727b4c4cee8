import { Facts } from '../../dashboard/facts';
import { CLASSIC_LOAD_BALANCER, SCALING_GROUP, TARGET_GROUP } from '../../dashboard/resource-types';
import { OwnSource, Rule } from '../../pack/rule';
import { Resource, get } from '../../template/template';
import { isAbsent, literal } from '../../template/text';

// Pages of Horizon that need Keystone or memcached, below any root.
const PAGE =
  /^(\/(horizon|dashboard))?\/?((auth|project|identity|admin|settings|home|ngdetails)(\/.*)?)?(\?.*)?$/;

export const hostHealthCheck: Rule = {
  id: 'HOST2',
  guideRules: [],
  level: 'warning',
  ours: '/healthz, which does not depend on Keystone or memcached',
  cause:
    'An Auto Scaling group replaces dashboard hosts when a page that needs Keystone or ' +
    'memcached fails its health check.',
  explanation:
    'With ELB health checks, the group terminates hosts that do not respond. When Keystone, ' +
    'another API or the session cache is slow, all hosts fail the check at once and are ' +
    'replaced, and the dashboard stays down until long after the API has recovered.',
  page: OwnSource.HEALTH_CHECKS,
  fix: 'Check a path that the web server answers by itself, or static media (/static/…).',
  types: [TARGET_GROUP, CLASSIC_LOAD_BALANCER],
  check(resource, facts) {
    const isClassic = resource.type === CLASSIC_LOAD_BALANCER;
    if (!(isClassic ? facts.loadBalancers : facts.targetGroups).has(resource)) {
      return undefined;
    }
    if (!replaces(resource, facts)) {
      return undefined;
    }
    if (isClassic) {
      return facts.wrong('Properties.HealthCheck.Target', target(resource), (text) => {
        const path = /^HTTPS?:\d+(\/.*)$/i.exec(text)?.[1];
        return path !== undefined && PAGE.test(path);
      });
    }
    const protocol =
      resource.property('HealthCheckProtocol') ??
      (/^HTTP/.test(literal(resource.property('Protocol')) ?? '') ? 'HTTP' : 'TCP');
    if (!/^HTTP/.test(literal(protocol) ?? '')) {
      return [];
    }
    // The default is the root.
    return facts.wrong('Properties.HealthCheckPath', resource.property('HealthCheckPath'), (path) =>
      PAGE.test(path),
    );
  },
};

const target = (balancer: Resource): unknown => get(balancer.property('HealthCheck'), 'Target');

/** Whether an Auto Scaling group uses the load balancer's health checks to replace its machines. */
function replaces(resource: Resource, facts: Facts): boolean {
  const property =
    resource.type === CLASSIC_LOAD_BALANCER ? 'LoadBalancerNames' : 'TargetGroupARNs';
  return facts.template.ofType(SCALING_GROUP).some((group) => {
    const type = group.property('HealthCheckType');
    if (isAbsent(type) || !/\bELB\b/i.test(literal(type) ?? '')) {
      return false;
    }
    const sources = (group.list('TrafficSources') ?? []).map((each) => get(each, 'Identifier'));
    return [...(group.list(property) ?? []), ...sources].some(
      (value) => facts.target(group, value)?.resource === resource,
    );
  });
}
