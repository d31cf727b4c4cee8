/**
 * The cloud test: a user works in a browser with a real OpenStack. Root, Linux, Chromium. Usage: see HELP.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { launchWith } from '../../../harness/browser';
import type { Preview } from '../../../preview';
import { Authority } from '../../../preview/cloud/network/pki';
import { Violations } from '../harness/violations';
import { BrowserUser } from '../harness/browser-user';
import { Checks, measure, onStage } from '../harness/checks';
import { start, Values, withPreview } from '../harness/program';
import { Kind, templateOf } from './app';
import { CONSOLE, ConsoleProxy } from './consoles';
import { PAGES } from './pages';
import { ABSENT, PLUGIN_CHECKS } from './plugins';
import type { Stage } from './stage';
import { LONG, UPLOADS } from './uploads';

const HELP = `usage: npm run test:cloud -- [options]
  --part PARTS          pages, uploads or plugins, with commas between several, default all in turn
  --quick               leave out what transfers data for more than a minute
  --only EXPRESSION     only checks whose names match
  --screenshots DIR     save pictures of pages there
  --json FILE           write the measurements there
  --address ADDRESS     where the dashboard is reached, default 127.0.0.1
`;

const FIRST = 'a user logs in to a dashboard before a full cloud';

interface Part {
  /** The dashboard that it begins with. */
  readonly kind: Kind;
  readonly checks: Checks<Stage>;
}
const PARTS: Readonly<Record<string, Part>> = {
  pages: { kind: 'legacy', checks: PAGES },
  uploads: { kind: 'legacy', checks: UPLOADS },
  plugins: { kind: 'plugins', checks: PLUGIN_CHECKS },
};

async function main(values: Values): Promise<void> {
  const { part, quick, only, address = '127.0.0.1' } = values;
  const names = part?.split(',') ?? Object.keys(PARTS);
  const wrong = names.find((name) => !Object.hasOwn(PARTS, name));
  if (wrong !== undefined) {
    throw new Error(`--part must be of ${Object.keys(PARTS).join(', ')}, got '${wrong}'`);
  }
  const parts = names.map((name) => PARTS[name]);
  const checks = parts.flatMap(checksOf).filter(([name]) => quick === undefined || !LONG.has(name));
  process.env.CDK_VALIDATION = 'false';
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'cloud-'));
  try {
    const [{ kind: first }] = parts;
    const catalog = parts.includes(PARTS.plugins) ? ABSENT : [];
    const template = templateOf(first, out);
    const options = { template, address, fullCloud: true, dashboardHosts: 1, catalog };
    await withPreview(options, async (preview) => {
      const prepare = () => stageOf(preview, first, out, { ...values, address });
      const stage = await onStage([FIRST, prepare], checks, only);
      stage?.proxy.stop();
      await stage?.browser.close();
    });
  } finally {
    fs.rmSync(out, { recursive: true });
  }
}

/** The checks of a part, on its dashboard. */
function checksOf({ kind, checks }: Part): Checks<Stage> {
  return checks.map(([name, body]): Checks<Stage>[number] => [
    name,
    async (stage) => {
      await stage.become(kind);
      await body(stage);
    },
  ]);
}

async function stageOf(
  preview: Preview,
  first: Kind,
  out: string,
  { address = '', screenshots }: Values,
): Promise<Stage> {
  const began = Date.now();
  await preview.boot();
  measure('start of the cloud and the hosts', (Date.now() - began) / 1000, 's');
  measure('memory of the cloud', (await preview.call('cloudMemory')) / 2 ** 20, 'MiB');
  const names = { '*.localhost': address, '*.cloud.internal': address };
  const authority = await Authority.create(path.join(out, 'consoles'));
  const proxy = await ConsoleProxy.start(address, await authority.issue(CONSOLE));
  const browser = await launchWith([preview.ca, authority.cert], names);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const user = new BrowserUser(preview, await context.newPage());
  const violations = new Violations();
  await violations.watch(user.page);
  const shoot = async (name: string) => {
    if (screenshots !== undefined) {
      fs.mkdirSync(screenshots, { recursive: true });
      await user.page.waitForLoadState('networkidle', { timeout: 15_000 }).catch(() => undefined);
      await user.page.screenshot({ path: path.join(screenshots, `${name}.png`) });
    }
  };
  let now = first;
  const become = async (kind: Kind) => {
    if (kind !== now) {
      await preview.deploy(templateOf(kind, out));
      now = kind;
    }
  };
  await user.login();
  await user.choose('demo');
  return { preview, browser, user, shoot, violations, proxy, address, become };
}

start(
  {
    ...{ name: 'cloud test', help: HELP },
    checks: [FIRST, ...Object.values(PARTS).flatMap(({ checks }) => checks.map(([name]) => name))],
    options: {
      part: 'string',
      quick: 'boolean',
      only: 'string',
      screenshots: 'string',
      address: 'string',
    },
  },
  main,
);
