import { memberName } from '../shared/errors';
import { Code, quoted } from './code';
import * as structs from './files/structs.json';

const WIDTH = 100;

/** The structs of props, as `Struct.prop`; in braces those of the values of a map. */
const STRUCTS: Readonly<Record<string, string>> = structs;

function literal(given: string | number | boolean): string {
  return typeof given === 'string'
    ? quoted(given)
    : typeof given === 'boolean'
      ? given
        ? 'True'
        : 'False'
      : String(given);
}

/** What is printed between two brackets, on one line or one per item. */
interface Parts {
  readonly open: string;
  readonly items: readonly (readonly [name: string, code: Code, struct?: string])[];
  readonly close: string;
}

/** The struct of a prop. */
export const structOf = (struct: string, prop: string): string | undefined =>
  STRUCTS[`${struct}.${prop}`];

/** The keyword arguments of a struct. */
const keywords = (entries: readonly (readonly [string, Code])[], struct = ''): Parts['items'] =>
  entries.map(([name, each]) => [`${memberName(name)}=`, each, structOf(struct, name)]);

function partsOf(code: Code, struct?: string): Parts | undefined {
  const isMap = struct === undefined || struct.startsWith('{');
  switch (code.kind) {
    case 'list':
      return { open: '[', items: code.items.map((item) => ['', item, struct]), close: ']' };
    case 'object':
      return isMap
        ? {
            open: '{',
            items: code.entries.map(([name, each]) => [
              `${quoted(name)}: `,
              each,
              struct?.slice(1, -1),
            ]),
            close: '}',
          }
        : { open: `${struct}(`, items: keywords(code.entries, struct), close: ')' };
    case 'call': {
      const { of, method, args } = code;
      const last = args.at(-1);
      // jsii passes the props of a last struct as keyword arguments
      const options = last?.kind === 'object' && method !== 'mapOf' ? last.entries : undefined;
      return {
        open: method === 'new' ? `${of}(` : `${of}.${memberName(method)}(`,
        items: [
          ...(options ? args.slice(0, -1) : args).map((arg) => ['', arg] as const),
          ...keywords(options ?? []),
        ],
        close: ')',
      };
    }
    default:
      return undefined;
  }
}

function atom(code: Code): string {
  switch (code.kind) {
    case 'value':
      return literal(code.value);
    case 'constant':
      return `${code.of}.${code.name}`;
    case 'variable':
      return memberName(code.name);
    default:
      return '';
  }
}

export interface PythonOptions {
  /** The class of an object, or in braces that of a map's values. */
  readonly struct?: string;
  readonly indent?: number;
  /** The columns that are left on the first line. */
  readonly room?: number;
}

/** Code as Python, on one line if it fits. */
export function python(
  code: Code,
  { struct, indent = 0, room = WIDTH - indent }: PythonOptions = {},
): string {
  const parts = partsOf(code, struct);
  if (!parts) {
    return atom(code);
  }
  const { open, items, close } = parts;
  const short = items.map(
    ([name, each, of]) => `${name}${python(each, { struct: of, room: Infinity })}`,
  );
  const line = `${open}${short.join(', ')}${close}`;
  if (line.length <= room || items.length === 0) {
    return line;
  }
  const inner = ' '.repeat(indent + 4);
  const lines = items.map(([name, each, of]) => {
    const left = WIDTH - indent - 5 - name.length;
    return `${inner}${name}${python(each, { struct: of, indent: indent + 4, room: left })},\n`;
  });
  return `${open}\n${lines.join('')}${' '.repeat(indent)}${close}`;
}

/** The classes that code in Python uses: those of structs, too. */
export function pythonClassesOf(code: Code, struct?: string): string[] {
  const own =
    code.kind === 'constant' || code.kind === 'call'
      ? [code.of]
      : code.kind === 'object' && struct !== undefined && !struct.startsWith('{')
        ? [struct]
        : [];
  const inner = partsOf(code, struct)?.items ?? [];
  return [...own, ...inner.flatMap(([, each, of]) => pythonClassesOf(each, of))];
}
