import { sleep } from '../../../preview/shared/run';
import { Checks, measure, must } from '../harness/checks';
import { Visitor } from '../harness/visitors';
import { Stage } from './stage';

/** Memcached has no login: what whoever reads it or writes to it gets. */
export const MEMCACHED: Checks<Stage> = [
  ['no key and no value of memcached opens a session or names anything', dump],
  ['a session that was logged out stays out when its value is written back', writeBack],
];

interface Entry {
  readonly node: string;
  readonly key: string;
  readonly flags: number;
  readonly value: string;
}

async function entries({ preview }: Stage): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const node of await preview.call('cacheNodes')) {
    for (const item of await preview.call('cacheItems', node)) {
      found.push({ node, ...item });
    }
  }
  return found;
}

async function dump(stage: Stage): Promise<void> {
  const { preview, way, visitors } = stage;
  const found = await entries(stage);
  must(found.length >= visitors.length, `memcached has ${found.length} items`);
  const names = [...visitors.map(({ name }) => name), 'gAAAAA', 'web shop'];
  const candidates = new Set<string>();
  for (const { key, value } of found) {
    const bytes = Buffer.from(value, 'base64');
    for (const text of [...names, ...visitors.map(({ session }) => session)]) {
      must(!key.includes(text), `a key has ${text}`);
      must(!bytes.includes(text), `a value has ${text}`);
    }
    // A session id as Django makes them, wherever it stands, and each part of a key.
    const id = /[a-z0-9]{32}/g;
    const texts = [key, bytes.toString('latin1'), bytes.toString('hex')];
    texts.flatMap((text) => text.match(id) ?? []).forEach((part) => candidates.add(part));
    key.split(/[^A-Za-z0-9_-]/).forEach((part) => candidates.add(part));
  }
  const tried = [...candidates].filter((text) => text !== '').slice(0, 400);
  must(tried.length > 0, 'there was nothing to try');
  const [{ cookieName }] = visitors;
  for (const cookie of tried) {
    const reply = await way.request('/api/settings/', { [cookieName]: cookie }, { ajax: true });
    must(reply.status === 401 || /login/.test(reply.location ?? ''), `${cookie} opens a session`);
  }
  measure('texts of memcached tried as a session cookie', tried.length, '');
  measure('of these that opened one', 0, '', 0);
  must(preview.running, 'the preview has ended');
}

async function writeBack(stage: Stage): Promise<void> {
  const { preview, way, visitors } = stage;
  const visitor = new Visitor(way, visitors[0].name);
  const before = new Set((await entries(stage)).map(({ key }) => key));
  await visitor.login(preview.password);
  await visitor.ask();
  const stolen = (await entries(stage)).filter(({ key }) => !before.has(key));
  must(stolen.length > 0, 'the login made no new item');
  const cookies = visitor.jar;
  // Horizon 2026.1 has no logout with GET
  const [, csrf = ''] = Object.entries(cookies).find(([name]) => /csrftoken$/.test(name)) ?? [];
  const form = new URLSearchParams({ csrfmiddlewaretoken: csrf }).toString();
  const reply = await way.request('/auth/logout/', visitor.jar, { form });
  must(reply.status < 400, `logout answered ${reply.status}`);
  await sleep(1000);
  for (const { node, ...item } of stolen) {
    // Added, whatever the dashboard keeps there now.
    await preview.call('cacheStore', node, [item]);
  }
  const again = await way.request('/api/settings/', { ...cookies }, { ajax: true });
  must(
    again.status === 401 || /login/.test(again.location ?? ''),
    `the session is back: ${again.status}`,
  );
}
