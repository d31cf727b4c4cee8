#!/bin/bash
# The preview's Keystone in Apache, with federation: runs the files of docs/single-sign-on.md in /run/federation.
# `sites`, `oidc` and `saml` there have the values of each address of Keystone and of each provider. When
# `populated` is there, Keystone's users are, and the providers are registered; then `registered` says so.
set -euo pipefail
shopt -s nullglob
address=$1
folder=/run/federation
cd "$folder"
# What the page has as files to save.
install -d /etc/apache2/federation
cp keystone.conf oidc.conf saml.conf /etc/apache2/federation/
cp wsgi.conf /etc/apache2/conf-enabled/keystone-wsgi.conf
: >/etc/apache2/ports.conf
cat ca.pem >>/etc/ssl/certs/ca-certificates.crt

run() {
  # One shell for all, as for somebody who follows the page.
  (
    # shellcheck disable=SC1090
    for file; do . "$file"; done
  )
}
for site in sites/*; do
  run "$site" ./keystone.sh ./apache.sh
done
for provider in oidc/*; do run "$provider" ./oidc-apache.sh; done
for provider in saml/*; do
  for site in sites/*; do run "$site" "$provider" ./saml-apache.sh; done
done
sed -i "s/^Listen /Listen $address:/" /etc/apache2/ports.conf

# One process runs all commands of the client, since it takes seconds to load.
openstack() {
  local status
  printf '%q ' "$@" >&8
  echo >&8
  read -r status <&9
  return "$status"
}

register() {
  export OS_AUTH_URL OS_USERNAME=admin OS_PASSWORD OS_PROJECT_NAME=admin OS_USER_DOMAIN_ID=default \
    OS_PROJECT_DOMAIN_ID=default OS_IDENTITY_API_VERSION=3 OS_CACERT=$folder/ca.pem
  OS_PASSWORD=$(cat /run/keystone/password)
  OS_AUTH_URL=$(cat auth-url)
  mkfifo commands answers
  python3 openstack-client.py <commands >answers &
  exec 8>commands 9<answers
  until [[ -e populated ]]; do sleep 0.1; done
  first=(sites/*)
  run "${first[0]}" ./group.sh
  for provider in oidc/*; do run "$provider" ./oidc-keystone.sh; done
  for provider in saml/*; do run "$provider" ./saml-keystone.sh; done
  exec 8>&-
}
(
  set -euo pipefail
  trap '[[ -e registered ]] || touch failed' EXIT
  register
  touch registered
) &

export APACHE_CONFDIR=/etc/apache2
# shellcheck disable=SC1091
. /etc/apache2/envvars
install -d "$APACHE_RUN_DIR" "$APACHE_LOCK_DIR"
exec apache2 -D FOREGROUND -c 'ErrorLog /proc/self/fd/2'
