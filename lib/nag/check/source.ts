import { createHash } from 'node:crypto';
import type { Document, Node as YamlNode } from 'yaml';
import { intrinsic } from '../template/text';
import { parseYaml, yaml } from './yaml';

/** A place in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A value in a template, and its place. Short forms (`!Ref`) are expanded. */
interface Node {
  readonly value: unknown;
  /** Offsets in the file. */
  readonly start: number;
  readonly end: number;
  /** The entries of a mapping or a list, each with its place, or the place of its key. */
  readonly children?: ReadonlyMap<string, Child>;
}

interface Child {
  readonly start: number;
  readonly node: Node;
}

// With anchors, a text of a few lines can become arbitrarily large.
const MOST_NODES = 500_000;

/** A template as it was read from a file. */
export class Source {
  /**
   * Reads YAML or JSON, with the short forms of CloudFormation.
   *
   * @throws if it is neither; the message has the line
   */
  public static parse(file: string, text: string): Source {
    const lines = new yaml.LineCounter();
    const document = parseYaml(text, lines.addNewLine);
    const [error] = document.errors;
    if (error) {
      const { line, col } = lines.linePos(error.pos[0]);
      throw new Error(`${file}:${line}:${col}: ${error.message.split('\n')[0]}`);
    }
    const reader = new Reader(file, document);
    return new Source(file, text, reader.read(document.contents), lines);
  }

  private constructor(
    /** The path as given. */
    public readonly file: string,
    private readonly text: string,
    private readonly root: Node,
    private readonly lines: InstanceType<typeof yaml.LineCounter>,
  ) {}

  public get value(): unknown {
    return this.root.value;
  }

  /** The hash that the AWS CDK uses to name the template of a nested stack. */
  public get hash(): string {
    return createHash('sha256').update(JSON.stringify(this.root.value)).digest('hex');
  }

  /**
   * The position that a path leads to, or the last part of the path that exists.
   *
   * @param words what to look for in a text at the end of the path, the best match first
   */
  public position(path: readonly string[], words: readonly Words[] = []): Position {
    const { start, node } = descend({ start: this.root.start, node: this.root }, path);
    const at = this.find(node, words) ?? start;
    const { line, col } = this.lines.linePos(at);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  private find(node: Node, words: readonly Words[]): number | undefined {
    if (words.length === 0) {
      return undefined;
    }
    const { text, offsets } = decoded(this.text.slice(node.start, node.end));
    for (const each of words) {
      const found = each.isSetting
        ? lastSetting(text, each.text)
        : text.indexOf(longest(each.text));
      if (found >= 0) {
        return node.start + offsets[found];
      }
    }
    return undefined;
  }
}

/** What to look for in a text. */
export interface Words {
  readonly text: string;
  /** Whether it is the name of a setting, of which the last one counts, instead of a line. */
  readonly isSetting: boolean;
}

class Reader {
  private nodes = 0;
  // To resolve an alias, the parser searches the whole document.
  private readonly aliases = new Map<unknown, unknown>();

  constructor(
    private readonly file: string,
    private readonly document: Document,
  ) {}

  public read(given: unknown, depth = 0): Node {
    if (++this.nodes > MOST_NODES || depth > 200) {
      throw new Error(
        `${this.file}: must have fewer than ${MOST_NODES} values with all aliases expanded`,
      );
    }
    if (given === null || given === undefined) {
      return { value: undefined, start: 0, end: 0 };
    }
    if (yaml.isAlias(given)) {
      if (!this.aliases.has(given)) {
        this.aliases.set(given, given.resolve(this.document));
      }
      return this.read(this.aliases.get(given), depth + 1);
    }
    const node = given as YamlNode;
    const tag = /^!([A-Za-z][\w:]*)$/.exec(node.tag ?? '')?.[1];
    const plain = this.untagged(node, depth);
    return tag === undefined ? plain : written(tag, plain);
  }

  private untagged(node: YamlNode, depth: number): Node {
    const [start, end] = node.range ?? [0, 0];
    if (yaml.isMap(node)) {
      const children = new Map<string, Child>();
      for (const { key, value } of node.items) {
        const name = this.read(key, depth + 1);
        const child = this.read(value, depth + 1);
        if (name.value === '<<') {
          // Later entries of the mapping win.
          for (const one of merged(child)) {
            for (const [each, inner] of one) {
              if (!children.has(each)) {
                children.set(each, inner);
              }
            }
          }
        } else {
          const empty =
            child.value === undefined ? { ...child, start: name.start, end: name.end } : child;
          children.set(String(name.value), { start: name.start, node: empty });
        }
      }
      return { value: objectOf(children), start, end, children };
    }
    if (yaml.isSeq(node)) {
      const children = new Map<string, Child>();
      node.items.forEach((item, index) => {
        const child = this.read(item, depth + 1);
        children.set(String(index), { start: child.start, node: child });
      });
      return {
        value: [...children.values()].map((child) => child.node.value),
        start,
        end,
        children,
      };
    }
    const { value, source } = node as { readonly value?: unknown; readonly source?: string };
    return { value: scalar(value, source), start, end };
  }
}

/** A scalar as CloudFormation reads it: a number keeps its digits (`0640`, account IDs). */
function scalar(value: unknown, source: string | undefined): unknown {
  if (value === null) {
    return undefined;
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    return source !== undefined && String(value) !== source ? source : Number(value);
  }
  return value;
}

function objectOf(children: ReadonlyMap<string, Child>): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, { node }] of children) {
    // An own property even if it is called __proto__.
    Object.defineProperty(value, name, {
      value: node.value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return value;
}

function merged({ children = new Map() }: Node): ReadonlyMap<string, Child>[] {
  return children.has('0')
    ? [...children.values()].flatMap(({ node }) => merged(node))
    : [children];
}

/** Expands a short form: `!GetAtt A.B` becomes `{ "Fn::GetAtt": ["A", "B"] }`. */
function written(tag: string, plain: Node): Node {
  const name = tag === 'Ref' || tag === 'Condition' ? tag : `Fn::${tag}`;
  let argument = plain;
  if (name === 'Fn::GetAtt' && typeof plain.value === 'string') {
    const dot = plain.value.indexOf('.');
    if (dot > 0) {
      argument = { ...plain, value: [plain.value.slice(0, dot), plain.value.slice(dot + 1)] };
    }
  }
  const children = new Map([[name, { start: plain.start, node: argument }]]);
  return { value: { [name]: argument.value }, start: plain.start, end: plain.end, children };
}

/** Follows a path as far as it exists. Names may have dots, and lists are searched by names of items. */
function descend(from: Child, path: readonly string[]): Child {
  if (path.length === 0) {
    return from;
  }
  const { children, value } = from.node;
  if (!children) {
    return from;
  }
  for (let length = path.length; length > 0; length--) {
    const child = children.get(path.slice(0, length).join('.'));
    if (child) {
      return descend(child, path.slice(length));
    }
  }
  if (intrinsic(value)) {
    // One of the options of a condition or a function may have the rest of the path.
    const found = [...leaves(from)].find((child) => child.node.children?.has(path[0]));
    return found ? descend(found, path) : from;
  }
  for (const { node } of Array.isArray(value) ? children.values() : []) {
    const item = node.value as { Name?: unknown } | undefined;
    if (item?.Name !== path[0]) {
      continue;
    }
    return descend(node.children?.get('Value') ?? { start: node.start, node }, path.slice(1));
  }
  return from;
}

function* leaves(from: Child): Iterable<Child> {
  for (const child of from.node.children?.values() ?? []) {
    yield child;
    if (child.node.children && (intrinsic(child.node.value) || Array.isArray(child.node.value))) {
      yield* leaves(child);
    }
  }
}

/** A piece of a file with JSON and YAML escapes decoded, and the place of each character. */
function decoded(raw: string): { readonly text: string; readonly offsets: readonly number[] } {
  const escapes = /^\s*["[{]/.test(raw);
  const offsets: number[] = [];
  let text = '';
  for (let at = 0; at < raw.length; at++) {
    offsets.push(at);
    const next = escapes && raw[at] === '\\' ? raw[at + 1] : undefined;
    if (next === undefined) {
      text += raw[at];
    } else {
      text += { n: '\n', t: '\t', r: '\r' }[next] ?? next;
      at++;
    }
  }
  return { text, offsets };
}

/** The longest part of a line that is known at synth time. */
const longest = (line: string): string =>
  line
    .split(/\uE000\d+\uE001/)
    .map((part) => part.trim())
    .sort((one, other) => other.length - one.length)[0] || '\uE000';

/** The last place that sets a setting, outside of comments, or else the last that mentions it. */
function lastSetting(text: string, name: string): number {
  const word = new RegExp(`(?<![\\w.-])${name.replace(/[^\w]/g, '\\$&')}(?![\\w-])`, 'gi');
  let given = -1;
  let mentioned = -1;
  for (const { index } of text.matchAll(word)) {
    const before = text.slice(text.lastIndexOf('\n', index) + 1, index);
    if (/(^|\s)#/.test(before)) {
      continue;
    }
    mentioned = index;
    if (
      /^["']?\s*\]?\s*(=(?!=)|:|\.\w+\()/.test(
        text.slice(index + name.length, index + name.length + 20),
      )
    ) {
      given = index;
    }
  }
  return given >= 0 ? given : mentioned;
}
