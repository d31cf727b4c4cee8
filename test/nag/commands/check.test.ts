import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Source } from '../../../lib/nag/check/source';
import { copyOfLibrary, removeCopy } from '../../unit/copy';
import { ROOT } from '../../unit/fixtures';

const HOST = (script: string): string =>
  JSON.stringify({
    Resources: {
      Machine: {
        Type: 'AWS::EC2::Instance',
        Properties: {
          LaunchTemplate: { LaunchTemplateName: 'x' },
          UserData: { 'Fn::Base64': `#!/bin/bash\n${script}\n` },
        },
      },
    },
  });
const WRONG = HOST('apt-get install -y openstack-dashboard varnish');

describe('the command', () => {
  let copy: string;
  let folder: string;
  beforeAll(() => {
    copy = copyOfLibrary();
    execFileSync(process.execPath, ['scripts/compile.mjs'], { cwd: copy });
  });
  afterAll(() => removeCopy(copy));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'check-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs in a folder with some files. */
  function run(files: Record<string, string>, ...args: string[]) {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const cli = join(copy, 'lib/nag/commands/check.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
      cwd: folder,
      encoding: 'utf8',
      // A folder for the output of the AWS CDK must not make it write one.
      env: { ...process.env, CDK_OUTDIR: join(folder, 'out') },
    });
    return { status, stdout, stderr };
  }

  test('exits with 0 without a dashboard', () => {
    expect(run({ 'a.json': HOST('echo') }, 'a.json')).toEqual({
      status: 0,
      stdout: '0 errors, 0 warnings, 0 unknown, 0 acknowledged\n',
      stderr: '',
    });
  });

  test('exits with 1 if there are findings', () => {
    const { status, stdout, stderr } = run({ 'a.json': WRONG }, 'a.json');
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^a\.json:1:\d+: error: .*\[OpenStackDashboard-CACHE2\]\n/m);
  });

  test('exits with 0 if all findings are acknowledged, and reports unused acknowledgements', () => {
    const ids = ['CACHE2', 'DOMAIN1'];
    const list = ids.map((id) => `  - { id: OpenStackDashboard-${id}, reason: a laboratory }\n`);
    const files = { 'a.json': WRONG, 'ok.yaml': `acknowledgements:\n${list.join('')}` };
    const { status, stdout } = run(files, '--acknowledgements', 'ok.yaml', 'a.json');
    expect(stdout).toContain(
      'ok.yaml:3:5: info: unused acknowledgement, remove it [OpenStackDashboard-DOMAIN1]',
    );
    expect([status, stdout.split('\n').at(-2)]).toEqual([
      0,
      '0 errors, 0 warnings, 0 unknown, 1 acknowledged',
    ]);
  });

  test.each([
    ['no template', [], 'at least one template must be given'],
    ['an unknown option', ['--fix', 'a.json'], "Unknown option '--fix'"],
    [
      'an unknown format',
      ['--format', 'xml', 'a.json'],
      "--format must be text, json or sarif, got 'xml'",
    ],
    [
      'a parameter without a value',
      ['--parameter', 'A', 'a.json'],
      "--parameter must be NAME=VALUE, got 'A'",
    ],
    [
      'an empty plan',
      ['--image-upload-plan', ' ', 'a.json'],
      '--image-upload-plan must be a sentence',
    ],
    ['a file that is missing', ['b.json'], 'ENOENT'],
    [
      'a file that is no template',
      ['package.json'],
      'package.json: must be a CloudFormation template, got no Resources',
    ],
    ['a file that is broken', ['bad.yaml'], 'bad.yaml:1:12: '],
    [
      'acknowledgements without a reason',
      ['--acknowledgements', 'no.yaml', 'a.json'],
      'no.yaml:1:20: reason must be',
    ],
  ])('exits with 2 for %s', (_name, args, message) => {
    const files = {
      'a.json': HOST('echo'),
      'package.json': '{}',
      'bad.yaml': 'Resources: }',
      'no.yaml': 'acknowledgements: [{ id: OpenStackDashboard-CACHE2 }]',
    };
    const { status, stderr } = run(files, ...args);
    expect(stderr).toContain(`openstack-dashboard-check: ${message}`);
    expect(status).toBe(2);
  });

  test('checks the other files even if one is invalid', () => {
    const { status, stdout } = run(
      { 'a.json': WRONG, 'b.yaml': 'Resources: }' },
      'b.yaml',
      'a.json',
    );
    expect(status).toBe(2);
    expect(stdout).toContain('[OpenStackDashboard-CACHE2]');
  });

  test('reads the templates of a folder and skips other files', () => {
    const files = {
      'live/a.template': WRONG,
      'live/deep/b.yml': HOST('echo'),
      'live/workflow.yaml': 'on: push\n',
      'live/chart.yaml': '{{ if x }}\n',
      'live/node_modules/c.json': WRONG,
    };
    const { status, stdout, stderr } = run(files, '--format', 'json', 'live');
    const { findings } = JSON.parse(stdout) as { findings: { file: string }[] };
    expect([status, stderr]).toEqual([1, '']);
    expect([...new Set(findings.map(({ file }) => file))]).toEqual(['live/a.template']);
  });

  test('skips other named files with --skip-others', () => {
    const files = { 'workflow.yaml': 'on: push\n' };
    expect(run(files, '--skip-others', 'workflow.yaml').status).toBe(0);
    expect(run(files, 'workflow.yaml').status).toBe(2);
  });

  test('prints SARIF with relative paths, even for absolute arguments', () => {
    const { status, stdout } = run(
      { 'a.json': WRONG },
      '--format',
      'sarif',
      join(folder, 'a.json'),
    );
    expect(status).toBe(1);
    expect(stdout).toContain('"uri": "a.json"');
    expect(stdout).not.toContain(folder);
  });

  test('accepts names of dashboards outside of the templates', () => {
    const cdn = JSON.stringify({
      Resources: {
        Cdn: {
          Type: 'AWS::CloudFront::Distribution',
          Properties: {
            DistributionConfig: {
              Origins: [{ Id: 'a', DomainName: 'dashboard.example.org' }],
              DefaultCacheBehavior: {
                TargetOriginId: 'a',
                CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
              },
            },
          },
        },
      },
    });
    expect(run({ 'a.json': cdn }, 'a.json').status).toBe(0);
    const { status, stdout } = run({}, '--dashboard-name', 'dashboard.example.org', 'a.json');
    expect(status).toBe(1);
    expect(stdout).toContain('[OpenStackDashboard-CACHE1]');
  });

  test('prints its usage and its version', () => {
    expect(run({}, '--help')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^usage: /),
    });
    expect(run({}, '--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('the GitHub Action', () => {
  let copy: string;
  let folder: string;
  beforeAll(() => {
    copy = copyOfLibrary();
    execFileSync(process.execPath, ['scripts/compile.mjs'], { cwd: copy });
    folder = mkdtempSync(join(tmpdir(), 'action-'));
    // npx as it would run the package from the registry.
    const npx = `#!/bin/bash\necho "$*" >>calls\nuntil [[ $1 == openstack-dashboard-check ]]; do shift; done\nshift\nexec node ${copy}/lib/nag/commands/check.js "$@"\n`;
    writeFileSync(join(folder, 'npx'), npx, { mode: 0o755 });
    writeFileSync(join(folder, 'wrong one.json'), WRONG);
    writeFileSync(join(folder, 'right.json'), HOST('echo'));
  });
  afterAll(() => {
    removeCopy(copy);
    rmSync(folder, { recursive: true });
  });
  const run = (env: Record<string, string>) =>
    spawnSync('bash', [join(copy, 'scripts/action.sh')], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}`, GITHUB_ACTION_PATH: copy, ...env },
    });

  test('fails with findings, and also writes them as SARIF', () => {
    const { status, stdout } = run({ TEMPLATES: '\nwrong one.json\n', SARIF_FILE: 'out.sarif' });
    expect(status).toBe(1);
    expect(stdout).toContain('[OpenStackDashboard-CACHE2]');
    expect(readFileSync(join(folder, 'out.sarif'), 'utf8')).toContain('"uri": "wrong%20one.json"');
    const { version } = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toContain(
      `--yes --package cdk-openstack-dashboard@${version} -- `,
    );
  });

  test('succeeds without findings, and passes arguments', () => {
    expect(run({ TEMPLATES: 'right.json', ARGUMENTS: '--dashboard-name\na.example' }).status).toBe(
      0,
    );
    expect(run({ TEMPLATES: 'right.json', ARGUMENTS: '--no-such' }).status).toBe(2);
  });

  test('fails if SARIF cannot be written because of the arguments', () => {
    expect(run({ TEMPLATES: 'none.json', SARIF_FILE: 'out.sarif' }).status).not.toBe(0);
  });

  test('and the pre-commit hook run the package version that matches theirs', () => {
    const hooks = readFileSync(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8');
    const [{ entry, language, args }] = Source.parse('hooks.yaml', hooks).value as {
      entry: string;
      language: string;
      args: string[];
    }[];
    expect(language).toBe('script');
    const { status, stdout } = spawnSync(join(copy, entry), args, {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}` },
    });
    expect(status).toBe(1);
    expect(stdout).toContain('[OpenStackDashboard-CACHE2]');
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
    expect(new Set(calls.map((call) => call.split(' -- ')[0])).size).toBe(1);
  });
});

describe('the files for other tools', () => {
  const read = (file: string): unknown =>
    Source.parse(file, readFileSync(join(ROOT, file), 'utf8')).value;

  test('action.yml gives each input to the script as a variable', () => {
    const { inputs, runs } = read('action.yml') as {
      inputs: Record<string, unknown>;
      runs: { steps: { env: Record<string, string>; run: string }[] };
    };
    const [{ env, run: command }] = runs.steps;
    expect(Object.values(env)).toEqual(Object.keys(inputs).map((name) => `\${{ inputs.${name} }}`));
    expect(command).not.toContain('${{');
    const script = readFileSync(join(ROOT, 'scripts/action.sh'), 'utf8');
    for (const name of Object.keys(env)) {
      expect(script).toContain(name);
    }
  });
});
