/** The pages of the public API: API.md, which jsii-docgen writes, with a page for each type. */
import { posix } from 'node:path';
import { namesSection, pythonName } from './names';
import { linksOf, read } from './pages';

const PREFIX = 'cdk-openstack-dashboard.';

/** The headings of API.md, and those of the site. */
const KINDS: Readonly<Record<string, string>> = {
  Constructs: 'Constructs',
  Structs: 'Props',
  Classes: 'Classes',
  Protocols: 'Interfaces',
  Enums: 'Enums',
};

export interface ApiType {
  readonly name: string;
  readonly kind: string;
  readonly text: string;
}

/** The types of API.md, in its order. */
export function apiTypes(api = read('API.md')): ApiType[] {
  const types: { name: string; kind: string; lines: string[] }[] = [];
  let kind = '';
  let isCode = false;
  for (const line of api.split('\n')) {
    isCode = line.startsWith('```') ? !isCode : isCode;
    const [, marks, title] = (!isCode && /^(##|###) (\w+) <a /.exec(line)) || [];
    if (marks === '##') {
      kind = KINDS[title];
      if (kind === undefined) {
        throw new Error(`API.md: ${title} must be a known kind of types`);
      }
    } else if (marks === '###') {
      types.push({ name: title, kind, lines: [] });
    } else {
      types[types.length - 1]?.lines.push(line);
    }
  }
  return types.map(({ lines, ...type }) => ({ ...type, text: lines.join('\n') }));
}

const slug = (title: string): string => title.toLowerCase().replaceAll(' ', '-');

/** Where the anchor of a member is. */
function address(anchor: string, from: string, names: ReadonlySet<string>): string {
  const member = anchor.slice(PREFIX.length);
  const [name] = member.split('.');
  if (!anchor.startsWith(PREFIX) || !names.has(name)) {
    throw new Error(`API.md: #${anchor} must be a type`);
  }
  const page = name === from && member !== name ? '' : `${name}.md`;
  return member === name ? page : `${page}#${member}`;
}

/** Links of docstrings, which are those of files in the root folder. */
const link = linksOf('API.md');

export function apiPage({ name, kind, text }: ApiType, names: ReadonlySet<string>): string {
  let isCode = false;
  const lines = text.split('\n').flatMap((line) => {
    isCode = line.startsWith('```') ? !isCode : isCode;
    if (isCode) {
      return line;
    }
    // Links of HTML would keep the names of files.
    const linked = line
      // The spaces are jsii-docgen's.
      .replace(/\[(docs) (\/[\w/.-]+)\]\(docs \/[^)]+\)/, '[$1$2]($1$2)')
      .replace(/\]\(([^)\s]+)\)/g, (_match, target: string) => `](${link(target)})`)
      .replace(
        /<a href="#([^"]+)">([^<]*)<\/a>/g,
        (_match, anchor: string, label: string) => `[${label}](${address(anchor, name, names)})`,
      );
    const [, marks, title, id] =
      /^##(#+) (.+?) <a name="[^"]*" id="([^"]*)"><\/a>$/.exec(linked) ?? [];
    if (marks === undefined) {
      return linked;
    }
    const [, member] = /^`(\w+)`/.exec(title) ?? [];
    const inPython = member === undefined ? member : pythonName(member);
    return [
      `${marks} ${title} { #${id.startsWith(PREFIX) ? id.slice(PREFIX.length) : slug(id)} }`,
      ...(inPython === member ? [] : ['', `Python: \`${inPython}\``]),
    ];
  });
  return [`# ${name}`, '', `_${kind}_`, '', ...lines, '', ...namesSection(name, kind, text)].join(
    '\n',
  );
}

/** The page that lists all types. */
export function apiIndex(types: readonly ApiType[]): string {
  const lines = [
    '# API reference',
    '',
    'The public API of the library, by type. The pages are made from the docstrings of the source, with names as in TypeScript, and have those of [other languages](../languages.md).',
  ];
  for (const kind of new Set(types.map((type) => type.kind))) {
    lines.push('', `## ${kind}`, '', '| Type | Description |', '| --- | --- |');
    for (const { name, text } of types.filter((type) => type.kind === kind)) {
      const first = text.trim().split('\n')[0];
      const isText = first !== '' && !/^[-*#<>|`]/.test(first);
      lines.push(`| [${name}](${name}.md) | ${isText ? first.replaceAll('|', '&#124;') : ''} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

export const apiAddress = ({ name }: ApiType): string => posix.join('api', `${name}.md`);
