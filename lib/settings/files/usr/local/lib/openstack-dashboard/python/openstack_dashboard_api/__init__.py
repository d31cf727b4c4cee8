"""Bounds on the calls that Horizon makes to OpenStack APIs, which has none of its own.

`install` is called by the settings snippet. Every client library of Horizon ends in
`requests.adapters.HTTPAdapter.send`: it is hooked there, see bounds.py and verify.py.
"""
from importlib.metadata import PackageNotFoundError, version

# what the hooks were made for and tested with; on others they stay off
MADE_FOR = {'requests': '2.32.', 'urllib3': '2.3.', 'python-swiftclient': '4.7.'}


def other_versions():
    """What keeps the hooks off, as text; empty where they are on."""
    found = []
    for name, wanted in MADE_FOR.items():
        try:
            actual = version(name)
        except PackageNotFoundError:
            actual = 'missing'
        if not actual.startswith(wanted):
            found.append(f'{name} is {actual}, made for {wanted}x')
    return ', '.join(found)


def install(settings):
    """Hooks the clients' library. `settings` has the three API_ times, in seconds, and
    OPENSTACK_SSL_CACERT."""
    if other_versions():
        return
    from openstack_dashboard_api import bounds

    bounds.install(connect=settings['API_CONNECT_TIMEOUT'], read=settings['API_READ_TIMEOUT'],
                   page=settings['API_PAGE_DEADLINE'], trust=settings['OPENSTACK_SSL_CACERT'])
