#!/bin/bash
# Runs files of docs/single-sign-on.md at the preview's Keycloak, from a folder with their values.
set -euo pipefail
cd "$1"
shift
# shellcheck disable=SC1091
. ./environment
# shellcheck disable=SC1090
for file; do . "$file"; done
