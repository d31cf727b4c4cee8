/**
 * The pages of the site that are files of the repository, the order in which docs/README.md lists them, and
 * where links lead.
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { convert } from './markdown';

export const ROOT = join(__dirname, '..', '..');
export const INDEX = 'docs/README.md';
export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Entries of the site's navigation: a page, or a section with its pages. */
export type Entry = string | { readonly title: string; readonly entries: readonly Entry[] };

/** Pages whose address does not follow from that of the file. */
const ADDRESSES: Readonly<Record<string, string>> = {
  'README.md': 'index.md',
  [INDEX]: 'all-pages.md',
  'RULES.md': 'rules/index.md',
  'API.md': 'api/index.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'SECURITY.md': 'security.md',
  'SUPPORT.md': 'support.md',
  'CODE_OF_CONDUCT.md': 'code-of-conduct.md',
};

function filesBelow(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file) && !/(^|\/)(node_modules|cdk\.out)\//.test(file))
    .map((file) => posix.join(folder, file))
    .sort();
}

/** The addresses of pages, by file of the repository. */
export function pageAddresses(): Map<string, string> {
  const examples = filesBelow('examples', /^[^/]+\/README\.md$/).map(
    (file) => [file, `${posix.dirname(file)}.md`] as const,
  );
  const documents = filesBelow('docs', /\.md$/)
    .filter((file) => file !== INDEX)
    .map((file) => [file, file.replace(/^docs\//, '')] as const);
  return new Map([...Object.entries(ADDRESSES), ...documents, ...examples]);
}

/** The addresses of images, by file of the repository. */
export function imageAddresses(): Map<string, string> {
  return new Map(
    filesBelow('docs/images', /\.(png|svg)$/).map((file) => [file, file.replace(/^docs\//, '')]),
  );
}

/** The address of the repository in a browser, which package.json has for Git. */
export function repositoryUrl(): string {
  const { repository } = JSON.parse(read('package.json')) as { repository: { url: string } };
  return repository.url.replace(/\.git$/, '');
}

/** A file or folder of the repository, in a browser. */
export function sourceUrl(path: string): string {
  const kind = statSync(join(ROOT, path)).isDirectory() ? 'tree' : 'blob';
  return `${repositoryUrl()}/${kind}/main/${path}`;
}

/** Gives the target on the site for each target of a link in a file of the repository. */
export function linksOf(
  file: string,
  pages = pageAddresses(),
  images = imageAddresses(),
): (target: string) => string {
  const from = posix.dirname(pages.get(file) ?? file);
  return (target) => {
    if (/^([a-z]+:|#)/.test(target)) {
      return target;
    }
    const [path, anchor] = target.split('#');
    const suffix = anchor === undefined ? '' : `#${anchor}`;
    const to = posix.join(posix.dirname(file), path).replace(/\/$/, '');
    if (!existsSync(join(ROOT, to))) {
      throw new Error(`${file}: ${target} must be a file of the repository`);
    }
    const address = pages.get(to) ?? pages.get(posix.join(to, 'README.md')) ?? images.get(to);
    return `${address === undefined ? sourceUrl(to) : posix.relative(from, address)}${suffix}`;
  };
}

/**
 * A page of the repository as the site has it.
 *
 * @param drawings the drawings of diagrams, by their source; without, there is a link to the repository
 */
export function convertFile(
  file: string,
  text = read(file),
  drawings: ReadonlyMap<string, string> = new Map(),
): string {
  const link = `[Diagram of the stack, as the repository shows it](${sourceUrl(file)})`;
  const diagram = (source: string): string => drawings.get(source) ?? link;
  return convert(text, { link: linksOf(file), diagram });
}

/** The files that the sections of docs/README.md link, in order, as a tree of sections. */
export function order(index = read(INDEX)): Entry[] {
  const pages = pageAddresses();
  const seen = new Set<string>();
  const kinds: { title: string; entries: Entry[] }[] = [];
  let entries: Entry[] | undefined;
  for (const line of index.split('\n')) {
    const [, marks, title] = /^(##+) (.+)$/.exec(line) ?? [];
    if (marks === '##') {
      entries = [];
      kinds.push({ title, entries });
    } else if (marks !== undefined) {
      entries = [];
      kinds[kinds.length - 1].entries.push({ title, entries });
    }
    for (const [, target] of line.matchAll(/\]\(([^)#\s]+\.md)(?:#[^)\s]+)?\)/g)) {
      const file = posix.join('docs', target);
      if (entries !== undefined && pages.has(file) && !seen.has(file)) {
        seen.add(file);
        entries.push(file);
      }
    }
  }
  return kinds;
}

/** The pages of a tree of sections. */
export const pagesOf = (entries: readonly Entry[]): string[] =>
  entries.flatMap((entry) => (typeof entry === 'string' ? [entry] : pagesOf(entry.entries)));
