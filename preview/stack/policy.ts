import { Json, JsonObject, list } from './json';

/** A statement of a policy, of a role or of a bucket. */
export interface Statement {
  readonly effect: string;
  readonly actions: string[];
  readonly notActions: string[];
  readonly resources: string[];
  readonly notResources: string[];
  /** Of a bucket's policy: `*`, ARNs, accounts and names of services. */
  readonly principals: string[];
  /** Operator, key, values. */
  readonly conditions: Record<string, Record<string, string[]>>;
}

/** What somebody wants to do. */
export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  /** The ARNs and other names of who asks, as a bucket's policy could name them. */
  readonly principals: string[];
  /** The condition context: keys in lower case; those that the request lacks are undefined. */
  readonly keys: Readonly<Record<string, string | undefined>>;
}

export type Decision = 'allow' | 'deny' | 'nothing';

/**
 * What the statements of one policy say of a request. An explicit denial wins:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function decide(statements: readonly Statement[], request: PolicyRequest): Decision {
  const matching = statements.filter((statement) => applies(statement, request));
  if (matching.some(({ effect }) => effect === 'Deny')) {
    return 'deny';
  }
  return matching.length > 0 ? 'allow' : 'nothing';
}

function applies(statement: Statement, { action, resource, principals, keys }: PolicyRequest) {
  const any = (patterns: string[], text: string, flags: string) =>
    patterns.some((pattern) => wildcard(pattern, flags).test(text));
  const named =
    statement.principals.length === 0 ||
    statement.principals.some((name) => name === '*' || principals.includes(name));
  const acts =
    statement.notActions.length > 0
      ? !any(statement.notActions, action, 'i')
      : any(statement.actions, action, 'i');
  const there =
    statement.notResources.length > 0
      ? !any(statement.notResources, resource, '')
      : any(statement.resources, resource, '');
  return (
    named &&
    acts &&
    there &&
    Object.entries(statement.conditions).every(([operator, wanted]) =>
      Object.entries(wanted).every(([key, values]) =>
        holds(operator, values, keys[key.toLowerCase()]),
      ),
    )
  );
}

type Compare = (actual: string, wanted: string) => boolean;

const COMPARE: Record<string, Compare> = {
  StringEquals: (actual, wanted) => actual === wanted,
  StringEqualsIgnoreCase: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  StringLike: (actual, wanted) => wildcard(wanted, '').test(actual),
  ArnEquals: (actual, wanted) => wildcard(wanted, '').test(actual),
  ArnLike: (actual, wanted) => wildcard(wanted, '').test(actual),
  Bool: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  NumericEquals: (actual, wanted) => Number(actual) === Number(wanted),
  NumericLessThan: (actual, wanted) => Number(actual) < Number(wanted),
  NumericLessThanEquals: (actual, wanted) => Number(actual) <= Number(wanted),
  NumericGreaterThan: (actual, wanted) => Number(actual) > Number(wanted),
  NumericGreaterThanEquals: (actual, wanted) => Number(actual) >= Number(wanted),
};

/** The names of negated operators, and what they negate. */
const NEGATED: Record<string, string> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
};

/**
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * An operator that is not here is an error: nothing is granted or denied by ignoring a condition.
 */
function holds(operator: string, wanted: string[], actual: string | undefined): boolean {
  if (operator === 'Null') {
    return wanted.includes(String(actual === undefined));
  }
  const [, name, ifExists] = /^(.*?)(IfExists)?$/.exec(operator) ?? [];
  const negated = NEGATED[name];
  const compare = COMPARE[negated ?? name];
  if (compare === undefined) {
    throw new Error(`a policy has a condition ${operator}: the preview has no stand-in for it`);
  }
  if (actual === undefined) {
    return ifExists !== undefined || negated !== undefined;
  }
  const found = wanted.some((value) => compare(actual, value));
  return negated === undefined ? found : !found;
}

/** A pattern with * for any text and ? for any character. */
export function wildcard(pattern: string, flags: string): RegExp {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, `s${flags}`);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
export function readStatements(id: string, document: JsonObject): Statement[] {
  const principals = (value: Json | undefined): string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.values(value).flatMap((one) => list(one).map(String))
      : list(value).map(String);
  const conditions = (value: Json | undefined) =>
    Object.fromEntries(
      Object.entries((value ?? {}) as Record<string, JsonObject>).map(([operator, keys]) => [
        operator,
        Object.fromEntries(
          Object.entries(keys).map(([key, values]) => [key, list(values).map(String)]),
        ),
      ]),
    );
  return list(document.Statement as Json).map((statement) => {
    const one = statement as JsonObject;
    if (one.NotPrincipal !== undefined) {
      throw new Error(`${id} has a NotPrincipal: the preview has no stand-in for it`);
    }
    return {
      effect: String(one.Effect),
      actions: list(one.Action).map(String),
      notActions: list(one.NotAction).map(String),
      resources: list(one.Resource).map(String),
      notResources: list(one.NotResource).map(String),
      principals: principals(one.Principal),
      conditions: conditions(one.Condition),
    };
  });
}
