// Bundles the parser of YAML: lib/shared/yaml.bundle.js. The library has peers alone, and
// the copy of yaml that aws-cdk-lib has inside cannot be imported.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const NAMES = [
  ...['Composer', 'Lexer', 'LineCounter', 'Parser', 'isAlias', 'isMap', 'isScalar', 'isSeq'],
  'parseDocument',
];

export function bundleYaml() {
  const folder = join(root, 'node_modules/yaml');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const license = readFileSync(join(folder, 'LICENSE'), 'utf8').trim();
  buildSync({
    stdin: { contents: `export { ${NAMES.join(', ')} } from 'yaml';`, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    banner: { js: `/*! yaml ${version}\n\n${license}\n*/` },
    outfile: join(root, 'lib/shared/yaml.bundle.js'),
    logLevel: 'warning',
  });
}
