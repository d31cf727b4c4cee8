import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Waits until nobody else has the lock of a file, and takes it. Gives what releases it; it is
 * released too when this process ends, however that is.
 */
export async function takeLock(file: string): Promise<() => Promise<void>> {
  // Node.js has no flock(2). Who holds the lock ends with its standard input, which is ours.
  const holder = spawn('flock', [file, 'sh', '-c', 'echo taken; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'close');
  await Promise.race([once(holder.stdout, 'data'), ended.then(refuse)]);
  return async () => {
    holder.stdin.end();
    await ended;
  };

  function refuse(): never {
    throw new Error(`flock ${file} ended with ${holder.exitCode}`);
  }
}
