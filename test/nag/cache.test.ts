import {
  MANAGED_CACHING_DISABLED,
  MANAGED_CACHING_OPTIMIZED,
  Resources,
  UNKNOWN,
  att,
  dashboard,
  findings,
  ref,
  rule,
  withoutDashboard,
} from './fixtures';

function distribution(
  behavior: Record<string, unknown>,
  {
    domain = att('Balancer', 'DNSName'),
    config = {},
    more = {},
  }: { domain?: unknown; config?: Record<string, unknown>; more?: Resources } = {},
): Resources {
  return dashboard({
    more: {
      Cdn: {
        Type: 'AWS::CloudFront::Distribution',
        Properties: {
          DistributionConfig: {
            Enabled: true,
            Origins: [{ Id: 'entry', DomainName: domain }],
            DefaultCacheBehavior: { TargetOriginId: 'entry', ...behavior },
            ...config,
          },
        },
      },
      ...more,
    },
  });
}

const policy = (MinTTL: unknown, DefaultTTL: unknown): Resources => ({
  Policy: {
    Type: 'AWS::CloudFront::CachePolicy',
    Properties: { CachePolicyConfig: { Name: 'p', MinTTL, DefaultTTL, MaxTTL: 31536000 } },
  },
});
const disabled = { CachePolicyId: MANAGED_CACHING_DISABLED };
const optimized = { CachePolicyId: MANAGED_CACHING_OPTIMIZED };
const second = (PathPattern: unknown, behavior: Record<string, unknown>): Resources =>
  distribution(disabled, {
    config: { CacheBehaviors: [{ PathPattern, TargetOriginId: 'entry', ...behavior }] },
  });

rule('CACHE1', {
  on: 'Cdn',
  compliant: {
    'CachingDisabled before the load balancer': distribution(disabled),
    'a policy that keeps nothing by itself': distribution(
      { CachePolicyId: ref('Policy') },
      { more: policy(0, 0) },
    ),
    'caching of the static path alone': second('/static/*', optimized),
    'old settings with a default TTL of 0': distribution({
      ForwardedValues: { QueryString: true },
      MinTTL: 0,
      DefaultTTL: 0,
    }),
  },
  wrong: {
    'CachingOptimized before the load balancer': distribution(optimized),
    UseOriginCacheControlHeaders: distribution({
      CachePolicyId: '83da9c7e-98b4-4e11-a168-04f0df8e2c65',
    }),
    'CachingOptimized before a name that the dashboard allows': distribution(optimized, {
      domain: 'Dashboard.Example',
    }),
    'caching in another behavior': second('/identity/*', optimized),
    'a policy with a default TTL': distribution(
      { CachePolicyId: ref('Policy') },
      { more: policy(0, 60) },
    ),
    'a policy with a minimum TTL': distribution(
      { CachePolicyId: ref('Policy') },
      { more: policy('1', 0) },
    ),
    'old settings, whose default TTL is a day': distribution({
      ForwardedValues: { QueryString: true },
    }),
    'caching through a group of origins': distribution(
      { ...optimized, TargetOriginId: 'both' },
      {
        config: {
          OriginGroups: {
            Quantity: 1,
            Items: [{ Id: 'both', Members: { Items: [{ OriginId: 'entry' }] } }],
          },
        },
      },
    ),
  },
  notApplicable: {
    'another origin': distribution(optimized, { domain: 'bucket.s3.amazonaws.com' }),
    'static media on its own name': distribution(optimized, {
      domain: 'static.dashboard.example',
    }),
    'a distribution for the static name alone': distribution(optimized, {
      config: { Aliases: ['static.dashboard.example'] },
    }),
    'an app without a dashboard': withoutDashboard(distribution(optimized)),
  },
  unknown: {
    'a policy made elsewhere': distribution({ CachePolicyId: UNKNOWN }),
    'a policy known by an id alone': distribution({
      CachePolicyId: '00000000-1111-2222-3333-444444444444',
    }),
    'an origin made elsewhere': distribution(optimized, { domain: UNKNOWN }),
    'TTLs that are parameters': distribution(
      { CachePolicyId: ref('Policy') },
      { more: policy(ref('Given'), ref('Given')) },
    ),
    'behaviors that a condition chooses': distribution(disabled, {
      config: { CacheBehaviors: UNKNOWN, OriginGroups: UNKNOWN, Aliases: UNKNOWN },
    }),
  },
});

test('CACHE1 lets the path be cached that static media has, wherever its name comes from', () => {
  const assets = second('/assets/*', optimized);
  expect(findings(assets)).toEqual(['CACHE1 Cdn']);
  const environment = assets.Host.Metadata!['cdk-openstack-dashboard'] as {
    environment: Record<string, unknown>;
  };
  environment.environment.STATIC_BASE_URL = { 'Fn::Sub': 'https://static.${Given}/assets/' };
  expect(findings(assets)).toEqual([]);
});

test('CACHE1 knows a dashboard outside the app by its configured name', () => {
  const { Cdn } = distribution(optimized, { domain: 'cloud.example.net' });
  expect(findings({ Cdn })).toEqual([]);
  expect(findings({ Cdn }, { dashboardNames: ['Cloud.example.net'] })).toEqual(['CACHE1 Cdn']);
});

const script = (text: unknown): Resources => dashboard({ script: text });
const host = (UserData: unknown): Resources => ({
  ...dashboard(),
  Front: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: { LaunchTemplateData: { UserData: { 'Fn::Base64': UserData } } },
  },
});

rule('CACHE2', {
  on: 'Host',
  compliant: {
    'a host without varnish': dashboard(),
    'varnish in a comment': script('# never: apt-get install varnish\n'),
    'a comment after a command': script(
      'systemctl start nginx # instead of service varnish start\n',
    ),
    'the removal of varnish': script('apt-get purge -y varnish\nsystemctl disable varnish\n'),
    'a mere word': script('echo "this host has no varnish"\n'),
  },
  wrong: {
    'a package': script('apt-get install -y nginx varnish\n'),
    'a package on a continued line': script('apt-get install -y nginx \\\n  varnish\n'),
    'a service': script('systemctl enable --now varnish\n'),
    'a package after a removal': script('apt-get remove -y apache2 && apt-get install -y varnish'),
    'the daemon': script('/usr/sbin/varnishd -a :80 -f /etc/varnish/default.vcl\n'),
    'an image': script('docker run -d -p 80:80 varnish:7\n'),
    'a package of cloud-config': script('packages:\n  - nginx\n  - varnish\n'),
    'a package of the host environment': script('PACKAGES="openstack-dashboard varnish"\n'),
    'a script with values of the deployment in it': script({
      'Fn::Sub': 'echo ${AWS::Region}\nyum install -y varnish ${Given}\n',
    }),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(script('apt-get install varnish\n')),
  },
  unknown: {
    'a package list of the deployment': script({
      'Fn::Join': ['', ['apt-get install -y ', UNKNOWN]],
    }),
    'user data made elsewhere': {
      ...dashboard(),
      Host: { ...dashboard().Host, Properties: { LaunchTemplateData: UNKNOWN } },
    },
  },
});

describe('CACHE2 and CACHE3 on hosts that stand before the dashboard', () => {
  test.each([
    ['the load balancer', { 'Fn::Join': ['', ['varnishd -b ', att('Balancer', 'DNSName'), '\n']] }],
    ['its name', 'varnishd -b dashboard.example:443\n'],
  ])('find varnish before %s', (_name, data) => {
    expect(findings(host(data))).toEqual(['CACHE2 Front']);
  });

  test('find a cache of nginx before its name', () => {
    const data = 'proxy_cache pages;\nproxy_pass https://dashboard.example;\n';
    expect(findings(host(data))).toEqual(['CACHE3 Front']);
  });

  test('leave alone a cache before a name that is only longer', () => {
    expect(findings(host('varnishd -b my-dashboard.example.au:80\n'))).toEqual([]);
  });
});

test('CACHE2 finds a container of varnish beside the dashboard', () => {
  const environment = [
    { Name: 'SESSION_ENGINE', Value: 'django.contrib.sessions.backends.cache' },
    { Name: 'OPENSTACK_KEYSTONE_URL', Value: 'https://keystone.example.org/v3' },
  ];
  const task = (Image: unknown): Resources => ({
    Task: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        ContainerDefinitions: [
          { Name: 'horizon', Image: 'horizon', Environment: environment },
          { Name: 'front', Image },
        ],
      },
    },
  });
  expect(findings(task('public.ecr.aws/docker/library/varnish:7.5'))).toEqual(['CACHE2 Task']);
  expect(findings(task('nginx:1.27'))).toEqual([]);
  expect(findings(task(UNKNOWN))).toEqual([]);
});

rule('CACHE3', {
  on: 'Host',
  compliant: {
    'nginx without a cache': script('proxy_pass http://unix:/run/gunicorn.sock;\n'),
    'a cache that is off': script('proxy_cache off;\n'),
    'a directive in a comment': script('  # proxy_cache pages;\n'),
    'directives about no cache': script('proxy_cache_bypass $cookie_sessionid;\n'),
  },
  wrong: {
    proxy_cache: script('location / { proxy_cache pages; proxy_pass http://127.0.0.1:8000; }\n'),
    fastcgi_cache: script('    fastcgi_cache pages;\n'),
    uwsgi_cache: script('\tuwsgi_cache "pages";\n'),
    'a directive that a command writes': script("echo 'proxy_cache pages;' > /etc/nginx/c.conf\n"),
    'a zone that the deployment names': script({
      'Fn::Join': ['', ['proxy_cache ', UNKNOWN, ';\n']],
    }),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(script('proxy_cache pages;\n')),
  },
  unknown: {
    'configuration made elsewhere': script({ 'Fn::Join': ['', ['cat <<E\n', UNKNOWN, '\nE\n']] }),
  },
});
