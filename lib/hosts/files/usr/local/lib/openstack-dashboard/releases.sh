# shellcheck shell=bash
# What both tiers do with releases of static media in the asset bucket. After common.sh.
# As `unpack-release` has it.
# shellcheck disable=SC2034
RELEASE_SIZE_MAX=$((512 << 20))

# The names of S3's endpoint are under a certificate that covers one label.
[[ ${ASSET_BUCKET:-} != *.* ]] ||
  die "ASSET_BUCKET must be a name without dots, which S3's certificate covers, got $ASSET_BUCKET"

# list_releases FOLDER [RELEASE]: writes a line for each object that is named like a release, of all
# releases or one, to FOLDER/objects, the oldest first: RELEASE KEY ETAG SIZE SECONDS
list_releases() {
  local folder=$1 prefix=releases%2F${2:-} token='' status
  : >"$folder/objects.new"
  while :; do
    status=$(aws s3 "$folder/list" -m 30 "$(bucket_url)/?${token}list-type=2&prefix=$prefix") || return 1
    [[ $status == 200 ]] || {
      echo "list of $ASSET_BUCKET: status $status" >&2
      return 1
    }
    token=$("$LIB/read-release-list" "$folder/list" "$folder/objects.new") || return 1
    [[ $token ]] || break
    token="continuation-token=$token&"
  done
  sort -s -n -k 5,5 "$folder/objects.new" >"$folder/objects"
  rm -f "$folder/objects.new" "$folder/list"
}
