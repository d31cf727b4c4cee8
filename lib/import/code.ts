/** Controls, ends of lines, and characters that are not seen or change the order of others. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A text without characters that end a line or cannot be seen: these as TypeScript and Python escape them. */
export const visible = (given: string): string =>
  given.replace(UNSEEN, (character) =>
    // Beyond these characters, the two languages have different escapes, and none ends a line
    character.length > 1
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A text in TypeScript or Python. */
export function quoted(given: string): string {
  const plain = JSON.stringify(given).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${visible(plain)}'`;
}

/** A part of a program: of props, and of what they are made of. */
export type Code =
  | { readonly kind: 'value'; readonly value: string | number | boolean }
  | { readonly kind: 'list'; readonly items: readonly Code[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Code])[] }
  | { readonly kind: 'constant'; readonly of: string; readonly name: string }
  | {
      readonly kind: 'call';
      readonly of: string;
      readonly method: string;
      readonly args: readonly Code[];
    }
  /** A variable of the program, with its value. */
  | { readonly kind: 'variable'; readonly name: string; readonly code: Code };

export const value = (given: string | number | boolean): Code => ({ kind: 'value', value: given });
export const list = (items: readonly Code[]): Code => ({ kind: 'list', items });
export const object = (entries: readonly (readonly [string, Code])[]): Code => ({
  kind: 'object',
  entries,
});
export const constant = (of: string, name: string): Code => ({ kind: 'constant', of, name });
export const call = (of: string, method: string, ...args: Code[]): Code => ({
  kind: 'call',
  of,
  method,
  args,
});

/** A prop at a path of an object, after those that it has. */
export function withProp(code: Code, path: readonly string[], inner: Code): Code {
  if (path.length === 0) {
    return inner;
  }
  const [name, ...others] = path;
  const entries = code.kind === 'object' ? code.entries : [];
  const before = entries.find(([each]) => each === name)?.[1] ?? object([]);
  const changed = [name, withProp(before, others, inner)] as const;
  return object(
    entries.some(([each]) => each === name)
      ? entries.map((entry) => (entry[0] === name ? changed : entry))
      : [...entries, changed],
  );
}

/** The values of variables: each is one object, wherever it is used. */
const variables = new WeakMap<Code, unknown>();

/** The value of code, with the classes that it uses. */
export function evaluate(code: Code, classes: Readonly<Record<string, unknown>>): unknown {
  switch (code.kind) {
    case 'value':
      return code.value;
    case 'list':
      return code.items.map((item) => evaluate(item, classes));
    case 'object':
      return Object.fromEntries(
        code.entries.map(([name, each]) => [name, evaluate(each, classes)]),
      );
    case 'constant':
      return (classes[code.of] as Record<string, unknown>)[code.name];
    case 'call': {
      const of = classes[code.of] as Record<string, (...args: unknown[]) => unknown>;
      return of[code.method](...code.args.map((arg) => evaluate(arg, classes)));
    }
    case 'variable':
      if (!variables.has(code)) {
        variables.set(code, evaluate(code.code, classes));
      }
      return variables.get(code);
  }
}

/** The classes that code uses. */
export function classesOf(code: Code): string[] {
  switch (code.kind) {
    case 'list':
      return code.items.flatMap(classesOf);
    case 'object':
      return code.entries.flatMap(([, each]) => classesOf(each));
    case 'constant':
      return [code.of];
    case 'call':
      return [code.of, ...code.args.flatMap(classesOf)];
    default:
      return [];
  }
}

const WIDTH = 100;

const named = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name));

/** Code as TypeScript, on one line if it fits. */
export function typescript(code: Code, indent = 0, room = WIDTH - indent): string {
  const inner = ' '.repeat(indent + 2);
  const lines = (open: string, items: string[], close: string): string =>
    `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${' '.repeat(indent)}${close}`;
  switch (code.kind) {
    case 'value':
      return typeof code.value === 'string' ? quoted(code.value) : String(code.value);
    case 'constant':
      return `${code.of}.${code.name}`;
    case 'variable':
      return code.name;
    case 'list': {
      const short = `[${code.items.map((item) => typescript(item, 0, Infinity)).join(', ')}]`;
      return short.length <= room
        ? short
        : lines(
            '[',
            code.items.map((item) => typescript(item, indent + 2)),
            ']',
          );
    }
    case 'object': {
      const entries = code.entries.map(
        ([name, each]) => `${named(name)}: ${typescript(each, 0, Infinity)}`,
      );
      const short = entries.length ? `{ ${entries.join(', ')} }` : '{}';
      return short.length <= room
        ? short
        : lines(
            '{',
            code.entries.map(
              ([name, each]) =>
                `${named(name)}: ${typescript(each, indent + 2, WIDTH - indent - 4 - name.length)}`,
            ),
            '}',
          );
    }
    case 'call': {
      const start = code.method === 'new' ? `new ${code.of}(` : `${code.of}.${code.method}(`;
      const args = code.args.map((arg) => typescript(arg, 0, Infinity)).join(', ');
      if (start.length + args.length + 1 <= room) {
        return `${start}${args})`;
      }
      const last = code.args.at(-1)!;
      const first = code.args.slice(0, -1).map((arg) => `${typescript(arg, 0, Infinity)}, `);
      const isOne = code.args.every((arg) => arg === last || arg.kind === 'value');
      return isOne && (last.kind === 'object' || last.kind === 'list' || last.kind === 'call')
        ? `${start}${first.join('')}${typescript(last, indent, 0)})`
        : lines(
            start,
            code.args.map((arg) => typescript(arg, indent + 2)),
            ')',
          );
    }
  }
}
