import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { AwsServices, ScriptedFailure, SERVICES, Upload } from '../cloud/aws/aws-services';
import { Signal, StackEvent } from '../cloud/aws/cloudformation';
import { LogEvent } from '../cloud/aws/logs';
import { MetadataService } from '../cloud/aws/metadata';
import { LoadBalancer } from '../cloud/load-balancer/load-balancer';
import { Access } from '../cloud/load-balancer/responses';
import { HealthChange, TargetState } from '../cloud/load-balancer/targets';
import { NodeAction } from '../cloud/memcached/cache';
import { Item } from '../cloud/memcached/client';
import { Outage } from '../cloud/network/outage';
import { Authority } from '../cloud/network/pki';
import { ServiceFault } from '../cloud/openstack/front';
import { GroupState } from '../cloud/scaling-group';
import { removeControlGroups } from '../machine/control-groups';
import type { ImageStage, Plan, Role } from '../stack/plan';
import { Caches } from './caches';
import type {
  Away,
  CacheContent,
  Calls,
  HostOptions,
  HostState,
  KeystoneCall,
  Search,
  WorldOptions,
} from './calls';
import { Hosts } from './hosts';
import { Answer, askHost, AskOptions, load, LoadOptions, LoadResult } from './load';
import { ADDRESSES, Network } from './network';
import { OpenStack } from './openstack';
import { keepReleases, storeReleases } from './releases';
import { ServicePrograms } from './service-programs';

/** What runs once the world has started. */
interface Parts {
  readonly aws: AwsServices;
  readonly balancer: LoadBalancer;
  readonly hosts: Hosts;
  readonly openStack: OpenStack;
  readonly caches: Caches;
}

/** Hosts and the services around them, all of which run in this process's namespaces. */
export class World implements Calls {
  private options?: WorldOptions;
  private parts?: Parts;
  private readonly network = new Network();
  private readonly metadata = new MetadataService();

  private get running(): Parts {
    if (this.parts === undefined) {
      throw new Error('the preview has not started');
    }
    return this.parts;
  }

  /** Removes what outlives the processes: control groups and files. */
  public async leave(): Promise<void> {
    if (this.options !== undefined) {
      const { directory, controlGroup } = this.options;
      await removeControlGroups(controlGroup);
      execFileSync('umount', ['--lazy', '--recursive', path.join(directory, 'world')]);
      fs.rmSync(directory, { recursive: true, force: true });
    }
  }

  public async start(
    options: WorldOptions,
  ): Promise<{ readonly ca: string; readonly ways: number[] }> {
    this.options = options;
    const { plan, directory, controlGroup } = options;
    const { network, metadata } = this;
    await network.make();
    const authority = await Authority.create(path.join(directory, 'pki'));
    fs.mkdirSync(path.join(directory, 'logs'), { recursive: true });
    const aws = await this.startAws(options, authority);
    storeReleases(aws.s3, options);
    await metadata.listen(ADDRESSES.metadata);
    await network.dns.listen(ADDRESSES.dns);
    await network.listenForApt(directory);
    const balancer = await this.startLoadBalancer(options, authority);
    const around = { directory, controlGroup, authority, aws, balancer, metadata };
    const hosts = new Hosts(plan, around);
    const programs = new ServicePrograms(directory, options.cloudLayers, network);
    const openStack = new OpenStack(options, authority, programs);
    await openStack.prepare(network);
    const caches = new Caches(authority, network, programs.start.bind(programs));
    await caches.start(plan.caches, options.cacheCertificate);
    await openStack.start();
    this.parts = { aws, balancer, hosts, openStack, caches };
    return { ca: authority.cert, ways: network.ways };
  }

  /**
   * Configures future hosts from another template; old hosts keep their configuration. Clusters of
   * memcached that are new start, and those that the template has no more go on.
   */
  public async update({ hosts, metadata, buckets, caches }: Plan): Promise<void> {
    const { plan } = this.running.hosts;
    const next = { ...plan, hosts, buckets, caches, metadata: { ...plan.metadata, ...metadata } };
    await this.running.caches.update(caches);
    this.running.aws.update(next);
    this.running.hosts.update(next);
  }

  public addHost(options: HostOptions): Promise<HostState> {
    return this.running.hosts.add(options);
  }

  public addOfImage(options: HostOptions, stage: ImageStage): Promise<HostState> {
    return this.running.hosts.addOfImage(options, stage);
  }

  public copyVolume(id: string, directory: string): Promise<void> {
    return this.running.hosts.copyVolume(id, directory);
  }

  public manageGroup(options: HostOptions, desired: number): Promise<void> {
    return this.running.hosts.manage(options, desired);
  }

  public groups(): Promise<Record<string, GroupState>> {
    return Promise.resolve(this.running.hosts.groupStates);
  }

  public hosts(): Promise<HostState[]> {
    return Promise.resolve(this.parts?.hosts.states ?? []);
  }

  public exec(id: string, command: string[]): Promise<string> {
    return this.running.hosts.machine(id).exec(command[0], ...command.slice(1));
  }

  public memory(id: string): Promise<number> {
    return Promise.resolve(this.running.hosts.machine(id).memory());
  }

  public fillDisk(id: string, full: boolean): Promise<void> {
    return this.running.hosts.machine(id).fillDisk(full);
  }

  public powerOff(id: string): Promise<void> {
    return this.running.hosts.powerOff(id);
  }

  public reboot(id: string): Promise<void> {
    return this.running.hosts.reboot(id);
  }

  public remove(id: string): Promise<void> {
    return this.running.hosts.remove(id);
  }

  public terminate(id: string): Promise<void> {
    return this.running.hosts.terminate(id);
  }

  public terminateInGroup(id: string): Promise<void> {
    return this.running.hosts.terminateInGroup(id);
  }

  public refresh(role: Role): Promise<void> {
    return this.running.hosts.refresh(role);
  }

  public scale(role: Role, desired: number): Promise<void> {
    return this.running.hosts.scale(role, desired);
  }

  public suspend(): Promise<void> {
    this.running.hosts.suspend();
    return Promise.resolve();
  }

  public drain(id: string): Promise<void> {
    return this.running.hosts.drain(id);
  }

  public log(): Promise<Access[]> {
    return Promise.resolve(this.running.balancer.log);
  }

  public targets(): Promise<TargetState[]> {
    return Promise.resolve(this.running.balancer.targets);
  }

  public healthChanges(): Promise<HealthChange[]> {
    return Promise.resolve(this.running.balancer.changes);
  }

  public signals(): Promise<Signal[]> {
    return Promise.resolve(this.running.aws.cloudFormation.signals);
  }

  public stackEvents(): Promise<StackEvent[]> {
    return Promise.resolve(this.running.aws.cloudFormation.events);
  }

  /** Begins an outage, or ends the one that there is. */
  public async outage(what: Away, outage?: Outage): Promise<void> {
    switch (what) {
      case 'metadata':
        return this.metadata.outage(outage);
      case 'dns':
        return this.network.dns.setOutage(outage);
      case 'keystone':
        return this.running.openStack.keystoneOutage(outage);
      default:
        return this.running.aws.outage(what, outage);
    }
  }

  public registered(): Promise<void> {
    return this.running.openStack.registered();
  }

  public keystone(call: KeystoneCall): Promise<Record<string, Record<string, string>>> {
    return this.running.openStack.keystoneCall(call);
  }

  public identityProviderAway(name: string, away: boolean): Promise<void> {
    return this.running.openStack.identityProviderAway(name, away);
  }

  public script(failing: ScriptedFailure): Promise<void> {
    this.running.aws.script(failing);
    return Promise.resolve();
  }

  public skewAws(seconds: number): Promise<void> {
    this.running.aws.skew = seconds * 1000;
    return Promise.resolve();
  }

  public keystoneFiles(): Promise<Record<string, string>> {
    return Promise.resolve(this.running.openStack.keystoneFiles());
  }

  public latency(milliseconds: number): Promise<void> {
    this.running.openStack.latency(milliseconds);
    return Promise.resolve();
  }

  public serviceLatency(service: string, milliseconds: number): Promise<void> {
    this.running.openStack.serviceLatency(service, milliseconds);
    return Promise.resolve();
  }

  public serviceFault(service: string, fault?: ServiceFault): Promise<void> {
    return this.running.openStack.serviceFault(service, fault);
  }

  public cloudMemory(): Promise<number> {
    return Promise.resolve(this.running.openStack.memory());
  }

  public objects(): Promise<string[]> {
    return Promise.resolve(this.running.aws.objects().map(({ key }) => key));
  }

  public keepReleases(): Promise<void> {
    keepReleases(this.running.aws.s3, this.options);
    return Promise.resolve();
  }

  public uploads(): Promise<Upload[]> {
    return Promise.resolve(this.running.aws.uploads);
  }

  public holdUploads(bytes?: number): Promise<void> {
    this.running.aws.holdUploads(bytes);
    return Promise.resolve();
  }

  public logEvents(instance?: string): Promise<LogEvent[]> {
    return Promise.resolve(this.running.aws.logs.events(instance));
  }

  public rotateSecrets(value: string): Promise<void> {
    this.running.aws.secretsManager.rotate(value);
    return Promise.resolve();
  }

  public cacheKeys(): Promise<CacheContent[]> {
    return this.running.caches.keys();
  }

  public cacheGet(key: string): Promise<string> {
    return this.running.caches.get(key);
  }

  public cacheNodes(): Promise<string[]> {
    return Promise.resolve(this.running.caches.names);
  }

  public cacheNode(name: string, action: NodeAction): Promise<void> {
    return this.running.caches.act(name, action);
  }

  public addCacheNode(): Promise<string> {
    return this.running.caches.add();
  }

  public removeOldCaches(): Promise<void> {
    return this.running.caches.removeOld(this.running.hosts.plan.caches);
  }

  public cacheItems(node: string): Promise<Item[]> {
    return this.running.caches.items(node);
  }

  public cacheStore(node: string, items: Item[]): Promise<number> {
    return this.running.caches.store(node, items);
  }

  public cacheSearch(texts: string[]): Promise<Search[]> {
    return Promise.resolve(this.running.caches.search(texts));
  }

  public addPlainCache(count: number): Promise<string[]> {
    return this.running.caches.addPlain(count);
  }

  public ask(options: AskOptions): Promise<Answer> {
    return askHost(options);
  }

  public load(options: LoadOptions): Promise<LoadResult> {
    return load(options);
  }

  private async startAws(
    { plan, directory }: WorldOptions,
    authority: Authority,
  ): Promise<AwsServices> {
    const refused = path.join(directory, 'logs/aws-refused.log');
    const aws = new AwsServices(
      plan,
      path.join(directory, 'world/buckets'),
      () => this.parts?.hosts.groups ?? [],
      (line) => fs.appendFileSync(refused, `${line}\n`),
    );
    for (const service of SERVICES) {
      const names = AwsServices.certificateNames(plan, service);
      const certificate = await authority.issue(...names);
      await aws.listen(service, ADDRESSES[service], certificate);
      this.network.name(ADDRESSES[service], ...AwsServices.names(plan, service));
    }
    return aws;
  }

  private async startLoadBalancer(
    { plan, directory, names, ports }: WorldOptions,
    authority: Authority,
  ): Promise<LoadBalancer> {
    const balancer = new LoadBalancer(plan, (port) => ports[port] ?? port);
    // One certificate has both names of the dashboard, as the template wants it.
    const site = await authority.issue(...names);
    await balancer.listen(
      ADDRESSES.loadBalancer,
      {
        ...Object.fromEntries(names.map((name) => [name, site])),
        [plan.loadBalancerName]: await authority.issue(plan.loadBalancerName),
      },
      (port) => path.join(directory, `entry-${port}.sock`),
    );
    this.network.name(ADDRESSES.loadBalancer, plan.loadBalancerName, ...names);
    return balancer;
  }
}
