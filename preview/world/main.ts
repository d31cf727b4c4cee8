/**
 * The preview's own world: process 1 of network, mount and process namespaces of its own, in which
 * every host and service runs. When it ends, the kernel takes down all that is in it. Started by
 * `WorldProcess`, which talks to it by messages.
 */
import type { Calls } from './calls';
import { World } from './world';

function main(): void {
  const world = new World();
  process.on('message', (message: { id: number; method: keyof Calls; args: unknown[] }) => {
    const { id, method, args } = message;
    const call = world[method] as (...args: unknown[]) => Promise<unknown>;
    // Calls that the end breaks off have nobody left who waits for them.
    const reply = (answer: object) => process.connected && process.send?.(answer);
    Promise.resolve()
      .then(() => call.apply(world, args))
      .then(
        (result) => reply({ id, result }),
        (error: Error) => reply({ id, error: error.message }),
      );
  });
  let leaving = false;
  // Whoever started us wants no more of it or is gone, however it went: nothing may be left behind.
  const leave = () => {
    if (leaving) {
      return;
    }
    leaving = true;
    try {
      process.kill(-1, 'SIGKILL');
    } catch {
      // There is no other process.
    }
    void world.leave().finally(() => process.exit(0));
  };
  process.on('disconnect', leave);
  process.on('SIGTERM', leave);
}

main();
