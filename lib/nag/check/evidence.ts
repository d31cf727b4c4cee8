import { Facts } from '../dashboard/facts';
import { UserData } from '../dashboard/model';
import { judge } from '../pack/judge';
import { Rule } from '../pack/rule';
import { Resource } from '../template/template';
import { Words } from './source';

/** What to look for in a text that breaks a rule, the best match first. Empty if the text lacks something. */
export function evidenceOf(rule: Rule, resource: Resource, facts: Facts, place: string): Words[] {
  const words: Words[] = [];
  if (rule.setting !== undefined) {
    // A setting in a dict appears there only as its key, in lower case.
    for (const text of new Set([rule.setting, ...rule.setting.split('.').slice(-1)])) {
      words.push({ text, isSetting: true });
    }
  }
  const line = breakingLine(rule, resource, facts, place);
  return line === undefined ? words : [...words, { text: line, isSetting: false }];
}

/** The first line at which a text breaks a rule. */
function breakingLine(
  rule: Rule,
  resource: Resource,
  facts: Facts,
  place: string,
): string | undefined {
  const texts = facts.texts(resource);
  for (const [index, text] of texts.entries()) {
    if (text.location !== place) {
      continue;
    }
    for (const part of partsOf(text)) {
      const breaks = (length: number): boolean => {
        const shorter = [...texts];
        shorter[index] = part.first(length);
        return facts.supposing(resource, shorter, () =>
          (judge(rule, resource, facts)?.places ?? []).some((each) => each.place === place),
        );
      };
      if (breaks(0) || !breaks(part.lines.length)) {
        continue;
      }
      let [without, within] = [0, part.lines.length];
      while (within - without > 1) {
        const middle = (without + within) >> 1;
        if (breaks(middle)) {
          within = middle;
        } else {
          without = middle;
        }
      }
      return part.lines[within - 1];
    }
  }
  return undefined;
}

interface Part {
  readonly lines: readonly string[];
  /** The text with this number of lines of this part. */
  first(length: number): UserData;
}

/** The parts of a text that rules read: all of it, and the settings files that it writes. */
function partsOf(text: UserData): Part[] {
  const lines = text.text.split('\n');
  const parts: Part[] = [
    { lines, first: (length) => ({ ...text, text: lines.slice(0, length).join('\n') }) },
  ];
  text.settings?.forEach((settings, index) => {
    const own = settings.split('\n');
    const first = (length: number): UserData => ({
      ...text,
      settings: text.settings!.map((each, at) =>
        at === index ? own.slice(0, length).join('\n') : each,
      ),
    });
    parts.push({ lines: own, first });
  });
  return parts;
}
