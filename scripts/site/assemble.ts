/** Writes the source of the site: its pages, images and configuration. */
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { RULES } from '../../lib/nag/rules';
import { apiAddress, apiIndex, apiPage, apiTypes } from './api';
import { configuration } from './config';
import { diagramsOf, draw } from './diagrams';
import { Entry, ROOT, convertFile, imageAddresses, order, pageAddresses, read } from './pages';
import { rulePage, rulesIndex } from './rules';
import { readTranslations, withRules, withTabs } from './translations';

/** The pages of the site by their addresses. Diagrams without a drawing are links. */
export function sitePages(drawings: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const types = apiTypes();
  const names = new Set(types.map(({ name }) => name));
  const pages = new Map<string, string>();
  for (const [file, address] of pageAddresses()) {
    const app = file.startsWith('examples/')
      ? posix.join(posix.dirname(file), 'app.ts')
      : undefined;
    const code =
      app === undefined
        ? ''
        : `\n## The app\n\nIn TypeScript; [Languages](../languages.md) has the names of other languages.\n\n\`\`\`ts\n${read(app)}\`\`\`\n`;
    pages.set(address, `${convertFile(file, read(file), drawings)}${code}`);
  }
  pages.set('api/index.md', apiIndex(types));
  types.forEach((type) => pages.set(apiAddress(type), apiPage(type, names)));
  pages.set('rules/index.md', rulesIndex());
  RULES.forEach((rule) => pages.set(`rules/${rule.id}.md`, rulePage(rule)));
  return pages;
}

/** The navigation, as addresses: the start page, the sections of docs/README.md, and the pages of types and rules. */
export function navigation(): Entry[] {
  const addresses = pageAddresses();
  const types = apiTypes();
  const kinds = [...new Set(types.map(({ kind }) => kind))];
  const api: Entry = {
    title: 'API',
    entries: [
      'api/index.md',
      ...kinds.map((title) => ({
        title,
        entries: types.filter(({ kind }) => kind === title).map(apiAddress),
      })),
    ],
  };
  const rules: Entry = {
    title: 'Rules',
    entries: ['rules/index.md', ...RULES.map(({ id }) => `rules/${id}.md`)],
  };
  const replaced = new Map([
    ['API.md', api],
    ['RULES.md', rules],
  ]);
  const mapped = (entries: readonly Entry[]): Entry[] =>
    entries.map((entry) =>
      typeof entry === 'string'
        ? (replaced.get(entry) ?? addresses.get(entry)!)
        : { ...entry, entries: mapped(entry.entries) },
    );
  return [{ title: 'Start', entries: ['index.md', 'all-pages.md'] }, ...mapped(order())];
}

export async function assemble(folder: string): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const sources = [...pageAddresses().keys()].flatMap((file) => diagramsOf(read(file)));
  const pages = sitePages(await draw(sources));
  const translations = withRules(
    readTranslations(),
    RULES.map(({ id }) => id),
  );
  pages.forEach((text, address) => write(join('docs', address), withTabs(text, translations)));
  write('zensical.toml', configuration(navigation()));
  write('docs/stylesheets/site.css', read('scripts/site/site.css'));
  write('docs/javascripts/site.js', read('scripts/site/site.mjs'));
  for (const [file, address] of imageAddresses()) {
    mkdirSync(dirname(join(folder, 'docs', address)), { recursive: true });
    copyFileSync(join(ROOT, file), join(folder, 'docs', address));
  }
  return pages.size;
}

/** What the folder of the site has to have before it replaces the last one. */
export const isBuilt = (folder: string): boolean => existsSync(join(folder, 'index.html'));
