/** A Python value, as far as it is literal. */
export type Literal =
  | { readonly kind: 'text' | 'constant'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Literal[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, Literal])[] }
  | { readonly kind: 'expression' };

const EXPRESSION: Literal = { kind: 'expression' };
// Settings are short. Longer texts are not settings, and parsing them repeatedly would be slow.
const LONGEST = 20_000;
const DEEPEST = 20;

/** The values of names, as far as they are known. */
export type Names = ReadonlyMap<string, Literal>;

const NO_NAMES: Names = new Map();

/** A hole without a reference, for a value that Python computes. */
export const COMPUTED = '\uE000999999\uE001';

/** Reads the dict, list, string or constant at a position of a text. */
export function readLiteral(source: string, start = 0, names: Names = NO_NAMES): Literal {
  return new Reader(source.slice(start, start + LONGEST), names).value(0);
}

/** Reads the value of an assignment, which starts at a position of a text. */
export function readAssigned(
  source: string,
  start: number,
  names: Names,
  longest = LONGEST,
): { readonly value: Literal; readonly end?: number } {
  const { value, end } = new Reader(source.slice(start, start + longest), names).assigned();
  return { value, end: end === undefined ? undefined : start + end };
}

/** Reads the arguments of a call, which start at a position of a text. */
export function readArguments(source: string, start: number, names: Names): Arguments {
  return new Reader(source.slice(start, start + LONGEST), names).arguments(0);
}

/** The arguments of a call. */
export interface Arguments {
  readonly items: readonly Literal[];
  readonly entries: readonly (readonly [string, Literal])[];
}

/** Joins two values like `+` and `|`. */
export function combined(one: Literal, other: Literal): Literal {
  if (one.kind === 'map' || other.kind === 'map') {
    const entries = [one, other].flatMap((each) => (each.kind === 'map' ? each.entries : []));
    return { kind: 'map', entries };
  }
  if (one.kind === 'list' || other.kind === 'list') {
    const items = [one, other].flatMap((each) =>
      each.kind === 'list' ? each.items : [EXPRESSION],
    );
    return { kind: 'list', items };
  }
  if (one.kind !== 'text' && other.kind !== 'text') {
    return EXPRESSION;
  }
  const text = [one, other].map((each) => (each.kind === 'text' ? each.text : COMPUTED)).join('');
  return { kind: 'text', text };
}

/** The argument of `dict` and `update`: a dict, or pairs of keys and values. */
export function asMap(value: Literal | undefined): Literal | undefined {
  if (value?.kind !== 'list') {
    return value;
  }
  const entries = value.items.map((item) => {
    const [key, inner] = item.kind === 'list' && item.items.length === 2 ? item.items : [];
    return key?.kind === 'text' ? ([key.text, inner!] as const) : undefined;
  });
  return entries.some((entry) => entry === undefined)
    ? { kind: 'expression' }
    : { kind: 'map', entries: entries.map((entry) => entry!) };
}

class Reader {
  private at = 0;

  constructor(
    private readonly source: string,
    private readonly names: Names = NO_NAMES,
  ) {}

  public value(depth: number): Literal {
    this.skip();
    if (depth > DEEPEST || this.source[this.at] === undefined) {
      return EXPRESSION;
    }
    let value = this.term(depth);
    for (;;) {
      const before = this.at;
      if (depth === 0) {
        this.blanks();
      } else {
        this.skip();
      }
      if (!/[+|]/.test(this.source[this.at] ?? '') || this.source[this.at + 1] === '=') {
        if (depth === 0) {
          this.at = before;
        }
        break;
      }
      this.at++;
      this.skip();
      value = combined(value, this.term(depth));
    }
    if (depth === 0) {
      return value;
    }
    this.skip();
    // More than a literal: an expression that extends to the end of this item.
    return this.ends() ? value : this.rest(depth);
  }

  /** A value up to the end of its statement. Several values with commas are a tuple. */
  public assigned(): { value: Literal; end?: number } {
    const items: Literal[] = [];
    for (;;) {
      this.blanks();
      const value = this.value(0);
      this.blanks();
      const next = this.source[this.at];
      const isTuple = next === ',';
      if (!isTuple && next !== undefined && !/[\r\n;#]/.test(next)) {
        return { value: EXPRESSION };
      }
      items.push(value);
      const tuple: Literal = { kind: 'list', items };
      if (!isTuple) {
        return { value: items.length === 1 ? value : tuple, end: this.at };
      }
      this.at++;
      this.blanks();
      if (/^[\r\n;#]?$/.test(this.source[this.at] ?? '')) {
        return { value: tuple, end: this.at };
      }
    }
  }

  private term(depth: number): Literal {
    if (depth > DEEPEST) {
      return this.rest(depth);
    }
    const open = this.source[this.at];
    let value: Literal;
    if (open === '{') {
      value = this.map(depth);
    } else if (open === '[' || open === '(') {
      value = this.list(open === '[' ? ']' : ')', depth);
    } else {
      value = this.text(depth) ?? this.named(depth) ?? this.constant() ?? this.other(depth);
    }
    for (;;) {
      const before = this.at;
      if (depth === 0) {
        this.blanks();
      } else {
        this.skip();
      }
      const method = /\.([A-Za-z_]\w*)[ \t]*(\()?/y;
      method.lastIndex = this.at;
      const match = method.exec(this.source);
      if (match) {
        this.at += match[0].length;
        value = match[2] ? called(value, match[1], this.arguments(depth)) : EXPRESSION;
      } else if (this.source[this.at] === '%' && this.source[this.at + 1] !== '=') {
        this.at++;
        this.skip();
        value = filled(value, this.term(depth + 1));
      } else if (this.source[this.at] === '[' && this.at === before) {
        this.list(']', depth);
        value = EXPRESSION;
      } else {
        this.at = before;
        return value;
      }
    }
  }

  /** An unknown name, or a call of it. */
  private other(depth: number): Literal {
    const name = /[A-Za-z_]\w*[ \t]*(\()?/y;
    name.lastIndex = this.at;
    const match = name.exec(this.source);
    if (!match || /^(not|lambda|await|yield)\b/.test(match[0])) {
      return this.rest(depth);
    }
    this.at += match[0].length;
    if (match[1]) {
      this.arguments(depth);
    }
    return EXPRESSION;
  }

  /** A known name, or a call that computes a value from its arguments. */
  private named(depth: number): Literal | undefined {
    const name = /([A-Za-z_]\w*)(?:([ \t]*\()|(?![\w[(]))/y;
    name.lastIndex = this.at;
    const match = name.exec(this.source);
    if (!match) {
      return undefined;
    }
    const [all, word, call] = match;
    if (!call) {
      const known = this.names.get(word);
      if (known) {
        this.at += all.length;
      }
      return known;
    }
    if (!/^(dict|list|tuple|set|frozenset|sorted|str|deepcopy)$/.test(word)) {
      return undefined;
    }
    this.at += all.length;
    const { items, entries } = this.arguments(depth);
    const [first] = items;
    if (word === 'dict') {
      const pairs = asMap(first);
      const given = pairs?.kind === 'map' ? pairs.entries : [];
      return { kind: 'map', entries: [...given, ...entries] };
    }
    if (word === 'str' || word === 'deepcopy') {
      return first ?? EXPRESSION;
    }
    return first === undefined || first.kind === 'list'
      ? (first ?? { kind: 'list', items: [] })
      : { kind: 'list', items: [EXPRESSION] };
  }

  /** The arguments of a call, after its parenthesis. */
  public arguments(depth: number): Arguments {
    const items: Literal[] = [];
    const entries: [string, Literal][] = [];
    for (;;) {
      this.skip();
      if (this.at >= this.source.length || this.source[this.at] === ')') {
        break;
      }
      const keyword = /([A-Za-z_]\w*)\s*=(?!=)/y;
      keyword.lastIndex = this.at;
      const match = keyword.exec(this.source);
      if (match) {
        this.at += match[0].length;
      }
      const value = this.value(depth + 1);
      if (match) {
        entries.push([match[1], value]);
      } else {
        items.push(value);
      }
      if (this.source[this.at] === ',') {
        this.at++;
      } else if (this.source[this.at] !== ')') {
        break;
      }
    }
    this.at++;
    return { items, entries };
  }

  private map(depth: number): Literal {
    const entries: [string, Literal][] = [];
    this.at++;
    for (;;) {
      this.skip();
      if (this.source[this.at] === '}') {
        break;
      }
      if (this.source.startsWith('**', this.at)) {
        this.at += 2;
        const spread = this.value(depth + 1);
        if (spread.kind === 'map') {
          for (const [name, value] of spread.entries) {
            entries.push([name, value]);
          }
        }
        if (this.source[this.at] === ',') {
          this.at++;
        } else if (this.source[this.at] !== '}') {
          return EXPRESSION;
        }
        continue;
      }
      const key = this.value(depth + 1);
      if (this.source[this.at] !== ':') {
        return EXPRESSION;
      }
      this.at++;
      const value = this.value(depth + 1);
      if (key.kind === 'text') {
        entries.push([key.text, value]);
      }
      if (this.source[this.at] === ',') {
        this.at++;
      } else if (this.source[this.at] !== '}') {
        return EXPRESSION;
      }
    }
    this.at++;
    return { kind: 'map', entries };
  }

  private list(close: string, depth: number): Literal {
    const items: Literal[] = [];
    let commas = 0;
    this.at++;
    for (;;) {
      this.skip();
      if (this.source[this.at] === close) {
        break;
      }
      const spread = this.source[this.at] === '*';
      if (spread) {
        this.at++;
      }
      const item = this.value(depth + 1);
      if (spread && item.kind === 'list') {
        items.push(...item.items);
      } else {
        items.push(spread ? EXPRESSION : item);
      }
      if (this.source[this.at] === ',') {
        this.at++;
        commas++;
      } else if (this.source[this.at] !== close) {
        return EXPRESSION;
      }
    }
    this.at++;
    // Parentheses alone do not make a tuple.
    if (close === ')' && commas === 0 && items.length === 1) {
      return items[0];
    }
    return { kind: 'list', items };
  }

  /** Adjacent strings are one string. */
  private text(depth: number): Literal | undefined {
    let text: string | undefined;
    for (;;) {
      const string = /([rubf]{0,2})("""|'''|"|')/iy;
      string.lastIndex = this.at;
      const match = string.exec(this.source);
      if (!match) {
        break;
      }
      const [all, prefix, quote] = match;
      let end = this.at + all.length;
      while (end < this.source.length && !this.source.startsWith(quote, end)) {
        end += this.source[end] === '\\' ? 2 : 1;
      }
      const inner = this.source.slice(this.at + all.length, end);
      const plain = /r/i.test(prefix) ? inner : inner.replace(/\\(["'\\])/g, '$1');
      text = (text ?? '') + (/f/i.test(prefix) ? formatted(plain, this.names) : plain);
      this.at = Math.min(end + quote.length, this.source.length);
      // Outside of parentheses, a statement ends with its line.
      if (depth === 0) {
        this.blanks();
      } else {
        this.skip();
      }
    }
    return text === undefined ? undefined : { kind: 'text', text };
  }

  private constant(): Literal | undefined {
    const constant = /(True|False|None|true|false|null|-?\d+(\.\d+)?)(?![\w.])/y;
    constant.lastIndex = this.at;
    const match = constant.exec(this.source);
    if (!match) {
      return undefined;
    }
    this.at += match[0].length;
    return { kind: 'constant', text: match[1] };
  }

  private ends(): boolean {
    return this.at >= this.source.length || /[,:\]})]/.test(this.source[this.at]);
  }

  /** Skips an expression. */
  private rest(depth: number): Literal {
    for (let open = 0; this.at < this.source.length; this.at++) {
      const character = this.source[this.at];
      if (depth === 0 && open === 0 && /[\n#;]/.test(character)) {
        break;
      }
      if (character === '"' || character === "'") {
        this.text(1);
        this.at--;
      } else if (/[([{]/.test(character)) {
        open++;
      } else if (open === 0 && this.ends()) {
        break;
      } else if (/[)\]}]/.test(character)) {
        open--;
      }
    }
    return EXPRESSION;
  }

  private blanks(): void {
    const blank = /(?:[ \t]|\\\r?\n)*/y;
    blank.lastIndex = this.at;
    this.at += blank.exec(this.source)?.[0].length ?? 0;
  }

  /** Skips blanks, line ends and comments. */
  private skip(): void {
    const blank = /(?:\s|\\\r?\n|#[^\n]*)*/y;
    blank.lastIndex = this.at;
    this.at += blank.exec(this.source)?.[0].length ?? 0;
  }
}

/** The known parts of a formatted string. */
const formatted = (text: string, names: Names): string =>
  text.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (part, name: string | undefined) =>
    name === undefined ? part[0] : textIn(names.get(name)),
  );

/** A value inside a string. */
const textIn = (value: Literal | undefined): string =>
  value?.kind === 'text' || value?.kind === 'constant' ? value.text : COMPUTED;

/** The result of `%` for a string and its arguments. */
function filled(format: Literal, value: Literal): Literal {
  if (format.kind !== 'text') {
    return EXPRESSION;
  }
  const items = value.kind === 'list' ? value.items : [value];
  const named = new Map(value.kind === 'map' ? value.entries : []);
  let next = 0;
  const text = format.text.replace(
    /%(?:\((\w+)\))?([sdr%])/g,
    (_all, name: string, kind: string) =>
      kind === '%' ? '%' : textIn(name === undefined ? items[next++] : named.get(name)),
  );
  return { kind: 'text', text };
}

/** The result of a string method that returns a string. */
function called(value: Literal, method: string, { items, entries }: Arguments): Literal {
  if (method === 'copy') {
    return value;
  }
  if (value.kind !== 'text') {
    return EXPRESSION;
  }
  const [first] = items;
  if (method === 'format') {
    const named = new Map(entries);
    let next = 0;
    const text = value.text.replace(/\{(\w*)\}/g, (_all, name: string) =>
      textIn(/^\d*$/.test(name) ? items[name === '' ? next++ : Number(name)] : named.get(name)),
    );
    return { kind: 'text', text };
  }
  if (method === 'join' && first?.kind === 'list') {
    return { kind: 'text', text: first.items.map(textIn).join(value.text) };
  }
  if (method === 'split' && items.length < 2 && (first === undefined || first.kind === 'text')) {
    const parts = first ? value.text.split(first.text) : value.text.trim().split(/\s+/);
    return { kind: 'list', items: parts.map((text) => ({ kind: 'text', text })) };
  }
  if (method === 'strip' && items.length === 0) {
    return { kind: 'text', text: value.text.trim() };
  }
  return EXPRESSION;
}
