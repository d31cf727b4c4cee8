import { yamlParser } from '../shared/yaml';
import * as tools from './files/deployment-tools.json';
import { entryOf, readExpression, text, unknown, Value } from './python';
import { settingRows } from './settings-table';

/** A variable of a deployment tool: the setting, prop or plugin that it stands for, or why there is nothing. */
export interface Variable {
  /** The setting of Horizon, with its keys after dots. */
  readonly setting?: string;
  /** How the value differs from that of the setting. */
  readonly form?: string;
  /** The constant of `HorizonPlugin`. */
  readonly plugin?: string;
  readonly prop?: string;
  readonly why?: string;
}

/** The variables by name, which can contain `*`, by tool. */
export const TOOLS = {
  'kolla-ansible': tools['kolla-ansible'],
  'openstack-ansible': tools['openstack-ansible'],
} as Readonly<Record<string, Readonly<Record<string, Variable>>>>;

/** The settings that variables stand for. */
export interface Variables {
  readonly values: ReadonlyMap<string, Value>;
  readonly domainName?: string;
  readonly plugins: readonly string[];
  /** The variables that are not settings, with the reason. */
  readonly notes: readonly { readonly setting: string; readonly why: string }[];
}

/** The entry of a variable: that of its name, or else of a pattern. */
export function variableOf(tool: string, name: string): Variable | undefined {
  const variables = TOOLS[tool];
  const pattern = Object.keys(variables)
    .filter((each) => each.includes('*'))
    .sort((one, other) => other.length - one.length)
    .find((each) => new RegExp(`^${each.replaceAll('*', '\\w+')}$`).test(name));
  return variables[name] ?? (pattern === undefined ? undefined : variables[pattern]);
}

/** The tool that has most of the variables. */
function toolOf(names: readonly string[]): string {
  const count = (tool: string): number =>
    names.filter((name) => Object.hasOwn(TOOLS[tool], name) || name.startsWith(tool.slice(0, 5)))
      .length;
  const [kolla, other] = Object.keys(TOOLS);
  return count(other) > count(kolla) ? other : kolla;
}

/** A value of YAML as one of Python. */
function valueOf(given: unknown): Value {
  switch (typeof given) {
    case 'string':
      return given.includes('{{') || given.includes('{%')
        ? unknown('an expression of Ansible')
        : given.startsWith('$ANSIBLE_VAULT')
          ? unknown('encrypted with Ansible Vault')
          : text(given);
    case 'number':
      return { kind: 'number', number: given };
    case 'boolean':
      return { kind: 'boolean', boolean: given };
  }
  if (Array.isArray(given)) {
    return { kind: 'list', items: given.map(valueOf) };
  }
  if (typeof given !== 'object' || given === null) {
    return { kind: 'none' };
  }
  const entries = Object.entries(given).map(([key, each]) => [text(key), valueOf(each)] as const);
  return { kind: 'map', entries };
}

const NUMBERS = new Set(['up_to', 'within', 'positive', 'integer', 'size']);

/** A quoted Boolean or number, as Ansible reads it. */
function unquoted(given: Value, type: string | undefined): Value {
  const plain = given.kind === 'text' ? given.text.trim().toLowerCase() : undefined;
  if (type === 'boolean' && plain !== undefined && /^(yes|no|true|false|on|off)$/.test(plain)) {
    return { kind: 'boolean', boolean: /^(yes|true|on)$/.test(plain) };
  }
  return NUMBERS.has(type ?? '') && plain !== undefined && /^\d+$/.test(plain)
    ? { kind: 'number', number: Number(plain) }
    : given;
}

const items = (given: Value | undefined): readonly Value[] =>
  given?.kind === 'list' ? given.items : [];

const pair = (...texts: Value[]): Value => ({ kind: 'tuple', items: texts });

const map = (entries: readonly (readonly [Value, Value])[]): Value => ({ kind: 'map', entries });

const PASSWORD = pair(text('credentials'), text('Keystone Credentials'));

/** The settings of a variable whose form is not that of its setting. */
function formed(variable: Variable, given: Value): (readonly [string, Value])[] {
  const { form, setting = '' } = variable;
  const of = (item: Value, key: string): Value =>
    entryOf(item, key) ?? unknown(`without \`${key}\``);
  switch (form) {
    case 'commas':
      return [
        [
          setting,
          given.kind === 'text'
            ? { kind: 'list', items: given.text.split(',').map((each) => text(each.trim())) }
            : given,
        ],
      ];
    case 'domains':
      return [
        [setting, given],
        [
          'OPENSTACK_KEYSTONE_DOMAIN_DROPDOWN',
          { kind: 'boolean', boolean: given.kind === 'map' && given.entries.length > 1 },
        ],
      ];
    case 'identity providers': {
      const providers = items(given).map((provider) => {
        const [name, protocol] = [of(provider, 'name'), of(provider, 'protocol')];
        const id =
          name.kind === 'text' && protocol.kind === 'text'
            ? text(`${name.text}_${protocol.text}`)
            : name;
        return { id, name, protocol, label: of(provider, 'public_name') };
      });
      const choices = providers.map(({ id, label }) => pair(id, label));
      return [
        [setting, { kind: 'tuple', items: [PASSWORD, ...choices] }],
        [
          'WEBSSO_IDP_MAPPING',
          map(providers.map(({ id, name, protocol }) => [id, pair(name, protocol)] as const)),
        ],
      ];
    }
    case 'keys':
      return given.kind === 'map'
        ? given.entries.map(
            ([key, each]) => [`${setting}.${key.kind === 'text' ? key.text : ''}`, each] as const,
          )
        : [];
    case 'python':
      return [[setting, given.kind === 'text' ? readExpression(given.text) : given]];
    case 'regions':
      return [
        [
          setting,
          given.kind === 'list'
            ? {
                kind: 'list',
                items: given.items.map((each) => pair(of(each, 'url'), of(each, 'name'))),
              }
            : given,
        ],
      ];
    case 'service provider': {
      const choices = items(entryOf(given, 'trusted_idp_list')).flatMap((provider) =>
        items(entryOf(provider, 'protocols')).map((protocol) =>
          pair(of(protocol, 'name'), entryOf(provider, 'display_name') ?? of(provider, 'name')),
        ),
      );
      return [
        ['WEBSSO_ENABLED', { kind: 'boolean', boolean: choices.length > 0 }],
        [setting, { kind: 'tuple', items: [PASSWORD, ...choices] }],
      ];
    }
    case 'settings':
      return given.kind === 'map'
        ? given.entries.map(([key, each]) => {
            const value = each.kind === 'text' ? readExpression(each.text) : each;
            return [key.kind === 'text' ? key.text : '', value] as const;
          })
        : [];
    case 'versioned':
      return [[setting, given.kind === 'text' ? text(`${given.text}/v3`) : given]];
    default:
      return [[setting, given]];
  }
}

/** A value in which another one is at a path with dots. */
function placed(before: Value | undefined, keys: readonly string[], inner: Value): Value {
  const [key, ...others] = keys;
  if (key === undefined) {
    return inner;
  }
  const entries = before?.kind === 'map' ? before.entries : [];
  const rest = entries.filter(([name]) => name.kind !== 'text' || name.text !== key);
  return map([...rest, [text(key), placed(entryOf(before, key), others, inner)]]);
}

/**
 * Reads variables of kolla-ansible or openstack-ansible.
 *
 * @throws if the text is not a map in YAML
 */
export function readVariables(source: string, given: ReadonlyMap<string, Value>): Variables {
  const document = yamlParser().parseDocument(source, { version: '1.1', logLevel: 'silent' });
  const [error] = document.errors;
  if (error) {
    throw new Error(`must be YAML: ${error.message.split('\n')[0]}`);
  }
  const found = document.toJS();
  if (found !== null && (typeof found !== 'object' || Array.isArray(found))) {
    throw new Error('must be variables in YAML, by name');
  }
  const all = Object.entries(found ?? {});
  const tool = toolOf(all.map(([name]) => name));
  const types = new Map(settingRows().map(({ setting, parameter }) => [setting, parameter?.type]));
  const values = new Map(given);
  const notes: { setting: string; why: string }[] = [];
  const plugins: string[] = [];
  let domainName: string | undefined;
  for (const [name, plain] of all) {
    const variable = variableOf(tool, name);
    if (!variable) {
      continue;
    }
    const value = valueOf(plain);
    if (variable.plugin !== undefined) {
      const isOn = unquoted(value, 'boolean');
      if (isOn.kind === 'boolean' && isOn.boolean) {
        plugins.push(variable.plugin);
      } else if (isOn.kind !== 'boolean') {
        notes.push({ setting: name, why: `${unknownOf(isOn)}: \`hosts.plugins\`` });
      }
    } else if (variable.prop !== undefined) {
      if (value.kind === 'text') {
        domainName ??= value.text;
      } else {
        notes.push({ setting: name, why: `${unknownOf(value)}: \`${variable.prop}\`` });
      }
    } else if (variable.why !== undefined) {
      notes.push({ setting: name, why: variable.why });
    } else {
      for (const [path, inner] of formed(variable, value)) {
        const [setting, ...keys] = path.split('.');
        values.set(setting, placed(values.get(setting), keys, unquoted(inner, types.get(path))));
      }
    }
  }
  return { values, notes, plugins, domainName };
}

const unknownOf = (value: Value): string =>
  value.kind === 'unknown' ? value.why : 'a value of another type';
