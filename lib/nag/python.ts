/** A value of Python that is written out, as far as it is. */
export type Literal =
  | { readonly kind: 'text' | 'constant'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Literal[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, Literal])[] }
  | { readonly kind: 'expression' };

const EXPRESSION: Literal = { kind: 'expression' };
// Settings are short; whatever is longer is none, and must not be read again and again.
const LONGEST = 20_000;
const DEEPEST = 20;

/** What names stand for, as far as it is known. */
export type Names = ReadonlyMap<string, Literal>;

const NO_NAMES: Names = new Map();

/** What a text has where Python computes something: a hole that refers to nothing. */
export const COMPUTED = '\uE000999999\uE001';

/** Reads the dict, list, string or constant that begins at a position of a text. */
export function readLiteral(source: string, start = 0, names: Names = NO_NAMES): Literal {
  return new Reader(source.slice(start, start + LONGEST), names).value(0);
}

/** Reads the arguments of a call, whose parenthesis has been opened before a position. */
export function readArguments(source: string, start: number, names: Names): Arguments {
  return new Reader(source.slice(start, start + LONGEST), names).arguments(0);
}

/** What a call is given. */
export interface Arguments {
  readonly items: readonly Literal[];
  readonly entries: readonly (readonly [string, Literal])[];
}

/** One value and another, as `+` and `|` join them. */
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
  if (one.kind !== 'text' && other.kind !== 'text') return EXPRESSION;
  const text = [one, other].map((each) => (each.kind === 'text' ? each.text : COMPUTED)).join('');
  return { kind: 'text', text };
}

class Reader {
  private at = 0;

  constructor(
    private readonly source: string,
    private readonly names: Names = NO_NAMES,
  ) {}

  public value(depth: number): Literal {
    this.skip();
    if (depth > DEEPEST || this.source[this.at] === undefined) return EXPRESSION;
    let value = this.term(depth);
    for (;;) {
      const before = this.at;
      if (depth === 0) this.blanks();
      else this.skip();
      if (!/[+|]/.test(this.source[this.at] ?? '') || this.source[this.at + 1] === '=') {
        if (depth === 0) this.at = before;
        break;
      }
      this.at++;
      this.skip();
      value = combined(value, this.term(depth));
    }
    if (depth === 0) return value;
    this.skip();
    // More than a literal: an expression, up to the end of this item.
    return this.ends() ? value : this.rest();
  }

  private term(depth: number): Literal {
    const open = this.source[this.at];
    if (open === '{') return this.map(depth);
    if (open === '[' || open === '(') return this.list(open === '[' ? ']' : ')', depth);
    return this.text() ?? this.named(depth) ?? this.constant();
  }

  /** A name that is known, or a call that makes a value of its arguments. */
  private named(depth: number): Literal | undefined {
    const name = /([A-Za-z_]\w*)(?:([ \t]*\()|(?![\w.[(]))/y;
    name.lastIndex = this.at;
    const match = name.exec(this.source);
    if (!match) return undefined;
    const [all, word, call] = match;
    if (!call) {
      const known = this.names.get(word);
      if (known) this.at += all.length;
      return known;
    }
    if (!/^(dict|list|tuple|set|frozenset|sorted|str|deepcopy)$/.test(word)) return undefined;
    this.at += all.length;
    const { items, entries } = this.arguments(depth);
    const [first] = items;
    if (word === 'dict') {
      const given = first?.kind === 'map' ? first.entries : [];
      return { kind: 'map', entries: [...given, ...entries] };
    }
    if (word === 'str' || word === 'deepcopy') return first ?? EXPRESSION;
    return first === undefined || first.kind === 'list'
      ? (first ?? { kind: 'list', items: [] })
      : { kind: 'list', items: [EXPRESSION] };
  }

  /** The arguments of a call, behind its parenthesis. */
  public arguments(depth: number): Arguments {
    const items: Literal[] = [];
    const entries: [string, Literal][] = [];
    for (;;) {
      this.skip();
      if (this.at >= this.source.length || this.source[this.at] === ')') break;
      const keyword = /([A-Za-z_]\w*)\s*=(?!=)/y;
      keyword.lastIndex = this.at;
      const match = keyword.exec(this.source);
      if (match) this.at += match[0].length;
      const value = this.value(depth + 1);
      if (match) entries.push([match[1], value]);
      else items.push(value);
      if (this.source[this.at] === ',') this.at++;
      else if (this.source[this.at] !== ')') break;
    }
    this.at++;
    return { items, entries };
  }

  private map(depth: number): Literal {
    const entries: [string, Literal][] = [];
    this.at++;
    for (;;) {
      this.skip();
      if (this.source[this.at] === '}') break;
      if (this.source.startsWith('**', this.at)) {
        this.at += 2;
        const spread = this.value(depth + 1);
        if (spread.kind === 'map')
          for (const [name, value] of spread.entries) entries.push([name, value]);
        if (this.source[this.at] === ',') this.at++;
        else if (this.source[this.at] !== '}') return EXPRESSION;
        continue;
      }
      const key = this.value(depth + 1);
      if (this.source[this.at] !== ':') return EXPRESSION;
      this.at++;
      const value = this.value(depth + 1);
      if (key.kind === 'text') entries.push([key.text, value]);
      if (this.source[this.at] === ',') this.at++;
      else if (this.source[this.at] !== '}') return EXPRESSION;
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
      if (this.source[this.at] === close) break;
      const spread = this.source[this.at] === '*';
      if (spread) this.at++;
      const item = this.value(depth + 1);
      if (spread && item.kind === 'list') items.push(...item.items);
      else items.push(spread ? EXPRESSION : item);
      if (this.source[this.at] === ',') {
        this.at++;
        commas++;
      } else if (this.source[this.at] !== close) return EXPRESSION;
    }
    this.at++;
    // Parentheses alone make no tuple.
    if (close === ')' && commas === 0 && items.length === 1) return items[0];
    return { kind: 'list', items };
  }

  /** Strings beside each other are one. */
  private text(): Literal | undefined {
    let text: string | undefined;
    for (;;) {
      const string = /([rubf]{0,2})("""|'''|"|')/iy;
      string.lastIndex = this.at;
      const match = string.exec(this.source);
      if (!match) break;
      const [all, prefix, quote] = match;
      let end = this.at + all.length;
      while (end < this.source.length && !this.source.startsWith(quote, end)) {
        end += this.source[end] === '\\' ? 2 : 1;
      }
      const inner = this.source.slice(this.at + all.length, end);
      const plain = /r/i.test(prefix) ? inner : inner.replace(/\\(["'\\])/g, '$1');
      text = (text ?? '') + (/f/i.test(prefix) ? formatted(plain) : plain);
      this.at = Math.min(end + quote.length, this.source.length);
      this.skip();
    }
    return text === undefined ? undefined : { kind: 'text', text };
  }

  private constant(): Literal {
    const constant = /(True|False|None|true|false|null|-?\d+(\.\d+)?)(?![\w.])/y;
    constant.lastIndex = this.at;
    const match = constant.exec(this.source);
    if (!match) return this.rest();
    this.at += match[0].length;
    return { kind: 'constant', text: match[1] };
  }

  private ends(): boolean {
    return this.at >= this.source.length || /[,:\]})]/.test(this.source[this.at]);
  }

  /** Goes over an expression. */
  private rest(): Literal {
    for (let open = 0; this.at < this.source.length; this.at++) {
      const character = this.source[this.at];
      if (character === '"' || character === "'") {
        this.text();
        this.at--;
      } else if (/[([{]/.test(character)) open++;
      else if (open === 0 && this.ends()) break;
      else if (/[)\]}]/.test(character)) open--;
    }
    return EXPRESSION;
  }

  private blanks(): void {
    while (/[ \t]/.test(this.source[this.at] ?? '')) this.at++;
  }

  /** Goes over blanks, line ends and comments. */
  private skip(): void {
    const blank = /(?:\s|\\\r?\n|#[^\n]*)*/y;
    blank.lastIndex = this.at;
    this.at += blank.exec(this.source)![0].length;
  }
}

/** What is certain of a formatted string. */
const formatted = (text: string): string =>
  text.replace(/\{\{|\}\}|\{[^{}]*\}/g, (part) =>
    part.length === 2 && part !== '{}' ? part[0] : COMPUTED,
  );
