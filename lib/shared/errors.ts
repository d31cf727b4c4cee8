import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The maximum length of a text that a message quotes. */
const LONGEST = 200;

/** An error about a value that is not part of a construct yet. */
class UnscopedError extends Error {}

/**
 * An error about a prop: `<construct path>: <prop> must <must>, got <got>; <instead>`.
 *
 * The AWS CDK's own `ValidationError` is internal, and its message does not contain the path.
 *
 * @param scope the construct, if there is one; `inScope` adds it to errors about values
 * @param prop the name as users of TypeScript write it; users of Python see theirs
 * @param must what follows "must"
 * @param got the value: null for a missing value, undefined to omit it from the message
 * @param instead what to do instead, unless that is obvious
 */
export function invalid(
  scope: IConstruct | undefined,
  prop: string,
  must: string,
  got?: unknown,
  instead?: string,
): Error {
  const value = got === undefined ? '' : `, got ${render(got)}`;
  const written = inLanguage(`${prop} must ${must}`);
  const message = `${written}${value}${instead ? `; ${inLanguage(instead)}` : ''}`;
  return scope ? new Error(at(scope, message)) : new UnscopedError(message);
}

/**
 * Calls a function on a value without a construct, and adds the construct's path to its errors.
 */
export function inScope<T>(scope: IConstruct, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof UnscopedError
      ? new Error(at(scope, error.message), { cause: error })
      : error;
  }
}

function at(scope: IConstruct, message: string): string {
  const { path } = scope.node;
  return path ? `${path}: ${message}` : message;
}

/** A name with capitals inside: of a member, not of a class, in a path or in quotes. */
const MEMBER = /(?<![\w/'-])[a-z][a-z0-9]*(?:[A-Z]+[a-z0-9]*)+(?![\w/'-])/g;

/**
 * A text with the names of members as the app's language has them. Python's differ; those of Java are the same, and
 * those of Go and .NET begin with a capital.
 */
function inLanguage(text: string): string {
  // The jsii runtime of each language sets it
  if (!process.env.JSII_AGENT?.startsWith('Python/')) {
    return text;
  }
  return inPython(text);
}

/** A text with the names of members as Python has them. */
export const inPython = (text: string): string => text.replace(MEMBER, memberName);

/** The name of a member in Python. */
export const memberName = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();

function render(value: unknown): string {
  if (value === null) {
    return 'none';
  }
  if (Token.isUnresolved(value)) {
    return 'an unresolved token';
  }
  if (Array.isArray(value)) {
    return value.length ? value.map(render).join(', ') : 'none';
  }
  return typeof value === 'string' ? quote(value) : String(value);
}

function quote(text: string): string {
  const start = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return `'${start.replace(/\p{Cc}/gu, (char) => JSON.stringify(char).slice(1, -1))}'`;
}
