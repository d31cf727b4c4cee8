// Stacks as other people write them: each is one mechanism by which a finding was missed, or made up.
import { App, CfnOutput, CfnResource, Stack } from 'aws-cdk-lib';
import { OpenStackDashboardChecks } from '../../../lib/nag';
import {
  MANAGED_CACHING_DISABLED,
  MANAGED_CACHING_OPTIMIZED,
  Resources,
  appOf,
  att,
  dashboard,
  findings,
  ref,
  undecided,
} from '../fixtures';

const INSTALL = 'apt-get install -y openstack-dashboard\n';
const SETTINGS = '/etc/openstack-dashboard/local_settings.py';

/** A launch template of a host that installs the dashboard, with more commands. */
const host = (script: string, data: Record<string, unknown> = {}): Resources => ({
  Host: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required' },
        UserData: { 'Fn::Base64': `#!/bin/bash\n${INSTALL}${script}\n` },
        ...data,
      },
    },
  },
});
const python = (text: string): Resources => host(`cat > ${SETTINGS} <<'E'\n${text}\nE`);
const task = (container: Record<string, unknown>, ...others: unknown[]): Resources => ({
  Task: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      ContainerDefinitions: [
        { Name: 'horizon', Image: 'quay.io/openstack.kolla/horizon:2025.1', ...container },
        ...others,
      ],
    },
  },
});
const instance = (properties: Record<string, unknown> = {}): Resources => ({
  Machine: {
    Type: 'AWS::EC2::Instance',
    Properties: {
      MetadataOptions: { HttpTokens: 'required' },
      UserData: { 'Fn::Base64': `#!/bin/bash\n${INSTALL}` },
      ...properties,
    },
  },
});
const cdn = (
  DomainName: unknown,
  origin: Record<string, unknown>,
  behavior: Record<string, unknown>,
): Resources => ({
  Cdn: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Enabled: true,
        Origins: [{ Id: 'o', DomainName, ...origin }],
        DefaultCacheBehavior: {
          TargetOriginId: 'o',
          ViewerProtocolPolicy: 'redirect-to-https',
          CachePolicyId: MANAGED_CACHING_DISABLED,
          ...behavior,
        },
      },
    },
  },
});
const caching = { CachePolicyId: MANAGED_CACHING_OPTIMIZED };
const overTls = { CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } };
const overHttp = { CustomOriginConfig: { OriginProtocolPolicy: 'http-only' } };

const CASES: [string, Resources, string[]][] = [
  [
    'sed on the settings',
    host(`sed -i 's/^DEBUG.*/DEBUG = True/' ${SETTINGS}`),
    ['SETTINGS1 Host'],
  ],
  [
    'a line appended after cd',
    host("cd /etc/openstack-dashboard && echo 'DEBUG = True' >> local_settings.py"),
    ['SETTINGS1 Host'],
  ],
  [
    'a function that writes settings',
    host(`set_() { printf "%s = %s\\n" "$1" "$2" >> ${SETTINGS}; }\nset_ DEBUG True`),
    ['SETTINGS1 Host'],
  ],
  [
    'packages by a loop',
    host('for each in varnish curl; do apt-get install -y "$each"; done'),
    ['CACHE2 Host'],
  ],
  [
    'settings of a container by its shell',
    task({ Command: ['sh', '-c', `echo 'DEBUG = True' >> ${SETTINGS}; exec httpd`] }),
    ['SETTINGS1 Task'],
  ],
  [
    'an entry point and its command',
    task({ EntryPoint: ['python3', 'manage.py'], Command: ['runserver', '127.0.0.1:80'] }),
    ['PROXY1 Task'],
  ],
  [
    'a later file of another program',
    host(`echo 'DEBUG = True' > ${SETTINGS}\necho DEBUG=False > /etc/default/other`),
    ['SETTINGS1 Host'],
  ],
  [
    'a compose file',
    host(
      "cat > /opt/compose.yml <<'E'\nservices:\n  web:\n    image: quay.io/openstack.kolla/horizon:2025.1\n    environment:\n      DEBUG: 'True'\nE",
    ),
    ['SETTINGS1 Host'],
  ],
  ['an annotation', python('DEBUG: bool = True'), ['SETTINGS1 Host']],
  ['a chain of assignments', python('DEBUG = TEMPLATE_DEBUG = True'), ['SETTINGS1 Host']],
  [
    'an update of a dict',
    python("HORIZON_CONFIG.update(password_autocomplete='on')"),
    ['SETTINGS11 Host'],
  ],
  [
    'a union of dicts',
    python("HORIZON_CONFIG |= {'disable_password_reveal': False}"),
    ['SETTINGS10 Host'],
  ],
  ['an appended name', python("ALLOWED_HOSTS.append('*')"), ['SETTINGS3 Host']],
  ['an added list', python("ALLOWED_HOSTS += ['*']"), ['SETTINGS3 Host']],
  [
    'a formatted string',
    python("OPENSTACK_KEYSTONE_URL = f'http://{NAME}:5000/v3'"),
    ['HTTPS5 Host'],
  ],
  [
    'a dict by its constructor',
    python("CACHES = dict(default=dict(BACKEND='django.core.cache.backends.dummy.DummyCache'))"),
    ['SESSION10 Host'],
  ],
  [
    "the guide's own snippet",
    python(
      "CACHES = {\n  'default': {'BACKEND': 'django.core.cache.backends.memcached.MemcachedCache'},\n}",
    ),
    ['SESSION10 Host'],
  ],
  [
    'a cache without an alias',
    python("CACHES = {'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache'}"),
    ['SESSION10 Host'],
  ],
  ['static media over HTTP', python("STATIC_URL = 'http://static.example.org/'"), ['STATIC5 Host']],
  [
    'a machine with IMDSv1',
    instance({ MetadataOptions: { HttpTokens: 'optional' } }),
    ['HOST1 Machine'],
  ],
  [
    'any origin that asks',
    host(
      "cat > /etc/nginx/conf.d/x.conf <<'E'\nadd_header Access-Control-Allow-Origin $http_origin;\nE",
    ),
    ['CORS1 Host'],
  ],
  [
    'commands of an association',
    {
      ...instance(),
      Association: {
        Type: 'AWS::SSM::Association',
        Properties: {
          Name: 'AWS-RunShellScript',
          Targets: [{ Key: 'InstanceIds', Values: [ref('Machine')] }],
          Parameters: { commands: ['yum install -y varnish'] },
        },
      },
    },
    ['CACHE2 Association'],
  ],
  [
    'a document for machines with a tag',
    {
      ...instance({ Tags: [{ Key: 'role', Value: 'dashboard' }] }),
      Association: {
        Type: 'AWS::SSM::Association',
        Properties: {
          Name: ref('Document'),
          Targets: [{ Key: 'tag:role', Values: ['dashboard'] }],
        },
      },
      Document: {
        Type: 'AWS::SSM::Document',
        Properties: {
          Content: { mainSteps: [{ inputs: { runCommand: ['dnf -y install varnish'] } }] },
        },
      },
    },
    ['CACHE2 Document'],
  ],
  [
    'a component of an image as JSON',
    {
      Component: {
        Type: 'AWS::ImageBuilder::Component',
        Properties: {
          Data: JSON.stringify({
            phases: [{ steps: [{ inputs: { commands: [INSTALL, 'DEBUG=True'] } }] }],
          }),
        },
      },
    },
    ['SETTINGS1 Component'],
  ],
  [
    'a short key of a container',
    {
      ...task({ Secrets: [{ Name: 'SECRET_KEY', ValueFrom: ref('Key') }] }),
      Key: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {} } },
    },
    ['SECRET1 Key'],
  ],
  [
    'a key that a script fetches, written in the template',
    {
      Host: {
        Type: 'AWS::EC2::LaunchTemplate',
        Properties: {
          LaunchTemplateData: {
            MetadataOptions: { HttpTokens: 'required' },
            UserData: {
              'Fn::Base64': {
                'Fn::Sub': `#!/bin/bash\n${INSTALL}aws secretsmanager get-secret-value --secret-id \${Key} > /etc/openstack-dashboard/secret_key\n`,
              },
            },
          },
        },
      },
      Key: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: 'x'.repeat(70) } },
    },
    ['SECRET2 Key'],
  ],
  [
    'a parameter behind an ARN',
    {
      ...task({
        Secrets: [
          {
            Name: 'DEBUG',
            ValueFrom: { 'Fn::Sub': 'arn:aws:ssm:eu-west-1:123456789012:parameter/${Stored}' },
          },
        ],
      }),
      Stored: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'True' } },
    },
    ['SETTINGS1 Task'],
  ],
  [
    'a key that is resolved into the environment',
    {
      ...task({
        Environment: [
          {
            Name: 'SECRET_KEY',
            Value: { 'Fn::Sub': '{{resolve:secretsmanager:${Key}:SecretString}}' },
          },
        ],
      }),
      Key: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: { GenerateSecretString: { PasswordLength: 80 } },
      },
    },
    ['SECRET3 Task'],
  ],
  [
    'CloudFront before a machine without a load balancer',
    { ...instance(), ...cdn(att('Machine', 'PublicDnsName'), overHttp, caching) },
    ['CACHE1 Cdn', 'HTTPS11 Cdn'],
  ],
  [
    'CloudFront before a record of the load balancer',
    dashboard({
      more: {
        Record: {
          Type: 'AWS::Route53::RecordSet',
          Properties: {
            Name: 'origin.dashboard.example',
            Type: 'CNAME',
            ResourceRecords: [att('Balancer', 'DNSName')],
          },
        },
        ...cdn(ref('Record'), overTls, caching),
      },
    }),
    ['CACHE1 Cdn'],
  ],
  [
    'an origin in the VPC over HTTP',
    dashboard({
      more: {
        Vpce: {
          Type: 'AWS::CloudFront::VpcOrigin',
          Properties: {
            VpcOriginEndpointConfig: { Arn: ref('Balancer'), OriginProtocolPolicy: 'http-only' },
          },
        },
        ...cdn(
          att('Balancer', 'DNSName'),
          { VpcOriginConfig: { VpcOriginId: att('Vpce', 'Id') } },
          {},
        ),
      },
    }),
    ['HTTPS11 Cdn'],
  ],
  [
    'a managed policy that allows any origin',
    dashboard({
      more: cdn(att('Balancer', 'DNSName'), overTls, {
        ResponseHeadersPolicyId: '60669652-455b-4ae9-85a4-c4c02393f86c',
      }),
    }),
    ['CORS1 Cdn'],
  ],
  [
    'memcached in subnets of the internet',
    dashboard({
      properties: { Cluster: { CacheSubnetGroupName: ref('Subnets') } },
      more: {
        Gateway: { Type: 'AWS::EC2::InternetGateway', Properties: {} },
        Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Vpc') } },
        Route: {
          Type: 'AWS::EC2::Route',
          Properties: {
            RouteTableId: ref('Table'),
            GatewayId: ref('Gateway'),
            DestinationCidrBlock: '0.0.0.0/0',
          },
        },
        Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: ref('Vpc') } },
        Routed: {
          Type: 'AWS::EC2::SubnetRouteTableAssociation',
          Properties: { SubnetId: ref('Subnet'), RouteTableId: ref('Table') },
        },
        Subnets: {
          Type: 'AWS::ElastiCache::SubnetGroup',
          Properties: { Description: 'x', SubnetIds: [ref('Subnet')] },
        },
      },
    }),
    ['SESSION6 Cluster'],
  ],
];

test.each(CASES)('%s is found', (_name, resources, expected) => {
  expect(findings(resources)).toEqual(expect.arrayContaining(expected));
});

test('memcached on the host itself is found if there are several hosts', () => {
  const script = `cat > ${SETTINGS} <<'E'\nCACHES = {'default': {'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache', 'LOCATION': '127.0.0.1:11211'}}\nE`;
  const group = (MaxSize: string): Resources => ({
    ...host(script),
    Group: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: { MinSize: '1', MaxSize, LaunchTemplate: { LaunchTemplateId: ref('Host') } },
    },
  });
  expect(findings(group('2'))).toContain('SESSION10 Host');
  expect(findings(group('1'))).toEqual([]);
});

test('a service that can be reached without its load balancer is found', () => {
  const resources = dashboard({
    more: {
      ...task({}),
      Open: {
        Type: 'AWS::EC2::SecurityGroup',
        Properties: {
          GroupDescription: 'x',
          SecurityGroupIngress: [
            { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' },
          ],
        },
      },
      Service: {
        Type: 'AWS::ECS::Service',
        Properties: {
          TaskDefinition: ref('Task'),
          NetworkConfiguration: {
            AwsvpcConfiguration: { SecurityGroups: [att('Open', 'GroupId')] },
          },
        },
      },
    },
  });
  expect(findings(resources)).toContain('PROXY7 Service');
});

test('an output with the ID of a resource does not hide the resource', () => {
  const resources = dashboard({
    properties: { Https: { Protocol: 'HTTP', SslPolicy: undefined } },
  });
  const app = appOf(resources);
  const before = new OpenStackDashboardChecks()
    .validateScope(app)
    .violations.map(({ ruleName }) => ruleName);
  const stack = app.node.findChild('Stack') as Stack;
  const output = new CfnOutput(stack, 'BalancerName', { value: 'x' });
  output.overrideLogicalId('Balancer');
  const after = new OpenStackDashboardChecks()
    .validateScope(app)
    .violations.map(({ ruleName }) => ruleName);
  expect(before.length).toBeGreaterThan(0);
  expect(after).toEqual(before);
});

test('a reference to another region is followed', () => {
  const app = new App();
  const env = { account: '123456789012' };
  const props = { crossRegionReferences: true };
  const home = new Stack(app, 'Home', { ...props, env: { ...env, region: 'eu-west-1' } });
  const edge = new Stack(app, 'Edge', { ...props, env: { ...env, region: 'us-east-1' } });
  for (const [id, { Type, Properties, Metadata }] of Object.entries(dashboard())) {
    const made = new CfnResource(home, id, { type: Type, properties: Properties });
    for (const [key, value] of Object.entries(Metadata ?? {})) {
      made.addMetadata(key, value);
    }
  }
  const balancer = home.node.findChild('Balancer') as CfnResource;
  const [[, { Type, Properties }]] = Object.entries(
    cdn(balancer.getAtt('DNSName'), overTls, caching),
  );
  new CfnResource(edge, 'Cdn', { type: Type, properties: Properties });
  app.synth();
  const found = new OpenStackDashboardChecks().validateScope(app).violations;
  expect(found.map(({ ruleName }) => ruleName)).toContain('OpenStackDashboard-CACHE1');
});

const RIGHT: [string, Resources][] = [
  [
    'the Horizon of Stellar',
    task({ Image: 'stellar/horizon:2.32.0' }, { Name: 'v', Image: 'varnish:7' }),
  ],
  [
    'the Horizon of Laravel',
    task({ Image: 'acme/laravel-horizon' }, { Name: 'v', Image: 'varnish:7' }),
  ],
  [
    'a shop of that name',
    task({ Image: 'registry.acme.example/shop/horizon:1' }, { Name: 'v', Image: 'varnish' }),
  ],
  ['a package that is held back', host('apt-mark hold varnish')],
  ['a package that is asked for', host('dpkg -l varnish; rpm -q varnish')],
  ['a container that is removed', host('docker rm -f varnish')],
  ['a package of another name', host('apt-get install -y squid-deb-proxy-client')],
  ['words', host('echo "neither squid nor varnish here" > /etc/motd')],
  ['a folder', host('install -d -m 0755 /etc/openstack-dashboard/local_settings.d')],
  ['settings of another program', host("cat > /srv/other/settings.py <<'E'\nDEBUG = True\nE")],
  ['a line for another program', host("echo 'DEBUG = True' >> /srv/other/settings.py")],
  [
    'an edit that puts it right',
    host(`echo 'DEBUG = True' > ${SETTINGS}; sed -i 's/True/False/' ${SETTINGS}`),
  ],
  ['a metadata service that is off', host('', { MetadataOptions: { HttpEndpoint: 'disabled' } })],
  [
    'an image that is compressed when it is built',
    {
      Component: {
        Type: 'AWS::ImageBuilder::Component',
        Properties: { Data: `- ${INSTALL}- python3 manage.py compress\n` },
      },
    },
  ],
  [
    'static media below another root',
    dashboard({
      script: `cat > ${SETTINGS} <<'E'\nWEBROOT = '/horizon/'\nE\n`,
      more: {
        Cdn: {
          Type: 'AWS::CloudFront::Distribution',
          Properties: {
            DistributionConfig: {
              Enabled: true,
              Origins: [{ Id: 'o', DomainName: att('Balancer', 'DNSName'), ...overTls }],
              DefaultCacheBehavior: {
                TargetOriginId: 'o',
                ViewerProtocolPolicy: 'https-only',
                CachePolicyId: MANAGED_CACHING_DISABLED,
              },
              CacheBehaviors: [
                {
                  PathPattern: '/horizon/static/*',
                  TargetOriginId: 'o',
                  ViewerProtocolPolicy: 'https-only',
                  ...caching,
                },
              ],
            },
          },
        },
      },
    }),
  ],
  [
    'a group that answers to ping',
    dashboard({
      properties: {
        HostGroup: {
          SecurityGroupIngress: [
            { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, CidrIp: '0.0.0.0/0' },
          ],
        },
      },
    }),
  ],
];

test.each(RIGHT)('%s has no findings', (_name, resources) => {
  expect(findings(resources)).toEqual([]);
});

test('a name in Systems Manager is unknown, and not wrong', () => {
  const resources = task({
    Environment: [{ Name: 'ALLOWED_HOSTS', Value: '{{resolve:ssm:/dashboard/names:1}}' }],
  });
  expect(findings(resources)).toEqual([]);
  expect(undecided(resources)).toContain('SETTINGS2 Task');
});
