/**
 * Pages work with the content security policy that browsers enforce: a user of Chromium opens all pages
 * and modals of the preview's cloud, and nothing violates it. Then somebody has put scripts into pages, and
 * these do not run. Root, Linux, Chromium. Usage: see HELP.
 */
import type { Page } from 'playwright-core';
import { launch } from '../../../harness/browser';
import { withStack } from '../../../harness/stack';
import type { Preview } from '../../../preview';
import { until } from '../../../preview/shared/run';
import { check, measure, must } from '../harness/checks';
import { start, Values, withPreview } from '../harness/program';
import { Violations } from '../harness/violations';
import { Observatory } from './observatory';
import { idle, openModal, visitAll } from './visit';
import { launchWizard } from './wizard';

const HELP = `usage: npm run test:csp -- [options]
  --horizon SERIES    on Horizon from PyPI, such as 2026.1
  --pages N           at most so many pages, default 150
  --quick             at most 20 pages
  --json FILE         write the measurements there
  --address ADDRESS   where the dashboard is reached, default 127.0.0.1
`;
const PAGES = 'all pages, tabs and modals work, and nothing violates the policy';
const OBSERVATORY = 'Mozilla’s HTTP Observatory grades the login page A or better';

/** Pages and modals that there are at least, if so many may be visited. */
const LEAST = { pages: 30, modals: 12 };

async function main(values: Values): Promise<void> {
  const most = Number(values.pages ?? (values.quick === undefined ? 150 : 20));
  must(Number.isInteger(most) && most > 0, `--pages must be from 1, got ${values.pages}`);
  const body = async (template: string) => {
    const options = { template, address: values.address, services: true, dashboardHosts: 1 };
    await withPreview(options, async (preview) => {
      await preview.boot();
      const browser = await launch(preview.ca, values.address);
      try {
        const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
        const violations = new Violations();
        await violations.watch(page);
        page.setDefaultTimeout(180_000);
        await login(page, preview);
        await check(PAGES, () => pages(page, preview, violations, most));
        await check('the launch wizard works', async () => {
          await page.goto(`${preview.url}project/instances/`, { waitUntil: 'load' });
          await idle(page);
          await launchWizard(page);
          violations.none();
        });
        await check('rows are updated, and another language is chosen', async () => {
          await updates(page, preview);
          violations.none();
        });
        await check('links that only handle a click are not reported', () =>
          clicks(page, preview, violations),
        );
        await check('scripts that somebody put into a page do not run', () =>
          injected(page, preview, violations),
        );
        await check('scripts that somebody put into a modal do not run', () =>
          injectedIntoModal(page, preview, violations),
        );
        await check('each page has another nonce, and the policy names the static host', () =>
          nonces(page, preview),
        );
        await check(OBSERVATORY, () => observatory(preview, values.address ?? '127.0.0.1'));
        // Chromium collects reports for up to a minute, and loses them if it ends.
        await check('violations are in the log of the host', () =>
          until('the log has the violation', 150, async () =>
            /content security policy: \{"directive": "script-src/.test(await journal(preview)),
          ).catch(async (error: Error) => {
            throw new Error(`${error.message}: ${(await journal(preview)).slice(-2000)}`);
          }),
        );
      } finally {
        await browser.close();
      }
      await check('the host logs no error', async () => {
        // Pages that fail are errors above; Horizon also logs exceptions that it handles.
        const bad = /^.*(OfflineGenerationError|CRITICAL|WORKER TIMEOUT).*$/m;
        const said = bad.exec(await journal(preview))?.[0];
        must(said === undefined, `the host said ${said}`);
      });
    });
  };
  await withStack(2, body, undefined, values.horizon);
}

/** What the dashboard host has logged since it booted. */
async function journal(preview: Preview): Promise<string> {
  const [host] = (await preview.call('hosts')).filter(({ role }) => role === 'dashboard');
  return preview.call('exec', host.id, ['journalctl', '-q', '-b', '-o', 'cat']);
}

/** Grades of at least 90 points. */
const GOOD = ['A+', 'A'];

async function observatory(preview: Preview, address: string): Promise<void> {
  const judge = await Observatory.install();
  try {
    const { grade, score, tests } = await judge.scan(preview, address);
    const rows = Object.entries(tests).map(([name, { pass, result, scoreModifier }]) => {
      const points = scoreModifier > 0 ? `+${scoreModifier}` : String(scoreModifier);
      return `${pass ? 'passed' : 'failed'} ${points.padStart(3)} ${name}: ${result}`;
    });
    process.stdout.write(`          grade ${grade}, ${score} points\n`);
    process.stdout.write(`          ${rows.join('\n          ')}\n`);
    must(GOOD.includes(grade), `the grade is ${grade}, ${score} points\n${rows.join('\n')}`);
  } finally {
    judge.remove();
  }
}

async function login(page: Page, preview: Preview): Promise<void> {
  await page.goto(`${preview.url}auth/login/?next=/project/`);
  await page.fill('#id_username', preview.user);
  await page.fill('#id_password', preview.password);
  await page.click('#loginBtn');
  await page.waitForURL(`${preview.url}project/`);
}

async function pages(page: Page, preview: Preview, violations: Violations, most: number) {
  const visited = await visitAll(page, preview.url, most);
  measure('pages', visited.pages.length, '');
  measure('modals', visited.modals.length, '');
  measure('violations', violations.all.length, '', 0);
  measure('errors of scripts', visited.errors.length, '');
  process.stdout.write(
    `          ${visited.pages.join(' ')}\n          ${visited.modals.join(' ')}\n`,
  );
  process.stdout.write(`          ${[...new Set(visited.errors)].join('\n          ')}\n`);
  violations.none();
  must(visited.failed.length === 0, `these are errors of the server: ${visited.failed.join(' ')}`);
  const refused = await onlyWithPolicy(page, preview, new Set(visited.errors));
  must(refused.length === 0, `without the policy, these do not occur: ${refused.join('\n')}`);
  must(
    visited.pages.length >= Math.min(most, LEAST.pages),
    `${visited.pages.length} pages, expected at least ${Math.min(most, LEAST.pages)}`,
  );
  must(
    visited.modals.length >= Math.min(most, LEAST.modals),
    `${visited.modals.length} modals, expected at least ${Math.min(most, LEAST.modals)}`,
  );
}

/** Those of some errors of scripts that do not occur in a browser that ignores the policy. */
async function onlyWithPolicy(page: Page, preview: Preview, errors: Set<string>) {
  const found = new Set<string>();
  const browser = page.context().browser();
  if (errors.size === 0 || browser === null) {
    return [...errors];
  }
  const storageState = await page.context().storageState();
  const context = await browser.newContext({ bypassCSP: true, locale: 'en-US', storageState });
  const control = await context.newPage();
  control.on('pageerror', ({ message }) => {
    found.add(message);
  });
  for (const path of new Set([...errors].map((error) => error.split(': ')[0]))) {
    await control.goto(new URL(path, preview.url).href, { waitUntil: 'load' });
    await idle(control);
  }
  await context.close();
  // Whether a page has it depends on which of its scripts comes first.
  return [...errors].filter((error) => !found.has(error.slice(error.indexOf(': ') + 2)));
}

async function updates(page: Page, preview: Preview): Promise<void> {
  await page.goto(`${preview.url}project/instances/`, { waitUntil: 'load' });
  await idle(page);
  await page.evaluate(
    "$('table#instances tbody tr').first().addClass('warning status_unknown'); horizon.datatables.update()",
  );
  await idle(page);
  for (const [language, word] of [
    ['de', 'Instanzen'],
    ['en', 'Instances'],
  ]) {
    await page.goto(`${preview.url}settings/`, { waitUntil: 'load' });
    await page.selectOption('#id_language', language);
    await Promise.all([
      page.waitForNavigation(),
      page.click('#user_settings_modal input[type=submit], form input[type=submit]'),
    ]);
    await page.goto(`${preview.url}project/instances/`, { waitUntil: 'load' });
    must((await page.content()).includes(word), `${word} is not on the page`);
  }
}

async function clicks(page: Page, preview: Preview, violations: Violations): Promise<void> {
  await page.goto(`${preview.url}project/network_topology/`, { waitUntil: 'load' });
  await idle(page);
  await page.evaluate(
    "document.body.insertAdjacentHTML('beforeend', '<a id=probe href=\"javascript:void(0);\">x</a>'); document.getElementById('probe').click()",
  );
  const found = await page.$$('a[href^="javascript:"]');
  must(found.length > 0, 'there is no such link');
  await page.waitForTimeout(500);
  violations.none();
}

const SCRIPTS =
  '<script>window.injected = 1</script>' +
  '<script nonce="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA">window.injected = 2</script>' +
  '<img src="/static/no" onerror="window.injected = 3">' +
  '<script src="https://evil.example.org/x.js"></script>' +
  '<a id="evil" href="javascript:window.injected = 4">x</a>' +
  '<object data="/static/x.svg"></object>' +
  '<base href="https://evil.example.org/">' +
  '<form id="evil-form" action="https://evil.example.org/"><input name="a"></form>';

/** Gives the browser other answers of this path, with the headers that they have. */
async function altered(page: Page, path: string, edit: (body: string) => string) {
  const browser = await page.context().newCDPSession(page);
  browser.on('Fetch.requestPaused', ({ requestId, responseStatusCode, responseHeaders = [] }) => {
    void (async () => {
      const { body, base64Encoded } = await browser.send('Fetch.getResponseBody', { requestId });
      const text = base64Encoded ? Buffer.from(body, 'base64').toString() : body;
      await browser.send('Fetch.fulfillRequest', {
        requestId,
        responseCode: responseStatusCode ?? 200,
        responseHeaders: responseHeaders.filter(({ name }) => !/^content-(length|enc)/i.test(name)),
        body: Buffer.from(edit(text)).toString('base64'),
      });
    })();
  });
  const patterns = [{ urlPattern: `*${path}`, requestStage: 'Response' as const }];
  await browser.send('Fetch.enable', { patterns });
  return browser;
}

async function injected(page: Page, preview: Preview, violations: Violations): Promise<void> {
  const path = '/project/instances/';
  const browser = await altered(page, path, (body) =>
    body.replace('<div id="footer">', `${SCRIPTS}<div id="footer">`),
  );
  await page.goto(new URL(path, preview.url).href, { waitUntil: 'load' });
  await idle(page);
  await page.evaluate("document.getElementById('evil').click()");
  await page.evaluate("document.getElementById('evil-form').submit()");
  await page.waitForTimeout(500);
  await browser.detach();
  const ran = await page.evaluate('window.injected');
  must(ran === undefined, `script ${String(ran)} ran`);
  must(new URL(page.url()).hostname === preview.name, `the browser is at ${page.url()}`);
  const base = await page.evaluate('document.baseURI');
  must(String(base).startsWith(preview.url), `the base is ${String(base)}`);
  const directives = new Set(violations.take().map(({ directive }) => directive));
  for (const wanted of [
    ...['script-src-elem', 'script-src-attr', 'object-src', 'base-uri', 'form-action'],
  ]) {
    must(directives.has(wanted), `${wanted} is not among ${[...directives].join(' ')}`);
  }
}

async function injectedIntoModal(page: Page, preview: Preview, violations: Violations) {
  const href = '/project/volumes/create/';
  await page.goto(`${preview.url}project/volumes/`, { waitUntil: 'load' });
  await idle(page);
  let found = false;
  const browser = await altered(page, href, (body) => {
    const edited = body.replace(
      '<div class="modal-body',
      '<script>window.own = document.currentScript.nonce</script><script>window.injected = 1</script>' +
        '<script nonce="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA">window.injected = 2</script>' +
        '<div class="modal-body',
    );
    found = edited !== body;
    // The first is as those of the modal's template.
    const [, nonce = ''] = /<script nonce="([\w-]{32})"/.exec(body) ?? [];
    return edited.replace('<script>window.own', `<script nonce="${nonce}">window.own`);
  });
  must(await openModal(page, href), 'there is no modal');
  await browser.detach();
  must(found, 'the modal is another one');
  const [own, ran] = (await page.evaluate('[window.own, window.injected]')) as unknown[];
  must(own !== undefined, "the modal's own script did not run");
  must(ran === undefined, `script ${String(ran)} ran`);
  must(violations.take().length > 0, 'the browser reported nothing');
}

async function nonces(page: Page, preview: Preview): Promise<void> {
  const seen = new Set<string>();
  for (const path of ['/project/', '/project/', '/settings/', '/identity/']) {
    const [policy, text] = (await page.evaluate(
      `fetch('${path}').then(async (one) => [one.headers.get('content-security-policy'), await one.text()])`,
    )) as [string, string];
    const [, nonce = ''] = /'nonce-([\w-]{32})'/.exec(policy) ?? [];
    must(nonce !== '', `the policy of ${path} is ${policy}`);
    must(!seen.has(nonce), `${path} has the nonce of another page`);
    must(text.includes(`<script nonce="${nonce}"`), `${path} does not have it`);
    must(policy.includes(`https://${preview.staticName}`), `${policy} lacks ${preview.staticName}`);
    seen.add(nonce);
  }
}

start(
  {
    ...{ name: 'test of the content security policy', help: HELP, checks: [PAGES] },
    options: { horizon: 'string', pages: 'string', quick: 'boolean', address: 'string' },
  },
  main,
);
