#!/bin/bash
# Powers on one host: makes its root directory of an image's layers, waits for its network card and
# becomes its systemd. Runs as process 1 of namespaces of its own (mount, pid, net, uts, ipc, cgroup);
# its terminal is the host's console. Everything that it mounts goes away with its namespaces.
#
# usage: boot.sh NAME LOWER SCRATCH ADDRESS/PREFIX GATEWAY SEED
#   LOWER    the image's layers, as overlayfs wants them
#   SCRATCH  an empty directory for what the host writes
#   SEED     a directory that is copied over the host's root first
set -euo pipefail

name=$1 lower=$2 scratch=$3 address=$4 gateway=$5 seed=$6
console=$(tty)
root=$scratch/root

mkdir -p "$scratch/upper" "$scratch/work" "$root"
cp -a "$seed/." "$scratch/upper/"
mount -t overlay -o "lowerdir=$lower,upperdir=$scratch/upper,workdir=$scratch/work" overlay "$root"

mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
# As other container managers do: udev and systemd-sysctl stay away because /sys and /proc/sys are
# read-only, so nothing changes the machine's kernel settings by accident. This is no sandbox: root on a
# host can mount another /proc, and become root on the machine.
for path in sys sysrq-trigger; do
  [ -e "$root/proc/$path" ] || continue
  mount --bind "$root/proc/$path" "$root/proc/$path"
  mount -o remount,bind,ro,nosuid,nodev,noexec "$root/proc/$path"
done
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"

mount -t tmpfs -o nosuid,mode=0755,size=16m tmpfs "$root/dev"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 0666 "$root/dev/${device%:*}" c 1 "${device#*:}"
done
mknod -m 0666 "$root/dev/tty" c 5 0
mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5,nosuid,noexec devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for stream in stdin:0 stdout:1 stderr:2; do
  ln -s "/proc/self/fd/${stream#*:}" "$root/dev/${stream%:*}"
done
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/dev/shm"
touch "$root/dev/console"
mount --bind "$console" "$root/dev/console"

mount -t tmpfs -o nosuid,nodev,mode=0755 tmpfs "$root/run"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/tmp"
mkdir "$root/run/lock"

hostname "$name"
ip link set lo up
# The other end is plugged in from outside.
deadline=$((SECONDS + 30))
until [ -e "/proc/sys/net/ipv4/conf/eth0" ] || ip link show eth0 >/dev/null 2>&1; do
  if ((SECONDS > deadline)); then
    echo "preview: no network card was plugged in" >&2
    exit 1
  fi
  sleep 0.05
done
ip address add "$address" dev eth0
ip link set eth0 up
ip route add default via "$gateway"

mkdir -p "$scratch/upper/mnt"
cd "$root"
pivot_root . mnt
# What a virtual machine could not do to its hardware's kernel, nothing on a host should try with this
# one; whoever wants to can get around it.
exec chroot . /bin/bash -c '
  exec </dev/console >/dev/console 2>&1
  umount -l /mnt
  exec env -i container=other TERM=dumb setpriv --bounding-set \
    -sys_module,-sys_time,-sys_rawio,-syslog,-wake_alarm,-block_suspend,-mac_admin,-mac_override \
    /sbin/init'
