import type { Server } from 'node:net';

/** Waits until a server listens; fails if it cannot. */
export function listening(server: Server, start: (ready: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    start(resolve);
  });
}
