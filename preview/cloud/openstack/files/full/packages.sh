# shellcheck shell=bash
# Installs packages of the preview's full cloud in an image that has Keystone, without documents, and without waiting
# for the disk after each file. usage: packages.sh PACKAGE...
apt-get update
apt-get install --yes --no-install-recommends -o Dpkg::Options::=--force-unsafe-io \
  -o Dpkg::Options::=--path-exclude=/usr/share/doc/* -o Dpkg::Options::=--path-exclude=/usr/share/man/* \
  -o Dpkg::Options::=--path-exclude=/usr/share/locale/* "$@"
apt-get clean
