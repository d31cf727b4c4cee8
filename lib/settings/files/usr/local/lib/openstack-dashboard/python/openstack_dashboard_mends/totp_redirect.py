"""A one-time password without a first step leads to the login page, not to /login/, which does not exist.

As upstream's fc84d9ab0."""
from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url
from openstack_auth.views import TotpView

MADE_FOR = {'Horizon 25.3.0': {'openstack_auth.views:TotpView': '090c50185383'}}


def get(self, request, *args, **kwargs):
    if request.user.is_authenticated:
        return HttpResponseRedirect(self.success_url)
    if not request.session.get('receipt'):
        return HttpResponseRedirect(self.fail_url)
    return super(TotpView, self).get(request, *args, **kwargs)


def install():
    TotpView.fail_url = resolve_url(settings.LOGIN_URL)
    TotpView.get = get
