// The page docs/errors.md has the messages of the source, and real errors are among them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Size, Stack } from 'aws-cdk-lib';
import * as library from '../../lib';
import { renderErrors } from '../../scripts/errors-md';
import { KEYSTONE, NAME, newStack } from '../unit/fixtures';

const page = readFileSync(join(__dirname, '../../docs/errors.md'), 'utf8');

/** Patterns for the messages in the section of a class. */
function patternsOf(title: string): RegExp[] {
  const [, section = ''] = page.split(`\n## ${title}\n`);
  const rows = section.split('\n## ')[0].matchAll(/^\| (`+) ?(.+?) ?\1 \| (.*) \|$/gm);
  return [...rows].map(([, , message, instead]) => {
    const text = `${message}${instead && `; ${instead}`}`.replaceAll(String.raw`\|`, '|');
    const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('…', '.*');
    return new RegExp(`(?:^|: )${escaped}`, 's');
  });
}

test('docs/errors.md is made from the source: run `npm run docs`', () => {
  expect(page).toBe(renderErrors());
});

const dashboard = (props: Partial<library.OpenStackDashboardProps>) => (stack: Stack) =>
  new library.OpenStackDashboard(stack, 'Dashboard', {
    domainName: NAME,
    keystoneUrl: KEYSTONE,
    ...props,
  });
const settings = (props: library.DashboardSettingsOptions) => () =>
  new library.DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE, ...props });

const CASES: readonly (readonly [string, (stack: Stack) => unknown])[] = [
  ['OpenStackDashboard', dashboard({})],
  ['DashboardSettings', dashboard({ domainName: 'https://x' })],
  ['DashboardSettings', settings({ passwordRegex: '^.{14,}$' })],
  ['DashboardSettings', settings({ passwordHelpText: 'a\nb' })],
  ['DashboardSettings', settings({ timeZone: 'Mars/Olympus' })],
  [
    'DashboardSettings',
    settings({ extraSettings: { DEBUG: library.SettingValue.fromBoolean(true) } }),
  ],
  ['DashboardSettings', settings({ apiTimeouts: { connect: Duration.seconds(1000) } })],
  ['ServiceSettings', settings({ languages: ['xx'] })],
  ['ServiceSettings', settings({ overviewDays: -1 })],
  ['ServiceSettings', settings({ siteBrandingLink: 'http://x' })],
  ['HorizonConfig', settings({ horizonConfig: { helpUrl: 'http://x' } })],
  ['KeystoneRegion', settings({ regions: [] })],
  ['DomainLogin', () => library.DomainLogin.dropdown(['a', 'a'])],
  [
    'ImageUpload',
    () => library.ImageUpload.legacy('it has a quota', Size.gibibytes(1), { concurrentUploads: 0 }),
  ],
  ['SessionBackend', () => library.SessionBackend.signedCookies({ cookieName: 'a b' })],
  ['MemcachedEngineVersion', () => library.MemcachedEngineVersion.of('1')],
  ['CaCertificates', () => library.CaCertificates.fromPem(['-----BEGIN CERTIFICATE-----'])],
  ['Patching', () => library.Patching.lifetime(Duration.days(400))],
  ['EgressProxy', () => library.EgressProxy.http('http://a:b@proxy.example.org:3128')],
];

test.each(CASES)('a real error is in the section %s', (title, make) => {
  let message = '';
  try {
    make(newStack());
  } catch (error) {
    ({ message } = error as Error);
  }
  expect(message).not.toBe('');
  expect(patternsOf(title).filter((pattern) => pattern.test(message))).not.toEqual([]);
});
