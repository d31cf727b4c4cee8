// Metrics, alarms, and the dashboard in CloudWatch.
import { Duration, Lazy, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as sns from 'aws-cdk-lib/aws-sns';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DashboardAlarm,
  DashboardAlarms,
  DashboardAlarmsOptions,
  DashboardEntry,
  MemcachedCluster,
  Monitoring,
  MonitoredParts,
  OpenStackDashboardProps,
  SecretKeyRotation,
  ServerlessMemcached,
  SessionBackend,
  StaticMedia,
} from '../../lib';
import {
  expectMisuse,
  network,
  newApp,
  newDashboard,
  newStack,
  resource,
  Resource,
  resourcesOf,
  ROOT,
} from './fixtures';

/** Properties of a resource, or a part of them. */
type Properties = Resource['Properties'];

const ENV = { account: '123456789012', region: 'eu-west-1' };

/** A dashboard with alarms, its template, and its alarms by their names in `DashboardAlarm`. */
function monitored(
  options: DashboardAlarmsOptions = {},
  props: Partial<OpenStackDashboardProps> = {},
): { stack: Stack; template: Template; alarms: Record<string, Properties> } {
  const stack = newStack({ env: ENV });
  newDashboard(stack, { monitoring: Monitoring.alarms(options), ...props });
  const template = Template.fromStack(stack);
  return { stack, template, alarms: alarmsOf(template) };
}

function alarmsOf(template: Template, prefix = 'DashboardAlarms'): Record<string, Properties> {
  return Object.fromEntries(
    Object.entries(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => [
      id.slice(prefix.length, -8),
      Properties,
    ]),
  );
}

/** The metrics of an alarm, without those that expressions make. */
function metricsOf(alarm: Properties): Properties[] {
  return alarm.Metrics === undefined
    ? [alarm]
    : alarm.Metrics.flatMap(({ MetricStat }: Properties) =>
        MetricStat ? [MetricStat.Metric] : [],
      );
}

const widgetsOf = (template: Template): Properties[] => {
  const [{ Properties }] = Object.values(resourcesOf(template, 'AWS::CloudWatch::Dashboard'));
  const parts: unknown[] = Properties.DashboardBody['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'X')).join('')).widgets;
};

describe('the alarms of a dashboard', () => {
  const { template, alarms, stack } = monitored({ topic: undefined });

  test('are those that are recommended', () => {
    const { BREACHING, NOT } = { BREACHING: 'breaching', NOT: 'notBreaching' };
    const rows = Object.entries(alarms).map(([name, alarm]) => [
      name,
      alarm.ComparisonOperator.replace('Threshold', ''),
      alarm.Threshold,
      alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods,
      alarm.EvaluationPeriods,
      alarm.TreatMissingData,
    ]);
    expect(rows).toEqual([
      ['LoadBalancerErrors', 'GreaterThan', 1, 3, 5, NOT],
      ['DashboardErrors', 'GreaterThan', 1, 3, 5, NOT],
      ['DashboardDown', 'LessThan', 1, 3, 3, BREACHING],
      ['DashboardUnhealthy', 'GreaterThan', 0, 15, 20, NOT],
      ['DashboardSlow', 'GreaterThan', 5, 3, 3, NOT],
      ['DashboardBelowMinimum', 'LessThan', 0, 15, 20, BREACHING],
      ['DashboardAtMaximum', 'LessThan', 1, 60, 60, NOT],
      ['DashboardCpuCredits', 'GreaterThan', 0, 3, 3, NOT],
      ['StaticErrors', 'GreaterThan', 1, 3, 5, NOT],
      ['StaticDown', 'LessThan', 1, 3, 3, BREACHING],
      ['StaticUnhealthy', 'GreaterThan', 0, 15, 20, NOT],
      ['StaticSlow', 'GreaterThan', 0.5, 3, 3, NOT],
      ['StaticBelowMinimum', 'LessThan', 0, 15, 20, BREACHING],
      ['StaticAtMaximum', 'LessThan', 1, 60, 60, NOT],
      ['StaticCpuCredits', 'GreaterThan', 0, 3, 3, NOT],
      ['MemcachedEvictions', 'GreaterThan', 0, 5, 15, NOT],
      ['MemcachedCpu', 'GreaterThan', 80, 3, 3, NOT],
      ['MemcachedCpuCredits', 'LessThan', 30, 3, 3, NOT],
      ['MemcachedSwap', 'GreaterThan', 50 * 1024 ** 2, 3, 3, NOT],
      ['MemcachedConnections', 'GreaterThan', 50_000, 3, 3, NOT],
      ['MemcachedSilent', 'LessThan', 0, 3, 3, BREACHING],
      ['Certificate', 'LessThan', 30, 1, 1, BREACHING],
      ['NatPorts', 'GreaterThan', 0, 3, 5, NOT],
      ['Sealing', 'GreaterThan', 0, 1, 1, NOT],
      ['Boot', 'GreaterThan', 0, 1, 1, NOT],
      ['BruteForce', 'GreaterThan', 50, 1, 1, NOT],
    ]);
  });

  test('have no names, so that two dashboards fit into one account', () => {
    const named = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).filter(
      ({ Properties }) => Properties.AlarmName !== undefined,
    );
    expect(named).toEqual([]);
  });

  test('are percentages where they count errors, without quiet minutes', () => {
    for (const name of ['LoadBalancerErrors', 'DashboardErrors', 'StaticErrors']) {
      const [{ Expression }] = alarms[name].Metrics;
      // The load balancer does not count requests that it finds no host for.
      const requests =
        name === 'LoadBalancerErrors' ? '(FILL(requests, 0) + FILL(errors, 0))' : 'requests';
      expect(Expression).toBe(`IF(${requests} > 20, 100 * FILL(errors, 0) / ${requests}, 0)`);
    }
  });

  test('each name a section of the runbook', () => {
    const page = readFileSync(join(ROOT, 'docs/alarms.md'), 'utf8');
    const sections = [...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name.toLowerCase());
    const anchors = Object.values(alarms).map(({ AlarmDescription }) =>
      /docs\/alarms\.md#(\w+)$/.exec(AlarmDescription)?.at(1),
    );
    expect(sections).toEqual(expect.arrayContaining(anchors));
    expect(sections).toEqual([
      'usersnotice',
      ...Object.values(DashboardAlarm).map((name) => name.toLowerCase()),
    ]);
  });

  test('are as many as the page of alarms says, and so are their metrics', () => {
    const page = readFileSync(join(ROOT, 'docs/alarms.md'), 'utf8');
    const said = /The (\d+) alarms of a dashboard\b[^.]* watch\s(\d+) metrics/.exec(page);
    const metrics = Object.values(alarms).flatMap(metricsOf);
    expect(said?.slice(1).map(Number)).toEqual([Object.keys(alarms).length, metrics.length]);
  });

  test('say at synth time that they notify nobody without a topic', () => {
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Dashboard/Alarms',
      Match.stringLikeRegexp('notify nobody; give a topic'),
    );
  });

  test('are combined into one of what users notice', () => {
    const [{ Properties }] = Object.values(
      resourcesOf(template, 'AWS::CloudWatch::CompositeAlarm'),
    );
    const rule = JSON.stringify(Properties.AlarmRule);
    const noticed = ['LoadBalancerErrors', 'DashboardErrors', 'StaticErrors'];
    for (const name of [...noticed, 'DashboardDown', 'StaticDown']) {
      expect(rule).toContain(`DashboardAlarms${name}`);
    }
    expect(rule.match(/ALARM/g)).toHaveLength(5);
  });

  test('watch metrics that AWS documents, with dimensions that have them', () => {
    const canned = (service: string): string =>
      readFileSync(
        join(
          ROOT,
          `node_modules/aws-cdk-lib/aws-${service}/lib/${service}-canned-metrics.generated.js`,
        ),
        'utf8',
      );
    const sources: Record<string, [string, string[]]> = {
      'AWS/ApplicationELB': [canned('elasticloadbalancingv2'), ['LoadBalancer', 'TargetGroup']],
      'AWS/AutoScaling': [canned('autoscaling'), ['AutoScalingGroupName']],
      'AWS/EC2': [canned('ec2'), ['AutoScalingGroupName']],
      'AWS/ElastiCache': [canned('elasticache'), ['CacheClusterId']],
      'AWS/NATGateway': [canned('ec2'), ['NatGatewayId']],
    };
    // Of burstable instances and nodes, and documented elsewhere
    const others = ['CPUSurplusCreditsCharged', 'CPUCreditBalance', 'SwapUsage', 'CurrItems'];
    for (const { Namespace, MetricName, Dimensions } of Object.values(alarms).flatMap(metricsOf)) {
      if (Namespace === 'AWS/CertificateManager') {
        // The metric of aws-cdk-lib's own certificates
        expect(Dimensions.map(({ Name }: Properties) => Name)).toEqual(['CertificateArn']);
        continue;
      }
      if (typeof Namespace === 'object') {
        // Of a metric filter on the hosts' log group
        const filters = Object.values(resourcesOf(template, 'AWS::Logs::MetricFilter'));
        const names = filters.map(({ Properties }) => Properties.MetricTransformations[0]);
        expect(names).toContainEqual(
          expect.objectContaining({ MetricNamespace: Namespace, MetricName }),
        );
        continue;
      }
      const [known, dimensions] = sources[Namespace];
      expect(dimensions).toEqual(
        expect.arrayContaining(Dimensions.map(({ Name }: Properties) => Name)),
      );
      if (!others.includes(MetricName)) {
        expect([MetricName, known.includes(`"${MetricName}"`)]).toEqual([MetricName, true]);
      }
    }
  });

  test('that are on without data are created when hosts are in service', () => {
    const late = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).filter(
      ({ Properties }) => Properties.TreatMissingData === 'breaching',
    );
    const groups = Object.keys(resourcesOf(template, 'AWS::AutoScaling::AutoScalingGroup'));
    expect([late.length, groups.length]).toEqual([6, 2]);
    for (const { DependsOn } of late) {
      expect(DependsOn).toEqual(expect.arrayContaining(groups));
    }
  });

  test('judge a certificate once a day, as often as its metric is published', () => {
    expect(alarms.Certificate).toMatchObject({ Period: 86_400, MetricName: 'DaysToExpiry' });
  });
});

describe('options of alarms', () => {
  test('leave alarms out', () => {
    const exclude = [
      DashboardAlarm.STATIC_AT_MAXIMUM,
      DashboardAlarm.LOAD_BALANCER_ERRORS,
      DashboardAlarm.DASHBOARD_ERRORS,
      DashboardAlarm.STATIC_ERRORS,
      DashboardAlarm.DASHBOARD_DOWN,
      DashboardAlarm.STATIC_DOWN,
    ];
    const { template, alarms } = monitored({ exclude });
    expect(Object.keys(alarms)).toHaveLength(20);
    // Nothing is left to combine
    template.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
  });

  test('change thresholds', () => {
    const { alarms } = monitored({
      thresholds: {
        loadBalancerErrors: 2,
        hostErrors: 0.5,
        dashboardResponseTime: Duration.seconds(Lazy.number({ produce: () => 8 })),
        staticResponseTime: Duration.millis(250),
        memcachedCpu: Lazy.number({ produce: () => 70 }),
        memcachedCpuCredits: 10,
        memcachedSwap: Size.mebibytes(10),
        memcachedConnections: 100,
        certificateExpiry: Duration.days(14),
      },
    });
    const thresholds = Object.entries(alarms).map(([name, { Threshold }]) => [name, Threshold]);
    expect(Object.fromEntries(thresholds)).toMatchObject({
      LoadBalancerErrors: 2,
      DashboardErrors: 0.5,
      StaticErrors: 0.5,
      DashboardSlow: 8,
      StaticSlow: 0.25,
      MemcachedCpu: 70,
      MemcachedCpuCredits: 10,
      MemcachedSwap: 10 * 1024 ** 2,
      MemcachedConnections: 100,
      Certificate: 14,
    });
  });

  test.each([
    [{ hostErrors: 101 }, 'thresholds.hostErrors must be a percentage from 0 to 100, got 101'],
    [{ memcachedCpu: -1 }, 'thresholds.memcachedCpu must be a percentage from 0 to 100, got -1'],
    [
      { memcachedConnections: 65_001 },
      'thresholds.memcachedConnections must be 0 to 65000, got 65001',
    ],
    [
      { certificateExpiry: Duration.days(366) },
      'thresholds.certificateExpiry must be a whole number of days from 0 to 365, got 366',
    ],
    [
      { certificateExpiry: Duration.hours(36) },
      'thresholds.certificateExpiry must be a whole number of days from 0 to 365, got 1.5',
    ],
    [
      { dashboardResponseTime: Duration.minutes(2) },
      'thresholds.dashboardResponseTime must be 0 to 60 seconds, got 120',
    ],
  ])('reject the thresholds %o', (thresholds, message) => {
    expect(() => monitored({ thresholds })).toThrow(`Stack/Dashboard/Alarms: ${message}`);
  });

  test('notify a topic when an alarm begins and ends', () => {
    const stack = newStack({ env: ENV });
    const topic = new sns.Topic(stack, 'Topic');
    newDashboard(stack, { monitoring: Monitoring.alarms({ topic }) });
    const template = Template.fromStack(stack);
    const arn = stack.resolve(topic.topicArn);
    for (const type of ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']) {
      for (const { Properties } of Object.values(resourcesOf(template, type))) {
        expect([Properties.AlarmActions, Properties.OKActions]).toEqual([[arn], [arn]]);
      }
    }
    // Its default policy admits alarms, and a policy would take the place of that
    template.resourceCountIs('AWS::SNS::TopicPolicy', 0);
  });

  test('let CloudWatch publish where a policy or a key would keep it out', () => {
    const stack = newStack({ env: ENV });
    const topic = new sns.Topic(stack, 'Topic', {
      enforceSSL: true,
      masterKey: new kms.Key(stack, 'Key'),
    });
    newDashboard(stack, { monitoring: Monitoring.alarms({ topic }) });
    const template = Template.fromStack(stack);
    const allowed = (actions: unknown): unknown =>
      Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: actions,
            Condition: { StringEquals: { 'aws:SourceAccount': ENV.account } },
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
          }),
        ]),
      });
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: allowed('sns:Publish'),
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: allowed(['kms:Decrypt', 'kms:GenerateDataKey*']),
    });
  });

  test('let CloudWatch publish where the policy comes later', () => {
    const stack = newStack({ env: ENV });
    const topic = new sns.Topic(stack, 'Topic');
    newDashboard(stack, { monitoring: Monitoring.alarms({ topic }) });
    topic.grantPublish(new iam.ServicePrincipal('events.amazonaws.com'));
    const { Properties } = resource(Template.fromStack(stack), 'AWS::SNS::TopicPolicy');
    const services = Properties.PolicyDocument.Statement.map(
      ({ Principal }: Properties) => Principal.Service,
    );
    expect(services).toEqual(['events.amazonaws.com', 'cloudwatch.amazonaws.com']);
  });

  test('say at synth time that the policy of an imported key must admit CloudWatch', () => {
    const stack = newStack({ env: ENV });
    const topic = sns.Topic.fromTopicAttributes(stack, 'Topic', {
      topicArn: 'arn:aws:sns:eu-west-1:123456789012:on-call',
      keyArn: 'arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000',
    });
    newDashboard(stack, { monitoring: Monitoring.alarms({ topic }) });
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Dashboard/Alarms',
      Match.stringLikeRegexp('allow cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey'),
    );
  });

  test('let the account of the alarms publish to a topic in another account', () => {
    const app = newApp();
    const shared = new Stack(app, 'Shared', { env: { ...ENV, account: '210987654321' } });
    const stack = new Stack(app, 'Stack', { env: ENV });
    const topic = new sns.Topic(shared, 'Topic', { enforceSSL: true, topicName: 'on-call' });
    newDashboard(stack, { monitoring: Monitoring.alarms({ topic }) });
    const { Properties } = resource(Template.fromStack(shared), 'AWS::SNS::TopicPolicy');
    const [{ Condition }] = Properties.PolicyDocument.Statement.filter(
      ({ Effect }: Properties) => Effect === 'Allow',
    );
    expect(Condition).toEqual({ StringEquals: { 'aws:SourceAccount': ENV.account } });
  });
});

describe('the parts of a dashboard', () => {
  test('that it does not have, have no alarms', () => {
    const { alarms } = monitored(
      {},
      {
        session: SessionBackend.signedCookies(),
        staticMedia: StaticMedia.onDashboardHosts(),
        vpc: undefined,
        hosts: { instanceType: new ec2.InstanceType('m7g.large') },
      },
    );
    expect(Object.keys(alarms)).toEqual([
      'LoadBalancerErrors',
      'DashboardErrors',
      'DashboardDown',
      'DashboardUnhealthy',
      'DashboardSlow',
      'DashboardBelowMinimum',
      'DashboardAtMaximum',
      'Certificate',
      'NatPorts',
      'Sealing',
      'Boot',
      'BruteForce',
    ]);
  });

  test('include no metrics of a load balancer of which only the listener is known', () => {
    const stack = newStack({ env: ENV });
    const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shared/0123/4567';
    const listener = elbv2.ApplicationListener.fromApplicationListenerAttributes(
      stack,
      'Listener',
      {
        listenerArn: arn,
        securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123'),
      },
    );
    const dashboard = newDashboard(stack, {
      entry: DashboardEntry.onListener(listener),
      vpc: network(stack),
      monitoring: Monitoring.alarms(),
    });
    const alarms = alarmsOf(Template.fromStack(stack));
    expect(Object.keys(alarms)).not.toContain('LoadBalancerErrors');
    expect(Object.keys(alarms)).not.toContain('Certificate');
    expect(metricsOf(alarms.DashboardDown)[0].Dimensions).toContainEqual({
      Name: 'LoadBalancer',
      Value: 'app/shared/0123',
    });
    expect(() => dashboard.alarms!.alarm(DashboardAlarm.CERTIFICATE)).toThrow(
      "Stack/Dashboard/Alarms: alarm must be one of those that were created, got 'Certificate'",
    );
  });

  test('that never have a metric, have no alarm of it', () => {
    const stack = newStack({ env: ENV });
    const arn = 'arn:aws:iam::123456789012:server-certificate/dashboard';
    const certificate = acm.Certificate.fromCertificateArn(stack, 'InIam', arn);
    const dashboard = newDashboard(stack, {
      entry: DashboardEntry.newLoadBalancer({ certificate }),
    });
    const memcached = new MemcachedCluster(stack, 'Sessions', {
      vpc: network(stack),
      nodeType: 'cache.m7g.large',
    });
    Monitoring.alarms().bind(stack, { ...dashboard.monitoredParts, memcached });
    const template = Template.fromStack(stack);
    const names = Object.keys(alarmsOf(template, 'Alarms'));
    expect(names).toContain('MemcachedCpu');
    expect(names).not.toContain('MemcachedCpuCredits');
    expect(names).not.toContain('Certificate');
    const titles = widgetsOf(template).map(({ properties }) => properties.title);
    expect(titles).not.toContain('Certificate');
  });

  test.each([
    ['memcached', MemcachedCluster],
    ['serverlessMemcached', ServerlessMemcached],
  ] as const)('include the given session store as %s', (part, Store) => {
    const stack = newStack({ env: ENV });
    const vpc = network(stack);
    const store = new Store(stack, 'Store', { vpc });
    const session = SessionBackend.memcached(store);
    const { monitoredParts } = newDashboard(stack, { vpc, session });
    expect(monitoredParts[part]).toBe(store);
  });

  test('have one session store', () => {
    const stack = newStack({ env: ENV });
    const { monitoredParts, vpc } = newDashboard(stack);
    const parts: MonitoredParts = {
      ...monitoredParts,
      serverlessMemcached: new ServerlessMemcached(stack, 'Cache', { vpc }),
    };
    expectMisuse(
      () => new DashboardAlarms(stack, 'Alarms', { parts }),
      'Stack/Alarms: parts must have memcached or serverlessMemcached, not both',
    );
  });

  test('can be a serverless cache and the rotation, which publish metrics of their own', () => {
    const stack = newStack({ env: ENV });
    const dashboard = newDashboard(stack, { monitoring: Monitoring.none() });
    const vpc = network(stack, 3, 'Other');
    const parts: MonitoredParts = {
      entry: dashboard.entry,
      hosts: dashboard.hosts,
      serverlessMemcached: new ServerlessMemcached(stack, 'Cache', { vpc }),
      rotation: new SecretKeyRotation(stack, 'Rotation', {
        secretKey: dashboard.secretKey,
        session: dashboard.session,
      }),
    };
    new DashboardAlarms(stack, 'Alarms', { parts });
    const alarms = alarmsOf(Template.fromStack(stack), 'Alarms');
    // ClusterId, since only clusters with nodes publish under CacheClusterId
    expect(alarms.MemcachedThrottled.Dimensions).toEqual([
      { Name: 'clusterId', Value: { Ref: expect.stringMatching(/^Cache/) } },
    ]);
    expect(alarms.MemcachedEvictions.Dimensions[0].Name).toBe('clusterId');
    expect(alarms.Rotation).toMatchObject({
      Namespace: 'AWS/States',
      MetricName: 'ExecutionsFailed',
      Threshold: 1,
    });
  });

  test('have one alarm for several NAT gateways', () => {
    const stack = newStack({ env: ENV });
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      maxAzs: 2,
      natGateways: 2,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
        { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      ],
    });
    newDashboard(stack, { vpc, monitoring: Monitoring.alarms() });
    const { NatPorts } = alarmsOf(Template.fromStack(stack));
    expect(NatPorts.Metrics[0].Expression).toBe('FILL(gateway0, 0) + FILL(gateway1, 0)');
    expect(metricsOf(NatPorts)).toHaveLength(2);
  });

  test('are monitored, or said not to be, or it is a warning', () => {
    for (const [monitoring, warnings] of [
      [undefined, 1],
      [Monitoring.none(), 0],
    ] as const) {
      const stack = newStack({ env: ENV });
      const dashboard = newDashboard(stack, { monitoring });
      const found = Annotations.fromStack(stack).findWarning(
        '/Stack/Dashboard',
        Match.stringLikeRegexp('Nothing monitors the dashboard'),
      );
      expect(found).toHaveLength(warnings);
      expect([dashboard.alarms, dashboard.overview]).toEqual([undefined, undefined]);
      Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    }
  });

  test('of two dashboards in a stack have alarms each', () => {
    const stack = newStack({ env: ENV });
    for (const id of ['One', 'Other']) {
      newDashboard(
        stack,
        {
          vpc: network(stack, 3, `${id}Vpc`),
          domainName: `${id.toLowerCase()}.example.org`,
          hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, `${id}Zone`, {
            hostedZoneId: 'Z0123',
            zoneName: 'example.org',
          }),
          monitoring: Monitoring.alarms(),
        },
        id,
      );
    }
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', 2 * 25);
  });
});

describe('the dashboard in CloudWatch', () => {
  const { template } = monitored();
  const widgets = widgetsOf(template);

  test('shows alarms first, then what users notice, hosts, sessions, and the rest', () => {
    expect(widgets[0]).toMatchObject({ type: 'alarm', x: 0, y: 0, width: 24 });
    expect(widgets[0].properties.alarms).toHaveLength(27);
    expect(widgets.slice(1).map(({ properties }) => properties.title)).toEqual([
      'Requests',
      'Errors',
      'Response time',
      'Dashboard hosts: health',
      'Dashboard hosts: capacity',
      'Dashboard hosts: CPU',
      'Static hosts: health',
      'Static hosts: capacity',
      'Static hosts: CPU',
      'Sessions: evicted',
      'Sessions: kept, and connections',
      'Memcached: CPU',
      'NAT gateways: connections without a port',
      'Certificate',
    ]);
  });

  test('has widgets side by side, none over another', () => {
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, cell) => {
        const column = x + (cell % width);
        expect(column).toBeLessThan(24);
        return `${column} ${y + Math.floor(cell / width)}`;
      }),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  test('shows a serverless cache and the rotation', () => {
    const stack = newStack({ env: ENV });
    const dashboard = newDashboard(stack, { monitoring: Monitoring.none() });
    Monitoring.alarms({ topic: new sns.Topic(stack, 'Topic') }).bind(stack, {
      entry: dashboard.entry,
      hosts: dashboard.hosts,
      serverlessMemcached: new ServerlessMemcached(stack, 'Cache', {
        vpc: network(stack, 3, 'Other'),
      }),
      rotation: new SecretKeyRotation(stack, 'Rotation', {
        secretKey: dashboard.secretKey,
        session: dashboard.session,
      }),
    });
    const titles = widgetsOf(Template.fromStack(stack)).map(({ properties }) => properties.title);
    expect(titles).toEqual(expect.arrayContaining(['Cache: data', 'Secret key']));
  });
});
