import { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { dropPackets, Outage } from '../cloud/network/outage';
import { Authority } from '../cloud/network/pki';
import {
  KEYSTONE_FOLDER,
  KEYSTONE_HOST,
  KeystoneClient,
  keystoneProgram,
  populate,
  readDatabase,
} from '../cloud/openstack/keystone';
import { OBJECT_STORE, OBJECT_STORE_HOST, ObjectStore } from '../cloud/openstack/object-store';
import { OPENSTACK_SERVICES, SERVICES_FOLDER, servicesProgram } from '../cloud/openstack/services';
import { answersAt } from '../shared/listening';
import { children } from '../shared/processes';
import { until } from '../shared/run';
import type { WorldOptions } from './calls';
import { FederatedKeystone } from './federation';
import { ADDRESSES, Network } from './network';
import type { ServicePrograms } from './service-programs';

/** Keystone, and the OpenStack services in its catalog. */
export class OpenStack {
  private readonly keystoneNames: string[];
  private keystone?: ChildProcess;
  private services?: ChildProcess;
  private away?: Outage;
  private readonly federated?: FederatedKeystone;

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
    this.keystoneNames = [...new Set([KEYSTONE_HOST, ...names])];
  }

  /** Names the services, and starts Swift. The others start when all names are known. */
  public async prepare(network: Network): Promise<void> {
    network.name(ADDRESSES.keystone, ...this.keystoneNames);
    await this.federated?.prepare(network);
    if (this.options.services) {
      network.name(ADDRESSES.services, ...OPENSTACK_SERVICES.map(({ host }) => host));
    }
    if (this.options.objectStore) {
      network.name(ADDRESSES.objectStore, OBJECT_STORE_HOST);
      const certificate = await this.authority.issue(OBJECT_STORE_HOST);
      await new ObjectStore().listen(ADDRESSES.objectStore, certificate);
    }
  }

  public async start(): Promise<void> {
    await this.startKeystone();
    if (this.options.services) {
      await this.startServices();
    }
  }

  /** From now on each answer takes at least so many milliseconds more. */
  public latency(milliseconds: number): void {
    const places = [
      { service: this.keystone, folder: KEYSTONE_FOLDER },
      { service: this.services, folder: SERVICES_FOLDER },
    ];
    for (const { service, folder } of places) {
      const root = rootOf(service);
      if (root !== undefined) {
        fs.writeFileSync(`${root}${folder}/latency`, String(milliseconds));
      }
    }
  }

  /** What another Keystone of the same cloud begins with. */
  public keystoneFiles(): Record<string, string> {
    const root = rootOf(this.keystone);
    if (root === undefined) {
      throw new Error('Keystone is not running');
    }
    return readDatabase(root);
  }

  public async keystoneOutage(outage: Outage | undefined): Promise<void> {
    if (this.keystone?.pid === undefined || outage === 'refuse') {
      throw new Error('the preview’s Keystone can hang or lose packets');
    }
    if (this.away === 'drop' || outage === 'drop') {
      await dropPackets(ADDRESSES.keystone, outage === 'drop');
    }
    signalAll(this.keystone.pid, outage === 'hang' ? 'SIGSTOP' : 'SIGCONT');
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

  private async startKeystone(): Promise<void> {
    const { objectStore, services, directory, keystone = {}, ...users } = this.options;
    const adminPassword = randomBytes(18).toString('base64url');
    const certificate = await this.authority.issue(...this.keystoneNames);
    const { files, command } = keystoneProgram(
      ADDRESSES.keystone,
      adminPassword,
      certificate,
      services,
      keystone,
      this.federated?.program(),
    );
    const service = this.programs.start('keystone', command, files);
    this.keystone = service;
    const ended = new Promise<never>((_, reject) =>
      service.once('exit', (code) => reject(new Error(`keystone ended with ${code}`))),
    );
    try {
      const catalog = [
        ...(objectStore ? [OBJECT_STORE] : []),
        ...(services ? OPENSTACK_SERVICES : []),
      ];
      const client = new KeystoneClient(ADDRESSES.keystone, this.authority.cert);
      const ready = client.answers();
      const filled =
        this.options.keystone === undefined
          ? ready.then(() => populate(client, adminPassword, { ...users, catalog }))
          : ready;
      await Promise.race([filled, ended]);
      this.federated?.register(rootOf(service) ?? '');
    } catch (error) {
      const log = fs.readFileSync(path.join(directory, 'logs/keystone.log'), 'utf8');
      throw new Error(`${(error as Error).message}\n${log.split('\n').slice(-30).join('\n')}`, {
        cause: error,
      });
    }
    ended.catch(() => undefined);
  }

  private async startServices(): Promise<void> {
    const certificate = await this.authority.issue(...OPENSTACK_SERVICES.map(({ host }) => host));
    const { files, command } = servicesProgram(
      ADDRESSES.services,
      this.authority.cert,
      certificate,
    );
    const service = this.programs.start('services', command, files);
    this.services = service;
    const log = path.join(this.options.directory, 'logs/services.log');
    for (const { port, name } of OPENSTACK_SERVICES) {
      await until(`${name} answers`, 30, () => {
        if (service.exitCode !== null) {
          throw new Error(`the services ended:\n${fs.readFileSync(log, 'utf8').slice(-2000)}`);
        }
        return answersAt(ADDRESSES.services, port);
      });
    }
  }
}

/** The root directory of a service, as it sees it. */
function rootOf(service: ChildProcess | undefined): string | undefined {
  const [pid] = service?.pid === undefined ? [] : children(service.pid);
  return pid === undefined ? undefined : `/proc/${pid}/root`;
}

/** Sends a signal to all processes below one, but not to itself. */
function signalAll(pid: number, signal: NodeJS.Signals): void {
  for (const child of children(pid)) {
    signalAll(child, signal);
    process.kill(child, signal);
  }
}
