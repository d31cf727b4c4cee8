// Rewrites lib/index.js so that a module is loaded when something of it is used: importing the
// package must not load cdk-nag or AWS modules that the program does not touch.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const lib = join(dirname(fileURLToPath(import.meta.url)), '..', 'lib');

export function writeLazyIndex() {
  const lines = ['"use strict";', 'Object.defineProperty(exports, "__esModule", { value: true });'];
  for (const [name, module] of valuesOf(join(lib, 'index.ts'))) {
    const path = `./${module.slice(lib.length + 1)}`;
    lines.push(
      `Object.defineProperty(exports, "${name}", { enumerable: true, configurable: true, get: () => require("${path}").${name} });`,
    );
  }
  writeFileSync(join(lib, 'index.js'), `${lines.join('\n')}\n`);
}

/** The run-time values that a module exports, each with the module that makes it. */
function valuesOf(file) {
  const source = readFileSync(file, 'utf8');
  const module = file.replace(/\.ts$/, '');
  const values = [];
  for (const [, name] of source.matchAll(
    /^export (?:declare )?(?:abstract )?(?:class|const|function|enum) (\w+)/gm,
  )) {
    values.push([name, module]);
  }
  for (const [, names, from] of source.matchAll(/^export (\*|\{[^}]*\}) from '(\.[^']+)'/gm)) {
    const target = join(dirname(file), from);
    const inner = valuesOf(existsSync(`${target}.ts`) ? `${target}.ts` : join(target, 'index.ts'));
    const wanted = names === '*' ? undefined : names.match(/\w+/g);
    values.push(...inner.filter(([name]) => !wanted || wanted.includes(name)));
  }
  return values;
}
