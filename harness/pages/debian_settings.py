# What an operator has to set in Debian's package before anybody can log in, and no more. Sorts last in
# local_settings.d.
import os

ALLOWED_HOSTS = ['*']
OPENSTACK_KEYSTONE_URL = os.environ['OPENSTACK_KEYSTONE_URL']
# Horizon keeps sessions in the cache, and the package's is memory of one process: several processes
# need one that they share.
CACHES = {'default': {
    'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',
    'LOCATION': os.environ['BENCH_MEMCACHED'].split(','),
}}
