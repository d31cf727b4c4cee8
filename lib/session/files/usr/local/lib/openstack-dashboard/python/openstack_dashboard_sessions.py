"""Sessions in memcached, as Horizon uses them (SESSION_ENGINE django.contrib.sessions.backends.cache).
"""
import pickle

from django.conf import settings
from django.contrib.sessions.backends import cache
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import InvalidCacheKey
from openstack_dashboard_memcached.store import TooLarge

__all__ = ['SessionStore', 'TooLarge']


def content(session):
    """The content of a session, for comparison. Horizon sets the expiry in each request."""
    return pickle.dumps(
        {name: value for name, value in session.items() if name != '_session_expiry'},
        pickle.HIGHEST_PROTOCOL)


class SessionStore(cache.SessionStore):
    """Sends memcached one command per request, not three: Horizon refreshes the session in each request, so
    it is refreshed when it is read, and written if it has changed. A session that ends in between stays ended.

    It is refreshed to SESSION_TIMEOUT, while Horizon would stop at the end of the token's life: a session
    without a valid token shows the login page in both cases.
    """

    read = None

    def load(self):
        if not settings.SESSION_REFRESH or not hasattr(self._cache, 'get_and_touch'):
            return super().load()
        try:
            session = self._cache.get_and_touch(self.cache_key, settings.SESSION_TIMEOUT)
        except InvalidCacheKey:
            session = None
        if session is None:
            self._session_key = None
            return {}
        self.read = content(session)
        return session

    def save(self, must_create=False):
        """Raises TooLarge if memcached would not keep the session."""
        if must_create or self.session_key is None or not hasattr(self._cache, 'replace'):
            # from now on under another key, where nothing has been read
            self.read = None
            return super().save(must_create)
        session = self._get_session()
        now = content(session)
        if now == self.read:
            return
        if not self._cache.replace(self.cache_key, session, self.get_expiry_age()):
            raise UpdateError
        self.read = now
