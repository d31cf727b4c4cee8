#!/bin/bash
# Runs a script in an image and keeps what it changes as a layer of its own.
# usage: layer.sh BASE DIRECTORY SCRIPT ARGUMENT...   (in mount and pid namespaces of its own)
set -euo pipefail
base=$1 directory=$2 script=$3
shift 3

# overlayfs keeps to what every kernel can read back as a lower layer.
options=index=off,redirect_dir=off,metacopy=off
mkdir "$directory/upper" "$directory/work" "$directory/root"
root=$directory/root
mount -t overlay -o "lowerdir=$base,upperdir=$directory/upper,workdir=$directory/work,$options" \
  overlay "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"

# The machine's own way to the mirror, while the image is made.
[ -e "$root/etc/hosts" ] || : >"$root/etc/hosts"
resolv=$(readlink -f /etc/resolv.conf)
: >"$root/run/empty"
mount --bind "$resolv" "$root/etc/resolv.conf"
mount --bind /etc/hosts "$root/etc/hosts"
mount --bind "$root/run/empty" "$root/etc/apt/apt.conf.d/90preview"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"

env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
  http_proxy="${http_proxy:-}" chroot "$root" /bin/bash -euo pipefail -c "$script" layer "$@"

rm "$root/usr/sbin/policy-rc.d"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin
