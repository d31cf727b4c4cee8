#!/usr/bin/env bash
# Makes .venv-site, a Python environment with the generator of the site. With --lock: writes its requirements.txt anew.
set -euo pipefail
exec bash "$(dirname "$0")/../venv.sh" .venv-site scripts/site "$@"
