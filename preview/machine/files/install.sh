#!/bin/bash
# Installs Debian packages into an image that is being made, without waiting for the disk after each file.
# usage: install.sh PACKAGE...
apt-get update
apt-get install --yes --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "$@"
apt-get clean
