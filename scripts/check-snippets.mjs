// Translates every TypeScript snippet of the documents and docstrings with jsii-rosetta. With a path, it keeps the
// translations there.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { translate } from './rosetta.mjs';

process.env.JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION = 'true';
execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
const tablet = translate();
if (process.argv[2]) writeFileSync(process.argv[2], JSON.stringify(tablet));
