#!/usr/bin/env bash
# Makes .venv-judges, a Python environment with the judges that others wrote (moto, cfn-lint, gixy, botocore). With
# --lock: writes its requirements.txt anew.
set -euo pipefail
exec bash "$(dirname "$0")/venv.sh" .venv-judges test/system/judges "$@"
