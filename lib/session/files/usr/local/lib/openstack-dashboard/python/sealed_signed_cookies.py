"""Sessions in cookies that only the dashboard can read (SESSION_ENGINE).

Horizon recognizes engines that store sessions in cookies by `signed_cookies` in their name.

The content is compressed: otherwise a service catalog would not fit into a cookie. Lengths reveal compressed
secrets if an attacker can add text to them and count bytes (CRIME). What a request adds to a Horizon session
comes from forms with CSRF tokens, and lengths are rounded up.
"""
import struct
import time
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from django.conf import settings
from django.contrib.sessions.backends import signed_cookies
from openstack_dashboard_sealing import Sealer, refuse

BLOCK = 96
SEALER = Sealer('cookie', 8192)
STAMP = struct.Struct('>QI')


class SessionStore(signed_cookies.SessionStore):
    def load(self):
        session = self._open(self.session_key or '')
        if session is None:
            self.create()
            return {}
        return session

    def _open(self, text):
        try:
            sealed = urlsafe_b64decode(text[:SEALER.limit * 2] + '=' * (-len(text) % 4))
        except ValueError:
            return refuse('cookie', 'encoding')
        data = SEALER.open(settings.SESSION_COOKIE_NAME, sealed)
        if data is None:
            return None
        stamp, length = STAMP.unpack_from(data)
        if time.time() - stamp > self.get_session_cookie_age():
            return refuse('cookie', 'expired')
        try:
            text = zlib.decompress(data[STAMP.size:STAMP.size + length])
            return self.serializer().loads(text)
        except Exception:
            # sealed by another release of the dashboard
            return refuse('cookie', 'unreadable')

    def _get_session_key(self):
        data = zlib.compress(self.serializer().dumps(self._session))
        data = STAMP.pack(int(time.time()), len(data)) + data
        data += bytes(-len(data) % BLOCK)
        sealed = SEALER.seal(settings.SESSION_COOKIE_NAME, data)
        return urlsafe_b64encode(sealed).rstrip(b'=').decode()
