#!/usr/bin/env bash
# The GitHub Action: see action.yml for its inputs, which come as variables.
set -euo pipefail

if [[ -z ${VERSION:-} ]]; then
  VERSION=$(node -p "require('${GITHUB_ACTION_PATH}/package.json').version")
fi
mapfile -t paths < <(sed '/^[[:space:]]*$/d' <<<"$TEMPLATES")
mapfile -t options < <(sed '/^[[:space:]]*$/d' <<<"${ARGUMENTS:-}")

check() {
  npx --yes --package "cdk-openstack-dashboard@$VERSION" -- \
    openstack-dashboard-check "$@" "${options[@]}" -- "${paths[@]}"
}

if [[ -n ${SARIF_FILE:-} ]]; then
  # Findings are status 1, which the next run reports too.
  check --format sarif >"$SARIF_FILE" || (($? == 1))
fi
check
