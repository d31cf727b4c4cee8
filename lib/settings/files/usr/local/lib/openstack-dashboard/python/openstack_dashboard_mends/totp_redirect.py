"""A one-time password without a first step leads to the login page, not to /login/, which does not exist.

As upstream's fc84d9ab0. And the second step leads to the page for which the user logged in, as a login without
one does, and keeps the name of the region.
"""
import functools

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url
from openstack_auth import forms, views
from openstack_auth.views import TotpView
from openstack_dashboard_guard.sso import is_page

MADE_FOR = {'Horizon 25.3.0': {'openstack_auth.views:TotpView': '090c50185383'}}
# it has fc84d9ab0: the rest remains
OR_FOR = {'Horizon 25.7.3': {'openstack_auth.views:TotpView': '1a27b10b79ff'}}
NEXT = 'totp_next'


def get(self, request, *args, **kwargs):
    if request.user.is_authenticated:
        return HttpResponseRedirect(self.success_url)
    if not request.session.get('receipt'):
        return HttpResponseRedirect(self.fail_url)
    return super(TotpView, self).get(request, *args, **kwargs)


def noted(login):
    """The first step: notes the page."""
    @functools.wraps(login)
    def handle(request):
        response = login(request)
        if request.method == 'POST' and 'receipt' in request.session:
            path = request.POST.get(REDIRECT_FIELD_NAME)
            request.session[NEXT] = path if is_page(path) else ''
        return response
    handle.notes_page = True
    return handle


def valid(original):
    """The second step, with a correct password."""
    @functools.wraps(original)
    def form_valid(self, form):
        # the form has no region: the first step left it in a cookie
        region = self.get_initial()['region']
        response = original(self, form)
        session = self.request.session
        session['region_name'] = dict(forms.get_region_choices()).get(region)
        path = session.pop(NEXT, '')
        if path:
            response['Location'] = path
        return response
    return form_valid


def install():
    # before the modules with URLs are loaded, which the last line does
    views.login = noted(views.login)
    TotpView.get = get
    TotpView.form_valid = valid(TotpView.form_valid)
    TotpView.fail_url = resolve_url(settings.LOGIN_URL)
