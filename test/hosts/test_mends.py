"""Mends of Debian's Horizon: each changes what it was made for, and nothing else.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import os
import sys
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(__file__))
import test_guard  # noqa: E402


class InHorizon(test_guard.InHorizon):
    FILE = __file__


def load_tests(loader, _tests, _pattern):
    if 'IN_HORIZON' not in os.environ:
        return unittest.TestSuite([InHorizon()])
    return loader.loadTestsFromTestCase(Mends)


def setUpModule():
    test_guard.setUpModule()


class Mends(unittest.TestCase):
    def test_all_are_for_the_horizon_of_the_hosts(self):
        import openstack_dashboard_mends as mends

        self.assertEqual(mends.warnings(), [])
        self.assertEqual(mends.installed, list(mends.MODULES))

    def test_another_version_stays_as_it_is(self):
        import openstack_dashboard_mends as mends
        from openstack_dashboard_mends import ports_of_project

        other = {'Horizon 1': {'openstack_dashboard.api.rest.neutron:Ports.get': '0' * 12}}
        with mock.patch.multiple(mends, installed=[], off={}, MODULES=('ports_of_project', 'missing')), \
                mock.patch.object(ports_of_project, 'MADE_FOR', other), \
                mock.patch.object(ports_of_project, 'install') as install:
            mends.install()
            self.assertEqual(sorted(mends.off), ['missing', 'ports_of_project'])
            self.assertIn('made for 000000000000 of Horizon 1', mends.warnings()[0])
            self.assertEqual(mends.installed, [])
            install.assert_not_called()

    def test_scripts_come_after_those_of_horizon(self):
        import openstack_dashboard_mends as mends
        from django.conf import settings
        from django.contrib.staticfiles import finders

        scripts = settings.HORIZON_CONFIG['js_files']
        for name in mends.SCRIPTS:
            self.assertIn(f'openstack_dashboard_mends/{name}', scripts)
            self.assertIsNotNone(finders.find(f'openstack_dashboard_mends/{name}'))

    def test_a_second_step_without_a_first_one_leads_to_the_login_page(self):
        from django.contrib.sessions.backends.signed_cookies import SessionStore
        from django.test import RequestFactory
        from openstack_auth.views import TotpView

        view = TotpView.as_view()
        for signed_in, receipt, target in ((False, None, '/auth/login/'), (True, 'x', '/'),
                                           (False, 'x', None)):
            with self.subTest(signed_in=signed_in, receipt=receipt):
                request = RequestFactory().get('/auth/totp/demo/')
                request.user = types.SimpleNamespace(is_authenticated=signed_in)
                request.session = SessionStore()
                if receipt:
                    request.session['receipt'] = receipt
                response = view(request, user_name='demo')
                self.assertEqual(response.headers.get('Location'), target)
        # what Horizon answers if no plugin takes the code
        request = RequestFactory().post('/auth/totp/demo/', {'totp': '123456'})
        request.user, request.session = types.SimpleNamespace(is_authenticated=False), SessionStore()
        request.COOKIES['login_region'] = 'default'
        response = view(request, user_name='demo')
        self.assertEqual((response.status_code, response['Location']), (302, '/auth/login/'))

    def test_a_second_step_leads_to_the_page_for_which_the_first_one_was(self):
        from django.contrib.sessions.backends.signed_cookies import SessionStore
        from django.http import HttpResponse, HttpResponseRedirect
        from django.test import RequestFactory
        from django.urls import resolve
        from openstack_dashboard_mends import totp_redirect

        self.assertTrue(resolve('/auth/login/').func.notes_page)

        def first_step(request):
            request.session['receipt'] = 'x'
            return HttpResponseRedirect('/auth/totp/demo/')

        view = types.SimpleNamespace(get_initial=lambda: {'region': 'default'}, request=None)
        second_step = totp_redirect.valid(lambda view, form: HttpResponseRedirect('/'))
        for path, target in (('/project/instances/?q=1', '/project/instances/?q=1'), ('', '/'), (None, '/'),
                             ('https://evil.example.org/', '/'), ('//evil.example.org/', '/'),
                             ('/auth/logout/', '/')):
            with self.subTest(path=path):
                request = RequestFactory().post('/auth/login/', {} if path is None else {'next': path})
                request.session = SessionStore()
                # of an earlier attempt
                request.session['totp_next'] = '/identity/'
                totp_redirect.noted(first_step)(request)
                view.request = request
                self.assertEqual(second_step(view, None)['Location'], target)
                self.assertNotIn('totp_next', request.session)
                self.assertEqual(str(request.session['region_name']), 'Default Region')
        # a login without a second step
        request = RequestFactory().post('/auth/login/', {'next': '/identity/'})
        request.session = SessionStore()
        totp_redirect.noted(lambda asked: HttpResponse())(request)
        self.assertNotIn('totp_next', request.session)

    def test_the_overview_has_a_link_without_a_usage(self):
        from openstack_dashboard.usage.tables import CSVSummary

        action = CSVSummary()
        usage = types.SimpleNamespace(csv_link=lambda: '?format=csv')
        for kwargs, link in (({}, ''), ({'usage': usage}, '?format=csv')):
            action.table = types.SimpleNamespace(kwargs=kwargs)
            self.assertEqual(action.get_link_url(), link)

    def test_ports_are_those_of_the_project(self):
        from django.test import RequestFactory
        from openstack_dashboard import api
        from openstack_dashboard.api.rest.neutron import Ports

        for query, expected in (('network_id=n', {'network_id': 'n', 'project_id': 'p'}),
                                ('project_id=other', {'project_id': 'other'}),
                                ('tenant_id=other', {'tenant_id': 'other'})):
            with self.subTest(query=query), mock.patch.object(
                    api.neutron, 'port_list_with_trunk_types', return_value=[]) as ports:
                request = RequestFactory().get(f'/api/neutron/ports/?{query}', HTTP_X_REQUESTED_WITH='XMLHttpRequest')
                request.user = types.SimpleNamespace(is_authenticated=True, project_id='p')
                self.assertEqual(Ports.as_view()(request).status_code, 200)
                ports.assert_called_once_with(request, **expected)


if __name__ == '__main__':
    unittest.main()
