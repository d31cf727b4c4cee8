"""Middleware: follows a rotated secret, explains what is wrong with a session, and keeps the headers
of requests and responses to what both sides can read.

Without it a user could meet a login page that never ends: Django forgets the session of a request
that comes while no memcached node answers, browsers drop a cookie that is too large, and memcached
refuses a value that is, each without a word. A node that dies during a request would be `Bad
Request`, not a login page.
"""
import email.header
import ipaddress
import json
import logging
import os
import re
from urllib.parse import quote, unquote, urlsplit

import openstack_dashboard_environment as environment
from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.cache import caches
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import resolve_url
from openstack_dashboard_sessions import SessionStore, TooLarge

LOG = logging.getLogger('openstack_dashboard.guard')
# RFC 6265: name, value and attributes; no browser needs to keep more
COOKIE_LIMIT = 4096
REPORTS = '/csp-report'
REPORT_LIMIT = 8192
# Horizon's cookies whose values are names of a cloud, in any script; it reads them back
NAMES = ('login_domain', 'login_region', 'recent_project', 'services_region')
PAGE = '<!DOCTYPE html><html lang="en"><title>{0}</title><h1>{0}</h1><p>{1}</p></html>'
_seen = None


def pick_up():
    """The secret file is replaced when a rotation is to be followed. Django signs, and we seal,
    with what SECRET_KEY is at that moment."""
    global _seen
    try:
        info = os.stat(environment.SECRET_FILE)
        mark = (info.st_ino, info.st_mtime_ns)
        if mark == _seen:
            return
        secrets = environment.secrets(os.environ)
    except (OSError, ValueError, KeyError, TypeError) as error:
        LOG.error('%s: %s; the secrets known so far stay', environment.SECRET_FILE, error)
        return
    _seen = mark
    if secrets['SECRET_KEY'] != settings.SECRET_KEY:
        LOG.info('values are signed and sealed with another version of the secret from now on')
    # whatever another thread does in between, both are accepted
    settings.SECRET_KEY_FALLBACKS = [secrets['SECRET_KEY'], *secrets['SECRET_KEY_FALLBACKS']]
    settings.SECRET_KEY = secrets['SECRET_KEY']
    settings.SECRET_KEY_FALLBACKS = secrets['SECRET_KEY_FALLBACKS']


def ajax(request):
    return request.headers.get('x-requested-with') == 'XMLHttpRequest'


def page(request, status, title, text):
    if ajax(request):
        return JsonResponse(f'{title}. {text}', status=status, safe=False)
    return HttpResponse(PAGE.format(title, text), status=status)


def sessions_down():
    if settings.SESSION_ENGINE != environment.CACHE_ENGINE:
        return False
    return getattr(caches[settings.SESSION_CACHE_ALIAS], 'down', False)


def out_of_reach(request):
    response = page(request, 503, 'Sessions cannot be reached',
                    'No server that holds sessions answers. Yours is not ended here: please try '
                    'again in a moment.')
    response['Retry-After'] = '5'
    return response


class Sessions(SessionMiddleware):
    def __init__(self, get_response):
        super().__init__(get_response)
        if settings.SESSION_ENGINE == environment.CACHE_ENGINE:
            self.SessionStore = SessionStore

    def process_exception(self, request, error):
        """A login that finds no server for its session is no error of the application's."""
        if isinstance(error, ConnectionError) and sessions_down():
            return out_of_reach(request)
        return None

    def process_response(self, request, response):
        try:
            return super().process_response(request, response)
        except TooLarge as error:
            LOG.error('a session is %s: raise max_item_size of memcached and '
                      'MEMCACHED_MAX_ITEM_SIZE, or give users fewer roles and services', error)
            return page(request, 500, 'Session too large',
                        f'Your session takes {error.size} bytes, and the servers that hold sessions '
                        f'keep up to {error.limit}. Please tell the operator of this dashboard.')
        except ConnectionError as error:
            if refused := self.process_exception(request, error):
                return refused
            raise
        except SessionInterrupted:
            # it was there when the request came: its node has died since, or the user logged out
            if ajax(request):
                return page(request, 401, 'Session ended', 'Please log in again.')
            query = QueryDict(mutable=True)
            query['next'] = request.get_full_path()
            return HttpResponseRedirect(f'{resolve_url(settings.LOGIN_URL)}?{query.urlencode("/")}')


def take_address(request):
    """The address that nginx saw is REMOTE_ADDR: gunicorn has none on a Unix socket, and Horizon
    writes either to its logs."""
    text = request.META.get('HTTP_X_FORWARDED_FOR', '').rpartition(',')[2].strip()
    try:
        address = str(ipaddress.ip_address(text))
    except ValueError:
        request.META.pop('HTTP_X_FORWARDED_FOR', None)
        return
    request.META['REMOTE_ADDR'] = request.META['HTTP_X_FORWARDED_FOR'] = address


def read_cookies(request):
    """Cookies as Horizon set them; one that it would fail on is left out, since anyone who can set
    a cookie could else make each page an error."""
    for name in NAMES:
        if name in request.COOKIES:
            request.COOKIES[name] = unquote(request.COOKIES[name])
    try:
        request.COOKIES.get('logout_reason', '').encode('ascii').decode('unicode_escape')
    except UnicodeError:
        del request.COOKIES['logout_reason']


def write_headers(response):
    """Headers in ASCII: gunicorn refuses a cookie with other characters, and clients guess at the
    encoding of anything else."""
    for name, cookie in response.cookies.items():
        if not cookie.value.isascii() or name in NAMES and '%' in cookie.value:
            value = quote(cookie.value, safe="!#$&'()*+/:<=>?@[]^_`{|}~")
            cookie.set(name, value, value)
    disposition = response.headers.get('Content-Disposition', '')
    if not disposition.isascii() or '=?utf-8?' in disposition:
        response.headers['Content-Disposition'] = ascii_disposition(disposition)


def ascii_disposition(text):
    """RFC 6266. Horizon hands over UTF-8 that Django takes for Latin-1, or encodes as in mail."""
    if '=?utf-8?' in text:
        text = str(email.header.make_header(email.header.decode_header(text)))
    else:
        try:
            text = text.encode('latin-1').decode()
        except UnicodeError:
            pass
    kind, _, rest = text.partition(';')
    match = re.search(r'filename="?(.*?)"?\s*$', rest, re.S)
    name = match[1] if match else 'download'
    plain = re.sub(r'[^A-Za-z0-9._ -]', '_', name)
    return f'{kind.strip()}; filename="{plain}"; filename*=UTF-8\'\'{quote(name, safe="")}'


def report(request):
    """Logs what a browser says of the content security policy: bounded, and without paths of other
    sites, query strings and samples, any of which may hold a token."""
    if request.method != 'POST':
        return HttpResponse(status=405)
    try:
        if int(request.META.get('CONTENT_LENGTH') or 0) > REPORT_LIMIT:
            return HttpResponse(status=413)
        found = json.loads(request.read(REPORT_LIMIT))
        for entry in (found if isinstance(found, list) else [found])[:5]:
            body = entry.get('csp-report') or entry.get('body') or {}

            def field(*names):
                return next((str(body[name]) for name in names if body.get(name)), '')

            blocked = urlsplit(field('blocked-uri', 'blockedURL'))
            LOG.warning('content security policy: %s', json.dumps({
                'directive': field('effective-directive', 'effectiveDirective',
                                   'violated-directive')[:64],
                'blocked': (f'{blocked.scheme}://{blocked.hostname}' if blocked.hostname else
                            blocked.path if blocked.path in ('inline', 'eval', 'data', 'blob') else
                            'other'),
                'page': urlsplit(field('document-uri', 'documentURL')).path[:200],
                'client': request.META.get('REMOTE_ADDR', ''),
            }))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return HttpResponse(status=400)
    return HttpResponse(status=204)


def guard(get_response):
    def handle(request):
        take_address(request)
        if request.path_info == REPORTS:
            return report(request)
        read_cookies(request)
        response = respond(request)
        write_headers(response)
        return response

    def respond(request):
        pick_up()
        name = settings.SESSION_COOKIE_NAME
        has_session = name in request.COOKIES
        response = None
        if not (has_session and sessions_down()):
            response = get_response(request)
        # its cookie would be deleted, and the session lost that a node may still hold
        if (response is None or has_session or response.status_code >= 500) and sessions_down():
            return out_of_reach(request)
        size = len(response.cookies[name].OutputString()) if name in response.cookies else 0
        if size > COOKIE_LIMIT:
            LOG.error('a session cookie of %d bytes, browsers keep %d: keep sessions in memcached, '
                      'or give users fewer roles and services', size, COOKIE_LIMIT)
            response = page(request, 500, 'Session too large',
                            f'Your session takes a cookie of {size} bytes, and browsers keep only '
                            f'{COOKIE_LIMIT}. Please tell the operator of this dashboard to keep '
                            'sessions in memcached.')
        return response
    return handle
