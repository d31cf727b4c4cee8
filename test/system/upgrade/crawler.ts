import { createHash } from 'node:crypto';
import * as https from 'node:https';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { cookieHeader } from '../../../preview/world/load';
import { previewAgent } from '../harness/agent';
import { each, Reply, Visitor, Way } from '../harness/visitors';

/** What browsers of today, older ones and programs ask for. */
const ENCODINGS = ['gzip, deflate, br', 'gzip', 'identity'];
/** What visitors look at in turn; without a session, the login page. */
export const LOGIN = '/auth/login/';
export const PAGES = ['/settings/', '/identity/', LOGIN, '/settings/', '/identity/users/', LOGIN];

export interface Page {
  readonly at: number;
  readonly path: string;
  /** The release that its assets are of. */
  readonly release: string;
  /** What point releases and the theme write into it; nothing in Debian's. */
  readonly version: string;
}

interface Asset {
  readonly status: number;
  readonly encoding: string;
  readonly type: string;
  readonly body: Buffer;
}

/** Somebody whose session must hold, whichever host and release answers. */
export class Reader extends Visitor {
  /** Chooses a theme other than the default one. */
  public wear(theme: string): void {
    this.cookies.theme = theme;
  }

  public get copyOfCookies(): Record<string, string> {
    return { ...this.cookies };
  }

  public get cookie(): string {
    return cookieHeader(this.cookies);
  }

  public ofPath(path: string, headers?: Record<string, string>): Promise<Reply> {
    return this.way.request(path, this.copyOfCookies, { headers });
  }

  /** Loads a page, the login page as somebody without a session. */
  public async look(path: string): ReturnType<Visitor['ask']> {
    const cookies = path === LOGIN ? {} : this.copyOfCookies;
    const reply = await this.way.request(path, cookies);
    const same = path === LOGIN || cookies['__Host-sessionid'] === this.session;
    const fine = reply.status === 200 && same;
    return { outcome: fine ? 'fine' : 'failed', reply };
  }
}

/** Visitors who are logged in, load pages, and fetch each file that these refer to, each time. */
export class Crawl {
  public readonly pages: Page[] = [];
  public requests = 0;
  public bytes = 0;
  private readonly agent: https.Agent;
  /** Digests of what each URL gave, by encoding: a file never changes. */
  private readonly contents = new Map<string, Map<string, string>>();
  /** What style sheets refer to. */
  private readonly styles = new Map<string, string[]>();
  private readonly under = new Set<Promise<void>>();
  private readonly busy = new Set<Reader>();
  private timer?: NodeJS.Timeout;
  private turn = 0;

  constructor(
    private readonly way: Way,
    private readonly readers: Reader[],
    /** Takes whatever is not as it must be. */
    private readonly failures: string[],
    ca: string,
    address: string,
  ) {
    this.agent = previewAgent(ca, address, 32);
  }

  /** All URLs that any page has referred to so far. */
  public get urls(): string[] {
    return [...this.contents.keys()];
  }

  public since(start: number): Page[] {
    return this.pages.filter(({ at }) => at >= start);
  }

  public start(perSecond: number): void {
    this.timer = setInterval(() => {
      const reader = this.readers[this.turn++ % this.readers.length];
      if (this.under.size < 6 && !this.busy.has(reader)) {
        this.busy.add(reader);
        const load: Promise<void> = this.load(reader, PAGES[this.turn % PAGES.length])
          .then(() => undefined)
          .catch((error: Error) => void this.failures.push(error.message))
          .finally(() => {
            this.busy.delete(reader);
            this.under.delete(load);
          });
        this.under.add(load);
      }
    }, 1000 / perSecond);
  }

  public async end(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.under);
    this.agent.destroy();
  }

  /** Loads one page and all that it refers to. */
  public async load(reader: Reader, path: string): Promise<Page> {
    const at = Date.now();
    const { reply, outcome } = await reader.look(path);
    const { text, status } = reply;
    const release = /\/static\/([0-9a-f]{16})\//.exec(text)?.[1] ?? '';
    const version = /name="release-mark" content="(\w+)"/.exec(text)?.[1] ?? '';
    const page = { at, path, release, version };
    this.pages.push(page);
    if (outcome !== 'fine') {
      this.failures.push(`${path}: ${status} ${reply.location ?? ''} ${text.slice(0, 200)}`);
      return page;
    }
    if (release === '' || (path !== LOGIN && !text.includes(reader.name))) {
      this.failures.push(`${path} of ${reader.name}: ${text.slice(0, 500)}`);
    }
    const accept = ENCODINGS[this.pages.length % ENCODINGS.length];
    await this.fetchAll(references(text, new URL(path, this.way.origin)), accept);
    return page;
  }

  /** Asks for everything that any page ever referred to: it may still be open somewhere. */
  public async sweep(times: number): Promise<number> {
    const { urls } = this;
    for (let round = 0; round < times; round++) {
      const accept = ENCODINGS[round % ENCODINGS.length];
      await each(urls, 8, (url) => this.fetch(url, accept));
    }
    return urls.length;
  }

  /** Asks for one file. */
  public ask(url: string, accept: string): Promise<Asset> {
    return new Promise((resolve, reject) => {
      const headers = { 'accept-encoding': accept };
      const options = { agent: this.agent, headers, timeout: 180_000 };
      const request = https.get(url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            encoding: response.headers['content-encoding'] ?? 'identity',
            type: response.headers['content-type'] ?? '',
            body: Buffer.concat(chunks),
          }),
        );
      });
      request.on('timeout', () => request.destroy(new Error(`${url} timed out`)));
      request.on('error', reject);
    });
  }

  private async fetchAll(urls: string[], accept: string): Promise<void> {
    await each(urls, 6, (url) => this.fetch(url, accept));
    const deeper = urls.flatMap((url) => this.styles.get(url) ?? []);
    await each([...new Set(deeper)], 6, (url) => this.fetch(url, accept));
  }

  private async fetch(url: string, accept: string): Promise<void> {
    this.requests += 1;
    const known = this.contents.get(url) ?? new Map<string, string>();
    this.contents.set(url, known);
    try {
      const { status, encoding, type, body } = await this.ask(url, accept);
      this.bytes += body.length;
      if (status !== 200) {
        this.failures.push(`${status} ${url}`);
        return;
      }
      const digest = sha256(body);
      // What the application makes is not a file.
      if (known.get(encoding) === digest || !new URL(url).pathname.startsWith('/static/')) {
        return;
      }
      const plain = decode(body, encoding);
      const content = sha256(plain);
      if (known.has(encoding) || (known.get('plain') ?? content) !== content) {
        this.failures.push(`${url} (${encoding}, ${body.length} bytes) was something else before`);
      }
      known.set(encoding, digest).set('plain', content);
      if (/^text\/css/.test(type)) {
        this.styles.set(url, styleReferences(plain.toString(), new URL(url)));
      }
    } catch (error) {
      this.failures.push(`${url}: ${(error as Error).message}`);
    }
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64');
}

function decode(body: Buffer, encoding: string): Buffer {
  switch (encoding) {
    case 'br':
      return brotliDecompressSync(body);
    case 'gzip':
      return gunzipSync(body);
    default:
      return body;
  }
}

/** The URLs of scripts, style sheets, icons and images of a page. */
function references(html: string, base: URL): string[] {
  const tags = html.matchAll(/<(script|link|img|source|image|use|iframe)\b([^>]*)>/g);
  const found = [...tags].flatMap(([, , attributes]) => [
    ...attributes.matchAll(/\b(?:src|href|xlink:href)=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g),
  ]);
  const urls = found.map(([, double, single, bare]) => double ?? single ?? bare);
  return absolute([...urls, ...inStyles(html)], base);
}

function styleReferences(css: string, base: URL): string[] {
  const imports = [...css.matchAll(/@import\s+["']([^"']+)["']/g)].map(([, url]) => url);
  return absolute([...imports, ...inStyles(css)], base);
}

function inStyles(text: string): string[] {
  return [...text.matchAll(/url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare,
  );
}

function absolute(urls: string[], base: URL): string[] {
  const whole = urls
    .map((url) => url.replaceAll('&amp;', '&').trim())
    .filter((url) => url !== '' && !/^(data|about|javascript|blob):|^#/.test(url))
    .map((url) => {
      const { href, hash } = new URL(url, base);
      return hash === '' ? href : href.slice(0, -hash.length);
    });
  return [...new Set(whole)];
}
