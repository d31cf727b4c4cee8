"""The start of a host as its user data tells it: what becomes of values that were not known at synth,
and how success and failure are reported. The user data is rendered from constructs by run.ts; AWS is
the stand-in of test_aws.py."""
import ast
import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import unittest
from urllib.parse import parse_qs

import test_aws
from test_aws import ETC, LIB, State, run

sys.path.insert(0, f'{LIB}/python')
USER_DATA = '/tmp/user-data.json'
PWNED = '/tmp/PWNED'
SEEN = '/tmp/seen'
INSTANCE = 'i-0123456789abcdef0'
# what would reach the console and the journal
SYSTEMD_CAT = f'#!/bin/sh\ncat >>{SEEN}\n'


def read(path):
    with open(path) as file:
        return file.read()


def variables(file):
    """What a script has after load_env, by name."""
    result = run('bash', '-c', f'. {LIB}/common.sh; load_env {file}; exec env -0')
    assert result.returncode == 0, result.stderr
    return dict(pair.split('=', 1) for pair in result.stdout.split('\0') if pair)


def read_by_systemd(text):
    """An EnvironmentFile= as systemd.exec(5) says that it is read."""
    return {name: re.sub(r'\\(.)', r'\1', value) if '\\' in value else value
            for name, value in re.findall(r'^([A-Z0-9_]+)="((?:[^"\\]|\\["\\`$])*)"$', text, re.M)}


class Life(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        test_aws.Hosts.setUpClass()
        with open(USER_DATA) as file:
            cls.user_data = json.load(file)
        os.makedirs('/tmp/bin', exist_ok=True)
        with open('/tmp/bin/systemd-cat', 'w') as file:
            file.write(SYSTEMD_CAT)
        os.chmod('/tmp/bin/systemd-cat', 0o755)

    def setUp(self):
        test_aws.Hosts.setUp(self)
        self.saved = {name: read(f'{ETC}/{name}.env') for name in ('host', 'dashboard')}
        self.provision = read(f'{LIB}/provision')

    def tearDown(self):
        for name, text in self.saved.items():
            with open(f'{ETC}/{name}.env', 'w') as file:
                file.write(text)
        with open(f'{LIB}/provision', 'w') as file:
            file.write(self.provision)
        shutil.rmtree('/run/openstack-dashboard-steps', ignore_errors=True)
        for path in (SEEN, PWNED, '/run/openstack-dashboard-provision.log'):
            if os.path.exists(path):
                os.remove(path)

    def boot(self, user_data, provision='true'):
        """Runs user data whose payload has a `provision` of these commands."""
        text = f'#!/bin/bash\n{provision}\n'.encode()
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode='w:gz', compresslevel=0) as tar:
            for name, content, mode in ((f'.{LIB}/provision', text, 0o755),
                                        ('./tmp/padding', os.urandom(1000), 0o644)):
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(content), mode
                tar.addfile(info, io.BytesIO(content))
        State.metadata = base64.b64encode(archive.getvalue()).decode()
        return self.run_user_data(user_data)

    def run_user_data(self, user_data):
        with open('/tmp/user-data', 'w') as file:
            file.write(user_data)
        return subprocess.run(['bash', '/tmp/user-data'], text=True, timeout=600,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env={'PATH': f"/tmp/bin:{os.environ['PATH']}"}).returncode

    def seen(self):
        # systemd-cat ends after the script that it reads from
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if os.path.exists(SEEN):
                with open(SEEN) as file:
                    if text := file.read():
                        return text
            time.sleep(0.1)
        return ''

    def told(self, service):
        """The parameters of calls other than of DescribeStackResource."""
        bodies = [parse_qs(body) for _, host, _, body in State.requests if host.startswith(service)]
        return [{name: value for name, (value,) in body.items()} for body in bodies
                if body['Action'] != ['DescribeStackResource']]

    def patience(self, seconds):
        """User data of a stack whose hosts give up so long from now."""
        deadline = int(run('ps', '-o', 'etimes=', '-p', '1').stdout) + seconds
        # a third, at most 180 s, is not the host's
        patience = max(10, min(deadline + 180, deadline * 3 // 2))
        return self.user_data['dashboard'].replace(
            'SIGNAL_TIMEOUT_SECONDS="900"', f'SIGNAL_TIMEOUT_SECONDS="{patience}"')

    def refused_at_once(self, status, step, reason):
        self.assertNotEqual(status, 0)
        self.assertIn(f'openstack-dashboard: FAILED: {step}: {reason}', self.seen())
        self.assertEqual(self.seen().count('FAILED'), 1)
        (signal,), (hook,) = self.told('cloudformation'), self.told('autoscaling')
        self.assertEqual((signal['Action'], signal['Status']), ('SignalResource', 'FAILURE'))
        self.assertTrue(signal['UniqueId'].startswith(f'{INSTANCE} {step}'), signal['UniqueId'])
        self.assertLessEqual(len(signal['UniqueId']), 64)
        self.assertRegex(signal['LogicalResourceId'], '^Hosts')
        self.assertEqual(
            {name: hook[name] for name in hook if name != 'Version'},
            {'Action': 'CompleteLifecycleAction', 'LifecycleHookName': 'openstack-dashboard',
             'LifecycleActionResult': 'ABANDON', 'InstanceId': INSTANCE,
             'AutoScalingGroupName': 'dashboard-Hosts-1A2B'})

    def test_whatever_a_parameter_becomes_is_data(self):
        import openstack_dashboard_environment as environment

        for case in self.user_data['hostile']:
            text = case['text']
            with self.subTest(text=text):
                self.assertEqual(self.boot(case['userData']), 0, self.seen())
                for name in ('host', 'dashboard'):
                    with open(f'{ETC}/{name}.env') as file:
                        content = file.read()
                    found = variables(f'{ETC}/{name}.env')
                    by_systemd = read_by_systemd(content)
                    self.assertEqual(len(by_systemd), len(content.splitlines()))
                    self.assertEqual(by_systemd, {key: found[key] for key in by_systemd})
                self.assertEqual(found['SITE_BRANDING'], text)
                self.assertEqual(found['PASSWORD_VALIDATOR_HELP_TEXT'], f'before "$x" {text} after')
                extra = ast.literal_eval(found['EXTRA_SETTINGS'])
                self.assertEqual(set(extra), {'MOTTO', 'COUNT', 'MAP'})
                with self.assertRaisesRegex(ValueError, 'is not a number'):
                    environment.decoded(extra)
                del extra['COUNT']
                self.assertEqual(environment.decoded(extra), {
                    'MOTTO': f'"it\'s" \\ {text}', 'MAP': {text: ['plain', text]}})
                self.assertFalse(os.path.exists(PWNED))

    def test_control_characters_stop_the_host(self):
        for user_data in self.user_data['control']:
            State.requests = []
            if os.path.exists(SEEN):
                os.remove(SEEN)
            self.refused_at_once(self.boot(user_data), 'environment',
                                 'PASSWORD_VALIDATOR_HELP_TEXT must be one line without')

    def test_values_that_scripts_count_with_or_name_things_by_are_refused(self):
        for name, value in (('GUNICORN_WORKERS', f'a[$(touch {PWNED})]'), ('X_SECONDS', '1+1'),
                            ('PACKAGES', f'-oDPkg::Pre-Invoke::=touch${{IFS}}{PWNED}'),
                            ('SERVER_NAME', 'a.example.org,IP:1.2.3.4'), ('ASSET_BUCKET', 'x/y'),
                            ('AWS_REGION', 'x.example.org/')):
            with open(f'{ETC}/host.env', 'w') as file:
                file.write(self.saved['host'] + f'{name}="{value.replace("$", chr(92) + "$")}"\n')
            result = run('bash', '-c', f'. {LIB}/common.sh; echo on')
            self.assertEqual((result.returncode, result.stdout), (1, ''), name)
            self.assertIn(f'host.env: {name} must match', result.stderr)
        self.assertFalse(os.path.exists(PWNED))

    def test_an_environment_file_is_not_evaluated(self):
        path = '/tmp/some.env'
        for line, value in (('A="b c"', 'b c'), ('A=""', ''), ('A=plain', 'plain'),
                            (r'A="\\\"\$\`"', '\\"$`'), (f'A="$(touch {PWNED})"', f'$(touch {PWNED})'),
                            (f'A="`touch {PWNED}`"', f'`touch {PWNED}`'),
                            ('# x\n\nA="last line without an end"', 'last line without an end')):
            with open(path, 'w') as file:
                file.write(line)
            self.assertEqual(variables(path)['A'], value)
        for line in (f'touch {PWNED}', 'A="b', "A='b'", f'A=b; touch {PWNED}', f'A=$(touch {PWNED}) x'):
            with open(path, 'w') as file:
                file.write(line)
            result = run('bash', '-c', f'. {LIB}/common.sh; load_env {path}; echo on')
            self.assertEqual((result.returncode, result.stdout), (1, ''), line)
        self.assertFalse(os.path.exists(PWNED))

    def test_a_host_that_works_completes_the_hook_and_then_signals(self):
        for signal, hooks in ((200, []), (400, []), (200, [400, 500, 200])):
            State.requests, State.signal_status, State.hook_statuses = [], signal, hooks
            calls = len(hooks) or 1
            result = run('bash', '-c', f'. {LIB}/common.sh; LOAD_BALANCER_SECONDS=1; signal')
            self.assertEqual(result.returncode, 0, result.stderr)
            hook, (success,) = self.told('autoscaling'), self.told('cloudformation')
            self.assertEqual(len(hook), calls)
            self.assertEqual((hook[-1]['LifecycleActionResult'], hook[-1]['InstanceId'],
                              hook[-1]['AutoScalingGroupName']),
                             ('CONTINUE', INSTANCE, 'dashboard-Hosts-1A2B'))
            self.assertEqual((success['Status'], success['UniqueId'], success['LogicalResourceId']),
                             ('SUCCESS', INSTANCE, 'Hosts'))
            order = [host.split('.')[0] for _, host, _, _ in State.requests]
            self.assertEqual(order, ['cloudformation', 'autoscaling'] * calls + ['cloudformation'])

    def test_a_connection_shows_that_the_load_balancer_has_asked(self):
        script = f'''. {LIB}/common.sh
before=$(connections)
checked_by_load_balancer && echo early
curl -s -o /dev/null http://169.254.169.254/
checked_by_load_balancer && echo asked'''
        result = run('bash', '-c', script)
        self.assertEqual((result.stdout, result.stderr), ('asked\n', ''))

    def test_a_failed_step_is_reported_at_once_whatever_goes_on_beside_it(self):
        status = self.boot(self.user_data['dashboard'], f'''. {LIB}/common.sh
lucky() {{ sleep 250; touch /tmp/slept; }}
unlucky() {{ echo "E: Unable to locate package a-package-with-a-name-that-does-not-end-so-soon"; false; }}
step release lucky & jobs=($!)
step packages unlucky & jobs+=($!)
wait_for_all "${{jobs[@]}}"
echo on''')
        self.assertFalse(os.path.exists('/tmp/slept'))
        self.refused_at_once(status, 'packages', 'E: Unable to locate package a-package-')
        self.assertNotIn('\non\n', self.seen())

    def test_a_script_that_dies_is_reported(self):
        self.refused_at_once(self.boot(self.user_data['static'], 'set -u; echo $NOTHING'),
                             'provision', f'{LIB}/provision: line 2: NOTHING: unbound variable')

    def test_files_that_cannot_be_had_are_reported(self):
        user_data = self.patience(2)
        # too little, and no archive
        for metadata, reason in (('', 'DescribeStackResource Hosts'), ('A' * 2000, 'the payload could')):
            State.requests, State.metadata = [], metadata
            if os.path.exists(SEEN):
                os.remove(SEEN)
            self.refused_at_once(self.run_user_data(user_data), 'files', reason)

    def test_a_host_gives_up_before_the_stack_does_and_says_what_it_waited_for(self):
        status = self.boot(self.patience(3), f'. {LIB}/common.sh; slow() {{ sleep 250; touch /tmp/slept; }}; '
                           'step secret slow')
        self.assertFalse(os.path.exists('/tmp/slept'))
        self.refused_at_once(status, 'deadline', 'not in service after')
        self.assertIn(' s: secret\n', self.seen())

    def of_image(self, stage):
        """User data of an instance that becomes an image or tests one, and commands in place of systemd's."""
        for name in ('systemctl', 'systemd-run'):
            with open(f'/tmp/bin/{name}', 'w') as file:
                file.write(f'#!/bin/sh\necho {name} "$@" >>/tmp/systemd\n')
            os.chmod(f'/tmp/bin/{name}', 0o755)
            self.addCleanup(run, 'rm', '-f', f'/tmp/bin/{name}')
        with open('/tmp/systemd', 'w'):
            pass
        return re.sub(r'(host\.env <<.*\n)', rf'\1IMAGE_STAGE="{stage}"\n', self.user_data['dashboard'])

    def test_an_instance_that_becomes_an_image_or_tests_one_powers_itself_off(self):
        for stage, command in (
                ('bake', 'systemd-run -q --no-block -p After=cloud-final.service '
                         '/usr/local/lib/openstack-dashboard/clean-image\n'),
                ('test', 'systemctl --no-block poweroff\n')):
            user_data = self.of_image(stage)
            self.assertEqual(self.boot(user_data, f'. {LIB}/common.sh; step signal signal'), 0, self.seen())
            self.assertEqual(read('/tmp/systemd'), command)
            self.assertEqual(self.told('cloudformation') + self.told('autoscaling'), [])
            self.assertIn(f'.{LIB}/provision\n', read('/run/openstack-dashboard-files'))

    def test_an_instance_of_a_bake_that_fails_says_why_and_stays(self):
        for stage in ('bake', 'test'):
            if os.path.exists(SEEN):
                os.remove(SEEN)
            self.assertNotEqual(self.boot(self.of_image(stage), 'echo no luck; exit 7'), 0)
            self.assertIn('openstack-dashboard: FAILED: provision: no luck', self.seen())
            self.assertEqual(read('/tmp/systemd'), '')
            self.assertEqual(self.told('cloudformation') + self.told('autoscaling'), [])

    def test_hosts_that_have_their_packages_call_no_package_manager(self):
        with open('/tmp/bin/apt-get', 'w') as file:
            file.write('#!/bin/sh\ntouch /tmp/called\nexit 1\n')
        os.chmod('/tmp/bin/apt-get', 0o755)
        self.addCleanup(os.remove, '/tmp/bin/apt-get')
        script = f'PATH=/tmp/bin:$PATH; . {LIB}/common.sh; PACKAGES="$1"; retry() {{ "${{@:2}}"; }}; install_packages'
        for packages, called in (('nginx-light curl openssl', False), ('nginx-light a-package', True)):
            run('bash', '-c', script, '-', packages)
            self.assertEqual(os.path.exists('/tmp/called'), called, packages)
        for left in ('/tmp/called', '/usr/sbin/policy-rc.d'):
            os.remove(left)

    def test_nobody_waits_outside_of_a_deployment_and_the_hook_may_not_wait_yet(self):
        State.signal_status, State.hook_statuses = 400, [400, 200]
        self.assertNotEqual(self.boot(self.user_data['dashboard'], 'echo no luck; exit 7'), 0)
        self.assertEqual(len(self.told('cloudformation')), 1)
        self.assertEqual(len(self.told('autoscaling')), 2)
        self.assertIn('FAILED: provision: no luck', self.seen())

    def test_a_rebooted_host_waits_for_its_secret_and_comes_up_by_itself(self):
        State.down = True
        path = '/run/openstack-dashboard/secret_key'
        if os.path.exists(path):
            os.remove(path)
        # patience of a single try is none here
        subprocess.run(['cp', f'{LIB}/fetch-secret', '/tmp/fetch-secret'], check=True)
        subprocess.run(['sed', '-i', 's/retry [0-9]*/retry 1/', '/tmp/fetch-secret'], check=True)
        process = subprocess.Popen(['/tmp/fetch-secret', 'wait'], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + 180
            while len(State.requests) < 2:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.1)
            self.assertIsNone(process.poll())
            self.assertFalse(os.path.exists(path))
            State.secrets, State.down = {'AWSCURRENT': 'c' * 64}, False
            self.assertEqual(process.wait(180), 0)
            self.assertTrue(os.path.exists(path))
        finally:
            process.kill()

    def test_no_line_for_ipv6_where_the_kernel_has_none(self):
        with open(f'{LIB}/nginx.conf.template') as file:
            self.assertIn('listen [::]:443 ssl', file.read())
        script = f'''. {LIB}/common.sh
nginx() {{ true; }}
render() {{ cp "$1" "$2"; }}
configure_nginx; cp /etc/nginx/nginx.conf /tmp/with.conf
mount -t tmpfs none /proc/sys/net 2>/dev/null
sed 's:/proc/net/if_inet6:/nowhere:' {LIB}/common.sh >/tmp/common.sh; . /tmp/common.sh
nginx() {{ true; }}
render() {{ cp "$1" "$2"; }}
configure_nginx; cp /etc/nginx/nginx.conf /tmp/without.conf'''
        result = run('bash', '-c', script)
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = [read(f'/tmp/{name}.conf').splitlines() for name in ('with', 'without')]
        gone = [line for line in lines[0] if line not in lines[1]]
        self.assertTrue(gone)
        for line in gone:
            self.assertRegex(line, r'^ *listen \[::\]:443 ')


if __name__ == '__main__':
    unittest.main()
