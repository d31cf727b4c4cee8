"""Explains a session that cannot be used.

Without this a user could get the login page again and again: without a message, Django drops the session of a
request while no memcached node answers, browsers drop a cookie that is too large, and memcached refuses a
value that is too large. If a node dies during a request, the response would be `Bad Request`, not the login
page.
"""
import logging

import openstack_dashboard_environment as environment
from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.cache import caches
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from openstack_dashboard_pages import error_page, is_from_script
from openstack_dashboard_sessions import SessionStore, TooLarge

LOG = logging.getLogger('openstack_dashboard.guard')
# RFC 6265: name, value and attributes; browsers need not keep more
COOKIE_LIMIT = 4096


def sessions_down():
    if settings.SESSION_ENGINE != environment.CACHE_ENGINE:
        return False
    return getattr(caches[settings.SESSION_CACHE_ALIAS], 'down', False)


def out_of_reach(request):
    response = error_page(request, 503, 'Sessions cannot be reached',
                          'No server that stores sessions answers. This does not end yours: please '
                          'try again in a moment.')
    response['Retry-After'] = '5'
    return response


def respond(get_response, request):
    """The response, or a page that explains why the session cannot be used."""
    name = settings.SESSION_COOKIE_NAME
    has_session = name in request.COOKIES
    response = None
    if not (has_session and sessions_down()):
        response = get_response(request)
    # otherwise the cookie would be deleted, and with it a session that a node may still have
    if (response is None or has_session or response.status_code >= 500) and sessions_down():
        return out_of_reach(request)
    size = len(response.cookies[name].OutputString()) if name in response.cookies else 0
    if size > COOKIE_LIMIT:
        LOG.error('a session cookie has %d bytes, and browsers keep up to %d: store sessions in memcached, '
                  'or give users fewer roles and services', size, COOKIE_LIMIT)
        return error_page(request, 500, 'Session too large',
                          f'Your session needs a cookie of {size} bytes, and browsers only keep '
                          f'{COOKIE_LIMIT}. Please ask the operator of this dashboard to store '
                          'sessions in memcached.')
    return response


class Sessions(SessionMiddleware):
    def __init__(self, get_response):
        super().__init__(get_response)
        if settings.SESSION_ENGINE == environment.CACHE_ENGINE:
            self.SessionStore = SessionStore

    def process_exception(self, request, error):
        """A login that finds no server for its session is not an error of the application."""
        if isinstance(error, ConnectionError) and sessions_down():
            return out_of_reach(request)
        return None

    def process_response(self, request, response):
        try:
            return super().process_response(request, response)
        except TooLarge as error:
            LOG.error('a session is %s: raise max_item_size of memcached and '
                      'MEMCACHED_MAX_ITEM_SIZE, or give users fewer roles and services', error)
            return error_page(request, 500, 'Session too large',
                              f'Your session has {error.size} bytes, and the servers that store sessions '
                              f'keep up to {error.limit}. Please tell the operator of this dashboard.')
        except ConnectionError as error:
            if refused := self.process_exception(request, error):
                return refused
            raise
        except SessionInterrupted:
            # it existed when the request came: its node has died since, or the user has logged out
            if is_from_script(request):
                return error_page(request, 401, 'Session ended', 'Please log in again.')
            query = QueryDict(mutable=True)
            query['next'] = request.get_full_path()
            return HttpResponseRedirect(f'{resolve_url(settings.LOGIN_URL)}?{query.urlencode("/")}')
