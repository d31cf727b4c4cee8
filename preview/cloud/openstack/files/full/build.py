"""Makes the databases of the preview's cloud, starts its services and fills them, and ends them."""
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import start

KEYSTONE = 'http://127.0.0.1:5000/v3'
URL = 'https://keystone.cloud.internal:5000/v3'
ENDPOINTS = 'http://127.0.0.1:PORT'
DATABASES = ['nova', 'nova_api', 'nova_cell0', 'placement', 'glance', 'neutron', 'cinder']


def run(*command, user='cloud', **kwargs):
    began = time.monotonic()
    process = start.start(command, user, **kwargs)
    if process.wait():
        sys.exit(f'{command} ended with {process.returncode}')
    print(f'{" ".join(command[:4])}: {time.monotonic() - began:.1f} s', flush=True)


def migrate():
    """All at once: each has a database of its own."""
    etc = start.ETC
    chains = [
        [['nova-manage', '--config-file', f'{etc}/nova.conf', *command] for command in (
            ['api_db', 'sync'],
            ['cell_v2', 'map_cell0', '--database_connection',
             'mysql+pymysql://cloud@localhost/nova_cell0?unix_socket=/run/mysqld/mysqld.sock'],
            ['db', 'sync'],
            ['cell_v2', 'create_cell', '--name', 'cell1'])],
        [['placement-manage', '--config-file', f'{etc}/placement.conf', 'db', 'sync']],
        [['glance-manage', '--config-file', f'{etc}/glance-api.conf', *command] for command in (
            ['db_sync'], ['db_load_metadefs', '/etc/glance/metadefs'])],
        [['neutron-db-manage', '--config-file', f'{etc}/neutron.conf', 'upgrade', 'heads']],
        [['cinder-manage', '--config-file', f'{etc}/cinder.conf', 'db', 'sync']],
    ]
    children = []
    for chain in chains:
        pid = os.fork()
        if pid == 0:
            for command in chain:
                run(*command, stdout=subprocess.DEVNULL)
            os._exit(0)
        children.append(pid)
    if any(os.waitpid(pid, 0)[1] for pid in children):
        sys.exit('a database was not made')


def make_databases():
    run('mariadb-install-db', '--no-defaults', '--user=mysql', '--datadir=/var/lib/mysql',
        '--auth-root-authentication-method=socket', '--skip-test-db', user='root',
        stdout=subprocess.DEVNULL)
    database = start.start_database()
    sql = ["CREATE USER cloud@localhost IDENTIFIED VIA unix_socket;"]
    for name in DATABASES:
        sql += [f'CREATE DATABASE {name} CHARACTER SET utf8mb3;',
                f'GRANT ALL ON {name}.* TO cloud@localhost;']
    subprocess.run(['mariadb', f'--socket={start.SOCKET}'], input='\n'.join(sql).encode(), check=True)
    migrate()
    database.terminate()
    database.wait()


def answers(url):
    try:
        urllib.request.urlopen(url, timeout=60).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def wait(url, process):
    deadline = time.monotonic() + 300
    while not answers(url):
        if time.monotonic() > deadline or process.poll() is not None:
            sys.exit(f'{url} does not answer')
        time.sleep(0.2)


def populate(step, password):
    began = time.monotonic()
    command = [sys.executable, f'{start.HERE}/populate.py', step, KEYSTONE, password]
    filled = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if filled.returncode:
        # last, below what the services say when they end
        sys.exit(filled.stderr[-2000:])
    print(f'{step}: {time.monotonic() - began:.1f} s', flush=True)


def bootstrap(url, password):
    """Gives Keystone its first user, and its own URL: services have to find it while they run here."""
    options = {'username': 'admin', 'project-name': 'admin', 'role-name': 'admin',
               'service-name': 'keystone', 'region-id': 'preview', 'admin-url': url,
               'internal-url': url, 'public-url': url}
    subprocess.run(['runuser', '-u', 'keystone', '--', 'keystone-manage', 'bootstrap',
                    *(f'--bootstrap-{name}={value}' for name, value in options.items())],
                   env={**os.environ, 'OS_BOOTSTRAP_PASSWORD': password}, check=True)


def fill():
    with open('/etc/cloud-password') as file:
        password = file.read().strip()
    bootstrap(KEYSTONE, password)
    keystone = start.start([*start.GUNICORN, '--bind', '127.0.0.1:5000', 'cloud_wsgi:keystone()'],
                           'keystone')
    wait(KEYSTONE, keystone)
    # services ask it when they start
    populate('keystone', password)
    services = subprocess.Popen([sys.executable, start.__file__, KEYSTONE, ENDPOINTS, '', ''])
    try:
        for port in start.PORTS.values():
            wait(f'http://127.0.0.1:{port}/', services)
        populate('cloud', password)
    finally:
        services.send_signal(signal.SIGTERM)
        services.wait()
        keystone.terminate()
        keystone.wait()
    bootstrap(URL, password)


if __name__ == '__main__':
    start.configure(KEYSTONE, ENDPOINTS, '', '')
    {'databases': make_databases, 'fill': fill}[sys.argv[1]]()
