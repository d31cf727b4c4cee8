from django.apps import AppConfig
from openstack_dashboard_csp import nonces


class ContentSecurityPolicy(AppConfig):
    name = 'openstack_dashboard_csp'

    def ready(self):
        nonces.leave_out_compressed_blocks()
