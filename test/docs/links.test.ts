import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const files = (folder: string, pattern: RegExp): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file) && !file.includes('node_modules'))
    .map((file) => join(folder, file));

const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'RULES.md'],
  ...files('docs', /\.md$/),
  ...files('examples', /\.md$/),
];

/** The anchors that GitHub gives the headings of a document. */
function anchors(file: string): Set<string> {
  const headings = read(file)
    .replace(/^```.*?^```$/gms, '')
    .matchAll(/^#+ (.+)$/gm);
  const slugs = [...headings].map(([, heading]) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
  const named = [...read(file).matchAll(/<a (?:name|id)="([^"]+)"/g)].map(([, name]) => name);
  return new Set([...slugs, ...named]);
}

/** The links of a document to other files of the repository, or into itself. */
function linksOf(document: string): { readonly file: string; readonly anchor?: string }[] {
  const text = read(document).replace(/^```.*?^```$/gms, '');
  return [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
    ([, target, anchor]) => ({
      file: target ? relative(ROOT, join(ROOT, dirname(document), target)) : document,
      anchor,
    }),
  );
}

test('every link between documents leads to a file and a heading', () => {
  const broken = DOCUMENTS.flatMap((document) =>
    linksOf(document)
      .filter(
        ({ file, anchor }) =>
          !existsSync(join(ROOT, file)) ||
          (anchor !== undefined && file.endsWith('.md') && !anchors(file).has(anchor)),
      )
      .map(({ file, anchor }) => `${document}: ${file}${anchor ? `#${anchor}` : ''}`),
  );
  expect(broken).toEqual([]);
});

test('every document that code refers to is there, with its heading', () => {
  const sources = ['bin', 'lib', 'preview', 'scripts', 'test/unit'].flatMap((folder) =>
    files(folder, /(?<!\.d)\.(ts|mjs|py|sh|html)$/),
  );
  const broken = sources.flatMap((source) =>
    [...read(source).matchAll(/\b((?:docs\/[\w/-]+|README)\.md)(?:#([\w-]+))?/g)]
      .filter(
        ([, file, anchor]) =>
          !existsSync(join(ROOT, file)) || (anchor !== undefined && !anchors(file).has(anchor)),
      )
      .map(([link]) => `${source}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('the index links every page', () => {
  const linked = new Set(linksOf('docs/README.md').map(({ file }) => file));
  const pages = files('docs', /\.md$/).filter((file) => file !== 'docs/README.md');
  expect(pages.filter((page) => !linked.has(page))).toEqual([]);
});

test('the README has at most 200 lines', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
});
