#!/bin/bash
# The preview's identity service. Reads /run/keystone/password; /run/keystone has key and certificate.
# usage: keystone.sh URL ADDRESS
set -euo pipefail
url=$1 address=$2
chown -R keystone: /run/keystone
OS_BOOTSTRAP_PASSWORD=$(cat /run/keystone/password)
export OS_BOOTSTRAP_PASSWORD
runuser -u keystone -- keystone-manage bootstrap --bootstrap-username admin \
  --bootstrap-project-name admin --bootstrap-role-name admin --bootstrap-service-name keystone \
  --bootstrap-region-id preview --bootstrap-admin-url "$url" --bootstrap-internal-url "$url" \
  --bootstrap-public-url "$url"
unset OS_BOOTSTRAP_PASSWORD
# oslo.config reads the arguments of the process, so gunicorn gets its own from a file.
cat >/run/keystone/gunicorn.conf.py <<END
wsgi_app = 'keystone.wsgi.api:application'
bind = '$address:5000'
workers = 2
threads = 4
# a login asks several times over one connection, and 2 s may lie between where a machine is busy
keepalive = 75
worker_tmp_dir = '/dev/shm'
certfile = '/run/keystone/cert.pem'
keyfile = '/run/keystone/key.pem'
END
cd /run/keystone
exec runuser -u keystone -- gunicorn
