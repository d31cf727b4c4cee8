// Compiles folders in place with esbuild, which does not check types.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { TARGET } from './target.mjs';

export async function compileFolders(folders) {
  const { outputFiles } = await build({
    entryPoints: folders
      .filter((folder) => existsSync(folder))
      .flatMap((folder) =>
        readdirSync(folder, { recursive: true })
          .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
          // What a project starts with is for its own compiler.
          .filter((file) => !file.startsWith('templates/'))
          .map((file) => join(folder, file)),
      ),
    outdir: '.',
    outbase: '.',
    format: 'cjs',
    platform: 'node',
    target: TARGET,
    logLevel: 'warning',
    write: false,
  });
  for (const { path, text } of outputFiles) {
    // What is published is compiled by TypeScript, which takes a module as it is. esbuild copies the
    // names of each module into each file that imports it, thousands for aws-cdk-lib.
    writeFileSync(path, text.replace(/__toESM\((require\("[^"]+"\))\)/g, '$1'));
  }
}
