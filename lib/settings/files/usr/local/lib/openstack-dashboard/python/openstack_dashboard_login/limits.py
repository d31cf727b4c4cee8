"""An account that gets wrong passwords from a client address cannot be tried from there for some time.

Its owner can log in from any other address. Keystone is not called, so its own lock, which is for all
addresses, is not reached from one of them. docs/decisions/0038-login-limits.md has the reasons.
"""
import functools
import ipaddress
import logging
import math
import re
import threading
import unicodedata

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openstack_auth.exceptions import KeystoneAuthException, KeystoneCredentialsException
from openstack_dashboard_login.attempts import Attempts
from openstack_dashboard_pages import error_page

LOG = logging.getLogger('openstack_dashboard.login')
EXPIRED = re.compile('/auth/password/([^/]+)/$')
TOO_MANY = 'Too many failed attempts. Please try again in {} seconds.'
attempts = None
# whether Keystone refused the old password of the request
refused = threading.local()


class TooManyAttempts(KeystoneAuthException):
    """Keystone has not been called."""


def same_name(text):
    """Names that a Keystone on MySQL takes for the same one."""
    plain = unicodedata.normalize('NFKD', text or '').casefold().strip()
    return ''.join(char for char in plain if not unicodedata.combining(char))


def client(request):
    """The address, or for IPv6 the site, as nginx counts clients."""
    address = request.META.get('REMOTE_ADDR', '') if request else ''
    try:
        if ipaddress.ip_address(address).version == 6:
            return str(ipaddress.ip_network(f'{address}/64', strict=False))
    except ValueError:
        pass
    return address


def limited(original):
    @functools.wraps(original)
    def authenticate(self, request, auth_url=None, **kwargs):
        name = kwargs.get('username')
        if not name:
            # a token of WebSSO
            return original(self, request, auth_url=auth_url, **kwargs)
        domain, kind = kwargs.get('user_domain_name'), 'passcode' if kwargs.get('passcode') else 'password'
        key = (kind, auth_url or settings.OPENSTACK_KEYSTONE_URL, same_name(domain), same_name(name),
               client(request))
        wait = math.ceil(attempts.take(key))
        if wait:
            LOG.warning('Login refused for user "%s" using domain "%s", remote address %s: too many failed '
                        'attempts, %d s left.', name, domain, key[-1], wait)
            if request:
                request.login_wait = wait
            raise TooManyAttempts(TOO_MANY.format(wait))
        try:
            user = original(self, request, auth_url=auth_url, **kwargs)
        except KeystoneCredentialsException:
            if kind == 'passcode':
                # Horizon logs it without a name
                LOG.info('Login failed for user "%s" using domain "%s", remote address %s: wrong one-time '
                         'password.', name, domain, key[-1])
            raise
        except BaseException:
            # such as a second factor that is required, or a Keystone that does not answer
            attempts.give_back(key)
            raise
        attempts.forget(key)
        return user
    authenticate.limits = True
    return authenticate


def noted(original):
    """Notes that Keystone refused the old password, and not the form its own fields."""
    @functools.wraps(original)
    def clean(self):
        try:
            return original(self)
        except ValidationError as error:
            refused.password = _('Unable to update the user password.') in error.messages
            raise
    return clean


def respond(get_response, request):
    """The response; with status 429 if Keystone has not been called."""
    expired = EXPIRED.match(request.path_info) if request.method == 'POST' else None
    if expired:
        return change_expired(get_response, request, expired[1])
    response = get_response(request)
    wait = getattr(request, 'login_wait', 0)
    if wait:
        response.status_code = 429
        response['Retry-After'] = str(wait)
    return response


def change_expired(get_response, request, user):
    key = ('expired', '', '', user, client(request))
    wait = math.ceil(attempts.take(key))
    if wait:
        LOG.warning('Change of an expired password refused for user %s, remote address %s: too many failed '
                    'attempts, %d s left.', user, key[-1], wait)
        response = error_page(request, 429, 'Too many attempts', TOO_MANY.format(wait))
        response['Retry-After'] = str(wait)
        return response
    refused.password = False
    try:
        return get_response(request)
    finally:
        if not refused.password:
            attempts.give_back(key)


def install():
    # with their models, which need Django's applications
    from openstack_auth import forms
    from openstack_auth.backend import KeystoneBackend

    global attempts
    attempts = Attempts(settings.LOGIN_ATTEMPTS_BURST, settings.LOGIN_ATTEMPTS_PER_MINUTE)
    KeystoneBackend.authenticate = limited(KeystoneBackend.authenticate)
    forms.Password.clean = noted(forms.Password.clean)
