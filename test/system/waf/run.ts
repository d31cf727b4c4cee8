/**
 * What a core rule set makes of a real Horizon: OWASP's, of Debian, judges requests that a browser sent
 * to it (`record.ts`). Each kind of rule that ordinary requests break must only count in
 * `DashboardWebAcl`. It stands for AWS's rules, whose expressions are not public. Root.
 */
import * as fs from 'node:fs';
import { parseArgs } from 'node:util';
import { check, measure, must, report, skip } from '../harness/checks';
import { Apache, missing, Verdict } from './apache';
import { ATTACKS, BrowserRequest, HEAT, RECORDED } from './requests';
import { AWS_RULES, deployed, kindOf, published } from './rules';

const CHECKS = {
  attacks: 'attacks are detected, by rules that block',
  ordinary: 'every kind of rule that ordinary requests break only counts',
  names: 'every rule that counts is one of AWS',
  needed: 'every rule that counts is broken by an ordinary request',
};

async function judge(verbose: boolean): Promise<void> {
  const recorded = JSON.parse(fs.readFileSync(RECORDED, 'utf8')) as BrowserRequest[];
  const ordinary = [...recorded, HEAT];
  const apache = await Apache.start();
  let verdicts: Map<BrowserRequest, Verdict>;
  try {
    verdicts = await apache.judge<BrowserRequest>([...ordinary, ...ATTACKS]);
  } finally {
    await apache.stop();
  }
  const { groups, counted } = deployed();
  const broken = new Set<string>();
  const blocked = ordinary.filter((request) => verdicts.get(request)?.blocked);
  measure('ordinary requests', ordinary.length, '');
  measure('ordinary requests that the core rule set blocks', blocked.length, '');
  measure('attacks', ATTACKS.length, '');
  for (const request of verbose ? verdicts.keys() : []) {
    const { blocked: no, matches } = verdicts.get(request)!;
    const found = matches.map(({ rule, variable }) => `${rule} ${variable}`);
    process.stdout.write(`${no ? 'blocked' : 'passed '} ${request.name}: ${found.join(', ')}\n`);
  }

  await check(CHECKS.attacks, () => {
    for (const attack of ATTACKS) {
      must(verdicts.get(attack)!.blocked, `${attack.name}: not detected`);
      must(AWS_RULES.includes(attack.blockedBy), `${attack.blockedBy} is no rule of AWS`);
      must(!counted.includes(attack.blockedBy), `${attack.name}: ${attack.blockedBy} only counts`);
    }
  });
  await check(CHECKS.ordinary, () => {
    must(blocked.length > 10, `only ${blocked.length} requests are blocked: do the rules run?`);
    for (const request of ordinary) {
      const names = published(request);
      for (const match of verdicts.get(request)!.matches) {
        const { part, kind } = kindOf(request, match);
        must(
          kind !== undefined,
          `${request.name}: rule ${match.rule} on ${part} (${match.variable}): add it to KINDS in rules.ts`,
        );
        names.push(...kind!.aws);
        for (const group of kind!.without ?? []) {
          must(!groups.includes(group), `${request.name}: the web ACL has ${group}`);
        }
      }
      for (const name of names) {
        broken.add(name);
        must(counted.includes(name), `${request.name}: ${name} must only count`);
      }
    }
  });
  await check(CHECKS.names, () => {
    for (const name of counted) {
      must(AWS_RULES.includes(name), `${name} is no rule of AWS`);
    }
  });
  await check(CHECKS.needed, () => {
    for (const name of counted) {
      must(broken.has(name), `${name} counts, but no request breaks it`);
    }
  });
}

async function main(): Promise<number> {
  const options = { verbose: { type: 'boolean' }, json: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  const why = missing();
  if (why !== undefined) {
    Object.values(CHECKS).forEach((name) => skip(name, why));
    return Math.max(report(values.json), process.env.CI === undefined ? 0 : 1);
  }
  await judge(values.verbose ?? false);
  return report(values.json);
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`test of the web ACL: ${error.stack}\n`);
    process.exit(1);
  },
);
