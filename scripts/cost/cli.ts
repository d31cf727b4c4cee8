// `npm run cost`: what a deployment costs, from synthesized templates and list prices.
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { estimate, Estimate } from './estimate';
import { Prices } from './prices';
import { costReport } from './report';
import { choicesTable, estimateTable, plain } from './tables';
import { CostTemplate, TemplateJson } from './template';
import { USAGE } from './usage';

const HELP = `npm run cost -- [options]

Without options: what the ready app costs in three sizes, and what each choice changes.

  --template FILE          a synthesized template, such as cdk.out/OpenStackDashboard.template.json
  --parameter NAME=VALUE   a parameter of that template, instead of its default; repeatable
  --usage ${Object.keys(USAGE).join('|')}   how much the template is used (default)
  --users NUMBER           people who use it on a working day, instead of the number of --usage
  --prices FILE            prices of another region, in the form of scripts/cost/prices.json
  --json                   the same as JSON, in the last line
`;

/** As JSON, without what a reader can look up. */
function json({ lines, total, free }: Estimate) {
  return {
    total: cents(total),
    lines: lines.map(({ what, key, quantity, count, price, monthly, resources }) => ({
      ...{ what, key, count, quantity, per: price.per, usd: price.usd },
      ...{ unverified: price.unverified, monthly: cents(monthly), resources },
    })),
    free,
  };
}

const cents = (amount: number): number => Math.round(amount * 100) / 100;

function parameters(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((each) => {
      const at = each.indexOf('=');
      if (at < 1) {
        throw new Error(`--parameter must be NAME=VALUE, got ${each}`);
      }
      return [each.slice(0, at), each.slice(at + 1)];
    }),
  );
}

/** Runs the command. */
export function main(args: string[], print: (text: string) => void = console.log): void {
  const { values } = parseArgs({
    args,
    options: {
      template: { type: 'string' },
      parameter: { type: 'string', multiple: true, default: [] },
      usage: { type: 'string', default: 'default' },
      users: { type: 'string' },
      prices: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(HELP);
    return;
  }
  const prices = Prices.fromFile(values.prices);
  const { region, date } = prices.data;
  if (values.template !== undefined) {
    const result = one(values.template, prices, {
      usage: values.usage,
      users: values.users,
      given: parameters(values.parameter),
    });
    print(`${values.template}, ${region}, prices of ${date}\n`);
    print(plain(estimateTable(result)));
    if (values.json) {
      print(JSON.stringify({ region, date, ...json(result) }));
    }
    return;
  }
  const { sizes, choices } = costReport(prices);
  for (const { title, usage, estimate: result } of sizes) {
    print(`${title}, ${usage.users} users, ${region}, prices of ${date}\n`);
    print(`${plain(estimateTable(result))}\n`);
  }
  print(`Choices, compared with the default size\n`);
  print(plain(choicesTable(choices)));
  if (values.json) {
    print(
      JSON.stringify({
        ...{ region, date },
        sizes: Object.fromEntries(
          sizes.map(({ title, estimate: result }) => [title.toLowerCase(), json(result)]),
        ),
        choices: choices.map((each) => ({ ...each, difference: cents(each.difference) })),
      }),
    );
  }
}

function one(
  file: string,
  prices: Prices,
  options: { usage: string; users?: string; given: Record<string, string> },
): Estimate {
  if (!existsSync(file)) {
    throw new Error(`--template: there is no file ${file}`);
  }
  if (!Object.hasOwn(USAGE, options.usage)) {
    throw new Error(`--usage must be ${Object.keys(USAGE).join(' or ')}, got ${options.usage}`);
  }
  const usage = USAGE[options.usage as keyof typeof USAGE];
  const users = options.users === undefined ? usage.users : Number(options.users);
  if (!Number.isInteger(users) || users < 0) {
    throw new Error(`--users must be a whole number, got ${options.users}`);
  }
  const template = JSON.parse(readFileSync(file, 'utf8')) as TemplateJson;
  const { region } = prices.data;
  return estimate(new CostTemplate(template, options.given, region), { ...usage, users }, prices);
}

if (require.main === module) {
  // The linter of aws-cdk-lib is most of the time of a synthesis, and CI runs it elsewhere
  process.env.CDK_VALIDATION = 'false';
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(`cost: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
