from django.apps import AppConfig


class Mends(AppConfig):
    name = 'openstack_dashboard_mends'

    def ready(self):
        import openstack_dashboard_mends

        openstack_dashboard_mends.install()
