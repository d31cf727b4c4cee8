/**
 * What makes pages quicker changes nothing on them: one host runs the dashboard with all measures
 * and with none, before a real Keystone and the preview's other services, and users of different roles get
 * the same bytes from both. Root, Linux. Usage: see HELP.
 */
import { isDeepStrictEqual } from 'node:util';
import { Dashboards } from '../../../harness/pages/dashboards';
import { MEASURES, without } from '../../../harness/pages/measures';
import type { Preview } from '../../../preview';
import { check, measure, must, progress } from '../harness/checks';
import { start, Values, withPreview } from '../harness/program';
import { withStack } from '../../../harness/stack';
import { differences, links, plain } from './texts';

const HELP = `usage: npm run test:pages -- [options]
  --requests N        how many pages are compared, default 500
  --minutes N         of load, to see whether memory grows, default 10
  --json FILE         write the measurements there
  --address ADDRESS   where the dashboard is reached, default 127.0.0.1
`;
const ROLES: Record<string, string[]> = {
  'erika.mustermann': ['member'],
  'jean.dupont': ['reader'],
};
const USERS = ['demo', ...Object.keys(ROLES)];
const CROWD = 16;
const WORKERS = 2;
/** What all measures may grow by: as much as without them, and what is loaded late in one of both. */
const MORE_GROWTH = 1.25;
const NOISE = 0.05;
const QUICK = 'quick';
const PLAIN = 'plain';
const FIRST = 'pages of three roles are the same with all measures and with none';
const THEN = 'memory grows no more with all measures than with none';

async function main(values: Values): Promise<void> {
  const requests = Number(values.requests ?? 500);
  const minutes = Number(values.minutes ?? 10);
  await withStack(2, async (template) => {
    const crowd = Array.from({ length: CROWD - 1 }, (_, number) => `user-${number + 1}`);
    const options = {
      ...{ template, address: values.address, services: true, roles: ROLES },
      moreUsers: [...Object.keys(ROLES), ...crowd],
    };
    await withPreview(options, async (preview) => {
      const dashboards = await Dashboards.on(preview);
      // Sets have an order of their own in each process.
      const order = { PYTHONHASHSEED: '0' };
      await dashboards.start({ name: QUICK, parameters: order }, WORKERS);
      const none = { ...without(MEASURES), ...order };
      await dashboards.start({ name: PLAIN, parameters: none }, WORKERS);
      for (const name of [QUICK, PLAIN]) {
        await dashboards.answers(name);
      }
      await check(FIRST, () => compare(dashboards, requests));
      await check(THEN, () => grow(preview, dashboards, ['demo', ...crowd], minutes));
    });
  });
}

/** Asks for all pages that the users' menus have, and for things that these list, of both at once. */
async function compare(dashboards: Dashboards, requests: number): Promise<void> {
  const sessions = await Promise.all(
    USERS.map(async (user) => ({
      user,
      quick: await dashboards.login(QUICK, user),
      plain: await dashboards.login(PLAIN, user),
      pages: ['/project/', '/identity/', '/settings/'],
    })),
  );
  const asked = new Map<string, Set<string>>();
  let left = requests;
  let same = 0;
  const wrong: string[] = [];
  await progress(`compare ${requests} pages`, () =>
    Promise.all(
      sessions.map(async ({ user, quick, plain: other, pages }) => {
        for (let at = 0; left-- > 0; at++) {
          const page = pages[at % pages.length];
          const one = await dashboards.ask(QUICK, quick, page);
          const two = await dashboards.ask(PLAIN, other, page);
          const [left_, right] = [one, two].map(({ body }) => plain(body));
          if (one.status !== two.status || left_ !== right) {
            wrong.push(
              `${page} for ${user}: ${one.status}, ${two.status}: ` +
                JSON.stringify(differences(left_, right)),
            );
          } else if (one.status === 200) {
            same += 1;
          }
          if (!asked.has(page)) {
            asked.set(page, new Set());
          }
          asked.get(page)?.add(user);
          for (const link of links(two.body)) {
            if (!pages.includes(link)) {
              pages.push(link);
            }
          }
        }
      }),
    ),
  );
  measure('different pages compared', asked.size, '');
  measure('pages that were the same, with 200', same, '');
  must(wrong.length === 0, `${wrong.length} pages differ:\n${wrong.slice(0, 5).join('\n')}`);
  must(same > requests / 2, `only ${same} of ${requests} pages were 200`);
  const sets = [...asked.values()];
  must(
    sets.some((users) => !isDeepStrictEqual([...users].sort(), [...USERS].sort())),
    'all users have the same pages, so their roles do not differ',
  );
}

/**
 * Memory of all workers after a fifth of the time, and at the end. Horizon's own grows, so both are asked
 * for the same pages, and the growths are compared.
 */
async function grow(
  preview: Preview,
  dashboards: Dashboards,
  users: string[],
  minutes: number,
): Promise<void> {
  const names = [QUICK, PLAIN];
  const pages = ['/project/', '/project/instances/', '/project/volumes/', '/identity/'];
  const cookies: Record<string, Record<string, string>[]> = { [QUICK]: [], [PLAIN]: [] };
  for (const name of names) {
    for (const user of users) {
      cookies[name].push(await dashboards.login(name, user));
    }
  }
  let asked = 0;
  const load = async (until: number): Promise<number[]> => {
    do {
      // All pages, whenever the time is over.
      for (const page of pages) {
        const requests = 2 * users.length;
        const targets = names.map((name) => dashboards.target(name, page, cookies[name]));
        await preview.call('load', { targets, rounds: 1, requests, concurrency: users.length });
        asked += requests;
      }
    } while (Date.now() < until);
    const memory: number[] = [];
    for (const name of names) {
      memory.push((await dashboards.memory(name)) / 2 ** 20);
    }
    return memory;
  };
  const begin = Date.now();
  const early = await load(begin + minutes * 12_000);
  const before = asked;
  const late = await load(begin + minutes * 60_000);
  const [quick, other] = late.map((memory, index) => memory - early[index]);
  measure(`pages of each, for ${users.length} users at once`, asked, '');
  measure('memory of all measures at the end', late[0], 'MB');
  measure('memory without them', late[1], 'MB');
  measure(`growth in the last ${asked - before} pages with all measures`, quick, 'MB');
  measure('growth without them', other, 'MB');
  must(
    quick <= MORE_GROWTH * Math.max(0, other) + NOISE * early[0],
    `memory grew by ${quick} MB, and by ${other} MB without the measures`,
  );
}

start(
  {
    ...{ name: 'test of pages', help: HELP, checks: [FIRST, THEN] },
    options: { requests: 'string', minutes: 'string', address: 'string' },
  },
  main,
);
