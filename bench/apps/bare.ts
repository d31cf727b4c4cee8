// The resources of the default app, written with the AWS CDK alone: what somebody without the
// library would write. bench/synth.ts checks that it makes the same resources.
import {
  App,
  Aws,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  CfnWaitConditionHandle,
  DefaultStackSynthesizer,
  Duration,
  Fn,
  RemovalPolicy,
  Stack,
} from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as cloudwatchLogs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'Bare', {
  synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
});
const domainName = new CfnParameter(stack, 'DomainName').valueAsString;
const keystoneUrl = new CfnParameter(stack, 'KeystoneUrl').valueAsString;
const certificateArn = new CfnParameter(stack, 'CertificateArn').valueAsString;
const payload = JSON.parse(
  readFileSync(join(__dirname, '../../lib/hosts/payload.json'), 'utf8'),
) as Record<'dashboard' | 'static', { files: string }>;

function bucket(id: string): s3.Bucket {
  return new s3.Bucket(stack, id, {
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: id === 'Logs' ? [{ expiration: Duration.days(365) }] : undefined,
  });
}

const hostLogs = new cloudwatchLogs.LogGroup(stack, 'HostLogs', {
  retention: cloudwatchLogs.RetentionDays.ONE_YEAR,
});
const logs = bucket('Logs');
const assets = bucket('Assets');
(assets.node.defaultChild as s3.CfnBucket).loggingConfiguration = {
  destinationBucketName: logs.bucketName,
  logFilePrefix: 'assets/',
};
for (const service of ['logging.s3', 'logdelivery.elasticloadbalancing']) {
  logs.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`${service}.amazonaws.com`)],
      actions: ['s3:PutObject'],
      resources: [logs.arnForObjects('*')],
    }),
  );
}

const vpc = new ec2.Vpc(stack, 'Vpc', {
  maxAzs: 2,
  natGateways: 1,
  restrictDefaultSecurityGroup: false,
  subnetConfiguration: [
    { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
    { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
  ],
  gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
  flowLogs: { FlowLogs: { destination: ec2.FlowLogDestination.toS3(logs, 'flow-logs/') } },
});

function securityGroup(id: string): ec2.SecurityGroup {
  return new ec2.SecurityGroup(stack, id, { vpc, allowAllOutbound: false });
}

const adminGroup = securityGroup('AdminGroup');
new ec2.CfnInstanceConnectEndpoint(stack, 'Admin', {
  subnetId: vpc.privateSubnets[0].subnetId,
  securityGroupIds: [adminGroup.securityGroupId],
});

const cacheGroup = securityGroup('CacheGroup');
const cache = new elasticache.CfnCacheCluster(stack, 'Cache', {
  engine: 'memcached',
  engineVersion: '1.6.22',
  cacheNodeType: 'cache.t4g.small',
  numCacheNodes: 2,
  azMode: 'cross-az',
  preferredAvailabilityZones: vpc.availabilityZones,
  port: 11311,
  transitEncryptionEnabled: true,
  cacheSubnetGroupName: new elasticache.CfnSubnetGroup(stack, 'CacheSubnets', {
    description: 'memcached',
    subnetIds: vpc.isolatedSubnets.map((subnet) => subnet.subnetId),
  }).ref,
  vpcSecurityGroupIds: [cacheGroup.securityGroupId],
});
cache.applyRemovalPolicy(RemovalPolicy.DESTROY);

const secret = new secretsmanager.Secret(stack, 'Secret', {
  generateSecretString: { passwordLength: 96, excludePunctuation: true },
});

const entryGroup = securityGroup('EntryGroup');
entryGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443));
entryGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(80));
const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', {
  vpc,
  internetFacing: true,
  securityGroup: entryGroup,
  dropInvalidHeaderFields: true,
  deletionProtection: true,
});
loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
loadBalancer.setAttribute('access_logs.s3.bucket', logs.bucketName);
const listener = loadBalancer.addListener('Https', {
  port: 443,
  certificates: [acm.Certificate.fromCertificateArn(stack, 'Certificate', certificateArn)],
  open: false,
  defaultAction: elbv2.ListenerAction.fixedResponse(404),
});
loadBalancer.addListener('Redirect', {
  port: 80,
  open: false,
  defaultAction: elbv2.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
});

interface Group {
  readonly id: 'Dashboard' | 'Static';
  readonly instanceType: string;
  readonly priority: number;
  readonly conditions: elbv2.ListenerCondition[];
  readonly environment: { [name: string]: string };
  readonly apiPorts: number[];
  readonly objectActions: string[];
}

function hosts(group: Group): {
  scaling: autoscaling.AutoScalingGroup;
  targetGroup: elbv2.ApplicationTargetGroup;
} {
  const { id } = group;
  const role = new iam.Role(stack, `${id}Role`, {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
  });
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: ['cloudformation:DescribeStackResource', 'cloudformation:SignalResource'],
      resources: [stack.stackId],
    }),
  );
  role.addToPolicy(
    new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [assets.bucketArn] }),
  );
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: group.objectActions,
      resources: [assets.arnForObjects('releases/*')],
    }),
  );
  const hostGroup = securityGroup(`${id}Group`);
  for (const port of [443, 80, ...group.apiPorts]) {
    hostGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(port));
  }
  hostGroup.connections.allowFrom(adminGroup, ec2.Port.tcp(22));
  const files = new CfnWaitConditionHandle(stack, `${id}Files`);
  files.addMetadata('files', {
    files: payload[id === 'Static' ? 'static' : 'dashboard'].files,
  });
  const userData = ec2.UserData.forLinux();
  userData.addCommands(
    ...Object.entries(group.environment).map(([name, value]) => `${name}="${value}"`),
    `STACK="${Aws.STACK_NAME}"`,
    `FILES="${files.logicalId}"`,
  );
  const launchTemplate = new ec2.LaunchTemplate(stack, `${id}Template`, {
    instanceType: new ec2.InstanceType(group.instanceType),
    machineImage: ec2.MachineImage.fromSsmParameter('/aws/service/debian/release/13/latest/arm64'),
    role,
    securityGroup: hostGroup,
    userData,
    requireImdsv2: true,
    associatePublicIpAddress: false,
    detailedMonitoring: true,
    blockDevices: [
      { deviceName: '/dev/xvda', volume: ec2.BlockDeviceVolume.ebs(10, { encrypted: true }) },
    ],
  });
  const scaling = new autoscaling.AutoScalingGroup(stack, `${id}Hosts`, {
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    launchTemplate,
    minCapacity: 2,
    maxCapacity: 4,
    maxInstanceLifetime: Duration.days(14),
    groupMetrics: [autoscaling.GroupMetrics.all()],
    signals: autoscaling.Signals.waitForMinCapacity({ timeout: Duration.minutes(15) }),
    updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({ minInstancesInService: 2 }),
  });
  scaling.node.addDependency(role, files);
  const targetGroup = new elbv2.ApplicationTargetGroup(stack, `${id}Targets`, {
    vpc,
    protocol: elbv2.ApplicationProtocol.HTTPS,
    targets: [scaling],
    healthCheck: { protocol: elbv2.Protocol.HTTPS, path: '/healthz' },
  });
  new elbv2.ApplicationListenerRule(stack, `${id}Rule`, {
    listener,
    priority: group.priority,
    conditions: group.conditions,
    action: elbv2.ListenerAction.forward([targetGroup]),
  });
  scaling.scaleOnRequestCount('Requests', { targetRequestsPerMinute: 600 });
  if (id === 'Dashboard') {
    secret.grantRead(role);
    cacheGroup.connections.allowFrom(hostGroup, ec2.Port.tcp(11311));
  }
  return { scaling, targetGroup };
}

const staticTier = hosts({
  id: 'Static',
  instanceType: 't4g.nano',
  priority: 100,
  conditions: [elbv2.ListenerCondition.hostHeaders([`static.${domainName}`])],
  environment: { BUCKET: assets.bucketName, ORIGIN: `https://${domainName}` },
  apiPorts: [],
  objectActions: ['s3:GetObject'],
});
const dashboardTier = hosts({
  id: 'Dashboard',
  instanceType: 't4g.small',
  priority: 101,
  conditions: [elbv2.ListenerCondition.hostHeaders([domainName])],
  environment: {
    ALLOWED_HOSTS: domainName,
    KEYSTONE: keystoneUrl,
    SECRET: secret.secretArn,
    BUCKET: assets.bucketName,
    MEMCACHED: `${cache.attrConfigurationEndpointAddress}:${cache.attrConfigurationEndpointPort}`,
  },
  apiPorts: [5000, 8774, 8776, 8778, 9292, 9696],
  objectActions: ['s3:GetObject', 's3:PutObject'],
});

const email = new CfnParameter(stack, 'AlarmEmail', { default: '' }).valueAsString;
const topic = new sns.Topic(stack, 'Topic', { enforceSSL: true });
topic.addToResourcePolicy(
  new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
  }),
);
new sns.CfnSubscription(stack, 'Email', {
  topicArn: topic.topicArn,
  protocol: 'email',
  endpoint: email,
}).cfnOptions.condition = new CfnCondition(stack, 'HasEmail', {
  expression: Fn.conditionNot(Fn.conditionEquals(email, '')),
});
const notify = new actions.SnsAction(topic);
const period = Duration.minutes(1);
const alarms: cloudwatch.Alarm[] = [];

function alarm(
  id: string,
  metric: cloudwatch.IMetric,
  threshold: number,
  comparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
): cloudwatch.Alarm {
  const created = new cloudwatch.Alarm(stack, `${id}Alarm`, {
    metric,
    threshold,
    comparisonOperator,
    evaluationPeriods: 3,
    alarmDescription: `${id} is not as it should be. https://github.com/example/runbooks/blob/main/dashboard.md#${id.toLowerCase()}`,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  created.addAlarmAction(notify);
  created.addOkAction(notify);
  alarms.push(created);
  return created;
}

function metric(
  namespace: string,
  metricName: string,
  dimensionsMap: { [name: string]: string },
): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace, metricName, dimensionsMap, period });
}

function math(
  expression: string,
  a: cloudwatch.IMetric,
  b: cloudwatch.IMetric,
): cloudwatch.IMetric {
  return new cloudwatch.MathExpression({ expression, usingMetrics: { a, b }, period });
}

const below = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD;
const percent = 'IF(b > 20, 100 * FILL(a, 0) / b, 0)';
const noticed = [
  alarm(
    'Balancer',
    math(
      percent,
      loadBalancer.metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { period }),
      loadBalancer.metrics.requestCount({ period }),
    ),
    1,
  ),
];
const rows: cloudwatch.GraphWidget[][] = [];

/** A graph of some metrics, each with a label. */
function graph(
  title: string,
  label: string,
  left: Record<string, cloudwatch.Metric>,
  right?: Record<string, cloudwatch.Metric>,
): cloudwatch.GraphWidget {
  const labeled = (found: Record<string, cloudwatch.Metric>): cloudwatch.Metric[] =>
    Object.entries(found).map(([name, each]) => each.with({ label: name }));
  return new cloudwatch.GraphWidget({
    title,
    left: labeled(left),
    leftYAxis: { min: 0, label, showUnits: false },
    ...(right
      ? { right: labeled(right), rightYAxis: { min: 0, label: 'other', showUnits: false } }
      : {}),
    width: 8,
    height: 6,
  });
}

const series: Record<'requests' | 'errors' | 'times', Record<string, cloudwatch.Metric>> = {
  requests: {},
  errors: {
    balancer: loadBalancer.metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { period }),
  },
  times: {},
};
for (const [id, { scaling, targetGroup }] of Object.entries({
  Static: staticTier,
  Dashboard: dashboardTier,
})) {
  const { metrics } = targetGroup;
  const group = (name: string): cloudwatch.Metric =>
    metric('AWS/AutoScaling', name, { AutoScalingGroupName: scaling.autoScalingGroupName });
  const requests = metrics.requestCount({ period });
  const errors = metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period });
  const inService = group('GroupInServiceInstances');
  noticed.push(
    alarm(`${id}Errors`, math(percent, errors, requests), 1),
    alarm(`${id}Down`, metrics.healthyHostCount({ period }), 1, below),
  );
  alarm(`${id}Unhealthy`, metrics.unhealthyHostCount({ period }), 0);
  alarm(`${id}Slow`, metrics.targetResponseTime({ statistic: 'p99' }), 5);
  alarm(`${id}BelowMinimum`, math('a - b', inService, group('GroupMinSize')), 0, below);
  alarm(`${id}AtMaximum`, math('a - b', group('GroupMaxSize'), inService), 1, below);
  const cpu = (name: string): cloudwatch.Metric =>
    metric('AWS/EC2', name, { AutoScalingGroupName: scaling.autoScalingGroupName });
  alarm(`${id}Credits`, cpu('CPUSurplusCreditsCharged'), 0);
  series.requests[id] = requests;
  series.errors[id] = errors;
  for (const percentile of [50, 99]) {
    series.times[`${id}, p${percentile}`] = metrics.targetResponseTime({
      statistic: `p${percentile}`,
      period,
    });
  }
  const load = cpu('CPUUtilization');
  rows.push([
    graph(`${id} hosts: health`, 'hosts', {
      healthy: metrics.healthyHostCount(),
      unhealthy: metrics.unhealthyHostCount(),
    }),
    graph(`${id} hosts: capacity`, 'hosts', {
      maximum: group('GroupMaxSize'),
      'in service': inService,
      minimum: group('GroupMinSize'),
    }),
    graph(`${id} hosts: CPU`, 'percent', {
      average: load,
      busiest: load.with({ statistic: 'Maximum' }),
    }),
  ]);
}
const memcached = (name: string): cloudwatch.Metric =>
  metric('AWS/ElastiCache', name, { CacheClusterId: cache.ref });
for (const [name, threshold] of [
  ['Evictions', 0],
  ['CPUUtilization', 80],
  ['CPUCreditBalance', 30],
  ['SwapUsage', 5e7],
  ['CurrConnections', 5e4],
  ['CurrItems', 0],
] as const) {
  alarm(name, memcached(name), threshold);
}
const expiry = metric('AWS/CertificateManager', 'DaysToExpiry', {
  CertificateArn: certificateArn,
});
alarm('Certificate', expiry, 30, below);
const [gateway] = vpc.node.findAll().filter((node) => node instanceof ec2.CfnNatGateway);
const ports = metric('AWS/NATGateway', 'ErrorPortAllocation', { NatGatewayId: gateway.ref });
alarm('Ports', ports, 0);
for (const [name, pattern] of [
  ['FailedStarts', '{ $.message = "openstack-dashboard: FAILED: *" }'],
  ['FailedLogins', '{ $.message = "*Login failed for user*" }'],
  ['ForgedValues', '{ $.data.forged > 0 }'],
]) {
  const filter = new cloudwatchLogs.MetricFilter(stack, name, {
    logGroup: hostLogs,
    metricNamespace: `OpenStackDashboard/${hostLogs.logGroupName}`,
    metricName: name,
    filterPattern: cloudwatchLogs.FilterPattern.literal(pattern),
    defaultValue: 0,
  });
  alarm(name, filter.metric({ statistic: 'Sum', period }), 0);
}
const composite = new cloudwatch.CompositeAlarm(stack, 'UsersNotice', {
  alarmRule: cloudwatch.AlarmRule.anyOf(
    ...noticed.map((each) => cloudwatch.AlarmRule.fromAlarm(each, cloudwatch.AlarmState.ALARM)),
  ),
});
composite.addAlarmAction(notify);
composite.addOkAction(notify);
const overview = new cloudwatch.Dashboard(stack, 'Overview');
overview.addWidgets(new cloudwatch.AlarmStatusWidget({ alarms: [composite, ...alarms] }));
overview.addWidgets(
  graph('Requests', 'per minute', series.requests),
  graph('Errors', 'per minute', series.errors),
  graph('Response time', 'seconds', series.times),
);
rows.forEach((row) => overview.addWidgets(...row));
overview.addWidgets(
  graph('Sessions: evicted', 'per 5 minutes', { evicted: memcached('Evictions') }),
  graph(
    'Sessions: kept, and connections',
    'items',
    { 'items on a node': memcached('CurrItems') },
    { 'connections to a node': memcached('CurrConnections') },
  ),
  graph('Memcached: CPU', 'percent', { 'busiest node': memcached('CPUUtilization') }),
);
overview.addWidgets(
  graph('Ports', 'per 5 minutes', { gateway: ports }),
  graph('Certificate', 'days', { 'days to expiry': expiry }),
);

for (const [id, value] of Object.entries({
  Url: `https://${domainName}/`,
  StaticUrl: `https://static.${domainName}/static/`,
  LoadBalancerName: loadBalancer.loadBalancerDnsName,
  LoadBalancerZoneId: loadBalancer.loadBalancerCanonicalHostedZoneId,
  SecretKeyArn: secret.secretArn,
  LogBucketName: logs.bucketName,
  HostLogGroupName: hostLogs.logGroupName,
  AssetBucketName: assets.bucketName,
  StaticGroupName: staticTier.scaling.autoScalingGroupName,
  DashboardGroupName: dashboardTier.scaling.autoScalingGroupName,
  AlarmTopicArn: topic.topicArn,
})) {
  new CfnOutput(stack, id, { description: 'For the runbook', value });
}
app.synth();
