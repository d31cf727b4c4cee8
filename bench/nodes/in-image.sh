#!/bin/bash
# Runs nodes.py on the files of a dashboard host in a throw-away copy of an image, without network.
# usage: in-image.sh REPOSITORY LAYERS ARGUMENT...   (in mount, net and pid namespaces of its own)
set -euo pipefail
repository=$1 layers=$2
shift 2
# shellcheck source=/dev/null
source "$repository/harness/copy-of-image.sh"
root=$(copy_of_image "$layers")
mkdir "$root/tmp/nodes"
mount --bind -o ro "$repository/bench/nodes" "$root/tmp/nodes"
ip link set lo up
cp -a "$repository"/lib/session/files/usr/local/lib/openstack-dashboard "$root/usr/local/lib/"
ulimit -n 8192
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
  chroot "$root" python3 /tmp/nodes/nodes.py "$@"
