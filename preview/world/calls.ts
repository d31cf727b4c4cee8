// What the process that controls a preview can ask of its world, and what it gets.
import { ScriptedFailure, Service, Upload } from '../cloud/aws/aws-services';
import { LogEvent } from '../cloud/aws/logs';
import { Signal, StackEvent } from '../cloud/aws/cloudformation';
import { Access } from '../cloud/load-balancer/responses';
import { HealthChange, TargetState } from '../cloud/load-balancer/targets';
import { CacheCertificate, NodeAction } from '../cloud/memcached/cache';
import { Item } from '../cloud/memcached/client';
import { CloudSize } from '../cloud/openstack/keystone';
import { Outage } from '../cloud/network/outage';
import { ServiceFault } from '../cloud/openstack/front';
import type { CatalogEntry } from '../cloud/openstack/keystone';
import { GroupState, LifecycleState } from '../cloud/scaling-group';
import { ImageStage, Plan, Role } from '../stack/plan';
import { Answer, AskOptions, LoadOptions, LoadResult } from './load';

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
  readonly size?: CloudSize;
  /** Keystone has users log in at identity providers, and is at these URLs, too. */
  readonly federation?: string[];
  /** A folder with Keycloak, which is all identity providers. */
  readonly keycloak?: string;
  /** They, and Swift, are OpenStack's own. */
  readonly fullCloud: boolean;
  /** More of Keystone's catalog. */
  readonly catalog: readonly CatalogEntry[];
  /** The names in the certificate of memcached's configuration endpoint. */
  readonly cacheCertificate: CacheCertificate;
  /** More lines of each keystone.conf. */
  readonly keystoneSettings?: string;
  /** The regions of more Keystones, by the names of their hosts. Each has users of its own. */
  readonly otherKeystones: Record<string, string>;
  /** What Keystone begins with, as `keystoneFiles` gives it. */
  readonly keystone?: Record<string, string>;
  /** A folder with releases of static media that hosts have published before. */
  readonly releases?: string;
}

export interface KeystoneCall {
  /** Of a Keystone in `otherKeystones`. @default - the first Keystone */
  readonly host?: string;
  readonly method: string;
  /** After `/v3`. */
  readonly path: string;
  readonly body?: unknown;
  /** The token that the call is about. */
  readonly subject?: string;
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
  /** The ports of `ways` lead to services other than the load balancer. */
  start(options: WorldOptions): Promise<{ readonly ca: string; readonly ways: number[] }>;
  update(plan: Plan): Promise<void>;
  addHost(options: HostOptions): Promise<HostState>;
  addOfImage(options: HostOptions, stage: ImageStage): Promise<HostState>;
  /** An instance that has powered itself off. */
  copyVolume(id: string, directory: string): Promise<void>;
  manageGroup(options: HostOptions, desired: number): Promise<void>;
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
  /** Waits until Keystone knows the identity providers, if there are any. */
  registered(): Promise<void>;
  /** Asks a Keystone as its administrator, and gives the body of the answer. */
  keystone(call: KeystoneCall): Promise<Record<string, Record<string, string>>>;
  /** An identity provider is away, or there again. */
  identityProviderAway(name: string, away: boolean): Promise<void>;
  script(failing: ScriptedFailure): Promise<void>;
  /** From now on AWS's clock is so many seconds ahead of the hosts'. */
  skewAws(seconds: number): Promise<void>;
  /** Keystone's database, in files in base64, by their names. */
  keystoneFiles(): Promise<Record<string, string>>;
  /** From now on each answer of Keystone and of the services takes at least so many milliseconds more. */
  latency(milliseconds: number): Promise<void>;
  /** The same for Keystone alone, or for one service of the full cloud. */
  serviceLatency(service: string, milliseconds: number): Promise<void>;
  /** Ends the fault of Keystone or of a service of the full cloud, and begins another if one is given. */
  serviceFault(service: string, fault?: ServiceFault): Promise<void>;
  /** Bytes of memory that Keystone and the services of its catalog hold. */
  cloudMemory(): Promise<number>;
  /** The file system of a host has no room left, or has it again. */
  fillDisk(id: string, full: boolean): Promise<void>;
  objects(): Promise<string[]>;
  /** Copies what hosts have published to the folder of releases, if there is one. */
  keepReleases(): Promise<void>;
  uploads(): Promise<Upload[]>;
  holdUploads(bytes?: number): Promise<void>;
  /** What CloudWatch Logs has, of one host or of all. */
  logEvents(instance?: string): Promise<LogEvent[]>;
  rotateSecrets(value: string): Promise<void>;
  cacheKeys(): Promise<CacheContent[]>;
  cacheGet(key: string): Promise<string>;
  cacheNodes(): Promise<string[]>;
  cacheNode(name: string, action: NodeAction): Promise<void>;
  addCacheNode(): Promise<string>;
  /** Ends the clusters that the template has no more. */
  removeOldCaches(): Promise<void>;
  cacheItems(node: string): Promise<Item[]>;
  cacheStore(node: string, items: Item[]): Promise<number>;
  cacheSearch(texts: string[]): Promise<Search[]>;
  addPlainCache(count: number): Promise<string[]>;
  reboot(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  terminate(id: string): Promise<void>;
  terminateInGroup(id: string): Promise<void>;
  /** Replaces all hosts of a role, one after another. */
  refresh(role: Role): Promise<void>;
  scale(role: Role, desired: number): Promise<void>;
  /** Groups replace no host by themselves, until they are managed again. */
  suspend(): Promise<void>;
  drain(id: string): Promise<void>;
  ask(options: AskOptions): Promise<Answer>;
  load(options: LoadOptions): Promise<LoadResult>;
}
