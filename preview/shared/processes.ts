import * as fs from 'node:fs';

/** A file's text; none if it is not there, or not any more. */
export function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The processes that a process has started and that still run. */
export function children(pid: number): number[] {
  const text = readIfThere(`/proc/${pid}/task/${pid}/children`);
  return (text.match(/\d+/g) ?? []).map(Number);
}
