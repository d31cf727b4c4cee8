import { Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { isPrivateZone, requireCertificate } from './entry/certificate';
import { HttpsEntry, HttpsEntryOptions } from './entry/https-entry';
import { isDualStack } from './entry/ip-address-type';
import { allowFlowLogs, createLogBucket, dependOnPolicy } from './entry/log-bucket';
import { AdminAccess, InstanceConnectEndpoint } from './hosts/admin-access';
import { DashboardHosts, DashboardHostsOptions } from './hosts/dashboard-hosts';
import { HostGroupOptions } from './hosts/host-group';
import { createSecretKey } from './hosts/secret-key';
import { IMemcachedCluster } from './session/memcached';
import { MemcachedCluster } from './session/memcached-cluster';
import { SessionBackend } from './session/session-backend';
import { DashboardSettings, DashboardSettingsOptions } from './settings/dashboard-settings';
import { inScope, invalid } from './shared/errors';
import { StaticAddress } from './static/static-address';
import { StaticTier } from './static/static-tier';

/**
 * Properties of `OpenStackDashboard`.
 */
export interface OpenStackDashboardProps {
  /** The https URL of Keystone's version 3 API, as `https://keystone.example.org:5000/v3`. */
  readonly keystoneUrl: string;

  /** The fully qualified name of the dashboard, as `dashboard.example.org`. */
  readonly domainName: string;

  /**
   * The certificate for the dashboard's name and, unless static media is on a path, for that of
   * static media.
   *
   * @default - made and validated in `hostedZone`
   */
  readonly certificate?: acm.ICertificate;

  /**
   * The zone of the dashboard's name: records are created in it, and the certificate if none is
   * given. A private zone needs `certificate`, since AWS Certificate Manager validates names in public
   * zones only.
   *
   * @default - no records are created; `certificate` or `entry.listener` is required
   */
  readonly hostedZone?: route53.IHostedZone;

  /**
   * The network: public, private (with a way out) and isolated subnets in at least two zones.
   *
   * @default - a new one over two zones with one NAT gateway, flow logs and an S3 gateway endpoint
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The key for all that can take one: volumes, the asset bucket, the secret.
   *
   * @default - the keys that AWS manages
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * The bucket for access and flow logs. Load balancers deliver only to buckets that are encrypted
   * with S3's own keys; others are refused where that is known. The policy of an imported bucket
   * cannot be changed here: a warning lists the statements that it needs.
   *
   * @default - a new one, whose logs expire after a year
   */
  readonly logBucket?: s3.IBucket;

  /**
   * The permissions boundary of the new roles.
   *
   * @default - none
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;

  /**
   * Where sessions are kept.
   *
   * @default - memcached, on a new `MemcachedCluster`
   */
  readonly session?: SessionBackend;

  /**
   * The secret that Django signs with: a plain string of at least 64 random characters.
   *
   * @default - a new one, made by Secrets Manager
   */
  readonly secretKey?: secretsmanager.ISecret;

  /**
   * Horizon's settings.
   *
   * @default - what the guide and Horizon say
   */
  readonly settings?: DashboardSettingsOptions;

  /**
   * The way in: load balancer, listener, TLS.
   *
   * @default - a new load balancer on the internet
   */
  readonly entry?: HttpsEntryOptions;

  /**
   * The dashboard hosts.
   *
   * @default - two to four of type t4g.small
   */
  readonly hosts?: DashboardHostsOptions;

  /**
   * Whether static media has hosts of its own. Without them the dashboard hosts' nginx serves it,
   * with the same headers, under `/static/` of the dashboard's name: fewer machines, but browsers
   * send the dashboard's cookies along, and while hosts are replaced a page may miss files of the
   * other release.
   *
   * @default true
   */
  readonly separateStaticTier?: boolean;

  /**
   * The hosts of the static tier.
   *
   * @default - two to four of type t4g.nano
   */
  readonly staticHosts?: HostGroupOptions;

  /**
   * Where browsers find static media.
   *
   * @default StaticAddress.subdomain()
   */
  readonly staticAddress?: StaticAddress;

  /**
   * The bucket that static media is published to.
   *
   * @default - a new one, kept when the stack is deleted
   */
  readonly assetBucket?: s3.IBucket;

  /**
   * How long the new asset bucket keeps a release of static media that no dashboard host uses any
   * more, in whole days from 7 to 3650.
   *
   * @default Duration.days(30)
   */
  readonly releaseRetention?: Duration;

  /**
   * A topic that is notified when a host is launched, is terminated or fails to start.
   *
   * @default - none
   */
  readonly notificationTopic?: sns.ITopic;

  /**
   * How operators get a shell on a host, where `hosts` and `staticHosts` do not say.
   *
   * @default - EC2 Instance Connect if the network is new, else none
   */
  readonly adminAccess?: AdminAccess;
}

/**
 * OpenStack's dashboard on AWS, as the OpenStack Security Guide recommends: stateless hosts behind an
 * HTTPS load balancer that caches nothing, sessions in memcached, and a separate tier for static
 * media. Every part is public and can be replaced with your own.
 */
export class OpenStackDashboard extends Construct {
  /** The network. */
  public readonly vpc: ec2.IVpc;

  /** The way in. */
  public readonly entry: HttpsEntry;

  /** The dashboard hosts. */
  public readonly hosts: DashboardHosts;

  /** The URL that all static media is under, or its path, with a slash at the end. */
  public readonly staticUrl: string;

  /** Whether static media has hosts of its own. */
  public readonly hasStaticTier: boolean;

  /** Horizon's settings. */
  public readonly settings: DashboardSettings;

  /** Where sessions are kept. */
  public readonly session: SessionBackend;

  /** The secret that Django signs with. */
  public readonly secretKey: secretsmanager.ISecret;

  /** The bucket for access and flow logs. */
  public readonly logBucket: s3.IBucket;

  private readonly newStaticTier?: StaticTier;
  private readonly newMemcached?: MemcachedCluster;
  private readonly givenCertificate?: acm.ICertificate;

  /**
   * @throws if neither certificate, hosted zone nor listener is given, or a part cannot work, or
   * something of the static tier is given without one
   */
  constructor(scope: Construct, id: string, props: OpenStackDashboardProps) {
    super(scope, id);

    const { domainName, keystoneUrl } = props;
    this.settings = inScope(
      this,
      () => new DashboardSettings({ ...props.settings, domainName, keystoneUrl }),
    );
    this.hasStaticTier = props.separateStaticTier ?? true;
    if (!this.hasStaticTier) {
      refuseWithoutTier(this, props);
    }
    const staticAddress =
      props.staticAddress ??
      (this.hasStaticTier ? StaticAddress.subdomain() : StaticAddress.path());
    if (props.settings?.additionalHosts?.length && staticAddress.ownName) {
      throw invalid(
        this,
        'staticAddress',
        'be StaticAddress.path() with settings.additionalHosts; a separate static name serves fonts to one origin only',
      );
    }
    if (!props.vpc && isDualStack(props.entry?.ipAddressType)) {
      throw invalid(
        this,
        'vpc',
        `be given with the entry.ipAddressType ${props.entry?.ipAddressType}`,
        null,
        'the VPC that is created here has no IPv6 addresses',
      );
    }
    this.logBucket = props.logBucket ?? createLogBucket(this, 'Logs');
    this.vpc = props.vpc ?? createVpc(this, 'Vpc', this.logBucket);
    this.givenCertificate = this.certificateOf(props, staticAddress);

    const adminAccess =
      props.adminAccess ??
      (props.vpc
        ? AdminAccess.none()
        : AdminAccess.instanceConnect(
            new InstanceConnectEndpoint(this, 'InstanceConnect', { vpc: this.vpc }),
          ));
    const common = {
      vpc: this.vpc,
      adminAccess,
      encryptionKey: props.encryptionKey,
      permissionsBoundary: props.permissionsBoundary,
      notificationTopic: props.notificationTopic,
    };

    if (!props.session) {
      this.newMemcached = new MemcachedCluster(this, 'Memcached', { vpc: this.vpc });
    }
    this.session = props.session ?? SessionBackend.memcached(this.memcached);
    this.secretKey = props.secretKey ?? createSecretKey(this, 'SecretKey', props.encryptionKey);

    const entryIsNew = !props.entry?.listener && !props.entry?.loadBalancer;
    this.entry = new HttpsEntry(this, 'Entry', {
      ...(entryIsNew ? { logBucket: this.logBucket } : {}),
      ...props.entry,
      vpc: this.vpc,
      domainName: props.domainName,
      certificate: this.givenCertificate,
      hostedZone: props.hostedZone,
    });
    if (this.hasStaticTier) {
      this.newStaticTier = new StaticTier(this, 'Static', {
        ...common,
        ...props.staticHosts,
        domainName: props.domainName,
        address: staticAddress,
        assetBucket: props.assetBucket,
        releaseRetention: props.releaseRetention,
        logBucket: this.logBucket,
        hsts: props.hosts?.hsts,
      });
      this.entry.addStaticTier(this.newStaticTier);
    }
    this.staticUrl = inScope(this, () => staticAddress.baseUrl(domainName));
    this.hosts = new DashboardHosts(this, 'Hosts', {
      ...common,
      ...props.hosts,
      settings: this.settings,
      session: this.session,
      secretKey: this.secretKey,
      staticTier: this.newStaticTier,
      loadBalancer: this.entry.hasLoadBalancer ? this.entry.loadBalancer : undefined,
    });
    this.entry.addDashboard(this.hosts, props.settings?.additionalHosts);
    if (!props.entry?.listener) {
      // a host looks through the listener whether the static tier has its release
      this.hosts.autoScalingGroup.node.addDependency(this.entry.listener);
    }
  }

  /**
   * The static tier.
   *
   * @throws if `separateStaticTier` is false
   */
  public get staticTier(): StaticTier {
    if (!this.newStaticTier) {
      throw invalid(this, 'staticTier', 'only be used without separateStaticTier: false');
    }
    return this.newStaticTier;
  }

  /**
   * The memcached cluster that holds the sessions.
   *
   * @throws if `session` is given
   */
  public get memcached(): IMemcachedCluster {
    if (!this.newMemcached) {
      throw invalid(
        this,
        'memcached',
        'only be used without session; use the cluster of the existing session',
      );
    }
    return this.newMemcached;
  }

  /**
   * The certificate of the HTTPS listener.
   *
   * @throws if `entry.listener` is given
   */
  public get certificate(): acm.ICertificate {
    if (!this.givenCertificate) {
      throw invalid(
        this,
        'certificate',
        'only be used without entry.listener; use the certificate of the existing listener',
      );
    }
    return this.givenCertificate;
  }

  private certificateOf(
    props: OpenStackDashboardProps,
    staticAddress: StaticAddress,
  ): acm.ICertificate | undefined {
    if (props.certificate) {
      requireCertificate(this, 'certificate', props.certificate);
    }
    if (props.certificate || props.entry?.listener) {
      return props.certificate;
    }
    if (props.hostedZone && isPrivateZone(props.hostedZone)) {
      throw invalid(
        this,
        'certificate',
        'be given with a private hosted zone',
        null,
        'AWS Certificate Manager can validate a name in a public zone only, and the deployment would wait for it for hours',
      );
    }
    if (!props.hostedZone) {
      throw invalid(
        this,
        'certificate',
        'be given if neither hostedZone nor entry.listener is',
        null,
        'one is created and validated in a hosted zone, and a listener has its own',
      );
    }
    return new acm.Certificate(this, 'Certificate', {
      domainName: props.domainName,
      subjectAlternativeNames: staticAddress.ownName
        ? [inScope(this, () => staticAddress.serverName(props.domainName))]
        : props.settings?.additionalHosts,
      validation: acm.CertificateValidation.fromDns(props.hostedZone),
    });
  }
}

function refuseWithoutTier(scope: Construct, props: OpenStackDashboardProps): void {
  const given = (
    ['staticHosts', 'staticAddress', 'assetBucket', 'releaseRetention'] as const
  ).filter((name) => props[name] !== undefined);
  if (given.length) {
    throw invalid(
      scope,
      given.join(' and '),
      'not be given with separateStaticTier: false; dashboard hosts then serve static media under /static/ and publish nothing',
    );
  }
}

function createVpc(scope: Construct, id: string, logBucket: s3.IBucket): ec2.Vpc {
  const vpc = new ec2.Vpc(scope, id, {
    maxAzs: 2,
    natGateways: 1,
    // would need a custom resource, that is a Lambda function
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
    gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    flowLogs: { FlowLogs: { destination: ec2.FlowLogDestination.toS3(logBucket, 'flow-logs/') } },
  });
  allowFlowLogs(vpc, logBucket, 'flow-logs');
  for (const flowLog of vpc.node.findAll()) {
    if (flowLog instanceof ec2.CfnFlowLog) {
      dependOnPolicy(flowLog, logBucket);
    }
  }
  return vpc;
}
