// How close the static tier is to what can be done: the nginx of a static host as it configured
// itself, Debian's openstack-dashboard-apache, nginx with a bare configuration and a bare sendfile
// loop, asked in turn for files of a real Horizon, round by round, in one run; and what a browser
// transfers for the login page. `npm run bench:static`; root, Linux, Chromium, two cores. --quick
// takes few rounds, --address ADDRESS is where the preview may listen.
//
// All servers share one core, the client (h2load) has another. Requests a second, as the client sees
// them, are compared. What a request takes of the servers' core stands beside it: on loopback the
// client is often the slower of the two.
import { cpus } from 'node:os';
import { join } from 'node:path';
import { runOnPreview, Stage } from './on-preview';
import { Goal, median, report, round } from './report';
import {
  Ask,
  Encoding,
  Media,
  Protocol,
  Server,
  serverLayers,
  Servers,
  Slice,
  MOST_REQUESTS,
  takeHost,
} from './static/servers';
import { measureVisits, Visits } from './static/visits';

const QUICK = process.argv.includes('--quick');
const ROUNDS = QUICK ? 12 : 45;
// Short, so that what else the machine does falls on all alike.
const SLICE_SECONDS = QUICK ? 0.06 : 0.1;
/** How often a row is asked in a round: what is close to another, or varies much, is more often. */
const turnsOf = ({ media, encoding, protocol }: Row): number => {
  if (QUICK) {
    return 1;
  }
  if (media.kind === 'JavaScript' && encoding === 'identity') {
    return 4;
  }
  return protocol === 'HTTP/1.1' ? 1 : 2;
};

/** One file, encoding and protocol, and what each server did with it round by round. */
interface Row {
  readonly media: Media;
  readonly encoding: Encoding;
  readonly protocol: Protocol;
  readonly slices: Partial<Record<Server, Slice[]>>;
}

function rows(files: Media[]): Row[] {
  const make = (
    media: Media,
    encoding: Encoding,
    protocol: Protocol,
    ...servers: Server[]
  ): Row => ({
    ...{ media, encoding, protocol },
    slices: Object.fromEntries(servers.map((server) => [server, []])),
  });
  const plain = files.flatMap((media) =>
    (['identity', 'gzip', 'br'] as const).map((encoding) =>
      media.kind === 'JavaScript'
        ? make(media, encoding, 'HTTP/1.1', 'tier', 'apache', 'bare', 'sendfile')
        : make(media, encoding, 'HTTP/1.1', 'tier', 'apache', 'bare'),
    ),
  );
  const tls = (['HTTP/1.1 TLS', 'HTTP/2 TLS'] as const).flatMap((protocol) =>
    files.flatMap((media) =>
      (media.kind === 'JavaScript' ? (['identity', 'br'] as const) : (['br'] as const)).map(
        (encoding) => make(media, encoding, protocol, 'tier', 'bare'),
      ),
    ),
  );
  return [...plain, ...tls];
}

/** Asks all servers for all files in turn, so many rounds. */
async function compare(lab: Servers, files: Media[]): Promise<Row[]> {
  const all = rows(files);
  const plan = new Map<string, number>();
  const turns = all.flatMap((row) => Array<Row>(turnsOf(row)).fill(row));
  const each = async (
    work: (row: Row, ask: Ask, key: string) => Promise<void>,
    backwards = false,
  ) => {
    for (const row of turns) {
      const { media, encoding, protocol } = row;
      const servers = Object.keys(row.slices) as Server[];
      for (const server of backwards ? servers.reverse() : servers) {
        const key = [server, media.kind, encoding, protocol].join();
        await work(row, { server, media, encoding, protocol }, key);
      }
    }
  };
  // How many requests fill a slice; everything is warm afterwards.
  await each(async (_row, ask, key) => {
    const few = ask.server === 'apache' ? 4 : 40;
    const { rate } = await lab.ask(ask, few);
    plan.set(key, Math.min(MOST_REQUESTS, Math.max(4, Math.round(rate * SLICE_SECONDS))));
  });
  for (let time = 0; time < ROUNDS; time++) {
    await each(
      async (row, ask, key) => {
        row.slices[ask.server]?.push(await lab.ask(ask, plan.get(key) ?? 0));
      },
      time % 2 === 1,
    );
  }
  return all;
}

/** How many times faster the tier is: the geometric mean of the middle half of all turns. */
function ratio({ slices }: Row, other: Server): number | undefined {
  const theirs = slices[other];
  return theirs && middle((slices.tier ?? []).map(({ rate }, index) => rate / theirs[index].rate));
}

function middle(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 4);
  const kept = sorted.slice(cut, sorted.length - cut);
  return Math.exp(kept.reduce((sum, value) => sum + Math.log(value), 0) / kept.length);
}

const name = ({ media, encoding, protocol }: Row) =>
  `${media.kind} ${encoding === 'br' && media.bytes.br === undefined ? 'as a browser asks' : encoding}, ${protocol}`;

function tableOf(all: Row[]) {
  return all.map((row) => {
    const typical = (server: Server, what: (slice: Slice) => number) => {
      const slices = row.slices[server];
      return slices ? round(median(slices.map(what))) : '';
    };
    const rate = (server: Server) => typical(server, (slice) => slice.rate);
    const core = (server: Server) => typical(server, (slice) => slice.core);
    const against = (server: Server) => {
      const value = ratio(row, server);
      return value === undefined ? '' : round(value);
    };
    return {
      file: name(row),
      bytes: row.media.bytes[row.encoding] ?? row.media.bytes.identity,
      'tier/s': rate('tier'),
      'Apache/s': rate('apache'),
      'bare/s': rate('bare'),
      'sendfile/s': rate('sendfile'),
      '× Apache': against('apache'),
      '× bare': against('bare'),
      '× sendfile': against('sendfile'),
      'core µs, tier': core('tier'),
      'Apache ': core('apache'),
      'bare ': core('bare'),
      'sendfile ': core('sendfile'),
    };
  });
}

/** The lowest row decides a goal on several. */
function goalsOf(all: Row[], { first, second, gzip }: Visits): Goal[] {
  const atLeast = (what: string, among: Row[], other: Server, least: number): Goal => {
    const lowest = Math.min(...among.map((row) => ratio(row, other) ?? NaN));
    return {
      name: what,
      value: round(lowest),
      goal: `>= ${least.toFixed(2)}`,
      holds: lowest >= least,
    };
  };
  const plain = all.filter(({ protocol }) => protocol === 'HTTP/1.1');
  // Apache's package compresses text and nothing else: what it sends as it is costs it no time.
  const compressed = plain.filter(
    ({ media, slices }) => (slices.apache?.[0].bytes ?? Infinity) < media.bytes.identity,
  );
  const total = (visit: { page: number; media: number }) => visit.page + visit.media;
  return [
    ...compressed.map((row) =>
      atLeast(`tier / Apache, both compress: ${name(row)}`, [row], 'apache', 20),
    ),
    atLeast('tier / Apache, lowest of all files and encodings', plain, 'apache', 1),
    atLeast('tier / bare nginx, lowest of all files, encodings and protocols', all, 'bare', 0.95),
    atLeast(
      'tier / sendfile, lowest of all encodings of the large file',
      plain.filter(({ slices }) => slices.sendfile !== undefined),
      'sendfile',
      0.8,
    ),
    {
      name: 'bytes of static media, second visit',
      value: second.media,
      goal: '= 0',
      holds: second.media === 0 && second.requests === 0,
    },
    {
      name: 'bytes of a first visit / with gzip alone',
      value: round(total(first) / total(gzip)),
      goal: '<= 0.85',
      holds: total(first) / total(gzip) <= 0.85,
    },
  ];
}

async function measureAll({ preview, address, folder, atEnd }: Stage): Promise<void> {
  const layers = await serverLayers();
  await preview.makeImages();
  await preview.start();
  const statics = await preview.addHost({ role: 'static' });
  const dashboard = await preview.addHost({ role: 'dashboard' });
  await preview.signalled(dashboard.id);
  await preview.inService(dashboard.id);
  console.log(`the login page is there, on ${address}`);
  const visits = await measureVisits(preview, address);
  const files = await takeHost(preview, statics.id, join(folder, 'host'));
  await preview.stop();
  const servers = await Servers.start(layers, join(folder, 'host'), preview.staticName);
  atEnd(() => servers.stop());
  const all = await compare(servers, files);
  console.table(tableOf(all));
  report(
    Object.entries(visits).map(([visit, { page, media, requests }]) => ({
      'login page': visit,
      'bytes of the page': page,
      'bytes of static media': media,
      'requests for static media': requests,
    })),
    goalsOf(all, visits),
  );
}

function checkCores(): void {
  if (cpus().length < 2) {
    throw new Error('it has one core, and servers and client need one each');
  }
}

runOnPreview({ name: 'static media', check: checkCores }, measureAll);
