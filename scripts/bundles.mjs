// Bundles the parts of npm packages that the library and the preview use. The package has peers alone, and
// the copy of yaml that aws-cdk-lib has inside cannot be imported.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { TARGET } from './target.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const YAML = [
  ...['Composer', 'Lexer', 'LineCounter', 'Parser', 'isAlias', 'isMap', 'isScalar', 'isSeq'],
  'parseDocument',
];

/** `scripts/release/sbom.mjs` names these packages too. */
const BUNDLES = [
  { name: 'yaml', names: YAML, file: 'lib/shared/yaml.bundle.js' },
  { name: 'aws4', names: ['RequestSigner'], file: 'preview/cloud/aws/aws4.bundle.js' },
];

export function writeBundles() {
  for (const { name, names, file } of BUNDLES) {
    const folder = join(root, 'node_modules', name);
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const license = readFileSync(join(folder, 'LICENSE'), 'utf8').trim();
    buildSync({
      stdin: { contents: `export { ${names.join(', ')} } from '${name}';`, resolveDir: root },
      bundle: true,
      minify: true,
      format: 'cjs',
      platform: 'node',
      target: TARGET,
      banner: { js: `/*! ${name} ${version}\n\n${license}\n*/` },
      outfile: join(root, file),
      logLevel: 'warning',
    });
  }
}
