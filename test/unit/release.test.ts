// The steps of a release that decide: scripts/release. The workflows that call them are judged by others, in
// test/system/judges/test_workflows.py.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(__dirname, '..', '..');
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

type Call = readonly [module: string, name: string, ...parameters: unknown[]];

/** What functions return or the messages they throw, all in one process: jest does not load ES modules. */
function results(calls: readonly Call[]): unknown[] {
  const program = `
    const calls = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    (async () => {
      const results = [];
      for (const [module, name, ...parameters] of calls) {
        const functions = await import('./scripts/release/' + module + '.mjs');
        try { results.push((await functions[name](...parameters)) ?? null); }
        catch (error) { results.push('ERROR ' + error.message); }
      }
      console.log(JSON.stringify(results));
    })();`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: ROOT,
    encoding: 'utf8',
    input: JSON.stringify(calls),
  });
  if (!stdout) {
    throw new Error(stderr);
  }
  return JSON.parse(stdout) as unknown[];
}

/** One process for all calls of a test: `expected` by call. */
function expectAll(cases: readonly (readonly [Call, unknown])[]): void {
  expect(results(cases.map(([call]) => call))).toEqual(cases.map(([, expected]) => expected));
}

const CHANGELOG = `# Changelog

About it.

## Unreleased

To be released as 0.2.0. Hosts are replaced.

### Breaking

- A prop is gone, see [the page](a/page.md#top) and [this](https://example.org).

### Added

- A prop.

## 0.1.0

- First.
`;

test('a version follows the last one, and breaks only where semver allows it', () => {
  expectAll([
    [
      ['version', 'parseVersion', '1.2.3'],
      [1, 2, 3],
    ],
    [
      ['version', 'parseVersion', 'v1.2.3'],
      'ERROR the version must have the form 1.2.3, got v1.2.3',
    ],
    [
      ['version', 'parseVersion', '01.2.3'],
      'ERROR the version must have the form 1.2.3, got 01.2.3',
    ],
    [
      ['version', 'parseVersion', '1.2.3-rc.1'],
      'ERROR the version must have the form 1.2.3, got 1.2.3-rc.1',
    ],
    [['version', 'compareVersions', '1.10.0', '1.9.9'], 1],
    [['version', 'compareVersions', '1.2.3', '1.2.3'], 0],
    [
      ['version', 'allowedVersions', '0.1.4', true],
      ['0.2.0', '1.0.0'],
    ],
    [
      ['version', 'allowedVersions', '0.1.4', false],
      ['0.1.5', '0.2.0', '1.0.0'],
    ],
    [['version', 'allowedVersions', '1.2.3', true], ['2.0.0']],
    [
      ['version', 'allowedVersions', '1.2.3', false],
      ['1.2.4', '1.3.0', '2.0.0'],
    ],
    [['version', 'checkVersion', '0.2.0', '0.1.0', true], null],
    [
      ['version', 'checkVersion', '0.1.1', '0.1.0', true],
      'ERROR the version after 0.1.0 must be 0.2.0 or 1.0.0, as there are breaking changes since 0.1.0, got 0.1.1',
    ],
    [
      ['version', 'checkVersion', '0.1.0', '0.1.0', false],
      'ERROR the version after 0.1.0 must be 0.1.1 or 0.2.0 or 1.0.0, got 0.1.0',
    ],
  ]);
});

test('the changelog gets the version and the date, and nothing else changes', () => {
  const dated = CHANGELOG.replace(
    '## Unreleased\n\nTo be released as 0.2.0. Hosts',
    '## 0.2.0 (2026-12-01)\n\nHosts',
  );
  expectAll([
    [['changelog', 'released', CHANGELOG, '0.2.0', '2026-12-01'], dated],
    [
      ['changelog', 'released', CHANGELOG, '0.3.0', '2026-12-01'],
      'ERROR CHANGELOG.md announces version 0.2.0, got 0.3.0',
    ],
    [
      ['changelog', 'released', dated, '0.3.0', '2026-12-01'],
      'ERROR CHANGELOG.md must begin with a section "## Unreleased"',
    ],
    [
      [
        'changelog',
        'released',
        '# C\n\n## Unreleased\n\n### Added\n\n## 0.1.0\n\n- x\n',
        '0.2.0',
        '',
      ],
      'ERROR CHANGELOG.md must have entries under "## Unreleased"',
    ],
    [['changelog', 'lastRelease', CHANGELOG], '0.1.0'],
    [['changelog', 'lastRelease', dated], '0.2.0'],
    [['changelog', 'lastRelease', dated, '0.2.0'], '0.1.0'],
    [['changelog', 'isBreaking', '### Breaking\n\nIn code:\n\n- a\n\n### Added\n\n- b'], true],
    [['changelog', 'isBreaking', '### Breaking\n\n### Added\n\n- b'], false],
    [['changelog', 'isBreaking', '### Added\n\n- b'], false],
  ]);
});

test('the security policy names the minor version of the release', () => {
  const policy = (row: string): string => `| Version | Security fixes |\n| --- | --- |\n${row}\n`;
  expectAll([
    [
      ['version', 'supported', policy('| 0.1.x   | yes            |'), '0.12.0'],
      policy('| 0.12.x  | yes            |'),
    ],
    [
      ['version', 'supported', policy('| all | yes |'), '0.2.0'],
      'ERROR SECURITY.md must have one row of a version "1.2.x" with "yes"',
    ],
  ]);
  const [ours] = results([
    ['version', 'supported', readFileSync(join(ROOT, 'SECURITY.md'), 'utf8'), '0.2.0'],
  ]);
  expect(ours).toContain('| 0.2.x   | yes            |');
});

test('the notes are the section of the version, with links to its files', () => {
  const [notes, missing] = results([
    [
      'changelog',
      'notesOf',
      CHANGELOG.replace('Unreleased', '0.2.0 (2026-12-01)'),
      '0.2.0',
      'https://git',
    ],
    ['changelog', 'notesOf', CHANGELOG, '0.2.0', 'https://git'],
  ]);
  expect(notes).toContain(
    '[the page](https://git/blob/v0.2.0/a/page.md#top) and [this](https://example.org)',
  );
  expect(notes).not.toContain('First.');
  expect(missing).toBe('ERROR CHANGELOG.md has no section "## 0.2.0" with text');
});

test('the changelog of the repository can be released', () => {
  const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  const [sections] = results([['changelog', 'sectionsOf', changelog]]) as [{ name: string }[]];
  expect(changelog.match(/^## /gm)).toHaveLength(sections.length);
  if (sections[0].name === 'Unreleased') {
    const next = /^To be released as (\S+?)\.( |$)/m.exec(changelog)?.[1] ?? '99.0.0';
    const [dated] = results([['changelog', 'released', changelog, next, '2026-12-01']]);
    expect(dated).not.toMatch(/^ERROR/);
  }
});

test('the check that a release waits for is the job that waits for all others', () => {
  const workflow = parse(readFileSync(join(ROOT, '.github/workflows/ci.yml'), 'utf8'));
  const { passed, ...others } = workflow.jobs;
  expect(passed.name).toBe('Passed');
  expect(passed.if).toBe('always()');
  expect(passed.needs).toEqual(Object.keys(others));
});

test('the checks of a commit count only if GitHub Actions reports that they passed', () => {
  const run = (conclusion: string | null, more = {}) => ({
    name: 'Passed',
    app: { slug: 'github-actions' },
    status: conclusion ? 'completed' : 'in_progress',
    conclusion,
    started_at: '2026-12-01T10:00:00Z',
    ...more,
  });
  const notRun = 'ERROR CI has not run for abc: wait for the check "Passed"';
  expectAll([
    [['ci', 'judgeChecks', [run('success')], 'abc'], null],
    [['ci', 'judgeChecks', [], 'abc'], notRun],
    [['ci', 'judgeChecks', [run('success', { app: { slug: 'other' } })], 'abc'], notRun],
    [['ci', 'judgeChecks', [run('success', { name: 'Lint' })], 'abc'], notRun],
    [
      ['ci', 'judgeChecks', [run(null)], 'abc'],
      'ERROR the check "Passed" of abc must be a success, got in_progress',
    ],
    [
      [
        'ci',
        'judgeChecks',
        [run('success'), run('failure', { started_at: '2026-12-01T11:00:00Z' })],
        'abc',
      ],
      'ERROR the check "Passed" of abc must be a success, got failure',
    ],
  ]);
});

test('the bill of materials has the package and what is bundled in its files', () => {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const bundled = ['yaml', 'aws4'].map((name) => {
    const manifest = join(ROOT, 'node_modules', name, 'package.json');
    const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
    return { name, version, ref: `${name}@${version}` };
  });
  const refs = bundled.map(({ ref }) => ref);
  const bill = {
    metadata: { component: { 'bom-ref': 'a@1', name: 'folder' } },
    components: [],
    dependencies: [{ ref: 'a@1', dependsOn: [] }],
  };
  const [sbom] = results([['sbom', 'completed', bill, { name: 'a' }, lock]]);
  expect(sbom).toMatchObject({
    metadata: { component: { name: 'a' } },
    components: bundled.map(({ name, version, ref }) => ({
      name,
      version,
      purl: `pkg:npm/${ref}`,
    })),
    dependencies: [{ ref: 'a@1', dependsOn: refs }, ...refs.map((ref) => ({ ref }))],
  });
  // Another bundle needs an entry
  const bundles = ['lib', 'preview'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }),
  );
  expect(bundles.filter((file) => file.endsWith('.bundle.js'))).toEqual([
    'shared/yaml.bundle.js',
    'cloud/aws/aws4.bundle.js',
  ]);
});

describe('the plan', () => {
  let folder: string;
  const file = (path: string, content = path): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plan-'));
    file('js/cdk-openstack-dashboard@1.2.3.jsii.tgz', 'abc');
    file('python/cdk_openstack_dashboard-1.2.3-py3-none-any.whl');
    file('java/io/github/x/1.2.3/x-1.2.3.jar');
    file('java/io/github/x/maven-metadata.xml');
    file('dotnet/CdkOpenStackDashboard.1.2.3.nupkg');
    file('go/cdkopenstackdashboard/go.mod');
    file('NOTES.md');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('names each file with its registry, size and hash', () => {
    const [plan] = results([['packages', 'planOf', folder, PACKAGE, '1.2.3']]) as [string[]];
    expect(plan.filter((line) => !line.startsWith(' '))).toEqual([
      'npm: cdk-openstack-dashboard@1.2.3 (OIDC, with provenance)',
      'PyPI: cdk-openstack-dashboard==1.2.3 (OIDC, with attestations)',
      'Maven Central: io.github.cdk-openstack-dashboard:cdk-openstack-dashboard:1.2.3 (user token of the environment, OpenPGP signature)',
      'NuGet: CdkOpenStackDashboard 1.2.3 (OIDC)',
      'github.com/cdk-openstack-dashboard/cdk-openstack-dashboard-go: github.com/cdk-openstack-dashboard/cdk-openstack-dashboard-go/cdkopenstackdashboard@v1.2.3 (deploy key of the environment)',
    ]);
    // FIPS 180-2's example
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(plan).toContain(`  cdk-openstack-dashboard@1.2.3.jsii.tgz  3 bytes  ${sha256}`);
    expect(plan).toContain('  1 files, 31 bytes, tag cdkopenstackdashboard/v1.2.3');
    expect(plan.join()).not.toContain('maven-metadata');
  });

  test('fails if a package is missing or of another version', () => {
    rmSync(join(folder, 'python'), { recursive: true });
    expectAll([
      [['packages', 'planOf', folder, PACKAGE, '1.2.3'], `ERROR ${folder}/python has no package`],
      [
        ['packages', 'planOf', folder, PACKAGE, '1.2.4', ['js']],
        'ERROR js/cdk-openstack-dashboard@1.2.3.jsii.tgz must be of version 1.2.4',
      ],
    ]);
  });

  test('checksums are those of all files but the Go module', () => {
    const [sums] = results([['packages', 'checksums', folder]]) as [string];
    const names = sums
      .trim()
      .split('\n')
      .map((line) => line.split('  ')[1]);
    expect(names).toContain('NOTES.md');
    expect(names).toHaveLength(6);
  });
});

test('a push to the repository of the Go module has the tag that Go expects, once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'go-module-'));
  try {
    const git = (...command: string[]) =>
      spawnSync('git', command, { cwd: folder, encoding: 'utf8' }).stdout.trim();
    git('init', '--quiet', '--bare', '--initial-branch=main', 'origin');
    mkdirSync(join(folder, 'dist/module'), { recursive: true });
    writeFileSync(join(folder, 'dist/module/go.mod'), 'module example.org/module\n');
    const push = () =>
      spawnSync(
        join(ROOT, 'scripts/release/go-module.sh'),
        ['dist', '1.2.3', join(folder, 'origin')],
        {
          cwd: folder,
          encoding: 'utf8',
        },
      );
    expect(push()).toMatchObject({ status: 0, stdout: 'module/v1.2.3 pushed\n' });
    expect(git('-C', 'origin', 'ls-tree', '-r', '--name-only', 'module/v1.2.3')).toBe(
      'module/go.mod',
    );
    expect(git('-C', 'origin', 'rev-parse', 'main')).toBe(
      git('-C', 'origin', 'rev-parse', 'module/v1.2.3'),
    );
    expect(push()).toMatchObject({ status: 0, stdout: 'module/v1.2.3 is published already\n' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
