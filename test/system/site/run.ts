/**
 * The built site: links and anchors lead somewhere, and a browser shows its pages at three widths without errors,
 * requests to other hosts or horizontal scrolling; axe finds no serious fault. Chromium. Usage: see HELP.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { launchWith } from '../../../harness/browser';
import { check, measure, must, report } from '../harness/checks';
import { accessibility } from './accessibility';
import { BuiltSite } from './built';
import { serve } from './server';

const HELP = `usage: npm run test:site -- [options]
  --pages N        look at so many pages in the browser, evenly chosen; default: all
  --axe N          judge so many of these with axe; default: 40
  --pictures DIR   write pictures of these pages there
  --folder DIR     the built site, default site
  --json FILE      write the measurements there
`;
const WIDTHS = [375, 768, 1440];
/** Pages that are different from others, and are always looked at. */
const ALWAYS = [
  'index.html',
  'diagram.html',
  'rules/index.html',
  'api/OpenStackDashboardProps.html',
  'changelog.html',
];

interface Seen {
  readonly page: string;
  readonly width: number;
  readonly faults: string[];
}

/** Evenly chosen pages. */
function some(pages: readonly string[], most: number): string[] {
  const step = Math.max(1, pages.length / most);
  const chosen = Array.from(
    { length: Math.min(most, pages.length) },
    (_, i) => pages[Math.floor(i * step)],
  );
  return [...new Set([...ALWAYS.filter((page) => pages.includes(page)), ...chosen])];
}

/** Looks at a page at one width, and notes what is wrong. */
async function look(
  browser: Browser,
  url: string,
  pages: readonly string[],
  width: number,
  pictures: string | undefined,
): Promise<Seen[]> {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  const tab = await context.newPage();
  let faults: string[] = [];
  tab.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) {
      faults.push(`console: ${message.text()}`);
    }
  });
  tab.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  tab.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) {
      faults.push(`request to another host: ${request.url()}`);
    }
  });
  tab.on('response', (response) => {
    if (response.status() >= 400) {
      faults.push(`status ${response.status()}: ${response.url()}`);
    }
  });
  const seen: Seen[] = [];
  for (const page of pages) {
    faults = [];
    await tab.goto(`${url}${page}`, { waitUntil: 'load' });
    // A scroll bar takes a part of the width.
    const over = Number(
      await tab.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      ),
    );
    if (over > 0) {
      faults.push(`scrolls horizontally, by ${over} px`);
    }
    if (pictures !== undefined) {
      const name = `${page.replaceAll('/', '-').replace('.html', '')}-${width}.png`;
      await tab.screenshot({ path: join(pictures, name) });
    }
    seen.push({ page, width, faults });
  }
  await context.close();
  return seen;
}

const none = (faults: readonly string[], what: string): void =>
  must(faults.length === 0, `${faults.length} ${what}: ${faults.slice(0, 20).join('; ')}`);

/** Whether a search, without any other host, finds a page. */
async function search(browser: Browser, url: string): Promise<void> {
  const tab = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await tab.goto(url, { waitUntil: 'load' });
  await tab.keyboard.press('/');
  // The dialog is in a shadow root, and opens with a delay.
  const field = tab.locator('input:not([type=radio], [type=checkbox]):visible').first();
  await field.waitFor({ timeout: 180_000 });
  await field.fill('memcached');
  await tab.getByText(/^\d+ results$/).waitFor({ timeout: 180_000 });
  await tab.locator('a[href*="MemcachedCluster.html"]').first().waitFor();
  await tab.close();
}

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      ...{ pages: text, axe: text, pictures: text, folder: text, json: text },
    },
  });
  if (values.help !== undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const folder = values.folder ?? 'site';
  must(
    existsSync(join(folder, 'index.html')),
    `${folder} must have the built site: run npm run site`,
  );
  const most = Number(values.pages ?? Number.MAX_SAFE_INTEGER);
  must(Number.isInteger(most) && most > 0, `--pages must be from 1, got ${values.pages}`);
  const judged = Number(values.axe ?? 40);
  must(Number.isInteger(judged) && judged > 0, `--axe must be from 1, got ${values.axe}`);
  if (values.pictures !== undefined) {
    mkdirSync(values.pictures, { recursive: true });
  }

  const site = new BuiltSite(folder);
  measure('pages', site.pages.length, '');
  await check('each link into the site leads to a file and an anchor', () => {
    const { count, broken } = site.internalLinks();
    measure('links into the site', count, '');
    must(count > 1000, `pages must have links, got ${count}`);
    none(broken, 'broken links');
  });
  await check('pages and style sheets name nothing of other hosts to load', () =>
    none(site.externalLoads(), 'loads'),
  );
  await check('diagrams are drawings', () => {
    const drawn = site.pages.filter((page) => site.text(page).includes('<div class="diagram">'));
    measure('pages with diagrams', drawn.length, '');
    must(
      drawn.includes('diagram.html') && drawn.includes('index.html'),
      'index.html and diagram.html must have diagrams: npm run site needs Chromium for them',
    );
  });
  const { url, server } = await serve(folder);
  const browser = await launchWith([], {});
  try {
    const pages = some(
      site.pages.filter((page) => page !== '404.html'),
      most,
    );
    measure('pages in the browser', pages.length, '');
    for (const width of WIDTHS) {
      await check(`pages are whole at ${width} px, and load without faults`, async () => {
        const seen = await look(browser, url, pages, width, values.pictures);
        none(
          seen.flatMap(({ page, faults }) => faults.map((fault) => `${page}: ${fault}`)),
          'faults',
        );
      });
    }
    for (const scheme of ['light', 'dark'] as const) {
      await check(`axe finds no serious fault in ${scheme} mode`, async () => {
        const { passed, faults } = await accessibility(browser, url, some(pages, judged), scheme);
        measure(`rules of axe that pages passed in ${scheme} mode`, passed, '');
        measure(`serious faults in ${scheme} mode`, faults.length, '', 0);
        none(faults, 'faults');
      });
    }
    await check('search finds a page', () => search(browser, url));
  } finally {
    await browser.close();
    server.close();
  }
  return report(values.json);
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`site: ${error.stack}\n`);
    process.exit(1);
  },
);
