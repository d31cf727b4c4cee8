/** Writes the tables of docs/environment.md from the contract. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPLICATION, MACHINE, Parameter } from '../lib/contract/environment';

const DOCUMENT = join(__dirname, '../docs/environment.md');

/** Readers that are not files of a host. */
const ROLES = ['boot check', 'gunicorn', 'nginx', 'rule pack', 'settings snippet', 'user data'];

const TYPES: Record<string, string> = {
  boolean: 'boolean',
  certificate: 'certificate in PEM format, encoded with base64',
  endpoints: '`HOST:PORT`, several separated by commas',
  existing: 'path',
  header: '`HEADER,VALUE`',
  link: 'path or https URL',
  list: 'Python list literal',
  literal: 'Python dict literal',
  map: 'Python dict literal',
  names: 'list of fully qualified names',
  pairs: 'Python list literal of pairs',
  origins: 'list of `https://NAME` or `https://NAME:PORT`',
  regex: 'regular expression',
  sso_choices: 'Python tuple of pairs: name, label',
  sso_mapping: 'Python tuple of pairs: name, pair of IDs',
  sso_url: 'https URL',
  sso_urls: 'Python tuple of pairs: name, https URL',
  static_url: '`/static/` or `https://NAME/static/`',
  text: 'text',
  theme_name: 'up to 32 of `a-z 0-9 _ -`',
  time_zone: 'name in `/usr/share/zoneinfo`',
  token: 'up to 64 of `A-Z a-z 0-9 . _ -`',
  url: 'URL',
};

const code = (text: string): string => `\`${text}\``;
const list = (items: readonly string[], join: string): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${join} ${items.at(-1)}`;

function typeOf({ type, format, unit = 'number', allowed = [], min, max }: Parameter): string {
  if (format !== undefined) {
    return format;
  }
  switch (type) {
    case 'console':
    case 'one_of':
      return list(allowed.map(code), 'or');
    case 'integer':
    case 'positive':
    case 'size':
    case 'up_to':
    case 'within':
      if (max !== undefined) {
        return `${unit}, ${min} to ${max}`;
      }
      return min === undefined ? unit : `${unit}, from ${min}`;
    default:
      return TYPES[type];
  }
}

function defaultOf(parameter: Parameter): string {
  const { required, default: byHosts, unset = "Horizon's own", construct, prop } = parameter;
  const value = required ? 'required' : byHosts === undefined ? unset : code(byHosts);
  return [
    value,
    ...(construct === undefined ? [] : [`the construct sets ${code(construct)}`]),
    ...(prop === undefined ? [] : [`set with ${code(prop)}`]),
  ].join('; ');
}

const readers = (names: readonly string[]): string =>
  names.map((name) => (ROLES.includes(name) ? name : code(name))).join(', ');

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  // As wide as their longest sentence, columns would be hard to read
  return [
    '<!-- prettier-ignore -->',
    ...[header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

const setters = (names: readonly string[]): string =>
  names.length > 0 ? names.map(code).join(', ') : '_not set_';

type Column = (parameter: Parameter) => string;
const COLUMNS: Record<string, Column> = {
  Tier: ({ tiers = [] }) => (tiers.length > 1 ? 'both' : tiers.join('')),
  Type: typeOf,
  Meaning: ({ meaning }) => meaning,
  Default: defaultOf,
  'Set by': ({ setBy }) => setters(setBy),
  'Read by': ({ readBy }) => readers(readBy),
};

function parameters(
  all: Readonly<Record<string, Parameter>>,
  columns: readonly string[],
  holds: (parameter: Parameter) => boolean = () => true,
): string {
  const rows = Object.entries(all)
    .filter(([, parameter]) => holds(parameter))
    .map(([name, parameter]) => [
      code(name),
      ...columns.map((column) => COLUMNS[column](parameter)),
    ]);
  return table(['Name', ...columns], rows);
}

const CONSTRUCTS = ['DashboardSettings', 'SessionBackend', 'DashboardHosts'];
const COMMON = ['Type', 'Meaning', 'Default'];
const TABLES = new Map<string, () => string>([
  ...CONSTRUCTS.map(
    (name) =>
      [
        name,
        () => parameters(APPLICATION, [...COMMON, 'Read by'], ({ setBy }) => setBy.includes(name)),
      ] as const,
  ),
  [
    'others',
    () =>
      parameters(
        APPLICATION,
        [...COMMON, 'Set by', 'Read by'],
        ({ setBy }) => !setBy.some((name) => CONSTRUCTS.includes(name)),
      ),
  ],
  ['machine', () => parameters(MACHINE, ['Tier', ...COMMON, 'Set by', 'Read by'])],
]);

/** The document with its tables as the contract has them. */
export function renderEnvironment(document = readFileSync(DOCUMENT, 'utf8')): string {
  const missing = new Set(TABLES.keys());
  const text = document.replace(
    /^<!-- table: (\w+) -->$[^]*?^<!-- \/table -->$/gm,
    (_all, name: string) => {
      missing.delete(name);
      return `<!-- table: ${name} -->\n\n${TABLES.get(name)!()}\n\n<!-- /table -->`;
    },
  );
  if (missing.size > 0) {
    throw new Error(`docs/environment.md has no place for the table of ${[...missing].join(', ')}`);
  }
  return text;
}
