import { APPLICATION } from '../../contract/environment';
import {
  COMPUTED,
  Literal,
  asMap,
  combined,
  readArguments,
  readAssigned,
  readLiteral,
} from '../reading/python';
import { unpack } from '../reading/unpack';

/**
 * Text as CloudFormation will render it, with numbered holes for values that are not known at synth
 * time. Rules search the text, and follow the references of intrinsic functions in holes.
 */
export interface Text {
  readonly text: string;
  readonly holes: readonly unknown[];
}

/** A setting in an environment, in user data or in a container. */
export interface Setting extends Text {
  /** Whether a shell or Python expression computes the value at run time, so that it is unknown. */
  readonly dynamic: boolean;
}

// Private-use characters, which templates do not contain.
const HOLE = /\uE000(\d+)\uE001/g;

// $NAME, ${NAME}, $(command) and `command`, but not a $ at the end of a regular expression.
const EXPANSION = /\$[A-Za-z_{(]|`/;

// A quoted Python string on one line.
const STRING = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'/g;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The name and argument of an intrinsic function, if `value` is one. */
export function intrinsic(value: unknown): [string, unknown] | undefined {
  if (!isObject(value)) {
    return undefined;
  }
  // Called for each part of each template, so it does not create a list of the entries.
  let only: string | undefined;
  for (const name in value) {
    if (only !== undefined) {
      return undefined;
    }
    only = name;
  }
  if (only === undefined || !(only === 'Ref' || only.startsWith('Fn::'))) {
    return undefined;
  }
  return [only, value[only]];
}

/** Whether a template omits a value (`AWS::NoValue` does so, too). */
export function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null) {
    return true;
  }
  // Called for every value; few have a Ref, so the names of most need not be listed.
  return isObject(value) && value.Ref === 'AWS::NoValue' && intrinsic(value)?.[0] === 'Ref';
}

// More than a template can contain. Nested functions that repeat a text could otherwise fill the memory.
// Text above the limit is unknown.
const LONGEST = 2_000_000;
const DEEPEST = 500;

/** Flattens Fn::Base64, Fn::Join and Fn::Sub. Every other value that is not literal becomes a hole. */
export function flatten(value: unknown): Text {
  const holes: unknown[] = [];
  const hole = (what: unknown): string => `\uE000${holes.push(what) - 1}\uE001`;
  let spent = 0;
  let depth = 0;
  const walk = (part: unknown): string => {
    if (spent > LONGEST || depth > DEEPEST) {
      return hole(undefined);
    }
    depth++;
    const text = read(part);
    depth--;
    spent += text.length + 1;
    return text;
  };
  const read = (part: unknown): string => {
    if (isAbsent(part)) {
      return '';
    }
    if (typeof part === 'string') {
      return part;
    }
    if (typeof part === 'number' || typeof part === 'boolean') {
      return String(part);
    }
    const call = intrinsic(part);
    if (call === undefined) {
      return hole(part);
    }
    const [name, argument] = call;
    if (name === 'Fn::Base64') {
      return walk(argument);
    }
    if (name === 'Fn::Join' && Array.isArray(argument)) {
      const [separator, list] = argument as unknown[];
      if (typeof separator === 'string' && Array.isArray(list)) {
        return list.map(walk).join(separator);
      }
    }
    if (name === 'Fn::Sub') {
      const [template, variables] = Array.isArray(argument) ? (argument as unknown[]) : [argument];
      if (typeof template === 'string') {
        return substitute(template, variables);
      }
    }
    return hole(part);
  };
  const substitute = (template: string, variables: unknown): string =>
    template.replace(/\$\{(!?)([^}]*)\}/g, (_match, escape: string, name: string) => {
      if (escape) {
        return `\${${name}}`;
      }
      if (isObject(variables) && Object.hasOwn(variables, name)) {
        return walk(variables[name]);
      }
      const dot = name.indexOf('.');
      return hole(
        dot < 0 ? { Ref: name } : { 'Fn::GetAtt': [name.slice(0, dot), name.slice(dot + 1)] },
      );
    });
  return { text: walk(value), holes };
}

// CloudFormation replaces a dynamic reference with a value from elsewhere.
const DYNAMIC_REFERENCE = /\{\{resolve:/;

/** The text of a value without holes, or undefined if the value is absent or unknown. */
export function literal(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return DYNAMIC_REFERENCE.test(value) ? undefined : value;
  }
  if (isAbsent(value)) {
    return undefined;
  }
  const { text, holes } = flatten(value);
  return holes.length === 0 && !DYNAMIC_REFERENCE.test(text) ? text : undefined;
}

/** Whether a piece of flattened text contains a hole. */
export function hasHole(text: string): boolean {
  return text.includes('\uE000');
}

/** The values in the holes of a piece of text. */
export function holesIn(piece: string, holes: readonly unknown[]): unknown[] {
  return [...piece.matchAll(HOLE)].map((match) => holes[Number(match[1])]);
}

/** User data as a host reads it: the decoded parts of a message, one after the other. */
export function userDataText(value: unknown): Text {
  const { text, holes } = flatten(value);
  return { text: unpack(text).join('\n'), holes };
}

/** Joins texts. */
export function joinTexts(texts: readonly Text[], separator = '\n'): Text {
  if (texts.length === 1) {
    return texts[0];
  }
  const holes: unknown[] = [];
  const parts = texts.map((part) => {
    const first = holes.length;
    holes.push(...part.holes);
    return first === 0
      ? part.text
      : part.text.replace(HOLE, (_hole, number) => `\uE000${first + Number(number)}\uE001`);
  });
  return { text: parts.join(separator), holes };
}

/** Whether expressions match one after the other. It takes linear time, unlike `a.*b`. */
export function inOrder(text: string, ...expressions: readonly RegExp[]): boolean {
  let rest = text;
  return expressions.every((expression) => {
    const at = rest.search(expression);
    rest = at < 0 ? '' : rest.slice(at);
    return at >= 0;
  });
}

/** Removes comments and joins continued lines, so that rules only see what takes effect. */
export function effectiveLines(text: string): string[] {
  return text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '$1').trimEnd())
    .filter((line) => line.trim() !== '');
}

/** The commands of lines, separated by `&&`, `||`, `;` and `|`. */
export function commandsIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(/&&|\|\||[;|]/));
}

const SAYS = /^\s*(?:-\s+)?(?:sudo\s+)?(?:echo|printf|logger|wall)\s/;
const KEEPS =
  /^\s*(?:(?:export|local|readonly|declare)\s+(?:-\w+\s+)*)?(?!\w*PACKAGES=)[A-Za-z_]\w*=(?:"[^"]*"|'[^']*')\s*$/;
const TRIES =
  /\s--(?:simulate|just-print|dry-run|recon|no-act|download-?only|print-uris|assumeno)(?:\s|$)/;
const TRIES_SHORT = [/\b(?:apt|apt-get|aptitude)\s/, /\s-[a-z]*[sd][a-z]*(?:\s|$)/];

/** Whether a command has an effect, instead of only printing, storing or testing something. */
export const acts = (command: string): boolean =>
  !SAYS.test(command) &&
  !KEEPS.test(command) &&
  !TRIES.test(command) &&
  !inOrder(command, ...TRIES_SHORT);

// NAME=value, NAME = value, NAME['key'] = value, and NAME.update(value).
const ASSIGNMENT =
  /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)((?:\[\s*["'][^"'\]]*["']\s*\])*)(?:(\s*)=(?!=)|(\.update)\()\s*(.*)$/;
// Python statements that change a name: annotated, augmented or multiple assignments, and calls that
// change a dict or a list. Plain assignments are `ASSIGNMENT`, because the shell has them, too.
const STATEMENT =
  /^\s*([A-Z][A-Z0-9_]*)((?:\[\s*["'][^"'\]]*["']\s*\])*)\s*(?::\s*[\w.]+(?:\[[^=]*\])?\s*(=)(?!=)|([+|])=|\.(update|append|extend|insert|add|setdefault)\()\s*/;
const CHAINED = /^\s*((?:[A-Z][A-Z0-9_]*\s+=\s+){2,})(?=[^=\s])/;
const TARGETS = /^\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)+)\s*,?\s*=(?!=)\s*/;
const SCOPE = /^\s*(?:async\s+)?(?:def|class)\s+[A-Za-z_]\w*\s*[(:[]/;
// Names of settings.
const OTHER_NAME = /^\s*([A-Za-z_]\w*)\s+=\s+(?=["'[({\w])/;
const MOST_OTHERS = 500;
const LONGEST_OTHER = 2000;
// A line that a command writes to a file.
const WRITTEN =
  /^\s*(?:sudo\s+)?(?:echo|printf)\s+(?:-\w+\s+)*(["'])(.*)\1\s*(?:>>?|\|\s*(?:sudo\s+)?tee\b)/;
// Variables of systemd units, images and containers.
const VARIABLES = /^\s*(?:Environment=|ENV\s)\s*(.*)$/;
const OPTIONS = /\s(?:-e|--env)[\s=]+["']?([A-Z][A-Z0-9_]*=(?:"[^"]*"|'[^']*'|[^\s"']*))/g;

/**
 * Assignments `NAME="value"` of shell, systemd and containers, and `NAME = 'value'` of Python. The last
 * one wins. The keys of Python dicts are settings, too, see `expand`.
 *
 * @param echoes whether lines that `echo` writes to a file count
 */
export function assignments(data: Text, echoes = true): Map<string, Setting> {
  const settings = new Map<string, Setting>();
  const { holes } = data;
  const text = parted(data.text);
  const lines = text.split(/\r?\n/);
  const values = new Map<string, Literal>();
  const replaced = new Set<string>();
  let position = 0;
  // The end of a multi-line string, which contains no assignments.
  let ends = 0;
  // The indentation of a class or a function, which has its own names.
  let scope: number | undefined;
  let others = 0;
  for (let i = 0; i < lines.length; i++) {
    const start = position;
    const whole = lines[i];
    position = start + whole.length + (text[start + whole.length] === '\r' ? 2 : 1);
    if (start < ends) {
      continue;
    }
    ends = endOfText(text, start, whole);
    if (scope !== undefined) {
      if (/^\s*($|#|[)\]])/.test(whole) || whole.search(/\S/) > scope) {
        continue;
      }
      scope = undefined;
    }
    if (SCOPE.test(whole)) {
      scope = whole.search(/\S/);
      continue;
    }
    if (!/=|ENV|\.\w+\(/.test(whole)) {
      continue;
    }
    // A statement on the same line as its condition.
    const line = whole.replace(CONDITIONAL, (all) => ' '.repeat(all.length));
    if (statement(line, text, start, values, settings, holes)) {
      continue;
    }
    const match = ASSIGNMENT.exec(line);
    const other = match ? null : OTHER_NAME.exec(line);
    if (other && others++ < MOST_OTHERS) {
      const at = start + other[0].length;
      values.set(other[1], readAssigned(text, at, values, LONGEST_OTHER).value);
    }
    if (!match) {
      for (const each of variables(line, echoes)) {
        const found = ASSIGNMENT.exec(each);
        if (found && !found[2]) {
          settings.set(found[1], parseValue(found[5], found[3] !== '', holes));
        }
      }
      continue;
    }
    const [, name, keys, space, update, first] = match;
    if (space !== '' && !keys) {
      const { value, end } = readAssigned(text, start + line.length - first.length, values);
      values.set(name, value);
      ends = Math.max(ends, end ?? 0);
      if (value.kind !== 'expression') {
        if (name === 'CACHES') {
          replace(settings, name, replaced);
        }
        put(settings, [name], value, holes);
        const made = { text: textOf(value), holes };
        if (value.kind === 'map' || EXPANSION.test(made.text)) {
          settings.set(name, { ...made, dynamic: true });
        }
        continue;
      }
    }
    if (first.startsWith('{') || keys || update) {
      const value = readLiteral(text, start + line.length - first.length, values);
      const path = [...keys.matchAll(/["']([^"']*)["']/g)].map((key) => key[1]);
      if (name === 'CACHES' && !update) {
        replace(settings, [name, ...path].join('.'), replaced);
      }
      put(settings, [name, ...path], value, holes);
      if (value.kind === 'map' && !keys) {
        settings.set(name, { text: textOf(value), holes, dynamic: true });
      }
      continue;
    }
    let value = first;
    const close = first.startsWith('[') ? ']' : first.startsWith('(') ? ')' : '';
    // A Python list can span several lines, but a stray bracket must not consume the whole script.
    for (let n = 0; close && !value.includes(close) && n < 100 && i + 1 < lines.length; n++) {
      const next = lines[++i];
      value += `\n${next}`;
      position += next.length + (text[position + next.length] === '\r' ? 2 : 1);
    }
    settings.set(name, parseValue(value, space !== '', holes));
  }
  return expand(settings);
}

/** Removes the previous keys of a dict that is assigned again. */
function replace(settings: Map<string, Setting>, path: string, before: Set<string>): void {
  const isSecond = [...path.matchAll(/\.|$/g)].some(({ index }) =>
    before.has(path.slice(0, index)),
  );
  before.add(path);
  if (!isSecond) {
    return;
  }
  for (const name of settings.keys()) {
    if (name.startsWith(`${path}.`)) {
      settings.delete(name);
    }
  }
}

/** The end of a triple-quoted string that starts on a line, if there is one. */
function endOfText(text: string, start: number, line: string): number {
  const mark = /"""|'''/.exec(line)?.[0];
  if (mark === undefined || line.split(mark).length % 2 === 1) {
    return 0;
  }
  if (line.slice(0, line.indexOf(mark)).includes('#')) {
    return 0;
  }
  const end = text.indexOf(mark, start + line.lastIndexOf(mark) + mark.length);
  // Without an end, it is something else, perhaps of a shell.
  return end < 0 || end - start > LONGEST_TEXT ? 0 : end + mark.length;
}

const LONGEST_TEXT = 20_000;
const CONDITIONAL =
  /^\s*(?:if|elif|else|try|finally|except|with|for|while)\b[^#"'=]*(?:==[^#"'=]*)?:\s+(?=[A-Z][A-Z0-9_]*\s*(?:=(?!=)|\[|\.|[+|]=))/;

// `A = 1; B = 2`
const NEXT = /^\s*[A-Za-z_]\w*(?:\[[^\]]*\])*\s+[+|]?=\s/;

/** Splits statements on one line into separate lines, and keeps the length of the text. */
function parted(text: string): string {
  if (!text.includes(';')) {
    return text;
  }
  const lines = text.split('\n').map((line) => {
    if (line.length > 2000 || !line.includes(';')) {
      return line;
    }
    let quote = '';
    let made = '';
    for (let at = 0; at < line.length; at++) {
      const char = line[at];
      if (quote === '' && char === '#') {
        return made + line.slice(at);
      }
      if (char === '\\') {
        made += line.slice(at, ++at);
      } else if (char === quote) {
        quote = '';
      } else if (quote === '' && (char === '"' || char === "'")) {
        quote = char;
      }
      made +=
        char === ';' && quote === '' && NEXT.test(line.slice(at + 1, at + 200)) ? '\n' : line[at];
    }
    return made;
  });
  return lines.join('\n');
}

/** Follows a statement that only Python has. Returns whether it was one. */
function statement(
  line: string,
  text: string,
  start: number,
  values: Map<string, Literal>,
  settings: Map<string, Setting>,
  holes: readonly unknown[],
): boolean {
  const chain = CHAINED.exec(line);
  if (chain) {
    const { value } = readAssigned(text, start + chain[0].length, values);
    for (const name of chain[1].split(/\s+=\s+/).filter((each) => each !== '')) {
      values.set(name.trim(), value);
      put(settings, [name.trim()], value, holes);
    }
    return true;
  }
  const targets = TARGETS.exec(line);
  if (targets) {
    const { value } = readAssigned(text, start + targets[0].length, values);
    const names = targets[1].split(',').map((each) => each.trim());
    const items = value.kind === 'list' && value.items.length === names.length ? value.items : [];
    names.forEach((name, at) => {
      const item = items[at] ?? { kind: 'expression' };
      values.set(name, item);
      // Names that are not literal are a doubt about the file.
      if (items.length === 0) {
        settings.delete(name);
      } else if (/^[A-Z][A-Z0-9_]*$/.test(name)) {
        put(settings, [name], item, holes);
      }
    });
    return true;
  }
  const match = STATEMENT.exec(line);
  if (!match) {
    return false;
  }
  const [all, name, keys, annotated, augmented, method] = match;
  const path = [name, ...[...keys.matchAll(/["']([^"']*)["']/g)].map((key) => key[1])];
  const key = path.join('.');
  const before = values.get(key) ?? former(settings.get(key));
  const at = start + all.length;
  let value: Literal;
  if (annotated) {
    value = readAssigned(text, at, values).value;
  } else if (augmented) {
    value = combined(before, readAssigned(text, at, values).value);
  } else {
    const { items, entries } = readArguments(text, at, values);
    const last = items.at(-1) ?? { kind: 'expression' };
    if (method === 'update') {
      const given: Literal = { kind: 'map', entries };
      value = items.length > 0 ? combined(asMap(items[0])!, given) : given;
    } else if (method === 'setdefault') {
      value = { kind: 'map', entries: items[0]?.kind === 'text' ? [[items[0].text, last]] : [] };
    } else if (method === 'extend') {
      value = combined(before, last);
    } else {
      value = combined(before, { kind: 'list', items: [last] });
    }
  }
  values.set(key, value);
  put(settings, path, value, holes);
  return true;
}

/** The previous value of a setting, as far as it is known. */
function former(setting: Setting | undefined): Literal {
  if (!setting || setting.dynamic || setting.text === '') {
    return { kind: 'expression' };
  }
  const items = setting.text.split(',').map((text): Literal => ({ kind: 'text', text }));
  return { kind: 'list', items };
}

function variables(line: string, echoes: boolean): string[] {
  const written = WRITTEN.exec(line)?.[2];
  if (written !== undefined && !echoes) {
    return [];
  }
  if (written !== undefined) {
    return written.split(/\\n/);
  }
  const named = VARIABLES.exec(line)?.[1];
  if (named !== undefined) {
    const older = /^([A-Z][A-Z0-9_]*)\s+([^=]*)$/.exec(named);
    if (older) {
      return [`${older[1]}=${older[2]}`];
    }
    return [...named.matchAll(/"([A-Z][A-Z0-9_]*=[^"]*)"|'([A-Z][A-Z0-9_]*=[^']*)'|(\S+)/g)].map(
      (each) => each[1] ?? each[2] ?? each[3],
    );
  }
  return [...line.matchAll(OPTIONS)].map((each) => each[1]);
}

// Keys of Horizon's dicts that are separate settings on hosts of this library.
const ALIASES: Record<string, string> = Object.fromEntries(
  Object.entries(APPLICATION)
    .filter(([, { setting, rules }]) => setting?.startsWith('HORIZON_CONFIG.') && rules)
    .map(([name, { setting }]) => [setting!, name]),
);

/** Adds the settings in a dict by their paths, such as `CACHES.default.BACKEND`. */
function put(
  settings: Map<string, Setting>,
  path: readonly string[],
  value: Literal,
  holes: readonly unknown[],
): void {
  if (value.kind === 'map') {
    for (const [key, inner] of value.entries) {
      put(settings, [...path, key], inner, holes);
    }
    return;
  }
  const name = path.join('.');
  // Some items of a list may be known; the others are holes.
  settings.set(ALIASES[name] ?? name, { text: textOf(value), holes, dynamic: isOpen(value) });
}

const isOpen = (value: Literal): boolean =>
  /^(expression|map)$/.test(value.kind) ||
  (value.kind === 'list' && value.items.length > 0 && value.items.every(isOpen));

function textOf(value: Literal): string {
  if (value.kind === 'map') {
    return value.entries.map(([, inner]) => textOf(inner)).join(',');
  }
  if (value.kind === 'list') {
    return value.items
      .map((item) => (item.kind === 'expression' ? COMPUTED : textOf(item)))
      .join(',');
  }
  return value.kind === 'expression' ? '' : value.text;
}

/**
 * Adds the settings in literal dicts: `EXTRA_SETTINGS` of this library's hosts, which wins, and the old
 * name of a setting if the new one is not set.
 */
export function expand(settings: Map<string, Setting>): Map<string, Setting> {
  for (const name of ['HORIZON_CONFIG', 'CACHES', 'EXTRA_SETTINGS']) {
    const setting = settings.get(name);
    if (!setting?.text.trimStart().startsWith('{')) {
      continue;
    }
    put(
      settings,
      name === 'EXTRA_SETTINGS' ? [] : [name],
      readLiteral(setting.text),
      setting.holes,
    );
  }
  const older = settings.get('HORIZON_IMAGES_ALLOW_UPLOAD');
  if (older && !settings.has('HORIZON_IMAGES_UPLOAD_MODE')) {
    settings.set('HORIZON_IMAGES_UPLOAD_MODE', older);
  }
  return settings;
}

function parseValue(value: string, python: boolean, holes: readonly unknown[]): Setting {
  const made = (text: string, dynamic: boolean): Setting => ({ text, holes, dynamic });
  const continued = (text: string, dynamic: boolean, rest: string): Setting => {
    // Only the parts that `%` inserts are computed.
    if (python && /^\s*%/.test(rest)) {
      return made(text.replace(/%(\(\w+\))?[sdr]/g, COMPUTED), dynamic);
    }
    return made(text, dynamic || (python && hasMore(rest)));
  };
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
    if (!match) {
      return made('', true);
    }
    // Characters after a backslash are literal.
    const expands = EXPANSION.test(match[1].replace(/\\./g, ''));
    const string = raw ? match[1] : match[1].replace(/\\(["\\$`])/g, '$1');
    return continued(string, expands, quoted.slice(match[0].length));
  }
  if (quoted.startsWith("'")) {
    const match = /^'([^']*)'/.exec(quoted);
    if (!match) {
      return made('', true);
    }
    // Single quotes in a here-document do not prevent expansion.
    return continued(match[1], EXPANSION.test(match[1]), quoted.slice(match[0].length));
  }
  const bare = /^[^\s;#]*/.exec(value)![0];
  // In Python, a bare word is a name or an expression unless it is a constant.
  const constant = /^(True|False|None|\d+)$/.test(bare);
  const more = python && hasMore(value.slice(bare.length));
  return made(bare, /[$`()[\]]/.test(bare) || (python && !constant) || more);
}

/** Whether a Python literal is part of an expression: `'a b'.split()`, `True if x else False`. */
const hasMore = (rest: string): boolean => /^\s*(\.\w|[-+*/%[]|(if|or|and|in|not|is)\s)/.test(rest);

/** A setting's value if all of it is known, otherwise undefined. */
export function known(setting: Setting | undefined): string | undefined {
  return setting &&
    !setting.dynamic &&
    !hasHole(setting.text) &&
    !DYNAMIC_REFERENCE.test(setting.text)
    ? setting.text
    : undefined;
}

/** A setting with its dynamic references replaced by holes, since their values are not known at synth time. */
export function withoutReferences(setting: Setting): Setting {
  if (!DYNAMIC_REFERENCE.test(setting.text)) {
    return setting;
  }
  const holes = [...setting.holes];
  const text = setting.text.replace(
    /\{\{resolve:[^{}]*\}\}/g,
    (reference) => `\uE000${holes.push(reference) - 1}\uE001`,
  );
  return { ...setting, text, holes };
}

export const isTrue = (value: string): boolean => /^(true|1|yes|on)$/i.test(value.trim());
export const isFalse = (value: string): boolean => /^(false|0|no|off|)$/i.test(value.trim());
