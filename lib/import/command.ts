#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { runCommand, UsageError } from '../shared/command-line';
import { readVariables } from './deployment-tools';
import { LanguageName, LANGUAGES, programOf } from './program';
import { Note, propsOf } from './props';
import { readSettings, Settings } from './python';

const NAME = 'openstack-dashboard-import';
const USAGE = `usage: ${NAME} [options] FILE...

Prints a stack in TypeScript or Python with the props of OpenStackDashboard that say the same as an existing Horizon,
and comments about everything that is not among them. The files are read, and never run.

FILE is local_settings.py, or a file of local_settings.d; or variables in YAML: kolla-ansible's globals.yml,
openstack-ansible's user_variables.yml. A later file changes what an earlier one sets.

  --domain-name NAME    name of the new dashboard (default: the first full name of ALLOWED_HOSTS)
  --language NAME       typescript (default) or python
  --version, --help

Exit status: 0, or 2 if an argument is invalid or a file cannot be read.
`;

function languageOf(name: string): LanguageName {
  if (!Object.hasOwn(LANGUAGES, name)) {
    throw new UsageError(
      `--language must be ${Object.keys(LANGUAGES).join(' or ')}, got '${name}'; see docs/languages.md for the names in other languages`,
    );
  }
  return name as LanguageName;
}

function requireDomainName(name: string | undefined): void {
  if (name === undefined) {
    return;
  }
  const { placeholders, refused } = propsOf(new Map(), { domainName: name, plugins: [] });
  if (placeholders.includes('domainName')) {
    const why = refused.map((each) => each.why)[0] ?? `must be a domain name, got '${name}'`;
    throw new UsageError(`--domain-name: ${why}`);
  }
}

/** The program for some files. */
function importOf(
  files: readonly string[],
  domainName: string | undefined,
  language: LanguageName,
): string {
  if (language === 'python') {
    // Errors of the library, which become comments, have the names of Python
    process.env.JSII_AGENT = 'Python/';
  }
  let settings: Settings = { values: new Map(), others: [] };
  let name = domainName;
  const plugins = new Set<string>();
  const notes: Note[] = [];
  const others: Note[] = [];
  for (const file of files) {
    const source = readFileSync(file, 'utf8');
    try {
      if (!/\.ya?ml$/i.test(file)) {
        const { values, others: unread } = readSettings(source, settings);
        settings = { values, others: [] };
        notes.push(...unread.map(([line, why]) => ({ setting: `${file}:${line}`, why })));
        continue;
      }
      const variables = readVariables(source, settings.values);
      settings = { values: variables.values, others: [] };
      name ??= variables.domainName;
      variables.plugins.forEach((plugin) => plugins.add(plugin));
      others.push(...variables.notes);
    } catch (error) {
      throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
    }
  }
  const props = propsOf(settings.values, { domainName: name, plugins: [...plugins] });
  return programOf(props, { files, notes, variables: others }, LANGUAGES[language]);
}

runCommand(
  NAME,
  USAGE,
  {
    'domain-name': { type: 'string' },
    language: { type: 'string', default: 'typescript' },
  },
  ({ values, positionals }) => {
    if (positionals.length === 0) {
      throw new UsageError('at least one file must be given');
    }
    const language = languageOf(values.language);
    requireDomainName(values['domain-name']);
    process.stdout.write(importOf(positionals, values['domain-name'], language));
  },
);
