import { Json, JsonObject, list } from './json';
import { readParameters } from './parameters';
import type { TemplateFile } from './template-file';

/** What the preview takes for the account and the region of the stack. */
export interface Pseudo {
  readonly region: string;
  readonly account: string;
  readonly stackName: string;
}

/** What is known of the environment of a stack. */
export type Environment = Partial<Pseudo>;

/** An output of another stack that a template refers to: by the name of its export, or by its own. */
export type OutputReference =
  { readonly exported: string } | { readonly stack: string; readonly output: string };

/** Outputs of the other stacks of an app. */
export interface OtherStacks {
  /** The value of an output, or undefined if no stack that is known has it. */
  output(reference: OutputReference): Json | undefined;
}

const PSEUDO: Pseudo = {
  region: 'eu-central-1',
  account: '123456789012',
  stackName: 'preview',
};

export const SUFFIX = 'amazonaws.com';
const NOTHING = Symbol('AWS::NoValue');

/**
 * Carries out the intrinsic functions of a template:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */
export abstract class Intrinsics {
  public readonly pseudo: Pseudo;
  private readonly parameters: Record<string, string>;

  constructor(
    protected readonly file: TemplateFile,
    given: Record<string, string>,
    environment: Environment = {},
    private readonly others?: OtherStacks,
  ) {
    if (typeof file !== 'object' || file === null || typeof file.Resources !== 'object') {
      throw new Error('the template has no Resources: give a CloudFormation template in JSON');
    }
    this.pseudo = { ...PSEUDO, ...environment };
    this.parameters = readParameters(file.Parameters ?? {}, given);
  }

  public get stackId(): string {
    const { region, account, stackName } = this.pseudo;
    return `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/0a1b2c3d-preview`;
  }

  /** What Ref gives for a resource. */
  public abstract ref(id: string): string;

  /** What Fn::GetAtt gives. */
  public abstract attribute(id: string, name: string): string;

  protected condition(name: string): boolean {
    const expression = this.file.Conditions?.[name];
    if (expression === undefined) {
      throw new Error(`the template has no condition ${name}`);
    }
    return this.resolve(expression, `condition ${name}`) === true;
  }

  /** A value with its intrinsic functions carried out. */
  public resolve(value: Json, where: string): Json {
    const result = this.evaluate(value, where);
    if (typeof result === 'symbol') {
      throw new Error(`${where} has no value`);
    }
    return result;
  }

  private evaluate(value: Json, where: string): Json | typeof NOTHING {
    if (Array.isArray(value)) {
      return value
        .map((item) => this.evaluate(item, where))
        .filter((item): item is Json => item !== NOTHING);
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    const keys = Object.keys(value);
    if (
      keys.length === 1 &&
      (keys[0] === 'Ref' || keys[0].startsWith('Fn::') || isCondition(value))
    ) {
      return this.call(keys[0], value[keys[0]], where);
    }
    const entries = keys
      .map((key) => [key, this.evaluate(value[key], where)] as const)
      .filter((entry): entry is readonly [string, Json] => entry[1] !== NOTHING);
    return Object.fromEntries(entries);
  }

  private call(name: string, argument: Json, where: string): Json | typeof NOTHING {
    const each = () => list(argument).map((item) => this.resolve(item, where));
    switch (name) {
      case 'Ref':
        return this.reference(String(argument));
      case 'Condition':
        return this.condition(String(argument));
      case 'Fn::GetAtt': {
        const [id, ...path] = Array.isArray(argument)
          ? argument.map(String)
          : String(argument).split('.');
        return this.attribute(id, path.join('.'));
      }
      case 'Fn::Base64':
        return Buffer.from(String(this.resolve(argument, where))).toString('base64');
      case 'Fn::Join': {
        const [separator, parts] = each();
        return (parts as Json[]).map(String).join(String(separator));
      }
      case 'Fn::Sub':
        return this.substitute(argument, where);
      case 'Fn::Select': {
        const [index, from] = each();
        const selected = (from as Json[])[Number(index)];
        if (selected === undefined) {
          throw new Error(`${where} selects item ${String(index)} of ${JSON.stringify(from)}`);
        }
        return selected;
      }
      case 'Fn::Split': {
        const [separator, text] = each();
        return String(text).split(String(separator));
      }
      case 'Fn::GetAZs':
        return ['a', 'b', 'c'].map((zone) => this.pseudo.region + zone);
      case 'Fn::FindInMap': {
        const [map, top, second] = each().map(String);
        const found = this.file.Mappings?.[map]?.[top]?.[second];
        if (found === undefined) {
          throw new Error(`${where} looks up ${map}.${top}.${second}, which the template lacks`);
        }
        return found;
      }
      case 'Fn::If': {
        const [condition, then, otherwise] = list(argument);
        return this.evaluate(this.condition(String(condition)) ? then : otherwise, where);
      }
      case 'Fn::Equals': {
        const [one, other] = each();
        return String(one) === String(other);
      }
      case 'Fn::Not':
        return each()[0] !== true;
      case 'Fn::And':
        return each().every((item) => item === true);
      case 'Fn::Or':
        return each().some((item) => item === true);
      case 'Fn::ImportValue':
        return this.imported({ exported: String(this.resolve(argument, where)) }, where);
      // What the AWS CDK has for weak references between stacks
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = this.resolve(argument, where) as JsonObject;
        return this.imported({ stack: String(StackName), output: String(OutputName) }, where);
      }
      default:
        throw new Error(`${where} uses ${name}, which the preview does not know`);
    }
  }

  private imported(reference: OutputReference, where: string): Json {
    const value = this.others?.output(reference);
    if (value === undefined) {
      const name =
        'exported' in reference
          ? `the export ${reference.exported}`
          : `the output ${reference.output} of ${reference.stack}`;
      throw new Error(
        `${where} imports ${name}, which no template in the same folder has: synthesize both stacks ` +
          'in one app, or give the resource by its name or ARN',
      );
    }
    return value;
  }

  /** The value of a pseudo parameter, of a parameter or of a resource. */
  private reference(name: string): Json | typeof NOTHING {
    const { region, account, stackName } = this.pseudo;
    const pseudo: Record<string, string> = {
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::StackName': stackName,
      'AWS::StackId': this.stackId,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': SUFFIX,
    };
    if (name === 'AWS::NoValue') {
      return NOTHING;
    }
    if (name in pseudo) {
      return pseudo[name];
    }
    if (name in this.parameters) {
      const type = String(this.file.Parameters?.[name]?.Type);
      const value = this.parameters[name];
      return /^(CommaDelimitedList|List<.*>)$/.test(type) ? value.split(',') : value;
    }
    return this.ref(name);
  }

  private substitute(argument: Json, where: string): string {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    return String(text).replace(/\$\{([^}]*)\}/g, (_whole, name: string) => {
      if (name.startsWith('!')) {
        return `\${${name.slice(1)}}`;
      }
      const values = own as JsonObject;
      if (name in values) {
        return String(this.resolve(values[name], where));
      }
      return name.includes('.')
        ? String(this.call('Fn::GetAtt', name, where))
        : String(this.reference(name));
    });
  }
}

function isCondition(value: JsonObject): boolean {
  return typeof value.Condition === 'string';
}
