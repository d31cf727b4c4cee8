import { Facts } from '../../dashboard/facts';
import { memo } from '../../dashboard/memo';
import {
  ECS_SERVICE,
  INSTANCE,
  LAUNCH_CONFIGURATION,
  LAUNCH_TEMPLATE,
} from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource, asList, get } from '../../template/template';
import { intrinsic, literal } from '../../template/text';

const SECURITY_GROUP = 'AWS::EC2::SecurityGroup';
const INGRESS = 'AWS::EC2::SecurityGroupIngress';

export const proxyWayAround: Rule = {
  id: 'PROXY7',
  guideRules: [19, 56],
  level: 'error',
  checklist: [],
  ours: 'Only the load balancer can reach port 443 of the hosts',
  cause:
    'Dashboard hosts can be reached from the internet without going through their load ' +
    'balancer.',
  explanation:
    'The dashboard trusts the header that says a request came over HTTPS, because only its ' +
    'load balancer can send it. A client that bypasses the load balancer can send it too, and ' +
    "is not recorded in the load balancer's access log.",
  page: GuidePage.CHECKLIST,
  fix: "Allow ingress to the hosts' ports only from the load balancer's security group.",
  types: [LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION, INSTANCE, ECS_SERVICE],
  check(host, facts) {
    const runs =
      host.type === ECS_SERVICE
        ? facts.target(host, host.property('TaskDefinition'))?.resource
        : host;
    if (!runs || !facts.hosts.has(runs)) {
      return undefined;
    }
    if (!isBalanced(facts)) {
      return undefined;
    }
    const groups = securityGroups(host, facts);
    if (groups.size === 0) {
      return undefined;
    }
    return [...groups]
      .filter(([group, location]) => isOpen(group, facts, location))
      .map(([, location]) => location)
      .filter((location, index, all) => all.indexOf(location) === index);
  },
};

/** Behind a Network Load Balancer, packets have the browser's address, so the hosts must be open. */
const isBalanced = memo((facts) => {
  const balancers = [...facts.loadBalancers];
  return (
    balancers.length > 0 &&
    balancers.every((balancer) => {
      const type = balancer.property('Type');
      return type === undefined || literal(type) === 'application';
    })
  );
});

function securityGroups(host: Resource, facts: Facts): Map<Resource, string> {
  const base = host.type === LAUNCH_TEMPLATE ? ['LaunchTemplateData'] : [];
  const prefix = ['Properties', ...base].join('.');
  const network = ['NetworkConfiguration', 'AwsvpcConfiguration', 'SecurityGroups'];
  const lists: [string, readonly unknown[] | undefined][] = [
    [`Properties.${network.join('.')}`, host.list(...network)],
    [`${prefix}.SecurityGroupIds`, host.list(...base, 'SecurityGroupIds')],
    [`${prefix}.SecurityGroups`, host.list(...base, 'SecurityGroups')],
    ...(host.list(...base, 'NetworkInterfaces') ?? []).map(
      (card, index): [string, readonly unknown[] | undefined] => [
        `${prefix}.NetworkInterfaces.${index}`,
        asList(get(card, 'Groups')) ?? asList(get(card, 'GroupSet')),
      ],
    ),
  ];
  const groups = new Map<Resource, string>();
  for (const [location, list] of lists) {
    for (const value of list ?? []) {
      const target = facts.target(host, value);
      if (target?.resource.type === SECURITY_GROUP) {
        groups.set(target.resource, location);
      }
    }
  }
  return groups;
}

/** Whether a security group allows ingress from the whole internet, except to the SSH port. */
function isOpen(group: Resource, facts: Facts, location: string): boolean {
  const rules = [
    ...(group.list('SecurityGroupIngress') ?? []),
    ...facts.referring(INGRESS, 'GroupId', group).map((rule) => rule.property()),
  ];
  return rules.some((rule) => {
    const everyone = ['CidrIp', 'CidrIpv6'].some((name) => {
      const range = get(rule, name);
      // Such as a parameter; an attribute is the range of a network, not the internet.
      if (intrinsic(range) && intrinsic(range)?.[0] !== 'Fn::GetAtt') {
        facts.unknown(location);
      }
      return /\/0$/.test(literal(range)?.trim() ?? '');
    });
    const [from, to] = ['FromPort', 'ToPort'].map((name) => literal(get(rule, name)));
    // ICMP does not reach a server.
    const isIcmp = /^(icmp|icmpv6|1|58)$/i.test(literal(get(rule, 'IpProtocol')) ?? '');
    return everyone && !isIcmp && !(from === '22' && to === '22');
  });
}
