import { Duration, Size } from 'aws-cdk-lib';
import * as library from '../index';
import { call, Code, constant, evaluate, list, object, value, withProp } from './code';
import { entryOf, Value } from './python';
import { SettingRow, settingRows } from './settings-table';
import * as tools from './files/deployment-tools.json';

/** What becomes of a setting that is not among the props. */
export interface Note {
  readonly setting: string;
  readonly why: string;
  /** The code for `extraSettings`. */
  readonly code?: Code;
}

/** Props that say the same as settings, and what was left out. */
export interface Props {
  /** The props of `OpenStackDashboard`, without those that differ between AWS accounts. */
  readonly props: Code;
  /** Variables that the props use. */
  readonly variables: readonly (readonly [string, Code])[];
  /** The options of sessions, and whether they are in signed cookies. */
  readonly session?: { readonly isCookie: boolean; readonly options: Code };
  /** Whether values are placeholders. */
  readonly placeholders: readonly string[];
  readonly mapped: readonly string[];
  /** Settings whose props need a decision, or files. */
  readonly byHand: readonly Note[];
  readonly refused: readonly Note[];
  readonly computed: readonly Note[];
  readonly secrets: readonly Note[];
  readonly owned: readonly Note[];
  readonly extra: readonly Note[];
  readonly unknown: readonly Note[];
}

const CLASSES = { ...{ Duration, Size }, ...({} as Record<string, unknown>) };

/** The classes that code uses, which are loaded when they are needed. */
const classes = new Proxy<Record<string, unknown>>(CLASSES, {
  get: (known, name: string) => known[name] ?? (library as Record<string, unknown>)[name],
});

const SECRET =
  /SECRET|PASSW|(^|_)(PWD|PASS)$|CREDENTIAL|PRIVATE|(^|_)TOKEN$|API_?KEY|ACCESS_?KEY|SIGNING/i;
const WITH_PASSWORD = /^\w+:\/\/[^/@]*:[^/@]*@/;
const NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i;
const PLACEHOLDERS = {
  domainName: 'dashboard.example.org',
  keystoneUrl: 'https://keystone.example.org:5000/v3',
};
const CREDENTIALS = 'credentials';

const ELSEWHERE: Readonly<Record<string, string>> = tools.elsewhere;

/** Props whose value is not in a file of settings. */
const BY_HAND: Readonly<Record<string, string>> = {
  caCertificates:
    'copy the file from the old host, and use `settings.caCertificates: CaCertificates.fromFile(…)`',
  'hosts.customization': 'copy the code from the old host, and use `hosts.customization`',
  'hosts.messages': 'use `hosts.messages`',
  'hosts.plugins': 'use `hosts.plugins`',
  'hosts.policies': 'copy the rules that differ from the defaults, and use `hosts.policies`',
  'hosts.theme': 'copy the folder of the theme from the old host, and use `hosts.theme`',
  imageUpload:
    'decide how uploads are limited, and use `settings.imageUpload`: the OpenStack Security Guide requires a plan',
  'hosts.staticTier': 'decide where static media is, and use `staticMedia`',
};

/** Horizon has no setting for it. */
const PROVIDER_ORIGINS =
  'find the origins of the login pages of the identity providers, and use `webSso.identityProviderOrigins`: the content security policy blocks others';

/** The classes with one constant per value of a prop. */
const CHOICES: Readonly<Record<string, string>> = {
  'compute.consoleType': 'ConsoleType',
  'compute.defaultBootSource': 'BootSource',
  'horizonConfig.modalBackdrop': 'ModalBackdrop',
  'image.defaultVisibility': 'ImageVisibility',
  'session.sameSite': 'SameSite',
};

const ENDPOINT_TYPES: Readonly<Record<string, string>> = {
  publicURL: 'PUBLIC',
  internalURL: 'INTERNAL',
};

/** A value that does not fit its prop. */
class Unfit extends Error {}

function fits<T>(found: T | undefined, must: string): T {
  if (found === undefined) {
    throw new Unfit(`must be ${must}`);
  }
  return found;
}

const textOf = (given: Value | undefined): string | undefined =>
  given?.kind === 'text' ? given.text : undefined;
const booleanOf = (given: Value | undefined): boolean | undefined =>
  given?.kind === 'boolean' ? given.boolean : undefined;
const numberOf = (given: Value | undefined): number | undefined =>
  given?.kind === 'number' ? given.number : undefined;
const itemsOf = (given: Value | undefined): readonly Value[] | undefined =>
  given?.kind === 'list' || given?.kind === 'tuple' ? given.items : undefined;

function textsOf(given: Value): string[] {
  const texts = fits(itemsOf(given), 'a list of texts').map(textOf);
  return texts.map((each) => fits(each, 'a list of texts'));
}

/** The entries of a dict, or the items of a list of pairs. */
function pairsOf(given: Value): (readonly [string, Value])[] {
  const pairs =
    given.kind === 'map'
      ? given.entries
      : fits(itemsOf(given), 'a dict or pairs').map((item) => itemsOf(item) ?? []);
  return pairs.map((pair) => {
    const [key, inner] = pair as readonly Value[];
    const name = pair.length === 2 ? textOf(key) : undefined;
    return [fits(name, 'a dict or pairs with texts as keys'), inner] as const;
  });
}

const objectOf = (given: Value, convert: (inner: Value) => Code): Code =>
  object(pairsOf(given).map(([name, inner]) => [name, convert(inner)]));

const textCode = (given: Value): Code => value(fits(textOf(given), 'a text'));

/** The constant of a class whose name is a value. */
function choice(of: string, name: string): Code {
  const constants = classes[of] as Record<string, { name?: string }>;
  const found = Object.keys(constants).find((key) => constants[key]?.name === name);
  return constant(of, fits(found, `one of ${Object.keys(constants).join(', ')}`));
}

function sizeCode(bytes: number): Code {
  const [unit, factor] = (
    [
      ['mebibytes', 2 ** 20],
      ['kibibytes', 2 ** 10],
    ] as const
  ).find(([, each]) => bytes > 0 && bytes % each === 0) ?? ['bytes', 1];
  return call('Size', unit, value(bytes / factor));
}

const endpointType = (given: Value): Code => {
  const name = fits(textOf(given), 'a text');
  const known = Object.hasOwn(ENDPOINT_TYPES, name) ? ENDPOINT_TYPES[name] : undefined;
  return known ? constant('EndpointType', known) : call('EndpointType', 'of', value(name));
};

/** The props whose form is not that of their type. */
const CONVERTERS: Readonly<Record<string, (given: Value) => Code>> = {
  endpointType,
  keystoneEndpointType: endpointType,
  secondaryEndpointType: endpointType,
  overviewDays: (given) =>
    value(given.kind === 'none' ? 0 : fits(numberOf(given), 'a number of days')),
  passwordExpiryWarning: (given) =>
    call('Duration', 'days', value(fits(numberOf(given), 'a number of days'))),
  'compute.consoleType': (given) =>
    given.kind === 'none'
      ? constant('ConsoleType', 'OFF')
      : choice('ConsoleType', textOf(given) || 'off'),
  'horizonConfig.modalBackdrop': (given) =>
    choice('ModalBackdrop', textOf(given) ?? String(booleanOf(given))),
  'horizonConfig.userMenuLinks': (given) =>
    list(
      fits(itemsOf(given), 'a list').map((item) => {
        const isExternal = booleanOf(entryOf(item, 'external')) ?? false;
        return call(
          'UserMenuLink',
          isExternal ? 'toUrl' : 'toPage',
          ...['name', 'url'].map((key) => value(fits(textOf(entryOf(item, key)), 'a link'))),
        );
      }),
    ),
  filterFirst: (given) =>
    list(
      pairsOf(given)
        .filter(([, each]) => booleanOf(each))
        .map(([key]) => {
          const lists = classes.FilteredList as Record<string, { key?: string }>;
          const found = Object.keys(lists).find((name) => lists[name]?.key === key);
          return constant('FilteredList', fits(found, 'lists that Horizon can filter'));
        }),
    ),
  'image.filterProjects': (given) =>
    list(
      fits(itemsOf(given), 'a list').map((item) =>
        object(
          (
            [
              ['text', 'text'],
              ['projectId', 'tenant'],
              ['icon', 'icon'],
            ] as const
          ).flatMap(([prop, key]) => {
            const inner = textOf(entryOf(item, key));
            return inner === undefined ? [] : [[prop, value(inner)] as const];
          }),
        ),
      ),
    ),
  languages: (given) =>
    list(
      fits(itemsOf(given), 'pairs').map((item) =>
        value(fits(textOf(item) ?? textOf(itemsOf(item)?.[0]), 'pairs of code and name')),
      ),
    ),
  'network.segmentationIdRanges': (given) =>
    objectOf(given, (range) => {
      const [minimum, maximum] = fits(itemsOf(range), 'ranges').map((each) =>
        value(fits(numberOf(each), 'ranges of numbers')),
      );
      return object([
        ['minimum', minimum],
        ['maximum', maximum],
      ]);
    }),
  'network.extraProviderTypes': (given) =>
    objectOf(given, (type) =>
      object([
        ['displayName', textCode(fits(entryOf(type, 'display_name'), 'types with names'))],
        [
          'requirePhysicalNetwork',
          value(booleanOf(entryOf(type, 'require_physical_network')) ?? false),
        ],
        [
          'requireSegmentationId',
          value(booleanOf(entryOf(type, 'require_segmentation_id')) ?? false),
        ],
      ]),
    ),
  'network.securityGroupRules': (given) =>
    objectOf(given, (rule) => {
      const port = (key: string): number => {
        const found = entryOf(rule, key);
        return Number(fits(textOf(found) ?? numberOf(found), 'rules with ports'));
      };
      const [from, to] = [port('from_port'), port('to_port')];
      const protocol = textOf(entryOf(rule, 'ip_protocol')) ?? 'tcp';
      return object([
        ['name', textCode(fits(entryOf(rule, 'name'), 'rules with names'))],
        ...(protocol === 'tcp' ? [] : [['ipProtocol', value(protocol)] as const]),
        ['fromPort', value(from)],
        ...(from === to ? [] : [['toPort', value(to)] as const]),
      ]);
    }),
  'session.oneSessionPerUser': (given) => value(textOf(given) === 'disconnect'),
};

/** The code for the value of a prop. */
function codeOf({ prop = '', parameter }: SettingRow, given: Value): Code {
  const convert = CONVERTERS[prop];
  if (convert) {
    return convert(given);
  }
  if (CHOICES[prop]) {
    return choice(CHOICES[prop], fits(textOf(given), 'a text'));
  }
  switch (parameter?.type) {
    case 'boolean':
      return value(fits(booleanOf(given), 'True or False'));
    case 'up_to':
    case 'within':
      return value(fits(numberOf(given), 'a number'));
    case 'positive':
    case 'integer':
      return call('Duration', 'seconds', value(fits(numberOf(given), 'a number of seconds')));
    case 'size':
      return sizeCode(fits(numberOf(given), 'a number of bytes'));
    case 'list':
      return list(textsOf(given).map(value));
    case 'map':
    case 'pairs':
      return objectOf(given, textCode);
    default:
      return textCode(given);
  }
}

/** A value as the contract writes it. */
const plainOf = (given: Value): string | undefined =>
  textOf(given) ?? numberOf(given)?.toString() ?? booleanOf(given)?.toString();

/** A value as code with `SettingValue`. */
function settingValue(given: Value): Code {
  switch (given.kind) {
    case 'text':
      return call('SettingValue', 'fromString', value(given.text));
    case 'number':
      return call('SettingValue', 'fromNumber', value(given.number));
    case 'boolean':
      return call('SettingValue', 'fromBoolean', value(given.boolean));
    case 'none':
      return call('SettingValue', 'nothing');
    case 'list':
    case 'tuple':
      return call('SettingValue', `${given.kind}Of`, ...given.items.map(settingValue));
    case 'map':
      return call('SettingValue', 'mapOf', objectOf(given, settingValue));
    case 'unknown':
      throw new Unfit(given.why);
  }
}

/** Whether a value has a password or a key in it. */
function hasSecret(given: Value): boolean {
  switch (given.kind) {
    case 'text':
      return WITH_PASSWORD.test(given.text);
    case 'list':
    case 'tuple':
      return given.items.some(hasSecret);
    case 'map':
      return given.entries.some(
        ([key, inner]) => (key.kind === 'text' && SECRET.test(key.text)) || hasSecret(inner),
      );
    default:
      return false;
  }
}

/** Whether a value can contain text. */
const isText = ({ kind }: Value): boolean => !/^(boolean|number|none)$/.test(kind);

/** The first reason why a value is not known. */
function unknownIn(given: Value): string | undefined {
  switch (given.kind) {
    case 'unknown':
      return given.why;
    case 'list':
    case 'tuple':
      return given.items.map(unknownIn).find(Boolean);
    case 'map':
      return given.entries.map(([, inner]) => unknownIn(inner)).find(Boolean);
    default:
      return undefined;
  }
}

const isDefault = (prop: string, given: Value): boolean =>
  /^network\.supported(ProviderTypes|VnicTypes)$/.test(prop) &&
  itemsOf(given)?.length === 1 &&
  textOf(itemsOf(given)![0]) === '*';

/** The message of an error, without a password in a URL. */
const messageOf = (error: unknown): string =>
  (error as Error).message.replace(/\n[^]*/, '').replace(/\/\/[^/@\s]*@/g, '//…@');

class Importer {
  public props: Code = object([]);
  public readonly variables: (readonly [string, Code])[] = [];
  public sessionOptions: Code = object([]);
  public isCookie = false;
  public readonly placeholders: string[] = [];
  public readonly mapped: string[] = [];
  public readonly byHand: Note[] = [];
  public readonly refused: Note[] = [];
  public readonly computed: Note[] = [];
  public readonly secrets: Note[] = [];
  public readonly owned: Note[] = [];
  public readonly extra: Note[] = [];
  public readonly unknown: Note[] = [];
  private readonly rows = new Map(settingRows().map((row) => [row.setting, row]));
  private readonly done = new Set<string>();

  constructor(
    private readonly values: ReadonlyMap<string, Value>,
    private readonly given: { readonly domainName?: string; readonly plugins: readonly string[] },
  ) {}

  public run(): void {
    this.names();
    this.keystone();
    this.domains();
    this.webSso();
    this.session();
    for (const [name, each] of this.values) {
      if (/^[A-Z][A-Z0-9_]*$/.test(name) && !this.done.has(name)) {
        this.setting(name, each);
      }
    }
    if (this.given.plugins.length) {
      const plugins = this.given.plugins.map((name) => constant('HorizonPlugin', name));
      this.props = withProp(this.props, ['hosts', 'plugins'], list(plugins));
    }
  }

  /** Takes the value of a setting that is handled with others. */
  private take(name: string): Value | undefined {
    const found = this.values.get(name);
    if (!found || this.done.has(name)) {
      return undefined;
    }
    this.done.add(name);
    if (found.kind === 'unknown') {
      this.computed.push({ setting: name, why: found.why });
      return undefined;
    }
    return found;
  }

  /** Adds a prop, unless the library rejects it. */
  private add(setting: string, path: readonly string[], code: Code): boolean {
    const changed = withProp(this.props, path, code);
    try {
      this.check(changed);
    } catch (error) {
      this.refused.push({ setting, why: messageOf(error) });
      return false;
    }
    this.props = changed;
    this.mapped.push(setting);
    return true;
  }

  private check(props: Code): void {
    const given = evaluate(props, classes) as library.OpenStackDashboardProps;
    const { domainName = PLACEHOLDERS.domainName } = given;
    const { keystoneUrl = given.settings?.regions?.[0].keystoneUrl ?? PLACEHOLDERS.keystoneUrl } =
      given;
    new library.DashboardSettings({ ...given.settings, domainName, keystoneUrl });
  }

  private names(): void {
    const names =
      itemsOf(this.take('ALLOWED_HOSTS'))?.map((name) => textOf(name)?.toLowerCase()) ?? [];
    const usable = names.filter(
      (name) => name !== undefined && NAME.test(name) && !/^[\d.]+$/.test(name),
    );
    const [domainName, ...others] = this.given.domainName
      ? [this.given.domainName, ...usable.filter((name) => name !== this.given.domainName)]
      : usable;
    const left = names.filter((name) => !usable.includes(name));
    if (left.length) {
      this.owned.push({
        setting: 'ALLOWED_HOSTS',
        why: `${left.map((name) => `'${name}'`).join(', ')}: must be fully qualified names; hosts accept \`domainName\` and \`settings.additionalHosts\` only`,
      });
    }
    if (domainName === undefined || !this.add('ALLOWED_HOSTS', ['domainName'], value(domainName))) {
      this.placeholder('domainName');
    }
    if (
      others.length &&
      this.add(
        'ALLOWED_HOSTS',
        ['settings', 'additionalHosts'],
        list(others.map((name) => value(name!))),
      )
    ) {
      // A separate name of static media serves fonts to one origin only
      const path = object([['address', call('StaticAddress', 'path')]]);
      this.props = withProp(
        this.props,
        ['staticMedia'],
        call('StaticMedia', 'onStaticHosts', path),
      );
    }
  }

  private placeholder(prop: keyof typeof PLACEHOLDERS): void {
    this.placeholders.push(prop);
    this.props = withProp(this.props, [prop], value(PLACEHOLDERS[prop]));
  }

  private keystone(): void {
    const url = textOf(this.take('OPENSTACK_KEYSTONE_URL'));
    const regions = this.take('AVAILABLE_REGIONS');
    if (url === undefined || !this.add('OPENSTACK_KEYSTONE_URL', ['keystoneUrl'], value(url))) {
      this.placeholder('keystoneUrl');
    }
    if (!regions) {
      return;
    }
    const setting = 'AVAILABLE_REGIONS';
    try {
      const pairs = fits(itemsOf(regions), 'pairs of URL and label').map((item) =>
        (itemsOf(item) ?? []).map((each) => fits(textOf(each), 'pairs of URL and label')),
      );
      if (pairs.length > 1 && new Set(pairs.map(([each]) => each)).size === 1) {
        const why =
          'all have one Keystone: users choose a region of its catalog in the menu, without a prop';
        this.owned.push({ setting, why });
        return;
      }
      const code = list(
        pairs.map(([keystoneUrl, label]) =>
          object([
            ['label', value(label)],
            ['keystoneUrl', value(keystoneUrl)],
          ]),
        ),
      );
      const before = this.props;
      if (this.placeholders.includes('keystoneUrl')) {
        this.props = withProp(this.props, ['keystoneUrl'], value(pairs[0][0]));
      }
      if (!this.add(setting, ['settings', 'regions'], code)) {
        this.props = before;
      }
    } catch (error) {
      this.reject(setting, error);
    }
  }

  private reject(setting: string, error: unknown): void {
    if (!(error instanceof Unfit)) {
      throw error;
    }
    this.refused.push({ setting, why: error.message });
  }

  private domains(): void {
    const names = [
      'MULTIDOMAIN_SUPPORT',
      'DEFAULT_DOMAIN',
      'DOMAIN_DROPDOWN',
      'DOMAIN_CHOICES',
    ].map((name) => `OPENSTACK_KEYSTONE_${name}`);
    const [several, single, dropdown, choices] = names.map((name) => this.take(name));
    const path = ['settings', 'domains'];
    if (!booleanOf(several)) {
      const name = textOf(single);
      if (name !== undefined && name !== 'Default') {
        this.add(names[1], path, call('DomainLogin', 'single', value(name)));
      } else {
        this.mapped.push(...names.filter((each) => this.values.has(each)));
      }
      return;
    }
    if (!booleanOf(dropdown) || !choices) {
      this.add(names[0], path, call('DomainLogin', 'ask'));
      return;
    }
    try {
      const domains = pairsOf(choices).map(([name]) => value(name));
      this.add(names[3], path, call('DomainLogin', 'dropdown', list(domains)));
    } catch (error) {
      this.reject(names[3], error);
    }
  }

  private webSso(): void {
    const names = [...this.values.keys()].filter((name) => name.startsWith('WEBSSO_'));
    const given = Object.fromEntries(names.map((name) => [name, this.take(name)]));
    const { WEBSSO_CHOICES: choices, WEBSSO_IDP_MAPPING: mapping } = given;
    if (!names.length || booleanOf(given.WEBSSO_ENABLED) === false || !choices) {
      return;
    }
    try {
      const webSso = this.webSsoCode(choices, mapping, given);
      if (this.add('WEBSSO_CHOICES', ['settings', 'webSso'], webSso)) {
        this.byHand.push({ setting: 'WEBSSO_CHOICES', why: PROVIDER_ORIGINS });
      } else {
        this.variables.length = 0;
      }
      const replaced = ['WEBSSO_USE_HTTP_REFERER', 'WEBSSO_DEFAULT_REDIRECT_REGION'];
      for (const setting of replaced.filter((each) => given[each])) {
        this.owned.push({ setting, why: this.rows.get(setting)?.meaning || 'set by the library' });
      }
    } catch (error) {
      this.variables.length = 0;
      this.reject('WEBSSO_CHOICES', error);
    }
  }

  private webSsoCode(
    choices: Value,
    mapping: Value | undefined,
    given: Readonly<Record<string, Value | undefined>>,
  ): Code {
    const labels = new Map(
      pairsOf(choices).map(([name, label]) => [name, fits(textOf(label), 'labels')]),
    );
    const providers = new Map(
      mapping ? pairsOf(mapping).map(([name, pair]) => [name, textsOf(pair)]) : [],
    );
    const initial = textOf(given.WEBSSO_INITIAL_CHOICE);
    const redirect = booleanOf(given.WEBSSO_DEFAULT_REDIRECT)
      ? textOf(given.WEBSSO_DEFAULT_REDIRECT_PROTOCOL)
      : undefined;
    const codes = [...labels]
      .filter(([name]) => name !== CREDENTIALS)

      .map(([name, label]): readonly [string, Code] => {
        const provider = providers.get(name);
        const code = provider
          ? call(
              'WebSsoChoice',
              'identityProvider',
              value(name),
              object([
                ['label', value(label)],
                ['identityProvider', value(provider[0])],
                ['protocol', value(provider[1])],
              ]),
            )
          : call('WebSsoChoice', 'protocol', value(name), object([['label', value(label)]]));
        if (name !== initial && name !== redirect) {
          return [name, code] as const;
        }
        const words = name.split(/[^A-Za-z0-9]+/).filter(Boolean);
        const variable = words
          .map((word, at) => (at ? word[0].toUpperCase() + word.slice(1) : word.toLowerCase()))
          .join('');
        const wanted = `${/^\d/.test(variable) ? 'choice' : ''}${variable}Choice`;
        const isTaken = this.variables.some(([other]) => other === wanted);
        // Two of them have a variable at most: the first choice, and the redirect
        const safe = isTaken ? `${wanted}2` : wanted;
        this.variables.push([safe, code]);
        return [name, { kind: 'variable', name: safe, code }] as const;
      });
    const byName = new Map(codes);
    const password = labels.get(CREDENTIALS);
    const keystoneUrl = textOf(given.WEBSSO_KEYSTONE_URL);
    const logoutUrl = textOf(given.WEBSSO_DEFAULT_REDIRECT_LOGOUT);
    const named = (prop: string, name: string | undefined): (readonly [string, Code])[] =>
      name !== undefined && byName.has(name) ? [[prop, byName.get(name)!]] : [];
    return call(
      'WebSso',
      'of',
      object([
        ['choices', list(codes.map(([, code]) => code))],
        ...(keystoneUrl === undefined ? [] : [['keystoneUrl', value(keystoneUrl)] as const]),
        ...(password === undefined ? [['passwordLogin', value(false)] as const] : []),
        ...(password === undefined || password === 'Keystone Credentials'
          ? []
          : [['passwordLabel', value(password)] as const]),
        ...named('initialChoice', initial),
        ...named('redirectAtOnce', redirect),
        ...(logoutUrl ? [['logoutUrl', value(logoutUrl)] as const] : []),
      ]),
    );
  }

  private session(): void {
    const engine = this.take('SESSION_ENGINE');
    const name = textOf(engine)?.split('.').at(-1);
    this.isCookie = name === 'signed_cookies';
    if (engine && name !== 'cache' && !this.isCookie) {
      const why = 'sessions are in memcached, or in cookies: `session`';
      this.owned.push({ setting: 'SESSION_ENGINE', why });
    } else if (engine) {
      this.mapped.push('SESSION_ENGINE');
    }
    for (const [setting, row] of this.rows) {
      if (!row.prop?.startsWith('session.') || setting === 'CACHES') {
        continue;
      }
      const given = this.take(setting);
      if (!given) {
        continue;
      }
      if (plainOf(given) === row.parameter?.default) {
        this.mapped.push(setting);
        continue;
      }
      const prop = row.prop.slice('session.'.length);
      try {
        const changed = withProp(this.sessionOptions, [prop], codeOf(row, given));
        library.SessionBackend.signedCookies(
          evaluate(changed, classes) as library.CookieSessionOptions,
        );
        this.sessionOptions = changed;
        this.mapped.push(setting);
      } catch (error) {
        this.refused.push({ setting, why: messageOf(error) });
      }
    }
  }

  /** A setting, or the keys of one. */
  private setting(path: string, given: Value): void {
    const row = this.rows.get(path);
    const hasKeys = [...this.rows.keys()].some((each) => each.startsWith(`${path}.`));
    if (hasKeys && given.kind === 'map') {
      // A text about a password before the expression, which needs it
      const entries = [...given.entries].sort(([one], [other]) =>
        textOf(one) === 'help_text' ? -1 : textOf(other) === 'help_text' ? 1 : 0,
      );
      for (const [key, inner] of entries) {
        if (key.kind === 'text') {
          this.setting(`${path}.${key.text}`, inner);
        }
      }
      return;
    }
    const [name] = path.split('.');
    if (name === 'CACHES') {
      const why = 'sessions are in a memcached of the library: `session`';
      this.owned.push({ setting: path, why });
    } else if (row?.by === 'prop') {
      this.prop(row, given);
    } else if (name === 'SECRET_KEY') {
      const why =
        'not carried over; a new one is made, or `secretKey` takes one of AWS Secrets Manager';
      this.secrets.push({ setting: path, why });
    } else if (name === 'OPERATION_LOG_ENABLED' && given.kind === 'boolean') {
      this.add(path, ['settings', 'operationLog'], value(given.boolean));
    } else if (row?.by === 'library') {
      const instead = row.prop ? `use ${row.prop}` : '';
      const why = [instead, row.meaning].filter(Boolean).join('; ') || 'set by the library';
      this.owned.push({ setting: path, why });
    } else if (name === 'HORIZON_CONFIG' && !row) {
      this.unknown.push({ setting: path, why: 'Horizon has no such key any more' });
    } else if ((SECRET.test(path) && isText(given)) || hasSecret(given)) {
      this.secrets.push({ setting: path, why: ELSEWHERE[path] ?? 'not carried over' });
    } else if (row) {
      this.left(this.extra, path, row.meaning, given);
    } else if (ELSEWHERE[path] !== undefined && !ELSEWHERE[path].startsWith('of ')) {
      this.unknown.push({ setting: path, why: ELSEWHERE[path] });
    } else if (path.includes('.')) {
      this.unknown.push({ setting: path, why: 'Horizon has no such key' });
    } else {
      const why = ELSEWHERE[path] ?? "not in Horizon's reference; a plugin may read it";
      this.left(this.unknown, path, why, given);
    }
  }

  private left(notes: Note[], setting: string, why: string, given: Value): void {
    const reason = unknownIn(given);
    if (reason !== undefined) {
      this.computed.push({ setting, why: reason });
      return;
    }
    try {
      const code = settingValue(given);
      const changed = withProp(this.props, ['settings', 'extraSettings', setting], code);
      this.check(changed);
      notes.push({ setting, why, code: setting.includes('.') ? undefined : code });
    } catch (error) {
      this.refused.push({ setting, why: messageOf(error) });
    }
  }

  private prop(row: SettingRow, given: Value): void {
    const { setting, prop = '' } = row;
    const byHand = BY_HAND[prop] ?? (prop.startsWith('hosts.') ? `use \`${prop}\`` : undefined);
    if (byHand !== undefined) {
      const isNothing =
        given.kind === 'none' || ['', 'off', 'default'].includes(textOf(given) ?? '-');
      if (isNothing) {
        this.mapped.push(setting);
      } else {
        this.byHand.push({ setting, why: byHand });
      }
      return;
    }
    const reason = unknownIn(given);
    if (reason !== undefined) {
      this.computed.push({ setting, why: reason });
      return;
    }
    if (isDefault(prop, given) || (given.kind === 'none' && !CONVERTERS[prop])) {
      this.mapped.push(setting);
      return;
    }
    try {
      this.add(setting, ['settings', ...prop.split('.')], codeOf(row, given));
    } catch (error) {
      this.reject(setting, error);
    }
  }
}

/** The props that say the same as settings of Horizon. */
export function propsOf(
  values: ReadonlyMap<string, Value>,
  given: { readonly domainName?: string; readonly plugins: readonly string[] },
): Props {
  const importer = new Importer(values, given);
  importer.run();
  const { sessionOptions: options, isCookie } = importer;
  const hasSession = isCookie || (options.kind === 'object' && options.entries.length > 0);
  return Object.assign(importer, { session: hasSession ? { isCookie, options } : undefined });
}
