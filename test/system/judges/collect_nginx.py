"""nginx's whole configuration on hosts of both tiers, rendered as hosts do, as `nginx -T` prints it,
and the ciphers that its list stands for.

usage: collect_nginx.py FOLDER"""
import json
import os
import re
import subprocess
import sys

import test_served
import test_static as host

os.makedirs(host.ETC, exist_ok=True)
for tier, name, template in (
        ('dashboard', host.NAME, f'{host.LIB}/nginx.conf.template'),
        ('static', host.STATIC_NAME, f'/tmp/static-host{host.LIB}/nginx.conf.template')):
    # each has the names that one of the two templates asks for
    host.environment_file('host', {**test_served.ENVIRONMENT, **host.ENVIRONMENT, 'SERVER_NAME': name})
    host.environment_file('dashboard', host.DASHBOARD)
    host.shell(f'create_certificate; render {template} /etc/nginx/nginx.conf')
    dump = subprocess.run(['nginx', '-q', '-T'], check=True, capture_output=True, text=True).stdout
    with open(f'{sys.argv[1]}/nginx-{tier}.conf', 'w') as file:
        file.write(dump)
    ciphers, = set(re.findall(r'^ *ssl_ciphers (.*);', dump, re.M))
    listed = subprocess.run(['openssl', 'ciphers', '-v', ciphers], check=True, capture_output=True, text=True)
    with open(f'{sys.argv[1]}/ciphers-{tier}.json', 'w') as file:
        json.dump(listed.stdout.splitlines(), file)
