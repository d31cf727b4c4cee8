/** A YAML value. Scalars stay text, since its readers treat `"False"` and `False` alike. */
export type Yaml = string | readonly Yaml[] | { readonly [name: string]: Yaml };

const DEEPEST = 30;
const LONGEST = 262_144;

/**
 * Reads the subset of YAML that configuration uses: blocks of maps, lists and texts, quoted
 * and plain scalars, and flow collections on one line. Anchors, tags and the rest become text.
 */
export function readYaml(text: string): Yaml {
  if (text.length > LONGEST) {
    return '';
  }
  const lines = text.split(/\r?\n/).filter((line) => !/^(---|\.\.\.|%)/.test(line));
  return new Reader(lines).block(-1, 0);
}

/** A value in nested maps, by its path. */
export function below(value: Yaml | undefined, ...path: string[]): Yaml | undefined {
  let current = value;
  for (const name of path) {
    if (!isMap(current) || !Object.hasOwn(current, name)) {
      return undefined;
    }
    current = current[name];
  }
  return current;
}

export const isMap = (value: Yaml | undefined): value is { readonly [name: string]: Yaml } =>
  typeof value === 'object' && !Array.isArray(value);

export const isList = (value: Yaml | undefined): value is readonly Yaml[] => Array.isArray(value);

const indentOf = (line: string): number => line.length - line.trimStart().length;
const KEY = /^(?:"([^"]*)"|'([^']*)'|([^\s#"'[\]{},&*!|>-][^#:]*?|[^\s:])):(?:\s+(.*))?$/;

class Reader {
  private at = 0;

  constructor(private readonly lines: string[]) {}

  /** A block with more indentation. */
  public block(outer: number, depth: number): Yaml {
    this.skip();
    const first = this.lines[this.at];
    if (first === undefined || depth > DEEPEST) {
      return '';
    }
    const indent = indentOf(first);
    if (indent <= outer) {
      return '';
    }
    if (/^\s*-(\s|$)/.test(first)) {
      return this.list(indent, depth);
    }
    return KEY.test(first.trim()) ? this.map(indent, depth) : this.plain(indent);
  }

  private list(indent: number, depth: number): Yaml {
    const items: Yaml[] = [];
    for (this.skip(); this.at < this.lines.length; this.skip()) {
      const line = this.lines[this.at];
      const match = /^(\s*-(?:\s+|$))(.*)$/.exec(line);
      if (indentOf(line) !== indent || !match) {
        break;
      }
      const [, dash, rest] = match;
      if (rest !== '' && !/^(["'[{|>]|#)/.test(rest) && (KEY.test(rest) || /^-\s/.test(rest))) {
        // A map or a list that starts on the line of the dash.
        this.lines[this.at] = ' '.repeat(dash.length) + rest;
        items.push(this.block(indent, depth + 1));
      } else {
        this.at++;
        items.push(this.value(rest, indent, depth));
      }
    }
    return items;
  }

  private map(indent: number, depth: number): Yaml {
    const entries: [string, Yaml][] = [];
    for (this.skip(); this.at < this.lines.length; this.skip()) {
      const line = this.lines[this.at];
      const match = KEY.exec(line.trim());
      if (indentOf(line) !== indent || !match || /^\s*-(\s|$)/.test(line)) {
        break;
      }
      this.at++;
      const name = match[1] ?? match[2] ?? match[3];
      const rest = match[4] ?? '';
      // A list can follow its name without more indentation.
      this.skip();
      const next = this.lines[this.at];
      const isList = rest === '' && next !== undefined && /^\s*-(\s|$)/.test(next);
      const outer = isList && indentOf(next) === indent ? indent - 1 : indent;
      entries.push([name, this.value(rest, outer, depth)]);
    }
    return Object.fromEntries(entries);
  }

  private value(rest: string, indent: number, depth: number): Yaml {
    const text = rest.trim().replace(/^![\w!/:.]+\s*/, '');
    if (/^[|>][-+0-9]*(\s+#.*)?$/.test(text)) {
      return this.literal(indent, text.startsWith('>'));
    }
    if (text === '' || text.startsWith('#')) {
      return this.block(indent, depth + 1);
    }
    return flow(text);
  }

  private literal(indent: number, folded: boolean): string {
    const found: string[] = [];
    while (this.at < this.lines.length) {
      const line = this.lines[this.at];
      if (line.trim() !== '' && indentOf(line) <= indent) {
        break;
      }
      found.push(line);
      this.at++;
    }
    const least = Math.min(
      ...found
        .filter((line) => line.trim() !== '')
        .map(indentOf)
        .slice(0, 1),
    );
    const lines = found.map((line) => line.slice(Math.min(least, indentOf(line))));
    return folded ? lines.join(' ').trim() : `${lines.join('\n').trimEnd()}\n`;
  }

  private plain(indent: number): string {
    const found: string[] = [];
    while (this.at < this.lines.length && indentOf(this.lines[this.at]) >= indent) {
      found.push(this.lines[this.at++].trim());
    }
    return found.join(' ');
  }

  private skip(): void {
    while (this.at < this.lines.length && /^\s*(#.*)?$/.test(this.lines[this.at])) {
      this.at++;
    }
  }
}

/** A scalar or a flow collection. */
function flow(text: string): Yaml {
  const reader = new Flow(text);
  return reader.value(0);
}

class Flow {
  private at = 0;

  constructor(private readonly source: string) {}

  public value(depth: number): Yaml {
    this.skip();
    const char = this.source[this.at];
    if (depth < DEEPEST && char === '[') {
      return this.items(depth).map(([, value]) => value);
    }
    // `{{ … }}` is a Jinja or Go template, not a nested map.
    if (depth < DEEPEST && char === '{' && this.source[this.at + 1] !== '{') {
      return Object.fromEntries(this.items(depth));
    }
    if (char === '"' || char === "'") {
      return this.quoted(char);
    }
    const end = depth === 0 ? /(\s#.*)?$/ : /\s*([,\]}]|:(?=\s)|$)/;
    const rest = this.source.slice(this.at);
    const found = end.exec(rest);
    const length = found?.index ?? rest.length;
    this.at += length;
    return rest.slice(0, length).trim();
  }

  private items(depth: number): [string, Yaml][] {
    const close = this.source[this.at] === '[' ? ']' : '}';
    const found: [string, Yaml][] = [];
    this.at++;
    for (this.skip(); this.at < this.source.length; this.skip()) {
      if (this.source[this.at] === close) {
        break;
      }
      const before = this.at;
      const value = this.value(depth + 1);
      this.skip();
      if (close === '}' && this.source[this.at] === ':') {
        this.at++;
        found.push([typeof value === 'string' ? value : '', this.value(depth + 1)]);
      } else {
        found.push([String(found.length), value]);
      }
      this.skip();
      if (this.source[this.at] === ',' || this.at === before) {
        this.at++;
      }
    }
    this.at++;
    return found;
  }

  private quoted(quote: string): string {
    let text = '';
    for (this.at++; this.at < this.source.length; this.at++) {
      const char = this.source[this.at];
      if (char === '\\' && quote === '"') {
        const next = this.source[++this.at] ?? '';
        text += { n: '\n', t: '\t' }[next] ?? next;
      } else if (char !== quote) {
        text += char;
      } else if (quote === "'" && this.source[this.at + 1] === "'") {
        text += "'";
        this.at++;
      } else {
        break;
      }
    }
    this.at++;
    return text;
  }

  private skip(): void {
    while (/\s/.test(this.source[this.at] ?? '')) {
      this.at++;
    }
  }
}
