/**
 * The preview's own world: process 1 of network, mount and process namespaces of its own, in which
 * every host and service runs. When it ends, the kernel takes down all that is in it. Started by
 * `startPreview`, which talks to it by messages.
 */
import { ChildProcess, execFileSync, spawn } from 'child_process';
import { randomBytes } from 'crypto';
import * as fs from 'fs';
import * as net from 'net';
import * as path from 'path';
import { AwsServices, Signal, Upload } from './aws';
import { ask, Cache, CacheNode, Item, itemsOf, keysOf, NodeAction, store } from './caches';
import { removeControlGroups } from './control-groups';
import { KEYSTONE_HOST, KEYSTONE_URL, populate } from './keystone';
import { Access, LoadBalancer, TargetState } from './load-balancer';
import { Answer, askHost, AskOptions, load, LoadOptions, LoadResult } from './load';
import { Machine } from './machine';
import { MetadataService } from './metadata';
import { Authority } from './pki';
import { run } from './run';
import type { Plan, Role } from './template';

export const GATEWAY = '10.77.0.1';
export const APT_PROXY_PORT = 3128;
const PREFIX = 16;
const BRIDGE = 'preview';
const ADDRESSES = {
  loadBalancer: '10.77.0.2',
  aws: '10.77.0.3',
  keystone: '10.77.0.4',
  metadata: '169.254.169.254',
};

export interface WorldOptions {
  readonly plan: Plan;
  /** Where the preview keeps what it has while it runs; `world` in it is memory of ours alone. */
  readonly directory: string;
  readonly controlGroup: string;
  readonly cloudLayers: string[];
  /** The names at which the load balancer has certificates. */
  readonly names: string[];
  readonly demoPassword: string;
  /** More users of the same password. */
  readonly moreUsers: string[];
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
  hosts(): Promise<HostState[]>;
  exec(id: string, command: string[]): Promise<string>;
  memory(id: string): Promise<number>;
  powerOff(id: string): Promise<void>;
  log(): Promise<Access[]>;
  targets(): Promise<TargetState[]>;
  signals(): Promise<Signal[]>;
  objects(): Promise<string[]>;
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
  private readonly caches: Cache[] = [];
  private readonly hostList: Host[] = [];
  private hostsFile = '';
  private numbers = 0;
  private services = 0;
  private addresses = 0;
  private reboots = 0;

  /** Removes what outlives the processes: control groups and files. */
  public async remove(): Promise<void> {
    if (this.options !== undefined) {
      const { directory, controlGroup } = this.options;
      await removeControlGroups(controlGroup);
      execFileSync('umount', ['--lazy', path.join(directory, 'world')]);
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
    this.aws = new AwsServices(plan, path.join(directory, 'world/buckets'), (line) =>
      fs.appendFileSync(refused, `${line}\n`),
    );
    const names = AwsServices.names(plan);
    await this.aws.listen(ADDRESSES.aws, await this.authority.issue(...names));
    await this.metadata.listen(ADDRESSES.metadata);
    await this.listenForApt();

    this.balancer = new LoadBalancer(plan);
    const certificates = [...options.names, plan.loadBalancerName].map(
      async (name) => [name, await this.authority.issue(name)] as const,
    );
    await this.balancer.listen(
      ADDRESSES.loadBalancer,
      Object.fromEntries(await Promise.all(certificates)),
      (port) => path.join(directory, `entry-${port}.sock`),
    );
    this.name(ADDRESSES.aws, ...names);
    this.name(ADDRESSES.loadBalancer, plan.loadBalancerName, ...options.names);
    this.name(ADDRESSES.keystone, KEYSTONE_HOST);
    await this.startCaches();
    await this.startKeystone();
    return { ca: this.authority.cert };
  }

  /** Takes what hosts to come are told from another template; what old ones were told stays too. */
  public update({ hosts, metadata }: Plan): Promise<void> {
    const { plan } = this.settings;
    const next = { ...plan, hosts, metadata: { ...plan.metadata, ...metadata } };
    this.options = { ...this.settings, plan: next };
    this.aws.plan = next;
    return Promise.resolve();
  }

  public async addHost(options: HostOptions): Promise<HostState> {
    const { plan, directory, controlGroup } = this.settings;
    const group = plan.hosts.find(({ role }) => role === options.role);
    if (group === undefined) {
      throw new Error(`the template has no ${options.role} hosts`);
    }
    const id = `i-0${randomBytes(8).toString('hex')}`;
    const number = ++this.numbers;
    const name = `${options.role}-${number}`;
    const address = `10.77.2.${number}`;
    const credentials = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      token: randomBytes(120).toString('base64'),
    };
    this.aws.admit(credentials, group.statements);
    const { region, account } = plan;
    this.metadata.add({
      id,
      address,
      region,
      account,
      userData: group.userData,
      roleName: group.roleName,
      credentials,
      tags: { Name: name, 'aws:autoscaling:groupName': group.group },
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
        '/etc/hosts': this.hostsFile,
        '/usr/local/share/ca-certificates/preview.crt': this.authority.cert,
        [bundle]: topmost(options.layers, bundle) + this.authority.cert,
        ...options.files,
      },
    });
    const host = { id, name, role: options.role, machine };
    this.hostList.push(host);
    this.register(host);
    return this.state(host);
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

  public async powerOff(id: string): Promise<void> {
    this.balancer.deregister(id);
    const { machine } = this.host(id);
    await machine.powerOff();
    // its volume goes with it, and its memory is ours
    fs.rmSync(machine.options.scratch, { recursive: true, force: true });
  }

  public log(): Promise<Access[]> {
    return Promise.resolve(this.balancer.log);
  }

  public targets(): Promise<TargetState[]> {
    return Promise.resolve(this.balancer.targets);
  }

  public signals(): Promise<Signal[]> {
    return Promise.resolve(this.aws.signals);
  }

  public objects(): Promise<string[]> {
    return Promise.resolve(this.aws.objects());
  }

  public uploads(): Promise<Upload[]> {
    return Promise.resolve(this.aws.uploads);
  }

  public holdUploads(bytes?: number): Promise<void> {
    this.aws.holdUploads(bytes);
    return Promise.resolve();
  }

  public rotateSecrets(value: string): Promise<void> {
    this.aws.rotate(value);
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
    const { name } = await this.caches[0].add(await this.nextAddress());
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
    await Cache.start(plan, addresses, addresses[0], this.authority, start);
    return addresses.map((address) => `${address}:${plan.port}`);
  }

  /** Takes a host's plug out and in again: it boots from its disk. */
  public async reboot(id: string): Promise<void> {
    const host = this.host(id);
    await host.machine.powerOff();
    const { options } = host.machine;
    const cgroup = `${options.cgroup}.${++this.reboots}`;
    host.machine = await Machine.powerOn({ ...options, cgroup, files: {} });
    this.register(host);
  }

  /** Sends a host no more requests. */
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
    const success = this.aws.signals.find(
      ({ instance, status }) => instance === id && status === 'SUCCESS',
    );
    const { address, console } = machine.options;
    const { poweredOnAt, running } = machine;
    return { id, name, role, address, console, poweredOnAt, running, signalledAt: success?.at };
  }

  private name(address: string, ...names: string[]): void {
    this.hostsFile += names.map((name) => `${address} ${name}\n`).join('');
  }

  private async makeNetwork(): Promise<void> {
    this.hostsFile = '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n';
    await run('ip', ['link', 'set', 'lo', 'up']);
    // An address of its own: it would take that of one of its ports, and hosts that know it would lose
    // their way when that host leaves.
    await run('ip', ['link', 'add', BRIDGE, 'address', '02:00:0a:4d:00:01', 'type', 'bridge']);
    await run('ip', ['link', 'set', BRIDGE, 'up']);
    for (const address of [GATEWAY, ...Object.values(ADDRESSES)]) {
      await this.addAddress(address);
    }
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
      this.caches.push(await Cache.start(plan, addresses, endpoint, this.authority, start));
    }
  }

  private async startKeystone(): Promise<void> {
    const adminPassword = randomBytes(18).toString('base64url');
    const { key, cert } = await this.authority.issue(KEYSTONE_HOST);
    const script = fs.readFileSync(path.join(__dirname, 'files/keystone.sh'), 'utf8');
    const service = this.startService(
      'keystone',
      ['/bin/bash', '/run/keystone/start', KEYSTONE_URL, ADDRESSES.keystone],
      {
        '/run/keystone/start': script,
        '/run/keystone/password': adminPassword,
        '/run/keystone/key.pem': key,
        '/run/keystone/cert.pem': cert,
      },
    );
    const ended = new Promise<never>((_, reject) =>
      service.once('exit', (code) => reject(new Error(`keystone ended with ${code}`))),
    );
    try {
      const { cert: ca } = this.authority;
      await Promise.race([populate(ADDRESSES.keystone, ca, adminPassword, this.settings), ended]);
    } catch (error) {
      const log = fs.readFileSync(path.join(this.settings.directory, 'logs/keystone.log'), 'utf8');
      throw new Error(`${(error as Error).message}\n${log.split('\n').slice(-30).join('\n')}`, {
        cause: error,
      });
    }
    ended.catch(() => undefined);
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
    void world.remove().finally(() => process.exit(0));
  };
  process.on('disconnect', leave);
  process.on('SIGTERM', leave);
}

if (require.main === module) {
  main();
}
