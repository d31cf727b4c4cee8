import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { mayBeInAcm } from '../entry/certificate';
import { HostGroup } from '../hosts/host-group';
import { injectProps } from '../shared/property-injection';
import { DashboardAlarms } from './dashboard-alarms';
import { MonitoredParts } from './monitored-parts';
import { metricPortErrors } from './nat-gateway';

const WIDTH = 24;
const HEIGHT = 6;

/**
 * Properties of `DashboardOverview`.
 */
export interface DashboardOverviewProps {
  /** The parts to show. `OpenStackDashboard.monitoredParts` has those of a whole dashboard. */
  readonly parts: MonitoredParts;

  /**
   * The alarms, whose states are in the first row.
   *
   * @default - no states of alarms
   */
  readonly alarms?: DashboardAlarms;
}

/**
 * A dashboard in CloudWatch for the person on call: from top to bottom, what is in alarm, what users
 * notice, the hosts of each tier, the sessions, and the rest.
 */
export class DashboardOverview extends Construct {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string =
    'cdk-openstack-dashboard.DashboardOverview';

  /** The dashboard in CloudWatch, for example to add widgets. */
  public readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, props: DashboardOverviewProps) {
    super(scope, id);
    props = injectProps(DashboardOverview, scope, id, props);
    const { parts, alarms } = props;
    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.hours(3),
      periodOverride: cloudwatch.PeriodOverride.AUTO,
    });
    this.node.defaultChild = this.dashboard.node.defaultChild;
    if (alarms) {
      const states = alarms.usersNotice ? [alarms.usersNotice, ...alarms.alarms] : alarms.alarms;
      this.dashboard.addWidgets(
        new cloudwatch.AlarmStatusWidget({
          title: `Alarms of ${parts.entry.domainName}`,
          alarms: states,
          width: WIDTH,
          height: 1 + Math.ceil(states.length / 6),
        }),
      );
    }
    this.addRow(usersNotice(parts));
    this.addRow(hosts('Dashboard hosts', parts.hosts));
    if (parts.staticTier) {
      this.addRow(hosts('Static hosts', parts.staticTier));
    }
    this.addRow(sessions(parts));
    this.addRow(theRest(parts));
  }

  /** Up to three graphs side by side. */
  private addRow(graphs: cloudwatch.GraphWidgetProps[]): void {
    if (graphs.length) {
      this.dashboard.addWidgets(
        ...graphs.map(
          (graph) => new cloudwatch.GraphWidget({ width: WIDTH / 3, height: HEIGHT, ...graph }),
        ),
      );
    }
  }
}

const fromZero = (label: string): cloudwatch.YAxisProps => ({ min: 0, label, showUnits: false });

function tiersOf(parts: MonitoredParts): [string, HostGroup][] {
  return [
    ['dashboard', parts.hosts],
    ...(parts.staticTier ? [['static', parts.staticTier] as [string, HostGroup]] : []),
  ];
}

function usersNotice(parts: MonitoredParts): cloudwatch.GraphWidgetProps[] {
  const period = Duration.minutes(1);
  const tiers = tiersOf(parts);
  const ownErrors = parts.entry._loadBalancer
    ? [parts.entry.metricServerErrorCount({ period, label: 'load balancer' })]
    : [];
  return [
    {
      title: 'Requests',
      left: tiers.map(([label, tier]) => tier.metricRequestCount({ period, label })),
      leftYAxis: fromZero('per minute'),
    },
    {
      title: 'Errors',
      left: [
        ...ownErrors,
        ...tiers.map(([label, tier]) => tier.metricServerErrorCount({ period, label })),
      ],
      leftYAxis: fromZero('per minute'),
    },
    {
      title: 'Response time',
      left: tiers.flatMap(([name, tier]) =>
        [50, 99].map((percent) =>
          tier.metricResponseTime({
            period,
            statistic: cloudwatch.Stats.percentile(percent),
            label: `${name}, p${percent}`,
          }),
        ),
      ),
      leftYAxis: fromZero('seconds'),
    },
  ];
}

function hosts(title: string, tier: HostGroup): cloudwatch.GraphWidgetProps[] {
  return [
    {
      title: `${title}: health`,
      left: [
        tier.metricHealthyHostCount({ label: 'healthy', color: cloudwatch.Color.GREEN }),
        tier.metricUnhealthyHostCount({ label: 'unhealthy', color: cloudwatch.Color.RED }),
      ],
      leftYAxis: fromZero('hosts'),
    },
    {
      title: `${title}: capacity`,
      left: [
        tier.metricMaxSize({ label: 'maximum', color: cloudwatch.Color.GREY }),
        tier.metricInServiceInstances({ label: 'in service' }),
        tier.metricMinSize({ label: 'minimum', color: cloudwatch.Color.GREY }),
      ],
      leftYAxis: fromZero('hosts'),
    },
    {
      title: `${title}: CPU`,
      left: [
        tier.metricCpuUtilization({ label: 'average' }),
        tier.metricCpuUtilization({ label: 'busiest', statistic: cloudwatch.Stats.MAXIMUM }),
      ],
      leftYAxis: { ...fromZero('percent'), max: 100 },
    },
  ];
}

function sessions({
  memcached,
  serverlessMemcached,
}: MonitoredParts): cloudwatch.GraphWidgetProps[] {
  const graphs: cloudwatch.GraphWidgetProps[] = [];
  if (memcached) {
    graphs.push(
      {
        title: 'Sessions: evicted',
        left: [memcached.metricEvictions({ label: 'evicted' })],
        leftYAxis: fromZero('per 5 minutes'),
      },
      {
        title: 'Sessions: kept, and connections',
        left: [memcached.metricCurrItems({ label: 'items on a node' })],
        right: [memcached.metricCurrConnections({ label: 'connections to a node' })],
        leftYAxis: fromZero('items'),
        rightYAxis: fromZero('connections'),
      },
      {
        title: 'Memcached: CPU',
        left: [memcached.metricCpuUtilization({ label: 'busiest node' })],
        leftYAxis: { ...fromZero('percent'), max: 100 },
      },
    );
  }
  if (serverlessMemcached) {
    graphs.push(
      {
        title: 'Sessions: evicted, and commands throttled',
        left: [
          serverlessMemcached.metricEvictions({ label: 'evicted' }),
          serverlessMemcached.metricThrottledCmds({ label: 'throttled' }),
        ],
        leftYAxis: fromZero('per 5 minutes'),
      },
      {
        title: 'Cache: data',
        left: [serverlessMemcached.metricBytesUsedForCache({ label: 'data' })],
        leftYAxis: fromZero('bytes'),
      },
      {
        title: 'Cache: processing units',
        left: [serverlessMemcached.metricProcessingUnits({ label: 'ECPUs' })],
        leftYAxis: fromZero('per 5 minutes'),
      },
    );
  }
  return graphs;
}

function theRest({
  entry,
  natGateways,
  rotation,
  images,
}: MonitoredParts): cloudwatch.GraphWidgetProps[] {
  const graphs: cloudwatch.GraphWidgetProps[] = [];
  if (natGateways?.length) {
    graphs.push({
      title: 'NAT gateways: connections without a port',
      left: natGateways.map((gateway, index) =>
        metricPortErrors(gateway, { label: `gateway ${index + 1}` }),
      ),
      leftYAxis: fromZero('per 5 minutes'),
    });
  }
  if (entry.certificate && mayBeInAcm(entry.certificate)) {
    graphs.push({
      title: 'Certificate',
      left: [entry.metricCertificateDaysToExpiry({ label: 'days to expiry' })],
      leftYAxis: fromZero('days'),
    });
  }
  if (rotation) {
    graphs.push({
      title: 'Secret key',
      left: [rotation.metricFailed({ label: 'failed rotations' })],
      leftYAxis: fromZero('per 5 minutes'),
    });
  }
  if (images?.length) {
    graphs.push({
      title: 'Machine images',
      left: images.map((image) => image.metricFailed({ label: `failed bakes, ${image.node.id}` })),
      leftYAxis: fromZero('per 5 minutes'),
    });
  }
  return graphs;
}
