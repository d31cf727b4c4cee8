# Hand-written: the constructs that kolla-ansible renders.
from django.utils.translation import gettext_lazy as _

DEBUG = False
COMPRESS_OFFLINE = True
WEBROOT = '/'
ALLOWED_HOSTS = ['*']

SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
CACHES = {
    'default': {
        'BACKEND': 'django_redis.cache.RedisCache',
        'LOCATION': 'redis://kolla/0',
        'OPTIONS': {
            'SENTINELS': [
                ('192.0.2.5', 26379),
            ],
            'PASSWORD': 'never-printed-7',
        }
    }
}

SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')
OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = True
OPENSTACK_KEYSTONE_DOMAIN_DROPDOWN = True
OPENSTACK_KEYSTONE_DOMAIN_CHOICES = (
    ('Default', 'default'),
    ('staff', 'Staff'),
)

LOCAL_PATH = '/tmp'
SECRET_KEY='never-printed-8'
OPENSTACK_HOST = "10.0.0.10"
OPENSTACK_KEYSTONE_URL = "https://keystone.example.org:5000/v3"
WEBSSO_ENABLED = True
WEBSSO_KEYSTONE_URL = "https://login.example.org:5000/v3"
WEBSSO_CHOICES = (
    ("credentials", _("Local account")),
    ("campus_openid", "Campus"),
)
WEBSSO_IDP_MAPPING = {
    "campus_openid": ("campus", "openid"),
}
OPENSTACK_SSL_CACERT = '/etc/ssl/certs/ca-certificates.crt'
OPENSTACK_HYPERVISOR_FEATURES = {
    'can_set_mount_point': False,
    'enable_quotas': True
}
OPENSTACK_ENDPOINT_TYPE = "internalURL"
TIME_ZONE = "UTC"
POLICY_FILES_PATH = '/etc/openstack-dashboard'
AVAILABLE_THEMES = [
     ('default', 'Default', 'themes/default'),
     ('acme', 'Acme', '/etc/openstack-dashboard/themes/acme'),
]
LOGGING = {'version': 1, 'handlers': {'operation': {'level': 'INFO', 'formatter': 'operation'}}}
REST_API_REQUIRED_SETTINGS = [
    'CREATE_IMAGE_DEFAULTS',
    'ENFORCE_PASSWORD_CHECK',
]
