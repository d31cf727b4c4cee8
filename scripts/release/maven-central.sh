#!/usr/bin/env bash
# Signs the files of a Maven repository layout and uploads them to Maven Central as one deployment, which is published
# when it is valid. Does nothing if the version is there already.
# usage: maven-central.sh FOLDER VERSION [--bundle FILE]: with --bundle, makes the bundle only
# https://central.sonatype.org/publish/publish-portal-api/
set -euo pipefail
folder=$1 version=$2 bundle=${4:-}
portal=https://central.sonatype.com/api/v1/publisher
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

poms=()
while IFS= read -r -d '' file; do poms+=("$file"); done < <(find "$folder" -name "*-$version.pom" -print0)
[[ ${#poms[@]} == 1 ]] || { echo "$folder must have one pom of version $version, got ${#poms[@]}" >&2; exit 1; }
directory=$(dirname "${poms[0]}")
path=${directory#"$folder"/}

if [[ -z $bundle ]] && curl -fsI -o /dev/null --max-time 60 "https://repo1.maven.org/maven2/$path/$(basename "${poms[0]}")"; then
  echo 'published already'
  exit
fi

export GNUPGHOME=$scratch/gnupg
install -d -m 700 "$GNUPGHOME"
gpg --batch --quiet --import <<<"${MAVEN_GPG_PRIVATE_KEY:?}"
mkdir -p "$scratch/bundle/$path"
for file in "$directory"/*.jar "$directory"/*.pom; do
  name=$(basename "$file")
  copy=$scratch/bundle/$path/$name
  cp "$file" "$copy"
  gpg --batch --quiet --armor --detach-sign --pinentry-mode loopback --passphrase-fd 3 "$copy" 3<<<"${MAVEN_GPG_PASSPHRASE-}"
  for algorithm in md5 sha1 sha256; do
    "${algorithm}sum" "$copy" | cut -d ' ' -f 1 >"$copy.$algorithm"
  done
done
archive=${bundle:-$scratch/bundle.zip}
python3 -m zipfile -c "$archive" "$scratch/bundle/"*
[[ -z $bundle ]] || exit 0

# In a file, as arguments can be read by other processes
printf 'header = "Authorization: Bearer %s"\n' \
  "$(printf '%s:%s' "${MAVEN_CENTRAL_USERNAME:?}" "${MAVEN_CENTRAL_PASSWORD:?}" | base64 -w 0)" >"$scratch/curl"
portal() { curl -fsS --max-time 300 --config "$scratch/curl" "$@"; }
id=$(portal -F "bundle=@$archive" "$portal/upload?publishingType=AUTOMATIC&name=cdk-openstack-dashboard-$version")
for _ in {1..80}; do
  status=$(portal -X POST "$portal/status?id=$id")
  state=$(jq -r .deploymentState <<<"$status")
  echo "deployment $id: $state"
  case $state in
    # From here on Sonatype needs up to an hour, without any further decision
    PUBLISHING | PUBLISHED) exit ;;
    FAILED)
      jq .errors <<<"$status" >&2
      exit 1
      ;;
  esac
  sleep 15
done
echo "deployment $id was not validated within 20 minutes: look at it on https://central.sonatype.com/publishing" >&2
exit 1
