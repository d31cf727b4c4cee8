from django.apps import AppConfig


class Login(AppConfig):
    name = 'openstack_dashboard_login'

    def ready(self):
        from openstack_dashboard_login import limits, region

        # region is the inner one: it needs a user who has logged in
        region.install()
        limits.install()
