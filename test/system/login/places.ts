import { Checks, must } from '../harness/checks';
import { addRegion, addUser, ASIA, create, DOMAIN, SECOND_REGION } from './cloud';
import { attempt, enter, say, Stage, visit } from './stage';

export const PLACES: Checks<Stage> = [
  [
    'each region logs in at its own Keystone',
    async (stage: Stage) => {
      const { preview } = stage;
      const name = 'murasaki.shikibu';
      const { password } = preview;
      await addUser(preview, { name, password, project: 'genji', host: ASIA.host });
      const { context, page } = await visit(stage);
      const europe = await attempt(stage, page, name, password);
      must(europe === 200, `Europe's Keystone, which does not know the user, answers ${europe}`);
      await enter(page, { name, password, region: ASIA.label });
      await page.goto(`${preview.url}settings/`);
      const text = await say(page);
      must(/genji/.test(text) && /Asia/.test(text), `the page has ${text.slice(0, 300)}`);
      // Its catalog lacks the default region, so Horizon's choice remains.
      must(!text.includes(SECOND_REGION), `the page has ${text.slice(0, 300)}`);
      await context.close();
    },
  ],
  [
    'services of the default region are selected after login',
    async (stage: Stage) => {
      const { preview } = stage;
      await addRegion(preview);
      const { context, page } = await visit(stage);
      must((await attempt(stage, page, preview.user, preview.password)) === 302, 'no login');
      await page.goto(`${preview.url}settings/`);
      const names = await page.$$eval('.region-name, [class*=region]', (found) =>
        found.map((one) => (one as unknown as { innerText: string }).innerText),
      );
      must(names.join(' ').includes(SECOND_REGION), `after login it is ${names.join(' ')}`);
      await context.close();
    },
  ],
  [
    'the domain that was selected counts',
    async (stage: Stage) => {
      const { preview } = stage;
      const name = 'erika.musterfrau';
      const domain = await create(preview, 'domain', { name: DOMAIN });
      const password = 'Of-the-other-domain-1';
      await addUser(preview, { name, password: preview.password, project: 'of the default' });
      await addUser(preview, { name, password, project: 'of a customer', domain });
      const { context, page } = await visit(stage);
      const names = await (async () => {
        await page.goto(`${preview.url}auth/login/`);
        return page.$$eval('#id_domain option', (options) =>
          options.map((option) => (option as unknown as { value: string }).value),
        );
      })();
      must(names.join() === `Default,${DOMAIN}`, `the login page has ${names.join()}`);
      await stage.shoot(page, 'login-places.png');
      must((await attempt(stage, page, name, password)) === 200, 'it logs in at the wrong domain');
      await enter(page, { name, password, domain: DOMAIN });
      await page.goto(`${preview.url}settings/`);
      const text = await say(page);
      must(/of a customer/.test(text), `the page has ${text.slice(0, 300)}`);
      await context.close();
    },
  ],
];
