import { App, Aws, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  Monitoring,
  AdminAccess,
  HostLogs,
  DashboardEntry,
  HttpsEntry,
  InstanceConnectEndpoint,
  MemcachedCluster,
  OpenStackDashboard,
  OpenStackDashboardProps,
  SessionBackend,
  StaticAddress,
  StaticMedia,
} from '../../lib';
import {
  certificate,
  cfnResources,
  environmentsOf,
  expectMisuse,
  KEYSTONE,
  launchTemplate,
  NAME,
  network,
  newBalancer,
  newDashboard,
  newStack,
  resource,
  Resource,
  resourcesOf,
  textOf,
  userDataOf,
} from './fixtures';

const LIMIT = 16384;

const zoneIn = (stack: Stack): route53.IHostedZone =>
  route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    zoneName: 'example.org',
    hostedZoneId: 'Z0123',
  });

describe('a dashboard with only the required props', () => {
  let template: Template;
  let dashboard: OpenStackDashboard;
  beforeAll(() => {
    const stack = newStack();
    dashboard = newDashboard(stack);
    template = Template.fromStack(stack);
  });

  const all = (type: string): Resource[] => Object.values(resourcesOf(template, type));

  test('has every part as a public property', () => {
    expect(dashboard).toMatchObject({
      vpc: expect.any(ec2.Vpc),
      entry: expect.any(HttpsEntry),
      hosts: expect.objectContaining({ launchTemplate: expect.anything() }),
      staticTier: expect.objectContaining({ launchTemplate: expect.anything() }),
      settings: expect.objectContaining({ domainName: NAME, keystoneUrl: KEYSTONE }),
      session: expect.any(SessionBackend),
      secretKey: expect.any(secretsmanager.Secret),
      logBucket: expect.any(s3.Bucket),
      memcached: expect.any(MemcachedCluster),
    });
  });

  test('has no security group with open egress', () => {
    const rules = [
      ...all('AWS::EC2::SecurityGroup').flatMap(({ Properties }) => Properties.SecurityGroupEgress),
      ...all('AWS::EC2::SecurityGroupEgress').map(({ Properties }) => Properties),
    ].filter(Boolean);
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter(({ IpProtocol }) => String(IpProtocol) === '-1')).toEqual([]);
    expect(rules.filter(({ FromPort, ToPort }) => FromPort !== ToPort && FromPort !== 252)).toEqual(
      [],
    );
    // A group without any rule for egress would get one that allows everything.
    const ruled = all('AWS::EC2::SecurityGroupEgress').map(({ Properties }) =>
      textOf(Properties.GroupId),
    );
    for (const [id, { Properties }] of Object.entries(
      resourcesOf(template, 'AWS::EC2::SecurityGroup'),
    )) {
      expect(
        Properties.SecurityGroupEgress?.length || ruled.includes(`<${id}.GroupId>`),
      ).toBeTruthy();
    }
  });

  test('is only open to the internet on ports 443 and 80 of its load balancer', () => {
    const open = all('AWS::EC2::SecurityGroup')
      .flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? [])
      .filter(({ CidrIp }) => CidrIp)
      .map(({ CidrIp, FromPort }) => `${CidrIp} ${FromPort}`);
    expect(open).toEqual(['0.0.0.0/0 443', '0.0.0.0/0 80']);
  });

  test('lets only the dashboard hosts connect to memcached', () => {
    const rules = all('AWS::EC2::SecurityGroupIngress').filter(({ Properties }) =>
      /Memcached/.test(textOf(Properties.GroupId)),
    );
    expect(rules.map(({ Properties }) => textOf(Properties.SourceSecurityGroupId))).toEqual([
      expect.stringMatching(/^<DashboardHostsSecurityGroup/),
    ]);
  });

  test('has two zones, one NAT gateway, flow logs and an S3 gateway endpoint', () => {
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
    template.resourceCountIs('AWS::EC2::Subnet', 6);
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' });
    template.hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'ALL' });
    expect(
      all('AWS::EC2::Subnet').filter(({ Properties }) => Properties.MapPublicIpOnLaunch),
    ).toEqual([]);
  });

  test('has isolated subnets without egress', () => {
    const routes = all('AWS::EC2::Route').map(({ Properties }) => textOf(Properties.RouteTableId));
    expect(routes.filter((table) => /Isolated/.test(table))).toEqual([]);
  });

  test('allows shells on both tiers with EC2 Instance Connect, only from the endpoint', () => {
    template.resourceCountIs('AWS::EC2::InstanceConnectEndpoint', 1);
    const ssh = all('AWS::EC2::SecurityGroupIngress').filter(
      ({ Properties }) => Properties.FromPort === 22,
    );
    expect(ssh).toHaveLength(2);
    for (const { Properties } of ssh) {
      expect(textOf(Properties.SourceSecurityGroupId)).toMatch(/^<DashboardInstanceConnect/);
    }
  });

  test('delivers all logs to one bucket', () => {
    expect(all('AWS::S3::Bucket')).toHaveLength(2);
    const log = Object.keys(resourcesOf(template, 'AWS::S3::Bucket')).find((id) => /Logs/.test(id));
    expect(
      JSON.stringify(resource(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer')),
    ).toContain(`{"Ref":"${log}"}`);
    expect(textOf(resource(template, 'AWS::EC2::FlowLog').Properties.LogDestination)).toContain(
      log,
    );
    expect(
      resource(template, 'AWS::S3::Bucket', /Assets/).Properties.LoggingConfiguration
        .DestinationBucketName,
    ).toEqual({ Ref: log });
  });

  test('has no access control list, which a bucket with enforced ownership rejects', () => {
    expect(
      all('AWS::S3::Bucket').filter(({ Properties }) => 'AccessControl' in Properties),
    ).toEqual([]);
  });

  test('has one policy per bucket, with unique statement IDs', () => {
    for (const { Properties } of all('AWS::S3::BucketPolicy')) {
      const names = Properties.PolicyDocument.Statement.map(
        ({ Sid }: Resource['Properties']) => Sid,
      );
      const named = names.filter(Boolean);
      expect(new Set(named).size).toBe(named.length);
    }
  });

  test('scales both tiers on requests', () => {
    const targets = all('AWS::AutoScaling::ScalingPolicy').map(
      ({ Properties }) => Properties.TargetTrackingConfiguration.TargetValue,
    );
    expect(targets.sort((a, b) => a - b)).toEqual([600, 12000]);
  });

  test.each([/Hosts/, /Static/])('has user data of %s within the limit of EC2', (tier) => {
    // What is filled in at deployment, longer than it ever gets.
    const text = userDataOf(template, tier).replace(/<[A-Za-z:.0-9]+>/g, 'x'.repeat(100));
    expect(Buffer.byteLength(text)).toBeLessThan(LIMIT);
  });

  test('passes the addresses of sessions, secret and static media to the hosts', () => {
    expect(environmentsOf(userDataOf(template, /Hosts/)).dashboard).toMatchObject({
      SESSION_ENGINE: 'django.contrib.sessions.backends.cache',
      MEMCACHED_ENDPOINT: expect.stringMatching(
        /^<DashboardMemcached.*\.ConfigurationEndpoint\.Address>:<.*\.Port>$/,
      ),
      MEMCACHED_TLS: 'true',
      SECRET_KEY_SECRET_ID: expect.stringMatching(/^<DashboardSecretKey/),
      STATIC_BASE_URL: `https://static.${NAME}/static/`,
    });
  });

  test('forwards /static/ to the static hosts with a higher priority', () => {
    const priorities = Object.fromEntries(
      all('AWS::ElasticLoadBalancingV2::ListenerRule').map(({ Properties }) => [
        textOf(Properties.Actions[0].TargetGroupArn)
          .replace(/TargetGroup.*/, '')
          .slice(1),
        Properties.Priority,
      ]),
    );
    expect(priorities).toEqual({ DashboardStatic: 100, DashboardHosts: 101 });
  });
});

describe('the certificate', () => {
  test('is created and validated in the hosted zone, for both names', () => {
    const stack = newStack();
    const dashboard = newDashboard(stack, { hostedZone: zoneIn(stack) });
    expect(dashboard.certificate).toBeInstanceOf(acm.Certificate);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: NAME,
      SubjectAlternativeNames: [`static.${NAME}`],
      ValidationMethod: 'DNS',
      DomainValidationOptions: Match.arrayWith([{ DomainName: NAME, HostedZoneId: 'Z0123' }]),
    });
    template.resourceCountIs('AWS::Route53::RecordSet', 2);
  });

  test('is only for the dashboard if static media is on a path', () => {
    const stack = newStack();
    newDashboard(stack, {
      hostedZone: zoneIn(stack),
      staticMedia: StaticMedia.onStaticHosts({ address: StaticAddress.path() }),
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::CertificateManager::Certificate', {
      SubjectAlternativeNames: Match.absent(),
    });
    template.resourceCountIs('AWS::Route53::RecordSet', 1);
  });

  test('that is given is used, and the zone only for records', () => {
    const stack = newStack();
    new OpenStackDashboard(stack, 'Dashboard', {
      domainName: NAME,
      keystoneUrl: KEYSTONE,
      monitoring: Monitoring.none(),
      entry: newBalancer(stack),
      hostedZone: zoneIn(stack),
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    template.resourceCountIs('AWS::Route53::RecordSet', 2);
  });
});

describe('without separate hosts for static media', () => {
  const without = (props: Partial<OpenStackDashboardProps> = {}): OpenStackDashboard =>
    newDashboard(newStack(), { staticMedia: StaticMedia.onDashboardHosts(), ...props });

  test('the dashboard hosts serve it, on a path of their name, and publish nothing', () => {
    const dashboard = without();
    const template = Template.fromStack(Stack.of(dashboard));
    expect([dashboard.hasStaticTier, dashboard.staticUrl]).toEqual([false, '/static/']);
    template.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 1);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 1);
    const { host, dashboard: settings } = environmentsOf(userDataOf(template));
    expect([host.ASSET_BUCKET, settings.STATIC_BASE_URL]).toEqual(['', '/static/']);
    expect(JSON.stringify(resourcesOf(template, 'AWS::IAM::Policy'))).not.toContain('s3:');
    expect(Object.keys(resourcesOf(template, 'AWS::S3::Bucket'))).toEqual([
      expect.stringMatching(/Logs/),
    ]);
  });

  test('certificate and records are for one name', () => {
    const stack = newStack();
    newDashboard(stack, {
      staticMedia: StaticMedia.onDashboardHosts(),
      hostedZone: zoneIn(stack),
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: NAME,
      SubjectAlternativeNames: Match.absent(),
    });
    template.resourceCountIs('AWS::Route53::RecordSet', 1);
  });

  test('the dashboard can have additional names', () => {
    expect(() => without({ settings: { additionalHosts: ['cloud.example.org'] } })).not.toThrow();
  });

  test('its resources are those of a dashboard with the tier, except for the tier', () => {
    const ids = (dashboard: OpenStackDashboard): string[] =>
      Object.keys(Template.fromStack(Stack.of(dashboard)).toJSON().Resources);
    const all = ids(newDashboard(newStack()));
    const kept = ids(without());
    expect(kept.filter((id) => !all.includes(id))).toEqual([]);
    expect(all.filter((id) => !kept.includes(id) && !id.includes('Static'))).toEqual([]);
  });

  test('there is no tier', () => {
    expectMisuse(
      () => without().staticTier,
      'Stack/Dashboard: staticTier must only be used with StaticMedia.onStaticHosts()',
    );
  });
});

test('releases are kept for the given time', () => {
  const template = Template.fromStack(
    Stack.of(
      newDashboard(newStack(), {
        staticMedia: StaticMedia.onStaticHosts({ releaseRetention: Duration.days(100) }),
      }),
    ),
  );
  template.hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: {
      Rules: Match.arrayWith([
        Match.objectLike({ Prefix: 'releases/', ExpirationInDays: 100 }),
      ]) as unknown,
    },
  });
});

test('HTTP Strict Transport Security is the same on both tiers', () => {
  const template = Template.fromStack(
    Stack.of(
      newDashboard(newStack(), {
        hsts: { maxAge: Duration.minutes(5), includeSubdomains: false },
      }),
    ),
  );
  expect(environmentsOf(userDataOf(template, /Hosts/)).host).toMatchObject({
    HSTS_MAX_AGE: '300',
    HSTS_INCLUDE_SUBDOMAINS: 'false',
  });
  expect(environmentsOf(userDataOf(template, /Static/)).host.HSTS_MAX_AGE).toBe('300');
});

describe('existing resources for everything', () => {
  let stack: Stack;
  let template: Template;
  let dashboard: OpenStackDashboard;
  beforeAll(() => {
    stack = newStack();
    const vpc = network(stack);
    const role = (id: string): iam.IRole =>
      iam.Role.fromRoleArn(stack, id, `arn:aws:iam::123456789012:role/${id}`);
    const group = (id: string): ec2.ISecurityGroup =>
      ec2.SecurityGroup.fromSecurityGroupId(stack, id, `sg-${id}`);
    const host = (id: string): object => ({
      role: role(`${id}-role`),
      securityGroup: group(`${id}-hosts`),
      machineImage: ec2.MachineImage.genericLinux({ 'eu-west-1': `ami-${id}` }),
      instanceType: new ec2.InstanceType('m8g.large'),
    });
    dashboard = newDashboard(stack, {
      vpc,
      entry: DashboardEntry.onListener(
        elbv2.ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
          listenerArn:
            'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/given/0123/4567',
          securityGroup: group('listener'),
        }),
      ),
      encryptionKey: kms.Key.fromKeyArn(
        stack,
        'Key',
        'arn:aws:kms:eu-west-1:123456789012:key/0123',
      ),
      logBucket: s3.Bucket.fromBucketName(stack, 'Logs', 'given-logs'),
      secretKey: secretsmanager.Secret.fromSecretCompleteArn(
        stack,
        'Secret',
        'arn:aws:secretsmanager:eu-west-1:123456789012:secret:given-AbCdEf',
      ),
      session: SessionBackend.memcached(
        MemcachedCluster.fromMemcachedClusterAttributes(stack, 'Memcached', {
          configurationEndpointAddress: 'given.cfg.euw1.cache.amazonaws.com',
          configurationEndpointPort: 11211,
          securityGroups: [group('memcached')],
        }),
      ),
      notificationTopic: sns.Topic.fromTopicArn(
        stack,
        'Topic',
        'arn:aws:sns:eu-west-1:123456789012:given',
      ),
      adminAccess: AdminAccess.none(),
      hostLogs: HostLogs.none(),
      hosts: host('dashboard'),
      staticMedia: StaticMedia.onStaticHosts({
        ...host('static'),
        assetBucket: s3.Bucket.fromBucketName(stack, 'Assets', 'given-assets'),
      }),
    });
    template = Template.fromStack(stack);
  });

  test('only hosts, their groups and their rules are created', () => {
    const types = new Set(cfnResources(stack).map(({ cfnResourceType }) => cfnResourceType));
    expect([...types].sort()).toEqual([
      'AWS::AutoScaling::AutoScalingGroup',
      'AWS::AutoScaling::ScalingPolicy',
      'AWS::CloudFormation::WaitConditionHandle',
      'AWS::EC2::LaunchTemplate',
      'AWS::EC2::SecurityGroupIngress',
      'AWS::ElasticLoadBalancingV2::ListenerRule',
      'AWS::ElasticLoadBalancingV2::TargetGroup',
      'AWS::IAM::InstanceProfile',
      'AWS::IAM::Policy',
    ]);
  });

  test('the parts are the given ones', () => {
    expect(dashboard.logBucket.bucketName).toBe('given-logs');
    expect(dashboard.staticTier.assetBucket.bucketName).toBe('given-assets');
    expect(dashboard.vpc.vpcId).toBe('vpc-0123');
    expect(JSON.stringify(template)).toContain('ami-dashboard');
    const { LaunchTemplateData } = launchTemplate(template, /Hosts/).Properties;
    expect(LaunchTemplateData).toMatchObject({
      InstanceType: 'm8g.large',
      BlockDeviceMappings: [
        { Ebs: { Encrypted: true, KmsKeyId: 'arn:aws:kms:eu-west-1:123456789012:key/0123' } },
      ],
    });
  });

  test('properties of new parts are errors', () => {
    expectMisuse(
      () => dashboard.memcached,
      'Stack/Dashboard: memcached must only be used without session; use the cluster of the existing session',
    );
    expectMisuse(
      () => dashboard.certificate,
      'Stack/Dashboard: certificate must only be used if it is created here; use the certificate of entry or of its listener',
    );
  });
});

describe('one key for everything', () => {
  test('encrypts volumes of both tiers, the asset bucket and the secret', () => {
    const stack = newStack();
    newDashboard(stack, { encryptionKey: new kms.Key(stack, 'Key') });
    const template = Template.fromStack(stack);
    for (const type of [
      'AWS::EC2::LaunchTemplate',
      'AWS::SecretsManager::Secret',
      'AWS::S3::Bucket',
    ]) {
      const users = Object.entries(resourcesOf(template, type)).filter(
        ([id]) => !/Logs/.test(id), // Load balancers deliver to no bucket with such a key
      );
      expect(users.length).toBeGreaterThan(0);
      for (const [, user] of users) {
        expect(JSON.stringify(user)).toMatch(/"Fn::GetAtt":\["Key[0-9A-F]{8}","Arn"\]/);
      }
    }
  });

  test('lets the volumes use it with one statement for both tiers', () => {
    const stack = newStack();
    newDashboard(stack, { encryptionKey: new kms.Key(stack, 'Key') });
    const { Statement } = resource(Template.fromStack(stack), 'AWS::KMS::Key').Properties.KeyPolicy;
    const named = Statement.filter(({ Sid }: { Sid?: string }) => Sid === 'VolumesOfTheAccount');
    expect(named).toHaveLength(1);
  });
});

test('a permissions boundary applies to the role of every host', () => {
  const stack = newStack();
  newDashboard(stack, {
    permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary'),
  });
  const roles = Object.values(resourcesOf(Template.fromStack(stack), 'AWS::IAM::Role'));
  expect(roles).toHaveLength(2);
  for (const { Properties } of roles) {
    expect(textOf(Properties.PermissionsBoundary)).toMatch(/policy\/boundary$/);
  }
});

test('a permissions boundary is left to the owner of an existing role', () => {
  const stack = newStack();
  const role = iam.Role.fromRoleName(stack, 'Given', 'given');
  newDashboard(stack, {
    permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary'),
    hosts: { role },
  });
  const { Properties } = resource(Template.fromStack(stack), 'AWS::IAM::Role');
  expect(textOf(Properties.PermissionsBoundary)).toMatch(/policy\/boundary$/);
});

test('signed cookies need no memcached', () => {
  const stack = newStack();
  newDashboard(stack, { session: SessionBackend.signedCookies() });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::ElastiCache::CacheCluster', 0);
  expect(environmentsOf(userDataOf(template)).dashboard.SESSION_ENGINE).toBe(
    'django.contrib.sessions.backends.signed_cookies',
  );
});

test('an existing load balancer gets listeners and keeps its attributes', () => {
  const stack = newStack();
  const vpc = network(stack);
  newDashboard(stack, {
    vpc,
    entry: DashboardEntry.onLoadBalancer(
      new elbv2.ApplicationLoadBalancer(stack, 'Given', { vpc }),
      { certificate: certificate(stack) },
    ),
  });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 1);
  template.resourceCountIs('AWS::ElasticLoadBalancingV2::Listener', 2);
});

test('the load balancer and Django answer to additional names', () => {
  const stack = newStack();
  newDashboard(stack, {
    settings: { additionalHosts: ['other.example.org'] },
    staticMedia: StaticMedia.onStaticHosts({ address: StaticAddress.path() }),
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
    Conditions: [{ HostHeaderConfig: { Values: [NAME, 'other.example.org'] } }],
  });
  expect(environmentsOf(userDataOf(template)).dashboard.ALLOWED_HOSTS).toBe(
    `${NAME},other.example.org`,
  );
});

test('additional names are in the certificate and in the zone', () => {
  const stack = newStack();
  newDashboard(stack, {
    hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
      hostedZoneId: 'Z1',
      zoneName: 'example.org',
    }),
    settings: { additionalHosts: ['other.example.org'] },
    staticMedia: StaticMedia.onStaticHosts({ address: StaticAddress.path() }),
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::CertificateManager::Certificate', {
    DomainName: NAME,
    SubjectAlternativeNames: ['other.example.org'],
  });
  for (const name of [NAME, 'other.example.org']) {
    template.hasResourceProperties('AWS::Route53::RecordSet', { Name: `${name}.`, Type: 'A' });
  }
});

test('fails if additional names would get no fonts from the static name', () => {
  expectMisuse(
    () => newDashboard(newStack(), { settings: { additionalHosts: ['other.example.org'] } }),
    'Stack/Dashboard: staticMedia must have the address StaticAddress.path() with settings.additionalHosts; a separate static name serves fonts to one origin only',
  );
});

test('fails if the name is not in the hosted zone', () => {
  const stack = newStack();
  const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    hostedZoneId: 'Z1',
    zoneName: 'example.com',
  });
  expectMisuse(
    () => newDashboard(stack, { hostedZone }),
    `Stack/Dashboard/Entry: domainName must be in the hosted zone example.com, got '${NAME}'`,
  );
});

describe('several dashboards in one stack', () => {
  test('can exist, each with separate parts', () => {
    const stack = newStack();
    const entry = newBalancer(stack);
    newDashboard(stack, { entry }, 'One');
    newDashboard(stack, { entry, domainName: 'two.example.org' }, 'Two');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 2);
    template.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 4);
    template.resourceCountIs('AWS::ElastiCache::CacheCluster', 2);
  });

  test('can share VPC, key, log bucket and endpoint', () => {
    const stack = newStack();
    const vpc = network(stack);
    const shared = {
      vpc,
      entry: newBalancer(stack),
      encryptionKey: new kms.Key(stack, 'Key'),
      logBucket: new s3.Bucket(stack, 'Logs'),
      adminAccess: AdminAccess.instanceConnect(
        new InstanceConnectEndpoint(stack, 'Endpoint', { vpc }),
      ),
    };
    newDashboard(stack, shared, 'One');
    newDashboard(stack, { ...shared, domainName: 'two.example.org' }, 'Two');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::InstanceConnectEndpoint', 1);
    template.resourceCountIs('AWS::S3::Bucket', 3);
    for (const [type, document] of [
      ['AWS::S3::BucketPolicy', 'PolicyDocument'],
      ['AWS::KMS::Key', 'KeyPolicy'],
    ]) {
      for (const { Properties } of Object.values(resourcesOf(template, type))) {
        const names = Properties[document].Statement.flatMap(
          ({ Sid }: { Sid?: string }) => Sid ?? [],
        );
        expect(new Set(names).size).toBe(names.length);
      }
    }
  });
});

describe('parts can be modified afterwards', () => {
  test('grants, rules and escape hatches reach the template', () => {
    const stack = newStack();
    const dashboard = newDashboard(stack);
    dashboard.hosts.allowToApi(6385);
    new s3.Bucket(stack, 'Own').grantRead(dashboard.hosts);
    dashboard.entry.loadBalancer.setAttribute('idle_timeout.timeout_seconds', '120');
    (dashboard.memcached as MemcachedCluster).cluster.addPropertyOverride('IpDiscovery', 'ipv4');
    dashboard.entry.listener.addAction('Own', {
      priority: 1,
      conditions: [elbv2.ListenerCondition.pathPatterns(['/internal/*'])],
      action: elbv2.ListenerAction.fixedResponse(403),
    });
    const text = JSON.stringify(Template.fromStack(stack));
    for (const part of ['6385', 'idle_timeout.timeout_seconds', 'IpDiscovery', '/internal/*']) {
      expect(text).toContain(part);
    }
  });
});

describe('environments', () => {
  test.each(['eu-west-1', 'cn-north-1', 'us-gov-west-1'])(
    '%s works like an unspecified region',
    (region) => {
      const stack = newStack({ env: { account: '123456789012', region } });
      newDashboard(stack);
      expect(() => Template.fromStack(stack)).not.toThrow();
    },
  );

  test('works with names that are parameters', () => {
    const stack = newStack();
    newDashboard(stack, {
      domainName: new CfnParameter(stack, 'DomainName').valueAsString,
      keystoneUrl: new CfnParameter(stack, 'KeystoneUrl').valueAsString,
      entry: DashboardEntry.newLoadBalancer({
        certificate: acm.Certificate.fromCertificateArn(
          stack,
          'Certificate',
          new CfnParameter(stack, 'CertificateArn').valueAsString,
        ),
      }),
    });
    expect(environmentsOf(userDataOf(Template.fromStack(stack))).dashboard).toMatchObject({
      ALLOWED_HOSTS: '<DomainName>',
      OPENSTACK_KEYSTONE_URL: '<KeystoneUrl>',
    });
  });

  test('does not contain the name of the stack, which may be any', () => {
    const stack = newStack();
    newDashboard(stack);
    expect(environmentsOf(userDataOf(Template.fromStack(stack))).host.CFN_STACK).toBe(
      `<${stack.resolve(Aws.STACK_NAME).Ref}>`,
    );
  });
});

describe('misuse', () => {
  test('fails without certificate, hosted zone and listener', () => {
    const stack = new Stack(new App(), 'Stack');
    expectMisuse(
      () => new OpenStackDashboard(stack, 'D', { domainName: NAME, keystoneUrl: KEYSTONE }),
      'Stack/D: entry must have a certificate if hostedZone is not given, got none; with a hosted zone, one is created, and DashboardEntry.onListener() needs none',
    );
  });
});
