// User data is limited to 16 KiB; longer texts, or texts with more blocks, are not host configuration.
const LONGEST = 16384;
const MOST = 100;

/** The values of an nginx directive at any place, such as `off` in `proxy_cache off;`. */
export function directives(text: string, name: string): string[] {
  if (!text.includes(name)) {
    return [];
  }
  const pattern = new RegExp(`(?:^|[\\s{;"'])${name}\\s+([^;{}\\n]*);`, 'g');
  return [...text.matchAll(pattern)].map((match) => unquote(match[1].trim()));
}

/** The blocks of one kind: the text between the name and the brace, and the text in the braces. */
export function blocks(text: string, name: string): { head: string; body: string }[] {
  if (!text.includes(name)) {
    return [];
  }
  const found: { head: string; body: string }[] = [];
  const pattern = new RegExp(`(?:^|[\\s{};"'])${name}\\b([^{};\\n]*)\\{`, 'g');
  for (const match of text.matchAll(pattern)) {
    if (found.length === MOST) {
      break;
    }
    const start = match.index + match[0].length;
    let depth = 1;
    let end = start;
    while (end < Math.min(text.length, start + LONGEST) && depth > 0) {
      const char = text[end++];
      if (char === '{') {
        depth++;
      } else if (char === '}') {
        depth--;
      }
    }
    found.push({ head: match[1].trim(), body: text.slice(start, depth === 0 ? end - 1 : end) });
  }
  return found;
}

/** The servers with TLS that a script configures. */
export function tlsServers({ text }: { readonly text: string }): string[] {
  if (!text.includes('listen')) {
    return [];
  }
  return blocks(text, 'server')
    .map(({ body }) => body)
    .filter(
      (body) =>
        directives(body, 'listen').some((value) => /\bssl\b/.test(value)) ||
        directives(body, 'ssl').includes('on'),
    );
}

/** A text without its blocks of one kind. */
export function outside(text: string, name: string): string {
  return blocks(text, name).reduce((rest, { body }) => rest.replace(body, () => ''), text);
}

/** The blocks that only serve static media: servers by name and locations by path. */
export function staticBlocks(
  text: string,
  { staticNames, staticPaths }: StaticPlaces,
): readonly string[] {
  const servers = blocks(text, 'server').map(({ body }) => body);
  const named = servers.filter((body) => {
    const names = namesOf(body);
    return names.length > 0 && names.every((name) => staticNames.has(name));
  });
  const paths = [...staticPaths];
  const locations = blocks(text, 'location').filter(({ head }) => {
    const path = /^(?:[=~^*]+\s*)?\^?["']?(\/[^\s"']*)/.exec(head)?.[1] ?? '';
    return paths.some((prefix) => `${path}/`.startsWith(prefix));
  });
  return [...named, ...locations.map(({ body }) => body)];
}

/** The names and paths of static media. */
export interface StaticPlaces {
  readonly staticNames: ReadonlySet<string>;
  readonly staticPaths: ReadonlySet<string>;
}

/** The names of a server, in lower case. */
export const namesOf = (server: string): string[] =>
  directives(outside(server, 'location'), 'server_name').flatMap((value) =>
    value.toLowerCase().split(/\s+/),
  );

/**
 * The possible origins of a variable that `map` or `set` defines, or none if it is defined elsewhere.
 * The origin of the request counts as a wildcard, except in an entry for a named origin.
 */
export function originsOf(text: string, variable: string): string[] {
  const maps = blocks(text, 'map').filter(({ head }) =>
    new RegExp(`\\s\\$\\{?${variable}\\}?$`).test(head),
  );
  const mapped = maps.flatMap(({ body }) =>
    body.split(';').flatMap((entry): string[] => {
      const [, key, value] =
        /^\s*("[^"]*"|'[^']*'|\S+)\s+("[^"]*"|'[^']*'|\S+)\s*$/.exec(entry) ?? [];
      if (key === undefined || /^(hostnames|volatile|include)$/.test(key)) {
        return [];
      }
      const [name, origin] = [key, value].map(unquote);
      if (!/^\$\{?http_origin\}?$/.test(origin)) {
        return [origin];
      }
      if (name === 'default' || /^~\*?\^?(https?(\?)?:\/\/)?\.[*+]\$?$/.test(name)) {
        return ['*'];
      }
      return name.startsWith('~') ? [] : [name];
    }),
  );
  const set = [...text.matchAll(new RegExp(`\\bset\\s+\\$${variable}\\s+([^;\\n]+);`, 'g'))];
  return [...mapped, ...set.map(([, value]) => unquote(value.trim()))].filter(
    (origin) => origin !== '',
  );
}

/** Whether a configuration includes files that a rule cannot read, other than those of the package. */
export function includesMore(text: string): boolean {
  return directives(text, 'include').some(
    (value) => !/mime\.types$|modules-enabled|proxy_params$|fastcgi|uwsgi_params$/.test(value),
  );
}

/** The values of an Apache directive, which is on a separate line. */
export function apacheDirectives(text: string, name: string): string[] {
  if (!text.includes(name)) {
    return [];
  }
  const pattern = new RegExp(`^[ \\t]*${name}[ \\t]+(.*)$`, 'gm');
  return [...text.matchAll(pattern)].map((match) => unquote(match[1].trim()));
}

/** The values of a header that nginx (`add_header`) or Apache (`Header set`) adds. */
export function headers(text: string, name: string): string[] {
  if (!text.toLowerCase().includes(name.toLowerCase())) {
    return [];
  }
  const value = `("[^"\\n]*"|'[^'\\n]*'|[^;\\s]+)`;
  const patterns = [
    `(?:^|[\\s{;"'])(?:add_header|more_set_headers)\\s+["']?${name}["']?[\\s:]\\s*("[^"\\n]*"|'[^'\\n]*'|[^;\\n]*?)\\s*(?:always\\s*)?;`,
    `(?:^|[\\s"'])Header\\s+(?:always\\s+|onsuccess\\s+)?(?:set|add|append|merge|setifempty)\\s+["']?${name}["']?\\s+${value}`,
  ];
  return patterns.flatMap((pattern) =>
    [...text.matchAll(new RegExp(pattern, 'gi'))].map((match) => unquote(match[1].trim())),
  );
}

const unquote = (value: string): string => value.replace(/^(["'])(.*)\1$/s, '$2');
