import { Facts } from '../../dashboard/facts';
import { targetGroupsOf } from '../../dashboard/references';
import { CLASSIC_LOAD_BALANCER, LISTENER, TARGET_GROUP } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource, get } from '../../template/template';
import { literal } from '../../template/text';

export const httpsTargetGroup: Rule = {
  id: 'HTTPS4',
  guideRules: [51, 57],
  level: 'error',
  ours: 'HTTPS to both tiers of hosts',
  cause: 'The load balancer speaks HTTP, without TLS, to dashboard hosts.',
  explanation:
    'Traffic is encrypted on every hop, and again behind the boundary: passwords, cookies and tokens ' +
    'travel between the load balancer and the hosts as well.',
  page: GuidePage.TLS,
  fix: 'Set the protocol of the target group to HTTPS, and let nginx on the host end TLS.',
  types: [TARGET_GROUP, CLASSIC_LOAD_BALANCER],
  check(group, facts) {
    if (group.type === CLASSIC_LOAD_BALANCER) {
      return classic(group, facts);
    }
    if (!facts.targetGroups.has(group)) {
      return undefined;
    }
    return facts.wrong(
      'Properties.Protocol',
      group.property('Protocol'),
      (protocol) =>
        protocol === 'HTTP' || (protocol === 'TCP' && (endsTls(group, facts) || isPlain(group))),
    );
  },
};

/** Whether a listener of a network load balancer ends TLS, and passes on what was in it. */
function endsTls(group: Resource, facts: Facts): boolean {
  return [...facts.listeners].some(
    (listener) =>
      listener.type === LISTENER &&
      literal(listener.property('Protocol')) === 'TLS' &&
      targetGroupsOf(listener.list('DefaultActions')).some(
        (arn) => facts.target(listener, arn)?.resource === group,
      ),
  );
}

/** A network load balancer passes on what comes; on the port of HTTP that is no TLS. */
const isPlain = (group: Resource): boolean => literal(group.property('Port')) === '80';

function classic(balancer: Resource, facts: Facts): string[] | undefined {
  if (!facts.loadBalancers.has(balancer)) {
    return undefined;
  }
  return (balancer.list('Listeners') ?? []).flatMap((listener, index) => {
    const given = get(listener, 'InstanceProtocol');
    const protocol = get(listener, 'Protocol');
    const outer = literal(protocol)?.toUpperCase();
    // Left out, it is the same kind as outside, without TLS.
    const wrong = (inner: string): boolean =>
      /^(HTTP|)$/i.test(inner) ? outer !== 'TCP' : /^TCP$/i.test(inner) && outer === 'SSL';
    return facts.wrong(`Properties.Listeners.${index}.InstanceProtocol`, given, wrong);
  });
}
