import * as path from 'node:path';
import { Customization, OpenStackDashboardProps, Theme } from '../../../lib';
import { Checks, must } from '../harness/checks';
import { enter, say, Stage, visit } from './stage';

const EXAMPLE = path.join(__dirname, '../../../examples/small-cloud');

/** The theme and the customization of the example. */
export function customized(): NonNullable<OpenStackDashboardProps['hosts']> {
  return {
    theme: Theme.fromFolder(path.join(EXAMPLE, 'acme'), { label: 'Acme Cloud' }),
    customization: Customization.fromFolder(path.join(EXAMPLE, 'customization')),
  };
}

/** As the theme has it, and as browsers say it. */
const BRAND = 'rgb(11, 110, 79)';

export const CUSTOMIZED: Checks<Stage> = [
  [
    'the example’s customization and theme are what users see',
    async (stage: Stage) => {
      const { preview } = stage;
      const { context, page } = await visit(stage);
      await page.goto(`${preview.url}project/`, { waitUntil: 'networkidle' });
      const width = await page.$eval(
        '.splash-logo',
        (image) => (image as unknown as { naturalWidth: number }).naturalWidth,
      );
      must(width === 300, `the image of the login page is ${width} pixels wide`);
      const color = await page.evaluate<string>(
        "getComputedStyle(document.querySelector('#loginBtn')).backgroundColor",
      );
      must(color === BRAND, `the button is ${color}`);
      await stage.shoot(page, 'customization-login.png');
      await enter(page, { name: preview.user, password: preview.password });
      await page.goto(`${preview.url}project/instances/`, { waitUntil: 'networkidle' });
      const links = await page.$$eval('#sidebar-accordion a, nav a', (found) =>
        found.map((one) => (one as unknown as { textContent: string }).textContent.trim()),
      );
      must(links.includes('Acme'), `the navigation has ${links.join(', ')}`);
      must(!links.includes('Project'), 'the navigation still has the name Project');
      must(!links.includes('Server Groups'), 'the navigation has the panel that is taken away');
      await stage.shoot(page, 'customization.png');
      const response = await page.goto(`${preview.url}project/server_groups/`);
      must(response?.status() === 404, `its page answers ${response?.status()}`);
      must(!/Traceback/.test(await say(page)), 'a traceback');
      await context.close();
    },
  ],
];
