"""What Horizon 25.3 lacks in single sign-on and in logout, as a middleware behind its own. docs/single-sign-on.md

- A login begins and ends in the same browser, and ends on the page that was requested. Keystone can only be
  given one URL to return to, so a cookie has the rest.
- The login page may redirect, also to one of several identity providers.
- Logins and failures are logged, and the token that Keystone passes through the browser is revoked.
- Logout ends the session here, in Keystone and at the identity provider, and does not lead to the login page,
  which could log in again. A link of another site does not log out.
"""
import logging
import time
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.utils.http import url_has_allowed_host_and_scheme
from keystoneauth1 import exceptions as keystone_exceptions
from openstack_auth import utils
from openstack_auth.views import set_logout_reason
from openstack_dashboard_api import bounds
from openstack_dashboard_pages import PAGE, is_from_script
from openstack_dashboard_websso import CREDENTIALS

# as the lines of openstack_auth about logins with a password
LOG = logging.getLogger('openstack_auth.websso')
LOGIN, LOGOUT, RETURN, LOGGED_OUT = '/auth/login/', '/auth/logout/', '/auth/websso/', '/logged-out'
SWITCH = '/auth/switch'
# of Horizon 2026.1, for what COOKIE is for
REDIRECT_COOKIE = 'login_redirect'
# shows the login form, whatever WEBSSO_REDIRECT_CHOICE is
FORM = f'{LOGIN}?redirect=false'
COOKIE = '__Host-websso'
SALT = 'openstack_dashboard_guard.sso'
# how long a login at an identity provider may take
SECONDS = 900
# the longest `next`, for a cookie of less than 4 KB
LONGEST = 2000
# of all calls that revoke tokens
REVOCATION = 5.0
# earlier tokens of a session, one for each switch to another project
EARLIER = 32


def middleware(get_response):
    def handle(request):
        path = request.path_info
        if path == LOGOUT:
            return log_out(get_response, request)
        if path == LOGIN:
            if not request.GET.get(REDIRECT_FIELD_NAME, '').isprintable():
                # no path of a page; Horizon 2026.1 fails to write it to a cookie
                request.GET = request.GET.copy()
                del request.GET[REDIRECT_FIELD_NAME]
            response = log_in(get_response, request) if settings.WEBSSO_ENABLED else get_response(request)
            response.cookies.pop(REDIRECT_COOKIE, None)
            return response
        if settings.WEBSSO_ENABLED:
            if path == RETURN:
                return finish(get_response, request)
            if path == LOGGED_OUT:
                return logged_out()
            if path.startswith(SWITCH):
                return switch(get_response, request)
        return get_response(request)
    return handle


def log_in(get_response, request):
    if request.method == 'POST':
        choice = request.POST.get('auth_type', CREDENTIALS)
        if choice not in dict(settings.WEBSSO_CHOICES):
            LOG.info('Login failed for user "%s", remote address %s: %s is not a way to log in here.',
                     request.POST.get('username', ''), utils.get_client_ip(request), choice)
            return again('This way to log in is not available.')
        response = get_response(request)
        if choice != CREDENTIALS and response.has_header('Location'):
            begin(request, response, choice)
        return response
    choice = settings.WEBSSO_REDIRECT_CHOICE
    # A user who is logged in and lacks a permission would be redirected for ever, as would one whose login
    # has just failed: those see the form, with the reason
    if (choice and request.method in ('GET', 'HEAD') and request.GET.get('redirect') != 'false'
            and not request.user.is_authenticated and not is_from_script(request)
            and not {'logout_reason', 'csrf_failure'} & {*request.COOKIES, *request.GET}):
        url = utils.get_websso_url(request, settings.WEBSSO_KEYSTONE_URL, choice)
        return begin(request, HttpResponseRedirect(url), choice)
    return get_response(request)


def again(text):
    """Shows the login form with a message."""
    response = HttpResponseRedirect(FORM)
    set_logout_reason(response, text)
    return response


def remember(response, choice, path):
    # Keystone's form is of another site, with whose requests browsers only send cookies that say so
    response.set_cookie(COOKIE, signing.dumps([choice, path], salt=SALT), max_age=SECONDS, path='/', secure=True,
                        httponly=True, samesite='None')


def begin(request, response, choice):
    found = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME)
    remember(response, choice, found if is_page(found) else '')
    return response


def begun(request):
    """The choice and the page with which this browser began a login, or None."""
    try:
        choice, path = signing.loads(request.COOKIES.get(COOKIE, ''), salt=SALT, max_age=SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return choice, path if is_page(path) else ''


def is_page(path):
    """Whether it is the path of a page of this dashboard to which a login may lead: none of another site, and
    none that would change something, such as logout."""
    return (isinstance(path, str) and len(path) <= LONGEST and path.isprintable()
            and path.startswith('/') and not path.startswith(('//', '/\\'))
            and url_has_allowed_host_and_scheme(path, allowed_hosts=None, require_https=True)
            and not urlsplit(path).path.startswith('/auth/'))


def finish(get_response, request):
    address = utils.get_client_ip(request)
    found = begun(request) if request.method == 'POST' else None
    if found is None:
        # Otherwise a page of another site could log a visitor in as somebody else, whose account would get
        # what the visitor enters
        LOG.info('Login failed for user "" with WebSSO, remote address %s: this browser has not begun a login '
                 'in the last %d minutes.', address, SECONDS // 60)
        return again('The login has not begun on this page, or took too long. Please try again.')
    choice, path = found
    response = get_response(request)
    token = request.POST.get('token')
    if token:
        # It has been in a page of the browser. The session has tokens that Keystone has made from it, and Keystone
        # revokes one token, not those made from it.
        revoke([(settings.OPENSTACK_KEYSTONE_URL, token)], request.user.username or '', address, 'at login')
    if 'logout_reason' in response.cookies or not response.has_header('Location'):
        reason = response.cookies['logout_reason'].value if 'logout_reason' in response.cookies else (
            f'status {response.status_code}')
        LOG.info('Login failed for user "" with WebSSO (%s), remote address %s: %s', choice, address, reason)
        if response.has_header('Location'):
            response['Location'] = FORM
        return response
    LOG.info('Login successful for user "%s" using domain "%s" with WebSSO (%s), remote address %s.',
             request.user.username, request.user.user_domain_name, choice, address)
    request.session['websso'] = choice
    response['Location'] = path or settings.LOGIN_REDIRECT_URL
    response.cookies.pop(REDIRECT_COOKIE, None)
    # other tabs may still return; they show the first page
    remember(response, choice, '')
    return response


def token_of(request):
    return getattr(request.session.get('token'), 'id', None)


def switch(get_response, request):
    """Keeps the token of the project that a user leaves, for logout to revoke."""
    before = token_of(request)
    response = get_response(request)
    # a session in a cookie has no space for them
    if before and before != token_of(request) and not utils.using_cookie_backed_sessions():
        request.session['websso_earlier'] = [*request.session.get('websso_earlier', ()), before][-EARLIER:]
    return response


def log_out(get_response, request):
    # A browser that does not send the header (Safari before 16.4) is not protected. Nothing is redirected:
    # Horizon itself redirects to logout, also after a link of another site.
    if (request.headers.get('Sec-Fetch-Site') in ('cross-site', 'same-site')
            and request.user.is_authenticated and 'logout_reason' not in request.COOKIES):
        return confirm(request, 'Another site leads here.')
    if not settings.WEBSSO_ENABLED:
        return end_session(get_response, request)
    session = request.session
    calls = revocations(session) if settings.WEBSSO_REVOKE_TOKENS else []
    name, choice = request.user.username, session.get('websso')
    response = end_session(get_response, request)
    if 'token' in session:
        return response
    revoke(calls, name, utils.get_client_ip(request))
    response.delete_cookie(COOKIE, path='/', samesite='None')
    # with a reason, such as a changed password, the form shows it
    if response.has_header('Location') and 'logout_reason' not in request.COOKIES:
        response['Location'] = settings.WEBSSO_LOGOUT_URLS.get(choice, LOGGED_OUT)
    return response


def confirm(request, text, status=200):
    """A page that logs out with POST, which Horizon 2026.1 requires."""
    return HttpResponse(PAGE.format('Log out?', (
        f'{text}<form method="post" action="{LOGOUT}"><input type="hidden" name="csrfmiddlewaretoken" '
        f'value="{get_token(request)}"><button>Log out</button></form>')), status=status)


def end_session(get_response, request):
    response = get_response(request)
    if response.status_code != 405:
        return response
    # Horizon 2026.1 has no logout with GET: a bookmark, or a link of a customization
    if not request.user.is_authenticated:
        return HttpResponseRedirect(settings.LOGIN_URL)
    page = confirm(request, '', status=405)
    page['Allow'] = response['Allow']
    return page


def revocations(session):
    """The tokens of a session, each with the URL of its Keystone. The unscoped one, from which others are made,
    is the last one."""
    keystone = session.get('region_endpoint') or settings.OPENSTACK_KEYSTONE_URL
    domain = getattr(session.get('domain_token'), 'auth_token', None)
    found = [*session.get('websso_earlier', ()), getattr(session.get('token'), 'id', None), domain,
             session.get('unscoped_token')]
    calls = [(keystone, token) for token in found if token]
    if session.get('k2k_base_unscoped_token'):
        calls.append((session.get('k2k_auth_url') or keystone, session['k2k_base_unscoped_token']))
    return list(dict.fromkeys(calls))


def revoke(calls, name, address, when='at logout'):
    """Revokes tokens, within a time. Login and logout do not depend on it."""
    if not calls:
        return
    end = time.monotonic() + REVOCATION
    page = bounds.page()
    if page:
        # also for an answer that comes byte by byte
        page.deadline = min(page.deadline, end)
    client = utils.get_session(original_ip=address)
    failed, reason = 0, ''
    for keystone, token in calls:
        left = end - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError(f'it took {REVOCATION:.0f} s')
            url = f"{utils.fix_auth_url_version_prefix(keystone)[0].rstrip('/')}/auth/tokens"
            response = client.delete(
                url, headers={'X-Auth-Token': token, 'X-Subject-Token': token}, authenticated=False,
                raise_exc=False, redirect=False, log=False, timeout=left)
            # 401 and 404: it is no longer valid
            if response.status_code not in (200, 204, 401, 404):
                raise ValueError(f'Keystone answered {response.status_code}')
        except (keystone_exceptions.ClientException, requests.exceptions.RequestException, OSError,
                ValueError) as error:
            failed, reason = failed + 1, str(error)
    if failed:
        LOG.warning('%d of %d tokens of user "%s" were not revoked %s, and are valid until they expire: %s',
                    failed, len(calls), name, when, reason)
    else:
        LOG.info('Revoked %d tokens of user "%s" %s, remote address %s.', len(calls), name, when, address)


def logged_out():
    """For containers; on hosts nginx has a file."""
    response = HttpResponse(PAGE.format('Logged out', f'<a href="{LOGIN}">Log in again</a>'))
    response['Cache-Control'] = 'no-store'
    return response
