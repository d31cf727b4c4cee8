import { OpenStackDashboardProps, WebSso, WebSsoChoice } from '../../../lib';
import { synthesize } from '../../../harness/stack';

export const DASHBOARD = 'dashboard.acme.test';

/** Where Keystone is for browsers and hosts, as the site of the dashboard has it or not. */
export const KEYSTONES = {
  otherSite: 'https://keystone.cloud.internal:5000/v3',
  sameSite: 'https://keystone.acme.test:5000/v3',
  byPath: 'https://cloud.example/identity/v3',
};
export type Place = keyof typeof KEYSTONES;

const PROVIDERS = [
  'https://login.corp.example:8441',
  'https://login.partner.example:8442',
  'https://login.campus.example:8443',
  'https://keycloak.example:8444',
];

/** What docs/single-sign-on.md has for the logout. */
function logoutUrls(keystone: string) {
  const back = encodeURIComponent(`https://${DASHBOARD}/logged-out`);
  return {
    oidc: `${keystone}/redirect_uri?logout=${back}`,
    saml: `${keystone}/mellon/logout?ReturnTo=${back}`,
  };
}

function propsOf(place: Place): Partial<OpenStackDashboardProps> {
  const keystoneUrl = KEYSTONES[place];
  const { oidc, saml } = logoutUrls(keystoneUrl);
  const corp = WebSsoChoice.identityProvider('corp', {
    label: 'Corporation',
    identityProvider: 'corp',
    protocol: 'openid',
    logoutUrl: oidc,
  });
  const choices = [
    corp,
    WebSsoChoice.identityProvider('partner', {
      label: 'Partner',
      identityProvider: 'partner',
      protocol: 'openid',
      logoutUrl: oidc,
    }),
    WebSsoChoice.identityProvider('campus', {
      label: 'Campus (SAML)',
      identityProvider: 'campus',
      protocol: 'saml2',
      logoutUrl: saml,
    }),
    WebSsoChoice.protocol('openid', { label: 'Any OpenID Connect provider', logoutUrl: oidc }),
  ];
  return {
    domainName: DASHBOARD,
    keystoneUrl,
    settings: {
      operationLog: true,
      webSso: WebSso.of({
        choices,
        identityProviderOrigins: PROVIDERS,
        ...(place === 'sameSite' ? { redirectAtOnce: corp } : {}),
      }),
    },
  };
}

/** Synthesizes the dashboard with Keystone at one of these places; gives the template's file. */
export function templateOf(place: Place, directory: string, horizon?: string): string {
  return synthesize(`${directory}/${place}`, 2, () => propsOf(place), horizon);
}
