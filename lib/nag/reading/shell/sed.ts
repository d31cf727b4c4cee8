/** The result of edits to a file. */
export interface Edited {
  readonly text: string;
  /** Whether the edits contain something that is not followed. */
  readonly unknown: boolean;
}

interface Edit {
  readonly kind: 's' | 'a' | 'i' | 'c' | 'd';
  /** The expression that a line must match, if there is one. */
  readonly address?: string;
  /** For `s`: the expression to replace, and its replacement. */
  readonly pattern: string;
  readonly text: string;
  readonly flags: string;
}

const MOST = 60;

/**
 * Edits a file with a sed script. If the content of the file is not known (`undefined`), only the text
 * that the edits certainly insert is returned.
 */
export function sed(script: string, content: string | undefined, extended: boolean): Edited {
  const edits = read(script);
  if (!edits) {
    return { text: content ?? '', unknown: true };
  }
  let unknown = false;
  let lines = content?.replace(/\n$/, '').split('\n') ?? [];
  for (const edit of edits) {
    const made = content === undefined ? guess(edit, lines) : apply(edit, lines, extended);
    if (made) {
      lines = made;
    } else {
      unknown = true;
    }
  }
  return { text: lines.map((line) => `${line}\n`).join(''), unknown };
}

/** The edits in a script, or undefined if it does something else. */
function read(script: string): Edit[] | undefined {
  const edits: Edit[] = [];
  let at = 0;
  const until = (delimiter: string): string | undefined => {
    let found = '';
    for (; at < script.length; at++) {
      if (script[at] === '\\' && at + 1 < script.length) {
        found += script[at + 1] === delimiter ? delimiter : script.slice(at, at + 2);
        at++;
      } else if (script[at] === delimiter) {
        at++;
        return found;
      } else {
        found += script[at];
      }
    }
    return undefined;
  };
  while (at < script.length && edits.length < MOST) {
    if (/[\s;]/.test(script[at])) {
      at++;
      continue;
    }
    let address: string | undefined;
    const special = /^(\\.|[/$0-9])/.exec(script.slice(at))?.[0];
    if (special === '/' || special?.startsWith('\\')) {
      at += special.length;
      address = until(special.at(-1)!);
      if (address === undefined) {
        return undefined;
      }
      if (script[at] === 'I') {
        at++;
      }
    } else if (special !== undefined) {
      address = /^(\$|\d+)/.exec(script.slice(at))![0];
      at += address.length;
      address = '';
    }
    if (script[at] === ',') {
      return undefined;
    }
    while (script[at] === ' ') {
      at++;
    }
    const kind = script[at++];
    if (kind === 's') {
      const delimiter = script[at++];
      const pattern = until(delimiter);
      const text = until(delimiter);
      if (pattern === undefined || text === undefined) {
        return undefined;
      }
      const flags = /^[gIimpew0-9]*/.exec(script.slice(at))![0];
      at += flags.length;
      edits.push({ kind, address, pattern, text, flags });
    } else if (kind === 'a' || kind === 'i' || kind === 'c') {
      const rest = /^[ \t]*\\?\n?[ \t]*/.exec(script.slice(at))![0];
      at += rest.length;
      let end = at;
      while (end < script.length && (script[end] !== '\n' || script[end - 1] === '\\')) {
        end++;
      }
      const text = script.slice(at, end).replace(/\\\n/g, '\n').replace(/^\\/, '');
      at = end;
      edits.push({ kind, address, pattern: '', text, flags: '' });
    } else if (kind === 'd') {
      edits.push({ kind, address, pattern: '', text: '', flags: '' });
    } else {
      return undefined;
    }
  }
  return edits;
}

/** Converts a sed expression to JavaScript, or returns undefined if that is not possible. */
function expression(source: string, extended: boolean, flags: string): RegExp | undefined {
  // Nested repetitions would be slow on some texts.
  if (source.length > 300 || /[*+}]\)?[*+{]/.test(source)) {
    return undefined;
  }
  const basic = (text: string): string =>
    text.replace(/\\?[(){}+?|]/g, (each) => (each.length === 2 ? each[1] : `\\${each}`));
  const classes: Record<string, string> = {
    alnum: 'A-Za-z0-9',
    alpha: 'A-Za-z',
    digit: '0-9',
    space: '\\s',
    blank: ' \\t',
    upper: 'A-Z',
    lower: 'a-z',
  };
  const written = source.replace(/\[:(\w+):\]/g, (all, name: string) => classes[name] ?? all);
  try {
    return new RegExp(extended ? written : basic(written), flags);
  } catch {
    return undefined;
  }
}

function apply(edit: Edit, lines: readonly string[], extended: boolean): string[] | undefined {
  const { kind, address, pattern, text, flags } = edit;
  const at = address ? expression(address, extended, 'i') : undefined;
  const what =
    kind === 's'
      ? expression(pattern, extended, flags.replace(/[^gi]/gi, '').toLowerCase())
      : undefined;
  if ((address && !at) || (kind === 's' && !what)) {
    return undefined;
  }
  // The end of a file, or a line number.
  if (address === '') {
    return kind === 'a' || kind === 'i' ? [...lines, text] : undefined;
  }
  const replacement = text
    .replace(/\$/g, '$$$$')
    .replace(/\\?&/g, (each) => (each === '&' ? '$&' : '&'))
    .replace(/\\([1-9])/g, '$$$1')
    .replace(/\\n/g, '\n')
    .replace(/\\(.)/g, '$1');
  return lines.flatMap((line) => {
    if (at && !at.test(line)) {
      return [line];
    }
    if (kind === 's') {
      return line.replace(what!, replacement).split('\n');
    }
    if (kind === 'd') {
      return [];
    }
    return kind === 'a' ? [line, text] : kind === 'i' ? [text, line] : [text];
  });
}

// The name of a setting at the beginning of an expression, with optional text around it.
const SETTING = /^\^?(?:\\s\*|\[\[:space:\]\]\*|\s|#\*?\??|\\\?|\(|\\\(|\^|\*)*([A-Z][A-Z0-9_]+)/;

/** Lines that an edit inserts into a file with unknown content. */
function guess(edit: Edit, lines: readonly string[]): string[] | undefined {
  const { kind, address, pattern, text } = edit;
  if (kind === 'd') {
    return [...lines];
  }
  if (kind !== 's') {
    return [...lines, ...text.split('\n')];
  }
  const group = SETTING.exec(pattern)?.[1];
  const made = text
    .replace(/\\[1-9]/, group ?? '')
    .replace(/\\n/g, '\n')
    .replace(/\\(.)/g, '$1');
  if (/\\[1-9]|(^|[^\\])&/.test(text.replace(/\\[1-9]/, ''))) {
    return undefined;
  }
  if (/^\s*#?\s*[A-Z][A-Z0-9_]+\s*(\[[^\]]*\]\s*)?(=|\+=)/m.test(made)) {
    return [...lines, ...made.split('\n')];
  }
  const named = address === undefined ? undefined : SETTING.exec(address)?.[1];
  if (named !== undefined && /^(True|False|None|\[.*\]|\(.*\)|\{.*\}|'.*'|".*")$/.test(made)) {
    return [...lines, `${named} = ${made}`];
  }
  // A replacement in a line that is otherwise unknown.
  return undefined;
}
