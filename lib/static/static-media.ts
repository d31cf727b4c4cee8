import { Duration } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { HostGroupOptions } from '../hosts/host-group';
import { StaticAddress } from './static-address';

/**
 * Options of the static hosts.
 */
export interface StaticHostsOptions extends HostGroupOptions {
  /**
   * The address of static media: a subdomain or a path.
   *
   * @default StaticAddress.subdomain()
   */
  readonly address?: StaticAddress;

  /**
   * The bucket that dashboard hosts publish to and static hosts pull from. Its name must not
   * contain a dot: the TLS certificate of Amazon S3 covers one label. The library does not change
   * your bucket: enable versioning, deny overwriting of `releases/*` and expire old releases
   * yourself, as docs/static.md shows. Changing it replaces the hosts.
   *
   * @default - a new bucket, retained when the stack is deleted
   */
  readonly assetBucket?: s3.IBucket;

  /**
   * How long the new bucket keeps a release of static media that no dashboard host uses anymore, in
   * whole days from 7 to 3650. Hosts publish the release that they use again every few days.
   *
   * @default Duration.days(30)
   */
  readonly releaseRetention?: Duration;
}

/**
 * The hosts that serve static media.
 */
export class StaticMedia {
  /**
   * Separate hosts serve static media, as the guide recommends: two to four of type t4g.nano, unless
   * options change that.
   */
  public static onStaticHosts(options?: StaticHostsOptions): StaticMedia {
    return new StaticMedia(options?.address ?? StaticAddress.subdomain(), options ?? {});
  }

  /**
   * nginx of the dashboard hosts serves static media, with the same headers, under `/static/` of the
   * dashboard's name: fewer hosts and no asset bucket, but browsers send the dashboard's cookies with
   * these requests, and while hosts are replaced, a page may miss files of the other release.
   */
  public static onDashboardHosts(): StaticMedia {
    return new StaticMedia(StaticAddress.path());
  }

  /** The address of static media. */
  public readonly address: StaticAddress;

  /** The options of separate hosts; undefined without them. @internal */
  public readonly _hosts?: StaticHostsOptions;

  private constructor(address: StaticAddress, hosts?: StaticHostsOptions) {
    this.address = address;
    this._hosts = hosts;
  }
}
