#!/usr/bin/env bash
# Compares Horizon's default policies with those of the services: differences.json. It installs the services' packages,
# which takes some minutes, so it is not a part of the tests. Linux, root and Debian's archive are needed.
set -euo pipefail
cd "$(dirname "$0")/../../.."
node scripts/compile.mjs
layers() { node -e "
const { Images, DEFAULT_CACHE, DEFAULT_MIRROR } = require('./preview/machine/image');
const { pluginTestImage } = require('./harness/host-image');
const images = new Images({ directory: DEFAULT_CACHE, mirror: DEFAULT_MIRROR, progress: (_, work) => work() });
const services = 'keystone nova glance cinder neutron heat manila octavia designate masakari watcher neutron-vpnaas zaqar';
const image = process.argv[1] === 'plugins' ? pluginTestImage()
  : images.withPackages('policies', ['python3-django-horizon', ...services.split(' ').map((name) => 'python3-' + name)]);
console.log = () => undefined;
void image.then(({ layers }) => process.stdout.write(layers.join(':')));" "$1"; }
plugins=$(layers plugins | tail -n 1)
services=$(layers services | tail -n 1)
# shellcheck disable=SC2016
unshare --mount --net --pid --fork --kill-child --mount-proc bash -euc '
source harness/copy-of-image.sh
root=$(copy_of_image "$1")
mkdir "$root"/tmp/{code,horizon}
mount --bind -o ro test/system/policies "$root/tmp/code"
mount --bind -o ro "${2%%:*}" "$root/tmp/horizon"
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 chroot "$root" \
  python3 /tmp/code/compare.py /tmp/horizon' _ "$services" "$plugins" >test/system/policies/differences.json
npx prettier --write test/system/policies/differences.json
