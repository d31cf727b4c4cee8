import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { RELEASE_PREFIX } from '../contract/constants';
import { logBucketAccess } from '../logs/log-bucket';
import { HostGroup, HostGroupProps } from '../hosts/host-group';
import { hstsMaxAge, HstsOptions } from '../hosts/hsts';
import { requireDomainName, requireInteger } from '../shared/validate';
import { inScope, invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';
import { denyOverwrites, grantReleases, PULL_INTERVAL_SECONDS } from './releases';
import { StaticAddress } from './static-address';
import { StaticHostsOptions } from './static-media';

/**
 * Properties of `StaticTier`.
 */
export interface StaticTierProps extends StaticHostsOptions, HostGroupProps {
  /** The fully qualified name of the dashboard whose pages use the files. */
  readonly domainName: string;

  /**
   * HTTP Strict Transport Security of the static name, which has no subdomains to include.
   *
   * @default - a year
   */
  readonly hsts?: HstsOptions;

  /**
   * The bucket for the access log of the new asset bucket, under `assets/`.
   *
   * @default - no access log
   */
  readonly logBucket?: s3.IBucket;
}

/** The packages of a static host. */
export const STATIC_PACKAGES = [
  'nginx-light',
  'libnginx-mod-http-brotli-static',
  'logrotate',
  'openssl',
  'curl',
  'ca-certificates',
];

/**
 * Hosts that only serve static media with nginx: no Python web stack, no cookies, no proxying. They
 * pull the releases that dashboard hosts publish. Each release is a separate folder that never
 * changes, so browsers cache the files for a year.
 */
export class StaticTier extends HostGroup {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-openstack-dashboard.StaticTier';

  /** The bucket that dashboard hosts publish to. */
  public readonly assetBucket: s3.IBucket;

  /** The address of static media. */
  public readonly address: StaticAddress;

  /** The fully qualified name of the dashboard. */
  public readonly domainName: string;

  /** The name of the site that serves static media. */
  public readonly serverName: string;

  /** The base URL of static media, with a trailing slash. */
  public readonly baseUrl: string;

  /** The maximum number of hosts. */
  public readonly maxCapacity: number;

  /**
   * @throws if a name is not fully qualified, capacities, subnets or durations are invalid,
   * `releaseRetention` is given with `assetBucket`, or the name of that bucket contains a dot
   */
  constructor(scope: Construct, id: string, props: StaticTierProps) {
    props = injectProps(StaticTier, scope, id, props);
    super(scope, id, {
      ...props,
      instanceType: props.instanceType ?? new ec2.InstanceType('t4g.nano'),
      requestsPerMinute: props.requestsPerMinute ?? 12000,
    });
    requireDomainName(this, 'domainName', props.domainName);
    if (props.assetBucket && props.releaseRetention) {
      throw invalid(
        this,
        'releaseRetention',
        'not be given with assetBucket; set the lifecycle rules of an existing bucket yourself',
      );
    }
    const bucketName = props.assetBucket?.bucketName;
    if (bucketName && !Token.isUnresolved(bucketName) && bucketName.includes('.')) {
      throw invalid(
        this,
        'assetBucket',
        'have a name without dots',
        bucketName,
        'the TLS certificate of Amazon S3 covers one label',
      );
    }
    this.domainName = props.domainName;
    this.address = props.address ?? StaticAddress.subdomain();
    this.serverName = inScope(this, () => this.address.serverName(props.domainName));
    this.baseUrl = this.address.baseUrl(props.domainName);
    this.maxCapacity = props.maxCapacity ?? 2 * (props.minCapacity ?? 2);
    this.assetBucket = props.assetBucket ?? this.createAssetBucket(props);
    grantReleases(this.assetBucket, this.role, 's3:GetObject');
    this._provision({
      tier: 'static',
      packages: STATIC_PACKAGES,
      hostEnvironment: {
        ASSET_BUCKET: this.assetBucket.bucketName,
        SERVER_NAME: this.serverName,
        ALLOWED_ORIGIN: `https://${props.domainName}`,
        PULL_INTERVAL_SECONDS: String(PULL_INTERVAL_SECONDS),
        HSTS_MAX_AGE: hstsMaxAge(this, props.hsts),
      },
      dashboardEnvironment: {},
    });
  }

  private createAssetBucket(props: StaticTierProps): s3.Bucket {
    const releaseRetention = props.releaseRetention ?? Duration.days(30);
    requireInteger(
      this,
      'releaseRetention',
      releaseRetention.toDays({ integral: false }),
      7,
      3650,
      'days',
    );
    const bucket = new s3.Bucket(this, 'Assets', {
      encryption: props.encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
      encryptionKey: props.encryptionKey,
      bucketKeyEnabled: props.encryptionKey ? true : undefined,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      lifecycleRules: [
        {
          prefix: RELEASE_PREFIX,
          expiration: releaseRetention,
          // Time to look into it, or to restore what somebody deleted
          noncurrentVersionExpiration: Duration.days(7),
        },
        { prefix: RELEASE_PREFIX, expiredObjectDeleteMarker: true },
      ],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    denyOverwrites(bucket);
    if (props.logBucket) {
      logBucketAccess(bucket, props.logBucket, 'assets/');
    }
    return bucket;
  }
}
