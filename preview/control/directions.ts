import { FEDERATED_USERS, IDENTITY_PROVIDERS } from '../cloud/identity/providers';
import { KEYSTONE_HOST } from '../cloud/openstack/keystone';

/** What is said of a preview. */
export interface Directed {
  readonly url: string;
  readonly name: string;
  readonly staticName: string;
  readonly caFile: string;
  readonly user: string;
  readonly password: string;
}

/** What a person needs to open a page of the dashboard. */
export function directions(preview: Directed, address: string, page: string): string {
  const { url, staticName, name, caFile } = preview;
  const names = [...new Set([name, staticName])];
  // Browsers look up names under localhost nowhere.
  const local = names.every((one) => /(^|\.)localhost$/.test(one));
  const loopback = /^127\.|^::1$/.test(address);
  const hosts = `  where the browser runs, /etc/hosts needs  ${address} ${names.join(' ')}\n`;
  const elsewhere = local
    ? '  browsers take names under localhost for their own machine: synthesize or give another name,\n' +
      '  such as --parameter DomainName=dashboard.example.test\n'
    : hosts;
  const stylesheets =
    staticName === name
      ? ''
      : `  or accept the certificates of both names: open ${new URL('/robots.txt', url.replace(name, staticName)).href} once, too\n`;
  return `
  ${url}${page}
  user ${preview.user}, password ${preview.password}

${loopback && local ? '' : loopback ? hosts : elsewhere}  certificate authority  ${caFile}
  import it into the browser (it ends with the preview),
${stylesheets}`;
}

/** What a person needs besides to log in with single sign-on. */
export function federationDirections(address: string, keystones: readonly string[]): string {
  const names = new Set([
    KEYSTONE_HOST,
    ...keystones,
    ...IDENTITY_PROVIDERS.map(({ host }) => host),
  ]);
  const providers = IDENTITY_PROVIDERS.map(
    ({ name, kind }) => `${name} (${kind === 'oidc' ? 'openid' : 'saml2'})`,
  );
  return `  identity providers in Keystone, with their protocols: ${providers.join(', ')}
  users there, with the same password: ${FEDERATED_USERS.map(({ name }) => name).join(', ')}
  where the browser runs, /etc/hosts needs  ${address} ${[...names].join(' ')}
`;
}
