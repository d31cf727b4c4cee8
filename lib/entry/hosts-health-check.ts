import { Duration, Lazy, Resource, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { HostGroup } from '../hosts/host-group';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';
import { requireInteger } from '../shared/validate';

/**
 * Properties of `HostsHealthCheck`.
 */
export interface HostsHealthCheckProps {
  /**
   * The number of consecutive minutes without a healthy host of a tier after which the dashboard is
   * unhealthy, from 1 to 60.
   *
   * @default 3
   */
  readonly minutes?: number;
}

/**
 * A Route 53 health check of a whole dashboard: it is healthy while each tier has a host that the load
 * balancer considers healthy. Route 53 reads alarms of Amazon CloudWatch, so it also works for load
 * balancers without public addresses. `HttpsEntry` adds the tiers if its `routing` has this health
 * check.
 *
 * @see docs/regions.md
 */
export class HostsHealthCheck extends Resource implements route53.IHealthCheck {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-openstack-dashboard.HostsHealthCheck';

  /** The ID of the health check. */
  public readonly healthCheckId: string;

  /** The CloudFormation resource of the health check, as an escape hatch. */
  public readonly healthCheck: route53.CfnHealthCheck;

  /** The alarms, one per tier. */
  public readonly alarms: cloudwatch.Alarm[] = [];

  private readonly children: string[] = [];
  private readonly minutes: number;

  /**
   * @throws if `minutes` is out of range; at synth time, if the health check has no hosts
   */
  constructor(scope: Construct, id: string, props: HostsHealthCheckProps = {}) {
    super(scope, id);
    props = injectProps(HostsHealthCheck, scope, id, props);
    this.minutes = props.minutes ?? 3;
    requireInteger(this, 'minutes', this.minutes, 1, 60);
    this.healthCheck = new route53.CfnHealthCheck(this, 'HealthCheck', {
      healthCheckConfig: {
        type: route53.HealthCheckType.CALCULATED,
        childHealthChecks: Lazy.list({ produce: () => this.children }),
        // Every tier
        healthThreshold: Lazy.number({ produce: () => this.children.length }),
      },
    });
    this.node.defaultChild = this.healthCheck;
    this.healthCheckId = this.healthCheck.attrHealthCheckId;
    this.node.addValidation({
      validate: () =>
        this.children.length
          ? []
          : [
              // The AWS CDK puts the path before it
              invalid(
                undefined,
                'addHosts',
                'be called with each tier',
                undefined,
                'give the health check to RoutingPolicy.failoverPrimary(), or call it yourself',
              ).message,
            ],
    });
  }

  /** A reference to the health check. */
  public get healthCheckRef(): route53.HealthCheckReference {
    return this.healthCheck.healthCheckRef;
  }

  /**
   * Adds a tier, without which the dashboard is unhealthy.
   *
   * @param hosts hosts behind a load balancer
   * @throws if the hosts are not behind a load balancer yet
   */
  public addHosts(hosts: HostGroup): void {
    const id = hosts.node.id;
    // Route 53 supports neither metric math nor percentiles.
    const alarm = new cloudwatch.Alarm(this, `No${id}`, {
      alarmDescription: `No healthy host in ${hosts.node.path}: Route 53 routes users to the secondary dashboard`,
      metric: hosts.metricHealthyHostCount({
        // Each zone reports its own hosts: zero in all of them, not in one.
        statistic: cloudwatch.Stats.MAXIMUM,
        period: Duration.minutes(1),
      }),
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: this.minutes,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
    this.alarms.push(alarm);
    const check = new route53.CfnHealthCheck(this, `${id}HealthCheck`, {
      healthCheckConfig: {
        type: route53.HealthCheckType.CLOUDWATCH_METRIC,
        alarmIdentifier: { name: alarm.alarmName, region: Stack.of(alarm).region },
        // A region that does not report is not healthy.
        insufficientDataHealthStatus: route53.InsufficientDataHealthStatusEnum.UNHEALTHY,
      },
    });
    this.children.push(check.attrHealthCheckId);
  }
}
