import { Token } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { invalid } from '../shared/errors';
import { requireInteger, requireLine } from '../shared/validate';

/** The parts of a record that depend on its routing policy. */
export type RecordRouting = Pick<
  route53.ARecordProps,
  'failover' | 'healthCheck' | 'setIdentifier' | 'weight'
>;

/**
 * How Route 53 chooses between this dashboard and another one with the same names. It applies to
 * every record of the dashboard and of static media, since a page of one dashboard refers to files that
 * only its own static media may have.
 *
 * @see docs/regions.md
 */
export class RoutingPolicy {
  /**
   * This dashboard gets the users while it is healthy.
   *
   * @param healthCheck the health check of all records, such as a `HostsHealthCheck`
   */
  public static failoverPrimary(healthCheck: route53.IHealthCheck): RoutingPolicy {
    return new RoutingPolicy({
      failover: route53.Failover.PRIMARY,
      setIdentifier: 'primary',
      healthCheck,
    });
  }

  /** This dashboard gets the users while the primary one is not healthy. */
  public static failoverSecondary(): RoutingPolicy {
    return new RoutingPolicy({ failover: route53.Failover.SECONDARY, setIdentifier: 'secondary' });
  }

  /**
   * This dashboard gets a share of the users: its weight, divided by the sum of all weights. A browser may
   * get the two names from different dashboards, so all dashboards must share one asset bucket,
   * one secret key and one session back end.
   *
   * @param weight from 0 to 255
   * @param setIdentifier a name that differs between the dashboards, such as `blue`
   * @throws if the weight or the name is out of range
   */
  public static weighted(weight: number, setIdentifier: string): RoutingPolicy {
    requireInteger(undefined, 'weight', weight, 0, 255);
    requireLine(undefined, 'setIdentifier', setIdentifier);
    if (!Token.isUnresolved(setIdentifier) && setIdentifier.length > 128) {
      throw invalid(
        undefined,
        'setIdentifier',
        'have at most 128 characters',
        setIdentifier.length,
      );
    }
    return new RoutingPolicy({ weight, setIdentifier });
  }

  /** Properties of the records. @internal */
  public readonly _record: RecordRouting;

  private constructor(record: RecordRouting) {
    this._record = record;
  }
}
