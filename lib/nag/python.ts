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

/** Reads the dict, list, string or constant that begins at a position of a text. */
export function readLiteral(source: string, start = 0): Literal {
  return new Reader(source.slice(start, start + LONGEST)).value(0);
}

class Reader {
  private at = 0;

  constructor(private readonly source: string) {}

  public value(depth: number): Literal {
    this.skip();
    const open = this.source[this.at];
    let value: Literal;
    if (depth > DEEPEST || open === undefined) return EXPRESSION;
    else if (open === '{') value = this.map(depth);
    else if (open === '[' || open === '(') value = this.list(open === '[' ? ']' : ')', depth);
    else value = this.text() ?? this.constant();
    if (depth === 0) return value;
    this.skip();
    // More than a literal: an expression, up to the end of this item.
    return this.ends() ? value : this.rest();
  }

  private map(depth: number): Literal {
    const entries: [string, Literal][] = [];
    this.at++;
    for (;;) {
      this.skip();
      if (this.source[this.at] === '}') break;
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
    this.at++;
    for (;;) {
      this.skip();
      if (this.source[this.at] === close) break;
      items.push(this.value(depth + 1));
      if (this.source[this.at] === ',') this.at++;
      else if (this.source[this.at] !== close) return EXPRESSION;
    }
    this.at++;
    return { kind: 'list', items };
  }

  /** Strings beside each other are one. */
  private text(): Literal | undefined {
    let text: string | undefined;
    for (;;) {
      const string = /([rub]{0,2})("""|'''|"|')/iy;
      string.lastIndex = this.at;
      const match = string.exec(this.source);
      if (!match) break;
      const [all, prefix, quote] = match;
      let end = this.at + all.length;
      while (end < this.source.length && !this.source.startsWith(quote, end)) {
        end += this.source[end] === '\\' ? 2 : 1;
      }
      const inner = this.source.slice(this.at + all.length, end);
      text = (text ?? '') + (/r/i.test(prefix) ? inner : inner.replace(/\\(["'\\])/g, '$1'));
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

  /** Goes over blanks, line ends and comments. */
  private skip(): void {
    const blank = /(?:\s|\\\r?\n|#[^\n]*)*/y;
    blank.lastIndex = this.at;
    this.at += blank.exec(this.source)![0].length;
  }
}
