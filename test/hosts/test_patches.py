"""Security updates in place: which packages apt and unattended-upgrades take, what is restarted, and that
the copy of a host keeps updates to itself. The updates are small packages in a local repository."""
import os
import shutil
import subprocess
import tempfile
import unittest

LIB = '/usr/local/lib/openstack-dashboard'
ETC = '/etc/openstack-dashboard'
APT = '/etc/apt'
SECURITY = ('Debian', 'Debian-Security', 'trixie-security')
UPDATES = ('Debian', 'Debian', 'trixie-updates')
# the policy asks dpkg which of our services may restart while a package is configured
POSTINST = '''#!/bin/sh
set -e
/usr/sbin/policy-rc.d nginx.service restart >/dev/null || echo "nginx $?" >>/tmp/policy
/usr/sbin/policy-rc.d openstack-dashboard restart || echo "gunicorn $?" >>/tmp/policy
/usr/sbin/policy-rc.d cron restart || echo "cron $?" >>/tmp/policy
exit STATUS
'''


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=600,
                          env={**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}, **options)


def patches(script):
    """Runs a script with the functions of `patch`."""
    return run('bash', '-c', f'. {LIB}/patch; {script}')


def version(package):
    return run('dpkg-query', '-W', '-f', '${Version}', package).stdout


class Patches(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir='/srv')
        os.chmod(cls.folder, 0o755)
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        architecture = run('dpkg', '--print-architecture').stdout.strip()
        with open(f'{ETC}/host.env', 'w') as file:
            file.write('IN_PLACE_PATCHES="true"\n')
        shutil.copy(f'{APT}/sources.list', f'{cls.folder}/sources.list')
        cls.addClassCleanup(shutil.copy, f'{cls.folder}/sources.list', f'{APT}/sources.list')
        # the dashboard's provision does this; there is no systemd here
        result = run('bash', '-c', f'. {LIB}/common.sh; systemctl() {{ :; }}; '
                     'configure_patches "${RELEASE_PACKAGES[@]}"')
        assert result.returncode == 0, result.stderr
        cls.architecture = architecture

    def setUp(self):
        self.sources = []
        for path in ('/tmp/policy', '/usr/sbin/policy-rc.d'):
            if os.path.exists(path):
                os.unlink(path)

    def publish(self, packages, origin=SECURITY, status=0):
        """A repository with a later version of packages."""
        root = tempfile.mkdtemp(dir=self.folder)
        os.chmod(root, 0o755)
        name, label, codename = origin
        binary = f'{root}/dists/{codename}/main/binary-{self.architecture}'
        os.makedirs(binary)
        for package in packages:
            content = f'{root}/{package}'
            os.makedirs(f'{content}/DEBIAN')
            with open(f'{content}/DEBIAN/control', 'w') as file:
                file.write(f'Package: {package}\nVersion: {version(package) or 1}+later\n'
                           f'Architecture: {self.architecture}\n'
                           'Maintainer: Test <test@example.org>\nDescription: test\n')
            with open(f'{content}/DEBIAN/postinst', 'w') as file:
                file.write(POSTINST.replace('STATUS', str(status)))
            os.chmod(f'{content}/DEBIAN/postinst', 0o755)
            result = run('dpkg-deb', '-Znone', '--root-owner-group', '-b', content, root)
            assert result.returncode == 0, result.stderr
        with open(f'{binary}/Packages', 'w') as file:
            subprocess.run(['apt-ftparchive', 'packages', '.'], cwd=root, stdout=file, check=True)
        option = 'APT::FTPArchive::Release'
        with open(f'{root}/dists/{codename}/Release', 'w') as file:
            subprocess.run(
                ['apt-ftparchive', '-o', f'{option}::Origin={name}', '-o', f'{option}::Label={label}',
                 '-o', f'{option}::Codename={codename}', '-o', f'{option}::Components=main',
                 '-o', f'{option}::Architectures={self.architecture}', 'release', f'dists/{codename}'],
                cwd=root, stdout=file, check=True)
        self.sources.append(f'deb [trusted=yes] copy:{root} {codename} main\n')
        with open(f'{APT}/sources.list', 'w') as file:
            file.writelines(self.sources)
        result = run('apt-get', 'update')
        assert result.returncode == 0, result.stderr

    def chosen(self):
        result = run('unattended-upgrade', '--dry-run', '-v')
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        lines = (result.stdout + result.stderr).splitlines()
        prefix = 'Packages that will be upgraded: '
        return sorted(word for line in lines if line.startswith(prefix)
                      for word in line.removeprefix(prefix).split())

    def test_takes_security_updates_of_what_no_release_is_built_from(self):
        self.publish(['openssl', 'curl', 'python3-django', 'python3-django-horizon',
                      'openstack-dashboard', 'python3-designate-dashboard', 'libjs-jquery',
                      'fonts-roboto-unhinted'])
        self.publish(['brotli', 'logrotate'], UPDATES)
        self.assertEqual(self.chosen(), ['curl', 'openssl'])

    def test_leaves_what_only_takes_effect_at_boot(self):
        said = run('apt-config', 'dump').stdout
        for name in ('linux-', 'grub', 'shim-', 'python3-.*$', 'openstack-dashboard.*$',
                     '.*-dashboard$', 'libjs-.*$', 'fonts-.*$'):
            self.assertIn(f'Unattended-Upgrade::Package-Blacklist:: "{name}";', said)

    def test_debians_own_timers_do_nothing(self):
        said = run('apt-config', 'dump').stdout
        for line in ('APT::Periodic::Enable "0";', 'Unattended-Upgrade::Automatic-Reboot "false";'):
            self.assertIn(line, said)
        self.assertEqual(said.count('Unattended-Upgrade::Origins-Pattern:: '), 1)
        self.assertNotIn('Unattended-Upgrade::Allowed-Origins:: ', said)

    def test_packages_do_not_restart_our_services(self):
        before = version('brotli')
        self.publish(['brotli'])
        result = patches('versions >/tmp/versions; upgrade; changes /tmp/versions')
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(result.stdout.splitlines()[-1], f'brotli {before} -> {before}+later')
        with open('/tmp/policy') as file:
            self.assertEqual(file.read(), 'nginx 101\ngunicorn 101\n')
        self.assertFalse(os.path.exists('/usr/sbin/policy-rc.d'))

    def test_an_update_that_cannot_be_installed_is_named(self):
        self.publish(['logrotate'], status=1)
        result = patches('upgrade')
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stderr.splitlines()[-1], 'these cannot be installed: logrotate')
        self.assertFalse(os.path.exists('/usr/sbin/policy-rc.d'))
        run('dpkg', '--remove', '--force-all', 'logrotate')

    def in_copy(self, serve):
        self.assertEqual(run('unattended-upgrade', '--download-only').returncode, 0)
        return run('unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', 'bash', '-c',
                   f'mkdir -p /run/openstack-dashboard-copy; . {LIB}/patch; share_with_copy() {{ :; }}; '
                   # what the copy runs is this, with a tier that serves or does not
                   f'''chroot() {{ command chroot "$1" bash -c '. {LIB}/patch; serve_in_copy() {{ {serve}; }}; '''
                   '''serve'; }; in_copy''')

    def test_the_copy_keeps_updates_to_itself(self):
        before = version('curl')
        self.publish(['curl'])
        result = self.in_copy('ip -brief address show up >&2; ls /dev >&2; touch /usr/marked')
        said = result.stdout + result.stderr
        self.assertEqual(result.returncode, 0, said)
        self.assertEqual(result.stdout.splitlines()[-1], f'will install curl {before} -> {before}+later')
        self.assertEqual(version('curl'), before)
        self.assertFalse(os.path.exists('/usr/marked'))
        # neither a network nor a disk
        self.assertNotIn('eth0', result.stderr)
        self.assertEqual(result.stderr.split()[-8:],
                         ['fd', 'full', 'null', 'random', 'shm', 'tty', 'urandom', 'zero'])

    def test_a_copy_that_does_not_serve_names_the_update(self):
        before = version('curl')
        self.publish(['curl'])
        result = self.in_copy('false')
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stderr.splitlines()[-1],
                         f'the host would not serve with these: curl {before} -> {before}+later')
        self.assertEqual(version('curl'), before)

    def test_a_copy_without_updates_starts_nothing(self):
        self.publish([])
        result = self.in_copy('echo started')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn('started', result.stdout)

    def test_replaced_files_are_found_in_processes(self):
        folder = '/usr/local/lib/replaced'
        os.makedirs(folder)
        self.addCleanup(shutil.rmtree, folder)
        shutil.copy('/usr/bin/sleep', f'{folder}/sleep')
        process = subprocess.Popen([f'{folder}/sleep', '60'])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        question = f'uses_replaced_files {process.pid} && echo yes || echo no'
        self.assertEqual(patches(question).stdout, 'no\n')
        # as dpkg does
        shutil.copy('/usr/bin/sleep', f'{folder}/sleep.dpkg-new')
        os.rename(f'{folder}/sleep.dpkg-new', f'{folder}/sleep')
        self.assertEqual(patches(question).stdout, 'yes\n')

    def test_nginx_is_replaced_without_losing_its_sockets(self):
        config = f'{self.folder}/nginx.conf'
        with open(config, 'w') as file:
            file.write('pid /run/nginx.pid; error_log /tmp/nginx-error.log info; worker_processes 1; events {}\n'
                       'http { access_log off; server { listen 127.0.0.1:8099; return 204; } }\n')
        # without -c, as the unit starts it
        shutil.copy('/etc/nginx/nginx.conf', f'{self.folder}/saved')
        self.addCleanup(shutil.copy, f'{self.folder}/saved', '/etc/nginx/nginx.conf')
        shutil.copy(config, '/etc/nginx/nginx.conf')
        self.assertEqual(run('/usr/sbin/nginx').returncode, 0)
        with open('/run/nginx.pid') as file:
            old = file.read().strip()
        result = patches(f'replace_nginx {old}')
        with open('/tmp/nginx-error.log') as file:
            self.assertEqual(result.returncode, 0, result.stderr + file.read())
        with open('/run/nginx.pid') as file:
            new = file.read().strip()
        self.addCleanup(run, 'nginx', '-s', 'stop')
        self.assertNotEqual(old, new)
        said = run('curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://127.0.0.1:8099/')
        self.assertEqual(said.stdout, '204')
        # one that does not start: the old one stays
        binary = '/usr/sbin/nginx'
        shutil.copy(binary, f'{self.folder}/nginx')
        os.rename(binary, f'{binary}.old')
        with open(binary, 'w') as file:
            file.write('#!/bin/sh\ncase " $* " in *" -t "*) exit 0 ;; esac\nexit 1\n')
        os.chmod(binary, 0o755)
        result = patches(f'replace_nginx {new}')
        os.rename(f'{binary}.old', binary)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('the old one still serves', result.stderr)
        said = run('curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://127.0.0.1:8099/')
        self.assertEqual(said.stdout, '204')


if __name__ == '__main__':
    unittest.main()
