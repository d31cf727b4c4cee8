/** The owner (`root:horizon`) and the mode (`0640`) of a file, as far as commands set them. */
export interface Permission {
  readonly owner?: string;
  readonly mode?: string;
}

/** The final owners and modes after all commands. */
export class Permissions {
  public readonly files = new Map<string, Permission>();

  /** Follows a command, word by word. */
  public run(words: readonly string[], path: (name: string) => string = (name) => name): void {
    const at = words.findIndex((word) =>
      /^(.*\/)?(chmod|chown|chgrp|install|cp|mv|rm)$/.test(word),
    );
    if (at < 0) {
      return;
    }
    const name = words[at].split('/').at(-1)!;
    const rest = words.slice(at + 1);
    if (/^ch/.test(name)) {
      const [value, ...after] = rest.filter(
        (word) => !/^-/.test(word) && !/^(\{\}|\\?;|\+)$/.test(word),
      );
      // `find FOLDER -exec chmod …`
      const files = after.length > 0 ? after : words.slice(1, at).filter((word) => /\//.test(word));
      const isDeep = after.length === 0 || rest.some((word) => /^(-\w*R|--recursive)/.test(word));
      const given =
        name === 'chmod' ? { mode: value } : { owner: name === 'chgrp' ? `:${value}` : value };
      if (value !== undefined) {
        for (const file of files) {
          this.give(path(file), isDeep, given);
        }
      }
    } else if (at === 0) {
      this.move(name, rest, path);
    }
  }

  private give(path: string, isDeep: boolean, given: Permission): void {
    const below = isDeep ? `${path}/` : /^(.+\/)[^/]*\*/.exec(path)?.[1];
    for (const [file, before] of this.files) {
      if (below !== undefined && file.startsWith(below)) {
        this.files.set(file, merged(before, given));
      }
    }
    this.files.set(path, merged(this.files.get(path) ?? {}, given));
  }

  private move(name: string, rest: readonly string[], path: (name: string) => string): void {
    const options = new Map<string, string>();
    const operands: string[] = [];
    for (let at = 0; at < rest.length; at++) {
      const [, short, value] = /^-(\w)(.*)$/.exec(rest[at]) ?? [];
      const [, long, given] = /^--(mode|owner|group|target-directory)=(.*)$/.exec(rest[at]) ?? [];
      if (long) {
        options.set(long[0], given);
      } else if (name === 'install' && short && /[mogt]/.test(short)) {
        options.set(short, value || (rest[++at] ?? ''));
      } else if (short) {
        options.set(short + value, '');
      } else if (!rest[at].startsWith('-')) {
        operands.push(rest[at]);
      }
    }
    if (name === 'rm') {
      for (const file of operands.map(path)) {
        for (const each of [...this.files.keys()]) {
          if (each === file || each.startsWith(`${file}/`)) {
            this.files.delete(each);
          }
        }
      }
      return;
    }
    const flags = [...options.keys()].join('');
    const into = options.get('t') ?? operands.at(-1);
    if (into === undefined || (name === 'install' && flags.includes('d'))) {
      return;
    }
    const sources = options.has('t') ? operands : operands.slice(0, -1);
    const isFolder = options.has('t') || into.endsWith('/') || sources.length > 1;
    for (const source of sources) {
      const from = path(source);
      const to = isFolder ? `${path(into)}/${source.split('/').at(-1)}` : path(into);
      const before = this.files.get(from);
      if (name === 'install') {
        const [owner, group] = [options.get('o'), options.get('g')];
        const isGiven = owner !== undefined || group !== undefined;
        this.files.set(to, {
          ...(isGiven && { owner: `${owner ?? 'root'}:${group ?? 'root'}` }),
          ...(options.has('m') && merged({}, { mode: options.get('m') })),
        });
      } else if (name === 'mv' || /[pa]/.test(flags)) {
        if (before) {
          this.files.set(to, before);
        } else {
          this.files.delete(to);
        }
        if (name === 'mv') {
          this.files.delete(from);
        }
      }
    }
  }
}

function merged(before: Permission, given: Permission): Permission {
  const { mode, owner } = given;
  if (mode !== undefined) {
    return { ...before, mode: changed(before.mode, mode) };
  }
  if (owner === undefined || /[$`\uE000]/.test(owner)) {
    return { ...before, owner };
  }
  const [user, group] = owner.split(/[:.]/);
  const [userBefore, groupBefore] = (before.owner ?? '').split(/[:.]/);
  // `root:` means the login group of that user.
  const own = group === '' ? user : group;
  return { ...before, owner: `${user || (userBefore ?? '')}:${own ?? groupBefore ?? ''}` };
}

const BITS: Readonly<Record<string, number>> = { r: 4, w: 2 };
const PLACES: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };

/** Applies a mode to another, such as `o-r` to `0644`. An unknown mode has no bits set. */
function changed(before: string | undefined, mode: string): string {
  const clauses = mode.split(',').map((clause) => /^([ugoa]*)([+=-])([rwxXst]*)$/.exec(clause));
  if (clauses.some((clause) => clause === null)) {
    return mode;
  }
  let bits = /^[0-7]{3,4}$/.test(before ?? '') ? parseInt(before!, 8) : 0;
  for (const [, who, operation, what] of clauses.map((clause) => clause!)) {
    const given = [...what].reduce((sum, letter) => sum | (BITS[letter] ?? 0), 0);
    for (const each of who === '' || who.includes('a') ? 'ugo' : who) {
      const place = PLACES[each];
      if (operation === '=') {
        bits &= ~(7 << place);
      }
      if (operation === '-') {
        bits &= ~(given << place);
      } else {
        bits |= given << place;
      }
    }
  }
  return bits.toString(8).padStart(4, '0');
}
