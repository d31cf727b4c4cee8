import {
  CHOICE,
  Resources,
  UNKNOWN,
  dashboard,
  either,
  findings,
  having,
  ref,
  rule,
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

rule('HTTPS5', {
  on: 'Host',
  compliant: {
    HTTPS: dashboard(),
    'HTTPS to a host of the deployment': keystone({ 'Fn::Sub': 'https://${Given}:5000/v3' }),
  },
  wrong: {
    HTTP: keystone('http://keystone.example.org:5000/v3'),
    'HTTP to a host of the deployment': keystone({ 'Fn::Sub': 'http://${Given}:5000/v3' }),
    'no scheme': keystone('keystone.example.org'),
    'nothing said': keystone(undefined),
  },
  notApplicable: { 'a host of something else': withoutDashboard(dashboard()) },
  undecided: { 'a parameter': keystone(ref('Given')) },
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

test('HTTPS4 finds a network load balancer that ends TLS and passes on what was in it', () => {
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

test('HTTPS4 judges a group whose targets are instances', () => {
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
