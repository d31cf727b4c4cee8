// How long until a browser shows the login page, and until a person can log in: a dashboard of this
// library against Horizon as Debian's openstack-dashboard-apache serves it, over a link of 50 ms and
// 10 Mbit/s, visit by visit, in one run. `npm run bench:login`; root, Linux, Chromium.
//
//   --quick              few rounds
//   --address ADDRESS    where the preview may listen, default 127.0.0.1; the three addresses after it
//                        are Apache's and those of the links to both
//   --timeline           what the page loads and runs, and when, in the last visits of each
//   --pictures FOLDER    what the browser shows at the end of a visit of each
//
// Ours is a preview of one static and one dashboard host, behind the stand-in for the load balancer.
// Debian's is the package in a throw-away copy of an image, with its site for HTTPS, as it configures
// Apache and mod_wsgi. Both are warm. A ratio is the median of those within a round, which hardly
// depends on what else the machine does. What the link does: login/link.ts; what usable means:
// login/visits.ts.
import { mkdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { launchWith } from '../harness/browser';
import { Apache, DEBIAN_NAME } from './login/apache';
import { Link, LinkOptions } from './login/link';
import { checkLink } from './login/link-check';
import { Site, Visit, visitTwice } from './login/visits';
import { addressOption, runOnPreview, Stage } from './on-preview';
import { Goal, median, report, round } from './report';

const has = (name: string) => process.argv.includes(name);
const option = (name: string) => process.argv[process.argv.indexOf(name) + 1];
const LINK: LinkOptions = { roundTrip: 50, rate: 10e6 };
const ROUNDS = has('--quick') ? 5 : 15;
/** Visits before any is measured: of the browser's and of the servers' caches. */
const WARM = 3;
const GOAL = 2;

const TURNS = ['first visit', 'second visit'] as const;
const ROWS = TURNS.flatMap((turn, index) => [
  { name: `first contentful paint, ${turn}`, index, of: ({ paint }: Visit) => paint },
  { name: `usable page, ${turn}`, index, of: ({ usable }: Visit) => usable },
]);

/** Visits by round: of ours and of Debian's, the first and the second of each. */
type Rounds = Record<'ours' | 'Debian', [Visit, Visit]>[];

async function measure(browser: Browser, sites: [Site, Site], pictures?: string): Promise<Rounds> {
  for (let time = 0; time < WARM; time++) {
    for (const site of sites) {
      await visitTwice(browser, site, pictures);
    }
  }
  const rounds: Rounds = [];
  for (let time = 0; time < ROUNDS; time++) {
    const [first, second] = time % 2 === 0 ? sites : [...sites].reverse();
    const visits = {
      [first.name]: await visitTwice(browser, first),
      [second.name]: await visitTwice(browser, second),
    };
    rounds.push(visits as Rounds[number]);
  }
  return rounds;
}

function quartiles(values: number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => round(sorted[Math.round(part * (sorted.length - 1))]);
  return `${at(0.25)} to ${at(0.75)}`;
}

function results(rounds: Rounds) {
  return ROWS.map(({ name, index, of }) => {
    const ours = rounds.map((one) => of(one.ours[index]));
    const debian = rounds.map((one) => of(one.Debian[index]));
    const ratios = debian.map((theirs, turn) => theirs / ours[turn]);
    return { name, ours, debian, ratios, quicker: median(ratios) };
  });
}

function transfers(rounds: Rounds) {
  return TURNS.flatMap((turn, index) =>
    (['ours', 'Debian'] as const).map((name) => {
      const visits = rounds.map((one) => one[name][index]);
      const [{ requests }] = visits;
      return {
        ...{ visit: turn, dashboard: name },
        requests: Object.entries(requests)
          .map(([protocol, count]) => `${count} × ${protocol}`)
          .join(', '),
        connections: median(visits.map(({ connections }) => connections)),
        'KB over the link': round(median(visits.map(({ bytes }) => bytes)) / 1000),
      };
    }),
  );
}

/** What a visit waits for. */
function timelines(rounds: Rounds): void {
  const last = rounds[rounds.length - 1];
  for (const name of ['ours', 'Debian'] as const) {
    last[name].forEach(({ paint, usable, timeline }, index) => {
      console.log(`${TURNS[index]}, ${name}, milliseconds`);
      const moments = [
        { what: 'first contentful paint', from: paint, to: paint },
        { what: 'usable', from: usable, to: usable },
      ];
      console.table(
        [...timeline, ...moments]
          .sort((a, b) => a.to - b.to)
          .map(({ what, from, to }) => ({ what, from: Math.round(from), to: Math.round(to) })),
      );
    });
  }
}

/** The address, and the three after it. */
function addresses(first: string): [string, string, string, string] {
  const [network, last] = /^(127(?:\.\d{1,3}){2}\.)(\d{1,3})$/.exec(first)?.slice(1) ?? [];
  if (network === undefined || Number(last) < 1 || Number(last) > 251) {
    throw new Error(`--address must be from 127.0.0.1 to 127.255.255.251, got ${first}`);
  }
  const [own, apache, toOurs, toApache] = [0, 1, 2, 3].map(
    (more) => network + (Number(last) + more),
  );
  return [own, apache, toOurs, toApache];
}

async function measureAll({ preview, address, folder, atEnd }: Stage): Promise<void> {
  const [, apacheAddress, toOurs, toApache] = addresses(address);
  const pictures = has('--pictures') ? option('--pictures') : undefined;
  if (pictures !== undefined) {
    mkdirSync(pictures, { recursive: true });
  }
  console.log(`the link: ${await checkLink(toOurs, LINK)}`);
  await preview.makeImages();
  await preview.start();
  await preview.addHost({ role: 'static' });
  const dashboard = await preview.addHost({ role: 'dashboard' });
  await preview.signalled(dashboard.id);
  await preview.inService(dashboard.id);
  const apache = await Apache.start(apacheAddress, folder);
  atEnd(() => apache.stop());
  const open = async (from: string, to: string) => {
    const relay = (port: number) => ({
      listen: { address: from, port },
      to: { address: to, port },
    });
    const link = await Link.open(LINK, [relay(443), relay(80)]);
    atEnd(() => link.close());
    return link;
  };
  const sites: [Site, Site] = [
    { name: 'ours', url: preview.url, link: await open(toOurs, address) },
    { name: 'Debian', url: apache.url, link: await open(toApache, apacheAddress) },
  ];
  const browser = await launchWith([preview.ca, apache.ca], {
    [preview.name]: toOurs,
    [preview.staticName]: toOurs,
    [DEBIAN_NAME]: toApache,
  });
  atEnd(() => browser.close());
  console.log('both login pages are there');
  const rounds = await measure(browser, sites, pictures);
  if (has('--timeline')) {
    timelines(rounds);
  }
  const rows = results(rounds);
  console.table(transfers(rounds));
  report(
    rows.map(({ name, ours, debian, ratios, quicker }) => ({
      what: name,
      'ms, ours': round(median(ours)),
      'ms, Debian': round(median(debian)),
      'times as quick': round(quicker),
      'middle half': quartiles(ratios),
    })),
    rows.map(({ name, quicker }): Goal => ({
      name: `times as quick as Debian: ${name}`,
      value: round(quicker),
      goal: `>= ${GOAL.toFixed(1)}`,
      holds: quicker >= GOAL,
    })),
  );
}

runOnPreview({ name: 'the login page', check: () => void addresses(addressOption()) }, measureAll);
