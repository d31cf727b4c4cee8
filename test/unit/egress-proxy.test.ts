import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DashboardNetwork, EgressProxy, OpenStackDashboardProps, StaticMedia } from '../../lib';
import {
  environmentsOf,
  expectMisuse,
  newDashboard,
  newStack,
  resource,
  resourcesOf,
  userDataOf,
} from './fixtures';

const URL = 'http://proxy.example.org:3128';
const ALWAYS = 'localhost,127.0.0.1,169.254.169.254';

function synth(props: Partial<OpenStackDashboardProps>, stack: Stack = newStack()): Template {
  newDashboard(stack, props);
  return Template.fromStack(stack);
}

const TIERS = [/Hosts/, /Static/];

test.each(TIERS)('both tiers have the proxy: %s', (tier) => {
  const template = synth({ egressProxy: EgressProxy.http(`${URL}/`) });
  const { host, dashboard } = environmentsOf(userDataOf(template, tier));
  expect(host).toMatchObject({
    EGRESS_PROXY: URL,
    EGRESS_PROXY_EXCLUDE: `${ALWAYS},s3.<AWS::Region>.<AWS::URLSuffix>`,
  });
  expect(JSON.stringify(dashboard)).not.toContain('proxy.example.org');
  const { SecurityGroupEgress } = resource(template, 'AWS::EC2::SecurityGroup', tier).Properties;
  expect(SecurityGroupEgress).toContainEqual({
    CidrIp: '0.0.0.0/0',
    Description: 'proxy, 3128',
    FromPort: 3128,
    IpProtocol: 'tcp',
    ToPort: 3128,
  });
});

test('nothing changes without a proxy', () => {
  const template = synth({});
  TIERS.forEach((tier) => {
    expect(userDataOf(template, tier)).not.toMatch(/^EGRESS_PROXY/m);
  });
});

test('options: exclusions, Amazon S3, and the addresses of the proxy', () => {
  const egressProxy = EgressProxy.http('http://192.0.2.7:8080', {
    exclude: ['keystone.example.org', '10.0.0.0/8', '192.0.2.1'],
    includeAmazonS3: true,
    peer: ec2.Peer.ipv4('192.0.2.7/32'),
  });
  const template = synth({ egressProxy });
  expect(environmentsOf(userDataOf(template)).host).toMatchObject({
    EGRESS_PROXY: 'http://192.0.2.7:8080',
    EGRESS_PROXY_EXCLUDE: `${ALWAYS},keystone.example.org,10.0.0.0/8,192.0.2.1`,
  });
  const { SecurityGroupEgress } = resource(template, 'AWS::EC2::SecurityGroup', /Hosts/).Properties;
  expect(SecurityGroupEgress).toContainEqual(
    expect.objectContaining({ CidrIp: '192.0.2.7/32', FromPort: 8080 }),
  );
});

test('a tier can have another proxy', () => {
  const other = EgressProxy.http('http://other.example.org:3128');
  const template = synth({
    egressProxy: EgressProxy.http(URL),
    staticMedia: StaticMedia.onStaticHosts({ egressProxy: other }),
  });
  expect(environmentsOf(userDataOf(template)).host.EGRESS_PROXY).toBe(URL);
  expect(environmentsOf(userDataOf(template, /Static/)).host.EGRESS_PROXY).toBe(
    'http://other.example.org:3128',
  );
});

test('with interface endpoints, hosts need no image and do not use the proxy for them', () => {
  const template = synth({
    network: DashboardNetwork.noNat(),
    egressProxy: EgressProxy.http(URL),
    staticMedia: StaticMedia.onStaticHosts({ egressProxy: EgressProxy.http(URL) }),
  });
  TIERS.forEach((tier) => {
    expect(environmentsOf(userDataOf(template, tier)).host.EGRESS_PROXY_EXCLUDE).toBe(
      [
        ALWAYS,
        ...['s3', 'cloudformation', 'autoscaling', 'secretsmanager', 'logs'].map(
          (name) => `${name}.<AWS::Region>.<AWS::URLSuffix>`,
        ),
      ].join(','),
    );
  });
});

test('instances that bake an image reach the proxy', () => {
  const template = synth({ egressProxy: EgressProxy.http(URL), bakedImages: {} });
  const groups = Object.entries(resourcesOf(template, 'AWS::EC2::SecurityGroup')).filter(([id]) =>
    id.includes('Image'),
  );
  expect(groups.length).toBeGreaterThan(1);
  for (const [, { Properties }] of groups) {
    expect(Properties.SecurityGroupEgress).toContainEqual(
      expect.objectContaining({ Description: 'proxy, 3128', FromPort: 3128 }),
    );
  }
});

test('instances that bake an image reach the interface endpoints, which the proxy is not used for', () => {
  const template = synth({
    network: DashboardNetwork.noNat(),
    egressProxy: EgressProxy.http(URL),
    bakedImages: {},
  });
  const images = Object.keys(resourcesOf(template, 'AWS::EC2::SecurityGroup')).filter((id) =>
    id.includes('Image'),
  );
  expect(images).toHaveLength(2);
  for (const id of images) {
    const sources = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress')).filter(
      ({ Properties }) => JSON.stringify(Properties.SourceSecurityGroupId).includes(`"${id}"`),
    );
    // AWS CloudFormation, Amazon EC2 Auto Scaling, AWS Secrets Manager and Amazon CloudWatch Logs
    expect(sources).toHaveLength(4);
  }
});

test('a name that is known at deploy time only is data', () => {
  const stack = newStack();
  const name = new CfnParameter(stack, 'Proxy').valueAsString;
  const template = synth({ egressProxy: EgressProxy.http(`http://${name}:3128`) }, stack);
  expect(userDataOf(template)).toContain('EGRESS_PROXY="http://<Proxy>:3128" base64');
});

describe('refused are', () => {
  test.each([
    'http://user:password@proxy.example.org:3128',
    'https://user@proxy.example.org:3128',
    'http://user:pass/word@proxy.example.org:3128',
    'user:password@proxy.example.org:3128',
  ])('credentials, whose text is not repeated: %s', (url) => {
    expectMisuse(
      () => EgressProxy.http(url),
      'url must not contain a user name or a password; everybody who can read the template or the user data would have them; let the proxy accept the addresses of the hosts',
    );
  });

  test.each([
    'proxy.example.org:3128',
    'http://proxy.example.org',
    'http://proxy.example.org:0',
    'http://proxy.example.org:65536',
    'http://proxy.example.org:3128/path',
    'https://proxy.example.org:3128',
    'socks5://proxy.example.org:1080',
    'http://Proxy.example.org:3128',
    'http://$(touch x):3128',
    'http://a b:3128',
    '',
  ])('URLs of another form: %s', (url) => {
    expectMisuse(
      () => EgressProxy.http(url),
      `url must be the http URL of a proxy with a name or an IPv4 address in lower case and a port, such as http://proxy.example.org:3128, got '${url}'; connections to AWS and OpenStack are encrypted inside the connection to the proxy`,
    );
  });

  test.each([
    '*',
    '*.example.org',
    '.example.org',
    'example.org:443',
    'a,b',
    '10.0.0.0/33',
    '300.1.1.1',
    '999.1.1.1/8',
    '10.0.0.0/8/8',
    '',
  ])('exclusions of another form: %s', (name) => {
    expectMisuse(
      () => EgressProxy.http(URL, { exclude: [name] }),
      `exclude must be names in lower case, which include their subdomains, IPv4 addresses or CIDR ranges, without wildcards, leading dots and ports, got '${name}'`,
    );
  });
});
