// Follows the tutorials on this machine up to the deployment: `cdk init`, the packed library, the program of the page,
// `tsc` of the new project, which may be newer than the one of this repository, and `cdk synth`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'check-tutorials-'));
const project = join(folder, 'dashboard');
const run = (command, args, cwd = project) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const block = (page, pattern) => pattern.exec(readFileSync(`docs/tutorials/${page}`, 'utf8'))[1];

function check(what) {
  run('npx', ['tsc', '--noEmit']);
  run('npx', ['cdk', 'synth', '--quiet']);
  const made = readdirSync(join(project, 'cdk.out')).filter((file) =>
    file.endsWith('.template.json'),
  );
  const templates = made.map((file) => readFileSync(join(project, 'cdk.out', file), 'utf8'));
  if (!templates.some((template) => template.includes('AWS::ElastiCache::'))) {
    throw new Error(`${what}: there must be a template with a dashboard, got ${made.join()}`);
  }
  console.log(`${what}: checked by TypeScript ${run('npx', ['tsc', '--version']).trim()}`);
  rmSync(join(project, 'cdk.out'), { recursive: true });
}

try {
  mkdirSync(project);
  run('npm', ['run', 'build'], '.');
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(run('npm', pack, '.'));
  run(resolve('node_modules/.bin/cdk'), ['init', 'app', '--language', 'typescript']);
  run('npm', ['install', '--no-audit', '--no-fund', join(folder, filename)]);
  const app = readFileSync(join(project, 'bin/dashboard.ts'), 'utf8');

  const first = block('first-dashboard.md', /```ts nofixture\n([^]*?)```/);
  writeFileSync(join(project, 'bin/dashboard.ts'), first);
  check('first-dashboard.md');

  writeFileSync(join(project, 'bin/dashboard.ts'), app);
  const settings = block('moving.md', /```python\n([^]*?)```/);
  writeFileSync(join(project, 'local_settings.py'), settings);
  const name = ['--domain-name', 'new-dashboard.example.org'];
  const stack = run('npx', ['openstack-dashboard-import', ...name, 'local_settings.py']);
  writeFileSync(join(project, 'lib/dashboard-stack.ts'), stack);
  check('moving.md');
} finally {
  rmSync(folder, { recursive: true });
}
