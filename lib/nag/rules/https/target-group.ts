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
  cause: 'The load balancer connects to dashboard hosts over plain HTTP.',
  explanation:
    'Every hop must be encrypted, also behind the load balancer: passwords, cookies and tokens ' +
    'travel between the load balancer and the hosts as well.',
  page: GuidePage.TLS,
  fix: 'Set the protocol of the target group to HTTPS, and terminate TLS in nginx on the host.',
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

/** Whether a listener of a Network Load Balancer terminates TLS and forwards plaintext. */
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

/** A Network Load Balancer forwards traffic unchanged; on port 80, that is not TLS. */
const isPlain = (group: Resource): boolean => literal(group.property('Port')) === '80';

function classic(balancer: Resource, facts: Facts): string[] | undefined {
  if (!facts.loadBalancers.has(balancer)) {
    return undefined;
  }
  return (balancer.list('Listeners') ?? []).flatMap((listener, index) => {
    const given = get(listener, 'InstanceProtocol');
    const protocol = get(listener, 'Protocol');
    const outer = literal(protocol)?.toUpperCase();
    // The default is the protocol of the listener, without TLS.
    const wrong = (inner: string): boolean =>
      /^(HTTP|)$/i.test(inner) ? outer !== 'TCP' : /^TCP$/i.test(inner) && outer === 'SSL';
    return facts.wrong(`Properties.Listeners.${index}.InstanceProtocol`, given, wrong);
  });
}
