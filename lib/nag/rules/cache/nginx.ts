import { Facts } from '../../dashboard/facts';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource } from '../../template/template';
import { Text } from '../../template/text';

// `proxy_cache off;` is correct, and `proxy_cache_path` alone caches nothing.
const DIRECTIVE = /(?:^|[\s"'])(?:proxy|fastcgi|uwsgi|scgi)_cache\s+(?!off\s*["']?$)\S+\s*$/;

export const cacheNginx: Rule = {
  id: 'CACHE3',
  guideRules: [20],
  level: 'error',
  ours: 'nginx has no cache in front of gunicorn; pages are sent with Cache-Control: no-store',
  cause:
    "nginx caches the dashboard's pages (proxy_cache, fastcgi_cache, uwsgi_cache or " +
    'scgi_cache).',
  explanation:
    'The dashboard renders every page for one user, from live OpenStack API calls. A cache in ' +
    "front of it can serve stale pages, or one user's page to another.",
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Remove the directive. Cache only static media, with HTTP headers.',
  types: HOST_TYPES,
  check(resource, facts) {
    if (!facts.servesOrFronts(resource)) {
      return undefined;
    }
    const texts = facts.texts(resource);
    if (texts.length === 0) {
      return undefined;
    }
    facts.readsAll(resource);
    const places = texts
      .filter((text) => text.text.includes('_cache') && caches(text, resource, facts))
      .map(({ location }) => location);
    return [...new Set(places)];
  },
};

interface Block {
  readonly head: string;
  readonly outer?: Block;
  /** The positions in the text where it begins and ends. */
  readonly start: number;
  end: number;
}

/** Whether a directive caches for the dashboard, and not only for static media or another site. */
function caches(text: Text, resource: Resource, facts: Facts): boolean {
  const source = facts.effectiveLines(text).join('\n');
  const { cached, blocks } = parse(source);
  const concerns = (block: Block): boolean =>
    facts.namesDashboard(resource, {
      text: source.slice(block.start, block.end),
      holes: text.holes,
    });
  const upstreams = blocks.flatMap((block) => {
    const name = /\bupstream\s+(\S+)$/.exec(block.head)?.[1];
    return name !== undefined && concerns(block) ? [name] : [];
  });
  const servers = blocks.filter((block) => /(^|[\s"'])server$/.test(block.head));
  return cached.some((at) => {
    for (let block: Block | undefined = at; block; block = block.outer) {
      const path = /\blocation\s+(?:(?:=|~\*?|\^~)\s*)?\^?["']?([^\s"']+)["']?$/.exec(
        block.head,
      )?.[1];
      if (path && [...facts.staticPaths].some((prefix) => path.startsWith(prefix))) {
        return false;
      }
      // A host in front of the dashboard may also serve other sites.
      if (servers.length > 1 && servers.includes(block) && !facts.hosts.has(resource)) {
        const body = source.slice(block.start, block.end);
        return concerns(block) || upstreams.some((name) => body.includes(`//${name}`));
      }
    }
    return true;
  });
}

/** The blocks of a configuration at any place in a script, and those with a caching directive. */
function parse(source: string): { cached: (Block | undefined)[]; blocks: Block[] } {
  const cached: (Block | undefined)[] = [];
  const blocks: Block[] = [];
  let block: Block | undefined;
  let start = 0;
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    if (character === '$' && source[at + 1] === '{') {
      // A variable of the shell.
      const end = source.indexOf('}', at);
      at = end < 0 ? source.length : end;
    } else if (character === ';') {
      if (DIRECTIVE.test(lastLine(source.slice(start, at)))) {
        cached.push(block);
      }
      start = at + 1;
    } else if (character === '{') {
      block = {
        head: lastLine(source.slice(start, at)),
        outer: block,
        start: at,
        end: source.length,
      };
      blocks.push(block);
      start = at + 1;
    } else if (character === '}') {
      if (block) {
        block.end = at;
      }
      block = block?.outer;
      start = at + 1;
    }
  }
  return { cached, blocks };
}

/** The text before a brace or a semicolon. Earlier lines mostly belong to another command. */
const lastLine = (text: string): string => {
  const trimmed = text.trimEnd().slice(-500);
  const line = trimmed.slice(trimmed.lastIndexOf('\n') + 1).trim();
  return line || trimmed.trim();
};
