// The documents with snippets, and their translation with jsii-rosetta.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

export const documents = [
  ...['README.md', 'RULES.md', 'CONTRIBUTING.md'],
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((file) => join(folder, file)),
  ),
].filter((file) => file.endsWith('.md'));

/**
 * Translates the snippets of the library's assembly, after a build, and gives the tablet (.jsii.tabl.json). The
 * translator reads the library's README from the assembly: `edit` puts other documents there.
 */
export function translate(edit) {
  const project = mkdtempSync(join('node_modules', '.rosetta-'));
  try {
    // As it is published: without sources, which the translator would compile with each snippet
    for (const name of ['lib', 'rosetta', 'package.json']) {
      cpSync(name, join(project, name), {
        recursive: true,
        filter: (file) => !/(?<!\.d)\.ts$/.test(file),
      });
    }
    symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
    const assembly = JSON.parse(readFileSync('.jsii', 'utf8'));
    edit(assembly);
    writeFileSync(join(project, '.jsii'), JSON.stringify(assembly));
    const rosetta = resolve('node_modules/jsii-rosetta/bin/jsii-rosetta');
    const options = ['extract', '--strict', '--batch', '1000', '--cache-to', 'tablet.json'];
    execFileSync(process.execPath, [rosetta, ...options], { cwd: project, stdio: 'inherit' });
    return JSON.parse(readFileSync(join(project, 'tablet.json'), 'utf8'));
  } finally {
    rmSync(project, { recursive: true });
  }
}
