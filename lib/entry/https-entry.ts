import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { HOST_KEEPALIVE_SECONDS, MIN_IDLE_TIMEOUT_SECONDS } from '../contract/constants';
import { HostGroup } from '../hosts/host-group';
import { requireDomainName, requireInteger, requireSeconds } from '../shared/validate';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';
import { StaticTier } from '../static/static-tier';
import { requireCertificate } from './certificate';
import { isDualStack } from './ip-address-type';
import { allowLoadBalancerLogs, createLogBucket, dependOnPolicy } from '../logs/log-bucket';

/**
 * Options of `HttpsEntry`.
 */
export interface HttpsEntryOptions {
  /**
   * An existing Application Load Balancer. Listeners on ports 443 and 80 are added to it; its
   * attributes are not changed.
   *
   * @default - a new one
   */
  readonly loadBalancer?: elbv2.IApplicationLoadBalancer;

  /**
   * An existing HTTPS listener on port 443 with a certificate. Rules for the dashboard's names are
   * added to it. The owner of the listener provides the redirect from HTTP.
   *
   * @default - a new one on port 443
   */
  readonly listener?: elbv2.IApplicationListener;

  /**
   * The priority of the first listener rule; the next one is used too. Dashboards that share a
   * listener need different priorities: two rules with the same priority are an error at synth
   * time.
   *
   * @default 100
   */
  readonly rulePriority?: number;

  /**
   * Whether the new load balancer is on the internet. Changing it replaces the load balancer, which
   * gets another DNS name: turn `deletionProtection` off first, and update records that this
   * construct did not create. A load balancer that is not on the internet needs a certificate too.
   * AWS Certificate Manager only validates its name in a public zone; without one, use a
   * certificate of a private CA or an imported one.
   *
   * @default true
   */
  readonly internetFacing?: boolean;

  /**
   * The subnets of the new load balancer.
   *
   * @default - public subnets, or private ones if it is not on the internet
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The IP versions of the new load balancer. With a dual-stack type, its subnets need IPv6
   * addresses, which the VPC that `OpenStackDashboard` creates does not have. AAAA records are
   * created in `hostedZone` too, or only these if there is no public IPv4 address.
   *
   * @default IpAddressType.IPV4
   */
  readonly ipAddressType?: elbv2.IpAddressType;

  /**
   * How long the new load balancer keeps an idle connection, in whole seconds from 60 to 74. Hosts
   * may take 60 seconds to answer, and keep idle connections for 75 seconds, which must be longer
   * than the load balancer does.
   *
   * @default Duration.seconds(60)
   */
  readonly idleTimeout?: Duration;

  /**
   * The security groups of the new load balancer.
   *
   * @default - a new one that admits `clients` to ports 443 and 80, without open egress
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * The clients that can connect.
   *
   * @default - any IPv4 address and, with a dual-stack `ipAddressType`, any IPv6 address
   */
  readonly clients?: ec2.IPeer[];

  /**
   * The TLS policy of the new listener, with TLS 1.2 or later (statements 52 and 53).
   *
   * @default SslPolicy.TLS13_12_RES_PQ
   */
  readonly sslPolicy?: elbv2.SslPolicy;

  /**
   * Whether the new load balancer is protected from deletion. Turn it on in an update after the
   * first deployment: while it is on, CloudFormation cannot roll back the deployment that creates
   * the load balancer, and the load balancer and its VPC remain and incur costs.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;

  /**
   * The bucket for the access log, under `load-balancer/`. It must be encrypted with S3's own keys.
   *
   * @default - a new one
   */
  readonly logBucket?: s3.IBucket;
}

/**
 * Properties of `HttpsEntry`.
 */
export interface HttpsEntryProps extends HttpsEntryOptions {
  /** The VPC of the load balancer. */
  readonly vpc: ec2.IVpc;

  /** The fully qualified name of the dashboard. */
  readonly domainName: string;

  /**
   * The certificate of the new listener. It must cover the dashboard's name and the name of static
   * media, if there is one.
   *
   * @default - none; required unless `listener` is given
   */
  readonly certificate?: acm.ICertificate;

  /**
   * The Route 53 zone in which records for the names are created. Use a private one for a load
   * balancer that is not on the internet.
   *
   * @default - no records are created
   */
  readonly hostedZone?: route53.IHostedZone;
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

  private readonly knownLoadBalancer?: elbv2.IApplicationLoadBalancer;
  private readonly createdLoadBalancer?: elbv2.ApplicationLoadBalancer;
  private readonly hostedZone?: route53.IHostedZone;
  private readonly rulePriority: number;

  /**
   * @throws if the certificate is missing or cannot be used by the listener, a listener is not on
   * port 443 or is given together with options of a new listener or load balancer, the TLS policy
   * allows TLS 1.1 or older, or the log bucket is encrypted with KMS; at synth time, if another
   * rule of the listener has the same priority
   */
  constructor(scope: Construct, id: string, props: HttpsEntryProps) {
    super(scope, id);
    props = injectProps(HttpsEntry, scope, id, props);
    requireDomainName(this, 'domainName', props.domainName);
    this.domainName = props.domainName;
    this.hostedZone = props.hostedZone;
    requireInZone(this, 'domainName', props.domainName, props.hostedZone);
    this.rulePriority = props.rulePriority ?? 100;
    // the next priority of a value that is not known at synth time is not known
    if (Token.isUnresolved(this.rulePriority)) {
      throw invalid(this, 'rulePriority', 'be known at synth time', this.rulePriority);
    }
    requireInteger(this, 'rulePriority', this.rulePriority, 1, 49999);
    refuse(this, props, 'listener', ['certificate', 'sslPolicy', 'clients']);
    for (const existing of ['listener', 'loadBalancer'] as const) {
      refuse(this, props, existing, [
        'internetFacing',
        'vpcSubnets',
        'securityGroups',
        'deletionProtection',
        'ipAddressType',
        'idleTimeout',
        'logBucket',
      ]);
    }

    this.node.addValidation({ validate: () => this.validatePriorities() });
    if (props.listener) {
      requirePort443(this, props.listener);
      this.knownLoadBalancer = props.loadBalancer;
      this.listener = props.listener;
      return;
    }
    if (!props.certificate) {
      throw invalid(this, 'certificate', 'be given if listener is not', null);
    }
    requireCertificate(this, 'certificate', props.certificate);
    const sslPolicy = props.sslPolicy ?? elbv2.SslPolicy.TLS13_12_RES_PQ;
    if (!Token.isUnresolved(sslPolicy) && OLD_TLS.test(sslPolicy)) {
      throw invalid(
        this,
        'sslPolicy',
        'allow only TLS 1.2 and later, such as ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
        sslPolicy,
      );
    }
    if (!props.loadBalancer) {
      this.createdLoadBalancer = this.createLoadBalancer(props);
      this.node.defaultChild = this.createdLoadBalancer.node.defaultChild;
    }
    const loadBalancer = props.loadBalancer ?? this.newLoadBalancer;
    this.knownLoadBalancer = loadBalancer;
    const listener = loadBalancer.addListener('Https', {
      port: 443,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      certificates: [props.certificate],
      sslPolicy,
      open: false,
      // a name that is not the dashboard's never gets to a host
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
    for (const client of props.clients ?? anybody) {
      listener.connections.allowFrom(client, ec2.Port.tcp(443), 'browsers');
      this.redirectListener.connections.allowFrom(client, ec2.Port.tcp(80), 'redirected to HTTPS');
    }
  }

  /**
   * The load balancer.
   *
   * @throws if a listener is given without its load balancer
   */
  public get loadBalancer(): elbv2.IApplicationLoadBalancer {
    if (!this.knownLoadBalancer) {
      throw invalid(this, 'loadBalancer', 'be given with listener to be known here', null);
    }
    return this.knownLoadBalancer;
  }

  /**
   * The load balancer that this construct created, for methods that its interface does not have,
   * such as `setAttribute`.
   *
   * @throws if a listener or a load balancer is given
   */
  public get newLoadBalancer(): elbv2.ApplicationLoadBalancer {
    if (!this.createdLoadBalancer) {
      throw invalid(
        this,
        'newLoadBalancer',
        'only be used without listener and loadBalancer; use the existing load balancer',
      );
    }
    return this.createdLoadBalancer;
  }

  /**
   * Whether `loadBalancer` is known.
   */
  public get hasLoadBalancer(): boolean {
    return this.knownLoadBalancer !== undefined;
  }

  /**
   * Adds a listener rule that forwards the dashboard's names to its hosts.
   *
   * @param hosts the dashboard hosts
   * @param additionalHosts further names of the dashboard, four at most
   * @throws if there are more names than a listener rule supports
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
  }

  private addRecord(id: string, prop: string, name: string): void {
    if (this.hostedZone) {
      requireInZone(this, prop, name, this.hostedZone);
      const record = {
        zone: this.hostedZone,
        recordName: `${name}.`,
        target: route53.RecordTarget.fromAlias(new targets.LoadBalancerTarget(this.loadBalancer)),
      };
      if (this.loadBalancer.ipAddressType !== elbv2.IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4) {
        new route53.ARecord(this, `${id}Record`, record);
      }
      if (this.hasIpv6) {
        new route53.AaaaRecord(this, `${id}Ipv6Record`, record);
      }
    }
  }

  private get hasIpv6(): boolean {
    return isDualStack(this.loadBalancer.ipAddressType);
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
            // the AWS CDK puts the path before it
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

  private createLoadBalancer(props: HttpsEntryProps): elbv2.ApplicationLoadBalancer {
    const internetFacing = props.internetFacing ?? true;
    if (props.idleTimeout) {
      const bounds = [MIN_IDLE_TIMEOUT_SECONDS, HOST_KEEPALIVE_SECONDS - 1] as const;
      requireSeconds(this, 'idleTimeout', props.idleTimeout, ...bounds);
    }
    const securityGroups = props.securityGroups ?? [
      new ec2.SecurityGroup(this, 'SecurityGroup', {
        vpc: props.vpc,
        description: `Load balancer of ${this.node.path}`,
        allowAllOutbound: false,
      }),
    ];
    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      internetFacing,
      securityGroup: securityGroups[0],
      dropInvalidHeaderFields: true,
      http2Enabled: true,
      deletionProtection: props.deletionProtection ?? false,
      ipAddressType: props.ipAddressType,
      idleTimeout: props.idleTimeout,
      desyncMitigationMode: elbv2.DesyncMitigationMode.STRICTEST,
    });
    for (const group of securityGroups.slice(1)) {
      loadBalancer.addSecurityGroup(group);
    }

    const logBucket = props.logBucket ?? createLogBucket(this, 'Logs');
    allowLoadBalancerLogs(this, logBucket, 'load-balancer');
    loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
    loadBalancer.setAttribute('access_logs.s3.bucket', logBucket.bucketName);
    loadBalancer.setAttribute('access_logs.s3.prefix', 'load-balancer');
    dependOnPolicy(loadBalancer.node.defaultChild as Construct, logBucket);
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

function refuse(
  scope: Construct,
  props: HttpsEntryProps,
  existing: keyof HttpsEntryProps,
  others: (keyof HttpsEntryProps)[],
): void {
  const given = others.filter((name) => props[existing] !== undefined && props[name] !== undefined);
  if (given.length) {
    throw invalid(
      scope,
      given.join(' and '),
      `not be given with ${existing}; an existing one has its own`,
    );
  }
}
