#!/bin/bash
# Installs the dashboard of Debian's package for Apache, with its site for HTTPS at the root of the
# server: what its questions are for. usage: apache-install.sh   (in an image that is being made)
debconf-set-selections <<'END'
openstack-dashboard horizon/allowed-hosts string *
openstack-dashboard-apache horizon/activate_vhost boolean true
openstack-dashboard-apache horizon/use_ssl boolean true
END
apt-get update
apt-get install --yes --no-install-recommends openstack-dashboard-apache
apt-get clean
test -e /etc/apache2/sites-enabled/openstack-dashboard-ssl.conf
grep -q '^WEBROOT = "/"$' /etc/openstack-dashboard/local_settings.d/_0005_debian_webroot.py
