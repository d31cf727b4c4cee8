#!/usr/bin/env bash
# `npm run test:languages`, for some of the tests `… -- -k NAME`: the library in Python, Java and Go.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=true PYTHONDONTWRITEBYTECODE=1

missing=()
command -v mvn >/dev/null && command -v javac >/dev/null || missing+=(maven default-jdk-headless)
command -v go >/dev/null || missing+=(golang-go)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
if ((${#missing[@]})) && [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q update
  apt-get -qy install --no-install-recommends "${missing[@]}"
fi

bash scripts/languages-venv.sh
# The apps in TypeScript, then the library as it is published
node scripts/compile.mjs
node scripts/build.mjs
exec .venv-languages/bin/python test/system/judges/suite.py test/system/languages "$@"
