#!/bin/bash
# Runs a program of an image in the preview's own network. In mount and pid namespaces of its own.
# usage: service.sh LOWER SCRATCH SEED COMMAND ARGUMENT...
set -euo pipefail
lower=$1 scratch=$2 seed=$3
shift 3

root=$scratch/root
mkdir -p "$scratch/upper" "$scratch/work" "$root"
cp -a "$seed/." "$scratch/upper/"
mount -t overlay -o "lowerdir=$lower,upperdir=$scratch/upper,workdir=$scratch/work" overlay "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o nosuid,mode=0755,size=16m tmpfs "$root/dev"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 0666 "$root/dev/${device%:*}" c 1 "${device#*:}"
done
mkdir "$root/dev/shm"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/tmp"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 chroot "$root" "$@"
