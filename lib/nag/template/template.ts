import {
  CfnCondition,
  CfnElement,
  CfnMapping,
  CfnOutput,
  CfnParameter,
  CfnResource,
  Stack,
  Token,
} from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Choices } from './choices';
import { Text, flatten, intrinsic, isAbsent, literal } from './text';

interface Body {
  readonly Properties?: unknown;
  readonly Metadata?: unknown;
  readonly Condition?: unknown;
}

// With more values than these, they are not tried one by one.
const MOST_VALUES = 8;
const NONE: ReadonlyMap<string, CfnParameter> = new Map();
// Functions that `Template.simplify` chooses or computes.
const COMPUTED = new Set(['Fn::If', 'Fn::Select', 'Fn::Split', 'Fn::FindInMap']);

/** A section in which an ID is unique: a template can have an output with the ID of a resource. */
type Section = 'Resources' | 'Outputs' | 'Conditions' | 'Mappings';

function sectionOf(element: CfnElement): Section {
  if (element instanceof CfnOutput) {
    return 'Outputs';
  }
  if (element instanceof CfnCondition) {
    return 'Conditions';
  }
  // Parameters and resources share one namespace: Ref can refer to either.
  return element instanceof CfnMapping ? 'Mappings' : 'Resources';
}

// Like an intrinsic function with an unknown value.
const UNKNOWN: Body = { Properties: { 'Fn::Unknown': [] }, Metadata: { 'Fn::Unknown': [] } };

/** A resource as in the template, with escape hatches applied and tokens resolved on demand. */
export class Resource {
  public readonly type: string;
  private resolved?: Body;
  private choosing?: boolean;

  constructor(
    public readonly node: CfnResource,
    private readonly template: Template,
  ) {
    this.type = node.cfnResourceType;
  }

  public get stack(): Stack {
    return Stack.of(this.node);
  }

  /**
   * A property by its path, see `get`. During `explore`, it is the value on the current path. Functions
   * are computed if possible.
   */
  public property(...path: string[]): unknown {
    return this.read(this.body.Properties, path);
  }

  /** A list property, or undefined if an intrinsic function is in its place. */
  public list(...path: string[]): readonly unknown[] | undefined {
    return asList(this.property(...path));
  }

  public metadata(...path: string[]): unknown {
    return this.read(this.body.Metadata, path);
  }

  /** The name of the resource's condition. */
  public get condition(): string | undefined {
    const { Condition } = this.body;
    return typeof Condition === 'string' ? Condition : undefined;
  }

  /** Whether the resource contains a value to choose or compute. */
  public get hasChoices(): boolean {
    this.choosing ??=
      this.template.mayChoose(this.stack, this.body.Properties) ||
      this.template.mayChoose(this.stack, this.body.Metadata);
    return this.choosing;
  }

  /**
   * Whether a text in the resource may match an expression. The resource is not rendered for that if
   * all of it is literal.
   */
  public mayHold(expression: RegExp): boolean {
    const { cfnProperties, rawOverrides } = this.node as unknown as {
      readonly cfnProperties?: unknown;
      readonly rawOverrides?: object;
    };
    if (!cfnProperties || !rawOverrides || Object.keys(rawOverrides).length > 0) {
      return true;
    }
    return mayMatch(cfnProperties, expression, 0);
  }

  private read(from: unknown, path: readonly string[]): unknown {
    if (!this.hasChoices) {
      return get(from, ...path);
    }
    let current = from;
    for (const name of path) {
      current = get(this.template.outermost(this.stack, current), name);
    }
    const value = this.template.simplify(this.stack, current);
    return isAbsent(value) ? undefined : value;
  }

  private get body(): Body {
    this.resolved ??= this.resolve();
    return this.resolved;
  }

  private resolve(): Body {
    try {
      // The typed properties of an L1 construct do not include changes by addPropertyOverride().
      const rendered = this.stack.resolve(
        (this.node as unknown as { _toCloudFormation(): unknown })._toCloudFormation(),
      ) as { Resources?: Record<string, Body> };
      return Object.values(rendered.Resources ?? {})[0] ?? UNKNOWN;
    } catch {
      // The AWS CDK reports errors of a resource that cannot be rendered.
      return UNKNOWN;
    }
  }
}

/** The target of a Ref, a Fn::GetAtt or an import of either. */
export interface Target {
  readonly resource: Resource;
  /** Empty for a Ref. */
  readonly attribute: string;
}

/**
 * Follows a path into a structure. The result is undefined if the template omits the value. If the path
 * meets an intrinsic function, the result is that function, since the values below it are unknown.
 */
export function get(value: unknown, ...path: string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || isAbsent(current)) {
      return undefined;
    }
    if (intrinsic(current)) {
      return current;
    }
    current = (current as Record<string, unknown>)[name];
  }
  return isAbsent(current) ? undefined : current;
}

export function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value.filter((item) => !isAbsent(item)) : undefined;
}

/** All resources of an app, by type, with the references between them. Created once per validation. */
export class Template {
  private readonly byNode = new Map<CfnResource, Resource>();
  private readonly byType = new Map<string, Resource[]>();
  private readonly elements: CfnElement[] = [];
  /** The options of `Fn::If` and of parameters with allowed values. */
  public readonly choices = new Choices();
  private ids?: Map<Stack, Map<Section, Map<string, CfnElement>>>;
  private exports?: Map<string, CfnOutput>;
  private readonly conditions = new Map<CfnCondition, unknown>();
  private parameters?: Map<Stack, Map<string, CfnParameter>>;

  constructor(root: IConstruct) {
    const visit = (node: IConstruct): void => {
      if (CfnElement.isCfnElement(node)) {
        this.elements.push(node);
      }
      if (CfnResource.isCfnResource(node)) {
        const resource = new Resource(node, this);
        this.byNode.set(node, resource);
        const same = this.byType.get(resource.type);
        if (same) {
          same.push(resource);
        } else {
          this.byType.set(resource.type, [resource]);
        }
      }
      node.node.children.forEach(visit);
    };
    visit(root);
  }

  public ofNode(node: CfnResource): Resource | undefined {
    return this.byNode.get(node);
  }

  public ofType(...types: string[]): Resource[] {
    return types.flatMap((type) => this.byType.get(type) ?? []);
  }

  /** The resource that a value of a stack refers to, across stacks and nested stacks. */
  public target(stack: Stack, value: unknown): Target | undefined {
    return this.follow(stack, value, 0);
  }

  /** Whether a value is a Ref to a template parameter that the user sets. */
  public isParameter(stack: Stack, value: unknown): boolean {
    return this.parameter(stack, value) !== undefined;
  }

  /** The parameter of a template that a value refers to. */
  public parameter(stack: Stack, value: unknown): CfnParameter | undefined {
    const call = intrinsic(value);
    if (call?.[0] !== 'Ref' || typeof call[1] !== 'string') {
      return undefined;
    }
    const element = this.element(stack, call[1]);
    return element instanceof CfnParameter ? element : undefined;
  }

  /** Whether a text is a parameter with a pattern that allows none of these values. */
  public excludes(stack: Stack, { text, holes }: Text, values: readonly string[]): boolean {
    if (values.length === 0 || holes.length === 0) {
      return false;
    }
    const hole = /^\uE000(\d+)\uE001$/.exec(text)?.[1];
    const pattern = this.parameter(stack, holes[Number(hole)])?.allowedPattern;
    if (!pattern) {
      return false;
    }
    try {
      // The pattern has to match the whole value.
      const expression = new RegExp(`^(?:${pattern})$`);
      return !values.some((value) => expression.test(value));
    } catch {
      return false;
    }
  }

  /** Whether a condition holds on the current path; undefined outside `explore`. */
  public holds(stack: Stack, name: string): boolean | undefined {
    const holds = this.condition(stack, name, 0);
    if (holds !== undefined) {
      this.choices.assume(name, String(holds));
    }
    return holds;
  }

  /** Whether `simplify` would change something. */
  public mayChoose(stack: Stack, value: unknown): boolean {
    if (typeof value !== 'object' || value === null) {
      return false;
    }
    const call = intrinsic(value);
    if (call) {
      if (COMPUTED.has(call[0])) {
        return true;
      }
      if (call[0] === 'Ref') {
        return this.mayKnow(stack, call[1]);
      }
      if (call[0] === 'Fn::Sub' && this.choosable(stack).size > 0) {
        return true;
      }
    }
    return Object.values(value).some((inner) => this.mayChoose(stack, inner));
  }

  /** Chooses and computes values at any depth where possible; other values stay as they are. */
  public simplify(stack: Stack, value: unknown, depth = 0): unknown {
    if (typeof value !== 'object' || value === null || depth > 200) {
      return value;
    }
    if (Array.isArray(value)) {
      return value.map((item) => this.simplify(stack, item, depth + 1));
    }
    const call = intrinsic(value);
    if (!call) {
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [
          name,
          this.simplify(stack, inner, depth + 1),
        ]),
      );
    }
    const [name, argument] = call;
    if (name === 'Ref') {
      return this.given(stack, value, argument, depth);
    }
    if (name === 'Fn::If' && Array.isArray(argument) && typeof argument[0] === 'string') {
      const holds = this.holds(stack, argument[0]);
      if (holds === undefined) {
        return value;
      }
      return this.simplify(stack, argument[holds ? 1 : 2], depth + 1);
    }
    const inner = this.simplify(stack, argument, depth + 1);
    return this.compute(stack, name, Array.isArray(inner) ? inner : [inner]) ?? { [name]: inner };
  }

  /** `simplify` for a value of which no parts are needed. */
  public outermost(stack: Stack, value: unknown): unknown {
    const call = intrinsic(value);
    return call && COMPUTED.has(call[0]) ? this.simplify(stack, value) : value;
  }

  private compute(stack: Stack, name: string, argument: readonly unknown[]): unknown {
    if (name === 'Fn::Select') {
      const [index, list] = argument;
      const position = Number(literal(index) ?? NaN);
      return Array.isArray(list) ? list[position] : undefined;
    }
    if (name === 'Fn::Split') {
      const [separator, text] = argument.map(literal);
      return separator && text !== undefined ? text.split(separator) : undefined;
    }
    if (name === 'Fn::FindInMap') {
      const map = this.element(stack, literal(argument[0]) ?? '', 'Mappings');
      if (!(map instanceof CfnMapping)) {
        return undefined;
      }
      const { mapping } = map as unknown as { mapping?: Record<string, Record<string, unknown>> };
      const second = literal(argument[2]);
      if (!mapping || second === undefined) {
        return undefined;
      }
      const first = literal(argument[1]) ?? this.region(stack, argument[1], Object.keys(mapping));
      return first === undefined ? undefined : mapping[first]?.[second];
    }
    if (name === 'Fn::Sub' && typeof argument[0] === 'string') {
      const parts = [...argument[0].matchAll(/\$\{([A-Za-z0-9]+)\}/g)].map((match) => match[1]);
      const known = parts.filter((part) => this.mayKnow(stack, part));
      if (known.length === 0) {
        return undefined;
      }
      const given = known.map((part) => [part, this.simplify(stack, { Ref: part })] as const);
      const variables = typeof argument[1] === 'object' ? argument[1] : {};
      return { 'Fn::Sub': [argument[0], { ...Object.fromEntries(given), ...variables }] };
    }
    return undefined;
  }

  /** The region of a stack if it has one, or else one of the regions in a mapping. */
  private region(stack: Stack, value: unknown, known: readonly string[]): string | undefined {
    const call = intrinsic(value);
    if (call?.[0] !== 'Ref' || call[1] !== 'AWS::Region') {
      return undefined;
    }
    if (!Token.isUnresolved(stack.region)) {
      return stack.region;
    }
    if (known.length > MOST_VALUES) {
      return undefined;
    }
    const region = this.choices.choose(`${stack.node.path} AWS::Region`, known);
    if (region !== undefined) {
      this.choices.assume('AWS::Region', region);
    }
    return region;
  }

  /** The value of a parameter that is passed to a nested stack, or has few allowed values. */
  private given(stack: Stack, value: unknown, id: unknown, depth: number): unknown {
    if (!this.mayKnow(stack, id)) {
      return value;
    }
    const name = id as string;
    const nested = stack.nestedStackResource;
    if (CfnResource.isCfnResource(nested)) {
      const given = this.ofNode(nested)?.property('Parameters', name);
      const text = literal(this.simplify(Stack.of(nested), given, depth + 1));
      return text ?? value;
    }
    const allowed = this.choosable(stack).get(name)?.allowedValues ?? [];
    const chosen = this.choices.choose(`${stack.node.path} ${name}`, allowed.map(String));
    if (chosen === undefined) {
      return value;
    }
    this.choices.assume(name, `'${chosen}'`);
    return chosen;
  }

  private mayKnow(stack: Stack, id: unknown): boolean {
    return typeof id === 'string' && this.choosable(stack).has(id);
  }

  /** Parameters with a value in the app, or with few allowed values. */
  private choosable(stack: Stack): ReadonlyMap<string, CfnParameter> {
    if (!this.parameters) {
      this.parameters = new Map();
      for (const element of this.elements) {
        if (!(element instanceof CfnParameter)) {
          continue;
        }
        const own = Stack.of(element);
        const { length } = element.allowedValues ?? [];
        const few = length > 0 && length <= MOST_VALUES && /^(String|Number)$/.test(element.type);
        if (!few && !own.nestedStackResource) {
          continue;
        }
        const id = resolveSafely(own, element.logicalId);
        if (typeof id !== 'string') {
          continue;
        }
        const ids = this.parameters.get(own) ?? new Map<string, CfnParameter>();
        this.parameters.set(own, ids.set(id, element));
      }
    }
    return this.parameters.get(stack) ?? NONE;
  }

  private condition(stack: Stack, name: string, depth: number): boolean | undefined {
    const element = this.element(stack, name, 'Conditions');
    if (element instanceof CfnCondition && !this.conditions.has(element)) {
      this.conditions.set(element, resolveSafely(stack, element.expression));
    }
    const expression =
      element instanceof CfnCondition ? this.conditions.get(element) : { Condition: undefined };
    return this.evaluate(stack, expression, name, depth);
  }

  private evaluate(
    stack: Stack,
    expression: unknown,
    name: string,
    depth: number,
  ): boolean | undefined {
    const atom = (key: string): boolean | undefined => {
      const chosen = this.choices.choose(`${stack.node.path} ${key}`, ['true', 'false']);
      return chosen === undefined ? undefined : chosen === 'true';
    };
    const entries = typeof expression === 'object' ? Object.entries(expression ?? {}) : [];
    const [operator, argument] = (entries.length === 1 ? entries[0] : []) as [string?, unknown?];
    // Conditions are rarely nested; an invalid template might contain a loop.
    if (depth > 16) {
      return atom(name);
    }
    if (operator === 'Condition' && typeof argument === 'string') {
      return this.condition(stack, argument, depth + 1);
    }
    if (!Array.isArray(argument)) {
      return atom(name);
    }
    const inner = (part: unknown, index: number): boolean | undefined =>
      this.evaluate(stack, part, `${name} ${index}`, depth + 1);
    if (operator === 'Fn::Not' && argument.length === 1) {
      const holds = inner(argument[0], 0);
      return holds === undefined ? undefined : !holds;
    }
    if (operator === 'Fn::And' || operator === 'Fn::Or') {
      const decides = operator === 'Fn::Or';
      const all = argument.map(inner);
      if (all.includes(decides)) {
        return decides;
      }
      return all.includes(undefined) ? undefined : !decides;
    }
    if (operator === 'Fn::Equals' && argument.length === 2) {
      const sides = argument.map((side) => this.simplify(stack, side));
      const [left, right] = sides.map(literal);
      if (left !== undefined && right !== undefined) {
        return left === right;
      }
      const text = left ?? right;
      if (text === undefined) {
        return atom(JSON.stringify(sides));
      }
      // A value that equals one text does not equal another one.
      const key = JSON.stringify(left === undefined ? sides[0] : sides[1]);
      const before = this.choices.chosen(key);
      if (before !== undefined && before !== text) {
        return false;
      }
      const holds = atom(`${key} ${text}`);
      if (holds) {
        this.choices.choose(key, [text]);
      }
      return holds;
    }
    return atom(name);
  }

  private follow(stack: Stack, value: unknown, depth: number): Target | undefined {
    const call = intrinsic(value);
    // Imports of imports are rare; an invalid template might contain a loop.
    if (!call || depth > 8) {
      return undefined;
    }
    const [name, argument] = call;
    if (name === 'Ref' && typeof argument === 'string') {
      const element = this.element(stack, argument);
      if (CfnResource.isCfnResource(element)) {
        return this.found(element, '');
      }
      const nested = stack.nestedStackResource;
      if (element instanceof CfnParameter && CfnResource.isCfnResource(nested)) {
        const given = this.ofNode(nested)?.property('Parameters', argument);
        return this.follow(Stack.of(nested), given, depth + 1);
      }
      if (element instanceof CfnParameter && /^AWS::SSM::Parameter::Value</.test(element.type)) {
        return this.stored(literal(resolveSafely(stack, element.default)), depth);
      }
      return element ? undefined : this.elsewhere(argument, '');
    }
    if (name === 'Fn::GetAtt') {
      const parts = typeof argument === 'string' ? argument.split('.') : argument;
      if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) {
        return undefined;
      }
      const [id, ...rest] = parts as string[];
      const attribute = rest.join('.');
      const element = this.element(stack, id);
      if (!CfnResource.isCfnResource(element)) {
        return element ? undefined : this.elsewhere(id, attribute);
      }
      if (attribute.startsWith('Outputs.')) {
        const output = this.nestedOutput(element, attribute.slice('Outputs.'.length));
        if (output) {
          return this.followOutput(output, depth);
        }
      }
      if (element.cfnResourceType === 'Custom::CrossRegionExportReader') {
        return this.overRegions(attribute, depth);
      }
      return this.found(element, attribute);
    }
    if (name === 'Fn::ImportValue') {
      const exported = literal(argument);
      const output = exported === undefined ? undefined : this.exported(exported);
      return output && this.followOutput(output, depth);
    }
    if (name === 'Fn::GetStackOutput') {
      const output = this.stackOutput(
        literal(get(argument, 'StackName')),
        literal(get(argument, 'OutputName')),
      );
      return output && this.followOutput(output, depth);
    }
    if (name === 'Fn::Join' || name === 'Fn::Sub') {
      const { text, holes } = flatten(value);
      return holes.length === 1 && text === '\uE0000\uE001'
        ? this.follow(stack, holes[0], depth + 1)
        : undefined;
    }
    return undefined;
  }

  /** The target of a reference to another region, which the AWS CDK exports with `crossRegionReferences`. */
  private overRegions(key: string, depth: number): Target | undefined {
    for (const writer of this.ofType('Custom::CrossRegionExportWriter')) {
      const exported = writer.property('WriterProps', 'exports', key);
      if (exported !== undefined) {
        return this.follow(writer.stack, exported, depth + 1);
      }
    }
    return undefined;
  }

  /** The value of a Systems Manager parameter that another stack of the app writes. */
  private stored(name: string | undefined, depth: number): Target | undefined {
    if (name === undefined) {
      return undefined;
    }
    const found = this.ofType('AWS::SSM::Parameter').filter(
      (parameter) => literal(parameter.property('Name')) === name,
    );
    const [parameter] = found;
    return found.length === 1
      ? this.follow(parameter.stack, parameter.property('Value'), depth + 1)
      : undefined;
  }

  private followOutput(output: CfnOutput, depth: number): Target | undefined {
    const stack = Stack.of(output);
    const value = this.simplify(stack, resolveSafely(stack, output.value));
    return this.follow(stack, value, depth + 1);
  }

  private found(node: CfnResource, attribute: string): Target | undefined {
    const resource = this.ofNode(node);
    return resource && { resource, attribute };
  }

  private element(
    stack: Stack,
    logicalId: string,
    section: Section = 'Resources',
  ): CfnElement | undefined {
    return this.index().get(stack)?.get(section)?.get(logicalId);
  }

  /** Before synthesis, a reference to another stack looks local. It is resolved if its target is unique. */
  private elsewhere(logicalId: string, attribute: string): Target | undefined {
    const found = [...this.index().values()].flatMap(
      (sections) => sections.get('Resources')?.get(logicalId) ?? [],
    );
    return found.length === 1 && CfnResource.isCfnResource(found[0])
      ? this.found(found[0], attribute)
      : undefined;
  }

  private index(): Map<Stack, Map<Section, Map<string, CfnElement>>> {
    if (!this.ids) {
      this.ids = new Map();
      for (const element of this.elements) {
        const stack = Stack.of(element);
        const id = resolveSafely(stack, element.logicalId);
        if (typeof id !== 'string') {
          continue;
        }
        const section = sectionOf(element);
        const sections = this.ids.get(stack) ?? new Map<Section, Map<string, CfnElement>>();
        const ids = sections.get(section) ?? new Map<string, CfnElement>();
        this.ids.set(stack, sections.set(section, ids.set(id, element)));
      }
    }
    return this.ids;
  }

  private nestedOutput(nested: CfnResource, id: string): CfnOutput | undefined {
    for (const [stack, sections] of this.index()) {
      const output =
        stack.nestedStackResource === nested ? sections.get('Outputs')?.get(id) : undefined;
      if (output instanceof CfnOutput) {
        return output;
      }
    }
    return undefined;
  }

  private stackOutput(stackName?: string, id?: string): CfnOutput | undefined {
    if (stackName === undefined || id === undefined) {
      return undefined;
    }
    const outputs: CfnOutput[] = [];
    for (const [stack, sections] of this.index()) {
      const output = stack.stackName === stackName ? sections.get('Outputs')?.get(id) : undefined;
      if (output instanceof CfnOutput) {
        outputs.push(output);
      }
    }
    // The same name in two regions is ambiguous.
    return outputs.length === 1 ? outputs[0] : undefined;
  }

  private exported(name: string): CfnOutput | undefined {
    if (!this.exports) {
      this.exports = new Map();
      for (const element of this.elements) {
        if (!(element instanceof CfnOutput) || !element.exportName) {
          continue;
        }
        const given = literal(resolveSafely(Stack.of(element), element.exportName));
        if (given !== undefined) {
          this.exports.set(given, element);
        }
      }
    }
    return this.exports.get(name);
  }
}

function mayMatch(value: unknown, expression: RegExp, depth: number): boolean {
  if (typeof value === 'string') {
    return expression.test(value) || Token.isUnresolved(value);
  }
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  if (Token.isUnresolved(value) || depth > 20) {
    return true;
  }
  return Object.values(value).some((inner) => mayMatch(inner, expression, depth + 1));
}

function resolveSafely(stack: Stack, value: unknown): unknown {
  try {
    return stack.resolve(value);
  } catch {
    return undefined;
  }
}
