// Writes the translations of all snippets, after a build. usage: translate.mjs TABLET
import { writeFileSync } from 'node:fs';
import { translate } from '../../../scripts/rosetta.mjs';

writeFileSync(process.argv[2], JSON.stringify(translate()));
