import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { checkMachine, HostState, Preview, PreviewOptions } from '../../../preview';
import { DEFAULT_CACHE } from '../../../preview/machine/image';
import { must, progress, report, results, skip } from './checks';

/** A test that the preview carries, as a program. */
export interface Program {
  readonly name: string;
  readonly help: string;
  /** Options, and whether they take a text; `--json` and `--help` are there always. */
  readonly options: Readonly<Record<string, 'string' | 'boolean'>>;
  /** What is skipped on a machine that cannot run it. */
  readonly checks: readonly string[];
}

/** Options that were given; one without a text is ''. */
export type Values = Readonly<Record<string, string | undefined>>;

/** Runs it, and exits: with 0 where nothing failed. */
export function start(program: Program, body: (values: Values) => Promise<void>): void {
  main(program, body).then(
    (code) => process.exit(code),
    (error: Error) => {
      process.stderr.write(`${program.name}: ${error.stack}\n`);
      process.exit(1);
    },
  );
}

async function main(program: Program, body: (values: Values) => Promise<void>): Promise<number> {
  const kinds = { ...program.options, json: 'string', help: 'boolean' } as const;
  const options = Object.fromEntries(Object.entries(kinds).map(([name, type]) => [name, { type }]));
  const given = Object.entries(parseArgs({ options }).values);
  const values: Values = Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === 'string' ? value : '']),
  );
  if (values.help !== undefined) {
    process.stdout.write(program.help);
    return 0;
  }
  try {
    checkMachine();
  } catch (error) {
    program.checks.forEach((name) => skip(name, (error as Error).message));
    return Math.max(report(values.json), process.env.CI === undefined ? 0 : 1);
  }
  await body(values);
  return report(values.json);
}

/** For a test of how hosts build their release: no host finds it built. */
export const BUILDS: Pick<PreviewOptions, 'releases'> = { releases: undefined };

/** Those that hosts with the same scripts have built: each takes about a minute of a processor. */
function builtReleases(): string {
  const payload = fs.readFileSync(path.join(__dirname, '../../../lib/hosts/payload.json'));
  const hash = createHash('sha256').update(payload).digest('hex').slice(0, 16);
  return path.join(DEFAULT_CACHE, `releases-${hash}`);
}

/** Ends the preview whatever happens, and says what its hosts last said where a check failed. */
export async function withPreview(
  options: PreviewOptions,
  body: (preview: Preview) => Promise<void>,
): Promise<void> {
  const preview = new Preview({ releases: builtReleases(), ...options, progress });
  const leave = (status: number) => void preview.stop().then(() => process.exit(status));
  process.on('SIGINT', () => leave(130));
  process.on('SIGTERM', () => leave(143));
  try {
    await body(preview);
    if (results.some(({ error }) => error !== undefined)) {
      await last(preview);
    }
  } finally {
    await preview.stop();
  }
}

async function last(preview: Preview): Promise<void> {
  for (const host of await preview.call('hosts')) {
    process.stdout.write(`\n--- the last of ${host.name}'s console\n`);
    process.stdout.write(`${preview.console(host).split('\n').slice(-25).join('\n')}\n`);
    if (!host.running || host.role !== 'dashboard') {
      continue;
    }
    // It may be gone by now.
    const said = await journal(preview, host, '-u', 'openstack-dashboard', '-n', '60').catch(
      (error: Error) => error.message,
    );
    process.stdout.write(`--- and of its application\n${said}\n`);
  }
}

function journal(preview: Preview, host: HostState, ...which: string[]): Promise<string> {
  return preview.call('exec', host.id, ['journalctl', '-q', '-o', 'cat', ...which]);
}

const NEVER =
  /^.*(Traceback|Internal Server Error|Exception|OfflineGenerationError|CRITICAL|WORKER TIMEOUT)/m;

const TRACEBACK = 'Traceback \\(most recent call last\\):\\n(?:[ ].*\\n)*.*\\n';
const CHAIN = new RegExp(
  `${TRACEBACK}(?:\\n*(?:During handling|The above exc).*\\n+${TRACEBACK})*`,
  'g',
);

/**
 * Without exceptions that are only of an API which did not answer in time: on a busy machine this is
 * the preview's Keystone, and what it means to visitors is judged by what they get.
 */
function withoutLateAnswers(said: string): string {
  return said.replaceAll(CHAIN, (chain) =>
    chain.includes('\nopenstack_dashboard_api.bounds.Unanswered: ') ? '' : chain,
  );
}

/** What ended each traceback, since a chain of them is long, and then where it began. */
function complaint(said: string): string {
  const ends = said.match(/^[\w.]+(Error|Exception|Timeout|Disconnected|Refused)\b: .*$/gm) ?? [];
  const all = new Set(ends.map((line) => line.slice(0, 300)));
  return [...all, said.slice(said.search(NEVER)).slice(0, 6000)].join('\n');
}

/** Hosts have said nothing that no host should say, since they booted or since a time. */
export async function expectNoException(
  preview: Preview,
  hosts: readonly HostState[],
  since?: number,
): Promise<string> {
  const which = since === undefined ? ['-b'] : ['--since', `@${Math.floor(since / 1000)}`];
  let all = '';
  for (const host of hosts) {
    const said = withoutLateAnswers(await journal(preview, host, ...which));
    must(!NEVER.test(said), `${host.name} said: ${complaint(said)}`);
    all += said;
  }
  return all;
}
