import { Checks, must } from '../harness/checks';
import { Stage, visit } from './stage';

/** What a host passes on to Keystone at once. */
const BURST = 5;

export const LIMITS: Checks<Stage> = [
  [
    'an account gets few wrong passwords from an address, and other accounts are not affected',
    async (stage: Stage) => {
      const { context, page } = await visit(stage);
      const { preview } = stage;
      const login = `${preview.url}auth/login/`;
      const attempt = async (name: string, password: string) => {
        await page.goto(login);
        await page.fill('#id_username', name);
        await page.fill('#id_password', password);
        const [response] = await Promise.all([
          page.waitForResponse((one) => one.request().method() === 'POST'),
          page.click('#loginBtn'),
        ]);
        await page.waitForLoadState();
        return response.status();
      };
      const statuses: number[] = [];
      for (let number = 0; number <= BURST; number += 1) {
        statuses.push(await attempt('erika.mustermann', 'wrong'));
      }
      const refused = statuses.pop();
      must(
        statuses.every((status) => status === 200),
        `wrong passwords get ${statuses.join(', ')}`,
      );
      must(refused === 429, `one more gets ${refused}`);
      const text = await page.evaluate<string>('reader.texts()');
      must(/Too many failed attempts/.test(text), `the page has no reason: ${text.slice(0, 500)}`);
      const right = await attempt('erika.mustermann', preview.password);
      must(right === 429, `the right password gets ${right} from the same address`);
      const other = await attempt(preview.user, preview.password);
      must(other === 302, `another account gets ${other}`);
      await context.close();
    },
  ],
];
