import { App, DefaultStackSynthesizer, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptedFindings } from '../../bin/accepted-findings';
import { DashboardStack } from '../../bin/dashboard-stack';
import { OpenStackDashboardChecks } from '../../lib';
import { renderFindings } from '../../scripts/findings-md';
import {
  cfnResources,
  CONTEXT,
  environmentsOf,
  expectMisuse,
  newApp,
  resource,
  Resource,
  resourcesOf,
  ROOT,
  textOf,
  userDataOf,
} from './fixtures';

function appStack(context: Record<string, unknown> = {}): DashboardStack {
  const app = newApp({ analyticsReporting: false, context: { ...CONTEXT, ...context } });
  return new DashboardStack(app, 'OpenStackDashboard', {
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
}

const GIVEN = {
  domainName: 'dashboard.example.org',
  keystoneUrl: 'https://keystone.example.org:5000/v3',
  certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/0123-abcd',
};

const templateOf = (context?: Record<string, unknown>): Template =>
  Template.fromStack(appStack(context));

/** The parameters that people must give; the others are optional, or the images of hosts. */
function parametersOf(template: Template): Record<string, Resource> {
  const all = template.toJSON().Parameters as Record<string, Resource>;
  return Object.fromEntries(
    Object.entries(all).filter(
      ([, { Type, Default }]) => !Type.startsWith('AWS::SSM::') && Default === undefined,
    ),
  );
}

const CA_CERTIFICATE = join(__dirname, 'ca-certificates/good.pem');

describe('the template without any context', () => {
  let stack: DashboardStack;
  let template: Template;
  let text: string;
  beforeAll(() => {
    stack = appStack();
    template = Template.fromStack(stack);
    text = JSON.stringify(template);
  });

  test('has parameters for name, Keystone URL and certificate, with a pattern and a description', () => {
    const parameters = parametersOf(template);
    expect(Object.keys(parameters).sort()).toEqual(['CertificateArn', 'DomainName', 'KeystoneUrl']);
    for (const parameter of Object.values(parameters)) {
      expect(parameter).toMatchObject({
        Type: 'String',
        AllowedPattern: expect.stringMatching(/^\^.+\$$/),
        Description: expect.stringMatching(/.{20}/),
        ConstraintDescription: expect.stringMatching(/^must be: /),
      });
      expect(parameter).not.toHaveProperty('Default');
    }
  });

  test('needs no bootstrap, no assets, and no region', () => {
    expect(template.toJSON()).not.toHaveProperty('Rules');
    expect(text).not.toMatch(/BootstrapVersion|cdk-hnb659fds|cdk-[a-z0-9]+-assets/);
    expect(
      stack.node.root.node.findAll().filter((node) => /Asset$/.test(node.constructor.name)),
    ).toEqual([]);
    expect(text).not.toMatch(/"(?:[a-z]{2}-[a-z]+-\d)"/);
  });

  test('runs no code in the account but the hosts: no Lambda function, no custom resource', () => {
    const types = [...new Set(cfnResources(stack).map(({ cfnResourceType }) => cfnResourceType))];
    expect(
      types.filter((type) => /^(AWS::Lambda|Custom::|AWS::CloudFormation::Custom)/.test(type)),
    ).toEqual([]);
    expect(types).not.toContain('AWS::CDK::Metadata');
  });

  test('can be uploaded by hand, being smaller than a megabyte', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
  });

  test('has the outputs that the documents ask for', () => {
    expect(Object.keys(template.toJSON().Outputs).sort()).toEqual([
      'AlarmTopicArn',
      'AssetBucketName',
      'DashboardGroupName',
      'DashboardUrl',
      'HostLogGroupName',
      'LoadBalancerName',
      'LoadBalancerZoneId',
      'LogBucketName',
      'SecretKeyArn',
      'StaticGroupName',
      'StaticUrl',
    ]);
  });

  test.each([
    [/Hosts/, 'dashboard'],
    [/Static/, 'static'],
  ])('has user data of the %s within the limit of 16384 bytes', (tier) => {
    const filled = userDataOf(template, tier).replace(/<[A-Za-z:.0-9]+>/g, 'x'.repeat(100));
    expect(Buffer.byteLength(filled)).toBeLessThan(16384);
  });

  test('matches the reviewed snapshot', () => {
    // Files and script of hosts have tests of their own: here only that they are there, and with
    // what environment.
    const json = template.toJSON();
    for (const [id, { Type, Properties, Metadata }] of Object.entries<Resource>(json.Resources)) {
      if (Type === 'AWS::EC2::LaunchTemplate') {
        const { LaunchTemplateData: data } = Properties;
        data.UserData = environmentsOf(textOf(data.UserData));
      }
      if (Type === 'AWS::CloudFormation::WaitConditionHandle') {
        Metadata['cdk-openstack-dashboard'].files = `files of ${id}`;
      }
    }
    const steady = JSON.stringify(json).replace(/Files[0-9a-f]{8}[0-9A-F]{8}/g, 'FilesHASH');
    expect(JSON.parse(steady)).toMatchSnapshot();
  });

  test('never changes the logical ID of resources with state or names', () => {
    const stateful =
      /^AWS::(S3::Bucket|SecretsManager::Secret|ElastiCache::.*|EC2::(VPC|Subnet)|ElasticLoadBalancingV2::(LoadBalancer|Listener|TargetGroup)|AutoScaling::AutoScalingGroup)$/;
    const found = cfnResources(stack)
      .filter(({ cfnResourceType }) => stateful.test(cfnResourceType))
      .map((node) => [
        node.node.path.replace('OpenStackDashboard/', ''),
        stack.resolve(node.logicalId),
      ]);
    expect(Object.fromEntries(found)).toEqual(PINNED);
  });
});

/** Construct path to logical id: another id is a replacement, which ends sessions or loses files. */
const PINNED = {
  'Dashboard/Entry/LoadBalancer/Https/Resource': 'DashboardEntryLoadBalancerHttps97F0E556',
  'Dashboard/Entry/LoadBalancer/Redirect/Resource': 'DashboardEntryLoadBalancerRedirect3E005183',
  'Dashboard/Entry/LoadBalancer/Resource': 'DashboardEntryLoadBalancer01B5E7BF',
  'Dashboard/Hosts/AutoScalingGroup/ASG': 'DashboardHostsAutoScalingGroupASGEDFB89AB',
  'Dashboard/Hosts/TargetGroup/Resource': 'DashboardHostsTargetGroup9DB1313D',
  'Dashboard/Logs/Resource': 'DashboardLogs23743279',
  'Dashboard/Memcached/Subnets': 'DashboardMemcachedSubnets6CEE4227',
  'Dashboard/Memcached/TlsCluster': 'DashboardMemcachedTlsCluster729F91CA',
  'Dashboard/SecretKey/Resource': 'DashboardSecretKeyA23C4A0D',
  'Dashboard/Static/Assets/Resource': 'DashboardStaticAssetsF2461CB1',
  'Dashboard/Static/AutoScalingGroup/ASG': 'DashboardStaticAutoScalingGroupASGD88B7600',
  'Dashboard/Static/TargetGroup/Resource': 'DashboardStaticTargetGroup3F9E56DC',
  'Dashboard/Vpc/IsolatedSubnet1/Subnet': 'DashboardVpcIsolatedSubnet1Subnet56D9BC61',
  'Dashboard/Vpc/IsolatedSubnet2/Subnet': 'DashboardVpcIsolatedSubnet2SubnetA4CBA63E',
  'Dashboard/Vpc/PrivateSubnet1/Subnet': 'DashboardVpcPrivateSubnet1Subnet3B8788CF',
  'Dashboard/Vpc/PrivateSubnet2/Subnet': 'DashboardVpcPrivateSubnet2SubnetB4168712',
  'Dashboard/Vpc/PublicSubnet1/Subnet': 'DashboardVpcPublicSubnet1Subnet687F2B16',
  'Dashboard/Vpc/PublicSubnet2/Subnet': 'DashboardVpcPublicSubnet2Subnet4FE251A4',
  'Dashboard/Vpc/Resource': 'DashboardVpcF6CED326',
};

describe('patterns of the parameters', () => {
  let parameters: Record<string, Resource>;
  beforeAll(() => {
    parameters = parametersOf(templateOf());
  });

  test.each([
    ['DomainName', 'dashboard.example.org', true],
    ['DomainName', 'a.b.c.example.co.uk', true],
    ['DomainName', 'xn--bcher-kva.example', true],
    ['DomainName', 'dashboard', false],
    ['DomainName', '*.example.org', false],
    ['DomainName', '.example.org', false],
    ['DomainName', 'Dashboard.example.org', false],
    ['DomainName', 'https://dashboard.example.org', false],
    ['DomainName', 'dashboard.example.org:443', false],
    ['DomainName', 'a b.example.org', false],
    ['DomainName', '$(reboot).example.org', false],
    ['DomainName', '192.0.2.1', false],
    ['DomainName', '', false],
    ['KeystoneUrl', 'https://keystone.example.org:5000/v3', true],
    ['KeystoneUrl', 'https://keystone.example.org:5000/identity/v3/', true],
    ['KeystoneUrl', 'https://keystone.example.org:9696/v3', true],
    ['KeystoneUrl', 'https://keystone.example.org/v3', true],
    ['KeystoneUrl', 'https://keystone.example.org/identity/v3/', true],
    // No other port is open in the hosts' security group.
    ['KeystoneUrl', 'https://keystone.example.org:13000/v3', false],
    ['KeystoneUrl', 'https://keystone.example.org:50000/v3', false],
    ['KeystoneUrl', 'https://keystone.example.org', false],
    ['KeystoneUrl', 'https://keystone.example.org:5000/v2.0', false],
    ['KeystoneUrl', 'https://keystone.example.org:5000/xv3', false],
    ['KeystoneUrl', 'http://keystone.example.org:5000/v3', false],
    ['KeystoneUrl', 'https://user:pass@keystone.example.org', false],
    ['KeystoneUrl', 'https://keystone.example.org/v3?a=b', false],
    ['KeystoneUrl', 'https://keystone.example.org/"; reboot #', false],
    ['KeystoneUrl', 'https://keystone.example.org/$(id)', false],
    ['CertificateArn', GIVEN.certificateArn, true],
    ['CertificateArn', 'arn:aws-cn:acm:cn-north-1:123456789012:certificate/0123', true],
    ['CertificateArn', 'arn:aws-us-gov:acm:us-gov-west-1:123456789012:certificate/0123', true],
    ['CertificateArn', 'arn:aws:iam::123456789012:server-certificate/old', false],
    ['CertificateArn', 'certificate', false],
  ])('%s: %j is accepted: %s', (name, value, taken) => {
    expect(new RegExp(parameters[name].AllowedPattern).test(value)).toBe(taken);
  });
});

describe('context', () => {
  test('apiPorts opens ports, and the KeystoneUrl parameter accepts them', () => {
    const template = templateOf({ apiPorts: '13000,9001' });
    const hosts = resource(template, 'AWS::EC2::SecurityGroup', /HostsSecurityGroup/).Properties;
    const open = hosts.SecurityGroupEgress.map(({ FromPort }: { FromPort: number }) => FromPort);
    expect(open).toEqual(expect.arrayContaining([443, 5000, 8774, 8080, 13000, 9001]));
    const { AllowedPattern, Description } = parametersOf(template).KeystoneUrl;
    expect(new RegExp(AllowedPattern).test('https://keystone.example.org:13000/v3')).toBe(true);
    expect(Description).toContain('13000');
  });

  // What CloudFormation would find out only when hosts cannot reach Keystone.
  test('the KeystoneUrl parameter only accepts open ports', () => {
    const template = templateOf();
    const hosts = resource(template, 'AWS::EC2::SecurityGroup', /HostsSecurityGroup/).Properties;
    const open = hosts.SecurityGroupEgress.map(({ FromPort }: { FromPort: number }) => FromPort);
    const pattern = new RegExp(parametersOf(template).KeystoneUrl.AllowedPattern);
    const taken = Array.from({ length: 65536 }, (_, port) => port).filter((port) =>
      pattern.test(`https://keystone.example.org:${port}/v3`),
    );
    expect(open).toEqual(expect.arrayContaining(taken));
    expect(taken).toContain(5000);
  });

  test.each(['8080,', 'swift', '0', '70000', '8080;9001'])('fails with apiPorts %j', (apiPorts) => {
    expectMisuse(
      () => appStack({ apiPorts }),
      `context apiPorts must be port numbers with commas between them, such as 8080,9001, got '${apiPorts}'`,
    );
  });

  test('leaves no parameters if all values are given', () => {
    const template = templateOf(GIVEN);
    expect(parametersOf(template)).toEqual({});
    expect(environmentsOf(userDataOf(template)).dashboard).toMatchObject({
      ALLOWED_HOSTS: GIVEN.domainName,
      OPENSTACK_KEYSTONE_URL: GIVEN.keystoneUrl,
    });
  });

  test.each<[Record<string, unknown>, string[]]>([
    [{ domainName: GIVEN.domainName }, ['CertificateArn', 'KeystoneUrl']],
    [{ keystoneUrl: GIVEN.keystoneUrl }, ['CertificateArn', 'DomainName']],
    [{ certificateArn: GIVEN.certificateArn }, ['DomainName', 'KeystoneUrl']],
    [{ domainName: '' }, ['CertificateArn', 'DomainName', 'KeystoneUrl']],
    [{ ...GIVEN, certificateArn: undefined, hostedZoneName: 'example.org' }, ['HostedZoneId']],
    [{ ...GIVEN, hostedZoneName: 'example.org' }, ['HostedZoneId']],
    [
      { ...GIVEN, certificateArn: undefined, hostedZoneName: 'example.org', hostedZoneId: 'Z0123' },
      [],
    ],
  ])('%j leaves the parameters %j', (context, names) => {
    expect(Object.keys(parametersOf(templateOf(context))).sort()).toEqual(names);
  });

  test('notifies an address that is given when the stack is deployed, or nobody', () => {
    const template = templateOf(GIVEN);
    const { AlarmEmail } = template.toJSON().Parameters as Record<string, Resource>;
    expect(AlarmEmail).toMatchObject({ Type: 'String', Default: '' });
    for (const [value, taken] of [
      ['', true],
      ['on-call@example.org', true],
      ['on-call', false],
      ['a@b c', false],
    ] as const) {
      expect([value, new RegExp(AlarmEmail.AllowedPattern).test(value)]).toEqual([value, taken]);
    }
    expect(template.toJSON().Conditions).toEqual({
      HasAlarmEmail: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AlarmEmail' }, ''] }] },
    });
    const [subscription] = Object.values(resourcesOf(template, 'AWS::SNS::Subscription'));
    expect(subscription).toMatchObject({
      Condition: 'HasAlarmEmail',
      Properties: { Endpoint: { Ref: 'AlarmEmail' }, Protocol: 'email' },
    });
    template.resourceCountIs('AWS::CloudWatch::Alarm', 26);
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });

  test('notifies an address or a topic that is known at synth, or has no alarms', () => {
    const email = templateOf({ ...GIVEN, alarmEmail: 'on-call@example.org' });
    const [subscription] = Object.values(resourcesOf(email, 'AWS::SNS::Subscription'));
    expect(subscription.Properties.Endpoint).toBe('on-call@example.org');
    expect(subscription).not.toHaveProperty('Condition');

    const alarmTopicArn = 'arn:aws:sns:eu-central-1:111122223333:on-call';
    const topic = templateOf({ ...GIVEN, alarmTopicArn });
    topic.resourceCountIs('AWS::SNS::Topic', 0);
    topic.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [alarmTopicArn] });

    const none = templateOf({ ...GIVEN, alarms: 'false' });
    none.resourceCountIs('AWS::SNS::Topic', 0);
    none.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });

  test('hostedZoneName creates certificate and records, or only records with a given certificate', () => {
    const zone = { hostedZoneName: 'example.org', hostedZoneId: 'Z0123' };
    const made = templateOf({ ...GIVEN, certificateArn: undefined, ...zone });
    made.resourceCountIs('AWS::CertificateManager::Certificate', 1);
    made.resourceCountIs('AWS::Route53::RecordSet', 2);
    const given = templateOf({ ...GIVEN, ...zone });
    given.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    given.resourceCountIs('AWS::Route53::RecordSet', 2);
  });

  test('reaches the constructs, as text and as values', () => {
    for (const value of ['true', true]) {
      const template = templateOf({
        ...GIVEN,
        staticOnPath: value,
        domains: 'users',
        totp: value,
        siteBranding: 'Our Cloud',
        timeZone: 'Europe/Berlin',
        session: 'signedCookies',
        deletionProtection: 'false',
        internetFacing: false,
        minCapacity: '3',
        maxCapacity: 7,
      });
      expect(environmentsOf(userDataOf(template)).dashboard).toMatchObject({
        STATIC_BASE_URL: '/static/',
        OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT: 'false',
        OPENSTACK_KEYSTONE_DEFAULT_DOMAIN: 'users',
        OPENSTACK_KEYSTONE_MFA_TOTP_ENABLED: 'true',
        SITE_BRANDING: 'Our Cloud',
        TIME_ZONE: 'Europe/Berlin',
        SESSION_ENGINE: 'django.contrib.sessions.backends.signed_cookies',
      });
      template.resourceCountIs('AWS::ElastiCache::CacheCluster', 0);
      const { Scheme, LoadBalancerAttributes } = resource(
        template,
        'AWS::ElasticLoadBalancingV2::LoadBalancer',
      ).Properties;
      expect(Scheme).toBe('internal');
      expect(LoadBalancerAttributes).toContainEqual({
        Key: 'deletion_protection.enabled',
        Value: 'false',
      });
      const groups = resourcesOf(template, 'AWS::AutoScaling::AutoScalingGroup');
      expect(
        Object.values(groups)
          .map(({ Properties }) => Properties.MaxSize)
          .sort(),
      ).toEqual(['4', '7']);
    }
  });
});

test('context lists plugins', () => {
  const template = templateOf({ ...GIVEN, plugins: 'heat,octavia' });
  expect(environmentsOf(userDataOf(template)).host.PACKAGES).toMatch(
    /python3-heat-dashboard python3-octavia-dashboard/,
  );
  expect(() => appStack({ ...GIVEN, plugins: 'heat,sahara' })).toThrow(
    /^context plugins must be of blazar, .*zaqar, with commas between them, got 'sahara'$/,
  );
});

test('context sets the folder of a theme', () => {
  const template = templateOf({ ...GIVEN, theme: join(ROOT, 'examples/small-cloud/acme') });
  expect(environmentsOf(userDataOf(template)).dashboard.THEME).toBe('acme');
  expect(() => appStack({ ...GIVEN, theme: '/nowhere' })).toThrow(
    /^path must be a folder with .*, got '\/nowhere'; there is no such folder$/,
  );
});

test('context has machine images built, each with an output that names its state machine', () => {
  const template = templateOf({ ...GIVEN, bakedImages: 'true' });
  const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine');
  expect(Object.keys(machines)).toHaveLength(2);
  for (const tier of ['Hosts', 'Static']) {
    const { Value } = template.toJSON().Outputs[`${tier}ImageStateMachineArn`];
    expect(Object.keys(machines)).toContain(Value.Ref);
    const { ImageId } = resource(
      template,
      'AWS::EC2::LaunchTemplate',
      new RegExp(`Dashboard${tier}LaunchTemplate`),
    ).Properties.LaunchTemplateData;
    expect(textOf(ImageId)).toMatch(new RegExp(`^resolve:ssm:<Dashboard${tier}ImageParameter`));
  }
  templateOf({ ...GIVEN, bakedImages: false }).resourceCountIs(
    'AWS::StepFunctions::StateMachine',
    0,
  );
});

test('context omits the static tier, still without findings', () => {
  const stack = appStack({
    ...GIVEN,
    separateStaticTier: 'false',
    domainIsOurs: 'true',
  });
  const app = stack.node.root as App;
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new OpenStackDashboardChecks(app));
  const { directory } = app.synth();
  const { pluginReports } = JSON.parse(
    readFileSync(join(directory, 'validation-report.json'), 'utf8'),
  ) as { pluginReports: { violations: unknown[]; suppressedViolations?: unknown[] }[] };
  expect(pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
  expect(pluginReports.flatMap((report) => report.suppressedViolations ?? [])).toHaveLength(7);
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 1);
  template.hasOutput('StaticUrl', { Value: '/static/' });
});

describe('misuse', () => {
  test('fails with unknown context, which may be misspelled', () => {
    expect(() => appStack({ ...GIVEN, domainname: 'a.example.org', sesion: 'memcached' })).toThrow(
      /^context must only have the keys alarmEmail, alarmTopicArn, alarms, apiPorts, askForDomain, bakedImages, caCertificates, certificateArn, defaultServiceRegion, deletionProtection, domainIsOurs, domainName, .*timeZone, totp, webSso.*, got domainname, sesion$/,
    );
  });

  test.each(['yes', 'True', '1', 'toString'])(
    'fails with the boolean "%s"',
    (deletionProtection) => {
      expectMisuse(
        () => appStack({ ...GIVEN, deletionProtection }),
        `context deletionProtection must be true or false, got '${deletionProtection}'`,
      );
    },
  );

  test('context brings CA certificates and a proxy to hosts', () => {
    const variables = (context: Record<string, unknown>) =>
      JSON.stringify(
        Object.entries(
          resourcesOf(
            Template.fromStack(appStack({ ...GIVEN, ...context })),
            'AWS::EC2::LaunchTemplate',
          ),
        ),
      );
    const caCertificates = CA_CERTIFICATE;
    expect(variables({ caCertificates })).toMatch(/SYSTEM_CA_CERTIFICATES[^a-z]*false/);
    expect(variables({ caCertificates, systemCaCertificates: 'true' })).toMatch(
      /SYSTEM_CA_CERTIFICATES[^a-z]*true/,
    );
    const egressProxy = 'http://proxy.example.org:3128';
    const egressProxyExclude = 'keystone.example.org,10.0.0.0/8';
    const proxied = variables({ egressProxy, egressProxyExclude });
    expect(proxied).toMatch(/EGRESS_PROXY[^a-z]*http:\/\/proxy\.example\.org:3128/);
    expect(proxied).toContain(`,${egressProxyExclude}`);
    expect(() => appStack({ ...GIVEN, systemCaCertificates: 'true' })).toThrow(
      'context caCertificates must be given with systemCaCertificates, got none',
    );
    expect(() => appStack({ ...GIVEN, egressProxyExclude })).toThrow(
      'context egressProxy must be given with egressProxyExclude, got none',
    );
  });

  test('context turns on single sign-on, and outputs the URL that Keystone must trust', () => {
    const given = { ...GIVEN, webSsoProtocol: 'openid' };
    const outputs = (context: Record<string, unknown>): unknown =>
      Template.fromStack(appStack(context)).findOutputs('TrustedDashboardUrl');
    expect(outputs(GIVEN)).toEqual({});
    expect(outputs(given)).toMatchObject({
      TrustedDashboardUrl: { Value: `https://${GIVEN.domainName}/auth/websso/` },
    });
    const { environment } = appStack({
      ...given,
      webSsoIdentityProvider: 'corp',
      webSsoLabel: 'Corp',
      webSsoKeystoneUrl: 'https://identity.example.org/v3',
      webSsoPasswordLogin: 'false',
      webSsoRedirect: 'true',
      webSsoLogoutUrl: 'https://login.example.org/logout',
      webSsoOrigins: 'https://login.example.org,https://b.example.org',
    }).dashboard.settings;
    expect(environment).toMatchObject({
      WEBSSO_CHOICES: "(('corp', 'Corp'),)",
      WEBSSO_IDP_MAPPING: "(('corp', ('corp', 'openid')),)",
      WEBSSO_KEYSTONE_URL: 'https://identity.example.org/v3',
      WEBSSO_REDIRECT_CHOICE: 'corp',
      WEBSSO_LOGOUT_URLS: "(('corp', 'https://login.example.org/logout'),)",
      WEBSSO_IDENTITY_PROVIDER_ORIGINS: 'https://login.example.org,https://b.example.org',
    });
    expect(() => appStack({ ...GIVEN, webSsoRedirect: 'true' })).toThrow(
      'context webSsoProtocol must be given with webSsoRedirect, got none',
    );
  });

  test('context changes the size of memcached, and nothing else of it', () => {
    const cluster = (context: Record<string, unknown>) => {
      const found = resourcesOf(
        Template.fromStack(appStack({ ...GIVEN, ...context })),
        'AWS::ElastiCache::CacheCluster',
      );
      const [[id, { Properties }]] = Object.entries(found);
      return { id, ...Properties };
    };
    const before: Record<string, unknown> = { ...cluster({}) };
    delete before.PreferredAvailabilityZones;
    expect(cluster({ memcachedNodes: '3' })).toMatchObject({ ...before, NumCacheNodes: 3 });
    const larger = cluster({ memcachedNodeType: 'cache.m7g.large' });
    // CloudFormation replaces a cluster of memcached only if its ID changes.
    expect(larger.id).not.toBe(before.id);
    expect(larger).toMatchObject({ ...before, id: larger.id, CacheNodeType: 'cache.m7g.large' });
    expect(() => appStack({ ...GIVEN, memcachedNodes: 3, session: 'sealedCookies' })).toThrow(
      'context memcachedNodes and memcachedNodeType must only be used with session memcached, got sealedCookies',
    );
  });

  test.each(['two', '-1', '1.5', '0x2'])('fails with the number "%s"', (minCapacity) => {
    expectMisuse(
      () => appStack({ ...GIVEN, minCapacity }),
      `context minCapacity must be a whole number, got '${minCapacity}'`,
    );
  });

  test.each(['redis', 'constructor'])('fails with the session back end "%s"', (session) => {
    expectMisuse(
      () => appStack({ ...GIVEN, session }),
      `context session must be memcached or signedCookies or sealedCookies, got '${session}'`,
    );
  });

  test.each([
    { alarms: 'false', alarmEmail: 'on-call@example.org' },
    { alarmEmail: 'on-call@example.org', alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:t' },
  ])('fails with the alarms %o', (alarms) => {
    expectMisuse(
      () => appStack({ ...GIVEN, ...alarms }),
      'context must only have one of alarms=false, alarmEmail and alarmTopicArn',
    );
  });

  test('fails with a name that the construct rejects', () => {
    expect(() => appStack({ ...GIVEN, domainName: '*.example.org' })).toThrow(
      /^OpenStackDashboard\/Dashboard: domainName must be a fully qualified domain name/,
    );
  });
});

/** Each context key with each value that the documents name, and what goes with it. */
const CHOICES: [string, string[]][] = [
  ['domainName', ['dashboard.example']],
  ['keystoneUrl', ['https://keystone.example.org:13000/v3']],
  ['certificateArn', ['arn:aws:acm:eu-central-1:111122223333:certificate/0123-abcd']],
  ['hostedZoneName', ['example.org']],
  ['session', ['memcached', 'signedCookies', 'sealedCookies']],
  ['memcachedNodes', ['3']],
  ['memcachedNodeType', ['cache.m7g.large']],
  ['domainIsOurs', ['true']],
  ['staticOnPath', ['true', 'false']],
  ['separateStaticTier', ['true', 'false']],
  ['theme', [join(ROOT, 'examples/small-cloud/acme')]],
  ['plugins', ['heat', 'octavia,neutron-vpnaas']],
  ['horizonRelease', ['debian', '2026.1']],
  ['apiPorts', ['9001', '8443,7480']],
  ['askForDomain', ['true', 'false']],
  ['domains', ['users']],
  ['regions', ['Europe=https://keystone.example.org:5000/v3']],
  ['defaultServiceRegion', ['RegionTwo']],
  ['totp', ['true', 'false']],
  ['passwordExpiryWarningDays', ['7']],
  ['siteBranding', ['Our Cloud']],
  ['timeZone', ['Europe/Berlin']],
  ['deletionProtection', ['true', 'false']],
  ['internetFacing', ['true', 'false']],
  ['nat', ['single', 'perZone', 'regional']],
  ['dualStack', ['true', 'false']],
  ['bakedImages', ['true', 'false']],
  ['endpointType', ['publicURL', 'internalURL']],
  ['caCertificates', [CA_CERTIFICATE]],
  ['webSsoProtocol', ['openid']],
  ['egressProxy', ['http://proxy.example.org:3128']],
  ['alarms', ['true', 'false']],
  ['alarmEmail', ['on-call@example.org']],
  ['alarmTopicArn', ['arn:aws:sns:eu-central-1:111122223333:on-call']],
  ['minCapacity', ['3']],
  ['maxCapacity', ['7']],
];

/** What speaks against a strict synth: findings of the packs and warnings, not what they inform of. */
function findingsOf(context: Record<string, unknown>): string[] {
  const app = appStack(context).node.root as App;
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new OpenStackDashboardChecks(app));
  const { directory } = app.synth();
  const { pluginReports } = JSON.parse(
    readFileSync(join(directory, 'validation-report.json'), 'utf8'),
  ) as { pluginReports: { violations: { ruleName: string; severity: string }[] }[] };
  return pluginReports
    .flatMap(({ violations }) => violations)
    .filter(({ severity }) => severity !== 'info')
    .map(({ ruleName, severity }) => `${severity} ${ruleName}`);
}

describe('every documented option passes the rule packs', () => {
  test('the table has every context key', () => {
    let message = '';
    try {
      appStack({ misspelled: true });
    } catch (error) {
      message = (error as Error).message;
    }
    const known = /keys (.*), got misspelled$/.exec(message)![1].split(', ');
    // Those of which each comes with another one, if it comes at all.
    const others = [
      'hostedZoneId',
      'systemCaCertificates',
      'egressProxyExclude',
      'webSsoIdentityProvider',
      'webSsoLabel',
      'webSsoKeystoneUrl',
      'webSsoPasswordLogin',
      'webSsoRedirect',
      'webSsoLogoutUrl',
      'webSsoOrigins',
    ];
    expect([...CHOICES.map(([key]) => key), ...others].sort()).toEqual(known.sort());
    const page = readFileSync(join(ROOT, 'docs/ready-app.md'), 'utf8');
    expect(known.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  });

  test.each(CHOICES.flatMap(([key, values]) => values.map((value) => [key, value])))(
    '%s=%s',
    (key, value) => {
      // The policy is a warning without the way to the identity provider.
      const needed = key === 'webSsoProtocol' ? { webSsoOrigins: 'https://login.example.org' } : {};
      const rest = { ...GIVEN, domainIsOurs: 'true', ...needed };
      expect(findingsOf({ ...rest, [key]: value })).toEqual([]);
      // A subdomain is one thing to say.
      expect(findingsOf({ ...needed, [key]: value })).toEqual([]);
    },
  );

  test('single sign-on without the origins of the identity provider is a warning', () => {
    expect(findingsOf({ ...GIVEN, domainIsOurs: 'true', webSsoProtocol: 'openid' })).toEqual([
      'warning Annotation::cdk-openstack-dashboard:webSsoWithoutOrigins',
    ]);
  });

  test('a subdomain is a finding until the operator confirms who owns the domain', () => {
    expect(findingsOf({ domainName: GIVEN.domainName })).toEqual([
      'warning OpenStackDashboard-DOMAIN1',
    ]);
    const signed = { ...GIVEN, session: 'signedCookies' };
    expect(() => findingsOf(signed)).toThrow('OpenStackDashboard-SESSION8');
  });

  test('machine images without the static tier have no finding', () => {
    const images = { bakedImages: 'true', separateStaticTier: 'false', domainIsOurs: 'true' };
    expect(findingsOf({ ...GIVEN, ...images })).toEqual([]);
  });

  test('each finding on a bake that is accepted is one that the packs have', () => {
    const stack = appStack({ ...GIVEN, bakedImages: 'true' });
    const choices = { domainIsOurs: false, staticOnPath: false, signedCookies: false };
    const { images } = stack.dashboard;
    const accepted = acceptedFindings(stack.dashboard, choices).flatMap(({ construct, findings }) =>
      findings.map(({ id }) => `${construct.node.path} ${id}`),
    );
    const app = stack.node.root as App;
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const { directory } = app.synth();
    const { pluginReports } = JSON.parse(
      readFileSync(join(directory, 'validation-report.json'), 'utf8'),
    ) as {
      pluginReports: {
        suppressedViolations?: { acknowledgedAt: string; acknowledgedId: string }[];
      }[];
    };
    const found = pluginReports
      .flatMap((report) => report.suppressedViolations ?? [])
      .map(({ acknowledgedAt, acknowledgedId }) => `${acknowledgedAt} ${acknowledgedId}`);
    const ofBakes = (all: string[]): string[] =>
      all.filter((each) => images.some(({ node }) => each.startsWith(`${node.path} `))).sort();
    expect(ofBakes(found)).toHaveLength(18);
    expect(ofBakes(found)).toEqual(ofBakes(accepted));
  });

  test('docs/findings.md has the accepted findings without the static tier', () => {
    const page = renderFindings();
    expect(page).toMatch(/OpenStackDashboard\/Dashboard\/Logs` \| AwsSolutions::AwsSolutions-S1/);
    expect(page).toMatch(/SESSION8/);
  });
});
