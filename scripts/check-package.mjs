// Installs the packed library in an empty project outside the repository and synthesizes a stack of
// that project's own with it: what a user gets from the registry works. With `--quick`, it does not follow the tutorials.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followTutorials } from './follow-tutorials.mjs';

const project = mkdtempSync(join(tmpdir(), 'check-package-'));
const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const run = (command, args, cwd = project) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

function expect(what, holds) {
  if (!holds) throw new Error(`the package does not hold: ${what}`);
}

/** The preview loads without the dependencies of a clone, reads the template, and says what the machine lacks. */
function checkPreview() {
  const preview = (...args) =>
    spawnSync('npx', ['openstack-dashboard-preview', ...args], { cwd: project, encoding: 'utf8' });
  const help = preview('--help');
  expect(
    'the preview prints its help',
    help.status === 0 && help.stdout.includes('usage: npx openstack-dashboard-preview [options]'),
  );
  // The process in which hosts run is another program: the preview starts it as root
  const modules = run(process.execPath, [
    '-e',
    "require('./node_modules/cdk-openstack-dashboard/preview/world/world.js'); console.log(Object.keys(require.cache).join())",
  ]);
  expect('all parts of the preview load', modules.includes('aws4.bundle.js'));
  const check = preview('--check', '--template', 'out/Mine.template.json');
  expect(
    'the preview reads a template',
    check.stdout.includes('2 at dashboard.example.org') &&
      (check.status === 0 || check.stdout.includes('cannot run the preview:\n- ')),
  );
  const federation = preview('--check', '--template', 'out/Mine.template.json', '--federation');
  expect(
    'the preview names the packages of identity providers',
    federation.status === 1 &&
      federation.stdout.includes('npm install --save-dev oidc-provider@') &&
      federation.stdout.includes(` samlp@${devDependencies.samlp}`),
  );
  console.log(check.stdout);
}

/** A project that the package starts tests and synthesizes with the packages of the registry. */
function checkInit(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'check-init-'));
  try {
    const init = (...args) =>
      spawnSync('npx', ['cdk-openstack-dashboard-init', ...args], {
        cwd: project,
        encoding: 'utf8',
      });
    expect('it starts a project', init(folder).status === 0);
    const again = init(folder);
    expect(
      'it overwrites nothing',
      again.status === 1 &&
        again.stderr.includes('with .github/workflows/dashboard.yml, .gitignore'),
    );
    run('npm', ['install', '--no-audit', '--no-fund', tarball], folder);
    run('npm', ['test'], folder);
    run('npx', ['cdk', 'synth', '--strict', '--quiet'], folder);
    const template = readFileSync(join(folder, 'cdk.out/OpenStackDashboard.template.json'), 'utf8');
    expect('its app has a dashboard', template.includes('AWS::ElastiCache::CacheCluster'));
    const python = join(folder, 'python');
    expect('it starts one in Python', init('--language', 'python', python).status === 0);
    run('python3', ['-m', 'compileall', '-q', python], folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

try {
  run('npm', ['run', 'build'], '.');
  // Without scripts, whose output would mix with the report
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], '.'),
  );
  const files = packed.files.map(({ path }) => path);
  expect('the jsii assembly is in it', files.includes('.jsii'));
  expect('the files of the hosts are in it', files.includes('lib/hosts/payload.json'));
  expect(
    'the contract is in it',
    files.includes(
      'lib/settings/files/usr/local/lib/openstack-dashboard/python/openstack_dashboard_contract.json',
    ),
  );
  expect('types are in it', files.includes('lib/index.d.ts'));
  expect('the parser of YAML is in it', files.includes('lib/shared/yaml.bundle.js'));
  expect('the preview is in it', files.includes('preview/machine/files/boot.sh'));
  expect(
    'no tests, sources or tools are in it',
    !files.some((path) =>
      /^(test|bin|bench|harness|scripts|examples)\/|^(?!init\/templates\/).*[^d]\.ts$|__pycache__/.test(
        path,
      ),
    ),
  );

  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'somebody-elses-app', private: true }),
  );
  run('npm', [
    'install',
    '--no-audit',
    '--no-fund',
    join(project, packed.filename),
    ...['aws-cdk-lib', 'constructs', 'cdk-nag', 'typescript', '@types/node'].map(
      (name) => `${name}@${devDependencies[name]}`,
    ),
  ]);
  writeFileSync(
    join(project, 'app.ts'),
    `import { App, Stack, Validations } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DashboardEntry, MemcachedCluster, OpenStackDashboard, OpenStackDashboardChecks } from 'cdk-openstack-dashboard';

const app = new App();
const stack = new Stack(app, 'Mine');
const arn = 'arn:aws:acm:eu-central-1:111122223333:certificate/0000';
new OpenStackDashboard(stack, 'Dashboard', {
  keystoneUrl: 'https://keystone.example.org:5000/v3',
  domainName: 'dashboard.example.org',
  entry: DashboardEntry.newLoadBalancer({
    certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', arn),
  }),
});
new MemcachedCluster(stack, 'Other', { vpc: new ec2.Vpc(stack, 'Vpc', {
  subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
}) });
Validations.of(app).addPlugins(new OpenStackDashboardChecks(app));
app.synth();
`,
  );
  run('npx', [
    'tsc',
    '--strict',
    '--skipLibCheck',
    '--module',
    'commonjs',
    '--target',
    'es2022',
    '--types',
    'node',
    'app.ts',
  ]);
  execFileSync(process.execPath, ['app.js'], {
    cwd: project,
    stdio: 'inherit',
    env: { ...process.env, CDK_OUTDIR: join(project, 'out') },
  });
  const template = JSON.parse(readFileSync(join(project, 'out/Mine.template.json'), 'utf8'));
  const clusters = Object.values(template.Resources).filter(
    ({ Type }) => Type === 'AWS::ElastiCache::CacheCluster',
  );
  expect('its constructs make resources', clusters.length === 2);
  const loaded = run(process.execPath, [
    '-e',
    "require('cdk-openstack-dashboard'); console.log(Object.keys(require.cache).filter((f) => !f.includes('cdk-openstack-dashboard')).length)",
  ]);
  expect('importing it loads nothing of its peers', loaded.trim() === '0');

  writeFileSync(
    join(project, 'module.mjs'),
    `import { createRequire } from 'node:module';
import * as everything from 'cdk-openstack-dashboard';
import { MemcachedCluster, OpenStackDashboard, OpenStackDashboardChecks, SessionBackend } from 'cdk-openstack-dashboard';
const common = createRequire(import.meta.url)('cdk-openstack-dashboard');
for (const value of [MemcachedCluster, OpenStackDashboard, OpenStackDashboardChecks, SessionBackend]) {
  if (typeof value !== 'function' || value !== common[value.name]) throw new Error('not the same class: ' + value);
}
const missing = Object.keys(common).filter((name) => everything[name] !== common[name]);
if (missing.length) throw new Error('an ES module does not see ' + missing);
console.log(Object.keys(common).length);
`,
  );
  const seen = run(process.execPath, ['module.mjs']);
  expect('ES modules import its classes by name', Number(seen) > 20);

  writeFileSync(
    join(project, 'template.yaml'),
    'Resources:\n  Host:\n    Type: AWS::EC2::Instance\n    Properties:\n' +
      '      UserData: !Base64 apt-get install -y openstack-dashboard varnish\n',
  );
  const command = spawnSync('npx', ['openstack-dashboard-check', 'template.yaml', 'out'], {
    cwd: project,
    encoding: 'utf8',
  });
  expect(
    'its command checks templates',
    command.status === 1 && /^template\.yaml:5:\d+: error: .*CACHE2/m.test(command.stdout),
  );

  writeFileSync(join(project, 'local_settings.py'), "SITE_BRANDING = 'Old'\nSECRET_KEY = 'x'\n");
  const imported = run('npx', ['openstack-dashboard-import', 'local_settings.py']);
  expect('its command imports settings', imported.includes("settings: { siteBranding: 'Old' },"));

  checkPreview();
  checkInit(join(project, packed.filename));
  if (!process.argv.includes('--quick')) {
    followTutorials(join(project, packed.filename));
  }
} finally {
  rmSync(project, { recursive: true });
}
console.log('the packed library works in a project of its own');
