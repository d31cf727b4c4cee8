/**
 * Records the requests that a browser sends to a real Horizon on the preview, for the test of the web
 * ACL. Horizon's own forms and JavaScript build them; nothing that changes something is sent. Root,
 * Linux, Chromium. Usage: node test/system/waf/record.js
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Page, Request } from 'playwright-core';
import { launch } from '../../../harness/browser';
import { withStack } from '../../../harness/stack';
import { must, progress } from '../harness/checks';
import { withPreview } from '../harness/program';
import { CALLS, FORMS, GETS } from './browser';
import { BrowserRequest, HEADERS, RECORDED } from './requests';

/** A token is of no importance for the test, and nobody needs a real one. */
const TOKEN = 'RDcUv1WNyDkzmhgxQG3qoYqS0pL4Jw8tB6eXaZ7iKf9CMH2TlrnVEbPOuA5jdsI3';
/** A boundary of Chromium. */
const BOUNDARY = /----WebKitFormBoundary\w{16}/g;

function record(name: string, request: Request): BrowserRequest {
  const url = new URL(request.url());
  const headers = Object.fromEntries(
    Object.entries(request.headers())
      .filter(([header]) => HEADERS.includes(header))
      .map(([header, value]) => [header, clean(value, url)]),
  );
  const body = request.postDataBuffer()?.toString();
  return {
    name,
    method: request.method(),
    path: url.pathname + url.search,
    headers,
    ...(body === undefined ? {} : { body: clean(body, url) }),
  };
}

function clean(text: string, url: URL): string {
  return text
    .replaceAll(url.origin, 'https://dashboard.example.org')
    .replaceAll(/(csrfmiddlewaretoken=)\w+/g, `$1${TOKEN}`)
    .replaceAll(BOUNDARY, '----WebKitFormBoundaryAbCdEfGhIjKlMnOp')
    .replaceAll(/(name="csrfmiddlewaretoken"\r\n\r\n)\w+/g, `$1${TOKEN}`)
    .replace(/^\w{64}$|^\w{32}$/, TOKEN);
}

/** What the next request is that matches, which the dashboard does not get. */
async function intercept(
  page: Page,
  name: string,
  act: () => Promise<unknown>,
): Promise<BrowserRequest> {
  const wanted = (request: Request) => !['GET', 'HEAD'].includes(request.method());
  let recorded: BrowserRequest | undefined;
  const ready = new Promise<void>((resolve) => {
    void page.route('**/*', async (route, request) => {
      const policy = request.url().endsWith('/api/policy/') && !name.includes('policy');
      if (!wanted(request) || policy) {
        return route.continue();
      }
      recorded ??= record(name, request);
      await route.fulfill({ status: 200, contentType: 'application/json', body: '{}' });
      resolve();
    });
  });
  await act();
  await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, 15_000))]);
  await page.unroute('**/*');
  must(recorded !== undefined, `${name}: the browser sent nothing`);
  return recorded as BrowserRequest;
}

/** Calls a function of `in-page.mjs`. */
async function inPage(page: Page, name: 'submit' | 'call', argument: unknown): Promise<void> {
  await page.evaluate(`recorder.${name}(${JSON.stringify(argument)})`);
}

async function main(): Promise<void> {
  const recorded: BrowserRequest[] = [];
  const attempt = (name: string, act: () => Promise<BrowserRequest>) =>
    progress(name, act).then(
      (request) => recorded.push(request),
      (error: Error) => {
        process.exitCode = 1;
        process.stderr.write(`${error.message}\n`);
      },
    );
  await withStack(2, async (template) => {
    const options = { template, services: true, objectStore: true, dashboardHosts: 1 };
    await withPreview(options, async (preview) => {
      await preview.boot();
      const browser = await launch(preview.ca);
      const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
      await page.addInitScript({ path: path.join(__dirname, 'in-page.mjs') });
      page.setDefaultTimeout(60_000);
      await progress('log in', async () => {
        await page.goto(`${preview.url}auth/login/?next=/project/`);
        const login = page.waitForRequest((request) => request.method() === 'POST');
        await page.fill('#id_username', preview.user);
        await page.fill('#id_password', preview.password);
        await page.click('#loginBtn');
        const request = record('log in', await login);
        const body = request.body?.replace(/(password=)[^&]+/, '$1correct+horse+battery+staple');
        recorded.push({ ...request, body });
        await page.waitForURL(`${preview.url}project/`);
      });
      for (const { name, open } of GETS) {
        const request = page.waitForRequest((each) => each.isNavigationRequest());
        await page.goto(new URL(open, preview.url).href);
        recorded.push(record(name, await request));
      }
      for (const form of FORMS) {
        await attempt(form.name, async () => {
          await page.goto(new URL(form.open, preview.url).href);
          return intercept(page, form.name, () => inPage(page, 'submit', form));
        });
      }
      await page.goto(`${preview.url}project/instances/`, { waitUntil: 'networkidle' });
      for (const call of CALLS) {
        await attempt(call.name, () =>
          intercept(page, call.name, () => inPage(page, 'call', call)),
        );
      }
      await browser.close();
    });
  });
  fs.writeFileSync(RECORDED, `${JSON.stringify(recorded, undefined, 2)}\n`);
  process.stdout.write(`${recorded.length} requests\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
