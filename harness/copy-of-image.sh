# shellcheck shell=bash
# For scripts in a mount namespace of their own.

# copy_of_image LAYERS: mounts a throw-away copy of an image and prints where. What is written to it is
# in the folder `upper` next to it.
copy_of_image() (
  set -e
  scratch=$(mktemp -d)
  mount -t tmpfs tmpfs "$scratch"
  mkdir "$scratch"/{upper,work,root}
  root=$scratch/root
  mount -t overlay -o "lowerdir=$1,upperdir=$scratch/upper,workdir=$scratch/work" overlay "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/run"
  mount -t tmpfs tmpfs "$root/tmp"
  mkdir "$root/run/lock"
  echo "$root"
)
