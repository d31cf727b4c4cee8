import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { folder } from './setup.mjs';

export default function teardown() {
  rmSync(folder, { recursive: true });
  // For the next run of a watch.
  process.env.TMPDIR = dirname(folder);
}
