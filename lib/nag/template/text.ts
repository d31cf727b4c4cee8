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
 * Text as CloudFormation will make it, with numbered holes for values that are not known at synth
 * time. Rules search the text, and look at what an intrinsic function in a hole refers to.
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
  if (!isObject(value)) {
    return undefined;
  }
  // Asked of each part of each template: without a list of the entries.
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

/** Whether a template leaves this value out (`AWS::NoValue` does that too). */
export function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null) {
    return true;
  }
  // Called for every value: few have a Ref, so that the names of most need not be listed.
  return isObject(value) && value.Ref === 'AWS::NoValue' && intrinsic(value)?.[0] === 'Ref';
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

// CloudFormation puts a value from elsewhere in the place of a dynamic reference.
const DYNAMIC_REFERENCE = /\{\{resolve:/;

/** The text of a value without holes, else undefined: absent and unknown both. */
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

/** Whether a piece of flattened text still has a hole in it. */
export function hasHole(text: string): boolean {
  return text.includes('\uE000');
}

/** What stands in the holes of a piece of a text. */
export function holesIn(piece: string, holes: readonly unknown[]): unknown[] {
  return [...piece.matchAll(HOLE)].map((match) => holes[Number(match[1])]);
}

/** User data as a host reads it: parts of messages one after the other, all of it decoded. */
export function userDataText(value: unknown): Text {
  const { text, holes } = flatten(value);
  return { text: unpack(text).join('\n'), holes };
}

/** Several texts as one. */
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

/** Whether expressions are found one behind the other: in linear time, which `a.*b` is not in. */
export function inOrder(text: string, ...expressions: readonly RegExp[]): boolean {
  let rest = text;
  return expressions.every((expression) => {
    const at = rest.search(expression);
    rest = at < 0 ? '' : rest.slice(at);
    return at >= 0;
  });
}

/** Drops comments and joins continued lines, so that rules only see what takes effect. */
export function effectiveLines(text: string): string[] {
  return text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '$1').trimEnd())
    .filter((line) => line.trim() !== '');
}

/** The commands of lines, as far as `&&`, `||`, `;` and `|` separate them. */
export function commandsIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(/&&|\|\||[;|]/));
}

const SAYS = /^\s*(?:-\s+)?(?:sudo\s+)?(?:echo|printf|logger|wall)\s/;
const KEEPS =
  /^\s*(?:(?:export|local|readonly|declare)\s+(?:-\w+\s+)*)?(?!\w*PACKAGES=)[A-Za-z_]\w*=(?:"[^"]*"|'[^']*')\s*$/;
const TRIES =
  /\s--(?:simulate|just-print|dry-run|recon|no-act|download-?only|print-uris|assumeno)(?:\s|$)/;
const TRIES_SHORT = [/\b(?:apt|apt-get|aptitude)\s/, /\s-[a-z]*[sd][a-z]*(?:\s|$)/];

/** Whether a command does something, and not only says, keeps or tries it. */
export const acts = (command: string): boolean =>
  !SAYS.test(command) &&
  !KEEPS.test(command) &&
  !TRIES.test(command) &&
  !inOrder(command, ...TRIES_SHORT);

// NAME=value, NAME = value, NAME['key'] = value, and NAME.update(value).
const ASSIGNMENT =
  /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)((?:\[\s*["'][^"'\]]*["']\s*\])*)(?:(\s*)=(?!=)|(\.update)\()\s*(.*)$/;
// What Python does to a name: an annotated or augmented assignment, an assignment to several, and
// calls that change a dict or a list. A plain assignment is `ASSIGNMENT`, which the shell has too.
const STATEMENT =
  /^\s*([A-Z][A-Z0-9_]*)((?:\[\s*["'][^"'\]]*["']\s*\])*)\s*(?::\s*[\w.]+(?:\[[^=]*\])?\s*(=)(?!=)|([+|])=|\.(update|append|extend|insert|add|setdefault)\()\s*/;
const CHAINED = /^\s*((?:[A-Z][A-Z0-9_]*\s+=\s+){2,})(?=[^=\s])/;
const TARGETS = /^\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)+)\s*,?\s*=(?!=)\s*/;
const SCOPE = /^\s*(?:async\s+)?(?:def|class)\s+[A-Za-z_]\w*\s*[(:[]/;
// Names that settings are made of.
const OTHER_NAME = /^\s*([A-Za-z_]\w*)\s+=\s+(?=["'[({\w])/;
const MOST_OTHERS = 500;
const LONGEST_OTHER = 2000;
// A line that a command writes to a file.
const WRITTEN =
  /^\s*(?:sudo\s+)?(?:echo|printf)\s+(?:-\w+\s+)*(["'])(.*)\1\s*(?:>>?|\|\s*(?:sudo\s+)?tee\b)/;
// Variables of systemd's units, of images and of containers.
const VARIABLES = /^\s*(?:Environment=|ENV\s)\s*(.*)$/;
const OPTIONS = /\s(?:-e|--env)[\s=]+["']?([A-Z][A-Z0-9_]*=(?:"[^"]*"|'[^']*'|[^\s"']*))/g;

/**
 * Assignments `NAME="value"` of shell, systemd and containers, and `NAME = 'value'` of Python; the
 * last wins. Dicts of Python are settings by their keys too, see `expand`.
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
  // The end of a text of several lines, which has no assignments of its own.
  let ends = 0;
  // How far a class or a function is indented whose lines have names of their own.
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
    // A statement on the line of its condition.
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
    // A Python list may go on over several lines, a stray bracket must not eat the whole script.
    for (let n = 0; close && !value.includes(close) && n < 100 && i + 1 < lines.length; n++) {
      const next = lines[++i];
      value += `\n${next}`;
      position += next.length + (text[position + next.length] === '\r' ? 2 : 1);
    }
    settings.set(name, parseValue(value, space !== '', holes));
  }
  return expand(settings);
}

/** Forgets what a dict held that is assigned a second time. */
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

/** Where a text in three quotation marks ends that a line begins; nowhere if it begins none. */
function endOfText(text: string, start: number, line: string): number {
  const mark = /"""|'''/.exec(line)?.[0];
  if (mark === undefined || line.split(mark).length % 2 === 1) {
    return 0;
  }
  if (line.slice(0, line.indexOf(mark)).includes('#')) {
    return 0;
  }
  const end = text.indexOf(mark, start + line.lastIndexOf(mark) + mark.length);
  // Without an end it is something else, of a shell perhaps.
  return end < 0 || end - start > LONGEST_TEXT ? 0 : end + mark.length;
}

const LONGEST_TEXT = 20_000;
const CONDITIONAL =
  /^\s*(?:if|elif|else|try|finally|except|with|for|while)\b[^#"'=]*(?:==[^#"'=]*)?:\s+(?=[A-Z][A-Z0-9_]*\s*(?:=(?!=)|\[|\.|[+|]=))/;

// `A = 1; B = 2`
const NEXT = /^\s*[A-Za-z_]\w*(?:\[[^\]]*\])*\s+[+|]?=\s/;

/** A text with the statements of a line on lines of their own, of the same length. */
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

/** Follows a statement of Python that only Python has; whether it was one. */
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
      // What is not written out is a doubt about the file.
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

/** What a setting was before, as far as a text of it tells. */
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

// The keys under which Horizon keeps what hosts of this library have as settings of their own.
const ALIASES: Record<string, string> = Object.fromEntries(
  Object.entries(APPLICATION)
    .filter(([, { setting, rules }]) => setting?.startsWith('HORIZON_CONFIG.') && rules)
    .map(([name, { setting }]) => [setting!, name]),
);

/** A setting of a dict is known by its path too: `CACHES.default.BACKEND`. */
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
  // Of a list some items may be certain: the others are holes.
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
 * Adds what dicts written out in a setting say: `EXTRA_SETTINGS` of this library's hosts, which wins,
 * and the older name of a setting where the newer one is not given.
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
    // What `%` puts into a text is computed, the rest of it is not.
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
    // What a backslash keeps from the shell is literal.
    const expands = EXPANSION.test(match[1].replace(/\\./g, ''));
    const string = raw ? match[1] : match[1].replace(/\\(["\\$`])/g, '$1');
    return continued(string, expands, quoted.slice(match[0].length));
  }
  if (quoted.startsWith("'")) {
    const match = /^'([^']*)'/.exec(quoted);
    if (!match) {
      return made('', true);
    }
    // Single quotes do not stop the shell where they stand in a here-document.
    return continued(match[1], EXPANSION.test(match[1]), quoted.slice(match[0].length));
  }
  const bare = /^[^\s;#]*/.exec(value)![0];
  // In Python a bare word other than a constant is a name or an expression.
  const constant = /^(True|False|None|\d+)$/.test(bare);
  const more = python && hasMore(value.slice(bare.length));
  return made(bare, /[$`()[\]]/.test(bare) || (python && !constant) || more);
}

/** Whether a literal of Python is a part of an expression: `'a b'.split()`, `True if x else False`. */
const hasMore = (rest: string): boolean => /^\s*(\.\w|[-+*/%[]|(if|or|and|in|not|is)\s)/.test(rest);

/** A setting's value where all of it is known, else undefined. */
export function known(setting: Setting | undefined): string | undefined {
  return setting &&
    !setting.dynamic &&
    !hasHole(setting.text) &&
    !DYNAMIC_REFERENCE.test(setting.text)
    ? setting.text
    : undefined;
}

/** A setting whose dynamic references are holes: their values are not known at synth time. */
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
