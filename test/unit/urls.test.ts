// What an https URL is, is in the contract: constructs, rules and hosts decide alike.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isHttpsUrl, isPlainUrl, startsWithHttps } from '../../lib/contract/urls';
import { ROOT } from './fixtures';

const PYTHON = join(ROOT, 'lib/settings/files/usr/local/lib/openstack-dashboard/python');

/** Whether it is an https URL, whether it begins as an http URL, and what the parsers of hosts accept. */
const TABLE: Record<string, [https: boolean, plain: boolean, url: boolean, staticUrl: boolean]> = {
  'https://keystone.example.org': [true, false, true, false],
  'https://keystone.example.org/': [true, false, true, false],
  'https://keystone.example.org:5000/v3': [true, false, true, false],
  'https://user@keystone.example.org/v3': [true, false, true, false],
  'https://keystone.example.org/v3?a=b#c': [true, false, true, false],
  'https://keystone.example.org?a=b': [true, false, true, false],
  'https://192.0.2.1:5000/v3/': [true, false, true, false],
  'https://[2001:db8::1]:5000/v3': [true, false, true, false],
  'https://schlüssel.example.org/v3': [true, false, true, false],
  'https://static.example.org/static/': [true, false, true, true],
  'https://static.example.org:8443/static/': [true, false, true, true],
  'https://static.example.org/other/static/': [true, false, true, false],
  'https://static.example.org/static': [true, false, true, false],
  'https://static.example.org/static/x': [true, false, true, false],
  'http://static.example.org/static/': [false, true, true, false],
  'http://keystone.example.org:5000/v3': [false, true, true, false],
  '/static/': [false, false, false, true],
  '/static': [false, false, false, false],
  'HTTPS://keystone.example.org': [false, false, false, false],
  'HTTP://keystone.example.org': [false, true, false, false],
  ' http://keystone.example.org': [false, true, false, false],
  '\u00a0http://keystone.example.org': [false, true, false, false],
  '\ufeffhttp://keystone.example.org': [false, true, false, false],
  '\u001chttp://keystone.example.org': [false, true, false, false],
  'http:': [false, true, false, false],
  https: [false, false, false, false],
  'https:': [false, false, false, false],
  'https://': [false, false, false, false],
  'https:///v3': [false, false, false, false],
  'https://?a=b': [false, false, false, false],
  'https:/keystone.example.org': [false, false, false, false],
  'https:keystone.example.org': [false, false, false, false],
  ' https://keystone.example.org': [false, false, false, false],
  'https://keystone.example.org ': [false, false, false, false],
  'https://keystone.example.org\n': [false, false, false, false],
  'https://keystone.example.org/a b': [false, false, false, false],
  'https://keystone.example.org/a\u0085b': [false, false, false, false],
  'https://keystone.example.org/a\u001cb': [false, false, false, false],
  'https://keystone.example.org/a\ufeffb': [false, false, false, false],
  'https://keystone.example.org/a\u2028b': [false, false, false, false],
  'https://key\u00a0stone.example.org': [false, false, false, false],
  'https://keystone\u0000.example.org': [false, false, false, false],
  'x https://keystone.example.org': [false, false, false, false],
  'ftp://keystone.example.org': [false, false, false, false],
  'keystone.example.org': [false, false, false, false],
  '': [false, false, false, false],
};
const EACH = Object.entries(TABLE);

test.each(EACH)('constructs know whether %j is an https URL', (text, [https, plain]) => {
  expect([isHttpsUrl(text), isPlainUrl(text)]).toEqual([https, plain]);
});

const hasPython = spawnSync('python3', ['--version'], { stdio: 'ignore' }).status === 0;
if (!hasPython) {
  console.warn('skipped for want of python3: hosts know whether a text is an https URL');
}

(hasPython ? test : test.skip)('hosts know the same, and what parameters may be', () => {
  // The parsers alone: what the module imports besides needs Horizon
  const program = `
import json, re, sys
sys.path.insert(0, sys.argv[1])
import openstack_dashboard_contract as contract
with open(f'{sys.argv[1]}/openstack_dashboard_environment.py') as file:
    text = file.read()
names = {'contract': contract, 're': re}
for name in ('url', 'static_url'):
    exec(re.search(rf'^def {name}\\(.*?(?=^\\S)', text, re.M | re.S)[0], names)
def accepts(name, text):
    try:
        return names[name](text) == text
    except ValueError:
        return False
print(json.dumps([
    [contract.is_https_url(text), contract.is_plain_url(text), accepts('url', text), accepts('static_url', text)]
    for text in json.load(sys.stdin)]))`;
  const { stdout, stderr } = spawnSync('python3', ['-B', '-c', program, PYTHON], {
    input: JSON.stringify(EACH.map(([text]) => text)),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const found = JSON.parse(stdout) as unknown[];
  expect(EACH.map(([text], index) => [text, found[index]])).toEqual(EACH);
});

test.each([
  ['https://keystone.example.org', true],
  [' HTTPS://keystone.example.org', true],
  // The rest is not known at synth time
  ['https://\uE000/v3', true],
  ['https://$(hostname -f)/v3', true],
  ['https://', false],
  ['http://keystone.example.org', false],
  ['', false],
])('the rule pack knows whether %j begins as one', (text, expected) => {
  expect(startsWithHttps(text)).toBe(expected);
});

test('no other place decides whether a text is an https URL', () => {
  const files = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
    .map((file) => `lib/${file.replaceAll('\\', '/')}`)
    .filter((file) => statSync(join(ROOT, file)).isFile())
    .filter((file) => /\/files\/usr\/|\.sh$|\.ts$/.test(file) && !/\.d\.ts$|__pycache__/.test(file))
    .filter((file) => !/^lib\/contract\/|_contract\.(json|py)$/.test(file))
    // Links of the documentation
    .filter((file) => file !== 'lib/nag/pack/rule.ts');
  expect(files.length).toBeGreaterThan(100);
  // A pattern or a test of a prefix, of https alone or of http alone
  const decides =
    /(\/|r'|match\(.*')\^?(\\s\*)?\(?https?:(\\\/\\\/|\/\/)?[^?\w]|starts_?[wW]ith\('https?:|== https?:/;
  expect(
    files.flatMap((file) =>
      readFileSync(join(ROOT, file), 'utf8')
        .split('\n')
        .filter((line) => decides.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    ),
  ).toEqual([]);
});
