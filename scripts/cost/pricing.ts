import { constructNumber } from '../../lib/contract/environment';
import type { CostSheet } from './estimate';
import { CostResource, CostTemplate } from './template';
import { HOURS, requestsPerMonth, Usage } from './usage';

/** Adds what a resource costs to a sheet. */
export type Pricing = (resource: CostResource, sheet: CostSheet) => void;

const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const METADATA_KEY = 'cdk-openstack-dashboard';
/** Metrics that an instance with detailed monitoring sends. */
const DETAILED_METRICS = 7;
/** Alarms that AWS creates for a target tracking policy: one to scale out, one to scale in. */
const TRACKING_ALARMS = 2;
/** `openstack-dashboard-secret-refresh.timer`. */
const SECRET_CALLS_PER_HOUR = 12;
/** Static hosts list the asset bucket. */
const LISTS_PER_HOUR = 3600 / constructNumber('PULL_INTERVAL_SECONDS');
/** Of one execution of a standard state machine. */
const STATE_TRANSITIONS = 20;

const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** The hosts of a group that run all the time: its desired capacity, or its minimum. */
function hostsOf(group: CostResource, sheet: CostSheet): number {
  const { DesiredCapacity, MinSize } = group.properties;
  return sheet.number(DesiredCapacity ?? MinSize, 'MinSize', group);
}

function launchTemplateOf({ properties }: CostResource, template: CostTemplate) {
  const { LaunchTemplate, MixedInstancesPolicy } = properties;
  const given =
    LaunchTemplate ?? MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification ?? {};
  return template.referred(given.LaunchTemplateId);
}

/** What the hosts of a group do, as far as this library's metadata says. */
function tierOf(group: CostResource, template: CostTemplate): 'dashboard' | 'static' {
  const environment = launchTemplateOf(group, template)?.metadata?.[METADATA_KEY]?.environment;
  return environment === undefined ? 'static' : 'dashboard';
}

function hosts(sheet: CostSheet, tier?: 'dashboard' | 'static'): number {
  return sheet.template
    .ofType(GROUP)
    .filter((group) => tier === undefined || tierOf(group, sheet.template) === tier)
    .reduce((sum, group) => sum + hostsOf(group, sheet), 0);
}

const isFirst = (resource: CostResource, template: CostTemplate): boolean =>
  template.ofType(resource.type)[0].id === resource.id;

/** Instances, their volumes and their metrics. */
function instances(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any CloudFormation properties
  data: any,
  what: string,
  count: number,
  resource: CostResource,
  sheet: CostSheet,
): void {
  const type = sheet.text(data.InstanceType, 'InstanceType', resource);
  sheet.running(`${what}, ${type}`, `ec2.${type}`, count, resource);
  const volumes = list(data.BlockDeviceMappings) as {
    Ebs?: { VolumeSize?: unknown; VolumeType?: string };
  }[];
  for (const { Ebs } of volumes.length ? volumes : [{ Ebs: {} }]) {
    if (Ebs !== undefined) {
      const { VolumeSize = sheet.usage.rootVolumeGigabytes, VolumeType = 'gp3' } = Ebs;
      const size = sheet.number(VolumeSize, 'VolumeSize', resource);
      sheet.metered(`volumes, ${VolumeType}`, `ebs.${VolumeType}`, count * size, resource);
    }
  }
  const monitored = data.Monitoring?.Enabled ?? data.Monitoring ?? false;
  if (String(monitored) === 'true') {
    const metrics = count * DETAILED_METRICS;
    sheet.metered('detailed monitoring, metrics', 'cloudwatch.metric', metrics, resource);
  }
  const addresses = (
    list(data.NetworkInterfaces) as { AssociatePublicIpAddress?: unknown }[]
  ).filter(({ AssociatePublicIpAddress }) => String(AssociatePublicIpAddress) === 'true');
  if (addresses.length) {
    publicAddresses(count * addresses.length, resource, sheet);
  }
}

function publicAddresses(count: number, resource: CostResource, sheet: CostSheet): void {
  sheet.running('public IPv4 addresses', 'ec2.publicIpv4', count, resource);
}

/** Gigabytes that hosts exchange with the internet and OpenStack. */
function egressGigabytes(sheet: CostSheet): number {
  const { usage } = sheet;
  const packages = hosts(sheet) * usage.startsPerHost * usage.gigabytesPerStart;
  return packages + (requestsPerMonth(usage) * usage.apiKilobytes) / 1e6;
}

/** Capacity units of an Application Load Balancer: the largest of its dimensions is billed. */
function capacityUnitHours(usage: Usage): number {
  const requests = requestsPerMonth(usage);
  const hoursOfUse = usage.workingDaysPerMonth * usage.workingHoursPerDay;
  return Math.max(
    (requests * usage.pageKilobytes) / 1e6,
    (requests * usage.newConnectionsPerRequest) / (25 * 3600),
    ((usage.users * usage.connectionsPerUser) / 3000) * hoursOfUse,
  );
}

function flowLogGigabytes(sheet: CostSheet): number {
  const { usage } = sheet;
  const records =
    hosts(sheet) * usage.flowRecordsPerHostMinute * HOURS * 60 +
    requestsPerMonth(usage) * usage.flowRecordsPerRequest;
  return (records * usage.bytesPerFlowRecord) / 1e9;
}

const loadBalancer: Pricing = (resource, sheet) => {
  const {
    Type = 'application',
    Scheme,
    Subnets,
    SubnetMappings,
    IpAddressType,
  } = resource.properties;
  if (Type === 'network') {
    sheet.running('Network Load Balancer', 'elb.network', 1, resource);
  } else {
    sheet.running('Application Load Balancer', 'elb.application', 1, resource);
    const units = capacityUnitHours(sheet.usage);
    sheet.metered('load balancer capacity units', 'elb.applicationCapacity', units, resource);
  }
  if (Scheme !== 'internal' && IpAddressType !== 'dualstack-without-public-ipv4') {
    // One in each zone; two where only a deployment has the list
    const zones = list(Subnets).length || list(SubnetMappings).length || 2;
    publicAddresses(zones, resource, sheet);
  }
};

const natGateway: Pricing = (resource, sheet) => {
  if (resource.properties.AvailabilityMode === 'regional') {
    // One in each zone that has hosts, with an address; the hosts' subnets have a route to it.
    const zones = sheet.template
      .ofType('AWS::EC2::Route')
      .filter(({ properties }) => mentions(properties.NatGatewayId, resource.id)).length;
    sheet.running('regional NAT gateway, zones', 'nat.regional', zones, resource);
    publicAddresses(zones, resource, sheet);
  } else {
    sheet.running('NAT gateways', 'nat.gateway', 1, resource);
  }
  if (isFirst(resource, sheet.template)) {
    sheet.metered('NAT gateway, data', 'nat.data', egressGigabytes(sheet), resource);
  }
};

const bucket: Pricing = (resource, sheet) => {
  const { template, usage } = sheet;
  const rules = list(resource.properties.LifecycleConfiguration?.Rules) as {
    Prefix?: string;
    ExpirationInDays?: unknown;
  }[];
  if (rules.some(({ Prefix }) => Prefix === 'releases/')) {
    const requests = (hosts(sheet, 'static') * LISTS_PER_HOUR * HOURS) / 1000;
    sheet.metered('S3 LIST requests of static hosts', 's3.list', requests, resource);
  }
  const holdsFlowLogs = template
    .ofType('AWS::EC2::FlowLog')
    .some(({ properties }) => mentions(properties.LogDestination, resource.id));
  const holdsAccessLogs = template
    .ofType('AWS::ElasticLoadBalancingV2::LoadBalancer')
    .some(({ properties }) => mentions(properties.LoadBalancerAttributes, resource.id));
  const [days] = rules.flatMap(({ Prefix, ExpirationInDays }) =>
    Prefix === undefined && ExpirationInDays !== undefined ? [ExpirationInDays] : [],
  );
  const months =
    days === undefined
      ? usage.monthsWithoutExpiration
      : sheet.number(days, 'ExpirationInDays', resource) / (HOURS / 24);
  const monthly =
    (holdsFlowLogs ? flowLogGigabytes(sheet) * usage.flowLogCompression : 0) +
    (holdsAccessLogs ? (requestsPerMonth(usage) * usage.bytesPerAccessRecord) / 1e9 : 0);
  sheet.metered('logs in S3', 's3.storage', monthly * months, resource);
};

function mentions(value: unknown, id: string): boolean {
  return JSON.stringify(value ?? '').includes(`"${id}"`);
}

const cacheCluster: Pricing = (resource, sheet) => {
  const { CacheNodeType, Engine = 'memcached', NumCacheNodes } = resource.properties;
  const type = sheet.text(CacheNodeType, 'CacheNodeType', resource);
  const nodes = sheet.number(NumCacheNodes ?? 1, 'NumCacheNodes', resource);
  sheet.running(`${Engine} nodes, ${type}`, `elasticache.${type}`, nodes, resource);
};

const serverlessCache: Pricing = (resource, sheet) => {
  const { usage } = sheet;
  // memcached is billed for 1 GB at least
  const gigabytes = Math.max(1, usage.sessionGigabytes);
  const units = (requestsPerMonth(usage) * usage.cacheUnitsPerRequest) / 1e6;
  sheet.metered(
    'serverless cache, data',
    'elasticache.serverlessData',
    gigabytes * HOURS,
    resource,
  );
  sheet.metered('serverless cache, requests', 'elasticache.serverlessUnits', units, resource);
};

const service: Pricing = (resource, sheet) => {
  const { DesiredCount, LaunchType, TaskDefinition } = resource.properties;
  const task = sheet.template.referred(TaskDefinition);
  if (task === undefined || (LaunchType !== undefined && LaunchType !== 'FARGATE')) {
    return;
  }
  const tasks = sheet.number(DesiredCount ?? 1, 'DesiredCount', resource);
  const arm = task.properties.RuntimePlatform?.CpuArchitecture === 'ARM64';
  const cpu = sheet.number(task.properties.Cpu, 'Cpu', task) / 1024;
  const memory = sheet.number(task.properties.Memory, 'Memory', task) / 1024;
  sheet.running('Fargate, vCPUs', arm ? 'fargate.armVcpu' : 'fargate.vcpu', tasks * cpu, resource);
  sheet.metered(
    'Fargate, memory',
    arm ? 'fargate.armMemory' : 'fargate.memory',
    tasks * memory * HOURS,
    resource,
  );
};

/** Types of resources that cost something. */
export const PRICED: Readonly<Record<string, Pricing>> = {
  [GROUP]: (resource, sheet) => {
    const launchTemplate = launchTemplateOf(resource, sheet.template);
    if (launchTemplate === undefined) {
      throw new Error(`${resource.id} (${GROUP}): its launch template is not in the template`);
    }
    const data = launchTemplate.properties.LaunchTemplateData;
    const [override] = list(resource.properties.MixedInstancesPolicy?.LaunchTemplate?.Overrides);
    const what = `${tierOf(resource, sheet.template)} hosts`;
    instances({ ...data, ...(override ?? {}) }, what, hostsOf(resource, sheet), resource, sheet);
  },
  'AWS::AutoScaling::ScalingPolicy': (resource, sheet) => {
    if (resource.properties.PolicyType === 'TargetTrackingScaling') {
      const what = 'alarms of scaling policies';
      sheet.metered(what, 'cloudwatch.alarmMetric', TRACKING_ALARMS, resource);
    }
  },
  'AWS::CloudWatch::Alarm': (resource, sheet) => {
    const { Metrics, Period } = resource.properties;
    const metrics = (list(Metrics) as { MetricStat?: { Period?: unknown } }[]).filter(
      ({ MetricStat }) => MetricStat !== undefined,
    );
    const quick = [Period, ...metrics.map(({ MetricStat }) => MetricStat?.Period)].some(
      (period) => period !== undefined && Number(period) < 60,
    );
    const key = quick ? 'cloudwatch.highResolutionAlarmMetric' : 'cloudwatch.alarmMetric';
    sheet.metered('alarms, metrics', key, Math.max(1, metrics.length), resource);
  },
  'AWS::CloudWatch::CompositeAlarm': (resource, sheet) =>
    sheet.metered('composite alarms', 'cloudwatch.compositeAlarm', 1, resource),
  'AWS::CloudWatch::Dashboard': (resource, sheet) =>
    sheet.metered('CloudWatch dashboards', 'cloudwatch.dashboard', 1, resource),
  'AWS::EC2::EIP': (resource, sheet) => publicAddresses(1, resource, sheet),
  'AWS::EC2::FlowLog': (resource, sheet) => {
    const toS3 = resource.properties.LogDestinationType === 's3';
    const key = toS3 ? 'logs.deliveryToS3' : 'logs.ingestion';
    sheet.metered('VPC flow logs, delivery', key, flowLogGigabytes(sheet), resource);
  },
  'AWS::EC2::Instance': (resource, sheet) =>
    instances(resource.properties, 'instances', 1, resource, sheet),
  'AWS::EC2::NatGateway': natGateway,
  'AWS::EC2::VPCEndpoint': (resource, sheet) => {
    const { VpcEndpointType = 'Gateway', SubnetIds } = resource.properties;
    if (VpcEndpointType === 'Interface') {
      const zones = list(SubnetIds).length || 2;
      sheet.running('interface endpoints', 'vpc.interfaceEndpoint', zones, resource);
    }
  },
  'AWS::ECS::Service': service,
  'AWS::ElastiCache::CacheCluster': cacheCluster,
  'AWS::ElastiCache::ServerlessCache': serverlessCache,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': loadBalancer,
  'AWS::KMS::Key': (resource, sheet) => sheet.metered('KMS keys', 'kms.key', 1, resource),
  'AWS::Logs::LogGroup': (resource, sheet) => {
    const { logGroupGigabytes } = sheet.usage;
    sheet.metered('CloudWatch Logs, ingestion', 'logs.ingestion', logGroupGigabytes, resource);
    const { RetentionInDays } = resource.properties;
    const months =
      RetentionInDays === undefined
        ? sheet.usage.monthsWithoutExpiration
        : sheet.number(RetentionInDays, 'RetentionInDays', resource) / (HOURS / 24);
    const kept = logGroupGigabytes * months;
    sheet.metered('CloudWatch Logs, storage', 'logs.storage', kept, resource);
  },
  'AWS::Route53::HealthCheck': (resource, sheet) =>
    sheet.metered('health checks', 'route53.healthCheck', 1, resource),
  'AWS::Logs::MetricFilter': (resource, sheet) =>
    sheet.metered('metrics of log filters', 'cloudwatch.metric', 1, resource),
  'AWS::Route53::HostedZone': (resource, sheet) =>
    sheet.metered('hosted zones', 'route53.zone', 1, resource),
  'AWS::S3::Bucket': bucket,
  'AWS::SecretsManager::Secret': (resource, sheet) => {
    sheet.metered('secrets', 'secretsmanager.secret', 1, resource);
    const calls = (hosts(sheet, 'dashboard') * SECRET_CALLS_PER_HOUR * HOURS) / 10000;
    if (isFirst(resource, sheet.template)) {
      sheet.metered('secrets, API calls of hosts', 'secretsmanager.calls', calls, resource);
    }
  },
  'AWS::StepFunctions::StateMachine': (resource, sheet) => {
    const { stateMachineRuns } = sheet.usage;
    if (resource.properties.StateMachineType === 'EXPRESS') {
      const requests = stateMachineRuns / 1e6;
      sheet.metered('state machine, requests', 'stepfunctions.expressRequests', requests, resource);
    } else {
      const transitions = (stateMachineRuns * STATE_TRANSITIONS) / 1000;
      sheet.metered('state machine', 'stepfunctions.transitions', transitions, resource);
    }
  },
  'AWS::WAFv2::WebACL': (resource, sheet) => {
    sheet.metered('web ACLs', 'wafv2.webAcl', 1, resource);
    const rules = list(resource.properties.Rules).length;
    sheet.metered('web ACL, rules', 'wafv2.rule', rules, resource);
    const requests = requestsPerMonth(sheet.usage) / 1e6;
    sheet.metered('web ACL, requests', 'wafv2.requests', requests, resource);
  },
};

const NOTHING = 'AWS does not charge for it';
const WITH = (type: string) => `in the price of ${type}`;

/** Types of resources that cost nothing themselves, and why. */
export const FREE: Readonly<Record<string, string>> = {
  'AWS::Athena::NamedQuery': NOTHING,
  'AWS::Athena::WorkGroup': 'billed by the data that queries read',
  'AWS::CDK::Metadata': NOTHING,
  'AWS::CertificateManager::Certificate': 'public certificates are free',
  'AWS::CloudFormation::WaitCondition': NOTHING,
  'AWS::CloudFormation::WaitConditionHandle': NOTHING,
  'AWS::CloudFront::Distribution': 'billed by use, not estimated; a monthly allowance is free',
  'AWS::EC2::EIPAssociation': WITH('the address'),
  'AWS::EC2::EgressOnlyInternetGateway': NOTHING,
  'AWS::EC2::InstanceConnectEndpoint': NOTHING,
  'AWS::EC2::InternetGateway': NOTHING,
  'AWS::EC2::LaunchTemplate': WITH('the Auto Scaling group'),
  'AWS::EC2::Route': NOTHING,
  'AWS::EC2::RouteTable': NOTHING,
  'AWS::EC2::SecurityGroup': NOTHING,
  'AWS::EC2::SecurityGroupEgress': NOTHING,
  'AWS::EC2::SecurityGroupIngress': NOTHING,
  'AWS::EC2::Subnet': NOTHING,
  'AWS::EC2::SubnetRouteTableAssociation': NOTHING,
  'AWS::EC2::VPC': NOTHING,
  'AWS::EC2::VPCCidrBlock': NOTHING,
  'AWS::EC2::VPCEndpointService': WITH('the Network Load Balancer'),
  'AWS::EC2::VPCEndpointServicePermissions': NOTHING,
  'AWS::EC2::VPCGatewayAttachment': NOTHING,
  'AWS::ECS::Cluster': NOTHING,
  'AWS::ECS::TaskDefinition': WITH('the service'),
  'AWS::ElastiCache::ParameterGroup': NOTHING,
  'AWS::ElastiCache::SubnetGroup': NOTHING,
  'AWS::ElasticLoadBalancingV2::Listener': WITH('the load balancer'),
  'AWS::ElasticLoadBalancingV2::ListenerCertificate': WITH('the load balancer'),
  'AWS::ElasticLoadBalancingV2::ListenerRule': WITH('the load balancer'),
  'AWS::ElasticLoadBalancingV2::TargetGroup': WITH('the load balancer'),
  'AWS::Events::Rule': 'events of AWS services are free',
  'AWS::Glue::Database': 'the first million objects in the catalog are free',
  'AWS::Glue::Table': 'the first million objects in the catalog are free',
  'AWS::IAM::InstanceProfile': NOTHING,
  'AWS::IAM::ManagedPolicy': NOTHING,
  'AWS::IAM::Policy': NOTHING,
  'AWS::IAM::Role': NOTHING,
  'AWS::KMS::Alias': WITH('the key'),
  'AWS::Lambda::Function': 'of a custom resource: runs in deployments',
  'AWS::Lambda::Permission': NOTHING,
  'AWS::Logs::QueryDefinition': 'billed by data that a query scans',
  'AWS::Route53::RecordSet': 'billed by query, well below a dollar; alias records are free',
  'AWS::S3::BucketPolicy': WITH('the bucket'),
  'AWS::Scheduler::Schedule': 'billed by invocation; millions per month are free',
  'AWS::SecretsManager::ResourcePolicy': WITH('the secret'),
  'AWS::SNS::Subscription': 'billed by notification',
  'AWS::SNS::Topic': 'billed by notification',
  'AWS::SNS::TopicPolicy': NOTHING,
  'AWS::SSM::Parameter': 'standard parameters are free',
  'AWS::WAFv2::LoggingConfiguration': WITH('its destination'),
  'AWS::WAFv2::WebACLAssociation': WITH('the web ACL'),
  'Custom::VpcRestrictDefaultSG': 'a custom resource: runs in deployments',
};
