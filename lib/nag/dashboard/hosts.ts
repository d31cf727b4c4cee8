import { IConstruct } from 'constructs';
import { Doubt } from '../reading/shell/doubts';
import { PerWay } from '../template/choices';
import { Resource, asList, get } from '../template/template';
import {
  Text,
  assignments,
  commandsIn,
  effectiveLines,
  holesIn,
  joinTexts,
  literal,
} from '../template/text';
import { contentOf } from './contents';
import { Evaluation } from './evaluation';
import { FETCHES } from './followed';
import { Container, Content, Host, Source, UserData } from './model';
import { installsDashboard, isDashboard } from './recognition';
import { launchesOf } from './references';
import {
  CONTAINER_RECIPE,
  HOST_TYPES,
  IMAGE_COMPONENT,
  IMAGE_RECIPE,
  INSTANCE,
  LAUNCH_CONFIGURATION,
  LAUNCH_TEMPLATE,
  SCALING_GROUP,
  SSM_ASSOCIATION,
  SSM_DOCUMENT,
  SSM_PARAMETER,
  TASK_DEFINITION,
} from './resource-types';
import { metadataSources, settingsOf } from './settings';

// The characters in the name of a parameter or a document.
const PATH = /[\w./-]{3,}/g;

// An app may have a great many of these for other purposes.
const STORED: ReadonlySet<string> = new Set([SSM_PARAMETER, SSM_DOCUMENT]);

// Words that every dashboard's text contains, in plain text or in base64.
const MARK = /SESSION_ENGINE|openstack-dashboard|horizon|[A-Za-z0-9+/=\s]{64}/i;

/** Finds the dashboard's hosts and reads their configuration. */
export class Hosts extends Evaluation {
  public readonly hosts = new Map<Resource, Host>();
  private readonly contents = new Map<Resource, { readonly value: Content }>();
  private readonly lines = new WeakMap<Text, string[]>();

  constructor(root: IConstruct) {
    super(root);
    this.findHosts();
  }

  /** The whole configuration of a machine as one text; `texts` has its parts. */
  public userData(resource: Resource): UserData | undefined {
    const texts = resource.type === TASK_DEFINITION ? [] : this.content(resource).texts;
    return texts.length > 0 ? { ...joinTexts(texts), location: texts[0].location } : undefined;
  }

  /** The configuration of a machine: user data, cloud-init metadata, commands, the steps of an image. */
  public texts(resource: Resource): readonly UserData[] {
    return this.content(resource).texts;
  }

  /** Whether a rule can read all texts of a resource. Texts that it cannot read are reported. */
  public readsAll(resource: Resource): boolean {
    const closed = this.texts(resource).filter(({ text }) => /^\uE000\d+\uE001$/.test(text.trim()));
    for (const { location } of closed) {
      this.unknown(location);
    }
    return closed.length === 0;
  }

  /** The commands and files in a dashboard's scripts that cannot be followed, with their places. */
  public doubts(resource: Resource): { readonly doubt: Doubt; readonly location: string }[] {
    if (!this.hosts.has(resource)) {
      return [];
    }
    // The files of this library are known; only commands that the user added may not be.
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

  /** The lines of a text that take effect: see `effectiveLines`. */
  public effectiveLines(text: Text): readonly string[] {
    const before = this.lines.get(text);
    if (before) {
      return before;
    }
    const lines = effectiveLines(text.text);
    this.lines.set(text, lines);
    return lines;
  }

  /** The result of `ask` if a resource has other texts. */
  public supposing<T>(resource: Resource, texts: readonly UserData[], ask: () => T): T {
    const { containers } = this.content(resource);
    const [content, host] = [this.contents.get(resource)!, this.hosts.get(resource)];
    this.contents.set(resource, { value: { texts, containers } });
    if (host) {
      this.hosts.set(resource, { resource, sources: this.sourcesOf(resource) });
    }
    try {
      return ask();
    } finally {
      this.contents.set(resource, content);
      if (host) {
        this.hosts.set(resource, host);
      }
    }
  }

  protected content(resource: Resource): Content {
    let content = this.contents.get(resource);
    if (!content) {
      // With conditions, the result differs per path.
      content = new PerWay(this.template.choices, () =>
        contentOf(resource, (from, value) => this.targets(from, value)),
      );
      this.contents.set(resource, content);
    }
    return content.value;
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

  /** Whether a resource can be recognized as a dashboard on its own. */
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
    // With conditions, the results differ per path.
    const sources = new PerWay(this.template.choices, () => this.sourcesOf(resource));
    this.hosts.set(resource, {
      resource,
      get sources() {
        return sources.value;
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
    // The init of the group or of its template shows the purpose of the machines.
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

  /** The instances that an association applies to, by ID or by tag. */
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

  /** Images: a step applies to the whole image and to the machines that start from it. */
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

  /** Parameters and documents that a dashboard host fetches, by reference or by name. */
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

  protected eachSource(ask: (resource: Resource, source: Source) => void): void {
    for (const host of this.hosts.values()) {
      this.everyWay(host.resource, (resource) => {
        for (const source of host.sources) {
          ask(resource, source);
        }
      });
    }
  }
}
