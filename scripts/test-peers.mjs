// Synthesizes the ready app and the examples, strictly and with the rule pack, with the oldest and the newest peers
// that the package accepts: the packed library is installed in a folder for each, as by a user.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { peerDependencies, devDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const names = Object.keys(peerDependencies);
const work = mkdtempSync(join(tmpdir(), 'peers-'));
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** Apps by the folder of their output. */
const APPS = {
  ready: 'bin/app.js',
  ...Object.fromEntries(
    readdirSync(join(root, 'examples'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'rules-alone')
      .map(({ name }) => [name, `examples/${name}/app.js`]),
  ),
};

function project(name, tarball, versions) {
  const folder = join(work, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"name":"peers","private":true}\n');
  run('npm', ['install', '--no-audit', '--no-fund', '--silent', tarball, ...versions], folder);
  // What the package must not contain: the apps. They find the library where a clone has it.
  for (const path of ['bin', 'examples', 'cdk.json']) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  symlinkSync('node_modules/cdk-openstack-dashboard/lib', join(folder, 'lib'));
  return folder;
}

function installed(folder) {
  return names
    .map((name) => {
      const manifest = join(folder, 'node_modules', name, 'package.json');
      return `${name} ${JSON.parse(readFileSync(manifest, 'utf8')).version}`;
    })
    .join(', ');
}

/** The templates of all apps. */
function synthesize(folder) {
  const { build, ...cdk } = JSON.parse(readFileSync(join(folder, 'cdk.json'), 'utf8'));
  void build;
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify(cdk));
  const templates = new Map();
  for (const [app, file] of Object.entries(APPS)) {
    const out = join(folder, 'out', app);
    const args = ['cdk', 'synth', '--strict', '--quiet', '-a', `node ${file}`, '-o', out];
    const { status, stdout, stderr } = spawnSync('npx', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${app} does not synthesize:\n${stdout}${stderr}`);
    for (const name of readdirSync(out).filter((each) => each.endsWith('.template.json'))) {
      templates.set(`${app}/${name}`, readFileSync(join(out, name), 'utf8'));
    }
  }
  // It has findings, so it fails
  const rules = ['cdk', 'synth', '--quiet', '-a', 'node examples/rules-alone/app.js'];
  const { status, stderr } = spawnSync('npx', rules, { cwd: folder, encoding: 'utf8' });
  if (status === 0 || !stderr.includes('OpenStackDashboard-CACHE')) {
    throw new Error(`examples/rules-alone must fail with findings of the pack, got:\n${stderr}`);
  }
  return templates;
}

try {
  run(process.execPath, ['scripts/compile.mjs'], root);
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], root),
  );
  const results = [];
  for (const [name, versions, cli] of [
    ['oldest', names.map((each) => `${each}@${devDependencies[each]}`), devDependencies['aws-cdk']],
    ['newest', names.map((each) => `${each}@${peerDependencies[each]}`), 'latest'],
  ]) {
    const began = Date.now();
    const folder = project(name, join(work, packed.filename), [...versions, `aws-cdk@${cli}`]);
    const templates = synthesize(folder);
    results.push(templates);
    const seconds = Math.round((Date.now() - began) / 1000);
    console.log(`${name} peers (${installed(folder)}): ${templates.size} templates, ${seconds} s`);
  }
  const [oldest, newest] = results;
  const different = [...oldest].filter(([name, text]) => newest.get(name) !== text);
  console.log(
    different.length === 0
      ? 'the templates are the same'
      : `different templates: ${different.map(([name]) => name).join(', ')}`,
  );
  console.log('2 passed');
} finally {
  rmSync(work, { recursive: true });
}
