import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Token } from 'aws-cdk-lib';
import { isHttpsUrl } from '../contract/urls';
import { invalid } from '../shared/errors';
import { pack } from '../shared/packed';
import { HorizonPlugin, pluginsIn } from './horizon-plugin';

/**
 * Options of `HorizonRelease.upstream()`.
 */
export interface UpstreamHorizonOptions {
  /**
   * The https URL of an index with the packages, as pip's `--index-url`, without a password. Hosts
   * accept a file only if it has the hash in the lock, whatever the index sends.
   *
   * @default https://pypi.org/simple
   */
  readonly indexUrl?: string;
}

/** The index of PyPI. */
const PYPI = 'https://pypi.org/simple';

/** The locks, which `scripts/lock-horizon.mjs` writes. */
const LOCKS = join(__dirname, 'horizon/files');

/** What runs Horizon on a host, from Debian. */
const DEBIAN_PACKAGES = ['openstack-dashboard', 'gunicorn'];

/** What installs Horizon from PyPI, and what its virtual environment has from Debian. */
const UPSTREAM_PACKAGES = ['python3-pip', 'python3-libsass', 'python3-openssl', 'gettext'];

/** Packages that bring Debian's Horizon. */
const NEEDS_DEBIAN = /^(openstack-dashboard.*|python3-django-horizon|.*-dashboard)$/;

/**
 * The release of Horizon that hosts run, and its source.
 *
 * @see docs/horizon-releases.md
 */
export class HorizonRelease {
  /**
   * Horizon of Debian 13: 25.3.0 (2025.1), with Debian's security updates.
   */
  public static debian(): HorizonRelease {
    return new HorizonRelease('debian', DEBIAN_PACKAGES);
  }

  /**
   * Horizon from PyPI, in a virtual environment with Debian's Python. Each package has the version and
   * the hashes of a lock that is part of this library, so another lock is another release. Debian's
   * security updates do not reach it: a new version of this library has a new lock. Plugins from Debian
   * packages cannot be used with it.
   *
   * @param series the series of OpenStack: `2026.1`
   * @param options the index
   * @throws if the library has no lock for the series, or the URL is invalid
   */
  public static upstream(series: string, options: UpstreamHorizonOptions = {}): HorizonRelease {
    const file = join(LOCKS, `${series}.txt`);
    if (Token.isUnresolved(series) || !/^\d{4}\.\d$/.test(series) || !existsSync(file)) {
      const known = readdirSync(LOCKS).map((name) => name.replace(/\.txt$/, ''));
      throw invalid(undefined, 'series', `be ${known.join(' or ')}`, series);
    }
    const indexUrl = options.indexUrl ?? PYPI;
    // No other characters: a host reads it from a file
    if (!isHttpsUrl(indexUrl) || !URL.canParse(indexUrl) || !/^[A-Za-z0-9.:/_-]+$/.test(indexUrl)) {
      throw invalid(undefined, 'indexUrl', 'be an https URL without a password', indexUrl);
    }
    return new HorizonRelease(series, UPSTREAM_PACKAGES, readFileSync(file, 'utf8'), indexUrl);
  }

  /** The lock, gzipped, in base64. @internal */
  public readonly _files?: string;

  /** A hash of the lock. @internal */
  public readonly _hash: string = '';

  private constructor(
    /** `debian`, or the series of OpenStack. */
    public readonly name: string,
    /** Debian packages. @internal */
    public readonly _packages: string[],
    lock?: string,
    /** The index of the packages in the lock. @internal */
    public readonly _indexUrl?: string,
  ) {
    if (lock) {
      const packed = pack(lock);
      this._hash = packed.hash;
      this._files = packed.files;
    }
  }

  /** The first of the packages and plugins that can only be used with Debian's Horizon. @internal */
  public _refused(packages: string[] = [], plugins: HorizonPlugin[] = []): string | undefined {
    if (this._files === undefined) {
      return undefined;
    }
    return (
      plugins[0]?.debianPackage ??
      packages.find((name) => NEEDS_DEBIAN.test(name) || pluginsIn([name]).length > 0)
    );
  }
}
