import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPayload } from '../../scripts/payload.mjs';
import { writeBundles } from '../../scripts/bundles.mjs';

/** What tests leave in the temporary folder is left here, and removed by the teardown. */
export let folder;

export default function setup() {
  // The constructs read lib/hosts/payload.json, which a fresh clone does not have.
  packPayload();
  writeBundles();
  // Every app leaves a folder with its assembly: more than ten thousand in a run.
  folder = mkdtempSync(join(tmpdir(), 'jest-'));
  process.env.TMPDIR = folder;
}
