// Builds what is published: jsii checks types and the public API, then the index is made lazy. The commands
// that are no part of the API are compiled as they are.
import { execFileSync } from 'node:child_process';
import { writeBundles } from './bundles.mjs';
import { compileFolders } from './compile-folders.mjs';
import { packPayload } from './payload.mjs';
import { writeLazyIndex } from './lazy-index.mjs';

execFileSync(
  process.execPath,
  ['node_modules/jsii/bin/jsii', '--generate-tsconfig', 'tsconfig.jsii.json', '--fail-on-warnings'],
  { stdio: 'inherit' },
);
await compileFolders(['init', 'preview']);
packPayload();
writeBundles();
writeLazyIndex();
