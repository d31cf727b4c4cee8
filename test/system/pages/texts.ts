const RANDOM = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** A page without what is another one at each request, or in each session. */
export function plain(page: string): string {
  const zones = [...page.matchAll(ZONE)].map(([zone]) => zone).sort();
  return (
    page
      .replace(/<!-- [0-9A-Za-z]+ -->/g, '')
      .replace(/<script nonce="[\w-]{32}"/g, '<script')
      // Made up for each element; the preview's things have such of version 5.
      .replace(RANDOM, 'RANDOM')
      .replace(/data-seconds="[0-9]+"/g, '')
      .replace(/(csrfmiddlewaretoken"? value=)"[^"]*"/g, '$1""')
      .replace(/(csrf_token|csrfToken|csrftoken)(['"]?[:=] *['"])[^'"]*/g, '$1$2')
      // Zones of one offset are in the order of a set.
      .replace(ZONE, () => zones.shift() ?? '')
  );
}

const ZONE = /<option value="[^"]*"(?: selected)?>(?:UTC|GMT).*/g;

/** Where a page leads to within the dashboard: menus, and a few things of each list. */
export function links(page: string): string[] {
  const found = [...page.matchAll(/href="(\/(?:project|admin|identity|settings)\/[^"?#]*)"/g)].map(
    ([, path]) => path,
  );
  const kinds = new Map<string, number>();
  return [...new Set(found)].filter((path) => {
    if (/\/(?:download|logout|switch|openrc|clouds_yaml|clouds\.yaml)/.test(path)) {
      return false;
    }
    const kind = path.replace(ID, 'ID').replace(/[0-9a-f]{32}/g, 'ID');
    if (kind === path) {
      return true;
    }
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    return (kinds.get(kind) ?? 0) <= 2;
  });
}

/** The first lines that differ. */
export function differences(one: string, other: string): [string, string][] {
  const lines = other.split('\n');
  return one
    .split('\n')
    .map((line, at): [string, string] => [line, lines[at] ?? ''])
    .filter(([left, right]) => left !== right)
    .slice(0, 3)
    .map(([left, right]) => [left.trim().slice(0, 200), right.trim().slice(0, 200)]);
}
