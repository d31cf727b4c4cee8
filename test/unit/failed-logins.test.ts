import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostLogGroup } from '../../lib';

const PREFIX =
  'INFO openstack_auth.forms Login failed for user "erika" using domain "Default", remote';

/** Lines of Horizon and of the library, and what a query has to read in them: user, address. */
const FAILED: [string, string, string][] = [
  [`${PREFIX} address 198.51.100.7.`, 'erika', '198.51.100.7'],
  [`${PREFIX} address 2001:db8::1.`, 'erika', '2001:db8::1'],
  [`${PREFIX} address 198.51.100.7: wrong one-time password.`, 'erika', '198.51.100.7'],
  [`${PREFIX} address 2001:db8::/64: wrong one-time password.`, 'erika', '2001:db8::/64'],
  // A name that imitates the end of a line
  [
    'INFO openstack_auth.forms Login failed for user "x: password expired." using domain "Default", remote address 198.51.100.7.',
    'x: password expired.',
    '198.51.100.7',
  ],
];
const OTHERS = [
  `${PREFIX} address 198.51.100.7: TOTPrequired.`,
  `${PREFIX} address 198.51.100.7: password expired.`,
  'INFO openstack_auth.forms Login successful for user "erika" using domain "Default", remote address 198.51.100.7.',
];

function synthesized(): Template {
  const stack = new Stack(new App(), 'Stack');
  new HostLogGroup(stack, 'Logs').addQueries();
  return Template.fromStack(stack);
}

/** Evaluates a filter pattern of terms for fields that are joined by `&&`, with `*` at the ends of values. */
function matches(pattern: string, event: Record<string, string>): boolean {
  const terms = pattern.replace(/^\{ | \}$/g, '').split(' && ');
  return terms.every((term) => {
    const [, field, operator, value] = /^\(\$\.(\w+) (!?=) "([^"]*)"\)$/.exec(term)!;
    const expression = value.split('*').map((part) => part.replace(/[.?+^$()[\]{}|\\]/g, '\\$&'));
    return new RegExp(`^${expression.join('.*')}$`, 's').test(event[field]) === (operator === '=');
  });
}

test('the metric counts wrong passwords, and not correct ones that are not enough', () => {
  const filters = Object.values(synthesized().findResources('AWS::Logs::MetricFilter')).map(
    ({ Properties }) => Properties,
  );
  const { FilterPattern: pattern } = filters.find(
    ({ MetricTransformations: [{ MetricName }] }) => MetricName === 'FailedLogins',
  )!;
  const counted = (message: string, unit = 'openstack-dashboard.service') =>
    matches(pattern, { unit, message });
  expect(FAILED.filter(([message]) => !counted(message))).toEqual([]);
  expect(OTHERS.filter((message) => counted(message))).toEqual([]);
  expect(counted(FAILED[0][0], 'nginx.service')).toBe(false);
});

test('the saved query is the one in the document, and reads users and addresses', () => {
  const query = Object.values(synthesized().findResources('AWS::Logs::QueryDefinition'))
    .map(({ Properties }) => Properties)
    .find(({ Name }) => Name.endsWith('Failed logins'))!.QueryString as string;
  const parts = query.split(/\n\| /);
  const document = readFileSync(join(__dirname, '../../docs/logs.md'), 'utf8');
  expect(document).toContain(`\`\`\`text\n${query}\n\`\`\``);
  const expressionOf = (start: string) =>
    new RegExp(parts.find((part) => part.startsWith(start))!.slice(start.length + 1, -1));
  const [like, unlike, parse] = [
    'filter message like ',
    'filter message not like ',
    'parse message ',
  ].map(expressionOf);
  for (const [message, user, address] of FAILED) {
    expect([like.test(message), unlike.test(message)]).toEqual([true, false]);
    expect({ ...parse.exec(message)!.groups }).toEqual({ user, address });
  }
  expect(OTHERS.filter((message) => like.test(message) && !unlike.test(message))).toEqual([]);
});
