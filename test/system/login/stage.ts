import * as path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Preview } from '../../../preview';

export interface Stage {
  readonly preview: Preview;
  readonly browser: Browser;
  /** Saves a picture, if pictures are wanted. */
  readonly shoot: (page: Page, name: string) => Promise<void>;
}

/** A page of a new visitor. */
export async function visit(
  { browser }: Stage,
  locale = 'en-US',
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 } });
  // Other tests may keep the machine busy
  context.setDefaultTimeout(180000);
  await context.addInitScript({ path: path.join(__dirname, 'in-page.mjs') });
  return { context, page: await context.newPage() };
}

export interface Login {
  readonly name: string;
  readonly password: string;
  /** @default - what the page selects */
  readonly region?: string;
  /** @default - what the page selects */
  readonly domain?: string;
}

/** Fills in the login page, and sends it; gives the status of the answer. */
export async function enter(page: Page, login: Login): Promise<number> {
  const { name, password, region, domain } = login;
  await page.fill('#id_username', name);
  await page.fill('#id_password', password);
  for (const [field, label] of [
    ['#id_region', region],
    ['#id_domain', domain],
  ] as const) {
    if (label !== undefined) {
      // The theme has a list of its own in front of it.
      await page.selectOption(field, { label }, { force: true });
    }
  }
  const [response] = await Promise.all([
    page.waitForResponse((one) => one.request().method() === 'POST'),
    page.click('#loginBtn'),
  ]);
  await page.waitForLoadState();
  return response.status();
}

/** Fills in the login page, and waits for the page after it. */
export async function submit(page: Page, name: string, password: string): Promise<void> {
  await Promise.all([page.waitForNavigation(), enter(page, { name, password })]);
  await page.waitForLoadState('networkidle');
}

/** Logs in on the login page; gives the status of the answer. */
export async function attempt(
  { preview }: Stage,
  page: Page,
  name: string,
  password: string,
): Promise<number> {
  await page.goto(`${preview.url}auth/login/`);
  return enter(page, { name, password });
}

/** What a user reads on a page. */
export function say(page: Page): Promise<string> {
  return page.evaluate<string>('reader.texts()');
}

/** What the application has logged. */
export async function journal({ preview }: Stage): Promise<string> {
  const host = (await preview.call('hosts')).find(({ role }) => role === 'dashboard');
  const command = ['journalctl', '-q', '-o', 'cat', '-u', 'openstack-dashboard'];
  return preview.call('exec', host?.id ?? '', command);
}
