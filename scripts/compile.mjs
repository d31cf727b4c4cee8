// Compiles without checking types: what `cdk synth`, the preview and the benches run. Types are
// checked by `npm run build` and `npm run lint`.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { packPayload } from './payload.mjs';
import { bundleYaml } from './yaml.mjs';
import { writeLazyIndex } from './lazy-index.mjs';

const FOLDERS = [
  ...['lib', 'bin', 'preview', 'bench', 'harness', 'examples', 'scripts'],
  ...['test/hosts', 'test/system'],
];

const { outputFiles } = await build({
  entryPoints: FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .map((file) => join(folder, file)),
  ),
  outdir: '.',
  outbase: '.',
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  write: false,
});
for (const { path, text } of outputFiles) {
  // What is published is compiled by TypeScript, which takes a module as it is. esbuild copies the
  // names of each module into each file that imports it, thousands for aws-cdk-lib.
  writeFileSync(path, text.replace(/__toESM\((require\("[^"]+"\))\)/g, '$1'));
}
packPayload();
bundleYaml();
writeLazyIndex();
