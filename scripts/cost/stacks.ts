// The templates that docs/cost.md and `npm run cost` are about: three sizes, and choices that each
// change one thing. Instance types and the like are changed on the resources, so that a new prop of the
// library changes nothing here.
import {
  App,
  CfnResource,
  DefaultStackSynthesizer,
  IPropertyInjector,
  Stack,
  aws_certificatemanager as acm,
  aws_ec2 as ec2,
  aws_elasticache as elasticache,
  aws_kms as kms,
  aws_s3 as s3,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { IConstruct } from 'constructs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DashboardStack } from '../../bin/dashboard-stack';
import {
  DashboardEntry,
  DashboardNetwork,
  Monitoring,
  OpenStackDashboard,
  OpenStackDashboardProps,
  ServerlessMemcached,
  SessionBackend,
  StaticMedia,
} from '../../lib';
import { CostTemplate, TemplateJson } from './template';
import { USAGE } from './usage';

/** The ready app with other choices than its defaults. */
export interface Deployment {
  /** Context keys of the ready app. */
  readonly context?: Readonly<Record<string, string>>;
  /** Props of its VPC. */
  readonly vpc?: () => Partial<ec2.VpcProps>;
  /** Changes of its resources. */
  readonly change?: (stack: Stack) => void;
}

/** Synthesizes the ready app. */
export function deploy({ context: given = {}, vpc, change }: Deployment): CostTemplate {
  const { context } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  const app = new App({
    context: { ...context, ...given },
    analyticsReporting: false,
    propertyInjectors: vpc ? [vpcInjector(vpc)] : [],
  });
  const stack = new DashboardStack(app, 'OpenStackDashboard', {
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  change?.(stack);
  return templateOf(stack);
}

function templateOf(stack: Stack): CostTemplate {
  return new CostTemplate(Template.fromStack(stack).toJSON() as TemplateJson);
}

function vpcInjector(props: () => Partial<ec2.VpcProps>): IPropertyInjector {
  return {
    constructUniqueId: ec2.Vpc.PROPERTY_INJECTION_ID,
    inject: (given: ec2.VpcProps) => ({ ...given, ...props() }),
  };
}

type ResourceClass<T extends CfnResource> = new (...args: never[]) => T;

/** Changes each resource of a class below a construct. There must be one, or the choice is none. */
function each<T extends CfnResource>(
  scope: IConstruct,
  type: ResourceClass<T>,
  change: (resource: T) => void,
): void {
  const found = scope.node.findAll().filter((node) => node instanceof type) as unknown as T[];
  if (found.length === 0) {
    throw new Error(`${scope.node.path || 'the app'} has no ${type.name}`);
  }
  found.forEach(change);
}

const dashboardOf = (stack: Stack) => stack.node.findChild('Dashboard') as OpenStackDashboard;

/** Another instance type for the hosts of one tier. */
function instanceType(hosts: IConstruct, type: string): void {
  each(hosts, ec2.CfnLaunchTemplate, (template) =>
    template.addPropertyOverride('LaunchTemplateData.InstanceType', type),
  );
}

function cacheNodes(stack: Stack, type: string): void {
  each(stack, elasticache.CfnCacheCluster, (cluster) => {
    cluster.cacheNodeType = type;
  });
}

function noDetailedMonitoring(stack: Stack): void {
  each(stack, ec2.CfnLaunchTemplate, (template) =>
    template.addPropertyOverride('LaunchTemplateData.Monitoring.Enabled', false),
  );
}

const natInstance = (): Partial<ec2.VpcProps> => ({
  natGatewayProvider: ec2.NatProvider.instanceV2({
    instanceType: new ec2.InstanceType('t4g.nano'),
    associatePublicIpAddress: true,
  }),
});

/** A size of a deployment. */
export interface Size {
  readonly title: string;
  readonly template: () => CostTemplate;
  readonly usage: (typeof USAGE)[keyof typeof USAGE];
}

export const SIZES: readonly Size[] = [
  {
    title: 'Thrifty',
    usage: USAGE.thrifty,
    template: () =>
      deploy({
        context: { session: 'sealedCookies', separateStaticTier: 'false', alarms: 'false' },
        vpc: natInstance,
        change: noDetailedMonitoring,
      }),
  },
  { title: 'Default', usage: USAGE.default, template: () => deploy({}) },
  {
    title: 'Large',
    usage: USAGE.large,
    template: () =>
      deploy({
        context: { minCapacity: '4', maxCapacity: '12' },
        vpc: () => ({ natGateways: 2 }),
        change: (stack) => {
          instanceType(dashboardOf(stack).hosts, 'm7g.large');
          instanceType(dashboardOf(stack).staticTier, 't4g.small');
          cacheNodes(stack, 'cache.m7g.large');
        },
      }),
  },
];

/** A choice, and what it changes. */
export interface Choice {
  readonly group: string;
  readonly title: string;
  readonly template: () => CostTemplate;
  /** By default, the ready app without choices. */
  readonly from?: () => CostTemplate;
}

const readyApp = (group: string, title: string, deployment: Deployment): Choice => ({
  group,
  title,
  template: () => deploy(deployment),
});

/** A stack with the construct itself, for choices that the ready app has no context key for. */
function construct(
  props: (
    stack: Stack,
    vpc: ec2.IVpc,
  ) => Pick<Parameters<typeof create>[1], 'session' | 'encryptionKey'>,
): CostTemplate {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Dashboard');
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    maxAzs: 2,
    natGateways: 1,
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  });
  create(stack, { vpc, ...props(stack, vpc) });
  return templateOf(stack);
}

/** A stack with the construct itself, and the network that it creates. */
function network(props: Parameters<typeof create>[1]): CostTemplate {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Dashboard');
  create(stack, props);
  return templateOf(stack);
}

function create(
  stack: Stack,
  props: Pick<
    OpenStackDashboardProps,
    'vpc' | 'network' | 'hosts' | 'staticMedia' | 'session' | 'encryptionKey'
  >,
): void {
  new OpenStackDashboard(stack, 'Dashboard', {
    domainName: 'dashboard.example.org',
    keystoneUrl: 'https://keystone.example.org:5000/v3',
    entry: DashboardEntry.newLoadBalancer({
      certificate: acm.Certificate.fromCertificateArn(
        stack,
        'Certificate',
        'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
      ),
    }),
    monitoring: Monitoring.none(),
    ...props,
  });
}

const hostsOfType = (type: string): Deployment => ({
  change: (stack) => instanceType(dashboardOf(stack).hosts, type),
});

export const CHOICES: readonly Choice[] = [
  readyApp('Network', 'A NAT gateway in each zone', { context: { nat: 'perZone' } }),
  readyApp('Network', 'A regional NAT gateway, in two zones', { context: { nat: 'regional' } }),
  readyApp('Network', 'A NAT instance, `t4g.nano`, instead of the NAT gateway', {
    vpc: natInstance,
  }),
  readyApp('Network', 'No NAT gateway: egress through your network, such as a transit gateway', {
    vpc: () => ({ natGateways: 0 }),
  }),
  {
    group: 'Network',
    title: 'No NAT gateway, with interface endpoints and baked machine images',
    from: () => network({}),
    template: () => {
      const machineImage = ec2.MachineImage.fromSsmParameter('/example/images/dashboard/arm64');
      return network({
        network: DashboardNetwork.noNat(),
        hosts: { machineImage },
        staticMedia: StaticMedia.onStaticHosts({ machineImage }),
      });
    },
  },
  readyApp('Network', 'A load balancer with private addresses', {
    context: { internetFacing: 'false' },
  }),
  readyApp('Sessions', '`cache.t4g.micro` nodes', {
    change: (stack) => cacheNodes(stack, 'cache.t4g.micro'),
  }),
  readyApp('Sessions', '`cache.t4g.medium` nodes', {
    change: (stack) => cacheNodes(stack, 'cache.t4g.medium'),
  }),
  readyApp('Sessions', '`cache.m7g.large` nodes', {
    change: (stack) => cacheNodes(stack, 'cache.m7g.large'),
  }),
  {
    group: 'Sessions',
    title: 'A serverless cache',
    from: () => construct(() => ({})),
    template: () =>
      construct((stack, vpc) => ({
        session: SessionBackend.memcached(new ServerlessMemcached(stack, 'Sessions', { vpc })),
      })),
  },
  readyApp('Sessions', 'Sealed cookies instead of memcached', {
    context: { session: 'sealedCookies' },
  }),
  readyApp('Hosts', 'No separate hosts for static media', {
    context: { separateStaticTier: 'false' },
  }),
  readyApp('Hosts', 'A third dashboard host', { context: { minCapacity: '3' } }),
  readyApp('Hosts', '`t4g.micro` dashboard hosts', hostsOfType('t4g.micro')),
  readyApp('Hosts', '`t4g.medium` dashboard hosts', hostsOfType('t4g.medium')),
  readyApp('Hosts', '`m7g.large` dashboard hosts', hostsOfType('m7g.large')),
  readyApp('Hosts', '`t3.small` dashboard hosts (x86)', hostsOfType('t3.small')),
  readyApp('Monitoring', 'No detailed monitoring of hosts', { change: noDetailedMonitoring }),
  readyApp('Monitoring', 'No alarms and no dashboard in CloudWatch', {
    context: { alarms: 'false' },
  }),
  readyApp('Logs', 'No VPC flow logs', {
    change: (stack) =>
      each(stack, ec2.CfnFlowLog, (log) => log.node.scope?.node.tryRemoveChild(log.node.id)),
  }),
  readyApp('Logs', 'Logs kept for 90 days instead of a year', {
    change: (stack) =>
      each(dashboardOf(stack).logBucket, s3.CfnBucket, (bucket) =>
        bucket.addPropertyOverride('LifecycleConfiguration.Rules.0.ExpirationInDays', 90),
      ),
  }),
  {
    group: 'Encryption',
    title: 'A customer managed KMS key',
    from: () => construct(() => ({})),
    template: () => construct((stack) => ({ encryptionKey: new kms.Key(stack, 'Key') })),
  },
];
