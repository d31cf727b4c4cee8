import { visible } from './code';
import { Language } from './language';
import { Note, Props } from './props';
import { PYTHON } from './python-program';
import { TYPESCRIPT } from './typescript-program';

/** The props at the beginning. */
const FIRST = ['domainName', 'keystoneUrl', 'settings'];
const WIDTH = 110;

/** The languages in which a stack can be written. */
export const LANGUAGES = { typescript: TYPESCRIPT, python: PYTHON };
export type LanguageName = keyof typeof LANGUAGES;

/** What the reader did not follow in the files. */
export interface Origin {
  readonly files: readonly string[];
  readonly notes: readonly Note[];
  /** Variables of a deployment tool that are not settings. */
  readonly variables: readonly Note[];
}

/** Text as comments, with the words that fit on each line. */
function comment({ comment: mark }: Language, text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of visible(text).split(' ')) {
    if (line && `${mark} ${line} ${word}`.length > WIDTH) {
      lines.push(line);
      line = `  ${word}`;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line].map((each) => `${mark} ${each}`);
}

function section(language: Language, title: string, notes: readonly Note[]): string[] {
  return notes.length
    ? [
        language.comment,
        ...comment(language, title),
        ...notes.flatMap(({ setting, why }) => comment(language, `- ${setting}: ${why}`)),
      ]
    : [];
}

/** The lines that users can uncomment and move into `settings`. */
function extraSettings(language: Language, notes: readonly Note[]): string[] {
  const entries = notes.flatMap(({ setting, code }) => (code ? [[setting, code] as const] : []));
  return entries.length
    ? [
        language.comment,
        ...language.extraSettings(entries).map((line) => `${language.comment} ${line}`),
      ]
    : [];
}

/** A stack with the props, and comments about everything that is not among them. */
export function programOf(
  props: Props,
  { files, notes, variables }: Origin,
  language: Language = TYPESCRIPT,
): string {
  const given = props.props.kind === 'object' ? props.props.entries : [];
  const order = (name: string): number => FIRST.indexOf(name) + 1 || FIRST.length + 1;
  const entries = [...given].sort(([one], [other]) => order(one) - order(other));
  // Only in texts of the library: the others quote the files
  const named = (before: readonly Note[]): Note[] =>
    before.map((note) => ({ ...note, why: language.names(note.why) }));
  const placeholders = props.placeholders.map((prop) => ({
    setting: language.names(prop),
    why: 'a placeholder, since no file has a value that can be used',
  }));
  const sections: readonly (readonly [string, readonly Note[], boolean?])[] = [
    ['Replace:', placeholders],
    ['Rejected by the library:', props.refused],
    ['Has a prop, whose value is not in the files:', named(props.byHand)],
    ['Not known without running the files:', [...props.computed, ...notes]],
    ['Secrets, which are never printed:', named(props.secrets)],
    ['Set by the library:', named(props.owned)],
    [
      language.names(
        'No prop. Add to settings.extraSettings what you still need, after you have read the reason:',
      ),
      named(props.extra),
      true,
    ],
    ['Variables that are not settings of Horizon:', named(variables)],
    ["Not a setting of the hosts' Horizon:", named(props.unknown), true],
  ];
  return [
    ...comment(language, `From ${files.join(', ')}, with openstack-dashboard-import.`),
    ...language.stack(props, entries),
    '',
    ...comment(
      language,
      `The props above say the same as ${new Set(props.mapped).size} settings. Below are the others; a key of a setting is after a dot.`,
    ),
    ...sections.flatMap(([title, each, hasCode = false]) => [
      ...section(language, title, each),
      ...(hasCode ? extraSettings(language, each) : []),
    ]),
    '',
  ].join('\n');
}
