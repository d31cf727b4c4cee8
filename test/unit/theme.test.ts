import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Theme } from '../../lib';
import {
  environmentsOf,
  expectMisuse,
  newDashboard,
  newStack,
  resourcesOf,
  userDataOf,
} from './fixtures';

const FILES = {
  'static/_variables.scss': '@import "/themes/default/variables";',
  'static/_styles.scss': '@import "/themes/default/styles";',
  'static/img/logo.png': 'not really',
  '.git/config': 'left out',
  'static/.hidden': 'left out',
};

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'theme-'));
  folder = join(parent, 'acme');
  Object.entries(FILES).forEach(([name, text]) => write(name, text));
});
afterEach(() => rmSync(parent, { recursive: true }));

function write(name: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

function synth(theme?: Theme): Template {
  const stack: Stack = newStack();
  newDashboard(stack, { hosts: { theme } });
  return Template.fromStack(stack);
}

/** The files in the template, by the logical id of the resource that carries them. */
function carried(template: Template): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(resourcesOf(template, 'AWS::CloudFormation::WaitConditionHandle'))
      .filter(([id]) => id.includes('Theme'))
      .map(([id, { Metadata }]) => {
        const packed = Buffer.from(Metadata['cdk-openstack-dashboard'].files, 'base64');
        const files = JSON.parse(gunzipSync(packed).toString()) as Record<string, string>;
        return [
          id,
          Object.fromEntries(
            Object.entries(files).map(([name, text]) => [
              name,
              Buffer.from(text, 'base64').toString(),
            ]),
          ),
        ];
      }),
  );
}

test('the hosts find the files of a theme in the template, and its name in their environment', () => {
  const template = synth(Theme.fromFolder(folder, { label: 'Acme & Co' }));
  const [[id, files], ...others] = Object.entries(carried(template));
  expect(others).toEqual([]);
  expect(files).toEqual({
    'static/_styles.scss': FILES['static/_styles.scss'],
    'static/_variables.scss': FILES['static/_variables.scss'],
    'static/img/logo.png': 'not really',
  });
  const { host, dashboard } = environmentsOf(userDataOf(template, /Hosts/));
  expect(host.THEME_RESOURCE).toBe(id);
  expect(dashboard).toMatchObject({ THEME: 'acme', THEME_LABEL: 'Acme & Co' });
  // Nothing that needs a bootstrapped account.
  expect(JSON.stringify(template)).not.toContain('cdk-hnb659fds');
});

test('a different theme is a different resource, so that old hosts find theirs; the same theme is not', () => {
  const ids = (): string[] => Object.keys(carried(synth(Theme.fromFolder(folder))));
  const before = ids();
  expect(ids()).toEqual(before);
  write('static/_variables.scss', '$brand-primary: #123456;');
  expect(ids()).not.toEqual(before);
});

test('a theme can have a name other than its folder, and links are followed', () => {
  symlinkSync(join(folder, 'static/_styles.scss'), join(folder, 'static/linked.scss'));
  const theme = Theme.fromFolder(folder, { name: 'other_2' });
  expect([theme.name, theme.label]).toEqual(['other_2', 'other_2']);
  expect(Object.values(carried(synth(theme)))[0]).toHaveProperty(['static/linked.scss']);
});

test('without a theme, hosts have no theme parameters', () => {
  const template = synth();
  expect(carried(template)).toEqual({});
  expect(userDataOf(template, /Hosts/)).not.toContain('THEME');
});

describe('misuse', () => {
  const NEEDED = 'path must be a folder with static/_variables.scss and static/_styles.scss';

  test('fails with a folder that does not exist, or is a file', () => {
    for (const path of [join(parent, 'none'), join(folder, 'static/_styles.scss')]) {
      expectMisuse(
        () => Theme.fromFolder(path),
        `${NEEDED}, got '${path}'; there is no such folder`,
      );
    }
  });

  test('fails with a folder without the files that Horizon compiles', () => {
    rmSync(join(folder, 'static/_styles.scss'));
    expectMisuse(
      () => Theme.fromFolder(folder),
      `${NEEDED}, got '${folder}'; it has no static/_styles.scss`,
    );
    rmSync(join(folder, 'static/_variables.scss'));
    expectMisuse(
      () => Theme.fromFolder(folder),
      `${NEEDED}, got '${folder}'; it has no static/_variables.scss and no static/_styles.scss`,
    );
  });

  test.each(['Acme', '2acme', 'a b', 'default', 'material', '../x', 'a'.repeat(33)])(
    'fails with the name %s',
    (name) => {
      expectMisuse(
        () => Theme.fromFolder(folder, { name }),
        `name must be 1 to 32 lower case letters, digits, - and _, begin with a letter and differ from default, example, material, got '${name}'`,
      );
    },
  );

  test('fails with a theme that is too large for a template', () => {
    write('static/film.mp4', randomBytes(600_000));
    expect(() => Theme.fromFolder(folder)).toThrow(
      /^path must be a folder of at most 524288 bytes when packed, got \d{6}; put a larger theme into the machine image or a Debian package$/,
    );
  });
});

// Where the default theme is imported it derives others from them, such as buttons from $brand-primary.
test.each(['examples/small-cloud/acme', 'test/system/upgrade/harbour'])(
  '%s sets its variables before it imports those of the default theme',
  (theme) => {
    const path = join(__dirname, '../..', theme, 'static/_variables.scss');
    const [before, after] = readFileSync(path, 'utf8').split(
      "@import '/themes/default/variables';",
    );
    expect(before).toMatch(/^\$brand-primary: #/m);
    expect(after).not.toMatch(/\$/);
  },
);
