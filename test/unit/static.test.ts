import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  DashboardHosts,
  DashboardSettings,
  OpenStackDashboard,
  OpenStackDashboardChecks,
  SessionBackend,
  StaticAddress,
  StaticTier,
  StaticTierProps,
} from '../../lib';
import {
  environmentsOf,
  expectMisuse,
  KEYSTONE,
  launchTemplate,
  NAME,
  network,
  newDashboard,
  newStack,
  resource,
  Resource,
  resourcesOf,
  statementsOf,
  textOf,
  userDataOf,
} from './fixtures';

let stack: Stack;
let vpc: ec2.IVpc;
beforeEach(() => {
  stack = newStack();
  vpc = network(stack);
});

const newTier = (props: Partial<StaticTierProps> = {}): StaticTier =>
  new StaticTier(stack, 'Static', { vpc, domainName: NAME, ...props });
const newHosts = (staticTier: StaticTier): DashboardHosts =>
  new DashboardHosts(stack, 'Hosts', {
    vpc,
    staticTier,
    settings: new DashboardSettings({ domainName: staticTier.domainName, keystoneUrl: KEYSTONE }),
    session: SessionBackend.signedCookies(),
  });
const template = (): Template => Template.fromStack(stack);
const bucket = (): Resource => resource(template(), 'AWS::S3::Bucket', /Assets/);
const host = (id = /Static/): Record<string, string> =>
  environmentsOf(userDataOf(template(), id)).host;

/** What a role may do with the bucket and its key. */
function permissions(role: RegExp): string[] {
  return statementsOf(template(), role)
    .filter(({ Action }) => /^(s3|kms):/.test([Action].flat()[0]))
    .flatMap(({ Action, Resource, Condition }) =>
      [Action]
        .flat()
        .map((action) =>
          [action, textOf(Resource).replace(/[0-9A-F]{8}/g, ''), JSON.stringify(Condition)]
            .filter(Boolean)
            .join(' '),
        ),
    )
    .sort();
}

describe('the address', () => {
  test('is a subdomain of the dashboard by default', () => {
    const tier = newTier();
    expect([tier.serverName, tier.baseUrl]).toEqual([
      `static.${NAME}`,
      `https://static.${NAME}/static/`,
    ]);
    expect(host()).toMatchObject({
      SERVER_NAME: `static.${NAME}`,
      ALLOWED_ORIGIN: `https://${NAME}`,
    });
  });

  test('may be another subdomain of the dashboard', () => {
    expect(newTier({ address: StaticAddress.subdomain(`media.${NAME}`) }).baseUrl).toBe(
      `https://media.${NAME}/static/`,
    );
  });

  test('may be a path of the dashboard', () => {
    const tier = newTier({ address: StaticAddress.path() });
    expect([tier.serverName, tier.baseUrl, tier.address.ownName]).toEqual([
      NAME,
      '/static/',
      false,
    ]);
    expect(host().SERVER_NAME).toBe(NAME);
  });

  test('is passed to the dashboard hosts', () => {
    newHosts(newTier());
    expect(environmentsOf(userDataOf(template(), /Hosts/)).dashboard.STATIC_BASE_URL).toBe(
      `https://static.${NAME}/static/`,
    );
    expect(host(/Hosts/)).toMatchObject({
      ASSET_BUCKET: expect.stringMatching(/^<StaticAssets/),
      STATIC_WAIT_SECONDS: '300',
    });
  });

  test('the number of static hosts does not replace dashboard hosts', () => {
    const userData = [4, 8].map((maxCapacity) => {
      stack = newStack();
      vpc = network(stack);
      newHosts(newTier({ maxCapacity }));
      return userDataOf(template(), /Hosts/);
    });
    expect(userData[0]).toEqual(userData[1]);
  });

  test('hosts wait for a new release until each static host has listed the bucket again', () => {
    newHosts(newTier());
    const interval = Number(host().PULL_INTERVAL_SECONDS);
    const { STATIC_SETTLE_SECONDS, STATIC_WAIT_SECONDS } = host(/Hosts/);
    expect(interval).toBeGreaterThanOrEqual(30);
    expect(Number(STATIC_SETTLE_SECONDS)).toBeGreaterThan(interval);
    expect(Number(STATIC_WAIT_SECONDS)).toBeGreaterThan(Number(STATIC_SETTLE_SECONDS));
  });
});

describe('the asset bucket', () => {
  test('is private, encrypted, versioned, only reachable over TLS 1.2, and retained', () => {
    newTier();
    expect(bucket()).toMatchObject({
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
        VersioningConfiguration: { Status: 'Enabled' },
      },
    });
    const { Statement } = resource(template(), 'AWS::S3::BucketPolicy').Properties.PolicyDocument;
    expect(
      Statement.filter(({ Effect }: Resource['Properties']) => Effect === 'Deny').map(
        ({ Condition }: Resource['Properties']) => Condition,
      ),
    ).toEqual([
      { Bool: { 'aws:SecureTransport': 'false' } },
      { NumericLessThan: { 's3:TlsVersion': 1.2 } },
      { Null: { 's3:if-none-match': 'true' } },
    ]);
  });

  test('does not allow overwriting a release', () => {
    newTier();
    const { Statement } = resource(template(), 'AWS::S3::BucketPolicy').Properties.PolicyDocument;
    expect(Statement).toContainEqual({
      Sid: 'ReleasesAreWrittenOnce',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:PutObject',
      Resource: {
        'Fn::Join': [
          '',
          [{ 'Fn::GetAtt': [expect.stringMatching(/^StaticAssets/), 'Arn'] }, '/releases/*'],
        ],
      },
      Condition: { Null: { 's3:if-none-match': 'true' } },
    });
  });

  const rules = (): Resource['Properties'] => bucket().Properties.LifecycleConfiguration.Rules;

  test('only expires releases that were not renewed for 30 days', () => {
    newTier();
    const rule = { Status: 'Enabled', Prefix: 'releases/' };
    expect(rules()).toEqual([
      { ...rule, ExpirationInDays: 30, NoncurrentVersionExpiration: { NoncurrentDays: 7 } },
      { ...rule, ExpiredObjectDeleteMarker: true },
    ]);
  });

  test('may keep it for longer', () => {
    newTier({ releaseRetention: Duration.days(90) });
    expect(rules()[0]).toMatchObject({ ExpirationInDays: 90 });
  });

  test('has an access log if there is a log bucket', () => {
    stack = newStack(undefined, { '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true });
    vpc = network(stack);
    newTier({ logBucket: new s3.Bucket(stack, 'Logs') });
    expect(bucket().Properties.LoggingConfiguration).toEqual({
      DestinationBucketName: { Ref: expect.stringMatching(/^Logs/) },
      LogFilePrefix: 'assets/',
    });
  });

  test('can be encrypted with a given key', () => {
    newTier({ encryptionKey: new kms.Key(stack, 'Key') });
    expect(bucket().Properties.BucketEncryption.ServerSideEncryptionConfiguration).toEqual([
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: {
          SSEAlgorithm: 'aws:kms',
          KMSMasterKeyID: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
        },
      },
    ]);
  });

  test('must have a name without dots if it is given and its name is known', () => {
    const assetBucket = s3.Bucket.fromBucketName(stack, 'Given', 'assets.example.org');
    expect(() => newTier({ assetBucket })).toThrow(
      "Stack/Static: assetBucket must have a name without dots, got 'assets.example.org'; the TLS certificate of Amazon S3 covers one label",
    );
  });

  test('can have a name that is not known at synth time', () => {
    const name = new CfnParameter(stack, 'Name').valueAsString;
    newTier({ assetBucket: s3.Bucket.fromBucketName(stack, 'Given', name) });
    expect(host().ASSET_BUCKET).toBe('<Name>');
  });

  test('can be an existing bucket', () => {
    const assetBucket = s3.Bucket.fromBucketName(stack, 'Given', 'given-assets');
    newHosts(newTier({ assetBucket }));
    template().resourceCountIs('AWS::S3::Bucket', 0);
    expect([host().ASSET_BUCKET, host(/Hosts/).ASSET_BUCKET]).toEqual([
      'given-assets',
      'given-assets',
    ]);
  });
});

describe('permissions', () => {
  const LIST = 's3:ListBucket <StaticAssets.Arn> {"StringLike":{"s3:prefix":"releases/*"}}';
  const READ = 's3:GetObject <StaticAssets.Arn>/releases/*';
  const WRITE = 's3:PutObject <StaticAssets.Arn>/releases/*';

  test('static hosts read releases and their own files in the template, and nothing else', () => {
    newHosts(newTier());
    expect(permissions(/StaticRole/)).toEqual([READ, LIST]);
    const all = statementsOf(template(), /StaticRole/);
    expect([...new Set(all.flatMap(({ Action }) => Action))].sort()).toEqual([
      'autoscaling:CompleteLifecycleAction',
      'cloudformation:DescribeStackResource',
      'cloudformation:SignalResource',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:GetObject',
      's3:ListBucket',
    ]);
    expect(JSON.stringify(all)).not.toContain('"Resource":"*"');
    const role = resource(template(), 'AWS::IAM::Role', /StaticRole/).Properties;
    expect(role).not.toHaveProperty('ManagedPolicyArns');
    expect(role).not.toHaveProperty('Policies');
  });

  test('dashboard hosts read and publish releases and nothing else', () => {
    newHosts(newTier());
    expect(permissions(/HostsRole/)).toEqual([READ, LIST, WRITE]);
    expect(permissions(/StaticRole/)).toEqual([READ, LIST]);
  });

  test('no host can delete a release', () => {
    newHosts(newTier());
    expect(JSON.stringify(resourcesOf(template(), 'AWS::IAM::Policy'))).not.toMatch(/Delete/);
  });

  test('with a key, static hosts decrypt and dashboard hosts encrypt too', () => {
    newHosts(newTier({ encryptionKey: new kms.Key(stack, 'Key') }));
    expect(permissions(/StaticRole/)).toEqual(['kms:Decrypt <Key.Arn>', READ, LIST]);
    expect(permissions(/HostsRole/)).toEqual([
      'kms:Decrypt <Key.Arn>',
      'kms:GenerateDataKey <Key.Arn>',
      READ,
      LIST,
      WRITE,
    ]);
  });
});

describe('the hosts', () => {
  test('are small, run nginx without a Python web stack, and get no settings', () => {
    newTier();
    expect(launchTemplate(template(), /Static/).Properties.LaunchTemplateData.InstanceType).toBe(
      't4g.nano',
    );
    const { host: own, dashboard } = environmentsOf(userDataOf(template(), /Static/));
    expect(own.PACKAGES).toContain('nginx-light');
    expect(own.PACKAGES).not.toMatch(/python|openstack|gunicorn|varnish|apache/);
    expect(dashboard).toEqual({});
  });

  test('can have another type and number', () => {
    const tier = newTier({
      instanceType: new ec2.InstanceType('t4g.micro'),
      minCapacity: 3,
    });
    expect(tier.maxCapacity).toBe(6);
    template().hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      MinSize: '3',
      MaxSize: '6',
    });
    expect(launchTemplate(template(), /Static/).Properties.LaunchTemplateData.InstanceType).toBe(
      't4g.micro',
    );
  });

  test('have an encrypted target group with a separate health check', () => {
    newTier();
    template().hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      Protocol: 'HTTPS',
      HealthCheckProtocol: 'HTTPS',
      HealthCheckPath: '/healthz',
    });
  });
});

describe('a CDN', () => {
  const violations = (name: (dashboard: OpenStackDashboard) => string): string[] => {
    const dashboard = newDashboard(stack, { domainName: 'dashboard.example', vpc });
    new cloudfront.Distribution(stack, 'Cdn', {
      domainNames: [name(dashboard)],
      certificate: acm.Certificate.fromCertificateArn(
        stack,
        'CdnCertificate',
        'arn:aws:acm:us-east-1:123456789012:certificate/0123',
      ),
      defaultBehavior: {
        origin: new origins.LoadBalancerV2Origin(dashboard.entry.loadBalancer, {
          originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
        }),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
      },
    });
    return new OpenStackDashboardChecks()
      .validateScope(stack.node.root)
      .violations.map(({ ruleName }) => ruleName);
  };

  test('can be in front of the static name', () => {
    expect(violations(({ staticTier }) => staticTier.serverName)).toEqual([]);
  });

  test('must not be in front of the dashboard', () => {
    expect(violations(() => 'dashboard.example')).toEqual([expect.stringMatching(/CACHE1/)]);
  });
});

test('a name that is not known at synth time is accepted', () => {
  const domainName = new CfnParameter(stack, 'DomainName').valueAsString;
  const name = new CfnParameter(stack, 'StaticName').valueAsString;
  newTier({ domainName, address: StaticAddress.subdomain(name) });
  expect(host()).toMatchObject({
    SERVER_NAME: '<StaticName>',
    ALLOWED_ORIGIN: 'https://<DomainName>',
  });
});

describe('misuse', () => {
  test.each([
    [Duration.days(6), 6],
    [Duration.hours(180), 7.5],
    [Duration.days(3651), 3651],
  ])('fails with a retention of %s', (releaseRetention, days) => {
    expectMisuse(
      () => newTier({ releaseRetention }),
      `Stack/Static: releaseRetention must be a whole number of days from 7 to 3650, got ${days}`,
    );
  });

  test('fails with a retention for an existing bucket', () => {
    const assetBucket = s3.Bucket.fromBucketName(stack, 'Given', 'given-assets');
    expectMisuse(
      () => newTier({ assetBucket, releaseRetention: Duration.days(30) }),
      'Stack/Static: releaseRetention must not be given with assetBucket; set the lifecycle rules of an existing bucket yourself',
    );
  });

  test('fails with an invalid static name', () => {
    expectMisuse(
      () => StaticAddress.subdomain('static'),
      "name must be a fully qualified domain name in lower case such as dashboard.example.org, without a wildcard, leading dot, port or scheme, got 'static'",
    );
  });

  test.each(['static.example.org', `static-${NAME}`, NAME])(
    'fails with the static name %s, no subdomain of the dashboard',
    (name) => {
      expectMisuse(
        () => newTier({ address: StaticAddress.subdomain(name) }),
        `Stack/Static: name must be a subdomain of the dashboard's name such as static.${NAME}, got '${name}'`,
      );
    },
  );

  test('fails with a domain name that is not fully qualified', () => {
    expectMisuse(
      () => newTier({ domainName: 'dashboard' }),
      "Stack/Static: domainName must be a fully qualified domain name in lower case such as dashboard.example.org, without a wildcard, leading dot, port or scheme, got 'dashboard'",
    );
  });
});
