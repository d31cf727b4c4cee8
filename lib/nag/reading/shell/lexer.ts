/** A piece of a word: literal text, or something that the shell replaces. */
export interface Part {
  readonly kind: 'text' | 'variable' | 'other';
  /** The text, the name of the variable, or the source of a substitution that is not followed. */
  readonly value: string;
  readonly quoted: boolean;
  /** `${NAME:-default}`. */
  readonly fallback?: string;
  /** Whether the variable keeps its default: `${NAME:=default}`. */
  readonly keeps?: boolean;
  /** Whether it is a whole array: `${NAME[@]}`. */
  readonly all?: boolean;
}

export type Word = readonly Part[];

export type Token =
  | { readonly kind: 'word'; readonly word: Word; readonly bare: string; readonly start: number }
  | { readonly kind: 'operator'; readonly value: string }
  | { readonly kind: 'redirection'; readonly value: string; readonly descriptor: string }
  | { readonly kind: 'document'; readonly word: Word; readonly range: Range };

/** The place of something in a script. For a here-document, its body and the line that ends it. */
export type Range = readonly [start: number, end: number];

interface Pending {
  readonly end: string;
  readonly tabs: boolean;
  readonly literal: boolean;
  readonly at: number;
}

/** The separator before each item of an array. */
export const BETWEEN = '\uE003';

// Longest first.
const OPERATORS = ['&&', '||', ';;&', ';;', ';&', '|&', ';', '|', '&', '(', ')', '\n'];
const REDIRECTIONS = ['&>>', '&>', '<<<', '<<-', '<<', '>>', '>|', '>&', '<&', '<>', '>', '<'];
const NAME = /[A-Za-z_]\w*/y;
const DOCUMENT = /<<-?[ \t]*["']?(\w+)["']?[^\n]*\n/y;
const LONGEST_ARRAY = 4000;
const MOST_ENDLESS = 20;

/**
 * The tokens of a shell script: words with their quoting, operators, redirections and
 * here-documents. Invalid syntax becomes text. The lexer never throws, and reads each character a
 * bounded number of times.
 */
export class Lexer {
  private at = 0;
  private readonly tokens: Token[] = [];
  private readonly pending: Pending[] = [];
  /** The position after which no parenthesis is closed, so that it is searched for only once. */
  private unclosed = Infinity;
  /** Here-documents in substitutions that have no end. */
  private endless = 0;

  constructor(private readonly source: string) {}

  public read(): Token[] {
    while (this.at < this.source.length) {
      const rest = this.source[this.at];
      if (rest === ' ' || rest === '\t' || rest === '\r') {
        this.at++;
      } else if (this.source.startsWith('\\\n', this.at)) {
        this.at += 2;
      } else if (rest === '#') {
        this.skipLine();
      } else if (!this.redirection() && !this.arithmetic() && !this.operator()) {
        this.word();
      }
    }
    if (this.pending.length > 0) {
      this.documents();
    }
    return this.tokens;
  }

  private skipLine(): void {
    const end = this.source.indexOf('\n', this.at);
    this.at = end < 0 ? this.source.length : end;
  }

  /** `((…))`, which runs nothing. */
  private arithmetic(): boolean {
    const start = this.at;
    if (!this.source.startsWith('((', start)) {
      return false;
    }
    if (start < this.unclosed && this.enclosed(start, ')').endsWith('))')) {
      this.tokens.push({ kind: 'word', word: [text(':', true)], bare: '', start });
      return true;
    }
    this.at = start;
    return false;
  }

  private operator(): boolean {
    const value = OPERATORS.find((each) => this.source.startsWith(each, this.at));
    if (value === undefined) {
      return false;
    }
    this.at += value.length;
    this.tokens.push({ kind: 'operator', value });
    if (value === '\n' && this.pending.length > 0) {
      this.documents();
    }
    return true;
  }

  private redirection(): boolean {
    let start = this.at;
    while (/[0-9]/.test(this.source[start] ?? '')) {
      start++;
    }
    const value = REDIRECTIONS.find((each) => this.source.startsWith(each, start));
    // `<(…)` is a separate word.
    if (value === undefined || /^[<>]\($/.test(this.source.slice(start, start + 2))) {
      return false;
    }
    const descriptor = this.source.slice(this.at, start);
    this.at = start + value.length;
    if (value === '<<' || value === '<<-') {
      while (/[ \t]/.test(this.source[this.at] ?? '')) {
        this.at++;
      }
      const from = this.at;
      const word = this.readWord();
      const end = word.map((part) => part.value).join('');
      const literal = /["'\\]/.test(this.source.slice(from, this.at));
      this.pending.push({ end, tabs: value === '<<-', literal, at: this.tokens.length });
      this.tokens.push({ kind: 'document', word: [], range: [0, 0] });
    } else {
      this.tokens.push({ kind: 'redirection', value, descriptor });
    }
    return true;
  }

  /** The bodies of here-documents, which begin after the line that names them. */
  private documents(): void {
    for (const { end, tabs, literal, at } of this.pending.splice(0)) {
      const lines: string[] = [];
      const start = this.at;
      while (this.at < this.source.length) {
        const next = this.source.indexOf('\n', this.at);
        const stop = next < 0 ? this.source.length : next;
        const line = this.source.slice(this.at, stop).replace(/\r$/, '');
        this.at = Math.min(stop + 1, this.source.length);
        const text = tabs ? line.replace(/^\t+/, '') : line;
        if (text === end) {
          break;
        }
        lines.push(text);
      }
      const body = lines.map((line) => `${line}\n`).join('');
      const word: Word = literal ? [text(body, true)] : new Lexer(body).inDocument();
      this.tokens[at] = { kind: 'document', word, range: [start, this.at] };
    }
  }

  private inDocument(): Word {
    const parts: Part[] = [];
    while (this.at < this.source.length) {
      this.expandable(parts, '');
    }
    return merged(parts);
  }

  private word(): void {
    const from = this.at;
    const word = this.readWord();
    if (this.at === from) {
      this.at++;
    }
    this.tokens.push({ kind: 'word', word, bare: this.source.slice(from, this.at), start: from });
  }

  private readWord(): Word {
    const parts: Part[] = [];
    while (this.at < this.source.length) {
      const char = this.source[this.at];
      if (/[\s;&|()<>]/.test(char)) {
        if (char === '(' && isArray(parts)) {
          parts.push(...this.array());
          continue;
        }
        if (!/^[<>]\($/.test(this.source.slice(this.at, this.at + 2))) {
          break;
        }
        parts.push({ kind: 'other', value: this.enclosed(this.at + 1, ')'), quoted: false });
      } else if (char === "'") {
        this.single(parts);
      } else if (char === '"') {
        this.at++;
        // An empty string is a word, too.
        parts.push(text('', true));
        while (this.at < this.source.length && this.source[this.at] !== '"') {
          this.expandable(parts, '"');
        }
        this.at++;
      } else if (char === '\\') {
        if (this.source[this.at + 1] !== '\n') {
          parts.push(text(this.source[this.at + 1] ?? '', true));
        }
        this.at += 2;
      } else if (this.source.startsWith("$'", this.at)) {
        this.at++;
        this.single(parts);
      } else if (char === '$' || char === '`') {
        this.substitution(parts, false);
      } else {
        parts.push(text(char, false));
        this.at++;
      }
    }
    return merged(parts);
  }

  private single(parts: Part[]): void {
    const end = this.source.indexOf("'", this.at + 1);
    const stop = end < 0 ? this.source.length : end;
    parts.push(text(this.source.slice(this.at + 1, stop), true));
    this.at = stop + 1;
  }

  /** One piece of a double-quoted string or a here-document. */
  private expandable(parts: Part[], quote: string): void {
    const char = this.source[this.at];
    if (char === '\\' && `$\`"\\\n`.includes(this.source[this.at + 1] ?? '')) {
      const next = this.source[this.at + 1];
      const kept = next === '"' && quote === '' ? '\\"' : next === '\n' ? '' : next;
      parts.push(text(kept, true));
      this.at += 2;
    } else if (char === '$' || char === '`') {
      this.substitution(parts, true);
    } else {
      parts.push(text(char, true));
      this.at++;
    }
  }

  private substitution(parts: Part[], quoted: boolean): void {
    const start = this.at;
    const other = (end: number): void => {
      this.at = Math.max(end, start + 1);
      parts.push({ kind: 'other', value: this.source.slice(start, this.at), quoted });
    };
    if (this.source[start] === '`') {
      const end = this.source.indexOf('`', start + 1);
      return other(end < 0 ? this.source.length : end + 1);
    }
    const next = this.source[start + 1] ?? '';
    if (next === '(') {
      this.enclosed(start + 1, ')');
      return other(this.at);
    }
    NAME.lastIndex = start + (next === '{' ? 2 : 1);
    const name = NAME.exec(this.source)?.[0] ?? (/[0-9@*]/.test(next) ? next : '');
    if (next === '{') {
      this.enclosed(start + 1, '}');
      const inner = this.source.slice(start + 2, this.at - 1);
      const positional = /^[0-9@*]$/.exec(inner)?.[0];
      const match = /^([A-Za-z_]\w*)(\[[@*]\])?(?::?([-=])("?)([^$`{}"']*)\4)?$/.exec(inner);
      if (positional === undefined && !match) {
        return other(this.at);
      }
      const value = positional ?? match![1];
      // A whole array is several words, even in quotation marks.
      const several = match?.[2] !== undefined;
      const [fallback, keeps] = [match?.[5], match?.[3] === '='];
      const isQuoted = quoted && !several;
      parts.push({ kind: 'variable', value, quoted: isQuoted, fallback, keeps, all: several });
      return undefined;
    }
    if (name === '') {
      parts.push(text('$', quoted));
      this.at++;
      return undefined;
    }
    this.at = start + 1 + name.length;
    parts.push({ kind: 'variable', value: name, quoted });
    return undefined;
  }

  /** The words of an array, as one text. */
  private array(): Word {
    const open = this.at;
    this.enclosed(open, ')');
    const inner = this.source.slice(open + 1, this.at - 1);
    if (inner.includes('(') || inner.length > LONGEST_ARRAY) {
      return [];
    }
    return new Lexer(inner)
      .read()
      .flatMap((token) => (token.kind === 'word' ? [text(BETWEEN, true), ...token.word] : []));
  }

  /**
   * Skips a group in parentheses or braces, from the opening one at a position to the closing one.
   * Quotation marks, substitutions, comments and here-documents in it are skipped as a whole.
   */
  private enclosed(open: number, close: string): string {
    if (open >= this.unclosed) {
      this.at = open + 1;
      return this.source.slice(open - 1, this.at);
    }
    const { source } = this;
    const within = [close];
    let at = open + 1;
    for (; at < source.length && within.length > 0; at++) {
      const char = source[at];
      const top = within.at(-1)!;
      if (char === '\\') {
        at++;
      } else if (char === top) {
        within.pop();
      } else if (char === '$' && /[({]/.test(source[at + 1] ?? '')) {
        within.push(source[++at] === '(' ? ')' : '}');
      } else if (char === '`') {
        at = skipTo(source, '`', at + 1);
      } else if (char === '"' && top !== '"') {
        within.push('"');
      } else if (top === '"') {
        continue;
      }
      // In quotation marks, an apostrophe in braces is not special.
      else if (char === "'" && !(top === '}' && within.includes('"'))) {
        at = skipTo(source, "'", at + 1);
      } else if (top !== ')') {
        continue;
      } else if (char === '(') {
        within.push(')');
      } else if (char === '#' && /[\s;(]/.test(source[at - 1])) {
        at = skipTo(source, '\n', at);
      } else if (char === '<' && source[at + 1] === '<') {
        at = this.documentWithin(at);
      }
    }
    if (within.length > 0) {
      this.unclosed = Math.min(this.unclosed, open);
    }
    this.at = Math.min(at, source.length);
    return source.slice(open - 1, this.at);
  }

  /** The end of a here-document in a substitution, or its beginning if it has no end. */
  private documentWithin(at: number): number {
    DOCUMENT.lastIndex = at;
    const match = this.endless < MOST_ENDLESS ? DOCUMENT.exec(this.source) : null;
    if (!match) {
      return at + 1;
    }
    const end = this.source.indexOf(`\n${match[1]}\n`, DOCUMENT.lastIndex - 1);
    if (end < 0) {
      this.endless++;
    }
    return end < 0 ? at + 1 : end + match[1].length;
  }
}

/** Whether the text before a parenthesis is the start of an array assignment. */
const isArray = (parts: readonly Part[]): boolean =>
  parts.length < 80 &&
  parts.every(({ kind, quoted }) => kind === 'text' && !quoted) &&
  /^[A-Za-z_]\w*\+?=$/.test(parts.map(({ value }) => value).join(''));

function skipTo(source: string, character: string, from: number): number {
  const end = source.indexOf(character, from);
  return end < 0 ? source.length : end;
}

const text = (value: string, quoted: boolean): Part => ({ kind: 'text', value, quoted });

/** Joins adjacent pieces of text. */
function merged(parts: readonly Part[]): Word {
  const found: Part[] = [];
  let run: string[] = [];
  let quoted: boolean | undefined;
  const flush = (): void => {
    if (quoted !== undefined) {
      found.push(text(run.join(''), quoted));
    }
    run = [];
    quoted = undefined;
  };
  for (const part of parts) {
    if (part.kind !== 'text') {
      flush();
      found.push(part);
      continue;
    }
    if (quoted !== undefined && quoted !== part.quoted) {
      flush();
    }
    quoted = part.quoted;
    run.push(part.value);
  }
  flush();
  return found;
}
