import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { DEMO_USER } from '../cloud/openstack/keystone';
import { controlGroupOf, removeControlGroups } from '../machine/control-groups';
import { DEFAULT_CACHE, DEFAULT_MIRROR, Image, Images, Progress } from '../machine/image';
import { until } from '../shared/run';
import type { ImageStage, Plan, Role } from '../stack/plan';
import { variable } from '../stack/user-data';
import type { Calls, HostState } from '../world/calls';
import { serviceImage } from '../world/service-image';
import { Gates } from './gates';
import { needsOf } from './needs';
import { AddHostOptions, checkOptions, Cloud, PreviewOptions } from './options';
import { readPlan } from './plan';
import { checkMachine, clearLeftovers, directoryOf, newId } from './this-machine';
import { WorldProcess } from './world-process';

/** A synthesized stack, running on this machine. */
export class Preview implements Cloud {
  public readonly user = DEMO_USER;
  public readonly password: string;
  public readonly directory: string;
  public plan: Plan;
  /** The preview's certificate authority, in PEM. */
  public ca = '';
  /** The names of the dashboard and of its static media. */
  public readonly name: string;
  public readonly staticName: string;
  private readonly gates: Gates;
  private readonly controlGroup: string;
  private readonly images: Images;
  private readonly progress: Progress;
  private world?: WorldProcess;
  private kept = false;

  constructor(private readonly options: PreviewOptions) {
    checkOptions(options);
    this.plan = readPlan(options);
    checkMachine(needsOf(options, this.plan));
    const id = newId();
    this.directory = directoryOf(id);
    this.controlGroup = controlGroupOf(id);
    this.gates = new Gates(this.directory);
    this.password = options.openStackOf?.password ?? randomBytes(12).toString('base64url');
    this.progress = options.progress ?? ((_step, work) => work());
    const names = this.plan.hosts.map(({ role }, index) => [role, namesOf(this.plan)[index]]);
    const byRole = Object.fromEntries(names) as Record<Role, string>;
    this.name = byRole.dashboard;
    this.staticName = byRole.static ?? this.name;
    this.images = new Images({
      directory: options.cache ?? DEFAULT_CACHE,
      mirror: this.mirror,
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
    return this.world?.running ?? false;
  }

  /** The names at which browsers and hosts look for Keystone. */
  public get keystoneNames(): string[] {
    return this.keystoneUrls.map((url) => new URL(url).hostname);
  }

  /** The URLs of Keystone, of the template and of the options. */
  private get keystoneUrls(): string[] {
    const urls = this.plan.hosts.flatMap(({ userData }) =>
      ['OPENSTACK_KEYSTONE_URL', 'WEBSSO_KEYSTONE_URL'].map((name) => variable(userData, name)),
    );
    return [...urls, ...(this.options.keystoneUrls ?? [])].filter(
      (url) => url !== undefined && url !== '',
    ) as string[];
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
    await this.call('registered');
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
    const { fullCloud = false, federation = fullCloud } = this.options;
    const cloud = await serviceImage(this.images, federation, fullCloud);
    await this.progress(
      'start the network, load balancer, AWS, memcached and Keystone',
      async () => {
        this.world = new WorldProcess(this.directory);
        await this.gates.serveApt(this.mirror, this.options.packages);
        const keystone = await this.options.openStackOf?.keystoneFiles();
        const { ca, ways } = await this.call('start', {
          plan: this.plan,
          directory: this.directory,
          controlGroup: this.controlGroup,
          cloudLayers: cloud.layers,
          names: [...new Set([this.name, this.staticName])],
          demoPassword: this.password,
          moreUsers: this.options.moreUsers ?? [],
          roles: this.options.roles ?? {},
          ports: { 443: this.options.httpsPort ?? 443, 80: this.options.httpPort ?? 80 },
          objectStore: this.options.objectStore ?? false,
          services: this.options.services ?? false,
          fullCloud,
          catalog: this.options.catalog ?? [],
          ...(this.options.size === undefined ? {} : { size: this.options.size }),
          ...(this.options.releases === undefined ? {} : { releases: this.options.releases }),
          cacheCertificate: this.options.cacheCertificate ?? 'nodes',
          otherKeystones: this.options.otherKeystones ?? {},
          ...(this.options.keystoneSettings === undefined
            ? {}
            : { keystoneSettings: this.options.keystoneSettings }),
          ...(keystone === undefined ? {} : { keystone }),
          ...(federation ? { federation: this.keystoneUrls } : {}),
          ...(this.options.keycloak === undefined ? {} : { keycloak: this.options.keycloak }),
        });
        this.ca = ca;
        // A browser may not run as root.
        fs.writeFileSync(this.caFile, ca, { mode: 0o644 });
        await this.gates.openEntry(this.options, this.plan.listeners);
        await this.gates.openWays(this.options, ways);
      },
    );
  }

  public async addHost(options: AddHostOptions): Promise<HostState> {
    return this.call('addHost', await this.launchOptions(options));
  }

  /**
   * Builds the machine image of a role's hosts from Debian's, as the state machine of a bake does: an
   * instance with the user data of a bake powers itself off, and what it wrote becomes a layer.
   */
  public async bake(role: Role, name: string): Promise<{ host: HostState; image: Image }> {
    const host = await this.runOfImage({ role, plain: true }, 'bake');
    const image = await this.images.fromVolume(name, await this.images.base(), (directory) =>
      this.call('copyVolume', host.id, directory),
    );
    return { host, image };
  }

  /** Boots an instance of a bake, and waits until it has powered itself off. */
  public async runOfImage(
    options: AddHostOptions,
    stage: ImageStage,
    seconds = 600,
  ): Promise<HostState> {
    const host = await this.call('addOfImage', await this.launchOptions(options), stage);
    await until(
      `${host.name} powers itself off`,
      seconds,
      async () => {
        const failed = /openstack-dashboard: FAILED: .*/.exec(this.console(host))?.[0];
        if (failed !== undefined) {
          throw new Error(`${host.name}: ${failed}`);
        }
        return (await this.call('hosts')).some(({ id, running }) => id === host.id && !running);
      },
      250,
    );
    return host;
  }

  /** Makes the images that hosts boot from, where the cache lacks them. */
  public async makeImages(): Promise<void> {
    for (const { role } of this.plan.hosts) {
      await this.image(role, false);
    }
  }

  /** An image as a script leaves it that runs in another, or in that of a role. */
  public async deriveImage(from: Role | Image, name: string, script: string, ...args: string[]) {
    const image = typeof from === 'string' ? await this.image(from, false) : from;
    return this.images.derive(name, image, script, args);
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

  /**
   * Deploys another template of the stack as CloudFormation does: replaces the hosts whose launch
   * template changes and the clusters of memcached, and rolls back when a host fails.
   */
  public async deploy(template: string): Promise<void> {
    const before = this.plan;
    const next = readPlan({ ...this.options, template });
    const [was, is] = [before, next].map((plan) => namesOf(plan).join(' '));
    if (was !== is) {
      throw new Error(`the template must keep the names ${was}, got ${is}: start another preview`);
    }
    const groups = await this.call('groups');
    const old = new Set((await this.call('hosts')).map(({ id }) => id));
    await this.call('suspend');
    try {
      await this.update(template);
      const changed = next.hosts.filter(
        ({ role, version }) => before.hosts.find((host) => host.role === role)?.version !== version,
      );
      const rolls = await Promise.allSettled(
        changed.map(({ role }) =>
          this.progress(`replace ${role} hosts`, () => this.roll({ role })),
        ),
      );
      const failed = rolls.find(({ status }) => status === 'rejected');
      if (failed !== undefined) {
        throw (failed as PromiseRejectedResult).reason;
      }
    } catch (error) {
      this.plan = before;
      await this.progress('roll back', async () => {
        await this.call('update', before);
        const added = (await this.call('hosts')).filter(({ id }) => !old.has(id));
        await Promise.all(added.map(({ id }) => this.remove(id)));
      });
      throw error;
    } finally {
      for (const { role, scaling } of this.plan.hosts) {
        const { desired } = groups[role];
        const min = before.hosts.find((host) => host.role === role)?.scaling.min ?? 0;
        await this.manageGroup(
          { role },
          scaling.min > min ? Math.max(desired, scaling.min) : desired,
        );
      }
      await this.call('removeOldCaches');
    }
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
    await this.keepReleases(id);
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
    return (
      this.world?.call(method, ...args) ?? Promise.reject(new Error('the preview is not running'))
    );
  }

  public keystoneFiles(): Promise<Record<string, string>> {
    return this.call('keystoneFiles');
  }

  /** Takes everything down. */
  public async stop(): Promise<void> {
    this.gates.close();
    await this.world?.end();
    if (fs.existsSync(this.controlGroup)) {
      await removeControlGroups(this.controlGroup);
    }
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  /** Only what is published when the first dashboard host takes traffic: later a test may put rubbish there. */
  private async keepReleases(id: string): Promise<void> {
    const host = (await this.call('hosts')).find((other) => other.id === id);
    if (this.options.releases !== undefined && !this.kept && host?.role === 'dashboard') {
      this.kept = true;
      await this.call('keepReleases');
    }
  }

  private image(role: Role, plain: boolean): Promise<Image> {
    const hosts = this.plan.hosts.find((host) => host.role === role);
    const packages = hosts?.packages ?? [];
    if (plain || hosts?.horizonLock === undefined) {
      return plain ? this.images.base() : this.images.withPackages(role, packages);
    }
    return this.images.withHorizon(role, packages, hosts.horizonLock);
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
}

/** The names of hosts' sites, in the order of the plan. */
function namesOf(plan: Plan): string[] {
  return plan.hosts.map(({ userData }) => variable(userData, 'SERVER_NAME') ?? '');
}
