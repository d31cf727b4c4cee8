// Where Horizon runs today: openstack-helm's chart on EKS, manifests, kolla-ansible, openstack-ansible.
import { App, Stack, aws_eks as eks, aws_lambda as lambda } from 'aws-cdk-lib';
import { OpenStackDashboardChecks } from '../../../lib/nag';
import { ofChart, ofVariables } from '../../../lib/nag/reading/deployments';
import { readYaml } from '../../../lib/nag/reading/yaml';
import { Resources, att, findings, report } from '../fixtures';

const RIGHT: Record<string, unknown> = {
  debug: 'False',
  allowed_hosts: ['dashboard.example'],
  csrf_cookie_secure: 'True',
  session_cookie_secure: 'True',
  session_cookie_httponly: 'True',
  disable_password_reveal: 'True',
  password_autocomplete: 'off',
  enforce_password_check: 'True',
  disallow_iframe_embed: 'True',
  ssl_no_verify: 'False',
  horizon_images_upload_mode: 'off',
  horizon_secret_key: null,
  session_engine: 'django.contrib.sessions.backends.cache',
  cache_backend: 'django.core.cache.backends.memcached.PyMemcacheCache',
};
const ofConfig = (config: object, horizon: object = {}): object => ({
  conf: { horizon: { local_settings: { config: { ...RIGHT, ...config } }, ...horizon } },
});
const REPOSITORY = 'https://tarballs.opendev.org/openstack/openstack-helm';
const chart = (values: unknown, more: object = {}): Resources => ({
  Chart: {
    Type: 'Custom::AWSCDK-EKS-HelmChart',
    Properties: {
      Chart: 'horizon',
      Repository: REPOSITORY,
      Values: typeof values === 'string' ? values : JSON.stringify(values),
      ...more,
    },
  },
});

const withKey = (horizon_secret_key: string): object => ofConfig({ horizon_secret_key });

test.each<[string, object, string[]]>([
  ['debug', ofConfig({ debug: 'True' }), ['SETTINGS1']],
  ['a boolean', ofConfig({ debug: true }), ['SETTINGS1']],
  ['any host', ofConfig({ allowed_hosts: ['*'] }), ['SETTINGS3']],
  [
    'cookies',
    ofConfig({ session_cookie_secure: 'False', csrf_cookie_secure: 'False' }),
    ['SETTINGS4', 'SETTINGS5'],
  ],
  ['scripts', ofConfig({ session_cookie_httponly: 'False' }), ['SETTINGS6']],
  ['frames', ofConfig({ disallow_iframe_embed: 'False' }), ['SETTINGS7']],
  ['certificates', ofConfig({ ssl_no_verify: 'True' }), ['HTTPS13']],
  ['uploads', ofConfig({ horizon_images_upload_mode: 'legacy' }), ['SETTINGS13']],
  ['the key', withKey('9aee62c0-5253-4a86-b189-e0fb71fa503c'), ['SECRET3']],
  [
    'the engine',
    ofConfig({ session_engine: 'django.contrib.sessions.backends.file' }),
    ['SESSION1'],
  ],
  [
    'the cache',
    ofConfig({ cache_backend: 'django.core.cache.backends.locmem.LocMemCache' }),
    ['SESSION10'],
  ],
  ['raw settings', ofConfig({ raw: { ENFORCE_PASSWORD_CHECK: false } }), ['SETTINGS9']],
  ['WebSSO', ofConfig({ auth: { sso: { enabled: true } } }), ['SETTINGS16']],
  ['snippets', ofConfig({}, { local_settings_d: { _9: 'DEBUG = True\n' } }), ['SETTINGS1']],
  [
    'threads',
    ofConfig({}, { apache: 'WSGIDaemonProcess horizon-http processes=1 threads=5\n' }),
    ['PROXY8'],
  ],
  [
    'Keystone',
    { ...ofConfig({}), endpoints: { identity: { scheme: { default: 'http' } } } },
    ['HTTPS5'],
  ],
])('the values of a chart are checked: %s', (_name, values, expected) => {
  expect(findings(chart(values))).toEqual(expected.map((id) => `${id} Chart`));
});

const unknown = (resources: Resources): string[] =>
  report(resources)
    .violations.filter(({ severity }) => severity === 'info')
    .map(({ description }) => description);

test('correct values have no finding', () => {
  const { conf } = ofConfig({}) as { conf: object };
  expect(report(chart({ conf })).violations).toEqual([]);
});

test('values that default to those of the chart are unknown', () => {
  expect(findings(chart({}))).toEqual([]);
  expect(unknown(chart({}))).toEqual([expect.stringContaining('allowed_hosts')]);
  expect(unknown(chart('{"a": '))).toEqual([expect.stringContaining("the chart's values")]);
});

test.each<[string, object]>([
  ['of another program', { Chart: 'horizon', Repository: 'https://charts.stellar.example' }],
  ['of another service', { Chart: 'keystone' }],
])('a chart %s is not a dashboard', (_name, more) => {
  expect(report(chart({}, more)).violations).toEqual([]);
});

test('a chart as constructs create it, with its memcached', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const layer = 'arn:aws:lambda:eu-west-1:123456789012:layer:kubectl:1';
  const cluster = eks.Cluster.fromClusterAttributes(stack, 'Cluster', {
    clusterName: 'cluster',
    kubectlRoleArn: 'arn:aws:iam::123456789012:role/kubectl',
    kubectlLayer: lambda.LayerVersion.fromLayerVersionArn(stack, 'Layer', layer),
  });
  const values = ofConfig({ debug: 'True' }) as Record<string, unknown>;
  cluster.addHelmChart('Chart', { chart: 'horizon', repository: REPOSITORY, values });
  const { violations } = new OpenStackDashboardChecks().validateScope(app);
  expect(violations.map(({ ruleName }) => ruleName)).toEqual(['OpenStackDashboard-SETTINGS1']);
});

test('the memcached of a chart is the cache of the sessions', () => {
  const values = JSON.stringify({
    ...ofConfig({}),
    endpoints: { oslo_cache: { host_fqdn_override: { default: '@' } } },
  }).split('@');
  const resources: Resources = {
    ...chart({}),
    Cache: {
      Type: 'AWS::ElastiCache::CacheCluster',
      Properties: { Engine: 'memcached', NumCacheNodes: 2, AZMode: 'cross-az' },
    },
  };
  resources.Chart.Properties!.Values = {
    'Fn::Join': ['', [values[0], att('Cache', 'ConfigurationEndpoint.Address'), values[1]]],
  };
  // The chart's template gives memcached no TLS.
  expect(findings(resources)).toEqual(['SESSION3 Chart', 'SESSION4 Cache', 'SESSION6 Cache']);
});

const manifest = (...objects: object[]): Resources => ({
  Manifest: {
    Type: 'Custom::AWSCDK-EKS-KubernetesResource',
    Properties: { Manifest: JSON.stringify(objects) },
  },
});
const kept = (name: string, data: Record<string, string>, kind = 'ConfigMap'): object => ({
  kind,
  metadata: { name },
  data,
});
const deployment = (container: object): object => ({
  kind: 'Deployment',
  spec: { template: { spec: { containers: [container] } } },
});
const IMAGE = 'quay.io/openstack.kolla/horizon:2025.1';

test.each<[string, Resources, string[]]>([
  [
    'settings',
    manifest(kept('horizon-etc', { 'local_settings.py': 'DEBUG = True\n' })),
    ['SETTINGS1'],
  ],
  [
    'settings of a secret',
    manifest(
      kept(
        'horizon',
        { local_settings: Buffer.from('DEBUG = True\n').toString('base64') },
        'Secret',
      ),
    ),
    ['SETTINGS1'],
  ],
  [
    'an environment',
    manifest(deployment({ image: IMAGE, env: [{ name: 'DEBUG', value: 'True' }] })),
    ['SETTINGS1'],
  ],
  [
    'a command',
    manifest(
      deployment({
        image: IMAGE,
        command: ['python3', 'manage.py'],
        args: ['runserver', '127.0.0.1:80'],
      }),
    ),
    ['PROXY1'],
  ],
])('a manifest is checked: %s', (_name, resources, expected) => {
  expect(findings(resources)).toEqual(expected.map((id) => `${id} Manifest`));
});

test.each<[string, Resources]>([
  [
    'another program',
    manifest(deployment({ image: 'stellar/horizon:2', env: [{ name: 'DEBUG', value: 'True' }] })),
  ],
  [
    'settings of another program',
    manifest(kept('tickets-openstack', { 'local_settings.py': 'DEBUG = True\n' })),
  ],
  ['a client', manifest(kept('x', { env: 'OPENSTACK_API=x\nDEBUG=True' }))],
])('a manifest of %s is not a dashboard', (_name, resources) => {
  expect(report(resources).violations).toEqual([]);
});

const script = (userData: string): Resources => ({
  Host: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required' },
        UserData: { 'Fn::Base64': userData },
      },
    },
  },
});
const deploying = (path: string, variables: string, command: string): Resources =>
  script(`#!/bin/bash\ncat > ${path} <<'E'\n---\n${variables}\nE\n${command}\n`);
const kolla = (variables: string): Resources =>
  deploying('/etc/kolla/globals.yml', variables, 'kolla-ansible deploy -i all-in-one');
const osa = (variables: string): Resources =>
  deploying(
    '/etc/openstack_deploy/user_variables.yml',
    variables,
    'openstack-ansible setup-openstack.yml',
  );

test.each<[string, Resources, string[]]>([
  ['debug', kolla('openstack_logging_debug: "True"'), ['SETTINGS1']],
  ['the database', kolla('horizon_backend_database: yes'), ['SESSION1']],
  ['threads', kolla('horizon_wsgi_threads: 4'), ['PROXY8']],
  ['Keystone', kolla('horizon_keystone_url: http://10.0.0.1:5000'), ['HTTPS5']],
  ['no TLS', kolla('kolla_enable_tls_external: "no"'), ['SETTINGS4', 'SETTINGS5']],
  ['WebSSO', kolla('enable_keystone_federation: true'), ['SETTINGS16']],
  ['right', kolla('kolla_enable_tls_external: "yes"\nhorizon_wsgi_threads: 1'), []],
  ['any host', osa('horizon_allowed_hosts:\n  - "*"'), ['SETTINGS3']],
  ['debug of all', osa('debug: true\nhorizon_webroot: /'), ['SETTINGS1']],
  [
    'the cache',
    osa(
      'horizon_session_caches:\n  default:\n    BACKEND: django.core.cache.backends.locmem.LocMemCache',
    ),
    ['SESSION10'],
  ],
  ['autocomplete', osa('horizon_enable_password_autocomplete: yes'), ['SETTINGS11']],
  ['certificates', osa('horizon_ssl_no_verify: True'), ['HTTPS13']],
  ['threads of many', osa('horizon_wsgi_threads: 16'), ['PROXY8']],
  ['more', osa('horizon_extra_local_settings:\n  DISALLOW_IFRAME_EMBED: False'), ['SETTINGS7']],
  ['right too', osa('horizon_allowed_hosts: [dashboard.example]\nhorizon_backend_ssl: true'), []],
])('variables of Ansible are checked: %s', (_name, resources, expected) => {
  expect(findings(resources)).toEqual(expected.map((id) => `${id} Host`));
});

test.each<[string, Resources]>([
  ['kolla-ansible without Horizon', kolla('enable_horizon: "no"\nopenstack_logging_debug: true')],
  ['openstack-ansible for others', osa('debug: true\nnova_debug: true')],
  [
    'another globals.yml',
    deploying('/srv/globals.yml', 'debug: true\nsite: x', 'ansible-playbook x'),
  ],
])('%s is not a dashboard', (_name, resources) => {
  expect(report(resources).violations).toEqual([]);
});

test('computed variables are unknown', () => {
  expect(unknown(osa('horizon_allowed_hosts: "{{ names }}"'))).toEqual([
    expect.stringContaining('SETTINGS'),
  ]);
});

const cloud = (more: string): Resources =>
  script(`#cloud-config\npackages:\n  - openstack-dashboard\n${more}`);

test.each<[string, string, string[]]>([
  [
    'commands',
    "runcmd:\n  - sed -i 's/^DEBUG.*/DEBUG = True/' /etc/openstack-dashboard/local_settings.py\n",
    ['SETTINGS1'],
  ],
  [
    'words',
    'runcmd:\n  - [sh, -c, "echo DEBUG = True >> /etc/openstack-dashboard/local_settings.py"]\n',
    ['SETTINGS1'],
  ],
  [
    'a file that is edited',
    "write_files:\n  - path: /etc/openstack-dashboard/local_settings.py\n    content: |\n      DEBUG = True\nruncmd:\n  - sed -i 's/True/False/' /etc/openstack-dashboard/local_settings.py\n",
    [],
  ],
])('a cloud-config is followed: %s', (_name, more, expected) => {
  expect(findings(cloud(more))).toEqual(expected.map((id) => `${id} Host`));
});

test('files that a cloud-config downloads are unknown', () => {
  const path = '/etc/openstack-dashboard/local_settings.py';
  const source = `write_files:\n  - path: ${path}\n    source:\n      uri: https://x.org/s\n`;
  expect(unknown(cloud(`${source}runcmd:\n  - curl -s https://x.org/i | sh\n`))).toEqual([
    expect.stringMatching(/content of .*local_settings\.py .*the output of curl/),
  ]);
});

test('text from other sources cannot end the text around it', () => {
  const values = readYaml(
    `conf: {horizon: {local_settings: {config: {session_engine: "a'\\nDEBUG = True"}}}}`,
  );
  expect(ofChart(values).settings).toBe("SESSION_ENGINE = 'a\\'\\nDEBUG = True'");
  expect(ofVariables('/etc/other.yml', 'horizon_x: y')).toBeUndefined();
});
