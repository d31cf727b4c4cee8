import * as fs from 'node:fs';
import * as path from 'node:path';
import { CLIENT_ID, IdentityProvider, issuerOf, metadataOf } from './providers';

const FILES = path.join(__dirname, 'files');
/** Where the files of the federation are on Keystone's machine. */
const FOLDER = '/run/federation';
/** Signs of how far it is, in that folder. */
export const POPULATED = `${FOLDER}/populated`;
export const REGISTERED = `${FOLDER}/registered`;
export const FAILED = `${FOLDER}/failed`;

const read = (name: string): string => fs.readFileSync(path.join(FILES, name), 'utf8');

/** Packages that Keystone's machine needs for it: those of docs/single-sign-on.md. */
export function federationPackages(): string[] {
  const [, list] = read('keystone/packages.sh').replaceAll('\\\n', '').split('recommends');
  return list.trim().split(/\s+/);
}

/** Where Keystone is, without `/v3`. */
export function keystoneBase(url: string): string {
  return new URL(url).href.replace(/\/v3\/?$/, '').replace(/\/$/, '');
}

/** A file of values, with others. */
export function withValues(name: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((text, [variable, value]) => {
    const assignment = new RegExp(`^${variable}=.*$`, 'm');
    if (!assignment.test(text)) {
      throw new Error(`${name} has no ${variable}`);
    }
    return text.replace(assignment, () => `${variable}='${value}'`);
  }, read(name));
}

export interface Federation {
  /** URLs of Keystone, of which the first is in its catalog. */
  readonly keystones: readonly string[];
  /** The name of the dashboard, with its port unless that is 443. */
  readonly dashboard: string;
  readonly clientSecret: string;
  readonly providers: readonly IdentityProvider[];
  readonly ca: string;
  readonly certificate: string;
  readonly certificateKey: string;
}

/** The files that Keystone's machine serves with instead of gunicorn, and the command. */
export function federationProgram(address: string, federation: Federation) {
  const { keystones, dashboard, clientSecret, ca, certificate, certificateKey, providers } =
    federation;
  const files: Record<string, string> = {
    [`${FOLDER}/serve`]: read('serve.sh'),
    [`${FOLDER}/ca.pem`]: ca,
    [`${FOLDER}/auth-url`]: `${keystones[0]}/v3`,
    [`${FOLDER}/client-secret`]: clientSecret,
    '/usr/bin/keystone-wsgi-public': read('keystone-wsgi.py'),
    [`${FOLDER}/openstack-client.py`]: read('openstack-client.py'),
  };
  for (const name of fs.readdirSync(path.join(FILES, 'keystone'))) {
    files[`${FOLDER}/${name}`] = read(`keystone/${name}`);
  }
  for (const [index, url] of keystones.entries()) {
    const { hostname, port, pathname } = new URL(keystoneBase(url));
    files[`${FOLDER}/sites/${index}`] = withValues('keystone/values.sh', {
      DASHBOARD: dashboard,
      KEYSTONE_NAME: hostname,
      KEYSTONE_PORT: port === '' ? '443' : port,
      KEYSTONE_PATH: pathname === '/' ? '' : pathname,
      KEYSTONE_CERTIFICATE: certificate,
      KEYSTONE_CERTIFICATE_KEY: certificateKey,
    });
  }
  for (const provider of providers) {
    const { name, kind } = provider;
    files[`${FOLDER}/${kind}/${name}`] =
      kind === 'oidc'
        ? withValues('keystone/values-oidc.sh', {
            IDP: name,
            ISSUER: issuerOf(provider),
            CLIENT_ID,
            CLIENT_SECRET_FILE: `${FOLDER}/client-secret`,
            ...(provider.scope === undefined ? {} : { SCOPE: provider.scope }),
          })
        : withValues('keystone/values-saml.sh', {
            IDP: name,
            METADATA_URL: metadataOf(provider),
          });
  }
  return { files, serve: ['/bin/bash', `${FOLDER}/serve`, address] };
}
