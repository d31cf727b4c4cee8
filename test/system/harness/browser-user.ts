import type { Page } from 'playwright-core';
import { Preview } from '../../../preview';
import { must } from './checks';

/** Where Horizon shows errors. Forms have hidden texts of faults that they do not have. */
export const MESSAGES = '.alert-danger:visible, .toast-error:visible';

/** Somebody with a real browser, who notices what goes wrong on a page. */
export class BrowserUser {
  /** Errors of scripts, by the page on which they came. */
  public readonly scriptErrors: string[] = [];

  constructor(
    private readonly preview: Preview,
    public readonly page: Page,
  ) {
    page.setDefaultTimeout(180_000);
    page.on('pageerror', (error) => this.scriptErrors.push(`${page.url()}: ${error.message}`));
  }

  public async login(name = this.preview.user): Promise<void> {
    await this.page.goto(`${this.preview.url}auth/login/`);
    await this.page.fill('#id_username', name);
    await this.page.fill('#id_password', this.preview.password);
    await this.page.click('#loginBtn');
    await this.page.waitForURL((url) => !url.pathname.startsWith('/auth/'));
  }

  /** Users of several projects begin with any of them. */
  public async choose(project: string): Promise<void> {
    const links = this.page.locator('a[href*="/auth/switch/"]');
    const link = links.filter({ hasText: new RegExp(`^\\s*${project}\\s*$`) }).first();
    await this.open(await link.evaluate((a) => a.getAttribute('href') ?? ''));
    await this.page.waitForFunction(
      `document.querySelector('.context-project')?.textContent.trim() === ${JSON.stringify(project)}`,
    );
  }

  /** Opens a page, and waits until it shows all of the texts. */
  public async open(path: string, ...texts: string[]): Promise<void> {
    const response = await this.page.goto(new URL(path, this.preview.url).href);
    must(response?.status() === 200, `${path} answered ${response?.status()}`);
    await this.sees(path, ...texts);
  }

  /** Waits until the page has all of the texts in its content. */
  public async sees(what: string, ...texts: string[]): Promise<void> {
    try {
      const wanted = JSON.stringify(texts);
      await this.page.waitForFunction(
        `${wanted}.every((text) => (document.body.textContent ?? '').includes(text))`,
        undefined,
        { timeout: 180_000 },
      );
    } catch {
      const shown = (await this.page.locator('body').innerText()).replace(/\s+/g, ' ');
      const missing = texts.filter((text) => !shown.includes(text));
      throw new Error(`${what} does not show ${missing.join(', ')}, but: ${shown.slice(0, 800)}`);
    }
  }

  /** What Horizon says went wrong. */
  public async messages(): Promise<string[]> {
    const shown = await this.page.locator(MESSAGES).allInnerTexts();
    return shown.map((text) => text.replace(/[\s×]+/g, ' ').trim()).filter((text) => text !== '');
  }
}
