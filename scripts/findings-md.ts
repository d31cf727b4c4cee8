/**
 * Writes docs/findings.md from bin/accepted-findings.ts; with `--check` it fails where the file is
 * out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptedFindings } from '../bin/accepted-findings';
import { DashboardStack } from '../bin/dashboard-stack';
import { OpenStackDashboard } from '../lib';
import { defaultStack } from './docs-stack';

const FILE = join(__dirname, '..', 'docs', 'findings.md');

// A pipe would end the table's cell, an asterisk may begin emphasis, and < a tag
const cell = (text: string): string => text.replace(/[|*<]/g, '\\$&');

export function renderFindings(): string {
  const everyChoice = { domainIsOurs: true, staticOnPath: true, signedCookies: true };
  const rowsOf = (stack: DashboardStack): string[] =>
    acceptedFindings(stack.node.findChild('Dashboard') as OpenStackDashboard, everyChoice).flatMap(
      ({ construct, findings }) =>
        findings.map(
          ({ id, reason }) => `| \`${construct.node.path}\` | ${cell(id)} | ${cell(reason)} |`,
        ),
    );
  // A stack without the static tier, and one with images, have findings of their own
  const rows = new Set([
    ...rowsOf(defaultStack()),
    ...rowsOf(defaultStack({ separateStaticTier: 'false' })),
    ...rowsOf(defaultStack({ bakedImages: 'true' })),
  ]);
  return `# Accepted findings

<!-- Written by scripts/findings-md.ts from bin/accepted-findings.ts: change it there. -->

The ready app in \`bin/\` is checked by \`AwsSolutions\` of cdk-nag and by this library's own
\`OpenStackDashboard\` pack ([RULES.md](../RULES.md)). The app accepts the findings below, each on one
construct. The report (\`cdk.out/validation-report.json\`) contains the same reasons. A finding that results from
a context key is only accepted if the key is set.

The constructs do not acknowledge findings ([why](decisions/0006-findings.md)): in your own app, all of them
are reported, and you decide.

<!-- prettier-ignore -->
| Construct | Finding | Why it is accepted |
| --- | --- | --- |
${[...rows].join('\n')}
`;
}

if (require.main === module) {
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, renderFindings());
  } else if (readFileSync(FILE, 'utf8') !== renderFindings()) {
    console.error('docs/findings.md is out of date: run `npm run docs`');
    process.exitCode = 1;
  }
}
