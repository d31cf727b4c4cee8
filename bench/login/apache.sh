#!/bin/bash
# Starts Debian's dashboard in a throw-away copy of an image, as its package configures Apache. Says
# `ready`; serves until its standard input ends.
# usage: apache.sh LAYERS CERTIFICATE KEY ADDRESS NAME   (in mount, pid, uts and ipc namespaces of its own)
set -euo pipefail
layers=$1 certificate=$2 key=$3 address=$4 name=$5
source "$(dirname "$0")/../../harness/copy-of-image.sh"
root=$(copy_of_image "$layers")
hostname "$name"
echo "127.0.0.1 $name localhost" >"$root/etc/hosts"

# where the site looks for them
install -D -m 644 "$certificate" "$root/etc/ssl/certs/ssl-cert-snakeoil.pem"
install -D -m 600 "$key" "$root/etc/ssl/private/ssl-cert-snakeoil.key"
# the machine's other addresses are not this one's
sed -i -E "s/^([[:space:]]*Listen) ([0-9]+)/\1 $address:\2/" "$root/etc/apache2/ports.conf"
# As the package leaves it, each page is an error: its processes load Horizon into a Python interpreter
# that is not their first, and Python's cryptography refuses that.
echo 'WSGIApplicationGroup %{GLOBAL}' >"$root/etc/apache2/conf-enabled/bench.conf"
# As if it were installed a month ago: browsers keep a file for a tenth of its age where, as here, no
# header has its lifetime.
find "$root/var/lib/openstack-dashboard/static/" -exec touch -h -d '30 days ago' {} +

env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 chroot "$root" apachectl start
for ((i = 0; i < 100; i++)); do
  if (: <"/dev/tcp/$address/443") 2>/dev/null; then
    echo ready
    cat >/dev/null
    exit
  fi
  sleep 0.1
done
echo "nobody listens on $address:443" >&2
tail -n 20 "$root"/var/log/apache2/*.log >&2
exit 1
