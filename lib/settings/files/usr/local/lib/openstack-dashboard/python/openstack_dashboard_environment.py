"""Environment parameters become Django's and Horizon's settings."""
import ast
import base64
import json
import os
import re

import openstack_dashboard_api
import openstack_dashboard_log as log
import openstack_dashboard_quick

SECRET_FILE = '/run/openstack-dashboard/secret_key'
RELEASES = '/var/lib/openstack-dashboard/release'
THEME_FOLDER = '/usr/local/share/openstack-dashboard/theme'
CACHE_ENGINE = 'django.contrib.sessions.backends.cache'
COOKIE_ENGINE = 'django.contrib.sessions.backends.signed_cookies'
SEALED_COOKIE_ENGINE = 'sealed_signed_cookies'
BACKEND = 'elasticache_memcached.ElastiCacheMemcached'
GUARD = 'openstack_dashboard_guard.guard'
UNANSWERED = 'openstack_dashboard_api.unanswered.middleware'
SESSIONS = 'openstack_dashboard_guard.Sessions'
ONE_SESSION = 'horizon.middleware.SimultaneousSessionsMiddleware'
# Django's checks of Host, Origin and cookies hold for these names; Horizon's scripts know the second
# from openstack_dashboard_csrf.
SESSION_COOKIE = '__Host-sessionid'
CSRF_COOKIE = '__Host-csrftoken'
CSRF_APP = 'openstack_dashboard_csrf'
CSRF_SCRIPT = 'openstack_dashboard_csrf/csrf-cookie.js'
# Settings that the security rules or the host decide, with the values that are not Horizon's own;
# `extraSettings` may not set them. OWNED_SETTINGS in dashboard-settings.ts is the same list.
FIXED = {
    'CSRF_COOKIE_NAME': CSRF_COOKIE,
    # the only address in it is the one that nginx saw
    'SECURE_PROXY_ADDR_HEADER': 'HTTP_X_FORWARDED_FOR',
    # a page of Keystone's would else decide where the host sends tokens
    'WEBSSO_USE_HTTP_REFERER': False,
    'X_FRAME_OPTIONS': 'DENY',
    # /tmp is memory
    'FILE_UPLOAD_TEMP_DIR': '/var/tmp',
}
OWNED = {
    *FIXED, 'AUTHENTICATION_BACKENDS', 'AUTHENTICATION_URLS', 'CDK_OPENSTACK_DASHBOARD',
    'COMPRESS_ENABLED', 'CSRF_COOKIE_AGE', 'CSRF_COOKIE_DOMAIN', 'CSRF_COOKIE_HTTPONLY',
    'CSRF_COOKIE_MASKED', 'CSRF_COOKIE_PATH', 'CSRF_COOKIE_SAMESITE', 'CSRF_FAILURE_VIEW',
    'CSRF_HEADER_NAME', 'CSRF_TRUSTED_ORIGINS', 'CSRF_USE_SESSIONS', 'DEBUG_PROPAGATE_EXCEPTIONS',
    'DEFAULT_EXCEPTION_REPORTER', 'DEFAULT_EXCEPTION_REPORTER_FILTER', 'FORCE_SCRIPT_NAME',
    'INSTALLED_APPS', 'INTEGRATION_TESTS_SUPPORT', 'LANGUAGE_COOKIE_DOMAIN',
    'LANGUAGE_COOKIE_HTTPONLY', 'LANGUAGE_COOKIE_NAME', 'LANGUAGE_COOKIE_PATH',
    'LANGUAGE_COOKIE_SAMESITE', 'LANGUAGE_COOKIE_SECURE', 'LOCAL_PATH', 'LOGGING_CONFIG',
    'MIDDLEWARE', 'OPENSTACK_SSL_NO_VERIFY', 'REST_API_REQUIRED_SETTINGS', 'ROOT_URLCONF',
    'SECRET_KEY', 'SECRET_KEY_FALLBACKS', 'SECURE_BROWSER_XSS_FILTER',
    'SECURE_CONTENT_TYPE_NOSNIFF', 'SECURE_CROSS_ORIGIN_OPENER_POLICY',
    'SECURE_HSTS_INCLUDE_SUBDOMAINS', 'SECURE_HSTS_PRELOAD', 'SECURE_HSTS_SECONDS',
    'SECURE_REDIRECT_EXEMPT', 'SECURE_REFERRER_POLICY', 'SECURE_SSL_HOST', 'SECURE_SSL_REDIRECT',
    'SESSION_CACHE_ALIAS', 'SESSION_COOKIE_DOMAIN', 'SESSION_COOKIE_PATH', 'SESSION_FILE_PATH',
    'SESSION_SERIALIZER', 'SIGNING_BACKEND', 'STATIC_ROOT', 'STATIC_URL', 'TEMPLATES',
    'THEME_COOKIE_NAME', 'USE_X_FORWARDED_HOST', 'USE_X_FORWARDED_PORT', 'WEBROOT',
    'WSGI_APPLICATION',
}
# settings whose URLs are those of OpenStack, which tokens are sent to
OPENSTACK_URLS = ('AVAILABLE_REGIONS', 'KEYSTONE_', 'KUBECONFIG_', 'OPENSTACK_', 'WEBSSO_')
# names of settings that no browser may read, which Horizon's REST API would tell them
PRIVATE = re.compile('SECRET|TOKEN|PASSW|CREDENTIAL|PRIVATE|SIGN|(^|_)KEYS?(_|$)|CACHES|DATABASES|'
                     'PROFILER|^EMAIL_|^CDK_')
# what the operation log leaves out
MASKED = {'password', 'current_password', 'original_password', 'new_password', 'confirm_password'}


def boolean(text):
    if text not in ('true', 'false'):
        raise ValueError('allowed are true, false')
    return text == 'true'


def integer(text):
    if not re.fullmatch('[0-9]{1,9}', text):
        raise ValueError('allowed are whole numbers')
    return int(text)


def positive(text):
    if not integer(text):
        raise ValueError('allowed are whole numbers from 1')
    return int(text)


def up_to(most):
    def parse(text):
        if not 0 < integer(text) <= most:
            raise ValueError(f'allowed are whole numbers from 1 to {most}')
        return int(text)
    return parse


def token(text):
    if not re.fullmatch('[A-Za-z0-9._-]{1,64}', text):
        raise ValueError('allowed are up to 64 of A-Z a-z 0-9 . _ -')
    return text


def theme_name(text):
    if not re.fullmatch('[a-z][a-z0-9_-]{0,31}', text) or text == 'default':
        raise ValueError('allowed are up to 32 of a-z 0-9 _ -, other than default')
    if not os.path.isfile(f'{THEME_FOLDER}/static/_variables.scss'):
        raise ValueError(f'which is not in {THEME_FOLDER}')
    return text


def endpoints(text):
    for endpoint in text.split(','):
        match = re.fullmatch(r'(\[[0-9A-Fa-f:.]+\]|[^\s:,;\[\]]+):([0-9]{1,5})', endpoint)
        if not match or not 0 < int(match[2]) < 65536:
            raise ValueError('allowed are HOST:PORT, several separated by commas')
    return text


def one_of(*allowed):
    def parse(text):
        if text not in allowed:
            raise ValueError('allowed are ' + ', '.join(allowed))
        return text
    return parse


def names(text):
    hosts = [host.strip() for host in text.split(',')]
    for host in hosts:
        if not re.fullmatch(r'[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+', host):
            raise ValueError('allowed are fully qualified names, separated by commas')
    return hosts


def url(text):
    if not re.fullmatch(r'https?://[^\s/]+(/\S*)?', text):
        raise ValueError('allowed are http and https URLs')
    return text


def static_url(text):
    if not re.fullmatch(r'(https://[^\s/]+)?/static/', text):
        raise ValueError('allowed are /static/ and https://NAME/static/')
    return text


def header(text):
    pair = tuple(text.split(','))
    if len(pair) != 2:
        raise ValueError('allowed is HEADER,VALUE')
    return pair


def size(text):
    if not 1024 <= integer(text) <= 2 ** 27:
        raise ValueError('allowed are 1024 to 134217728 bytes')
    return int(text)


def time_zone(text):
    if not re.fullmatch('[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*', text) or not os.path.isfile(
            f'/usr/share/zoneinfo/{text}'):
        raise ValueError('allowed are names in /usr/share/zoneinfo, such as Europe/Berlin')
    return text


def existing(path):
    if not os.path.isfile(path):
        raise ValueError('no such file')
    return path


def regex(text):
    re.compile(text)
    return text


# name: (parser, default); None: Horizon's own value stays
SETTINGS = {
    'ALLOWED_HOSTS': (names, ...),
    'OPENSTACK_KEYSTONE_URL': (url, ...),
    'SESSION_ENGINE': (one_of(CACHE_ENGINE, COOKIE_ENGINE, SEALED_COOKIE_ENGINE), ...),
    'SESSION_TIMEOUT': (positive, '3600'),
    'SESSION_REFRESH': (boolean, 'true'),
    'TOKEN_TIMEOUT_MARGIN': (integer, None),
    'SESSION_COOKIE_NAME': (token, SESSION_COOKIE),
    'SESSION_COOKIE_SAMESITE': (one_of('Lax', 'Strict', 'None'), 'Lax'),
    'SIMULTANEOUS_SESSIONS': (one_of('allow', 'disconnect'), 'allow'),
    'SESSION_COOKIE_SECURE': (boolean, 'true'),
    'SESSION_COOKIE_HTTPONLY': (boolean, 'true'),
    'CSRF_COOKIE_SECURE': (boolean, 'true'),
    'DISALLOW_IFRAME_EMBED': (boolean, 'true'),
    'COMPRESS_OFFLINE': (boolean, 'true'),
    'ENFORCE_PASSWORD_CHECK': (boolean, 'true'),
    'DEBUG': (boolean, 'false'),
    'HORIZON_IMAGES_UPLOAD_MODE': (one_of('off', 'legacy', 'direct'), 'off'),
    'SECURE_PROXY_SSL_HEADER': (header, 'HTTP_X_FORWARDED_PROTO,https'),
    'OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT': (boolean, None),
    'OPENSTACK_KEYSTONE_DEFAULT_DOMAIN': (str, None),
    'OPENSTACK_ENDPOINT_TYPE': (str, None),
    'OPENSTACK_SSL_CACERT': (existing, None),
    # how long an API is waited for: openstack_dashboard_api
    'API_CONNECT_TIMEOUT': (up_to(10), '4'),
    'API_READ_TIMEOUT': (up_to(45), '20'),
    'API_PAGE_DEADLINE': (up_to(45), '40'),
    # openstack_dashboard_worker
    'DOWNLOADS_PER_WORKER': (up_to(64), '16'),
    'DOWNLOADS_PER_SESSION': (up_to(64), '8'),
    # openstack_dashboard_quick
    'QUICK_KEPT_DOCUMENTS': (boolean, 'true'),
    'QUICK_ASK_ONCE': (boolean, 'true'),
    'QUICK_CALLS_AHEAD': (boolean, 'true'),
    'QUICK_KEPT_CONNECTIONS': (boolean, 'true'),
    'QUICK_TRUST_STORES': (boolean, 'true'),
    'QUICK_NOVA_TOKEN': (boolean, 'true'),
    'QUICK_LOG_LEVELS': (boolean, 'true'),
    'QUICK_POLICY_CHECKS': (boolean, 'true'),
    'QUICK_PLURAL_FORMS': (boolean, 'true'),
    'QUICK_SDK_RESOURCES': (boolean, 'true'),
    'QUICK_THREAD_LOCALS': (boolean, 'true'),
    'QUICK_THEME_TEMPLATES': (boolean, 'true'),
    'QUICK_COMPRESSED_BLOCKS': (boolean, 'true'),
    'QUICK_TEMPLATE_RENDERING': (boolean, 'true'),
    'QUICK_SERVICE_VERSIONS': (boolean, 'true'),
    'QUICK_TIME_ZONES': (boolean, 'true'),
    'QUICK_WARM_START': (boolean, 'true'),
    'TIME_ZONE': (time_zone, None),
    'SITE_BRANDING': (str, None),
}
FREE = {'TIME_ZONE', 'SITE_BRANDING', 'SESSION_TIMEOUT', 'SESSION_REFRESH', 'TOKEN_TIMEOUT_MARGIN',
        'OPENSTACK_KEYSTONE_DEFAULT_DOMAIN', 'OPENSTACK_ENDPOINT_TYPE'}


def read(environ, name, parse=str, default=...):
    text = environ.get(name) or default
    if text is ...:
        raise ValueError(f'{name} is missing')
    if text is None:
        return None
    try:
        return parse(text)
    except (ValueError, re.error) as error:
        raise ValueError(f'{name}: got {text!r}, {error}') from None


def caches(environ, engine):
    release = read(environ, 'RELEASE_ID')
    alias = read(environ, 'SESSION_CACHE_ALIAS', token, 'session')
    if alias == 'default':
        raise ValueError('SESSION_CACHE_ALIAS: got default, whose keys change with each release')
    endpoint = read(environ, 'MEMCACHED_ENDPOINT', endpoints, None)
    if environ.get('OPENSTACK_DASHBOARD_BUILD') or not endpoint:
        if engine == CACHE_ENGINE and not endpoint:
            raise ValueError('MEMCACHED_ENDPOINT is missing')
        # No session is ever in it: what Horizon keeps here (compiled templates) is the same on all
        # hosts, costs 1 MB a worker, and is lost without loss.
        return {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}
    discovery = read(environ, 'MEMCACHED_DISCOVERY', boolean, 'false')
    if discovery and ',' in endpoint:
        raise ValueError('MEMCACHED_DISCOVERY is true, so MEMCACHED_ENDPOINT must be one HOST:PORT')
    cache = {
        'BACKEND': BACKEND,
        'LOCATION': endpoint,
        'OPTIONS': {
            'discovery': discovery,
            'tls': read(environ, 'MEMCACHED_TLS', boolean, 'true'),
            'sealing': read(environ, 'MEMCACHED_SEALING', boolean, 'true'),
            'limit': read(environ, 'MEMCACHED_MAX_ITEM_SIZE', size, '1048576'),
        },
    }
    return {
        # Horizon keeps compiled templates in it, which another release cannot use
        'default': cache | {'KEY_PREFIX': release},
        # sessions outlive releases
        alias: cache | {'KEY_PREFIX': read(environ, 'SESSION_KEY_PREFIX', token, 'session')},
    }


def secrets(environ):
    if environ.get('OPENSTACK_DASHBOARD_BUILD'):
        # assets are built with a key that nothing else ever sees
        return {'SECRET_KEY': os.urandom(64).hex()}
    read(environ, 'SECRET_KEY_SECRET_ID')
    with open(SECRET_FILE) as file:
        secret = json.load(file)
    if min(map(len, [secret['key'], *secret['accept']])) < 64:
        raise ValueError('the secret must have at least 64 characters')
    return {'SECRET_KEY': secret['key'], 'SECRET_KEY_FALLBACKS': secret['accept']}


def plain_urls(value):
    """The http URLs anywhere in a setting."""
    if isinstance(value, str):
        return [value] if re.match(r'\s*http:', value, re.I) else []
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, (list, tuple, set)):
        return [url for item in value for url in plain_urls(item)]
    return []


def misuse(name, value):
    """What a setting that belongs to nobody may not be either."""
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
    """Bytes are base64 of what only the deployment knew: so it cannot end the literal that it is in."""
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
        if name == 'HORIZON_CONFIG':
            for key in set(value).intersection(owned[name]):
                raise ValueError(f'EXTRA_SETTINGS may not set HORIZON_CONFIG[{key!r}]')
        elif name in owned:
            raise ValueError(f'EXTRA_SETTINGS may not set {name}')
        elif reason := misuse(name, value):
            raise ValueError(f'EXTRA_SETTINGS: {reason}')
    return extra


def evaluate(environ):
    """All settings that the environment asks for; ValueError if it asks for the impossible."""
    settings = {}
    for name, (parse, default) in SETTINGS.items():
        value = read(environ, name, parse, default)
        if value is not None:
            settings[name] = value
    if settings['SESSION_COOKIE_SAMESITE'] == 'None' and not settings['SESSION_COOKIE_SECURE']:
        raise ValueError('SESSION_COOKIE_SAMESITE is None, so SESSION_COOKIE_SECURE must be true')
    if settings['SIMULTANEOUS_SESSIONS'] != 'allow' and settings['SESSION_ENGINE'] != CACHE_ENGINE:
        # there is nothing on the servers that could be ended
        raise ValueError('SIMULTANEOUS_SESSIONS: got disconnect, which needs SESSION_ENGINE '
                         + CACHE_ENGINE)
    settings.update(FIXED)
    # with None, glanceclient does not verify
    settings.setdefault('OPENSTACK_SSL_CACERT', True)
    settings.update(secrets(environ))
    release = read(environ, 'RELEASE_ID')
    settings['STATIC_URL'] = f"{read(environ, 'STATIC_BASE_URL', static_url)}{release}/"
    settings['STATIC_ROOT'] = f'{RELEASES}/{release}'
    settings['CACHES'] = caches(environ, settings['SESSION_ENGINE'])
    if settings['SESSION_ENGINE'] == CACHE_ENGINE:
        settings['SESSION_CACHE_ALIAS'] = read(environ, 'SESSION_CACHE_ALIAS', token, 'session')
    theme = read(environ, 'THEME', theme_name, None)
    if theme:
        own = (theme, read(environ, 'THEME_LABEL', str, theme), THEME_FOLDER)
        # the default theme is there to be imported from, and not to be chosen
        settings['AVAILABLE_THEMES'] = [('default', 'Default', 'themes/default'), own]
        settings['SELECTABLE_THEMES'] = [own]
        settings['DEFAULT_THEME'] = theme
    horizon = {
        'password_autocomplete': read(environ, 'PASSWORD_AUTOCOMPLETE', one_of('off', 'on'), 'off'),
        'disable_password_reveal': read(environ, 'DISABLE_PASSWORD_REVEAL', boolean, 'true'),
        'password_validator': {
            'regex': read(environ, 'PASSWORD_VALIDATOR_REGEX', regex, '^.{12,128}$'),
            'help_text': read(environ, 'PASSWORD_VALIDATOR_HELP_TEXT', str,
                              'Your password does not meet the requirements.'),
        },
    }
    settings['HORIZON_CONFIG'] = horizon
    owned = {**dict.fromkeys(OWNED), **settings}
    for name in FREE:
        owned.pop(name, None)
    extra = extra_settings(environ, owned)
    horizon = {**extra.pop('HORIZON_CONFIG', {}), **horizon}
    settings = {**settings, **extra}
    # Horizon's own default is http://localhost
    settings.setdefault('WEBSSO_DEFAULT_REDIRECT_REGION', settings['OPENSTACK_KEYSTONE_URL'])
    # Horizon ends a session after SESSION_TIMEOUT; a copy of its cookie would do for two weeks
    settings.setdefault('SESSION_COOKIE_AGE', settings['SESSION_TIMEOUT'])
    return {**settings, 'HORIZON_CONFIG': horizon, 'CDK_OPENSTACK_DASHBOARD': 'complete'}


def apply(environ, namespace):
    settings = evaluate(environ)
    log.install()
    openstack_dashboard_api.install(settings)
    # Horizon's own keys stay
    namespace['HORIZON_CONFIG'].update(settings.pop('HORIZON_CONFIG'))
    namespace['MIDDLEWARE'] = (GUARD, UNANSWERED, *(
        SESSIONS if name == 'django.contrib.sessions.middleware.SessionMiddleware' else name
        for name in namespace['MIDDLEWARE']
        # it asks and tells memcached at each request, even where it is to do nothing
        if name != ONE_SESSION or settings['SIMULTANEOUS_SESSIONS'] != 'allow'))
    # Horizon's scripts look for a cookie of another name
    namespace['INSTALLED_APPS'] = [*namespace['INSTALLED_APPS'], CSRF_APP]
    for key, value in (('angular_modules', CSRF_APP), ('js_files', CSRF_SCRIPT)):
        namespace['HORIZON_CONFIG'].setdefault(key, []).append(value)
    # nginx logs the name that was asked for and the 400; this would be a traceback a request
    namespace.get('LOGGING', {}).get('loggers', {}).setdefault(
        'django.security.DisallowedHost', {'level': 'CRITICAL'})
    # 404.html: Horizon's refers to its logo by a path that no release has; openstack_dashboard_texts
    templates = namespace['TEMPLATES'][0]
    templates['DIRS'].insert(0, '/usr/local/lib/openstack-dashboard/templates')
    templates['OPTIONS']['context_processors'].append('openstack_dashboard_texts.texts')
    if not environ.get('OPENSTACK_DASHBOARD_BUILD'):
        # a LOGGING that was asked for stays as it is
        openstack_dashboard_quick.install(settings, namespace)
    namespace.update(settings)
