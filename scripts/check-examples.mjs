// Synthesizes each example as a user does: compiled, by the CLI, strictly, with default validation.
// So does the ready app with choices in context that change what the rule packs see.
// One of the examples must fail, with the findings that its README names, and report what it acknowledges.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const THEME = 'examples/small-cloud/acme';
const node = (...args) => execFileSync(process.execPath, args, { stdio: 'inherit' });
node('scripts/compile.mjs');
for (const example of readdirSync('examples', { withFileTypes: true })) {
  if (!example.isDirectory()) continue;
  const out = mkdtempSync(join(tmpdir(), 'example-'));
  const app = `${process.execPath} examples/${example.name}/app.js`;
  const synth = [
    'node_modules/aws-cdk/bin/cdk',
    'synth',
    '--strict',
    '--quiet',
    '-a',
    app,
    '-o',
    out,
  ];
  if (example.name === 'rules-alone') {
    checkFindings(spawnSync(process.execPath, synth, { encoding: 'utf8' }), out);
    rmSync(out, { recursive: true });
    continue;
  }
  node(...synth);
  const templates = readdirSync(out).filter((file) => file.endsWith('.template.json'));
  if (templates.length === 0) throw new Error(`examples/${example.name} makes no template`);
  console.log(`examples/${example.name}: ${templates.join(', ')}`);
  rmSync(out, { recursive: true });
}

const given = {
  keystoneUrl: 'https://keystone.example.org:13000/v3',
  certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/0123-abcd',
  domainIsOurs: 'true',
};
for (const choices of [
  { ...given, domainName: 'dashboard.example.org', session: 'signedCookies', apiPorts: '9001' },
  { ...given, domainName: 'dashboard.example', separateStaticTier: 'false', theme: THEME },
  { hostedZoneName: 'example.org', staticOnPath: 'true', internetFacing: 'false' },
  { hostedZoneName: 'example.org', nat: 'perZone', dualStack: 'true' },
]) {
  const out = mkdtempSync(join(tmpdir(), 'choices-'));
  const context = Object.entries(choices).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const synth = ['synth', '--strict', '--quiet', '-o', out, ...context];
  node('node_modules/aws-cdk/bin/cdk', ...synth);
  rmSync(out, { recursive: true });
  console.log(`the ready app with ${JSON.stringify(choices)}`);
}

function checkFindings({ status, stderr }, out) {
  const readme = readFileSync('examples/rules-alone/README.md', 'utf8');
  const named = [...readme.matchAll(/^- `([A-Z]+\d+)`/gm)].map(([, id]) => id);
  const found = [
    ...stderr.matchAll(/Acknowledge with 'OpenStackDashboard::OpenStackDashboard-(\w+)'/g),
  ];
  const ids = found.map(([, id]) => id).sort();
  if (status === 0 || ids.join() !== named.join()) {
    throw new Error(
      `examples/rules-alone: status ${status}, findings ${ids}, not ${named}: ${stderr}`,
    );
  }
  const command = ['lib/nag/commands/acknowledgements.js', '--format', 'json', out];
  const { findings } = JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' }));
  const acknowledged = findings.map(({ ruleId }) => ruleId).join();
  if (acknowledged !== 'OpenStackDashboard-SETTINGS13') {
    throw new Error(`examples/rules-alone: acknowledged are ${acknowledged}`);
  }
  console.log(`examples/rules-alone: fails with ${ids.join(', ')}, as it should`);
}
