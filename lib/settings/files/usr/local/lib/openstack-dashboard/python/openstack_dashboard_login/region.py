"""The default region of services applies to each login, unless the user has chosen a region before.

Horizon takes the region of the Keystone that it called instead, if the catalog has its URL.
"""
import functools

from django.conf import settings
from openstack_auth import utils
from openstack_auth.backend import KeystoneBackend


def with_default(original):
    @functools.wraps(original)
    def authenticate(self, request, auth_url=None, **kwargs):
        user = original(self, request, auth_url=auth_url, **kwargs)
        defaults = settings.DEFAULT_SERVICE_REGIONS
        if user is not None and defaults:
            wanted = [request.COOKIES.get('services_region') if request else None,
                      defaults.get(user.endpoint), defaults.get('*')]
            # the first one of these that the catalog has, or else any one
            region = utils.default_services_region(user.service_catalog, request, user.endpoint)
            if region and region in wanted:
                user.services_region = region
        return user
    return authenticate


def install():
    KeystoneBackend.authenticate = with_default(KeystoneBackend.authenticate)
