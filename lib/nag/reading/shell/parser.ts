import { Lexer, Range, Token, Word } from './lexer';

export interface Redirection {
  /** `>`, `>>`, `<<` for a here-document, `<<<`, or any other. */
  readonly kind: string;
  readonly descriptor: string;
  readonly word: Word;
  /** The place, for a here-document. */
  readonly range?: Range;
}

export interface Simple {
  readonly kind: 'simple';
  readonly words: readonly Word[];
  /** The place of each word. */
  readonly ranges: readonly Range[];
  readonly redirections: readonly Redirection[];
}

export type Node =
  | Simple
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'pipeline'; readonly items: readonly Node[] }
  | {
      readonly kind: 'group';
      readonly body: Node;
      readonly redirections: readonly Redirection[];
      readonly subshell: boolean;
    }
  | {
      readonly kind: 'loop';
      readonly variable: string;
      readonly words: readonly Word[];
      readonly body: Node;
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: Node };

const DEEPEST = 40;
const LONGEST_CONDITION = 60;
const EMPTY: Node = { kind: 'list', items: [] };

/** Parses a script. Conditions are not evaluated: every branch is part of the list. */
export function parse(source: string): Node {
  return new Parser(new Lexer(source).read()).list(0, []);
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  /** Commands up to a closing keyword. */
  public list(depth: number, ends: readonly string[]): Node {
    const items: Node[] = [];
    while (this.at < this.tokens.length && depth < DEEPEST) {
      const keyword = this.keyword();
      if (keyword !== undefined && ends.includes(keyword)) {
        break;
      }
      const value = this.operatorValue();
      if (value !== undefined && ends.includes(value)) {
        break;
      }
      if (value !== undefined && value !== '(') {
        this.at++;
        continue;
      }
      const before = this.at;
      const node = this.pipeline(depth + 1);
      if (node) {
        items.push(node);
      }
      // Skip tokens that are not valid here.
      if (this.at === before) {
        this.at++;
      }
    }
    if (depth >= DEEPEST) {
      this.at = this.tokens.length;
    }
    return { kind: 'list', items };
  }

  private pipeline(depth: number): Node | undefined {
    const items: Node[] = [];
    for (;;) {
      const node = this.command(depth);
      if (node) {
        items.push(node);
      }
      const value = this.operatorValue();
      if (value !== '|' && value !== '|&') {
        break;
      }
      this.at++;
      while (this.operatorValue() === '\n') {
        this.at++;
      }
    }
    return items.length > 1 ? { kind: 'pipeline', items } : items[0];
  }

  private command(depth: number): Node | undefined {
    const keyword = this.keyword();
    if (this.operatorValue() === '(') {
      this.at++;
      return this.group(depth, [')'], true);
    }
    switch (keyword) {
      case '!':
      case 'then':
      case 'do':
      case 'else':
      case 'fi':
      case 'done':
      case 'esac':
      case '}':
        this.at++;
        return EMPTY;
      case '{':
        this.at++;
        return this.group(depth, ['}'], false);
      case 'if':
        return this.between(depth, ['fi'], ['then', 'elif', 'else']);
      case 'while':
      case 'until':
        return this.between(depth, ['done'], ['do']);
      case 'case':
        return this.cases(depth);
      case 'for':
      case 'select':
        return this.loop(depth);
      case 'function':
        this.at++;
        return this.definition(depth);
    }
    const next = this.tokens[this.at + 1];
    if (keyword !== undefined && next?.kind === 'operator' && next.value === '(') {
      const end = this.tokens[this.at + 2];
      if (end?.kind === 'operator' && end.value === ')') {
        return this.definition(depth);
      }
    }
    return this.simple();
  }

  private definition(depth: number): Node | undefined {
    const name = this.keyword();
    if (name === undefined) {
      return undefined;
    }
    this.at++;
    if (this.operatorValue() === '(') {
      this.at += 2;
    }
    while (this.operatorValue() === '\n') {
      this.at++;
    }
    return { kind: 'function', name, body: this.command(depth + 1) ?? EMPTY };
  }

  private group(depth: number, ends: readonly string[], subshell: boolean): Node {
    const body = this.list(depth + 1, ends);
    this.at++;
    return { kind: 'group', body, redirections: this.redirections(), subshell };
  }

  /** `if` and loops: the commands between their keywords. */
  private between(depth: number, ends: readonly string[], within: readonly string[]): Node {
    this.at++;
    const items: Node[] = [];
    for (;;) {
      items.push(this.list(depth + 1, [...ends, ...within]));
      const keyword = this.keyword();
      this.at++;
      if (keyword === undefined || ends.includes(keyword)) {
        break;
      }
    }
    const body: Node = { kind: 'list', items };
    return { kind: 'group', body, redirections: this.redirections(), subshell: false };
  }

  private cases(depth: number): Node {
    const items: Node[] = [];
    this.at++;
    while (this.at < this.tokens.length && this.keyword() !== 'in') {
      this.at++;
    }
    this.at++;
    while (this.at < this.tokens.length && this.keyword() !== 'esac') {
      // The patterns of a branch end with a parenthesis.
      while (
        this.at < this.tokens.length &&
        this.operatorValue() !== ')' &&
        this.keyword() !== 'esac'
      ) {
        this.at++;
      }
      if (this.keyword() === 'esac') {
        break;
      }
      this.at++;
      items.push(this.list(depth + 1, ['esac', ';;', ';&', ';;&']));
    }
    this.at++;
    return { kind: 'list', items };
  }

  private loop(depth: number): Node {
    this.at++;
    const variable = this.keyword() ?? '';
    this.at++;
    const words: Word[] = [];
    if (this.keyword() === 'in') {
      this.at++;
      for (let token = this.tokens[this.at]; token?.kind === 'word';) {
        words.push(token.word);
        token = this.tokens[++this.at];
      }
    }
    while (this.at < this.tokens.length && this.keyword() !== 'do') {
      this.at++;
    }
    this.at++;
    const body = this.list(depth + 1, ['done']);
    this.at++;
    const loop: Node = { kind: 'loop', variable, words, body };
    return { kind: 'group', body: loop, redirections: this.redirections(), subshell: false };
  }

  private redirections(): Redirection[] {
    const found: Redirection[] = [];
    for (let next = this.redirection(); next; next = this.redirection()) {
      found.push(next);
    }
    return found;
  }

  private redirection(): Redirection | undefined {
    const token = this.tokens[this.at];
    if (token?.kind === 'document') {
      this.at++;
      return { kind: '<<', descriptor: '', word: token.word, range: token.range };
    }
    if (token?.kind !== 'redirection') {
      return undefined;
    }
    this.at++;
    const target = this.tokens[this.at];
    if (target?.kind !== 'word') {
      return { kind: '', descriptor: '', word: [] };
    }
    this.at++;
    return { kind: token.value, descriptor: token.descriptor, word: target.word };
  }

  /** A condition in double brackets, where `&&` and `<` have another meaning. */
  private condition(): Node {
    for (const end = this.at + LONGEST_CONDITION; this.at < this.tokens.length; this.at++) {
      const token = this.tokens[this.at];
      if (this.at === end || (token.kind === 'word' && token.bare === ']]')) {
        break;
      }
    }
    this.at++;
    return EMPTY;
  }

  private simple(): Node | undefined {
    const words: Word[] = [];
    const ranges: Range[] = [];
    const redirections: Redirection[] = [];
    const first = this.tokens[this.at];
    if (first?.kind === 'word' && first.bare === '[[') {
      return this.condition();
    }
    for (;;) {
      const found = this.redirection();
      if (found) {
        redirections.push(found);
      } else {
        const token = this.tokens[this.at];
        if (token?.kind !== 'word') {
          break;
        }
        words.push(token.word);
        ranges.push([token.start, token.start + token.bare.length]);
        this.at++;
      }
    }
    return words.length + redirections.length > 0
      ? { kind: 'simple', words, ranges, redirections }
      : undefined;
  }

  /** A word that may be a keyword or a name: one without quotes. */
  private keyword(): string | undefined {
    const token = this.tokens[this.at];
    return token?.kind === 'word' && /^[\w.:+!{}@-]+$/.test(token.bare) ? token.bare : undefined;
  }

  private operatorValue(): string | undefined {
    const token = this.tokens[this.at];
    return token?.kind === 'operator' ? token.value : undefined;
  }
}
