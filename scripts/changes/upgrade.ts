// Renders the tables of docs/upgrade-*.md for the next release: what an update of the ready app and of the examples does
// if they were deployed with the last release. The pages of former releases stay as they are.
import { diffTemplate, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { classify, TemplateJson, unimportant } from './classify';

const ROOT = join(__dirname, '..', '..');
const MARKS = /(<!-- What an update does, [^\n]*-->\n)[\s\S]*?(<!-- End -->)/;

/** The templates of a release: by app, by stack. */
export type Templates = Readonly<Record<string, Readonly<Record<string, TemplateJson>>>>;

const COLUMNS = [
  [ResourceImpact.WILL_REPLACE, 'Replaced'],
  [ResourceImpact.MAY_REPLACE, 'Perhaps replaced'],
  [ResourceImpact.WILL_UPDATE, 'Updated'],
  [ResourceImpact.WILL_CREATE, 'Created'],
  [ResourceImpact.WILL_DESTROY, 'Deleted'],
  [ResourceImpact.WILL_ORPHAN, 'Left behind'],
] as const;

/** The last release and its templates. */
export function lastRelease(): { readonly version: string; readonly templates: Templates } {
  const folder = join(ROOT, 'test', 'releases');
  const [file] = readdirSync(folder);
  const text = gunzipSync(readFileSync(join(folder, file))).toString();
  return { version: file.replace('.templates.json.gz', ''), templates: JSON.parse(text) };
}

/** The page about the next release, which the changelog announces. */
export function upgradePage(changelog: string): string | undefined {
  const [, minor] = /^To be released as (\d+\.\d+)\.\d+\./m.exec(changelog) ?? [];
  return minor && `docs/upgrade-${minor}.md`;
}

/** The page with its tables made anew, by path. */
export function renderUpgrade(now: Templates): Map<string, string> {
  const path = upgradePage(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'));
  if (!path) {
    return new Map();
  }
  if (!existsSync(join(ROOT, path))) {
    throw new Error(`${path} is missing: write it, with the marks of the page before`);
  }
  const page = readFileSync(join(ROOT, path), 'utf8');
  if (!MARKS.test(page)) {
    throw new Error(`${path} must have the marks of the tables`);
  }
  const tables = renderTables(lastRelease().templates, now);
  return new Map([
    [join(ROOT, path), page.replace(MARKS, (_, begin, end) => `${begin}\n${tables}\n${end}`)],
  ]);
}

export function renderTables(before: Templates, after: Templates): string {
  return Object.entries(before)
    .flatMap(([app, stacks]) =>
      Object.entries(stacks).map(([stack, template]) => {
        const current = after[app]?.[stack];
        const title = app.startsWith('examples/') ? `Example ${app.slice(9)}` : `The ${app}`;
        return current
          ? section(title, template, current)
          : `### ${title}\n\nThe stack \`${stack}\` has another name now.\n`;
      }),
    )
    .join('\n');
}

function section(title: string, before: TemplateJson, after: TemplateJson): string {
  const { hosts } = classify(before, after);
  const tiers = hosts.length === 2 ? 'all' : hosts[0];
  const counts = countsOf(before, after);
  const rows = [...counts].map(
    ([type, numbers]) => `| \`${type}\` | ${numbers.map((number) => number || '').join(' | ')} |`,
  );
  return [
    `### ${title}`,
    '',
    tiers ? `Replaces ${tiers} hosts.` : 'Replaces no hosts.',
    '',
    '<!-- prettier-ignore -->',
    `| Type | ${COLUMNS.map(([, name]) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(COLUMNS.length)}`,
    ...rows,
    '',
  ].join('\n');
}

/** The number of resources of each type that are replaced, updated and so on. */
function countsOf(before: TemplateJson, after: TemplateJson): Map<string, number[]> {
  const counts = new Map<string, number[]>();
  diffTemplate(before, after).resources.forEachDifference((id, change) => {
    const column = COLUMNS.findIndex(([impact]) => impact === change.changeImpact);
    if (!unimportant(change) && column >= 0) {
      const { Type } = after.Resources[id] ?? before.Resources[id];
      const numbers = counts.get(Type) ?? COLUMNS.map(() => 0);
      numbers[column] += 1;
      counts.set(Type, numbers);
    }
  });
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
