import {
  CHOICE,
  Resources,
  UNKNOWN,
  dashboard,
  having,
  ref,
  rule,
  withoutDashboard,
} from './fixtures';

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
  unknown: {
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
  unknown: { 'actions that a condition chooses': listenerRule(CHOICE) },
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
  unknown: { 'a parameter': https({ SslPolicy: ref('Given') }) },
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
  unknown: {
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
  unknown: { 'a parameter': having('Targets', { Protocol: ref('Given') }) },
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
  unknown: { 'a parameter': keystone(ref('Given')) },
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
  unknown: { 'a parameter': header(ref('Given')) },
});
