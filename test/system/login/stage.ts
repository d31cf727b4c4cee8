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

/** Fills in the login page. */
export async function submit(page: Page, name: string, password: string): Promise<void> {
  await page.fill('#id_username', name);
  await page.fill('#id_password', password);
  await Promise.all([page.waitForNavigation(), page.click('#loginBtn')]);
  await page.waitForLoadState('networkidle');
}
