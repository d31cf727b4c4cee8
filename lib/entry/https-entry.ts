import { Duration, Stack, Token, Validations } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { MAX_IDLE_TIMEOUT_SECONDS, MIN_IDLE_TIMEOUT_SECONDS } from '../contract/constants';
import { HostGroup } from '../hosts/host-group';
import { requireDomainName, requireInteger, requireSeconds } from '../shared/validate';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';
import { StaticTier } from '../static/static-tier';
import { requireCertificate } from './certificate';
import { DashboardEntry, NewLoadBalancerOptions } from './dashboard-entry';
import { HostsHealthCheck } from './hosts-health-check';
import { isDualStack } from './ip-address-type';
import { RoutingPolicy } from './routing-policy';
import { allowLoadBalancerLogs, createLogBucket, dependOnPolicy } from '../logs/log-bucket';

/**
 * Properties of `HttpsEntry`.
 */
export interface HttpsEntryProps {
  /** The VPC of the load balancer. */
  readonly vpc: ec2.IVpc;

  /** The fully qualified name of the dashboard. */
  readonly domainName: string;

  /**
   * The load balancer and its listeners, new or existing. With a new HTTPS listener, the option
   * `certificate` is required.
   */
  readonly entry: DashboardEntry;

  /**
   * The Route 53 zone in which records for the names are created. Use a private one for a load
   * balancer that is not on the internet.
   *
   * @default - no records are created
   */
  readonly hostedZone?: route53.IHostedZone;

  /**
   * How long hosts may take to answer, in whole seconds. The idle timeout of a new load balancer is
   * longer; for an existing one, a warning says which one it needs.
   *
   * @default - less than a minute
   */
  readonly responseTimeout?: Duration;
}

/** How much longer than hosts a load balancer waits, so that a host can report the reason. */
const IDLE_MARGIN_SECONDS = 4;

function leastIdleTimeout(responseTimeout?: Duration): number {
  const seconds = (responseTimeout?.toSeconds() ?? 0) + IDLE_MARGIN_SECONDS;
  return Math.max(MIN_IDLE_TIMEOUT_SECONDS, seconds);
}

/** The number of names that one listener rule can match. */
const RULE_VALUES = 5;

/** Policies that allow TLS 1.0 or 1.1 (statement 52), by their names. */
const OLD_TLS = /(TLS-1-0|TLS-1-1|TLS13-1-0|TLS13-1-1|2016-08|2015-05|FS-2018|FS-1-1)/;

/**
 * The HTTPS entry: an Application Load Balancer whose port 443 only serves the dashboard's names
 * and whose port 80 only redirects (statement 17). It caches nothing (statement 20).
 */
export class HttpsEntry extends Construct {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-openstack-dashboard.HttpsEntry';

  /** The fully qualified name of the dashboard. */
  public readonly domainName: string;

  /** The HTTPS listener. */
  public readonly listener: elbv2.IApplicationListener;

  /**
   * The listener that redirects HTTP.
   *
   * @default - none if an existing HTTPS listener is given
   */
  public readonly redirectListener?: elbv2.ApplicationListener;

  /**
   * The certificate of the new HTTPS listener.
   *
   * @default - none if an existing HTTPS listener is given
   */
  public readonly certificate?: acm.ICertificateRef;

  /** The load balancer, imported or not. @internal */
  public readonly _loadBalancer?: elbv2.IApplicationLoadBalancer;

  private readonly hostedZone?: route53.IHostedZone;
  private readonly rulePriority: number;
  private readonly routing?: RoutingPolicy;

  /**
   * @throws if the certificate is missing or cannot be used by the listener, an existing listener is
   * not on port 443, the TLS policy allows TLS 1.1 or older, `idleTimeout` is not from 60 to 600
   * seconds or too short for `responseTimeout`, `routing` is given without `hostedZone`, or the log bucket is encrypted with KMS; at synth time, if another rule of the listener
   * has the same priority
   */
  constructor(scope: Construct, id: string, props: HttpsEntryProps) {
    super(scope, id);
    props = injectProps(HttpsEntry, scope, id, props);
    const { _options: options, _listener: existingListener } = props.entry;
    requireDomainName(this, 'domainName', props.domainName);
    this.domainName = props.domainName;
    this.hostedZone = props.hostedZone;
    requireInZone(this, 'domainName', props.domainName, props.hostedZone);
    this.routing = options.routing;
    if (this.routing && !props.hostedZone) {
      throw invalid(
        this,
        'hostedZone',
        'be given with routing',
        null,
        'the routing policy is that of the records',
      );
    }
    this.rulePriority = options.rulePriority ?? 100;
    // The next priority of a value that is not known at synth time is not known.
    if (Token.isUnresolved(this.rulePriority)) {
      throw invalid(this, 'rulePriority', 'be known at synth time', this.rulePriority);
    }
    requireInteger(this, 'rulePriority', this.rulePriority, 1, 49999);

    this.node.addValidation({ validate: () => this.validatePriorities() });
    const least = leastIdleTimeout(props.responseTimeout);
    if (least > MIN_IDLE_TIMEOUT_SECONDS && (existingListener || props.entry._loadBalancer)) {
      Validations.of(this).addWarning(
        'cdk-openstack-dashboard:idleTimeout',
        `the load balancer must have an idle timeout of ${least} seconds or more: hosts may take ${least - IDLE_MARGIN_SECONDS} seconds to answer`,
      );
    }
    if (existingListener) {
      requirePort443(this, existingListener);
      this._loadBalancer = props.entry._loadBalancer;
      this.listener = existingListener;
      return;
    }
    if (!options.certificate) {
      throw invalid(this, 'certificate', 'be given for a new HTTPS listener', null);
    }
    requireCertificate(this, 'certificate', options.certificate);
    this.certificate = options.certificate;
    const sslPolicy = options.sslPolicy ?? elbv2.SslPolicy.TLS13_12_RES_PQ;
    if (!Token.isUnresolved(sslPolicy) && OLD_TLS.test(sslPolicy)) {
      throw invalid(
        this,
        'sslPolicy',
        'allow only TLS 1.2 and later, such as ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
        sslPolicy,
      );
    }
    const loadBalancer =
      props.entry._loadBalancer ?? this.createLoadBalancer(props.vpc, options, least);
    this._loadBalancer = loadBalancer;
    const listener = loadBalancer.addListener('Https', {
      port: 443,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      certificates: [elbv2.ListenerCertificate.fromCertificateManager(options.certificate)],
      sslPolicy,
      open: false,
      // A name that is not the dashboard's never gets to a host
      defaultAction: elbv2.ListenerAction.fixedResponse(404, {
        contentType: 'text/plain',
        messageBody: 'no such site',
      }),
    });
    this.listener = listener;
    this.redirectListener = loadBalancer.addListener('Redirect', {
      port: 80,
      protocol: elbv2.ApplicationProtocol.HTTP,
      open: false,
      defaultAction: elbv2.ListenerAction.redirect({
        protocol: 'HTTPS',
        host: props.domainName,
        port: '443',
        permanent: true,
      }),
    });
    const anybody = this.hasIpv6 ? [ec2.Peer.anyIpv4(), ec2.Peer.anyIpv6()] : [ec2.Peer.anyIpv4()];
    for (const client of options.clients ?? anybody) {
      listener.connections.allowFrom(client, ec2.Port.tcp(443), 'browsers');
      this.redirectListener.connections.allowFrom(client, ec2.Port.tcp(80), 'redirected to HTTPS');
    }
  }

  /**
   * The load balancer: the new one, or the existing one if this app creates it. An imported load
   * balancer is only available where it was imported.
   *
   * @throws if the load balancer is imported, or an existing listener is given without it
   */
  public get loadBalancer(): elbv2.ApplicationLoadBalancer {
    if (!(this._loadBalancer instanceof elbv2.ApplicationLoadBalancer)) {
      throw invalid(
        this,
        'loadBalancer',
        'only be used if this app creates the load balancer',
        undefined,
        this._loadBalancer
          ? 'use the imported one'
          : 'give it to DashboardEntry.onListener() as loadBalancer',
      );
    }
    return this._loadBalancer;
  }

  /**
   * Whether `loadBalancer` can be used.
   */
  public get hasLoadBalancer(): boolean {
    return this._loadBalancer instanceof elbv2.ApplicationLoadBalancer;
  }

  /**
   * Adds a listener rule that forwards the dashboard's names to its hosts.
   *
   * @param hosts the dashboard hosts
   * @param additionalHosts further names of the dashboard, four at most
   * @throws if there are more names than a listener rule supports, or `hostedZone` is given, but not
   * the load balancer of the existing listener
   */
  public addDashboard(hosts: HostGroup, additionalHosts?: string[]): void {
    const names = [this.domainName, ...(additionalHosts ?? [])];
    if (names.length > RULE_VALUES) {
      throw invalid(
        this,
        'additionalHosts',
        `have at most ${RULE_VALUES - 1} names`,
        names.length - 1,
        `a listener rule has at most ${RULE_VALUES} values`,
      );
    }
    this.addRule('Dashboard', this.rulePriority + 1, hosts, [
      elbv2.ListenerCondition.hostHeaders(names),
    ]);
    names.forEach((name, index) =>
      this.addRecord(`Dashboard${index || ''}`, index ? 'additionalHosts' : 'domainName', name),
    );
  }

  /**
   * Adds a listener rule that forwards the static name, or the path of static media, to the static
   * hosts.
   *
   * @throws if `hostedZone` is given, but not the load balancer of the existing listener
   */
  public addStaticTier(tier: StaticTier): void {
    this.addRule('Static', this.rulePriority, tier, [
      elbv2.ListenerCondition.hostHeaders([tier.serverName]),
      elbv2.ListenerCondition.pathPatterns(tier.address.pathPatterns),
    ]);
    if (tier.address.ownName) {
      this.addRecord('Static', 'address', tier.serverName);
    }
  }

  /**
   * The number of requests that the load balancer forwards.
   *
   * @default - sum over five minutes
   * @throws if an existing listener is given without its load balancer
   */
  public metricRequestCount(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.requestCount(props);
  }

  /**
   * The number of answers with a status of 500 to 599 that come from the load balancer itself.
   *
   * @default - sum over five minutes
   * @throws if an existing listener is given without its load balancer
   */
  public metricServerErrorCount(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, props);
  }

  /**
   * The number of days until the certificate of the new HTTPS listener expires. It is published daily
   * until the certificate has expired.
   *
   * @default - minimum over one day
   * @throws if an existing listener is given
   */
  public metricCertificateDaysToExpiry(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this.certificate) {
      throw invalid(this, 'certificate', 'be that of a new listener to have a metric', null);
    }
    return new cloudwatch.Metric({
      namespace: 'AWS/CertificateManager',
      metricName: 'DaysToExpiry',
      dimensionsMap: { CertificateArn: this.certificate.certificateRef.certificateArn },
      statistic: cloudwatch.Stats.MINIMUM,
      period: Duration.days(1),
      ...props,
    }).attachTo(this);
  }

  private get metrics(): elbv2.IApplicationLoadBalancerMetrics {
    if (!this._loadBalancer) {
      throw invalid(
        this,
        'loadBalancer',
        'be given to DashboardEntry.onListener() to have metrics',
        null,
      );
    }
    return this._loadBalancer.metrics;
  }

  private addRule(
    id: string,
    priority: number,
    hosts: HostGroup,
    conditions: elbv2.ListenerCondition[],
  ): void {
    // Hosts in another stack refer to the load balancer; a rule here would refer back to them.
    const elsewhere = Stack.of(hosts) !== Stack.of(this);
    const scope = elsewhere ? new Construct(hosts, this.node.addr) : this;
    new elbv2.ApplicationListenerRule(scope, `${id}Rule`, {
      listener: this.listener,
      priority,
      conditions,
      action: elbv2.ListenerAction.forward([hosts.targetGroup]),
    });
    hosts.scaleOnRequestCount();
    const healthCheck = this.routing?._record.healthCheck;
    if (healthCheck instanceof HostsHealthCheck) {
      healthCheck.addHosts(hosts);
    }
  }

  private addRecord(id: string, prop: string, name: string): void {
    if (this.hostedZone) {
      requireInZone(this, prop, name, this.hostedZone);
      const loadBalancer = this._loadBalancer;
      if (!loadBalancer) {
        throw invalid(
          this,
          'loadBalancer',
          'be given to DashboardEntry.onListener() with hostedZone',
          null,
          'records point to it',
        );
      }
      const record = {
        zone: this.hostedZone,
        recordName: `${name}.`,
        target: route53.RecordTarget.fromAlias(
          // Of two records with the same name, only one whose load balancer has hosts is of use.
          new targets.LoadBalancerTarget(
            loadBalancer,
            this.routing && { evaluateTargetHealth: true },
          ),
        ),
        ...this.routing?._record,
      };
      if (loadBalancer.ipAddressType !== elbv2.IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4) {
        new route53.ARecord(this, `${id}Record`, record);
      }
      if (this.hasIpv6) {
        new route53.AaaaRecord(this, `${id}Ipv6Record`, record);
      }
    }
  }

  private get hasIpv6(): boolean {
    return isDualStack(this._loadBalancer?.ipAddressType);
  }

  /** AWS rejects two rules of a listener with the same priority only during deployment. */
  private validatePriorities(): string[] {
    const rules = this.node.root.node
      .findAll()
      .filter((node): node is elbv2.CfnListenerRule => node instanceof elbv2.CfnListenerRule)
      .filter((rule) => rule.listenerArn === this.listener.listenerArn);
    return rules.flatMap((rule, index) => {
      const other = rules.slice(0, index).find(({ priority }) => priority === rule.priority);
      return other
        ? [
            // The AWS CDK puts the path before it
            invalid(
              undefined,
              'rulePriority',
              'differ between the rules of one listener',
              rule.priority,
              `${other.node.path} and ${rule.node.path} have the same`,
            ).message,
          ]
        : [];
    });
  }

  private createLoadBalancer(
    vpc: ec2.IVpc,
    options: NewLoadBalancerOptions,
    least: number,
  ): elbv2.ApplicationLoadBalancer {
    if (options.idleTimeout) {
      requireSeconds(this, 'idleTimeout', options.idleTimeout, least, MAX_IDLE_TIMEOUT_SECONDS);
    }
    const idleTimeout =
      options.idleTimeout ??
      (least > MIN_IDLE_TIMEOUT_SECONDS ? Duration.seconds(least) : undefined);
    const securityGroups = options.securityGroups ?? [
      new ec2.SecurityGroup(this, 'SecurityGroup', {
        vpc,
        description: `Load balancer of ${this.node.path}`,
        allowAllOutbound: false,
      }),
    ];
    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      vpcSubnets: options.vpcSubnets,
      internetFacing: options.internetFacing ?? true,
      securityGroup: securityGroups[0],
      dropInvalidHeaderFields: true,
      http2Enabled: true,
      deletionProtection: options.deletionProtection ?? false,
      ipAddressType: options.ipAddressType,
      idleTimeout,
      desyncMitigationMode: elbv2.DesyncMitigationMode.STRICTEST,
    });
    for (const group of securityGroups.slice(1)) {
      loadBalancer.addSecurityGroup(group);
    }

    const logBucket = options.logBucket ?? createLogBucket(this, 'Logs');
    allowLoadBalancerLogs(this, logBucket, 'load-balancer');
    loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
    loadBalancer.setAttribute('access_logs.s3.bucket', logBucket.bucketName);
    loadBalancer.setAttribute('access_logs.s3.prefix', 'load-balancer');
    dependOnPolicy(loadBalancer.node.defaultChild as Construct, logBucket);
    if (options.webAcl) {
      new wafv2.CfnWebACLAssociation(this, 'WebAclAssociation', {
        resourceArn: loadBalancer.loadBalancerArn,
        webAclArn: options.webAcl.webAclRef.webAclArn,
      });
    }
    this.node.defaultChild = loadBalancer.node.defaultChild;
    return loadBalancer;
  }
}

/** The URLs of static media and of redirects have no port. */
function requirePort443(scope: Construct, listener: elbv2.IApplicationListener): void {
  const resource = listener.node.defaultChild;
  if (!(resource instanceof elbv2.CfnListener)) {
    return;
  }
  const { port } = resource;
  if (port !== undefined && !Token.isUnresolved(port) && port !== 443) {
    throw invalid(scope, 'listener', 'be on port 443', port);
  }
}

function requireInZone(
  scope: Construct,
  prop: string,
  name: string,
  zone?: route53.IHostedZone,
): void {
  if (!zone || Token.isUnresolved(name) || Token.isUnresolved(zone.zoneName)) {
    return;
  }
  const zoneName = zone.zoneName.replace(/\.$/, '');
  if (name !== zoneName && !name.endsWith(`.${zoneName}`)) {
    throw invalid(scope, prop, `be in the hosted zone ${zoneName}`, name);
  }
}
