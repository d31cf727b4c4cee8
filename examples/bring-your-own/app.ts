import { App, CfnOutput, Stack, Validations } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import {
  DashboardEntry,
  Monitoring,
  OpenStackDashboard,
  OpenStackDashboardChecks,
  StaticMedia,
} from 'cdk-openstack-dashboard';

const app = new App();
const platform = new Stack(app, 'Platform', { env: { region: 'eu-central-1' } });

// What a platform team has already. It may as well be imported: `Vpc.fromVpcAttributes` and so on.
const logs = new s3.Bucket(platform, 'Logs', {
  encryption: s3.BucketEncryption.S3_MANAGED,
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
});
const vpc = new ec2.Vpc(platform, 'Network', {
  maxAzs: 2,
  restrictDefaultSecurityGroup: false,
  subnetConfiguration: [
    { name: 'Edge', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
    { name: 'Applications', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    { name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
  ],
  gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
  flowLogs: { All: { destination: ec2.FlowLogDestination.toS3(logs, 'flow-logs/') } },
});
const key = new kms.Key(platform, 'Key', { enableKeyRotation: true });
const assets = new s3.Bucket(platform, 'Assets', {
  encryption: s3.BucketEncryption.KMS,
  encryptionKey: key,
  bucketKeyEnabled: true,
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  serverAccessLogsBucket: logs,
  serverAccessLogsPrefix: 'assets/',
});
const certificate = acm.Certificate.fromCertificateArn(
  platform,
  'Certificate',
  'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
);

const onCall = sns.Topic.fromTopicArn(
  platform,
  'OnCall',
  'arn:aws:sns:eu-central-1:111122223333:on-call',
);

// A load balancer that serves other sites too, with an HTTPS listener and its redirect.
const clients = new ec2.SecurityGroup(platform, 'Clients', {
  vpc,
  description: 'The offices',
  allowAllOutbound: false,
});
const loadBalancer = new elbv2.ApplicationLoadBalancer(platform, 'LoadBalancer', {
  vpc,
  internetFacing: true,
  securityGroup: clients,
  dropInvalidHeaderFields: true,
  deletionProtection: true,
});
loadBalancer.logAccessLogs(logs, 'load-balancer');
const listener = loadBalancer.addListener('Https', {
  port: 443,
  open: false,
  certificates: [certificate],
  sslPolicy: elbv2.SslPolicy.TLS13_12_RES_PQ,
  defaultAction: elbv2.ListenerAction.fixedResponse(404),
});
const redirect = loadBalancer.addRedirect({ open: false });
for (const { connections } of [listener, redirect]) {
  connections.allowDefaultPortFrom(ec2.Peer.ipv4('198.51.100.0/24'));
}

const dashboard = new OpenStackDashboard(platform, 'Dashboard', {
  domainName: 'dashboard.example',
  keystoneUrl: 'https://keystone.example.org:5000/v3',
  vpc,
  encryptionKey: key,
  logBucket: logs,
  entry: DashboardEntry.onListener(listener, { loadBalancer, rulePriority: 20 }),
  hosts: {
    vpcSubnets: { subnetGroupName: 'Applications' },
    apiPeer: ec2.Peer.ipv4('203.0.113.0/24'),
  },
  staticMedia: StaticMedia.onStaticHosts({
    vpcSubnets: { subnetGroupName: 'Applications' },
    assetBucket: assets,
  }),
  monitoring: Monitoring.alarms({ topic: onCall }),
});
new CfnOutput(platform, 'StaticUrl', { value: dashboard.staticUrl });

// Findings of AwsSolutions that this site accepts, each where it is and with its reason.
const bucket = platform.getLogicalId(assets.node.defaultChild as s3.CfnBucket);
for (const hosts of [dashboard.hosts, dashboard.staticTier]) {
  Validations.of(hosts).acknowledge(
    {
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${bucket}.Arn>/releases/*]`,
      reason: 'names of releases are hashes; the wildcard is below one prefix of one bucket',
    },
    {
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::arn:aws:autoscaling:eu-central-1:<AWS::AccountId>:autoScalingGroup:*:autoScalingGroupName/*]',
      reason: "conditions on the tags of CloudFormation admit no other group than the host's own",
    },
    {
      id: 'AwsSolutions::AwsSolutions-AS3',
      reason: 'the metrics of the group are watched, its single events are not',
    },
  );
}
Validations.of(dashboard.secretKey).acknowledge({
  id: 'AwsSolutions::AwsSolutions-SMG4',
  reason: 'the secret is rotated by hand, with an instance refresh afterwards',
});

Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new OpenStackDashboardChecks(app));
