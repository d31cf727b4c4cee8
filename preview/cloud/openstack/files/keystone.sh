#!/bin/bash
# The preview's identity service, which /run/keystone/serve starts. Reads /run/keystone/password; /run/keystone has key and certificate, and
# in `database` that of another one, whose tokens are valid here: all have the Fernet keys of their image.
# settings.conf there has more settings.
# usage: keystone.sh URL ADDRESS REGION
set -euo pipefail
url=$1 address=$2 region=$3
chown -R keystone: /run/keystone
# It keeps what it looks up in memcached, as deployers have it:
# https://docs.openstack.org/keystone/latest/admin/configuration.html#caching-layer
# The hash of a password takes as little time as bcrypt can, not a quarter of a second for each login.
install -d /etc/keystone/keystone.conf.d
cat >/etc/keystone/keystone.conf.d/preview.conf <<END
[cache]
enabled = true
backend = dogpile.cache.bmemcached
backend_argument = url:$address:11211
[identity]
password_hash_rounds = 4
END
if [[ -d /run/keystone/database ]]; then
  for file in /run/keystone/database/*; do
    runuser -u keystone -- base64 -d "$file" >"/var/lib/keystone/${file##*/}"
  done
  chown keystone: /var/lib/keystone/*
else
  OS_BOOTSTRAP_PASSWORD=$(cat /run/keystone/password)
  export OS_BOOTSTRAP_PASSWORD
  runuser -u keystone -- keystone-manage bootstrap --bootstrap-username admin \
    --bootstrap-project-name admin --bootstrap-role-name admin --bootstrap-service-name keystone \
    --bootstrap-region-id "$region" --bootstrap-admin-url "$url" --bootstrap-internal-url "$url" \
    --bootstrap-public-url "$url"
  unset OS_BOOTSTRAP_PASSWORD
fi
export KEYSTONE_ADDRESS=$address
# After the first user, whose password does not expire.
if [[ -e /run/keystone/settings.conf ]]; then
  install -D -m 0644 /run/keystone/settings.conf /etc/keystone/keystone.conf.d/settings.conf
fi
runuser -u keystone -- memcached -l "$address" -m 64 &
# oslo.config reads the arguments of the process, so gunicorn gets its own from a file here.
cd /run/keystone
# shellcheck disable=SC1091
. ./serve
