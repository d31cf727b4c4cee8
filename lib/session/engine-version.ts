import { invalid } from '../shared/errors';

/**
 * A version of memcached on ElastiCache.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions-mc.html
 */
export class MemcachedEngineVersion {
  /** 1.6.12, the first with encryption in transit. */
  public static readonly V1_6_12 = MemcachedEngineVersion.of('1.6.12');
  /** 1.6.17 */
  public static readonly V1_6_17 = MemcachedEngineVersion.of('1.6.17');
  /** 1.6.22 */
  public static readonly V1_6_22 = MemcachedEngineVersion.of('1.6.22');

  /**
   * Any other version.
   *
   * @param version the version, such as `1.6.22`
   * @throws if it does not have this form
   */
  public static of(version: string): MemcachedEngineVersion {
    return new MemcachedEngineVersion(version);
  }

  /** Whether the version can encrypt in transit (1.6.12 and later). */
  public readonly supportsTransitEncryption: boolean;

  private constructor(
    /** The version, such as `1.6.22`. */
    public readonly version: string,
  ) {
    const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
    if (!match) {
      throw invalid(undefined, 'version', 'be a full version such as 1.6.22', version);
    }
    const [major, minor, patch] = match.slice(1).map(Number);
    this.supportsTransitEncryption =
      major > 1 || (major === 1 && (minor > 6 || (minor === 6 && patch >= 12)));
  }
}
