/**
 * Text as CloudFormation will make it, with numbered holes where only the deployment knows what
 * stands there. Rules search the text, and look at what an intrinsic function in a hole refers to.
 */
export interface Text {
  readonly text: string;
  readonly holes: readonly unknown[];
}

/** One setting as it was found in an environment, in user data or in a container. */
export interface Setting extends Text {
  /** Whether a shell or Python expression makes the value at run time: then it is unknown. */
  readonly dynamic: boolean;
}

// Private-use characters: no template has a reason to hold them.
const HOLE = /\uE000(\d+)\uE001/g;

// $NAME, ${NAME}, $(command) and `command`; a $ that ends a regular expression is none of them.
const EXPANSION = /\$[A-Za-z_{(]|`/;

// What stands in quotation marks on one line, as Python writes it.
const STRING = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'/g;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The name and argument of an intrinsic function, where `value` is one. */
export function intrinsic(value: unknown): [string, unknown] | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length !== 1) return undefined;
  const [name] = entries[0];
  return name === 'Ref' || name.startsWith('Fn::') ? entries[0] : undefined;
}

/** Whether a template leaves this value out (`AWS::NoValue` does that too). */
export function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  const call = intrinsic(value);
  return call !== undefined && call[0] === 'Ref' && call[1] === 'AWS::NoValue';
}

// More than a template can hold: functions that repeat what repeats something else would make a text
// that no machine has the memory for. What is beyond is unknown, and not looked into again.
const LONGEST = 2_000_000;
const DEEPEST = 500;

/** Flattens Fn::Base64, Fn::Join and Fn::Sub; everything else that is not literal becomes a hole. */
export function flatten(value: unknown): Text {
  const holes: unknown[] = [];
  const hole = (what: unknown): string => `\uE000${holes.push(what) - 1}\uE001`;
  let spent = 0;
  let depth = 0;
  const walk = (part: unknown): string => {
    if (spent > LONGEST || depth > DEEPEST) return hole(undefined);
    depth++;
    const text = read(part);
    depth--;
    spent += text.length + 1;
    return text;
  };
  const read = (part: unknown): string => {
    if (isAbsent(part)) return '';
    if (typeof part === 'string') return part;
    if (typeof part === 'number' || typeof part === 'boolean') return String(part);
    const call = intrinsic(part);
    if (call === undefined) return hole(part);
    const [name, argument] = call;
    if (name === 'Fn::Base64') return walk(argument);
    if (name === 'Fn::Join' && Array.isArray(argument)) {
      const [separator, list] = argument as unknown[];
      if (typeof separator === 'string' && Array.isArray(list)) {
        return list.map(walk).join(separator);
      }
    }
    if (name === 'Fn::Sub') {
      const [template, variables] = Array.isArray(argument) ? (argument as unknown[]) : [argument];
      if (typeof template === 'string') return substitute(template, variables);
    }
    return hole(part);
  };
  const substitute = (template: string, variables: unknown): string =>
    template.replace(/\$\{(!?)([^}]*)\}/g, (_match, escape: string, name: string) => {
      if (escape) return `\${${name}}`;
      if (isObject(variables) && Object.hasOwn(variables, name)) return walk(variables[name]);
      const dot = name.indexOf('.');
      return hole(
        dot < 0 ? { Ref: name } : { 'Fn::GetAtt': [name.slice(0, dot), name.slice(dot + 1)] },
      );
    });
  return { text: walk(value), holes };
}

/** The text of a value without holes, else undefined: absent and unknown both. */
export function literal(value: unknown): string | undefined {
  if (isAbsent(value)) return undefined;
  const { text, holes } = flatten(value);
  return holes.length === 0 ? text : undefined;
}

/** Whether a piece of flattened text still has a hole in it. */
export function hasHole(text: string): boolean {
  return text.includes('\uE000');
}

/** What stands in the holes of a piece of a text. */
export function holesIn(piece: string, holes: readonly unknown[]): unknown[] {
  return [...piece.matchAll(HOLE)].map((match) => holes[Number(match[1])]);
}

/** User data as a host reads it. Data that the template already has in base64 is decoded. */
export function userDataText(value: unknown): Text {
  const flat = flatten(value);
  const packed = flat.text.replace(/\s+/g, '');
  if (
    flat.holes.length > 0 ||
    packed.length < 8 ||
    packed.length % 4 !== 0 ||
    !/^[A-Za-z0-9+/]+={0,2}$/.test(packed)
  ) {
    return flat;
  }
  const decoded = Buffer.from(packed, 'base64').toString('utf8');
  // A replacement or control character: it was no text, so it was no base64 of a script either.
  // eslint-disable-next-line no-control-regex
  return /[\uFFFD\u0000-\u0008]/.test(decoded) ? flat : { text: decoded, holes: [] };
}

/** Drops comments and joins continued lines, so that rules only see what takes effect. */
export function effectiveLines(text: string): string[] {
  return text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '$1').trimEnd())
    .filter((line) => line.trim() !== '');
}

/** Assignments `NAME="value"` of shell and systemd, and `NAME = 'value'` of Python; the last wins. */
export function assignments(data: Text): Map<string, Setting> {
  const settings = new Map<string, Setting>();
  const lines = data.text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)(\s*)=(?!=)\s*(.*)$/.exec(lines[i]);
    if (!match) continue;
    const [, name, space, first] = match;
    let value = first;
    const close = first.startsWith('[') ? ']' : first.startsWith('(') ? ')' : '';
    // A Python list may go on over several lines, a stray bracket must not eat the whole script.
    for (let n = 0; close && !value.includes(close) && n < 100 && i + 1 < lines.length; n++) {
      value += `\n${lines[++i]}`;
    }
    settings.set(name, parseValue(value, space !== '', data.holes));
  }
  return settings;
}

function parseValue(value: string, python: boolean, holes: readonly unknown[]): Setting {
  const made = (text: string, dynamic: boolean): Setting => ({ text, holes, dynamic });
  if (value.startsWith('[') || value.startsWith('(')) {
    const inner = value.replace(/(^|\s)#.*$/gm, '$1');
    const strings = [...inner.matchAll(STRING)];
    const rest = inner.replace(STRING, '');
    const text = strings.map((found) => found[1] ?? found[2]).join(',');
    return made(text, !/^[[(][\s,]*[\])]\s*(#.*)?$/.test(rest) || EXPANSION.test(text));
  }
  const raw = /^r(?=["'])/.test(value);
  const quoted = raw ? value.slice(1) : value;
  if (quoted.startsWith('"')) {
    const match = /^"((?:[^"\\]|\\.)*)"/.exec(quoted);
    if (!match) return made('', true);
    // What a backslash keeps from the shell is literal.
    const expands = EXPANSION.test(match[1].replace(/\\./g, ''));
    return made(raw ? match[1] : match[1].replace(/\\(["\\$`])/g, '$1'), expands);
  }
  if (quoted.startsWith("'")) {
    const match = /^'([^']*)'/.exec(quoted);
    // Single quotes do not stop the shell where they stand in a here-document.
    return match ? made(match[1], EXPANSION.test(match[1])) : made('', true);
  }
  const bare = /^[^\s;#]*/.exec(value)![0];
  // In Python a bare word other than a constant is a name or an expression.
  const constant = /^(True|False|None|\d+)$/.test(bare);
  return made(bare, /[$`()[\]]/.test(bare) || (python && !constant));
}

/** A setting's value where all of it is known, else undefined. */
export function known(setting: Setting | undefined): string | undefined {
  return setting && !setting.dynamic && !hasHole(setting.text) ? setting.text : undefined;
}

export const isTrue = (value: string): boolean => /^(true|1|yes|on)$/i.test(value.trim());
export const isFalse = (value: string): boolean => /^(false|0|no|off|)$/i.test(value.trim());
