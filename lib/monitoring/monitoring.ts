import { Construct } from 'constructs';
import { DashboardAlarms, DashboardAlarmsOptions } from './dashboard-alarms';
import { DashboardOverview } from './dashboard-overview';
import { MonitoredParts } from './monitored-parts';

/** What `Monitoring` created. */
export interface MonitoringResources {
  /**
   * The alarms.
   *
   * @default - none
   */
  readonly alarms?: DashboardAlarms;

  /**
   * The dashboard in CloudWatch.
   *
   * @default - none
   */
  readonly overview?: DashboardOverview;
}

/**
 * How a dashboard is monitored.
 */
export abstract class Monitoring {
  /**
   * The alarms that are recommended, and a dashboard in CloudWatch.
   *
   * @param options the topic that is notified, thresholds, and alarms to leave out
   */
  public static alarms(options: DashboardAlarmsOptions = {}): Monitoring {
    return new Alarms(options);
  }

  /**
   * No alarms, because something else monitors the dashboard.
   */
  public static none(): Monitoring {
    return new None();
  }

  /**
   * Creates the resources.
   *
   * @param scope the scope of the resources
   * @param parts the parts to monitor
   */
  public abstract bind(scope: Construct, parts: MonitoredParts): MonitoringResources;
}

class Alarms extends Monitoring {
  constructor(private readonly options: DashboardAlarmsOptions) {
    super();
  }

  public bind(scope: Construct, parts: MonitoredParts): MonitoringResources {
    const alarms = new DashboardAlarms(scope, 'Alarms', { ...this.options, parts });
    return { alarms, overview: new DashboardOverview(scope, 'Overview', { parts, alarms }) };
  }
}

class None extends Monitoring {
  public bind(): MonitoringResources {
    return {};
  }
}
