import { Duration, Size } from 'aws-cdk-lib';

/**
 * The thresholds of `DashboardAlarms`.
 */
export interface DashboardAlarmThresholds {
  /**
   * Errors of the load balancer, in percent of the requests, for three of five minutes. Minutes with
   * 20 requests or fewer do not count.
   *
   * @default 1
   */
  readonly loadBalancerErrors?: number;

  /**
   * Errors of the hosts of a tier, in percent of the requests, for three of five minutes. Minutes
   * with 20 requests or fewer do not count.
   *
   * @default 1
   */
  readonly hostErrors?: number;

  /**
   * The 99th percentile of the time that dashboard hosts take to answer, for 15 minutes.
   *
   * @default Duration.seconds(5)
   */
  readonly dashboardResponseTime?: Duration;

  /**
   * The 99th percentile of the time that static hosts take to answer, for 15 minutes.
   *
   * @default Duration.millis(500)
   */
  readonly staticResponseTime?: Duration;

  /**
   * The CPU utilization of the busiest memcached node in percent, for 15 minutes.
   *
   * @default 80
   */
  readonly memcachedCpu?: number;

  /**
   * The lowest CPU credit balance of a memcached node.
   *
   * @default 30
   */
  readonly memcachedCpuCredits?: number;

  /**
   * The swap space that a memcached node uses.
   *
   * @default Size.mebibytes(50)
   */
  readonly memcachedSwap?: Size;

  /**
   * The connections to a memcached node, which accepts 65,000.
   *
   * @default 50000
   */
  readonly memcachedConnections?: number;

  /**
   * The time until the certificate expires, in whole days. AWS Certificate Manager starts to renew a
   * certificate 60 days before.
   *
   * @default Duration.days(30)
   */
  readonly certificateExpiry?: Duration;

  /**
   * The number of failed logins in five minutes.
   *
   * @default 50
   */
  readonly failedLogins?: number;
}
