#!/bin/bash
# Collects what the judges look at, in throw-away copies of an image and without network: systemd's
# word on the units of each tier, nginx's rendered configuration, and the requests that hosts make.
# usage: in-image.sh REPOSITORY LAYERS OUTPUT   (in mount, net and pid namespaces of its own)
set -euo pipefail
repository=$1 layers=$2 output=$3
source "$repository/harness/copy-of-image.sh"
ip link set lo up

unpack() { # unpack TIER FOLDER
  python3 -c 'import base64, json, sys
sys.stdout.buffer.write(base64.b64decode(json.load(open(sys.argv[1]))[sys.argv[2]]["files"]))' \
    "$repository/lib/hosts/payload.json" "$1" | tar -xz --no-same-owner -C "$2"
}

new_root() { # new_root TIER...
  root=$(copy_of_image "$layers")
  mkdir "$root/tmp/host" "$root/tmp/judges" "$root/tmp/output"
  mount --bind -o ro "$repository/test/hosts" "$root/tmp/host"
  mount --bind -o ro "$repository/test/system/judges" "$root/tmp/judges"
  mount --bind "$output" "$root/tmp/output"
  local tier
  for tier in "$@"; do unpack "$tier" "$root"; done
}

inside() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/tmp/host chroot "$root" "$@"
}

for tier in dashboard static; do
  new_root "$tier"
  inside python3 /tmp/judges/collect_units.py "/tmp/output/units-$tier.json" \
    "$(cd "${root%/root}/upper/etc/systemd/system" && find . -type f -printf '%P ')"
done

# what the host tests have: the files of both tiers
new_host_root() {
  new_root static dashboard
  mkdir "$root/tmp/static-host"
  unpack static "$root/tmp/static-host"
  chroot "$root" chown -R root:horizon /etc/openstack-dashboard
  cp "$output/user-data.json" "$root/tmp/user-data.json"
}

new_host_root
inside python3 /tmp/judges/collect_nginx.py /tmp/output

requests() { # requests MODULE, which mostly waits: the modules side by side
  new_host_root
  ip link set lo up
  inside python3 /tmp/judges/collect_requests.py "$1" "/tmp/output/requests-$1.jsonl"
}
export -f requests new_host_root new_root copy_of_image unpack inside
export repository layers output
for module in test_aws test_life; do
  unshare --mount --net --pid --fork --kill-child --mount-proc bash -euc "requests $module" &
  jobs+=($!)
done
for job in "${jobs[@]}"; do wait "$job"; done
cat "$output"/requests-*.jsonl >"$output/requests.jsonl"
