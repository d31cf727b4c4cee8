# Hand-written: what real files of settings do to their settings.
import os
import warnings

from django.utils.translation import gettext_lazy as _
from horizon.utils import secret_key
from openstack_dashboard.settings import HORIZON_CONFIG

warnings.filterwarnings("ignore", category=DeprecationWarning)

DEBUG = False
TEMPLATE_DEBUG = DEBUG
WEBROOT = '/'
ALLOWED_HOSTS = ['Cloud.example.org', 'localhost', '192.0.2.1', '*', 'cloud.example.net']

LOCAL_PATH = os.path.dirname(os.path.abspath(__file__))
SECRET_KEY = secret_key.generate_or_read_from_file(
    os.path.join(LOCAL_PATH, '.secret_key_store'))
DATABASES = {'default': {'ENGINE': 'django.db.backends.mysql', 'PASSWORD': 'never-printed-1'}}
CACHES = {'default': {'LOCATION': 'redis://:never-printed-2@redis:6379/0'}}
PLUGIN_API_TOKEN = 'never-printed-3'
PLUGIN_URLS = ['https://user:never-printed-4@plugin.example.org/']
EXTERNAL_MONITORING = [['Graphs', 'http://user:never-printed-5@graphs.example.org/']]
SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
SESSION_TIMEOUT = 60 * 30
SIMULTANEOUS_SESSIONS = 'disconnect'

OPENSTACK_HOST = "keystone.example.org"
OPENSTACK_KEYSTONE_URL = "https://%s:5000/v3" % OPENSTACK_HOST
OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = True
OPENSTACK_KEYSTONE_DOMAIN_DROPDOWN = True
OPENSTACK_KEYSTONE_DOMAIN_CHOICES = (('Default', 'Default'), ('ldap', _('Staff')))
OPENSTACK_ENDPOINT_TYPE = "internalURL"
OPENSTACK_SSL_CACERT = '/etc/ssl/certs/ca.pem'

WEBSSO_ENABLED = True
WEBSSO_CHOICES = (
    ("credentials", _("Local account")),
    ("corp_openid", "Corp"),
    ("saml2", "Campus"),
)
WEBSSO_IDP_MAPPING = {"corp_openid": ("corp", "openid")}
WEBSSO_INITIAL_CHOICE = "corp_openid"
WEBSSO_KEYSTONE_URL = 'https://login.example.org:5000/v3'
WEBSSO_USE_HTTP_REFERER = True

OPENSTACK_NEUTRON_NETWORK = dict(enable_router=True, enable_quotas=True, enable_lb=False,
                                 supported_vnic_types=['*'])
OPENSTACK_NEUTRON_NETWORK['enable_router'] = False
OPENSTACK_NEUTRON_NETWORK.update({
    'segmentation_id_range': {'vlan': [1024, 2048]},
    'default_dns_nameservers': ["192.0.2.53"] + ['2001:db8::53'],
    'enable_ipv6': os.environ.get('IPV6', 'yes') == 'yes',
})
ALLOWED_PRIVATE_SUBNET_CIDR = {'ipv4': ['10.0.0.0/8'], 'ipv6': []}
SECURITY_GROUP_RULES = {
    'https': {'name': _('HTTPS'), 'ip_protocol': 'tcp', 'from_port': '443', 'to_port': '443'},
    'ping': {'name': 'Ping', 'ip_protocol': 'icmp', 'from_port': '8', 'to_port': '0'},
}
HORIZON_CONFIG["help_url"] = 'https://help.example.org/' 'cloud'
HORIZON_CONFIG['password_validator'] = {'regex': '^.{14,}$', 'help_text': _("It's too short.")}
HORIZON_CONFIG["simple_ip_management"] = False
HORIZON_CONFIG.update(ajax_poll_interval=5000, user_home='openstack_dashboard.views.get_user_home')

OPENSTACK_IMAGE_BACKEND = {'image_formats': [('qcow2', _('QCOW2')), ('raw', _('Raw'))]}
IMAGES_LIST_FILTER_TENANTS = [{'text': 'Official', 'tenant': '27d0', 'icon': 'fa-check'}]
HORIZON_IMAGES_UPLOAD_MODE = 'direct'
SWIFT_FILE_TRANSFER_CHUNK_SIZE = 512 * 1024
FILTER_DATA_FIRST = {'admin.instances': True, 'admin.images': False}
CONSOLE_TYPE = None
OVERVIEW_DAYS_RANGE = None
PASSWORD_EXPIRES_WARNING_THRESHOLD_DAYS = 7
LANGUAGES = (('en', 'English'), ('de', 'German'))
API_RESULT_LIMIT = 1_000
TIME_ZONE = "Mars/Olympus"
USER_MENU_LINKS = [
    {'name': _('Shop'), 'url': 'https://shop.example.org/', 'external': True,
     'icon_classes': ['fa-cart']},
]
CREATE_IMAGE_DEFAULTS = {'image_visibility': 'private'}
LAUNCH_INSTANCE_DEFAULTS = {**{'create_volume': False}, 'config_drive': True}
SITE_BRANDING = 'Cloud of %(name)s \u2014 "Example"' % {'name': "O'Brien"}
OPERATION_LOG_ENABLED = True
MEMOIZED_MAX_SIZE_DEFAULT = 50
AVAILABLE_THEMES = [('default', 'Default', 'themes/default')]
AVAILABLE_THEMES += [('corp', 'Corp', 'themes/corp')]
DEFAULT_THEME = 'corp'
ACTION_CSS_CLASSES = [name for name in ('a', 'b')]
MY_PLUGIN = {'names': ('a',), 'limit': 1.5, 'nothing': None}

if DEBUG:
    SITE_BRANDING_LINK = '/debug/'
else:
    SITE_BRANDING_LINK = '/project/'

if os.path.exists('/etc/large-cloud'):
    DROPDOWN_MAX_ITEMS = 100

try:
    from local_overrides import *  # noqa
except ImportError:
    pass
