import {
  CHOICE,
  Resources,
  UNKNOWN,
  att,
  dashboard,
  either,
  elsewhere,
  findings,
  having,
  joined,
  ref,
  rule,
  script,
  scripts,
  verdict,
  withoutDashboard,
} from '../fixtures';

const http = (DefaultActions: unknown): Resources => having('Http', { DefaultActions });
const redirect = (RedirectConfig: unknown): unknown[] => [{ Type: 'redirect', RedirectConfig }];

rule('HTTPS1', {
  on: 'Http',
  compliant: {
    'a redirect': dashboard(),
  },
  wrong: {
    forwarding: http([{ Type: 'forward', TargetGroupArn: ref('Targets') }]),
    'a fixed response': http([{ Type: 'fixed-response' }]),
    'a redirect to HTTP': http(redirect({ Protocol: 'HTTP', StatusCode: 'HTTP_301' })),
    'a redirect that keeps the protocol': http(redirect({ StatusCode: 'HTTP_301' })),
    'a redirect to the protocol of the request': http(redirect({ Protocol: '#{protocol}' })),
    'one answer among redirects': http([
      ...redirect({ Protocol: 'HTTPS' }),
      { Type: 'fixed-response' },
    ]),
  },
  notApplicable: {
    HTTPS: having('Http', { Protocol: 'HTTPS', DefaultActions: [{ Type: 'fixed-response' }] }),
    'a listener of another load balancer': having('Http', {
      LoadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/o/1',
      DefaultActions: [{ Type: 'fixed-response' }],
    }),
    'an app without a dashboard': withoutDashboard(http([{ Type: 'fixed-response' }])),
  },
  undecided: {
    'actions that a condition chooses': http(CHOICE),
    'a protocol of the deployment': http(redirect({ Protocol: ref('Given') })),
    'an action of the deployment': http([{ Type: ref('Given') }]),
    'a redirect that a condition chooses': http(redirect(CHOICE)),
  },
});

const listenerRule = (Actions: unknown, ListenerArn: unknown = ref('Http')): Resources =>
  dashboard({
    more: {
      Rule: {
        Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
        Properties: { ListenerArn, Priority: 1, Conditions: [], Actions },
      },
    },
  });

rule('HTTPS1', {
  on: 'Rule',
  compliant: { 'a rule that redirects': listenerRule(redirect({ Protocol: 'HTTPS' })) },
  wrong: { 'a rule that answers': listenerRule([{ Type: 'fixed-response' }]) },
  notApplicable: {
    'a rule of the HTTPS listener': listenerRule([{ Type: 'fixed-response' }], ref('Https')),
    'a rule of a listener made elsewhere': listenerRule([{ Type: 'fixed-response' }], UNKNOWN),
  },
  undecided: { 'actions that a condition chooses': listenerRule(CHOICE) },
});

const https = (properties: Record<string, unknown>): Resources => having('Https', properties);

rule('HTTPS2', {
  on: 'Https',
  compliant: {
    'TLS 1.2 and 1.3': dashboard(),
    'TLS 1.3 alone': https({ SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06' }),
    'TLS 1.2 of before': https({ SslPolicy: 'ELBSecurityPolicy-TLS-1-2-Ext-2018-06' }),
    'forward secrecy with TLS 1.2': https({ SslPolicy: 'ELBSecurityPolicy-FS-1-2-Res-2020-10' }),
  },
  wrong: {
    'no policy': https({ SslPolicy: undefined }),
    'the default policy': https({ SslPolicy: 'ELBSecurityPolicy-2016-08' }),
    'TLS 1.0 with 1.3': https({ SslPolicy: 'ELBSecurityPolicy-TLS13-1-0-2021-06' }),
    'TLS 1.1': https({ SslPolicy: 'ELBSecurityPolicy-TLS-1-1-2017-01' }),
    'TLS 1.1 with forward secrecy': https({ SslPolicy: 'ELBSecurityPolicy-FS-1-1-2019-08' }),
    'a listener found through a rule': dashboard({
      properties: {
        Https: {
          SslPolicy: 'ELBSecurityPolicy-2016-08',
          DefaultActions: [{ Type: 'fixed-response' }],
        },
      },
      more: {
        Rule: {
          Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
          Properties: {
            ListenerArn: ref('Https'),
            Actions: [
              {
                Type: 'forward',
                ForwardConfig: { TargetGroups: [{ TargetGroupArn: ref('Targets') }] },
              },
            ],
          },
        },
      },
    }),
  },
  notApplicable: {
    HTTP: having('Https', { Protocol: 'HTTP', SslPolicy: undefined }),
    'an app without a dashboard': withoutDashboard(https({ SslPolicy: undefined })),
  },
  undecided: { 'a parameter': https({ SslPolicy: ref('Given') }) },
});

const balancer = (LoadBalancerAttributes: unknown): Resources =>
  having('Balancer', { LoadBalancerAttributes });
const KEY = 'routing.http.drop_invalid_header_fields.enabled';

rule('HTTPS3', {
  on: 'Balancer',
  compliant: { 'fields dropped': dashboard() },
  wrong: {
    'no attribute': balancer([{ Key: 'idle_timeout.timeout_seconds', Value: '60' }]),
    'no attributes': balancer(undefined),
    'fields passed on': balancer([{ Key: KEY, Value: 'false' }]),
  },
  notApplicable: {
    'a network load balancer': having('Balancer', {
      Type: 'network',
      LoadBalancerAttributes: [],
    }),
    'an app without a dashboard': withoutDashboard(balancer([])),
  },
  undecided: {
    'a value of the deployment': balancer([{ Key: KEY, Value: ref('Given') }]),
    'attributes that a condition chooses': balancer(CHOICE),
    'an attribute that a condition chooses': balancer([CHOICE]),
    'an attribute of the deployment': balancer([{ Key: ref('Given'), Value: 'true' }]),
  },
});

rule('HTTPS4', {
  on: 'Targets',
  compliant: { HTTPS: dashboard(), TLS: having('Targets', { Protocol: 'TLS' }) },
  wrong: {
    HTTP: having('Targets', { Protocol: 'HTTP' }),
    'HTTP of a group with a mixed instances policy': dashboard({
      properties: {
        Targets: { Protocol: 'HTTP' },
        Group: {
          LaunchTemplate: undefined,
          MixedInstancesPolicy: {
            LaunchTemplate: {
              LaunchTemplateSpecification: { LaunchTemplateId: ref('Host'), Version: '1' },
            },
          },
        },
      },
    }),
    'HTTP of a traffic source': dashboard({
      properties: {
        Targets: { Protocol: 'HTTP' },
        Group: {
          TargetGroupARNs: undefined,
          TrafficSources: [{ Identifier: ref('Targets'), Type: 'elbv2' }],
        },
      },
    }),
  },
  notApplicable: {
    'a group of other hosts': dashboard({
      properties: { Targets: { Protocol: 'HTTP' }, Group: { TargetGroupARNs: [] } },
    }),
    'an app without a dashboard': withoutDashboard(having('Targets', { Protocol: 'HTTP' })),
  },
  undecided: { 'a parameter': having('Targets', { Protocol: ref('Given') }) },
});

const keystone = (OPENSTACK_KEYSTONE_URL: unknown): Resources =>
  dashboard({ environment: { OPENSTACK_KEYSTONE_URL } });

/** Keystones from which users choose, beside the first one. */
const keystones = (AVAILABLE_REGIONS: unknown): Resources =>
  dashboard({ environment: { AVAILABLE_REGIONS } });
const inList = (...urls: string[]): string =>
  `[${urls.map((url, at) => `('${url}', 'region ${at}')`).join(', ')}]`;

rule('HTTPS5', {
  on: 'Host',
  compliant: {
    HTTPS: dashboard(),
    'HTTPS in a list': keystones(
      inList('https://one.example.org:5000/v3', 'https://two.example.org/v3'),
    ),
    'HTTPS in a list, to a host of the deployment': keystones({
      'Fn::Sub': inList('https://one.example.org/v3', 'https://${Given}:5000/v3'),
    }),
    'an empty list': keystones('[]'),
    'a label that has the word': keystones("[('https://one.example.org/v3', 'not http')]"),
    'HTTPS to a host of the deployment': keystone({ 'Fn::Sub': 'https://${Given}:5000/v3' }),
  },
  wrong: {
    HTTP: keystone('http://keystone.example.org:5000/v3'),
    'HTTP to a host of the deployment': keystone({ 'Fn::Sub': 'http://${Given}:5000/v3' }),
    'no scheme': keystone('keystone.example.org'),
    'nothing said': keystone(undefined),
    'HTTP as the first of a list': keystones(
      inList('http://one.example.org:5000/v3', 'https://two.example.org/v3'),
    ),
    'HTTP as the last of a list': keystones(
      inList('https://one.example.org/v3', 'http://two.example.org:5000/v3'),
    ),
    'HTTP in a list, to a host of the deployment': keystones({
      'Fn::Sub': inList('https://one.example.org/v3', 'http://${Given}:5000/v3'),
    }),
  },
  notApplicable: { 'a host of something else': withoutDashboard(dashboard()) },
  undecided: { 'a parameter': keystone(ref('Given')), 'a list': keystones(ref('Given')) },
});

const forBrowsers = (WEBSSO_KEYSTONE_URL: unknown, more: object = {}): Resources =>
  dashboard({ environment: { WEBSSO_KEYSTONE_URL, ...more } });

rule('HTTPS17', {
  on: 'Host',
  compliant: {
    HTTPS: forBrowsers('https://keystone.example.org/v3'),
    'HTTPS to a host of the deployment': forBrowsers({ 'Fn::Sub': 'https://${Given}:5000/v3' }),
  },
  wrong: {
    HTTP: forBrowsers('http://keystone.example.org:5000/v3'),
    'HTTP to a host of the deployment': forBrowsers({ 'Fn::Sub': 'http://${Given}:5000/v3' }),
    'a redirect over HTTP': forBrowsers('https://keystone.example.org/v3', {
      WEBSSO_DEFAULT_REDIRECT_REGION: 'http://keystone.example.org/v3',
    }),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(forBrowsers('http://keystone.example.org/v3')),
    'no single sign-on': dashboard(),
  },
  undecided: { 'a parameter': forBrowsers(ref('Given')) },
});

const header = (SECURE_PROXY_SSL_HEADER: unknown): Resources =>
  dashboard({ environment: { SECURE_PROXY_SSL_HEADER } });

rule('HTTPS6', {
  on: 'Host',
  compliant: { 'the header': dashboard(), 'a space': header('HTTP_X_FORWARDED_PROTO, https') },
  wrong: {
    'another header': header('HTTP_X_FORWARDED_SSL,on'),
    'the name on the wire': header('X-Forwarded-Proto,https'),
    http: header('HTTP_X_FORWARDED_PROTO,http'),
    'an empty value': header(''),
  },
  notApplicable: { 'a host of something else': withoutDashboard(dashboard()) },
  undecided: { 'a parameter': header(ref('Given')) },
});

/** The dashboard behind a classic load balancer. */
const classic = (
  listener: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Resources =>
  dashboard({
    properties: { Group: { LoadBalancerNames: [ref('Classic')] } },
    more: {
      Classic: {
        Type: 'AWS::ElasticLoadBalancing::LoadBalancer',
        Properties: {
          Listeners: [{ LoadBalancerPort: '443', InstancePort: '443', ...listener }],
          Policies: [
            {
              PolicyName: 'tls',
              PolicyType: 'SSLNegotiationPolicyType',
              Attributes: [
                { Name: 'Reference-Security-Policy', Value: 'ELBSecurityPolicy-TLS-1-2-2017-01' },
              ],
            },
          ],
          ...more,
        },
      },
    },
  });
const encrypted = { Protocol: 'HTTPS', InstanceProtocol: 'HTTPS' };
const policies = (...Attributes: unknown[]): Record<string, unknown> => ({
  Policies: [{ PolicyName: 'tls', PolicyType: 'SSLNegotiationPolicyType', Attributes }],
});

describe('a classic load balancer', () => {
  test.each<[string, Resources, string[]]>([
    ['is right', classic(encrypted), []],
    ['passes TCP through', classic({ Protocol: 'TCP', InstanceProtocol: 'TCP' }), []],
    [
      'answers over HTTP',
      classic({ Protocol: 'HTTP', InstanceProtocol: 'HTTPS' }),
      ['HTTPS1 Classic'],
    ],
    [
      'answers over HTTP in one branch',
      classic({ Protocol: either('HTTP', 'HTTPS'), InstanceProtocol: 'HTTPS' }),
      ['HTTPS1 Classic'],
    ],
    ['ends TLS', classic({ Protocol: 'HTTPS', InstanceProtocol: 'HTTP' }), ['HTTPS4 Classic']],
    ['ends TLS by default', classic({ Protocol: 'HTTPS' }), ['HTTPS4 Classic']],
    ['ends TLS of TCP', classic({ Protocol: 'SSL', InstanceProtocol: 'TCP' }), ['HTTPS4 Classic']],
    ['has no policy', classic(encrypted, { Policies: undefined }), ['HTTPS2 Classic']],
    [
      'has an old policy',
      classic(
        encrypted,
        policies({ Name: 'Reference-Security-Policy', Value: 'ELBSecurityPolicy-2016-08' }),
      ),
      ['HTTPS2 Classic'],
    ],
    [
      'has a policy of its own with TLS 1.0',
      classic(encrypted, policies({ Name: 'Protocol-TLSv1', Value: true })),
      ['HTTPS2 Classic'],
    ],
    [
      'has a policy of its own',
      classic(encrypted, policies({ Name: 'Protocol-TLSv1.2', Value: 'true' })),
      [],
    ],
  ])('%s', (_name, resources, expected) => {
    expect(findings(resources)).toEqual(expected);
    expect(findings({ ...resources, Group: dashboard().Group })).toEqual([]);
  });
});

test('HTTPS4 finds a Network Load Balancer that terminates TLS and forwards plaintext', () => {
  const network = (listener: string, targets: string): Resources =>
    dashboard({
      properties: {
        Balancer: { Type: 'network' },
        Https: { Protocol: listener },
        Targets: { Protocol: targets },
        Http: { Protocol: 'TCP', DefaultActions: [] },
      },
    });
  expect(findings(network('TLS', 'TCP'))).toEqual(['HTTPS4 Targets']);
  expect(findings(network('TLS', 'TLS'))).toEqual([]);
  expect(findings(network('TCP', 'TCP'))).toEqual([]);
});

test('HTTPS4 checks a target group with instances', () => {
  const { Host, Group: _group, ...rest } = having('Targets', { Protocol: 'HTTP' });
  const instance: Resources = {
    Host: {
      Type: 'AWS::EC2::Instance',
      Properties: { MetadataOptions: { HttpTokens: 'required' } },
      Metadata: Host.Metadata,
    },
  };
  expect(findings({ ...rest, ...instance })).toEqual([]);
  rest.Targets.Properties!.Targets = [{ Id: ref('Host'), Port: 443 }];
  expect(findings({ ...rest, ...instance })).toEqual(['HTTPS4 Targets']);
});

const attributes = (Key: unknown, Value: unknown): Resources =>
  having('Https', { ListenerAttributes: [{ Key, Value }] });
const HSTS = 'routing.http.response.strict_transport_security.header_value';
const YEAR = 'max-age=31536000; includeSubDomains';
const server = (...lines: string[]): string =>
  [
    'cat >/etc/nginx/nginx.conf <<E',
    'server {',
    '  listen 443 ssl;',
    '  ssl_session_tickets off;',
    '  location / { proxy_pass http://unix:/run/gunicorn.sock; }',
    ...lines,
    '}',
    'E',
    '',
  ].join('\n');

rule('HTTPS7', {
  on: 'Host',
  compliant: {
    ...scripts(
      `add_header Strict-Transport-Security "${YEAR}" always;\n`,
      'HSTS_MAX_AGE="31536000"\n',
      server(`  add_header Strict-Transport-Security "${YEAR}";`),
      server('  include /etc/nginx/headers.conf;'),
      'server { listen 443 ssl; root /srv; }\n',
      'server { listen 8080; location / { proxy_pass http://b; } }\n',
    ),
    'a server without it behind a listener that adds it': {
      ...script(server()),
      Https: attributes(HSTS, YEAR).Https,
    },
  },
  wrong: scripts(
    'HSTS_MAX_AGE="0"\n',
    'add_header Strict-Transport-Security "max-age=0" always;\n',
    "add_header Strict-Transport-Security 'max-age=0';\n",
    server(),
  ),
  notApplicable: elsewhere(server()),
  unknown: {
    'a parameter': script(joined('HSTS_MAX_AGE="', ref('Given'), '"\n')),
    'a server without it behind a listener whose attributes a condition chooses': {
      ...script(server()),
      Https: having('Https', { ListenerAttributes: CHOICE }).Https,
    },
  },
});

rule('HTTPS7', {
  on: 'Https',
  compliant: { 'a year': attributes(HSTS, YEAR), 'left to nginx': dashboard() },
  wrong: { off: attributes(HSTS, 'max-age=0') },
  notApplicable: { 'another listener': withoutDashboard(attributes(HSTS, 'max-age=0')) },
  unknown: {
    'a parameter': attributes(HSTS, ref('Given')),
    'an attribute of the deployment': attributes(UNKNOWN, 'max-age=0'),
  },
});

rule('HTTPS8', {
  on: 'Host',
  compliant: scripts(
    `add_header Strict-Transport-Security "${YEAR}; preload" always;\n`,
    'add_header Strict-Transport-Security "$hsts" always;\n',
    'HSTS_MAX_AGE="63072000"\nHSTS_INCLUDE_SUBDOMAINS="true"\n',
  ),
  wrong: scripts(
    'add_header Strict-Transport-Security "max-age=31536000" always;\n',
    'add_header Strict-Transport-Security max-age=300;\n',
    'Header always set Strict-Transport-Security "max-age=300; includeSubDomains"\n',
    'HSTS_MAX_AGE="300"\nHSTS_INCLUDE_SUBDOMAINS="true"\n',
    'HSTS_MAX_AGE="31536000"\nHSTS_INCLUDE_SUBDOMAINS="false"\n',
  ),
  notApplicable: elsewhere('HSTS_MAX_AGE="300"\n'),
  unknown: { 'a parameter': script(joined('HSTS_MAX_AGE="', ref('Given'), '"\n')) },
});

rule('HTTPS8', {
  on: 'Https',
  compliant: { 'a year': attributes(HSTS, YEAR) },
  wrong: {
    'a day': attributes(HSTS, 'max-age=86400; includeSubDomains'),
    'no subdomains': attributes(HSTS, 'max-age=31536000'),
  },
  notApplicable: {
    'left to nginx': dashboard(),
    'another listener': withoutDashboard(attributes(HSTS, 'max-age=1')),
  },
  unknown: { 'a parameter': attributes(HSTS, ref('Given')) },
});

test('disabled HSTS and short HSTS are different findings', () => {
  expect(findings(script('HSTS_MAX_AGE="0"\n'))).toEqual(['HTTPS7 Host']);
  expect(findings(script('HSTS_MAX_AGE="300"\n'))).toEqual(['HTTPS8 Host']);
});

// Made with openssl for these tests, for dashboard.example: the first is signed by itself, the
// second by an authority of its own.
const SELF_SIGNED = `-----BEGIN CERTIFICATE-----
MIIBkDCCATWgAwIBAgIUKr2Wcd3FvkCDx5+DqyPOtzEW+6MwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRZGFzaGJvYXJkLmV4YW1wbGUwIBcNMjYxMTIzMDQwMjA4WhgP
MjEyNjEwMzAwNDAyMDhaMBwxGjAYBgNVBAMMEWRhc2hib2FyZC5leGFtcGxlMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEH/eCquB7cWmQH3VnWP6+A7VP3YUA2vgK
TOG9yg9Gi/1egglyUJcPd4/pfDqXwGF12sYotaXs1vByInAMzYGbu6NTMFEwHQYD
VR0OBBYEFAEFqbu/elF/DJ4KIBDclr669A+8MB8GA1UdIwQYMBaAFAEFqbu/elF/
DJ4KIBDclr669A+8MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIh
APBnqhamyVGD3PerJFBW5VlVh1QYqiuvD/fNZvXNFH0kAiEAkGEran5cmGHNTwDg
GJJEYUbNFFaKaFAwYJCvXeX7dhI=
-----END CERTIFICATE-----
`;
const ISSUED = `-----BEGIN CERTIFICATE-----
MIIBLTCB0wIUFkzXpQpXjiturQzn3n7d1oCeyhswCgYIKoZIzj0EAwIwFDESMBAG
A1UEAwwJQXV0aG9yaXR5MCAXDTI2MTEyMzA0MDIwOFoYDzIxMjYxMDMwMDQwMjA4
WjAcMRowGAYDVQQDDBFkYXNoYm9hcmQuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABJN1x7LcHjG429ngPNRhxgcN7iZBDpPABVQJqxV/H+7cnqohh2bg
WuEwOsvoRVuTuU6WbwppP5b2QwDGsZbL6VkwCgYIKoZIzj0EAwIDSQAwRgIhAKvP
S1bj/sdeGxpxS+Wuan2OYAD/+5bmEw6q0EDBxSLZAiEA1ckMrWv/idmsj3nX1MnE
ZjYwJTcIe4Hy+KqGi1kPb5c=
-----END CERTIFICATE-----
`;
const uploaded = (CertificateBody: unknown, listener = ref('Certificate')): Resources => ({
  ...having('Https', { Certificates: [{ CertificateArn: listener }] }),
  Certificate: { Type: 'AWS::IAM::ServerCertificate', Properties: { CertificateBody } },
});

rule('HTTPS9', {
  on: 'Certificate',
  compliant: {
    'one that an authority signed': uploaded(ISSUED, att('Certificate', 'Arn')),
    'what is no certificate, as the deployment will say': uploaded('none'),
  },
  wrong: { 'one that signs itself': uploaded(SELF_SIGNED, att('Certificate', 'Arn')) },
  notApplicable: {
    'a certificate of another listener': {
      ...uploaded(SELF_SIGNED),
      Https: dashboard().Https,
    },
    'no dashboard': withoutDashboard(uploaded(SELF_SIGNED)),
  },
  unknown: { 'a parameter': uploaded(ref('Given')) },
});

const AUTHORITY = 'arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1';
const acm = (CertificateAuthorityArn: unknown): Resources => ({
  ...having('Https', { Certificates: [{ CertificateArn: ref('Certificate') }] }),
  Certificate: {
    Type: 'AWS::CertificateManager::Certificate',
    Properties: { DomainName: 'dashboard.example', CertificateAuthorityArn },
  },
});
const further = (Certificate: Resources): Resources => ({
  ...Certificate,
  Https: dashboard().Https,
  Further: {
    Type: 'AWS::ElasticLoadBalancingV2::ListenerCertificate',
    Properties: {
      ListenerArn: ref('Https'),
      Certificates: [{ CertificateArn: ref('Certificate') }],
    },
  },
});

rule('HTTPS10', {
  on: 'Certificate',
  compliant: { 'a public authority': acm(undefined), 'left out': acm(ref('AWS::NoValue')) },
  wrong: {
    'a private authority': acm(AUTHORITY),
    'a private authority of the stack': acm(ref('Authority')),
    'a further certificate of the listener': further(acm(AUTHORITY)),
  },
  notApplicable: {
    'a certificate of another listener': { ...acm(AUTHORITY), Https: dashboard().Https },
    'no dashboard': withoutDashboard(acm(AUTHORITY)),
  },
  unknown: {
    'a certificate that a condition chooses': {
      ...acm(AUTHORITY),
      Https: having('Https', { Certificates: [{ CertificateArn: CHOICE }] }).Https,
    },
  },
});

test('HTTPS10 accepts a private CA if browsers have the root', () => {
  const privateCaTrust = 'the root is installed on every computer of the company';
  expect(findings(acm(AUTHORITY))).toEqual(['HTTPS10 Certificate']);
  expect(findings(acm(AUTHORITY), { privateCaTrust })).toEqual([]);
  expect(() => findings(acm(AUTHORITY), { privateCaTrust: ' ' })).toThrow(
    "privateCaTrust must be a sentence that an auditor can judge, got ' '",
  );
});

const cdn = (
  origin: unknown,
  behavior: unknown,
  more = {},
  domain: unknown = undefined,
): Resources => ({
  ...dashboard(),
  Cdn: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Origins: [
          {
            Id: 'entry',
            DomainName: domain ?? att('Balancer', 'DNSName'),
            CustomOriginConfig: origin,
          },
        ],
        DefaultCacheBehavior: {
          TargetOriginId: 'entry',
          CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
          ViewerProtocolPolicy: behavior,
        },
        ...more,
      },
    },
  },
});

rule('HTTPS11', {
  on: 'Cdn',
  compliant: {
    'HTTPS on both sides': cdn({ OriginProtocolPolicy: 'https-only' }, 'redirect-to-https'),
    'HTTPS alone': cdn({ OriginProtocolPolicy: 'https-only' }, 'https-only'),
  },
  wrong: {
    'HTTP to the load balancer': cdn({ OriginProtocolPolicy: 'http-only' }, 'https-only'),
    'what the browser used': cdn({ OriginProtocolPolicy: 'match-viewer' }, 'https-only'),
    'HTTP from the browser': cdn({ OriginProtocolPolicy: 'https-only' }, 'allow-all'),
    'HTTP to the name': cdn(
      { OriginProtocolPolicy: 'http-only' },
      'https-only',
      {},
      'dashboard.example',
    ),
  },
  notApplicable: {
    'another origin': cdn(
      { OriginProtocolPolicy: 'http-only' },
      'allow-all',
      {},
      'www.example.org',
    ),
    'no dashboard': withoutDashboard(cdn({ OriginProtocolPolicy: 'http-only' }, 'allow-all')),
  },
  undecided: {
    parameters: cdn({ OriginProtocolPolicy: ref('Given') }, ref('Given')),
    'what a condition chooses': cdn(CHOICE, CHOICE),
  },
});

const verify = (value: unknown): Resources =>
  dashboard({ environment: { OPENSTACK_SSL_NO_VERIFY: value } });

rule('HTTPS13', {
  on: 'Host',
  compliant: { off: verify('false'), 'off in Python': script('OPENSTACK_SSL_NO_VERIFY = False\n') },
  wrong: {
    on: verify('true'),
    'on in Python': script(
      'OPENSTACK_SSL_NO_VERIFY = True\nSESSION_ENGINE = \'django.contrib.sessions.backends.cache\'\nOPENSTACK_KEYSTONE_URL = "https://keystone.example.org/v3"\n',
    ),
  },
  notApplicable: { 'left out': dashboard(), 'no dashboard': withoutDashboard(verify('true')) },
  unknown: { 'a parameter': verify(ref('Given')), 'an import': verify(UNKNOWN) },
});

rule('HTTPS14', {
  on: 'Host',
  compliant: scripts(
    'ssl_protocols TLSv1.2 TLSv1.3;\n',
    '# ssl_protocols TLSv1;\n',
    'ssl_protocols TLSv1.3;\n',
    'SSLProtocol -all +TLSv1.2 +TLSv1.3\n',
    'SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\n',
  ),
  wrong: scripts(
    'ssl_protocols TLSv1 TLSv1.1 TLSv1.2;\n',
    'server { ssl_protocols SSLv3 TLSv1.2; }\n',
    'SSLProtocol all -SSLv3\n',
    'SSLProtocol +TLSv1 +TLSv1.1 +TLSv1.2\n',
    'echo "ssl_protocols TLSv1.1 TLSv1.2;" >/etc/nginx/conf.d/tls.conf\n',
  ),
  notApplicable: elsewhere('ssl_protocols TLSv1;\n'),
  unknown: { 'a parameter': script(joined('ssl_protocols ', ref('Given'), ';\n')) },
});

const versions = (origin: unknown, MinimumProtocolVersion: unknown): Resources =>
  cdn({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: origin }, 'https-only', {
    ViewerCertificate: { MinimumProtocolVersion },
  });

rule('HTTPS14', {
  on: 'Cdn',
  compliant: { 'TLS 1.2': versions(['TLSv1.2'], 'TLSv1.2_2021') },
  wrong: {
    'TLS 1.0 from browsers': versions(['TLSv1.2'], 'TLSv1'),
    'TLS 1.1 from browsers': versions(['TLSv1.2'], 'TLSv1.1_2016'),
    'TLS 1.0 to the load balancer': versions(['TLSv1', 'TLSv1.2'], 'TLSv1.2_2021'),
  },
  notApplicable: {
    'another origin': cdn({ OriginSSLProtocols: ['SSLv3'] }, 'https-only', {}, 'www.example.org'),
  },
  unknown: {
    parameters: versions([ref('Given')], ref('Given')),
    'what a condition chooses': versions(CHOICE, CHOICE),
  },
});

rule('HTTPS15', {
  on: 'Host',
  compliant: scripts(
    'ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;\n',
    'ssl_ciphers HIGH:!aNULL:!MD5;\n',
    "ssl_ciphers 'ECDHE-RSA-AES128-GCM-SHA256:!RC4:!3DES';\n",
    '# ssl_ciphers RC4;\n',
    'SSLCipherSuite HIGH:!RC4:!MD5:!aNULL:!eNULL:!EXP:!LOW:!MEDIUM\n',
  ),
  wrong: scripts(
    'ssl_ciphers ALL;\n',
    'ssl_ciphers RC4-SHA:HIGH;\n',
    'ssl_ciphers HIGH:MEDIUM:!aNULL;\n',
    'ssl_ciphers "ECDHE-RSA-DES-CBC3-SHA:HIGH";\n',
    'ssl_ciphers HIGH:+3DES;\n',
    'ssl_ciphers NULL-SHA256;\n',
    'SSLCipherSuite ALL:!aNULL\n',
  ),
  notApplicable: elsewhere('ssl_ciphers ALL;\n'),
  unknown: { 'a parameter': script(joined('ssl_ciphers ', ref('Given'), ';\n')) },
});

const policy = (SslPolicy: unknown, more = {}): Resources =>
  having('Https', { SslPolicy, ...more });

rule('HTTPS16', {
  on: 'Https',
  compliant: {
    'the restricted one': dashboard(),
    'the recommended one': policy('ELBSecurityPolicy-TLS13-1-2-2021-06'),
    'a later one': policy('ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09'),
    'one with forward secrecy': policy('ELBSecurityPolicy-FS-1-2-Res-2020-10'),
  },
  wrong: {
    'key exchange by RSA': policy('ELBSecurityPolicy-TLS-1-2-2017-01'),
    'SHA-1': policy('ELBSecurityPolicy-TLS-1-2-Ext-2018-06'),
    'SHA-1 beside TLS 1.3': policy('ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06'),
    'SHA-1 with forward secrecy': policy('ELBSecurityPolicy-FS-1-2-2019-08'),
  },
  notApplicable: {
    'no TLS': policy('ELBSecurityPolicy-TLS-1-2-2017-01', { Protocol: 'HTTP' }),
    'no dashboard': withoutDashboard(policy('ELBSecurityPolicy-TLS-1-2-2017-01')),
  },
  unknown: { 'a parameter': policy(ref('Given')), 'what a condition chooses': policy(CHOICE) },
});

test('HTTPS16 does not report policies with older protocols', () => {
  const old = policy('ELBSecurityPolicy-2016-08');
  expect(verdict('HTTPS16', 'Https', old)).toEqual([]);
  expect(findings(old)).toEqual(['HTTPS2 Https']);
});

const tickets = (...lines: string[]): string =>
  ['server {', '  listen 443 ssl;', ...lines, '}', ''].join('\n');

rule('HTTPS12', {
  on: 'Host',
  compliant: scripts(
    tickets('  ssl_session_tickets off;'),
    tickets('  ssl_session_ticket_key /run/ticket.key;'),
    tickets('  ssl_session_cache shared:tls:1m;'),
    tickets('  include /etc/nginx/tls.conf;'),
    'server { listen 80; }\n',
  ),
  wrong: scripts(
    'ssl_session_tickets on;\n',
    'SSLSessionTickets On\n',
    tickets(),
    tickets('  ssl_session_cache builtin;'),
  ),
  notApplicable: elsewhere(tickets()),
  unknown: { 'a parameter': script(joined('ssl_session_tickets ', ref('Given'), ';\n')) },
});
