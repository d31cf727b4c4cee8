import type { IncomingHttpHeaders } from 'node:http';
import * as https from 'node:https';
import { performance } from 'node:perf_hooks';
import { sleep } from '../../../preview/shared/run';
import { cookieHeader, takeCookies } from '../../../preview/world/load';
import { previewAgent } from './agent';

export interface Reply {
  readonly status: number;
  readonly location?: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly milliseconds: number;
}

/** What became of a request of somebody who is logged in. */
export type Outcome = 'fine' | 'login' | 'failed';

/** The way to the dashboard, which all visitors share. */
export class Way {
  private readonly agent: https.Agent;

  constructor(
    public readonly origin: URL,
    ca: string,
    address: string,
    connections = 64,
  ) {
    this.agent = previewAgent(ca, address, connections);
  }

  public close(): void {
    this.agent.destroy();
  }

  public request(
    path: string,
    cookies: Record<string, string>,
    options: {
      readonly form?: string;
      readonly ajax?: boolean;
      readonly headers?: Record<string, string>;
    } = {},
  ): Promise<Reply> {
    const { form, ajax, headers } = options;
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const url = new URL(path, this.origin);
      const request = https.request(
        url,
        {
          agent: this.agent,
          method: form === undefined ? 'GET' : 'POST',
          timeout: 60000,
          headers: {
            cookie: cookieHeader(cookies),
            referer: url.href,
            ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
            ...(ajax === true ? { 'x-requested-with': 'XMLHttpRequest' } : {}),
            ...headers,
          },
        },
        (response) => {
          takeCookies(cookies, response.headers);
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              location: response.headers.location,
              headers: response.headers,
              text,
              milliseconds: performance.now() - began,
            }),
          );
        },
      );
      request.on('timeout', () => request.destroy(new Error(`${path} timed out`)));
      request.on('error', reject);
      request.end(form);
    });
  }
}

/** Somebody with a browser, reduced to cookies. */
export class Visitor {
  /** Has been shown the login page, as they have to log in again. */
  public lost = false;
  protected cookies: Record<string, string> = {};

  constructor(
    public way: Way,
    public readonly name: string,
  ) {}

  /** The name of the session's cookie: what it is called besides, it ends so. */
  public get cookieName(): string {
    return Object.keys(this.cookies).find((name) => /sessionid$/.test(name)) ?? 'sessionid';
  }

  public get session(): string {
    return this.cookies[this.cookieName];
  }

  /** A copy of the cookies. */
  public get jar(): Record<string, string> {
    return { ...this.cookies };
  }

  /** @param waits how often it waits 5 s and tries again, if the dashboard says that it has to wait */
  public async login(password: string, waits = 0): Promise<void> {
    this.cookies = {};
    const page = await this.way.request('/auth/login/', this.cookies);
    const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const form = new URLSearchParams({
      csrfmiddlewaretoken: token,
      username: this.name,
      password,
      region: 'default',
      next: '/identity/',
    });
    const attempt = () => this.way.request('/auth/login/', this.cookies, { form: form.toString() });
    let reply = await attempt();
    for (let left = waits; reply.status === 429 && left > 0; left -= 1) {
      await sleep(5000);
      reply = await attempt();
    }
    if (reply.status !== 302 || this.session === undefined) {
      const said = /class="[^"]*alert-danger[^"]*"[^>]*>(.*?)<\/div>/s.exec(reply.text);
      const why = (said?.[1] ?? '').replace(/<[^>]+>|\s+/g, ' ');
      throw new Error(`login of ${this.name} answered ${reply.status}: ${why}`);
    }
    this.lost = false;
  }

  /** Asks for something that only the logged in see, and reads and writes the session. */
  public ask(page = false): Promise<{ outcome: Outcome; reply: Reply }> {
    return page ? this.open('/settings/') : this.open('/api/settings/', true);
  }

  /** Opens what only the logged in see, as a script of a page does if `ajax`. */
  public async open(path: string, ajax = false): Promise<{ outcome: Outcome; reply: Reply }> {
    // What is deleted in the browser stays here: a test may want to know whether it would still do.
    const reply = await this.way.request(path, { ...this.cookies }, { ajax });
    let outcome: Outcome = 'failed';
    if (reply.status === 200 || (reply.status === 302 && !/login/.test(reply.location ?? ''))) {
      outcome = 'fine';
    } else if (reply.status === 401 || /login/.test(reply.location ?? '')) {
      outcome = 'login';
      this.lost = true;
    }
    return { outcome, reply };
  }
}

export interface Seen {
  /** When it was asked, in milliseconds since the epoch. */
  readonly at: number;
  readonly milliseconds: number;
  readonly outcome: Outcome;
  readonly what: string;
}

/** Steady requests of many visitors, at a rate that does not depend on the answers. */
export class Steady {
  public readonly seen: Seen[] = [];
  private readonly timer: NodeJS.Timeout;
  private readonly open = new Set<Visitor>();
  private turn = 0;

  constructor(
    private readonly visitors: () => Visitor[],
    perSecond: number,
  ) {
    this.timer = setInterval(() => void this.next(), 1000 / perSecond);
  }

  public since(start: number): Seen[] {
    return this.seen.filter(({ at }) => at >= start);
  }

  public async end(): Promise<void> {
    clearInterval(this.timer);
    await this.settled([...this.open]);
  }

  /** Waits until no request of these is under way: it would write their sessions back. */
  public async settled(visitors: Visitor[]): Promise<void> {
    while (visitors.some((visitor) => this.open.has(visitor))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private async next(): Promise<void> {
    const fit = this.visitors().filter((visitor) => !visitor.lost && !this.open.has(visitor));
    if (fit.length === 0) {
      return;
    }
    const visitor = fit[this.turn++ % fit.length];
    const at = Date.now();
    this.open.add(visitor);
    try {
      const { outcome, reply } = await visitor.ask(this.turn % 10 === 0);
      const what = `${reply.status} ${reply.location ?? ''} ${reply.text.slice(0, 200)}`;
      this.seen.push({ at, milliseconds: reply.milliseconds, outcome, what });
    } catch (error) {
      const what = (error as Error).message;
      this.seen.push({ at, milliseconds: Date.now() - at, outcome: 'failed', what });
    } finally {
      this.open.delete(visitor);
    }
  }
}

/** Does something for each, a few at once. */
export async function each<T>(
  items: T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      await work(items[index], index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
