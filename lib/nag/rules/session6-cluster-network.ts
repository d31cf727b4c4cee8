import { CACHE_CLUSTER, Facts, LAUNCH_TEMPLATE, LOAD_BALANCER, SERVERLESS_CACHE } from '../facts';
import { GuidePage, Rule } from '../rule';
import { Resource, asList, get } from '../template';
import { literal } from '../text';

const SECURITY_GROUP = 'AWS::EC2::SecurityGroup';

export const sessionClusterNetwork: Rule = {
  id: 'SESSION6',
  guideRules: [23],
  level: 'error',
  ours: 'A security group of its own, in isolated subnets, open to the dashboard hosts alone',
  cause:
    "The memcached cache of the dashboard's sessions has no security group of its own, or one that " +
    'lets in more than the hosts that need it.',
  explanation:
    'Memcached has no login: whoever reaches it reads every session, and writes them. The guide asks ' +
    'to ensure that there is no data leakage.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix:
    'Give the cache a security group that nothing else has, with ingress on its port from the ' +
    "security group of the dashboard's hosts alone.",
  types: [CACHE_CLUSTER, SERVERLESS_CACHE],
  check(cluster, facts) {
    if (!facts.clusters.has(cluster)) return undefined;
    const name = cluster.type === CACHE_CLUSTER ? 'VpcSecurityGroupIds' : 'SecurityGroupIds';
    const given = cluster.property(name);
    // Left out, AWS takes the default group of the VPC, which whatever else has it can pass.
    if (given === undefined || (Array.isArray(given) && given.length === 0)) {
      return [`Properties.${name}`];
    }
    const groups = asList(given);
    const shared = groups && sharedGroups(cluster, facts);
    const wrong = (groups ?? []).some((value) => {
      const target = facts.target(cluster, value);
      if (target?.attribute === 'DefaultSecurityGroup') return true;
      if (target?.resource.type !== SECURITY_GROUP) return false;
      return shared?.has(target.resource) || letsEveryoneIn(target.resource, facts);
    });
    return wrong ? [`Properties.${name}`] : [];
  },
};

/** Security groups that hosts and load balancers have. */
function sharedGroups(cluster: Resource, facts: Facts): Set<Resource> {
  const { template } = facts;
  const groups = new Set<Resource>();
  const add = (from: Resource, list: unknown): void => {
    for (const value of asList(list) ?? []) {
      const target = facts.target(from, value);
      if (target) groups.add(target.resource);
    }
  };
  for (const launch of template.ofType(LAUNCH_TEMPLATE)) {
    const data = launch.property('LaunchTemplateData');
    add(launch, get(data, 'SecurityGroupIds'));
    for (const card of asList(get(data, 'NetworkInterfaces')) ?? [])
      add(launch, get(card, 'Groups'));
  }
  for (const balancer of template.ofType(LOAD_BALANCER)) {
    add(balancer, balancer.property('SecurityGroups'));
  }
  for (const service of template.ofType('AWS::ECS::Service')) {
    add(service, service.property('NetworkConfiguration', 'AwsvpcConfiguration', 'SecurityGroups'));
  }
  groups.delete(cluster);
  return groups;
}

function letsEveryoneIn(group: Resource, facts: Facts): boolean {
  const rules: [Resource, unknown][] = (group.list('SecurityGroupIngress') ?? []).map((rule) => [
    group,
    rule,
  ]);
  for (const ingress of facts.template.ofType('AWS::EC2::SecurityGroupIngress')) {
    const target = facts.target(ingress, ingress.property('GroupId'));
    if (target?.resource === group) rules.push([ingress, ingress.property()]);
  }
  const vpc = facts.target(group, group.property('VpcId'))?.resource;
  const blocks = vpc ? vpcBlocks(vpc, facts) : [];
  return rules.some(([from, rule]) => {
    const v6 = literal(get(rule, 'CidrIpv6'));
    if (v6 !== undefined && /\/0$/.test(v6.trim())) return true;
    const cidr = get(rule, 'CidrIp');
    const target = facts.target(from, cidr);
    if (target && target.resource === vpc && target.attribute === 'CidrBlock') return true;
    const v4 = literal(cidr);
    return (
      v4 !== undefined && (/\/0$/.test(v4.trim()) || blocks.some((block) => covers(v4, block)))
    );
  });
}

function vpcBlocks(vpc: Resource, facts: Facts): string[] {
  const more = facts.template
    .ofType('AWS::EC2::VPCCidrBlock')
    .filter((block) => facts.target(block, block.property('VpcId'))?.resource === vpc);
  return [vpc, ...more].flatMap((block) => literal(block.property('CidrBlock')) ?? []);
}

/** Whether a block of IPv4 addresses has all of another. */
function covers(outer: string, inner: string): boolean {
  const [a, b] = [parse(outer), parse(inner)];
  if (!a || !b || a.length > b.length) return false;
  return Math.floor(a.start / a.size) === Math.floor(b.start / a.size);
}

function parse(cidr: string): { start: number; length: number; size: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr.trim());
  if (!match) return undefined;
  const [a, b, c, d, length] = match.slice(1).map(Number);
  return { start: ((a * 256 + b) * 256 + c) * 256 + d, length, size: 2 ** (32 - length) };
}
