import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import {
  AccessLogTable,
  DashboardAlarms,
  DashboardHosts,
  DashboardOverview,
  DashboardSettings,
  DashboardWebAcl,
  HostGroup,
  HostImage,
  HostsHealthCheck,
  HostLogGroup,
  HttpsEntry,
  InstanceConnectEndpoint,
  MemcachedCluster,
  MemcachedServers,
  OpenStackDashboard,
  SecretKeyRotation,
  ServerlessMemcached,
  SessionBackend,
  StaticTier,
} from '../../lib';
import { KEYSTONE, NAME, network, newBalancer, newDashboard } from './fixtures';

/** A construct of the library, with the least that its props must have. */
export interface Constructible {
  readonly type: ConstructClass;
  /** The type of the resource that `node.defaultChild` is. */
  readonly main?: string;
  readonly props: (stack: Stack) => object;
  /** What it needs afterwards. */
  readonly finish?: (construct: Construct) => void;
}

export interface ConstructClass {
  readonly name: string;
  readonly PROPERTY_INJECTION_ID: string;
  new (scope: Construct, id: string, props: never): Construct;
}

const vpcOnly = (stack: Stack): object => ({ vpc: network(stack) });

export const CONSTRUCTS: readonly Constructible[] = [
  {
    type: AccessLogTable,
    main: 'AWS::Glue::Table',
    props: (stack) => ({ logBucket: new Bucket(stack, 'Logs') }),
  },
  {
    type: DashboardAlarms,
    props: (stack) => ({ parts: newDashboard(stack).monitoredParts }),
  },
  {
    type: DashboardOverview,
    main: 'AWS::CloudWatch::Dashboard',
    props: (stack) => ({ parts: newDashboard(stack).monitoredParts }),
  },
  {
    type: DashboardHosts,
    main: 'AWS::AutoScaling::AutoScalingGroup',
    props: (stack) => ({
      vpc: network(stack),
      settings: new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE }),
      session: SessionBackend.signedCookies(),
    }),
  },
  { type: DashboardWebAcl, main: 'AWS::WAFv2::WebACL', props: () => ({}) },
  { type: HostLogGroup, main: 'AWS::Logs::LogGroup', props: () => ({}) },
  {
    type: HostImage,
    main: 'AWS::StepFunctions::StateMachine',
    props: () => ({}),
    finish: (image) => (image as HostImage).bakeFor(newHosts(Stack.of(image), image as HostImage)),
  },
  {
    type: HostsHealthCheck,
    main: 'AWS::Route53::HealthCheck',
    props: () => ({}),
    finish: (check) =>
      (check as HostsHealthCheck).addHosts(newDashboard(Stack.of(check), {}, 'Watched').hosts),
  },
  {
    type: HttpsEntry,
    main: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    props: (stack) => ({
      vpc: network(stack),
      domainName: NAME,
      entry: newBalancer(stack),
    }),
  },
  {
    type: InstanceConnectEndpoint,
    main: 'AWS::EC2::InstanceConnectEndpoint',
    props: vpcOnly,
  },
  { type: MemcachedCluster, main: 'AWS::ElastiCache::CacheCluster', props: vpcOnly },
  {
    type: MemcachedServers,
    props: () => ({ endpoints: [{ address: 'memcached.example.org' }] }),
  },
  {
    type: OpenStackDashboard,
    props: (stack) => ({
      domainName: NAME,
      keystoneUrl: KEYSTONE,
      entry: newBalancer(stack),
    }),
  },
  {
    type: SecretKeyRotation,
    main: 'AWS::StepFunctions::StateMachine',
    props: (stack) => ({
      secretKey: new Secret(stack, 'SecretKey'),
      session: SessionBackend.signedCookies(),
    }),
  },
  { type: ServerlessMemcached, main: 'AWS::ElastiCache::ServerlessCache', props: vpcOnly },
  {
    type: StaticTier,
    main: 'AWS::AutoScaling::AutoScalingGroup',
    props: (stack) => ({ vpc: network(stack), domainName: NAME }),
  },
];

export const EACH = CONSTRUCTS.map((each) => [each.type.name, each] as const);

// Load balancers with an access log need a known region.
const ENV = { account: '123456789012', region: 'eu-west-1' };

export function newStackIn(app: App): Stack {
  return new Stack(app, 'Stack', { env: ENV });
}

export function create({ type, props, finish }: Constructible, scope: Stack): Construct {
  const construct = new type(scope, 'Subject', props(scope) as never);
  finish?.(construct);
  return construct;
}

function newHosts(stack: Stack, { machineImage }: HostImage): HostGroup {
  return new StaticTier(stack, 'Hosts', { vpc: network(stack), domainName: NAME, machineImage });
}
