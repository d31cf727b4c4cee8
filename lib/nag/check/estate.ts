import { basename, dirname, join, normalize } from 'node:path';
import {
  App,
  CfnCondition,
  CfnElement,
  CfnMapping,
  CfnOutput,
  CfnParameter,
  CfnResource,
  ICfnConditionExpression,
  Stack,
  Token,
} from 'aws-cdk-lib';
import { flatten, hasHole, intrinsic, literal } from '../template/text';
import { Source } from './source';
import { Fields, GivenResource, expand, fields } from './transforms';

const NESTED = 'AWS::CloudFormation::Stack';
const APPLICATION = 'AWS::Serverless::Application';

/** Where a resource comes from. */
export interface Origin {
  readonly source: Source;
  /** The logical ID of the resource in the file. */
  readonly id: string;
}

/** A part of a template that could not be read. */
export interface Unread {
  readonly source: Source;
  readonly path: readonly string[];
  readonly what: string;
  readonly advice: string;
}

// A template may nest itself.
const DEEPEST = 8;
const MOST_STACKS = 500;

/**
 * Templates as one app of plain resources, which rules can read like any other app. Each file becomes a
 * stack, nested if another file refers to it.
 */
export class Estate {
  public readonly app = new App({ autoSynth: false, analyticsReporting: false });
  public readonly origins = new Map<CfnResource, Origin>();
  public readonly unread: Unread[] = [];
  /** The stacks that a file is part of, by the outermost one. */
  private readonly families = new Map<Source, Set<Stack>>();
  private readonly templates: Template[];
  private readonly exports: readonly Exported[];
  private stacks = 0;

  /**
   * @param parameters parameter values of the templates that are not nested
   */
  constructor(
    sources: readonly Source[],
    private readonly parameters: ReadonlyMap<string, string>,
  ) {
    this.templates = sources.map((source) => templateOf(source, this.unread));
    this.exports = this.templates.flatMap(exportsOf);
    const inner = new Set(this.templates.flatMap((each) => [...this.nestedIn(each).values()]));
    const roots = this.templates.filter((each) => !inner.has(each));
    for (const root of roots) {
      this.add(root, new Stack(this.app, this.nextId()), 0, undefined);
    }
    // These files only nest each other: it does not matter which one comes first.
    for (const each of this.templates) {
      if (!each.isUsed) {
        this.add(each, new Stack(this.app, this.nextId()), 0, undefined);
      }
    }
  }

  /** Whether a file is part of the same outermost stack as a stack. */
  public isPartOf(source: Source, stack: Stack): boolean {
    return this.families.get(source)?.has(outermost(stack)) ?? false;
  }

  private nextId(): string {
    return `Template${++this.stacks}`;
  }

  /** The given templates that a template nests. */
  private nestedIn(template: Template): Map<string, Template> {
    const found = new Map<string, Template>();
    for (const [id, resource] of template.resources) {
      const { source } = template;
      if (resource.type !== NESTED && resource.type !== APPLICATION) {
        continue;
      }
      const place = resource.type === NESTED ? 'TemplateURL' : 'Location';
      const asset = resource.metadata['aws:asset:path'];
      const file = this.fileOf(source, asset ?? resource.properties[place]);
      if (file && file !== template) {
        found.set(id, file);
      }
    }
    return found;
  }

  /** The given file that the path or URL of a template refers to. */
  private fileOf(from: Source, address: unknown): Template | undefined {
    const [text] = flatten(address).text.split(/[?#]/);
    if (text === '' || /\uE001$/.test(text)) {
      return undefined;
    }
    const path = normalize(join(dirname(from.file), text));
    const exact = this.templates.find(({ source }) => normalize(source.file) === path);
    if (exact) {
      return exact;
    }
    const hash = /(?:^|\/)([0-9a-f]{64})\.json$/.exec(text)?.[1];
    if (hash) {
      return this.templates.find(({ source }) => source.hash === hash);
    }
    const wanted = text.split('/').reverse();
    const common = ({ source }: Template): number => {
      const parts = source.file.replace(/\\/g, '/').split('/').reverse();
      const differ = wanted.findIndex((part, index) => part !== parts[index]);
      return differ < 0 ? wanted.length : differ;
    };
    const name = basename(text);
    const same = this.templates.filter(({ source }) => basename(source.file) === name);
    const most = Math.max(0, ...same.map(common));
    const best = same.filter((each) => common(each) === most);
    return best.length === 1 ? best[0] : undefined;
  }

  private add(
    template: Template,
    stack: Stack,
    depth: number,
    nestedBy: { readonly resource: CfnResource; readonly given: Fields } | undefined,
  ): void {
    template.isUsed = true;
    const family = this.families.get(template.source) ?? new Set();
    this.families.set(template.source, family.add(outermost(stack)));
    const { source, sections, resources } = template;
    const nested = this.nestedIn(template);
    for (const [id, given] of Object.entries(sections.Parameters)) {
      const value = nestedBy ? undefined : this.parameters.get(id);
      const parameter = new CfnParameter(
        stack,
        `Parameters.${id}`,
        parameterOf(fields(given), value),
      );
      named(parameter, id);
      // A parameter that a nested stack does not get has its default.
      if (nestedBy && !(id in nestedBy.given)) {
        nestedBy.given[id] = fields(given).Default;
      }
    }
    for (const [id, given] of Object.entries(sections.Mappings)) {
      const mapping = new CfnMapping(stack, `Mappings.${id}`);
      // CfnMapping would reject some keys.
      (mapping as unknown as { mapping: unknown }).mapping = fields(given);
      named(mapping, id);
    }
    const conditions = new Map<string, CfnCondition>();
    for (const [id, given] of Object.entries(sections.Conditions)) {
      const expression = Token.asAny(given) as unknown as ICfnConditionExpression;
      const condition = new CfnCondition(stack, `Conditions.${id}`, { expression });
      named(condition, id);
      conditions.set(id, condition);
    }
    for (const [id, given] of resources) {
      const properties = this.imported(given.properties) as Fields;
      const passed: Fields = { ...fields(properties.Parameters) };
      const child = nested.get(id);
      if (child) {
        properties.Parameters = passed;
      }
      const type = given.type === APPLICATION ? NESTED : given.type;
      const resource = new CfnResource(stack, `Resources.${id}`, { type, properties });
      named(resource, id);
      resource.cfnOptions.metadata = given.metadata;
      resource.cfnOptions.condition = conditions.get(given.condition ?? '');
      this.origins.set(resource, { source, id: given.from });
      if (child && depth < DEEPEST && this.stacks < MOST_STACKS) {
        const inner = new Stack(stack, this.nextId());
        (inner as { nestedStackResource?: CfnResource }).nestedStackResource = resource;
        this.add(child, inner, depth + 1, { resource, given: passed });
      } else if (type === NESTED) {
        const place = given.type === NESTED ? 'TemplateURL' : 'Location';
        this.unread.push({
          source,
          path: ['Resources', given.from, 'Properties', place],
          what: `the template of the nested stack ${given.from} is missing`,
          advice: 'Add its file. The path of the file must end like the URL here.',
        });
      }
    }
    for (const [id, given] of Object.entries(sections.Outputs)) {
      const { Value, Export } = fields(given);
      const key = this.exports.find((each) => each.template === template && each.id === id)?.key;
      const value = Token.asString(this.imported(Value) ?? '');
      const output = new CfnOutput(stack, `Outputs.${id}`, { value });
      if (Export !== undefined) {
        output.exportName = key;
      }
      named(output, id);
    }
  }

  /** A value with its imports renamed to the exports that they refer to. */
  private imported(value: unknown, depth = 0): unknown {
    if (typeof value !== 'object' || value === null || depth > 200) {
      return value;
    }
    if (Array.isArray(value)) {
      return value.map((item) => this.imported(item, depth + 1));
    }
    const call = intrinsic(value);
    if (call?.[0] === 'Fn::ImportValue') {
      const pattern = flatten(call[1]).text;
      const found = this.exports.filter((each) => matches(pattern, each.pattern));
      return found.length === 1 ? { 'Fn::ImportValue': found[0].key } : value;
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, this.imported(inner, depth + 1)]),
    );
  }
}

function outermost(stack: Stack): Stack {
  const { nestedStackResource } = stack;
  return nestedStackResource ? outermost(Stack.of(nestedStackResource)) : stack;
}

/** A template with the resources that its transforms create. */
interface Template {
  readonly source: Source;
  readonly sections: Record<'Parameters' | 'Mappings' | 'Conditions' | 'Outputs', Fields>;
  readonly resources: ReadonlyMap<string, GivenResource>;
  isUsed?: boolean;
}

function templateOf(source: Source, unread: Unread[]): Template {
  const root = fields(source.value);
  const { resources, open } = expand(root);
  unread.push(...open.map((each) => ({ source, ...each })));
  return {
    source,
    sections: {
      Parameters: fields(root.Parameters),
      Mappings: fields(root.Mappings),
      Conditions: fields(root.Conditions),
      Outputs: fields(root.Outputs),
    },
    resources,
  };
}

/** An export. Its name often starts with the name of its stack, which is not known at synth time. */
interface Exported {
  readonly template: Template;
  readonly id: string;
  readonly pattern: string;
  readonly key: string;
}

function exportsOf(template: Template): Exported[] {
  return Object.entries(template.sections.Outputs).flatMap(([id, output]) => {
    const name = fields(fields(output).Export).Name;
    if (name === undefined) {
      return [];
    }
    const pattern = flatten(name).text;
    const key = literal(name) ?? `${template.source.file} ${id}`;
    return [{ template, id, pattern, key }];
  });
}

const HOLES = /\uE000\d+\uE001/g;

/** Whether an imported name can be the exported one, as far as both are known. */
function matches(imported: string, exported: string): boolean {
  if (!hasHole(imported) && !hasHole(exported)) {
    return imported === exported;
  }
  const known = (text: string): string => text.replace(HOLES, '');
  // Two names that are completely unknown do not match.
  if (known(imported) === '' || known(exported) === '') {
    return false;
  }
  if (hasHole(imported) && hasHole(exported)) {
    return imported.replace(HOLES, '\uE000') === exported.replace(HOLES, '\uE000');
  }
  const [pattern, text] = hasHole(imported) ? [imported, exported] : [exported, imported];
  const parts = pattern.split(HOLES).map((part) => part.replace(/[^\w]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}

function parameterOf(given: Fields, value: string | undefined): Fields {
  const list = given.AllowedValues;
  const pattern = given.AllowedPattern;
  return {
    type: value === undefined && typeof given.Type === 'string' ? given.Type : 'String',
    allowedValues:
      value !== undefined ? [value] : Array.isArray(list) ? list.map(String) : undefined,
    allowedPattern: typeof pattern === 'string' ? pattern : undefined,
  };
}

/** Gives an element the ID in the template, even if CloudFormation would reject it. */
function named(element: CfnElement, id: string): void {
  (element as { logicalId: string }).logicalId = id;
}
