#!/usr/bin/env bash
# Lints what hosts and the preview run: shellcheck, pyflakes and nginx-linter. (The host tests try the
# configuration of both tiers with `nginx -t`.)
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH
for tool in shellcheck pyflakes3 nginx-linter; do
  command -v "$tool" >/dev/null || {
    echo "$tool is missing; run npm ci, and on Debian: apt-get install shellcheck pyflakes3" >&2
    exit 1
  }
done
mapfile -t files < <(git ls-files --cached --others --exclude-standard .ci bench harness init lib preview scripts test \
  ':!test/unit/import') # settings of others, as the tests need them
shell=() python=() nginx=()
for file in "${files[@]}"; do
  [[ -f $file ]] || continue
  first=$(head -c 60 "$file" | tr -d '\0' | head -n 1)
  case $file:$first in
    *:'#!'*bash* | *:'# shellcheck shell='* | *.sh:*) shell+=("$file") ;;
    */openstack-dashboard/nginx*:*) nginx+=(--include "$file") ;;
    *.py:* | *:'#!'*python*) python+=("$file") ;;
  esac
done
# SC1091: sourced files lie elsewhere on a host; SC2015: `a && b || c` is meant as written
shellcheck --exclude=SC1091,SC2015 "${shell[@]}"
pyflakes3 "${python[@]}"
nginx-linter --config scripts/nginx-linter.json --no-follow-includes "${nginx[@]}" | grep -v '^ *$' >&2
echo "${#shell[@]} shell, ${#python[@]} Python and $((${#nginx[@]} / 2)) nginx files are clean"
