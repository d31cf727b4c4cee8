"""Environment parameters become Django's and Horizon's settings."""
import ast
import base64
import json
import os
import re

import openstack_dashboard_api
import openstack_dashboard_contract as contract
import openstack_dashboard_csp as csp
import openstack_dashboard_log as log
import openstack_dashboard_mends
import openstack_dashboard_operations as operations
import openstack_dashboard_policies as policies
import openstack_dashboard_quick
import openstack_dashboard_site as site
import openstack_dashboard_websso as websso
from openstack_dashboard_csp import sources

SECRET_FILE = '/run/openstack-dashboard/secret_key'
RELEASES = '/var/lib/openstack-dashboard/release'
THEME_FOLDER = '/usr/local/share/openstack-dashboard/theme'
CACHE_ENGINE, COOKIE_ENGINE, SEALED_COOKIE_ENGINE = contract.PARAMETERS['SESSION_ENGINE']['allowed']
BACKEND = 'elasticache_memcached.ElastiCacheMemcached'
GUARD = 'openstack_dashboard_guard.guard'
UNANSWERED = 'openstack_dashboard_api.unanswered.middleware'
UPLOADS = 'openstack_dashboard_mends.image_upload.middleware'
SESSIONS = 'openstack_dashboard_guard.Sessions'
MESSAGES = 'openstack_dashboard_login.messages.middleware'
SSO = 'openstack_dashboard_guard.sso.middleware'
ONE_SESSION = 'horizon.middleware.SimultaneousSessionsMiddleware'
CSRF_APP = 'openstack_dashboard_csrf'
CSRF_SCRIPT = 'openstack_dashboard_csrf/csrf-cookie.js'
MENDS_APP = 'openstack_dashboard_mends'
LOGIN_APP = 'openstack_dashboard_login'
# Settings that security rules or the host determine, with values that differ from Horizon's.
# `extraSettings` must not set them.
FIXED = {name: setting['value'] for name, setting in contract.SETTINGS.items() if 'value' in setting}
OWNED = [name for name, setting in contract.SETTINGS.items() if not setting.get('override')]
# Horizon's own, and that of one-time passwords
PLUGINS = ['openstack_auth.plugin.password.PasswordPlugin', 'openstack_auth.plugin.token.TokenPlugin']
TOTP = 'openstack_auth.plugin.totp.TotpPlugin'
# settings with URLs of OpenStack, to which tokens are sent
OPENSTACK_URLS = ('AVAILABLE_REGIONS', 'KEYSTONE_', 'KUBECONFIG_', 'OPENSTACK_', 'WEBSSO_')
# names of settings that Horizon's REST API must not expose to browsers
PRIVATE = re.compile('SECRET|TOKEN|PASSW|CREDENTIAL|PRIVATE|SIGN|(^|_)KEYS?(_|$)|CACHES|DATABASES|'
                     'PROFILER|^EMAIL_|^CDK_')
# what the operation log leaves out
MASKED = {'password', 'current_password', 'original_password', 'new_password', 'confirm_password'}


def boolean(text):
    if text not in ('true', 'false'):
        raise ValueError('must be true or false')
    return text == 'true'


def integer(text):
    if not re.fullmatch('[0-9]{1,9}', text):
        raise ValueError('must be a whole number')
    return int(text)


def positive(text):
    if not integer(text):
        raise ValueError('must be a whole number, 1 or more')
    return int(text)


def within(least, most):
    def parse(text):
        if not least <= integer(text) <= most:
            raise ValueError(f'must be a whole number from {least} to {most}')
        return int(text)
    return parse


def token(text):
    if not re.fullmatch('[A-Za-z0-9._-]{1,64}', text):
        raise ValueError('must be 1 to 64 characters of A-Z a-z 0-9 . _ -')
    return text


def theme_name(text):
    if not re.fullmatch('[a-z][a-z0-9_-]{0,31}', text) or text == 'default':
        raise ValueError('must be 1 to 32 characters of a-z 0-9 _ -, begin with a letter and not be default')
    if not os.path.isfile(f'{THEME_FOLDER}/static/_variables.scss'):
        raise ValueError(f'must be the theme in {THEME_FOLDER}, where static/_variables.scss is missing')
    return text


def endpoints(text):
    for endpoint in text.split(','):
        match = re.fullmatch(r'(\[[0-9A-Fa-f:.]+\]|[^\s:,;\[\]]+):([0-9]{1,5})', endpoint)
        if not match or not 0 < int(match[2]) < 65536:
            raise ValueError('must be HOST:PORT, or several separated by commas')
    return text


def one_of(*allowed):
    def parse(text):
        if text not in allowed:
            raise ValueError('must be ' + ' or '.join(allowed))
        return text
    return parse


def names(text):
    hosts = [host.strip() for host in text.split(',')]
    for host in hosts:
        if not re.fullmatch(r'[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+', host):
            raise ValueError('must be fully qualified names, separated by commas')
    return hosts


def url(text):
    # the boot check rejects http, and names the rule
    if not contract.is_https_url(re.sub('^http:', 'https:', text)):
        raise ValueError('must be an http or https URL')
    return text


def static_url(text):
    if text != '/static/' and not (
            contract.is_https_url(text) and text.split('/', 3)[3:] == ['static/']):
        raise ValueError('must be /static/ or https://NAME/static/')
    return text


def header(text):
    pair = tuple(text.split(','))
    if len(pair) != 2:
        raise ValueError('must be HEADER,VALUE')
    return pair


def size(least, most):
    def parse(text):
        if not least <= integer(text) <= most:
            raise ValueError(f'must be {least} to {most} bytes')
        return int(text)
    return parse


def time_zone(text):
    if not re.fullmatch('[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*', text) or not os.path.isfile(
            f'/usr/share/zoneinfo/{text}'):
        raise ValueError('must be a name in /usr/share/zoneinfo, such as Europe/Berlin')
    return text


def is_path(text):
    return re.fullmatch('/(?!/)[!-~]*', text)


def link(text):
    if not is_path(text) and not contract.is_https_url(text):
        raise ValueError('must be a path or an https URL')
    return text


def https(text):
    if not contract.is_https_url(text):
        raise ValueError('must be an https URL')
    return text


def path(text):
    if not is_path(text):
        raise ValueError('must be a path such as /project/instances/')
    return text


def certificate(text):
    try:
        pem = base64.b64decode(text, validate=True)
    except ValueError:
        pem = b''
    if not pem.startswith(b'-----BEGIN CERTIFICATE-----'):
        raise ValueError('must be a certificate in PEM format, encoded with base64')
    return text


def console(text):
    # Horizon shows no console if the setting is empty
    return '' if one_of(*contract.PARAMETERS['CONSOLE_TYPE']['allowed'])(text) == 'off' else text


def languages(text):
    known = contract.PARAMETERS['LANGUAGES']['allowed']
    codes = literal(text)
    if not isinstance(codes, list) or not codes or not all(code in known for code in codes):
        raise ValueError('must be a list of ' + ', '.join(known))
    from django.utils.translation import get_language_info
    return tuple((code, get_language_info(code)['name']) for code in codes)


def literal(text):
    try:
        return decoded(ast.literal_eval(text))
    except (ValueError, SyntaxError) as error:
        raise ValueError(f'must be a Python literal ({error})') from None


def literal_of(kind, holds, description):
    def parse(text):
        value = literal(text)
        if not isinstance(value, kind) or not all(map(holds, value)):
            raise ValueError(f'must be {description}')
        return value
    return parse


def is_text(value):
    return isinstance(value, str)


def is_pair(value):
    return isinstance(value, tuple) and len(value) == 2 and all(map(is_text, value))


def regions(text):
    found = PARSERS['pairs'](text)
    for keystone, _ in found:
        url(keystone)
    return found


def filtered(text):
    found = text.split(',')
    for name in found:
        if not re.fullmatch('(admin|identity)[.][a-z_]+', name):
            raise ValueError('must be names of lists such as identity.projects, separated by commas')
    return dict.fromkeys(found, True)


def existing(path):
    if not os.path.isfile(path):
        raise ValueError('must be the path of a file')
    return path


def regex(text):
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f'must be a regular expression ({error})') from None
    return text


def checked(check):
    return lambda text: check(literal(text))


# by type of parameter
PARSERS = {
    'boolean': boolean, 'certificate': certificate, 'console': console,
    'csp_sources': sources.checked, 'endpoints': endpoints,
    'existing': existing, 'filtered': filtered, 'header': header, 'integer': integer,
    'languages': languages, 'link': link,
    'list': literal_of(list, lambda item: is_text(item) or isinstance(item, dict), 'a list of texts'),
    'map': literal_of(dict, is_text, 'a dict with texts as keys'), 'names': names,
    'pairs': literal_of(list, is_pair, 'a list of pairs of texts'), 'positive': positive,
    'plugin_policies': policies.plugin_policies, 'services': policies.services,
    'customization': site.customization, 'folder': site.folder, 'https': https,
    'menu_links': checked(site.menu_links), 'module': site.module, 'path': path,
    'regex': regex, 'regions': regions, 'origins': websso.origins, 'sso_choices': checked(websso.choices),
    'sso_mapping': checked(websso.mapping), 'sso_url': websso.keystone_url,
    'sso_urls': checked(websso.urls), 'static_url': static_url, 'text': str, 'theme_name': theme_name,
    'time_zone': time_zone, 'token': token, 'url': url,
}
# of types that have bounds
BOUNDED = {
    'one_of': lambda parameter: one_of(*parameter['allowed']),
    'size': lambda parameter: size(parameter['min'], parameter['max']),
    'up_to': lambda parameter: within(1, parameter['max']),
    'within': lambda parameter: within(parameter['min'], parameter['max']),
}


def declared(name):
    """The parser of a parameter, and its default: `...` if it is required, None if it may be left out."""
    parameter = contract.PARAMETERS[name]
    kind = parameter['type']
    parse = BOUNDED[kind](parameter) if kind in BOUNDED else PARSERS[kind]
    return parse, ... if parameter.get('required') else parameter.get('default')


# parameters that are settings under their own names; None: Horizon's own value stays
SETTINGS = {name: declared(name) for name, parameter in contract.PARAMETERS.items()
            if parameter.get('setting') == name}
FREE = [name for name in SETTINGS if contract.PARAMETERS[name].get('override')]


def keyed():
    """The parameters that are keys of settings, by setting and key."""
    sections = {}
    for name, parameter in contract.PARAMETERS.items():
        section, *path = parameter.get('setting', name).split('.')
        if path:
            sections.setdefault(section, {}).setdefault(path[0], []).append((name, path[1:]))
    return sections


# settings whose other keys keep their values
SECTIONS = keyed()


def read(environ, name, parse=str, default=...):
    text = environ.get(name) or default
    if text is ...:
        raise ValueError(f'{name} is missing')
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(f'{name} {error}, got {text!r}') from None


def given(environ, name):
    return read(environ, name, *declared(name))


def caches(environ, engine):
    release = given(environ, 'RELEASE_ID')
    alias = given(environ, 'SESSION_CACHE_ALIAS')
    if alias == 'default':
        raise ValueError('SESSION_CACHE_ALIAS must not be default, whose keys change with each release')
    endpoint = given(environ, 'MEMCACHED_ENDPOINT')
    if environ.get('OPENSTACK_DASHBOARD_BUILD') or not endpoint:
        if engine == CACHE_ENGINE and not endpoint:
            raise ValueError('MEMCACHED_ENDPOINT is missing')
        # It never has a session. What Horizon keeps here (compiled templates) is the same on all
        # hosts, takes 1 MB per worker, and can be lost.
        return {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}
    discovery = given(environ, 'MEMCACHED_DISCOVERY')
    if discovery and ',' in endpoint:
        raise ValueError('MEMCACHED_ENDPOINT must be one HOST:PORT if MEMCACHED_DISCOVERY is true, '
                         f'got {endpoint!r}')
    cache = {
        'BACKEND': BACKEND,
        'LOCATION': endpoint,
        'OPTIONS': {
            'discovery': discovery,
            'tls': given(environ, 'MEMCACHED_TLS'),
            'sealing': given(environ, 'MEMCACHED_SEALING'),
            'limit': given(environ, 'MEMCACHED_MAX_ITEM_SIZE'),
        },
    }
    return {
        # Horizon keeps compiled templates in it, which another release cannot use
        'default': cache | {'KEY_PREFIX': release},
        # sessions outlive releases
        alias: cache | {'KEY_PREFIX': given(environ, 'SESSION_KEY_PREFIX')},
    }


def secrets(environ):
    if environ.get('OPENSTACK_DASHBOARD_BUILD'):
        # assets are built with a key that nothing else uses
        return {'SECRET_KEY': os.urandom(64).hex()}
    given(environ, 'SECRET_KEY_SECRET_ID')
    with open(SECRET_FILE) as file:
        secret = json.load(file)
    if min(map(len, [secret['key'], *secret['accept']])) < 64:
        raise ValueError('the secret must have at least 64 characters')
    return {'SECRET_KEY': secret['key'], 'SECRET_KEY_FALLBACKS': secret['accept']}


def plain_urls(value):
    """The http URLs anywhere in a setting."""
    if isinstance(value, str):
        return [value] if contract.is_plain_url(value) else []
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, (list, tuple, set)):
        return [url for item in value for url in plain_urls(item)]
    return []


def misuse(name, value):
    """Why a setting that may be changed must not have this value, or None."""
    if name.startswith(OPENSTACK_URLS) and plain_urls(value):
        return f'{name} must have https URLs only, got {plain_urls(value)[0]!r}'
    if name == 'REST_API_ADDITIONAL_SETTINGS':
        for exposed in value or ():
            if PRIVATE.search(str(exposed)):
                return f'{name} must not name settings that are secret, got {exposed!r}'
    if name == 'OPERATION_LOG_OPTIONS' and not MASKED <= {
            *(value or {}).get('mask_fields', MASKED)}:
        return f'{name} must mask {", ".join(sorted(MASKED))}'
    return None


def decoded(value):
    """Bytes are base64 of a value that is known only at deploy time, which so cannot end its literal."""
    if isinstance(value, bytes):
        text = base64.b64decode(value.removeprefix(b'number:'), validate=True).decode()
        if not value.startswith(b'number:'):
            return text
        if not re.fullmatch(r'-?[0-9]{1,15}(\.[0-9]{1,15})?', text):
            raise ValueError(f'{text!r} is not a number')
        return float(text) if '.' in text else int(text)
    if isinstance(value, dict):
        return {decoded(key): decoded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(decoded, value))
    return value


def extra_settings(environ, owned):
    try:
        extra = decoded(ast.literal_eval(environ.get('EXTRA_SETTINGS') or '{}'))
    except (ValueError, SyntaxError) as error:
        raise ValueError(f'EXTRA_SETTINGS is not a Python dict literal: {error}') from None
    if not isinstance(extra, dict):
        raise ValueError('EXTRA_SETTINGS is not a Python dict literal')
    for name, value in extra.items():
        if not isinstance(name, str) or not name.isupper():
            raise ValueError(f'EXTRA_SETTINGS: {name!r} is not the name of a setting')
        if name in SECTIONS:
            if not isinstance(value, dict):
                raise ValueError(f'EXTRA_SETTINGS: {name} must be a dict')
            for key in SECTIONS[name].keys() & value:
                raise ValueError(f'EXTRA_SETTINGS may not set {name}[{key!r}]')
        elif name in owned or name.startswith('WEBSSO_'):
            raise ValueError(f'EXTRA_SETTINGS may not set {name}')
        if reason := misuse(name, value):
            raise ValueError(f'EXTRA_SETTINGS: {reason}')
    return extra


def evaluate(environ):
    """All settings from the environment; ValueError if a parameter is wrong or contradicts another one."""
    settings = {}
    for name in SETTINGS:
        found = given(environ, name)
        if found is not None:
            settings[name] = found
    if settings['SESSION_COOKIE_SAMESITE'] == 'None' and not settings['SESSION_COOKIE_SECURE']:
        raise ValueError('SESSION_COOKIE_SECURE must be true if SESSION_COOKIE_SAMESITE is None, got false')
    if settings['SIMULTANEOUS_SESSIONS'] != 'allow' and settings['SESSION_ENGINE'] != CACHE_ENGINE:
        # a session in a cookie cannot be ended on a server
        raise ValueError(f'SIMULTANEOUS_SESSIONS must be allow unless SESSION_ENGINE is {CACHE_ENGINE}, '
                         'got disconnect')
    settings.update(FIXED)
    websso.complete(settings)
    region = given(environ, 'DEFAULT_SERVICE_REGION')
    if region:
        settings['DEFAULT_SERVICE_REGIONS'] = {'*': region}
    # with None, glanceclient does not verify
    settings.setdefault('OPENSTACK_SSL_CACERT', True)
    settings.update(secrets(environ))
    release = given(environ, 'RELEASE_ID')
    settings['STATIC_URL'] = f"{given(environ, 'STATIC_BASE_URL')}{release}/"
    settings['STATIC_ROOT'] = f'{RELEASES}/{release}'
    settings['CACHES'] = caches(environ, settings['SESSION_ENGINE'])
    if settings['SESSION_ENGINE'] == CACHE_ENGINE:
        settings['SESSION_CACHE_ALIAS'] = given(environ, 'SESSION_CACHE_ALIAS')
    theme = given(environ, 'THEME')
    if theme:
        own = (theme, given(environ, 'THEME_LABEL') or theme, THEME_FOLDER)
        # custom themes import the default one, which users cannot select
        settings['AVAILABLE_THEMES'] = [('default', 'Default', 'themes/default'), own]
        settings['SELECTABLE_THEMES'] = [own]
        settings['DEFAULT_THEME'] = theme
    sections = {}
    for section, keys in SECTIONS.items():
        for key, parameters in keys.items():
            for name, path in parameters:
                value = given(environ, name)
                if value is not None:
                    into, last = sections.setdefault(section, {}), key
                    for below in path:
                        into, last = into.setdefault(last, {}), below
                    into[last] = value
    added(environ)
    owned = {**dict.fromkeys(OWNED), **settings}
    for name in FREE:
        owned.pop(name, None)
    extra = extra_settings(environ, owned)
    settings = {**settings, **extra}
    for section, values in sections.items():
        settings[section] = {**extra.get(section, {}), **values}
    if settings['OPENSTACK_KEYSTONE_MFA_TOTP_ENABLED']:
        # both, or any code leads back to the login page
        plugins = list(settings.get('AUTHENTICATION_PLUGINS', PLUGINS))
        settings['AUTHENTICATION_PLUGINS'] = plugins + [TOTP] * (TOTP not in plugins)
    # Horizon ends a session after SESSION_TIMEOUT; a copy of its cookie would be valid for two weeks
    settings.setdefault('SESSION_COOKIE_AGE', settings['SESSION_TIMEOUT'])
    site.complete(settings)
    return {**settings, 'CDK_OPENSTACK_DASHBOARD': 'complete'}


def added(environ):
    """Parameters that add to settings of Horizon and of plugins."""
    return given(environ, 'CUSTOMIZATION'), given(environ, 'PLUGIN_POLICIES'), given(environ, 'SITE_POLICIES')


def apply(environ, namespace):
    settings = evaluate(environ)
    log.install()
    openstack_dashboard_api.install(settings)
    for section in SECTIONS.keys() & settings:
        # Horizon's own keys stay
        namespace.setdefault(section, {}).update(settings.pop(section))
    namespace['MIDDLEWARE'] = (GUARD, UPLOADS, UNANSWERED, *(
        SESSIONS if name == 'django.contrib.sessions.middleware.SessionMiddleware' else name
        for name in namespace['MIDDLEWARE']
        # it reads and writes memcached at each request, even if it has nothing to do
        if name != ONE_SESSION or settings['SIMULTANEOUS_SESSIONS'] != 'allow'),
        *([MESSAGES] if settings.get('MESSAGES_PATH') else []), SSO,
        *([operations.MIDDLEWARE] if settings['OPERATION_LOG'] else []))
    # Horizon's scripts look for a cookie of another name
    namespace['INSTALLED_APPS'] = [*namespace['INSTALLED_APPS'], CSRF_APP, MENDS_APP, LOGIN_APP]
    for key, value in (('angular_modules', CSRF_APP), ('angular_modules', MENDS_APP), ('js_files', CSRF_SCRIPT), *(
            ('js_files', f'{MENDS_APP}/{script}') for script in openstack_dashboard_mends.SCRIPTS)):
        namespace['HORIZON_CONFIG'].setdefault(key, []).append(value)
    package, *of_policies = added(environ)
    site.install(namespace, package)
    policies.install(namespace, *of_policies)
    csp.install(namespace, bool(environ.get('OPENSTACK_DASHBOARD_BUILD')))
    # nginx logs the requested name and the 400; this would be a traceback per request
    namespace.get('LOGGING', {}).get('loggers', {}).setdefault(
        'django.security.DisallowedHost', {'level': 'CRITICAL'})
    # 404.html: Horizon's refers to its logo by a path that no release has; openstack_dashboard_texts
    templates = namespace['TEMPLATES'][0]
    templates['DIRS'].insert(0, '/usr/local/lib/openstack-dashboard/templates')
    templates['OPTIONS']['context_processors'].append('openstack_dashboard_texts.texts')
    if not environ.get('OPENSTACK_DASHBOARD_BUILD'):
        # LOGGING from extra settings stays as it is
        openstack_dashboard_quick.install(settings, namespace)
    namespace.update(settings)
