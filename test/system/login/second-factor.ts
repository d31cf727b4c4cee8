import { Checks, must } from '../harness/checks';
import { addUser, ASIA, create, oneTimePassword, SECRET } from './cloud';
import { enter, journal, say, Stage, visit } from './stage';

const RULES = {
  multi_factor_auth_enabled: true,
  multi_factor_auth_rules: [['password', 'totp']],
};

/** Creates a user whom Keystone requires to have a second factor. */
async function careful({ preview }: Stage, name: string, host?: string): Promise<void> {
  const project = `of ${name}`;
  const { password } = preview;
  const at = host === undefined ? {} : { host };
  const user_id = await addUser(preview, { name, password, project, options: RULES, ...at });
  await create(preview, 'credential', { type: 'totp', blob: SECRET, user_id }, host);
}

export const SECOND_FACTOR: Checks<Stage> = [
  [
    'a one-time password leads to the page that was requested, and a wrong one is refused and logged',
    async (stage: Stage) => {
      const { preview } = stage;
      await careful(stage, 'grace.hopper');
      const { context, page } = await visit(stage);
      await page.goto(`${preview.url}project/key_pairs`);
      await enter(page, { name: 'grace.hopper', password: preview.password });
      await page.waitForURL(/\/auth\/totp\//);
      await stage.shoot(page, 'login-totp.png');
      const right = oneTimePassword(SECRET);
      const answer = async (code: string) => {
        await page.fill('#id_totp', code);
        await Promise.all([page.waitForNavigation(), page.click('#loginBtn, button[type=submit]')]);
      };
      await answer(right === '000000' ? '000001' : '000000');
      must(/\/auth\/totp\//.test(page.url()), `a wrong one leads to ${page.url()}`);
      const shown = await say(page);
      must(/Invalid credentials/.test(shown), `it says ${shown}`);
      const logged = await journal(stage);
      must(
        /Login failed for user "grace\.hopper" using domain "Default", remote address 127\.0\.0\.1: wrong one-time password/.test(
          logged,
        ),
        'the log does not have it',
      );
      must(!logged.includes(right), 'the log has a one-time password');
      await answer(oneTimePassword(SECRET));
      const { pathname } = new URL(page.url());
      must(pathname === '/project/key_pairs', `the right one leads to ${pathname}`);
      const text = await say(page);
      must(/grace\.hopper/.test(text) && /Europe/.test(text), `the page has ${text.slice(0, 300)}`);
      await context.close();
    },
  ],
  [
    'a one-time password belongs to the Keystone of the region',
    async (stage: Stage) => {
      const { preview } = stage;
      await careful(stage, 'hedy.lamarr', ASIA.host);
      const { context, page } = await visit(stage);
      await page.goto(`${preview.url}auth/login/`);
      await enter(page, { name: 'hedy.lamarr', password: preview.password, region: ASIA.label });
      await page.waitForURL(/\/auth\/totp\//);
      await page.fill('#id_totp', oneTimePassword(SECRET));
      await Promise.all([page.waitForNavigation(), page.click('#loginBtn, button[type=submit]')]);
      await page.goto(`${preview.url}settings/`);
      const text = await say(page);
      must(
        /hedy\.lamarr/.test(text) && /of hedy\.lamarr/.test(text) && /Asia/.test(text),
        `the page has ${text.slice(0, 300)}`,
      );
      await context.close();
    },
  ],
];
