"""Each process keeps version documents, lists of extensions and schemas for some minutes.

They describe a service, and are the same for all users. A URL of such a document may still belong to a
user's data: https://cloud/swift/v1 of Ceph lists containers. So the body must have the shape of such a
document too, and contain nothing else.
"""
import re
import threading
import time
from collections import OrderedDict
from urllib.parse import urlsplit

from openstack_dashboard_api import shortcuts
from openstack_dashboard_quick.replay import Answer, has_arrived

NEEDS_HOOK = True
MADE_FOR = {}
SECONDS = 300
# while the service does not answer
SECONDS_UNANSWERED = 3600
AT_MOST = 256
VERSIONS = re.compile(r'(/[A-Za-z][A-Za-z0-9_-]*)?(/|/v[0-9]+(\.[0-9]+)?/?)?')
# of Neutron and Cinder; their content does not depend on policies
EXTENSIONS = re.compile(r'(/[A-Za-z][A-Za-z0-9_-]*)?/v[0-9]+(\.[0-9]+)?(/[0-9a-f]{32})?'
                        r'/extensions(\.json)?')
# of Glance
SCHEMAS = re.compile(r'(/[A-Za-z][A-Za-z0-9_-]*)?/v2(\.[0-9]+)?/schemas/[a-z_]+(/[a-z_]+)?')
VERSION = {'id', 'status', 'links', 'media-types', 'updated', 'version', 'min_version',
           'max_version'}
EXTENSION = {'alias', 'name', 'description', 'links', 'updated', 'namespace'}
SCHEMA = {'name', 'type', 'properties', 'additionalProperties', 'links', 'required', 'definitions'}
# all other headers may affect the answer, and are part of the key
NO_DIFFERENCE = {'x-auth-token', 'user-agent', 'connection', 'accept-encoding',
                 'x-openstack-request-id', 'content-type', 'content-length'}
# with these the answer may not be the same for all users
PERSONAL = {'authorization', 'cookie', 'x-service-token', 'x-subject-token'}


def dicts(value, keys):
    return isinstance(value, list) and value and all(
        isinstance(item, dict) and 'links' in item and item.keys() <= keys for item in value)


def is_versions(content):
    if content.keys() == {'version'}:
        return dicts([content['version']], VERSION) and 'id' in content['version']
    versions = content.get('versions')
    if isinstance(versions, dict) and versions.keys() == {'values'}:
        versions = versions['values']
    return content.keys() == {'versions'} and dicts(versions, VERSION) and all(
        'id' in version and 'status' in version for version in versions)


def is_extensions(content):
    return content.keys() == {'extensions'} and dicts(content['extensions'], EXTENSION) and all(
        'alias' in extension for extension in content['extensions'])


def is_schema(content):
    return {'name', 'properties'} <= content.keys() <= SCHEMA and isinstance(
        content['properties'], dict)


KINDS = ((VERSIONS, is_versions), (EXTENSIONS, is_extensions), (SCHEMAS, is_schema))


def shape_of(url):
    """The check for whether an answer from this URL is such a document, or None if it cannot be one."""
    parts = urlsplit(url)
    if parts.query or parts.fragment or '@' in parts.netloc:
        return None
    return next((shape for path, shape in KINDS if path.fullmatch(parts.path)), None)


def is_for_everybody(response, shape):
    headers = response.headers
    if response.status_code not in (200, 300) or 'Set-Cookie' in headers:
        return False
    if re.search('no-store|no-cache|private', headers.get('Cache-Control', '').lower()):
        return False
    if re.search(r'\*|cookie|authorization', headers.get('Vary', '').lower()):
        return False
    if 'json' not in headers.get('Content-Type', '').lower():
        return False
    if len(response.content) > shortcuts.LIMIT:
        return False
    try:
        content = response.json()
    except ValueError:
        return False
    return isinstance(content, dict) and bool(shape(content))


class KeptDocuments(shortcuts.Shortcut):
    def __init__(self):
        self.kept = OrderedDict()
        self.lock = threading.Lock()

    @staticmethod
    def key(asked):
        """None for a call whose answer is not kept."""
        request = asked.request
        if request.method != 'GET' or request.body or not shape_of(request.url):
            return None
        headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
        if PERSONAL & headers.keys():
            return None
        others = sorted((name, value) for name, value in headers.items()
                        if name not in NO_DIFFERENCE)
        # some need a token
        return request.url, str(asked.verify), 'x-auth-token' in headers, *others

    def find(self, asked, seconds):
        key = self.key(asked)
        if key is None:
            return None
        asked.wanted = True
        since, answer = self.kept.get(key, (0.0, None))
        if answer is None or time.monotonic() - since > seconds:
            return None
        return answer.response(asked)

    def answer(self, asked):
        return self.find(asked, SECONDS)

    def instead(self, asked):
        return self.find(asked, SECONDS_UNANSWERED)

    def learn(self, asked, response):
        key = self.key(asked)
        if key is None or not has_arrived(asked, response):
            return
        with self.lock:
            self.kept.pop(key, None)
            if is_for_everybody(response, shape_of(asked.request.url)):
                self.kept[key] = time.monotonic(), Answer(response)
                while len(self.kept) > AT_MOST:
                    self.kept.popitem(last=False)


def install(namespace):
    shortcuts.installed.append(KeptDocuments())
