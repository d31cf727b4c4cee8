#!/usr/bin/env bash
# Makes .venv-languages, a Python environment with PyPI's packages of the AWS CDK. With --lock: writes its
# requirements.txt anew.
set -euo pipefail
exec bash "$(dirname "$0")/venv.sh" .venv-languages test/system/languages "$@"
