import { ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import * as path from 'node:path';
import { controlGroupOf, controlGroups, removeControlGroups } from './control-groups';
import { DEFAULT_CACHE, DEFAULT_MIRROR, Image, Images } from './image';
import { DEMO_USER, KEYSTONE_URL } from './keystone';
import { until } from './run';
import type { CacheCertificate } from './caches';
import { Plan, Role, Template, variable, withPort } from './template';
import { APT_PROXY_PORT, Calls, GATEWAY, HostState } from './world';

export { HostState } from './world';
export { Access, HealthChange, TargetState } from './load-balancer';
export { GroupState } from './scaling-group';
export { Image } from './image';
export { Role } from './template';

export type Progress = <T>(step: string, work: () => Promise<T>) => Promise<T>;

export interface PreviewOptions {
  /** @default cdk.out/OpenStackDashboard.template.json */
  readonly template?: string;
  /** Values of the template's parameters. @default - stand-in values */
  readonly parameters?: Record<string, string>;
  /** @default 2 */
  readonly dashboardHosts?: number;
  /** @default 1 */
  readonly staticHosts?: number;
  /** Where images are kept. @default /var/cache/cdk-openstack-dashboard */
  readonly cache?: string;
  /** Where Debian's archives are. @default http://deb.debian.org */
  readonly mirror?: string;
  /** Where the browser reaches the load balancer. @default 127.0.0.1 */
  readonly address?: string;
  /** @default 443 */
  readonly httpsPort?: number;
  /** @default 80 */
  readonly httpPort?: number;
  /** Names of users beside `demo`, with the same password. */
  readonly moreUsers?: string[];
  /** The roles that a user has in all projects, by name. @default - admin and member */
  readonly roles?: Record<string, string[]>;
  /** Swift is in Keystone's catalog, with slow objects. @default false */
  readonly objectStore?: boolean;
  /**
   * Nova, Glance, Neutron, Cinder and Placement are in Keystone's catalog, with some 20 instances,
   * volumes and images in each project.
   * @default false
   */
  readonly services?: boolean;
  /** The names in the certificate of memcached's configuration endpoint. @default nodes */
  readonly cacheCertificate?: CacheCertificate;
  /** Wraps each step, for whoever watches. */
  readonly progress?: Progress;
}

export interface AddHostOptions {
  readonly role: Role;
  /** An image without the packages, as Debian publishes it: they are installed at boot. @default false */
  readonly plain?: boolean;
  /** An image of one's own. @default - one that has the packages */
  readonly image?: Image;
  /** Files to lay over the image, by absolute path. */
  readonly files?: Record<string, string>;
  /** Public keys that EC2 Instance Connect would have pushed, by user. */
  readonly connectKeys?: Record<string, string>;
}

const DIRECTORY = '/run';
const NAME = 'cdk-openstack-dashboard.';

const NEEDED: Record<string, string> = {
  ip: 'iproute2',
  mmdebstrap: 'mmdebstrap',
  openssl: 'openssl',
  script: 'bsdutils',
  unshare: 'util-linux',
};

const STAND_INS: Record<string, string> = {
  DomainName: 'dashboard.localhost',
  KeystoneUrl: KEYSTONE_URL,
  CertificateArn:
    'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000',
};

/** A synthesised stack, running on this machine. */
export class Preview {
  public readonly user = DEMO_USER;
  public readonly password = randomBytes(12).toString('base64url');
  public readonly directory = path.join(DIRECTORY, NAME + process.pid);
  public plan: Plan;
  /** The preview's certificate authority, in PEM. */
  public ca = '';
  /** The names of the dashboard and of its static media. */
  public readonly name: string;
  public readonly staticName: string;
  private readonly servers: net.Server[] = [];
  private readonly images: Images;
  private readonly progress: Progress;
  private world?: ChildProcess;
  private ended = false;
  private calls = 0;
  private readonly waiting = new Map<
    number,
    { resolve: (value: never) => void; reject: (error: Error) => void }
  >();

  public constructor(private readonly options: PreviewOptions) {
    checkOptions(options);
    checkMachine();
    this.progress = options.progress ?? ((_step, work) => work());
    this.plan = readPlan(options);
    const names = this.plan.hosts.map(({ role, userData }) => [
      role,
      variable(userData, 'SERVER_NAME') ?? '',
    ]);
    const byRole = Object.fromEntries(names) as Record<Role, string>;
    this.name = byRole.dashboard;
    this.staticName = byRole.static ?? this.name;
    this.images = new Images({
      directory: options.cache ?? DEFAULT_CACHE,
      mirror: this.mirror,
      aptProxy: `${GATEWAY}:${APT_PROXY_PORT}`,
      progress: this.progress,
    });
  }

  public get url(): string {
    const port = this.options.httpsPort ?? 443;
    return `https://${this.name}${port === 443 ? '' : `:${port}`}/`;
  }

  public get caFile(): string {
    return path.join(this.directory, 'ca.pem');
  }

  public get running(): boolean {
    return this.world !== undefined && !this.ended;
  }

  private get mirror(): string {
    return this.options.mirror ?? DEFAULT_MIRROR;
  }

  /** Starts everything and waits until the load balancer sends all hosts traffic. */
  public async boot(): Promise<void> {
    const { staticHosts = 1, dashboardHosts = 2 } = this.options;
    await this.makeImages();
    await this.start();
    if (this.has('static')) {
      await this.manageGroup({ role: 'static' }, staticHosts);
    }
    await this.manageGroup({ role: 'dashboard' }, dashboardHosts);
    await Promise.all(
      (await this.call('hosts')).map(({ id, name }) =>
        this.progress(`boot ${name}`, async () => {
          await this.signalled(id);
          await this.inService(id);
        }),
      ),
    );
  }

  /** A group keeps so many hosts from now on, and replaces those that are found unhealthy. */
  public async manageGroup(options: AddHostOptions, desired: number): Promise<void> {
    await this.call('manageGroup', await this.launchOptions(options), desired);
  }

  /** Whether the template has hosts of a tier. */
  public has(role: Role): boolean {
    return this.plan.hosts.some((host) => host.role === role);
  }

  /** Starts the services around the hosts. */
  public async start(): Promise<void> {
    await clearLeftovers();
    const cloud = await this.images.cloud();
    await this.progress(
      'start the network, load balancer, AWS, memcached and Keystone',
      async () => {
        fs.mkdirSync(path.join(this.directory, 'world'), { recursive: true, mode: 0o755 });
        this.spawnWorld();
        await this.serveApt();
        const { ca } = await this.call('start', {
          plan: this.plan,
          directory: this.directory,
          controlGroup: controlGroupOf(process.pid),
          cloudLayers: cloud.layers,
          names: [...new Set([this.name, this.staticName])],
          demoPassword: this.password,
          moreUsers: this.options.moreUsers ?? [],
          roles: this.options.roles ?? {},
          ports: { 443: this.options.httpsPort ?? 443, 80: this.options.httpPort ?? 80 },
          objectStore: this.options.objectStore ?? false,
          services: this.options.services ?? false,
          cacheCertificate: this.options.cacheCertificate ?? 'nodes',
        });
        this.ca = ca;
        // for whoever runs the browser, who may not be root
        fs.writeFileSync(this.caFile, ca, { mode: 0o644 });
        await this.openEntry();
      },
    );
  }

  public async addHost(options: AddHostOptions): Promise<HostState> {
    return this.call('addHost', await this.launchOptions(options));
  }

  private async launchOptions(options: AddHostOptions) {
    const image = options.image ?? (await this.image(options.role, options.plain ?? false));
    return {
      role: options.role,
      layers: image.layers,
      files: options.files ?? {},
      connectKeys: options.connectKeys ?? {},
    };
  }

  /** Makes the images that hosts boot from, where the cache lacks them. */
  public async makeImages(): Promise<void> {
    for (const { role } of this.plan.hosts) {
      await this.image(role, false);
    }
  }

  /** An image as a script leaves it that runs in that of a role. */
  public async deriveImage(role: Role, name: string, script: string, ...args: string[]) {
    return this.images.derive(name, await this.image(role, false), script, args);
  }

  /**
   * Replaces a group's hosts as CloudFormation does when the launch template changes: new ones boot
   * and signal before old ones leave, unless there are more than must stay in service.
   */
  public async roll(options: AddHostOptions): Promise<HostState[]> {
    const plan = this.plan.hosts.find(({ role }) => role === options.role);
    const { batch, inService } = plan?.update ?? { batch: 1, inService: 0 };
    const old = (await this.call('hosts')).filter(
      ({ role, running }) => role === options.role && running,
    );
    const added: HostState[] = [];
    let leaving: Promise<unknown> = Promise.resolve();
    for (let from = 0; from < old.length; from += batch) {
      const some = old.slice(from, from + batch);
      const spare = old.length - some.length >= inService;
      const leave = () => Promise.all(some.map(({ id }) => this.remove(id)));
      if (spare) {
        await leave();
      }
      const fresh = await Promise.all(some.map(() => this.addHost(options)));
      // It does not wait for the load balancer, and starts the next as the last one leaves.
      added.push(...(await Promise.all(fresh.map(({ id }) => this.signalled(id)))));
      await leaving;
      leaving = spare ? leaving : leave();
    }
    await leaving;
    return added;
  }

  /** Deploys another template of the stack as far as its hosts go; `roll` is up to the caller. */
  public async update(template: string): Promise<void> {
    this.plan = readPlan({ ...this.options, template });
    await this.call('update', this.plan);
    await this.makeImages();
  }

  /** Ends a host as a scaling group does: it answers what it was asked, and no more. */
  public async remove(id: string): Promise<void> {
    await this.call('remove', id);
  }

  /** Waits until a host has told CloudFormation that it is ready. */
  public async signalled(id: string, seconds = 600): Promise<HostState> {
    const host = () => this.call('hosts').then((hosts) => hosts.find((other) => other.id === id));
    let state = await host();
    await until(
      `${state?.name} signals`,
      seconds,
      async () => {
        state = await host();
        const failed = /openstack-dashboard: FAILED: .*/.exec(this.console(state))?.[0];
        if (failed !== undefined || state?.running !== true) {
          throw new Error(`${state?.name}: ${failed ?? 'it powered off'}`);
        }
        return state.signalledAt !== undefined;
      },
      250,
    );
    return state as HostState;
  }

  /** Waits until the load balancer sends a host traffic. */
  public async inService(id: string, seconds = 120): Promise<void> {
    await until(`the load balancer finds ${id} healthy`, seconds, async () =>
      (await this.call('targets')).some(
        ({ instance, health }) => instance === id && health === 'healthy',
      ),
    );
  }

  /** What a host wrote to its console. */
  public console(host: HostState | undefined): string {
    return host === undefined ? '' : fs.readFileSync(host.console, 'utf8').replaceAll('\r', '');
  }

  /** Asks the world in which the hosts run. */
  public call<M extends keyof Calls>(
    method: M,
    ...args: Parameters<Calls[M]>
  ): Promise<Awaited<ReturnType<Calls[M]>>> {
    return new Promise((resolve, reject) => {
      if (this.world === undefined || this.ended) {
        reject(new Error('the preview is not running'));
        return;
      }
      const id = ++this.calls;
      this.waiting.set(id, { resolve, reject });
      this.world.send({ id, method, args });
    });
  }

  /** Takes everything down. */
  public async stop(): Promise<void> {
    for (const server of this.servers.splice(0)) {
      server.close();
      (server as Partial<http.Server>).closeAllConnections?.();
    }
    if (this.world !== undefined && !this.ended) {
      if (this.world.connected) {
        this.world.disconnect();
      }
      await until('the preview ends', 30, () => this.ended).catch(() => {
        this.world?.kill('SIGKILL');
      });
    }
    const group = controlGroupOf(process.pid);
    if (fs.existsSync(group)) {
      await removeControlGroups(group);
    }
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  private image(role: Role, plain: boolean): Promise<Image> {
    const packages = this.plan.hosts.find((host) => host.role === role)?.packages ?? [];
    return plain ? this.images.base() : this.images.withPackages(role, packages);
  }

  private spawnWorld(): void {
    const world = path.join(this.directory, 'world');
    const log = fs.openSync(path.join(this.directory, 'world.log'), 'w');
    // The kernel kills the world when we end, however that comes about.
    this.world = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--net', '--pid', '--fork'],
        ...['--kill-child=SIGTERM', '--mount-proc', '/bin/sh', '-c'],
        'mount -t tmpfs -o mode=0755,size=80% tmpfs "$1" && exec "$2" "$3"',
        ...['sh', world, process.execPath, path.join(__dirname, 'world.js')],
      ],
      // A session of its own, so that Ctrl-C reaches us alone.
      { stdio: ['ignore', log, log, 'ipc'], detached: true },
    );
    fs.closeSync(log);
    this.world.on('message', (message: { id: number; result: never; error?: string }) => {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error === undefined) {
        waiting?.resolve(message.result);
      } else {
        waiting?.reject(new Error(message.error));
      }
    });
    this.world.on('error', () => undefined);
    this.world.on('exit', (code, signal) => {
      this.ended = true;
      const said = readIfThere(path.join(this.directory, 'world.log')).slice(-2000);
      const error = new Error(`the preview ended with ${signal ?? code}\n${said}`);
      this.waiting.forEach(({ reject }) => reject(error));
      this.waiting.clear();
    });
  }

  /** The outer half of apt's proxy: Debian's mirror, and nothing else. */
  private async serveApt(): Promise<void> {
    const mirror = new URL(this.mirror);
    const proxy = process.env.http_proxy;
    const server = http.createServer((request, response) => {
      const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : undefined;
      if (url?.host !== mirror.host || !['GET', 'HEAD'].includes(request.method ?? '')) {
        response.writeHead(403).end('the preview lets apt reach its mirror alone\n');
        return;
      }
      const to = proxy === undefined ? url : new URL(proxy);
      const outside = http.request(
        {
          host: to.hostname,
          port: to.port === '' ? 80 : Number(to.port),
          path: proxy === undefined ? url.pathname + url.search : url.href,
          method: request.method,
          headers: { ...request.headers, host: url.host },
        },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      outside.on('error', (error) => response.destroy(error));
      request.pipe(outside);
    });
    await this.listen(server, (ready) =>
      server.listen(path.join(this.directory, 'apt.sock'), ready),
    );
  }

  /** Where the browser comes in. */
  private async openEntry(): Promise<void> {
    const { address = '127.0.0.1', httpsPort = 443, httpPort = 80 } = this.options;
    for (const { port } of this.plan.listeners) {
      const outer = { 443: httpsPort, 80: httpPort }[port] ?? port;
      const option = { 443: '--https-port', 80: '--http-port' }[port];
      const server = net.createServer((browser) => {
        const inner = net.connect(path.join(this.directory, `entry-${port}.sock`));
        browser.pipe(inner).pipe(browser);
        browser.on('error', () => inner.destroy());
        inner.on('error', () => browser.destroy());
      });
      try {
        await this.listen(server, (ready) => server.listen(outer, address, ready));
      } catch (error) {
        const reasons: Record<string, string> = {
          EADDRINUSE: `is taken: choose another with --address or ${option ?? 'the template'}`,
          EADDRNOTAVAIL: 'is no address of this machine: choose one with --address',
          ENOTFOUND: 'is no address: give one with --address, such as 127.0.0.1',
          EACCES: `may not be used: choose another port with ${option ?? 'the template'}`,
        };
        const { code = '', message } = error as NodeJS.ErrnoException;
        throw new Error(`${address}:${outer} ${reasons[code] ?? message}`, { cause: error });
      }
    }
  }

  private listen(server: net.Server, start: (ready: () => void) => void): Promise<void> {
    this.servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      start(resolve);
    });
  }
}

/** Boots a stack's hosts and waits until the load balancer sends all of them traffic. */
export async function startPreview(options: PreviewOptions = {}): Promise<Preview> {
  const preview = new Preview(options);
  try {
    await preview.boot();
    return preview;
  } catch (error) {
    await preview.stop();
    throw error;
  }
}

/** Removes what previews left whose process was killed. */
export async function clearLeftovers(): Promise<void> {
  const gone = (pid: number) => pid === process.pid || !fs.existsSync(`/proc/${pid}`);
  for (const [pid, group] of controlGroups()) {
    if (gone(pid)) {
      await removeControlGroups(group);
    }
  }
  for (const name of fs.readdirSync(DIRECTORY).filter((entry) => entry.startsWith(NAME))) {
    if (gone(Number(name.slice(NAME.length)))) {
      fs.rmSync(path.join(DIRECTORY, name), { recursive: true, force: true });
    }
  }
}

/** Fails, with what to do about it, where this machine cannot run a preview. */
export function checkMachine(): void {
  if (process.platform !== 'linux') {
    throw new Error(`the preview runs on linux, not on ${process.platform}`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error('the preview needs root, to make namespaces and mounts: run it with sudo');
  }
  const folders = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin');
  const missing = Object.keys(NEEDED).filter(
    (program) => !folders.some((folder) => fs.existsSync(path.join(folder, program))),
  );
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => NEEDED[program]))].join(' ');
    throw new Error(`${missing.join(', ')} not found: install the Debian packages ${packages}`);
  }
  if (!/\boverlay$/m.test(fs.readFileSync('/proc/filesystems', 'utf8'))) {
    throw new Error('the kernel has no overlayfs: run modprobe overlay');
  }
  controlGroupOf(process.pid);
}

/** Refuses what cannot be previewed before anything starts. */
function checkOptions(options: PreviewOptions): void {
  for (const [flag, count] of Object.entries({
    '--dashboard-hosts': options.dashboardHosts ?? 2,
    '--static-hosts': options.staticHosts ?? 1,
  })) {
    if (!(Number.isInteger(count) && count >= 1 && count <= 100)) {
      throw new Error(`${flag} must be from 1 to 100, got ${count}`);
    }
  }
  const ports = { '--https-port': options.httpsPort ?? 443, '--http-port': options.httpPort ?? 80 };
  for (const [flag, port] of Object.entries(ports)) {
    if (!(Number.isInteger(port) && port >= 1 && port <= 65535)) {
      throw new Error(`${flag} must be a port from 1 to 65535, got ${port}`);
    }
  }
  if (ports['--https-port'] === ports['--http-port']) {
    throw new Error(`--https-port and --http-port must differ, got ${ports['--http-port']} twice`);
  }
}

function readPlan(options: PreviewOptions): Plan {
  const file = options.template ?? 'cdk.out/OpenStackDashboard.template.json';
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch {
    throw new Error(`${file} cannot be read: run npm run synth, or give --template FILE`);
  }
  const template = JSON.parse(text) as ConstructorParameters<typeof Template>[0];
  const names = Template.parameterNames(template);
  const standIns = Object.entries(STAND_INS).filter(([name]) => names.includes(name));
  const given = { ...Object.fromEntries(standIns), ...options.parameters };
  const plan = new Template(template, given).plan();
  const port = options.httpsPort ?? 443;
  if (port === 443) {
    return plan;
  }
  // The template has the standard port; who comes to another must be sent back to that.
  const serverNames = plan.hosts.map(({ userData }) => variable(userData, 'SERVER_NAME') ?? '');
  return {
    ...plan,
    hosts: plan.hosts.map((host) => ({
      ...host,
      userData: withPort(host.userData, serverNames, port),
    })),
  };
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
