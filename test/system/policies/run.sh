#!/usr/bin/env bash
# Compares the default policies of Horizon and its plugins with those of the services' own code, and the result with
# differences.json, which --write writes. The first run installs the services' packages, which takes some minutes. Linux,
# root and Debian's archive are needed.
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
found=$(mktemp)
trap 'rm "$found"' EXIT
plugins=$(layers plugins | tail -n 1)
services=$(layers services | tail -n 1)
# shellcheck disable=SC2016
unshare --mount --net --pid --fork --kill-child --mount-proc bash -euc '
source harness/copy-of-image.sh
root=$(copy_of_image "$1")
mkdir "$root"/tmp/{code,horizon,library}
mount --bind -o ro lib/dashboard-hosts/files/usr/local/lib/openstack-dashboard/policies "$root/tmp/library"
mount --bind -o ro test/system/policies "$root/tmp/code"
mount --bind -o ro "${2%%:*}" "$root/tmp/horizon"
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 chroot "$root" \
  python3 /tmp/code/compare.py /tmp/horizon /tmp/library' _ "$services" "$plugins" >"$found"
npx prettier --stdin-filepath test/system/policies/differences.json <"$found" | if [[ ${1-} == --write ]]; then
  cat >test/system/policies/differences.json
else
  diff -u test/system/policies/differences.json - || {
    echo 'policies differ in another way than differences.json has: read the difference, then run this with --write' >&2
    exit 1
  }
fi
node -e "
const all = Object.entries(require('./test/system/policies/differences.json'));
const sum = (of) => all.reduce((total, [, service]) => total + of(service), 0);
console.log(all.length + ' services, ' + sum(({ rules }) => rules) + ' rules, as differences.json has them: ' +
  sum(({ different }) => Object.keys(different).length) + ' have another text, ' +
  sum(({ onlyService }) => onlyService.length) + ' only the service has, ' +
  sum(({ onlyHorizon }) => onlyHorizon.length) + ' only Horizon has');"
