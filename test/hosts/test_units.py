"""The sandboxes of all units of hosts, judged by systemd of Debian 13 itself."""
import glob
import os
import subprocess
import unittest

UNITS = '/etc/systemd/system'
# by `systemd-analyze security`; nginx's master process is root, see docs/decisions/0012
# and 0027: packages may write anywhere
ALLOWED = {'nginx.service': 2.6, 'openstack-dashboard-patch.service': 9.5}
OTHERS = 2.0
SERVING = ('nginx.service', 'openstack-dashboard.service', 'openstack-dashboard-check.service',
           'openstack-dashboard-health.service', 'openstack-dashboard-patch.service')
METADATA_SERVICE = {'169.254.169.254', 'fd00:ec2::254'}


def analyze(*arguments):
    return subprocess.run(['systemd-analyze', '--no-pager', *arguments], capture_output=True,
                          text=True, timeout=600)


def settings(unit, name):
    """What a unit and its drop-ins give a setting, by word."""
    words = []
    for path in (f'{UNITS}/{unit}', *glob.glob(f'{UNITS}/{unit}.d/*.conf')):
        if os.path.exists(path):
            with open(path) as file:
                for line in file:
                    key, _, value = line.strip().partition('=')
                    if key == name:
                        words += value.split()
    return words


class Units(unittest.TestCase):
    def setUp(self):
        ours = [os.path.basename(path) for path in glob.glob(f'{UNITS}/openstack-dashboard*.service')]
        self.units = sorted(ours) + ['nginx.service']
        self.assertGreater(len(ours), 4)

    def test_each_unit_is_confined(self):
        for unit in self.units:
            with self.subTest(unit=unit):
                result = analyze('security', '--offline=yes', unit)
                line = [line for line in result.stdout.splitlines() if 'Overall exposure' in line]
                self.assertEqual(len(line), 1, result.stderr)
                exposure = float(line[0].split(': ')[1].split()[0])
                self.assertLessEqual(exposure, ALLOWED.get(unit, OTHERS))
                print(f'{unit} {exposure}', end=' ', flush=True)

    def test_each_unit_is_free_of_mistakes(self):
        result = analyze('verify', '--man=no', *(f'{UNITS}/{unit}' for unit in self.units[:-1]))
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ''))

    def test_what_serves_requests_cannot_reach_the_metadata_service(self):
        for unit in SERVING:
            denied = set(settings(unit, 'IPAddressDeny'))
            self.assertTrue(METADATA_SERVICE <= denied or 'any' in denied, unit)
            # DNS is 169.254.169.253
            self.assertFalse({'link-local', '169.254.0.0/16'} & denied, unit)

    def test_what_needs_the_metadata_service_reaches_it(self):
        for unit in ('openstack-dashboard-secret.service', 'openstack-dashboard-secret-refresh.service',
                     'openstack-dashboard-release.service', 'openstack-dashboard-logs.service'):
            self.assertEqual(settings(unit, 'IPAddressDeny'), [], unit)

    def test_journalctl_can_read_the_id_of_the_boot(self):
        # `journalctl -b` ends without /proc/sys
        self.assertEqual(settings('openstack-dashboard-logs.service', 'ProcSubset'), [])


if __name__ == '__main__':
    unittest.main()
