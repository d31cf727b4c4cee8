"""Mends of Debian's Horizon: each changes what it was made for, and nothing else.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import os
import sys
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(__file__))
import test_guard  # noqa: E402
from horizon_server import UPSTREAM  # noqa: E402


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

        self.assertEqual({*mends.installed, *mends.of_upstream, *mends.off, *mends.absent}, {*mends.MODULES})
        # where plugins are installed, it is plugins/test_policies.py that looks
        self.assertEqual(mends.absent, ['heat_generator'])
        # 7e0c8c252 and dd399e1b2
        self.assertEqual(mends.of_upstream, ['overview_without_usage', 'ports_of_project'] if UPSTREAM else [])
        # 2026.1 filters by project in another way
        self.assertEqual([*mends.off], ['ports_of_floating_ips'] if UPSTREAM else [])

    def test_another_version_stays_as_it_is(self):
        import openstack_dashboard_mends as mends
        from openstack_dashboard_mends import ports_of_project

        other = {'Horizon 1': {'openstack_dashboard.api.rest.neutron:Ports.get': '0' * 12}}
        with mock.patch.multiple(mends, installed=[], off={}, of_upstream=[], MODULES=('ports_of_project', 'missing')), \
                mock.patch.multiple(ports_of_project, MADE_FOR=other, HAVE_IT=other), \
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

        cases = [('network_id=n', {'network_id': 'n', 'project_id': 'p'}),
                 ('project_id=other', {'project_id': 'other'})]
        if not UPSTREAM:
            # dd399e1b2 does not know the older name
            cases.append(('tenant_id=other', {'tenant_id': 'other'}))
        for query, expected in cases:
            with self.subTest(query=query), mock.patch.object(
                    api.neutron, 'port_list_with_trunk_types', return_value=[]) as ports:
                request = RequestFactory().get(f'/api/neutron/ports/?{query}', HTTP_X_REQUESTED_WITH='XMLHttpRequest')
                request.user = types.SimpleNamespace(is_authenticated=True, project_id='p')
                self.assertEqual(Ports.as_view()(request).status_code, 200)
                ports.assert_called_once_with(request, **expected)

    def test_clients_of_the_sdk_verify_without_a_path(self):
        import warnings

        from openstack.config.cloud_region import CloudRegion

        for config, verify in (({'cacert': True}, True), ({'cacert': '/ca.pem'}, '/ca.pem'), ({}, True),
                               ({'cacert': True, 'insecure': True}, False)):
            with self.subTest(config=config), warnings.catch_warnings(action='ignore'):
                self.assertEqual(CloudRegion(config=config).get_requests_verify_args()[0], verify)

    def test_a_tab_without_data_is_rendered(self):
        from horizon import tabs

        class Failed(tabs.Tab):
            name = slug = 'failed'
            template_name = 'horizon/common/_detail_table.html'

        with mock.patch.object(Failed, 'load', True), \
                mock.patch('horizon.tabs.base.render_to_string', return_value='shown') as rendered:
            tab = Failed(None)
            tab._data = False
            self.assertEqual(tab.render(), 'shown')
            self.assertEqual(rendered.call_args.args[1], {})
            # data that is there stays
            tab._data = {'rows': 1}
            tab.render()
            self.assertEqual(rendered.call_args.args[1], {'rows': 1})

    def floating_ips(self, count, all_tenants=False):
        """Floating IPs, each second one at a port, from the real SDK, and the URLs that it asks Neutron for."""
        import urllib.parse

        import requests
        from keystoneauth1 import adapter
        from openstack.network.v2 import floating_ip, port
        from openstack_dashboard.api import neutron

        def identifier(number):
            return f'00000000-0000-0000-0000-{number:012}'

        asked = []

        def get(uri, params=None, **_):
            asked.append(requests.Request('GET', f'https://neutron.example{uri}', params=params).prepare().url)
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(asked[-1]).query)
            if uri == '/floatingips':
                found = [{'id': identifier(number), 'floating_ip_address': '192.0.2.1', 'fixed_ip_address': None,
                          'floating_network_id': 'n', 'port_id': identifier(number) if number % 2 else None}
                         for number in range(count)]
                body = {'floatingips': found}
            else:
                body = {'ports': [{'id': key, 'device_id': f'server of {key}', 'device_owner': 'compute:nova',
                                   'tenant_id': 'q' if key == identifier(3) else 'p'} for key in query['id']]}
            return mock.Mock(status_code=200, headers={}, json=lambda: body)

        session = mock.Mock(spec=adapter.Adapter, default_microversion=None, retriable_status_codes=None)
        session.get, session._get_connection = get, lambda: None
        client = types.SimpleNamespace(
            ips=lambda **query: floating_ip.FloatingIP.list(session, paginated=False, **query),
            ports=lambda **query: port.Port.list(session, paginated=False, **query))
        request = types.SimpleNamespace(user=types.SimpleNamespace(tenant_id='p'))
        other = types.SimpleNamespace(device_id='of another project', device_owner='compute:nova')
        with mock.patch.object(neutron, 'networkclient', return_value=client), \
                mock.patch.object(neutron, 'port_get', return_value=other):
            found = neutron.FloatingIpManager(request).list(all_tenants=all_tenants)
        instances = [ip.instance_id for ip in found]
        for number, instance in enumerate(instances):
            expected = f'server of {identifier(number)}' if number % 2 else None
            self.assertEqual(instance, other.device_id if number == 3 and not all_tenants else expected)
        return asked[1:]

    @unittest.skipIf(UPSTREAM, 'its mend is off')
    def test_floating_ips_ask_for_their_ports_alone(self):
        self.assertEqual(self.floating_ips(0), [])
        self.assertEqual(self.floating_ips(1), [])
        [url] = self.floating_ips(6)
        self.assertEqual(url.count('id='), 3, url)
        [url] = self.floating_ips(6, all_tenants=True)
        self.assertEqual(url.count('id='), 3, url)
        urls = self.floating_ips(400)
        self.assertEqual(len(urls), 2)
        self.assertLess(max(map(len, urls)), 8000)

    def projects(self, query='', may_list_all=False, search=()):
        """Names of the projects of a page, and whether others precede and follow."""
        from django.contrib.sessions.backends.signed_cookies import SessionStore
        from django.test import RequestFactory
        from openstack_dashboard import api, policy
        from openstack_dashboard.dashboards.identity.projects.views import IndexView

        all_of_them = [types.SimpleNamespace(
            id=f'{number:032x}', name=f'{"Team" if number % 2 else "team"} {number:02}', domain_id='default',
            enabled=number != 7) for number in reversed(range(45))]

        def check(rules, _request, target=None):
            return may_list_all or rules[0][1] != 'identity:list_projects'

        request = RequestFactory().get(f'/identity/?{query}')
        request.session = SessionStore()
        if search:
            request.session['tenants__filter__q_field'], request.session['tenants__filter__q'] = search
        request.user = types.SimpleNamespace(id='u', project_id='p', is_authenticated=True)
        view = IndexView()
        view.setup(request)
        with mock.patch.object(policy, 'check', check), \
                mock.patch.object(api.keystone, 'domain_lookup', return_value={'default': 'Default'}), \
                mock.patch.object(api.keystone, 'get_effective_domain_id', return_value=None), \
                mock.patch.object(api.keystone, 'tenant_list', return_value=(all_of_them, False)) as listed:
            table = view.get_table()
            view.update_server_filter_action(request)
            shown = view.get_data()
        listed.assert_called_once()
        self.assertTrue(all(project.domain_name == 'Default' for project in shown))
        table.data = shown
        return [project.name for project in shown], view.has_prev_data(table), view.has_more_data(table), table

    def test_projects_have_pages(self):
        for everybody in (False, True):
            with self.subTest(may_list_all=everybody):
                names, previous, more, table = self.projects(may_list_all=everybody)
                self.assertEqual((names[0], names[-1], len(names), previous, more),
                                 ('team 00', 'Team 19', 20, False, True))
                names, previous, more, table = self.projects(table.get_pagination_string(), everybody)
                self.assertEqual((names[0], len(names), previous, more), ('team 20', 20, True, True))
                second = table.get_prev_pagination_string()
                names, previous, more, table = self.projects(table.get_pagination_string(), everybody)
                self.assertEqual((names[0], len(names), previous, more), ('team 40', 5, True, False))
                names, previous, more, table = self.projects(table.get_prev_pagination_string(), everybody)
                self.assertEqual((names[0], len(names), previous, more), ('team 20', 20, True, True))
                names, previous, more, _ = self.projects(second, everybody)
                self.assertEqual((names[0], len(names), previous, more), ('team 00', 20, False, True))
                # of a project that has gone
                names, previous, more, _ = self.projects('tenant_marker=gone', everybody)
                self.assertEqual((names[0], len(names), previous), ('team 00', 20, False))

    def test_members_search_their_projects(self):
        for search, found in ((('name', 'TEAM 1'), [f'team {number}' for number in range(10, 20)]),
                              (('name', 'team 03'), ['team 03']), (('enabled', 'No'), ['team 07']),
                              (('id', f'{5:032x}'), ['team 05']), (('name', 'none'), [])):
            with self.subTest(search=search):
                names, previous, more, _ = self.projects(search=search)
                self.assertEqual([name.lower() for name in names], found)
                self.assertFalse(previous or more)
        names, _, more, _ = self.projects(search=('enabled', 'yes'))
        self.assertEqual((len(names), more), (20, True))
        # Keystone has done it
        self.assertEqual(len(self.projects(may_list_all=True, search=('name', 'none'))[0]), 20)

    def test_the_overview_has_pages(self):
        from django.contrib.sessions.backends.signed_cookies import SessionStore
        from django.test import RequestFactory
        from openstack_dashboard import api
        from openstack_dashboard.dashboards.identity.projects.views import ProjectUsageView
        from openstack_dashboard.dashboards.project.overview.views import ProjectOverview
        from openstack_dashboard.usage import ProjectUsage

        def overview(of, query=''):
            used = types.SimpleNamespace(server_usages=[
                {'instance_id': f'{number:032x}', 'name': f'server {number}', 'uptime': 60, 'ended_at': None}
                for number in range(30)], get_summary=lambda: {'instances': 30})
            request = RequestFactory().get(f'/project/?{query}')
            request.session = SessionStore()
            request.user = types.SimpleNamespace(id='u', tenant_id='p', project_id='p', is_authenticated=True)
            view = of()
            view.setup(request)
            with mock.patch.object(api.nova, 'usage_get', return_value=used), \
                    mock.patch.object(ProjectUsage, 'get_limits'):
                table = view.get_table()
                table.data = view.get_data()
            # what the file for spreadsheets has
            self.assertEqual(len(view.usage.get_instances()), 30)
            self.assertEqual(view.usage.summary, {'instances': 30})
            names = [usage['name'] for usage in table.data]
            return (names[0], len(names), view.has_prev_data(table), view.has_more_data(table)), table

        # 2026.1 has a table of its own for the second one
        for of in (ProjectOverview, ProjectUsageView):
            with self.subTest(of.__name__):
                shown, table = overview(of)
                self.assertEqual(shown, ('server 0', 20, False, True))
                shown, table = overview(of, table.get_pagination_string())
                self.assertEqual(shown, ('server 20', 10, True, False))
                self.assertEqual(overview(of, table.get_prev_pagination_string())[0], ('server 0', 20, False, True))


if __name__ == '__main__':
    unittest.main()
