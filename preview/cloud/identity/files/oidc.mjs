// An OpenID Connect provider of the preview: panva's oidc-provider, with a form to log in with. Clients are
// trusted, so nobody is asked for consent, as providers of companies have it.
import { randomBytes } from 'node:crypto';
import Provider from 'oidc-provider';
import { authenticate, loginForm, page, readForm, serve, settings, userOf } from './login-page.mjs';

const SCOPE = 'openid email profile groups';

const provider = new Provider(settings.issuer, {
  clients: settings.clients,
  claims: {
    openid: ['sub'],
    email: ['email'],
    profile: ['name', 'preferred_username'],
    groups: ['groups'],
  },
  scopes: SCOPE.split(' '),
  // Keystone's module takes claims from the ID token and from the user information endpoint.
  conformIdTokenClaims: false,
  cookies: { keys: [randomBytes(24).toString('hex')] },
  jwks: { keys: [{ ...settings.signingKey, use: 'sig', alg: 'RS256', kid: 'preview' }] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => {
      const { name, email, groups } = userOf(id);
      return { sub: id, name, preferred_username: name, email, groups };
    },
  }),
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  loadExistingGrant: async ({ oidc }) => {
    const { client, session } = oidc;
    const grant = new oidc.provider.Grant({
      clientId: client.clientId,
      accountId: session.accountId,
    });
    grant.addOIDCScope(SCOPE);
    await grant.save();
    return grant;
  },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      // The one who logged out at the dashboard is not asked again.
      logoutSource: (context, form) => {
        context.type = 'html';
        context.body = `<!doctype html><title>Logging out</title>${form}<script>
          const form = document.getElementById('op.logoutForm');
          form.insertAdjacentHTML('beforeend', '<input type="hidden" name="logout" value="yes">');
          form.submit();
        </script>`;
      },
    },
  },
});

const callback = provider.callback();
serve(async (request, response) => {
  if (!request.url.startsWith('/interaction/')) {
    return callback(request, response);
  }
  const { prompt } = await provider.interactionDetails(request, response);
  if (prompt.name !== 'login') {
    return page(response, `<p>Cannot ask for ${prompt.name}.</p>`, 500);
  }
  if (request.method !== 'POST') {
    return loginForm(response, request.url, false);
  }
  const user = authenticate(await readForm(request));
  if (user === undefined) {
    return loginForm(response, request.url, true);
  }
  return provider.interactionFinished(request, response, { login: { accountId: user.name } });
});
