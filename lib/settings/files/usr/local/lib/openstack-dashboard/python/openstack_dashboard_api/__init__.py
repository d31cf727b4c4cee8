"""Time limits for the calls that Horizon makes to OpenStack APIs, as Horizon has none.

The settings snippet calls `install`. Every client library of Horizon calls
`requests.adapters.HTTPAdapter.send`, which is hooked: see bounds.py and verify.py.
"""
from importlib.metadata import PackageNotFoundError, version

# the versions that the hooks were made for and tested with; with others they stay off
MADE_FOR = {
    # Debian's, and that of HorizonRelease.upstream()
    'requests': ('2.32.', '2.33.'),
    'urllib3': ('2.3.', '2.7.'),
    'python-swiftclient': ('4.7.', '4.10.'),
}


def other_versions():
    """Why the hooks are off, as text; empty if they are on."""
    found = []
    for name, wanted in MADE_FOR.items():
        try:
            actual = version(name)
        except PackageNotFoundError:
            actual = 'missing'
        if not actual.startswith(wanted):
            found.append(f'{name} is {actual}, made for {"x or ".join(wanted)}x')
    return ', '.join(found)


def install(settings):
    """Hooks the library of the clients. `settings` has the three API_ times, in seconds, and
    OPENSTACK_SSL_CACERT."""
    if other_versions():
        return
    from openstack_dashboard_api import bounds

    bounds.install(connect=settings['API_CONNECT_TIMEOUT'], read=settings['API_READ_TIMEOUT'],
                   page=settings['API_PAGE_DEADLINE'], trust=settings['OPENSTACK_SSL_CACERT'])
