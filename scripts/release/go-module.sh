#!/usr/bin/env bash
# Replaces the contents of the repository of the Go module by those of a folder, and tags them as Go expects it.
# Does nothing if the tag is there already.
# usage: go-module.sh FOLDER VERSION [REPOSITORY]
# https://go.dev/ref/mod#vcs-version
set -euo pipefail
folder=$(realpath "$1") version=$2
repository=${3:-git@github.com:cdk-openstack-dashboard/cdk-openstack-dashboard-go.git}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

modules=("$folder"/*/go.mod)
[[ ${#modules[@]} == 1 && -e ${modules[0]} ]] || { echo "$folder must have one module" >&2; exit 1; }
tag=$(basename "$(dirname "${modules[0]}")")/v$version

if [[ -n ${GO_DEPLOY_KEY:-} ]]; then
  install -m 600 /dev/null "$scratch/key"
  printf '%s\n' "$GO_DEPLOY_KEY" >"$scratch/key"
  # GitHub's keys, from https://api.github.com/meta over TLS, instead of trust on first use
  curl -fsS --max-time 60 https://api.github.com/meta | jq -r '.ssh_keys[] | "github.com \(.)"' >"$scratch/known_hosts"
  export GIT_SSH_COMMAND="ssh -i $scratch/key -o IdentitiesOnly=yes -o UserKnownHostsFile=$scratch/known_hosts -o StrictHostKeyChecking=yes"
fi

git clone --quiet "$repository" "$scratch/module"
cd "$scratch/module"
if git rev-parse --quiet --verify "refs/tags/$tag" >/dev/null; then
  echo "$tag is published already"
  exit
fi
git rm -rq --ignore-unmatch .
cp -R "$folder"/. .
git add --all
git config user.name 'github-actions[bot]'
git config user.email '41898282+github-actions[bot]@users.noreply.github.com'
git commit --quiet --allow-empty --message "chore(release): $version"
git tag "$tag"
# Both or neither
git push --quiet --atomic origin HEAD:main "refs/tags/$tag"
echo "$tag pushed"
