import { Script } from './script-rule';

// User data has at most 16 KiB: what is longer, or has more blocks, is none that a host gets.
const LONGEST = 16384;
const MOST = 100;

/** The values of a directive of nginx, wherever it stands: `off` of `proxy_cache off;`. */
export function directives(text: string, name: string): string[] {
  if (!text.includes(name)) return [];
  const pattern = new RegExp(`(?:^|[\\s{;"'])${name}\\s+([^;{}\\n]*);`, 'g');
  return [...text.matchAll(pattern)].map((match) => unquote(match[1].trim()));
}

/** The blocks of one kind, as what stands between the name and the brace, and in the braces. */
export function blocks(text: string, name: string): { head: string; body: string }[] {
  const found: { head: string; body: string }[] = [];
  const pattern = new RegExp(`(?:^|[\\s{};"'])${name}\\b([^{};\\n]*)\\{`, 'g');
  for (const match of text.matchAll(pattern)) {
    if (found.length === MOST) break;
    const start = match.index + match[0].length;
    let depth = 1;
    let end = start;
    while (end < Math.min(text.length, start + LONGEST) && depth > 0) {
      const char = text[end++];
      if (char === '{') depth++;
      else if (char === '}') depth--;
    }
    found.push({ head: match[1].trim(), body: text.slice(start, depth === 0 ? end - 1 : end) });
  }
  return found;
}

/** The servers with TLS that a script configures, and what it says outside of them. */
export function tlsServers(script: Script): string[] {
  if (!script.text.includes('listen')) return [];
  return blocks(script.text, 'server')
    .map(({ body }) => body)
    .filter(
      (body) =>
        directives(body, 'listen').some((value) => /\bssl\b/.test(value)) ||
        directives(body, 'ssl').includes('on'),
    );
}

/** Whether a configuration takes in files that a rule does not see, beside those of the package. */
export function includesMore(text: string): boolean {
  return directives(text, 'include').some(
    (value) => !/mime\.types$|modules-enabled|proxy_params$|fastcgi|uwsgi_params$/.test(value),
  );
}

/** The values of a directive of Apache, which stands on a line of its own. */
export function apacheDirectives(text: string, name: string): string[] {
  if (!text.includes(name)) return [];
  const pattern = new RegExp(`^[ \\t]*${name}[ \\t]+(.*)$`, 'gm');
  return [...text.matchAll(pattern)].map((match) => unquote(match[1].trim()));
}

/** The values of a header that nginx (`add_header`) or Apache (`Header set`) adds. */
export function headers(text: string, name: string): string[] {
  if (!text.toLowerCase().includes(name.toLowerCase())) return [];
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
