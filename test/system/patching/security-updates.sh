#!/bin/bash
# Repositories of security updates, in an image: Debian's packages with a raised version. The good one has
# nginx, OpenSSL, Django and Horizon; the broken one has an nginx that accepts its configuration and does not
# start. Run by the preview.
set -euo pipefail
apt-get -q update
mkdir -p /srv/packages
cd /srv/packages

# fetch FOLDER SUFFIX PACKAGE...: unpacked, with a raised version, on which they depend among each other
fetch() {
  local folder=$1 suffix=$2 package dir version control
  shift 2
  mkdir -p "$folder"
  cd "$folder"
  apt-get -q download "$@"
  for package in *.deb; do
    dir=${package%.deb}
    [[ ! -d $dir ]] || continue
    dpkg-deb -R "$package" "$dir"
    rm "$package" "$dir/DEBIAN/md5sums"
    version=$(sed -n 's/^Version: //p' "$dir/DEBIAN/control")
    control=$(<"$dir/DEBIAN/control")
    echo "${control//"$version"/"$version$suffix"}" >"$dir/DEBIAN/control"
  done
  cd - >/dev/null
}

# publish FOLDER
publish() {
  local dir dist=dists/trixie-security
  cd "$1"
  mkdir -p pool "$dist/main/binary-$(dpkg --print-architecture)"
  for dir in *_*/; do
    dpkg-deb -Znone -b "$dir" "pool/${dir%/}.deb"
    rm -r "$dir"
  done
  apt-ftparchive packages pool >"$dist/main/binary-$(dpkg --print-architecture)/Packages"
  apt-ftparchive -o APT::FTPArchive::Release::Origin=Debian \
    -o APT::FTPArchive::Release::Label=Debian-Security \
    -o APT::FTPArchive::Release::Suite=stable-security \
    -o APT::FTPArchive::Release::Codename=trixie-security \
    -o APT::FTPArchive::Release::Components=main \
    -o "APT::FTPArchive::Release::Architectures=$(dpkg --print-architecture)" release "$dist" >Release
  mv Release "$dist/"
  cd - >/dev/null
}

fetch broken +security1 nginx nginx-common
cat >broken/nginx_*/usr/sbin/nginx <<'END'
#!/bin/sh
case " $* " in *' -t '*) exit 0 ;; esac
echo 'nginx: [emerg] something that only happens at start'
exit 1
END
publish broken
# apt takes no Release file that is older than the one before
sleep 2
fetch good +security2 nginx nginx-common openssl libssl3t64 openssl-provider-legacy python3-django \
  openstack-dashboard python3-django-horizon
# to see which one runs
sed -i 's:nginx/1\.26\.3:nginx/1.26.9:' good/nginx_*/usr/sbin/nginx
grep -q 'nginx/1\.26\.9' good/nginx_*/usr/sbin/nginx
publish good
apt-get clean
