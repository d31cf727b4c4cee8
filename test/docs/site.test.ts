// The source of the site, which `npm run site` builds: its pages, navigation and links.
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RULES } from '../../lib/nag/rules';
import { apiTypes } from '../../scripts/site/api';
import { navigation, sitePages } from '../../scripts/site/assemble';
import { configuration } from '../../scripts/site/config';
import { convert } from '../../scripts/site/markdown';
import {
  Entry,
  ROOT,
  linksOf,
  order,
  pageAddresses,
  pagesOf,
  repositoryUrl,
} from '../../scripts/site/pages';
import { readTranslations, withRules, withTabs } from '../../scripts/site/translations';

const converted = (text: string): string =>
  convert(text, { link: (target) => `to/${target}`, diagram: (source) => `drawn: ${source}` });

// Each reads some hundred files.
const pages = sitePages();
const entries = navigation();

describe('navigation', () => {
  test('each page is in it, once', () => {
    expect(pagesOf(entries).sort()).toEqual([...pages.keys()].sort());
  });

  test('its sections are the kinds of documents', () => {
    expect(order().map((entry) => (typeof entry === 'string' ? entry : entry.title))).toEqual([
      'Tutorials',
      'How-to guides',
      'Reference',
      'Explanation',
    ]);
  });

  // The generator makes a link to nothing of an empty one.
  test('each section has pages', () => {
    const sections = (all: readonly Entry[]): Entry[][] =>
      all.flatMap((entry) =>
        typeof entry === 'string' ? [] : [[...entry.entries], ...sections(entry.entries)],
      );
    expect(sections(entries).length).toBeGreaterThan(8);
    expect(sections(entries).filter(({ length }) => length === 0)).toEqual([]);
  });

  test('each document is a page of the site', () => {
    const documents = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => `docs/${file}`);
    const root = readdirSync(ROOT).filter((file) => file.endsWith('.md'));
    const addresses = pageAddresses();
    expect([...documents, ...root].filter((file) => !addresses.has(file))).toEqual([]);
    expect(new Set(addresses.values()).size).toBe(addresses.size);
  });

  test('each type of the API and each rule has a page', () => {
    expect(apiTypes().length).toBeGreaterThan(100);
    for (const { name } of apiTypes()) {
      expect(pages.get(`api/${name}.md`)).toMatch(/^# \w+\n/);
    }
    for (const { id, cause } of RULES) {
      const page = pages.get(`rules/${id}.md`);
      expect(page).toContain(`description: ${JSON.stringify(cause)}`);
      expect(page).toMatch(/\| Source \| \[`lib\/nag\/rules\/\S+\.ts`\]/);
      expect(page).toMatch(/\| Tests \| \[`test\/nag\/rules\/\S+\.ts`\]/);
    }
  });
});

describe('links', () => {
  const link = linksOf('docs/decisions/0001-host-files.md');

  test.each([
    ['another page', '../hosts.md#patching', '../hosts.md#patching'],
    ['a page of the root folder', '../../README.md', '../index.md'],
    ['a page with another address', '../../RULES.md', '../rules/index.md'],
    ['an example', '../../examples/ecs', '../examples/ecs.md'],
    ['an image', '../images/login.png', '../images/login.png'],
    ['a heading of the same page', '#context', '#context'],
    ['another site', 'https://example.org/a', 'https://example.org/a'],
    ['a file of the repository', '../../LICENSE', `${repositoryUrl()}/blob/main/LICENSE`],
    ['a folder of the repository', '../../lib/nag/', `${repositoryUrl()}/tree/main/lib/nag`],
  ])('%s', (_name, target, expected) => {
    expect(link(target)).toBe(expected);
  });

  test('to nothing, they fail', () => {
    expect(() => link('../gone.md')).toThrow(
      'docs/decisions/0001-host-files.md: ../gone.md must be a file of the repository',
    );
  });
});

describe('Markdown', () => {
  test.each([
    [
      'headings have the anchors of GitHub',
      '## A `b_c` [d](e.md)!',
      '## A `b_c` [d](to/e.md)! { #a-b_c-d }',
    ],
    ['links outside of code', '[a](b) `[a](b)`', '[a](to/b) `[a](b)`'],
    ['what only one parser reads as markup', 'a \\<b {c} `{d}`', 'a &lt;b &#123;c} `{d}`'],
    ['pipes in code of a table', '| `a\\|b` | c\\|d |', '| `a|b` | c\\|d |'],
    ['comments are removed', 'a\n<!-- b\nc -->\nd', 'a\nd'],
    ['languages of code', '```ts nofixture\na\n```', '```ts\na\n```'],
    ['diagrams', '```mermaid\na\n  b\n```\nc', 'drawn: a\n  b\nc'],
    [
      'texts of items',
      '1. a\n\n   b\n\n   ```sh\n   c\n     d\n   ```\n',
      '1. a\n\n    b\n\n    ```sh\n    c\n      d\n    ```\n',
    ],
    ['code behind a list', '- a\n\n```py\nif a:\n  b\n```', '- a\n\n```py\nif a:\n  b\n```'],
  ])('%s', (_name, text, expected) => {
    expect(converted(text)).toBe(expected);
  });

  test('equal headings have different anchors', () => {
    expect(converted('# A\n# A')).toBe('# A { #a }\n# A { #a-1 }');
  });
});

test('the configuration names no other host than that of the source code, and no fonts', () => {
  const text = configuration(entries);
  expect(text).toContain('"font" = false');
  expect([...new Set(text.match(/https?:\/\/[^"\\/]+/g))]).toEqual(['https://github.com']);
  expect(text).not.toMatch(/^(repo_url|site_url)/m);
});

describe('snippets in other languages', () => {
  const python = [{ language: 'python', title: 'Python', text: 'f(\n\n    a_b=1)' }];
  const translations = new Map([['f({\n  aB: 1,\n});', python]]);
  const tabs = [
    '=== "TypeScript"',
    '',
    '    ```ts',
    '    f({',
    '      aB: 1,',
    '    });',
    '    ```',
    '',
    '=== "Python"',
    '',
    '    ```python',
    '    f(',
    '',
    '        a_b=1)',
    '    ```',
    '',
  ];
  const snippet = ['```ts', 'f({', '  aB: 1,', '});', '```'];

  test('become tabs', () => {
    expect(withTabs(['Text', ...snippet, ''].join('\n'), translations)).toBe(
      ['Text', ...tabs, ''].join('\n'),
    );
  });

  test('become tabs in an item of a list', () => {
    const item = snippet.map((line) => `    ${line}`).join('\n');
    const expected = tabs.map((line) => (line === '' ? '' : `    ${line}`)).join('\n');
    expect(withTabs(item, translations)).toBe(expected);
  });

  test('stay as they are without a translation, or with another language', () => {
    for (const text of ['```ts\ng();\n```', '```sh\nf\n```', 'f({\n  aB: 1,\n});']) {
      expect(withTabs(text, translations)).toBe(text);
    }
  });

  test('have the reason in place of code that does not work', () => {
    const fault = 'g is not translated';
    const go = [{ language: 'go', title: 'Go', text: 'g(', fault }];
    const page = withTabs('```ts\ng();\n```\n', new Map([['g();', go]]));
    expect(page).toContain(`=== "Go"\n\n    No translation works here: ${fault}.`);
    expect(page).not.toContain('```go');
  });

  test('each fault that is accepted is of one snippet of the document', () => {
    const accepted = JSON.parse(
      readFileSync(join(ROOT, 'test/system/languages/snippets-accepted.json'), 'utf8'),
    ) as { document: string; snippet: string }[];
    expect(accepted.length).toBeGreaterThan(0);
    for (const { document, snippet } of accepted) {
      const page = readFileSync(join(ROOT, document), 'utf8');
      expect(page.split(snippet)).toHaveLength(2);
    }
  });

  test('the page of a rule has the translations of the snippet about acknowledgments', () => {
    const rulePack = readFileSync(join(ROOT, 'docs/rule-pack.md'), 'utf8');
    const [source] = [...rulePack.matchAll(/^```ts\n([^]*?)^```$/gm)]
      .map(([, text]) => text.trim())
      .filter((text) => text.includes('-SETTINGS13'));
    const text = "acknowledge(id='OpenStackDashboard-SETTINGS13')";
    const translated = new Map([[source, [{ language: 'python', title: 'Python', text }]]]);
    const page = withTabs(pages.get('rules/CACHE2.md')!, withRules(translated, ['CACHE2']));
    expect(page).toContain("    acknowledge(id='OpenStackDashboard-CACHE2')\n");
    expect(page).toContain('    Validations.of(scope).acknowledge({\n');
    expect(page).toContain("reason: '…',");
    expect(withRules(new Map(), ['CACHE2']).size).toBe(0);
  });

  test('a page that is looked up has a translation with each of its languages', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tablet-')), 'snippets.json');
    const sources = { $: 'f();\n', python: 'f()\n', java: 'f();', csharp: 'f();', go: 'f()' };
    const translated = Object.fromEntries(
      Object.entries(sources).map(([language, source]) => [language, { source }]),
    );
    writeFileSync(file, JSON.stringify({ snippets: { key: { translations: translated } } }));
    expect(
      readTranslations(file)
        .get('f();')
        ?.map(({ title, text }) => `${title}: ${text}`),
    ).toEqual(['Python: f()', 'Java: f();', 'C#: f();', 'Go: f()']);
    expect(readTranslations(`${file}.none`).size).toBe(0);
  });
});

describe('names in other languages', () => {
  const api = (name: string): string => pages.get(`api/${name}.md`)!;

  test.each([
    [
      'LoginAttempts',
      ['`LoginAttempts.builder()`', '`&cdkopenstackdashboard.LoginAttempts{…}`'],
      'Python: `per_minute`',
    ],
    [
      'OpenStackDashboard',
      [
        '`from cdk_openstack_dashboard import OpenStackDashboard`',
        '`OpenStackDashboard.Builder.create(scope, id)`',
        '`cdkopenstackdashboard.NewOpenStackDashboard(scope, id, …)`',
      ],
      'Python: `with_`',
    ],
    [
      'DashboardEntry',
      ['`import io.github.cdkopenstackdashboard.DashboardEntry;`'],
      'Python: `new_load_balancer`',
    ],
    ['SameSite', ['`cdkopenstackdashboard.SameSite`', 'such as `SameSite_Name()`'], ''],
  ])('%s', (name, parts, member) => {
    for (const part of [...parts, member]) {
      expect(api(name)).toContain(part);
    }
  });

  test('abstract classes have no constructor', () => {
    for (const name of ['HostGroup', 'Monitoring', 'SessionBackend']) {
      expect(api(name)).toContain(
        `| Java | \`import io.github.cdkopenstackdashboard.${name};\` | \`${name}\` |`,
      );
    }
  });

  test('constants have one name', () => {
    expect(api('SameSite')).not.toContain('Python: `');
  });
});
