#!/bin/bash
# A later point release of Horizon, in an image that has it. Debian 13 offers one version at a time,
# and those of other suites want other Pythons and Djangos: so it is Debian's packages, with a raised
# version and with changes of each kind that a release brings. Run by the preview; usage: NUMBER
set -euo pipefail
number=$1
cd "$(mktemp -d)"
chmod 755 .
apt-get -q update
apt-get -q download openstack-dashboard python3-django-horizon
for package in *.deb; do
  dir=${package%.deb}
  dpkg-deb -R "$package" "$dir"
  rm "$package" "$dir/DEBIAN/md5sums"
  version=$(sed -n 's/^Version: //p' "$dir/DEBIAN/control")
  control=$(<"$dir/DEBIAN/control")
  # the one depends on the other in this very version
  echo "${control//"$version"/"$version+point$number"}" >"$dir/DEBIAN/control"
done
cd python3-django-horizon_*/usr/lib/python3/dist-packages
dashboard=openstack_dashboard/static/dashboard
append() { # append TEXT FILE
  [[ -f $2 ]] && echo "$1" >>"$2"
}
# bundles: other contents, hence other names
append "body { --point-release: $number; }" $dashboard/scss/horizon.scss
append "horizon.pointRelease = $number;" horizon/static/horizon/js/horizon.forms.js
# a template that Horizon keeps compiled in the shared cache
append "<!-- point release $number -->" horizon/static/framework/widgets/headers/hz-page-header.html
# a file that keeps its name, and one that the release before does not have
append "<!-- point release $number -->" $dashboard/img/logo-splash.svg
echo "body { --point-release-file: $number; }" >"$dashboard/point-release-$number.css"
cat >openstack_dashboard/templates/horizon/_custom_meta.html <<END
<meta name="release-mark" content="$number">
<link rel="stylesheet" href="{{ STATIC_URL }}dashboard/point-release-$number.css">
END
cd -
for dir in */; do
  dpkg-deb -Znone -b "$dir" "${dir%/}.deb"
done
# as on hosts: what the package would build is not used
dpkg-statoverride --add root root 0644 /usr/share/openstack-dashboard/manage.py
apt-get -qy install --no-install-recommends ./*.deb
rm -rf "$PWD"
apt-get clean
