import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkMachine, Preview, PreviewOptions } from '../preview';
import { synthesize } from '../harness/stack';
import { progress } from './progress';

/** A bench that needs the preview. */
export interface Program {
  /** What it is a bench of. */
  readonly name: string;
  /** Of the preview, beyond a template and the address. */
  readonly options?: Omit<PreviewOptions, 'template' | 'address'>;
  /** Throws if the bench cannot run on this machine, or as it was called. */
  readonly check?: () => void;
}

export interface Stage {
  readonly preview: Preview;
  /** Where the preview may listen: `--address`. */
  readonly address: string;
  /** A folder that is removed at the end. */
  readonly folder: string;
  /** Closes something at the end, whatever happens, before the preview stops. */
  readonly atEnd: (close: () => unknown) => void;
}

/** The address of `--address`. */
export function addressOption(): string {
  const index = process.argv.indexOf('--address');
  return index < 0 ? '127.0.0.1' : process.argv[index + 1];
}

/** Runs a bench on a preview of the default stack, takes everything down, and exits. */
export function runOnPreview(program: Program, body: (stage: Stage) => Promise<void>): void {
  try {
    checkMachine();
    program.check?.();
  } catch (error) {
    console.error(`the bench of ${program.name} cannot run here: ${(error as Error).message}`);
    process.exit(1);
  }
  run(program, body).then(
    () => process.exit(0),
    (error: Error) => {
      process.stderr.write(`bench of ${program.name}: ${error.stack}\n`);
      process.exit(1);
    },
  );
}

async function run(
  { name, options }: Program,
  body: (stage: Stage) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  process.env.CDK_VALIDATION = 'false';
  const address = addressOption();
  const preview = new Preview({ ...options, template: synthesize(folder, 2), address, progress });
  const closing: (() => unknown)[] = [];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) {
      await close();
    }
    await preview.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  let stopped = false;
  const leave = (signal: string, status: number) => {
    stopped = true;
    console.error(`bench of ${name}: stopped by ${signal}`);
    void stop().finally(() => process.exit(status));
  };
  process.on('SIGINT', () => leave('SIGINT', 130));
  process.on('SIGTERM', () => leave('SIGTERM', 143));
  try {
    await body({ preview, address, folder, atEnd: (close) => void closing.push(close) });
  } catch (error) {
    // What the end of the preview breaks off is no error of its own.
    if (stopped) {
      await new Promise(() => undefined);
    }
    throw error;
  } finally {
    await stop();
  }
}
