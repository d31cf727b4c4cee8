#!/usr/bin/env bash
# Lints what hosts and the preview run, with the languages' own tools: shellcheck and pyflakes.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in shellcheck pyflakes3; do
  command -v "$tool" >/dev/null || {
    echo "$tool is missing; on Debian: apt-get install shellcheck pyflakes3" >&2
    exit 1
  }
done
mapfile -t files < <(git ls-files --cached --others --exclude-standard .ci lib preview scripts test)
shell=() python=()
for file in "${files[@]}"; do
  [[ -f $file ]] || continue
  first=$(head -c 60 "$file" | tr -d '\0' | head -n 1)
  case $file:$first in
    *:'#!'*bash* | *:'# shellcheck shell='* | *.sh:*) shell+=("$file") ;;
    *.py:* | *:'#!'*python*) python+=("$file") ;;
  esac
done
# SC1091: sourced files lie elsewhere on a host; SC2015: `a && b || c` is meant as written
shellcheck --exclude=SC1091,SC2015 "${shell[@]}"
pyflakes3 "${python[@]}"
echo "${#shell[@]} shell and ${#python[@]} Python files are clean"
