"""The policies of Horizon, of all plugins of Debian 13 and of a site, and the boot check about them.

Runs as root in a disposable Debian 13 root file system that has openstack-dashboard, all plugins and the
dashboard hosts' files laid over it."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

import test_boot_check
from test_boot_check import ENVIRONMENT, LIB, UPSTREAM, write

sys.path.insert(0, f'{LIB}/python')
import openstack_dashboard_policies as policies  # noqa: E402

with open('/tmp/plugins.json') as file:
    # PLUGIN_POLICIES of all plugins, as the constructs render it
    PLUGINS = '' if UPSTREAM else json.load(file)['policies']
SITE = policies.SITE
# a file of root's would keep Horizon from starting
AS_HORIZON = ('setpriv', '--reuid=horizon', '--regid=horizon', '--init-groups')
# what a user with this role may do, as the dashboard sees it
ASK = '''
import django, json, sys
django.setup()
from types import SimpleNamespace as Made
from openstack_auth import policy, user as auth_user, utils
user = Made(id="u", username="u", project_id="p", project_name="p", user_domain_id="d", token=None,
            is_superuser="admin" in sys.argv[2], roles=[{"name": role} for role in sys.argv[2].split()])
utils.get_user = lambda request: user
policy._domain_to_credentials = lambda request, user: None
print(json.dumps({f"{service} {rule}": policy.check(((service, rule),), None)
                  for service, rule in json.loads(sys.argv[1])}))
'''
# rules as Horizon reads them and as hosts do, and how many files the latter's parser read
READ = '''
import django, json, yaml
django.setup()
from openstack_auth import policy
from openstack_dashboard_policies import read_all

class Counted(yaml.CSafeLoader):
    read = 0
    def __init__(self, stream):
        Counted.read += 1
        super().__init__(stream)

def rules(enforcers):
    return {service: {name: str(rule.check) for name, rule in one.registered_rules.items()}
            for service, one in enforcers.items()}

policy.reset()
as_horizon = rules(policy._get_enforcer())
policy.reset()
before, yaml.CSafeLoader = yaml.SafeLoader, Counted
as_here = rules(read_all())
print(json.dumps([as_horizon, as_here, Counted.read, yaml.SafeLoader is before]))
'''


class Policies(unittest.TestCase):
    setUp = test_boot_check.BootCheck.setUp
    check = test_boot_check.BootCheck.check
    refused = test_boot_check.BootCheck.refused

    def site(self, **rules):
        """Rules of the site, by service, as texts or maps; returns SITE_POLICIES."""
        self.addCleanup(shutil.rmtree, os.path.dirname(SITE), True)
        for service, text in rules.items():
            os.makedirs(f'{SITE}/{service}', exist_ok=True)
            with open(f'{SITE}/{service}/rules.json', 'w') as file:
                file.write(text if isinstance(text, str) else json.dumps(text))
        return ','.join(rules)

    def allowed(self, role, *rules, **environ):
        return self.horizon(ASK, json.dumps(rules), role, **environ)

    def horizon(self, code, *arguments, **environ):
        environ = {**os.environ, **ENVIRONMENT, 'PLUGIN_POLICIES': PLUGINS, **environ,
                   'DJANGO_SETTINGS_MODULE': 'openstack_dashboard.settings',
                   'PYTHONPATH': f'{LIB}/python:/usr/share/openstack-dashboard'}
        run = subprocess.run([*AS_HORIZON, sys.executable, '-c', code, *arguments], env=environ,
                             capture_output=True, text=True, cwd='/usr/share/openstack-dashboard')
        self.assertEqual(run.returncode, 0, run.stderr[-2000:])
        return json.loads(run.stdout.splitlines()[-1])

    def changed(self, path, text):
        with open(path) as file:
            before = file.read()
        self.addCleanup(write, path, before, 0o644)
        write(path, text, 0o644)

    def test_the_quick_parser_reads_the_same_rules(self):
        as_horizon, as_here, read, restored = self.horizon(READ)
        self.assertEqual(as_here, as_horizon)
        self.assertGreater(len(as_here['compute']), 100)
        self.assertGreaterEqual(read, len(as_here))
        self.assertTrue(restored)

    def test_all_plugins_pass(self):
        result = self.check(PLUGIN_POLICIES=PLUGINS)
        self.assertTrue(test_boot_check.BootCheck.passed(result), result.stdout)

    @unittest.skipIf(UPSTREAM, 'plugins are only for Debian’s Horizon')
    def test_a_plugin_whose_policies_nobody_links_is_refused(self):
        result = self.check()
        self.assertEqual(result.returncode, 1)
        for service, file in (('orchestration', 'default_policies/heat.yaml'),
                              ('share', 'default_policies/manila.yaml')):
            self.assertIn(f'OpenStackDashboard-BOOT7: {service}: no rules in /usr/lib/python3/dist-packages/'
                          f'openstack_dashboard/conf/{file}, so every action would be offered to every user',
                          result.stdout)
        heat_and_manila = ' '.join(entry for entry in PLUGINS.split() if re.match('orchestration|share', entry))
        self.refused('OpenStackDashboard-BOOT7: instance-ha: no rules in /usr/lib/python3/dist-packages/'
                     'openstack_dashboard/conf/masakari_policy.yaml', PLUGIN_POLICIES=heat_and_manila)

    @unittest.skipIf(UPSTREAM, 'plugins are only for Debian’s Horizon')
    def test_rules_of_plugins_apply(self):
        rules = (('orchestration', 'stacks:create'), ('share', 'share_network:create'),
                 ('share', 'share_server:delete'), ('share_replica', 'share_replica:reset_status'),
                 ('instance-ha', 'context_is_admin'), ('infra-optim', 'audit:create'),
                 ('load-balancer', 'os_load-balancer_api:loadbalancer:post'),
                 ('dns', 'create_zone'), ('network', 'create_vpnservice'), ('cluster', 'clusters:create'))
        nobody = self.allowed('', *rules)
        admin = self.allowed('admin member reader', *rules)
        self.assertEqual({rule for rule, allowed in admin.items() if not allowed}, set())
        self.assertEqual({rule for rule, allowed in nobody.items() if not allowed},
                         {'dns create_zone', 'load-balancer os_load-balancer_api:loadbalancer:post',
                          'share share_server:delete', 'share_replica share_replica:reset_status',
                          'instance-ha context_is_admin', 'infra-optim audit:create'})
        # of stacks that Heat creates
        self.assertFalse(self.allowed('heat_stack_user', rules[0])['orchestration stacks:create'])

    def test_rules_of_the_site_come_last(self):
        mine = ('compute', 'os_compute_api:servers:create'), ('compute', 'os_compute_api:servers:delete')
        self.assertEqual([*self.allowed('member', *mine).values()], [True, True])
        other = ('image', 'get_images') if UPSTREAM else ('orchestration', 'stacks:create')
        given = self.site(compute={'os_compute_api:servers:create': 'role:creator'}, **{other[0]: {other[1]: '!'}})
        self.assertEqual([*self.allowed('member', *mine, other,
                                        SITE_POLICIES=given).values()], [False, True, False])
        self.assertEqual([*self.allowed('creator member', *mine, SITE_POLICIES=given).values()], [True, True])
        result = self.check(PLUGIN_POLICIES=PLUGINS, SITE_POLICIES=given)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_broken_rules_of_the_site_are_refused(self):
        broken = {
            'compute': ('{"a": ', 'while parsing'),
            'image': ('[]', 'must be a map of rules, got a list'),
            'network': ({'a': 1}, 'a: must be a rule such as "role:admin", got 1'),
            'volume': ({'a': 'role:x adn role:y'},
                       "a: must be a rule that oslo.policy understands, got 'role:x adn role:y'")}
        self.refused_all(broken, 'cluster')
        incomplete = {
            'image' if UPSTREAM else 'share': ({'a': 'rule:b', 'b': 'rule:no_such'}, "b: 'rule:no_such' refers to a rule that does not exist"),
            'identity': ({'a': 'rule:b', 'b': 'rule:a'},
                         "a: 'rule:b' refers to a rule that does not exist, or to itself")}
        self.refused_all(incomplete)

    def refused_all(self, broken, *missing):
        given = self.site(**{service: rules for service, (rules, _) in broken.items()})
        result = self.check(PLUGIN_POLICIES=PLUGINS, SITE_POLICIES=','.join([given, *missing]))
        self.assertEqual(result.returncode, 1)
        for service, (_, text) in broken.items():
            self.assertIn(f'OpenStackDashboard-BOOT7: {service}: {SITE}/{service}/rules.json: {text}', result.stdout)
        for service in missing:
            self.assertIn(f'{service}: {SITE}/{service}/rules.json is missing', result.stdout)

    def test_broken_files_of_packages_are_refused(self):
        policy, written = '/usr/lib/python3/dist-packages/openstack_dashboard/conf', '/etc/openstack-dashboard/policy'
        if UPSTREAM:
            [policy] = glob.glob(f'{LIB}/venv/lib/python3*/site-packages/openstack_dashboard/conf')
            written = policy
        broken = (
            ('nova_policy.yaml', '"a": "role:admin\n',
             f'compute: {policy}/nova_policy.yaml: while scanning a quoted scalar'),
            ('default_policies/glance.yaml', 'a: b\n',
             f'image: {policy}/default_policies/glance.yaml: must be a list of rules with names'),
            ('octavia_policy.json', '{"a": "x"}',
             'load-balancer: /etc/openstack-dashboard/policy/octavia_policy.json: a: must be a rule'))[:2 if UPSTREAM else 3]
        for path, text, _ in broken:
            self.changed(f'{written}/{path}', text)
        result = self.check(PLUGIN_POLICIES=PLUGINS, SITE_POLICIES=self.site(reservation={'a': '@'}))
        self.assertEqual(result.returncode, 1)
        for _, _, said in broken:
            self.assertIn(f'OpenStackDashboard-BOOT7: {said}', result.stdout)
        self.assertIn('reservation: POLICY_FILES has no such service', result.stdout)

    def test_parameters_that_do_not_parse(self):
        for name, value in (('PLUGIN_POLICIES', 'heat'), ('PLUGIN_POLICIES', 'heat=relative.yaml'),
                            ('PLUGIN_POLICIES', 'heat=/a b'), ('SITE_POLICIES', 'compute image'),
                            ('SITE_POLICIES', '../compute')):
            with self.subTest(value):
                self.refused(name, **{name: value})
