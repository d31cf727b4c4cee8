/**
 * What makes pages quicker changes nothing on them: one host runs the dashboard with all measures
 * and with none, before a real Keystone and the preview's other services, and users of different roles get
 * the same bytes from both. Root, Linux. Usage: see HELP.
 */
import { isDeepStrictEqual } from 'node:util';
import { Dashboards, hostFiles } from '../../bench/pages/dashboards';
import { MEASURES, without } from '../../bench/pages/measures';
import type { Preview } from '../../preview';
import { check, expect, measure, progress } from '../boot/checks';
import { start, Values, withPreview } from '../boot/program';
import { withStack } from '../sessions/stack';
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
/** Of all workers together: what a table or a translation that is loaded late may take. */
const MOST_GROWTH = 1.05;
const QUICK = 'quick';
const PLAIN = 'plain';
const FIRST = 'pages of three roles are the same with all measures and with none';
const THEN = 'nothing that workers keep grows under load';

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
      await preview.makeImages();
      await preview.start();
      await preview.addHost({ role: 'static' });
      const host = await preview.addHost({ role: 'dashboard', files: hostFiles() });
      await preview.signalled(host.id);
      const dashboards = new Dashboards(preview, host);
      await dashboards.prepare();
      // sets have an order of their own in each process
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
          if (!asked.has(page)) asked.set(page, new Set());
          asked.get(page)?.add(user);
          for (const link of links(two.body)) {
            if (!pages.includes(link)) pages.push(link);
          }
        }
      }),
    ),
  );
  measure('different pages compared', asked.size, '');
  measure('pages that were the same, with 200', same, '');
  expect(wrong.length === 0, `${wrong.length} pages differ:\n${wrong.slice(0, 5).join('\n')}`);
  expect(same > requests / 2, `only ${same} of ${requests} pages were 200`);
  const sets = [...asked.values()];
  expect(
    sets.some((users) => !isDeepStrictEqual([...users].sort(), [...USERS].sort())),
    'all users have the same pages, so their roles do not differ',
  );
}

/** Memory of all workers after a fifth of the time, and at the end. */
async function grow(
  preview: Preview,
  dashboards: Dashboards,
  users: string[],
  minutes: number,
): Promise<void> {
  const pages = ['/project/', '/project/instances/', '/project/volumes/', '/identity/'];
  const cookies: Record<string, string>[] = [];
  for (const user of users) {
    cookies.push(await dashboards.login(QUICK, user));
  }
  const load = async (until: number): Promise<number> => {
    let asked = 0;
    for (let round = 0; Date.now() < until; round++) {
      const page = pages[round % pages.length];
      const requests = 4 * users.length;
      const targets = [dashboards.target(QUICK, page, cookies)];
      await preview.call('load', { targets, rounds: 1, requests, concurrency: users.length });
      asked += requests;
    }
    return asked;
  };
  const begin = Date.now();
  const before = await load(begin + minutes * 12_000);
  const early = await dashboards.memory(QUICK);
  const after = await load(begin + minutes * 60_000);
  const late = await dashboards.memory(QUICK);
  measure(`pages for ${users.length} users at once`, before + after, '');
  measure('memory after a fifth of them', early / 2 ** 20, 'MB');
  measure('memory at the end', late / 2 ** 20, 'MB');
  expect(late / early <= MOST_GROWTH, `memory grew from ${early} to ${late} bytes`);
}

start(
  {
    ...{ name: 'test of pages', help: HELP, checks: [FIRST, THEN] },
    options: { requests: 'string', minutes: 'string', address: 'string' },
  },
  main,
);
