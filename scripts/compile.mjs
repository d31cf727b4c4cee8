// Compiles without checking types: what `cdk synth`, the preview and the benches run. Types are
// checked by `npm run build` and `npm run lint`.
import { writeBundles } from './bundles.mjs';
import { compileFolders } from './compile-folders.mjs';
import { packPayload } from './payload.mjs';
import { writeLazyIndex } from './lazy-index.mjs';

await compileFolders([
  ...['lib', 'bin', 'init', 'preview', 'bench', 'harness', 'examples', 'scripts'],
  ...['test/hosts', 'test/system'],
]);
packPayload();
writeBundles();
writeLazyIndex();
