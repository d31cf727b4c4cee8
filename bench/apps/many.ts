// Apps of as many resources as wanted, for the bench of the rule pack: stacks of what any team has,
// or stacks that are each a dashboard, made with the AWS CDK alone.
import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';

/** Stacks until there are at least so many resources; one dashboard in every thousand, or all. */
export function appOf(resources: number, dashboardsAlone: boolean): { app: App; count: number } {
  const app = new App();
  let count = 0;
  for (let n = 0, dashboards = 0; count < resources; n++) {
    const stack = new Stack(app, `Stack${n}`);
    if (dashboardsAlone || count >= dashboards * 1000) {
      dashboards++;
      dashboard(stack, `cloud${n}.example.org`);
    } else {
      applications(stack);
    }
    count += countResources(stack);
  }
  return { app, count };
}

/** A template of somebody else, as an app. */
export function appOfTemplate(templateFile: string): { app: App; count: number } {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  new CfnInclude(stack, 'Template', { templateFile, preserveLogicalIds: false });
  return { app, count: countResources(stack) };
}

function countResources(stack: Stack): number {
  return stack.node.findAll().filter((node) => 'cfnResourceType' in node).length;
}

/** What any team may have: queues, tables, a service behind a load balancer, a site. */
function applications(stack: Stack): void {
  for (let n = 0; n < 12; n++) {
    const bucket = new s3.Bucket(stack, `Bucket${n}`, { enforceSSL: true });
    const queue = new sqs.Queue(stack, `Queue${n}`, { enforceSSL: true });
    const topic = new sns.Topic(stack, `Topic${n}`);
    const table = new dynamodb.Table(stack, `Table${n}`, {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
    });
    const role = new iam.Role(stack, `Role${n}`, {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    });
    bucket.grantRead(role);
    queue.grantSendMessages(role);
    topic.grantPublish(role);
    table.grantReadData(role);
  }
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
  const balancer = new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc });
  const task = new ecs.FargateTaskDefinition(stack, 'Task');
  task.addContainer('shop', {
    image: ecs.ContainerImage.fromRegistry('shop:1'),
    portMappings: [{ containerPort: 8080 }],
    environment: { MODE: 'production', ORIGIN: balancer.loadBalancerDnsName },
  });
  const service = new ecs.FargateService(stack, 'Service', {
    cluster: new ecs.Cluster(stack, 'Cluster', { vpc }),
    taskDefinition: task,
  });
  balancer.addListener('Http', { port: 80 }).addTargets('Shop', { port: 8080, targets: [service] });
  new cloudfront.Distribution(stack, 'Cdn', {
    defaultBehavior: { origin: new origins.LoadBalancerV2Origin(balancer) },
  });
}

function dashboard(stack: Stack, name: string): void {
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const key = new secretsmanager.Secret(stack, 'Key', { generateSecretString: {} });
  const cacheGroup = new ec2.SecurityGroup(stack, 'CacheGroup', { vpc, allowAllOutbound: false });
  const hostGroup = new ec2.SecurityGroup(stack, 'HostGroup', { vpc });
  cacheGroup.connections.allowFrom(hostGroup, ec2.Port.tcp(11211));
  const cluster = new elasticache.CfnCacheCluster(stack, 'Cluster', {
    engine: 'memcached',
    cacheNodeType: 'cache.t4g.small',
    numCacheNodes: 2,
    azMode: 'cross-az',
    vpcSecurityGroupIds: [cacheGroup.securityGroupId],
  });
  const hosts = new autoscaling.AutoScalingGroup(stack, 'Hosts', {
    vpc,
    launchTemplate: new ec2.LaunchTemplate(stack, 'Launch', {
      machineImage: ec2.MachineImage.latestAmazonLinux2023(),
      instanceType: new ec2.InstanceType('t4g.small'),
      securityGroup: hostGroup,
      // As long as user data may be, about.
      userData: ec2.UserData.custom(`#!/bin/bash
SECRET_KEY_SECRET_ID="${key.secretArn}"
cat > /etc/openstack-dashboard/local_settings.py <<'E'
DEBUG = False
ALLOWED_HOSTS = ['${name}']
OPENSTACK_KEYSTONE_URL = "https://keystone.example.org:5000/v3"
SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
CACHES = {'default': {'LOCATION': '${cluster.attrConfigurationEndpointAddress}:11211'}}
E
${'install -m 0640 -o root -g horizon one /etc/openstack-dashboard/another  # why\n'.repeat(180)}`),
    }),
  });
  const balancer = new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc });
  balancer
    .addListener('Https', { port: 443, certificates: [{ certificateArn: 'arn:aws:acm:x' }] })
    .addTargets('Hosts', { port: 80, targets: [hosts] });
  balancer.addRedirect();
  new cloudfront.Distribution(stack, 'Cdn', {
    defaultBehavior: { origin: new origins.LoadBalancerV2Origin(balancer) },
  });
}
