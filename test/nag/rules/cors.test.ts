import {
  CHOICE,
  Resources,
  att,
  dashboard,
  findings,
  having,
  joined,
  ref,
  rule,
  withoutDashboard,
} from '../fixtures';

const NAME = 'routing.http.response.access_control_allow_origin.header_value';
const OURS = 'https://dashboard.example';
const header = (value: unknown): unknown =>
  joined('add_header Access-Control-Allow-Origin ', value, ' always;\n');
const hostOf = (value: unknown): Resources => dashboard({ script: header(value) });
const listenerOf = (Value: unknown): Resources =>
  having('Https', { ListenerAttributes: [{ Key: NAME, Value }] });
const bucketOf = (...AllowedOrigins: unknown[]): Resources => ({
  ...dashboard({ script: joined('ASSET_BUCKET="', ref('Assets'), '"\n') }),
  Assets: {
    Type: 'AWS::S3::Bucket',
    Properties: { CorsConfiguration: { CorsRules: [{ AllowedMethods: ['GET'], AllowedOrigins }] } },
  },
});
const policyOf = (...Items: unknown[]): Resources => ({
  ...dashboard(),
  Policy: {
    Type: 'AWS::CloudFront::ResponseHeadersPolicy',
    Properties: {
      ResponseHeadersPolicyConfig: { CorsConfig: { AccessControlAllowOrigins: { Items } } },
    },
  },
  Cdn: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Origins: [{ Id: 'entry', DomainName: att('Balancer', 'DNSName') }],
        DefaultCacheBehavior: {
          TargetOriginId: 'entry',
          CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
          ViewerProtocolPolicy: 'https-only',
          ResponseHeadersPolicyId: ref('Policy'),
        },
      },
    },
  },
});
/** A machine of the static tier, as this library makes it. */
const staticHostOf = (value: unknown): Resources => ({
  ...dashboard(),
  Static: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        UserData: {
          'Fn::Base64': joined(
            'SERVER_NAME="static.dashboard.example"\nALLOWED_ORIGIN="',
            value,
            '"\n',
          ),
        },
      },
    },
  },
});

const places: [string, (value: unknown) => Resources][] = [
  ['Host', hostOf],
  ['Https', listenerOf],
  ['Assets', bucketOf],
  ['Policy', policyOf],
  ['Static', staticHostOf],
];

for (const [on, make] of places) {
  const notApplicable = {
    'no dashboard': withoutDashboard(make('*')),
  };
  const unknown = { 'a parameter': make(ref('Given')), 'what a condition chooses': make(CHOICE) };
  rule('CORS1', {
    on,
    compliant: {
      "the dashboard's origin": make(OURS),
      'another, for CORS2': make('https://a.example'),
    },
    wrong: { 'any origin': make('*') },
    notApplicable,
    unknown,
  });
  rule('CORS2', {
    on,
    compliant: {
      "the dashboard's origin": make(OURS),
      'the same with its port': make(`${OURS}:443`),
      'any origin, which CORS1 finds': make('*'),
    },
    wrong: {
      'another origin': make('https://other.example'),
      'the same over HTTP': make('http://dashboard.example'),
      'a slash at the end, as in the sample of the guide': make(`${OURS}/`),
      'a site below': make('https://a.dashboard.example'),
    },
    notApplicable,
    unknown: {
      ...unknown,
      'any, while the deployment knows the name of the dashboard': {
        ...make('https://other.example'),
        Host: {
          ...make('https://other.example').Host,
          Metadata: dashboard({ environment: { ALLOWED_HOSTS: ref('Given') } }).Host.Metadata,
        },
      },
    },
  });
}

test('origins of other sites are ignored', () => {
  const { Assets, Policy } = { ...bucketOf('*'), ...policyOf('*') };
  expect(findings({ ...dashboard(), Assets, Policy })).toEqual([]);
});

test('nginx can choose the origin', () => {
  expect(findings(hostOf('$allowed_origin'))).toEqual([]);
  expect(findings(dashboard({ script: '# add_header Access-Control-Allow-Origin *;\n' }))).toEqual(
    [],
  );
});

test('Apache is read like nginx', () => {
  const set = (origin: string): string[] =>
    findings(dashboard({ script: `Header set Access-Control-Allow-Origin "${origin}"\n` }));
  expect(set('*')).toEqual(['CORS1 Host']);
  expect(set('https://dashboard.example/')).toEqual(['CORS2 Host']);
  expect(set('https://dashboard.example')).toEqual([]);
});

test('a Django library that allows any origin is found, too', () => {
  const environment = { CORS_ALLOW_ALL_ORIGINS: 'true' };
  expect(findings(dashboard({ environment }))).toEqual(['CORS1 Host']);
});
