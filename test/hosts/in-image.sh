#!/bin/bash
# Runs the Python tests of the host files in a throw-away copy of an image, without network.
# usage: [MADE_FOR_TESTS=FOLDER] in-image.sh REPOSITORY LAYERS ARGUMENT...   (in mount, net and pid namespaces
# of its own; FOLDER has files that were rendered for the tests; the arguments are unittest's)
set -euo pipefail
repository=$1 layers=$2
shift 2
source "$repository/harness/copy-of-image.sh"
root=$(copy_of_image "$layers")
mkdir "$root"/tmp/{tests,services}
mount --bind -o ro "$repository/test/hosts" "$root/tmp/tests"
mount --bind -o ro "$repository/preview/cloud/openstack/files/services" "$root/tmp/services"
ip link set lo up

cp "$repository/lib/import/files/horizon-settings.json" "$root/tmp/"
[[ -z ${MADE_FOR_TESTS:-} ]] || cp "$MADE_FOR_TESTS"/*.json "$root/tmp/"

unpack() { # unpack TIER FOLDER
  python3 -c 'import base64, json, sys
sys.stdout.buffer.write(base64.b64decode(json.load(open(sys.argv[1]))[sys.argv[2]]["files"]))' \
    "$repository/lib/hosts/payload.json" "$1" | tar -xz --no-same-owner -C "$2"
}
unpack static "$root"
unpack dashboard "$root"
# what both tiers have under one name
mkdir "$root/tmp/static-host"
unpack static "$root/tmp/static-host"
chroot "$root" chown -R root:horizon /etc/openstack-dashboard
# hundreds of programs import these
chroot "$root" python3 -m compileall -q /usr/local/lib/openstack-dashboard/python
# HorizonRelease.upstream(): what install-horizon links on a host
venv=$(cd "$root" && compgen -G 'opt/openstack-dashboard/horizon-*' || true)
[[ -z $venv ]] || ln -s "/$venv" "$root/usr/local/lib/openstack-dashboard/venv"
env -i PATH=/usr/local/lib/openstack-dashboard/venv/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
  PYTHONPATH=/tmp/tests chroot "$root" python3 -m unittest "$@"
