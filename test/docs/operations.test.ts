// The page docs/operations.md names everything that a person on call may have to look up.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DashboardAlarm, HostLogGroup } from '../../lib';
import { defaultStack } from '../../scripts/docs-stack';

const ROOT = join(__dirname, '..', '..');
const HOST = 'usr/local/lib/openstack-dashboard';
const PYTHON = `lib/settings/files/${HOST}/python`;
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');
const page = read('docs/operations.md');

/** The first cells of the table in a section, without code marks. */
function firstCells(heading: string): string[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| ([^|]+?) +\|/gm)]
    .map(([, cell]) => cell.replaceAll('`', ''))
    .filter((cell) => !/^(-+|Step|Page|Output)$/.test(cell));
}

const unique = (names: Iterable<string>): string[] => [...new Set(names)].sort();

test('every step of a start that can fail is in the table, and no other', () => {
  const scripts = [
    read('lib/hosts/user-data.sh'),
    read(`lib/dashboard-hosts/files/${HOST}/provision`),
    read(`lib/static/files/${HOST}/provision`),
  ].join('\n');
  const steps = [
    ...[...scripts.matchAll(/^ *step ([a-z-]+) /gm)].map(([, step]) => step),
    ...[...scripts.matchAll(/\bstep=([a-z]+)\b/g)].map(([, step]) => step),
    // A loop over two checks.
    ...[...scripts.matchAll(/^for check in ([a-z ]+);/gm)].flatMap(([, checks]) =>
      checks.split(' '),
    ),
  ];
  expect(steps.length).toBeGreaterThan(20);
  expect(firstCells('When a host does not start').sort()).toEqual(unique(steps));
});

test('every step of an update in place is in the table, and no other', () => {
  const steps = [...read(`lib/hosts/files/${HOST}/patch`).matchAll(/^step ([a-z-]+) /gm)];
  expect(firstCells('When an update is broken').sort()).toEqual(
    unique(steps.map(([, step]) => step)),
  );
});

test('every error page that users can see is in the table, and no other', () => {
  const pages = `lib/dashboard-hosts/files/${HOST}/errors`;
  const titles = [
    ...readdirSync(join(ROOT, pages))
      .filter((file) => file.endsWith('.html'))
      .map((file) => /<title>([^<]+)<\/title>/.exec(read(pages, file))![1]),
    ...readdirSync(join(ROOT, PYTHON), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.py'))
      .flatMap((file) =>
        [...read(PYTHON, file).matchAll(/error_page\(request, \d+, '([^']+)'/g)].map(
          ([, title]) => title,
        ),
      ),
    'Page Not Found',
  ];
  expect(titles.length).toBeGreaterThan(9);
  expect(firstCells('What users see').sort()).toEqual(unique(titles));
});

test('every alarm has a section of the runbook', () => {
  const sections = [...read('docs/alarms.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  const words = (name: string) => name.replaceAll('_', '').toLowerCase();
  const alarms = [...Object.keys(DashboardAlarm), 'USERS_NOTICE'].map(words);
  expect(alarms.length).toBeGreaterThan(20);
  expect(sections.map(words).sort()).toEqual(alarms.sort());
});

test('the ready app has every output that the page asks for, and no other', () => {
  const named = [...page.split(/^## /m)[0].matchAll(/^\| (`[^|]+`) +\|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  const { Outputs } = Template.fromStack(defaultStack()).toJSON();
  expect(named.sort()).toEqual(Object.keys(Outputs).sort());
});

test('every output that any page uses is one of the ready app', () => {
  const { Outputs } = Template.fromStack(defaultStack()).toJSON();
  const pages = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
  const used = pages.flatMap((file) =>
    [...read('docs', file).matchAll(/(?:\$\(|^ *)output (\w+)/gm)].map(([, name]) => name),
  );
  expect(used.length).toBeGreaterThan(8);
  expect(unique(used).filter((name) => !Object.keys(Outputs).includes(name))).toEqual([]);
});

test('an app of your own gets the outputs that the commands use', () => {
  const [snippet] = page.match(/```ts\n[^]*?```/)!;
  const own = [...snippet.matchAll(/CfnOutput\(this, '(\w+)'/g)].map(([, name]) => name);
  const commands = page.replaceAll(/```ts\n[^]*?```/g, '');
  const used = [...commands.matchAll(/(?:\$\(|^ *)output (\w+)/gm)].map(([, name]) => name);
  expect(unique(used).filter((name) => !own.includes(name))).toEqual([]);
});

test('the page names all that a deleted stack leaves', () => {
  const { Resources } = Template.fromStack(defaultStack()).toJSON() as {
    Resources: Record<string, { Type: string; DeletionPolicy?: string }>;
  };
  const kept = Object.values(Resources)
    .filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete')
    .map(({ Type }) => Type);
  // The log bucket, the asset bucket and the log group of hosts.
  expect(kept.sort()).toEqual(['AWS::Logs::LogGroup', 'AWS::S3::Bucket', 'AWS::S3::Bucket']);
  const section = page.split(/^## /m).find((each) => each.startsWith('Deleting')) ?? '';
  for (const name of ['LogBucketName', 'AssetBucketName', 'HostLogGroupName']) {
    expect(section).toContain(`output ${name}`);
  }
});

test('queries to paste are those that the library saves', () => {
  const stack = new Stack();
  new HostLogGroup(stack, 'Logs').addQueries();
  const found = Template.fromStack(stack).findResources('AWS::Logs::QueryDefinition');
  const saved = Object.values(found).map(({ Properties }) => String(Properties.QueryString));
  const blocks = [...read('docs/logs.md').matchAll(/```text\n([^]*?)\n```/g)];
  expect(blocks).toHaveLength(3);
  expect(blocks.map(([, query]) => query).filter((query) => !saved.includes(query))).toEqual([]);
});
