/**
 * Single sign-on in a browser: Keystone behind two OpenID Connect providers and one of SAML, on the site of
 * the dashboard, on another one, and by path. Root, Linux, Chromium. Usage: see HELP.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchWith } from '../../../harness/browser';
import { Preview } from '../../../preview';
import {
  IDENTITY_PROVIDERS,
  IdentityProvider,
  KEYCLOAK_PROVIDERS,
} from '../../../preview/cloud/identity/providers';
import { sleep, until } from '../../../preview/shared/run';
import { Checks, measure, must, onStage } from '../harness/checks';
import { byHashedKey } from '../harness/hashed-keys';
import { expectNoException, start, Values, withPreview } from '../harness/program';
import { Violations } from '../harness/violations';
import { DASHBOARD, KEYSTONES, Place, templateOf } from './app';
import { Person } from './browser';
import { keycloakFolder } from './keycloak-dist';

const HELP = `usage: npm run test:sso -- [options]
  --address ADDRESS   where browsers come in, default 127.0.0.1
  --horizon SERIES    on Horizon from PyPI, such as 2026.1
  --keycloak          with Keycloak as the provider of both protocols; the first time, it is downloaded
                      from Maven Central and built. It needs Java: openjdk-21-jre-headless
  --only REGEX        of the checks, only these
  --screenshots DIR   save the login page and the page after logout there, such as docs/images
  --json FILE         write the measurements there
`;
/** Where providers are, by their names in Keystone. */
type Hosts = Readonly<Record<'corp' | 'partner' | 'campus', string>>;

const hostsOf = (providers: readonly IdentityProvider[]) =>
  Object.fromEntries(providers.map(({ name, host }) => [name, host])) as Hosts;
const [ADA, ALAN, GRACE] = ['ada.lovelace', 'alan.turing', 'grace.hopper'];

interface Stage {
  readonly preview: Preview;
  readonly browser: Browser;
  readonly address: string;
  readonly violations: Violations;
  readonly hosts: Hosts;
  readonly screenshots?: string;
  readonly templates: Readonly<Record<Place, string>>;
}

const FIRST = 'hosts boot with single sign-on, and Keystone knows the identity providers';
const CHECKS: Checks<Stage> = [
  ['the login page has all choices', loginPage],
  ['a user logs in at an OpenID Connect provider', (stage) => oidc(stage, 'corp', ADA)],
  ['and at another one', (stage) => oidc(stage, 'partner', ALAN)],
  ['a user chooses the protocol, and the provider at Keystone', byProtocol],
  ['a user logs in at a SAML provider, and out', saml],
  ['a user with a password logs in as ever', credentials],
  ['a page that asked for the login comes after it', deepLink],
  ['a user whom no mapping fits is told so', refused],
  ['a provider is down: the others work, and it does when it is back', down],
  ['a logout ends the session, its tokens, and the session at the provider', logout],
  [
    'the token that passes through the browser ends with the login, and the session goes on',
    passed,
  ],
  ['two users in turn at one browser', inTurn],
  ['with Keystone on the same site, users are redirected at once', sameSite],
  ['and are not logged in again after the logout', redirectedLogout],
  ['Keystone by path on port 443: OpenID Connect and SAML', byPath],
  ['the operation log has who logged in and out, and no token', logged],
  ['nothing of this violates the content security policy', permitted],
  ['hosts log no exception', quiet],
];

/** With Keycloak, which has its own forms, claims, assertions and logout. */
const KEYCLOAK_CHECKS: Checks<Stage> = [
  ['a user logs in at Keycloak with OpenID Connect', (stage) => oidc(stage, 'corp', ADA)],
  ['a user logs in at Keycloak with SAML, and out, which ends the session at Keycloak', saml],
  ['a page that asked for the login comes after it', deepLink],
  ['a user without the group is told so', refused],
  ['a logout ends the session, its tokens, and the session at Keycloak', logout],
  ['two users in turn at one browser', inTurn],
  ['the operation log has who logged in and out, and no token', logged],
  ['nothing of this violates the content security policy', permitted],
  ['hosts log no exception', quiet],
];

async function somebody(stage: Stage, body: (person: Person) => Promise<void>): Promise<void> {
  const { browser, preview, violations } = stage;
  const person = await Person.at(browser, violations, preview.url, preview.password);
  try {
    await body(person);
  } catch (error) {
    const text = (await person.page.textContent('body').catch(() => '')) ?? '';
    const said = text.replace(/\s+/g, ' ').slice(0, 400);
    throw new Error(`${(error as Error).message}\n          at ${person.page.url()}: ${said}`, {
      cause: error,
    });
  } finally {
    await person.leave();
  }
}

async function shoot({ screenshots }: Stage, { page }: Person, name: string): Promise<void> {
  if (screenshots !== undefined) {
    await page.waitForLoadState('networkidle');
    fs.mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: path.join(screenshots, name) });
  }
}

function loginPage(stage: Stage): Promise<void> {
  return somebody(stage, async (person) => {
    await person.page.goto(`${stage.preview.url}auth/login/`);
    const values = await person.page.$$eval('#id_auth_type option', (options) =>
      options.map((option) => (option as unknown as { value: string }).value),
    );
    must(values.join() === 'credentials,corp,partner,campus,openid', `it has ${values.join()}`);
    await person.page.selectOption('#id_auth_type', 'corp');
    await shoot(stage, person, 'sso-login.png');
  });
}

function oidc(stage: Stage, choice: 'corp' | 'partner', user: string): Promise<void> {
  return somebody(stage, async (person) => {
    await person.choose(choice);
    await person.logInAt(stage.hosts[choice], user);
    await person.isIn(user);
  });
}

function byProtocol(stage: Stage): Promise<void> {
  return somebody(stage, async (person) => {
    await person.choose('openid');
    await person.page.waitForURL(/:5000\//);
    await person.page.click(`a[href*="${stage.hosts.partner}"]`);
    await person.logInAt(stage.hosts.partner, ALAN);
    await person.isIn(ALAN);
  });
}

function saml(stage: Stage): Promise<void> {
  return somebody(stage, async (person) => {
    await person.choose('campus');
    await person.logInAt(stage.hosts.campus, ADA);
    await person.isIn(ADA);
    await person.logOut();
    await person.choose('campus');
    await person.logInAt(stage.hosts.campus, ALAN);
    await person.isIn(ALAN);
  });
}

function credentials(stage: Stage): Promise<void> {
  const { preview } = stage;
  return somebody(stage, async (person) => {
    await person.page.goto(`${preview.url}auth/login/`);
    await person.page.fill('#id_username', preview.user);
    await person.page.fill('#id_password', preview.password);
    await person.page.click('#loginBtn');
    await person.isIn(preview.user);
  });
}

function deepLink(stage: Stage): Promise<void> {
  return somebody(stage, async (person) => {
    await person.choose('corp', 'settings/');
    await person.logInAt(stage.hosts.corp, ADA);
    await person.isIn(ADA);
    const { pathname } = new URL(person.page.url());
    must(pathname === '/settings/', `it is ${pathname}`);
  });
}

function refused(stage: Stage): Promise<void> {
  return somebody(stage, async (person) => {
    await person.choose('corp');
    await person.logInAt(stage.hosts.corp, GRACE);
    await person.page.waitForSelector('h1:has-text("No access")');
    const text = await person.page.textContent('body');
    must(/add you to a group/.test(text ?? ''), `it says ${text}`);
    await person.page.click('a:has-text("Back to the dashboard")');
    await person.page.waitForURL(`${stage.preview.url}auth/login/**`);
  });
}

async function down(stage: Stage): Promise<void> {
  const { preview } = stage;
  await preview.call('identityProviderAway', 'corp', true);
  try {
    await somebody(stage, async (person) => {
      const failed = new Promise<string>((resolve) =>
        person.page.on('requestfailed', (request) => {
          if (request.url().includes(stage.hosts.corp)) {
            resolve(request.failure()?.errorText ?? '');
          }
        }),
      );
      await person.choose('corp').catch(() => undefined);
      must(/ERR_EMPTY_RESPONSE|ERR_CONNECTION/.test(await failed), await failed);
    });
    await oidc(stage, 'partner', ADA);
  } finally {
    await preview.call('identityProviderAway', 'corp', false);
  }
  await oidc(stage, 'corp', ADA);
}

/** How many tokens of a user the hosts have revoked, as they say. */
async function revoked({ preview }: Stage, user: string): Promise<number> {
  const messages = (await preview.call('logEvents')).map(({ message }) => message).join('\n');
  const said = new RegExp(`Revoked (\\d+) tokens of user \\\\?"${user}`, 'g');
  return [...messages.matchAll(said)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Whether memcached holds a session. */
async function held({ preview }: Stage, session: string): Promise<boolean> {
  const host = (await preview.call('hosts')).find((one) => one.role === 'dashboard' && one.running);
  const keys = await byHashedKey(preview, host?.id ?? '', [session]);
  const content = await preview.call('cacheKeys');
  return content.some((node) => node.keys.some((key) => keys.has(key)));
}

function logout(stage: Stage): Promise<void> {
  return somebody(stage, async (person) => {
    await person.choose('corp');
    await person.logInAt(stage.hosts.corp, ADA);
    await person.isIn(ADA);
    const session = (await person.session()) ?? '';
    const before = await revoked(stage, ADA);
    must(await held(stage, session), 'memcached does not hold the session');
    await person.logOut();
    must(!(await held(stage, session)), 'memcached still holds the session');
    await until(
      'its tokens are revoked',
      180,
      async () => (await revoked(stage, ADA)) > before + 1,
    );
    await shoot(stage, person, 'sso-logged-out.png');
    const corner = await person.page.evaluate<string>(
      "getComputedStyle(document.querySelector('main')).borderRadius",
    );
    must(corner === '8px', `the policy of the page refuses its style: ${corner}`);
    await sleep(2000);
    const { pathname } = new URL(person.page.url());
    must(pathname === '/logged-out', `the page after the logout leads to ${pathname}`);
    await person.choose('corp');
    // The provider asks for the password again.
    await person.logInAt(stage.hosts.corp, ADA);
    await person.isIn(ADA);
  });
}

/** Whether Keystone takes a token. */
function valid({ preview }: Stage, token: string): Promise<boolean> {
  return preview.call('keystone', { method: 'GET', path: '/auth/tokens', subject: token }).then(
    () => true,
    (error: Error) => {
      must(/: 404 /.test(error.message), error.message);
      return false;
    },
  );
}

function passed(stage: Stage): Promise<void> {
  const { preview } = stage;
  return somebody(stage, async (person) => {
    let token = '';
    await person.page.route('**/auth/websso/', async (route) => {
      token = new URLSearchParams(route.request().postData() ?? '').get('token') ?? '';
      must(await valid(stage, token), 'Keystone refuses the token before the dashboard has it');
      await route.continue();
    });
    await person.choose('corp');
    await person.logInAt(stage.hosts.corp, ADA);
    await person.isIn(ADA);
    must(!(await valid(stage, token)), 'Keystone still takes the token of the form');
    // The token of the project, and the one from which that of another project is made.
    const { projects } = await preview.call('keystone', { method: 'GET', path: '/projects' });
    const [{ id }] = (projects as unknown as { id: string; name: string }[]).filter(
      ({ name }) => name === 'demo',
    );
    await person.page.goto(`${preview.url}auth/switch/${id}/?next=/identity/`);
    await person.isIn(ADA);
    const text = await person.page.textContent('body');
    must(/Switch to project "demo" successful/.test(text ?? ''), 'no token of a project is made');
  });
}

function inTurn(stage: Stage): Promise<void> {
  return somebody(stage, async (person) => {
    for (const user of [ADA, ALAN]) {
      await person.choose('corp');
      await person.logInAt(stage.hosts.corp, user);
      await person.isIn(user);
      const text = await person.page.textContent('body');
      const other = user === ADA ? ALAN : ADA;
      must(text?.includes(other) === false, `${user} sees ${other}`);
      await person.logOut();
    }
  });
}

/** Replaces the dashboard hosts with some that have Keystone elsewhere. */
async function move({ preview, templates }: Stage, place: Place): Promise<void> {
  await preview.update(templates[place]);
  const [host] = await preview.roll({ role: 'dashboard' });
  await preview.inService(host.id);
}

async function sameSite(stage: Stage): Promise<void> {
  await move(stage, 'sameSite');
  await somebody(stage, async (person) => {
    await person.page.goto(`${stage.preview.url}settings/`);
    await person.logInAt(stage.hosts.corp, ADA);
    await person.isIn(ADA);
  });
  await oidcByForm(stage);
}

/** The form is still there for those who have a password, or another provider. */
function oidcByForm(stage: Stage): Promise<void> {
  return somebody(stage, async (person) => {
    await person.choose('campus', 'auth/login/?redirect=false');
    await person.logInAt(stage.hosts.campus, ALAN);
    await person.isIn(ALAN);
  });
}

function redirectedLogout(stage: Stage): Promise<void> {
  return somebody(stage, async (person) => {
    await person.page.goto(stage.preview.url);
    await person.logInAt(stage.hosts.corp, ADA);
    await person.isIn(ADA);
    await person.logOut();
    await sleep(2000);
    const { pathname } = new URL(person.page.url());
    must(pathname === '/logged-out', `the page after the logout leads to ${pathname}`);
    await person.page.goto(stage.preview.url);
    // The next user is asked, and is not the one before.
    await person.logInAt(stage.hosts.corp, ALAN);
    await person.isIn(ALAN);
  });
}

async function byPath(stage: Stage): Promise<void> {
  await move(stage, 'byPath');
  await oidc(stage, 'corp', ADA);
  await saml(stage);
}

interface Operation {
  readonly event: string;
  readonly user: string;
  readonly client: string;
}

async function logged({ preview }: Stage): Promise<void> {
  const messages = (await preview.call('logEvents')).map(({ message }) => message);
  const operations = messages.flatMap(
    (message) => (JSON.parse(message) as { operation?: Operation }).operation ?? [],
  );
  for (const wanted of ['login_continues', 'sso_login', 'logout']) {
    must(
      operations.some(({ event }) => event === wanted),
      `there is no ${wanted}`,
    );
  }
  const ofUsers = operations.filter(({ event }) => /^(sso_login|logout)$/.test(event));
  for (const { event, user, client } of ofUsers) {
    must([ADA, ALAN].includes(user), `${event} of ${user}`);
    must(/^[\da-f.:]+$/.test(client), `${event} from ${client}`);
  }
  process.stdout.write(`          ${ofUsers.length} of ${operations.length} events\n`);
  must(!/gAAAA/.test(messages.join('\n')), 'there is a token in the log');
}

function permitted({ violations }: Stage): void {
  violations.none();
}

async function quiet({ preview }: Stage): Promise<void> {
  const hosts = (await preview.call('hosts')).filter(({ running }) => running);
  await expectNoException(preview, hosts);
}

/** One more address of this machine, since Keystone is on port 443, too. */
function identityAddress(address: string): string {
  return address.replace(/^127\.0\.0\./, '127.0.1.');
}

async function prepare(preview: Preview, stage: Omit<Stage, 'browser'>): Promise<Stage> {
  await preview.makeImages();
  await preview.start();
  for (const role of ['static', 'dashboard'] as const) {
    await preview.addHost({ role });
  }
  for (const { id } of await preview.call('hosts')) {
    await preview.signalled(id);
    await preview.inService(id);
  }
  await preview.call('registered');
  const browser = await launchWith([preview.ca], {
    [DASHBOARD]: stage.address,
    // Keystone and the identity providers.
    ...Object.fromEntries(
      ['*.acme.test', '*.cloud.internal', '*.example', 'cloud.example'].map((name) => [
        name,
        identityAddress(stage.address),
      ]),
    ),
  });
  return { ...stage, browser };
}

/** Says how long each of them took. */
function timed(checks: Checks<Stage>): Checks<Stage> {
  return checks.map(([name, body]) => [
    name,
    async (stage) => {
      const began = Date.now();
      await body(stage);
      measure(name, (Date.now() - began) / 1000, 's');
    },
  ]);
}

async function main(values: Values): Promise<void> {
  const began = Date.now();
  const address = values.address ?? '127.0.0.1';
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'sso-'));
  try {
    process.env.CDK_VALIDATION = 'false';
    const places = Object.keys(KEYSTONES) as Place[];
    const entries = places.map((place) => [place, templateOf(place, out, values.horizon)]);
    const templates = Object.fromEntries(entries) as Record<Place, string>;
    const keycloak = values.keycloak === undefined ? undefined : await keycloakFolder();
    const options = {
      ...(keycloak === undefined ? {} : { keycloak }),
      ...{ template: templates.otherSite, address, federation: true },
      identityAddress: identityAddress(address),
      keystoneUrls: keycloak === undefined ? Object.values(KEYSTONES) : [],
    };
    await withPreview(options, async (preview) => {
      const violations = new Violations();
      const hosts = hostsOf(keycloak === undefined ? IDENTITY_PROVIDERS : KEYCLOAK_PROVIDERS);
      const { screenshots } = values;
      const stage = { preview, address, hosts, violations, screenshots, templates };
      const ready = await onStage(
        [FIRST, () => prepare(preview, stage)],
        timed(keycloak === undefined ? CHECKS : KEYCLOAK_CHECKS),
        values.only,
      );
      await ready?.browser.close();
    });
  } finally {
    fs.rmSync(out, { recursive: true });
  }
  measure('all of this test', (Date.now() - began) / 1000, 's');
}

start(
  {
    name: 'sso test',
    help: HELP,
    options: {
      ...{ address: 'string', horizon: 'string', keycloak: 'boolean', only: 'string' },
      screenshots: 'string',
    },
    checks: [FIRST, ...CHECKS.map(([name]) => name)],
  },
  main,
);
