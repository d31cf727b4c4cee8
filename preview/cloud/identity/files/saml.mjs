// A SAML 2.0 identity provider of the preview: Auth0's samlp, with a form to log in with.
import { randomBytes } from 'node:crypto';
import { URL, URLSearchParams } from 'node:url';
import samlp from 'samlp';
import { authenticate, loginForm, readForm, serve, settings } from './login-page.mjs';

const { issuer, saml, serviceProviders } = settings;
const COOKIE = '__Host-session';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
/** Users who are logged in, with the service providers that know it, by the value of the cookie. */
const sessions = new Map();
/** Logouts that are under way. */
const states = new Map();

class Attributes {
  constructor(user) {
    this.user = user;
  }

  getClaims() {
    const { name, email, groups } = this.user;
    return { uid: name, email, ...(groups.length > 0 ? { groups } : {}) };
  }

  getNameIdentifier() {
    return { nameIdentifier: this.user.name, nameIdentifierFormat: UNSPECIFIED };
  }
}

function mapper(user) {
  return new Attributes(user);
}
mapper.prototype.metadata = [];

const common = { issuer, cert: saml.cert, key: saml.key, profileMapper: mapper };

const metadata = samlp.metadata({
  ...common,
  redirectEndpointPath: '/sso',
  postEndpointPath: '/sso',
  logoutEndpointPaths: { redirect: '/logout' },
});

/** Where responses to a service provider go: only to those that it was registered with. */
function consumerOf(audience, dom, _request, callback) {
  const known = serviceProviders.find(({ entityId }) => entityId === audience);
  const wanted = dom?.documentElement.getAttribute('AssertionConsumerServiceURL');
  if (known === undefined || (wanted !== '' && wanted !== known.consumer)) {
    callback(new Error(`${audience} is not registered with ${wanted}`));
  } else {
    callback(null, known.consumer);
  }
}

function logIn(request, response, session, next) {
  samlp.parseRequest(
    request,
    {},
    (error, { issuer: audience, assertionConsumerServiceURL } = {}) => {
      const known = serviceProviders.find(({ entityId }) => entityId === audience);
      if (error || known === undefined) {
        next(error ?? new Error(`${audience} is not registered`));
        return;
      }
      const sessionIndex = `_${randomBytes(16).toString('hex')}`;
      session.participants.push({
        serviceProviderId: audience,
        sessionIndex,
        nameId: session.user.name,
        nameIdFormat: UNSPECIFIED,
        serviceProviderLogoutURL: known.logout,
        binding: REDIRECT,
      });
      const consumer = assertionConsumerServiceURL ?? known.consumer;
      samlp.auth({
        ...common,
        getPostURL: consumerOf,
        getUserFromRequest: () => session.user,
        sessionIndex,
        recipient: consumer,
        destination: consumer,
        // As mod_auth_mellon has not cached it, and clocks differ by seconds at most.
        lifetimeInSeconds: 300,
      })(request, response, next);
    },
  );
}

function logOut(request, response, id, session, next) {
  const { participants } = session;
  const find = (issuerOf, indices) =>
    participants.find(
      ({ serviceProviderId, sessionIndex }) =>
        serviceProviderId === issuerOf && indices.includes(sessionIndex),
    );
  samlp.logout({
    ...common,
    deflate: true,
    protocolBinding: REDIRECT,
    signatureAlgorithm: 'rsa-sha256',
    digestAlgorithm: 'sha256',
    sessionParticipants: {
      hasElements: () => participants.length > 0,
      getFirst: (callback) => callback(null, participants[0]),
      get: (issuerOf, indices, _name, callback) => callback(null, find(issuerOf, indices)),
      remove: (issuerOf, index, _name, callback) => {
        const found = participants.indexOf(find(issuerOf, [index]));
        callback(null, found < 0 ? undefined : participants.splice(found, 1)[0]);
      },
    },
    clearIdPSession: (callback) => {
      sessions.delete(id);
      callback();
    },
    store: {
      save: (_request, state, callback) => {
        const key = randomBytes(12).toString('hex');
        states.set(key, state);
        callback(null, key);
      },
      load: (_request, key, options, callback) => callback(null, states.get(key)),
      update: (_request, key, state, callback) => {
        states.set(key, state);
        callback();
      },
    },
  })(request, response, next);
}

/** What samlp wants of a request and a response beside Node's own: as Express has it. */
function dress(request, response, form) {
  const url = new URL(request.url, issuer);
  Object.assign(request, {
    query: Object.fromEntries(url.searchParams),
    body: Object.fromEntries(form),
    protocol: 'https',
    originalUrl: request.url,
  });
  Object.assign(response, {
    set: (name, value) => response.setHeader(name, value),
    send: (first, second) => {
      response.statusCode = typeof first === 'number' ? first : 200;
      response.end(typeof first === 'number' ? String(second ?? '') : first);
    },
    redirect: (to) => response.writeHead(302, { location: to }).end(),
  });
}

serve(async (request, response) => {
  const form = request.method === 'POST' ? await readForm(request) : new URLSearchParams();
  dress(request, response, form);
  const { pathname } = new URL(request.url, issuer);
  const next = (error) =>
    response.writeHead(400, { 'content-type': 'text/plain' }).end(`${error?.message}\n`);
  const cookie = new RegExp(`${COOKIE}=([0-9a-f]+)`).exec(request.headers.cookie ?? '')?.[1];
  const session = sessions.get(cookie);
  if (pathname === '/metadata') {
    metadata(request, response);
  } else if (pathname === '/logout') {
    logOut(request, response, cookie, session ?? { participants: [] }, next);
  } else if (pathname !== '/sso') {
    response.writeHead(404).end();
  } else if (session !== undefined) {
    logIn(request, response, session, next);
  } else if (!form.has('username')) {
    loginForm(response, request.url, false);
  } else {
    const user = authenticate(form);
    if (user === undefined) {
      loginForm(response, request.url, true);
      return;
    }
    const id = randomBytes(24).toString('hex');
    const fresh = { user, participants: [] };
    sessions.set(id, fresh);
    response.setHeader('set-cookie', `${COOKIE}=${id}; Path=/; Secure; HttpOnly; SameSite=None`);
    logIn(request, response, fresh, next);
  }
});
