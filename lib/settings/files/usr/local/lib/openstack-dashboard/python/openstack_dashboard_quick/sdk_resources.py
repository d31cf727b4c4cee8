"""Objects of openstacksdk are made from tables per class, not from a search of the class.

For each object openstacksdk searches all attributes of all base classes, several times, and compares each of
its keys with each of theirs; a list of servers takes 200,000 comparisons. And each of its connections reads
all addresses of the host.
"""
from openstack import resource
from openstack.cloud import _utils
from openstack_dashboard_quick.timed_cache import cached_for

MADE_FOR = {
    'openstacksdk 4.4.0': {
        'openstack.resource:Resource._attributes_iterator': '8598e279fb1e',
        'openstack.resource:Resource._get_mapping': '988b942181f6',
        'openstack.resource:Resource._consume_attrs': 'ccd44ab67894',
        'openstack.cloud._utils:localhost_supports_ipv6': '45c9eabbba22',
    },
}
SECONDS = 300


def attributes(original):
    found = {}

    def _attributes_iterator(cls, components=original.__defaults__[0]):
        key = cls, components
        if key not in found:
            found[key] = tuple(original(cls, components))
        return iter(found[key])
    return classmethod(_attributes_iterator)


def mapping(original):
    found = {}

    def _get_mapping(cls, component):
        key = cls, component
        if key not in found:
            found[key] = original(cls, component)
        return found[key].copy()
    return classmethod(_get_mapping)


def _consume_attrs(self, mapping, attrs):
    if not attrs:
        return {}
    names = {}
    for server_side, client_side in mapping.items():
        for name in {server_side.lower(), client_side.lower()}:
            names.setdefault(name, []).append(server_side)
    of_class = set(mapping.values())
    relevant, consumed = {}, []
    for key, value in attrs.items():
        if key in of_class or mapping.get(key):
            for server_side in names.get(key.lower(), ()):
                relevant[server_side] = value
                consumed.append(key)
    for key in consumed:
        attrs.pop(key)
    return relevant


def install(namespace):
    kind = resource.Resource
    kind._attributes_iterator = attributes(kind._attributes_iterator.__func__)
    kind._get_mapping = mapping(kind._get_mapping.__func__)
    kind._consume_attrs = _consume_attrs
    _utils.localhost_supports_ipv6 = cached_for(SECONDS, _utils.localhost_supports_ipv6)
