import { intrinsic, literal } from '../template/text';

export type Fields = Record<string, unknown>;

/** A mapping, or an empty one if the value is something else. */
export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** A resource of a template, or one that a transform creates. */
export interface GivenResource {
  readonly type: string;
  readonly properties: Fields;
  readonly metadata: Fields;
  readonly condition?: string;
  /** The logical ID of the element in the template that it comes from. */
  readonly from: string;
}

/** The output of a transform or a macro, which only AWS can produce. */
interface Open {
  readonly path: readonly string[];
  readonly what: string;
  readonly advice: string;
}

const SAM = 'AWS::Serverless-2016-10-31';
const LANGUAGE = 'AWS::LanguageExtensions';
// They create nothing that rules read.
const HARMLESS = new Set([
  SAM,
  LANGUAGE,
  'AWS::SecretsManager-2020-07-23',
  'AWS::SecretsManager-2024-09-16',
]);
const PROCESSED =
  'Check the processed template instead: aws cloudformation get-template --template-stage Processed.';

/** The resources of a template, including those of AWS SAM and of loops. */
export function expand(root: Fields): {
  readonly resources: ReadonlyMap<string, GivenResource>;
  readonly open: readonly Open[];
} {
  const resources = new Map<string, GivenResource>();
  const open: Open[] = [];
  const transforms = namesOf(root.Transform);
  for (const name of transforms.filter((each) => !HARMLESS.has(each))) {
    open.push({
      path: ['Transform'],
      what: `the output of the macro ${name} is not in the template`,
      advice: PROCESSED,
    });
  }
  const add = (id: string, given: unknown, from: string): void => {
    if (/^Fn::ForEach::/.test(id)) {
      const made = loop(given);
      if (made) {
        for (const [inner, each] of made) {
          add(inner, each, from);
        }
      } else {
        open.push({
          path: ['Resources', from],
          what: `the resources that ${id} creates are not known`,
          advice: PROCESSED,
        });
      }
      return;
    }
    if (id === 'Fn::Transform') {
      const what = 'the output of Fn::Transform is not in the template';
      open.push({ path: ['Resources', from], what, advice: PROCESSED });
      return;
    }
    const { Type, Properties, Metadata, Condition } = fields(given);
    if (typeof Type !== 'string') {
      return;
    }
    const resource: GivenResource = {
      type: Type,
      properties: { ...fields(Properties) },
      metadata: fields(Metadata),
      ...(typeof Condition === 'string' && { condition: Condition }),
      from,
    };
    if (/^AWS::Serverless::/.test(Type) && transforms.includes(SAM)) {
      for (const [made, each] of serverless(id, resource, fields(root.Globals))) {
        resources.set(made, each);
      }
    } else {
      resources.set(id, resource);
    }
  };
  for (const [id, given] of Object.entries(fields(root.Resources))) {
    add(id, given, id);
  }
  return { resources, open };
}

function namesOf(transform: unknown): string[] {
  if (Array.isArray(transform)) {
    return transform.flatMap(namesOf);
  }
  if (typeof transform === 'string') {
    return [transform];
  }
  const { Name } = fields(transform);
  return typeof Name === 'string' ? [Name] : [];
}

/** The resources that `Fn::ForEach` creates, if its collection is written out. */
function loop(given: unknown): [string, unknown][] | undefined {
  if (!Array.isArray(given)) {
    return undefined;
  }
  const [variable, collection, body] = given as unknown[];
  if (typeof variable !== 'string' || !Array.isArray(collection)) {
    return undefined;
  }
  const values = collection.map(literal);
  if (values.includes(undefined)) {
    return undefined;
  }
  return values.flatMap((value) =>
    Object.entries(fields(filledIn(body, variable, value!))).map(
      ([id, each]): [string, unknown] => [id, each],
    ),
  );
}

/** A structure with the variable of a loop replaced. */
function filledIn(value: unknown, name: string, by: string): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(`\${${name}}`, by).replaceAll(`&{${name}}`, by.replace(/\W/g, ''));
  }
  if (Array.isArray(value)) {
    return value.map((item) => filledIn(item, name, by));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const call = intrinsic(value);
  if (call?.[0] === 'Ref' && call[1] === name) {
    return by;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      filledIn(key, name, by) as string,
      filledIn(inner, name, by),
    ]),
  );
}

// Properties that AWS SAM copies to the stage of an API under the same name.
const STAGE = ['CacheClusterEnabled', 'CacheClusterSize', 'MethodSettings', 'Variables'];

/**
 * The resources that AWS SAM creates for a resource. For an API, this is its stage, whose cache a rule
 * checks. See
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
 */
function serverless(id: string, given: GivenResource, globals: Fields): [string, GivenResource][] {
  const kind = given.type.replace('AWS::Serverless::', '');
  const properties = combined(fields(globals[kind]), given.properties);
  const made = (name: string, type: string, own: Fields): [string, GivenResource] => [
    name,
    { ...given, type, properties: own },
  ];
  if (kind === 'Api') {
    const stageName = literal(properties.StageName);
    const stage =
      stageName === undefined ? 'Stage' : `${stageName.replace(/[^A-Za-z0-9]/g, '')}Stage`;
    return [
      made(id, 'AWS::ApiGateway::RestApi', { Body: properties.DefinitionBody }),
      made(`${id}${stage}`, 'AWS::ApiGateway::Stage', {
        RestApiId: { Ref: id },
        StageName: properties.StageName,
        ...Object.fromEntries(STAGE.map((name) => [name, properties[name]])),
      }),
    ];
  }
  if (kind === 'HttpApi') {
    return [
      made(id, 'AWS::ApiGatewayV2::Api', { Body: properties.DefinitionBody }),
      made(`${id}ApiGatewayDefaultStage`, 'AWS::ApiGatewayV2::Stage', { ApiId: { Ref: id } }),
    ];
  }
  if (kind === 'Function') {
    return [made(id, 'AWS::Lambda::Function', properties)];
  }
  return [[id, { ...given, properties }]];
}

/** Global values with the values of a resource merged into them, as AWS SAM does it. */
function combined(global: unknown, own: unknown): Fields {
  const result: Fields = { ...fields(global) };
  for (const [name, value] of Object.entries(fields(own))) {
    const before = result[name];
    if (Array.isArray(before) && Array.isArray(value)) {
      result[name] = [...before, ...value];
    } else if (isMapping(before) && isMapping(value)) {
      result[name] = combined(before, value);
    } else {
      result[name] = value;
    }
  }
  return result;
}

const isMapping = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !intrinsic(value);
