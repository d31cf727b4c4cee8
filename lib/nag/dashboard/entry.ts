import { IConstruct } from 'constructs';
import { Resource, asList, get } from '../template/template';
import { Text, hasHole, holesIn, literal } from '../template/text';
import { Hosts } from './hosts';
import { lastHole, matchesHost, mentions, nameOf } from './names';
import { launchesOf, targetGroupsOf } from './references';
import {
  CLASSIC_LOAD_BALANCER,
  ECS_SERVICE,
  INSTANCE,
  LISTENER,
  LISTENER_RULE,
  LOAD_BALANCER,
  RECORD_SET,
  RECORD_SET_GROUP,
  SCALING_GROUP,
  TARGET_GROUP,
} from './resource-types';

/** Finds the entry to the dashboard: names, target groups, listeners, load balancers, records. */
export class Entry extends Hosts {
  /** Domain names of the dashboard, in lower case. */
  public readonly names: ReadonlySet<string>;

  /** Whether the settings of hosts or the props of the pack contain the dashboard's names. */
  public readonly namesAreStated: boolean = false;

  /** Domain names that only serve static media. */
  public readonly staticNames = new Set<string>();

  /** Paths that serve static media, such as `/static/`. */
  public readonly staticPaths = new Set<string>(['/static/']);
  public readonly targetGroups = new Set<Resource>();
  public readonly listeners = new Set<Resource>();
  public readonly loadBalancers = new Set<Resource>();

  /** Names with records that lead to it, including names that are not fully known at synth time. */
  private readonly records = new Set<string>();

  constructor(root: IConstruct, dashboards: readonly string[]) {
    super(root);
    const names = new Set(dashboards.map((name) => name.toLowerCase()));
    this.names = names;
    // Without a dashboard, nothing else is read or resolved.
    if (this.hosts.size > 0) {
      this.findNames(names);
      this.namesAreStated = names.size > 0;
      this.findTargetGroups();
      this.findEntry();
      this.findRecords(names);
    }
  }

  /**
   * Whether a machine is a dashboard or may be in front of one, because its configuration names the
   * dashboard or refers to its load balancer.
   */
  public servesOrFronts(resource: Resource): boolean {
    if (this.hosts.has(resource)) {
      return true;
    }
    if (this.hosts.size === 0 && this.names.size === 0) {
      return false;
    }
    const { texts, containers } = this.content(resource);
    const values = containers.flatMap(({ settings }) => [...settings.values()]);
    return [...texts, ...values].some((text) => this.namesDashboard(resource, text));
  }

  /** Whether a text in a resource names the dashboard or refers to its load balancer. */
  public namesDashboard(resource: Resource, { text, holes }: Text): boolean {
    const lower = text.toLowerCase();
    return (
      [...this.names].some((name) => mentions(lower, name)) ||
      holesIn(text, holes).some((hole) => {
        const target = this.target(resource, hole);
        return target !== undefined && this.loadBalancers.has(target.resource);
      })
    );
  }

  /** Whether a domain name is that of the dashboard or of its load balancer. */
  public isEntry(resource: Resource, name: unknown): boolean {
    const target = this.target(resource, name);
    if (target?.resource.type === RECORD_SET) {
      const named = nameOf(target.resource.property('Name'));
      return named !== undefined && (this.names.has(named) || this.records.has(named));
    }
    if (target) {
      const { type } = target.resource;
      // A machine without a load balancer.
      return (
        this.loadBalancers.has(target.resource) ||
        (type === INSTANCE && this.hosts.has(target.resource))
      );
    }
    const text = nameOf(name);
    return text !== undefined && (this.names.has(text) || this.records.has(text));
  }

  /**
   * Whether a load balancer may lead to the dashboard under one of these names. It does not if the
   * dashboard's rule has other names, and all other rules lead elsewhere.
   */
  public leadsToDashboard(balancer: Resource, names: readonly string[]): boolean {
    if (names.length === 0 || balancer.type !== LOAD_BALANCER) {
      return true;
    }
    const own = this.referring(LISTENER, 'LoadBalancerArn', balancer);
    const toDashboard = (from: Resource, actions: readonly unknown[] | undefined): boolean =>
      targetGroupsOf(actions).some((arn) => {
        const target = this.target(from, arn);
        return target !== undefined && this.targetGroups.has(target.resource);
      });
    if (own.some((listener) => toDashboard(listener, listener.list('DefaultActions')))) {
      return true;
    }
    const rules = own.flatMap((listener) => this.referring(LISTENER_RULE, 'ListenerArn', listener));
    return rules.some((rule) => {
      if (!toDashboard(rule, rule.list('Actions'))) {
        return false;
      }
      const patterns = (rule.list('Conditions') ?? [])
        .filter((condition) => literal(get(condition, 'Field')) === 'host-header')
        .flatMap((condition) => [
          ...(asList(get(condition, 'HostHeaderConfig', 'Values')) ?? []),
          ...(asList(get(condition, 'Values')) ?? []),
        ])
        .map(literal);
      return (
        patterns.length === 0 ||
        patterns.some(
          (pattern) => pattern === undefined || names.some((name) => matchesHost(name, pattern)),
        )
      );
    });
  }

  private findNames(names: Set<string>): void {
    this.eachSource((_resource, { settings }) => {
      for (const name of settings.get('ALLOWED_HOSTS')?.text.split(',') ?? []) {
        const host = name.trim().toLowerCase();
        // Wildcards and names that are not known at synth time cannot be compared.
        if (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host)) {
          names.add(host);
        }
      }
      // The path is often literal even if the name is not.
      const base = (settings.get('STATIC_BASE_URL') ?? settings.get('STATIC_URL'))?.text ?? '';
      const match = /^(?:https?:\/\/([^/:]+)(?::\d+)?)?(\/.*)?$/i.exec(base);
      const [, name, path] = match ?? [];
      if (name && !hasHole(name)) {
        this.staticNames.add(name.toLowerCase());
      }
      if (path && path !== '/' && !hasHole(path)) {
        this.staticPaths.add(path);
      }
      // By default, Horizon serves static media below its own root.
      const root = settings.get('WEBROOT')?.text ?? '';
      if (base === '' && /^\/[^\s\uE000]*\/$/.test(root)) {
        this.staticPaths.add(`${root}static/`);
      }
    });
    for (const name of this.staticNames) {
      if (names.has(name)) {
        this.staticNames.delete(name);
      }
    }
  }

  private findTargetGroups(): void {
    const isHost = (from: Resource, value: unknown): boolean => {
      const target = this.target(from, value);
      return target !== undefined && this.hosts.has(target.resource);
    };
    const add = (from: Resource, value: unknown): void => {
      const target = this.target(from, value);
      if (target?.resource.type === TARGET_GROUP) {
        this.targetGroups.add(target.resource);
      }
      if (target?.resource.type === CLASSIC_LOAD_BALANCER) {
        this.loadBalancers.add(target.resource);
      }
    };
    this.each([SCALING_GROUP], (group) => {
      if (!launchesOf(group).some((launch) => isHost(group, launch))) {
        return;
      }
      for (const arn of group.list('TargetGroupARNs') ?? []) {
        add(group, arn);
      }
      for (const name of group.list('LoadBalancerNames') ?? []) {
        add(group, name);
      }
      for (const source of group.list('TrafficSources') ?? []) {
        add(group, get(source, 'Identifier'));
      }
    });
    this.each([ECS_SERVICE], (service) => {
      if (!isHost(service, service.property('TaskDefinition'))) {
        return;
      }
      for (const entry of service.list('LoadBalancers') ?? []) {
        add(service, get(entry, 'TargetGroupArn'));
        add(service, get(entry, 'LoadBalancerName'));
      }
    });
    this.each([TARGET_GROUP], (group) => {
      const targets = group.list('Targets') ?? [];
      if (targets.some((target) => isHost(group, get(target, 'Id')))) {
        this.targetGroups.add(group);
      }
    });
    this.each([CLASSIC_LOAD_BALANCER], (balancer) => {
      const instances = balancer.list('Instances') ?? [];
      if (instances.some((instance) => isHost(balancer, instance))) {
        this.loadBalancers.add(balancer);
      }
    });
  }

  private findEntry(): void {
    const forwards = (from: Resource, actions: readonly unknown[] | undefined): boolean =>
      targetGroupsOf(actions).some((arn) => {
        const target = this.target(from, arn);
        return target !== undefined && this.targetGroups.has(target.resource);
      });
    const imported = new Set<string>();
    // A network load balancer can be in front of another load balancer.
    for (let more = true, rounds = 0; more && rounds < 3; rounds++) {
      const before = this.loadBalancers.size + this.targetGroups.size;
      this.each([LISTENER], (listener) => {
        if (forwards(listener, listener.list('DefaultActions'))) {
          this.listeners.add(listener);
        }
      });
      this.each([LISTENER_RULE], (rule) => {
        if (!forwards(rule, rule.list('Actions'))) {
          return;
        }
        const target = this.target(rule, rule.property('ListenerArn'));
        if (target?.resource.type === LISTENER) {
          this.listeners.add(target.resource);
        }
      });
      for (const listener of this.listeners) {
        this.everyWay(listener, () => {
          const arn = listener.property('LoadBalancerArn');
          const target = this.target(listener, arn);
          if (target?.resource.type === LOAD_BALANCER) {
            this.loadBalancers.add(target.resource);
          } else if (literal(arn)) {
            imported.add(literal(arn)!);
          }
        });
      }
      this.each([TARGET_GROUP], (group) => {
        const targets = group.list('Targets') ?? [];
        const fronts = targets.some((target) => {
          const found = this.target(group, get(target, 'Id'))?.resource;
          return found !== undefined && this.loadBalancers.has(found);
        });
        if (fronts) {
          this.targetGroups.add(group);
        }
      });
      more = this.loadBalancers.size + this.targetGroups.size > before;
    }
    // Every other listener of the load balancer can be reached under the dashboard's name, too.
    this.each([LISTENER], (listener) => {
      const arn = listener.property('LoadBalancerArn');
      const target = this.target(listener, arn);
      if (target ? this.loadBalancers.has(target.resource) : imported.has(literal(arn) ?? '')) {
        this.listeners.add(listener);
      }
    });
  }

  /** Names of the app's DNS records for the dashboard's load balancer. */
  private findRecords(names: Set<string>): void {
    if (this.loadBalancers.size === 0) {
      return;
    }
    const add = (from: Resource, record: unknown): void => {
      const values = [
        get(record, 'AliasTarget', 'DNSName'),
        ...(asList(get(record, 'ResourceRecords')) ?? []),
      ];
      const name = nameOf(get(record, 'Name'));
      const leads = values.some((value) => {
        const target = this.target(from, lastHole(value))?.resource;
        return (
          target && this.loadBalancers.has(target) && this.leadsToDashboard(target, [name ?? ''])
        );
      });
      if (!leads) {
        return;
      }
      if (name === undefined || this.staticNames.has(name)) {
        return;
      }
      this.records.add(name);
      if (!hasHole(name)) {
        names.add(name);
      }
    };
    this.each([RECORD_SET], (record) => add(record, record.property()));
    this.each([RECORD_SET_GROUP], (group) => {
      for (const record of group.list('RecordSets') ?? []) {
        add(group, record);
      }
    });
  }
}
