// Synthesizes the ready app strictly, with the CLI's options passed on, and sums up the template.
import { spawnSync } from 'node:child_process';

const args = process.argv.slice(2);
const cdk = 'node_modules/aws-cdk/bin/cdk';

// Without `--`, npm takes options for its own and says nothing.
const taken = ['call', 'context', 'output'].filter((name) => process.env[`npm_config_${name}`]);
if (taken.length) {
  const values = taken.map((name) => process.env[`npm_config_${name}`]).join(' ');
  console.error(
    `npm kept an option for itself (${values}): write \`npm run synth -- -c name=value\`, with two hyphens before the options of the CDK CLI`,
  );
  process.exit(1);
}

/** The value of `-o` or `--output`, which the summary needs too. */
function outputFolder() {
  const at = args.findIndex((arg) => arg === '-o' || arg === '--output');
  if (at >= 0) return args[at + 1];
  return args.find((arg) => arg.startsWith('--output='))?.slice('--output='.length) ?? 'cdk.out';
}

for (const command of [
  [cdk, 'synth', '--strict', '--quiet', ...args],
  ['bin/summary.js', outputFolder()],
]) {
  const { status, error } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
