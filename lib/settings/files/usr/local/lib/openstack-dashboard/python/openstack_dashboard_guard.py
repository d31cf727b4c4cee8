"""Middleware: takes a rotated secret, and says what is wrong with sessions.

Without it a user would meet a login page that never ends: Django forgets the session of who asks
while no memcached node answers, and browsers drop a cookie that is too large without a word. And
who asks while a node dies would meet `Bad Request`, not a login page.
"""
import logging
import os

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


class Sessions(SessionMiddleware):
    def __init__(self, get_response):
        super().__init__(get_response)
        if settings.SESSION_ENGINE == environment.CACHE_ENGINE:
            self.SessionStore = SessionStore

    def process_response(self, request, response):
        try:
            return super().process_response(request, response)
        except TooLarge as error:
            LOG.error('a session is %s: raise max_item_size of memcached and '
                      'MEMCACHED_MAX_ITEM_SIZE, or give users fewer roles and services', error)
            return page(request, 500, 'Session too large',
                        f'Your session takes {error.size} bytes, and the servers that hold sessions '
                        f'keep up to {error.limit}. Please tell the operator of this dashboard.')
        except SessionInterrupted:
            # it was there when the request came: its node has died since, or the user logged out
            if ajax(request):
                return page(request, 401, 'Session ended', 'Please log in again.')
            query = QueryDict(mutable=True)
            query['next'] = request.get_full_path()
            return HttpResponseRedirect(f'{resolve_url(settings.LOGIN_URL)}?{query.urlencode("/")}')


def guard(get_response):
    def handle(request):
        pick_up()
        name = settings.SESSION_COOKIE_NAME
        has_session = name in request.COOKIES
        response = None
        if not (has_session and sessions_down()):
            response = get_response(request)
        # its cookie would be deleted, and the session lost that a node may still hold
        if (response is None or has_session or response.status_code >= 500) and sessions_down():
            response = page(request, 503, 'Sessions cannot be reached',
                            'No server that holds sessions answers. Yours is not ended here: '
                            'please try again in a moment.')
            response['Retry-After'] = '5'
            return response
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
