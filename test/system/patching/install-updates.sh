#!/bin/bash
# An image as it is built once one of the repositories of security-updates.sh has been published.
# Run by the preview; usage: REPOSITORY
set -euo pipefail
echo "deb [trusted=yes] file:/srv/packages/$1 trixie-security main" >/etc/apt/sources.list.d/updates.list
apt-get -q update
# as on hosts: what the package would build is not used
dpkg-statoverride --add root root 0644 /usr/share/openstack-dashboard/manage.py
apt-get -qy upgrade
rm /etc/apt/sources.list.d/updates.list
