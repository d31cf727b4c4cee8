import { COMPUTED } from './python';
import { unpack } from './unpack';
import { Yaml, below, isList, isMap, readYaml } from './yaml';

// Variables of deployment tools, as the settings that Horizon reads in the end. The sources are
// horizon/values.yaml of openstack-helm, the role horizon of kolla-ansible and os_horizon of
// openstack-ansible. Variables that are not set have the tool's default, which is not checked.

/** The configuration that results from a deployment tool's variables. */
export interface Deployed {
  /** Horizon's settings, as Python. */
  readonly settings: string;
  /** The configuration of its web server. */
  readonly server: string;
}

type Kind = 'bool' | 'text' | 'list' | 'map' | 'onOff' | 'keystone';
type Names = Readonly<Record<string, readonly [setting: string, kind: Kind]>>;

const CHART: Names = {
  debug: ['DEBUG', 'bool'],
  allowed_hosts: ['ALLOWED_HOSTS', 'list'],
  csrf_cookie_secure: ['CSRF_COOKIE_SECURE', 'bool'],
  session_cookie_secure: ['SESSION_COOKIE_SECURE', 'bool'],
  session_cookie_httponly: ['SESSION_COOKIE_HTTPONLY', 'bool'],
  disable_password_reveal: ['DISABLE_PASSWORD_REVEAL', 'bool'],
  password_autocomplete: ['PASSWORD_AUTOCOMPLETE', 'text'],
  enforce_password_check: ['ENFORCE_PASSWORD_CHECK', 'bool'],
  session_engine: ['SESSION_ENGINE', 'text'],
  disallow_iframe_embed: ['DISALLOW_IFRAME_EMBED', 'bool'],
  ssl_no_verify: ['OPENSTACK_SSL_NO_VERIFY', 'bool'],
  horizon_images_upload_mode: ['HORIZON_IMAGES_UPLOAD_MODE', 'text'],
  horizon_secret_key: ['SECRET_KEY', 'text'],
};
/** Values with an insecure default in the chart. */
const CHART_DEFAULTS = [
  'allowed_hosts',
  'csrf_cookie_secure',
  'disallow_iframe_embed',
  'horizon_images_upload_mode',
  'horizon_secret_key',
  'password_autocomplete',
  'session_cookie_httponly',
  'session_cookie_secure',
  'ssl_no_verify',
];

const KOLLA: Names = {
  openstack_logging_debug: ['DEBUG', 'bool'],
  horizon_logging_debug: ['DEBUG', 'bool'],
  horizon_keystone_url: ['OPENSTACK_KEYSTONE_URL', 'keystone'],
  horizon_secret_key: ['SECRET_KEY', 'text'],
};

const OPENSTACK_ANSIBLE: Names = {
  debug: ['DEBUG', 'bool'],
  horizon_allowed_hosts: ['ALLOWED_HOSTS', 'list'],
  horizon_session_engine: ['SESSION_ENGINE', 'text'],
  horizon_session_caches: ['CACHES', 'map'],
  horizon_backend_ssl: ['SESSION_COOKIE_SECURE', 'bool'],
  horizon_keystone_endpoint: ['OPENSTACK_KEYSTONE_URL', 'text'],
  horizon_secret_key: ['SECRET_KEY', 'text'],
  horizon_enable_password_autocomplete: ['PASSWORD_AUTOCOMPLETE', 'onOff'],
  horizon_disable_password_reveal: ['DISABLE_PASSWORD_REVEAL', 'bool'],
  horizon_enforce_password_check: ['ENFORCE_PASSWORD_CHECK', 'bool'],
  horizon_disallow_iframe_embed: ['DISALLOW_IFRAME_EMBED', 'bool'],
  horizon_ssl_no_verify: ['OPENSTACK_SSL_NO_VERIFY', 'bool'],
  horizon_images_upload_mode: ['HORIZON_IMAGES_UPLOAD_MODE', 'text'],
  horizon_websso_use_http_referer: ['WEBSSO_USE_HTTP_REFERER', 'bool'],
  horizon_webroot: ['WEBROOT', 'text'],
};

// Jinja and Go templates, with unknown results.
const TEMPLATE = /\{\{[^{}]*\}\}|\{%[^%]*%\}/g;
const YES = /^(true|yes|on|1)$/i;
const NO = /^(false|no|off|0|null|~|)$/i;

const isYes = (value: Yaml | undefined): boolean => typeof value === 'string' && YES.test(value);
const isNo = (value: Yaml | undefined): boolean => typeof value === 'string' && NO.test(value);

const quoted = (text: string): string =>
  `'${text.replace(TEMPLATE, COMPUTED).replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`;

/** A value as a Python literal. */
function python(value: Yaml): string {
  if (isList(value)) {
    return `[${value.map((item) => `${python(item)}, `).join('')}]`;
  }
  if (isMap(value)) {
    const entries = Object.entries(value).map(
      ([name, inner]) => `${quoted(name)}: ${python(inner)}`,
    );
    return `{${entries.join(', ')}}`;
  }
  if (/^(true|yes)$/i.test(value)) {
    return 'True';
  }
  if (/^(false|no)$/i.test(value)) {
    return 'False';
  }
  return /^\d+$/.test(value) ? value : quoted(value);
}

function made(value: Yaml, kind: Kind): string {
  if (kind === 'bool' && typeof value === 'string') {
    return YES.test(value) ? 'True' : NO.test(value) ? 'False' : quoted(value);
  }
  if (kind === 'onOff') {
    return isYes(value) ? "'on'" : isNo(value) ? "'off'" : quoted('{{ x }}');
  }
  if (kind === 'keystone' && typeof value === 'string') {
    return quoted(`${value}/v3`);
  }
  if (kind === 'text' && typeof value === 'string') {
    return quoted(value);
  }
  return python(value);
}

function assigned(variables: Yaml | undefined, names: Names): string[] {
  return Object.entries(names).flatMap(([name, [setting, kind]]) => {
    const value = below(variables, name);
    return value === undefined ? [] : [`${setting} = ${made(value, kind)}`];
  });
}

const texts = (value: Yaml | undefined): string[] =>
  isMap(value) ? Object.values(value).filter((text) => typeof text === 'string') : [];

/** A template of the chart with its values inserted. */
const filled = (template: string, values: Yaml): string =>
  template
    .replace(/\{\{-?\s*\.Values\.([\w.]+)\s*-?\}\}/g, (all, path: string) => {
      const value = below(values, ...path.split('.'));
      return typeof value === 'string' ? value : all;
    })
    .replace(TEMPLATE, COMPUTED);

/** The values of openstack-helm's chart, `horizon`. */
export function ofChart(values: Yaml): Deployed {
  const horizon = below(values, 'conf', 'horizon');
  const config = below(horizon, 'local_settings', 'config');
  const settings = assigned(config, CHART);
  const backend = below(config, 'cache_backend');
  const cache = below(values, 'endpoints', 'oslo_cache');
  const given = [below(cache, 'host_fqdn_override', 'default'), below(cache, 'hosts', 'default')];
  const server = given.find((each) => typeof each === 'string' && !isNo(each));
  if (backend !== undefined || server !== undefined) {
    const entries = [
      ...(typeof backend === 'string' ? [`'BACKEND': ${quoted(backend)}`] : []),
      ...(typeof server === 'string' ? [`'LOCATION': ${quoted(server)}`] : []),
    ];
    settings.push(`CACHES = {'default': {${entries.join(', ')}}}`);
  }
  if (isYes(below(config, 'enable_pwd_validator'))) {
    const regex = below(config, 'pwd_validator_regex');
    if (typeof regex === 'string') {
      settings.push(`PASSWORD_VALIDATOR_REGEX = ${quoted(regex)}`);
    }
  }
  if (isYes(below(config, 'secure_proxy_ssl_header'))) {
    settings.push("SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')");
  }
  if (isYes(below(config, 'auth', 'sso', 'enabled'))) {
    settings.push('WEBSSO_ENABLED = True');
  }
  const scheme = below(values, 'endpoints', 'identity', 'scheme');
  const first = below(scheme, 'internal') ?? below(scheme, 'default');
  if (typeof first === 'string') {
    settings.push(`OPENSTACK_KEYSTONE_URL = ${quoted(`${first}://{{ identity }}`)}`);
  }
  const template = below(horizon, 'local_settings', 'template');
  if (typeof template === 'string') {
    settings.unshift(filled(template, values));
  }
  settings.push(...texts(below(horizon, 'local_settings_d')));
  const raw = below(config, 'raw');
  if (isMap(raw)) {
    for (const [name, value] of Object.entries(raw)) {
      settings.push(`${name} = ${python(value)}`);
    }
  }
  const servers = ['apache', 'security'].map((name) => below(horizon, name));
  return {
    settings: settings.join('\n'),
    server: servers
      .map((text) => (typeof text === 'string' ? filled(text, values) : ''))
      .join('\n'),
  };
}

/** Settings for omitted values, if the chart's defaults are only meant for tests. */
export function leftToChart(values: Yaml): string[] {
  const local = below(values, 'conf', 'horizon', 'local_settings');
  if (below(local, 'template') !== undefined) {
    return [];
  }
  const raw = below(local, 'config', 'raw');
  const more = texts(below(values, 'conf', 'horizon', 'local_settings_d')).join('\n');
  return CHART_DEFAULTS.filter((name) => {
    const [setting] = CHART[name];
    return (
      below(local, 'config', name) === undefined &&
      below(raw, setting) === undefined &&
      !more.includes(setting)
    );
  });
}

const threads = (count: Yaml | undefined): string =>
  typeof count === 'string' ? `WSGIDaemonProcess horizon-http threads=${count}` : '';

/** Variables of kolla-ansible: globals.yml, passwords.yml. */
function ofKolla(variables: Yaml): Deployed {
  const settings = assigned(variables, KOLLA);
  if (isYes(below(variables, 'horizon_backend_database'))) {
    settings.push("SESSION_ENGINE = 'django.contrib.sessions.backends.db'");
  }
  if (isYes(below(variables, 'enable_keystone_federation'))) {
    settings.push('WEBSSO_ENABLED = True');
  }
  if (isNo(below(variables, 'kolla_enable_tls_external'))) {
    settings.push('SESSION_COOKIE_SECURE = False', 'CSRF_COOKIE_SECURE = False');
  }
  return {
    settings: settings.join('\n'),
    server: threads(below(variables, 'horizon_wsgi_threads')),
  };
}

/** Variables of openstack-ansible: user_variables.yml, user_secrets.yml. */
function ofOpenStackAnsible(variables: Yaml): Deployed {
  const settings = assigned(variables, OPENSTACK_ANSIBLE);
  const ssl = below(variables, 'horizon_backend_ssl');
  if (ssl !== undefined) {
    settings.push(`CSRF_COOKIE_SECURE = ${made(ssl, 'bool')}`);
  }
  if (isYes(below(variables, 'horizon_external_ssl'))) {
    settings.push("SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')");
  }
  if (isMap(below(variables, 'keystone_sp'))) {
    settings.push('WEBSSO_ENABLED = True');
  }
  const more = below(variables, 'horizon_extra_local_settings');
  if (isMap(more)) {
    for (const [name, value] of Object.entries(more)) {
      settings.push(`${name} = ${python(value)}`);
    }
  }
  return {
    settings: settings.join('\n'),
    server: threads(below(variables, 'horizon_wsgi_threads')),
  };
}

const KOLLA_FILE = /(^|\/)kolla\/(globals|passwords)(\.d\/[\w.-]+)?\.ya?ml$|(^|\/)globals\.ya?ml$/;
const ANSIBLE_FILE = /(^|\/)user_(variables|secrets)[\w.-]*\.ya?ml$/;

/** The tools with known variables, by their files. */
export const isRead = (program: string, paths: Iterable<string>): boolean =>
  [...paths].some((path) =>
    program === 'kolla-ansible'
      ? KOLLA_FILE.test(path)
      : program === 'openstack-ansible' && ANSIBLE_FILE.test(path),
  );

/** The deployment that a file of variables describes, or undefined if it does not deploy a dashboard. */
export function ofVariables(path: string, text: string): Deployed | undefined {
  if (!KOLLA_FILE.test(path) && !ANSIBLE_FILE.test(path)) {
    return undefined;
  }
  const variables = readYaml(text);
  if (!isMap(variables)) {
    return undefined;
  }
  const isKolla = KOLLA_FILE.test(path);
  const names = Object.keys(variables);
  const own = isKolla ? /^(kolla_|horizon_|enable_|openstack_|node_)/ : /^horizon_/;
  if (isNo(variables.enable_horizon) || !names.some((name) => own.test(name))) {
    return undefined;
  }
  return isKolla ? ofKolla(variables) : ofOpenStackAnsible(variables);
}

/** Converts JSON to the same kind of value. */
export function fromJson(value: unknown, depth = 0): Yaml {
  if (depth > 40 || value === null || value === undefined) {
    return '';
  }
  if (Array.isArray(value)) {
    return value.map((item) => fromJson(item, depth + 1));
  }
  if (typeof value !== 'object') {
    return String(value);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, fromJson(inner, depth + 1)]),
  );
}

/** The commands and files of a cloud-config, as a script. */
export function cloudScript(text: string): string | undefined {
  const start = text.search(/^#cloud-config\b/m);
  if (start < 0 || !/^(write_files|runcmd|bootcmd):/m.test(text)) {
    return undefined;
  }
  const rest = text.slice(start);
  const end = rest.search(/^#!/m);
  const config = readYaml(end < 0 ? rest : rest.slice(0, end));
  const lines: string[] = [];
  const files = below(config, 'write_files');
  for (const file of isList(files) ? files : []) {
    const [path, content, append] = ['path', 'content', 'append'].map((name) => below(file, name));
    if (typeof path !== 'string') {
      continue;
    }
    const uri = below(file, 'source', 'uri');
    if (typeof uri === 'string') {
      lines.push(`curl -o ${shellWord(path)} ${shellWord(uri)}`);
    }
    if (typeof content !== 'string') {
      continue;
    }
    const [decoded] = below(file, 'encoding') === undefined ? [content] : unpack(content);
    const to = `${isYes(append) ? '>>' : '>'} ${shellWord(path)}`;
    lines.push(`cat ${to} <<'${END}'`, decoded.trimEnd(), END);
  }
  for (const name of ['bootcmd', 'runcmd']) {
    const commands = below(config, name);
    for (const command of isList(commands) ? commands : []) {
      if (typeof command === 'string') {
        lines.push(command);
      } else if (isList(command)) {
        lines.push(command.map((word) => shellWord(word)).join(' '));
      }
    }
  }
  return [...lines, end < 0 ? '' : rest.slice(end)].join('\n');
}

const END = 'END-OF-CLOUD-CONFIG';
const shellWord = (word: Yaml): string =>
  typeof word === 'string' ? `'${word.replaceAll("'", `'\\''`)}'` : '';
