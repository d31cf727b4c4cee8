# Hand-written: the constructs that openstack-ansible renders.
import os
from django.utils.translation import gettext_lazy as _
from horizon.utils import secret_key
from openstack_dashboard import exceptions
from openstack_dashboard.settings import HORIZON_CONFIG

import warnings
warnings.filterwarnings("ignore", category=UserWarning)

DEBUG = False
TEMPLATE_DEBUG = DEBUG
STATIC_ROOT = '/openstack/venvs/horizon/lib/static'
WEBROOT = '/'
ALLOWED_HOSTS = ["cloud.example.org"]
SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')
CSRF_TRUSTED_ORIGINS = ["https://cloud.example.org"]
SESSION_TIMEOUT = 3600
OPENSTACK_API_VERSIONS = {
     "identity": 3,
}
OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = True
OPENSTACK_KEYSTONE_DOMAIN_DROPDOWN = True
OPENSTACK_KEYSTONE_DOMAIN_CHOICES = (('Default', 'Default'), ('staff', 'Staff'))
HORIZON_CONFIG["password_autocomplete"] = "off"
HORIZON_CONFIG["disable_password_reveal"] = True
LOCAL_PATH = os.path.dirname(os.path.abspath(__file__))
SECRET_KEY = secret_key.generate_or_read_from_file(
    os.path.join(LOCAL_PATH, '.keys'))
CACHES = {'default': {'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache', 'LOCATION': ['192.0.2.5:11211']}}
SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
AVAILABLE_REGIONS = [
  ('https://one.example.org:5000/v3', 'One'),
  ('https://two.example.org:5000/v3', 'Two'),
]
OPENSTACK_KEYSTONE_URL = "https://one.example.org:5000/v3"
WEBSSO_ENABLED = True
WEBSSO_INITIAL_CHOICE = "openid"
WEBSSO_CHOICES = (
    ("credentials", _("Local account")),
    ("openid", _("Campus"))
)
OPENSTACK_SSL_NO_VERIFY = False
LAUNCH_INSTANCE_DEFAULTS = {'config_drive': False, 'create_volume': False}
OPENSTACK_NEUTRON_NETWORK = {
    'enable_router': True,
    'enable_vpn': False,
    'profile_support': None,
    'supported_provider_types': ["geneve", "vlan"],
    'supported_vnic_types': ['*'],
    
    'default_dns_nameservers': [
      
        '192.0.2.53',
      
    ]
    
}
IMAGE_CUSTOM_PROPERTY_TITLES = {
    "image_state": _("State"),
}
LOGGING = {'version': 1, 'loggers': {'horizon': {'handlers': ['console']}}}
SECURITY_GROUP_RULES = {
    'ssh': {'name': 'SSH', 'ip_protocol': 'tcp', 'from_port': '22', 'to_port': '22'},
    'tcp': {'name': _('All'), 'ip_protocol': 'tcp', 'from_port': '1', 'to_port': '65535'},
}
DISALLOW_IFRAME_EMBED = True
HORIZON_CONFIG["customization_module"] = 'horizon_customization.overrides'
AVAILABLE_THEMES = [
    ('default', 'Default', 'themes/default'),
]
DEFAULT_THEME = 'default'
HORIZON_CONFIG.update({'help_url': 'https://help.example.org/'})
DROPDOWN_MAX_ITEMS = 50
