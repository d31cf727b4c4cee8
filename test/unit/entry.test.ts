import { CfnParameter, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  AdminAccess,
  DashboardEntry,
  DashboardHosts,
  DashboardSettings,
  HttpsEntry,
  HttpsEntryProps,
  NewLoadBalancerOptions,
  SessionBackend,
  StaticAddress,
  StaticTier,
} from '../../lib';
import {
  certificate,
  expectMisuse,
  KEYSTONE,
  NAME,
  network,
  newBalancer,
  newStack,
  resource,
  resourcesOf,
  textOf,
} from './fixtures';

/** AWS's table of policies says so of these. */
const OLD_POLICIES = [
  elbv2.SslPolicy.RECOMMENDED,
  elbv2.SslPolicy.LEGACY,
  elbv2.SslPolicy.TLS11,
  elbv2.SslPolicy.TLS13_10,
  elbv2.SslPolicy.TLS13_10_PQ,
  elbv2.SslPolicy.TLS13_11,
  elbv2.SslPolicy.FIPS_TLS13_10,
  elbv2.SslPolicy.FIPS_TLS13_10_PQ,
  elbv2.SslPolicy.FIPS_TLS13_11,
  elbv2.SslPolicy.FORWARD_SECRECY,
  elbv2.SslPolicy.FORWARD_SECRECY_TLS11,
];

let stack: Stack;
let vpc: ec2.IVpc;
beforeEach(() => {
  stack = newStack();
  vpc = network(stack);
});

function newEntry(
  options: NewLoadBalancerOptions = {},
  props: Partial<HttpsEntryProps> = {},
): HttpsEntry {
  return new HttpsEntry(stack, 'Entry', {
    vpc,
    domainName: NAME,
    entry: newBalancer(stack, options),
    ...props,
  });
}

function entryOn(entry: DashboardEntry, props: Partial<HttpsEntryProps> = {}): HttpsEntry {
  return new HttpsEntry(stack, 'Entry', { vpc, domainName: NAME, entry, ...props });
}

function newHosts(): DashboardHosts {
  return new DashboardHosts(stack, 'Hosts', {
    vpc,
    settings: new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE }),
    session: SessionBackend.signedCookies(),
    adminAccess: AdminAccess.none(),
  });
}

function givenLoadBalancer(): elbv2.IApplicationLoadBalancer {
  return elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'GivenLb', {
    loadBalancerArn:
      'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/given/0123',
    securityGroupId: 'sg-given',
    loadBalancerDnsName: 'given.eu-west-1.elb.amazonaws.com',
    loadBalancerCanonicalHostedZoneId: 'Z0123',
    vpc,
  });
}

function givenListener(): elbv2.IApplicationListener {
  return elbv2.ApplicationListener.fromApplicationListenerAttributes(stack, 'GivenListener', {
    listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/given/0123/4567',
    securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'GivenLbGroup', 'sg-given'),
  });
}

function zone(): route53.IHostedZone {
  return route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    zoneName: 'example.org',
    hostedZoneId: 'Z0123',
  });
}

function attributes(): Record<string, unknown> {
  const { Properties } = resource(
    Template.fromStack(stack),
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
  );
  return Object.fromEntries(
    Properties.LoadBalancerAttributes.map(({ Key, Value }: { Key: string; Value: unknown }) => [
      Key,
      Value,
    ]),
  );
}

const listener = (port: number): Record<string, unknown> => {
  const all = resourcesOf(Template.fromStack(stack), 'AWS::ElasticLoadBalancingV2::Listener');
  return Object.values(all).find(({ Properties }) => Properties.Port === port)!.Properties;
};

describe('a new load balancer', () => {
  test('redirects HTTP permanently, and only to the dashboard name', () => {
    newEntry();
    expect(listener(80)).toMatchObject({
      Protocol: 'HTTP',
      DefaultActions: [
        {
          Type: 'redirect',
          RedirectConfig: { Protocol: 'HTTPS', Host: NAME, Port: '443', StatusCode: 'HTTP_301' },
        },
      ],
    });
  });

  test('answers 404 to every name that is not the dashboard', () => {
    newEntry();
    expect(listener(443).DefaultActions).toEqual([
      {
        Type: 'fixed-response',
        FixedResponseConfig: {
          ContentType: 'text/plain',
          MessageBody: 'no such site',
          StatusCode: '404',
        },
      },
    ]);
  });

  test('uses TLS 1.2 or later', () => {
    newEntry();
    expect(listener(443)).toMatchObject({
      Protocol: 'HTTPS',
      SslPolicy: expect.stringMatching(/^ELBSecurityPolicy-TLS13-1-2-Res-PQ-/),
      Certificates: [{ CertificateArn: expect.stringContaining(':certificate/') }],
    });
  });

  test.each(Object.values(elbv2.SslPolicy).filter((policy) => !OLD_POLICIES.includes(policy)))(
    'takes the TLS policy %s',
    (sslPolicy) => {
      newEntry({ sslPolicy });
      expect(listener(443).SslPolicy).toBe(sslPolicy);
    },
  );

  test('uses HTTP/2, drops invalid headers and mitigates desync strictly', () => {
    newEntry();
    expect(attributes()).toMatchObject({
      'routing.http2.enabled': 'true',
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'strictest',
    });
  });

  // Protection at creation keeps CloudFormation from rolling back a first deployment.
  test.each([
    [undefined, 'false'],
    [false, 'false'],
    [true, 'true'],
  ])('with deletionProtection %s, is protected from deletion: %s', (deletionProtection, value) => {
    newEntry({ deletionProtection });
    expect(attributes()['deletion_protection.enabled']).toBe(value);
  });

  test('writes access logs in a stack without a region', () => {
    newEntry();
    const template = Template.fromStack(stack);
    expect(attributes()).toMatchObject({
      'access_logs.s3.enabled': 'true',
      'access_logs.s3.prefix': 'load-balancer',
      'access_logs.s3.bucket': { Ref: expect.stringMatching(/^EntryLogs/) },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'LoadBalancerLogs',
            Effect: 'Allow',
            Action: 's3:PutObject',
            Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
          }),
        ]),
      },
    });
    const { Statement } = resource(template, 'AWS::S3::BucketPolicy').Properties.PolicyDocument;
    const delivery = Statement.find(({ Sid }: { Sid?: string }) => Sid === 'LoadBalancerLogs');
    expect(textOf(delivery.Resource)).toMatch(
      /^<EntryLogs.*\.Arn>\/load-balancer\/AWSLogs\/<AWS::AccountId>\/\*$/,
    );
    expect(textOf(delivery.Condition.ArnLike['aws:SourceArn'])).toBe(
      'arn:<AWS::Partition>:elasticloadbalancing:<AWS::Region>:<AWS::AccountId>:loadbalancer/*',
    );
  });

  test('is created after the policy that allows its log', () => {
    newEntry();
    const { DependsOn } = resource(
      Template.fromStack(stack),
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
    );
    expect(DependsOn).toContainEqual(expect.stringMatching(/^EntryLogsPolicy/));
  });

  test('has a separate log bucket: private, S3 managed keys, one year, retained', () => {
    newEntry();
    const bucket = resource(Template.fromStack(stack), 'AWS::S3::Bucket');
    expect(bucket).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
          ],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        LifecycleConfiguration: { Rules: [{ ExpirationInDays: 365 }] },
      },
    });
  });

  test('logs to an existing bucket', () => {
    newEntry({ logBucket: s3.Bucket.fromBucketName(stack, 'GivenLogs', 'given-logs') });
    expect(attributes()['access_logs.s3.bucket']).toBe('given-logs');
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
  });

  test('is in public subnets, on the internet', () => {
    newEntry();
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internet-facing',
      Subnets: ['subnet-public0', 'subnet-public1', 'subnet-public2'],
    });
  });

  test('is in private subnets if it is not on the internet', () => {
    newEntry({ internetFacing: false });
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internal',
      Subnets: ['subnet-private0', 'subnet-private1', 'subnet-private2'],
    });
  });

  test('is in the given subnets', () => {
    newEntry({
      internetFacing: false,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    });
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Subnets: ['subnet-isolated0', 'subnet-isolated1', 'subnet-isolated2'],
    });
  });

  test('admits any client, but only to ports 443 and 80', () => {
    newEntry();
    const { SecurityGroupIngress, SecurityGroupEgress } = resource(
      Template.fromStack(stack),
      'AWS::EC2::SecurityGroup',
    ).Properties;
    expect(
      SecurityGroupIngress.map(({ CidrIp, FromPort, ToPort, IpProtocol }: never) => [
        CidrIp,
        IpProtocol,
        FromPort,
        ToPort,
      ]),
    ).toEqual([
      ['0.0.0.0/0', 'tcp', 443, 443],
      ['0.0.0.0/0', 'tcp', 80, 80],
    ]);
    expect(SecurityGroupEgress).toEqual([
      expect.objectContaining({ CidrIp: '255.255.255.255/32', IpProtocol: 'icmp' }),
    ]);
  });

  test('admits only the given clients', () => {
    newEntry({ clients: [ec2.Peer.ipv4('192.0.2.0/24'), ec2.Peer.ipv6('2001:db8::/32')] });
    const { SecurityGroupIngress } = resource(
      Template.fromStack(stack),
      'AWS::EC2::SecurityGroup',
    ).Properties;
    expect(
      SecurityGroupIngress.map(
        ({
          CidrIp,
          CidrIpv6,
          FromPort,
        }: {
          CidrIp?: string;
          CidrIpv6?: string;
          FromPort: number;
        }) => `${CidrIp ?? CidrIpv6} ${FromPort}`,
      ),
    ).toEqual(['192.0.2.0/24 443', '192.0.2.0/24 80', '2001:db8::/32 443', '2001:db8::/32 80']);
  });

  test('has only the given security groups', () => {
    newEntry({
      securityGroups: ['sg-one', 'sg-two'].map((id) =>
        ec2.SecurityGroup.fromSecurityGroupId(stack, id, id),
      ),
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      SecurityGroups: ['sg-one', 'sg-two'],
    });
    template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
  });
});

describe('existing resources', () => {
  test('a load balancer gets both listeners and keeps its own attributes', () => {
    entryOn(
      DashboardEntry.onLoadBalancer(givenLoadBalancer(), { certificate: certificate(stack) }),
    );
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 0);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::Listener', 2);
    template.resourceCountIs('AWS::S3::Bucket', 0);
  });

  test('a listener only gets rules', () => {
    const given = givenListener();
    const entry = entryOn(DashboardEntry.onListener(given, { rulePriority: 7 }));
    entry.addDashboard(newHosts());
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 0);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::Listener', 0);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      ListenerArn: given.listenerArn,
      Priority: 8,
    });
    expect(entry.redirectListener).toBeUndefined();
    expect(entry.hasLoadBalancer).toBe(false);
  });

  test('a load balancer accepts clients and a TLS policy for its new listeners', () => {
    entryOn(
      DashboardEntry.onLoadBalancer(givenLoadBalancer(), {
        certificate: certificate(stack),
        clients: [ec2.Peer.ipv4('192.0.2.0/24')],
        sslPolicy: elbv2.SslPolicy.TLS13_13,
        rulePriority: 7,
      }),
    ).addDashboard(newHosts());
    const template = Template.fromStack(stack);
    expect(listener(443).SslPolicy).toBe(elbv2.SslPolicy.TLS13_13);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      CidrIp: '192.0.2.0/24',
      FromPort: 443,
      GroupId: 'sg-given',
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', { Priority: 8 });
  });
});

describe('the available load balancer', () => {
  const own = (): elbv2.ApplicationLoadBalancer =>
    new elbv2.ApplicationLoadBalancer(stack, 'OwnLb', { vpc });

  test('is the new one, with all members of its class', () => {
    const entry = newEntry();
    entry.loadBalancer.setAttribute('client_keep_alive.seconds', '600');
    expect(entry.hasLoadBalancer).toBe(true);
    expect(attributes()['client_keep_alive.seconds']).toBe('600');
  });

  test.each<[string, (loadBalancer: elbv2.ApplicationLoadBalancer) => DashboardEntry]>([
    [
      'onLoadBalancer',
      (loadBalancer) =>
        DashboardEntry.onLoadBalancer(loadBalancer, { certificate: certificate(stack) }),
    ],
    ['onListener', (loadBalancer) => DashboardEntry.onListener(givenListener(), { loadBalancer })],
  ])('is the one of %s that this app creates', (_, entryFor) => {
    const loadBalancer = own();
    const entry = entryOn(entryFor(loadBalancer));
    expect([entry.loadBalancer, entry.hasLoadBalancer]).toEqual([loadBalancer, true]);
  });

  test('is not one that was imported', () => {
    const entry = entryOn(
      DashboardEntry.onLoadBalancer(givenLoadBalancer(), { certificate: certificate(stack) }),
    );
    expect(entry.hasLoadBalancer).toBe(false);
    expectMisuse(
      () => entry.loadBalancer,
      'Stack/Entry: loadBalancer must only be used if this app creates the load balancer; use the imported one',
    );
  });

  test('does not exist with only a listener', () => {
    const entry = entryOn(DashboardEntry.onListener(givenListener()));
    expectMisuse(
      () => entry.loadBalancer,
      'Stack/Entry: loadBalancer must only be used if this app creates the load balancer; give it to DashboardEntry.onListener() as loadBalancer',
    );
  });

  test('gets records, also if it was imported', () => {
    const loadBalancer = givenLoadBalancer();
    entryOn(DashboardEntry.onListener(givenListener(), { loadBalancer }), {
      hostedZone: zone(),
    }).addDashboard(newHosts());
    Template.fromStack(stack).hasResourceProperties('AWS::Route53::RecordSet', {
      Name: `${NAME}.`,
      AliasTarget: { DNSName: 'dualstack.given.eu-west-1.elb.amazonaws.com' },
    });
  });
});

describe('names', () => {
  test('the dashboard only answers to its names', () => {
    newEntry().addDashboard(newHosts(), ['other.example.org']);
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Priority: 101,
      Actions: [
        { Type: 'forward', TargetGroupArn: { Ref: Match.stringLikeRegexp('^HostsTarget') } },
      ],
      Conditions: [
        { Field: 'host-header', HostHeaderConfig: { Values: [NAME, 'other.example.org'] } },
      ],
    });
  });

  test.each([
    ['a subdomain', StaticAddress.subdomain(), `static.${NAME}`, ['/static/*', '/robots.txt']],
    ['a path', StaticAddress.path(), NAME, ['/static/*']],
  ])('static media on %s goes to the static hosts', (_, address, name, paths) => {
    newEntry().addStaticTier(new StaticTier(stack, 'Static', { vpc, domainName: NAME, address }));
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Priority: 100,
      Actions: [
        { Type: 'forward', TargetGroupArn: { Ref: Match.stringLikeRegexp('^StaticTarget') } },
      ],
      Conditions: [
        { Field: 'host-header', HostHeaderConfig: { Values: [name] } },
        { Field: 'path-pattern', PathPatternConfig: { Values: paths } },
      ],
    });
  });

  test('hosts only admit the load balancer', () => {
    newEntry().addDashboard(newHosts());
    const rules = resourcesOf(Template.fromStack(stack), 'AWS::EC2::SecurityGroupIngress');
    expect(Object.values(rules).map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        FromPort: 443,
        ToPort: 443,
        IpProtocol: 'tcp',
        SourceSecurityGroupId: {
          'Fn::GetAtt': [expect.stringMatching(/^EntrySecurity/), 'GroupId'],
        },
      }),
    ]);
  });

  test.each([
    ['a name of its own', StaticAddress.subdomain(), [`${NAME}.`, `static.${NAME}.`]],
    ['a path', StaticAddress.path(), [`${NAME}.`]],
  ])('a hosted zone gets a record for each name, static media on %s', (_, address, records) => {
    const entry = newEntry({}, { hostedZone: zone() });
    entry.addDashboard(newHosts());
    entry.addStaticTier(new StaticTier(stack, 'Static', { vpc, domainName: NAME, address }));
    const found = Object.values(
      resourcesOf(Template.fromStack(stack), 'AWS::Route53::RecordSet'),
    ).map(({ Properties }) => Properties);
    expect(found.map(({ Name }) => Name).sort()).toEqual(records);
    expect(found.every(({ Type, AliasTarget }) => Type === 'A' && AliasTarget)).toBe(true);
  });

  test('no record is created without a hosted zone', () => {
    newEntry().addDashboard(newHosts());
    Template.fromStack(stack).resourceCountIs('AWS::Route53::RecordSet', 0);
  });
});

describe('values that are not known at synth time', () => {
  test('a domain name and a TLS policy are accepted', () => {
    const domainName = new CfnParameter(stack, 'DomainName').valueAsString;
    const sslPolicy = Lazy.string({ produce: () => 'ELBSecurityPolicy-2016-08' });
    newEntry({ sslPolicy: sslPolicy as elbv2.SslPolicy }, { domainName });
    expect(listener(80)).toMatchObject({
      DefaultActions: [{ RedirectConfig: { Host: { Ref: 'DomainName' } } }],
    });
  });
});

describe('misuse', () => {
  test('fails without a certificate', () => {
    expectMisuse(
      () => entryOn(DashboardEntry.newLoadBalancer()),
      'Stack/Entry: certificate must be given for a new HTTPS listener, got none',
    );
  });

  test.each([
    'dashboard',
    '*.example.org',
    '.example.org',
    'https://a.example.org',
    'A.example.org',
  ])('fails with the domain name %s', (domainName) => {
    expectMisuse(
      () => newEntry({}, { domainName }),
      `Stack/Entry: domainName must be a fully qualified domain name in lower case such as dashboard.example.org, without a wildcard, leading dot, port or scheme, got '${domainName}'`,
    );
  });

  test.each(OLD_POLICIES)('fails with the TLS policy %s, which allows TLS 1.1', (sslPolicy) => {
    expectMisuse(
      () => newEntry({ sslPolicy }),
      `Stack/Entry: sslPolicy must allow only TLS 1.2 and later, such as ELBSecurityPolicy-TLS13-1-2-Res-2021-06, got '${sslPolicy}'`,
    );
  });

  test.each([0, 50000, 1.5])('fails with the rule priority %d', (rulePriority) => {
    expectMisuse(
      () => newEntry({ rulePriority }),
      `Stack/Entry: rulePriority must be a whole number from 1 to 49999, got ${rulePriority}`,
    );
  });

  test('fails with a rule priority that is not known at synth time, since the next one is not known', () => {
    const rulePriority = new CfnParameter(stack, 'Priority', { type: 'Number' }).valueAsNumber;
    expectMisuse(
      () => newEntry({ rulePriority }),
      'Stack/Entry: rulePriority must be known at synth time, got an unresolved token',
    );
  });

  test('fails to create a record for an unknown load balancer', () => {
    const entry = entryOn(DashboardEntry.onListener(givenListener()), { hostedZone: zone() });
    const hosts = newHosts();
    expectMisuse(
      () => entry.addDashboard(hosts),
      'Stack/Entry: loadBalancer must be given to DashboardEntry.onListener() with hostedZone, got none; records point to it',
    );
  });

  test('fails with more names than a listener rule can match', () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.example.org`);
    const hosts = newHosts();
    expectMisuse(
      () => newEntry().addDashboard(hosts, names),
      'Stack/Entry: additionalHosts must have at most 4 names, got 5; a listener rule has at most 5 values',
    );
  });
});
