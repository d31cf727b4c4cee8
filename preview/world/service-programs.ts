import { ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { SERVICE } from '../machine/machine';
import type { Network } from './network';

/** Runs programs of the image of services in the preview's network. */
export class ServicePrograms {
  private count = 0;

  constructor(
    private readonly directory: string,
    private readonly layers: string[],
    private readonly network: Network,
  ) {}

  /** Starts a program, with files laid over the image. */
  public start(name: string, command: string[], files: Record<string, string>): ChildProcess {
    const { directory, layers } = this;
    const scratch = path.join(directory, 'world', `service-${++this.count}`);
    const seed = path.join(scratch, 'seed');
    for (const [file, content] of Object.entries({
      '/etc/hosts': this.network.hostsFile,
      ...files,
    })) {
      fs.mkdirSync(path.dirname(path.join(seed, file)), { recursive: true });
      fs.writeFileSync(path.join(seed, file), content);
    }
    const log = fs.openSync(path.join(directory, 'logs', `${name}.log`), 'w');
    const child = spawn(
      'unshare',
      [
        ...['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', SERVICE],
        ...[layers.join(':'), scratch, seed, ...command],
      ],
      { stdio: ['ignore', log, log] },
    );
    fs.closeSync(log);
    child.on('error', (error) => process.stderr.write(`${name}: ${error.message}\n`));
    return child;
  }
}
