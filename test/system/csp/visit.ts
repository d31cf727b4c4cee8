/** A user who opens all pages, modals and wizards that menus and tables offer. */
import type { Page } from 'playwright-core';
import { links } from '../pages/texts';

export interface Visited {
  readonly pages: string[];
  readonly modals: string[];
  /** Errors of scripts, by page. */
  readonly errors: string[];
  /** Pages that a server answers with an error of its own. */
  readonly failed: string[];
}

const kindOf = (href: string) =>
  href.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}/g, 'ID').split('?')[0];

/** It shows what was made just before, and is an error of Horizon otherwise. */
const WITHOUT_FORM = '/identity/application_credentials/success/';

/** Opens pages that others link to, breadth first, and each kind of modal once. */
export async function visitAll(page: Page, url: string, most: number): Promise<Visited> {
  const waiting = ['/project/', '/identity/', '/settings/', '/admin/'];
  const visited: Visited = { pages: [], modals: [], errors: [], failed: [] };
  const kinds = new Set<string>();
  page.on('pageerror', (error) => {
    visited.errors.push(`${new URL(page.url()).pathname}: ${error.message}`);
  });
  for (let at = 0; at < waiting.length && visited.pages.length < most; at += 1) {
    const answer = await page
      .goto(new URL(waiting[at], url).href, { waitUntil: 'load' })
      // A download.
      .catch(() => null);
    if ((answer?.status() ?? 0) >= 500 && waiting[at] !== WITHOUT_FORM) {
      visited.failed.push(waiting[at]);
    }
    if (answer?.status() !== 200 || page.url().includes('/auth/login')) {
      continue;
    }
    await idle(page);
    visited.pages.push(waiting[at]);
    for (const link of links(await page.content())) {
      if (!waiting.includes(link) && !kinds.has(`page ${kindOf(link)}`)) {
        waiting.push(link);
        if (kindOf(link) !== link) {
          kinds.add(`page ${kindOf(link)}`);
        }
      }
    }
    await clickTabs(page);
    for (const href of await modalsOf(page)) {
      if (!kinds.has(kindOf(href))) {
        kinds.add(kindOf(href));
        if (await openModal(page, href)) {
          visited.modals.push(href);
        }
      }
    }
  }
  return visited;
}

/** Until Angular has drawn what it requested. */
export async function idle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle', { timeout: 15_000 }).catch(() => undefined);
}

async function clickTabs(page: Page): Promise<void> {
  const tabs = page.locator('a[data-toggle="tab"]:visible');
  for (let at = (await tabs.count()) - 1; at >= 0; at -= 1) {
    await tabs
      .nth(at)
      .click({ timeout: 3000 })
      .catch(() => undefined);
  }
  await idle(page);
}

function modalsOf(page: Page): Promise<string[]> {
  return page.$$eval('a.ajax-modal[href]', (elements) =>
    elements
      .filter((element) => !(element as unknown as { disabled?: boolean }).disabled)
      .map((element) => element.getAttribute('href') ?? '')
      .filter((href) => href.startsWith('/')),
  );
}

/** Clicks the link, waits until the modal is there and closes it. */
export async function openModal(page: Page, href: string): Promise<boolean> {
  const before = page.url();
  const clicked = await page.evaluate(
    `(() => { const link = [...document.querySelectorAll('a.ajax-modal')].find(
       (one) => one.getAttribute('href') === ${JSON.stringify(href)});
       if (link) { link.click(); } return Boolean(link); })()`,
  );
  if (clicked !== true) {
    return false;
  }
  const shown = await page
    .waitForSelector('#modal_wrapper .modal.in .modal-footer', { timeout: 10_000 })
    .then(
      () => true,
      () => false,
    );
  await idle(page);
  await page.evaluate("window.$ && $('#modal_wrapper .modal').modal('hide')");
  await page
    .waitForSelector('.modal.in', { state: 'detached', timeout: 3000 })
    .catch(() => undefined);
  if (page.url() !== before || !shown) {
    await page.goto(before, { waitUntil: 'load' });
  }
  return shown;
}
