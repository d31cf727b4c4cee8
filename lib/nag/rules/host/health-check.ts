import { Facts } from '../../dashboard/facts';
import { CLASSIC_LOAD_BALANCER, SCALING_GROUP, TARGET_GROUP } from '../../dashboard/resource-types';
import { OwnSource, Rule } from '../../pack/rule';
import { Resource, get } from '../../template/template';
import { isAbsent, literal } from '../../template/text';

// Pages of Horizon for which it asks Keystone or memcached, below whatever root it has.
const PAGE =
  /^(\/(horizon|dashboard))?\/?((auth|project|identity|admin|settings|home|ngdetails)(\/.*)?)?(\?.*)?$/;

export const hostHealthCheck: Rule = {
  id: 'HOST2',
  guideRules: [],
  level: 'warning',
  ours: '/healthz, which neither Keystone nor memcached can fail',
  cause:
    'A scaling group replaces dashboard hosts by a health check of a page that needs Keystone or ' +
    'memcached.',
  explanation:
    'With health checks of type ELB the group terminates hosts that do not answer. When Keystone, ' +
    'another API or the session cache is slow, every host fails the check at once: all are replaced, ' +
    'and the dashboard is down until long after the API is back.',
  page: OwnSource.HEALTH_CHECKS,
  fix: 'Check a path that the web server answers itself, or static media (/static/…).',
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
    // Left out, it is the root.
    return facts.wrong('Properties.HealthCheckPath', resource.property('HealthCheckPath'), (path) =>
      PAGE.test(path),
    );
  },
};

const target = (balancer: Resource): unknown => get(balancer.property('HealthCheck'), 'Target');

/** Whether a scaling group replaces its machines by what a load balancer says of them. */
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
