import { CfnResource } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import {
  cloudScript,
  fromJson,
  isRead,
  leftToChart,
  ofChart,
  ofVariables,
} from '../reading/deployments';
import { Doubt, unseenSettings } from '../reading/shell/doubts';
import { evaluate } from '../reading/shell/evaluate';
import { Permission } from '../reading/shell/permissions';
import { Resource, Target, Template, asList, get } from '../template/template';
import {
  Setting,
  Text,
  acts,
  assignments,
  effectiveLines,
  expand,
  flatten,
  hasHole,
  holesIn,
  inOrder,
  isAbsent,
  intrinsic,
  joinTexts,
  literal,
} from '../template/text';
import { decode, linesOf, unpack } from '../reading/unpack';
import { Yaml, below, isList, isMap, readYaml } from '../reading/yaml';

export const LAUNCH_TEMPLATE = 'AWS::EC2::LaunchTemplate';
export const LAUNCH_CONFIGURATION = 'AWS::AutoScaling::LaunchConfiguration';
export const INSTANCE = 'AWS::EC2::Instance';
export const SPOT_FLEET = 'AWS::EC2::SpotFleet';
export const TASK_DEFINITION = 'AWS::ECS::TaskDefinition';
export const SCALING_GROUP = 'AWS::AutoScaling::AutoScalingGroup';
export const SSM_DOCUMENT = 'AWS::SSM::Document';
export const SSM_PARAMETER = 'AWS::SSM::Parameter';
export const IMAGE_COMPONENT = 'AWS::ImageBuilder::Component';
export const IMAGE_RECIPE = 'AWS::ImageBuilder::ImageRecipe';
export const CONTAINER_RECIPE = 'AWS::ImageBuilder::ContainerRecipe';
export const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
export const LISTENER_RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
export const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
export const CLASSIC_LOAD_BALANCER = 'AWS::ElasticLoadBalancing::LoadBalancer';
export const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
export const CACHE_CLUSTER = 'AWS::ElastiCache::CacheCluster';
export const REPLICATION_GROUP = 'AWS::ElastiCache::ReplicationGroup';
export const MEMORY_DB = 'AWS::MemoryDB::Cluster';
export const SERVERLESS_CACHE = 'AWS::ElastiCache::ServerlessCache';
export const RECORD_SET = 'AWS::Route53::RecordSet';
export const RECORD_SET_GROUP = 'AWS::Route53::RecordSetGroup';
export const ECS_SERVICE = 'AWS::ECS::Service';
export const SSM_ASSOCIATION = 'AWS::SSM::Association';
export const SECRET = 'AWS::SecretsManager::Secret';
export const HELM_CHART = 'Custom::AWSCDK-EKS-HelmChart';
export const HELM_RELEASE = 'AWSQS::Kubernetes::Helm';
export const MANIFEST = 'Custom::AWSCDK-EKS-KubernetesResource';
/** Whatever holds a text that a machine, a container or an image of one reads. */
export const HOST_TYPES = [
  LAUNCH_TEMPLATE,
  LAUNCH_CONFIGURATION,
  INSTANCE,
  SPOT_FLEET,
  TASK_DEFINITION,
  SCALING_GROUP,
  SSM_DOCUMENT,
  SSM_ASSOCIATION,
  SSM_PARAMETER,
  IMAGE_COMPONENT,
  IMAGE_RECIPE,
  CONTAINER_RECIPE,
  HELM_CHART,
  HELM_RELEASE,
  MANIFEST,
];

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

/** Whatever runs the dashboard, and what such a host reads: a template, a task, an image, a document. */
export interface Host {
  readonly resource: Resource;
  /** The settings that it shows, which may be none. */
  readonly sources: readonly Source[];
}

/** User data of any machine of the app, and other texts that one reads. */
export interface UserData extends Text {
  /** The path in the resource, for reports. */
  readonly location: string;
  /** Whether a shell runs it, where it does not say so itself. */
  readonly isScript?: boolean;
  /** What of it cannot be followed, though it may matter. */
  readonly doubts?: readonly Doubt[];
  /** Whether it is a dashboard's, whatever it has. */
  readonly isDashboard?: boolean;
  /** Owners and modes of files in the end, where a script was followed. */
  readonly permissions?: ReadonlyMap<string, Permission>;
  /** Where it has settings: the script, the dashboard's files, and each other file. */
  readonly settings?: readonly string[];
}

/** What a resource of one of HOST_TYPES says. */
interface Content {
  readonly texts: readonly UserData[];
  readonly containers: readonly Container[];
}

/** A container of a task. */
export interface Container {
  readonly location: string;
  readonly image: Text;
  readonly settings: ReadonlyMap<string, Setting>;
  readonly isDashboard: boolean;
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
  /** Whether hosts, or whoever registered the pack, say what the dashboard is called. */
  public readonly namesAreStated: boolean = false;
  /** Domain names that serve static media alone. */
  public readonly staticNames = new Set<string>();
  /** Paths that serve static media, `/static/`. */
  public readonly staticPaths = new Set<string>(['/static/']);
  public readonly targetGroups = new Set<Resource>();
  public readonly listeners = new Set<Resource>();
  public readonly loadBalancers = new Set<Resource>();
  public readonly clusters = new Set<Resource>();
  public readonly secrets = new Set<Resource>();
  /** Names that records of the app lead to it, with what only the deployment knows of them. */
  private readonly records = new Set<string>();
  private readonly contents = new Map<Resource, Content>();
  private readonly lines = new WeakMap<Text, string[]>();
  private readonly references = new Map<string, Map<Resource, Set<Resource>>>();
  private undecided?: { places?: Set<string> };

  constructor(
    root: IConstruct,
    public readonly given: Names,
  ) {
    this.template = new Template(root);
    const names = new Set(given.dashboards.map((name) => name.toLowerCase()));
    this.names = names;
    this.findHosts();
    // Without a dashboard nothing else is looked at, nor resolved.
    if (this.hosts.size > 0) {
      this.findNames(names);
      this.namesAreStated = names.size > 0;
      this.findTargetGroups();
      this.findEntry();
      this.findRecords(names);
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

  /** The resources that a value refers to, or a part of it does: a name in an ARN. */
  public targets(from: Resource, value: unknown): Resource[] {
    return flatten(value).holes.flatMap((hole) => this.target(from, hole)?.resource ?? []);
  }

  /** Resources of a type that refer to a resource by one of their properties. */
  public referring(type: string, property: string, to: Resource): readonly Resource[] {
    const key = `${type} ${property}`;
    let index = this.references.get(key);
    if (!index) {
      index = new Map<Resource, Set<Resource>>();
      for (const from of this.template.ofType(type)) {
        this.everyWay(from, () => {
          const found = this.target(from, from.property(property))?.resource;
          if (found) {
            index!.set(found, (index!.get(found) ?? new Set()).add(from));
          }
        });
      }
      this.references.set(key, index);
    }
    return [...(index.get(to) ?? [])];
  }

  /** All that a machine is told, one part after the other; `texts` has them one by one. */
  public userData(resource: Resource): UserData | undefined {
    const texts = resource.type === TASK_DEFINITION ? [] : this.content(resource).texts;
    return texts.length > 0 ? { ...joinTexts(texts), location: texts[0].location } : undefined;
  }

  /** What a machine is told: user data, cloud-init metadata, commands, the steps of an image. */
  public texts(resource: Resource): readonly UserData[] {
    return this.content(resource).texts;
  }

  /** Whether a rule on texts can look into all of them; what it cannot is reported. */
  public readsAll(resource: Resource): boolean {
    const closed = this.texts(resource).filter(({ text }) => /^\uE000\d+\uE001$/.test(text.trim()));
    for (const { location } of closed) {
      this.unknown(location);
    }
    return closed.length === 0;
  }

  /** What a dashboard's scripts do that cannot be followed, with the place of each. */
  public doubts(resource: Resource): { readonly doubt: Doubt; readonly location: string }[] {
    if (!this.hosts.has(resource)) {
      return [];
    }
    // What the files of this library do is known: only what somebody added to them is not.
    const isOurs = metadataSources(resource).length > 0;
    return this.texts(resource).flatMap(({ doubts = [], holes, location }) =>
      doubts
        .filter((doubt) => !isOurs || FETCHES.test(`${doubt.what} ${doubt.command}`))
        .filter(({ command }) => !this.reads(resource, command, holes))
        .map((doubt) => ({ doubt, location })),
    );
  }

  /** Whether a command fetches a parameter or a document that is in the template. */
  private reads(resource: Resource, command: string, holes: readonly unknown[]): boolean {
    if (!/\bssm\b/.test(command)) {
      return false;
    }
    const isRead = (target: Resource | undefined): boolean =>
      target !== undefined && STORED.has(target.type) && this.hosts.has(target);
    return (
      holesIn(command, holes).some((hole) => isRead(this.target(resource, hole)?.resource)) ||
      [...this.hosts.keys()].some(
        (host) =>
          isRead(host) &&
          command.split(/[\s"'=]+/).includes(literal(host.property('Name')) ?? '\n'),
      )
    );
  }

  /** The containers of a task. */
  public containers(resource: Resource): readonly Container[] {
    return this.content(resource).containers;
  }

  /** What takes effect of a text: see `effectiveLines`. */
  public effectiveLines(text: Text): readonly string[] {
    const before = this.lines.get(text);
    if (before) {
      return before;
    }
    const lines = effectiveLines(text.text);
    this.lines.set(text, lines);
    return lines;
  }

  /**
   * Machines that are a dashboard or may stand before one: what they are told names it, or refers to
   * its load balancer.
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

  /** Whether a text of a resource names the dashboard, or refers to its load balancer. */
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

  /** Whether a domain name is the dashboard's, or its load balancer's. */
  public isEntry(resource: Resource, name: unknown): boolean {
    const target = this.target(resource, name);
    if (target?.resource.type === RECORD_SET) {
      const named = nameOf(target.resource.property('Name'));
      return named !== undefined && (this.names.has(named) || this.records.has(named));
    }
    if (target) {
      const { type } = target.resource;
      // A machine without a load balancer, by its own name.
      return (
        this.loadBalancers.has(target.resource) ||
        (type === INSTANCE && this.hosts.has(target.resource))
      );
    }
    const text = nameOf(name);
    return text !== undefined && (this.names.has(text) || this.records.has(text));
  }

  /**
   * Whether a load balancer may lead to the dashboard under one of some names. It does not where
   * the dashboard has a rule with names of its own, and others have the rest.
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

  /**
   * Says that a rule cannot be judged, because only the deployment knows what stands in a place.
   * It is reported once, as information.
   */
  public unknown(place: string): void {
    if (!this.undecided) {
      return;
    }
    this.undecided.places ??= new Set();
    this.undecided.places.add(place);
  }

  /**
   * The place of a value that breaks a rule, if it does. A value that is left out is an empty text;
   * one that only the deployment knows is none.
   */
  public wrong(place: string, value: unknown, breaks: (text: string) => boolean): string[] {
    const text = isAbsent(value) ? '' : literal(value);
    if (text === undefined) {
      this.unknown(place);
    }
    return text !== undefined && breaks(text) ? [place] : [];
  }

  /** What `ask` returns, with the places that it could not judge. */
  public recording<T>(ask: () => T): { readonly value: T; readonly unknown: ReadonlySet<string> } {
    const outer = this.undecided;
    const recorded: { places?: Set<string> } = {};
    this.undecided = recorded;
    try {
      const value = ask();
      return { value, unknown: recorded.places ?? NO_PLACES };
    } finally {
      this.undecided = outer;
    }
  }

  /** What `ask` returns if a resource has other texts. */
  public supposing<T>(resource: Resource, texts: readonly UserData[], ask: () => T): T {
    const [content, host] = [this.contents.get(resource), this.hosts.get(resource)];
    const { containers } = this.content(resource);
    this.contents.set(resource, { texts, containers });
    if (host) {
      this.hosts.set(resource, { resource, sources: this.sourcesOf(resource) });
    }
    try {
      return ask();
    } finally {
      if (content) {
        this.contents.set(resource, content);
      } else {
        this.contents.delete(resource);
      }
      if (host) {
        this.hosts.set(resource, host);
      }
    }
  }

  /** Asks about each resource of some types, on each way through its own conditions. */
  private each(types: readonly string[], ask: (resource: Resource) => void): void {
    for (const resource of this.template.ofType(...types)) {
      this.everyWay(resource, ask);
    }
  }

  /** Asks about a resource on each way through its own conditions. */
  public everyWay(resource: Resource, ask: (resource: Resource) => void): void {
    if (resource.hasChoices) {
      this.template.choices.explore(() => ask(resource));
    } else {
      ask(resource);
    }
  }

  private content(resource: Resource): Content {
    const before = this.contents.get(resource);
    if (before) {
      return before;
    }
    const content = this.read(resource);
    // With choices it is another on each way.
    if (!resource.hasChoices) {
      this.contents.set(resource, content);
    }
    return content;
  }

  private read(resource: Resource): Content {
    const texts: UserData[] = [];
    const add = (location: string, value: unknown): void => {
      if (isAbsent(value)) {
        return;
      }
      const { text, holes } = flatten(value);
      texts.push({ text: unpack(text).join('\n'), holes, location });
    };
    const property = (...path: string[]): void =>
      add(`Properties.${path.join('.')}`, resource.property(...path));
    switch (resource.type) {
      case LAUNCH_TEMPLATE:
        property('LaunchTemplateData', 'UserData');
        break;
      case LAUNCH_CONFIGURATION:
      case INSTANCE:
        property('UserData');
        break;
      case SPOT_FLEET: {
        const path = ['SpotFleetRequestConfigData', 'LaunchSpecifications'];
        (resource.list(...path) ?? []).forEach((specification, index) =>
          add(`Properties.${path.join('.')}.${index}.UserData`, get(specification, 'UserData')),
        );
        break;
      }
      case SSM_PARAMETER:
        property('Value');
        break;
      case IMAGE_COMPONENT: {
        const data = resource.property('Data');
        if (!isAbsent(data)) {
          texts.push(...documentTexts(data, 'Properties.Data'));
        }
        break;
      }
      case IMAGE_RECIPE:
        property('AdditionalInstanceConfiguration', 'UserDataOverride');
        break;
      case CONTAINER_RECIPE:
        property('DockerfileTemplateData');
        break;
      case SSM_ASSOCIATION: {
        const name = literal(resource.property('Name')) ?? '';
        if (RUNS_UNSEEN.test(name)) {
          texts.push(unseen({ kind: 'program', what: name, command: '' }, 'Properties.Name'));
        }
        for (const command of asList(resource.property('Parameters', 'commands')) ?? []) {
          texts.push({
            ...flatten(command),
            location: 'Properties.Parameters.commands',
            isScript: true,
          });
        }
        break;
      }
      case SSM_DOCUMENT:
        texts.push(...documentTexts(resource.property('Content')));
        break;
      case HELM_CHART:
      case HELM_RELEASE:
        return { texts: chartTexts(resource), containers: [] };
      case MANIFEST:
        return manifestContent(resource);
      case TASK_DEFINITION:
        return {
          texts: this.commandsOf(resource).map((text) => (text.doubts ? text : followed(text))),
          containers: this.containersOf(resource),
        };
    }
    return { texts: [...texts, ...initTexts(resource)].map(followed), containers: [] };
  }

  private commandsOf(task: Resource): UserData[] {
    const containers = task.list('ContainerDefinitions') ?? [];
    const files = containers.flatMap((container, index) =>
      (asList(get(container, 'EnvironmentFiles')) ?? []).map((file) => {
        const location = `Properties.ContainerDefinitions.${index}.EnvironmentFiles`;
        const what = flatten(get(file, 'Value')).text;
        return unseen({ kind: 'file', what, command: '' }, location);
      }),
    );
    const commands = containers.flatMap((container, index): UserData[] => {
      const words = wordsOf(container);
      const variable = (asList(get(container, 'Environment')) ?? []).find(
        (each) => literal(get(each, 'Name')) === 'GUNICORN_CMD_ARGS',
      );
      // As a shell has it: options before those of the command.
      if (variable !== undefined) {
        const { text, holes } = quoted(flatten(get(variable, 'Value')));
        words.unshift({ text: `GUNICORN_CMD_ARGS=${text}`, holes });
      }
      if (words.length === 0) {
        return [];
      }
      const name = asList(get(container, 'Command'))?.length ? 'Command' : 'EntryPoint';
      const location = `Properties.ContainerDefinitions.${index}.${name}`;
      const [first, ...rest] = words;
      const start = variable === undefined ? quoted(first) : first;
      return [{ ...joinTexts([start, ...rest.map(quoted)], ' '), location, isScript: true }];
    });
    return [...commands, ...files];
  }

  private containersOf(task: Resource): Container[] {
    return (task.list('ContainerDefinitions') ?? []).map((container, index) => {
      const settings = new Map<string, Setting>();
      for (const variable of asList(get(container, 'Environment')) ?? []) {
        const name = literal(get(variable, 'Name'));
        if (name) {
          settings.set(name, { ...flatten(get(variable, 'Value')), dynamic: false });
        }
      }
      for (const secret of asList(get(container, 'Secrets')) ?? []) {
        const name = literal(get(secret, 'Name'));
        const [parameter] = this.targets(task, get(secret, 'ValueFrom'));
        if (!name || parameter?.type !== SSM_PARAMETER) {
          continue;
        }
        settings.set(name, { ...flatten(parameter.property('Value')), dynamic: false });
      }
      expand(settings);
      const image = flatten(get(container, 'Image'));
      const location = `Properties.ContainerDefinitions.${index}`;
      const commands = wordsOf(container)
        .map(({ text }) => text)
        .join(' ');
      const isOne = runsDashboard(image.text, settings, commands);
      return { location, image, settings, isDashboard: isOne };
    });
  }

  private sourcesOf(resource: Resource): Source[] {
    const sources = metadataSources(resource);
    const { texts, containers } = this.content(resource);
    for (const text of texts) {
      for (const settings of settingsOf(text)) {
        if (settings.size > 0) {
          sources.push({ kind: 'userData', location: text.location, settings });
        }
      }
    }
    const told = sources.length > 0;
    for (const { location, settings, isDashboard: isOne } of containers) {
      if (settings.size === 0 || !(isOne || (told && settings.has('SESSION_ENGINE')))) {
        continue;
      }
      sources.push({ kind: 'container', location: `${location}.Environment`, settings });
    }
    return sources;
  }

  /** Whether a resource shows by itself that it is a dashboard. */
  private showsDashboard(resource: Resource): boolean {
    const { texts, containers } = this.content(resource);
    return (
      metadataSources(resource).length > 0 ||
      containers.some((container) => container.isDashboard) ||
      texts.some((text) => {
        const lower = text.text.toLowerCase();
        return (
          text.isDashboard === true ||
          (text.text.includes('SESSION_ENGINE') && isDashboard(assignments(text))) ||
          (/openstack-dashboard|horizon/.test(lower) &&
            commandsIn(this.effectiveLines(text)).some(installsDashboard))
        );
      })
    );
  }

  private addHost(resource: Resource): void {
    if (this.hosts.has(resource)) {
      return;
    }
    const read = (): readonly Source[] => this.sourcesOf(resource);
    let sources: readonly Source[] | undefined;
    this.hosts.set(resource, {
      resource,
      get sources() {
        // With choices they are others on each way.
        if (resource.hasChoices) {
          return read();
        }
        sources ??= read();
        return sources;
      },
    });
  }

  private findHosts(): void {
    const seeds = new Set<Resource>();
    for (const resource of this.template.ofType(...HOST_TYPES)) {
      if (STORED.has(resource.type) && !resource.mayHold(MARK)) {
        continue;
      }
      this.everyWay(resource, () => {
        if (!seeds.has(resource) && this.showsDashboard(resource)) {
          seeds.add(resource);
        }
      });
    }
    if (seeds.size === 0) {
      return;
    }
    for (const seed of seeds) {
      this.addHost(seed);
    }
    this.linkImages(seeds);
    // An init of the group, or its template: either shows what the machines are.
    this.each([SCALING_GROUP], (group) => {
      const launches = launchesOf(group).flatMap((value) => this.target(group, value) ?? []);
      if (seeds.has(group)) {
        for (const { resource } of launches) {
          this.addHost(resource);
        }
      } else if (launches.some(({ resource }) => this.hosts.has(resource))) {
        this.addHost(group);
      }
    });
    this.each([SSM_ASSOCIATION], (association) => {
      const document = this.target(association, association.property('Name'))?.resource;
      const source = document?.type === SSM_DOCUMENT ? document : association;
      for (const instance of this.targetsOf(association)) {
        if (seeds.has(source)) {
          this.addHost(instance);
        } else if (this.hosts.has(instance)) {
          this.addHost(source);
        }
      }
    });
    this.linkDocuments();
  }

  /** The instances that an association is for: by their ids, or by a tag that they have. */
  private targetsOf(association: Resource): Resource[] {
    const given = (association.list('Targets') ?? []).flatMap((target) =>
      (asList(get(target, 'Values')) ?? []).map((value) => [get(target, 'Key'), value] as const),
    );
    return [['InstanceIds', association.property('InstanceId')] as const, ...given].flatMap(
      ([key, value]): Resource[] => {
        const instance = this.target(association, value)?.resource;
        if (instance?.type === INSTANCE) {
          return [instance];
        }
        const tag = /^tag:(.+)$/.exec(literal(key) ?? '')?.[1];
        if (tag === undefined) {
          return [];
        }
        return this.template
          .ofType(INSTANCE)
          .filter((each) =>
            (each.list('Tags') ?? []).some(
              (one) =>
                literal(get(one, 'Key')) === tag && literal(get(one, 'Value')) === literal(value),
            ),
          );
      },
    );
  }

  /** Images: what any step of one says holds for all of it, and for who starts from it. */
  private linkImages(seeds: ReadonlySet<Resource>): void {
    const recipes = this.template.ofType(IMAGE_RECIPE, CONTAINER_RECIPE);
    if (recipes.length === 0) {
      return;
    }
    const steps = (recipe: Resource): Resource[] =>
      (recipe.list('Components') ?? []).flatMap(
        (step) => this.target(recipe, get(step, 'ComponentArn'))?.resource ?? [],
      );
    const found = new Set(recipes.filter((recipe) => seeds.has(recipe)));
    this.each([IMAGE_RECIPE, CONTAINER_RECIPE], (recipe) => {
      if (steps(recipe).some((step) => seeds.has(step))) {
        found.add(recipe);
      }
    });
    this.each([LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION, INSTANCE], (machine) => {
      const path =
        machine.type === LAUNCH_TEMPLATE ? ['LaunchTemplateData', 'ImageId'] : ['ImageId'];
      const image = this.target(machine, machine.property(...path))?.resource;
      if (image?.type !== 'AWS::ImageBuilder::Image') {
        return;
      }
      const recipe = this.target(image, image.property('ImageRecipeArn'))?.resource;
      if (!recipe) {
        return;
      }
      if (found.has(recipe)) {
        this.addHost(machine);
      } else if (this.hosts.has(machine)) {
        found.add(recipe);
      }
    });
    for (const recipe of found) {
      this.addHost(recipe);
      this.everyWay(recipe, () => {
        for (const step of steps(recipe)) {
          if (step.type === IMAGE_COMPONENT) {
            this.addHost(step);
          }
        }
      });
    }
  }

  /** Parameters and documents that a dashboard's host asks for, by reference or by name. */
  private linkDocuments(): void {
    const stored = this.template.ofType(SSM_PARAMETER, SSM_DOCUMENT);
    if (stored.length === 0) {
      return;
    }
    const words = new Set<string>();
    for (const { resource } of [...this.hosts.values()]) {
      this.everyWay(resource, () => {
        for (const { text, holes } of this.content(resource).texts) {
          if (/\bssm\b/i.test(text)) {
            for (const [word] of text.matchAll(PATH)) {
              words.add(word);
            }
          }
          for (const hole of holesIn(text, holes)) {
            const target = this.target(resource, hole)?.resource;
            if (target?.type === SSM_PARAMETER || target?.type === SSM_DOCUMENT) {
              this.addHost(target);
            }
          }
        }
      });
    }
    for (const document of words.size > 0 ? stored : []) {
      if (words.has(literal(document.property('Name')) ?? '')) {
        this.addHost(document);
      }
    }
  }

  private findNames(names: Set<string>): void {
    this.eachSource((_resource, { settings }) => {
      for (const name of settings.get('ALLOWED_HOSTS')?.text.split(',') ?? []) {
        const host = name.trim().toLowerCase();
        // A wildcard, or a name that only the deployment knows, names nobody.
        if (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host)) {
          names.add(host);
        }
      }
      // The path is often literal where the name is not.
      const base = (settings.get('STATIC_BASE_URL') ?? settings.get('STATIC_URL'))?.text ?? '';
      const match = /^(?:https?:\/\/([^/:]+)(?::\d+)?)?(\/.*)?$/i.exec(base);
      const [, name, path] = match ?? [];
      if (name && !hasHole(name)) {
        this.staticNames.add(name.toLowerCase());
      }
      if (path && path !== '/' && !hasHole(path)) {
        this.staticPaths.add(path);
      }
      // Horizon puts static media below its own root unless it is given another place.
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

  private eachSource(ask: (resource: Resource, source: Source) => void): void {
    for (const host of this.hosts.values()) {
      this.everyWay(host.resource, (resource) => {
        for (const source of host.sources) {
          ask(resource, source);
        }
      });
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
    // A network load balancer may stand before another one, hardly more than that.
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
    // Every other listener of the same load balancer is a way to the dashboard's name as well.
    this.each([LISTENER], (listener) => {
      const arn = listener.property('LoadBalancerArn');
      const target = this.target(listener, arn);
      if (target ? this.loadBalancers.has(target.resource) : imported.has(literal(arn) ?? '')) {
        this.listeners.add(listener);
      }
    });
  }

  /** Names that records of the app give to the dashboard's load balancer. */
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

  private findSecrets(): void {
    const add = (from: Resource, { text, holes }: Text): void => {
      for (const hole of holesIn(text, holes)) {
        const target = this.target(from, hole);
        if (target?.resource.type === SECRET) {
          this.secrets.add(target.resource);
        }
      }
    };
    this.eachSource((resource, { settings }) => {
      for (const name of ['SECRET_KEY_SECRET_ID', 'SECRET_KEY']) {
        const setting = settings.get(name);
        if (setting) {
          add(resource, setting);
        }
      }
    });
    for (const { resource } of this.hosts.values()) {
      this.everyWay(resource, () => {
        for (const text of this.texts(resource)) {
          for (const secret of this.fetchedSecrets(resource, text)) {
            this.secrets.add(secret);
          }
        }
        for (const container of resource.type === TASK_DEFINITION
          ? (resource.list('ContainerDefinitions') ?? [])
          : []) {
          for (const secret of asList(get(container, 'Secrets')) ?? []) {
            if (literal(get(secret, 'Name')) !== 'SECRET_KEY') {
              continue;
            }
            for (const target of this.targets(resource, get(secret, 'ValueFrom'))) {
              if (target.type === SECRET) {
                this.secrets.add(target);
              }
            }
          }
        }
      });
    }
  }

  /** The secrets that a script or its Python fetches for the key: they are the key, or hold it. */
  public fetchedSecrets(resource: Resource, { text, holes }: Text): ReadonlySet<Resource> {
    const found = new Set<Resource>();
    if (!/secret_key/i.test(text)) {
      return found;
    }
    const add = (piece: string): void => {
      for (const hole of holesIn(piece, holes)) {
        const target = this.target(resource, hole)?.resource;
        if (target?.type === SECRET) {
          found.add(target);
        }
      }
    };
    const lines = text.split('\n').filter((line) => /get-secret-value|secretsmanager/.test(line));
    for (const line of lines) {
      add(line);
    }
    // Python may take the name from elsewhere: with one secret in the text it is clear which.
    if (found.size === 0 && lines.length > 0) {
      add(text);
      if (found.size > 1) {
        found.clear();
      }
    }
    return found;
  }

  private findClusters(given: readonly string[]): void {
    const add = (from: Resource, holes: readonly unknown[], isSessions: boolean): void => {
      for (const hole of holes) {
        const found = this.target(from, hole)?.resource;
        // Redis is for many things; memcached beside a dashboard is its cache.
        if (found && (isMemcached(found) || (isSessions && isCache(found)))) {
          this.clusters.add(found);
        }
      }
    };
    const places: string[] = [];
    this.eachSource((resource, { settings }) => {
      for (const [name, setting] of settings) {
        add(resource, holesIn(setting.text, setting.holes), CACHE_SETTING.test(name));
        if (CACHE_SETTING.test(name)) {
          places.push(setting.text);
        }
      }
    });
    for (const { resource } of this.hosts.values()) {
      this.everyWay(resource, () => {
        for (const { text, holes } of this.texts(resource)) {
          add(resource, holesIn(text, holes), false);
        }
      });
    }
    // A cache by a name that a record of the app gives it.
    const hosts = new Set(places.flatMap((text) => text.toLowerCase().match(HOST_NAME) ?? []));
    for (const record of hosts.size > 0 ? this.template.ofType(RECORD_SET) : []) {
      if (!hosts.has(nameOf(record.property('Name')) ?? '')) {
        continue;
      }
      const values = record.list('ResourceRecords') ?? [];
      add(
        record,
        values.flatMap((value) => flatten(value).holes),
        true,
      );
    }
    if (given.length === 0) {
      return;
    }
    const names = new Set(given.map((name) => name.toLowerCase()));
    for (const cluster of this.template.ofType(CACHE_CLUSTER, SERVERLESS_CACHE)) {
      const name = literal(
        cluster.property(cluster.type === CACHE_CLUSTER ? 'ClusterName' : 'ServerlessCacheName'),
      );
      if (name && names.has(name.toLowerCase()) && isMemcached(cluster)) {
        this.clusters.add(cluster);
      }
    }
  }
}

const NO_PLACES: ReadonlySet<string> = new Set();

// Documents of AWS that run a playbook, a recipe or a script from elsewhere.
const RUNS_UNSEEN =
  /^AWS-(ApplyAnsiblePlaybooks|RunAnsiblePlaybook|ApplyChefRecipes|RunRemoteScript)$/;

/** What cannot be followed of something that has no text of its own. */
const unseen = (doubt: Doubt, location: string): UserData => ({
  text: '',
  holes: [],
  location,
  doubts: [doubt],
});

const HOST_NAME = /[a-z0-9-]+(?:\.[a-z0-9-]+)+/g;

// Settings that say where a cache is.
const CACHE_SETTING = /^(MEMCACHED_|CACHES\b|(SESSION_|CACHE_|DJANGO_)?(REDIS|VALKEY|CACHE)_)/;

// What the name of a parameter or a document is made of.
const PATH = /[\w./-]{3,}/g;

// An app may have very many of these, for whatever it likes.
const STORED: ReadonlySet<string> = new Set([SSM_PARAMETER, SSM_DOCUMENT]);
// What a dashboard's text has somewhere, or base64 of it.
const MARK = /SESSION_ENGINE|openstack-dashboard|horizon|[A-Za-z0-9+/=\s]{64}/i;

// Images of the dashboard, by itself or of a distribution of OpenStack. Other programs are called
// Horizon too (of Laravel, of Stellar): that word alone has to have more beside it.
const DASHBOARD_IMAGE =
  /(^|\/)([\w.-]*-)?openstack-(dashboard|horizon)(:|@|$)|(kolla|openstack|loci|tripleo|rhos|podified|airship|atmosphere|starlingx)[^:@]*[/-]horizon(:|@|$)|(^|\/)horizon:(20\d\d\.[12]|master|antelope|bobcat|caracal|dalmatian|epoxy|flamingo|gazpacho|zed|yoga|xena|wallaby|victoria|ussuri|train)\b/;
const HORIZON_IMAGE = /(^|[/-])horizon(:|@|$)/;
const OPENSTACK_SETTING = /^(OPENSTACK_|OS_|KEYSTONE_|KOLLA_|HORIZON_CONFIG|WEBSSO_)/;
const OPENSTACK_COMMAND =
  /openstack[_-]dashboard|\/etc\/horizon\b|\bkolla_start\b|\bmanage\.py\b.*\b(compress|collectstatic)\b/;

/** Whether a container runs the dashboard, by its image, settings and commands. */
function runsDashboard(
  image: string,
  settings: ReadonlyMap<string, Setting>,
  commands: string,
): boolean {
  if (isDashboard(settings) || DASHBOARD_IMAGE.test(image)) {
    return true;
  }
  return (
    HORIZON_IMAGE.test(image) &&
    ([...settings.keys()].some((name) => OPENSTACK_SETTING.test(name)) ||
      OPENSTACK_COMMAND.test(commands))
  );
}

const DASHBOARD_PACKAGE =
  /(?<![\w./-])(openstack-dashboard(-apache)?|python3?-django-horizon)(?![\w./-])/;
const INSTALLS: readonly (readonly RegExp[])[] = [
  [/\b(apt|apt-get|aptitude|yum|dnf|zypper|apk)\b/, /\b(install|add)\b/, DASHBOARD_PACKAGE],
  [/^\s*-\s+\[?\s*["']?(openstack-dashboard(-apache)?|python3?-django-horizon)["']?\s*(,|\]|$)/],
  [/^\s*packages:\s*\[/, DASHBOARD_PACKAGE],
  [/^\s*(export\s+)?PACKAGES\s*=/, DASHBOARD_PACKAGE],
  [
    /\b(docker|podman|nerdctl)\b/,
    /\brun\b/,
    /(kolla|openstack|loci|tripleo|rhos|podified|airship|atmosphere|starlingx)\S*[/-]horizon(:\S+)?(\s|$)|[\s/-]openstack-dashboard(:\S+)?(\s|$)|[\s/]horizon:(20\d\d\.[12]|master)\S*(\s|$)|OPENSTACK_\S*\s.*[\s/-]horizon(:\S+)?(\s|$)/,
  ],
  [/\bpip3?\b/, /\binstall\b/, /[\s/]horizon(==|>=|@|\.git|\s|$)/],
];

const installsDashboard = (command: string): boolean =>
  acts(command) && INSTALLS.some((expressions) => inOrder(command, ...expressions));

/** The commands of lines, one by one. */
export function commandsIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(/&&|\|\||[;|]/));
}

/** What a scaling group starts its machines from. */
export function launchesOf(group: Resource): unknown[] {
  const mixed = group.property('MixedInstancesPolicy', 'LaunchTemplate');
  const specifications = [
    group.property('LaunchTemplate'),
    get(mixed, 'LaunchTemplateSpecification'),
    ...(asList(get(mixed, 'Overrides')) ?? []).map((o) => get(o, 'LaunchTemplateSpecification')),
  ];
  return [
    group.property('LaunchConfigurationName'),
    ...specifications.flatMap((s) => [get(s, 'LaunchTemplateId'), get(s, 'LaunchTemplateName')]),
  ];
}

/** Whether more than one machine or container is made from a resource, as far as a template shows. */
export function runsSeveral(resource: Resource, facts: Facts): boolean {
  const most = (value: unknown): boolean => Number(literal(value) ?? 0) > 1;
  const groups = facts.template.ofType(SCALING_GROUP).filter((group) => {
    const launches = launchesOf(group);
    return launches.some((launch) => facts.target(group, launch)?.resource === resource);
  });
  const services = facts
    .referring(ECS_SERVICE, 'TaskDefinition', resource)
    .map((service) => service.property('DesiredCount'));
  return (
    groups.some((group) => most(group.property('MaxSize'))) ||
    (resource.type === SCALING_GROUP && most(resource.property('MaxSize'))) ||
    services.some(most)
  );
}

/** The target groups that actions of a listener forward to. */
export function targetGroupsOf(actions: readonly unknown[] | undefined): unknown[] {
  return (actions ?? []).flatMap((action) => [
    get(action, 'TargetGroupArn'),
    ...(asList(get(action, 'ForwardConfig', 'TargetGroups')) ?? []).map((group) =>
      get(group, 'TargetGroupArn'),
    ),
  ]);
}

// What a script has that its lines do not show as it will be.
const FOLLOWABLE =
  /\bsed\b|\bperl\b|\bch(mod|own|grp)\b|\b(echo|printf|logger)\b|<<|>|\btee\b|\bfor\b|sh\b|\bcd\b|\b(cp|mv|install)\b|\(\)\s*\{|\beval\b|\bsource\b|\b(curl|wget|aws|scp|rsync|git|tar|unzip|python[0-9.]*|ansible|puppet|chef|salt|docker|podman|kubectl|helm)\b/;
// Scripts of machines that have to do with the dashboard, or may stand before it.
const RELEVANT =
  /horizon|openstack|dashboard|kolla|local_settings|varnish|squid|nuster|trafficserver|proxy/i;
const LONGEST_SCRIPT = 262_144;
// Programs by which something comes to a host that is not in its template.
const FETCHES =
  /\b(curl|wget|aws|gsutil|scp|rsync|git|ansible[\w-]*|puppet|chef-\w+|salt-call|kubectl|helm|compose)\b/;
// Files that no program reads: manuals, examples, and what is kept of older ones.
const IDLE =
  /(^|\/)(README|CHANGELOG|NOTICE|COPYING|motd|issue(\.net)?)[^/]*$|\.(md|rst|adoc|html?|example|sample|bak|backup|old|orig|disabled|dpkg-\w+|rpm(save|new|orig))$|~$/i;
const isIdle = (path: string): boolean => IDLE.test(path);
// Folders of programs, of which each has its own: /etc/graphite/local_settings.py.
const isOfOthers = (path: string): boolean =>
  /^\/(etc|usr\/(local\/)?(share|lib)|var\/lib)\/(?!(kolla|python|horizon|openstack|kubernetes|docker|containers|systemd|config)|[^/]*dashboard)[^/]+\/[^$]*local_settings/i.test(
    path,
  );
// Files that the dashboard reads, or that a container or a unit of it may.
const OWN_FILE = /openstack|horizon|local_settings|kolla|dashboard|\$/i;

const SOCKET_UNIT = /(horizon|dashboard|gunicorn|uwsgi)[^/]*\.socket$/;

/** A socket unit of systemd as what gunicorn would have for it. */
const listens = (text: string): string =>
  [...text.matchAll(/^\s*ListenStream\s*=\s*(\S+)/gm)]
    .map(([, address]) => `bind = '${/^\d+$/.test(address) ? `*:${address}` : address}'`)
    .join('\n');

/** Steps of an image as the commands that they stand for. */
const built = (text: string): string =>
  text
    .replace(/\\\r?\n/g, ' ')
    .replace(/^\s*FROM\s+(--\S+\s+)*(\S+).*$/gim, 'docker run -d $2')
    .replace(/^\s*RUN\s+(--\S+\s+)*/gim, '');

const COMPOSE = /(^|\/)(docker-|podman-)?compose[\w.-]*\.ya?ml$/;

/** The words of a command of a compose file, which is a text or a list. */
function commandOf(service: Yaml, name: string): string {
  const given = below(service, name);
  if (typeof given === 'string') {
    return given;
  }
  return isList(given) ? given.filter((word) => typeof word === 'string').join(' ') : '';
}

/** A compose file as the commands that it stands for. */
function composed(text: string): string {
  const services = below(readYaml(text), 'services');
  const lists = Object.values(isMap(services) ? services : {}).map((service) =>
    ['entrypoint', 'command'].map((name) => commandOf(service, name)).join(' '),
  );
  return `${text}\n${lists.join('\n')}`
    .split('\n')
    .map((line) =>
      line
        .replace(/^\s*image:\s*["']?([^\s"']+)["']?\s*$/, 'docker run -d $1')
        .replace(/^\s*-?\s*["']?([A-Z][A-Z0-9_]*)["']?\s*[:=]\s*(.*?)\s*$/, '$1=$2'),
    )
    .join('\n');
}

/** A text as the shell will have run it: variables and loops filled in, files as they are in the end. */
function followed(data: UserData): UserData {
  const isScript = data.isScript ?? /^\s*#![^\n]*\b(ba|da|k|z)?sh\b/.test(data.text);
  const text = isScript ? data.text : cloudScript(data.text);
  if (text === undefined || !FOLLOWABLE.test(text) || !RELEVANT.test(data.text)) {
    return data;
  }
  if (text.length > LONGEST_SCRIPT) {
    const what = 'all of a script of more than 256 KiB';
    return { ...data, doubts: [{ kind: 'program', what, command: '' }] };
  }
  const { commands, files, permissions, rest, ...found } = evaluate(text);
  const doubts = [...found.doubts];
  const all: string[] = [];
  const own: string[] = [];
  const others: string[] = [];
  const later = new Map<string, string>();
  // Horizon reads them behind local_settings.py, by their names.
  const pieces = (): string[] => [...later.keys()].sort().map((name) => later.get(name)!);
  let deploys = DEPLOYS.test(text) && [...files.keys()].some((path) => KOLLA_SETTINGS.test(path));
  for (const [path, file] of files) {
    if (isIdle(path)) {
      continue;
    }
    all.push(file.text);
    const deployed = ofVariables(path, file.text);
    if (deployed) {
      all.push(deployed.server, deployed.settings);
      own.push(deployed.settings);
      deploys ||= /^\s*(horizon_|enable_horizon:)/m.test(file.text) || DEPLOYS.test(text);
    } else if (COMPOSE.test(path)) {
      const commandsOfIt = composed(file.text);
      if (/^\s*env_file\s*:/m.test(file.text)) {
        doubts.push({ kind: 'file', what: 'env_file', command: path });
      }
      all.push(commandsOfIt);
      own.push(commandsOfIt);
    } else if (/(^|\/)(Docker|Container)file[^/]*$/.test(path)) {
      all.push(built(file.text));
    } else if (SOCKET_UNIT.test(path)) {
      all.push(listens(file.text));
    } else if (OWN_FILE.test(path) && !isOfOthers(path)) {
      if (PIECE.test(path)) {
        later.set(path.split('/').at(-1)!, file.text);
      } else {
        own.push(file.text);
      }
      const unseen = SETTINGS_FILE.test(path) ? unseenSettings(file.text) : [];
      for (const line of unseen.slice(0, 3)) {
        doubts.push({ kind: 'program', what: line.trim(), command: path });
      }
    }
    // Settings of another program; a shell, systemd or a container may read the rest.
    else if (!path.endsWith('.py') && MARKS.some((mark) => file.text.includes(mark))) {
      others.push(file.text);
    }
  }
  for (const path of valuesFiles(text)) {
    const deployed = ofChart(readYaml(files.get(path)?.text ?? ''));
    all.push(deployed.server, deployed.settings);
    own.push(deployed.settings);
    deploys = true;
  }
  const keys = keyFiles(files);
  others.push(...keys);
  const paths = [...files.keys()];
  return {
    ...data,
    isDashboard: deploys || (paths.some((path) => LOCAL.test(path)) && clones(text)),
    permissions,
    doubts: doubts.filter(({ what }) => !isRead(what, paths)),
    // A cloud-config has lists of packages, too.
    text: [isScript ? '' : data.text, rest, ...commands, ...all].join('\n'),
    // The environment of a script and what it writes for others are not one after the other.
    settings: [[rest, ...commands].join('\n'), [...own, ...pieces()].join('\n'), ...others],
  };
}

// The settings of a checkout of Horizon, which a mirror of it has not.
const LOCAL = /openstack_dashboard\/local\/local_settings(\.py$|\.d\/)/;
const clones = (text: string): boolean =>
  effectiveLines(text).some(
    (line) =>
      inOrder(line, /\bgit\s/, /\bclone\s/, /\/horizon(\.git)?(\s|$)/) &&
      !/--(mirror|bare)\b/.test(line),
  );
const PIECE = /local_settings\.d\/[^/]+\.py$/;
const OWN_CHART = /(openstack|osh)[\w.-]*\/horizon\b/;

/** The files of values that a script gives to openstack-helm's chart. */
const valuesFiles = (text: string): string[] =>
  effectiveLines(text)
    .filter((line) => inOrder(line, /\bhelm\b/, /\s(install|upgrade)\s/, OWN_CHART))
    .flatMap((line) => [...line.matchAll(/\s(?:-f|--values)[\s=]["']?([^\s"']+)/g)])
    .map(([, path]) => path);

/** Files that hold SECRET_KEY alone, as the setting that they become. */
function keyFiles(files: ReadonlyMap<string, { readonly text: string }>): string[] {
  const opened = new Set<string>();
  for (const [path, { text }] of files) {
    if (OWN_FILE.test(path)) {
      for (const key of keyPaths(text)) {
        opened.add(key);
      }
    }
  }
  return [...files].flatMap(([path, { text }]) => {
    const key = text.trim();
    const isKey = opened.has(path) || (KEY_FILE.test(path) && OWN_FILE.test(path));
    return isKey && /^[^\s'"\\]+$/.test(key) ? [`SECRET_KEY = '${key}'`] : [];
  });
}

const KEY_FILE = /secret[_-]?key[^/]*$/i;

/** The files that settings read SECRET_KEY from. */
export const keyPaths = (text: string): string[] =>
  [...text.matchAll(/^\s*SECRET_KEY\s*=[^'"\n]*["'](\/[^'"\n]+)["']/gm)].map(([, path]) => path);

const SETTINGS_FILE = /local_settings[^/]*$|local_settings\.d\/|(horizon|openstack).*\.py$/;
// What kolla-ansible merges into the settings of Horizon.
const KOLLA_SETTINGS = /(^|\/)kolla\/config\/horizon\/[^/]+$/;
const DEPLOYS = /\b(kolla|openstack)-ansible\b/;

/** Values of openstack-helm's chart, as what it deploys. */
function chartTexts(resource: Resource): UserData[] {
  const text = (name: string): string => flatten(resource.property(name)).text;
  const chart = text('Chart');
  const source = `${text('Repository')} ${chart}`;
  if (!/(^|\/)horizon(-[\d.]+(\.tgz)?)?$/.test(chart)) {
    return [];
  }
  if (!/openstack|osh|helm-toolkit|horizon-[\d.]/i.test(source)) {
    return [];
  }
  const isRelease = resource.type === HELM_RELEASE;
  const name = isRelease ? 'ValueYaml' : 'Values';
  const location = `Properties.${name}`;
  const { text: written, holes } = flatten(resource.property(name));
  const values = valuesOf(written);
  const deployed = ofChart(values ?? {});
  const left = leftToChart(values ?? {});
  const what =
    values === undefined
      ? "the chart's values"
      : `the chart's defaults of ${left.join(', ')} (openstack-helm's are for tests)`;
  return [
    {
      text: `${deployed.settings}\n${deployed.server}`,
      settings: [deployed.settings],
      holes,
      location,
      isDashboard: true,
      doubts: left.length > 0 ? [{ kind: 'file', what, command: '' }] : [],
    },
  ];
}

/** JSON or YAML; undefined where none of it is known. */
function valuesOf(text: string): Yaml | undefined {
  if (/^\s*\uE000\d+\uE001\s*$/.test(text)) {
    return undefined;
  }
  if (!/^\s*[[{]/.test(text)) {
    return readYaml(text);
  }
  try {
    return fromJson(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What Kubernetes runs of a manifest, and the files that it keeps for it. */
function manifestContent(resource: Resource): Content {
  const texts: UserData[] = [];
  const containers: Container[] = [];
  const location = 'Properties.Manifest';
  const { text, holes } = flatten(resource.property('Manifest'));
  if (!MANIFEST_MARK.test(text)) {
    return { texts, containers };
  }
  const objects = valuesOf(text);
  for (const object of isList(objects) ? objects : objects === undefined ? [] : [objects]) {
    const kind = below(object, 'kind');
    if (kind === 'ConfigMap' || kind === 'Secret') {
      texts.push(...keptTexts(object, holes, location));
    }
    for (const container of containersIn(object)) {
      const image = below(container, 'image');
      const settings = new Map<string, Setting>();
      const variables = below(container, 'env');
      for (const each of isList(variables) ? variables : []) {
        const [name, value] = [below(each, 'name'), below(each, 'value')];
        if (typeof name === 'string' && typeof value === 'string') {
          settings.set(name, { text: value, holes, dynamic: false });
        }
      }
      expand(settings);
      const words = ['command', 'args'].flatMap((name) => {
        const given = below(container, name);
        return isList(given) ? given.filter((word) => typeof word === 'string') : [];
      });
      const of = { text: typeof image === 'string' ? image : '', holes };
      const isOne = runsDashboard(of.text, settings, words.join(' '));
      containers.push({ location, image: of, settings, isDashboard: isOne });
      if (words.length === 0) {
        continue;
      }
      const line = joinTexts(
        words.map((word) => quoted({ text: word, holes })),
        ' ',
      ).text;
      texts.push(followed({ text: line, holes, location, isScript: true }));
    }
  }
  return { texts, containers };
}

// What a manifest of a dashboard has somewhere.
const MANIFEST_MARK = /horizon|openstack|dashboard/i;
const KEPT =
  /^\s*(HORIZON_CONFIG|WEBSSO_ENABLED|OPENSTACK_KEYSTONE_(URL|BACKEND|MULTIDOMAIN_SUPPORT))\b/m;

/** Files of a ConfigMap or a Secret that are Horizon's settings, or its web server's. */
function keptTexts(object: Yaml, holes: readonly unknown[], location: string): UserData[] {
  const name = below(object, 'metadata', 'name');
  const isOurs = /horizon|openstack-dashboard/.test(typeof name === 'string' ? name : '');
  const kept = ['data', 'stringData'].flatMap((part) => {
    const entries = below(object, part);
    const isEncoded = part === 'data' && below(object, 'kind') === 'Secret';
    return Object.entries(isMap(entries) ? entries : {}).map(([file, text]) => {
      const given = typeof text === 'string' ? text : '';
      return [file, isEncoded ? (decode(given) ?? '') : given] as const;
    });
  });
  return kept.flatMap(([file, text]): UserData[] => {
    const isDashboard = (isOurs && /local_settings/.test(file)) || KEPT.test(text);
    if (!isOurs && !isDashboard) {
      return [];
    }
    const settings = isDashboard || /\.py$/.test(file) ? [text] : [];
    return [{ text, holes, location, isDashboard, settings }];
  });
}

/** The containers of what Kubernetes runs. */
function containersIn(object: Yaml): readonly Yaml[] {
  const spec = below(object, 'spec');
  const pods = [spec, below(spec, 'template', 'spec')];
  const jobs = below(spec, 'jobTemplate', 'spec', 'template', 'spec');
  return [...pods, jobs].flatMap((pod) => {
    const found = below(pod, 'containers');
    return isList(found) ? found : [];
  });
}

/** The settings of a text, place by place. */
function settingsOf(data: UserData): ReadonlyMap<string, Setting>[] {
  const { settings, holes } = data;
  if (!settings) {
    return [assignments(data)];
  }
  return settings.map((text) => assignments({ text, holes }, false));
}

/** What a container runs: its entry point, with its command behind it. */
const wordsOf = (container: unknown): Text[] =>
  ['EntryPoint', 'Command'].flatMap((name) => (asList(get(container, name)) ?? []).map(flatten));

/** A word of a command as a shell would have to have it written. */
const quoted = ({ text, holes }: Text): Text => ({
  text: /^[\w@%+=:,./\uE000\uE001-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`,
  holes,
});

/** The texts of a document of Systems Manager, which is JSON or YAML, or a structure. */
function documentTexts(content: unknown, location = 'Properties.Content'): UserData[] {
  if (isAbsent(content)) {
    return [];
  }
  const isText = typeof content === 'string' || intrinsic(content) !== undefined;
  const flat = isText ? flatten(content) : joinTexts(stringsOf(content));
  let { text } = flat;
  if (/^\s*\{/.test(text)) {
    try {
      text = linesOf(JSON.parse(text)).join('\n');
    } catch {
      // YAML may begin with a brace too.
    }
  }
  const whole = { text: unpack(text).join('\n'), holes: flat.holes, location };
  const script = scriptOf(content);
  return script === undefined ? [whole] : [whole, { ...script, location, isScript: true }];
}

/** The commands of a document or of a component, with the defaults of its parameters. */
function scriptOf(content: unknown): Text | undefined {
  let found: unknown = content;
  let holes: readonly unknown[] = [];
  if (typeof content === 'string' || intrinsic(content)) {
    const flat = flatten(content);
    ({ holes } = flat);
    found = valuesOf(flat.text);
  }
  const commands = commandsBelow(found);
  if (commands.length === 0) {
    return undefined;
  }
  const script =
    typeof content === 'string' || intrinsic(content)
      ? { text: commands.map((each) => literal(each) ?? '').join('\n'), holes }
      : joinTexts(commands.map(flatten));
  const parameters = get(found, 'parameters');
  return {
    holes: script.holes,
    text: script.text.replace(
      /\{\{\s*(\w+)\s*\}\}/g,
      (all, name: string) => literal(get(parameters, name, 'default')) ?? all,
    ),
  };
}

/** What steps of a document run, wherever they stand in it. */
function commandsBelow(value: unknown, depth = 0): unknown[] {
  if (depth > 20 || typeof value !== 'object' || value === null || intrinsic(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([name, inner]) =>
    /^(commands|runCommand)$/.test(name) && Array.isArray(inner)
      ? inner
      : commandsBelow(inner, depth + 1),
  );
}

/** The strings of a structure of a template, a line each. */
function stringsOf(value: unknown, depth = 0): Text[] {
  if (depth > 40 || isAbsent(value)) {
    return [];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item) => stringsOf(item, depth + 1));
  }
  if (typeof value === 'object' && !intrinsic(value)) {
    return Object.values(value as object).flatMap((item) => stringsOf(item, depth + 1));
  }
  return [flatten(value)];
}

/** What the metadata for cfn-init tells a machine, as the commands that it stands for. */
function initTexts(resource: Resource): UserData[] {
  if (resource.type === TASK_DEFINITION) {
    return [];
  }
  const init = resource.metadata('AWS::CloudFormation::Init');
  if (typeof init !== 'object' || init === null || intrinsic(init)) {
    return [];
  }
  const texts: UserData[] = [];
  for (const [name, config] of Object.entries(init)) {
    if (name === 'configSets') {
      continue;
    }
    const add = (part: string, { text, holes }: Text): void => {
      const location = `Metadata.AWS::CloudFormation::Init.${name}.${part}`;
      texts.push({ text: unpack(text).join('\n'), holes, location });
    };
    const entries = (...path: string[]): [string, unknown][] => {
      const found = get(config, ...path);
      return typeof found === 'object' && found !== null && !intrinsic(found)
        ? Object.entries(found)
        : [];
    };
    for (const [manager, packages] of entries('packages')) {
      if (typeof packages !== 'object' || packages === null) {
        continue;
      }
      for (const each of Object.keys(packages)) {
        add(`packages.${manager}`, { text: `- ${each}`, holes: [] });
      }
    }
    for (const [path, file] of entries('files')) {
      const content = get(file, 'content');
      const isText = typeof content !== 'object' || intrinsic(content) !== undefined;
      const text = isText ? flatten(content) : joinTexts(stringsOf(content));
      add(`files.${path}`, text);
      const deployed = ofVariables(path, text.text);
      if (!deployed) {
        continue;
      }
      const location = `Metadata.AWS::CloudFormation::Init.${name}.files.${path}`;
      const { server, settings } = deployed;
      const isDashboard = /^\s*(horizon_|enable_horizon:)/m.test(text.text);
      texts.push({
        text: `${server}\n${settings}`,
        settings: [settings],
        holes: text.holes,
        location,
        isDashboard,
      });
    }
    for (const [id, command] of entries('commands')) {
      const given = get(command, 'command');
      const words = asList(given);
      const { text, holes } = words
        ? joinTexts(
            words.map((word) => quoted(flatten(word))),
            ' ',
          )
        : flatten(given);
      const location = `Metadata.AWS::CloudFormation::Init.${name}.commands.${id}`;
      const directory = literal(get(command, 'cwd'));
      const line = directory === undefined ? text : `cd ${directory}\n${text}`;
      texts.push({ text: line, holes, location, isScript: true });
    }
    for (const [manager, services] of entries('services')) {
      if (typeof services !== 'object' || services === null) {
        continue;
      }
      for (const [service, state] of Object.entries(services as object)) {
        const off = ['enabled', 'ensureRunning'].every(
          (key) => literal(get(state, key)) === 'false',
        );
        const text = off ? `systemctl stop ${service}` : `systemctl start ${service}`;
        add(`services.${manager}`, { text, holes: [] });
      }
    }
  }
  return texts;
}

/** A domain name as it is compared: lower case, without the root's dot, holes by what they hold. */
function nameOf(value: unknown): string | undefined {
  if (isAbsent(value)) {
    return undefined;
  }
  const { text, holes } = flatten(value);
  const name = text
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/\uE000(\d+)\uE001/g, (_hole, n) => `\uE000${JSON.stringify(holes[Number(n)])}\uE001`);
  return name === '' ? undefined : name;
}

/** What an alias leads to: CDK writes `dualstack.` before the name of a load balancer. */
export function lastHole(value: unknown): unknown {
  const { text, holes } = flatten(value);
  return /^(dualstack\.)?\uE0000\uE001\.?$/.test(text) ? holes[0] : value;
}

/** Whether a name matches a pattern of a load balancer, where `*` is any text and `?` a character. */
function matchesHost(name: string, pattern: string): boolean {
  const parts = pattern
    .toLowerCase()
    .split(/(\*+|\?)/)
    .map((part) =>
      part.startsWith('*') ? '.*' : part === '?' ? '.' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&'),
    );
  return new RegExp(`^${parts.join('')}$`).test(name);
}

/** Whether a text has a domain name by itself, not as the end or the middle of a longer one. */
function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text.slice(at + name.length, at + name.length + 2);
    if (!/[a-z0-9.-]/.test(before) && !/^(-|[a-z0-9]|\.[a-z0-9])/.test(after)) {
      return true;
    }
  }
  return false;
}

function isMemcached(resource: Resource): boolean {
  return (
    (resource.type === CACHE_CLUSTER || resource.type === SERVERLESS_CACHE) &&
    literal(resource.property('Engine'))?.toLowerCase() === 'memcached'
  );
}

/** A cache of ElastiCache or MemoryDB, whatever its engine. */
function isCache(resource: Resource): boolean {
  return [CACHE_CLUSTER, SERVERLESS_CACHE, REPLICATION_GROUP, MEMORY_DB].includes(resource.type);
}

function isDashboard(settings: ReadonlyMap<string, Setting>): boolean {
  return settings.has('SESSION_ENGINE') && settings.has('OPENSTACK_KEYSTONE_URL');
}

function metadataSources(resource: Resource): Source[] {
  const environment = resource.metadata(METADATA_KEY, 'environment');
  if (typeof environment !== 'object' || environment === null) {
    return [];
  }
  const settings = new Map<string, Setting>();
  for (const [name, value] of Object.entries(environment)) {
    settings.set(name, { ...flatten(value), dynamic: false });
  }
  if (!MARKS.some((mark) => settings.has(mark))) {
    return [];
  }
  expand(settings);
  return [{ kind: 'metadata', location: `Metadata.${METADATA_KEY}.environment`, settings }];
}
