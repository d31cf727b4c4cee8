import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Preview } from '../../../preview';
import { sleep } from '../../../preview/shared/run';
import { launch } from '../../../harness/browser';

const PAGES = ['identity/', 'identity/users/', 'settings/'];

/** Somebody's Chromium, logged in, which keeps nothing between two pages. */
export class Tab {
  public static async open(preview: Preview, address: string, failures: string[]): Promise<Tab> {
    const browser = await launch(preview.ca, address);
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const tab = new Tab(preview, browser, context, page, failures);
    const session = await context.newCDPSession(page);
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    await page.goto(`${preview.url}identity/`, { waitUntil: 'load' });
    await page.fill('#id_username', preview.user);
    await page.fill('#id_password', preview.password);
    await page.click('#loginBtn');
    await page.waitForURL(`${preview.url}identity/`, { timeout: 180_000 });
    return tab;
  }

  public loads = 0;
  public requests = 0;
  private going?: Promise<void>;
  private ended = false;

  private constructor(
    private readonly preview: Preview,
    private readonly browser: Browser,
    private readonly context: BrowserContext,
    private readonly page: Page,
    private readonly failures: string[],
  ) {
    page.on('response', (response) => {
      this.requests += 1;
      if (response.status() >= 400) {
        this.failures.push(`Chromium: ${response.status()} ${response.url()}`);
      }
    });
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      // What it still waited for when it left for the next page.
      if (reason !== 'net::ERR_ABORTED') {
        this.failures.push(`Chromium: ${reason} ${request.url()}`);
      }
    });
    page.on('pageerror', (error) => this.failures.push(`Chromium: ${error.message}`));
  }

  public get running(): boolean {
    return this.going !== undefined;
  }

  /** Goes from page to page until it is ended. */
  public start(): void {
    this.going = this.go();
  }

  /** Does something else with the page meanwhile. */
  public async pause(work: (page: Page) => Promise<void>): Promise<void> {
    this.ended = true;
    await this.going;
    await work(this.page);
    this.ended = false;
    this.start();
  }

  public async end(): Promise<void> {
    this.ended = true;
    await this.going;
    await this.context.close();
    await this.browser.close();
  }

  private async go(): Promise<void> {
    while (!this.ended) {
      const path = PAGES[this.loads++ % PAGES.length];
      try {
        await this.page.goto(this.preview.url + path, { waitUntil: 'load', timeout: 180_000 });
        if (this.page.url().includes('/auth/login')) {
          this.failures.push(`Chromium was logged out at ${path}`);
        }
      } catch (error) {
        this.failures.push(`Chromium: ${path}: ${(error as Error).message}`);
      }
      await sleep(2000);
    }
  }
}
