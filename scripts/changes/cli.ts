// Writes the page to a file: `docs.mjs` runs it while it makes the other documents.
import { writeFileSync } from 'node:fs';
import { renderChanges } from './page';

writeFileSync(process.argv[2], renderChanges());
