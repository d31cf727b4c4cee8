import { file, HeldOut, LOCAL_SETTINGS, onHosts, settings, withScript, withSettings } from './kit';

const py = (
  name: string,
  mechanism: string,
  wants: string[],
  text: string,
  unknownIsFine?: true,
): HeldOut => ({
  name: `python: ${name}`,
  mechanism,
  wants,
  unknownIsFine,
  build: withSettings(text),
});

const MIDDLEWARE = [
  'openstack_auth.middleware.OpenstackAuthMonkeyPatchMiddleware',
  'debreach.middleware.RandomCommentMiddleware',
  'django.middleware.common.CommonMiddleware',
  'django.contrib.sessions.middleware.SessionMiddleware',
  'django.contrib.auth.middleware.AuthenticationMiddleware',
  'horizon.middleware.OperationLogMiddleware',
  'django.contrib.messages.middleware.MessageMiddleware',
  'horizon.middleware.HorizonMiddleware',
  'django.middleware.locale.LocaleMiddleware',
];

/** Settings that are wrong, in the ways that people write Python. */
export const WRONG_PYTHON: readonly HeldOut[] = [
  py('a chain of names', 'chained assignment', ['SETTINGS1'], 'DEBUG = TEMPLATE_DEBUG = True'),
  py('a tuple of names', 'unpacking', ['SETTINGS1'], 'DEBUG, TEMPLATE_DEBUG = True, False'),
  py('two statements on a line', 'semicolon', ['SETTINGS1'], 'TEMPLATE_DEBUG = True; DEBUG = True'),
  py('not False', 'operators', ['SETTINGS1'], 'DEBUG = not False', true),
  py('a number for a boolean', 'numbers', ['SETTINGS4'], 'SESSION_COOKIE_SECURE = 0'),
  py(
    'the name of another setting',
    'names',
    ['SETTINGS8'],
    'COMPRESS_ENABLED = True\nCOMPRESS_OFFLINE = DEBUG',
  ),
  py(
    'the environment with a default',
    'os.environ.get',
    ['SETTINGS1'],
    "import os\nDEBUG = os.environ.get('HORIZON_DEBUG', 'True') == 'True'",
    true,
  ),
  py('globals()', 'globals()', ['SETTINGS1'], "globals()['DEBUG'] = True", true),
  py('globals().update()', 'globals()', ['SETTINGS1'], 'globals().update(DEBUG=True)', true),
  py(
    'exec of another file',
    'exec',
    [],
    "exec(open('/etc/openstack-dashboard/site.py').read())",
    true,
  ),
  py(
    'a conditional expression',
    'if else',
    ['SETTINGS1'],
    "import socket\nDEBUG = False if socket.gethostname() == 'prod' else True",
    true,
  ),
  py(
    'under if',
    'if',
    ['SETTINGS1'],
    "import socket\nif socket.gethostname().startswith('dash'):\n    DEBUG = True",
  ),
  py(
    'under except ImportError',
    'try',
    ['SETTINGS1'],
    'try:\n    from site_settings import *\nexcept ImportError:\n    DEBUG = True',
  ),
  py('a tuple of hosts', 'tuples', ['SETTINGS3'], "ALLOWED_HOSTS = ('*',)"),
  py('a string of one host', 'strings', ['SETTINGS3'], "ALLOWED_HOSTS = '*'"),
  py(
    'hosts over several lines, with a comment',
    'lists',
    ['SETTINGS3'],
    "ALLOWED_HOSTS = [\n    'example.org',  # the site\n    # the health checks of the load balancer\n    '*',\n]",
  ),
  py(
    'hosts split from a string',
    'split',
    ['SETTINGS3'],
    "ALLOWED_HOSTS = 'example.org,*'.split(',')",
    true,
  ),
  py(
    'hosts put together from two lists',
    'list +',
    ['SETTINGS3'],
    "ALLOWED_HOSTS = ['example.org'] + ['*']",
  ),
  py(
    'hosts with a starred list',
    '[*x]',
    ['SETTINGS3'],
    "_INTERNAL = ['.internal.example.org']\nALLOWED_HOSTS = ['example.org', *_INTERNAL]",
  ),
  py('a host from a variable', 'names', ['SETTINGS3'], "_ANY = '*'\nALLOWED_HOSTS = [_ANY]"),
  py('hosts extended with a tuple', '+=', ['SETTINGS3'], "ALLOWED_HOSTS += ('.example.org',)"),
  py('a host inserted', 'insert', ['SETTINGS3'], "ALLOWED_HOSTS.insert(0, '*')"),
  py('no hosts', 'lists', ['SETTINGS2'], 'ALLOWED_HOSTS = []'),
  py(
    'a host without a dot',
    'lists',
    ['SETTINGS2'],
    "ALLOWED_HOSTS = ['controller', 'example.org']",
  ),
  py(
    'Keystone by %s',
    '%',
    ['HTTPS5'],
    'OPENSTACK_KEYSTONE_URL = "http://%s:5000/v3" % OPENSTACK_HOST',
  ),
  py(
    'Keystone by % and a tuple',
    '%',
    ['HTTPS5'],
    "_SCHEME = 'http'\nOPENSTACK_KEYSTONE_URL = '%s://%s:5000/v3' % (_SCHEME, OPENSTACK_HOST)",
    true,
  ),
  py(
    'Keystone by format()',
    'format',
    ['HTTPS5'],
    "OPENSTACK_KEYSTONE_URL = 'http://{}:5000/v3'.format(OPENSTACK_HOST)",
  ),
  py(
    'Keystone by concatenation',
    '+',
    ['HTTPS5'],
    "OPENSTACK_KEYSTONE_URL = 'http://' + OPENSTACK_HOST + '/identity/v3'",
  ),
  py(
    'Keystone of other regions',
    'AVAILABLE_REGIONS',
    ['HTTPS5'],
    "AVAILABLE_REGIONS = [\n    ('https://keystone.example.org:5000/v3', 'one'),\n    ('http://keystone.two.example.org:5000/v3', 'two'),\n]",
  ),
  py(
    'a new HORIZON_CONFIG',
    'dict',
    ['SETTINGS11'],
    "HORIZON_CONFIG = {\n    'user_home': 'openstack_dashboard.views.get_user_home',\n    'ajax_queue_limit': 10,\n    'password_autocomplete': 'on',\n    'disable_password_reveal': True,\n}",
  ),
  py(
    'HORIZON_CONFIG merged with **',
    '{**x}',
    ['SETTINGS10'],
    "HORIZON_CONFIG = {**HORIZON_CONFIG, 'disable_password_reveal': False}",
  ),
  py(
    'HORIZON_CONFIG merged with |',
    'dict |',
    ['SETTINGS10'],
    "HORIZON_CONFIG = HORIZON_CONFIG | {'disable_password_reveal': False}",
  ),
  py(
    'HORIZON_CONFIG updated with pairs',
    'update',
    ['SETTINGS11'],
    "HORIZON_CONFIG.update([('password_autocomplete', 'on')])",
    true,
  ),
  py(
    'a regex inside a dict',
    'nested subscripts',
    ['SETTINGS12'],
    "HORIZON_CONFIG['password_validator']['regex'] = '.*'",
  ),
  py(
    'a regex from a raw string',
    'names',
    ['SETTINGS12'],
    "_RULE = r'^.*$'\nHORIZON_CONFIG['password_validator'] = {'regex': _RULE, 'help_text': 'any'}",
  ),
  py(
    'a regex in update()',
    'update',
    ['SETTINGS12'],
    "HORIZON_CONFIG.update({\n    'password_validator': {\n        'regex': '.+',\n        'help_text': 'Anything.',\n    },\n})",
  ),
  py(
    'another header of the proxy',
    'tuple',
    ['HTTPS6'],
    "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_SSL', 'on')",
  ),
  py('no header of the proxy', 'None', ['HTTPS6'], 'SECURE_PROXY_SSL_HEADER = None'),
  py(
    'a cookie domain with a dot',
    'strings',
    ['SETTINGS14'],
    "SESSION_COOKIE_DOMAIN = '.example.org'",
  ),
  py(
    'a cookie domain put together',
    '+',
    ['SETTINGS14'],
    "_ZONE = 'example.org'\nCSRF_COOKIE_DOMAIN = '.' + _ZONE",
    true,
  ),
  py(
    'a list of middleware without CSRF',
    'lists',
    ['SETTINGS15'],
    `MIDDLEWARE = (\n${MIDDLEWARE.map((one) => `    '${one}',`).join('\n')}\n)`,
  ),
  py(
    'MIDDLEWARE.remove()',
    'remove',
    ['SETTINGS15'],
    "MIDDLEWARE = list(MIDDLEWARE)\nMIDDLEWARE.remove('django.middleware.csrf.CsrfViewMiddleware')",
    true,
  ),
  py(
    'a comprehension over the middleware',
    'comprehension',
    ['SETTINGS15'],
    "MIDDLEWARE = [m for m in MIDDLEWARE if 'csrf' not in m.lower()]",
    true,
  ),
  py('certificates not verified', 'booleans', ['HTTPS13'], 'OPENSTACK_SSL_NO_VERIFY = True'),
  py(
    'certificates not verified, if debugging',
    'or',
    ['HTTPS13'],
    'OPENSTACK_SSL_NO_VERIFY = DEBUG or True',
    true,
  ),
  py(
    'an engine over two lines',
    'continuation',
    ['SESSION1'],
    "SESSION_ENGINE = \\\n    'django.contrib.sessions.backends.file'",
  ),
  py(
    'an engine of adjacent strings',
    'string concatenation',
    ['SESSION1'],
    "SESSION_ENGINE = ('django.contrib.sessions.'\n                  'backends.db')",
  ),
  py(
    'an engine by %',
    '%',
    ['SESSION2'],
    "SESSION_ENGINE = 'django.contrib.sessions.backends.%s' % 'signed_cookies'",
    true,
  ),
  py(
    'an engine joined',
    'join',
    ['SESSION1'],
    "SESSION_ENGINE = '.'.join(['django.contrib.sessions.backends', 'file'])",
    true,
  ),
  py(
    'a loop over names',
    'for',
    ['SETTINGS4', 'SETTINGS5'],
    "for _name in ('SESSION_COOKIE_SECURE', 'CSRF_COOKIE_SECURE'):\n    globals()[_name] = False",
    true,
  ),
  py('upload by legacy mode', 'strings', ['SETTINGS13'], "HORIZON_IMAGES_UPLOAD_MODE = 'legacy'"),
  py(
    'upload mode chosen by a condition',
    'if else',
    ['SETTINGS13'],
    "HORIZON_IMAGES_UPLOAD_MODE = 'direct' if not DEBUG else 'legacy'",
    true,
  ),
  py(
    'a function returns a value',
    'functions',
    ['SETTINGS1'],
    'def _debug():\n    return True\n\n\nDEBUG = _debug()',
    true,
  ),
  py(
    'JSON in a string',
    'json',
    ['SETTINGS3'],
    `import json\nALLOWED_HOSTS = json.loads('["*"]')`,
    true,
  ),
  py(
    'deleted and set again',
    'del',
    ['SETTINGS7'],
    'del DISALLOW_IFRAME_EMBED\nDISALLOW_IFRAME_EMBED = False',
  ),
  py(
    'setdefault on a dict that lacks it',
    'setdefault',
    ['SETTINGS11'],
    "HORIZON_CONFIG = {}\nHORIZON_CONFIG.setdefault('password_autocomplete', 'on')",
  ),
  py(
    'CORS for everybody',
    'django-cors-headers',
    ['CORS1'],
    "INSTALLED_APPS += ['corsheaders']\nMIDDLEWARE = ['corsheaders.middleware.CorsMiddleware', *MIDDLEWARE]\nCORS_ALLOW_ALL_ORIGINS = True",
  ),
  {
    name: 'python: a later file of local_settings.d has the last word',
    mechanism: 'order of files',
    wants: ['SETTINGS5'],
    build: withScript(
      'D=/usr/share/openstack-dashboard/openstack_dashboard/local/local_settings.d\n' +
        file('$D/_10_site.py', 'CSRF_COOKIE_SECURE = False') +
        file('$D/_05_first.py', 'CSRF_COOKIE_SECURE = True'),
    ),
  },
  {
    name: 'python: csrf_exempt in the overrides of a site',
    mechanism: 'customization_module',
    wants: ['SETTINGS15'],
    build: withScript(
      file(
        '/usr/share/openstack-dashboard/openstack_dashboard/overrides.py',
        'from django.utils.decorators import method_decorator\nfrom django.views.decorators.csrf import csrf_exempt\nfrom openstack_dashboard.dashboards.project.instances import views\n\nviews.IndexView.dispatch = method_decorator(csrf_exempt)(views.IndexView.dispatch)',
      ) +
        `echo "HORIZON_CONFIG['customization_module'] = 'openstack_dashboard.overrides'" >> ${LOCAL_SETTINGS}`,
    ),
  },
  {
    name: 'python: CRLF line ends',
    mechanism: 'line ends',
    wants: ['SETTINGS1'],
    build: (stack) => {
      onHosts(stack, {
        settings: (cache) =>
          settings(cache).replace('DEBUG = False', 'DEBUG = True').replace(/\n/g, '\r\n'),
      });
    },
  },
  {
    name: 'python: the engine left at the old default of a file',
    mechanism: 'commented-out lines',
    wants: ['SESSION10', 'SESSION1'],
    build: (stack) => {
      onHosts(stack, {
        settings: (cache) =>
          settings(cache).replace(
            /CACHES = \{[^]*?\n\}\n/,
            "# CACHES = {'default': {'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache'}}\nCACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}\n",
          ),
      });
    },
  },
];
