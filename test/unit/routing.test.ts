import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import {
  DashboardNetwork,
  HostsHealthCheck,
  OpenStackDashboardProps,
  RoutingPolicy,
  StaticMedia,
} from '../../lib';
import {
  expectMisuse,
  newBalancer,
  newDashboard,
  newStack,
  Resource,
  resource,
  resourcesOf,
} from './fixtures';

let stack: Stack;
beforeEach(() => {
  stack = newStack({ env: { region: 'eu-west-1' } });
});

const zone = (): route53.IHostedZone =>
  route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    hostedZoneId: 'Z0123456789',
    zoneName: 'example.org',
  });

/** The records of a dashboard with both IP versions. */
function recordsWith(
  routing: RoutingPolicy,
  props: Partial<OpenStackDashboardProps> = {},
): Resource['Properties'][] {
  newDashboard(stack, {
    hostedZone: zone(),
    network: DashboardNetwork.natGateways({ dualStack: true }),
    entry: newBalancer(stack, { ipAddressType: elbv2.IpAddressType.DUAL_STACK, routing }),
    ...props,
  });
  return Object.values(resourcesOf(Template.fromStack(stack), 'AWS::Route53::RecordSet')).map(
    ({ Properties }) => Properties,
  );
}

test('all records fail over by one health check', () => {
  const records = recordsWith(RoutingPolicy.failoverPrimary(new HostsHealthCheck(stack, 'Health')));
  expect(records.map(({ Name, Type }) => `${Name} ${Type}`).sort()).toEqual([
    'dashboard.example.org. A',
    'dashboard.example.org. AAAA',
    'static.dashboard.example.org. A',
    'static.dashboard.example.org. AAAA',
  ]);
  const ids = new Set(records.map(({ HealthCheckId }) => JSON.stringify(HealthCheckId)));
  expect([...ids]).toEqual([expect.stringContaining('HealthHealthCheck')]);
  for (const record of records) {
    expect(record).toMatchObject({
      Failover: 'PRIMARY',
      SetIdentifier: 'primary',
      AliasTarget: { EvaluateTargetHealth: true },
    });
  }
});

test('the health check needs a healthy host in each tier', () => {
  recordsWith(RoutingPolicy.failoverPrimary(new HostsHealthCheck(stack, 'Health')));
  const template = Template.fromStack(stack);
  const checks = Object.entries(resourcesOf(template, 'AWS::Route53::HealthCheck'));
  const configs = checks.map(([id, { Properties }]) => [id, Properties.HealthCheckConfig]);
  const children = configs.filter(([, { Type }]) => Type === 'CLOUDWATCH_METRIC');
  expect(children).toHaveLength(2);
  const [[, parent]] = configs.filter(([, { Type }]) => Type === 'CALCULATED');
  expect(parent).toEqual({
    Type: 'CALCULATED',
    HealthThreshold: 2,
    ChildHealthChecks: children.map(([id]) => ({ 'Fn::GetAtt': [id, 'HealthCheckId'] })).sort(),
  });
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
  for (const [, { AlarmIdentifier, InsufficientDataHealthStatus }] of children) {
    expect(InsufficientDataHealthStatus).toBe('Unhealthy');
    expect(AlarmIdentifier.Region).toBe('eu-west-1');
    const { Properties } = alarms[AlarmIdentifier.Name.Ref];
    // Route 53 supports these statistics, standard resolution, and no metric math:
    // https://docs.aws.amazon.com/Route53/latest/APIReference/API_AlarmIdentifier.html
    expect(['Average', 'Minimum', 'Maximum', 'Sum', 'SampleCount']).toContain(Properties.Statistic);
    expect(Properties).toMatchObject({
      Namespace: 'AWS/ApplicationELB',
      MetricName: 'HealthyHostCount',
      Period: 60,
      EvaluationPeriods: 3,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
    expect(Properties.Metrics).toBeUndefined();
    expect(Properties.DatapointsToAlarm).toBeUndefined();
  }
});

test('one tier is enough without a static tier', () => {
  const healthCheck = new HostsHealthCheck(stack, 'Health', { minutes: 5 });
  recordsWith(RoutingPolicy.failoverPrimary(healthCheck), {
    staticMedia: StaticMedia.onDashboardHosts(),
  });
  expect(healthCheck.alarms).toHaveLength(1);
  const template = Template.fromStack(stack);
  expect(resource(template, 'AWS::CloudWatch::Alarm').Properties.EvaluationPeriods).toBe(5);
});

test('the secondary has no health check', () => {
  for (const record of recordsWith(RoutingPolicy.failoverSecondary())) {
    expect(record).toMatchObject({ Failover: 'SECONDARY', SetIdentifier: 'secondary' });
    expect(record.HealthCheckId).toBeUndefined();
  }
});

test('another health check is used as it is', () => {
  const given = new route53.HealthCheck(stack, 'Given', {
    type: route53.HealthCheckType.HTTPS,
    fqdn: 'dashboard.example.org',
  });
  const records = recordsWith(RoutingPolicy.failoverPrimary(given));
  expect(new Set(records.map(({ HealthCheckId }) => JSON.stringify(HealthCheckId))).size).toBe(1);
  Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', 0);
});

test('weights are those of all records', () => {
  for (const record of recordsWith(RoutingPolicy.weighted(10, 'green'))) {
    expect(record).toMatchObject({ Weight: 10, SetIdentifier: 'green' });
  }
});

test('without a routing policy, records are as before', () => {
  newDashboard(stack, { hostedZone: zone() });
  const records = resourcesOf(Template.fromStack(stack), 'AWS::Route53::RecordSet');
  for (const { Properties } of Object.values(records)) {
    expect(Properties.SetIdentifier).toBeUndefined();
    expect(Properties.AliasTarget.EvaluateTargetHealth).toBeUndefined();
  }
});

test('misuse', () => {
  expectMisuse(
    () => RoutingPolicy.weighted(256, 'green'),
    'weight must be a whole number from 0 to 255, got 256',
  );
  expectMisuse(
    () => RoutingPolicy.weighted(1, 'x'.repeat(129)),
    'setIdentifier must have at most 128 characters, got 129',
  );
  expectMisuse(
    () =>
      newDashboard(stack, {
        entry: newBalancer(stack, { routing: RoutingPolicy.failoverSecondary() }),
      }),
    'Stack/Dashboard/Entry: hostedZone must be given with routing, got none; the routing policy is that of the records',
  );
  expectMisuse(
    () => new HostsHealthCheck(stack, 'Health', { minutes: 0 }),
    'Stack/Health: minutes must be a whole number from 1 to 60, got 0',
  );
  new HostsHealthCheck(stack, 'Unused');
  expect(() => Template.fromStack(stack)).toThrow(
    'addHosts must be called with each tier; give the health check to RoutingPolicy.failoverPrimary(), or call it yourself',
  );
});
