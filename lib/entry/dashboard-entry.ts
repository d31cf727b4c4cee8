import { Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { RoutingPolicy } from './routing-policy';

/**
 * Options of the listener rules and the records of the dashboard.
 */
export interface ListenerRuleOptions {
  /**
   * The priority of the first listener rule; the next one is used too. Dashboards that share a
   * listener need different priorities: two rules with the same priority are an error at synth
   * time.
   *
   * @default 100
   */
  readonly rulePriority?: number;

  /**
   * How Route 53 chooses between this dashboard and another one with the same names. It applies to
   * all records in `hostedZone`, which it requires.
   *
   * @default - this dashboard gets all users
   */
  readonly routing?: RoutingPolicy;
}

/**
 * Options of `DashboardEntry.onListener`.
 */
export interface ExistingListenerOptions extends ListenerRuleOptions {
  /**
   * The load balancer of the listener. Records in `hostedZone` need it, and dashboard hosts check
   * through it whether the static tier has their files.
   *
   * @default - not known: no records can be created, and dashboard hosts wait until every static
   * host that reaches the asset bucket has pulled their files
   */
  readonly loadBalancer?: elbv2.IApplicationLoadBalancer;
}

/**
 * Options of `DashboardEntry.onLoadBalancer`: those of new listeners.
 */
export interface NewListenerOptions extends ListenerRuleOptions {
  /**
   * The certificate of the new HTTPS listener. It must cover the dashboard's name and, unless static
   * media is on a path, the name of static media.
   *
   * @default - `OpenStackDashboard` creates one, validated in `hostedZone`; required in `HttpsEntry`
   */
  readonly certificate?: acm.ICertificateRef;

  /**
   * The TLS policy of the new HTTPS listener, with TLS 1.2 or later (statements 52 and 53).
   *
   * @default SslPolicy.TLS13_12_RES_PQ
   */
  readonly sslPolicy?: elbv2.SslPolicy;

  /**
   * The clients that can connect.
   *
   * @default - any IPv4 address and, if the load balancer is known to be dual-stack, any IPv6
   * address
   */
  readonly clients?: ec2.IPeer[];
}

/**
 * Options of `DashboardEntry.newLoadBalancer`.
 */
export interface NewLoadBalancerOptions extends NewListenerOptions {
  /**
   * Whether the load balancer is on the internet. Changing it replaces the load balancer, which
   * gets another DNS name: turn `deletionProtection` off first, and update records that this
   * construct did not create. A load balancer that is not on the internet needs a certificate too.
   * AWS Certificate Manager only validates its name in a public zone; without one, use a
   * certificate of a private CA or an imported one.
   *
   * @default true
   */
  readonly internetFacing?: boolean;

  /**
   * The subnets of the load balancer.
   *
   * @default - public subnets, or private ones if it is not on the internet
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The IP versions of the load balancer. With a dual-stack type, its subnets need IPv6 addresses,
   * such as those of a dual-stack `DashboardNetwork`. AAAA records are created in
   * `hostedZone` too, or only these if there is no public IPv4 address.
   *
   * @default IpAddressType.IPV4
   */
  readonly ipAddressType?: elbv2.IpAddressType;

  /**
   * How long the load balancer keeps an idle connection, in whole seconds from 60 to 600. Hosts may
   * take 60 seconds to answer, and keep idle connections longer than the load balancer.
   *
   * @default - 60 seconds, or longer with `ImageUpload.legacy()` of large images
   */
  readonly idleTimeout?: Duration;

  /**
   * The security groups of the load balancer.
   *
   * @default - a new one that admits `clients` to ports 443 and 80, without open egress
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Whether the load balancer is protected from deletion. Turn it on in an update after the first
   * deployment: while it is on, CloudFormation cannot roll back the deployment that creates the
   * load balancer, and the load balancer and its VPC remain and incur costs.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;

  /**
   * The bucket for the access log, under `load-balancer/`. It must be encrypted with S3's own keys.
   *
   * @default - `logBucket` of `OpenStackDashboard`; in `HttpsEntry`, a new one
   */
  readonly logBucket?: s3.IBucket;

  /**
   * The web ACL of AWS WAF that inspects requests, such as a `DashboardWebAcl`. It must be regional.
   *
   * @default - none
   */
  readonly webAcl?: wafv2.IWebACLRef;
}

/**
 * Where the dashboard receives requests: on a new load balancer, on new listeners of an existing
 * load balancer, or on an existing listener.
 */
export class DashboardEntry {
  /**
   * Creates an Application Load Balancer with an HTTPS listener on port 443, and one on port 80 that
   * redirects to it.
   */
  public static newLoadBalancer(options?: NewLoadBalancerOptions): DashboardEntry {
    return new DashboardEntry(options ?? {});
  }

  /**
   * Adds listeners on ports 443 and 80 to an existing Application Load Balancer, whose attributes
   * are not changed.
   *
   * @param loadBalancer the load balancer
   */
  public static onLoadBalancer(
    loadBalancer: elbv2.IApplicationLoadBalancer,
    options?: NewListenerOptions,
  ): DashboardEntry {
    return new DashboardEntry(options ?? {}, loadBalancer);
  }

  /**
   * Adds rules for the dashboard's names to an existing HTTPS listener. The owner of the listener
   * provides its certificate, its TLS policy and the redirect from HTTP.
   *
   * @param listener the listener, on port 443
   */
  public static onListener(
    listener: elbv2.IApplicationListener,
    options?: ExistingListenerOptions,
  ): DashboardEntry {
    const { loadBalancer, ...rules } = options ?? {};
    return new DashboardEntry(rules, loadBalancer, listener);
  }

  /** The options; those of a new load balancer only without an existing one. @internal */
  public readonly _options: NewLoadBalancerOptions;

  /** The existing load balancer. @internal */
  public readonly _loadBalancer?: elbv2.IApplicationLoadBalancer;

  /** The existing listener. @internal */
  public readonly _listener?: elbv2.IApplicationListener;

  private constructor(
    options: NewLoadBalancerOptions,
    loadBalancer?: elbv2.IApplicationLoadBalancer,
    listener?: elbv2.IApplicationListener,
  ) {
    this._options = options;
    this._loadBalancer = loadBalancer;
    this._listener = listener;
  }

  /** The same entry, with values for options that were left out. @internal */
  public _withDefaults(
    defaults: Pick<NewLoadBalancerOptions, 'certificate' | 'logBucket'>,
  ): DashboardEntry {
    const { certificate = defaults.certificate, logBucket = defaults.logBucket } = this._options;
    return new DashboardEntry(
      { ...this._options, certificate, logBucket },
      this._loadBalancer,
      this._listener,
    );
  }
}
