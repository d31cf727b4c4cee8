import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, ParseArgsConfig } from 'node:util';

/** An argument that a command does not take: its usage is printed after the message. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;

type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: true }>
>;

const OF_ALL = {
  version: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** The version of this library. */
export const versionOfLibrary = (): string =>
  (JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string })
    .version;

/**
 * Runs a command of the package: with `--help` and `--version`, and with exit status 2 after an error, which
 * `complain` prints, and which need not end the command.
 */
export function runCommand<T extends Options>(
  name: string,
  usage: string,
  options: T,
  run: (given: Parsed<T>, complain: (message: string) => void) => void,
): void {
  const complain = (message: string): void => {
    process.stderr.write(`${name}: ${message}\n`);
    process.exitCode = 2;
  };
  let given;
  try {
    given = parseArgs({ allowPositionals: true, options: { ...options, ...OF_ALL } });
  } catch (error) {
    return complain(`${(error as Error).message}\n\n${usage}`);
  }
  const { help, version } = given.values as Parsed<typeof OF_ALL>['values'];
  if (help || version) {
    process.stdout.write(help ? usage : `${versionOfLibrary()}\n`);
    return;
  }
  try {
    run(given as Parsed<T>, complain);
  } catch (error) {
    complain(`${(error as Error).message}${error instanceof UsageError ? `\n\n${usage}` : ''}`);
  }
}
