import { CfnElement, CfnOutput, CfnParameter, CfnResource, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { flatten, intrinsic, isAbsent, literal } from './text';

interface Body {
  readonly Properties?: unknown;
  readonly Metadata?: unknown;
}

// Like an intrinsic function that nobody can look into.
const UNKNOWN: Body = { Properties: { 'Fn::Unknown': [] }, Metadata: { 'Fn::Unknown': [] } };

/** A resource as the template will show it: escape hatches applied, tokens resolved, on demand. */
export class Resource {
  public readonly type: string;
  private resolved?: Body;

  constructor(public readonly node: CfnResource) {
    this.type = node.cfnResourceType;
  }

  public get stack(): Stack {
    return Stack.of(this.node);
  }

  /** A property by its path, see `get`. */
  public property(...path: string[]): unknown {
    return get(this.body.Properties, ...path);
  }

  /** A list property. An intrinsic function in its place is an unknown list: undefined. */
  public list(...path: string[]): readonly unknown[] | undefined {
    return asList(this.property(...path));
  }

  public metadata(...path: string[]): unknown {
    return get(this.body.Metadata, ...path);
  }

  private get body(): Body {
    this.resolved ??= this.resolve();
    return this.resolved;
  }

  private resolve(): Body {
    try {
      // The typed properties of an L1 do not show what addPropertyOverride() changed.
      const rendered = this.stack.resolve(
        (this.node as unknown as { _toCloudFormation(): unknown })._toCloudFormation(),
      ) as { Resources?: Record<string, Body> };
      return Object.values(rendered.Resources ?? {})[0] ?? UNKNOWN;
    } catch {
      // CDK says itself what is wrong with a resource that does not render.
      return UNKNOWN;
    }
  }
}

/** What a Ref, a Fn::GetAtt or an import of either leads to. */
export interface Target {
  readonly resource: Resource;
  /** Empty for a Ref. */
  readonly attribute: string;
}

/**
 * Walks into a structure. Undefined means that the template leaves it out; an intrinsic function on
 * the way is the answer itself, as what is below it is unknown.
 */
export function get(value: unknown, ...path: string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || isAbsent(current)) return undefined;
    if (intrinsic(current)) return current;
    current = (current as Record<string, unknown>)[name];
  }
  return isAbsent(current) ? undefined : current;
}

export function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value.filter((item) => !isAbsent(item)) : undefined;
}

/** All resources of an app, by type, with the references between them. Made once a validation. */
export class Template {
  private readonly byNode = new Map<CfnResource, Resource>();
  private readonly byType = new Map<string, Resource[]>();
  private readonly elements: CfnElement[] = [];
  private ids?: Map<Stack, Map<string, CfnElement>>;
  private exports?: Map<string, CfnOutput>;

  constructor(root: IConstruct) {
    const visit = (node: IConstruct): void => {
      if (CfnElement.isCfnElement(node)) this.elements.push(node);
      if (CfnResource.isCfnResource(node)) {
        const resource = new Resource(node);
        this.byNode.set(node, resource);
        const same = this.byType.get(resource.type);
        if (same) same.push(resource);
        else this.byType.set(resource.type, [resource]);
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

  /** The resource that a value of a stack refers to, over the borders of stacks and nested stacks. */
  public target(stack: Stack, value: unknown): Target | undefined {
    return this.follow(stack, value, 0);
  }

  /** Whether a value is a Ref to a template parameter that a person fills in. */
  public isParameter(stack: Stack, value: unknown): boolean {
    const call = intrinsic(value);
    return (
      call?.[0] === 'Ref' &&
      typeof call[1] === 'string' &&
      this.element(stack, call[1]) instanceof CfnParameter
    );
  }

  private follow(stack: Stack, value: unknown, depth: number): Target | undefined {
    const call = intrinsic(value);
    // Imports of imports are rare, and a template cannot make a loop of them; a broken one might.
    if (!call || depth > 8) return undefined;
    const [name, argument] = call;
    if (name === 'Ref' && typeof argument === 'string') {
      const element = this.element(stack, argument);
      if (CfnResource.isCfnResource(element)) return this.found(element, '');
      const nested = stack.nestedStackResource;
      if (element instanceof CfnParameter && CfnResource.isCfnResource(nested)) {
        const given = this.ofNode(nested)?.property('Parameters', argument);
        return this.follow(Stack.of(nested), given, depth + 1);
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
        if (output) return this.followOutput(output, depth);
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

  private followOutput(output: CfnOutput, depth: number): Target | undefined {
    const stack = Stack.of(output);
    return this.follow(stack, resolveSafely(stack, output.value), depth + 1);
  }

  private found(node: CfnResource, attribute: string): Target | undefined {
    const resource = this.ofNode(node);
    return resource && { resource, attribute };
  }

  private element(stack: Stack, logicalId: string): CfnElement | undefined {
    return this.index().get(stack)?.get(logicalId);
  }

  /** Before synthesis a reference to another stack still looks local: take it where it is unique. */
  private elsewhere(logicalId: string, attribute: string): Target | undefined {
    const found = [...this.index().values()].flatMap((ids) => ids.get(logicalId) ?? []);
    return found.length === 1 && CfnResource.isCfnResource(found[0])
      ? this.found(found[0], attribute)
      : undefined;
  }

  private index(): Map<Stack, Map<string, CfnElement>> {
    if (!this.ids) {
      this.ids = new Map();
      for (const element of this.elements) {
        const stack = Stack.of(element);
        const id = resolveSafely(stack, element.logicalId);
        if (typeof id !== 'string') continue;
        const ids = this.ids.get(stack) ?? new Map<string, CfnElement>();
        this.ids.set(stack, ids.set(id, element));
      }
    }
    return this.ids;
  }

  private nestedOutput(nested: CfnResource, id: string): CfnOutput | undefined {
    for (const [stack, ids] of this.index()) {
      const output = stack.nestedStackResource === nested ? ids.get(id) : undefined;
      if (output instanceof CfnOutput) return output;
    }
    return undefined;
  }

  private stackOutput(stackName?: string, id?: string): CfnOutput | undefined {
    if (stackName === undefined || id === undefined) return undefined;
    const outputs: CfnOutput[] = [];
    for (const [stack, ids] of this.index()) {
      const output = stack.stackName === stackName ? ids.get(id) : undefined;
      if (output instanceof CfnOutput) outputs.push(output);
    }
    // The same name in two regions: nobody knows which one is meant.
    return outputs.length === 1 ? outputs[0] : undefined;
  }

  private exported(name: string): CfnOutput | undefined {
    if (!this.exports) {
      this.exports = new Map();
      for (const element of this.elements) {
        if (!(element instanceof CfnOutput) || !element.exportName) continue;
        const given = literal(resolveSafely(Stack.of(element), element.exportName));
        if (given !== undefined) this.exports.set(given, element);
      }
    }
    return this.exports.get(name);
  }
}

function resolveSafely(stack: Stack, value: unknown): unknown {
  try {
    return stack.resolve(value);
  } catch {
    return undefined;
  }
}
