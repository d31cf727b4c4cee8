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

/**
 * Bytes of memory that the processes hold which share a namespace with one: the sum of their proportional
 * set sizes, so that pages shared by several processes count once.
 */
export function memoryOf(process: number): number {
  const namespace = fs.readlinkSync(`/proc/${process}/ns/pid`);
  let kilobytes = 0;
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (fs.readlinkSync(`/proc/${pid}/ns/pid`) === namespace) {
        const rollup = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
        kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
      }
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return kilobytes * 1024;
}
