"""The calls to APIs that a page is going to make are made when it begins, in parallel.

Horizon makes one call after the other, and a view requests nearly the same lists each time. For each view and
set of roles, a process remembers which lists these were: words of the APIs, with marks in place of the user's
names. Threads request them with the token of the page's own user, and ask_once gives Horizon the answers, or
lets it wait for one that is on its way. Threads do not use Horizon. A call that a page did not need is not made
ahead of the next one.
"""
import logging
import re
import threading
from collections import OrderedDict, deque
from urllib.parse import urlsplit, urlunsplit

import requests
from openstack_dashboard_api import bounds
from openstack_dashboard_pages import is_from_script
from requests.adapters import HTTPAdapter

NEEDS_HOOK = True
NEEDS = 'QUICK_ASK_ONCE'
MADE_FOR = {}
LOG = logging.getLogger('openstack_dashboard.quick')
MIDDLEWARE = f'{__name__}.CallsAhead'
# parallel calls of a process, as many as browsers make to a host
AT_ONCE = 6
VIEWS, CALLS = 256, 32
# A path is only remembered if it consists of these words, versions, marks, and parts of URLs in the catalog.
# So it cannot contain a name that a user chose.
WORDS = frozenset('''
    OS-FEDERATION address-groups address-scopes agents application_credentials attachments
    availability_zones backups consistencygroups default-security-group-rules detail details domains
    extensions flavors floatingips group_snapshots group_types groups images limits
    metadefs namespaces network-ip-availabilities networks os-aggregates os-availability-zone
    os-hypervisors os-keypairs os-quota-sets os-server-groups os-services os-simple-tenant-usage
    os-volume-transfer policies ports projects qos qos-specs quotas rbac-policies regions resource_types
    role_assignments roles routers rule-types scheduler-stats security-group-rules security-groups
    servers service-providers services snapshots statistics subnetpools subnets trunks types users
    volume-transfers volumes
'''.split())
VERSION = re.compile(r'v[0-9]+(\.[0-9]+)?')
PARAMETERS = frozenset('''
    all_tenants bookmark detailed end fields is_public limit member_status page_size project_id
    router:external router%3Aexternal shared sort sort_dir sort_dirs sort_key start tenant_id usage
    user_id visibility with_count
'''.split())
VALUE = re.compile(r'[A-Za-z_]{0,24}|[0-9]{1,6}|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.%A]{0,24})?|'
                   r'[a-z_]{1,24}(:|%3A)(asc|desc)')
HEADERS = frozenset('''
    accept accept-encoding connection content-type openstack-api-version user-agent
    x-auth-token x-openstack-nova-api-version
'''.split())
FORWARDED = 'for={address};'
_threads = threading.BoundedSemaphore(AT_ONCE)
_lock = threading.Lock()
# calls of views, by view
_known = OrderedDict()


class Names:
    """The parts of a call that belong to the user, by the marks that stand for them."""

    def __init__(self, request):
        user = request.user
        self.ids = {mark: value for mark, value in (
            ('{user}', user.id), ('{project}', user.project_id), ('{domain}', user.user_domain_id))
            if value}
        self.tokens = {mark: value for mark, value in (
            ('{token}', user.token.id), ('{unscoped}', user.unscoped_token)) if value}
        # of Keystone's clients
        self.forwarded = f'for={request.META.get("REMOTE_ADDR", "")};'
        # where this user's token may be sent, and the segments with which paths begin there
        self.places, self.words = set(), set()
        for url in [user.endpoint, *(
                endpoint.get('url') for service in user.service_catalog or ()
                for endpoint in service.get('endpoints', ()))]:
            parts = urlsplit(url or '')
            self.places.add(parts[:2])
            self.words.update(segment for segment in parts.path.split('/')
                              if not any(value in segment for value in self.ids.values()))

    @staticmethod
    def mark(text, names):
        return next((mark for mark, value in names.items() if value == text), text)

    def path(self, text):
        """The path with marks, or None if it must not be remembered."""
        segments = [self.mark(segment, self.ids) for segment in text.split('/')]
        if all(segment.removesuffix('.json') in WORDS or segment in self.words
               or segment in self.ids or VERSION.fullmatch(segment) for segment in segments):
            return tuple(segments)
        return None

    def query(self, text):
        parameters = [(name, self.mark(value, self.ids)) for name, _, value in (
            parameter.partition('=') for parameter in text.split('&') if parameter)]
        if all(name in PARAMETERS and (value in self.ids or VALUE.fullmatch(value))
               for name, value in parameters):
            return tuple(parameters)
        return None

    def headers(self, given):
        found = {}
        for name, value in given.items():
            name, value = str(name).lower(), value.decode() if isinstance(value, bytes) else str(value)
            if name == 'x-openstack-request-id':
                continue
            if name == 'x-auth-token':
                value = self.mark(value, self.tokens)
                if value not in self.tokens:
                    return None
            elif name == 'forwarded' and value.startswith(self.forwarded):
                value = value.replace(self.forwarded, FORWARDED, 1)
            elif name not in HEADERS:
                return None
            found[name] = value
        return found if 'x-auth-token' in found else None


class Call:
    def __init__(self, place, path, query, headers, verify):
        self.place, self.path, self.query = place, path, query
        self.headers, self.verify = headers, verify

    @classmethod
    def of(cls, asked, names):
        """As it is remembered, None for one that is not."""
        parts = urlsplit(asked.request.url)
        path, query = names.path(parts.path), names.query(parts.query)
        headers = names.headers(asked.request.headers)
        if parts[:2] not in names.places or path is None or query is None or headers is None:
            return None
        return cls(parts[:2], path, query, headers, asked.verify)

    def request(self, names):
        """For the user whose names these are; None if it is not for this user."""
        values = names.ids | names.tokens
        path = '/'.join(values.get(segment, segment) for segment in self.path)
        query = '&'.join(f'{name}={values.get(value, value)}' for name, value in self.query)
        headers = {name: values.get(value, value).replace(FORWARDED, names.forwarded)
                   for name, value in self.headers.items()}
        if (self.place not in names.places or names.path(path) != self.path
                or names.query(query) != self.query or headers['x-auth-token'] == self.headers['x-auth-token']):
            return None
        request = requests.PreparedRequest()
        request.prepare('GET', urlunsplit((*self.place, path, query, '')), headers)
        return request


def make(call, names):
    request = call.request(names)
    if request is None:
        return
    adapter = HTTPAdapter()
    try:
        adapter.send(request, verify=call.verify)
    finally:
        adapter.close()


def work(page, calls, names):
    bounds.work_for(page)
    try:
        while calls:
            try:
                make(calls.popleft(), names)
            except Exception as error:
                # Horizon makes the call itself, and handles the error
                LOG.info('A call was not made ahead: %s', error)
    finally:
        _threads.release()


class CallsAhead:
    """The last middleware: all others have accepted the request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        view = getattr(request, 'quick_pages_view', None)
        if view:
            route, names, calls = view
            calls.clear()
            if response.status_code == 200 and not response.streaming:
                self.remember(route, names)
        return response

    def process_view(self, request, *_):
        page = bounds.page()
        if not page or not self.is_page(request) or not request.user.is_authenticated:
            return
        user = request.user
        route = (request.resolver_match.route, user.services_region,
                 tuple(sorted(role['name'] for role in user.roles)))
        names, calls = Names(request), deque(_known.get(route, ()))
        request.quick_pages_view = route, names, calls
        for _ in range(min(len(calls), AT_ONCE)):
            if _threads.acquire(blocking=False):
                threading.Thread(target=work, args=(page, calls, names), daemon=True).start()

    @staticmethod
    def is_page(request):
        return (request.method == 'GET' and not request.META.get('QUERY_STRING')
                and 'text/html' in request.headers.get('Accept', '')
                and not is_from_script(request))

    @staticmethod
    def remember(route, names):
        page = bounds.page()
        calls = [Call.of(answer.asked, names) for answer in list(page.answers.values())
                 if answer.used]
        with _lock:
            _known.pop(route, None)
            _known[route] = [call for call in calls if call][:CALLS]
            while len(_known) > VIEWS:
                _known.popitem(last=False)


def install(namespace):
    namespace['MIDDLEWARE'] = (*namespace['MIDDLEWARE'], MIDDLEWARE)
