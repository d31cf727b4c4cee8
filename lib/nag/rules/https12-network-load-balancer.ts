import { Facts, LISTENER, TARGET_GROUP } from '../facts';
import { GuidePage, Rule } from '../rule';
import { Resource, asList, get } from '../template';
import { literal } from '../text';

export const httpsNetworkLoadBalancer: Rule = {
  id: 'HTTPS12',
  guideRules: [51, 57],
  level: 'error',
  ours: 'An application load balancer that encrypts again',
  cause: 'A network load balancer ends TLS and goes on to dashboard hosts without it.',
  explanation:
    'Traffic is encrypted again behind the boundary: passwords, cookies and tokens travel between the ' +
    'load balancer and the hosts as well.',
  page: GuidePage.TLS,
  fix:
    'Set the protocol of the target group to TLS, or let the listener pass TCP on to nginx, which ends ' +
    'TLS on the host.',
  types: [LISTENER],
  check(listener, facts) {
    if (!facts.listeners.has(listener)) return undefined;
    if (literal(listener.property('Protocol')) !== 'TLS') return undefined;
    const plain = targets(listener, facts).some(
      (group) => literal(group.property('Protocol')) === 'TCP',
    );
    return plain ? ['Properties.DefaultActions'] : [];
  },
};

/** The dashboard's target groups that a listener sends to. */
function targets(listener: Resource, facts: Facts): Resource[] {
  const arns = (listener.list('DefaultActions') ?? []).flatMap((action) => [
    get(action, 'TargetGroupArn'),
    ...(asList(get(action, 'ForwardConfig', 'TargetGroups')) ?? []).map((group) =>
      get(group, 'TargetGroupArn'),
    ),
  ]);
  return arns.flatMap((arn) => {
    const target = facts.target(listener, arn);
    return target?.resource.type === TARGET_GROUP && facts.targetGroups.has(target.resource)
      ? [target.resource]
      : [];
  });
}
