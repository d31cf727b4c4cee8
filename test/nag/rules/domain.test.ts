import { isOwnDomain, registeredDomain } from '../../../lib/nag/reading/public-suffix';
import {
  Resources,
  UNKNOWN,
  att,
  dashboard,
  findings,
  having,
  ref,
  rule,
  withoutDashboard,
} from '../fixtures';

const named = (names: unknown): Resources => dashboard({ environment: { ALLOWED_HOSTS: names } });

rule('DOMAIN1', {
  on: 'Host',
  compliant: {
    'a domain of its own': named('example.org'),
    'a domain of a country registry': named('example.co.uk'),
    'a domain below a suffix of many labels': named('example.k12.ca.us'),
    'two domains of its own': named('Example.org, example.com'),
    'a name without a dot, which another rule finds': named('horizon'),
    'a wildcard, which another rule finds': named('.example.org'),
  },
  wrong: {
    'a subdomain': named('dashboard.example.org'),
    'a subdomain below a country registry': named('dashboard.example.co.uk'),
    'a subdomain among the names': named('example.org,horizon.cloud.example.org'),
    'a subdomain beside a name of the deployment': named({
      'Fn::Join': [',', ['dashboard.example.org', ref('Given')]],
    }),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(named('dashboard.example.org')),
    'no names said': named(undefined),
  },
  unknown: {
    'a parameter': named(ref('Given')),
    'a subdomain of a parameter': named({ 'Fn::Sub': 'dashboard.${Given}' }),
  },
});

/** The load balancer's own names, where its hosts do not say theirs. */
const nameless = (more: Resources, properties = {}): Resources => {
  const resources = dashboard({ environment: { ALLOWED_HOSTS: ref('Given') }, properties });
  return { ...resources, ...more };
};
const record = (Name: unknown, to: unknown = att('Balancer', 'DNSName')): Resources =>
  nameless({
    Record: {
      Type: 'AWS::Route53::RecordSet',
      Properties: { Name, Type: 'A', AliasTarget: { DNSName: to, HostedZoneId: 'Z1' } },
    },
  });
const certificate = (DomainName: unknown): Resources =>
  nameless(
    {
      Certificate: { Type: 'AWS::CertificateManager::Certificate', Properties: { DomainName } },
    },
    { Https: { Certificates: [{ CertificateArn: ref('Certificate') }] } },
  );

describe('if hosts do not have names', () => {
  rule('DOMAIN1', {
    on: 'Record',
    compliant: {
      'a domain of its own': record('example.org.'),
      'the name of static media': record('static.example.org.'),
    },
    wrong: { 'a subdomain': record('dashboard.example.org.') },
    notApplicable: {
      'a record of something else': record('www.example.org', '192.0.2.1'),
      'hosts that say their names': { ...record('cloud.example.org'), ...named('example.org') },
    },
    unknown: { 'a parameter': record(ref('Given')), 'another stack': record(UNKNOWN) },
  });
  rule('DOMAIN1', {
    on: 'Certificate',
    compliant: { 'a domain of its own': certificate('example.org') },
    wrong: {
      'a subdomain': certificate('dashboard.example.org'),
      'all names of a domain': certificate('*.example.org'),
    },
    notApplicable: {
      'a certificate of something else': nameless({
        Certificate: {
          Type: 'AWS::CertificateManager::Certificate',
          Properties: { DomainName: 'www.example.org' },
        },
      }),
    },
    unknown: { 'a parameter': certificate(ref('Given')) },
  });
});

test('DOMAIN1 is a warning, which does not fail synthesis', () => {
  expect(findings(named('dashboard.example.org'))).toEqual(['DOMAIN1 Host']);
  expect(findings(having('Host', {}))).toEqual([]);
});

test.each([
  ['dashboard.example.org', 'example.org'],
  ['Dashboard.Example.ORG.', 'example.org'],
  ['example.co.uk', 'example.co.uk'],
  ['a.b.example.co.uk', 'example.co.uk'],
  // Any label is a suffix below these two.
  ['foo.bar.ck', 'foo.bar.ck'],
  ['a.city.kawasaki.jp', 'city.kawasaki.jp'],
  // The exception to the first.
  ['a.www.ck', 'www.ck'],
  // Where anybody may have a name, names are apart from one another.
  ['a.example.github.io', 'example.github.io'],
  ['a.example', 'a.example'],
  ['xn--85x722f.com.cn', 'xn--85x722f.com.cn'],
])('the registered domain of %s is %s', (name, domain) => {
  expect(registeredDomain(name)).toBe(domain);
});

test.each(['co.uk', 'org', 'localhost', 'bar.ck', ''])('%p is not a registered domain', (name) => {
  expect(registeredDomain(name)).toBeUndefined();
  expect(isOwnDomain(name)).toBe(false);
});
