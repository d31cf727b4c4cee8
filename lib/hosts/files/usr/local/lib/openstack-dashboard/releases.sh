# shellcheck shell=bash
# Functions of both tiers for releases of static media in the asset bucket. Source common.sh first.
# The same limit as in `unpack-release`.
# shellcheck disable=SC2034
RELEASE_SIZE_MAX=$((512 << 20))

# The certificate of S3's endpoint covers one label of a name.
[[ ${ASSET_BUCKET:-} != *.* ]] ||
  die "ASSET_BUCKET must be a name without dots, since S3's certificate covers no others, got $ASSET_BUCKET"

# list_releases FOLDER [RELEASE]: lists the objects of all releases or one in FOLDER/objects, the oldest
# first, with a line for each: RELEASE KEY ETAG SIZE SECONDS
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
