/**
 * Logging in, and what users then read: one dashboard host before two real Keystones, and a browser. Root,
 * Linux, Chromium. Usage: see HELP.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Page } from 'playwright-core';
import { launch } from '../../../harness/browser';
import { withStack } from '../../../harness/stack';
import { Checks, onStage } from '../harness/checks';
import { start, Values, withPreview } from '../harness/program';
import { ASIA, KEYSTONE_SETTINGS, props } from './cloud';
import { CUSTOMIZED } from './customized';
import { LANGUAGES } from './languages';
import { LIMITS } from './limits';
import { PASSWORDS } from './passwords';
import { PLACES } from './places';
import { SECOND_FACTOR } from './second-factor';
import type { Stage } from './stage';

const HELP = `usage: npm run test:login -- [options]
  --only EXPRESSION   only checks whose names match
  --screenshots DIR   save pictures there, such as docs/images
  --address ADDRESS   where the dashboard is reached, default 127.0.0.1
  --json FILE         write the measurements there
`;
const FIRST = 'a dashboard with a real Keystone is in service';
const CHECKS: Checks<Stage> = [
  ...LANGUAGES,
  ...SECOND_FACTOR,
  ...PASSWORDS,
  ...PLACES,
  ...CUSTOMIZED,
  ...LIMITS,
];

async function main(values: Values): Promise<void> {
  const { address, screenshots } = values;
  await withStack(
    2,
    async (template) => {
      const options = {
        template,
        address,
        services: true,
        dashboardHosts: 1,
        moreUsers: ['erika.mustermann', 'john.doe', 'jane.roe'],
        keystoneSettings: KEYSTONE_SETTINGS,
        otherKeystones: { [ASIA.host]: ASIA.region },
      };
      await withPreview(options, async (preview) => {
        const prepare = async (): Promise<Stage> => {
          await preview.boot();
          const browser = await launch(preview.ca, address);
          const shoot = async (page: Page, name: string) => {
            if (screenshots !== undefined) {
              fs.mkdirSync(screenshots, { recursive: true });
              await page.screenshot({ path: path.join(screenshots, name) });
            }
          };
          return { preview, browser, shoot };
        };
        const stage = await onStage([FIRST, prepare], CHECKS, values.only);
        await stage?.browser.close();
      });
    },
    props,
  );
}

start(
  {
    name: 'test:login',
    help: HELP,
    options: { only: 'string', screenshots: 'string', address: 'string' },
    checks: [FIRST, ...CHECKS.map(([name]) => name)],
  },
  main,
);
