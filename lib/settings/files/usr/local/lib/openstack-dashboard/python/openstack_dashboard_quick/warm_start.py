"""Objects that the first page of each worker would create are created once, before workers are forked."""
import logging

MADE_FOR = {}
LOG = logging.getLogger('openstack_dashboard.quick')


def install(namespace):
    """`warm` does the work, after Django has started."""


def warm():
    try:
        from django.conf import settings
        from openstack_dashboard_policies import read_all
        from openstack_dashboard_quick import trust_stores

        read_all()
        trust_stores.context(settings.OPENSTACK_SSL_CACERT)
    except Exception:
        # the first page creates them, as without this measure
        LOG.exception('Workers start without warm caches')
