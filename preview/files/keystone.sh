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
export KEYSTONE_ADDRESS=$address
# oslo.config reads the arguments of the process, so gunicorn gets its own from a file here.
cd /run/keystone
exec runuser -u keystone -- gunicorn
