// What is compared, on one host: the dashboard as the host runs it, that with other parameters, and the
// same Horizon with the settings of Debian's package under gunicorn's defaults.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { HostState, Preview, Progress } from '../../preview';
import { cookieHeader, LoadTarget, takeCookies } from '../../preview/world/load';
import { until } from '../../preview/shared/run';

const ROOT = path.join(__dirname, '../..');
const ETC = '/etc/openstack-dashboard';
/** Files of the bench on the host. */
const BENCH = '/usr/local/lib/bench';
const HOME = '/usr/share/openstack-dashboard';

const FIRST_PORT = 8100;
/** Seconds: many workers that make their first page at once take long, and so do lists of thousands. */
export const PATIENCE = 300;
/** Seconds within which hosts boot where others need the machine, too. One that fails ends the wait. */
const BOOT = 1800;
/** Microseconds of processor time: at least so much has been used when Horizon is loaded, and at most so
 * much is used in a second by one that has nothing to do. */
const STARTED = 500_000;
const IDLE = 20_000;

/** One way to run Horizon: with Debian's settings, or as the host does, with some parameters besides. */
export interface Variant {
  readonly name: string;
  readonly debian?: boolean;
  readonly parameters?: Record<string, string>;
}

export type Cookies = Record<string, string>;

/** What the host needs besides what every host has. */
function hostFiles(): Record<string, string> {
  const read = (name: string) => fs.readFileSync(path.join(__dirname, name), 'utf8');
  return {
    [`${BENCH}/delay.py`]: read('delay.py'),
    [`${BENCH}/debian_settings.py`]: read('debian_settings.py'),
  };
}

/** What systemd gives the host's own gunicorn. */
function environmentOfUnit(): string[] {
  const unit = 'lib/dashboard-hosts/files/etc/systemd/system/openstack-dashboard.service';
  return fs.readFileSync(path.join(ROOT, unit), 'utf8').match(/^Environment=.*$/gm) ?? [];
}

export class Dashboards {
  /** Starts the preview, with one static and one dashboard host, and prepares the latter. */
  public static async on(
    preview: Preview,
    progress: Progress = (_step, work) => work(),
  ): Promise<Dashboards> {
    await preview.makeImages();
    await preview.start();
    await preview.addHost({ role: 'static' });
    const host = await preview.addHost({ role: 'dashboard', files: hostFiles() });
    await progress(`boot ${host.name}`, () => preview.signalled(host.id, BOOT));
    const dashboards = new Dashboards(preview, host);
    await dashboards.prepare();
    return dashboards;
  }

  private plain: string[] = [];
  private readonly variants: Variant[] = [];

  private constructor(
    private readonly preview: Preview,
    private readonly host: HostState,
  ) {}

  /** Lays out Debian's settings, and memcached for their sessions. */
  private async prepare(): Promise<void> {
    this.plain = await this.preview.call('addPlainCache', 2);
    await this.sh(
      `cd ${BENCH}; mkdir local_settings.d; cp -a ${ETC}/local_settings.d/_000* local_settings.d/;` +
        ` cp debian_settings.py local_settings.d/_9999_bench.py; chmod -R a+rX .`,
    );
  }

  /** Starts one of them. */
  public async start(variant: Variant, workers: number): Promise<void> {
    const { name, debian = false, parameters = {} } = variant;
    if (!this.variants.some((other) => other.name === name)) {
      this.variants.push(variant);
    }
    const variables: Record<string, string> = debian
      ? { BENCH_MEMCACHED: this.plain.join(',') }
      : { ...parameters, GUNICORN_WORKERS: String(workers) };
    const lines = Object.entries(variables).map(([key, value]) => `${key}="${value}"\n`);
    const file = `/run/${this.unit(name)}.env`;
    await this.sh('printf %s "$1" >"$0"', file, lines.join(''));
    const files = ['host.env', 'dashboard.env', 'release.env'].map((one) => `${ETC}/${one}`);
    const properties = [
      ...[...files, file].map((one) => `EnvironmentFile=${one}`),
      'Environment=PYTHONWARNINGS=ignore',
      'User=horizon',
      'CPUAccounting=yes',
      ...(debian
        ? [`BindReadOnlyPaths=${BENCH}/local_settings.d:${ETC}/local_settings.d`]
        : environmentOfUnit()),
    ].flatMap((property) => ['-p', property]);
    const bind = ['--bind', `0.0.0.0:${this.port(name)}`];
    const command = debian
      ? [
          '--chdir',
          HOME,
          '--workers',
          String(workers),
          '--timeout',
          String(PATIENCE),
          ...bind,
          'wsgi:application',
        ]
      : ['-c', '/usr/local/lib/openstack-dashboard/gunicorn.conf.py', ...bind];
    await this.exec(
      ...['systemd-run', '-q', ...properties, `--unit=${this.unit(name)}`],
      ...['/usr/bin/gunicorn', ...command],
    );
  }

  public async stop(name: string): Promise<void> {
    await this.sh(
      'systemctl stop "$0"; systemctl reset-failed "$0" 2>/dev/null || true',
      this.unit(name),
    );
  }

  /** Microseconds of processor time that it has used, in all its processes. */
  public async processor(name: string): Promise<number> {
    const text = await this.exec(
      'cat',
      `/sys/fs/cgroup/system.slice/${this.unit(name)}.service/cpu.stat`,
    );
    return Number(/^usage_usec (\d+)$/m.exec(text)?.[1]);
  }

  /** Waits until one that was started has nothing more to do. */
  public async calm(name: string): Promise<void> {
    let before = -1;
    await until(
      `${name} is idle`,
      60,
      async () => {
        const used = await this.processor(name);
        const last = before;
        before = used;
        // Idle workers look around once a second.
        return last > STARTED && used - last < IDLE;
      },
      1000,
    );
  }

  /** Bytes of memory that all its processes hold, shared pages once. */
  public async memory(name: string): Promise<number> {
    const script =
      'cd /sys/fs/cgroup/system.slice/$0.service; for pid in $(cat cgroup.procs); do ' +
      'cat /proc/$pid/smaps_rollup; done | sed -n "s/^Pss: *\\([0-9]*\\) kB/\\1/p"';
    const kilobytes = (await this.sh(script, this.unit(name))).trim().split('\n').map(Number);
    return kilobytes.reduce((sum, one) => sum + one, 0) * 1024;
  }

  public async log(name: string): Promise<string> {
    return this.exec('journalctl', '-q', '-n', '60', '-o', 'cat', '-u', this.unit(name));
  }

  /** Lets everything between the host and the APIs take so long more per round trip; 0: no more. */
  public async network(milliseconds: number): Promise<void> {
    await this.sh('systemctl stop bench-network 2>/dev/null || true');
    if (milliseconds > 0) {
      const addresses = ['keystone', 'nova'].map((name) => `${name}.cloud.internal`);
      await this.sh(
        'ms=$0; addresses=$(for name; do getent ahostsv4 $name; done | cut -d" " -f1 | sort -u);' +
          ' systemd-run -q --unit=bench-network -p User=root' +
          ` python3 ${BENCH}/delay.py $ms eth0 ${this.host.address} $addresses`,
        ...[String(milliseconds), ...addresses],
      );
      await until('the network is slow', 10, async () =>
        (await this.exec('ip', 'route')).includes('delay0'),
      );
    }
  }

  /** Sends one request as a browser behind the load balancer would. */
  public async ask(name: string, cookies: Cookies, page: string, form?: string) {
    const answer = await this.preview.call('ask', {
      ...{ address: this.host.address, port: this.port(name), path: page },
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        ...this.headers(),
        cookie: cookieHeader(cookies),
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      body: form,
      timeout: PATIENCE,
    });
    takeCookies(cookies, answer.headers);
    return answer;
  }

  public async answers(name: string): Promise<void> {
    try {
      await until(`${name} answers`, PATIENCE, async () => {
        try {
          return (await this.ask(name, {}, '/auth/login/')).status === 200;
        } catch {
          return false;
        }
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await this.log(name)}`, { cause: error });
    }
  }

  /** Somebody logged in. */
  public async login(name: string, user: string): Promise<Cookies> {
    const cookies: Cookies = {};
    const page = await this.ask(name, cookies, '/auth/login/');
    const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    const form = new URLSearchParams({
      ...{ csrfmiddlewaretoken: token, username: user, password: this.preview.password },
      ...{ region: 'default', next: '/settings/' },
    });
    const reply = await this.ask(name, cookies, '/auth/login/', form.toString());
    if (reply.status !== 302) {
      const said = `${name}: login of ${user} answered ${reply.status} ${reply.body.slice(0, 300)}`;
      throw new Error(`${said}\n${await this.log(name)}`);
    }
    return cookies;
  }

  public target(name: string, page: string, [cookies, ...others]: Cookies[]): LoadTarget {
    const { address } = this.host;
    const headers = this.headers();
    const port = this.port(name);
    return { name, address, port, path: page, headers, cookies, others, timeout: PATIENCE };
  }

  private port(name: string): number {
    return FIRST_PORT + this.variants.findIndex((variant) => variant.name === name);
  }

  /** systemd's name of it. */
  private unit(name: string): string {
    return `bench-${this.port(name)}`;
  }

  private headers(): Record<string, string> {
    return {
      host: this.preview.name,
      accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      referer: this.preview.url,
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '192.0.2.1',
    };
  }

  private exec(...command: string[]): Promise<string> {
    return this.preview.call('exec', this.host.id, command);
  }

  private sh(script: string, ...words: string[]): Promise<string> {
    return this.exec('sh', '-euc', script, ...words);
  }
}
