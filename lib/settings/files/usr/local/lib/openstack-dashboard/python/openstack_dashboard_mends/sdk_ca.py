"""Clients of openstacksdk verify with the system's CA certificates if OPENSTACK_SSL_CACERT is True.

True is right for other clients, of which one does not verify with None. openstacksdk takes it for a path, so
that Ironic's panels show no nodes."""
import functools

from openstack.config.cloud_region import CloudRegion

MADE_FOR = {'openstacksdk 4.4.0': {
    'openstack.config.cloud_region:CloudRegion.get_requests_verify_args': 'b4d79682461a'}}
OR_FOR = {'openstacksdk 4.10.0': {
    'openstack.config.cloud_region:CloudRegion.get_requests_verify_args': '8fef0f39ed90'}}


def of_system(original):
    @functools.wraps(original)
    def get_requests_verify_args(self):
        if self.config.get('cacert') is True:
            # without a path, it verifies with those of the system
            self.config['cacert'] = None
        return original(self)
    return get_requests_verify_args


def install():
    CloudRegion.get_requests_verify_args = of_system(CloudRegion.get_requests_verify_args)
