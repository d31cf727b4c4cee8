#!/bin/bash
# Installs Debian packages into an image that is being made. usage: install.sh PACKAGE...
apt-get update
apt-get install --yes --no-install-recommends "$@"
apt-get clean
