import { CfnResource } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Resource, Target, Template, asList, get } from './template';
import {
  Setting,
  Text,
  assignments,
  flatten,
  hasHole,
  holesIn,
  literal,
  userDataText,
} from './text';

export const LAUNCH_TEMPLATE = 'AWS::EC2::LaunchTemplate';
export const LAUNCH_CONFIGURATION = 'AWS::AutoScaling::LaunchConfiguration';
export const INSTANCE = 'AWS::EC2::Instance';
export const TASK_DEFINITION = 'AWS::ECS::TaskDefinition';
export const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
export const LISTENER_RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
export const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
export const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
export const CACHE_CLUSTER = 'AWS::ElastiCache::CacheCluster';
export const SERVERLESS_CACHE = 'AWS::ElastiCache::ServerlessCache';
export const SECRET = 'AWS::SecretsManager::Secret';
export const HOST_TYPES = [LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION, INSTANCE, TASK_DEFINITION];

/** The key under which this library writes a host's settings to its launch template's Metadata. */
export const METADATA_KEY = 'cdk-openstack-dashboard';

// An environment with one of these is a dashboard's; a static host has none of them.
const MARKS = ['SESSION_ENGINE', 'OPENSTACK_KEYSTONE_URL', 'ALLOWED_HOSTS', 'SECRET_KEY_SECRET_ID'];

/** One place where a host's settings were found. */
export interface Source {
  readonly kind: 'metadata' | 'userData' | 'container';
  /** The path in the resource, for reports. */
  readonly location: string;
  readonly settings: ReadonlyMap<string, Setting>;
}

/** Whatever runs the dashboard: a launch template, a launch configuration, an instance, a task. */
export interface Host {
  readonly resource: Resource;
  readonly sources: readonly Source[];
}

/** User data of any machine of the app. */
export interface UserData extends Text {
  readonly location: string;
}

/** Names that a person gives where a template alone does not tell. */
export interface Names {
  readonly dashboards: readonly string[];
  readonly memcachedClusters: readonly string[];
  /** The plan against exhaustion by image uploads. */
  readonly imageUploadPlan?: string;
  /** How browsers got the root of a private CA. */
  readonly privateCaTrust?: string;
}

/** Which resources of an app are the dashboard's. Made once a validation, for all rules. */
export class Facts {
  public readonly template: Template;
  public readonly hosts = new Map<Resource, Host>();
  /** Domain names of the dashboard, lower case. */
  public readonly names: ReadonlySet<string>;
  /** Domain names that serve static media alone. */
  public readonly staticNames = new Set<string>();
  /** Paths that serve static media, `/static/`. */
  public readonly staticPaths = new Set<string>(['/static/']);
  public readonly targetGroups = new Set<Resource>();
  public readonly listeners = new Set<Resource>();
  public readonly loadBalancers = new Set<Resource>();
  public readonly clusters = new Set<Resource>();
  public readonly secrets = new Set<Resource>();
  private readonly machines = new Map<Resource, UserData>();

  constructor(
    root: IConstruct,
    public readonly given: Names,
  ) {
    this.template = new Template(root);
    this.findHosts();
    const names = new Set(given.dashboards.map((name) => name.toLowerCase()));
    this.names = names;
    // Without a dashboard nothing else is looked at, nor resolved.
    if (this.hosts.size > 0) {
      this.findNames(names);
      this.findTargetGroups();
      this.findEntry();
      this.findSecrets();
    }
    this.findClusters(given.memcachedClusters);
  }

  public resource(node: CfnResource): Resource | undefined {
    return this.template.ofNode(node);
  }

  /** The resource that a property of another refers to. */
  public target(from: Resource, value: unknown): Target | undefined {
    return this.template.target(from.stack, value);
  }

  public userData(resource: Resource): UserData | undefined {
    return this.machines.get(resource);
  }

  /**
   * Machines that are a dashboard or may stand before one: their user data names it, or refers to
   * its load balancer.
   */
  public servesOrFronts(resource: Resource): boolean {
    if (this.hosts.has(resource)) return true;
    const data = this.machines.get(resource);
    if (!data) return false;
    const text = data.text.toLowerCase();
    return (
      [...this.names].some((name) => mentions(text, name)) ||
      data.holes.some((hole) => {
        const target = this.target(resource, hole);
        return target !== undefined && this.loadBalancers.has(target.resource);
      })
    );
  }

  private findHosts(): void {
    const { template } = this;
    for (const resource of template.ofType(LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION, INSTANCE)) {
      const path =
        resource.type === LAUNCH_TEMPLATE ? ['LaunchTemplateData', 'UserData'] : ['UserData'];
      const location = `Properties.${path.join('.')}`;
      const value = resource.property(...path);
      const sources = metadataSources(resource);
      if (value !== undefined) {
        const data = userDataText(value);
        this.machines.set(resource, { ...data, location });
        const settings = assignments(data);
        if (sources.length > 0 || isDashboard(settings)) {
          sources.push({ kind: 'userData', location, settings });
        }
      }
      if (sources.length > 0) this.hosts.set(resource, { resource, sources });
    }
    for (const resource of template.ofType(TASK_DEFINITION)) {
      const sources = metadataSources(resource);
      (resource.list('ContainerDefinitions') ?? []).forEach((container, index) => {
        const settings = new Map<string, Setting>();
        for (const variable of asList(get(container, 'Environment')) ?? []) {
          const name = literal(get(variable, 'Name'));
          if (name) settings.set(name, { ...flatten(get(variable, 'Value')), dynamic: false });
        }
        if (isDashboard(settings) || (sources.length > 0 && settings.has('SESSION_ENGINE'))) {
          const location = `Properties.ContainerDefinitions.${index}.Environment`;
          sources.push({ kind: 'container', location, settings });
        }
      });
      if (sources.length > 0) this.hosts.set(resource, { resource, sources });
    }
  }

  private findNames(names: Set<string>): void {
    for (const { sources } of this.hosts.values()) {
      for (const { settings } of sources) {
        for (const name of settings.get('ALLOWED_HOSTS')?.text.split(',') ?? []) {
          const host = name.trim().toLowerCase();
          // A wildcard, or a name that only the deployment knows, names nobody.
          if (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host)) names.add(host);
        }
        // The path is often literal where the name is not.
        const base = settings.get('STATIC_BASE_URL')?.text ?? '';
        const match = /^(?:https?:\/\/([^/:]+)(?::\d+)?)?(\/.*)?$/i.exec(base);
        const [, name, path] = match ?? [];
        if (name && !hasHole(name)) this.staticNames.add(name.toLowerCase());
        if (path && path !== '/' && !hasHole(path)) this.staticPaths.add(path);
      }
    }
    for (const name of this.staticNames) if (names.has(name)) this.staticNames.delete(name);
  }

  private findTargetGroups(): void {
    const { template } = this;
    const isHost = (from: Resource, value: unknown): boolean => {
      const target = this.target(from, value);
      return target !== undefined && this.hosts.has(target.resource);
    };
    const add = (from: Resource, value: unknown): void => {
      const target = this.target(from, value);
      if (target?.resource.type === TARGET_GROUP) this.targetGroups.add(target.resource);
    };
    for (const group of template.ofType('AWS::AutoScaling::AutoScalingGroup')) {
      const mixed = group.property('MixedInstancesPolicy', 'LaunchTemplate');
      const specifications = [
        group.property('LaunchTemplate'),
        get(mixed, 'LaunchTemplateSpecification'),
        ...(asList(get(mixed, 'Overrides')) ?? []).map((o) =>
          get(o, 'LaunchTemplateSpecification'),
        ),
      ];
      const launches = [
        group.property('LaunchConfigurationName'),
        ...specifications.flatMap((s) => [
          get(s, 'LaunchTemplateId'),
          get(s, 'LaunchTemplateName'),
        ]),
      ];
      if (!launches.some((launch) => isHost(group, launch))) continue;
      for (const arn of group.list('TargetGroupARNs') ?? []) add(group, arn);
      for (const source of group.list('TrafficSources') ?? [])
        add(group, get(source, 'Identifier'));
    }
    for (const service of template.ofType('AWS::ECS::Service')) {
      if (!isHost(service, service.property('TaskDefinition'))) continue;
      for (const entry of service.list('LoadBalancers') ?? []) {
        add(service, get(entry, 'TargetGroupArn'));
      }
    }
    for (const group of template.ofType(TARGET_GROUP)) {
      const targets = group.list('Targets') ?? [];
      if (targets.some((target) => isHost(group, get(target, 'Id')))) this.targetGroups.add(group);
    }
  }

  private findEntry(): void {
    const { template } = this;
    const forwards = (from: Resource, actions: readonly unknown[] | undefined): boolean =>
      (actions ?? []).some((action) =>
        [
          get(action, 'TargetGroupArn'),
          ...(asList(get(action, 'ForwardConfig', 'TargetGroups')) ?? []).map((group) =>
            get(group, 'TargetGroupArn'),
          ),
        ].some((arn) => {
          const target = this.target(from, arn);
          return target !== undefined && this.targetGroups.has(target.resource);
        }),
      );
    const listeners = template.ofType(LISTENER);
    for (const listener of listeners) {
      if (forwards(listener, listener.list('DefaultActions'))) this.listeners.add(listener);
    }
    for (const rule of template.ofType(LISTENER_RULE)) {
      if (!forwards(rule, rule.list('Actions'))) continue;
      const target = this.target(rule, rule.property('ListenerArn'));
      if (target?.resource.type === LISTENER) this.listeners.add(target.resource);
    }
    // Every other listener of the same load balancer is a way to the dashboard's name as well.
    const imported = new Set<string>();
    for (const listener of this.listeners) {
      const arn = listener.property('LoadBalancerArn');
      const target = this.target(listener, arn);
      if (target?.resource.type === LOAD_BALANCER) this.loadBalancers.add(target.resource);
      else if (literal(arn)) imported.add(literal(arn)!);
    }
    for (const listener of listeners) {
      const arn = listener.property('LoadBalancerArn');
      const target = this.target(listener, arn);
      if (target ? this.loadBalancers.has(target.resource) : imported.has(literal(arn) ?? '')) {
        this.listeners.add(listener);
      }
    }
  }

  private findSecrets(): void {
    for (const { resource, sources } of this.hosts.values()) {
      for (const { settings } of sources) {
        const setting = settings.get('SECRET_KEY_SECRET_ID');
        if (!setting || !hasHole(setting.text)) continue;
        for (const hole of holesIn(setting.text, setting.holes)) {
          const target = this.target(resource, hole);
          if (target?.resource.type === SECRET) this.secrets.add(target.resource);
        }
      }
    }
  }

  private findClusters(given: readonly string[]): void {
    for (const host of this.hosts.values()) {
      const holes = [...host.sources].flatMap(({ settings }) =>
        [...settings.values()].flatMap((setting) => holesIn(setting.text, setting.holes)),
      );
      for (const hole of [...holes, ...(this.machines.get(host.resource)?.holes ?? [])]) {
        const target = this.target(host.resource, hole);
        if (target && isMemcached(target.resource)) this.clusters.add(target.resource);
      }
    }
    if (given.length === 0) return;
    const names = new Set(given.map((name) => name.toLowerCase()));
    for (const cluster of this.template.ofType(CACHE_CLUSTER, SERVERLESS_CACHE)) {
      const name = literal(
        cluster.property(cluster.type === CACHE_CLUSTER ? 'ClusterName' : 'ServerlessCacheName'),
      );
      if (name && names.has(name.toLowerCase()) && isMemcached(cluster)) this.clusters.add(cluster);
    }
  }
}

/** Whether a text has a domain name by itself, not as the end or the middle of a longer one. */
function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text.slice(at + name.length, at + name.length + 2);
    if (!/[a-z0-9.-]/.test(before) && !/^(-|[a-z0-9]|\.[a-z0-9])/.test(after)) return true;
  }
  return false;
}

function isMemcached(resource: Resource): boolean {
  return (
    (resource.type === CACHE_CLUSTER || resource.type === SERVERLESS_CACHE) &&
    literal(resource.property('Engine'))?.toLowerCase() === 'memcached'
  );
}

function isDashboard(settings: ReadonlyMap<string, Setting>): boolean {
  return settings.has('SESSION_ENGINE') && settings.has('OPENSTACK_KEYSTONE_URL');
}

function metadataSources(resource: Resource): Source[] {
  const environment = resource.metadata(METADATA_KEY, 'environment');
  if (typeof environment !== 'object' || environment === null) return [];
  const settings = new Map<string, Setting>();
  for (const [name, value] of Object.entries(environment)) {
    settings.set(name, { ...flatten(value), dynamic: false });
  }
  if (!MARKS.some((mark) => settings.has(mark))) return [];
  return [{ kind: 'metadata', location: `Metadata.${METADATA_KEY}.environment`, settings }];
}
