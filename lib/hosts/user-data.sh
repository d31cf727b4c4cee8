#!/bin/bash
# Makes this machine a host. Commands that were added to the user data have already run. This part runs
# in a subshell, so that neither part's traps, options and exits affect the other.
# shellcheck disable=SC2001,SC2034,SC2317
(
set -euo pipefail
export LC_ALL=C.UTF-8
umask 022
cd /
# to the console (get-console-output shows it) and to the journal
exec > >(tee /dev/console 2>/dev/null | systemd-cat -t openstack-dashboard) 2>&1
ETC=/etc/openstack-dashboard LOG=/run/openstack-dashboard-provision.log
step=environment reason='' reply=''

host_value() { sed -n "s/^$1=\"\(.*\)\"\$/\1/p" $ETC/host.env; }

imds() {
  local base=http://169.254.169.254/latest token
  token=$(curl -sf -m 3 --noproxy '*' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' \
    $base/api/token) &&
    curl -sf -m 3 --noproxy '*' -H @<(echo "X-aws-ec2-metadata-token: $token") "$base/meta-data/$1"
}

# aws SERVICE CURL-ARGUMENTS...: a signed request; the reply is in $reply
aws() {
  local role json proxy
  value() { grep -o "\"$1\" *: *\"[^\"]*\"" <<<"$json" | cut -d'"' -f4; }
  proxy=$(host_value EGRESS_PROXY)
  reply='no credentials from the instance metadata service'
  role=$(imds iam/security-credentials/) && json=$(imds "iam/security-credentials/$role") &&
    reply=$(curl ${proxy:+-x "$proxy" --noproxy "$(host_value EGRESS_PROXY_EXCLUDE)"} \
      -sS --fail-with-body -m 20 --aws-sigv4 "aws:amz:$(host_value AWS_REGION):$1" -K <(
      echo "user = \"$(value AccessKeyId):$(value SecretAccessKey)\""
      echo "header = \"x-amz-security-token: $(value Token)\""
    ) "${@:2}" "https://$1.$(host_value AWS_REGION).$(host_value AWS_URL_SUFFIX)/" 2>&1)
}

describe_resource() {
  aws cloudformation -d Action=DescribeStackResource -d Version=2010-05-15 \
    --data-urlencode "StackName=$(host_value CFN_STACK)" -d "LogicalResourceId=$1"
}

# Signals CloudFormation, which fails the deployment, then the scaling group, which terminates this host.
report_failure() {
  local id n
  trap - EXIT
  set +e
  # unless a step has already reported it
  grep -qs '^openstack-dashboard: FAILED: ' "$LOG" || echo "openstack-dashboard: FAILED: $step: $reason"
  # a bake waits for its instance to power off
  [[ -z $(host_value IMAGE_STAGE) ]] || exit 1
  for n in 1 2 3 4; do
    id=$(imds instance-id) && {
      aws cloudformation -d Action=SignalResource -d Version=2010-05-15 -d Status=FAILURE \
        --data-urlencode "StackName=$(host_value CFN_STACK)" -d "LogicalResourceId=$(host_value CFN_RESOURCE)" \
        --data-urlencode "UniqueId=$(printf %s "$id $step: $reason" | LC_ALL=C tr -c ' -~' '?' | cut -c1-64)" ||
        # outside a deployment nothing waits for the signal
        [[ $reply == *ValidationError* ]]
    } && break
    sleep 2
  done
  # the hook only waits once the instance runs
  for n in 1 2 3 4 5 6 7 8; do
    describe_resource "$(host_value CFN_RESOURCE)" &&
      aws autoscaling -d Action=CompleteLifecycleAction -d Version=2011-01-01 \
        -d LifecycleHookName=openstack-dashboard -d LifecycleActionResult=ABANDON -d "InstanceId=$id" \
        --data-urlencode "AutoScalingGroupName=$(sed -n 's:.*<PhysicalResourceId>\(.*\)</PhysicalResourceId>.*:\1:p' <<<"$reply")" &&
      break
    sleep 5
  done
  exit 1
}
trap 'reason=${reason:-ended with status $?}; report_failure' EXIT

# Copies NAME="value" and decodes NAME="BASE64" base64, so that a value from elsewhere never becomes code.
decode_environment() {
  local line value
  while IFS= read -r line; do
    if [[ $line == *'" base64' ]]; then
      value=${line#*\"}
      value=$(base64 -d <<<"${value%\" base64}" && echo .) || return 1
      value=${value%.} line=${line%%=*}
      # not `exit`: the trap would write to the file
      [[ ${value//$'\t'/} != *[[:cntrl:]]* ]] || {
        reason="$line must be one line without control characters"
        return 1
      }
      line+="=\"$(sed 's/[\\"`$]/\\&/g' <<<"$value")\""
    fi
    printf '%s\n' "$line"
  done
}

mkdir -p $ETC
umask 077
decode_environment >/etc/openstack-dashboard/host.env <<'END_OF_ENVIRONMENT'
@HOST_ENVIRONMENT@
END_OF_ENVIRONMENT
decode_environment >/etc/openstack-dashboard/dashboard.env <<'END_OF_ENVIRONMENT'
@DASHBOARD_ENVIRONMENT@
END_OF_ENVIRONMENT
umask 022

# This host gives up before the stack does: up to a third of the time is for what comes before and after.
patience=$(host_value SIGNAL_TIMEOUT_SECONDS)
[[ $patience =~ ^[0-9]{2,5}$ ]] || {
  reason="SIGNAL_TIMEOUT_SECONDS must be a number of seconds, got $patience"
  exit 1
}
deadline=$((patience - (patience < 540 ? patience / 3 : 180)))
seconds_left() { echo $((deadline - $(ps -o etimes= -p 1))); }

step=files
# in the metadata of a resource of the stack, as it is too large for user data
for pause in 1 2 4 8 15 15 15 0; do
  describe_resource '@PAYLOAD@' && payload=$(grep -oE '[A-Za-z0-9+/=]{1000,}' <<<"$reply") && break
  reason="DescribeStackResource @PAYLOAD@: $(tr -d '\n' <<<"$reply" | tail -c 200)"
  ((pause && $(seconds_left) > pause)) || exit 1
  sleep $pause
done
reason='the payload could not be unpacked'
base64 -d <<<"$payload" | tar -xzv --no-same-owner --no-overwrite-dir -C / >/run/openstack-dashboard-files

step=provision reason=''
status=0
exec 3> >(exec tee "$LOG")
tee=$!
timeout -k 10 $(($(seconds_left) > 1 ? $(seconds_left) : 1)) /usr/local/lib/openstack-dashboard/provision >&3 2>&3 3>&- &
wait $! || status=$?
# steps that still run after another one failed
kill -KILL -- -$! 2>/dev/null || true
exec 3>&-
wait $tee || true
if ((status == 124 || status == 137)); then
  step=deadline reason="not in service after $deadline s: $(ls -x /run/openstack-dashboard-steps)"
elif ((status)); then
  IFS=: read -r _ _ step reason < <(grep '^openstack-dashboard: FAILED: ' "$LOG" || tail -n 1 "$LOG" | sed 's/^/:: provision: /') || true
  step=${step# } reason=${reason# }
  step=${step:-provision}
fi
((!status)) || exit 1
trap - EXIT
case $(host_value IMAGE_STAGE) in
  # once cloud-init has ended, which would write files again
  bake) systemd-run -q --no-block -p After=cloud-final.service /usr/local/lib/openstack-dashboard/clean-image ;;
  test) systemctl --no-block poweroff ;;
esac
)
