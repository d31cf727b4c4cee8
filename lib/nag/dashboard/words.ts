import { fromJson } from '../reading/deployments';
import { Yaml, readYaml } from '../reading/yaml';
import { asList, get } from '../template/template';
import { Text, flatten, intrinsic, isAbsent } from '../template/text';

/** The command line of a container: its entry point, then its command. */
export const wordsOf = (container: unknown): Text[] =>
  ['EntryPoint', 'Command'].flatMap((name) => (asList(get(container, name)) ?? []).map(flatten));

/** A word of a command, quoted for a shell. */
export const quoted = ({ text, holes }: Text): Text => ({
  text: /^[\w@%+=:,./\uE000\uE001-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`,
  holes,
});

/** The strings in a structure of a template, one per line. */
export function stringsOf(value: unknown, depth = 0): Text[] {
  if (depth > 40 || isAbsent(value)) {
    return [];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item) => stringsOf(item, depth + 1));
  }
  if (typeof value === 'object' && !intrinsic(value)) {
    return Object.values(value as object).flatMap((item) => stringsOf(item, depth + 1));
  }
  return [flatten(value)];
}

/** JSON or YAML, or undefined if none of it is known. */
export function valuesOf(text: string): Yaml | undefined {
  if (/^\s*\uE000\d+\uE001\s*$/.test(text)) {
    return undefined;
  }
  if (!/^\s*[[{]/.test(text)) {
    return readYaml(text);
  }
  try {
    return fromJson(JSON.parse(text));
  } catch {
    return undefined;
  }
}
