#!/usr/bin/env bash
# The pre-commit hook: the npm package of this version. What git has is not built, so pre-commit
# cannot install it from there.
set -euo pipefail
version=$(node -p 'require(process.argv[1]).version' "$(dirname "$(realpath "$0")")/../package.json")
# for tries, a packed library
package=${OPENSTACK_DASHBOARD_PACKAGE:-cdk-openstack-dashboard@$version}
exec npx --yes --package "$package" -- openstack-dashboard-check --skip-others "$@"
