/**
 * Snippets in the other languages of the library, if `npm run check:snippets -- .snippets.json` has
 * translated them. Without it, the site has them in TypeScript alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, read } from './pages';

/** The languages of tabs, by what highlights them. */
const LANGUAGES = { python: 'Python', java: 'Java', csharp: 'C#', go: 'Go' } as const;

export interface Translation {
  readonly language: string;
  readonly title: string;
  readonly text: string;
  /** Why the text does not work in this language, if it does not. */
  readonly fault?: string;
}

interface Accepted {
  readonly language: string;
  readonly snippet: string;
  readonly reason: string;
}

interface Tablet {
  readonly snippets: Readonly<
    Record<string, { readonly translations: Readonly<Record<string, { readonly source: string }>> }>
  >;
}

export type Translations = ReadonlyMap<string, readonly Translation[]>;

/** The translations of snippets, by their text in TypeScript. */
export function readTranslations(file = join(ROOT, '.snippets.json')): Translations {
  if (!existsSync(file)) {
    return new Map();
  }
  const { snippets } = JSON.parse(readFileSync(file, 'utf8')) as Tablet;
  // `npm run test:languages` checks that these translations fail, and no others
  const accepted = JSON.parse(read('test/system/languages/snippets-accepted.json')) as Accepted[];
  const faultOf = (source: string, language: string): string | undefined =>
    accepted.find((each) => each.language === language && source.includes(each.snippet))?.reason;
  return new Map(
    Object.values(snippets).map(({ translations }) => [
      translations.$.source.trim(),
      Object.entries(LANGUAGES).map(([language, title]) => ({
        language,
        title,
        text: translations[language].source.trim(),
        fault: faultOf(translations.$.source, language),
      })),
    ]),
  );
}

const indented = (text: string, by: string): string => text.replace(/^(?=.)/gm, by);

/** What the snippet about acknowledgments in docs/rule-pack.md has, in each language, and the pages of rules have not. */
export const ACKNOWLEDGED = 'SETTINGS13';
const REASON = 'the image service has a quota for each project';

/** The snippet about acknowledgments, or a translation, for another rule. */
export const forRule = (text: string, id: string): string =>
  text
    .replaceAll(ACKNOWLEDGED, id)
    .replaceAll(REASON, '…')
    .replaceAll(/\btask_?definition\b/gi, 'scope');

/** The translations, with those of the snippet that the pages of rules have, by the IDs of the rules. */
export function withRules(translations: Translations, ids: readonly string[]): Translations {
  const found = [...translations].find(([source]) =>
    source.includes(`OpenStackDashboard::OpenStackDashboard-${ACKNOWLEDGED}`),
  );
  if (found === undefined) {
    return translations;
  }
  const [source, translated] = found;
  return new Map([
    ...translations,
    ...ids.map(
      (id) =>
        [
          forRule(source, id),
          translated.map((each) => ({ ...each, text: forRule(each.text, id) })),
        ] as const,
    ),
  ]);
}

/** A page with tabs for its translated snippets. */
export function withTabs(page: string, translations: Translations): string {
  return page.replace(/^( *)```ts\n([^]*?)^\1```$/gm, (block, indent: string, code: string) => {
    const source = code.replace(new RegExp(`^${indent}`, 'gm'), '').trim();
    const translated = translations.get(source);
    if (translated === undefined) {
      return block;
    }
    const typescript: Translation = { language: 'ts', title: 'TypeScript', text: source };
    const tabs = [typescript, ...translated].map(
      ({ language, title, text, fault }) =>
        `=== "${title}"\n\n${indented(
          fault === undefined
            ? `\`\`\`${language}\n${text}\n\`\`\``
            : `No translation works here: ${fault}. Write it as in TypeScript.`,
          '    ',
        )}\n`,
    );
    return indented(tabs.join('\n'), indent);
  });
}
