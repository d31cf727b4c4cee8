# shellcheck shell=bash disable=SC2034
# What `patch` restarts on a static host, and how its copy serves
SERVICES=(openstack-dashboard-static-pull.service nginx.service)

share_with_copy() { :; }

serve_in_copy() {
  nginx -t -q && nginx || return 1
  retry 20 healthy
}
