import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import {
  DashboardSettings,
  MemcachedCluster,
  OpenStackDashboardChecks,
  SessionBackend,
} from 'cdk-openstack-dashboard';

const app = new App();
const stack = new Stack(app, 'Containers');

// What is there already: a network, a cluster of ECS, an image with Horizon, a secret for it.
const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Network', {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['eu-central-1a', 'eu-central-1b'],
  privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
  isolatedSubnetIds: ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3'],
  isolatedSubnetRouteTableIds: ['rtb-0123456789abcdef2', 'rtb-0123456789abcdef2'],
});
const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Cluster', {
  clusterName: 'applications',
  vpc,
});
const secretKey = secretsmanager.Secret.fromSecretNameV2(stack, 'SecretKey', 'horizon/secret-key');

// What this library adds: memcached for sessions, and settings.
const session = SessionBackend.memcached(new MemcachedCluster(stack, 'Sessions', { vpc }), {
  timeout: Duration.minutes(30),
});
const settings = new DashboardSettings({
  domainName: 'dashboard.example',
  keystoneUrl: 'https://keystone.example.org:5000/v3',
});

const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task', {
  cpu: 512,
  memoryLimitMiB: 1024,
});
const container = taskDefinition.addContainer('horizon', {
  image: ecs.ContainerImage.fromRegistry('registry.example.org/horizon:2025.1'),
  // Healthy when Horizon has loaded the settings, instead of starting with its defaults.
  healthCheck: DashboardSettings.containerHealthCheck(),
  portMappings: [{ containerPort: 8443 }],
  logging: ecs.LogDrivers.awsLogs({
    streamPrefix: 'horizon',
    logRetention: logs.RetentionDays.THREE_MONTHS,
  }),
});
const service = new ecs.FargateService(stack, 'Service', {
  cluster,
  taskDefinition,
  desiredCount: 2,
  minHealthyPercent: 100,
  circuitBreaker: { rollback: true },
});

// Passes settings and secret to the container, and opens the security groups for this service only.
session.addToContainer(container, {
  settings,
  secretKey,
  service,
  // The proxy in front of the service also serves static media under this name.
  staticUrl: 'https://static.dashboard.example/static/',
});

Validations.of(taskDefinition).acknowledge({
  id: 'AwsSolutions::AwsSolutions-ECS2',
  reason: 'the parameters hold no secret; the one there is comes from Secrets Manager',
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new OpenStackDashboardChecks(app));
