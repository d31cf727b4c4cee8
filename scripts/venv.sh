#!/usr/bin/env bash
# Makes a Python environment, at the versions and hashes of a folder's requirements.txt. Does nothing if it is
# current. Usage: venv.sh ENVIRONMENT FOLDER [--lock]
# With --lock: writes requirements.txt anew, from requirements.in.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1 folder=$2
lock=$folder/requirements.txt

python() {
  local candidate
  for candidate in "${PYTHON:-python3}" python3 /usr/bin/python3; do
    # Debian's python3 has no ensurepip without python3-venv
    if "$candidate" -c 'import sys, venv, ensurepip; assert sys.version_info >= (3, 11)' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo 'Python 3.11 or later with venv is missing; on Debian: apt-get install python3-venv' >&2
  return 1
}

if [[ ${3:-} == --lock ]]; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  "$(python)" -m venv "$scratch"
  "$scratch/bin/pip" -q install --disable-pip-version-check pip-tools==7.6.2
  "$scratch/bin/pip-compile" --quiet --no-header --generate-hashes --allow-unsafe --strip-extras \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file "$lock" "$folder/requirements.in"
  exit
fi

digest=$(sha256sum <"$lock")
[[ $(cat "$venv/lock" 2>/dev/null) != "$digest" ]] || exit 0
interpreter=$(python)
echo "make $venv …"
"$interpreter" -m venv --clear "$venv"
"$venv/bin/pip" -q install --disable-pip-version-check --no-deps --require-hashes -r "$lock"
"$venv/bin/pip" -q check
echo "$digest" >"$venv/lock"
