import { Duration, Size, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { mayBeInAcm } from '../entry/certificate';
import { HostGroup } from '../hosts/host-group';
import { DashboardAlarm } from './dashboard-alarm';
import { MonitoredParts } from './monitored-parts';
import { metricPortErrors } from './nat-gateway';
import { DashboardAlarmThresholds } from './thresholds';

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
const { BREACHING, NOT_BREACHING } = cloudwatch.TreatMissingData;
const {
  GREATER_THAN_THRESHOLD,
  LESS_THAN_THRESHOLD,
  GREATER_THAN_OR_EQUAL_TO_THRESHOLD: AT_LEAST,
} = cloudwatch.ComparisonOperator;

/** An alarm that is recommended, and what it watches. */
export interface Recommended {
  readonly alarm: DashboardAlarm;

  /** The sentence that the person on call reads. */
  readonly says: string;

  readonly metric: cloudwatch.IMetric;
  readonly comparisonOperator: cloudwatch.ComparisonOperator;
  readonly threshold: number;
  readonly evaluationPeriods: number;

  /**
   * How many of these periods have to breach.
   *
   * @default - all
   */
  readonly datapointsToAlarm?: number;
  readonly treatMissingData: cloudwatch.TreatMissingData;

  /**
   * Whether users notice while it is in alarm.
   *
   * @default false
   */
  readonly usersNotice?: boolean;
}

/** The alarms for the parts that there are. */
export function recommended(
  parts: MonitoredParts,
  thresholds: DashboardAlarmThresholds,
): Recommended[] {
  return [
    ...ofEntry(parts, thresholds),
    ...ofTier(
      {
        name: 'dashboard',
        errors: DashboardAlarm.DASHBOARD_ERRORS,
        down: DashboardAlarm.DASHBOARD_DOWN,
        unhealthy: DashboardAlarm.DASHBOARD_UNHEALTHY,
        slow: DashboardAlarm.DASHBOARD_SLOW,
        belowMinimum: DashboardAlarm.DASHBOARD_BELOW_MINIMUM,
        atMaximum: DashboardAlarm.DASHBOARD_AT_MAXIMUM,
        cpuCredits: DashboardAlarm.DASHBOARD_CPU_CREDITS,
      },
      parts.hosts,
      thresholds.hostErrors,
      thresholds.dashboardResponseTime ?? Duration.seconds(5),
    ),
    ...(parts.staticTier
      ? ofTier(
          {
            name: 'static',
            errors: DashboardAlarm.STATIC_ERRORS,
            down: DashboardAlarm.STATIC_DOWN,
            unhealthy: DashboardAlarm.STATIC_UNHEALTHY,
            slow: DashboardAlarm.STATIC_SLOW,
            belowMinimum: DashboardAlarm.STATIC_BELOW_MINIMUM,
            atMaximum: DashboardAlarm.STATIC_AT_MAXIMUM,
            cpuCredits: DashboardAlarm.STATIC_CPU_CREDITS,
          },
          parts.staticTier,
          thresholds.hostErrors,
          thresholds.staticResponseTime ?? Duration.millis(500),
        )
      : []),
    ...ofMemcached(parts, thresholds),
    ...ofServerlessMemcached(parts),
    ...ofTheRest(parts, thresholds),
    ...ofLogs(parts, thresholds),
  ];
}

function ofEntry({ entry }: MonitoredParts, thresholds: DashboardAlarmThresholds): Recommended[] {
  // A listener that is given without its load balancer has no metrics of it.
  if (!entry._loadBalancer) {
    return [];
  }
  return [
    {
      alarm: DashboardAlarm.LOAD_BALANCER_ERRORS,
      says: 'The load balancer itself answers requests with errors.',
      metric: percentage(
        entry.metricServerErrorCount({ period: MINUTE }),
        entry.metricRequestCount({ period: MINUTE }),
        WITH_REJECTED,
      ),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: thresholds.loadBalancerErrors ?? 1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: NOT_BREACHING,
      usersNotice: true,
    },
  ];
}

/** The alarms of a tier, which both tiers have. */
interface TierAlarms {
  readonly name: string;
  readonly errors: DashboardAlarm;
  readonly down: DashboardAlarm;
  readonly unhealthy: DashboardAlarm;
  readonly slow: DashboardAlarm;
  readonly belowMinimum: DashboardAlarm;
  readonly atMaximum: DashboardAlarm;
  readonly cpuCredits: DashboardAlarm;
}

function ofTier(
  alarms: TierAlarms,
  hosts: HostGroup,
  errors: number | undefined,
  responseTime: Duration,
): Recommended[] {
  const { name } = alarms;
  const period = MINUTE;
  const inService = hosts.metricInServiceInstances({ period });
  return [
    {
      alarm: alarms.errors,
      says: `The ${name} hosts answer requests with errors.`,
      metric: percentage(
        hosts.metricServerErrorCount({ period }),
        hosts.metricRequestCount({ period }),
      ),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: errors ?? 1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: NOT_BREACHING,
      usersNotice: true,
    },
    {
      alarm: alarms.down,
      says: `No ${name} host is healthy.`,
      metric: hosts.metricHealthyHostCount({ period }),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 3,
      treatMissingData: BREACHING,
      usersNotice: true,
    },
    {
      alarm: alarms.unhealthy,
      says: `A ${name} host has failed its health checks for longer than a replacement takes to start.`,
      metric: hosts.metricUnhealthyHostCount({ period }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 20,
      datapointsToAlarm: 15,
      treatMissingData: NOT_BREACHING,
    },
    {
      alarm: alarms.slow,
      says: `The ${name} hosts answer slowly.`,
      metric: hosts.metricResponseTime({ period: FIVE_MINUTES }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: responseTime.toSeconds({ integral: false }),
      evaluationPeriods: 3,
      treatMissingData: NOT_BREACHING,
    },
    {
      alarm: alarms.belowMinimum,
      says: `There are fewer ${name} hosts in service than the minimum.`,
      metric: difference(
        inService,
        hosts.metricMinSize({ period }),
        `${name} hosts above the minimum`,
      ),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 20,
      datapointsToAlarm: 15,
      treatMissingData: BREACHING,
    },
    {
      alarm: alarms.atMaximum,
      says: `The ${name} hosts have been at their maximum number for an hour and cannot scale out.`,
      metric: difference(
        hosts.metricMaxSize({ period }),
        inService,
        `${name} hosts below the maximum`,
      ),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 60,
      treatMissingData: NOT_BREACHING,
    },
    ...(hosts.launchTemplate.instanceType?.isBurstable()
      ? [
          {
            alarm: alarms.cpuCredits,
            says: `The ${name} hosts use more CPU than their instance type includes, which is charged.`,
            metric: hosts.metricCpuSurplusCreditsCharged({ period: FIVE_MINUTES }),
            comparisonOperator: GREATER_THAN_THRESHOLD,
            threshold: 0,
            evaluationPeriods: 3,
            treatMissingData: NOT_BREACHING,
          },
        ]
      : []),
  ];
}

function ofMemcached(
  { memcached }: MonitoredParts,
  thresholds: DashboardAlarmThresholds,
): Recommended[] {
  if (!memcached) {
    return [];
  }
  const period = FIVE_MINUTES;
  const { cacheNodeType } = memcached.cluster;
  return [
    {
      alarm: DashboardAlarm.MEMCACHED_EVICTIONS,
      says: 'Memcached evicts sessions because it has no memory left; their users have to log in again.',
      metric: memcached.metricEvictions({ period: MINUTE }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 15,
      datapointsToAlarm: 5,
      treatMissingData: NOT_BREACHING,
    },
    {
      alarm: DashboardAlarm.MEMCACHED_CPU,
      says: 'A memcached node has little CPU left.',
      metric: memcached.metricCpuUtilization({ period }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: thresholds.memcachedCpu ?? 80,
      evaluationPeriods: 3,
      treatMissingData: NOT_BREACHING,
    },
    ...(Token.isUnresolved(cacheNodeType) || cacheNodeType.startsWith('cache.t')
      ? [
          {
            alarm: DashboardAlarm.MEMCACHED_CPU_CREDITS,
            says: 'A memcached node has few CPU credits left.',
            metric: memcached.metricCpuCreditBalance({ period }),
            comparisonOperator: LESS_THAN_THRESHOLD,
            threshold: thresholds.memcachedCpuCredits ?? 30,
            evaluationPeriods: 3,
            treatMissingData: NOT_BREACHING,
          },
        ]
      : []),
    {
      alarm: DashboardAlarm.MEMCACHED_SWAP,
      says: 'A memcached node swaps, which makes every request slow.',
      metric: memcached.metricSwapUsage({ period }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: (thresholds.memcachedSwap ?? Size.mebibytes(50)).toBytes(),
      evaluationPeriods: 3,
      treatMissingData: NOT_BREACHING,
    },
    {
      alarm: DashboardAlarm.MEMCACHED_CONNECTIONS,
      says: 'A memcached node has nearly as many connections as it accepts.',
      metric: memcached.metricCurrConnections({ period }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: thresholds.memcachedConnections ?? 50_000,
      evaluationPeriods: 3,
      treatMissingData: NOT_BREACHING,
    },
    {
      alarm: DashboardAlarm.MEMCACHED_SILENT,
      says: 'Memcached has reported no metrics for 15 minutes.',
      metric: memcached.metricCurrItems({ period }),
      // Any value is fine: only a missing one is not.
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 3,
      treatMissingData: BREACHING,
    },
  ];
}

function ofServerlessMemcached({ serverlessMemcached }: MonitoredParts): Recommended[] {
  if (!serverlessMemcached) {
    return [];
  }
  return [
    {
      alarm: DashboardAlarm.MEMCACHED_EVICTIONS,
      says: 'The cache evicts sessions because it is at its limit of data; their users have to log in again.',
      metric: serverlessMemcached.metricEvictions({ period: MINUTE }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 15,
      datapointsToAlarm: 5,
      treatMissingData: NOT_BREACHING,
    },
    {
      alarm: DashboardAlarm.MEMCACHED_THROTTLED,
      says: 'The cache throttles commands.',
      metric: serverlessMemcached.metricThrottledCmds({ period: MINUTE }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 15,
      datapointsToAlarm: 5,
      treatMissingData: NOT_BREACHING,
    },
  ];
}

function ofTheRest(
  { entry, natGateways, rotation, images }: MonitoredParts,
  thresholds: DashboardAlarmThresholds,
): Recommended[] {
  const list: Recommended[] = [];
  if (entry.certificate && mayBeInAcm(entry.certificate)) {
    list.push({
      alarm: DashboardAlarm.CERTIFICATE,
      says: 'The certificate expires soon, or has expired.',
      // It is published once a day, and no more once the certificate has expired.
      metric: entry.metricCertificateDaysToExpiry(),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: (thresholds.certificateExpiry ?? Duration.days(30)).toDays(),
      evaluationPeriods: 1,
      treatMissingData: BREACHING,
    });
  }
  if (natGateways?.length) {
    list.push({
      alarm: DashboardAlarm.NAT_PORTS,
      says: 'A NAT gateway has no ports left for connections to one destination, such as Keystone.',
      metric: portErrors(natGateways),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: NOT_BREACHING,
    });
  }
  if (rotation) {
    list.push({
      alarm: DashboardAlarm.ROTATION,
      says: 'A rotation of the secret key failed.',
      metric: rotation.metricFailed({ period: FIVE_MINUTES }),
      comparisonOperator: AT_LEAST,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: NOT_BREACHING,
    });
  }
  if (images?.length) {
    list.push({
      alarm: DashboardAlarm.BAKE,
      says: 'A bake of a machine image failed; hosts start from the image before.',
      metric: sum(
        'image',
        images.map((image) => image.metricFailed({ period: FIVE_MINUTES })),
        FIVE_MINUTES,
        'bakes that failed',
      ),
      comparisonOperator: AT_LEAST,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: NOT_BREACHING,
    });
  }
  return list;
}

function ofLogs(
  { hosts, staticTier }: MonitoredParts,
  thresholds: DashboardAlarmThresholds,
): Recommended[] {
  const list: Recommended[] = [];
  const each = {
    comparisonOperator: GREATER_THAN_THRESHOLD,
    threshold: 0,
    evaluationPeriods: 1,
    treatMissingData: NOT_BREACHING,
  };
  if (hosts.logGroup) {
    list.push({
      ...each,
      alarm: DashboardAlarm.SEALING,
      says: 'Hosts reject sessions or cookies that somebody has forged.',
      metric: hosts.logGroup.metricForgedValues({ period: FIVE_MINUTES }),
    });
  }
  const [logGroup, another] = new Set(
    [hosts.logGroup, staticTier?.logGroup].filter((group) => group !== undefined),
  );
  if (logGroup) {
    const failed = logGroup.metricFailedStarts({ period: FIVE_MINUTES });
    list.push({
      ...each,
      alarm: DashboardAlarm.BOOT,
      says: 'A host failed to start.',
      metric: another
        ? new cloudwatch.MathExpression({
            expression: 'FILL(one, 0) + FILL(other, 0)',
            usingMetrics: {
              one: failed,
              other: another.metricFailedStarts({ period: FIVE_MINUTES }),
            },
            period: FIVE_MINUTES,
            label: 'failed starts',
          })
        : failed,
    });
  }
  if (hosts.logGroup) {
    list.push({
      ...each,
      alarm: DashboardAlarm.BRUTE_FORCE,
      says: 'Many logins fail: somebody may be guessing passwords.',
      metric: hosts.logGroup.metricFailedLogins({ period: FIVE_MINUTES }),
      threshold: thresholds.failedLogins ?? 50,
    });
  }
  return list;
}

function portErrors(gateways: readonly ec2.CfnNatGateway[]): cloudwatch.IMetric {
  return sum(
    'gateway',
    gateways.map((gateway) => metricPortErrors(gateway, { period: MINUTE })),
    MINUTE,
    'connections without a port',
  );
}

/** The sum of one metric of several resources. */
function sum(
  name: string,
  metrics: readonly cloudwatch.Metric[],
  period: Duration,
  label: string,
): cloudwatch.IMetric {
  if (metrics.length === 1) {
    return metrics[0];
  }
  const usingMetrics = Object.fromEntries(
    metrics.map((metric, index) => [`${name}${index}`, metric] as const),
  );
  return new cloudwatch.MathExpression({
    expression: Object.keys(usingMetrics)
      .map((id) => `FILL(${id}, 0)`)
      .join(' + '),
    usingMetrics,
    period,
    label,
  });
}

/**
 * The number of requests to a load balancer leaves out those that it could not choose a target for,
 * such as all of them while no host is healthy.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
const WITH_REJECTED = '(FILL(requests, 0) + FILL(errors, 0))';

/**
 * Without quiet minutes, in which a single scanner would be an outage.
 *
 * @param all the number of requests, as an expression of `requests` and `errors`
 */
function percentage(
  errors: cloudwatch.IMetric,
  requests: cloudwatch.IMetric,
  all = 'requests',
): cloudwatch.IMetric {
  return new cloudwatch.MathExpression({
    expression: `IF(${all} > 20, 100 * FILL(errors, 0) / ${all}, 0)`,
    usingMetrics: { errors, requests },
    period: MINUTE,
    label: 'errors in percent of requests',
  });
}

function difference(
  minuend: cloudwatch.IMetric,
  subtrahend: cloudwatch.IMetric,
  label: string,
): cloudwatch.IMetric {
  return new cloudwatch.MathExpression({
    expression: 'minuend - subtrahend',
    usingMetrics: { minuend, subtrahend },
    period: MINUTE,
    label,
  });
}
