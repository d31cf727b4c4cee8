/** What AWS would refuse only when it is deployed, and what it leaves behind. */
import { App, CfnParameter, Duration, Fn, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DashboardEntry,
  DashboardHosts,
  DashboardSettings,
  HttpsEntry,
  NewLoadBalancerOptions,
  OpenStackDashboard,
  SessionBackend,
  StaticMedia,
  ImageUpload,
} from '../../lib';
import {
  certificate,
  expectMisuse,
  KEYSTONE,
  NAME,
  network,
  newBalancer,
  newDashboard,
  newStack,
  Resource,
  resource,
  resourcesOf,
} from './fixtures';

let stack: Stack;
beforeEach(() => {
  stack = newStack();
});

const entryOn = (entry: DashboardEntry, id = 'Entry'): HttpsEntry =>
  new HttpsEntry(stack, id, { vpc: network(stack, 3, `${id}Vpc`), domainName: NAME, entry });

const newEntry = (options: NewLoadBalancerOptions = {}): HttpsEntry =>
  entryOn(newBalancer(stack, options));

const bucketPolicy = (template: Template): Resource['Properties'][] =>
  Object.values(resourcesOf(template, 'AWS::S3::BucketPolicy')).flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement,
  );

const principals = (statements: Resource['Properties'][]): string[] =>
  statements
    .map(({ Principal }) => Principal.Service as string)
    .filter(Boolean)
    .sort();

describe('an existing log bucket', () => {
  test.each<[string, (scope: Stack) => s3.IBucket]>([
    ['a key', (scope) => new s3.Bucket(scope, 'B', { encryptionKey: new kms.Key(scope, 'K') })],
    [
      "KMS's own key",
      (scope) => new s3.Bucket(scope, 'B', { encryption: s3.BucketEncryption.KMS_MANAGED }),
    ],
    [
      'two layers of KMS',
      (scope) => new s3.Bucket(scope, 'B', { encryption: s3.BucketEncryption.DSSE_MANAGED }),
    ],
    [
      'a key that is imported',
      (scope) =>
        s3.Bucket.fromBucketAttributes(scope, 'B', {
          bucketName: 'given',
          encryptionKey: new kms.Key(scope, 'K'),
        }),
    ],
  ])('is rejected with %s: load balancers cannot deliver to it', (_, bucket) => {
    expectMisuse(
      () => newEntry({ logBucket: bucket(stack) }),
      'Stack/Entry: logBucket must be encrypted with Amazon S3 managed keys (SSE-S3), got Stack/B; it uses AWS KMS, and Elastic Load Balancing cannot deliver access logs to it',
    );
  });

  test.each([s3.BucketEncryption.S3_MANAGED, undefined])('is accepted with %s', (encryption) => {
    newEntry({ logBucket: new s3.Bucket(stack, 'B', { encryption }) });
    const template = Template.fromStack(stack);
    expect(principals(bucketPolicy(template))).toEqual([
      'logdelivery.elasticloadbalancing.amazonaws.com',
    ]);
  });

  test('causes a warning with the statements to add, if it is imported', () => {
    newDashboard(stack, { logBucket: s3.Bucket.fromBucketName(stack, 'B', 'given-logs') });
    const warnings = Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('the imported bucket'))
      .map(({ entry }) => String(entry.data));
    expect(warnings).toHaveLength(3);
    for (const text of [
      '"logdelivery.elasticloadbalancing.amazonaws.com"',
      '"Sid":"AWSLogDeliveryWrite"',
      '"Sid":"AWSLogDeliveryAclCheck"',
      '"logging.s3.amazonaws.com"',
      ':s3:::given-logs',
    ]) {
      expect(warnings.join('\n')).toContain(text);
    }
    // A statement can be copied into a policy as it is.
    const statement = /\{"Action".*?\}(?= and|,? then)/.exec(warnings[0])![0];
    expect(JSON.parse(statement.replace(/\s+\[ack.*/, ''))).toMatchObject({ Effect: 'Allow' });
  });
});

describe('a network that is created', () => {
  test.each([true, false])(
    'can deliver flow logs with createDefaultLoggingPolicy %s',
    (createDefaultLoggingPolicy) => {
      stack = newStack(undefined, {
        '@aws-cdk/aws-s3:createDefaultLoggingPolicy': createDefaultLoggingPolicy,
      });
      newDashboard(stack);
      const template = Template.fromStack(stack);
      const statements = bucketPolicy(template).filter(
        ({ Principal }) => Principal.Service === 'delivery.logs.amazonaws.com',
      );
      expect(statements.map(({ Action }) => Action)).toEqual([
        's3:PutObject',
        ['s3:GetBucketAcl', 's3:ListBucket'],
      ]);
      expect(JSON.stringify(statements[0].Resource)).toContain('/flow-logs/AWSLogs/');
      expect(statements[0].Condition.StringEquals['s3:x-amz-acl']).toBe(
        'bucket-owner-full-control',
      );
      // AWS edits the policy of a bucket that has none yet.
      const { DependsOn } = resource(template, 'AWS::EC2::FlowLog');
      expect(DependsOn).toContainEqual(expect.stringMatching(/LogsPolicy/));
    },
  );
});

describe('a first deployment that fails', () => {
  test('leaves nothing that is protected, and no bucket', () => {
    newDashboard(stack);
    const { Resources } = Template.fromStack(stack).toJSON() as {
      Resources: Record<string, Resource>;
    };
    const kept = Object.entries(Resources)
      .filter(([, { DeletionPolicy }]) => !['Delete', undefined].includes(DeletionPolicy))
      .map(([id, { Type, DeletionPolicy }]) => `${Type} ${DeletionPolicy} ${id}`);
    // The log bucket and the hosts' logs; the asset bucket has a policy of its own.
    expect(kept.filter((text) => !/Assets/.test(text))).toEqual([
      expect.stringMatching(/^AWS::S3::Bucket RetainExceptOnCreate DashboardLogs/),
      expect.stringMatching(/^AWS::Logs::LogGroup RetainExceptOnCreate DashboardHostLogs/),
    ]);
    const { LoadBalancerAttributes } = resource(
      Template.fromStack(stack),
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
    ).Properties;
    expect(LoadBalancerAttributes).toContainEqual({
      Key: 'deletion_protection.enabled',
      Value: 'false',
    });
  });
});

describe('a private zone', () => {
  const privateZones: [string, () => route53.IHostedZone][] = [
    [
      'PrivateHostedZone',
      () =>
        new route53.PrivateHostedZone(stack, 'Zone', {
          zoneName: 'example.org',
          vpc: network(stack, 2, 'ZoneVpc'),
        }),
    ],
    [
      'HostedZone with a VPC',
      () =>
        new route53.HostedZone(stack, 'Zone', {
          zoneName: 'example.org',
          vpcs: [network(stack, 2, 'ZoneVpc')],
        }),
    ],
  ];

  test.each(privateZones)('is rejected without a certificate: %s', (_, zone) => {
    const hostedZone = zone();
    expect(
      () =>
        new OpenStackDashboard(stack, 'Dashboard', {
          domainName: NAME,
          keystoneUrl: KEYSTONE,
          hostedZone,
        }),
    ).toThrow(
      /^Stack\/Dashboard: entry must have a certificate with a private hosted zone, got none;/,
    );
  });

  test.each(privateZones)('is accepted with a certificate: %s', (_, zone) => {
    newDashboard(stack, { hostedZone: zone(), entry: newBalancer(stack) });
    Template.fromStack(stack).resourceCountIs('AWS::Route53::RecordSet', 2);
  });

  test('is distinguished from a public zone, in which certificates are validated', () => {
    const hostedZone = new route53.HostedZone(stack, 'Zone', { zoneName: 'example.org' });
    newDashboard(stack, { hostedZone });
    Template.fromStack(stack).resourceCountIs('AWS::CertificateManager::Certificate', 1);
  });
});

describe('a shared listener', () => {
  const shared = (): elbv2.IApplicationListener =>
    new elbv2.ApplicationLoadBalancer(stack, 'Lb', {
      vpc: network(stack, 3, 'LbVpc'),
    }).addListener('Https', {
      port: 443,
      certificates: [certificate(stack)],
      defaultAction: elbv2.ListenerAction.fixedResponse(404),
    });
  const behind = (
    listener: elbv2.IApplicationListener,
    id: string,
    rulePriority?: number,
  ): void => {
    const entry = entryOn(DashboardEntry.onListener(listener, { rulePriority }), id);
    entry.addDashboard(
      new DashboardHosts(stack, `${id}Hosts`, {
        vpc: network(stack, 3, `${id}HostsVpc`),
        settings: new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE }),
        session: SessionBackend.signedCookies(),
      }),
    );
  };

  test('cannot have two rules with the same priority', () => {
    const listener = shared();
    behind(listener, 'One');
    behind(listener, 'Two');
    expect(() => (stack.node.root as App).synth()).toThrow(
      /\[Stack\/Two\] rulePriority must differ between the rules of one listener, got 101; Stack\/One\/DashboardRule\/Resource and Stack\/Two\/DashboardRule\/Resource have the same/,
    );
  });

  test('cannot have two rules with the same priority if it is imported twice', () => {
    for (const id of ['One', 'Two']) {
      behind(
        elbv2.ApplicationListener.fromApplicationListenerAttributes(stack, `${id}Listener`, {
          listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/a/0/1',
          securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, `${id}Sg`, 'sg-1'),
        }),
        id,
      );
    }
    expect(() => (stack.node.root as App).synth()).toThrow(/rulePriority must differ/);
  });

  test('can have rules with other priorities', () => {
    const listener = shared();
    behind(listener, 'One');
    behind(listener, 'Two', 200);
    const rules = resourcesOf(
      Template.fromStack(stack),
      'AWS::ElasticLoadBalancingV2::ListenerRule',
    );
    expect(Object.values(rules).map(({ Properties }) => Properties.Priority)).toEqual([101, 201]);
  });

  test.each([8443, 80])('is rejected on port %d, which URLs do not contain', (port) => {
    const listener = new elbv2.ApplicationLoadBalancer(stack, 'Lb', {
      vpc: network(stack, 3, 'LbVpc'),
    }).addListener('Https', {
      port,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      certificates: [certificate(stack)],
      defaultAction: elbv2.ListenerAction.fixedResponse(404),
    });
    expectMisuse(
      () => entryOn(DashboardEntry.onListener(listener)),
      `Stack/Entry: listener must be on port 443, got ${port}`,
    );
  });
});

describe('a certificate', () => {
  const given = (arn: string): acm.ICertificate =>
    acm.Certificate.fromCertificateArn(stack, 'Given', arn);

  test.each([
    'foo',
    'arn:aws:acm:eu-west-1:123456789012:certificate/',
    'arn:aws:acm:eu-west-1:12345:certificate/0123',
    'arn:aws:s3:::bucket',
    'arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/0123',
  ])('is rejected with the ARN %j', (arn) => {
    expect(() => newEntry({ certificate: given(arn) })).toThrow(
      /^Stack\/Entry: certificate must have the ARN of an ACM certificate such as .*, got '/,
    );
  });

  test('is refused in a dashboard too', () => {
    expect(() =>
      newDashboard(stack, { entry: newBalancer(stack, { certificate: given('foo') }) }),
    ).toThrow(/^Stack\/Dashboard\/Entry: certificate must have the ARN of an ACM certificate/);
  });

  test('is rejected if it is in another region than the stack', () => {
    stack = newStack({ env: { account: '123456789012', region: 'eu-central-1' } });
    expect(() =>
      newEntry({ certificate: given('arn:aws:acm:us-east-1:123456789012:certificate/0123') }),
    ).toThrow(
      /^Stack\/Entry: certificate must be in the region of the stack \(eu-central-1\), got /,
    );
  });

  test.each([
    'arn:aws:acm:eu-west-1:123456789012:certificate/0123-abcd',
    'arn:aws-cn:acm:cn-north-1:123456789012:certificate/0123',
    'arn:aws:iam::123456789012:server-certificate/path/name',
  ])('is accepted with the ARN %j', (arn) => {
    newEntry({ certificate: given(arn) });
    const listeners = resourcesOf(
      Template.fromStack(stack),
      'AWS::ElasticLoadBalancingV2::Listener',
    );
    expect(JSON.stringify(listeners)).toContain(arn);
  });

  test('is taken as a resource of CloudFormation', () => {
    const resource = new acm.CfnCertificate(stack, 'Resource', { domainName: NAME });
    newEntry({ certificate: resource });
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Certificates: [{ CertificateArn: { Ref: 'Resource' } }],
    });
  });

  test.each([
    ['a parameter', (): string => new CfnParameter(stack, 'Arn').valueAsString],
    ['an import', (): string => Fn.importValue('certificate')],
  ])('is accepted if it is not known at synth time: %s', (_, arn) => {
    expect(() => newEntry({ certificate: given(arn()) })).not.toThrow();
  });
});

describe('the load balancer', () => {
  test.each([
    [elbv2.IpAddressType.IPV4, ['A']],
    [elbv2.IpAddressType.DUAL_STACK, ['A', 'AAAA']],
    [elbv2.IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4, ['AAAA']],
  ])('of type %s has records %j and the same clients', (ipAddressType, types) => {
    newDashboard(stack, {
      vpc: network(stack),
      hostedZone: new route53.HostedZone(stack, 'Zone', { zoneName: 'example.org' }),
      entry: DashboardEntry.newLoadBalancer({ ipAddressType }),
      staticMedia: StaticMedia.onDashboardHosts(),
    });
    const template = Template.fromStack(stack);
    const records = Object.values(resourcesOf(template, 'AWS::Route53::RecordSet'));
    expect(records.map(({ Properties }) => Properties.Type)).toEqual(types);
    const ingress = JSON.stringify(
      resource(template, 'AWS::EC2::SecurityGroup', /Entry/).Properties.SecurityGroupIngress,
    );
    expect(ingress.includes('::/0')).toBe(ipAddressType !== elbv2.IpAddressType.IPV4);
    const egress: { CidrIp?: string; CidrIpv6?: string; FromPort: number }[] = resource(
      template,
      'AWS::EC2::SecurityGroup',
      /HostsSecurityGroup/,
    ).Properties.SecurityGroupEgress;
    const ports = (name: 'CidrIp' | 'CidrIpv6', cidr: string): number[] =>
      egress.filter((rule) => rule[name] === cidr).map(({ FromPort }) => FromPort);
    const everywhere = ports('CidrIp', '0.0.0.0/0');
    expect(everywhere).toEqual(expect.arrayContaining([443, 80, 5000]));
    expect(ports('CidrIpv6', '::/0')).toEqual(
      ipAddressType === elbv2.IpAddressType.IPV4 ? [] : everywhere,
    );
  });

  test('needs a created VPC with IPv6 addresses', () => {
    expect(() =>
      newDashboard(stack, {
        entry: newBalancer(stack, { ipAddressType: elbv2.IpAddressType.DUAL_STACK }),
      }),
    ).toThrow(
      /^Stack\/Dashboard: network must be dual-stack if the ipAddressType of entry is dualstack, got none;/,
    );
  });

  test('waits longer than hosts that send images to the image service', () => {
    const upload = (mebibytes: number) => ({
      settings: { imageUpload: ImageUpload.legacy('a quota', Size.mebibytes(mebibytes)) },
    });
    const idle = () =>
      resource(
        Template.fromStack(stack),
        'AWS::ElasticLoadBalancingV2::LoadBalancer',
      ).Properties.LoadBalancerAttributes.find(
        ({ Key }: { Key: string }) => Key === 'idle_timeout.timeout_seconds',
      )?.Value;
    newDashboard(stack, { ...upload(2048), entry: newBalancer(stack) });
    expect(idle()).toBe('132');
    const other = newStack();
    expect(() =>
      newDashboard(other, {
        ...upload(2048),
        entry: newBalancer(other, { idleTimeout: Duration.seconds(131) }),
      }),
    ).toThrow(/idleTimeout must be a whole number of seconds from 132 to 600, got 131/);
  });

  test('accepts further attributes', () => {
    const entry = newEntry({ idleTimeout: Duration.seconds(74) });
    entry.loadBalancer.setAttribute('client_keep_alive.seconds', '600');
    const { LoadBalancerAttributes } = resource(
      Template.fromStack(stack),
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
    ).Properties;
    expect(LoadBalancerAttributes).toEqual(
      expect.arrayContaining([
        { Key: 'idle_timeout.timeout_seconds', Value: '74' },
        { Key: 'client_keep_alive.seconds', Value: '600' },
      ]),
    );
  });

  test.each([59, 601, 4000])('cannot keep idle connections for %d seconds', (seconds) => {
    expect(() => newEntry({ idleTimeout: Duration.seconds(seconds) })).toThrow(/idleTimeout/);
  });

  // Else the host closes a connection on which the load balancer is about to send: a 502.
  test('closes idle connections before hosts do', () => {
    const file = 'lib/hosts/files/usr/local/lib/openstack-dashboard/nginx-http.conf';
    const text = readFileSync(join(__dirname, '../..', file), 'utf8');
    const keepalive = Number(/^keepalive_timeout (\d+)s;$/m.exec(text)![1]);
    expect(() => newEntry({ idleTimeout: Duration.seconds(600) })).not.toThrow();
    expect(keepalive).toBeGreaterThan(600);
    expect(() =>
      entryOn(
        DashboardEntry.newLoadBalancer({
          certificate: certificate(newStack()),
          idleTimeout: Duration.seconds(keepalive),
        }),
        'Other',
      ),
    ).toThrow(/idleTimeout/);
  });
});
