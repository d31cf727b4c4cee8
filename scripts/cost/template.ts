/** A resource of a template, with intrinsic functions evaluated where a template alone decides them. */
export interface CostResource {
  readonly id: string;
  readonly type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any CloudFormation properties
  readonly properties: any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- anything at all
  readonly metadata: any;
}

/** A template as it is in a file. */
export interface TemplateJson {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Mappings?: Readonly<Record<string, Record<string, Record<string, unknown>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Condition?: string;
        readonly Properties?: unknown;
        readonly Metadata?: unknown;
      }
    >
  >;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The resources that a template creates with the defaults of its parameters, or with given values.
 * What only AWS knows, such as the attribute of a resource, stays the intrinsic function that it is.
 */
export class CostTemplate {
  public readonly resources: readonly CostResource[];
  private readonly pseudo: Readonly<Record<string, unknown>>;

  constructor(
    private readonly template: TemplateJson,
    private readonly given: Readonly<Record<string, string>> = {},
    region = 'us-east-1',
  ) {
    this.pseudo = {
      'AWS::Region': region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
    };
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(template.Parameters ?? {}, name)) {
        throw new Error(`the template has no parameter ${name}`);
      }
    }
    this.resources = Object.entries(template.Resources ?? {})
      // A condition that the template alone does not decide may hold
      .filter(([, { Condition }]) => Condition === undefined || this.condition(Condition) !== false)
      .map(([id, { Type, Properties = {}, Metadata = {} }]) => ({
        id,
        type: Type,
        properties: this.evaluate(Properties),
        metadata: Metadata,
      }));
  }

  public ofType(type: string): CostResource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The resource that a value is a `Ref` to, or an attribute of. */
  public referred(value: unknown): CostResource | undefined {
    if (!isObject(value)) {
      return undefined;
    }
    const attribute = value['Fn::GetAtt'];
    const id = value.Ref ?? (Array.isArray(attribute) ? (attribute[0] as unknown) : undefined);
    return this.resources.find((resource) => resource.id === id);
  }

  private evaluate(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => this.evaluate(item)).filter((item) => item !== undefined);
    }
    if (!isObject(value)) {
      return value;
    }
    const [name] = Object.keys(value);
    switch (Object.keys(value).length === 1 ? name : '') {
      case 'Ref':
        return this.reference(value);
      case 'Fn::If': {
        const [condition, yes, no] = value[name] as [string, unknown, unknown];
        const holds = this.condition(condition);
        return holds === undefined ? value : this.evaluate(holds ? yes : no);
      }
      case 'Fn::FindInMap': {
        const keys = this.evaluate(value[name]) as unknown[];
        const [map, first, second] = keys.map(String);
        return this.template.Mappings?.[map]?.[first]?.[second] ?? value;
      }
      case 'Fn::Select': {
        const [index, list] = this.evaluate(value[name]) as [unknown, unknown];
        return Array.isArray(list) ? list[Number(index)] : value;
      }
      case 'Fn::Join': {
        const [separator, items] = this.evaluate(value[name]) as [string, unknown];
        const known = Array.isArray(items) && items.every((item) => typeof item === 'string');
        return known ? items.join(separator) : { [name]: [separator, items] };
      }
      default:
        return Object.fromEntries(
          Object.entries(value)
            .map(([key, inner]) => [key, this.evaluate(inner)] as const)
            .filter(([, inner]) => inner !== undefined),
        );
    }
  }

  private reference(value: Record<string, unknown>): unknown {
    const name = String(value.Ref);
    if (name === 'AWS::NoValue') {
      return undefined;
    }
    const parameters = this.template.Parameters ?? {};
    if (Object.hasOwn(parameters, name)) {
      return this.given[name] ?? parameters[name].Default ?? value;
    }
    return this.pseudo[name] ?? value;
  }

  /** Whether a condition holds, or undefined where only a deployment decides. */
  private condition(name: string): boolean | undefined {
    return this.holds(this.template.Conditions?.[name]);
  }

  private holds(expression: unknown): boolean | undefined {
    if (!isObject(expression)) {
      return undefined;
    }
    const [[name, argument]] = Object.entries(expression);
    const operands = () => (argument as unknown[]).map((operand) => this.holds(operand));
    switch (name) {
      case 'Condition':
        return this.condition(String(argument));
      case 'Fn::Equals': {
        const [left, right] = (argument as unknown[]).map((operand) => this.evaluate(operand));
        return isObject(left) || isObject(right) ? undefined : String(left) === String(right);
      }
      case 'Fn::Not': {
        const [inner] = operands();
        return inner === undefined ? undefined : !inner;
      }
      case 'Fn::And':
        return operands().includes(false)
          ? false
          : operands().includes(undefined)
            ? undefined
            : true;
      case 'Fn::Or':
        return operands().includes(true)
          ? true
          : operands().includes(undefined)
            ? undefined
            : false;
      default:
        return undefined;
    }
  }
}
