import { Permission } from '../reading/shell/permissions';
import { Resource } from '../template/template';
import { acts, commandsIn, effectiveLines } from '../template/text';
import { Facts } from './facts';
import { UserData } from './model';

/** A script of a machine or a container, without comments. */
export interface Script {
  /** The path in the resource, for reports. */
  readonly location: string;
  readonly lines: readonly string[];
  /** The lines as one text. */
  readonly text: string;
  /** The final owners and modes of files, if the script was followed. */
  readonly permissions?: ReadonlyMap<string, Permission>;
}

// User data is limited to 16 KiB, possibly compressed, and no real command is longer than this. On
// longer lines, the patterns of rules would be slow.
const MOST = 262144;
const LONGEST = 4096;
const scripts = new WeakMap<UserData, Script>();

/** The scripts of a machine or a container. */
export function scriptsOf(resource: Resource, facts: Facts): readonly Script[] {
  facts.readsAll(resource);
  return facts.texts(resource).map((text) => {
    const before = scripts.get(text);
    if (before) {
      return before;
    }
    const lines = effectiveLines(text.text.slice(0, MOST)).map((line) => line.slice(0, LONGEST));
    const { location, permissions } = text;
    const script = { location, lines, text: lines.join('\n'), permissions };
    scripts.set(text, script);
    return script;
  });
}

const REMOVES = /\b(purge|remove|autoremove|uninstall|erase|del)\b/;

/** Whether a script installs a package with a name that a pattern matches as a whole. */
export function installs(script: Script, name: RegExp): boolean {
  const word = `["']?(${name.source})["']?`;
  const ways = [
    `\\b(apt|apt-get|aptitude|yum|dnf|microdnf|zypper|apk|snap|npm|pip3?|gem)\\b.*\\s(install|add|i)\\b.*\\s${word}(=\\S*|\\s|$)`,
    // Lists of packages in cloud-config and in the environment of a host.
    `^\\s*-\\s+\\[?\\s*${word}\\s*(,.*)?\\]?\\s*$`,
    `^\\s*packages:\\s*\\[(.*[\\s,\\[])?${word}\\s*[,\\]]`,
    `^\\s*(export\\s+)?PACKAGES=(.*[\\s"'])?(${name.source})(\\s|["']|$)`,
  ].map((way) => new RegExp(way));
  // A fast check first: most scripts do not contain the word.
  if (!name.test(script.text)) {
    return false;
  }
  return commandsIn(script.lines).some(
    (command) => acts(command) && !REMOVES.test(command) && ways.some((way) => way.test(command)),
  );
}
