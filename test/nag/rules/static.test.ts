import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { OpenStackDashboardProps } from '../../../lib';
import { Facts } from '../../../lib/nag/dashboard/facts';
import { judge } from '../../../lib/nag/pack/judge';
import { staticBuild } from '../../../lib/nag/rules/static/build';
import { cfnResources, newDashboard, newStack } from '../../unit/fixtures';
import {
  CHOICE,
  Resources,
  UNKNOWN,
  att,
  dashboard,
  elsewhere,
  findings,
  joined,
  ref,
  rule,
  script,
  scripts,
  withoutDashboard,
} from '../fixtures';

const base = (STATIC_BASE_URL: unknown, more: Resources = {}): Resources => ({
  ...dashboard({ environment: { STATIC_BASE_URL } }),
  ...more,
});

rule('STATIC1', {
  on: 'Host',
  compliant: scripts(
    'location /static/ {\n  root /srv;\n  expires max;\n}\nlocation / {\n  proxy_pass http://app;\n}\n',
    'location /static/ {\n  proxy_pass https://static.dashboard.example;\n}\n',
    'location / {\n  proxy_pass http://app;\n}\nlocation /static/ {\n  proxy_pass http://files;\n}\n',
    'location /statistics/ { proxy_pass http://app; }\n',
    'location / { proxy_pass http://app; } # not /static\n',
  ),
  wrong: scripts(
    'location /static/ {\n  proxy_pass http://unix:/run/gunicorn.sock;\n}\n',
    'location ^~ /static { uwsgi_pass app; }\n',
    'location / {\n  proxy_pass http://app;\n}\nlocation /static/ {\n  proxy_pass http://app;\n}\n',
    'pip3 install whitenoise\n',
    "MIDDLEWARE.insert(1, 'whitenoise.middleware.WhiteNoiseMiddleware')\n",
  ),
  notApplicable: elsewhere('pip3 install whitenoise\n'),
  unknown: { 'a parameter': script(joined('pip3 install ', ref('Given'), '\n')) },
});

/** A listener rule that sends a name to the static tier. */
const byName = (name: string, group = 'StaticTargets'): Resources => ({
  StaticRule: {
    Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    Properties: {
      ListenerArn: ref('Https'),
      Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: [name] } }],
      Actions: [{ Type: 'forward', TargetGroupArn: ref(group) }],
    },
  },
});
const OWN = 'https://static.dashboard.example/static/';

rule('STATIC2', {
  on: 'Host',
  compliant: {
    'a subdomain of the dashboard': base(OWN),
    'a CDN': base('https://d111111abcdef8.cloudfront.net/static/'),
    'a sibling that a CDN may be': {
      ...dashboard({
        environment: {
          ALLOWED_HOSTS: 'dashboard.example.org',
          STATIC_BASE_URL: 'https://cdn.example.org/static/',
        },
      }),
    },
  },
  wrong: {
    'a path': base('/static/'),
    "the dashboard's own name": base('https://dashboard.example/static/'),
    'the domain above': dashboard({
      environment: {
        ALLOWED_HOSTS: 'cloud.example.org',
        STATIC_BASE_URL: 'https://example.org/static/',
      },
    }),
    'a sibling on the same load balancer': {
      ...dashboard({
        environment: {
          ALLOWED_HOSTS: 'cloud.example.org',
          STATIC_BASE_URL: 'https://static.example.org/static/',
        },
      }),
      ...byName('static.example.org', 'Targets'),
    },
  },
  notApplicable: {
    'nothing said': base(undefined),
    'a host of something else': withoutDashboard(base('/static/')),
  },
  unknown: {
    'a parameter': base(ref('Given')),
    'a name of the deployment': base(joined('https://static.', ref('Given'), '/static/')),
  },
});

/** A static tier of its own behind the dashboard's listener. */
const tier = (
  group: Record<string, unknown> = {},
  userData: unknown = 'SERVER_NAME="static.dashboard.example"\n',
  more: Resources = {},
): Resources => ({
  ...base(OWN, byName('static.dashboard.example')),
  StaticTargets: {
    Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    Properties: { Protocol: 'HTTPS', Port: 443, ...group },
  },
  StaticGroup: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      LaunchTemplate: { LaunchTemplateId: ref('StaticHost'), Version: '1' },
      TargetGroupARNs: [ref('StaticTargets')],
    },
  },
  StaticHost: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: { LaunchTemplateData: { UserData: { 'Fn::Base64': userData } } },
  },
  ...more,
});
const sticky = (Value: unknown, type?: string): Record<string, unknown> => ({
  TargetGroupAttributes: [
    { Key: 'stickiness.enabled', Value },
    ...(type ? [{ Key: 'stickiness.type', Value: type }] : []),
  ],
});

test('a correct static tier has no findings', () => {
  expect(findings(tier())).toEqual([]);
});

rule('STATIC3', {
  on: 'StaticTargets',
  compliant: {
    'no stickiness': tier(sticky('false')),
    'nothing said': tier(),
    'stickiness by address, which needs no cookie': tier(sticky('true', 'source_ip')),
  },
  wrong: {
    stickiness: tier(sticky('true')),
    'of the application': tier(sticky('true', 'app_cookie')),
  },
  notApplicable: {
    'a group of something else': { StaticTargets: tier(sticky('true')).StaticTargets },
    'no dashboard': withoutDashboard(tier(sticky('true'))),
  },
  unknown: {
    'a parameter': tier(sticky(ref('Given'))),
    'what a condition chooses': tier({ TargetGroupAttributes: CHOICE }),
  },
});

const actions = (...before: unknown[]): Resources => {
  const resources = tier();
  const { Properties, Type } = resources.StaticRule;
  return {
    ...resources,
    StaticRule: {
      Type,
      Properties: { ...Properties, Actions: [...before, ...(Properties!.Actions as unknown[])] },
    },
  };
};
const forward = (Enabled: unknown): unknown => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: [{ TargetGroupArn: ref('StaticTargets') }],
    TargetGroupStickinessConfig: { Enabled },
  },
});

rule('STATIC3', {
  on: 'StaticRule',
  compliant: { 'forwards alone': tier(), 'no stickiness': actions(forward(false)) },
  wrong: {
    'a login, which is kept in a cookie': actions({ Type: 'authenticate-oidc' }),
    'stickiness to a group': actions(forward(true)),
  },
  notApplicable: {
    'a rule to the dashboard': base(OWN, byName('static.dashboard.example', 'Targets')),
  },
  unknown: { 'a parameter': actions(forward(ref('Given'))), 'an import': actions(UNKNOWN) },
});

const host = (text: unknown): Resources => tier({}, text);

rule('STATIC3', {
  on: 'StaticHost',
  compliant: {
    'no cookies': tier(),
    'cookies off': host('userid off;\n'),
    'a comment': host('# add_header Set-Cookie a=b;\n'),
  },
  wrong: {
    'a header': host('add_header Set-Cookie "seen=1";\n'),
    'a cookie of nginx': host('userid on;\n'),
    'one of hosts of several types': {
      ...host('userid on;\n'),
      StaticGroup: {
        Type: 'AWS::AutoScaling::AutoScalingGroup',
        Properties: {
          MixedInstancesPolicy: {
            LaunchTemplate: {
              LaunchTemplateSpecification: { LaunchTemplateId: ref('StaticHost'), Version: '1' },
            },
          },
          TargetGroupARNs: [ref('StaticTargets')],
        },
      },
    },
  },
  notApplicable: {
    'a host of something else': { StaticHost: host('userid on;\n').StaticHost },
  },
  unknown: { 'a parameter': host(joined('userid ', ref('Given'), ';\n')) },
});

rule('STATIC4', {
  on: 'StaticHost',
  compliant: { 'files alone': tier(), 'no methods': host('dav_methods off;\n') },
  wrong: {
    'uploads by WebDAV': host('dav_methods PUT DELETE;\n'),
    'uploads by a module': host('location /up {\n  upload_pass @done;\n}\n'),
  },
  notApplicable: {
    'a host of something else': { StaticHost: host('dav_methods PUT;\n').StaticHost },
  },
  unknown: { 'a parameter': host(joined('dav_methods ', ref('Given'), ';\n')) },
});

const bucket = (properties: Record<string, unknown>): Resources => ({
  ...dashboard({ script: joined('ASSET_BUCKET="', ref('Assets'), '"\n') }),
  Assets: { Type: 'AWS::S3::Bucket', Properties: properties },
});
const cors = (rule: unknown): Resources => bucket({ CorsConfiguration: { CorsRules: [rule] } });
const cdn = (
  properties: Record<string, unknown>,
  config: Record<string, unknown> = {},
): Resources => ({
  ...base(OWN),
  Assets: { Type: 'AWS::S3::Bucket', Properties: properties },
  Cdn: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Aliases: ['static.dashboard.example'],
        Origins: [{ Id: 'assets', DomainName: att('Assets', 'RegionalDomainName') }],
        DefaultCacheBehavior: {
          TargetOriginId: 'assets',
          CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
          ViewerProtocolPolicy: 'redirect-to-https',
          ...config,
        },
      },
    },
  },
});

rule('STATIC4', {
  on: 'Assets',
  compliant: {
    'nothing said': bucket({}),
    'reads from the dashboard': cors({
      AllowedMethods: ['GET', 'HEAD'],
      AllowedOrigins: ['https://dashboard.example'],
    }),
    'behind a CDN': cdn({}),
  },
  wrong: {
    'uploads from browsers': cors({ AllowedMethods: ['GET', 'PUT'], AllowedOrigins: [] }),
    'everybody writes': bucket({ AccessControl: 'PublicReadWrite' }),
    'everybody writes behind a CDN': cdn({ AccessControl: 'PublicReadWrite' }),
  },
  notApplicable: {
    'a bucket of something else': {
      ...dashboard(),
      Assets: { Type: 'AWS::S3::Bucket', Properties: { AccessControl: 'PublicReadWrite' } },
    },
  },
  unknown: {
    'a parameter': bucket({ AccessControl: ref('Given') }),
    'rules that a condition chooses': bucket({ CorsConfiguration: CHOICE }),
  },
});

rule('STATIC5', {
  on: 'Host',
  compliant: { HTTPS: base(OWN), 'a path, which has the scheme of the page': base('/static/') },
  wrong: {
    HTTP: base('http://static.dashboard.example/static/'),
    'HTTP before a name of the deployment': base(joined('http://', ref('Given'), '/static/')),
  },
  notApplicable: {
    'nothing said': base(undefined),
    'a host of something else': withoutDashboard(base('http://static.dashboard.example/static/')),
  },
  unknown: { 'a parameter': base(ref('Given')), 'what a condition chooses': base(CHOICE) },
});

rule('STATIC5', {
  on: 'StaticTargets',
  compliant: { HTTPS: tier() },
  wrong: { HTTP: tier({ Protocol: 'HTTP' }) },
  notApplicable: {
    'a group of something else': { StaticTargets: tier({ Protocol: 'HTTP' }).StaticTargets },
  },
  unknown: { 'a parameter': tier({ Protocol: ref('Given') }) },
});

rule('STATIC5', {
  on: 'Cdn',
  compliant: { 'a redirect': cdn({}) },
  wrong: { HTTP: cdn({}, { ViewerProtocolPolicy: 'allow-all' }) },
  notApplicable: {
    'a distribution of something else': {
      ...dashboard(),
      Cdn: cdn({}, { ViewerProtocolPolicy: 'allow-all' }).Cdn,
      Host: dashboard({ environment: { STATIC_BASE_URL: 'https://s.dashboard.example/static/' } })
        .Host,
    },
  },
  unknown: { 'a parameter': cdn({}, { ViewerProtocolPolicy: ref('Given') }) },
});

/** A state machine that launches the host's template, and perhaps builds an image of the instance. */
function withMachine(call: string, changes: Resources = {}): Resources {
  const definition = (template: string): unknown => ({
    'Fn::Join': [
      '',
      [
        '{"StartAt":"Build","States":{"Build":{"Type":"Task","Resource":"arn:',
        ref('AWS::Partition'),
        `:states:::aws-sdk:ec2:${call}","Arguments":{"LaunchTemplate":"`,
        ref(template),
        '"},"End":true}}}',
      ],
    ],
  });
  const found = script('python3 manage.py compress\n');
  return {
    ...found,
    Build: found.Host,
    Bake: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: { RoleArn: UNKNOWN, DefinitionString: definition('Build') },
    },
    ...changes,
  };
}

rule('STATIC6', {
  on: 'Build',
  compliant: { 'an image of the instance': withMachine('createImage') },
  wrong: {
    'no image': withMachine('terminateInstances'),
    'an image of an instance of a group': withMachine('createImage', {
      Group: {
        Type: 'AWS::AutoScaling::AutoScalingGroup',
        Properties: {
          MinSize: '2',
          MaxSize: '4',
          LaunchTemplate: { LaunchTemplateId: ref('Build'), Version: '1' },
        },
      },
    }),
  },
  notApplicable: {
    'an image of something else': withMachine('createImage', {
      Build: withoutDashboard(script('python3 manage.py compress\n')).Host,
    }),
  },
  unknown: {
    'a parameter': withMachine('createImage', {
      Build: script(joined('manage.py ', ref('Given'))).Host,
    }),
  },
});

// Hosts compress what an image of another release lacks, and only the bake does it for all of them.
test('STATIC6 reads what a bake runs as a build, and the same on its hosts as a mistake', () => {
  const places = (props: Partial<OpenStackDashboardProps>): string[] => {
    const stack = newStack();
    const userData = ec2.UserData.forLinux();
    userData.addCommands('python3 /usr/share/openstack-dashboard/manage.py compress');
    newDashboard(stack, { hosts: { userData }, ...props });
    const facts = new Facts(stack.node.root, { dashboards: [], memcachedClusters: [] });
    return cfnResources(stack)
      .filter((node) => staticBuild.types.includes(node.cfnResourceType))
      .filter((node) => judge(staticBuild, facts.resource(node)!, facts)?.places.length)
      .map(({ node }) => node.path);
  };
  expect(places({})).toEqual(['Stack/Dashboard/Hosts/LaunchTemplate/Resource']);
  expect(places({ bakedImages: {} })).toEqual(['Stack/Dashboard/Hosts/LaunchTemplate/Resource']);
});

rule('STATIC6', {
  on: 'Host',
  compliant: scripts(
    'python3 manage.py collectstatic --noinput\n',
    'tar --compress -xf assets.tar\n',
    '# manage.py compress\n',
  ),
  wrong: scripts(
    'python3 /usr/share/openstack-dashboard/manage.py compress --force\n',
    'cd /srv && ./manage.py compress\n',
  ),
  notApplicable: elsewhere('manage.py compress\n'),
  unknown: { 'a command of the deployment': script(joined('manage.py ', ref('Given'))) },
});

rule('STATIC7', {
  on: 'Host',
  compliant: scripts(
    'apt-get install -y less\n',
    'apt-get purge -y nodejs\n',
    'echo nodejs\n',
    '# apt-get install nodejs\n',
    'apt-get install -y prometheus-node-exporter\n',
  ),
  wrong: scripts(
    'apt-get install -y nodejs npm\n',
    'curl -fsSL x | bash - && apt-get install -y node-less\n',
    'npm install -g less lessc\n',
    '#cloud-config\npackages:\n  - nodejs\n',
    'PACKAGES="openstack-dashboard nodejs"\n',
    'dnf module install -y nodejs:20\n',
  ),
  notApplicable: elsewhere('apt-get install -y nodejs\n'),
  unknown: { 'a package of the deployment': script(joined('apt-get install -y ', UNKNOWN)) },
});
