import type { Browser, Page } from 'playwright-core';
import { must } from '../harness/checks';
import { LOGOUT } from '../harness/logout';
import type { Violations } from '../harness/violations';

/** Milliseconds for a step: others may use the machine. */
const PATIENCE = 60000;

/** Somebody at a browser of their own, who logs in with single sign-on. */
export class Person {
  public static async at(
    browser: Browser,
    violations: Violations,
    url: string,
    password: string,
  ): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await violations.watch(context);
    context.setDefaultTimeout(PATIENCE);
    return new Person(await context.newPage(), url, password);
  }

  private constructor(
    public readonly page: Page,
    private readonly url: string,
    private readonly password: string,
  ) {}

  /** Chooses a way to log in on the login page. */
  public async choose(choice: string, path = 'auth/login/'): Promise<void> {
    await this.page.goto(this.url + path);
    await this.page.selectOption('#id_auth_type', choice);
    await this.page.click('#loginBtn');
  }

  /** Logs in at a provider's page, which must be there. */
  public async logInAt(host: string, user: string): Promise<void> {
    await this.page.waitForURL((url) => url.hostname === host);
    await this.page.fill('#username', user);
    await this.page.fill('#password', this.password);
    await this.page.click('button[type=submit]');
  }

  /** Is logged in at the dashboard, as a user. */
  public async isIn(user: string): Promise<void> {
    await this.page.waitForURL(
      (url) => url.href.startsWith(this.url) && !url.pathname.startsWith('/auth/'),
    );
    const text = await this.page.textContent('body');
    must(text?.includes(user) === true, `${this.page.url()} does not have the name ${user}`);
  }

  public async logOut(): Promise<void> {
    await this.page.goto(`${this.url}settings/`);
    await this.page.$eval(LOGOUT, (link) => (link as unknown as { click(): void }).click());
    await this.page.waitForURL(`${this.url}logged-out`);
  }

  /** The ID of the session, or nothing. */
  public async session(): Promise<string | undefined> {
    const cookies = await this.page.context().cookies(this.url);
    return cookies.find(({ name }) => name === '__Host-sessionid')?.value;
  }

  public leave(): Promise<void> {
    return this.page.context().close();
  }
}
