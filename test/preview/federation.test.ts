// The page about single sign-on prints the files that Keystone's machine runs in the preview.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  federationPackages,
  federationProgram,
  keystoneBase,
} from '../../preview/cloud/identity/federation';
import {
  IDENTITY_PROVIDERS,
  issuerOf,
  KEYCLOAK_PROVIDERS,
  metadataOf,
} from '../../preview/cloud/identity/providers';
import { ROOT } from '../unit/fixtures';

const FILES = join(ROOT, 'preview/cloud/identity/files/keystone');
const page = readFileSync(join(ROOT, 'docs/single-sign-on.md'), 'utf8');
const [, keystoneSide] = page.split("\n## Keystone's side\n");
const blocks = [...keystoneSide.split('\n## ')[0].matchAll(/^```\w+\n(.*?)^```$/gms)].map(
  ([, text]) => text,
);

test.each(readdirSync(FILES))('the page prints %s as it is', (name) => {
  expect(blocks).toContain(readFileSync(join(FILES, name), 'utf8'));
});

test('the page has no other commands than these, and the restart', () => {
  const files = readdirSync(FILES).map((name) => readFileSync(join(FILES, name), 'utf8'));
  expect(blocks.filter((block) => !files.includes(block))).toEqual([
    'apache2ctl configtest && systemctl restart apache2\n',
  ]);
});

const KEYCLOAK_FILES = join(ROOT, 'preview/cloud/identity/files/keycloak');
const [, keycloakSide] = page.split('\n### Keycloak\n');

test('the page has the commands for Keycloak as they are, and no others', () => {
  const printed = [...keycloakSide.split('\n### ')[0].matchAll(/^```\w+\n(.*?)^```$/gms)];
  const files = readdirSync(KEYCLOAK_FILES).map((name) =>
    readFileSync(join(KEYCLOAK_FILES, name), 'utf8'),
  );
  expect(printed.map(([, text]) => text).sort()).toEqual(files.sort());
});

test('the image has the packages of the page', () => {
  expect(federationPackages()).toEqual(
    expect.arrayContaining(['apache2', 'libapache2-mod-auth-openidc', 'python3-openstackclient']),
  );
  expect(federationPackages().join(' ')).not.toMatch(/[\\-]{2}|\n/);
});

test.each([
  ['https://keystone.example:5000/v3', 'https://keystone.example:5000'],
  ['https://keystone.example:5000/v3/', 'https://keystone.example:5000'],
  ['https://cloud.example/identity/v3', 'https://cloud.example/identity'],
])('%s is the version 3 of %s', (url, base) => {
  expect(keystoneBase(url)).toBe(base);
});

test('each address of Keystone has values of its own', () => {
  const { files } = federationProgram('10.77.0.4', {
    keystones: ['https://keystone.example:5000', 'https://cloud.example/identity'],
    dashboard: 'dashboard.example',
    clientSecret: 'secret',
    providers: IDENTITY_PROVIDERS,
    ca: 'CA',
    certificate: '/cert.pem',
    certificateKey: '/key.pem',
  });
  expect(files['/run/federation/sites/0']).toContain("KEYSTONE_PATH=''\n");
  expect(files['/run/federation/sites/1']).toContain("KEYSTONE_PATH='/identity'\n");
  expect(files['/run/federation/sites/1']).toContain("KEYSTONE_PORT='443'\n");
  expect(files['/run/federation/oidc/corp']).toContain(
    "ISSUER='https://login.corp.example:8441'\n",
  );
  expect(files['/run/federation/sites/0']).not.toContain('example.com');
});

test('providers at Keycloak have the URLs of their realms', () => {
  const [oidc, saml] = KEYCLOAK_PROVIDERS;
  expect(issuerOf(oidc)).toBe('https://keycloak.example:8444/realms/corp');
  expect(metadataOf(saml)).toBe(
    'https://keycloak.example:8444/realms/campus/protocol/saml/descriptor',
  );
});
