"""Whose token it is, as keystonemiddleware finds out.

https://docs.openstack.org/api-ref/identity/v3/#validate-and-show-information-for-token
https://docs.openstack.org/keystonemiddleware/latest/middlewarearchitecture.html"""
import asyncio
import collections
import concurrent.futures
import datetime
import functools
import http.client
import json
import ssl
import threading
import time
import urllib.parse

# keystonemiddleware's token_cache_time is 300
KEPT = 60
AGENT = 'preview-services'

Caller = collections.namedtuple('Caller', 'user_id user_name project_id project_name admin')


class Tokens:
    """Asks Keystone with the token itself: the subject of a token may validate it."""

    def __init__(self, keystone, ca):
        url = urllib.parse.urlsplit(keystone)
        self.path = url.path.rstrip('/')
        context = ssl.create_default_context(cafile=ca)
        self.connect = functools.partial(
            http.client.HTTPSConnection, url.hostname, url.port, context=context, timeout=30)
        self.known, self.asking = {}, {}
        self.pool = concurrent.futures.ThreadPoolExecutor(4)
        self.local = threading.local()

    async def check(self, token):
        """The caller, or None where the token is none of this Keystone's or has no project."""
        if not token:
            return None
        now = time.monotonic()
        caller, until = self.known.get(token, (None, 0.0))
        if now < until:
            return caller
        if token not in self.asking:
            loop = asyncio.get_running_loop()
            self.asking[token] = loop.run_in_executor(self.pool, self.ask, token)
        asked = self.asking[token]
        try:
            caller, left = await asyncio.shield(asked)
        finally:
            self.asking.pop(token, None)
        if len(self.known) > 10000:
            self.known.clear()
        self.known[token] = caller, now + min(KEPT, left)
        return caller

    def ask(self, token):
        status, body = self.get({'X-Auth-Token': token, 'X-Subject-Token': token,
                                 'User-Agent': AGENT})
        if status != 200:
            return None, 1.0 if status < 500 else 0.0
        found = json.loads(body)['token']
        project = found.get('project')
        if not project:
            return None, 1.0
        expires = datetime.datetime.fromisoformat(found['expires_at'])
        left = (expires - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        admin = any(role['name'] == 'admin' for role in found['roles'])
        return Caller(found['user']['id'], found['user']['name'], project['id'], project['name'],
                      admin), left

    def get(self, headers):
        for again in (True, False):
            connection = getattr(self.local, 'connection', None)
            if connection is None:
                connection = self.local.connection = self.connect()
            try:
                connection.request('GET', f'{self.path}/auth/tokens?nocatalog', headers=headers)
                response = connection.getresponse()
                return response.status, response.read()
            except (OSError, http.client.HTTPException):
                # Keystone closes connections that idled
                connection.close()
                self.local.connection = None
                if not again:
                    raise
