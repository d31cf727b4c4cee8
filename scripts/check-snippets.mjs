// Translates every TypeScript snippet of the documents and docstrings with jsii-rosetta. With a path, it keeps the
// translations there. With `--built` first, the library has been built.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { translate } from './rosetta.mjs';

process.env.JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION = 'true';
const args = process.argv.slice(2);
if (args[0] === '--built') args.shift();
else execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
const tablet = translate();
if (args[0]) writeFileSync(args[0], JSON.stringify(tablet));
