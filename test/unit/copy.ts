import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './fixtures';

/** Copies what is compiled, so that other tests never see files that are half written. */
export function copyOfLibrary(): string {
  // Beside the original, so that it is the same file system and modules resolve alike.
  const copy = mkdtempSync(join(ROOT, 'node_modules', '.test-copy-'));
  const isSource = (file: string): boolean =>
    /\/files\//.test(file) || !/(\.js|\.d\.ts|payload\.json|__pycache__)$/.test(file);
  for (const folder of ['lib', 'scripts']) {
    cpSync(join(ROOT, folder), join(copy, folder), { recursive: true, filter: isSource });
  }
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

export function removeCopy(copy: string): void {
  rmSync(copy, { recursive: true, force: true });
}

/** Runs node in a folder and returns what it printed. */
export function runNode(cwd: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(stderr);
  }
  return stdout;
}
