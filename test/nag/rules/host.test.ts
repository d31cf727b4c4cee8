import { CHOICE, Resources, dashboard, findings, ref, rule, withoutDashboard } from '../fixtures';

function options(MetadataOptions: unknown): Resources {
  const resources = dashboard();
  const data = resources.Host.Properties!.LaunchTemplateData as Record<string, unknown>;
  resources.Host.Properties!.LaunchTemplateData = { ...data, MetadataOptions };
  return resources;
}

rule('HOST1', {
  on: 'Host',
  compliant: { 'tokens required': dashboard() },
  wrong: {
    'tokens optional': options({ HttpTokens: 'optional' }),
    'no word on tokens': options({ HttpEndpoint: 'enabled' }),
    'no options': options(undefined),
    'options left out': options(ref('AWS::NoValue')),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(options({ HttpTokens: 'optional' })),
  },
  undecided: {
    'a parameter': options({ HttpTokens: ref('Given') }),
    'options that a condition chooses': options(CHOICE),
  },
});

test('HOST1 checks a launch configuration, too', () => {
  const host = (MetadataOptions: unknown): Resources => ({
    Host: {
      Type: 'AWS::AutoScaling::LaunchConfiguration',
      Properties: { MetadataOptions },
      Metadata: dashboard({ environment: { MEMCACHED_ENDPOINT: 'cache:11211' } }).Host.Metadata,
    },
  });
  expect(findings(host({ HttpTokens: 'required' }))).toEqual([]);
  expect(findings(host(undefined))).toEqual(['HOST1 Host']);
});
