import { Facts } from '../../dashboard/facts';
import { memo } from '../../dashboard/memo';
import {
  CACHE_CLUSTER,
  HELM_CHART,
  HELM_RELEASE,
  INSTANCE,
  LAUNCH_CONFIGURATION,
  LAUNCH_TEMPLATE,
  LOAD_BALANCER,
  MANIFEST,
  REPLICATION_GROUP,
  SERVERLESS_CACHE,
  TASK_DEFINITION,
} from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource, asList, get } from '../../template/template';
import { holesIn, intrinsic, literal } from '../../template/text';

const SECURITY_GROUP = 'AWS::EC2::SecurityGroup';
const INGRESS = 'AWS::EC2::SecurityGroupIngress';

export const sessionClusterNetwork: Rule = {
  id: 'SESSION6',
  guideRules: [23],
  level: 'error',
  ours: 'A dedicated security group in isolated subnets, open only to the dashboard hosts',
  cause:
    "The cache of the dashboard's sessions has no dedicated security group, or its group " +
    'allows more than the hosts that need the cache, or one of its subnets has a route to the ' +
    'internet.',
  explanation:
    'Memcached has no login: any client that can reach it can read and write every session. ' +
    'The guide recommends making sure that no data leaks.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix:
    'Give the cache a security group that no other resource uses, and allow ingress on its ' +
    "port only from the security group of the dashboard's hosts.",
  types: [CACHE_CLUSTER, SERVERLESS_CACHE, REPLICATION_GROUP],
  check(cluster, facts) {
    if (!facts.clusters.has(cluster)) {
      return undefined;
    }
    const routed = routedSubnets(cluster, facts);
    const name = cluster.type === CACHE_CLUSTER ? 'VpcSecurityGroupIds' : 'SecurityGroupIds';
    const place = `Properties.${name}`;
    const given = cluster.property(name);
    // AWS uses the VPC's default group, which admits every other member of that group.
    if (given === undefined || (Array.isArray(given) && given.length === 0)) {
      return [place, ...routed];
    }
    const groups = asList(given);
    if (!groups) {
      facts.unknown(place);
    }
    const { shared } = groupsOf(facts);
    const wrong = (groups ?? []).map((value): boolean | undefined => {
      const target = facts.target(cluster, value);
      if (target?.attribute === 'DefaultSecurityGroup') {
        return true;
      }
      if (target?.resource.type !== SECURITY_GROUP) {
        return undefined;
      }
      return shared.has(target.resource) || letsMoreIn(target.resource, facts);
    });
    if (wrong.includes(true)) {
      return [place, ...routed];
    }
    if (wrong.includes(undefined)) {
      facts.unknown(place);
    }
    return routed;
  },
};

/** The place of a cache's subnets, if one of them has a route to an internet gateway. */
function routedSubnets(cluster: Resource, facts: Facts): string[] {
  const name = cluster.type === SERVERLESS_CACHE ? 'SubnetIds' : 'CacheSubnetGroupName';
  const group = facts.target(cluster, cluster.property(name))?.resource;
  const list =
    cluster.type === SERVERLESS_CACHE
      ? cluster.list(name)
      : group?.type === 'AWS::ElastiCache::SubnetGroup'
        ? group.list('SubnetIds')
        : undefined;
  const from = cluster.type === SERVERLESS_CACHE ? cluster : group;
  const isRouted = (list ?? []).some((id) => {
    const subnet = from && facts.target(from, id)?.resource;
    return subnet !== undefined && publicSubnets(facts).has(subnet);
  });
  return isRouted ? [`Properties.${name}`] : [];
}

const publicSubnets = memo((facts): ReadonlySet<Resource> => {
  const tables = new Set<Resource>();
  for (const route of facts.template.ofType('AWS::EC2::Route')) {
    facts.everyWay(route, () => {
      const gateway = facts.target(route, route.property('GatewayId'))?.resource;
      const table = facts.target(route, route.property('RouteTableId'))?.resource;
      if (table && gateway?.type === 'AWS::EC2::InternetGateway') {
        tables.add(table);
      }
    });
  }
  const subnets = new Set<Resource>();
  for (const association of facts.template.ofType('AWS::EC2::SubnetRouteTableAssociation')) {
    facts.everyWay(association, () => {
      const table = facts.target(association, association.property('RouteTableId'))?.resource;
      const subnet = facts.target(association, association.property('SubnetId'))?.resource;
      if (table && subnet && tables.has(table)) {
        subnets.add(subnet);
      }
    });
  }
  return subnets;
});

interface Groups {
  /** Security groups of machines and load balancers. */
  readonly shared: ReadonlySet<Resource>;
  /** Security groups of load balancers, but not of machines. */
  readonly entry: ReadonlySet<Resource>;
  /** Security groups of machines that are not a dashboard and do not refer to its cache. */
  readonly foreign: ReadonlySet<Resource>;
}

// Used for each cache of an app, which may have many dashboards.
const groupsOf = memo((facts): Groups => {
  const machines = new Set<Resource>();
  const needed = new Set<Resource>();
  const balancers = new Set<Resource>();
  const add = (to: Set<Resource>, from: Resource, list: unknown): void => {
    for (const value of asList(list) ?? []) {
      const target = facts.target(from, value);
      if (target) {
        to.add(target.resource);
      }
    }
  };
  const addMachine = (from: Resource, runs: Resource | undefined, list: unknown): void => {
    add(machines, from, list);
    if (runs === undefined || needsCache(runs, facts)) {
      add(needed, from, list);
    }
  };
  const each = (type: string, ask: (resource: Resource) => void): void => {
    for (const resource of facts.template.ofType(type)) {
      facts.everyWay(resource, ask);
    }
  };
  each(LAUNCH_TEMPLATE, (launch) => {
    const data = launch.property('LaunchTemplateData');
    addMachine(launch, launch, get(data, 'SecurityGroupIds'));
    for (const card of asList(get(data, 'NetworkInterfaces')) ?? []) {
      addMachine(launch, launch, get(card, 'Groups'));
    }
  });
  each(LAUNCH_CONFIGURATION, (launch) =>
    addMachine(launch, launch, launch.property('SecurityGroups')),
  );
  each(INSTANCE, (instance) => {
    addMachine(instance, instance, instance.property('SecurityGroupIds'));
    for (const card of instance.list('NetworkInterfaces') ?? []) {
      addMachine(instance, instance, get(card, 'GroupSet'));
    }
  });
  each('AWS::ECS::Service', (service) =>
    addMachine(
      service,
      facts.target(service, service.property('TaskDefinition'))?.resource,
      service.property('NetworkConfiguration', 'AwsvpcConfiguration', 'SecurityGroups'),
    ),
  );
  each(LOAD_BALANCER, (balancer) => add(balancers, balancer, balancer.property('SecurityGroups')));
  // Containers without their own network run on machines that are not recognized as a dashboard.
  const areMachines = [...facts.hosts.keys()].every(
    (host) =>
      ![HELM_CHART, HELM_RELEASE, MANIFEST].includes(host.type) &&
      (host.type !== TASK_DEFINITION || literal(host.property('NetworkMode')) === 'awsvpc'),
  );
  return {
    shared: new Set([...machines, ...balancers]),
    entry: new Set([...balancers].filter((group) => !machines.has(group))),
    foreign: new Set(areMachines ? [...machines].filter((group) => !needed.has(group)) : []),
  };
});

/** Whether a machine runs the dashboard, or another program that refers to its cache. */
function needsCache(machine: Resource, facts: Facts): boolean {
  if (facts.hosts.has(machine)) {
    return true;
  }
  const values = facts.containers(machine).flatMap(({ settings }) => [...settings.values()]);
  return [...facts.texts(machine), ...values].some(({ text, holes }) =>
    holesIn(text, holes).some((hole) => {
      const target = facts.target(machine, hole)?.resource;
      return target !== undefined && facts.clusters.has(target);
    }),
  );
}

/** Whether a group admits more than the hosts, or undefined if that is not known at synth time. */
function letsMoreIn(group: Resource, facts: Facts): boolean | undefined {
  const inline = group.property('SecurityGroupIngress');
  const rules: [Resource, unknown][] = (asList(inline) ?? []).map((rule) => [group, rule]);
  for (const ingress of facts.referring(INGRESS, 'GroupId', group)) {
    rules.push([ingress, ingress.property()]);
  }
  const vpc = facts.target(group, group.property('VpcId'))?.resource;
  const network: Network = { vpc, blocks: vpc ? vpcBlocks(vpc, facts) : undefined };
  const wide = rules.map(([from, rule]) => isWide(from, rule, network, facts));
  if (wide.includes(true)) {
    return true;
  }
  const open = wide.includes(undefined) || (inline !== undefined && !asList(inline));
  return open ? undefined : false;
}

interface Network {
  readonly vpc?: Resource;
  /** Its CIDR blocks, or undefined if the VPC is created elsewhere. */
  readonly blocks?: readonly string[];
}

function isWide(
  from: Resource,
  rule: unknown,
  { vpc, blocks }: Network,
  facts: Facts,
): boolean | undefined {
  if (intrinsic(rule)) {
    return undefined;
  }
  const source = facts.target(from, get(rule, 'SourceSecurityGroupId'));
  if (source?.attribute === 'DefaultSecurityGroup') {
    return true;
  }
  // A load balancer forwards traffic of any client.
  if (source && groupsOf(facts).entry.has(source.resource)) {
    return true;
  }
  if (source && groupsOf(facts).foreign.has(source.resource)) {
    return true;
  }
  const list = get(rule, 'SourcePrefixListId');
  const listed = list === undefined ? [] : prefixes(from, list, facts);
  if (!listed) {
    return undefined;
  }
  const cidrs = [get(rule, 'CidrIp'), get(rule, 'CidrIpv6'), ...listed].filter(
    (cidr) => cidr !== undefined,
  );
  const each = cidrs.map((cidr): boolean | undefined => {
    const [call, argument] = intrinsic(cidr) ?? [];
    const inner = call === 'Fn::Select' && Array.isArray(argument) ? argument[1] : cidr;
    const target = facts.target(from, inner);
    if (
      target &&
      target.resource === vpc &&
      /^(CidrBlock|Ipv6CidrBlocks)$/.test(target.attribute)
    ) {
      return true;
    }
    const text = literal(cidr)?.trim();
    if (text === undefined) {
      return undefined;
    }
    if (/\/0$/.test(text)) {
      return true;
    }
    return blocks?.some((block) => covers(text, block));
  });
  return each.includes(true) ? true : each.includes(undefined) ? undefined : false;
}

/** The CIDR blocks of a prefix list in the app. */
function prefixes(from: Resource, list: unknown, facts: Facts): unknown[] | undefined {
  const target = facts.target(from, list)?.resource;
  if (target?.type !== 'AWS::EC2::PrefixList') {
    return undefined;
  }
  return target.list('Entries')?.map((entry) => get(entry, 'Cidr'));
}

function vpcBlocks(vpc: Resource, facts: Facts): string[] {
  const more = facts.referring('AWS::EC2::VPCCidrBlock', 'VpcId', vpc);
  return [vpc, ...more].flatMap((block) =>
    [
      literal(block.property('CidrBlock')) ?? [],
      literal(block.property('Ipv6CidrBlock')) ?? [],
    ].flat(),
  );
}

/** Whether a CIDR block contains another one. */
function covers(outer: string, inner: string): boolean {
  const [a, b] = [parse(outer), parse(inner)];
  if (!a || !b || a.bits !== b.bits || a.length > b.length) {
    return false;
  }
  const shift = BigInt(a.bits - a.length);
  return a.start >> shift === b.start >> shift;
}

function parse(cidr: string): { start: bigint; length: number; bits: number } | undefined {
  const [address, suffix] = cidr.trim().split('/');
  const length = Number(suffix);
  const v4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)?.slice(1);
  if (!/^\d+$/.test(suffix ?? '') || length > (v4 ? 32 : 128)) {
    return undefined;
  }
  if (v4) {
    return { start: join(v4.map(Number), 8n), length, bits: 32 };
  }
  if (!/^[0-9a-f:]+$/i.test(address) || !address.includes(':')) {
    return undefined;
  }
  const [left, right] = address.split('::').map((half) => half.split(':').filter(Boolean));
  const missing = 8 - left.length - (right?.length ?? 0);
  if (missing < 0) {
    return undefined;
  }
  const words = [...left, ...Array<string>(missing).fill('0'), ...(right ?? [])];
  return {
    start: join(
      words.map((word) => parseInt(word, 16)),
      16n,
    ),
    length,
    bits: 128,
  };
}

const join = (parts: readonly number[], bits: bigint): bigint =>
  parts.reduce((sum, part) => (sum << bits) + BigInt(part), 0n);
