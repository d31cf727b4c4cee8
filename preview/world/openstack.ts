import { ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { dropPackets, Outage } from '../cloud/network/outage';
import { Authority } from '../cloud/network/pki';
import type { ServiceFault } from '../cloud/openstack/front';
import { KEYSTONE_FOLDER, KEYSTONE_HOST, REGION } from '../cloud/openstack/keystone';
import { OBJECT_STORE, OBJECT_STORE_HOST, ObjectStore } from '../cloud/openstack/object-store';
import { OPENSTACK_SERVICES, SERVICES_FOLDER, servicesProgram } from '../cloud/openstack/services';
import { answersAt } from '../shared/listening';
import { children, memoryOf } from '../shared/processes';
import { until } from '../shared/run';
import type { KeystoneCall, WorldOptions } from './calls';
import { FederatedKeystone } from './federation';
import { FullCloud } from './full-cloud';
import { Keystone, rootOf } from './keystone';
import { ADDRESSES, Network } from './network';
import type { ServicePrograms } from './service-programs';

/** Keystone, and the OpenStack services in its catalog. */
export class OpenStack {
  private readonly keystoneNames: string[];
  private readonly keystone: Keystone;
  /** By the names of their hosts. */
  private readonly others = new Map<string, Keystone>();
  private services?: ChildProcess;
  private away?: Outage;
  private readonly federated?: FederatedKeystone;
  private readonly fullCloud?: FullCloud;

  constructor(
    private readonly options: WorldOptions,
    private readonly authority: Authority,
    private readonly programs: ServicePrograms,
  ) {
    const { federation } = options;
    if (federation !== undefined) {
      this.federated = new FederatedKeystone(federation, options, authority);
    }
    const names = [...options.plan.keystoneNames, ...(this.federated?.names ?? [])];
    const others = Object.keys(options.otherKeystones);
    this.keystoneNames = [...new Set([KEYSTONE_HOST, ...names])].filter(
      (name) => !others.includes(name),
    );
    const place = { host: KEYSTONE_HOST, address: ADDRESSES.keystone, region: REGION };
    this.keystone = new Keystone(place, options, authority, this.federated);
    if (options.fullCloud) {
      this.fullCloud = new FullCloud(authority, programs, path.join(options.directory, 'logs'));
    }
  }

  /** Names the services, and starts Swift. The others start when all names are known. */
  public async prepare(network: Network): Promise<void> {
    const { options, authority } = this;
    network.name(ADDRESSES.keystone, ...this.keystoneNames);
    for (const [host, region] of Object.entries(options.otherKeystones)) {
      const address = await network.nextAddress();
      network.name(address, host);
      this.others.set(host, new Keystone({ host, address, region }, options, authority));
    }
    await this.federated?.prepare(network);
    await this.fullCloud?.prepare(network, this.options.directory);
    if (this.standIns) {
      network.name(ADDRESSES.services, ...OPENSTACK_SERVICES.map(({ host }) => host));
    }
    if (this.options.objectStore && this.fullCloud === undefined) {
      network.name(ADDRESSES.objectStore, OBJECT_STORE_HOST);
      const certificate = await this.authority.issue(OBJECT_STORE_HOST);
      await new ObjectStore().listen(ADDRESSES.objectStore, certificate);
    }
  }

  public async start(): Promise<void> {
    const { objectStore, fullCloud, catalog, names } = this.options;
    const full = this.fullCloud?.start(names);
    // It may fail before Keystone has started.
    full?.catch(() => undefined);
    await Promise.all([
      this.keystone.start(this.programs, 'keystone', this.keystoneNames, [
        // The full cloud's image has its own.
        ...(objectStore && !fullCloud ? [OBJECT_STORE] : []),
        ...(this.standIns ? OPENSTACK_SERVICES : []),
        ...catalog,
      ]),
      ...[...this.others].map(([host, keystone]) =>
        keystone.start(this.programs, host, [host], []),
      ),
    ]);
    await full;
    if (this.standIns) {
      await this.startServices();
    }
  }

  /** From now on each answer takes at least so many milliseconds more. */
  public latency(milliseconds: number): void {
    this.fullCloud?.latency(milliseconds);
    writeLatency(this.keystone.process, KEYSTONE_FOLDER, milliseconds);
    writeLatency(this.services, SERVICES_FOLDER, milliseconds);
  }

  /** The same for one service. */
  public serviceLatency(service: string, milliseconds: number): void {
    if (service === 'keystone') {
      writeLatency(this.keystone.process, KEYSTONE_FOLDER, milliseconds);
    } else {
      this.full.latency(milliseconds, service);
    }
  }

  /** Ends the fault of a service, and begins another if one is given. */
  public async serviceFault(service: string, fault?: ServiceFault): Promise<void> {
    if (service !== 'keystone') {
      await this.full.fault(service, fault);
    } else if (typeof fault === 'number') {
      throw new Error(`the fault of keystone must be hang or drop, got ${fault}`);
    } else {
      await this.keystoneOutage(fault);
    }
  }

  /** Bytes of memory that Keystone and the services hold. */
  public memory(): number {
    return [this.keystone.process, this.services, this.fullCloud?.program]
      .flatMap((program) => (program?.pid === undefined ? [] : children(program.pid)))
      .reduce((sum, pid) => sum + memoryOf(pid), 0);
  }

  private get full(): FullCloud {
    if (this.fullCloud === undefined) {
      throw new Error(
        'the service must be keystone, or the preview started with --cloud full, whose services are on their own',
      );
    }
    return this.fullCloud;
  }

  private get standIns(): boolean {
    return this.options.services && this.fullCloud === undefined;
  }

  /** What another Keystone of the same cloud begins with. */
  public keystoneFiles(): Record<string, string> {
    return this.keystone.database;
  }

  /** Asks a Keystone as its administrator: the one of that host, or the first one. */
  public keystoneCall(call: KeystoneCall) {
    const keystone = call.host === undefined ? this.keystone : this.others.get(call.host);
    if (keystone === undefined) {
      throw new Error(`the preview has no Keystone at ${call.host}`);
    }
    return keystone.call(call);
  }

  public async keystoneOutage(outage: Outage | undefined): Promise<void> {
    const { pid } = this.keystone.process ?? {};
    if (pid === undefined || outage === 'refuse') {
      throw new Error('the preview’s Keystone can hang or lose packets');
    }
    if (this.away === 'drop' || outage === 'drop') {
      await dropPackets(ADDRESSES.keystone, outage === 'drop');
    }
    signalAll(pid, outage === 'hang' ? 'SIGSTOP' : 'SIGCONT');
    this.away = outage;
  }

  /** Waits until Keystone knows the identity providers. */
  public async registered(): Promise<void> {
    await this.federated?.registered();
  }

  public async identityProviderAway(name: string, away: boolean): Promise<void> {
    if (this.federated === undefined) {
      throw new Error('the preview has no identity providers: start it with --federation');
    }
    await this.federated.providers.setAway(name, away);
  }

  private async startServices(): Promise<void> {
    const certificate = await this.authority.issue(...OPENSTACK_SERVICES.map(({ host }) => host));
    const { files, command } = servicesProgram(
      ADDRESSES.services,
      this.authority.cert,
      certificate,
      this.options.size?.servers,
    );
    const service = this.programs.start('services', command, files);
    this.services = service;
    const log = path.join(this.options.directory, 'logs/services.log');
    for (const { port, name } of OPENSTACK_SERVICES) {
      await until(`${name} answers`, 180, () => {
        if (service.exitCode !== null) {
          throw new Error(`the services ended:\n${fs.readFileSync(log, 'utf8').slice(-2000)}`);
        }
        return answersAt(ADDRESSES.services, port);
      });
    }
  }
}

function writeLatency(
  service: ChildProcess | undefined,
  folder: string,
  milliseconds: number,
): void {
  const root = rootOf(service);
  if (root !== undefined) {
    fs.writeFileSync(`${root}${folder}/latency`, String(milliseconds));
  }
}

/** Sends a signal to all processes below one, but not to itself. */
function signalAll(pid: number, signal: NodeJS.Signals): void {
  for (const child of children(pid)) {
    signalAll(child, signal);
    process.kill(child, signal);
  }
}
