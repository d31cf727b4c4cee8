// `npm run capacity`: how many hosts and memcached nodes a number of users needs.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Prices } from '../cost/prices';
import { plain } from '../cost/tables';
import { measured } from './measured';
import { planTable, SIZES } from './page';
import { INSTANCES, plan, PlanOptions } from './plan';

const HELP = `npm run capacity -- [options]

Without options: the sizes of docs/capacity.md.

  --users NUMBER          people who use the dashboard at the same time
  --think SECONDS         between a page and the next one of a user, default 30
  --latency MILLISECONDS  of OpenStack APIs: one of the measured ones, default 30
  --instance-type TYPE    ${Object.keys(INSTANCES).join(', ')}; default m7g.large
  --measure               measures on the preview (root, Linux), and writes scripts/capacity/measured.json
  --json                  the same as JSON, in the last line
`;

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) {
    throw new Error(`--${name} must be a number from ${least}, got ${text}`);
  }
  return value;
}

/** Runs the command. */
export function main(args: string[], print: (text: string) => void = console.log): void {
  const { values } = parseArgs({
    args,
    options: {
      users: { type: 'string' },
      think: { type: 'string', default: '30' },
      latency: { type: 'string', default: '30' },
      'instance-type': { type: 'string', default: 'm7g.large' },
      measure: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(HELP);
    return;
  }
  if (values.measure) {
    const program = join(__dirname, '../../test/system/capacity/run.js');
    execFileSync(process.execPath, [program], { stdio: 'inherit' });
    return;
  }
  const options: readonly PlanOptions[] =
    values.users === undefined
      ? SIZES
      : [
          {
            users: number('users', values.users, 1),
            thinkSeconds: number('think', values.think, 0),
            latency: number('latency', values.latency, 0),
            instanceType: values['instance-type'],
          },
        ];
  const [data, prices] = [measured(), Prices.fromFile()];
  const plans = options.map((each) => plan(each, data, prices));
  print(plain(planTable(options, plans, data, prices)));
  if (values.json) {
    print(JSON.stringify(options.map((each, index) => ({ ...each, ...plans[index] }))));
  }
}

if (require.main === module) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(`capacity: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
