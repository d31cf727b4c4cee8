// The tutorials: what they show is what commands print, and each command is known to work, or why it is not run.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOf } from '../../lib/import/program';
import { propsOf } from '../../lib/import/props';
import { readSettings } from '../../lib/import/python';

const ROOT = join(__dirname, '..', '..');
const FOLDER = join(ROOT, 'docs/tutorials');
const pages = readdirSync(FOLDER).map(
  (file) => [file, readFileSync(join(FOLDER, file), 'utf8')] as const,
);

/** Commands that a test runs, by the test, and those that none can run, with the reason. */
const COMMANDS: Readonly<Record<string, string>> = {
  'curl --fail https://keystone.example.org:5000/v3': 'not run: asks the Keystone of the reader',
  'mkdir dashboard && cd dashboard': 'not run: makes a folder',
  'npm install cdk-openstack-dashboard':
    'scripts/check-package.mjs installs the packed library in an empty project',
  'npx --yes --package aws-cdk cdk init app --language typescript':
    'not run: downloads a template of the AWS CDK',
  'npx cdk bootstrap': 'not run: needs an AWS account',
  'npx cdk deploy': 'test/system/deploy deploys examples to moto with the AWS CDK CLI',
  'npx cdk diff': 'not run: compares with a stack in an AWS account',
  'npx cdk synth --quiet': 'test/docs/snippets.test.ts synthesizes the programs of the pages',
  'npx openstack-dashboard-import --domain-name new-dashboard.example.org local_settings.py >lib/dashboard-stack.ts':
    'below, and test/unit/import.test.ts',
  'npx tsc --noEmit': '`npx tsc -p .` checks the types of programs in test/unit/import',
  'sudo env "PATH=$PATH" npx openstack-dashboard-preview --federation':
    'test/system/sso runs the preview with these identity providers',
};

test('each command is run by a test, or has a reason why not', () => {
  const commands = pages.flatMap(([, text]) =>
    [...text.matchAll(/^ *```sh\n([^]*?)^ *```/gm)].flatMap(([, block]) =>
      block.trim().split('\n'),
    ),
  );
  expect(commands.length).toBeGreaterThan(10);
  expect([...new Set(commands)].sort()).toEqual(Object.keys(COMMANDS).sort());
});

test('the tutorial about moving shows what the command prints', () => {
  const file = join(FOLDER, 'moving.md');
  const page = readFileSync(file, 'utf8');
  const [, settings] = /```python\n([^]*?)```/.exec(page)!;
  const props = propsOf(readSettings(settings).values, {
    domainName: 'new-dashboard.example.org',
    plugins: [],
  });
  const printed = programOf(props, { files: ['local_settings.py'], notes: [], variables: [] });
  const expected = page.replace(/(```text\n)[^]*?(```)/, (_all, begin: string, end: string) =>
    [begin, printed, end].join(''),
  );
  // After a change on purpose: UPDATE_PROGRAMS=1 npx jest test/docs/tutorials.test.ts
  if (process.env.UPDATE_PROGRAMS) {
    writeFileSync(file, expected);
  }
  expect(readFileSync(file, 'utf8')).toBe(expected);
});
