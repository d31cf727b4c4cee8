import { Browser } from 'playwright-core';
import { Preview } from '../../preview';
import { launch } from '../../harness/browser';

/** Bytes that came over the wire, headers included, for one visit of the login page. */
export interface Visit {
  readonly page: number;
  readonly media: number;
  /** What the load balancer was asked of static media. */
  readonly requests: number;
}

export interface Visits {
  readonly first: Visit;
  readonly second: Visit;
  /** A first visit of a browser that takes gzip and no better. */
  readonly gzip: Visit;
}

/** What a browser transfers for the login page: at first, again, and if there were gzip alone. */
export async function measureVisits(preview: Preview, address: string): Promise<Visits> {
  const browser = await launch(preview.ca, address);
  try {
    const [first, second] = await visit(preview, browser, 2);
    const [gzip] = await visit(preview, browser, 1, 'gzip');
    return { first, second, gzip };
  } finally {
    await browser.close();
  }
}

/** Visits in tabs of one profile, which begins with an empty cache. */
async function visit(
  preview: Preview,
  browser: Browser,
  times: number,
  encoding?: string,
): Promise<Visit[]> {
  const context = await browser.newContext({
    extraHTTPHeaders: encoding === undefined ? {} : { 'accept-encoding': encoding },
  });
  const visits: Visit[] = [];
  for (let time = 0; time < times; time++) {
    const page = await context.newPage();
    const network = await context.newCDPSession(page);
    const hosts = new Map<string, string>();
    const bytes: Record<string, number> = { [preview.name]: 0, [preview.staticName]: 0 };
    const failed: string[] = [];
    const seen = new Set<string>();
    network.on('Network.requestWillBeSent', ({ requestId, request }) =>
      hosts.set(requestId, new URL(request.url).hostname),
    );
    network.on('Network.responseReceived', ({ response }) => {
      if (response.status >= 400) {
        failed.push(`${response.status} ${response.url}`);
      }
      const header = Object.keys(response.headers).find((name) => /^content-encoding$/i.test(name));
      seen.add(header === undefined ? 'identity' : response.headers[header]);
    });
    network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      bytes[hosts.get(requestId) ?? ''] += encodedDataLength;
    });
    await network.send('Network.enable');
    const before = (await preview.call('log')).length;
    await page.goto(`${preview.url}auth/login/`, { waitUntil: 'networkidle' });
    await page.waitForSelector('#loginBtn');
    await page.close();
    if (failed.length > 0) {
      throw new Error(`the login page lacks ${failed.join(', ')}`);
    }
    if (!seen.has(encoding ?? 'br') || (encoding !== undefined && seen.has('br'))) {
      throw new Error(`the browser got media as ${[...seen].join(', ')}`);
    }
    const asked = (await preview.call('log')).slice(before);
    visits.push({
      page: bytes[preview.name],
      media: bytes[preview.staticName],
      requests: asked.filter(({ path }) => path.startsWith('/static/')).length,
    });
  }
  await context.close();
  return visits;
}
