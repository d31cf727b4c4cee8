import { Duration, Size, Token } from 'aws-cdk-lib';
import { boundsOf, constructNumber } from '../contract/environment';
import { invalid } from '../shared/errors';
import { requireBytes, requireInteger, requireSeconds } from '../shared/validate';
import { requireOrigin } from './content-security-policy';

/**
 * Options of direct uploads of images.
 */
export interface DirectUploadOptions {
  /**
   * The https origin of the image service that browsers reach, such as
   * `https://image.example.org:9292`. Scripts of pages can connect to it.
   *
   * @default - scripts of pages can connect to any https origin
   */
  readonly glanceOrigin?: string;
}

/**
 * Limits of images that pass through the dashboard hosts.
 */
export interface LegacyUploadOptions {
  /**
   * How many images a host receives at the same time, from 1 to 64. Further uploads get status 429. The
   * volume of a host must have room for each image twice.
   *
   * @default 2
   */
  readonly concurrentUploads?: number;

  /**
   * How long the answer may take after the browser has sent an image, while the host copies it and
   * sends it to the image service: 56 to 590 whole seconds. The load balancer waits as long.
   *
   * @default - what the size needs at 16 MiB per second, from 56 to 590 seconds
   */
  readonly transferTimeout?: Duration;
}

/** The least that a host and the image service store per second. */
const BYTES_PER_SECOND = 16 * 2 ** 20;

/**
 * Whether and how users upload images through the dashboard.
 */
export class ImageUpload {
  /**
   * Users cannot upload images through the dashboard (statement 11: uploads exhaust the hosts'
   * disks).
   */
  public static off(): ImageUpload {
    return new ImageUpload('off');
  }

  /**
   * The browser sends the image directly to the image service.
   *
   * @param plan how resource exhaustion is prevented; the guide requires a plan
   * @param options the origin of the image service
   * @throws if the origin is not an https origin
   */
  public static direct(plan: string, options?: DirectUploadOptions): ImageUpload {
    const { glanceOrigin } = options ?? {};
    if (glanceOrigin !== undefined) {
      requireOrigin('glanceOrigin', glanceOrigin, 'https');
    }
    return ImageUpload.planned('direct', plan, { _connectSrc: glanceOrigin ?? 'https:' });
  }

  /**
   * The image passes through the dashboard hosts, which temporarily store it twice: when nginx
   * receives it, and when Horizon does. The user gets an answer when the image service has the image,
   * or has refused it. A client address can upload four images at the same time.
   *
   * @param plan how resource exhaustion is prevented; the guide requires a plan
   * @param maxSize the maximum size of an image, in whole bytes: 256 MiB by default. Requests of
   * that size are accepted unless `maxRequestSize` of the hosts is set.
   * @param options limits of a host
   * @throws if the size is less than 1 MiB, more than 1 TiB or not known at synth time, or an option
   * is out of range
   */
  public static legacy(plan: string, maxSize?: Size, options?: LegacyUploadOptions): ImageUpload {
    const size = maxSize ?? Size.mebibytes(256);
    const bytes = requireBytes(undefined, 'maxSize', size, 2 ** 20, 2 ** 40);
    if (Token.isUnresolved(bytes)) {
      throw invalid(undefined, 'maxSize', 'be known at synth time', bytes);
    }
    const concurrentUploads = options?.concurrentUploads ?? constructNumber('UPLOADS_AT_ONCE');
    requireInteger(
      undefined,
      'concurrentUploads',
      concurrentUploads,
      ...boundsOf('UPLOADS_AT_ONCE'),
    );
    const bounds = boundsOf('UPLOAD_SECONDS');
    const needed = Math.min(Math.max(bounds[0], Math.ceil(bytes / BYTES_PER_SECOND)), bounds[1]);
    const transferTimeout = options?.transferTimeout ?? Duration.seconds(needed);
    requireSeconds(undefined, 'transferTimeout', transferTimeout, ...bounds);
    return ImageUpload.planned('legacy', plan, {
      maxSize: Size.bytes(bytes),
      concurrentUploads,
      transferTimeout,
    });
  }

  private static planned(mode: string, plan: string, limits: Partial<ImageUpload>): ImageUpload {
    if (!plan.trim()) {
      throw invalid(
        undefined,
        'plan',
        'be a sentence that says how resource exhaustion is prevented',
        plan,
      );
    }
    return new ImageUpload(mode, plan, limits);
  }

  /**
   * The maximum size of an image that passes through the hosts.
   * @default - images do not pass through the hosts
   */
  public readonly maxSize?: Size;

  /**
   * How many images a host receives at the same time.
   * @default - images do not pass through the hosts
   */
  public readonly concurrentUploads?: number;

  /**
   * How long the answer may take after the browser has sent an image.
   * @default - images do not pass through the hosts
   */
  public readonly transferTimeout?: Duration;

  /** The origins that scripts of pages connect to. @internal */
  public readonly _connectSrc?: string;

  private constructor(
    /** The value of `HORIZON_IMAGES_UPLOAD_MODE`. */
    public readonly mode: string,
    /**
     * The stated plan against resource exhaustion.
     * @default - none, upload is off
     */
    public readonly plan?: string,
    limits: Partial<ImageUpload> = {},
  ) {
    this.maxSize = limits.maxSize;
    this.concurrentUploads = limits.concurrentUploads;
    this.transferTimeout = limits.transferTimeout;
    this._connectSrc = limits._connectSrc;
  }
}
