// Each command of each page: its program and options exist, and a test runs it or there is a reason why none does.
// test/system/judges/test_commands.py judges those of the AWS CLI.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const files = (folder: string, pattern: RegExp): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file))
    .map((file) => join(folder, file));

// Not CONTRIBUTING.md, whose commands are the tests themselves; its scripts are checked below.
const PAGES = [
  'README.md',
  ...files('docs', /\.md$/),
  ...files('examples', /README\.md$/),
  ...files('init/templates', /README\.md$/),
];
const { bin, scripts } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;

/** A file that runs a command, and what that file has where it does so; or why no test runs it. */
type Proof = readonly [file: string, text: string | RegExp] | string;

const ACCOUNT = 'not run: needs an AWS account; ';
const DEPLOYED: Proof = ['test/system/deploy/test_deploy.py', "'deploy'"];
const SYNTHESIZED: Proof = ['scripts/check-examples.mjs', "'synth'"];
const STARTED: Proof = ['scripts/check-package.mjs', "'cdk-openstack-dashboard-init'"];
const PYTHON: Proof = ['test/system/languages/test_python_starter.py', 'pytest'];
const INSTALLED: Proof = ['scripts/check-package.mjs', "run('npm', ['install'"];
const PREVIEW: Proof = ['test/preview/commands.test.ts', 'commandOf'];
const CHECK: Proof = ['test/nag/commands/check.test.ts', 'commands/check'];
const REPORT: Proof = ['test/nag/report/acknowledgements.test.ts', 'commands/acknowledgements.js'];
const ATTESTATION = 'not run: verifies a published release';
const OUTPUT = ACCOUNT + 'a function of the page';
const IMPORT: Proof = ['scripts/check-package.mjs', "'openstack-dashboard-import'"];

/** Blocks that are one program, by their first line. */
const PROGRAMS: Readonly<Record<string, Proof>> = {
  // Docs/environment.md
  'umask 077': 'not run: the start of a container of the reader',
  // Docs/operations.md
  'output() {': ACCOUNT + 'it has a command of the AWS CLI only',
  'for group in "$(output StaticGroupName)" "$(output DashboardGroupName)"; do':
    ACCOUNT + 'it has a command of the AWS CLI only',
  // Docs/rotation.md
  'SECRET=$(output SecretKeyArn)': ACCOUNT + 'it has commands of the AWS CLI',
};

/** Pages whose programs are files that a test compares with the page, and that another one runs. */
const PRINTED: Readonly<Record<string, Proof>> = {
  'docs/single-sign-on.md': ['test/preview/federation.test.ts', 'docs/single-sign-on.md'],
};

const COMMANDS: Readonly<Record<string, Proof>> = {
  '. .venv/bin/activate': 'not run: sets up the shell of the reader',
  'cd my-dashboard': 'not run: changes the folder',
  'curl --fail https://keystone.example.org:5000/v3': 'not run: calls the Keystone of the reader',
  [`curl --location --silent --output /dev/null --write-out '%{http_code} %{url_effective}\\n' "$(output DashboardUrl)"`]:
    'not run: calls a deployed dashboard',
  'gh attestation verify FILE --repo cdk-openstack-dashboard/cdk-openstack-dashboard': ATTESTATION,
  'gh attestation verify FILE --repo cdk-openstack-dashboard/cdk-openstack-dashboard --bundle cdk-openstack-dashboard-VERSION.intoto.jsonl':
    ATTESTATION,
  'go get github.com/cdk-openstack-dashboard/cdk-openstack-dashboard-go/cdkopenstackdashboard':
    'not run: the module is published with a release; test/system/languages/test_go.py uses the generated one',
  "grep -rnE 'mark_safe|is_safe|\\|\\s*safe\\b|autoescape\\s+off|csrf_exempt|format_html' FOLDER":
    'not run: lists lines that the reader reviews',
  'mkdir dashboard && cd dashboard': 'not run: makes a folder',
  'node lib/nag/commands/acknowledgements.js cdk.out/rules-alone': [
    'scripts/check-examples.mjs',
    'lib/nag/commands/acknowledgements.js',
  ],
  'node scripts/compile.mjs': ['scripts/check-examples.mjs', 'scripts/compile.mjs'],
  'npm audit signatures': ATTESTATION,
  'npm ci': ['.github/workflows/ci.yml', 'npm ci'],
  'npm install': INSTALLED,
  'npm install --save-dev cdk-openstack-dashboard': INSTALLED,
  'npm install --save-dev oidc-provider samlp': [
    'scripts/check-package.mjs',
    'npm install --save-dev oidc-provider@',
  ],
  'npm install cdk-openstack-dashboard': INSTALLED,
  'npm run capacity -- --users 5000 --think 20 --latency 200 --instance-type m7g.large': [
    'test/unit/capacity.test.ts',
    'scripts/capacity/cli',
  ],
  'npm run cost -- --template cdk.out/OpenStackDashboard.template.json': [
    'test/docs/cost.test.ts',
    'scripts/cost/cli',
  ],
  'npm run cost -- --template cdk.out/OpenStackDashboard.template.json --users 500 --json': [
    'test/docs/cost.test.ts',
    'scripts/cost/cli',
  ],
  'npm run docs': ['.github/workflows/ci.yml', 'npm run docs'],
  'npm run synth': ['.github/workflows/ci.yml', 'npm run synth'],
  'npm run synth -- -c domainName=dashboard.example.org …': [
    'test/unit/programs.test.ts',
    'scripts/synth.mjs',
  ],
  'npm test': ['scripts/check-package.mjs', "run('npm', ['test']"],
  'npx --package cdk-openstack-dashboard -- cdk-openstack-dashboard-init --language python my-dashboard':
    STARTED,
  'npx --package cdk-openstack-dashboard -- cdk-openstack-dashboard-init my-dashboard': STARTED,
  'npx --package cdk-openstack-dashboard -- openstack-dashboard-check --format sarif network.yaml dashboard.yaml > findings.sarif':
    CHECK,
  'npx --package cdk-openstack-dashboard -- openstack-dashboard-check templates/': CHECK,
  'npx --package cdk-openstack-dashboard -- openstack-dashboard-import --language python local_settings.py >dashboard_stack.py':
    ['test/system/languages/test_python_import.py', '--language'],
  'npx --package cdk-openstack-dashboard -- openstack-dashboard-import local_settings.py >lib/dashboard-stack.ts':
    IMPORT,
  'npx --yes --package aws-cdk cdk init app --language typescript': [
    'scripts/follow-tutorials.mjs',
    "['init', 'app', '--language', 'typescript']",
  ],
  'npx --yes --package cdk-openstack-dashboard openstack-dashboard-check templates/': CHECK,
  'npx cdk bootstrap': ['test/system/deploy/test_deploy.py', "'bootstrap'"],
  'npx cdk deploy': DEPLOYED,
  'npx cdk deploy -c domainName=dashboard.example.org -c domainIsOurs=true -c keystoneUrl=https://keystone.example.org:5000/v3 -c certificateArn=arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000':
    DEPLOYED,
  'npx cdk diff': ACCOUNT + 'compares with a deployed stack',
  'npx cdk diff STACK': ACCOUNT + 'compares with a deployed stack',
  'npx cdk diff STACK --template before/STACK.template.json':
    'not run: compares with an app of the reader before an upgrade',
  'npx cdk synth': SYNTHESIZED,
  'npx cdk synth --quiet': ['scripts/follow-tutorials.mjs', "['cdk', 'synth', '--quiet']"],
  'npx cdk synth --quiet -o before': SYNTHESIZED,
  'npx cdk synth --strict': [
    'scripts/check-package.mjs',
    "['cdk', 'synth', '--strict', '--quiet']",
  ],
  "npx cdk synth -a 'node examples/bring-your-own/app.js' -o cdk.out/bring-your-own": SYNTHESIZED,
  "npx cdk synth -a 'node examples/ecs/app.js' -o cdk.out/ecs": SYNTHESIZED,
  "npx cdk synth -a 'node examples/rules-alone/app.js' -o cdk.out/rules-alone": SYNTHESIZED,
  "npx cdk synth -a 'node examples/small-cloud/app.js' -o cdk.out/small-cloud": SYNTHESIZED,
  "npx cdk synth -a 'node examples/smallest/app.js' -o cdk.out/smallest": SYNTHESIZED,
  "npx cdk synth -a 'node examples/two-regions/app.js' -o cdk.out/two-regions": SYNTHESIZED,
  'npx jest test/nag': ['.github/workflows/ci.yml', 'npm test'],
  'npx openstack-dashboard-acknowledgements --format json cdk.out': REPORT,
  'npx openstack-dashboard-acknowledgements --format sarif cdk.out > acknowledged.sarif': REPORT,
  'npx openstack-dashboard-acknowledgements cdk.out': REPORT,
  'npx openstack-dashboard-import --domain-name new-dashboard.example.org local_settings.py >lib/dashboard-stack.ts':
    ['scripts/follow-tutorials.mjs', "'openstack-dashboard-import'"],
  'npx openstack-dashboard-preview --check': ['scripts/check-package.mjs', "preview('--check'"],
  'npx openstack-dashboard-preview --cloud full': ['test/system/cloud/stage.ts', 'full'],
  'npx openstack-dashboard-preview fault cinder 500': PREVIEW,
  'npx openstack-dashboard-preview fault cinder none': PREVIEW,
  'npx openstack-dashboard-preview latency nova 200': PREVIEW,
  'npx openstack-dashboard-preview refresh dashboard': PREVIEW,
  'npx openstack-dashboard-preview run dashboard-2 journalctl -u openstack-dashboard': PREVIEW,
  'npx tsc --noEmit': ['scripts/follow-tutorials.mjs', "['tsc', '--noEmit']"],
  'oslopolicy-policy-generator --namespace keystone --output-file keystone.yaml':
    'not run: prints the policies of a Keystone of the reader',
  'output AssetBucketName': OUTPUT,
  'output HostLogGroupName': OUTPUT,
  'output LogBucketName': OUTPUT,
  'pip install -r requirements-dev.txt': PYTHON,
  'pip install cdk-openstack-dashboard': ['test/system/languages/test_python.py', 'pip'],
  'pip-audit --no-deps --disable-pip -r node_modules/cdk-openstack-dashboard/lib/dashboard-hosts/horizon/files/2026.1.txt':
    'not run: asks a service on the internet, whose answer changes',
  pytest: PYTHON,
  'python3 -m venv .venv': ['scripts/venv.sh', '-m venv'],
  'python3 scripts/horizon/known_vulnerabilities.py …/advisory-database':
    'not run: reads a copy of a database that changes daily',
  'sha256sum --check --ignore-missing SHA256SUMS': [
    '.github/workflows/release.yml',
    'sha256sum --check --strict SHA256SUMS',
  ],
  'sudo env "PATH=$PATH" npx openstack-dashboard-preview': ['test/system/boot/run.ts', 'preview'],
  'sudo env "PATH=$PATH" npx openstack-dashboard-preview --federation': [
    'test/system/sso/run.ts',
    'federation',
  ],
  'sudo systemctl start openstack-dashboard-patch.service && journalctl -u openstack-dashboard-patch.service':
    ['test/system/patching/run.ts', 'openstack-dashboard-patch'],
};

const blocksOf = (page: string): string[] =>
  [...read(page).matchAll(/^( *)```sh\n([^]*?)^ *```/gm)].map(([, indent, block]) =>
    block.replace(new RegExp(`^${indent}`, 'gm'), '').trim(),
  );

/** The commands in a block, without comments and without those of the AWS CLI. */
const commandsIn = (block: string): string[] =>
  block
    .replaceAll(/ *\\\n */g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^| +)# .*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('aws '));

const firstLine = (block: string): string => block.split('\n', 1)[0];

const commands = PAGES.filter((page) => PRINTED[page] === undefined)
  .flatMap(blocksOf)
  .filter((block) => PROGRAMS[firstLine(block)] === undefined)
  .flatMap(commandsIn);
const programs = PAGES.flatMap(blocksOf).map(firstLine);

test('each command is run by a test, or has a reason why not', () => {
  expect(commands.length).toBeGreaterThan(60);
  expect(Object.keys(COMMANDS).sort()).toEqual([...new Set(commands)].sort());
  expect(programs).toEqual(expect.arrayContaining(Object.keys(PROGRAMS)));
  expect(PAGES).toEqual(expect.arrayContaining(Object.keys(PRINTED)));
});

test('each test that is named exists and has the command', () => {
  const proofs = Object.entries({ ...PROGRAMS, ...PRINTED, ...COMMANDS });
  const missing = proofs.filter(([, proof]) =>
    typeof proof === 'string'
      ? !proof.startsWith('not run: ')
      : !existsSync(join(ROOT, proof[0])) ||
        !(typeof proof[1] === 'string'
          ? read(proof[0]).includes(proof[1])
          : proof[1].test(read(proof[0]))),
  );
  expect(missing).toEqual([]);
});

test('each script that CONTRIBUTING.md names exists', () => {
  const named = [...read('CONTRIBUTING.md').matchAll(/\bnpm run ([a-z:-]+)/g)];
  expect(named.length).toBeGreaterThan(30);
  expect(named.map(([, name]) => name).filter((name) => !(name in scripts))).toEqual([]);
});

interface Registry {
  readonly globalOptions: Readonly<Record<string, { readonly alias?: string }>>;
  readonly commands: Readonly<
    Record<string, { readonly options?: Record<string, { readonly alias?: string | string[] }> }>
  >;
}

const registry = JSON.parse(
  read('node_modules/aws-cdk/lib/cli/cli-type-registry.json'),
) as Registry;

/** What the AWS CDK CLI does not know of a command. */
function unknownToCdk([command, ...args]: readonly string[]): string[] {
  const known = registry.commands[command];
  if (known === undefined) {
    return [command];
  }
  const options = Object.entries({ ...registry.globalOptions, ...known.options });
  const names = options.flatMap(([name, { alias }]) =>
    [`--${name}`, ...[alias ?? []].flat().map((letter) => `-${letter}`)].flat(),
  );
  return args.filter((arg) => /^-/.test(arg) && !names.includes(arg.split('=')[0]));
}

/** The options that the source of a program does not name in its usage. */
const unknownTo = (source: string, args: readonly string[]): string[] =>
  args.filter((arg) => /^--\w/.test(arg) && !read(source).includes(`${arg.split('=')[0]} `));

const sourceOf = (program: string): string => program.replace(/\.js$/, '.ts');

/** What a command names and this repository does not have. */
function unknownIn(command: string): string[] {
  const words = command
    .replace(/^sudo env "PATH=\$PATH" /, '')
    .replaceAll(/'([^']*)'/g, (_all, quoted: string) => quoted.replaceAll(' ', '_'))
    .split(/ +/);
  const [program, ...rest] = words;
  if (program === 'npm' && rest[0] === 'run') {
    const script = scripts[rest[1]];
    const source = / (scripts\/\w+\/cli)\.js$/.exec(script ?? '')?.[1];
    if (script === undefined) {
      return [rest[1]];
    }
    if (rest[1] === 'synth') {
      return unknownToCdk(['synth', ...rest.slice(3)]);
    }
    return source === undefined ? [] : unknownTo(`${source}.ts`, rest.slice(3));
  }
  if (program === 'node') {
    return existsSync(join(ROOT, sourceOf(rest[0]))) ? [] : [rest[0]];
  }
  if (program !== 'npx') {
    return [];
  }
  while (rest[0].startsWith('-')) {
    // `--package NAME`, `--yes` and `--`
    rest.splice(0, rest[0] === '--package' ? 2 : 1);
  }
  const [name, ...args] = rest;
  if (name === 'cdk') {
    return unknownToCdk(args);
  }
  if (bin[name] !== undefined) {
    return unknownTo(sourceOf(bin[name]), args);
  }
  return existsSync(join(ROOT, 'node_modules/.bin', name)) ? [] : [name];
}

test.each([...new Set(commands)])('%s: its program and options exist', (command) => {
  expect(unknownIn(command)).toEqual([]);
});

test.each([
  ['npm run nothing', 'nothing'],
  ['npm run cost -- --nothing', '--nothing'],
  ['npx cdk synth --nothing', '--nothing'],
  [
    'npx --yes --package cdk-openstack-dashboard openstack-dashboard-nothing',
    'openstack-dashboard-nothing',
  ],
  ['npx openstack-dashboard-check --nothing', '--nothing'],
  ['node lib/nothing.js', 'lib/nothing.js'],
])('%s is found', (command, unknown) => {
  expect(unknownIn(command)).toEqual([unknown]);
});
