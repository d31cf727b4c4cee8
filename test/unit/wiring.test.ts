/** Every public construct, with what it needs in each place where a CDK app may have it. */
import { App, CfnParameter, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import {
  Monitoring,
  AccessLogTable,
  AdminAccess,
  DashboardAlarms,
  DashboardEntry,
  DashboardHosts,
  DashboardOverview,
  DashboardSettings,
  DashboardWebAcl,
  HostImage,
  HostsHealthCheck,
  HostLogGroup,
  HostLogs,
  HttpsEntry,
  IMemcached,
  InstanceConnectEndpoint,
  MemcachedCluster,
  MemcachedServers,
  OpenStackDashboard,
  RoutingPolicy,
  SecretKeyRotation,
  ServerlessMemcached,
  SessionBackend,
  StaticMedia,
  StaticTier,
} from '../../lib';
import { KEYSTONE, NAME, expectMisuse, newApp, resourcesOf } from './fixtures';

/** Where the construct stands, and where what it is given does. */
interface Place {
  readonly app: App;
  /** Of the construct under test. */
  readonly mine: Construct;
  /** Of what is given to it. */
  readonly given: Construct;
  readonly vpc: ec2.IVpc;
  /** How subnets are chosen, where that is not left to the construct. */
  readonly subnets?: ec2.SubnetSelection;
  /** A value as the place has it: plain, or not known at synth. */
  text(value: string): string;
  number(value: number): number;
}

const plain = {
  text: (value: string): string => value,
  number: (value: number): number => value,
};

const newVpc = (scope: Construct): ec2.Vpc =>
  new ec2.Vpc(scope, 'Vpc', {
    maxAzs: 2,
    natGateways: 1,
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  });

const ENV = { account: '111122223333', region: 'eu-central-1' };

const PLACES: Record<string, () => Place> = {
  'its own stack': () => {
    const app = newApp();
    const mine = new Stack(app, 'Mine');
    return { app, mine, given: mine, vpc: newVpc(mine), ...plain };
  },
  'another stack': () => {
    const app = newApp();
    const given = new Stack(app, 'Given');
    return { app, mine: new Stack(app, 'Mine'), given, vpc: newVpc(given), ...plain };
  },
  'a nested stack': () => {
    const app = newApp();
    const given = new Stack(app, 'Given');
    return { app, mine: new NestedStack(given, 'Mine'), given, vpc: newVpc(given), ...plain };
  },
  'a stage': () => {
    const app = newApp();
    const stage = new Stage(app, 'Stage');
    const given = new Stack(stage, 'Given');
    return { app, mine: new Stack(stage, 'Mine'), given, vpc: newVpc(given), ...plain };
  },
  'a VPC that is still to be looked up': () => {
    const app = newApp();
    const mine = new Stack(app, 'Mine', { env: ENV });
    const vpc = ec2.Vpc.fromLookup(mine, 'Vpc', { vpcId: 'vpc-0123456789abcdef0' });
    return { app, mine, given: mine, vpc, ...plain };
  },
  'a VPC that is still to be looked up, with chosen subnets': () => {
    const app = newApp();
    const mine = new Stack(app, 'Mine', { env: ENV });
    const vpc = ec2.Vpc.fromLookup(mine, 'Vpc', { tags: { Name: 'given' } });
    return { app, mine, given: mine, vpc, subnets: { subnetGroupName: 'Chosen' }, ...plain };
  },
  'values that are not known at synth': () => {
    const app = newApp();
    const mine = new Stack(app, 'Mine');
    let count = 0;
    return {
      app,
      mine,
      given: mine,
      vpc: newVpc(mine),
      text: () => new CfnParameter(mine, `Text${count++}`).valueAsString,
      number: () => new CfnParameter(mine, `Number${count++}`, { type: 'Number' }).valueAsNumber,
    };
  },
};

const settings = ({ text }: Place): DashboardSettings =>
  new DashboardSettings({ domainName: text(NAME), keystoneUrl: text(KEYSTONE) });

const certificate = ({ given }: Place): acm.ICertificate =>
  acm.Certificate.fromCertificateArn(
    given,
    'Certificate',
    `arn:aws:acm:${ENV.region}:${ENV.account}:certificate/0123`,
  );

const key = ({ given }: Place): kms.Key => new kms.Key(given, 'Key');

const securityGroup = ({ given, vpc }: Place, allowAllOutbound = false): ec2.SecurityGroup =>
  new ec2.SecurityGroup(given, 'Group', { vpc, allowAllOutbound });

const newCluster = (place: Place, scope: Construct): MemcachedCluster =>
  new MemcachedCluster(scope, 'Memcached', { vpc: place.vpc, vpcSubnets: place.subnets });

const newHosts = (
  place: Place,
  scope: Construct,
  props: Partial<ConstructorParameters<typeof DashboardHosts>[2]> = {},
): DashboardHosts =>
  new DashboardHosts(scope, 'Hosts', {
    vpc: place.vpc,
    vpcSubnets: place.subnets,
    settings: settings(place),
    session: SessionBackend.signedCookies({ sealing: true }),
    ...props,
  });

const newEntry = (place: Place, scope: Construct): HttpsEntry =>
  new HttpsEntry(scope, 'Entry', {
    vpc: place.vpc,
    domainName: place.text(NAME),
    entry: DashboardEntry.newLoadBalancer({
      certificate: certificate(place),
      vpcSubnets: place.subnets,
    }),
  });

const newService = (place: Place, scope: Construct): ecs.FargateService => {
  const taskDefinition = new ecs.FargateTaskDefinition(scope, 'Task');
  taskDefinition.addContainer('horizon', {
    image: ecs.ContainerImage.fromRegistry('registry.example.org/horizon'),
  });
  return new ecs.FargateService(scope, 'Service', {
    cluster: new ecs.Cluster(scope, 'Cluster', { vpc: place.vpc }),
    taskDefinition,
    vpcSubnets: place.subnets,
  });
};

const CONSTRUCTS: Record<string, (place: Place) => void> = {
  'OpenStackDashboard with everything given': (place) => {
    const { given, mine, vpc, text, subnets } = place;
    const encryptionKey = key(place);
    new OpenStackDashboard(mine, 'Dashboard', {
      domainName: text(NAME),
      keystoneUrl: text(KEYSTONE),
      monitoring: Monitoring.none(),
      vpc,
      encryptionKey,
      hostedZone: new route53.PublicHostedZone(given, 'Zone', { zoneName: 'example.org' }),
      logBucket: new s3.Bucket(given, 'Logs', { enforceSSL: true }),
      permissionsBoundary: new iam.ManagedPolicy(given, 'Boundary', {
        statements: [new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'] })],
      }),
      secretKey: new secretsmanager.Secret(given, 'Secret', { encryptionKey }),
      session: SessionBackend.memcached(newCluster(place, given)),
      notificationTopic: new sns.Topic(given, 'Topic'),
      adminAccess: AdminAccess.instanceConnect(
        new InstanceConnectEndpoint(given, 'Endpoint', { vpc, vpcSubnets: subnets }),
      ),
      bakedImages: {},
      hosts: { vpcSubnets: subnets },
      staticMedia: StaticMedia.onStaticHosts({ vpcSubnets: subnets }),
      entry: DashboardEntry.newLoadBalancer({
        certificate: certificate(place),
        vpcSubnets: subnets,
      }),
    });
  },
  'OpenStackDashboard with parts of its own': (place) => {
    new OpenStackDashboard(place.mine, 'Dashboard', {
      domainName: place.text(NAME),
      keystoneUrl: place.text(KEYSTONE),
      monitoring: Monitoring.none(),
      entry: DashboardEntry.newLoadBalancer({ certificate: certificate(place) }),
      ...(place.subnets ? {} : { vpc: place.vpc }),
    });
  },
  'HttpsEntry on a load balancer that is given': (place) => {
    const { given, mine, vpc, text } = place;
    const entry = new HttpsEntry(mine, 'Entry', {
      vpc,
      domainName: text(NAME),
      entry: DashboardEntry.onLoadBalancer(
        new elbv2.ApplicationLoadBalancer(given, 'LoadBalancer', { vpc }),
        { certificate: certificate(place) },
      ),
    });
    entry.addDashboard(newHosts(place, mine));
  },
  'OpenStackDashboard behind a listener that is given': (place) => {
    const { given, mine, vpc, text, subnets } = place;
    const loadBalancer = new elbv2.ApplicationLoadBalancer(given, 'LoadBalancer', {
      vpc,
      vpcSubnets: subnets,
    });
    const listener = loadBalancer.addListener('Listener', {
      protocol: elbv2.ApplicationProtocol.HTTPS,
      certificates: [certificate(place)],
      defaultAction: elbv2.ListenerAction.fixedResponse(404),
    });
    new OpenStackDashboard(mine, 'Dashboard', {
      domainName: text(NAME),
      keystoneUrl: text(KEYSTONE),
      monitoring: Monitoring.none(),
      vpc,
      entry: DashboardEntry.onListener(listener, { loadBalancer }),
      hosts: { vpcSubnets: subnets },
      staticMedia: StaticMedia.onStaticHosts({ vpcSubnets: subnets }),
      session: SessionBackend.signedCookies({ sealing: true }),
    });
  },
  'hosts behind an HttpsEntry that is given': (place) => {
    const { given, mine, vpc, text, subnets } = place;
    const entry = newEntry(place, given);
    const tier = new StaticTier(mine, 'Static', {
      vpc,
      vpcSubnets: subnets,
      domainName: text(NAME),
    });
    entry.addStaticTier(tier);
    const hosts = newHosts(place, mine, { loadBalancer: entry.loadBalancer, staticTier: tier });
    entry.addDashboard(hosts);
  },
  'DashboardHosts with sessions, secret and endpoint that are given': (place) => {
    const { given, mine, vpc, subnets, number } = place;
    const encryptionKey = key(place);
    newHosts(place, mine, {
      encryptionKey,
      secretKey: new secretsmanager.Secret(given, 'Secret', { encryptionKey }),
      session: SessionBackend.memcached(newCluster(place, given)),
      securityGroup: securityGroup(place),
      adminAccess: AdminAccess.instanceConnect(
        new InstanceConnectEndpoint(given, 'Endpoint', { vpc, vpcSubnets: subnets }),
      ),
      minCapacity: number(2),
      maxCapacity: number(4),
      apiPorts: [number(5000)],
    });
  },
  'hosts with roles that are given': (place) => {
    const { given, mine, vpc, subnets, text } = place;
    const role = (id: string): iam.Role =>
      new iam.Role(given, id, { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    const staticTier = new StaticTier(mine, 'Static', {
      vpc,
      vpcSubnets: subnets,
      domainName: text(NAME),
      role: role('StaticRole'),
      encryptionKey: key(place),
    });
    newHosts(place, mine, { staticTier, role: role('DashboardRole') });
  },
  'DashboardHosts that publish to a static tier that is given': (place) => {
    const { given, mine, vpc, subnets, text } = place;
    const staticTier = new StaticTier(given, 'Static', {
      vpc,
      vpcSubnets: subnets,
      domainName: text(NAME),
    });
    newHosts(place, mine, { staticTier });
  },
  'StaticTier with buckets that are given': (place) => {
    const { given, mine, vpc, subnets, text } = place;
    new StaticTier(mine, 'Static', {
      vpc,
      vpcSubnets: subnets,
      domainName: text(NAME),
      assetBucket: new s3.Bucket(given, 'Assets', { enforceSSL: true }),
    });
  },
  'StaticTier that logs to a bucket that is given': (place) => {
    const { given, mine, vpc, subnets, text } = place;
    new StaticTier(mine, 'Static', {
      vpc,
      vpcSubnets: subnets,
      domainName: text(NAME),
      logBucket: new s3.Bucket(given, 'Logs', { enforceSSL: true }),
      encryptionKey: key(place),
    });
  },
  'MemcachedCluster for a client that is given': (place) => {
    const { mine, vpc, subnets, text, number } = place;
    const cluster = new MemcachedCluster(mine, 'Memcached', {
      vpc,
      vpcSubnets: subnets,
      port: number(11311),
      nodeType: text('cache.t4g.small'),
      preferredMaintenanceWindow: text('sun:03:00-sun:04:00'),
    });
    cluster.connections.allowDefaultPortFrom(securityGroup(place));
  },
  'ServerlessMemcached for hosts that are given': (place) => {
    const { mine, vpc, subnets, text, number } = place;
    new ServerlessMemcached(mine, 'Memcached', {
      vpc,
      vpcSubnets: subnets,
      encryptionKey: key(place),
      cacheName: text('sessions'),
      maxDataGb: number(5),
    });
  },
  'ServerlessMemcached that is given': (place) => {
    const { given, mine, vpc, subnets } = place;
    const cache = new ServerlessMemcached(given, 'Memcached', { vpc, vpcSubnets: subnets });
    newHosts(place, mine, { session: SessionBackend.memcached(cache) });
  },
  'MemcachedServers in a security group that is given': (place) => {
    const { mine, text, number } = place;
    const servers: IMemcached = new MemcachedServers(mine, 'Memcached', {
      endpoints: [{ address: text('cache.example.org'), port: number(11211) }],
      securityGroups: [securityGroup(place)],
    });
    newHosts(place, mine, { session: SessionBackend.memcached(servers) });
  },
  'imported memcached': (place) => {
    const { given, mine, text, number } = place;
    const cluster = MemcachedCluster.fromMemcachedClusterAttributes(given, 'Imported', {
      configurationEndpointAddress: text('given.cfg.euc1.cache.amazonaws.com'),
      configurationEndpointPort: number(11311),
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(given, 'ImportedGroup', 'sg-0123')],
    });
    newHosts(place, mine, { session: SessionBackend.memcached(cluster) });
  },
  'SessionBackend for a service of ECS': (place) => {
    const session = SessionBackend.memcached(newCluster(place, place.given));
    const service = newService(place, place.mine);
    session.addToContainer(service.taskDefinition.defaultContainer!, {
      settings: settings(place),
      secretKey: new secretsmanager.Secret(place.given, 'Secret', { encryptionKey: key(place) }),
      service,
    });
  },
  'SecretKeyRotation of a secret that is given': (place) => {
    const { given, mine } = place;
    new SecretKeyRotation(mine, 'Rotation', {
      secretKey: new secretsmanager.Secret(given, 'Secret', { encryptionKey: key(place) }),
      session: SessionBackend.signedCookies({ sealing: true }),
      permissionsBoundary: new iam.ManagedPolicy(given, 'Boundary', {
        statements: [new iam.PolicyStatement({ actions: ['states:*'], resources: ['*'] })],
      }),
    });
  },
  'HostImage of hosts beside it': (place) => {
    const { mine, given, vpc, subnets, number, text } = place;
    const image = new HostImage(mine, 'Image', {
      keep: number(4),
      parameterName: text('/example/static'),
      permissionsBoundary: new iam.ManagedPolicy(given, 'Boundary', {
        statements: [new iam.PolicyStatement({ actions: ['ec2:*'], resources: ['*'] })],
      }),
    });
    image.bakeFor(
      new StaticTier(mine, 'Static', {
        vpc,
        vpcSubnets: subnets,
        domainName: text(NAME),
        encryptionKey: key(place),
        machineImage: image.machineImage,
      }),
    );
  },
  'DashboardAlarms and DashboardOverview of parts that are given': (place) => {
    const { given, mine, vpc, subnets, number } = place;
    const entry = newEntry(place, given);
    const hosts = newHosts(place, given);
    entry.addDashboard(hosts);
    const parts = {
      entry,
      hosts,
      memcached: newCluster(place, given),
      rotation: new SecretKeyRotation(given, 'Rotation', {
        secretKey: new secretsmanager.Secret(given, 'Secret'),
        session: SessionBackend.signedCookies({ sealing: true }),
      }),
      natGateways: vpc.node
        .findAll()
        .filter((node): node is ec2.CfnNatGateway => node instanceof ec2.CfnNatGateway),
    };
    const alarms = new DashboardAlarms(mine, 'Alarms', {
      parts,
      topic: new sns.Topic(given, 'Topic', { masterKey: key(place), enforceSSL: true }),
      thresholds: { memcachedCpu: number(80) },
    });
    new DashboardOverview(mine, 'Overview', { parts, alarms });
    new DashboardAlarms(mine, 'Serverless', {
      parts: {
        entry,
        hosts,
        serverlessMemcached: new ServerlessMemcached(given, 'Cache', { vpc, vpcSubnets: subnets }),
      },
    });
  },
  'HttpsEntry with a DashboardWebAcl that is given': (place) => {
    const { given, mine, vpc, subnets, text, number } = place;
    new HttpsEntry(mine, 'Entry', {
      vpc,
      domainName: text(NAME),
      entry: DashboardEntry.newLoadBalancer({
        certificate: certificate(place),
        vpcSubnets: subnets,
        webAcl: new DashboardWebAcl(given, 'Waf', { loginAttempts: number(100) }),
      }),
    });
  },
  'HttpsEntry with a HostsHealthCheck that is given': (place) => {
    const { given, mine, vpc, subnets, number } = place;
    const entry = new HttpsEntry(mine, 'Entry', {
      vpc,
      domainName: NAME,
      hostedZone: new route53.PublicHostedZone(given, 'Zone', { zoneName: 'example.org' }),
      entry: DashboardEntry.newLoadBalancer({
        certificate: certificate(place),
        vpcSubnets: subnets,
        routing: RoutingPolicy.failoverPrimary(
          new HostsHealthCheck(mine, 'Health', { minutes: number(5) }),
        ),
      }),
    });
    entry.addDashboard(newHosts(place, mine));
  },
  'AccessLogTable of a bucket that is given': ({ given, mine, text }) => {
    new AccessLogTable(mine, 'AccessLogs', {
      logBucket: new s3.Bucket(given, 'Logs', { enforceSSL: true }),
      prefix: text('load-balancer'),
    });
  },
  'hosts with a HostLogGroup that is given': (place) => {
    const { given, mine, vpc, subnets, text } = place;
    const logGroup = new HostLogGroup(given, 'HostLogs', { encryptionKey: key(place) });
    newHosts(place, mine, { logs: HostLogs.toLogGroup(logGroup) });
    new StaticTier(mine, 'Static', {
      vpc,
      vpcSubnets: subnets,
      domainName: text(NAME),
      logs: HostLogs.toLogGroup(
        new HostLogGroup(mine, 'StaticLogs', {
          logGroup: logs.LogGroup.fromLogGroupName(mine, 'Imported', text('static')),
        }),
        true,
      ),
    });
  },
  'InstanceConnectEndpoint for hosts': (place) => {
    const { mine, vpc, subnets } = place;
    const endpoint = new InstanceConnectEndpoint(mine, 'Endpoint', { vpc, vpcSubnets: subnets });
    newHosts(place, mine, { adminAccess: AdminAccess.instanceConnect(endpoint) });
  },
  'imported InstanceConnectEndpoint': (place) => {
    const endpoint = InstanceConnectEndpoint.fromInstanceConnectEndpointAttributes(
      place.given,
      'Endpoint',
      { securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(place.given, 'Eice', 'sg-0456')] },
    );
    newHosts(place, place.mine, { adminAccess: AdminAccess.instanceConnect(endpoint) });
  },
};

/** The public classes that are constructs, each of which is somewhere in the table. */
test('every public construct is in the table', () => {
  const index = jest.requireActual<Record<string, unknown>>('../../lib');
  const constructs = Object.entries(index)
    .filter(([, value]) => typeof value === 'function' && value.prototype instanceof Construct)
    .map(([name]) => name);
  const source = Object.values(CONSTRUCTS).map(String).join() + [newHosts, newEntry].join();
  // HostGroup is abstract, the base of the two kinds of hosts.
  expect(constructs.filter((name) => name !== 'HostGroup' && !source.includes(name))).toEqual([]);
  expect(constructs.length).toBeGreaterThan(8);
});

const missingOf = (assembly: CloudAssembly): unknown[] => assembly.manifest.missing ?? [];

describe.each(Object.keys(CONSTRUCTS))('%s', (name) => {
  test.each(Object.keys(PLACES))('works with %s', (where) => {
    const place = PLACES[where]();
    CONSTRUCTS[name](place);
    const assembly = place.app.synth();
    const stacks = place.app.node.findAll().filter((node) => node instanceof Stack);
    // Fails with circles of resources, which a deployment would find, not the synthesis.
    stacks.forEach((stack) => Template.fromStack(stack));
    expect(Object.keys(Template.fromStack(Stack.of(place.mine)).toJSON())).toContain('Resources');
    // A lookup that is asked for is what the CLI does next.
    expect(missingOf(assembly).length > 0).toBe(where.includes('looked up'));
  });
});

describe('rules between stacks', () => {
  const place = PLACES['another stack'];

  test('of memcached belong to the stack of the hosts', () => {
    const at = place();
    newHosts(at, at.mine, { session: SessionBackend.memcached(newCluster(at, at.given)) });
    const mine = Template.fromStack(Stack.of(at.mine));
    mine.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 11311,
      Description: 'sessions',
    });
    mine.hasResourceProperties('AWS::EC2::SecurityGroupEgress', { FromPort: 11311 });
    const given = Template.fromStack(Stack.of(at.given));
    given.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('of the Instance Connect endpoint belong to the stack of the hosts', () => {
    const at = place();
    const endpoint = new InstanceConnectEndpoint(at.given, 'Endpoint', { vpc: at.vpc });
    newHosts(at, at.mine, { adminAccess: AdminAccess.instanceConnect(endpoint) });
    const rules = resourcesOf(
      Template.fromStack(Stack.of(at.mine)),
      'AWS::EC2::SecurityGroupIngress',
    );
    expect(Object.values(rules).map(({ Properties }) => Properties.FromPort)).toEqual([22]);
  });

  test('of ECS with open egress cause no warning and no egress rule', () => {
    const at = place();
    const session = SessionBackend.memcached(newCluster(at, at.given));
    session.allowFrom(newService(at, at.mine));
    const mine = Template.fromStack(Stack.of(at.mine));
    mine.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    mine.resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
    for (const stack of [at.mine, at.given].map((scope) => Stack.of(scope))) {
      Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('Egress'));
    }
  });

  test('of a role belong to the stack of the hosts, and are created before the hosts', () => {
    const at = place();
    const role = new iam.Role(at.given, 'Role', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    });
    const hosts = newHosts(at, at.mine, { role });
    const asset = new s3.Bucket(at.mine, 'Bucket');
    asset.grantRead(hosts);
    const given = Template.fromStack(Stack.of(at.given));
    given.resourceCountIs('AWS::IAM::Policy', 0);
    const mine = Template.fromStack(Stack.of(at.mine));
    const [[id, policy], ...others] = Object.entries(resourcesOf(mine, 'AWS::IAM::Policy'));
    expect(others).toEqual([]);
    const actions = JSON.stringify(policy.Properties.PolicyDocument);
    for (const action of ['SignalResource', 'CompleteLifecycleAction', 's3:GetObject']) {
      expect(actions).toContain(action);
    }
    const [group] = Object.values(resourcesOf(mine, 'AWS::AutoScaling::AutoScalingGroup'));
    expect(group.DependsOn).toContain(id);
    const [profile] = Object.values(resourcesOf(mine, 'AWS::IAM::InstanceProfile'));
    expect(profile.Properties.Roles).toEqual(policy.Properties.Roles);
  });

  test('a listener rule for hosts in another stack belongs to that stack', () => {
    const at = place();
    const entry = newEntry(at, at.given);
    entry.addDashboard(newHosts(at, at.mine, { loadBalancer: entry.loadBalancer }));
    const mine = Template.fromStack(Stack.of(at.mine));
    mine.resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 1);
  });
});

test('a permissions boundary applies to every role', () => {
  const place = PLACES['its own stack']();
  const permissionsBoundary = iam.ManagedPolicy.fromManagedPolicyArn(
    place.mine,
    'Boundary',
    'arn:aws:iam::111122223333:policy/boundary',
  );
  const dashboard = new OpenStackDashboard(place.mine, 'Dashboard', {
    domainName: NAME,
    keystoneUrl: KEYSTONE,
    monitoring: Monitoring.none(),
    vpc: place.vpc,
    entry: DashboardEntry.newLoadBalancer({ certificate: certificate(place) }),
    permissionsBoundary,
  });
  new SecretKeyRotation(place.mine, 'Rotation', {
    secretKey: dashboard.secretKey,
    session: dashboard.session,
    permissionsBoundary,
  });
  const roles = resourcesOf(Template.fromStack(Stack.of(place.mine)), 'AWS::IAM::Role');
  expect(Object.keys(roles).length).toBeGreaterThan(3);
  for (const { Properties } of Object.values(roles)) {
    expect(Properties.PermissionsBoundary).toBe('arn:aws:iam::111122223333:policy/boundary');
  }
});

test('an imported endpoint has a security group', () => {
  const { mine } = PLACES['its own stack']();
  expectMisuse(
    () =>
      InstanceConnectEndpoint.fromInstanceConnectEndpointAttributes(mine, 'Endpoint', {
        securityGroups: [],
      }),
    'Mine/Endpoint: securityGroups must have at least one security group of the endpoint, got none; the hosts admit the endpoint by it',
  );
});
