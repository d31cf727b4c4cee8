import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { OpenStackDashboardChecks } from 'cdk-openstack-dashboard';

const app = new App();
const stack = new Stack(app, 'Existing');

// An app as it may exist: Horizon in containers, none of this library's constructs.
const vpc = new ec2.Vpc(stack, 'Vpc', {
  maxAzs: 2,
  natGateways: 1,
  subnetConfiguration: [
    { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
    { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
  ],
});
const cacheGroup = new ec2.SecurityGroup(stack, 'CacheGroup', { vpc, allowAllOutbound: false });
const cacheSubnets = new elasticache.CfnSubnetGroup(stack, 'CacheSubnets', {
  description: 'sessions',
  subnetIds: vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
});
const cache = new elasticache.CfnCacheCluster(stack, 'Cache', {
  engine: 'memcached',
  cacheNodeType: 'cache.t4g.small',
  numCacheNodes: 2,
  azMode: 'cross-az',
  cacheSubnetGroupName: cacheSubnets.ref,
  vpcSecurityGroupIds: [cacheGroup.securityGroupId],
});
const secretKey = new secretsmanager.Secret(stack, 'SecretKey', {
  generateSecretString: { passwordLength: 64 },
});

const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task', { memoryLimitMiB: 1024 });
taskDefinition.addContainer('horizon', {
  image: ecs.ContainerImage.fromRegistry('registry.example.org/horizon:2025.1'),
  environment: {
    ALLOWED_HOSTS: 'example.org',
    OPENSTACK_KEYSTONE_URL: 'https://keystone.example.org:5000/v3',
    SESSION_ENGINE: 'django.contrib.sessions.backends.cache',
    MEMCACHED_ENDPOINT: `${cache.attrConfigurationEndpointAddress}:11211`,
    DEBUG: 'true',
    HORIZON_IMAGES_UPLOAD_MODE: 'legacy',
  },
  secrets: { SECRET_KEY: ecs.Secret.fromSecretsManager(secretKey) },
  portMappings: [{ containerPort: 8443 }],
});
const service = new ecs.FargateService(stack, 'Service', {
  cluster: new ecs.Cluster(stack, 'Cluster', { vpc }),
  taskDefinition,
  minHealthyPercent: 100,
  circuitBreaker: { rollback: true },
});
cacheGroup.connections.allowFrom(service, ec2.Port.tcp(11211));

const balancer = new elbv2.ApplicationLoadBalancer(stack, 'Balancer', {
  vpc,
  internetFacing: true,
  dropInvalidHeaderFields: true,
});
balancer.addRedirect();
balancer
  .addListener('Https', {
    port: 443,
    sslPolicy: elbv2.SslPolicy.RECOMMENDED_TLS,
    certificates: [
      acm.Certificate.fromCertificateArn(
        stack,
        'Certificate',
        'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
      ),
    ],
  })
  .addTargets('Horizon', {
    port: 8443,
    protocol: elbv2.ApplicationProtocol.HTTPS,
    targets: [service],
    deregistrationDelay: Duration.seconds(30),
  });
new cloudfront.Distribution(stack, 'Cdn', {
  defaultBehavior: {
    origin: new origins.LoadBalancerV2Origin(balancer),
    viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
  },
});

// All that is new: the pack, and what the site has decided on.
Validations.of(app).addPlugins(new OpenStackDashboardChecks(app));
Validations.of(taskDefinition).acknowledge({
  id: 'OpenStackDashboard::OpenStackDashboard-SETTINGS13',
  reason: 'the image service has a quota for each project',
});
