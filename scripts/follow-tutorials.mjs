// Follows the tutorials on this machine up to the deployment: `cdk init`, the packed library, the program of the page,
// `tsc` of the new project, which may be newer than the one of this repository, and `cdk synth`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const run = (cwd, command, args) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const block = (page, pattern) => pattern.exec(readFileSync(`docs/tutorials/${page}`, 'utf8'))[1];

function check(project, what) {
  run(project, 'npx', ['tsc', '--noEmit']);
  run(project, 'npx', ['cdk', 'synth', '--quiet']);
  const made = readdirSync(join(project, 'cdk.out')).filter((file) =>
    file.endsWith('.template.json'),
  );
  const templates = made.map((file) => readFileSync(join(project, 'cdk.out', file), 'utf8'));
  if (!templates.some((template) => template.includes('AWS::ElastiCache::'))) {
    throw new Error(`${what}: there must be a template with a dashboard, got ${made.join()}`);
  }
  console.log(`${what}: checked by TypeScript ${run(project, 'npx', ['tsc', '--version']).trim()}`);
  rmSync(join(project, 'cdk.out'), { recursive: true });
}

/** With a packed library. */
export function followTutorials(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'check-tutorials-'));
  // `cdk init` takes its name
  const project = join(folder, 'dashboard');
  try {
    mkdirSync(project);
    run(project, resolve('node_modules/.bin/cdk'), ['init', 'app', '--language', 'typescript']);
    // The result must not depend on the releases of the day
    const manifest = join(project, 'package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/(?<=: ")[~^](?=\d)/g, ''));
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const peers = ['aws-cdk-lib', 'constructs'].map((name) => `${name}@${devDependencies[name]}`);
    run(project, 'npm', ['install', '--no-audit', '--no-fund', tarball, ...peers]);
    const app = readFileSync(join(project, 'bin/dashboard.ts'), 'utf8');

    const first = block('first-dashboard.md', /```ts nofixture\n([^]*?)```/);
    writeFileSync(join(project, 'bin/dashboard.ts'), first);
    check(project, 'first-dashboard.md');

    writeFileSync(join(project, 'bin/dashboard.ts'), app);
    const settings = block('moving.md', /```python\n([^]*?)```/);
    writeFileSync(join(project, 'local_settings.py'), settings);
    const name = ['--domain-name', 'new-dashboard.example.org'];
    const importer = ['openstack-dashboard-import', ...name, 'local_settings.py'];
    writeFileSync(join(project, 'lib/dashboard-stack.ts'), run(project, 'npx', importer));
    check(project, 'moving.md');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
