// Stacks as users write them, each with one thing chosen otherwise. What judges them: cfn-lint
// (`npm run test:judges`) and a deployment to moto (`npm run test:deploy`).
import { join } from 'node:path';
import {
  App,
  DefaultStackSynthesizer,
  RemovalPolicy,
  Stack,
  aws_certificatemanager as acm,
  aws_ec2 as ec2,
  aws_elasticloadbalancingv2 as elbv2,
  aws_elasticloadbalancingv2_targets as targets,
  aws_iam as iam,
  aws_kms as kms,
  aws_route53 as route53,
  aws_s3 as s3,
  aws_scheduler as scheduler,
} from 'aws-cdk-lib';
import {
  Monitoring,
  AccessLogTable,
  AdminAccess,
  CaCertificates,
  Customization,
  DashboardEntry,
  DashboardMessage,
  DashboardNetwork,
  DomainLogin,
  EgressProxy,
  HorizonPlugin,
  HostsHealthCheck,
  ImageUpload,
  InstanceConnectEndpoint,
  MemcachedCluster,
  NewLoadBalancerOptions,
  OpenStackDashboard,
  OpenStackDashboardProps,
  PolicyFile,
  RoutingPolicy,
  SecretKeyRotation,
  ServerlessMemcached,
  SessionBackend,
  StaticAddress,
  StaticMedia,
  WebSso,
  WebSsoChoice,
} from '../../../lib';

const ROOT = join(__dirname, '../../..');

const app = new App({ analyticsReporting: false });

function newStack(id: string): Stack {
  return new Stack(app, id, {
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
}

function newEntry(stack: Stack, options?: NewLoadBalancerOptions): DashboardEntry {
  const arn = stack.formatArn({
    service: 'acm',
    resource: 'certificate',
    resourceName: '00000000-0000-0000-0000-000000000000',
  });
  const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate', arn);
  return DashboardEntry.newLoadBalancer({ certificate, ...options });
}

function variant(id: string, props: (stack: Stack) => Partial<OpenStackDashboardProps>): Stack {
  const stack = newStack(id);
  const given = props(stack);
  new OpenStackDashboard(stack, 'Dashboard', {
    domainName: 'dashboard.example.org',
    keystoneUrl: 'https://keystone.example.org:5000/v3',
    monitoring: Monitoring.none(),
    ...(given.hostedZone || given.entry ? {} : { entry: newEntry(stack) }),
    ...given,
  });
  return stack;
}

variant('Defaults', () => ({}));
variant('StaticOnPath', () => ({
  staticMedia: StaticMedia.onStaticHosts({ address: StaticAddress.path() }),
}));
variant('NoStaticTier', () => ({ staticMedia: StaticMedia.onDashboardHosts() }));
variant('SignedCookies', () => ({ session: SessionBackend.signedCookies() }));
variant('SealedCookies', () => ({ session: SessionBackend.signedCookies({ sealing: true }) }));
variant('NatPerZone', () => ({ network: DashboardNetwork.natGateways({ perZone: true }) }));
variant('RegionalNat', () => ({ network: DashboardNetwork.regionalNat() }));
variant('DualStack', (stack) => ({
  network: DashboardNetwork.natGateways({ dualStack: true }),
  entry: newEntry(stack, { ipAddressType: elbv2.IpAddressType.DUAL_STACK }),
}));
variant('NoNat', (stack) => {
  // In place of an image that has all packages
  const machineImage = ec2.MachineImage.fromSsmParameter(
    '/aws/service/debian/release/13/latest/arm64',
  );
  return {
    network: DashboardNetwork.noNat(),
    entry: newEntry(stack, { internetFacing: false }),
    hosts: { machineImage },
    staticMedia: StaticMedia.onStaticHosts({ machineImage }),
  };
});
variant('BakedImages', (stack) => ({
  bakedImages: { schedule: scheduler.ScheduleExpression.cron({ weekDay: 'TUE', hour: '3' }) },
  encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }),
}));
variant('Internal', (stack) => ({ entry: newEntry(stack, { internetFacing: false }) }));
variant('HostedZone', (stack) => ({
  hostedZone: new route53.PublicHostedZone(stack, 'Zone', { zoneName: 'example.org' }),
}));
variant('Failover', (stack) => ({
  hostedZone: new route53.PublicHostedZone(stack, 'Zone', { zoneName: 'example.org' }),
  entry: DashboardEntry.newLoadBalancer({
    routing: RoutingPolicy.failoverPrimary(new HostsHealthCheck(stack, 'Health')),
  }),
}));
variant('EncryptionKey', (stack) => ({
  encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }),
}));
variant('BroughtBucket', (stack) => ({
  staticMedia: StaticMedia.onStaticHosts({
    assetBucket: new s3.Bucket(stack, 'Assets', {
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }),
      bucketKeyEnabled: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    }),
  }),
}));
function network(stack: Stack, maxAzs: number): ec2.Vpc {
  return new ec2.Vpc(stack, 'Vpc', {
    maxAzs,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
    restrictDefaultSecurityGroup: false,
  });
}

variant('Serverless', (stack) => {
  const vpc = network(stack, 2);
  return {
    vpc,
    session: SessionBackend.memcached(new ServerlessMemcached(stack, 'Sessions', { vpc })),
  };
});
variant('Operated', (stack) => {
  const vpc = network(stack, 3);
  return {
    vpc,
    adminAccess: AdminAccess.instanceConnect(
      new InstanceConnectEndpoint(stack, 'Connect', { vpc }),
    ),
    permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary'),
    hosts: { minCapacity: 3, maxCapacity: 6, extraPackages: ['python3-designate-dashboard'] },
    staticMedia: StaticMedia.onStaticHosts({ minCapacity: 2, maxCapacity: 5 }),
  };
});
variant('PrivateCloud', (stack) => {
  const vpc = network(stack, 2);
  const choice = { label: 'Example Corp', identityProvider: 'corp', protocol: 'openid' };
  return {
    vpc,
    entry: newEntry(stack, { internetFacing: false }),
    egressProxy: EgressProxy.http('http://proxy.example.org:3128', {
      peer: ec2.Peer.ipv4('10.0.9.0/28'),
      exclude: ['keystone.example.org'],
    }),
    hosts: {
      plugins: [HorizonPlugin.HEAT, HorizonPlugin.OCTAVIA],
      policies: {
        compute: PolicyFile.fromString('"os_compute_api:servers:create": "role:creator"'),
      },
      customization: Customization.fromFolder(join(ROOT, 'examples/small-cloud/customization')),
      messages: [DashboardMessage.warning('Maintenance on Sunday from 8 to 10 UTC')],
    },
    settings: {
      caCertificates: CaCertificates.fromFile(join(ROOT, 'test/unit/ca-certificates/good.pem')),
      domains: DomainLogin.ask(),
      imageUpload: ImageUpload.legacy('Uploads of members are scanned; quotas limit their number'),
      operationLog: true,
      totp: true,
      webSso: WebSso.of({
        choices: [WebSsoChoice.identityProvider('corp', choice)],
        identityProviderOrigins: ['https://login.example.org'],
      }),
    },
  };
});

{
  const stack = newStack('Rotated');
  const dashboard = new OpenStackDashboard(stack, 'Dashboard', {
    domainName: 'dashboard.example.org',
    keystoneUrl: 'https://keystone.example.org:5000/v3',
    monitoring: Monitoring.none(),
    entry: newEntry(stack),
  });
  new SecretKeyRotation(stack, 'Rotation', {
    secretKey: dashboard.secretKey,
    session: dashboard.session,
  });
}

{
  const stack = newStack('AccessLogs');
  const { logBucket } = new OpenStackDashboard(stack, 'Dashboard', {
    domainName: 'dashboard.example.org',
    keystoneUrl: 'https://keystone.example.org:5000/v3',
    monitoring: Monitoring.none(),
    entry: newEntry(stack),
  });
  new AccessLogTable(stack, 'AccessLogTable', { logBucket });
}

{
  const stack = newStack('PrivateLink');
  const vpc = network(stack, 2);
  const group = new ec2.SecurityGroup(stack, 'PrivateLinkGroup', { vpc, allowAllOutbound: false });
  const dashboard = new OpenStackDashboard(stack, 'Dashboard', {
    domainName: 'dashboard.example.org',
    keystoneUrl: 'https://keystone.example.org:5000/v3',
    monitoring: Monitoring.none(),
    vpc,
    entry: newEntry(stack, { internetFacing: false, clients: [group] }),
  });
  const balancer = new elbv2.NetworkLoadBalancer(stack, 'PrivateLinkBalancer', {
    vpc,
    securityGroups: [group],
    enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: false,
  });
  balancer.addListener('Tls', { port: 443 }).addTargets('Dashboard', {
    port: 443,
    targets: [new targets.AlbListenerTarget(dashboard.entry.listener as elbv2.ApplicationListener)],
    healthCheck: { protocol: elbv2.Protocol.HTTP, port: '80' },
  });
  new ec2.VpcEndpointService(stack, 'PrivateLink', {
    vpcEndpointServiceLoadBalancers: [balancer],
    allowedPrincipals: [new iam.ArnPrincipal('arn:aws:iam::111122223333:root')],
  });
}

{
  const stack = newStack('ManyNodes');
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, restrictDefaultSecurityGroup: false });
  new MemcachedCluster(stack, 'Sessions', {
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    nodeCount: 6,
  });
}

app.synth();
