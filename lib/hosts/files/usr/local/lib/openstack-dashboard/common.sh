# shellcheck shell=bash
# Functions that the scripts of both tiers share.
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
LIB=/usr/local/lib/openstack-dashboard
ETC=/etc/openstack-dashboard
# What a release of static media is built from. Its versions only change with the host: pages would refer to
# another release, and code that is loaded would not change with it.
# shellcheck disable=SC2034
RELEASE_PACKAGES=('python3-*' 'openstack-dashboard*' '*-dashboard' 'libjs-*' 'fonts-*')
say() { echo "openstack-dashboard: $*"; }

die() {
  echo "$*" >&2
  exit 1
}

# load_env FILE: exports its NAME="value" lines. A value is data, whatever it contains: only a `\` before a
# character is removed, as systemd does in an EnvironmentFile=.
load_env() {
  local line name rest value
  LOADED=()
  while IFS= read -r line || [[ $line ]]; do
    [[ $line && $line != '#'* ]] || continue
    [[ $line =~ ^([A-Za-z_][A-Za-z0-9_]*)=(\"(.*)\"|[^\"\'\\[:space:]]*)$ ]] ||
      die "$1: lines must be NAME=\"value\", got ${line%%=*}"
    name=${BASH_REMATCH[1]} rest=${BASH_REMATCH[2]} value=
    if [[ $rest == '"'* ]]; then
      rest=${BASH_REMATCH[3]}
      while [[ $rest == *\\* ]]; do
        value+=${rest%%\\*}
        rest=${rest#*\\}
        value+=${rest:0:1}
        rest=${rest:1}
      done
    fi
    export "$name=$value$rest"
    LOADED+=("$name")
  done <"$1"
}

# require NAME PATTERN: fails on a value that scripts, nginx or openssl might interpret as more than text.
# It may come from a template parameter.
require() {
  [[ ! -v $1 || ${!1} =~ ^($2)$ ]] || die "host.env: $1 must match $2, got \"${!1}\""
}

load_host_environment() {
  local name
  load_env "$ETC/host.env"
  require AWS_REGION '[a-z0-9-]+'
  require AWS_URL_SUFFIX '[a-z0-9.-]+'
  require PACKAGES '( ?[a-z0-9][a-z0-9+.-]+)*'
  require IMAGE_STAGE 'bake|test'
  require EGRESS_PROXY 'http://[A-Za-z0-9.-]+:[0-9]{1,5}'
  require EGRESS_PROXY_EXCLUDE '[A-Za-z0-9.,/-]*'
  require CFN_RESOURCE '[A-Za-z0-9]*'
  require THEME_RESOURCE '[A-Za-z0-9]*'
  require SITE_FILES_RESOURCE '[A-Za-z0-9]*'
  require CA_CERTIFICATES_RESOURCE '[A-Za-z0-9]*'
  require CA_CERTIFICATES '[A-Za-z0-9+/=]*'
  require SYSTEM_CA_CERTIFICATES 'true|false'
  require HORIZON_RESOURCE '[A-Za-z0-9]*'
  require HORIZON_INDEX_URL 'https?://[A-Za-z0-9.:/_-]+'
  require ASSET_BUCKET '[A-Za-z0-9._-]*'
  require SERVER_NAME '[A-Za-z0-9.-]*'
  require ENTRY_ENDPOINT '[A-Za-z0-9.-]*'
  require HSTS_INCLUDE_SUBDOMAINS 'true|false'
  require IN_PLACE_PATCHES 'true|false'
  require ACCESS_LOG 'true|false'
  require LOG_GROUP '[A-Za-z0-9._/#-]*'
  # bash evaluates these in arithmetic
  for name in "${LOADED[@]}"; do
    case $name in *_SECONDS | *_MAX | *_AGE | *_SIZE | *_BYTES | *_WORKERS) require "$name" '[0-9]+' ;; esac
  done
}

load_host_environment

# step NAME COMMAND...: if the command fails, reports the name of the step and the last line of output
step() {
  local name=$1 log status
  shift
  log=$(mktemp)
  # a host that gives up reports the steps that have not ended
  mkdir -p /run/openstack-dashboard-steps
  : >"/run/openstack-dashboard-steps/$name"
  # not as a condition: `set -e` would not hold inside the command
  set +e
  (set -e; "$@") 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  set -e
  if ((status)); then
    say "FAILED: $name: $(grep -v '^ *$' "$log" | tail -n 1 | sed -E 's/^[^ ]*: line [0-9]+: //')"
  else
    say "$name: done at $(cut -d' ' -f1 /proc/uptime) s"
  fi
  rm -f "$log" "/run/openstack-dashboard-steps/$name"
  return "$status"
}

# wait_for_all PROCESS...: waits for all, and exits at once when one has failed
wait_for_all() {
  local _
  for _; do wait -n || exit 1; done
}

# retry SECONDS COMMAND...: repeats the command until it succeeds or the time is up
retry() {
  local end=$((SECONDS + $1)) pause=1
  shift
  until "$@"; do
    ((SECONDS + pause < end)) || return 1
    sleep "$pause"
    ((pause = pause < 8 ? pause * 2 : 8))
  done
}

# imds PATH: instance metadata, version 2
imds() {
  local base=http://169.254.169.254/latest token
  token=$(curl -sf -m 3 --noproxy '*' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' \
    "$base/api/token") || return 1
  curl -sf -m 3 --noproxy '*' -H @<(echo "X-aws-ec2-metadata-token: $token") "$base/meta-data/$1"
}

credentials_expire=0
credentials() {
  ((SECONDS >= credentials_expire)) || return 0
  local role json key
  role=$(retry 30 imds iam/security-credentials/) || die 'no instance role'
  json=$(retry 30 imds "iam/security-credentials/$role") || die "no credentials for role $role"
  value() { grep -o "\"$1\" *: *\"[^\"]*\"" <<<"$json" | cut -d'"' -f4; }
  key="$(value AccessKeyId):$(value SecretAccessKey)"
  # curl reads it from a pipe: never in the arguments of a process
  AWS_CURL_CONFIG="user = \"$key\"
header = \"x-amz-security-token: $(value Token)\""
  ((credentials_expire = SECONDS + 240))
}

# aws SERVICE FILE CURL-ARGUMENTS...: a signed request; the reply goes to FILE, its status to stdout
aws() {
  local service=$1 file=$2
  shift 2
  curl -sS --connect-timeout 5 -m 120 --aws-sigv4 "aws:amz:$AWS_REGION:$service" -o "$file" \
    ${EGRESS_PROXY:+-x "$EGRESS_PROXY" --noproxy "$EGRESS_PROXY_EXCLUDE"} \
    -w '%{http_code}' --config <(echo "$AWS_CURL_CONFIG") "$@"
}

# describe_resource RESOURCE FILE: CloudFormation's reply with the metadata of a resource of the stack
describe_resource() {
  local status
  credentials
  status=$(aws cloudformation "$2" "https://cloudformation.$AWS_REGION.$AWS_URL_SUFFIX/" \
    -d Action=DescribeStackResource -d Version=2010-05-15 --data-urlencode "StackName=$CFN_STACK" \
    -d "LogicalResourceId=$1") || return 1
  [[ $status == 200 ]] && return 0
  echo "DescribeStackResource $1: status $status" >&2
  return 1
}

bucket_url() { echo "https://$ASSET_BUCKET.s3.$AWS_REGION.$AWS_URL_SUFFIX"; }

# For apt, and for the calls of Horizon: its units read proxy.env. Scripts name the proxy in each call, so that
# nothing else uses it, such as instance metadata and the load balancer.
APT_PROXY=/etc/apt/apt.conf.d/98openstack-dashboard-proxy
configure_proxy() {
  local name
  # an image may have those of another host
  rm -f "$APT_PROXY" "$ETC/proxy.env"
  [[ -n ${EGRESS_PROXY:-} ]] || return 0
  {
    echo "Acquire::http::Proxy \"$EGRESS_PROXY\";"
    echo "Acquire::https::Proxy \"$EGRESS_PROXY\";"
    # apt has no ranges
    for name in ${EGRESS_PROXY_EXCLUDE//,/ }; do
      [[ $name != */* ]] || continue
      echo "Acquire::http::Proxy::$name \"DIRECT\";"
      echo "Acquire::https::Proxy::$name \"DIRECT\";"
    done
  } >"$APT_PROXY"
  printf '%s="%s"\n' HTTPS_PROXY "$EGRESS_PROXY" NO_PROXY "$EGRESS_PROXY_EXCLUDE" >"$ETC/proxy.env"
}

install_packages() {
  local package missing=()
  for package in $PACKAGES; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
      missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  # services of packages must not start before they are configured
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
  # Horizon's postinst and triggers would build assets that nothing uses
  dpkg-statoverride --update --force-statoverride-add --add root root 0644 \
    /usr/share/openstack-dashboard/manage.py 2>/dev/null || true
  retry 240 apt-get -q update -o Acquire::Retries=3 -o APT::Update::Error-Mode=any
  retry 600 apt-get -qy install --no-install-recommends -o Acquire::Retries=5 \
    -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold \
    -o Dpkg::Options::=--force-unsafe-io -o Dpkg::Use-Pty=0 "${missing[@]}"
  rm -f /usr/sbin/policy-rc.d
}

# the load balancer does not verify this certificate, which only encrypts the connection
create_certificate() {
  local key=/etc/ssl/private/openstack-dashboard.key
  install -d -m 0700 /etc/ssl/private
  [[ -s $key ]] || (
    umask 077
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
      -subj /CN=openstack-dashboard -addext "subjectAltName=DNS:$SERVER_NAME" \
      -keyout "$key" -out /etc/ssl/openstack-dashboard.crt 2>/dev/null
  )
}

# render TEMPLATE TARGET: @NAME@ becomes the value of the variable NAME
render() {
  local text name
  text=$(<"$1")
  while [[ $text =~ @([A-Z_]+)@ ]]; do
    name=${BASH_REMATCH[1]}
    [[ -n ${!name:-} ]] || die "$1: $name is not set"
    [[ ${!name} =~ ^[A-Za-z0-9./:\;=_\ -]+$ ]] ||
      die "$name must only have letters, digits, spaces and ./:;=_- in $1, got \"${!name}\""
    text=${text//"@$name@"/"${!name}"}
  done
  echo "$text" >"$2"
}

configure_nginx() {
  render "$LIB/nginx.conf.template" /etc/nginx/nginx.conf
  # without IPv6 in the kernel nginx would not start
  [[ -e /proc/net/if_inet6 ]] || sed -i '/^ *listen \[::\]:/d' /etc/nginx/nginx.conf
  [[ ${ACCESS_LOG:-} != true ]] ||
    sed -i "s:include $LIB/nginx-http.conf;:&\n  include $LIB/nginx-access-log.conf;:" /etc/nginx/nginx.conf
  nginx -t -q
}

# Debian's own service would only hold memory: it finishes updates at shutdown.
configure_patches() {
  local glob
  systemctl disable --now --quiet unattended-upgrades.service 2>/dev/null || true
  {
    echo 'Unattended-Upgrade::Package-Blacklist {'
    for glob; do echo "  \"${glob//\*/.*}\$\";"; done
    echo '};'
  } >/etc/apt/apt.conf.d/99openstack-dashboard-release
}

start_patches() {
  [[ $IN_PLACE_PATCHES != true ]] || systemctl enable --now --quiet openstack-dashboard-patch.timer
}

# First, so that the reason of a failed start is sent too. A host serves users without it.
ship_logs() {
  [[ -n ${LOG_GROUP:-} ]] || return 0
  systemd-sysusers openstack-dashboard-logs.conf &&
    systemctl enable --now --no-block --quiet openstack-dashboard-logs.service ||
    say 'the journal is not sent to CloudWatch Logs'
}

configure_admin_access() {
  case $ADMIN_ACCESS in
    none) systemctl disable --now --quiet ssh.service ssh.socket 2>/dev/null || true ;;
    instance-connect)
      cat >/etc/ssh/sshd_config.d/00-openstack-dashboard.conf <<CONFIG
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
AuthorizedKeysCommand $LIB/authorized-keys %u
AuthorizedKeysCommandUser nobody
CONFIG
      systemctl reload-or-restart ssh.service
      ;;
    *) die "ADMIN_ACCESS must be none or instance-connect, got \"$ADMIN_ACCESS\"" ;;
  esac
}

# Ends the provisioning of an instance that becomes an image: hosts that start from it configure themselves.
finish_bake() {
  systemctl disable --now --quiet nginx.service
  say 'ready to become an image'
  exit 0
}

healthy() { curl -skf -m 5 -o /dev/null https://127.0.0.1/healthz; }

# query SERVICE VERSION ACTION CURL-ARGUMENTS...: returns 2 if nothing in AWS waits for it
REPLY=/run/openstack-dashboard-reply
query() {
  local status
  credentials
  status=$(aws "$1" $REPLY "https://$1.$AWS_REGION.$AWS_URL_SUFFIX/" -d "Version=$2" -d "Action=$3" \
    "${@:4}") || return 1
  [[ $status == 200 ]] && return 0
  [[ $status == 400 ]] && grep -q ValidationError $REPLY && return 2
  echo "$3: status $status: $(head -c 300 $REPLY | tr -d '\n')" >&2
  return 1
}

# Has the scaling group put the host into service. The hook only waits after the group has seen the
# instance run, which may be later than a quick start.
complete_lifecycle_action() {
  local status=0
  query cloudformation 2010-05-15 DescribeStackResource --data-urlencode "StackName=$CFN_STACK" \
    -d "LogicalResourceId=$CFN_RESOURCE" || return 1
  query autoscaling 2011-01-01 CompleteLifecycleAction -d LifecycleHookName=openstack-dashboard \
    -d LifecycleActionResult=CONTINUE -d "InstanceId=$id" --data-urlencode "AutoScalingGroupName=$(
      sed -n 's:.*<PhysicalResourceId>\(.*\)</PhysicalResourceId>.*:\1:p' $REPLY
    )" || status=$?
  if ((status == 2 && SECONDS - begun >= 60)); then
    say 'no lifecycle hook waits for this host'
    return 0
  fi
  return "$status"
}

# the number of connections to this host so far
connections() {
  awk '$1 != "Tcp:" { next } !column { for (column = 1; $column != "PassiveOpens"; column++); next }
    { print $column }' /proc/net/snmp
}

# only the load balancer connects to a host that has just come into service
checked_by_load_balancer() { (($(connections) > before)); }

# outside a deployment no stack waits for the signal
signal_success() {
  query cloudformation 2010-05-15 SignalResource -d Status=SUCCESS -d "UniqueId=$id" \
    --data-urlencode "StackName=$CFN_STACK" -d "LogicalResourceId=$CFN_RESOURCE" || (($? == 2))
}

signal() {
  [[ -n ${CFN_RESOURCE:-} && -z ${IMAGE_STAGE:-} ]] || return 0
  local id before begun=$SECONDS
  id=$(retry 30 imds instance-id)
  before=$(connections)
  retry 300 complete_lifecycle_action
  # An update terminates an old host after this signal: the load balancer must have checked this one
  # before. In a first deployment its listener may not exist yet.
  retry "${LOAD_BALANCER_SECONDS:-45}" checked_by_load_balancer || say 'the load balancer has not checked this host yet'
  retry 90 signal_success
}
