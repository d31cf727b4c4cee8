import { decode } from '../unpack';
import {
  CONFIGURATORS,
  Doubt,
  SILENT,
  UNKNOWN,
  configures,
  fetched,
  isDoubtful,
  isHarmlessSource,
  isPackaged,
  isTool,
  plain,
} from './doubts';
import { BETWEEN, Range, Word } from './lexer';
import { Node, Redirection, Simple, parse } from './parser';
import { Permission, Permissions } from './permissions';
import { sed } from './sed';

/** The final content of a file, as far as a script shows it. */
export interface File {
  readonly text: string;
  /** Whether the script wrote the whole file, instead of changing a part of it. */
  readonly whole: boolean;
}

/** The effect of a script, as far as it can be followed. */
export interface Evaluation {
  /** Commands that differ from the text when they run: from variables, loops, functions, `sh -c`. */
  readonly commands: readonly string[];
  /** Files by their absolute paths. A path that is not known is kept as written. */
  readonly files: ReadonlyMap<string, File>;
  /** Commands and files that cannot be followed but may matter. */
  readonly doubts: readonly Doubt[];
  /** The final owners and modes of files, if commands set them. */
  readonly permissions: ReadonlyMap<string, Permission>;
  /** The text without the here-documents that became files, and without text that is only printed. */
  readonly rest: string;
}

const MOST_COMMANDS = 3000;
const MOST_TEXT = 400_000;
const LONGEST_VALUE = 20_000;
const DEEPEST = 12;
const MOST_DOUBTS = 20;
const LONGEST_COMMAND = 160;
// Substitutions that print assignments of variables: agents, jq and similar programs.
const SETS_VARIABLES =
  /^\s*\uE002[$`(]*\s*(ssh-agent|jq|dircolors|brew|register-python-argcomplete)\b/;
// Programs that start another program, which is the one that counts.
const STARTERS = new Set([
  'sudo',
  'exec',
  'nohup',
  'setsid',
  'env',
  'time',
  'command',
  'builtin',
  'nice',
  'ionice',
  'doas',
]);
const SHELL = /(^|\/)(ba|da|k|z|a)?sh$/;
// Programs that only print.
const SPEAKS = /^(echo|printf|logger|wall|write|notify-send)$/;
// Programs that run nothing in a here-document, or all of it, which is followed.
const TAKES = /^(cat|:|true|false|read|tee|logger|wall|mail|sendmail|su|runuser)$/;
// Programs that change files in other ways.
const EDITORS =
  /^(perl|python[0-9.]*|awk|gawk|ed|ex|vi|vim|patch|crudini|augtool|ruby|yq|envsubst|ansible.*)$/;

/** Simulates a script: takes every branch, runs loops over known words, and starts no program. */
export function evaluate(source: string): Evaluation {
  const machine = new Machine();
  machine.script(source, 0);
  const { commands, doubts } = machine;
  const files = new Map(
    [...machine.files].map(([path, { text, whole }]) => [path, { text: plain(text), whole }]),
  );
  const permissions = machine.permissions.files;
  return { commands, files, doubts, permissions, rest: without(source, machine.moved) };
}

function without(source: string, ranges: readonly Range[]): string {
  let at = 0;
  let rest = '';
  for (const [start, end] of [...ranges].sort(([one], [other]) => one - other)) {
    if (start < at) {
      continue;
    }
    const gone = source.slice(start, end);
    // The references in a text show which resources belong together.
    const holes = gone.match(/\uE000\d+\uE001/g)?.join(' ') ?? '';
    const kept = holes !== '' && gone.endsWith('\n') ? `# ${holes}\n` : holes && ` ${holes}`;
    rest += source.slice(at, start) + kept;
    at = end;
  }
  return rest + source.slice(at);
}

class Machine {
  public readonly commands: string[] = [];
  public readonly files = new Map<string, File>();
  public readonly doubts: Doubt[] = [];
  /** The current command. */
  private current = '';
  /** The last command with unknown output. */
  private printer = '';
  private readonly variables = new Map<string, string>();
  private readonly arrays = new Map<string, readonly string[]>();
  private readonly functions = new Map<string, { body: Node; moved: Range[] }>();
  public readonly permissions = new Permissions();
  /** The parts of the script that are not commands: here-documents that became files, words. */
  public moved: Range[] = [];
  /** The here-document that the current command reads, or the one before it in a pipeline. */
  private document?: { readonly range: Range; readonly moved: Range[] };
  /** Whether a program that is not followed reads the output. */
  private feeds = false;
  private directory = '';
  private steps = 0;
  private written = 0;

  public script(source: string, depth: number): string {
    return this.run(parse(source), '', depth);
  }

  /** Runs a part of a script. Returns its output, as far as it is known. */
  private run(node: Node, input: string, depth: number): string {
    if (depth > DEEPEST || ++this.steps > MOST_COMMANDS) {
      return this.tooMuch();
    }
    switch (node.kind) {
      case 'list':
        return node.items.map((item) => this.run(item, input, depth + 1)).join('');
      case 'pipeline': {
        this.document = undefined;
        const { feeds } = this;
        let passed = input;
        node.items.forEach((item, at) => {
          const next = node.items[at + 1];
          this.feeds = next ? !this.isFollowed(next) : feeds;
          passed = this.run(item, passed, depth + 1);
        });
        this.feeds = feeds;
        return passed;
      }
      case 'function':
        this.functions.set(node.name, { body: node.body, moved: this.moved });
        return '';
      case 'group': {
        const { directory } = this;
        const said = this.run(node.body, this.given(node.redirections) ?? input, depth + 1);
        if (node.subshell) {
          this.directory = directory;
        }
        return this.redirect(node.redirections, said);
      }
      case 'loop': {
        const words = node.words.flatMap((word) => this.fields(word));
        const said: string[] = [];
        for (const word of words.slice(0, 100)) {
          this.variables.set(node.variable, word);
          said.push(this.run(node.body, input, depth + 1));
        }
        if (words.length === 0) {
          this.variables.delete(node.variable);
          said.push(this.run(node.body, input, depth + 1));
        }
        return said.join('');
      }
      case 'simple':
        return this.simple(node, input, depth);
    }
  }

  /** Whether the use of its input by a command is fully known. */
  private isFollowed(node: Node): boolean {
    if (node.kind !== 'simple') {
      return false;
    }
    const [name = ''] = unwrapped(node.words.flatMap((word) => this.fields(word)));
    return TAKES.test(name) || SHELL.test(name);
  }

  private simple(node: Simple, input: string, depth: number): string {
    const { words, ranges, redirections } = node;
    let first = 0;
    for (; first < words.length; first++) {
      const [start] = words[first];
      if (start?.kind !== 'text' || start.quoted || !/^[A-Za-z_]\w*\+?=/.test(start.value)) {
        break;
      }
      const [assigned] = this.fields(words[first], false);
      const [, name, more, value] = /^(\w+)(\+?)=(.*)$/s.exec(assigned)!;
      const before = more ? (this.arrays.get(name) ?? []) : [];
      if (before.length > 0) {
        this.assign(name, BETWEEN + before.join(BETWEEN) + value);
      } else {
        this.assign(name, more ? (this.variables.get(name) ?? '') + value : value);
      }
    }
    const command = unwrapped(words.slice(first).flatMap((word) => this.fields(word)));
    this.current = plain(command.join(' ')).replace(/\s+/g, ' ').slice(0, LONGEST_COMMAND);
    if (input === '') {
      this.document = undefined;
    }
    const range = redirections.find((each) => each.range !== undefined)?.range;
    if (range) {
      this.document = { range, moved: this.moved };
    }
    this.permissions.run(command.map(plain), (name) => this.path(name));
    if (!this.feeds) {
      if (range && this.isFollowed(node)) {
        this.moved.push(range);
      }
      if (SPEAKS.test(command[0] ?? '') && first < ranges.length) {
        this.moved.push([ranges[first][1], ranges.at(-1)![1]]);
      }
    }
    const fed = this.given(redirections) ?? input;
    const said = command.length > 0 ? this.command(command, fed, depth) : '';
    if (said.includes(UNKNOWN)) {
      this.printer = this.current;
    }
    this.note(words.slice(first), command, redirections);
    return this.redirect(redirections, said);
  }

  /** Records a command that differs from the text when it runs. */
  private note(
    words: readonly Word[],
    command: readonly string[],
    to: readonly Redirection[],
  ): void {
    const dynamic = words.some((word) => word.some(({ kind }) => kind === 'variable'));
    if (!dynamic || command.length === 0 || this.commands.length >= MOST_COMMANDS) {
      return;
    }
    // Output to a file belongs to the file.
    if (/^(echo|printf|cat)$/.test(command[0]) && to.length > 0) {
      return;
    }
    if (SPEAKS.test(command[0]) && !this.feeds) {
      return;
    }
    const line = plain(command.join(' ')).replace(/\s*\n\s*/g, ' ');
    if (this.spend(line)) {
      this.commands.push(line);
    }
  }

  /** Applies a command to variables and files. Returns its output. */
  private command([name, ...given]: readonly string[], input: string, depth: number): string {
    const called = this.functions.get(name);
    if (called) {
      given.slice(0, 9).forEach((value, index) => this.variables.set(String(index + 1), value));
      this.variables.set('@', given.join(' ')).set('*', given.join(' '));
      const { moved } = this;
      this.moved = called.moved;
      const said = this.run(called.body, input, depth + 1);
      this.moved = moved;
      return said;
    }
    const rest = given.map(plain);
    const operands = rest.filter((word) => !word.startsWith('-'));
    if (SHELL.test(name) || /^(su|runuser)$/.test(name)) {
      const isUser = !SHELL.test(name);
      const at = rest.findIndex((word) => /^(-\w*c|--command)$/.test(word));
      if (at >= 0) {
        return this.nested(given[at + 1] ?? '', depth);
      }
      if (isUser || operands.length === 0 || rest.includes('-s')) {
        return input === '' ? '' : this.nested(input, depth);
      }
      return this.program(operands[0], depth);
    }
    switch (name) {
      case 'eval':
        return this.nested(given.join(' '), depth);
      case 'xargs':
        return this.nested(built(rest, plain(input)), depth);
      case '.':
      case 'source':
        if (operands.length > 0 && !isHarmlessSource(operands[0])) {
          this.program(operands[0], depth);
        }
        return '';
      case 'base64': {
        if (!rest.some((word) => /^(-\w*[dD]\w*|--decode)$/.test(word))) {
          return UNKNOWN;
        }
        const from = operands.length > 0 ? this.files.get(this.path(operands[0]))?.text : input;
        return (from !== undefined && decode(from)) || UNKNOWN;
      }
      case 'cd':
      case 'pushd':
        this.directory = this.path(operands[0] ?? '/root');
        return '';
      case 'export':
      case 'readonly':
      case 'declare':
      case 'local':
      case 'typeset':
        for (const word of given.filter((each) => !each.startsWith('-'))) {
          const at = word.indexOf('=');
          if (at > 0) {
            this.assign(word.slice(0, at), word.slice(at + 1));
          }
        }
        return '';
      case 'unset':
        for (const word of operands) {
          this.variables.delete(word);
        }
        return '';
      case 'echo': {
        const options = /^-[neE]+$/.exec(rest[0] ?? '')?.[0] ?? '';
        const text = given.slice(options === '' ? 0 : 1).join(' ');
        return (
          (options.includes('e') ? unescaped(text) : text) + (options.includes('n') ? '' : '\n')
        );
      }
      case 'printf':
        return formatted(given[0] === '--' ? given.slice(1) : given);
      case 'cat':
        if (operands.length === 0) {
          return input;
        }
        return operands.map((file) => this.files.get(this.path(file))?.text ?? UNKNOWN).join('');
      case 'tee':
        for (const file of operands) {
          this.write(file, input, /^-\w*a|^--append/.test(rest[0] ?? ''));
        }
        return input;
      case 'cp':
      case 'mv':
      case 'install':
        this.copy(name, rest, operands);
        return '';
      case 'rm':
        for (const file of operands) {
          this.files.delete(this.path(file));
        }
        return '';
      case 'sed':
        return this.edit(rest, input);
    }
    return this.other(name, rest, operands, input, depth);
  }

  /** Handles a program that is not followed, and the files that it may change. */
  private other(
    given: string,
    rest: readonly string[],
    operands: readonly string[],
    input: string,
    depth: number,
  ): string {
    const path = plain(given);
    const name = path.split('/').at(-1)!;
    if (SILENT.has(name)) {
      return '';
    }
    for (const to of fetched(name, rest) ?? []) {
      this.write(to, UNKNOWN, false);
    }
    if (/^python[0-9.]*$/.test(name)) {
      this.python(rest, operands, input);
    } else if (EDITORS.test(name) && !CONFIGURATORS.test(name)) {
      this.editor(name, rest);
    } else if (CONFIGURATORS.test(name) || startsUnseen(name, operands, (file) => this.has(file))) {
      this.doubtProgram(name);
    } else if (/^\uE002(\$\(|`)/.test(given)) {
      this.doubtProgram(path);
    } else if (path.includes('/') && (/\.(sh|bash|py|pl|rb)$/.test(path) || this.has(path))) {
      return this.program(path, depth);
    }
    return UNKNOWN;
  }

  private has(file: string): boolean {
    return this.files.has(this.path(file));
  }

  /** Runs a file as a script, if its content is known. */
  private program(file: string, depth: number): string {
    const text = this.files.get(this.path(file))?.text;
    if (text !== undefined && !text.startsWith(UNKNOWN)) {
      if (/^#!.*\b(python|perl|ruby|node)/.test(text)) {
        this.doubt([text]);
      } else {
        return this.nested(text, depth);
      }
    } else if (text === undefined ? !isPackaged(file) : !isTool(file)) {
      this.doubtProgram(file);
    }
    return UNKNOWN;
  }

  private python(rest: readonly string[], operands: readonly string[], input: string): void {
    const [file] = operands;
    if (rest.includes('-m')) {
      return;
    }
    const isFile = file !== undefined && !rest.includes('-c');
    const text = isFile ? this.files.get(this.path(file))?.text : input;
    if (text?.startsWith(UNKNOWN)) {
      this.doubtProgram(file ?? 'python');
    } else if (text) {
      this.doubt([text]);
    } else if (isFile && /\.py$/.test(file) && !isPackaged(file)) {
      this.doubtProgram(file);
    } else if (!isFile) {
      this.doubt(rest);
    }
  }

  private doubtProgram(what: string): void {
    this.add({ kind: 'program', what, command: this.current });
  }

  private doubtFile(path: string): void {
    if (configures(path)) {
      this.add({ kind: 'file', what: path, command: this.current });
    }
  }

  private add(doubt: Doubt): void {
    const same = ({ kind, what }: Doubt): boolean => kind === doubt.kind && what === doubt.what;
    if (this.doubts.length < MOST_DOUBTS && !this.doubts.some(same)) {
      this.doubts.push(doubt);
    }
  }

  /** Records that a part of the script is not followed. */
  private tooMuch(): string {
    this.add({ kind: 'program', what: 'the rest of the script', command: this.current });
    return '';
  }

  private nested(given: string, depth: number): string {
    if (new RegExp(`^\\s*${UNKNOWN}`).test(given) && !SETS_VARIABLES.test(given)) {
      const source = plain(given).trim();
      const from = this.printer === '' ? 'its input' : `the output of ${this.printer}`;
      this.doubtProgram(source === '' ? from : source.slice(0, LONGEST_COMMAND));
    }
    const source = plain(given);
    const isNew = this.spend(source);
    const { length } = this.commands;
    const { moved } = this;
    this.moved = [];
    const said = depth >= DEEPEST ? '' : this.script(source, depth + 1);
    if (isNew) {
      this.commands.splice(length, 0, ...without(source, this.moved).split('\n'));
    }
    this.moved = moved;
    return said;
  }

  private copy(name: string, rest: readonly string[], operands: readonly string[]): void {
    if (/^-\w*d/.test(rest.find((word) => word.startsWith('-')) ?? '') && name === 'install') {
      return;
    }
    const [from, to] = operands.slice(-2);
    if (to === undefined || operands.length < 2) {
      return;
    }
    const target = this.path(to);
    const path = to.endsWith('/') ? `${target}/${from.split('/').at(-1)}` : target;
    const file = this.files.get(this.path(from));
    // Files of packages are assumed to be unchanged.
    if (!file ? !/^\/(etc|usr|var|lib)\//.test(this.path(from)) : isDoubtful(file.text, path)) {
      this.doubtFile(path);
    }
    if (!file) {
      return;
    }
    this.files.set(path, file);
    if (name === 'mv') {
      this.files.delete(this.path(from));
    }
  }

  private edit(rest: readonly string[], input: string): string {
    const scripts: string[] = [];
    const files: string[] = [];
    let inPlace = false;
    let extended = false;
    for (let at = 0; at < rest.length; at++) {
      const word = rest[at];
      if (/^(-\w*e|--expression)$/.test(word)) {
        scripts.push(rest[++at] ?? '');
      } else if (word.startsWith('--expression=')) {
        scripts.push(word.slice('--expression='.length));
      } else if (/^(-\w*f|--file)/.test(word)) {
        return this.doubt(rest.slice(at + 1));
      } else if (!word.startsWith('-') || word === '-') {
        files.push(word);
      }
      if (/^-[nEru]*i|^--in-place/.test(word)) {
        inPlace = true;
      }
      if (/^-[nui]*[Er]|^--regexp-extended/.test(word)) {
        extended = true;
      }
    }
    if (scripts.length === 0) {
      scripts.push(files.shift() ?? '');
    }
    if (!inPlace) {
      const text =
        files.length > 0
          ? files.map((file) => this.files.get(this.path(file))?.text ?? '').join('')
          : input;
      return sed(scripts.join('\n'), text, extended).text;
    }
    for (const file of files) {
      const path = this.path(file);
      const before = this.files.get(path);
      const edited = sed(scripts.join('\n'), before?.whole ? before.text : undefined, extended);
      if (edited.unknown) {
        this.doubtFile(path);
      }
      const text = before && !before.whole ? before.text + edited.text : edited.text;
      if (this.spend(text)) {
        this.files.set(path, { text, whole: before?.whole ?? false });
      }
    }
    return '';
  }

  /** `perl -pi -e 's/…/…/' FILE` is an edit like that of sed; other uses are not followed. */
  private editor(name: string, rest: readonly string[]): void {
    if (name === 'perl' && /^-\w*i/.test(rest.find((word) => /^-\w*i/.test(word)) ?? '')) {
      const at = rest.findIndex((word) => /^-\w*e$/.test(word));
      const script = asOfSed(rest[at + 1] ?? '');
      if (at >= 0) {
        this.edit(['-i', '-E', '-e', script, ...rest.slice(at + 2)], '');
      }
      return;
    }
    this.doubt(rest);
  }

  /** Handles the files that a command names and may change. */
  private doubt(words: readonly string[]): string {
    for (const word of words) {
      for (const [path] of word.matchAll(/\/?[\w.-]*(?:\/[\w.-]+)+|\b\w+\.(?:py|conf|env)\b/g)) {
        this.doubtFile(this.path(path));
      }
    }
    return '';
  }

  private assign(name: string, value: string): void {
    // A text that keeps doubling is not configuration.
    if (!this.spend(value)) {
      return;
    }
    const short = value.slice(0, LONGEST_VALUE);
    if (short.startsWith(BETWEEN)) {
      this.arrays.set(name, short.slice(1).split(BETWEEN));
    } else {
      this.arrays.delete(name);
    }
    this.variables.set(name, short.replaceAll(BETWEEN, ' '));
  }

  /** The input of a command from its redirections. */
  private given(redirections: readonly Redirection[]): string | undefined {
    const found = redirections.find(({ kind }) => kind === '<<' || kind === '<<<' || kind === '<');
    if (!found) {
      return undefined;
    }
    const text = this.fields(found.word, false).join(' ');
    if (found.kind === '<') {
      return this.files.get(this.path(text))?.text ?? UNKNOWN;
    }
    return found.kind === '<<<' ? `${text}\n` : text;
  }

  private redirect(redirections: readonly Redirection[], said: string): string {
    let left = said;
    for (const { kind, descriptor, word } of redirections) {
      if (!/^(>>?|>\||&>>?)$/.test(kind) || descriptor === '2') {
        continue;
      }
      const path = this.fields(word, false).join(' ');
      if (left !== '' || kind !== '>>') {
        this.write(path, left, kind.endsWith('>>'));
      }
      left = '';
    }
    return left;
  }

  private write(file: string, text: string, append: boolean): void {
    if (/^\/dev\/|^&/.test(file)) {
      return;
    }
    if (this.document) {
      this.document.moved.push(this.document.range);
    }
    this.document = undefined;
    const path = this.path(file);
    const before = this.files.get(path);
    const whole = append ? (before?.whole ?? false) : true;
    const all = append ? (before?.text ?? '') + text : text;
    if (isDoubtful(text, path)) {
      this.doubtFile(path);
    }
    if (this.spend(text)) {
      this.files.set(path, { text: all, whole });
    } else {
      this.tooMuch();
    }
  }

  /** Whether there is room for more text, since loops may produce a great deal. */
  private spend(text: string): boolean {
    this.written += text.length + 1;
    return this.written < MOST_TEXT;
  }

  private path(name: string): string {
    const file = plain(name).replace(/^(\.\/+)+(?=.)/, '');
    const path = file.startsWith('/') || this.directory === '' ? file : `${this.directory}/${file}`;
    return path.replace(/\/\.?(?=\/)/g, '').replace(/(.)\/$/, '$1');
  }

  /** Expands a word. An unquoted variable may become several words. */
  private fields(word: Word, split = true): string[] {
    let several = false;
    const [only, ...others] = word.filter(({ kind, value }) => kind !== 'text' || value !== '');
    const array = only?.all && others.length === 0 ? this.arrays.get(only.value) : undefined;
    if (split && array) {
      return [...array];
    }
    const text = word
      .map(({ kind, value, quoted, fallback, keeps }) => {
        if (kind === 'text') {
          return value;
        }
        if (kind === 'other') {
          return UNKNOWN + value;
        }
        const known = this.variables.get(value) ?? fallback;
        if (keeps && fallback !== undefined && !this.variables.has(value)) {
          this.assign(value, fallback);
        }
        if (known === undefined) {
          return `${UNKNOWN}\${${value}}`;
        }
        if (!quoted && /\s/.test(known)) {
          several = true;
        }
        return known;
      })
      .join('');
    // Words in braces, such as `{a,b}` without quotation marks.
    const brace = split && word.length === 1 && word[0].kind === 'text' && !word[0].quoted;
    const alternatives = brace ? /^([^{}]*)\{([^{}]*,[^{}]*)\}([^{}]*)$/.exec(text) : null;
    if (alternatives) {
      const [, before, inner, after] = alternatives;
      return inner.split(',').map((each) => before + each + after);
    }
    if (!split || !several) {
      return [text];
    }
    return text.split(/\s+/).filter((each) => each !== '');
  }
}

/** The command that `xargs` runs for its words and its input. */
function built(words: readonly string[], input: string): string {
  let first = 0;
  let mark: string | undefined;
  while (words[first]?.startsWith('-')) {
    const [, option, value] = /^-([EILPdns])(.*)$/.exec(words[first]) ?? [];
    const given = value === '' ? words[++first] : value;
    if (option === 'I') {
      mark = given;
    }
    first++;
  }
  const command = words
    .slice(first)
    .map((word) => (/^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
  if (mark === undefined) {
    return `${command} ${input.trim().split(/\s+/).join(' ')}`;
  }
  const each = input.trim().split('\n');
  return each.map((line) => command.replaceAll(mark, line.trim())).join('\n');
}

/** Whether a program starts containers or charts from a file that is not known. */
function startsUnseen(
  name: string,
  operands: readonly string[],
  has: (file: string) => boolean,
): boolean {
  const [first, second] = operands;
  // Commands that change a container or create an image from it.
  if (/^(docker|podman|nerdctl)$/.test(name)) {
    if (/^(build|buildx|commit)$/.test(first ?? '')) {
      return true;
    }
    if (first === 'cp') {
      return operands.at(-1)!.includes(':');
    }
    if (first === 'exec') {
      return operands.slice(2).some((word) => CHANGES.test(word));
    }
  }
  const isCompose =
    name === 'docker-compose' ||
    name === 'podman-compose' ||
    (/^(docker|podman|nerdctl)$/.test(name) && first === 'compose');
  const names = operands.filter((word) => /\.(ya?ml|json)$|:\/\//.test(word));
  if (isCompose) {
    const files = names.length > 0 ? names : COMPOSE_FILES;
    return operands.includes('up') && !files.some(has);
  }
  if (name === 'kubectl') {
    return /^(apply|create)$/.test(first ?? '') && names.some((file) => !has(file));
  }
  if (name !== 'helm' || !/^(install|upgrade)$/.test(first ?? '')) {
    return false;
  }
  const isDashboard = /horizon/.test([second, ...operands].join(' '));
  return isDashboard && (names.length === 0 || names.some((file) => !has(file)));
}

// Programs with which a command changes a container from the inside.
const CHANGES = /^(sed|tee|(ba|da)?sh|perl|python[0-9.]*|crudini|patch|cp|mv)$/;

const COMPOSE_FILES = ['docker-compose', 'compose'].flatMap((name) => [
  `${name}.yml`,
  `${name}.yaml`,
]);

const BRACES: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']', '<': '>' };

/** Converts a Perl substitution to one of sed: `s{one}{other}` and `$1` exist only in Perl. */
function asOfSed(script: string): string {
  const open = /^\s*s([{([<])/.exec(script)?.[1];
  if (open === undefined) {
    return script.replace(/\$([1-9])/g, '\\$1');
  }
  const close = BRACES[open];
  const parts: string[] = [];
  let rest = script.trimStart().slice(1);
  for (let nested = 0, at = 0; at < rest.length && parts.length < 2; at++) {
    if (rest[at] === '\\') {
      at++;
    } else if (rest[at] === open) {
      nested++;
    } else if (rest[at] === close && --nested === 0) {
      parts.push(rest.slice(rest.indexOf(open) + 1, at));
      rest = rest.slice(at + 1);
      at = -1;
    }
  }
  const [pattern, text] = parts.map((part) => part.replaceAll('\uE004', ''));
  if (text === undefined) {
    return script;
  }
  return `s\uE004${pattern}\uE004${text.replace(/\$([1-9])/g, '\\$1')}\uE004${rest}`;
}

/** A command without its prefixes, such as `sudo -u x` and `env A=b`. */
function unwrapped(words: readonly string[]): readonly string[] {
  let at = 0;
  while (at < words.length && STARTERS.has(words[at].split('/').at(-1)!)) {
    const isSudo = /sudo$|doas$/.test(words[at]);
    at++;
    while (at < words.length && (/^-/.test(words[at]) || /^\w+=/.test(words[at]))) {
      at += isSudo && /^-[ugh]$/.test(words[at]) ? 2 : 1;
    }
  }
  return words.slice(at);
}

const unescaped = (text: string): string =>
  text.replace(/\\(n|t|\\)/g, (_all, char: string) => ({ n: '\n', t: '\t', '\\': '\\' })[char]!);

/** The output of printf, for formats with %s, %d and %b. */
function formatted([format = '', ...values]: readonly string[]): string {
  const pattern = unescaped(format);
  const places = pattern.match(/%[sdbq]/g)?.length ?? 0;
  const once = (given: readonly string[]): string => {
    let next = 0;
    return pattern.replace(/%([sdbq%])/g, (_all, kind: string) => {
      if (kind === '%') {
        return '%';
      }
      const value = given[next++] ?? '';
      return kind === 'b' ? unescaped(value) : value;
    });
  };
  if (places === 0 || values.length <= places) {
    return once(values);
  }
  const said: string[] = [];
  for (let at = 0; at < values.length && said.length < 500; at += places) {
    said.push(once(values.slice(at, at + places)));
  }
  return said.join('');
}
