import { ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { children, memoryOf, readIfThere } from '../shared/processes';
import { run, until } from '../shared/run';

const FILES = path.join(__dirname, 'files');
/** Runs a program of an image in the network of the process that starts it. */
export const SERVICE = path.join(FILES, 'service.sh');

export interface MachineOptions {
  readonly name: string;
  /** The layers of its image, topmost first. */
  readonly layers: string[];
  /** A directory of its own, on a file system that can be overlayfs's upper layer. */
  readonly scratch: string;
  readonly address: string;
  readonly prefix: number;
  readonly gateway: string;
  readonly bridge: string;
  /** Where its console is recorded. */
  readonly console: string;
  /** The directory of its control group. */
  readonly cgroup: string;
  /** Files to lay over the image, by absolute path. */
  readonly files: Record<string, string>;
}

/** The size of a host's volume. */
const VOLUME = '8g';

let cards = 0;

/** One host: a container with namespaces of its own, whose process 1 is the image's systemd. */
export class Machine {
  public static async powerOn(options: MachineOptions): Promise<Machine> {
    if (!fs.existsSync(options.scratch)) {
      fs.mkdirSync(options.scratch, { recursive: true });
      // Its volume: what it fills is its own.
      await run('mount', [
        '-t',
        'tmpfs',
        '-o',
        `mode=0755,size=${VOLUME}`,
        'tmpfs',
        options.scratch,
      ]);
    }
    const seed = path.join(options.scratch, 'seed');
    fs.rmSync(seed, { recursive: true, force: true });
    for (const [file, content] of Object.entries(options.files)) {
      const target = path.join(seed, file);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, content);
    }
    fs.mkdirSync(seed, { recursive: true });
    fs.mkdirSync(options.cgroup, { recursive: true });
    const boot = [
      path.join(FILES, 'boot.sh'),
      options.name,
      options.layers.join(':'),
      options.scratch,
      `${options.address}/${options.prefix}`,
      options.gateway,
      seed,
    ];
    // Its time since boot begins now, as that of a machine of its own would.
    const uptime = Math.floor(Number(fs.readFileSync('/proc/uptime', 'utf8').split(' ')[0]));
    // The control group first, so that the namespace of control groups has it as its root.
    const command =
      `echo $$ > ${quote(path.join(options.cgroup, 'cgroup.procs'))} && ` +
      `exec unshare --time --boottime=-${uptime} --monotonic=-${uptime} ` +
      '--mount --pid --net --uts --ipc --cgroup --fork --kill-child ' +
      boot.map(quote).join(' ');
    // script(1) gives the host a terminal for its console and records it.
    const child = spawn('script', ['-q', '-e', '-f', '-c', command, options.console], {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { ...process.env, SHELL: '/bin/sh' },
    });
    const machine = new Machine(options, child);
    await machine.plug();
    return machine;
  }

  public readonly poweredOnAt = Date.now();
  private pid?: number;
  private gone = false;

  private constructor(
    public readonly options: MachineOptions,
    private readonly child: ChildProcess,
  ) {
    child.on('exit', () => (this.gone = true));
    child.on('error', () => (this.gone = true));
  }

  public get running(): boolean {
    return !this.gone;
  }

  /** What it wrote to its console so far. */
  private consoleText(): string {
    return readIfThere(this.options.console).replaceAll('\r', '');
  }

  /** Runs a program inside the host, for looking, not for setting up. */
  public exec(program: string, ...args: string[]): Promise<string> {
    return run('nsenter', ['-t', String(this.pid), '-a', program, ...args]);
  }

  /**
   * Bytes of memory that its processes hold: the sum of their proportional set sizes, so that pages
   * shared by several processes count once.
   */
  public memory(): number {
    return memoryOf(this.pid as number);
  }

  /** Leaves its volume no room, or gives it back. */
  public async fillDisk(full: boolean): Promise<void> {
    const { scratch } = this.options;
    const { blocks, bfree, bsize } = fs.statfsSync(scratch);
    const used = (blocks - bfree) * bsize;
    await run('mount', ['-o', `remount,size=${full ? used : VOLUME}`, scratch]);
  }

  /** Copies what it wrote, as a layer of an image. */
  public async copyVolume(directory: string): Promise<void> {
    await run('cp', ['-a', path.join(this.options.scratch, 'upper'), directory]);
  }

  /** Its volume goes with it. */
  public async destroyVolume(): Promise<void> {
    await run('umount', ['--lazy', this.options.scratch]);
    fs.rmSync(this.options.scratch, { recursive: true, force: true });
  }

  /** Has its system shut down, as ACPI does for an instance. It is no error if that takes too long. */
  public async shutDown(seconds = 30): Promise<void> {
    await this.exec('/usr/bin/systemctl', '--no-block', 'poweroff');
    await until(`${this.options.name} shuts down`, seconds, () => this.gone).catch(() => undefined);
  }

  /** Pulls the plug. */
  public async powerOff(): Promise<void> {
    if (this.pid !== undefined && !this.gone) {
      try {
        process.kill(this.pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
    this.child.kill('SIGTERM');
    await until(`${this.options.name} powers off`, 180, () => this.gone);
  }

  private async plug(): Promise<void> {
    await until(`${this.options.name} powers on`, 180, () => {
      if (this.gone) {
        throw new Error(`${this.options.name} did not power on:\n${this.consoleText()}`);
      }
      this.pid = this.child.pid === undefined ? undefined : innermost(this.child.pid);
      return this.pid !== undefined;
    });
    const card = `host${++cards}`;
    const peer = ['peer', 'name', 'eth0', 'netns', String(this.pid)];
    await run('ip', ['link', 'add', card, 'type', 'veth', ...peer]);
    await run('ip', ['link', 'set', card, 'master', this.options.bridge, 'up']);
  }
}

/** The process below `pid` that is process 1 of a namespace below ours. */
function innermost(pid: number): number | undefined {
  for (const child of children(pid)) {
    const depth = namespaceIds(child);
    const found =
      depth.length > namespaceIds(process.pid).length && depth.at(-1) === '1'
        ? child
        : innermost(child);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function namespaceIds(pid: number): string[] {
  const status = readIfThere(`/proc/${pid}/status`);
  return /^NSpid:\s+(.*)$/m.exec(status)?.[1].split(/\s+/) ?? [];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
