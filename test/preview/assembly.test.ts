/** What the preview takes from the cloud assembly of a user's app. */
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  DashboardEntry,
  MemcachedCluster,
  Monitoring,
  OpenStackDashboard,
  OpenStackDashboardProps,
  SessionBackend,
} from '../../lib';
import { check } from '../../preview/control/check';
import { readPlan } from '../../preview/control/plan';
import { problemsOfMachine } from '../../preview/control/this-machine';
import { variable } from '../../preview/stack/user-data';
import { ELB_ACCOUNTS } from '../../preview/stack/elb-accounts';

const env = { account: '111122223333', region: 'eu-central-1' };

function dashboard(stack: Stack, props: Partial<OpenStackDashboardProps> = {}, id = 'Dashboard') {
  const certificate = acm.Certificate.fromCertificateArn(
    stack,
    `${id}Certificate`,
    'arn:aws:acm:eu-central-1:111122223333:certificate/0000',
  );
  return new OpenStackDashboard(stack, id, {
    domainName: 'dashboard.example.org',
    keystoneUrl: 'https://identity.example.org:5000/v3',
    monitoring: Monitoring.none(),
    entry: DashboardEntry.newLoadBalancer({ certificate }),
    ...props,
  });
}

const templateOf = (stack: Stack) =>
  path.join((stack.node.root as App).synth().directory, `${stack.stackName}.template.json`);

describe.each([
  ['exports', {}],
  ['weak references', { '@aws-cdk/core:defaultCrossStackReferences': 'weak' }],
])('a network and a cache in another stack, by %s', (_name, context) => {
  const app = new App({ context });
  const platform = new Stack(app, 'Platform', { env });
  const vpc = new ec2.Vpc(platform, 'Vpc', {
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  });
  const logBucket = new s3.Bucket(platform, 'Logs');
  const cluster = new MemcachedCluster(platform, 'Sessions', { vpc });
  const stack = new Stack(app, 'Dashboard', { env });
  dashboard(stack, { vpc, logBucket, session: SessionBackend.memcached(cluster) });
  const template = templateOf(stack);

  test('run with the dashboard', () => {
    const { hosts, caches, buckets } = readPlan({ template });
    const [endpoint] = caches.map(({ host }) => host);
    expect(caches).toHaveLength(1);
    const configured = hosts.filter(({ userData }) =>
      (variable(userData, 'MEMCACHED_ENDPOINT') ?? '').startsWith(endpoint),
    );
    expect(configured.map(({ role }) => role)).toEqual(['dashboard']);
    expect(buckets.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^preview-/),
      expect.stringMatching(/^platform-logs/),
    ]);
  });

  test('are needed in the same folder', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'alone-'));
    const alone = path.join(folder, 'Dashboard.template.json');
    writeFileSync(alone, JSON.stringify(app.synth().getStackByName('Dashboard').template));
    expect(() => readPlan({ template: alone })).toThrow(
      /imports the (export Platform:\w+|output \w+ of Platform), which no template in the same folder has: synthesize both stacks in one app, or give the resource by its name or ARN$/,
    );
  });
});

test('other software of the stack does not run', () => {
  const app = new App();
  const [alone, stack] = ['Alone', 'Stack'].map((id) => new Stack(app, id, { env }));
  dashboard(alone);
  const vpc = dashboard(stack).vpc;
  const group = new autoscaling.AutoScalingGroup(stack, 'Other', {
    vpc,
    instanceType: new ec2.InstanceType('t4g.nano'),
    machineImage: ec2.MachineImage.latestAmazonLinux2023(),
    userData: ec2.UserData.custom(`#!/bin/bash\n${'# a long comment\n'.repeat(1200)}`),
  });
  const balancer = new elbv2.ApplicationLoadBalancer(stack, 'OtherBalancer', { vpc });
  balancer.addListener('Http', { port: 8080 }).addTargets('Other', {
    port: 8080,
    targets: [group],
    deregistrationDelay: Duration.seconds(1),
  });
  new elasticache.CfnCacheCluster(stack, 'Redis', {
    engine: 'redis',
    cacheNodeType: 'cache.t4g.small',
    numCacheNodes: 1,
  });
  const before = readPlan({ template: templateOf(alone) });
  const after = readPlan({ template: templateOf(stack) });
  for (const part of ['listeners', 'targetGroups', 'caches'] as const) {
    expect(after[part]).toHaveLength(before[part].length);
  }
  expect(after.hosts.map(({ role }) => role)).toEqual(['static', 'dashboard']);
});

describe('a stack that it cannot run is refused', () => {
  test('without a dashboard', () => {
    const stack = new Stack(new App(), 'Stack', { env });
    new s3.Bucket(stack, 'Bucket');
    expect(() => readPlan({ template: templateOf(stack) })).toThrow(
      'the template has no dashboard hosts: give that of a stack with OpenStackDashboard or DashboardHosts with --template FILE',
    );
  });

  test('with two dashboards', () => {
    const stack = new Stack(new App(), 'Stack', { env });
    dashboard(stack);
    dashboard(stack, { domainName: 'other.example.org' }, 'Other');
    expect(() => readPlan({ template: templateOf(stack) })).toThrow(
      /the template has 2 groups of dashboard hosts \(\w+, \w+\): the preview runs one dashboard, so put each into a stack of its own/,
    );
  });

  test('with a load balancer that is imported', () => {
    const stack = new Stack(new App(), 'Stack', { env });
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      vpcCidrBlock: '10.0.0.0/16',
      availabilityZones: ['eu-central-1a', 'eu-central-1b'],
      privateSubnetIds: ['subnet-a', 'subnet-b'],
      isolatedSubnetIds: ['subnet-c', 'subnet-d'],
    });
    const arn = 'arn:aws:elasticloadbalancing:eu-central-1:111122223333';
    const securityGroupId = 'sg-0123456789abcdef0';
    const loadBalancer = elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(
      stack,
      'Balancer',
      {
        loadBalancerArn: `${arn}:loadbalancer/app/a/0`,
        loadBalancerDnsName: 'a.eu-central-1.elb.amazonaws.com',
        securityGroupId,
        vpc,
      },
    );
    const listener = elbv2.ApplicationListener.fromApplicationListenerAttributes(
      stack,
      'Listener',
      {
        listenerArn: `${arn}:listener/app/a/0/0`,
        securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', securityGroupId),
      },
    );
    dashboard(stack, {
      vpc,
      entry: DashboardEntry.onListener(listener, { loadBalancer, rulePriority: 20 }),
    });
    expect(() => readPlan({ template: templateOf(stack) })).toThrow(
      'the template has no load balancer: the preview runs that of the stack, so synthesize it with DashboardEntry.newLoadBalancer',
    );
  });

  test('in YAML', () => {
    const template = path.join(mkdtempSync(path.join(os.tmpdir(), 'yaml-')), 'a.yaml');
    writeFileSync(template, 'Resources: {}\n');
    expect(() => readPlan({ template })).toThrow(
      `${template} must be JSON, as the AWS CDK writes templates: give --template FILE`,
    );
  });
});

describe('without --template', () => {
  const before = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'app-'));
    mkdirSync(path.join(folder, 'cdk.out/assembly-Stage'), { recursive: true });
    process.chdir(folder);
  });
  afterEach(() => process.chdir(before));

  const one = new Stack(new App(), 'One');
  dashboard(one);
  const text = JSON.stringify(
    (one.node.root as App).synth().getStackByName('One').template as object,
  );

  test('the only template with a dashboard is taken, also that of a stage', () => {
    writeFileSync('cdk.out/Network.template.json', '{"Resources":{}}');
    writeFileSync('cdk.out/assembly-Stage/One.template.json', text);
    expect(check({}).text).toMatch(/^template +cdk\.out\/assembly-Stage\/One\.template\.json$/m);
  });

  test('several have to be told apart', () => {
    writeFileSync('cdk.out/One.template.json', text);
    writeFileSync('cdk.out/Two.template.json', text);
    expect(() => check({})).toThrow(
      'cdk.out has 2 templates with a dashboard: give --template with one of cdk.out/One.template.json, cdk.out/Two.template.json',
    );
  });

  test('none is an error', () => {
    expect(() => check({})).toThrow(
      'no template with a dashboard in cdk.out: run npx cdk synth, or give --template FILE',
    );
  });
});

test('the accounts that write access logs are those that the AWS CDK grants access', () => {
  const accounts = RegionInfo.regions
    .filter(({ partition, elbv2Account }) => partition === 'aws' && elbv2Account !== undefined)
    .map(({ name, elbv2Account }) => [name, elbv2Account]);
  expect(ELB_ACCOUNTS).toEqual(Object.fromEntries(accounts));
});

test('missing programs are named with the Debian packages that have them', () => {
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  try {
    const needs = { cache: os.tmpdir(), pip: false, identityProviders: false };
    const problems = problemsOfMachine(needs);
    // Those of /usr/sbin are found without PATH
    expect(problems.join('\n')).toMatch(
      /mmdebstrap, mount, nsenter, openssl, .*not found: run apt-get install --no-install-recommends .*mmdebstrap mount util-linux openssl bsdutils$/m,
    );
  } finally {
    process.env.PATH = PATH;
  }
});
