// Synthesises each example as a user does: compiled, by the CLI, strictly, with default validation.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const node = (...args) => execFileSync(process.execPath, args, { stdio: 'inherit' });
node('scripts/compile.mjs');
for (const example of readdirSync('examples', { withFileTypes: true })) {
  if (!example.isDirectory()) continue;
  const out = mkdtempSync(join(tmpdir(), 'example-'));
  const app = `${process.execPath} examples/${example.name}/app.js`;
  node('node_modules/aws-cdk/bin/cdk', 'synth', '--strict', '--quiet', '-a', app, '-o', out);
  const templates = readdirSync(out).filter((file) => file.endsWith('.template.json'));
  if (templates.length === 0) throw new Error(`examples/${example.name} makes no template`);
  console.log(`examples/${example.name}: ${templates.join(', ')}`);
  rmSync(out, { recursive: true });
}
