/**
 * Snippets in the other languages of the library, if `npm run check:snippets -- .snippets.json` has
 * translated them. Without it, the site has them in TypeScript alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pages';

/** The languages of tabs, by what highlights them. */
const LANGUAGES = { python: 'Python', java: 'Java', csharp: 'C#', go: 'Go' } as const;

export interface Translation {
  readonly language: string;
  readonly title: string;
  readonly text: string;
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
  return new Map(
    Object.values(snippets).map(({ translations }) => [
      translations.$.source.trim(),
      Object.entries(LANGUAGES).map(([language, title]) => ({
        language,
        title,
        text: translations[language].source.trim(),
      })),
    ]),
  );
}

const indented = (text: string, by: string): string => text.replace(/^(?=.)/gm, by);

/** A page with tabs for its translated snippets. */
export function withTabs(page: string, translations: Translations): string {
  return page.replace(/^( *)```ts\n([^]*?)^\1```$/gm, (block, indent: string, code: string) => {
    const source = code.replace(new RegExp(`^${indent}`, 'gm'), '').trim();
    const translated = translations.get(source);
    if (translated === undefined) {
      return block;
    }
    const tabs = [{ language: 'ts', title: 'TypeScript', text: source }, ...translated].map(
      ({ language, title, text }) =>
        `=== "${title}"\n\n${indented(`\`\`\`${language}\n${text}\n\`\`\``, '    ')}\n`,
    );
    return indented(tabs.join('\n'), indent);
  });
}
