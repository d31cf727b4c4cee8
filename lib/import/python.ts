/** A value of Python, as far as a text determines it. */
export type Value =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'boolean'; readonly boolean: boolean }
  | { readonly kind: 'none' }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Value[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Value, Value])[] }
  | { readonly kind: 'unknown'; readonly why: string };

/** The settings that a file assigns, and what else it does to them. */
export interface Settings {
  /** The last values, by name. */
  readonly values: ReadonlyMap<string, Value>;
  /** The lines that can change settings in another way, with the reason. */
  readonly others: readonly (readonly [number, string])[];
}

export const text = (value: string): Value => ({ kind: 'text', text: value });
export const unknown = (why: string): Value => ({ kind: 'unknown', why });

/** The value of a key, if a value is a map that has it. */
export function entryOf(value: Value | undefined, key: string): Value | undefined {
  return value?.kind === 'map'
    ? value.entries.find(([name]) => name.kind === 'text' && name.text === key)?.[1]
    : undefined;
}

interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'operator';
  readonly text: string;
  /** The prefix of a string. */
  readonly prefix: string;
  readonly line: number;
}

interface Line {
  readonly indent: number;
  readonly tokens: readonly Token[];
}

const SPACE = /[ \t\f]+|\\\r?\n|#[^\n]*/y;
const STRING =
  /([a-z]{0,2})("""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*')/iy;
const NUMBER = /0[xob][\da-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?/iy;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const OPERATOR = /\*\*=?|\/\/=?|>>=?|<<=?|[-+*/%@&|^=!<>:]=|->|[-+*/%@&|^~<>()[\]{},:.;=]/y;

/** The logical lines of a Python file, without comments. */
function linesOf(source: string, complain: (line: number, why: string) => void): Line[] {
  const lines: Line[] = [];
  let tokens: Token[] = [];
  let indent = 0;
  let depth = 0;
  let line = 1;
  let at = 0;
  let start = 0;
  const pass = (text: string): void => {
    const newline = text.lastIndexOf('\n');
    if (newline >= 0) {
      start = at + newline + 1;
      line += text.split('\n').length - 1;
    }
    at += text.length;
  };
  const end = (): void => {
    if (tokens.length) {
      lines.push({ indent, tokens });
    }
    tokens = [];
  };
  while (at < source.length) {
    const match = (pattern: RegExp): RegExpExecArray | null => {
      pattern.lastIndex = at;
      return pattern.exec(source);
    };
    if (source[at] === '\n' || source[at] === '\r') {
      if (source[at] === '\n' && depth === 0) {
        end();
      }
      pass(source[at]);
      continue;
    }
    const space = match(SPACE);
    if (space) {
      pass(space[0]);
      continue;
    }
    if (tokens.length === 0) {
      indent = at - start;
    }
    const string = match(STRING);
    const [kind, found] = string
      ? (['text', string] as const)
      : ((
          [
            ['number', match(NUMBER)],
            ['name', match(NAME)],
            ['operator', match(OPERATOR)],
          ] as const
        ).find(([, each]) => each) ?? ['operator', null]);
    if (!found) {
      // What comes after a quote may be a secret
      complain(line, `not Python: ${source.slice(at, at + 20).split(/[\n'"]/)[0]}`);
      at++;
      continue;
    }
    tokens.push({ kind, text: string ? string[2] : found[0], prefix: string?.[1] ?? '', line });
    pass(found[0]);
    if (/^[([{]$/.test(found[0])) {
      depth++;
    } else if (/^[)\]}]$/.test(found[0])) {
      depth = Math.max(0, depth - 1);
    }
  }
  end();
  return lines;
}

const ESCAPES: Record<string, string> = {
  ...{ n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' },
  ...{ '\n': '', '\\': '\\', "'": "'", '"': '"' },
};

/** The text of a string, or undefined if Python does not read it, or by names of characters. */
function unescaped(inner: string): string | undefined {
  let isKnown = true;
  const result = inner.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([^]))/g,
    (all, hex, short, long, octal: string | undefined, other: string | undefined) => {
      const code = (hex ?? short ?? long) as string | undefined;
      if (code !== undefined) {
        const point = parseInt(code, 16);
        isKnown &&= point <= 0x10ffff;
        return isKnown ? String.fromCodePoint(point) : '';
      }
      isKnown &&= !/^[NUux]$/.test(other ?? '');
      return octal === undefined
        ? (ESCAPES[other!] ?? all)
        : String.fromCharCode(parseInt(octal, 8));
    },
  );
  return isKnown ? result : undefined;
}

/** How deep brackets may be. */
const DEEPEST = 100;

class Unreadable extends Error {}

const TRANSLATIONS = /^(_|u?n?p?gettext(_lazy|_noop)?)$/;
const COMPARISONS = new Set(['==', '!=', '<', '>', '<=', '>=', 'in', 'is', 'not']);

/** Reads expressions, without running them. */
class Expressions {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly names: ReadonlyMap<string, Value>,
  ) {}

  /** The value of all tokens; several with commas are a tuple. */
  public whole(): Value {
    try {
      const items: Value[] = [];
      for (;;) {
        items.push(this.value());
        if (!this.takes(',')) {
          break;
        }
        if (this.at >= this.tokens.length) {
          return { kind: 'tuple', items };
        }
      }
      if (this.at < this.tokens.length) {
        throw new Unreadable(`not followed: ${this.source()}`);
      }
      return items.length > 1 ? { kind: 'tuple', items } : items[0];
    } catch (error) {
      if (error instanceof Unreadable) {
        return unknown(error.message);
      }
      throw error;
    }
  }

  private source(): string {
    const all = this.tokens.map(({ text: each, kind }) => (kind === 'text' ? "'…'" : each));
    return `\`${all.join(' ').slice(0, 60)}\``;
  }

  private get next(): string | undefined {
    const token = this.tokens[this.at];
    return token?.kind === 'text' ? undefined : token?.text;
  }

  private takes(operator: string): boolean {
    if (this.next === operator) {
      this.at++;
      return true;
    }
    return false;
  }

  private expect(operator: string): void {
    if (!this.takes(operator)) {
      throw new Unreadable(`not followed: ${this.source()}`);
    }
  }

  private value(): Value {
    return this.nested(() => this.conditional());
  }

  private conditional(): Value {
    if (this.next === 'lambda' || this.next === 'await' || this.next === 'yield') {
      throw new Unreadable(`code: ${this.source()}`);
    }
    const value = this.either();
    if (!this.takes('if')) {
      return value;
    }
    const condition = this.either();
    this.expect('else');
    const otherwise = this.value();
    if (condition.kind !== 'boolean') {
      return unknown(`depends on a condition: ${this.source()}`);
    }
    return condition.boolean ? value : otherwise;
  }

  /** Boolean operators, of which a side that is not known decides nothing. */
  private either(): Value {
    let value = this.both();
    while (this.takes('or')) {
      value = this.decided(value, this.both(), true);
    }
    return value;
  }

  private both(): Value {
    let value = this.negated();
    while (this.takes('and')) {
      value = this.decided(value, this.negated(), false);
    }
    return value;
  }

  /** The first value if it decides `or` or `and`, or else the second one. */
  private decided(one: Value, other: Value, by: boolean): Value {
    return one.kind !== 'boolean' ? this.computed() : one.boolean === by ? one : other;
  }

  /** Comparisons are not followed. */
  private negated(): Value {
    if (this.takes('not')) {
      const value = this.nested(() => this.negated());
      return value.kind === 'boolean' ? { ...value, boolean: !value.boolean } : this.computed();
    }
    let value = this.sum();
    for (let next = this.next; next !== undefined && COMPARISONS.has(next); next = this.next) {
      this.at++;
      if (next === 'is' || next === 'not') {
        this.takes(next === 'is' ? 'not' : 'in');
      }
      this.sum();
      value = this.computed();
    }
    return value;
  }

  /** Reads what is inside of something else; too deep for Python is too deep here. */
  private nested(read: () => Value): Value {
    if (this.depth >= DEEPEST) {
      throw new Unreadable(`not followed: ${this.source()}`);
    }
    this.depth++;
    try {
      return read();
    } finally {
      this.depth--;
    }
  }

  private computed(): Value {
    return unknown(`computed: ${this.source()}`);
  }

  private sum(): Value {
    let value = this.product();
    for (;;) {
      const operator = this.next;
      if (operator === '|') {
        this.at++;
        this.product();
        value = this.computed();
      } else if (operator === '+' || operator === '-') {
        this.at++;
        value = this.added(value, this.product(), operator);
      } else {
        return value;
      }
    }
  }

  private added(one: Value, other: Value, operator: string): Value {
    if (one.kind === 'number' && other.kind === 'number') {
      const sign = operator === '+' ? 1 : -1;
      return { kind: 'number', number: one.number + sign * other.number };
    }
    if (operator === '+' && one.kind === 'text' && other.kind === 'text') {
      return text(one.text + other.text);
    }
    if (operator === '+' && (one.kind === 'list' || one.kind === 'tuple')) {
      if (other.kind === one.kind) {
        return { kind: one.kind, items: [...one.items, ...other.items] };
      }
    }
    return [one, other].find(({ kind }) => kind === 'unknown') ?? this.computed();
  }

  private product(): Value {
    let value = this.unary();
    for (;;) {
      const operator = this.next ?? '';
      if (!['*', '/', '//', '%', '**'].includes(operator)) {
        return value;
      }
      this.at++;
      const other = this.unary();
      if (operator === '%' && value.kind === 'text') {
        value = this.filled(value.text, other);
      } else if (value.kind === 'number' && other.kind === 'number') {
        const [one, two] = [value.number, other.number];
        const results: Record<string, number> = {
          ...{ '*': one * two, '/': one / two, '//': Math.floor(one / two) },
          ...{ '%': one - two * Math.floor(one / two), '**': one ** two },
        };
        value = { kind: 'number', number: results[operator] };
      } else {
        value = [value, other].find(({ kind }) => kind === 'unknown') ?? this.computed();
      }
    }
  }

  private unary(): Value {
    if (this.takes('-')) {
      const value = this.nested(() => this.unary());
      return value.kind === 'number' ? { ...value, number: -value.number } : this.computed();
    }
    let value = this.atom();
    for (;;) {
      if (this.takes('.')) {
        const name = this.tokens[this.at++]?.text ?? '';
        value = this.takes('(') ? this.method(value, name) : this.computed();
      } else if (this.takes('[')) {
        value = this.item(value);
      } else if (this.takes('(')) {
        this.items(')');
        value = this.computed();
      } else {
        return value;
      }
    }
  }

  private item(value: Value): Value {
    const [key, ...others] = this.items(']');
    if (!key || others.length) {
      return this.computed();
    }
    if (value.kind === 'map' && key.kind === 'text') {
      return entryOf(value, key.text) ?? this.computed();
    }
    if ((value.kind === 'list' || value.kind === 'tuple') && key.kind === 'number') {
      return value.items.at(key.number) ?? this.computed();
    }
    return value.kind === 'unknown' ? value : this.computed();
  }

  /** The items up to a closing bracket. One that is not readable is unknown, but not the others. */
  private items(close: string, keywords?: (readonly [Value, Value])[]): Value[] {
    const items: Value[] = [];
    while (!this.takes(close)) {
      const start = this.at;
      const spread = this.next === '*' || this.next === '**';
      if (spread) {
        this.at++;
      }
      const isKeyword =
        this.tokens[this.at]?.kind === 'name' && this.tokens[this.at + 1]?.text === '=';
      const keyword = isKeyword ? this.tokens[this.at].text : undefined;
      if (isKeyword) {
        this.at += 2;
      }
      const value = this.bounded(start);
      if (spread) {
        if (value.kind === 'list' || value.kind === 'tuple') {
          items.push(...value.items);
        } else if (value.kind === 'map' && keywords) {
          keywords.push(...value.entries);
        } else {
          items.push(this.computed());
        }
      } else if (keyword !== undefined) {
        keywords?.push([text(keyword), value]);
      } else {
        items.push(value);
      }
      this.separated(close);
    }
    return items;
  }

  private separated(close: string): void {
    if (!this.takes(',') && this.next !== close) {
      throw new Unreadable(`not followed: ${this.source()}`);
    }
  }

  /** A value inside of brackets. If it cannot be read, what is left of it is skipped. */
  private bounded(start: number, ends = /^[,)\]}]$/): Value {
    try {
      const value = this.value();
      if (this.next !== undefined && ends.test(this.next)) {
        return value;
      }
    } catch (error) {
      if (!(error instanceof Unreadable)) {
        throw error;
      }
    }
    this.at = start;
    for (let open = 0; this.at < this.tokens.length; this.at++) {
      const next = this.next ?? '';
      if (open === 0 && ends.test(next)) {
        break;
      }
      open += /^[([{]$/.test(next) ? 1 : /^[)\]}]$/.test(next) ? -1 : 0;
    }
    if (this.at >= this.tokens.length) {
      throw new Unreadable(`not closed: ${this.source()}`);
    }
    const skipped = new Expressions(this.tokens.slice(start, this.at), this.names);
    return unknown(`computed: ${skipped.source()}`);
  }

  private map(): Value {
    const entries: (readonly [Value, Value])[] = [];
    const items: Value[] = [];
    while (!this.takes('}')) {
      if (this.takes('**')) {
        const value = this.bounded(this.at);
        if (value.kind !== 'map') {
          throw new Unreadable(`computed: ${this.source()}`);
        }
        entries.push(...value.entries);
      } else {
        const key = this.bounded(this.at, /^[,:}]$/);
        if (this.takes(':')) {
          entries.push([key, this.bounded(this.at)]);
        } else {
          items.push(key);
        }
      }
      this.separated('}');
    }
    return items.length ? { kind: 'list', items } : { kind: 'map', entries: merged([], entries) };
  }

  private atom(): Value {
    const token = this.tokens[this.at];
    if (!token) {
      throw new Unreadable(`incomplete: ${this.source()}`);
    }
    if (token.kind === 'text') {
      return this.string();
    }
    this.at++;
    if (token.kind === 'number') {
      const number = Number(token.text.replaceAll('_', ''));
      return { kind: 'number', number };
    }
    if (token.kind === 'name') {
      return this.named(token.text);
    }
    if (token.text === '[') {
      return { kind: 'list', items: this.items(']') };
    }
    if (token.text === '{') {
      return this.map();
    }
    if (token.text === '(') {
      const items = this.items(')');
      const isTuple = items.length !== 1 || this.tokens[this.at - 2].text === ',';
      return isTuple ? { kind: 'tuple', items } : items[0];
    }
    throw new Unreadable(`not followed: ${this.source()}`);
  }

  /** Adjacent strings are one string. */
  private string(): Value {
    let joined: Value = text('');
    for (; this.tokens[this.at]?.kind === 'text'; this.at++) {
      const { text: quoted, prefix } = this.tokens[this.at];
      const length = /^("""|''')/.test(quoted) ? 3 : 1;
      const inner = quoted.slice(length, -length);
      const plain = /r/i.test(prefix) ? inner : unescaped(inner);
      if (plain === undefined) {
        return this.skipped();
      }
      joined = this.added(joined, /f/i.test(prefix) ? this.formatted(plain) : text(plain), '+');
    }
    return joined;
  }

  /** A string with an escape that is not read here, with those that follow it. */
  private skipped(): Value {
    while (this.tokens[this.at]?.kind === 'text') {
      this.at++;
    }
    return unknown('a text with an escape that is not read here');
  }

  /** The value of a formatted string, if only known names are in it. */
  private formatted(plain: string): Value {
    let isKnown = true;
    const value = plain.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (part, name: string | undefined) => {
      const known = name === undefined ? text(part[0]) : this.names.get(name.trim());
      isKnown &&= known !== undefined && shown(known) !== undefined;
      return known === undefined ? '' : (shown(known) ?? '');
    });
    return isKnown ? text(value) : this.computed();
  }

  /** The result of `%`, if all that it fills in is known. */
  private filled(format: string, other: Value): Value {
    const items = other.kind === 'tuple' ? other.items : [other];
    let next = 0;
    let isKnown = true;
    const value = format.replace(/%(?:\((\w+)\))?([^]?)/g, (_all, name: string, kind: string) => {
      if (kind === '%') {
        return '%';
      }
      isKnown &&= kind === 's' || kind === 'd' || kind === 'r';
      const item = name === undefined ? items[next++] : entryOf(other, name);
      const part = item && shown(item);
      isKnown &&= part !== undefined;
      return part ?? '';
    });
    return isKnown ? text(value) : this.computed();
  }

  private named(name: string): Value {
    switch (name) {
      case 'True':
      case 'False':
        return { kind: 'boolean', boolean: name === 'True' };
      case 'None':
        return { kind: 'none' };
      case 'os':
        return this.ofSystem();
    }
    if (!this.takes('(')) {
      return this.names.get(name) ?? unknown(`computed: \`${name}\``);
    }
    const keywords: [Value, Value][] = [];
    const items = this.items(')', keywords);
    if (TRANSLATIONS.test(name)) {
      return items[0] ?? this.computed();
    }
    if (name === 'dict') {
      const given = items.length ? asMap(items[0]) : [];
      return given ? { kind: 'map', entries: merged(given, keywords) } : this.computed();
    }
    if (/^(list|tuple|set|frozenset|sorted)$/.test(name)) {
      const [first = { kind: 'list', items: [] }] = items;
      return first.kind === 'list' || first.kind === 'tuple'
        ? { kind: name === 'tuple' ? 'tuple' : 'list', items: first.items }
        : this.computed();
    }
    if (/^(str|int|bool)$/.test(name) && items.length === 1) {
      const kinds = { str: 'text', int: 'number', bool: 'boolean' };
      return items[0].kind === kinds[name as 'str'] ? items[0] : this.computed();
    }
    return unknown(`computed: \`${name}(…)\``);
  }

  /** `os.environ`, `os.getenv` and `os.path.join`. */
  private ofSystem(): Value {
    const path: string[] = [];
    while (this.takes('.')) {
      path.push(this.tokens[this.at++]?.text ?? '');
    }
    const isCall = this.next === '(';
    if (!isCall && this.next !== '[') {
      return this.computed();
    }
    this.at++;
    const items = this.items(isCall ? ')' : ']');
    if (path[0] === 'environ' || path[0] === 'getenv') {
      const [name] = items;
      return unknown(
        `reads the environment variable${name?.kind === 'text' ? ` ${name.text}` : ''}`,
      );
    }
    const parts = items.map((item) => (item.kind === 'text' ? item.text : undefined));
    return path.join('.') === 'path.join' && parts.every((part) => part !== undefined)
      ? text(parts.join('/').replace(/\/{2,}/g, '/'))
      : this.computed();
  }

  private method(value: Value, name: string): Value {
    const keywords: [Value, Value][] = [];
    const items = this.items(')', keywords);
    const [first] = items;
    if (value.kind === 'text' && name === 'format') {
      const named: Value = { kind: 'map', entries: keywords };
      let next = 0;
      let isKnown = true;
      const result = value.text.replace(/\{\{|\}\}|\{(\w*)\}|[{}]/g, (all, key?: string) => {
        if (key === undefined) {
          isKnown &&= all.length > 1;
          return all[0];
        }
        const item = /^\d*$/.test(key) ? items[key ? Number(key) : next++] : entryOf(named, key);
        const part = item && shown(item);
        isKnown &&= part !== undefined;
        return part ?? '';
      });
      return isKnown ? text(result) : this.computed();
    }
    if (value.kind === 'text' && name === 'split' && first?.kind === 'text') {
      return { kind: 'list', items: value.text.split(first.text).map(text) };
    }
    if (value.kind === 'text' && name === 'strip' && !first) {
      return text(value.text.trim());
    }
    if (name === 'copy') {
      return value;
    }
    return value.kind === 'unknown' ? value : this.computed();
  }
}

/** A value in a string. */
function shown(value: Value): string | undefined {
  return value.kind === 'text'
    ? value.text
    : value.kind === 'number'
      ? String(value.number)
      : undefined;
}

type Entries = readonly (readonly [Value, Value])[];

/** The entries of a map, or of pairs. */
function asMap(value: Value): Entries | undefined {
  if (value.kind === 'map') {
    return value.entries;
  }
  if (value.kind !== 'list' && value.kind !== 'tuple') {
    return undefined;
  }
  const pairs = value.items.map((item) =>
    (item.kind === 'list' || item.kind === 'tuple') && item.items.length === 2
      ? ([item.items[0], item.items[1]] as const)
      : undefined,
  );
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined;
}

/** The entries of a map after an update. */
function merged(entries: Entries, changes: Entries): Entries {
  const id = (key: Value): string => JSON.stringify(key);
  return [...new Map([...entries, ...changes].map((entry) => [id(entry[0]), entry])).values()];
}

/** A value in which another one is at a path of keys. */
function placed(value: Value | undefined, keys: readonly Value[], inner: Value): Value {
  if (keys.length === 0) {
    return inner;
  }
  const [key, ...others] = keys;
  if (value && value.kind !== 'map') {
    return value.kind === 'unknown' ? value : unknown('a key of something that is not a dict');
  }
  const entries = value?.entries ?? [];
  const before = entries.find(([name]) => JSON.stringify(name) === JSON.stringify(key))?.[1];
  return { kind: 'map', entries: merged(entries, [[key, placed(before, others, inner)]]) };
}

/** Reads the assignments of a Python file, in their order, without running them. */
class Statements {
  public readonly values: Map<string, Value>;
  public readonly others: [number, string][] = [];

  constructor(before?: Settings) {
    this.values = new Map(before?.values);
  }

  public run(lines: readonly Line[], condition?: string): void {
    for (let at = 0; at < lines.length;) {
      const { tokens, indent } = lines[at];
      let end = at + 1;
      while (end < lines.length && lines[end].indent > indent) {
        end++;
      }
      if (/^(if|elif|else|try|except|finally|for|while|with|async)$/.test(tokens[0].text)) {
        at = this.compound(lines, at, end, condition);
        continue;
      }
      if (!/^(def|class|@)$/.test(tokens[0].text)) {
        for (const statement of split(tokens, ';')) {
          this.simple(statement, condition);
        }
      }
      at = end;
    }
  }

  /** Runs the branch of an `if` that applies. In all other blocks, assignments are unknown. */
  private compound(
    lines: readonly Line[],
    start: number,
    end: number,
    condition: string | undefined,
  ): number {
    const { tokens, indent } = lines[start];
    const colon = colonOf(tokens);
    const suite = tokens.slice(colon + 1);
    const block = [
      ...(suite.length ? [{ indent, tokens: suite }] : []),
      ...lines.slice(start + 1, end),
    ];
    const [{ text: keyword, line }] = tokens;
    const header = tokens.slice(1, colon);
    const known =
      keyword === 'if' ? new Expressions(header, this.values).whole() : unknown('not an if');
    if (known.kind !== 'boolean') {
      this.run(block, condition ?? `is set in a block on line ${line}, \`${keyword}\``);
      return end;
    }
    if (known.boolean) {
      this.run(block, condition);
    }
    // The branches that follow
    let at = end;
    while (
      at < lines.length &&
      lines[at].indent === indent &&
      /^(elif|else)$/.test(lines[at].tokens[0].text)
    ) {
      let next = at + 1;
      while (next < lines.length && lines[next].indent > indent) {
        next++;
      }
      if (!known.boolean) {
        const [first, ...rest] = lines[at].tokens;
        const isElse = first.text === 'else';
        const branch = {
          indent,
          tokens: [
            { ...first, text: 'if' },
            ...(isElse ? [{ ...first, kind: 'name' as const, text: 'True' }] : []),
            ...rest,
          ],
        };
        const changed = [...lines.slice(0, at), branch, ...lines.slice(at + 1)];
        return this.compound(changed, at, next, condition);
      }
      at = next;
    }
    return at;
  }

  private simple(tokens: readonly Token[], condition: string | undefined): void {
    if (tokens.length === 0) {
      return;
    }
    const [first] = tokens;
    if (first.text === 'from' || first.text === 'import') {
      if (tokens.at(-1)!.text === '*') {
        this.others.push([
          first.line,
          `imports all names of \`${tokens
            .slice(1, -2)
            .map(({ text: each }) => each)
            .join('')}\``,
        ]);
      }
      return;
    }
    if (first.text === 'exec' || first.text === 'execfile') {
      this.others.push([first.line, 'runs another file']);
      return;
    }
    const targets = split(tokens, '=');
    if (targets.length > 1) {
      const value = new Expressions(targets.at(-1)!, this.values).whole();
      if (!targets.slice(0, -1).every(isTarget)) {
        this.others.push([first.line, 'not followed: an assignment']);
        return;
      }
      for (const target of targets.slice(0, -1)) {
        this.assign(annotated(target), value, condition);
      }
      return;
    }
    const augmented = tokens.findIndex(
      ({ text: each, kind }) => kind === 'operator' && /^([-+*/%|&]|\/\/)=$/.test(each),
    );
    if (augmented > 0) {
      const target = tokens.slice(0, augmented);
      const operator = { ...tokens[augmented], text: tokens[augmented].text.slice(0, -1) };
      const right = tokens.slice(augmented + 1);
      const bracket = (each: string): Token => ({ ...operator, text: each });
      const value = new Expressions(
        [...target, operator, bracket('('), ...right, bracket(')')],
        this.values,
      ).whole();
      this.assign(target, value, condition);
      return;
    }
    this.call(tokens, condition);
  }

  /** Calls that change a value: `update`, `append`, `extend`, `setdefault`. */
  private call(tokens: readonly Token[], condition: string | undefined): void {
    const at = tokens.findIndex(
      ({ text: each }, index) =>
        /^(update|append|extend|insert|setdefault|pop|remove|clear)$/.test(each) &&
        tokens[index - 1]?.text === '.' &&
        tokens[index + 1]?.text === '(',
    );
    if (at < 2) {
      return;
    }
    const target = tokens.slice(0, at - 1);
    const values = new Expressions(target, this.values);
    const before = this.known(target[0].text) ? values.whole() : undefined;
    const inner = tokens.slice(at + 2, -1);
    const argument = (): Value => new Expressions(inner, this.values).whole();
    const method = tokens[at].text;
    let value = unknown(`changed with \`${method}\``);
    if (method === 'update') {
      const dict = { ...tokens[at], kind: 'name' as const, text: 'dict' };
      const given = new Expressions([dict, ...tokens.slice(at + 1)], this.values).whole();
      if (given.kind === 'map' && (before === undefined || before.kind === 'map')) {
        value = { kind: 'map', entries: merged(before?.entries ?? [], given.entries) };
      } else if (given.kind === 'unknown') {
        value = given;
      }
    } else if (before?.kind === 'list' && (method === 'append' || method === 'extend')) {
      const given = argument();
      if (method === 'append') {
        value = { kind: 'list', items: [...before.items, given] };
      } else if (given.kind === 'list' || given.kind === 'tuple') {
        value = { kind: 'list', items: [...before.items, ...given.items] };
      }
    }
    this.assign(target, value, condition);
  }

  private known(name: string): boolean {
    return this.values.has(name);
  }

  private assign(target: readonly Token[], value: Value, condition: string | undefined): void {
    const [name, ...subscripts] = target;
    const keys: Value[] = [];
    for (let at = 0; at < subscripts.length;) {
      const end = subscripts.findIndex((token, index) => index > at && token.text === ']');
      if (subscripts[at].text !== '[' || end < 0) {
        return;
      }
      keys.push(new Expressions(subscripts.slice(at + 1, end), this.values).whole());
      at = end + 1;
    }
    const changed = condition === undefined ? value : unknown(condition);
    this.values.set(name.text, placed(this.values.get(name.text), keys, changed));
  }
}

/** Whether an assignment is to a name, or to keys of what has the name. */
const isTarget = (target: readonly Token[]): boolean =>
  target[0]?.kind === 'name' &&
  (target.length === 1 ||
    target[1].text === ':' ||
    (target[1].text === '[' && target.at(-1)!.text === ']'));

/** The target of an assignment without its type. */
function annotated(target: readonly Token[]): readonly Token[] {
  return target[1]?.text === ':' ? target.slice(0, 1) : target;
}

/** The position of the colon that ends the first line of a block. */
function colonOf(tokens: readonly Token[]): number {
  let depth = 0;
  const found = tokens.findIndex(({ text: each, kind }) => {
    if (kind !== 'operator') {
      return false;
    }
    depth += /^[([{]$/.test(each) ? 1 : /^[)\]}]$/.test(each) ? -1 : 0;
    return depth === 0 && each === ':';
  });
  return found < 0 ? tokens.length : found;
}

/** Splits at an operator outside of brackets. */
function split(tokens: readonly Token[], operator: string): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'operator') {
      depth += /^[([{]$/.test(token.text) ? 1 : /^[)\]}]$/.test(token.text) ? -1 : 0;
      if (depth === 0 && token.text === operator) {
        parts.push([]);
        continue;
      }
    }
    parts.at(-1)!.push(token);
  }
  return parts;
}

/**
 * Reads what a Python file such as `local_settings.py` assigns. Nothing of the file is run: a value
 * that is not a literal, or made of literals, is unknown.
 *
 * @param before the settings of the files that Horizon reads before this one
 */
export function readSettings(source: string, before?: Settings): Settings {
  const statements = new Statements(before);
  const complain = (line: number, why: string): void => void statements.others.push([line, why]);
  statements.run(linesOf(source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'), complain));
  return statements;
}

/** Reads one expression of Python, without running it. */
export function readExpression(source: string): Value {
  const tokens = linesOf(`(${source}\n)`, () => undefined).flatMap((line) => line.tokens);
  return new Expressions(tokens, new Map()).whole();
}
