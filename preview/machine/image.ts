import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { takeLock } from '../shared/lock';
import { run } from '../shared/run';
import { horizonSetUp, withIndex } from './horizon';

const FILES = path.join(__dirname, 'files');

export const DEFAULT_CACHE = '/var/cache/cdk-openstack-dashboard';
export const DEFAULT_MIRROR = 'http://deb.debian.org';

/** What a Debian 13 machine image has, as far as hosts may rely on it. */
const BASE_PACKAGES = [
  ...['apt-utils', 'ca-certificates', 'cloud-init', 'curl', 'dbus', 'ifupdown', 'iproute2'],
  ...['locales-all', 'netbase', 'openssh-server', 'procps', 'python3', 'systemd', 'systemd-sysv'],
  ...['tzdata', 'udev'],
];

/** The gateway of the preview's network. Images have it as the address of apt's proxy. */
export const GATEWAY = '10.77.0.1';
export const APT_PROXY_PORT = 3128;

export interface Image {
  /** Directories for overlayfs, topmost first. */
  readonly layers: string[];
}

/** Wraps each step, to show the progress. */
export type Progress = <T>(step: string, work: () => Promise<T>) => Promise<T>;

export interface ImagesOptions {
  readonly directory: string;
  /** Where Debian's archives are: has debian/ and debian-security/. */
  readonly mirror: string;
  readonly progress: Progress;
}

/** Root file systems, made once and kept: each is named by a hash of all that went into it. */
export class Images {
  private baseImage?: Promise<string>;

  constructor(private readonly options: ImagesOptions) {
    fs.mkdirSync(options.directory, { recursive: true, mode: 0o755 });
    this.clear();
  }

  public async base(): Promise<Image> {
    return { layers: [await this.makeBase()] };
  }

  /** A machine image, or another one, with Debian packages in it, after a script has set them up. */
  public async withPackages(
    name: string,
    packages: string[],
    setUp?: string,
    from?: Image,
  ): Promise<Image> {
    const install = fs.readFileSync(path.join(FILES, 'install.sh'), 'utf8');
    const script = setUp === undefined ? install : `${install}\n${setUp}`;
    return this.derive(name, from ?? (await this.base()), script, packages);
  }

  /** The same, with Horizon from PyPI; `lock` is gzipped, in base64. */
  public async withHorizon(name: string, packages: string[], lock: string): Promise<Image> {
    return withIndex(lock, this.options.directory, () =>
      this.withPackages(name, packages, horizonSetUp(lock)),
    );
  }

  /** An image as a script leaves it that runs in another. */
  public async derive(
    name: string,
    from: Image,
    script: string,
    args: string[],
    about?: string,
  ): Promise<Image> {
    const below = from.layers.map((layer) => path.basename(layer));
    const layer = await this.make(
      name,
      [below, args, script],
      (directory) =>
        build(path.join(FILES, 'layer.sh'), [from.layers.join(':'), directory, script, ...args]),
      about,
    );
    return { layers: [layer, ...from.layers] };
  }

  /**
   * An image of what an instance wrote that started from another. It is not kept: the next run has
   * other packages.
   */
  public async fromVolume(
    name: string,
    from: Image,
    copy: (directory: string) => Promise<unknown>,
  ): Promise<Image> {
    const layer = path.join(this.options.directory, `${process.pid}.${name}.part`);
    fs.rmSync(layer, { recursive: true, force: true });
    await copy(layer);
    return { layers: [layer, ...from.layers] };
  }

  private makeBase(): Promise<string> {
    const { mirror } = this.options;
    const aptProxy = `${GATEWAY}:${APT_PROXY_PORT}`;
    this.baseImage ??= this.make('base', [mirror, aptProxy, BASE_PACKAGES], async (directory) => {
      const sources = [
        `deb ${mirror}/debian trixie main`,
        `deb ${mirror}/debian trixie-updates main`,
        `deb ${mirror}/debian-security trixie-security main`,
      ];
      await build('mmdebstrap', [
        ...['--mode=root', '--variant=minbase', '--format=directory', '--quiet'],
        `--include=${BASE_PACKAGES.join(',')}`,
        `--customize-hook=${path.join(FILES, 'customize.sh')} "$1" ${aptProxy}`,
        ...['trixie', directory, ...sources],
      ]);
    });
    return this.baseImage;
  }

  /** Makes a directory under a temporary name first, so that there is never half of one. */
  private async make(
    name: string,
    ingredients: unknown,
    fill: (directory: string) => Promise<unknown>,
    about?: string,
  ): Promise<string> {
    const hash = createHash('sha256')
      .update(JSON.stringify([ingredients, this.sources()]))
      .digest('hex');
    const final = path.join(this.options.directory, `${name}-${hash.slice(0, 16)}`);
    if (fs.existsSync(final)) {
      return final;
    }
    const step = `make the ${name} image${about === undefined ? '' : ` (${about})`}`;
    return this.options.progress(step, async () => {
      const temporary = path.join(this.options.directory, `${process.pid}.${name}.part`);
      const unlock = await takeLock(`${final}.lock`);
      try {
        // A preview that runs beside us may have made it meanwhile.
        if (!fs.existsSync(final)) {
          fs.mkdirSync(temporary, { mode: 0o755 });
          await fill(temporary);
          fs.renameSync(path.join(temporary, name === 'base' ? '' : 'upper'), final);
        }
      } finally {
        fs.rmSync(temporary, { recursive: true, force: true });
        await unlock();
      }
      return final;
    });
  }

  private sources(): string[] {
    return ['customize.sh', 'layer.sh'].map((file) =>
      fs.readFileSync(path.join(FILES, file), 'utf8'),
    );
  }

  /** Removes what interrupted runs left. */
  private clear(): void {
    for (const name of fs.readdirSync(this.options.directory)) {
      const pid = /^(\d+)\..*\.part$/.exec(name)?.[1];
      if (pid !== undefined && !fs.existsSync(`/proc/${pid}`)) {
        fs.rmSync(path.join(this.options.directory, name), { recursive: true, force: true });
      }
    }
  }
}

/** Runs a program in namespaces of its own, in which nothing outlives it or us. */
function build(program: string, args: string[]): Promise<string> {
  return run('setpriv', [
    ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--uts', '--ipc', '--fork'],
    ...['--kill-child', '--mount-proc', program, ...args],
  ]);
}
