import { Checks, must } from '../harness/checks';
import { attempt, say, Stage, visit } from './stage';

/** What a host passes on to Keystone at once. */
const BURST = 5;

export const LIMITS: Checks<Stage> = [
  [
    'an account gets few wrong passwords from an address, and other accounts are not affected',
    async (stage: Stage) => {
      const { context, page } = await visit(stage);
      const { preview } = stage;
      const statuses: number[] = [];
      for (let number = 0; number <= BURST; number += 1) {
        statuses.push(await attempt(stage, page, 'erika.mustermann', 'wrong'));
      }
      const refused = statuses.pop();
      must(
        statuses.every((status) => status === 200),
        `wrong passwords get ${statuses.join(', ')}`,
      );
      must(refused === 429, `one more gets ${refused}`);
      const text = await say(page);
      must(/Too many failed attempts/.test(text), `the page has no reason: ${text.slice(0, 500)}`);
      const right = await attempt(stage, page, 'erika.mustermann', preview.password);
      must(right === 429, `the right password gets ${right} from the same address`);
      const other = await attempt(stage, page, preview.user, preview.password);
      must(other === 302, `another account gets ${other}`);
      await context.close();
    },
  ],
];
