// Rewrites lib/index.js so that a module is loaded when something of it is used: importing the
// package must not load cdk-nag or AWS modules that the program does not touch. An ES module that
// imports from it loads everything all the same: Node reads each name once when it links them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const lib = join(dirname(fileURLToPath(import.meta.url)), '..', 'lib');

export function writeLazyIndex() {
  const lines = [
    '"use strict";',
    'Object.defineProperty(exports, "__esModule", { value: true });',
    'const lazy = (name, get) => Object.defineProperty(exports, name, { enumerable: true, configurable: true, get });',
  ];
  const values = valuesOf(join(lib, 'index.ts'));
  for (const [name, module] of values) {
    const path = `./${module.slice(lib.length + 1)}`;
    lines.push(`lazy("${name}", () => require("${path}").${name});`);
  }
  // Never run: it is how ES modules see the names. Node's cjs-module-lexer drops names that it also
  // sees in a defineProperty with a getter, hence the function above.
  lines.push(`0 && (module.exports = { ${values.map(([name]) => name).join(', ')} });`);
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
