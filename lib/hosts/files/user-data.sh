#!/bin/bash
set -euo pipefail
umask 022
# to the console (get-console-output shows it) and to the journal
exec > >(tee /dev/console 2>/dev/null | systemd-cat -t openstack-dashboard) 2>&1
mkdir -p /etc/openstack-dashboard
payload=$(
  cat <<'END_OF_PAYLOAD'
@PAYLOAD@
END_OF_PAYLOAD
)
(
  umask 077
  cat >/etc/openstack-dashboard/host.env <<'END_OF_ENVIRONMENT'
@HOST_ENVIRONMENT@
END_OF_ENVIRONMENT
  cat >/etc/openstack-dashboard/dashboard.env <<'END_OF_ENVIRONMENT'
@DASHBOARD_ENVIRONMENT@
END_OF_ENVIRONMENT
)
# `metadata:LOGICAL_ID`: too large for user data, so in the metadata of that resource of the stack
describe() {
  local imds=http://169.254.169.254/latest token role json
  value() { grep -o "\"$1\" *: *\"[^\"]*\"" <<<"$json" | cut -d'"' -f4; }
  . /etc/openstack-dashboard/host.env
  token=$(curl -sf -m 3 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $imds/api/token)
  get() { curl -sf -m 3 -H "X-aws-ec2-metadata-token: $token" "$imds/meta-data/iam/security-credentials/$1"; }
  role=$(get '') && json=$(get "$role") &&
    curl -sSf -m 20 --aws-sigv4 "aws:amz:$AWS_REGION:cloudformation" -K <(
      echo "user = \"$(value AccessKeyId):$(value SecretAccessKey)\""
      echo "header = \"x-amz-security-token: $(value Token)\""
    ) -d Action=DescribeStackResource -d Version=2010-05-15 --data-urlencode "StackName=$CFN_STACK" \
      -d "LogicalResourceId=$1" "https://cloudformation.$AWS_REGION.$AWS_URL_SUFFIX/" |
    grep -oE '[A-Za-z0-9+/=]{1000,}'
}
if [[ $payload == metadata:* ]]; then
  for pause in 1 2 4 8 15 15 15 0; do
    found=$(describe "${payload#*:}") && break
    sleep "$pause"
  done
  payload=${found:-}
fi
base64 -d <<<"$payload" | tar -xz --no-same-owner --no-overwrite-dir -C / || {
  echo 'openstack-dashboard: FAILED: files: the payload could not be unpacked'
  exit 1
}
exec /usr/local/lib/openstack-dashboard/provision
