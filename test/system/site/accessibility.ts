/** What axe, an independent judge, finds on pages of the site, in light and in dark mode. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';

export type Scheme = 'light' | 'dark';

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const GRAVE = ['serious', 'critical'];

/** The serious and critical faults of pages, and the number of rules that the pages passed. */
export async function accessibility(
  browser: Browser,
  url: string,
  pages: readonly string[],
  colorScheme: Scheme,
): Promise<{ readonly passed: number; readonly faults: string[] }> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme,
  });
  const tab = await context.newPage();
  let passed = 0;
  const faults: string[] = [];
  for (const page of pages) {
    await tab.goto(`${url}${page}`, { waitUntil: 'load' });
    await tab.evaluate(AXE);
    const found = await tab.evaluate<{ passes: number; violations: Violation[] }>(
      `axe.run({ resultTypes: ['violations'] })
        .then(({ passes, violations }) => ({ passes: passes.length, violations }))`,
    );
    passed += found.passes;
    for (const { id, impact, nodes } of found.violations) {
      if (GRAVE.includes(impact ?? '')) {
        faults.push(`${page}: ${impact} ${id}, ${nodes.length} times: ${nodes[0].html}`);
      }
    }
  }
  await context.close();
  return { passed, faults };
}
