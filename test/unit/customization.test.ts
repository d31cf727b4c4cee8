import { Template } from 'aws-cdk-lib/assertions';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  Customization,
  DashboardMessage,
  HorizonConfig,
  ModalBackdrop,
  OpenStackDashboardProps,
  UserMenuLink,
} from '../../lib';
import {
  environmentsOf,
  expectMisuse,
  newDashboard,
  newStack,
  resourcesOf,
  userDataOf,
} from './fixtures';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'customization-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text = ''): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function synth(props: Partial<OpenStackDashboardProps>) {
  const stack = newStack();
  newDashboard(stack, props);
  const template = Template.fromStack(stack);
  const files: Record<string, string> = {};
  for (const [id, { Metadata }] of Object.entries(
    resourcesOf(template, 'AWS::CloudFormation::WaitConditionHandle'),
  )) {
    if (id.includes('SiteFiles')) {
      const packed = Buffer.from(Metadata['cdk-openstack-dashboard'].files, 'base64');
      const found = JSON.parse(gunzipSync(packed).toString()) as Record<string, string>;
      Object.entries(found).forEach(([path, content]) => {
        files[path] = Buffer.from(content, 'base64').toString();
      });
    }
  }
  return { ...environmentsOf(userDataOf(template, /Hosts/)), files };
}

test('the customization and the messages reach the hosts', () => {
  write('overrides.py', 'import horizon');
  write('templates/auth/_splash.html', 'Welcome');
  write('__pycache__/overrides.pyc');
  write('.hidden');
  const { dashboard, files } = synth({
    hosts: {
      customization: Customization.fromFolder(folder),
      messages: [DashboardMessage.info('a < "b" & c'), DashboardMessage.warning('ü')],
    },
  });
  expect(dashboard).toMatchObject({
    CUSTOMIZATION: 'openstack_dashboard_customization',
    CUSTOMIZATION_MODULE: 'openstack_dashboard_customization.overrides',
    MESSAGES_PATH: '/usr/local/share/openstack-dashboard/site/messages',
  });
  expect(files).toEqual({
    'messages/1.json': '{"level":"info","message":"a &lt; &quot;b&quot; &amp; c"}',
    'messages/2.json': '{"level":"warning","message":"ü"}',
    'openstack_dashboard_customization/__init__.py': '',
    'openstack_dashboard_customization/overrides.py': 'import horizon',
    'openstack_dashboard_customization/templates/auth/_splash.html': 'Welcome',
  });
});

test('a customization without a module, and with another one', () => {
  write('static/acme/logo.svg');
  expect(Customization.fromFolder(folder).module).toBeUndefined();
  write('acme.py');
  expect(Customization.fromFolder(folder, { module: 'acme' }).module).toBe('acme');
  expectMisuse(
    () => Customization.fromFolder(folder, { module: 'other' }),
    `module must be a Python file in the folder, got 'other'; there is no other.py in ${folder}`,
  );
  expect(() => Customization.fromFolder(folder, { module: 'a.b' })).toThrow(
    /module must be the name/,
  );
});

test('a folder without any of its parts', () => {
  write('README.md');
  expectMisuse(
    () => Customization.fromFolder(folder),
    `path must be a folder with overrides.py, templates/ or static/, got '${folder}'; it has none of them`,
  );
  expect(() => Customization.fromFolder(join(folder, 'x'))).toThrow(/there is no such folder/);
});

test.each(['', ' ', 'x'.repeat(4097)])('the message %p fails', (text) => {
  expect(() => DashboardMessage.failure(text)).toThrow(/text must be 1 to 4096 characters/);
});

describe('horizonConfig', () => {
  const of = (horizonConfig: HorizonConfig) => synth({ settings: { horizonConfig } }).dashboard;

  test('becomes parameters', () => {
    expect(
      of({
        helpUrl: 'https://help.example.org/',
        userHome: '/project/instances/',
        ajaxQueueLimit: 4,
        modalBackdrop: ModalBackdrop.CLOSES,
        showCloudsYaml: false,
        userMenuLinks: [
          UserMenuLink.toUrl("Bob's", 'https://shop.example.org/'),
          UserMenuLink.toPage('API', 'horizon:project:api_access:index'),
        ],
      }),
    ).toMatchObject({
      HELP_URL: 'https://help.example.org/',
      USER_HOME: '/project/instances/',
      AJAX_QUEUE_LIMIT: '4',
      MODAL_BACKDROP: 'true',
      SHOW_OPENSTACK_CLOUDS_YAML: 'false',
      USER_MENU_LINKS:
        "[{'name': 'Bob\\'s', 'url': 'https://shop.example.org/', 'external': True, 'icon_classes': ['fa-external-link']}, {'name': 'API', 'url': 'horizon:project:api_access:index', 'external': False, 'icon_classes': ['fa-link']}]",
    });
    expect(of({})).not.toHaveProperty('HELP_URL');
  });

  test.each([
    [{ helpUrl: 'http://example.org' }, /horizonConfig.helpUrl must be an https URL/],
    [{ bugUrl: 'x' }, /horizonConfig.bugUrl must be an https URL/],
    [{ userHome: 'https://example.org' }, /horizonConfig.userHome must be a path of the dashboard/],
    [{ userHome: '//example.org' }, /horizonConfig.userHome must be a path/],
    [{ ajaxQueueLimit: 0 }, /horizonConfig.ajaxQueueLimit must be a whole number from 1 to 100/],
    [{ ajaxPollInterval: 10 }, /horizonConfig.ajaxPollInterval must be .* 1000 to 60000/],
    [{ autoFadeDelay: 1.5 }, /horizonConfig.autoFadeDelay must be .* 500 to 60000/],
  ])('fails with %j', (config, message) => {
    expect(() => of(config)).toThrow(message);
  });

  test('has links with https URLs and names of views', () => {
    expect(() => UserMenuLink.toUrl('x', 'http://example.org')).toThrow(/url must be an https URL/);
    expect(() => UserMenuLink.toUrl('', 'https://example.org')).toThrow(/name must be one line/);
    expect(() => UserMenuLink.toPage('x', '/project/')).toThrow(/view must be the name of a view/);
  });
});
