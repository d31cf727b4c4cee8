import { gzipSync } from 'node:zlib';
import {
  MANAGED_CACHING_DISABLED,
  MANAGED_CACHING_OPTIMIZED,
  Resources,
  UNKNOWN,
  att,
  dashboard,
  either,
  findings,
  ref,
  report,
  rule,
  script,
  undecided,
  withoutDashboard,
} from '../fixtures';

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

test('CACHE1 allows caching for the path of static media, wherever the path is configured', () => {
  const assets = second('/assets/*', optimized);
  expect(findings(assets)).toEqual(['CACHE1 Cdn']);
  const environment = assets.Host.Metadata!['cdk-openstack-dashboard'] as {
    environment: Record<string, unknown>;
  };
  environment.environment.STATIC_BASE_URL = { 'Fn::Sub': 'https://static.${Given}/assets/' };
  expect(findings(assets)).toEqual([]);
});

test('CACHE1 recognizes a dashboard outside of the app by its configured name', () => {
  const { Cdn } = distribution(optimized, { domain: 'cloud.example.net' });
  expect(findings({ Cdn })).toEqual([]);
  expect(findings({ Cdn }, { dashboardNames: ['Cloud.example.net'] })).toEqual(['CACHE1 Cdn']);
});

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
    'a unit': script('systemctl start varnish.service\n'),
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

describe('CACHE2 and CACHE3 on hosts in front of the dashboard', () => {
  test.each([
    ['the load balancer', { 'Fn::Join': ['', ['varnishd -b ', att('Balancer', 'DNSName'), '\n']] }],
    ['its name', 'varnishd -b dashboard.example:443\n'],
  ])('find Varnish in front of %s', (_name, data) => {
    expect(findings(host(data))).toEqual(['CACHE2 Front']);
  });

  test('find a cache of nginx in front of its name', () => {
    const data = 'proxy_cache pages;\nproxy_pass https://dashboard.example;\n';
    expect(findings(host(data))).toEqual(['CACHE3 Front']);
  });

  test('ignore a cache in front of a longer name', () => {
    expect(findings(host('varnishd -b my-dashboard.example.au:80\n'))).toEqual([]);
  });
});

test('CACHE2 finds a Varnish container next to the dashboard', () => {
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

/** A distribution whose origins and names are given. */
const cdn = (
  config: Record<string, unknown>,
  more: Resources = {},
  changes: Parameters<typeof dashboard>[0] = {},
): Resources =>
  dashboard({
    ...changes,
    more: {
      Cdn: {
        Type: 'AWS::CloudFront::Distribution',
        Properties: {
          DistributionConfig: {
            Origins: [{ Id: 'entry', DomainName: att('Balancer', 'DNSName') }],
            DefaultCacheBehavior: { TargetOriginId: 'entry', ...optimized },
            ...config,
          },
        },
      },
      ...more,
    },
  });
const record = (Name: unknown, target: unknown): Resources => ({
  Record: {
    Type: 'AWS::Route53::RecordSet',
    Properties: { Name, Type: 'A', AliasTarget: { DNSName: target, HostedZoneId: 'Z' } },
  },
});
const originAt = (DomainName: unknown): Record<string, unknown> => ({
  Origins: [{ Id: 'entry', DomainName }],
});

describe('CACHE1 finds the dashboard', () => {
  test.each<[string, Resources]>([
    [
      'behind a record of its load balancer',
      cdn(
        originAt('origin.example.net'),
        record('origin.example.net.', att('Balancer', 'DNSName')),
      ),
    ],
    [
      'behind a record as CDK writes it',
      cdn(
        originAt('origin.example.net'),
        record('origin.example.net.', {
          'Fn::Join': ['', ['dualstack.', att('Balancer', 'DNSName')]],
        }),
      ),
    ],
    [
      'behind a record whose name the deployment completes',
      cdn(
        originAt({ 'Fn::Sub': 'origin.${Given}' }),
        record({ 'Fn::Join': ['.', ['origin', ref('Given')]] }, att('Balancer', 'DNSName')),
      ),
    ],
    [
      'behind a record of a group',
      cdn(originAt('origin.example.net'), {
        Records: {
          Type: 'AWS::Route53::RecordSetGroup',
          Properties: {
            RecordSets: [
              {
                Name: 'origin.example.net',
                Type: 'CNAME',
                ResourceRecords: [att('Balancer', 'DNSName')],
              },
            ],
          },
        },
      }),
    ],
    [
      'by the name that the distribution has',
      cdn({ ...originAt('origin.elsewhere.net'), Aliases: ['Dashboard.Example'] }),
    ],
    [
      'in a VPC',
      cdn(
        {
          Origins: [
            {
              Id: 'entry',
              DomainName: 'internal.example.net',
              VpcOriginConfig: { VpcOriginId: att('Inside', 'Id') },
            },
          ],
        },
        {
          Inside: {
            Type: 'AWS::CloudFront::VpcOrigin',
            Properties: { VpcOriginEndpointConfig: { Arn: ref('Balancer') } },
          },
        },
      ),
    ],
    [
      'on instances behind a classic load balancer',
      cdn(
        originAt(att('Classic', 'DNSName')),
        {
          Classic: {
            Type: 'AWS::ElasticLoadBalancing::LoadBalancer',
            Properties: {
              Listeners: [{ Protocol: 'TCP', LoadBalancerPort: '443', InstancePort: '443' }],
            },
          },
        },
        { properties: { Group: { LoadBalancerNames: [ref('Classic')] } } },
      ),
    ],
    [
      'behind a network load balancer before its own',
      cdn(originAt(att('Network', 'DNSName')), {
        Network: {
          Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
          Properties: { Type: 'network' },
        },
        NetworkTargets: {
          Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
          Properties: { TargetType: 'alb', Protocol: 'TCP', Targets: [{ Id: ref('Balancer') }] },
        },
        NetworkListener: {
          Type: 'AWS::ElasticLoadBalancingV2::Listener',
          Properties: {
            LoadBalancerArn: ref('Network'),
            Protocol: 'TCP',
            DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('NetworkTargets') }],
          },
        },
      }),
    ],
  ])('%s', (_name, resources) => {
    expect(findings(resources)).toEqual(['CACHE1 Cdn']);
  });
});

/** The dashboard behind a rule of a load balancer that another site has as well. */
const shared = (values: unknown[]): Resources => ({
  Shop: {
    Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    Properties: { Protocol: 'HTTPS' },
  },
  Rule: {
    Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    Properties: {
      ListenerArn: ref('Https'),
      Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: values } }],
      Actions: [{ Type: 'forward', TargetGroupArn: ref('Targets') }],
    },
  },
});
const defaultIsShop = {
  properties: { Https: { DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('Shop') }] } },
};

describe('CACHE1 ignores', () => {
  test.each<[string, Resources]>([
    [
      'another site behind the same load balancer',
      cdn({ Aliases: ['shop.example.org'] }, shared(['dashboard.example']), defaultIsShop),
    ],
    [
      'files in a bucket',
      cdn(originAt(att('Bucket', 'DomainName')), {
        Bucket: { Type: 'AWS::S3::Bucket' },
      }),
    ],
    [
      "files in a bucket under the dashboard's name",
      cdn({
        ...originAt('files.s3.eu-west-1.amazonaws.com'),
        Aliases: ['dashboard.example'],
      }),
    ],
    [
      'another name of the same load balancer',
      cdn(
        originAt('shop.example.org'),
        {
          ...shared(['dashboard.example.org']),
          ...record('shop.example.org.', att('Balancer', 'DNSName')),
        },
        defaultIsShop,
      ),
    ],
    [
      'a static name that Python gives',
      cdn(originAt('media.example.org'), record('media.example.org.', att('Balancer', 'DNSName')), {
        environment: { STATIC_BASE_URL: undefined },
        script: "STATIC_URL = 'https://media.example.org/media/'\n",
      }),
    ],
    [
      'a record of something else',
      cdn(originAt('origin.example.net'), record('origin.example.net.', 'other.example.net')),
    ],
  ])('%s', (_name, resources) => {
    expect(findings(resources)).toEqual([]);
    expect(undecided(resources)).toEqual([]);
  });
});

test('CACHE1 finds a shared load balancer if the name may be the dashboard', () => {
  const wild = cdn({ Aliases: ['shop.example.org'] }, shared(['*.example.org']), defaultIsShop);
  expect(findings(wild)).toEqual(['CACHE1 Cdn']);
});

test.each<[string, Resources]>([
  ['a policy made elsewhere', distribution({ CachePolicyId: UNKNOWN })],
  [
    'TTLs of the deployment',
    distribution({ CachePolicyId: ref('Policy') }, { more: policy(0, ref('Given')) }),
  ],
  ['an origin made elsewhere', distribution(optimized, { domain: UNKNOWN })],
  ['a path of the deployment', second(ref('Given'), optimized)],
])('CACHE1 reports that it cannot decide %s', (_name, resources) => {
  expect(findings(resources)).toEqual([]);
  expect(undecided(resources)).toEqual(['CACHE1 Cdn']);
});

test('CACHE1 checks each branch of a condition, and reports which one is wrong', () => {
  const policyId = either(MANAGED_CACHING_OPTIMIZED, MANAGED_CACHING_DISABLED);
  const { violations } = report(distribution({ CachePolicyId: policyId }));
  expect(violations).toHaveLength(1);
  expect(violations[0].description).toMatch(/ This applies where Production is true\.$/);
  expect(violations[0].violatingResources[0].locations).toEqual([
    'Properties.DistributionConfig.DefaultCacheBehavior (where Production is true)',
  ]);
});

describe('CACHE2 and CACHE3 see', () => {
  const packed = (text: string): string => Buffer.from(text).toString('base64');
  const zipped = (text: string): string => gzipSync(text).toString('base64');
  const VARNISH = '#!/bin/bash\napt-get install -y varnish\n';
  const mime = (...parts: string[]): string =>
    [
      'Content-Type: multipart/mixed; boundary="=="',
      'MIME-Version: 1.0',
      '',
      ...parts.flatMap((part) => ['--==', part]),
      '--==--',
      '',
    ].join('\n');
  const script64 = `Content-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\n${packed(VARNISH)}`;

  test.each<[string, unknown]>([
    ['user data in base64', packed(VARNISH)],
    ['compressed user data', zipped(VARNISH)],
    [
      'a part of a message',
      { 'Fn::Base64': mime(`Content-Type: text/x-shellscript\n\n${VARNISH}`) },
    ],
    ['a part in base64', { 'Fn::Base64': mime(script64) }],
    [
      'a compressed message in a message',
      {
        'Fn::Base64': mime(
          `Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n${zipped(mime(script64))}`,
        ),
      },
    ],
    [
      'packages of a cloud-config in JSON',
      { 'Fn::Base64': `#cloud-config\n${JSON.stringify({ packages: ['nginx', 'varnish'] })}` },
    ],
    ['runcmd', { 'Fn::Base64': '#cloud-config\nruncmd:\n  - [apt-get, install, -y, varnish]\n' }],
    ['bootcmd', { 'Fn::Base64': '#cloud-config\nbootcmd:\n  - systemctl start varnish\n' }],
    [
      'a file of cloud-config',
      {
        'Fn::Base64': `#cloud-config\nwrite_files:\n  - path: /run/x\n    encoding: gz+b64\n    content: ${zipped(VARNISH)}\n`,
      },
    ],
    [
      'a file of cloud-config over several lines',
      {
        'Fn::Base64': `#cloud-config\nwrite_files:\n- encoding: b64\n  content: |\n${packed(VARNISH).replace(/(.{1,20})/g, '    $1\n')}\n  path: /run/x\n`,
      },
    ],
    [
      'a file of cloud-config in quotes',
      { 'Fn::Base64': `#cloud-config\nwrite_files:\n- content: ${JSON.stringify(VARNISH)}\n` },
    ],
    [
      'what a script decodes',
      { 'Fn::Base64': `echo ${zipped(VARNISH)} | base64 -d | zcat | sh\n` },
    ],
    ['one branch of a condition', { 'Fn::Base64': either('echo\n', VARNISH) }],
    [
      'a value that is selected',
      {
        'Fn::Base64': {
          'Fn::Join': ['', ['yum install ', { 'Fn::Select': [1, ['a', 'varnish']] }]],
        },
      },
    ],
  ])('%s', (_name, data) => {
    const resources = dashboard();
    resources.Host.Properties = {
      LaunchTemplateData: { MetadataOptions: { HttpTokens: 'required' }, UserData: data },
    };
    expect(findings(resources)).toContain('CACHE2 Host');
  });

  const machine = (Type: string): Resources => ({
    ...dashboard(),
    Other: {
      Type,
      Properties: { UserData: { 'Fn::Base64': 'varnishd -b dashboard.example:443\n' } },
    },
  });
  test.each(['AWS::EC2::Instance', 'AWS::AutoScaling::LaunchConfiguration'])(
    'user data of %s',
    (type) => {
      expect(findings(machine(type))).toEqual(['CACHE2 Other']);
    },
  );

  const init = (config: unknown): Resources => {
    const resources = dashboard();
    resources.Group.Metadata = { 'AWS::CloudFormation::Init': { config } };
    return resources;
  };
  test.each<[string, unknown]>([
    ['packages', { packages: { apt: { nginx: [], varnish: ['7.1'] } } }],
    ['commands', { commands: { '01': { command: 'apt-get install -y varnish' } } }],
    ['commands in words', { commands: { '01': { command: ['apt-get', 'install', 'varnish'] } } }],
    ['services', { services: { systemd: { varnish: { enabled: true, ensureRunning: true } } } }],
    ['files', { files: { '/run/x': { content: { 'Fn::Sub': VARNISH } } } }],
    ['files in base64', { files: { '/run/x': { content: packed(VARNISH), encoding: 'base64' } } }],
  ])("%s of the group's cfn-init", (_name, config) => {
    expect(findings(init(config))).toEqual(['CACHE2 Group']);
  });
  test('that cfn-init stops a service', () => {
    const off = { enabled: false, ensureRunning: 'false' };
    expect(findings(init({ services: { systemd: { varnish: off } } }))).toEqual([]);
  });

  const image = (...components: string[]): Resources =>
    Object.fromEntries<Resources[string]>([
      ...components.map((Data, index): [string, Resources[string]] => [
        `Step${index}`,
        { Type: 'AWS::ImageBuilder::Component', Properties: { Name: 's', Data } },
      ]),
      [
        'Recipe',
        {
          Type: 'AWS::ImageBuilder::ImageRecipe',
          Properties: {
            Components: components.map((_data, index) => ({
              ComponentArn: att(`Step${index}`, 'Arn'),
            })),
          },
        },
      ],
      [
        'Image',
        {
          Type: 'AWS::ImageBuilder::Image',
          Properties: { ImageRecipeArn: att('Recipe', 'Arn') },
        },
      ],
    ]);
  const step = (command: string): string =>
    `phases:\n  - name: build\n    steps:\n      - action: ExecuteBash\n        inputs:\n          commands:\n            - ${command}\n`;

  test("a step of the image of the dashboard's hosts", () => {
    const resources = dashboard({ more: image(step('apt-get install -y varnish')) });
    const data = resources.Host.Properties!.LaunchTemplateData as Record<string, unknown>;
    expect(findings(resources)).toEqual([]);
    data.ImageId = att('Image', 'ImageId');
    expect(findings(resources)).toEqual(['CACHE2 Step0']);
  });
  test('a step next to one that installs the dashboard', () => {
    const steps = [step('apt-get install -y openstack-dashboard'), step('apt-get install varnish')];
    expect(findings(image(...steps))).toEqual(['CACHE2 Step1']);
    expect(findings(image(step('apt-get install -y nginx'), steps[1]))).toEqual([]);
  });
  test("a container's image", () => {
    const recipe = (template: string): Resources => ({
      Recipe: {
        Type: 'AWS::ImageBuilder::ContainerRecipe',
        Properties: { DockerfileTemplateData: template },
      },
    });
    const lines = 'RUN apt-get install -y openstack-dashboard\n';
    expect(findings(recipe(`FROM debian\n${lines}RUN apt-get install -y varnish\n`))).toEqual([
      'CACHE2 Recipe',
    ]);
    expect(findings(recipe(`FROM varnish:7\n${lines}`))).toEqual(['CACHE2 Recipe']);
    expect(findings(recipe(`FROM debian\n${lines}`))).toEqual([]);
  });

  const document = (commands: string[], more: Resources = {}): Resources => ({
    Document: {
      Type: 'AWS::SSM::Document',
      Properties: {
        Name: 'Provision',
        Content: {
          schemaVersion: '2.2',
          mainSteps: [{ action: 'aws:runShellScript', inputs: { runCommand: commands } }],
        },
      },
    },
    ...more,
  });
  test('a document that installs the dashboard', () => {
    const install = 'dnf install -y openstack-dashboard';
    expect(findings(document([install, 'dnf install -y varnish']))).toEqual(['CACHE2 Document']);
    expect(findings(document(['dnf install -y varnish']))).toEqual([]);
    const text = document([install, 'dnf install -y varnish']);
    const properties = text.Document.Properties!;
    properties.Content = JSON.stringify(properties.Content);
    expect(findings(text)).toEqual(['CACHE2 Document']);
  });
  test('a document that a dashboard runs', () => {
    const runs = 'aws ssm send-command --document-name Provision\n';
    expect(findings({ ...script(runs), ...document(['apt-get install -y varnish']) })).toEqual([
      'CACHE2 Document',
    ]);
  });
  test('a parameter that a dashboard fetches', () => {
    const parameter: Resources = {
      Parameter: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Name: '/dashboard/nginx', Value: 'location / { proxy_cache pages; }' },
      },
    };
    expect(findings({ ...dashboard(), ...parameter })).toEqual([]);
    const asks = { 'Fn::Sub': 'aws ssm get-parameter --name ${Parameter}\n' };
    expect(findings({ ...script(asks), ...parameter })).toEqual(['CACHE3 Parameter']);
    const named = script('aws ssm get-parameter --name /dashboard/nginx > /etc/nginx/conf.d/a\n');
    expect(findings({ ...named, ...parameter })).toEqual(['CACHE3 Parameter']);
  });

  const task = (...containers: Record<string, unknown>[]): Resources => ({
    Front: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: { ContainerDefinitions: containers },
    },
  });
  test.each<[string, Record<string, unknown>]>([
    [
      'an image with the name of the dashboard in its environment',
      {
        Image: 'varnish:7',
        Environment: [{ Name: 'BACKEND', Value: 'https://dashboard.example' }],
      },
    ],
    [
      'a command with its load balancer',
      { Image: 'alpine', Command: ['varnishd', '-F', '-b', att('Balancer', 'DNSName')] },
    ],
  ])('a task in front of the dashboard: %s', (_name, container) => {
    expect(findings({ ...dashboard(), ...task(container) })).toEqual(['CACHE2 Front']);
  });
  test('that a task is for something else', () => {
    const container = { Image: 'varnish:7', Environment: [{ Name: 'BACKEND', Value: 'shop' }] };
    expect(findings({ ...dashboard(), ...task(container) })).toEqual([]);
  });
  test('that an image next to the dashboard is not known at synth time', () => {
    const horizon = { Image: 'registry.example.org/kolla/horizon:2025.1' };
    const resources = task(horizon, { Image: ref('Given') });
    expect(findings(resources)).toEqual([]);
    expect(undecided(resources)).toEqual(['CACHE2 Front']);
  });
  test('user data that is not known at synth time', () => {
    const resources = dashboard();
    resources.Host.Properties = {
      LaunchTemplateData: { MetadataOptions: { HttpTokens: 'required' }, UserData: UNKNOWN },
    };
    expect(findings(resources)).toEqual([]);
    // And what other rules look for in a script.
    expect(undecided(resources)).toEqual(
      expect.arrayContaining(['CACHE2 Host', 'CACHE3 Host', 'CACHE5 Host', 'PROXY4 Host']),
    );
  });
});

describe('CACHE3 ignores', () => {
  test.each([
    ['static media', 'location /static/ {\n  proxy_cache media;\n  proxy_pass http://static;\n}\n'],
    [
      'static media in one of several blocks',
      'server { location ^~ /static/ { uwsgi_cache media; } location / { uwsgi_cache off; } }\n',
    ],
  ])('a cache of %s', (_name, text) => {
    expect(findings(script(text))).toEqual([]);
  });

  const two = (cachedSite: string): string =>
    `server {\n  server_name dashboard.example;\n  ${cachedSite === 'dashboard' ? 'proxy_cache a;' : ''}\n}\n` +
    `server {\n  server_name shop.example.net;\n  ${cachedSite === 'shop' ? 'proxy_cache a;' : ''}\n}\n`;
  test('another site on a host in front of the dashboard', () => {
    expect(findings(host(two('shop')))).toEqual([]);
    expect(findings(host(two('dashboard')))).toEqual(['CACHE3 Front']);
  });
  test('no site that an upstream leads to the dashboard', () => {
    const upstream = 'upstream horizon { server dashboard.example:443; }\n';
    const server = 'server {\n  proxy_cache a;\n  proxy_pass https://horizon;\n}\nserver { }\n';
    expect(findings(host(upstream + server))).toEqual(['CACHE3 Front']);
  });
});

const api = (
  stage: Record<string, unknown>,
  integration: Record<string, unknown> = {
    Uri: { 'Fn::Join': ['', ['https://', att('Balancer', 'DNSName'), '/{proxy}']] },
  },
): Resources => ({
  Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'api' } },
  Method: {
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      RestApiId: ref('Api'),
      HttpMethod: 'ANY',
      Integration: { Type: 'HTTP_PROXY', ...integration },
    },
  },
  Stage: { Type: 'AWS::ApiGateway::Stage', Properties: { RestApiId: ref('Api'), ...stage } },
});
const cachedStage = { CacheClusterEnabled: true, CacheClusterSize: '0.5' };
const methods = (...settings: Record<string, unknown>[]): Record<string, unknown> => ({
  ...cachedStage,
  MethodSettings: settings,
});
const gateway = (...given: Parameters<typeof api>): Resources => dashboard({ more: api(...given) });

rule('CACHE4', {
  on: 'Stage',
  compliant: {
    'no cache': gateway({}),
    'a cache that is off': gateway({ CacheClusterEnabled: 'false' }),
    'a cache that no method uses': gateway(
      methods({ ResourcePath: '/*', HttpMethod: '*', CachingEnabled: false }),
    ),
    'a cache of static media alone': gateway(
      methods(
        { ResourcePath: '/*', HttpMethod: '*', CachingEnabled: false },
        { ResourcePath: '/~1static~1{file+}', HttpMethod: 'GET', CachingEnabled: true },
      ),
    ),
  },
  wrong: {
    'a cache before the load balancer': gateway(cachedStage),
    'a cache before a name of the dashboard': gateway(cachedStage, {
      Uri: 'https://dashboard.example/{proxy}',
    }),
    'a cache of all methods': gateway(
      methods({ ResourcePath: '/*', HttpMethod: '*', CachingEnabled: true }),
    ),
    'a cache of one method': gateway(
      methods(
        { ResourcePath: '/*', HttpMethod: '*', CachingEnabled: false },
        { ResourcePath: '/~1identity', HttpMethod: 'GET', CachingEnabled: 'true' },
      ),
    ),
    'a cache in one branch': gateway({ CacheClusterEnabled: either(true, false) }),
    'an API of a description': dashboard({
      more: {
        ...api(cachedStage, {}),
        Api: {
          Type: 'AWS::ApiGateway::RestApi',
          Properties: {
            Body: {
              paths: { '/': { get: { uri: { 'Fn::Sub': 'https://${Balancer.DNSName}/' } } } },
            },
          },
        },
      },
    }),
    'a link to a network load balancer': dashboard({
      more: {
        ...api(cachedStage, { ConnectionType: 'VPC_LINK', ConnectionId: ref('Link') }),
        Link: {
          Type: 'AWS::ApiGateway::VpcLink',
          Properties: { TargetArns: [ref('Balancer')] },
        },
      },
    }),
  },
  notApplicable: {
    'an API of something else': gateway(cachedStage, { Uri: 'https://shop.example.net/' }),
    'an app without a dashboard': withoutDashboard(gateway(cachedStage)),
  },
  unknown: { 'an API made elsewhere': gateway({ ...cachedStage, RestApiId: UNKNOWN }) },
  undecided: { 'a parameter': gateway({ CacheClusterEnabled: ref('Given') }) },
});

test('CACHE4 finds a stage that is described in a deployment', () => {
  const { Stage, ...rest } = gateway({});
  const StageDescription = { CacheClusterEnabled: true };
  expect(Stage.Type).toBe('AWS::ApiGateway::Stage');
  expect(
    findings({
      ...rest,
      Deployment: {
        Type: 'AWS::ApiGateway::Deployment',
        Properties: { RestApiId: ref('Api'), StageDescription },
      },
    }),
  ).toEqual(['CACHE4 Deployment']);
});

rule('CACHE5', {
  on: 'Host',
  compliant: {
    'a host without a proxy': dashboard(),
    'a proxy in a comment': script('# CacheEnable disk /\n# apt-get install squid\n'),
    'Apache with static media cached': script('CacheEnable disk /static\n'),
    'Apache with static media cached in its place': script(
      '<Location "/static/">\n  CacheEnable disk\n</Location>\n',
    ),
    'HAProxy without a cache': script('cache pages\n  total-max-size 4\nbalance roundrobin\n'),
    'HAProxy with static media cached': script(
      'http-request cache-use media if { path_beg /static/ }\n',
    ),
    'Squid for the way out': script(
      'apt-get install -y squid\necho "http_port 127.0.0.1:3128" > /etc/squid/squid.conf\n',
    ),
    'Squid that keeps nothing': script('apt-get install -y squid\ncache deny all\n'),
    'the removal of Squid': script('apt-get purge -y squid\n'),
  },
  wrong: {
    Squid: script('apt-get install -y squid\n'),
    'Squid before a site': script('yum install -y squid\nhttp_port 80 accel defaultsite=d\n'),
    "Apache's mod_cache": script('CacheEnable disk /\n'),
    "Apache's mod_cache in a place": script('<Location "/">\n  CacheEnable socache\n</Location>\n'),
    'HAProxy with a cache': script('  http-response cache-store pages\n'),
    Envoy: script('- name: envoy.filters.http.cache\n'),
    Traefik: script('traefik --experimental.plugins.s.moduleName=github.com/darkweak/souin\n'),
    'Traffic Server': script('apt-get install -y trafficserver\n'),
    'a daemon in one branch': script(either('/usr/sbin/squid -N\n', 'nginx\n')),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(script('apt-get install squid\n')),
  },
  unknown: { 'a package of the deployment': script({ 'Fn::Sub': 'apt-get install ${Given}\n' }) },
  undecided: {
    'user data made elsewhere': {
      ...dashboard(),
      Host: {
        ...dashboard().Host,
        Properties: { LaunchTemplateData: { UserData: UNKNOWN } },
      },
    },
  },
});

test('CACHE5 finds a proxy container next to the dashboard', () => {
  const task = (Image: string): Resources => ({
    Task: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: { ContainerDefinitions: [{ Image: 'kolla/horizon' }, { Image }] },
    },
  });
  expect(findings(task('ubuntu/squid:latest'))).toEqual(['CACHE5 Task']);
  expect(findings(task('haproxy:3'))).toEqual([]);
});
