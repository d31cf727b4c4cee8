// Builds what is published: jsii checks types and the public API, then the index is made lazy.
import { execFileSync } from 'node:child_process';
import { packPayload } from './payload.mjs';
import { bundleYaml } from './yaml.mjs';
import { writeLazyIndex } from './lazy-index.mjs';

execFileSync(
  process.execPath,
  ['node_modules/jsii/bin/jsii', '--generate-tsconfig', 'tsconfig.jsii.json', '--fail-on-warnings'],
  { stdio: 'inherit' },
);
packPayload();
bundleYaml();
writeLazyIndex();
