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
    token=$(parse_list <"$folder/list" 3>>"$folder/objects.new") || return 1
    [[ $token ]] || break
    token="continuation-token=$token&"
  done
  sort -s -n -k 5,5 "$folder/objects.new" >"$folder/objects"
  rm -f "$folder/objects.new" "$folder/list"
}

# Objects go to descriptor 3, the token of the next page to stdout.
parse_list() {
  python3 -I -c '
import datetime
import re
import sys
from urllib.parse import quote
from xml.etree import ElementTree

page = ElementTree.parse(sys.stdin.buffer).getroot()
space = page.tag.removesuffix("ListBucketResult")
with open(3, "w") as objects:
    for item in page.iter(f"{space}Contents"):
        key, etag, size, modified = (
            item.findtext(space + name, "") for name in ("Key", "ETag", "Size", "LastModified"))
        named = re.fullmatch(r"releases/([0-9a-f]{16})(\.[0-9]{8})?\.tar", key)
        if named:
            etag = re.sub("[^0-9A-Za-z-]", "", etag) or "-"
            seconds = int(datetime.datetime.fromisoformat(modified).timestamp())
            print(named[1], key, etag, int(size), seconds, file=objects)
print(quote(page.findtext(f"{space}NextContinuationToken", ""), safe=""))
'
}
