// Requests each external link of the documents, and prints those that do not answer. Needs the internet, so no test runs it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const under = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
    .map((file) => join(folder, file));
const files = [
  ...readdirSync('.').filter((file) => file.endsWith('.md')),
  ...['docs', 'examples', 'init/templates'].flatMap(under),
];

/** The documents of each link, without its anchor. */
const links = new Map();
for (const file of files) {
  const text = readFileSync(file, 'utf8').replace(/^ *```.*?^ *```/gms, '');
  for (const [, url] of text.matchAll(/\]\((https?:\/\/[^)\s#]+)/g)) {
    links.set(url, (links.get(url) ?? new Set()).add(file));
  }
}
if (process.argv.includes('--list')) {
  console.log([...links.keys()].sort().join('\n'));
  process.exit();
}

/** Why a link does not answer. A site that limits requests or wants a login does answer. */
async function faultOf(url) {
  try {
    const { status } = await globalThis.fetch(url, {
      signal: globalThis.AbortSignal.timeout(30_000),
    });
    return [404, 410].includes(status) || status >= 500 ? `status ${status}` : undefined;
  } catch (error) {
    return String(error.cause?.code ?? error.message);
  }
}

let broken = 0;
for (const [url, documents] of links) {
  const fault = (await faultOf(url)) && (await faultOf(url));
  if (fault) {
    broken += 1;
    console.log(`${url}: ${fault} (${[...documents].join(', ')})`);
  }
}
console.log(`${links.size} links, ${broken} do not answer`);
process.exitCode = broken > 0 ? 1 : 0;
