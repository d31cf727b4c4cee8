"""Which function answers which request of a service."""
import collections
import re

Found = collections.namedtuple('Found', 'public call')


class Routes:
    """Functions by method and path. A path has NAME for a segment, which the function gets as an
    argument; a function gives a body, or a status and a body, or those and headers."""

    def __init__(self, headers=None):
        self.routes, self.headers = collections.defaultdict(list), headers

    def __call__(self, methods, path, public=False):
        pattern = re.compile(re.sub('[A-Z][A-Z_]+', '([^/]+)', path) + '/?')

        def register(function):
            for method in methods.split():
                self.routes[method].append((pattern, function, public))
            return function
        return register

    def find(self, method, path):
        for pattern, function, public in self.routes[method]:
            match = pattern.fullmatch(path)
            if match:
                return Found(public, lambda request: self.call(function, request, match.groups()))
        return None

    def call(self, function, request, arguments):
        given = function(request, *arguments)
        if not isinstance(given, tuple):
            given = (200, given)
        status, body, *rest = given
        headers = self.headers(request) if self.headers else {}
        return status, body, {**headers, **(rest[0] if rest else {})}


def page(items, request, links, url, most=1000):
    """A part of a list, and the URL of the next.

    https://docs.openstack.org/api-guide/compute/paginated_collections.html"""
    marker, limit = request.query.get('marker'), int(request.query.get('limit') or most)
    if marker:
        ids = [item['id'] for item in items]
        items = items[ids.index(marker) + 1:] if marker in ids else []
    part = items[:limit]
    if len(items) > limit and part:
        more = f'{url}?limit={limit}&marker={part[-1]["id"]}'
        return part, {links: [{'rel': 'next', 'href': more}]}
    return part, {}
