import { linesOf, unpack } from '../reading/unpack';
import { get } from '../template/template';
import { Text, flatten, intrinsic, isAbsent, joinTexts, literal } from '../template/text';
import { UserData } from './model';
import { stringsOf, valuesOf } from './words';

/** The texts of a Systems Manager document, which is JSON, YAML or a structure. */
export function documentTexts(content: unknown, location = 'Properties.Content'): UserData[] {
  if (isAbsent(content)) {
    return [];
  }
  const isText = typeof content === 'string' || intrinsic(content) !== undefined;
  const flat = isText ? flatten(content) : joinTexts(stringsOf(content));
  let { text } = flat;
  if (/^\s*\{/.test(text)) {
    try {
      text = linesOf(JSON.parse(text)).join('\n');
    } catch {
      // YAML can start with a brace, too.
    }
  }
  const whole = { text: unpack(text).join('\n'), holes: flat.holes, location };
  const script = scriptOf(content);
  return script === undefined ? [whole] : [whole, { ...script, location, isScript: true }];
}

/** The commands of a document or a component, with the defaults of its parameters. */
function scriptOf(content: unknown): Text | undefined {
  let found: unknown = content;
  let holes: readonly unknown[] = [];
  if (typeof content === 'string' || intrinsic(content)) {
    const flat = flatten(content);
    ({ holes } = flat);
    found = valuesOf(flat.text);
  }
  const commands = commandsBelow(found);
  if (commands.length === 0) {
    return undefined;
  }
  const script =
    typeof content === 'string' || intrinsic(content)
      ? { text: commands.map((each) => literal(each) ?? '').join('\n'), holes }
      : joinTexts(commands.map(flatten));
  const parameters = get(found, 'parameters');
  return {
    holes: script.holes,
    text: script.text.replace(
      /\{\{\s*(\w+)\s*\}\}/g,
      (all, name: string) => literal(get(parameters, name, 'default')) ?? all,
    ),
  };
}

/** The commands in the steps of a document, at any depth. */
function commandsBelow(value: unknown, depth = 0): unknown[] {
  if (depth > 20 || typeof value !== 'object' || value === null || intrinsic(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([name, inner]) =>
    /^(commands|runCommand)$/.test(name) && Array.isArray(inner)
      ? inner
      : commandsBelow(inner, depth + 1),
  );
}
