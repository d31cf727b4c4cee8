import { ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readIfThere } from '../shared/processes';
import { until } from '../shared/run';
import type { Calls } from '../world/calls';

const PROGRAM = path.join(__dirname, '../world/main.js');

/** The process in whose namespaces a preview runs. */
export class WorldProcess {
  private readonly child: ChildProcess;
  private ended = false;
  private calls = 0;
  private readonly waiting = new Map<
    number,
    { resolve: (value: never) => void; reject: (error: Error) => void }
  >();

  constructor(directory: string) {
    const world = path.join(directory, 'world');
    fs.mkdirSync(world, { recursive: true, mode: 0o755 });
    const log = fs.openSync(path.join(directory, 'world.log'), 'w');
    // The kernel kills the world when we end, however that comes about.
    this.child = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--net', '--pid', '--fork'],
        ...['--kill-child=SIGTERM', '--mount-proc', '/bin/sh', '-c'],
        'mount -t tmpfs -o mode=0755,size=80% tmpfs "$1" && exec "$2" "$3"',
        ...['sh', world, process.execPath, PROGRAM],
      ],
      // A session of its own, so that Ctrl-C reaches us alone.
      { stdio: ['ignore', log, log, 'ipc'], detached: true },
    );
    fs.closeSync(log);
    this.child.on('message', (message: { id: number; result: never; error?: string }) => {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error === undefined) {
        waiting?.resolve(message.result);
      } else {
        waiting?.reject(new Error(message.error));
      }
    });
    this.child.on('error', () => undefined);
    this.child.on('exit', (code, signal) => {
      this.ended = true;
      const said = readIfThere(path.join(directory, 'world.log')).slice(-2000);
      const error = new Error(`the preview ended with ${signal ?? code}\n${said}`);
      this.waiting.forEach(({ reject }) => reject(error));
      this.waiting.clear();
    });
  }

  public get running(): boolean {
    return !this.ended;
  }

  /** Asks it for something. */
  public call<M extends keyof Calls>(
    method: M,
    ...args: Parameters<Calls[M]>
  ): Promise<Awaited<ReturnType<Calls[M]>>> {
    return new Promise((resolve, reject) => {
      if (this.ended) {
        reject(new Error('the preview is not running'));
        return;
      }
      const id = ++this.calls;
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, method, args });
    });
  }

  /** Ends it, and everything that runs in its namespaces. */
  public async end(): Promise<void> {
    if (this.ended) {
      return;
    }
    if (this.child.connected) {
      this.child.disconnect();
    }
    await until('the preview ends', 30, () => this.ended).catch(() => {
      this.child.kill('SIGKILL');
    });
  }
}
