"""Limits of logins per account and client address, the default region, and one-time passwords.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import os
import re
import sys
import time
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(__file__))
import test_guard  # noqa: E402

HERE, AWAY = '198.51.100.7', '198.51.100.8'


class InHorizon(test_guard.InHorizon):
    FILE = __file__


def load_tests(loader, _tests, _pattern):
    if 'IN_HORIZON' not in os.environ:
        return unittest.TestSuite([InHorizon()])
    return unittest.TestSuite(map(loader.loadTestsFromTestCase, (Table, Limits, Region, Settings)))


def setUpModule():
    test_guard.setUpModule()


class Table(unittest.TestCase):
    def setUp(self):
        from openstack_dashboard_login.attempts import Attempts

        self.now = 1000
        self.attempts = Attempts(3, 2, lambda: self.now)

    def test_a_burst_and_then_a_rate(self):
        self.assertEqual([self.attempts.take('a') for _ in range(3)], [0, 0, 0])
        self.assertEqual(self.attempts.take('a'), 30)
        self.now += 29
        self.assertEqual(round(self.attempts.take('a')), 1)
        self.now += 1
        self.assertEqual(self.attempts.take('a'), 0)
        self.assertEqual(self.attempts.take('a'), 30)
        self.assertEqual(self.attempts.take('b'), 0)
        self.now += 3600
        self.assertEqual([self.attempts.take('a') > 0 for _ in range(4)], [False, False, False, True])

    def test_what_was_no_wrong_password_does_not_count(self):
        for _ in range(10):
            self.assertEqual(self.attempts.take('a'), 0)
            self.attempts.give_back('a')
        for _ in range(3):
            self.attempts.take('a')
        self.attempts.forget('a')
        self.assertEqual([self.attempts.take('a') > 0 for _ in range(4)], [False, False, False, True])
        self.attempts.give_back('unknown')
        self.assertEqual([self.attempts.take('unknown') > 0 for _ in range(4)],
                         [False, False, False, True])

    def test_many_other_keys_do_not_make_it_forget(self):
        for _ in range(3):
            self.attempts.take('victim')
        for number in range(2000):
            self.attempts.take(number)
        self.assertGreater(self.attempts.take('victim'), 0)

    def test_a_full_table_still_counts(self):
        from openstack_dashboard_login import attempts

        with mock.patch.object(attempts, 'SETS', 4):
            small = attempts.Attempts(3, 2, lambda: self.now)
            for number in range(1000):
                small.take(number)
            self.assertEqual([small.take('new') > 0 for _ in range(4)],
                             [False, False, False, True])

    def test_all_workers_count_together_and_a_dead_one_locks_nobody_out(self):
        from openstack_dashboard_login.attempts import Attempts

        attempts = Attempts(5, 1)
        for _ in range(4):
            if not os.fork():
                attempts.take('a')
                os._exit(0)
        for _ in range(4):
            os.wait()
        if not os.fork():
            with attempts.slot('a'):
                os.kill(os.getpid(), 9)
        os.wait()
        self.assertEqual([attempts.take('a') > 0 for _ in range(2)], [False, True])


class Limits(test_guard.Logs):
    def setUp(self):
        super().setUp()
        from openstack_auth.plugin.password import PasswordPlugin
        from openstack_dashboard_login import limits
        from openstack_dashboard_login.attempts import Attempts

        self.limits = limits
        # the page itself takes seconds, since no release has been built
        patch = mock.patch('django.template.response.SimpleTemplateResponse.rendered_content', property(
            lambda response: str(response.context_data['form'].errors)))
        patch.start()
        self.addCleanup(patch.stop)
        self.now, self.calls, self.password = 1000, [], None
        patch = mock.patch.object(limits, 'attempts', Attempts(3, 1, lambda: self.now))
        patch.start()
        self.addCleanup(patch.stop)

        # where a back end calls Keystone
        def get_access_info(plugin, auth, session=None):
            from openstack_auth.exceptions import KeystoneConnectionException, KeystoneCredentialsException

            self.calls.append(auth.auth_methods[0].username)
            if self.password == 'down':
                raise KeystoneConnectionException('Unable to establish connection to keystone endpoint.')
            raise KeystoneCredentialsException('Invalid credentials.')

        patch = mock.patch.object(PasswordPlugin, 'get_access_info', get_access_info)
        patch.start()
        self.addCleanup(patch.stop)

    def post(self, name='demo', address=HERE, domain='Default', path='/auth/login/', **more):
        from django.test import Client

        client = Client(HTTP_X_FORWARDED_PROTO='https', HTTP_HOST='dashboard.example.org',
                        HTTP_X_FORWARDED_FOR=address)
        return client.post(path, {'username': name, 'password': 'wrong', 'region': 'default',
                                  'domain': domain, **more})

    def statuses(self, count, **options):
        return [self.post(**options).status_code for _ in range(count)]

    def test_an_account_gets_so_many_wrong_passwords_from_an_address(self):
        self.assertEqual(self.statuses(5), [200, 200, 200, 429, 429])
        self.assertEqual(len(self.calls), 3, 'Keystone is not called for the others')
        response = self.post()
        self.assertEqual(response['Retry-After'], '60')
        self.assertIn('Too many failed attempts. Please try again in 60 seconds.',
                      response.content.decode())
        self.assertTrue(any(re.search(
            f'WARNING openstack_dashboard.login Login refused for user "demo" using domain "Default", '
            f'remote address {HERE}: too many failed attempts, 60 s left.', line) for line in self.lines))

    def test_its_owner_is_not_stopped_elsewhere_and_neither_is_another_account(self):
        self.statuses(5)
        self.assertEqual(self.statuses(1, address=AWAY), [200])
        self.assertEqual(self.statuses(1, name='other'), [200])
        self.assertEqual(self.statuses(1, domain='other'), [200])
        self.now += 60
        self.assertEqual(self.statuses(2), [200, 429])

    def test_other_spellings_of_a_name_are_the_same_account(self):
        names = ['demo', 'Demo', 'DEMO ', 'de\u0301mo', 'ｄｅｍｏ']
        self.assertEqual([self.post(name=name).status_code for name in names],
                         [200, 200, 200, 429, 429])

    def test_a_site_with_ipv6_is_one_client(self):
        found = [self.post(address=f'2001:db8::{number}').status_code for number in range(1, 6)]
        self.assertEqual(found, [200, 200, 200, 429, 429])
        self.assertEqual(self.post(address='2001:db8:0:1::1').status_code, 200)

    def test_a_keystone_that_does_not_answer_costs_no_attempt(self):
        self.password = 'down'
        self.assertEqual(self.statuses(6), [200] * 6)
        self.assertEqual(len(self.calls), 6)

    def test_a_success_clears_the_account(self):
        from openstack_auth.exceptions import KeystoneCredentialsException

        request = types.SimpleNamespace(META={'REMOTE_ADDR': HERE})
        answers = iter([KeystoneCredentialsException] * 2 + ['user'] + [KeystoneCredentialsException] * 9)

        def original(_self, _request, auth_url=None, **_kwargs):
            answer = next(answers)
            if answer == 'user':
                return answer
            raise answer

        authenticate = self.limits.limited(original)

        def result():
            try:
                return authenticate(None, request, username='demo', password='x', user_domain_name='d')
            except Exception as error:
                return type(error).__name__

        self.assertEqual([result() for _ in range(7)], [
            *['KeystoneCredentialsException'] * 2, 'user', *['KeystoneCredentialsException'] * 3,
            'TooManyAttempts'])

    def test_a_token_is_not_counted(self):
        request = types.SimpleNamespace(META={'REMOTE_ADDR': HERE})
        original = mock.Mock(return_value='user', __name__='authenticate')
        authenticate = self.limits.limited(original)
        for _ in range(9):
            self.assertEqual(authenticate(None, request, auth_url='u', token='t'), 'user')

    def test_codes_are_counted_apart_from_passwords_and_logged_with_a_name(self):
        from openstack_auth.exceptions import KeystoneCredentialsException, KeystoneTOTPRequired

        request = types.SimpleNamespace(META={'REMOTE_ADDR': HERE})

        def original(_self, _request, auth_url=None, **kwargs):
            raise KeystoneCredentialsException if kwargs.get('passcode') else KeystoneTOTPRequired

        authenticate = self.limits.limited(original)
        for _ in range(9):
            with self.assertRaises(KeystoneTOTPRequired):
                authenticate(None, request, username='demo', password='x', user_domain_name='d')
        for expected in [KeystoneCredentialsException] * 3 + [self.limits.TooManyAttempts]:
            with self.assertRaises(expected):
                authenticate(None, request, username='demo', passcode='1', user_domain_name='d')
        self.assertIn(f'INFO openstack_dashboard.login Login failed for user "demo" using domain "d", remote '
                      f'address {HERE}: wrong one-time password.', self.lines)

    def test_an_expired_password_is_counted_when_keystone_refuses_it(self):
        from openstack_auth import forms

        client = mock.Mock()
        client.return_value.users.update_password.side_effect = RuntimeError
        fields = {'original_password': 'wrong', 'password': 'x' * 12}
        path = f'/auth/password/{"0" * 32}/'
        with mock.patch.object(forms.utils, 'get_keystone_client', lambda: types.SimpleNamespace(
                Client=client)):
            # the form itself refuses these
            self.assertEqual(self.statuses(6, path=path, confirm_password='other', **fields), [200] * 6)
            self.assertEqual(self.statuses(5, path=path, confirm_password='x' * 12, **fields),
                             [200, 200, 200, 429, 429])
            self.assertEqual(client.return_value.users.update_password.call_count, 3)
            self.assertEqual(self.statuses(1, path=path, address=AWAY, confirm_password='x' * 12, **fields),
                             [200])

    def test_a_limited_login_takes_no_time(self):
        self.statuses(3)
        began = time.monotonic()
        for _ in range(1000):
            self.assertGreater(self.limits.attempts.take(('password', 'u', 'd', 'n', HERE)), -1)
        print(f'{(time.monotonic() - began) * 1000:.0f} us per attempt', file=sys.stderr)
        self.assertLess(time.monotonic() - began, 2)


class Region(unittest.TestCase):
    CATALOG = [{'type': 'compute', 'endpoints': [{'region': 'one'}, {'region': 'two'}, {'region': 'three'}]}]

    def login(self, defaults, cookie=None):
        from django.test import override_settings
        from openstack_dashboard_login import region

        user = types.SimpleNamespace(service_catalog=self.CATALOG, endpoint='https://k/v3',
                                     services_region='two')
        request = types.SimpleNamespace(COOKIES={'services_region': cookie} if cookie else {})
        original = mock.Mock(return_value=user, __name__='authenticate')
        with override_settings(DEFAULT_SERVICE_REGIONS=defaults):
            region.with_default(original)(None, request, auth_url='https://k/v3')
        return user.services_region

    def test_the_default_wins_unless_the_user_chose(self):
        self.assertEqual(self.login({}), 'two', 'Horizon: the region of the Keystone')
        self.assertEqual(self.login({'*': 'three'}), 'three')
        self.assertEqual(self.login({'*': 'three'}, cookie='one'), 'one')
        self.assertEqual(self.login({'*': 'three'}, cookie='gone'), 'three')
        self.assertEqual(self.login({'*': 'gone'}), 'two', 'not any other one')
        self.assertEqual(self.login({'*': 'one', 'https://k/v3': 'three'}), 'three')


class Settings(unittest.TestCase):
    def evaluate(self, **environment):
        import openstack_dashboard_environment

        return openstack_dashboard_environment.evaluate({**test_guard.ENVIRONMENT, **environment})

    def test_flag_and_plugin_of_one_time_passwords_go_together(self):
        from django.conf import settings

        plain = self.evaluate()
        self.assertIs(plain['OPENSTACK_KEYSTONE_MFA_TOTP_ENABLED'], False)
        self.assertNotIn('AUTHENTICATION_PLUGINS', plain)
        default = ['openstack_auth.plugin.password.PasswordPlugin', 'openstack_auth.plugin.token.TokenPlugin']
        self.assertEqual(settings.AUTHENTICATION_PLUGINS, default, "Horizon's own")
        totp = 'openstack_auth.plugin.totp.TotpPlugin'
        flag = {'OPENSTACK_KEYSTONE_MFA_TOTP_ENABLED': 'true'}
        self.assertEqual(self.evaluate(**flag)['AUTHENTICATION_PLUGINS'], [*default, totp])
        for given in ("('a',)", f"['a', '{totp}']"):
            found = self.evaluate(**flag, EXTRA_SETTINGS=f"{{'AUTHENTICATION_PLUGINS': {given}}}")
            self.assertEqual(found['AUTHENTICATION_PLUGINS'], ['a', totp])

    def test_regions_and_domains(self):
        found = self.evaluate(
            AVAILABLE_REGIONS="[('https://a.example.org/v3', 'A'), ('https://b.example.org/v3', 'B')]",
            DEFAULT_SERVICE_REGION='two', OPENSTACK_KEYSTONE_DOMAIN_DROPDOWN='true',
            OPENSTACK_KEYSTONE_DOMAIN_CHOICES="[('staff', 'staff')]", FILTER_DATA_FIRST='admin.images',
            API_RESULT_LIMIT='50', PASSWORD_EXPIRES_WARNING_THRESHOLD_DAYS='7')
        self.assertEqual(found['AVAILABLE_REGIONS'],
                         [('https://a.example.org/v3', 'A'), ('https://b.example.org/v3', 'B')])
        self.assertEqual(found['DEFAULT_SERVICE_REGIONS'], {'*': 'two'})
        self.assertEqual(found['OPENSTACK_KEYSTONE_DOMAIN_CHOICES'], [('staff', 'staff')])
        self.assertEqual(found['FILTER_DATA_FIRST'], {'admin.images': True})
        self.assertEqual((found['API_RESULT_LIMIT'], found['PASSWORD_EXPIRES_WARNING_THRESHOLD_DAYS']),
                         (50, 7))
        for name, text in (('AVAILABLE_REGIONS', "[('ftp://a.example.org/v3', 'A')]"),
                           ('AVAILABLE_REGIONS', "['https://a.example.org/v3']"),
                           ('OPENSTACK_KEYSTONE_DOMAIN_CHOICES', 'staff'),
                           ('FILTER_DATA_FIRST', 'images')):
            with self.subTest(text=text), self.assertRaisesRegex(ValueError, f'^{name} '):
                self.evaluate(**{name: text})

    def test_the_limits_are_in_the_back_end_that_django_calls(self):
        from django.contrib.auth import get_backends

        backend, = get_backends()
        self.assertTrue(backend.authenticate.limits)


if __name__ == '__main__':
    unittest.main()
