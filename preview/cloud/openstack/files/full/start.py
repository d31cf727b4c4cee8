"""Runs the services of the preview's cloud, all of which listen on the loopback address in plain text.

usage: start.py KEYSTONE ENDPOINTS CA ORIGINS
ENDPOINTS is the URL at which a service finds another, with NAME and PORT for what differs; CA is the
authority of all of these URLs, or nothing. Ends when one of the services ends, or on SIGTERM; MariaDB's
files are whole then."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
ETC = pathlib.Path('/run/cloud/etc')
SOCKET = pathlib.Path('/run/mysqld/mysqld.sock')
PORTS = {'nova': 8774, 'glance': 9292, 'neutron': 9696, 'cinder': 8776, 'placement': 8778,
         'swift': 8080}
PYTHON = ['python3', '-W', 'ignore']
GUNICORN = ['gunicorn', '--workers', '1', '--worker-class', 'gthread', '--threads', '8',
            '--timeout', '600', '--worker-tmp-dir', '/dev/shm', '--log-level', 'warning']


def gunicorn(name, application):
    return [*GUNICORN, '--bind', f'127.0.0.1:{PORTS[name]}', application]


DATABASE = ['mariadbd', '--no-defaults', '--user=mysql', '--skip-networking', f'--socket={SOCKET}',
            '--datadir=/var/lib/mysql', '--innodb-buffer-pool-size=48M', '--innodb-log-file-size=8M',
            '--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--skip-log-bin',
            '--innodb-flush-method=nosync', '--debug-no-sync', '--max-connections=200', '--innodb-fast-shutdown=1', '--skip-name-resolve']
PROGRAMS = {
    'nova': [*PYTHON, f'{HERE}/nova_services.py', '--config-file', f'{ETC}/nova.conf'],
    'cinder': [*PYTHON, f'{HERE}/cinder_services.py', '--config-file', f'{ETC}/cinder.conf'],
    'neutron': gunicorn('neutron', 'cloud_wsgi:neutron()'),
    'glance': gunicorn('glance', 'cloud_wsgi:glance()'),
    'placement': gunicorn('placement', 'cloud_wsgi:placement()'),
    'swift': [*PYTHON, f'{HERE}/swift_services.py'],
}


def configure(keystone, endpoints, ca, origins):
    password = pathlib.Path('/etc/cloud-password').read_text().strip()
    client = {'auth_type': 'password', 'auth_url': keystone, 'project_name': 'service',
              'username': 'cloud', 'password': password, 'project_domain_id': 'default',
              'user_domain_id': 'default', 'region_name': 'preview', 'cafile': ca}
    token = {**client, 'www_authenticate_uri': keystone, 'service_token_roles': 'service',
             'service_token_roles_required': 'true'}
    token.pop('region_name')
    texts = {'AUTHTOKEN': lines(token), 'CLIENT': lines(client), 'KEYSTONE': keystone,
             'CAFILE': ca, 'ORIGINS': origins,
             **{name: endpoints.replace('NAME', name).replace('PORT', str(port))
                for name, port in PORTS.items()}}
    ETC.mkdir(parents=True, exist_ok=True)
    for file in (HERE / 'etc').iterdir():
        text = file.read_text()
        for name, value in texts.items():
            text = text.replace(f'@{name}@', value)
        (ETC / file.name).write_text(text)
    shutil.chown(ETC.parent, 'cloud')


def lines(options):
    return '\n'.join(f'{name} = {value}' for name, value in options.items() if value)


def start(command, user, **kwargs):
    entry = pwd.getpwnam(user)
    environment = {'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'HOME': '/var/lib/cloud',
                   'PYTHONPATH': str(HERE)}
    return subprocess.Popen(command, user=entry.pw_uid, group=entry.pw_gid, extra_groups=[],
                            env=environment, cwd='/', **kwargs)


def start_database():
    SOCKET.parent.mkdir(exist_ok=True)
    shutil.chown(SOCKET.parent, 'mysql')
    database = start(DATABASE, 'mysql')
    deadline = time.monotonic() + 180
    while not SOCKET.exists():
        if database.poll() is not None or time.monotonic() > deadline:
            sys.exit('the database did not start')
        time.sleep(0.05)
    return database


def main(*texts):
    configure(*texts)
    database = start_database()
    running = {name: start(command, 'cloud') for name, command in PROGRAMS.items()}

    def leave(*_):
        for program in running.values():
            program.kill()
        database.terminate()
        database.wait()
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    while True:
        # all orphans of the machine are ours
        pid, status = os.wait()
        for name, program in [*running.items(), ('mariadb', database)]:
            if program.pid == pid:
                sys.exit(f'{name} ended with {status}')


if __name__ == '__main__':
    main(*sys.argv[1:])
