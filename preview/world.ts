/**
 * The preview's own world: process 1 of network, mount and process namespaces of its own, in which
 * every host and service runs. When it ends, the kernel takes down all that is in it. Started by
 * `startPreview`, which talks to it by messages.
 */
import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { AwsServices, ScriptedFailure, Service, SERVICES, Upload } from './aws';
import {
  ask,
  Cache,
  CacheCertificate,
  CacheNode,
  Item,
  itemsOf,
  keysOf,
  NodeAction,
  store,
} from './caches';
import { Signal, StackEvent } from './cloudformation';
import { removeControlGroups } from './control-groups';
import { NameServer } from './dns';
import { KEYSTONE_HOST, KEYSTONE_URL, populate } from './keystone';
import { Access, HealthChange, LoadBalancer, TargetState } from './load-balancer';
import { Answer, askHost, AskOptions, load, LoadOptions, LoadResult } from './load';
import { Machine } from './machine';
import { MetadataService } from './metadata';
import { Download, OBJECT_STORE, OBJECT_STORE_HOST, ObjectStore } from './object-store';
import { allowDrops, dropPackets, Outage } from './outage';
import { Authority } from './pki';
import { run, until } from './run';
import { StoredObject } from './s3';
import { OPENSTACK_SERVICES, SERVICES_FOLDER, servicesProgram } from './services';
import { GroupState, LifecycleState, ScalingGroup } from './scaling-group';
import type { HostPlan, Plan, Role } from './template';

export const GATEWAY = '10.77.0.1';
export const APT_PROXY_PORT = 3128;
const PREFIX = 16;
/** Every other name is in the VPC's DNS. */
const LOCAL_NAMES = '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n';
const BRIDGE = 'preview';
const ADDRESSES = {
  loadBalancer: '10.77.0.2',
  s3: '10.77.0.3',
  keystone: '10.77.0.4',
  secretsmanager: '10.77.0.5',
  cloudformation: '10.77.0.6',
  autoscaling: '10.77.0.7',
  objectStore: '10.77.0.8',
  services: '10.77.0.9',
  metadata: '169.254.169.254',
  dns: '169.254.169.253',
};

/** What can be away: services of AWS, of OpenStack, and names. */
export type Away = Service | 'metadata' | 'dns' | 'keystone';

export interface WorldOptions {
  readonly plan: Plan;
  /** Where the preview keeps what it has while it runs; `world` in it is memory of ours alone. */
  readonly directory: string;
  readonly controlGroup: string;
  readonly cloudLayers: string[];
  /** The names in the load balancer's certificate. */
  readonly names: string[];
  readonly demoPassword: string;
  /** More users of the same password. */
  readonly moreUsers: string[];
  /** Of users who are not administrators. */
  readonly roles: Record<string, string[]>;
  /** The ports at which the browser outside reaches listeners, by their own. */
  readonly ports: Record<number, number>;
  /** Swift is in Keystone's catalog. */
  readonly objectStore: boolean;
  /** Nova, Glance, Neutron, Cinder and Placement are in Keystone's catalog. */
  readonly services: boolean;
  /** The names in the certificate of memcached's configuration endpoint. */
  readonly cacheCertificate: CacheCertificate;
}

export interface HostOptions {
  readonly role: Role;
  readonly layers: string[];
  readonly files: Record<string, string>;
  readonly connectKeys: Record<string, string>;
}

export interface HostState {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly address: string;
  readonly console: string;
  readonly poweredOnAt: number;
  readonly signalledAt?: number;
  readonly running: boolean;
  readonly lifecycle: LifecycleState;
  readonly inServiceAt?: number;
}

export interface Search {
  readonly node: string;
  /** How many bytes were looked through. */
  readonly bytes: number;
  /** How often each text was found. */
  readonly found: Record<string, number>;
}

export interface CacheContent {
  readonly node: string;
  readonly keys: string[];
}

/** What can be asked of the world. */
export interface Calls {
  start(options: WorldOptions): Promise<{ readonly ca: string }>;
  update(plan: Plan): Promise<void>;
  addHost(options: HostOptions): Promise<HostState>;
  manageGroup(options: HostOptions, desired: number): Promise<void>;
  suspendGroup(role: Role): Promise<void>;
  groups(): Promise<Record<string, GroupState>>;
  hosts(): Promise<HostState[]>;
  exec(id: string, command: string[]): Promise<string>;
  memory(id: string): Promise<number>;
  powerOff(id: string): Promise<void>;
  log(): Promise<Access[]>;
  targets(): Promise<TargetState[]>;
  healthChanges(): Promise<HealthChange[]>;
  signals(): Promise<Signal[]>;
  stackEvents(): Promise<StackEvent[]>;
  outage(what: Away, outage?: Outage): Promise<void>;
  script(failing: ScriptedFailure): Promise<void>;
  /** From now on AWS's clock is so many seconds before the hosts'. */
  skewAws(seconds: number): Promise<void>;
  /** From now on each answer of Keystone and of the services takes at least so many milliseconds more. */
  latency(milliseconds: number): Promise<void>;
  /** The file system of a host has no room left, or has it again. */
  fillDisk(id: string, full: boolean): Promise<void>;
  downloads(): Promise<Download[]>;
  awsCounts(): Promise<Record<string, number>>;
  objects(): Promise<string[]>;
  storedObjects(): Promise<StoredObject[]>;
  stageSecrets(value: string): Promise<void>;
  uploads(): Promise<Upload[]>;
  holdUploads(bytes?: number): Promise<void>;
  rotateSecrets(value: string): Promise<void>;
  cacheKeys(): Promise<CacheContent[]>;
  cacheGet(key: string): Promise<string>;
  cacheNodes(): Promise<string[]>;
  cacheNode(name: string, action: NodeAction): Promise<void>;
  addCacheNode(): Promise<string>;
  cacheItems(node: string): Promise<Item[]>;
  cacheStore(node: string, items: Item[]): Promise<number>;
  cacheSearch(texts: string[]): Promise<Search[]>;
  addPlainCache(count: number): Promise<string[]>;
  reboot(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  drain(id: string): Promise<void>;
  ask(options: AskOptions): Promise<Answer>;
  load(options: LoadOptions): Promise<LoadResult>;
}

interface Host {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  machine: Machine;
}

class World implements Calls {
  private options?: WorldOptions;
  private authority!: Authority;
  private aws!: AwsServices;
  private balancer!: LoadBalancer;
  private readonly metadata = new MetadataService();
  private readonly dns = new NameServer();
  private readonly objectStore = new ObjectStore();
  private readonly groupsByRole = new Map<Role, ScalingGroup>();
  private keystone?: ChildProcess;
  private openStack?: ChildProcess;
  private keystoneAway?: Outage;
  /** How the next host of a role is launched. */
  private readonly launching = new Map<Role, HostOptions>();
  private readonly rebooting = new Set<string>();
  /** The roles whose groups launch hosts by themselves. */
  private readonly replacing = new Set<Role>();
  /** A host is being launched by a deployment. */
  private deploying = false;
  private readonly caches: Cache[] = [];
  private readonly hostList: Host[] = [];
  private hostsFile = '';
  private numbers = 0;
  private services = 0;
  private addresses = 0;
  private reboots = 0;

  /** Removes what outlives the processes: control groups and files. */
  public async leave(): Promise<void> {
    if (this.options !== undefined) {
      const { directory, controlGroup } = this.options;
      await removeControlGroups(controlGroup);
      execFileSync('umount', ['--lazy', '--recursive', path.join(directory, 'world')]);
      fs.rmSync(directory, { recursive: true, force: true });
    }
  }

  public async start(options: WorldOptions): Promise<{ readonly ca: string }> {
    this.options = options;
    const { plan, directory } = options;
    await this.makeNetwork();
    this.authority = await Authority.create(path.join(directory, 'pki'));
    fs.mkdirSync(path.join(directory, 'logs'), { recursive: true });

    const refused = path.join(directory, 'logs/aws-refused.log');
    this.aws = new AwsServices(
      plan,
      path.join(directory, 'world/buckets'),
      () => [...this.groupsByRole.values()],
      (line) => fs.appendFileSync(refused, `${line}\n`),
    );
    for (const service of SERVICES) {
      const names = AwsServices.certificateNames(plan, service);
      const certificate = await this.authority.issue(...names);
      await this.aws.listen(service, ADDRESSES[service], certificate);
      this.name(ADDRESSES[service], ...AwsServices.names(plan, service));
    }
    await this.metadata.listen(ADDRESSES.metadata);
    await this.dns.listen(ADDRESSES.dns);
    await this.listenForApt();

    this.balancer = new LoadBalancer(plan, (port) => options.ports[port] ?? port);
    // one certificate has both names of the dashboard, as the template wants it
    const site = await this.authority.issue(...options.names);
    await this.balancer.listen(
      ADDRESSES.loadBalancer,
      {
        ...Object.fromEntries(options.names.map((name) => [name, site])),
        [plan.loadBalancerName]: await this.authority.issue(plan.loadBalancerName),
      },
      (port) => path.join(directory, `entry-${port}.sock`),
    );
    for (const host of plan.hosts) {
      this.groupsByRole.set(host.role, new ScalingGroup(host, this.fleet(host)));
    }
    this.name(ADDRESSES.loadBalancer, plan.loadBalancerName, ...options.names);
    const keystoneNames = [...new Set([KEYSTONE_HOST, ...plan.keystoneNames])];
    this.name(ADDRESSES.keystone, ...keystoneNames);
    if (options.services) {
      this.name(ADDRESSES.services, ...OPENSTACK_SERVICES.map(({ host }) => host));
    }
    if (options.objectStore) {
      this.name(ADDRESSES.objectStore, OBJECT_STORE_HOST);
      const certificate = await this.authority.issue(OBJECT_STORE_HOST);
      await this.objectStore.listen(ADDRESSES.objectStore, certificate);
    }
    await this.startCaches();
    await this.startKeystone(keystoneNames);
    if (options.services) {
      await this.startServices();
    }
    return { ca: this.authority.cert };
  }

  /** Takes what hosts to come are told from another template; what old ones were told stays too. */
  public update({ hosts, metadata, buckets }: Plan): Promise<void> {
    const { plan } = this.settings;
    const next = { ...plan, hosts, buckets, metadata: { ...plan.metadata, ...metadata } };
    this.options = { ...this.settings, plan: next };
    this.aws.update(next);
    for (const host of hosts) {
      this.group(host.role).plan = host;
    }
    return Promise.resolve();
  }

  /** A host that a deployment adds to its group. */
  public async addHost(options: HostOptions): Promise<HostState> {
    this.launching.set(options.role, options);
    const group = this.group(options.role);
    group.desired += 1;
    // until it has begun, which is at once
    this.deploying = true;
    const launched = group.launch('it was asked for');
    this.deploying = false;
    return this.state(this.host(await launched));
  }

  /** A group that a deployment makes: it launches hosts, and replaces them from now on. */
  public async manageGroup(options: HostOptions, desired: number): Promise<void> {
    const group = this.group(options.role);
    const there = group.state.members.filter(({ lifecycle }) => lifecycle === 'InService').length;
    for (let count = there; count < desired; count++) {
      await this.addHost(options);
    }
    this.launching.set(options.role, options);
    this.replacing.add(options.role);
    group.manage(desired);
  }

  public suspendGroup(role: Role): Promise<void> {
    this.replacing.delete(role);
    this.group(role).suspend();
    return Promise.resolve();
  }

  public groups(): Promise<Record<string, GroupState>> {
    return Promise.resolve(
      Object.fromEntries([...this.groupsByRole].map(([role, group]) => [role, group.state])),
    );
  }

  /** What a group may do with the machines of its role. */
  private fleet({ role }: HostPlan) {
    return {
      launch: () => this.powerOn(role),
      runs: (id: string) => this.rebooting.has(id) || this.host(id).machine.running,
      powerOff: (id: string) => this.powerOffMachine(id),
      register: (id: string) => this.register(this.host(id)),
      drain: (id: string) => this.balancer.drain(id),
      targets: (id: string) => this.balancer.targets.filter(({ instance }) => instance === id),
    };
  }

  private group(role: Role): ScalingGroup {
    const group = this.groupsByRole.get(role);
    if (group === undefined) {
      throw new Error(`the template has no ${role} hosts`);
    }
    return group;
  }

  private async powerOn(role: Role): Promise<string> {
    const { plan, directory, controlGroup } = this.settings;
    const { deploying } = this;
    const options = this.launching.get(role);
    if (options === undefined) {
      throw new Error(`no image is known for ${role} hosts`);
    }
    const group = this.group(role).plan;
    const id = `i-0${randomBytes(8).toString('hex')}`;
    const number = ++this.numbers;
    const name = `${options.role}-${number}`;
    const address = `10.77.2.${number}`;
    const credentials = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      token: randomBytes(120).toString('base64'),
    };
    const { region, account } = plan;
    this.aws.admit({
      credentials,
      statements: group.statements,
      arn: `arn:aws:sts::${account}:assumed-role/${group.roleName}/${id}`,
      roleArn: `arn:aws:iam::${account}:role/${group.roleName}`,
      account,
    });
    // What a group launches by itself is no part of a deployment.
    if (!this.replacing.has(role) || deploying) {
      this.aws.cloudFormation.expect(group.group, id);
    }
    this.metadata.add({
      id,
      address,
      region,
      account,
      userData: group.userData,
      roleName: group.roleName,
      credentials,
      tags: { Name: name, 'aws:autoscaling:groupName': group.scaling.name },
      options: group.metadata,
      lifecycle: () => (this.group(role).has(id) ? 'InService' : undefined),
      connectKeys: options.connectKeys,
    });
    const bundle = '/etc/ssl/certs/ca-certificates.crt';
    const machine = await Machine.powerOn({
      name: `ip-${address.replaceAll('.', '-')}`,
      layers: options.layers,
      scratch: path.join(directory, 'world', name),
      address,
      prefix: PREFIX,
      gateway: GATEWAY,
      bridge: BRIDGE,
      console: path.join(directory, `${name}.console.log`),
      cgroup: path.join(controlGroup, name),
      files: {
        '/etc/hosts': LOCAL_NAMES,
        '/etc/resolv.conf': `nameserver ${ADDRESSES.dns}\n`,
        '/usr/local/share/ca-certificates/preview.crt': this.authority.cert,
        [bundle]: topmost(options.layers, bundle) + this.authority.cert,
        ...options.files,
      },
    });
    this.hostList.push({ id, name, role, machine });
    return id;
  }

  public hosts(): Promise<HostState[]> {
    return Promise.resolve(this.hostList.map((host) => this.state(host)));
  }

  public exec(id: string, command: string[]): Promise<string> {
    return this.host(id).machine.exec(command[0], ...command.slice(1));
  }

  public memory(id: string): Promise<number> {
    return Promise.resolve(this.host(id).machine.memory());
  }

  /** Terminates an instance as somebody may who is not its group. */
  public async powerOff(id: string): Promise<void> {
    const { role } = this.host(id);
    if (!this.replacing.has(role)) {
      this.balancer.deregister(id);
    }
    this.group(role).gone(id);
    await this.powerOffMachine(id);
  }

  private async powerOffMachine(id: string): Promise<void> {
    const { machine } = this.host(id);
    this.aws.cloudFormation.forget(id);
    await machine.powerOff();
    if (fs.existsSync(machine.options.scratch)) {
      await machine.destroyVolume();
    }
  }

  /** Takes an instance out of its group: it answers what it was sent, and is terminated. */
  public async remove(id: string): Promise<void> {
    await this.group(this.host(id).role).remove(id);
  }

  public log(): Promise<Access[]> {
    return Promise.resolve(this.balancer.log);
  }

  public targets(): Promise<TargetState[]> {
    return Promise.resolve(this.balancer.targets);
  }

  public healthChanges(): Promise<HealthChange[]> {
    return Promise.resolve(this.balancer.changes);
  }

  public signals(): Promise<Signal[]> {
    return Promise.resolve(this.aws.cloudFormation.signals);
  }

  public stackEvents(): Promise<StackEvent[]> {
    return Promise.resolve(this.aws.cloudFormation.events);
  }

  /** Begins an outage, or ends the one that there is. */
  public async outage(what: Away, outage?: Outage): Promise<void> {
    switch (what) {
      case 'metadata':
        return this.metadata.outage(outage);
      case 'dns':
        return this.dns.setOutage(outage);
      case 'keystone':
        return this.keystoneOutage(outage);
      default:
        return this.aws.outage(what, outage);
    }
  }

  public script(failing: ScriptedFailure): Promise<void> {
    this.aws.script(failing);
    return Promise.resolve();
  }

  public skewAws(seconds: number): Promise<void> {
    this.aws.skew = seconds * 1000;
    return Promise.resolve();
  }

  public latency(milliseconds: number): Promise<void> {
    const places = [
      { service: this.keystone, folder: '/run/keystone' },
      { service: this.openStack, folder: SERVICES_FOLDER },
    ];
    for (const { service, folder } of places) {
      const [pid] = service?.pid === undefined ? [] : children(service.pid);
      if (pid !== undefined) {
        // as the service sees it, whose root directory is its own
        fs.writeFileSync(`/proc/${pid}/root${folder}/latency`, String(milliseconds));
      }
    }
    return Promise.resolve();
  }

  public fillDisk(id: string, full: boolean): Promise<void> {
    return this.host(id).machine.fillDisk(full);
  }

  public downloads(): Promise<Download[]> {
    return Promise.resolve(this.objectStore.downloads);
  }

  public awsCounts(): Promise<Record<string, number>> {
    return Promise.resolve(this.aws.counts);
  }

  public objects(): Promise<string[]> {
    return Promise.resolve(this.aws.objects().map(({ key }) => key));
  }

  public storedObjects(): Promise<StoredObject[]> {
    return Promise.resolve(this.aws.objects());
  }

  public stageSecrets(value: string): Promise<void> {
    this.aws.secretsManager.stage(value);
    return Promise.resolve();
  }

  public uploads(): Promise<Upload[]> {
    return Promise.resolve(this.aws.uploads);
  }

  public holdUploads(bytes?: number): Promise<void> {
    this.aws.holdUploads(bytes);
    return Promise.resolve();
  }

  public rotateSecrets(value: string): Promise<void> {
    this.aws.secretsManager.rotate(value);
    return Promise.resolve();
  }

  public cacheKeys(): Promise<CacheContent[]> {
    const nodes = this.caches.flatMap((cache) => cache.nodes);
    return Promise.all(nodes.map(async (node) => ({ node: node.name, keys: await keysOf(node) })));
  }

  public async cacheGet(key: string): Promise<string> {
    const nodes = this.caches.flatMap((cache) => cache.nodes);
    const answers = await Promise.all(nodes.map((node) => ask(node, `get ${key}`)));
    return answers.join('');
  }

  public cacheNodes(): Promise<string[]> {
    return Promise.resolve(this.caches.flatMap((cache) => cache.nodes.map(({ name }) => name)));
  }

  public cacheNode(name: string, action: NodeAction): Promise<void> {
    return this.cacheOf(name).act(name, action);
  }

  public async addCacheNode(): Promise<string> {
    const { name, address } = await this.caches[0].add(await this.nextAddress());
    this.name(address, name);
    return name;
  }

  public cacheItems(node: string): Promise<Item[]> {
    return itemsOf(this.nodeOf(node));
  }

  public cacheStore(node: string, items: Item[]): Promise<number> {
    return store(this.nodeOf(node), items);
  }

  /** Looks for texts in all memory of all memcached nodes. */
  public cacheSearch(texts: string[]): Promise<Search[]> {
    const nodes = this.caches.flatMap((cache) => cache.nodes.map(({ name }) => ({ cache, name })));
    return Promise.resolve(
      nodes.map(({ cache, name }) => {
        const found = Object.fromEntries(texts.map((text) => [text, 0]));
        let bytes = 0;
        for (const piece of cache.memory(name)) {
          bytes += piece.length;
          for (const text of texts) {
            for (let at = piece.indexOf(text); at >= 0; at = piece.indexOf(text, at + 1)) {
              found[text] += 1;
            }
          }
        }
        return { node: name, bytes, found };
      }),
    );
  }

  /** Memcached beside the template's, in plain text: to compare with. */
  public async addPlainCache(count: number): Promise<string[]> {
    const addresses: string[] = [];
    for (let index = 0; index < count; index++) {
      addresses.push(await this.nextAddress());
    }
    const nodes = addresses.map((_, index) => `plain.${String(index + 1).padStart(4, '0')}.cache`);
    const plan = { host: nodes[0], port: 11211, tls: false, discovery: false, nodes };
    const start = this.startService.bind(this);
    await Cache.start(plan, addresses, addresses[0], this.authority, start, 'all');
    return addresses.map((address) => `${address}:${plan.port}`);
  }

  /** Takes a host's plug out and in again: it boots from its disk, as an instance that is rebooted. */
  public async reboot(id: string): Promise<void> {
    const host = this.host(id);
    this.rebooting.add(id);
    try {
      await host.machine.powerOff();
      const { options } = host.machine;
      const cgroup = `${options.cgroup}.${++this.reboots}`;
      host.machine = await Machine.powerOn({ ...options, cgroup, files: {} });
    } finally {
      this.rebooting.delete(id);
    }
    this.register(host);
  }

  /** Sends a host no more requests; a reboot ends that. */
  public async drain(id: string): Promise<void> {
    this.host(id);
    await this.balancer.drain(id);
  }

  public ask(options: AskOptions): Promise<Answer> {
    return askHost(options);
  }

  public load(options: LoadOptions): Promise<LoadResult> {
    return load(options);
  }

  private cacheOf(node: string): Cache {
    const cache = this.caches.find(({ nodes }) => nodes.some(({ name }) => name === node));
    if (cache === undefined) {
      throw new Error(`there is no memcached node ${node}`);
    }
    return cache;
  }

  private nodeOf(name: string): CacheNode {
    const node = this.cacheOf(name).nodes.find((other) => other.name === name);
    if (node === undefined) {
      throw new Error(`there is no memcached node ${name}`);
    }
    return node;
  }

  private register({ id, role, machine }: Host): void {
    const group = this.settings.plan.hosts.find((other) => other.role === role);
    group?.targetGroups.forEach((arn) => this.balancer.register(arn, id, machine.options.address));
  }

  private get settings(): WorldOptions {
    if (this.options === undefined) {
      throw new Error('the preview has not started');
    }
    return this.options;
  }

  private host(id: string): Host {
    const host = this.hostList.find((candidate) => candidate.id === id);
    if (host === undefined) {
      throw new Error(`there is no host ${id}`);
    }
    return host;
  }

  private state({ id, name, role, machine }: Host): HostState {
    const success = this.aws.cloudFormation.signals.find(
      ({ instance, status }) => instance === id && status === 'SUCCESS',
    );
    const { address, console } = machine.options;
    const { poweredOnAt, running } = machine;
    const member = this.group(role).state.members.find(({ instance }) => instance === id);
    return {
      ...{ id, name, role, address, console, poweredOnAt, running },
      signalledAt: success?.at,
      lifecycle: member?.lifecycle ?? 'Pending',
      inServiceAt: member?.inServiceAt,
    };
  }

  private name(address: string, ...names: string[]): void {
    this.hostsFile += names.map((name) => `${address} ${name}\n`).join('');
    names.forEach((name) => this.dns.set(name, address));
  }

  private async makeNetwork(): Promise<void> {
    this.hostsFile = LOCAL_NAMES;
    await run('ip', ['link', 'set', 'lo', 'up']);
    // An address of its own: it would take that of one of its ports, and hosts that know it would lose
    // their way when that host leaves.
    await run('ip', ['link', 'add', BRIDGE, 'address', '02:00:0a:4d:00:01', 'type', 'bridge']);
    await run('ip', ['link', 'set', BRIDGE, 'up']);
    for (const address of [GATEWAY, ...Object.values(ADDRESSES)]) {
      await this.addAddress(address);
    }
    await allowDrops();
  }

  private async addAddress(address: string): Promise<void> {
    const prefix = address.startsWith('10.') ? PREFIX : 32;
    await run('ip', ['address', 'add', `${address}/${prefix}`, 'dev', BRIDGE]);
  }

  private async nextAddress(): Promise<string> {
    const address = `10.77.1.${++this.addresses}`;
    await this.addAddress(address);
    return address;
  }

  /** What apt asks leaves by a Unix socket, which alone reaches the machine's own network. */
  private listenForApt(): Promise<void> {
    const server = net.createServer((client) => {
      const outside = net.connect(path.join(this.settings.directory, 'apt.sock'));
      client.pipe(outside).pipe(client);
      client.on('error', () => outside.destroy());
      outside.on('error', () => client.destroy());
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(APT_PROXY_PORT, GATEWAY, resolve);
    });
  }

  private async startCaches(): Promise<void> {
    for (const plan of this.settings.plan.caches) {
      const addresses: string[] = [];
      for (const name of plan.nodes) {
        const address = await this.nextAddress();
        this.name(address, name);
        addresses.push(address);
      }
      const endpoint = plan.discovery ? await this.nextAddress() : addresses[0];
      if (plan.discovery) {
        this.name(endpoint, plan.host);
      }
      const start = this.startService.bind(this);
      const { cacheCertificate } = this.settings;
      this.caches.push(
        await Cache.start(plan, addresses, endpoint, this.authority, start, cacheCertificate),
      );
    }
  }

  private async keystoneOutage(outage: Outage | undefined): Promise<void> {
    if (this.keystone?.pid === undefined || outage === 'refuse') {
      throw new Error('the preview’s Keystone can hang or lose packets');
    }
    if (this.keystoneAway === 'drop' || outage === 'drop') {
      await dropPackets(ADDRESSES.keystone, outage === 'drop');
    }
    signalAll(this.keystone.pid, outage === 'hang' ? 'SIGSTOP' : 'SIGCONT');
    this.keystoneAway = outage;
  }

  private async startKeystone(names: string[]): Promise<void> {
    const adminPassword = randomBytes(18).toString('base64url');
    const { key, cert } = await this.authority.issue(...names);
    const file = (name: string) => fs.readFileSync(path.join(__dirname, 'files', name), 'utf8');
    const service = this.startService(
      'keystone',
      [
        ...['/bin/bash', '/run/keystone/start', KEYSTONE_URL, ADDRESSES.keystone],
        ...(this.settings.services ? ['cached'] : []),
      ],
      {
        '/run/keystone/start': file('keystone.sh'),
        '/run/keystone/gunicorn.conf.py': file('keystone.conf.py'),
        '/run/keystone/password': adminPassword,
        '/run/keystone/key.pem': key,
        '/run/keystone/cert.pem': cert,
      },
    );
    this.keystone = service;
    const ended = new Promise<never>((_, reject) =>
      service.once('exit', (code) => reject(new Error(`keystone ended with ${code}`))),
    );
    try {
      const { cert: ca } = this.authority;
      const { objectStore, services, ...users } = this.settings;
      const catalog = [
        ...(objectStore ? [OBJECT_STORE] : []),
        ...(services ? OPENSTACK_SERVICES : []),
      ];
      const content = { ...users, catalog };
      await Promise.race([populate(ADDRESSES.keystone, ca, adminPassword, content), ended]);
    } catch (error) {
      const log = fs.readFileSync(path.join(this.settings.directory, 'logs/keystone.log'), 'utf8');
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
    const service = this.startService('services', command, files);
    this.openStack = service;
    const log = path.join(this.settings.directory, 'logs/services.log');
    for (const { port, name } of OPENSTACK_SERVICES) {
      await until(`${name} answers`, 30, () => {
        if (service.exitCode !== null) {
          throw new Error(`the services ended:\n${fs.readFileSync(log, 'utf8').slice(-2000)}`);
        }
        return answers(ADDRESSES.services, port);
      });
    }
  }

  private startService(
    name: string,
    command: string[],
    files: Record<string, string>,
  ): ChildProcess {
    const { directory, cloudLayers } = this.settings;
    const scratch = path.join(directory, 'world', `service-${++this.services}`);
    const seed = path.join(scratch, 'seed');
    for (const [file, content] of Object.entries({ '/etc/hosts': this.hostsFile, ...files })) {
      fs.mkdirSync(path.dirname(path.join(seed, file)), { recursive: true });
      fs.writeFileSync(path.join(seed, file), content);
    }
    const log = fs.openSync(path.join(directory, 'logs', `${name}.log`), 'w');
    const service = path.join(__dirname, 'files/service.sh');
    const child = spawn(
      'unshare',
      [
        ...['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', service],
        ...[cloudLayers.join(':'), scratch, seed, ...command],
      ],
      { stdio: ['ignore', log, log] },
    );
    fs.closeSync(log);
    child.on('error', (error) => process.stderr.write(`${name}: ${error.message}\n`));
    return child;
  }
}

/** Sends a signal to all processes below one, but not to itself. */
function signalAll(pid: number, signal: NodeJS.Signals): void {
  for (const child of children(pid)) {
    signalAll(child, signal);
    process.kill(child, signal);
  }
}

function children(pid: number): number[] {
  const text = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return (text.match(/\d+/g) ?? []).map(Number);
}

/** Whether somebody listens at a port. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, host, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** A file as the topmost layer of an image has it. */
function topmost(layers: string[], file: string): string {
  const layer = layers.find((candidate) => fs.existsSync(path.join(candidate, file)));
  return layer === undefined ? '' : fs.readFileSync(path.join(layer, file), 'utf8');
}

function main(): void {
  const world = new World();
  process.on('message', (message: { id: number; method: keyof Calls; args: unknown[] }) => {
    const { id, method, args } = message;
    const call = world[method] as (...args: unknown[]) => Promise<unknown>;
    call.apply(world, args).then(
      (result) => process.send?.({ id, result }),
      (error: Error) => process.send?.({ id, error: error.message }),
    );
  });
  let leaving = false;
  // Whoever started us wants no more of it or is gone, however it went: nothing may be left behind.
  const leave = () => {
    if (leaving) {
      return;
    }
    leaving = true;
    try {
      process.kill(-1, 'SIGKILL');
    } catch {
      // There is no other process.
    }
    void world.leave().finally(() => process.exit(0));
  };
  process.on('disconnect', leave);
  process.on('SIGTERM', leave);
}

if (require.main === module) {
  main();
}
