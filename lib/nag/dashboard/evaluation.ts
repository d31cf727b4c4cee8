import { CfnResource } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Resource, Target, Template } from '../template/template';
import { flatten, isAbsent, literal } from '../template/text';

const NO_PLACES: ReadonlySet<string> = new Set();

/** Evaluates the resources of an app: references, condition paths, and what is unknown at synth time. */
export class Evaluation {
  public readonly template: Template;
  private readonly references = new Map<string, Map<Resource, Set<Resource>>>();
  private undecided?: { places?: Set<string> };

  constructor(root: IConstruct) {
    this.template = new Template(root);
  }

  public resource(node: CfnResource): Resource | undefined {
    return this.template.ofNode(node);
  }

  /** The resource that a property of another refers to. */
  public target(from: Resource, value: unknown): Target | undefined {
    return this.template.target(from.stack, value);
  }

  /** The resources that a value or a part of it refers to, such as a name in an ARN. */
  public targets(from: Resource, value: unknown): Resource[] {
    return flatten(value).holes.flatMap((hole) => this.target(from, hole)?.resource ?? []);
  }

  /** Resources of a type with a property that refers to a resource. */
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

  /** Calls `ask` on each condition path of a resource. */
  public everyWay(resource: Resource, ask: (resource: Resource) => void): void {
    if (resource.hasChoices) {
      this.template.choices.explore(() => ask(resource));
    } else {
      ask(resource);
    }
  }

  /** Calls `ask` for each resource of some types, on each of its condition paths. */
  protected each(types: readonly string[], ask: (resource: Resource) => void): void {
    for (const resource of this.template.ofType(...types)) {
      this.everyWay(resource, ask);
    }
  }

  /**
   * Records that a rule cannot be evaluated because a value is not known at synth time. It is reported
   * once, as information.
   */
  public unknown(place: string): void {
    if (!this.undecided) {
      return;
    }
    this.undecided.places ??= new Set();
    this.undecided.places.add(place);
  }

  /**
   * Returns the place of a value if it breaks a rule. A missing value is an empty string; a value that
   * is not known at synth time never breaks a rule.
   */
  public wrong(place: string, value: unknown, breaks: (text: string) => boolean): string[] {
    const text = isAbsent(value) ? '' : literal(value);
    if (text === undefined) {
      this.unknown(place);
    }
    return text !== undefined && breaks(text) ? [place] : [];
  }

  /** The result of `ask`, with the places that could not be evaluated. */
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
}
