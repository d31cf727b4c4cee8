import * as path from 'node:path';
import { Browser, Page } from 'playwright-core';
import { Link } from './link';

/** Milliseconds that a page may take. */
const PATIENCE = 30_000;

/** A dashboard, behind its link. */
export interface Site {
  readonly name: 'ours' | 'Debian';
  readonly url: string;
  readonly link: Link;
}

/** What `watch.mjs` finds out; times in milliseconds from the beginning of the visit. */
interface Watched {
  /** The first text or image is there: what browsers call first contentful paint. */
  readonly paint: number;
  /** A person can log in: `watch.mjs` says when. */
  readonly usable: number;
  readonly timeline: { readonly what: string; readonly from: number; readonly to: number }[];
}

/** A visit of the login page. */
export interface Visit extends Watched {
  /** What came over the link, on how many connections, and for how many requests by protocol. */
  readonly bytes: number;
  readonly connections: number;
  readonly requests: Record<string, number>;
}

/**
 * A first visit with an empty cache, and a second one with what the first left there, but without its
 * connections.
 */
export async function visitTwice(
  browser: Browser,
  site: Site,
  pictures?: string,
): Promise<[Visit, Visit]> {
  const context = await browser.newContext({ locale: 'en-US' });
  context.setDefaultTimeout(PATIENCE);
  try {
    await context.addInitScript({ path: path.join(__dirname, 'watch.mjs') });
    const visits: Visit[] = [];
    for (const turn of ['first', 'second']) {
      const page = await context.newPage();
      visits.push(await visit(page, site));
      if (pictures !== undefined) {
        await page.screenshot({ path: path.join(pictures, `${site.name}-${turn}.png`) });
      }
      await page.close();
      await site.link.reset();
    }
    return visits as [Visit, Visit];
  } finally {
    await context.close();
  }
}

async function visit(page: Page, { name, url, link }: Site): Promise<Visit> {
  const failed: string[] = [];
  const requests: Record<string, number> = {};
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  const cached = new Set<string>();
  network.on('Network.requestServedFromCache', ({ requestId }) => cached.add(requestId));
  network.on('Network.responseReceived', ({ requestId, response }) => {
    if (response.status >= 400) {
      failed.push(`${response.status} ${response.url}`);
    }
    if (!response.fromDiskCache && !cached.has(requestId) && !response.url.startsWith('data:')) {
      const protocol = response.protocol ?? '';
      requests[protocol] = (requests[protocol] ?? 0) + 1;
    }
  });
  network.on('Network.loadingFailed', ({ errorText }) => failed.push(errorText));
  page.on('pageerror', (error) => failed.push(error.message));
  const before = link.traffic;
  const answer = await page.goto(`${url}auth/login/`, { waitUntil: 'commit' });
  if (answer?.status() !== 200) {
    throw new Error(`the login page of ${name} answered ${answer?.status()}`);
  }
  try {
    await page.waitForFunction('loginVisit() !== undefined');
  } catch (error) {
    throw new Error(`the login page of ${name} is not usable: ${failed.join(', ')}`, {
      cause: error,
    });
  }
  await page.waitForLoadState('networkidle');
  const watched = await page.evaluate<Watched>('loginVisit()');
  if (failed.length > 0) {
    throw new Error(`the login page of ${name} lacks ${failed.join(', ')}`);
  }
  const { bytes, connections } = link.traffic;
  return {
    ...watched,
    requests,
    bytes: bytes - before.bytes,
    connections: connections - before.connections,
  };
}
