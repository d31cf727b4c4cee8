import * as fs from 'node:fs';
import { readIfThere } from './processes';
import { sleep } from './run';

/** Waits until no living process has the lock, and takes it. Gives what releases it. */
export async function takeLock(file: string): Promise<() => void> {
  for (;;) {
    try {
      // A link is there at once with its content, which is who has it
      fs.symlinkSync(identity(process.pid), file);
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw error;
      }
    }
    const owner = ownerOf(file);
    if (owner !== undefined && owner !== identity(Number.parseInt(owner, 10))) {
      fs.rmSync(file, { force: true });
    } else {
      await sleep(250);
    }
  }
}

/** The ID of a process, and when it started: IDs are used again. */
function identity(pid: number): string {
  // After the name, which may have spaces and parentheses: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  const [, fields] = /\) (.*)$/s.exec(readIfThere(`/proc/${pid}/stat`)) ?? [];
  return `${pid} ${fields?.split(' ')[19] ?? 'ended'}`;
}

/** Undefined if it has just been released. */
function ownerOf(file: string): string | undefined {
  try {
    return fs.readlinkSync(file);
  } catch {
    return undefined;
  }
}
