"""The template generator of Heat in a worker that was forked after Horizon was imported.

Runs as root in a disposable Debian 13 root file system with all plugins, as test_policies.py does."""
import json
import os
import subprocess
import sys
import unittest

import test_boot_check
from test_boot_check import ENVIRONMENT, LIB, UPSTREAM
from test_policies import AS_HORIZON, PLUGINS

ASK = '''
import django, json, os, signal
django.setup()
from types import SimpleNamespace as Made
from unittest import mock
import openstack_dashboard_mends as mends
from heat_dashboard.content.template_generator import api
assert "heat_generator" in mends.installed and not mends.absent and not mends.off, mends.off
if os.fork():
    raise SystemExit(os.waitstatus_to_exitcode(os.wait()[1]))
signal.alarm(20)
def refused(*arguments, **more):
    raise ConnectionError("no answer")
none = {service: mock.Mock(**{name + ".return_value": [] for name in names}) for service, names in dict(
    neutron=("network_list", "subnet_list", "tenant_floating_ip_list", "port_list", "security_group_list",
             "router_list", "policy_list"),
    nova=("availability_zone_list", "server_list", "keypair_list"),
    cinder=("volume_list", "volume_snapshot_list", "volume_type_list", "volume_backup_list")).items()}
none["nova"].flavor_list.return_value = [Made(id="1", name="m1.tiny")]
none["glance"] = mock.Mock(image_list_detailed=refused)
with mock.patch.multiple(api.dashboard_api, **none), \\
        mock.patch.object(api.heat_api.heat, "template_version_list",
                          return_value=[Made(version="heat_template_version.2021-04-16", type="hot")]):
    print(api.get_resource_options(Made(user=Made(roles=[{"name": "admin"}], tenant_id="p"))), flush=True)
os._exit(0)
'''


@unittest.skipIf(UPSTREAM, 'plugins are only for Debian’s Horizon')
class Generator(unittest.TestCase):
    setUp = test_boot_check.BootCheck.setUp

    def test_it_has_what_services_answer_and_names_those_that_do_not(self):
        environ = {**os.environ, **ENVIRONMENT, 'PLUGIN_POLICIES': PLUGINS,
                   'DJANGO_SETTINGS_MODULE': 'openstack_dashboard.settings',
                   'PYTHONPATH': f'{LIB}/python:/usr/share/openstack-dashboard'}
        run = subprocess.run([*AS_HORIZON, sys.executable, '-c', ASK], env=environ, capture_output=True, text=True,
                             cwd='/usr/share/openstack-dashboard', timeout=600)
        self.assertEqual(run.returncode, 0, run.stderr[-2000:])
        options = json.loads(run.stdout.splitlines()[-1])
        self.assertEqual(options['flavors'], [{'id': 'm1.tiny', 'name': 'm1.tiny'}])
        self.assertEqual([version['id'] for version in options['template_versions']],
                         ['heat_template_version.2021-04-16'])
        self.assertEqual(options['errors'], {'Images': 'no answer'})


if __name__ == '__main__':
    unittest.main()
