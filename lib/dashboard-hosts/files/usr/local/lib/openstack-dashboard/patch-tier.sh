# shellcheck shell=bash disable=SC2034
# What `patch` restarts on a dashboard host, and how its copy serves
SERVICES=(openstack-dashboard.service openstack-dashboard-health.service nginx.service)

# share_with_copy ROOT: the secret is only in memory
share_with_copy() {
  install -d -o horizon "$1/run/openstack-dashboard" "$1/run/openstack-dashboard-scoreboard"
  cp -p /run/openstack-dashboard/secret_key "$1/run/openstack-dashboard/"
}

# As openstack-dashboard.service does, with one worker
start_application() (
  load_env "$ETC/dashboard.env"
  load_env "$ETC/release.env"
  export GUNICORN_WORKERS=1 PYTHONPATH=$LIB/python PYTHONWARNINGS=ignore
  exec setpriv --reuid=horizon --regid=horizon --init-groups --no-new-privs --inh-caps=-all \
    --bounding-set=-all "$LIB/with-horizon" gunicorn -c "$LIB/gunicorn.conf.py" -b unix:/run/openstack-dashboard/gunicorn.sock
)

# 503: without network, sessions cannot be reached, which the application itself says
shows_login_page() {
  [[ $(curl -sk -m 20 -o /dev/null -w '%{http_code}' --resolve "$SERVER_NAME:443:127.0.0.1" \
    -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-For: 192.0.2.1' "https://$SERVER_NAME/auth/login/?redirect=false") =~ ^(200|503)$ ]]
}

serve_in_copy() {
  start_application &
  nginx -t -q && nginx || return 1
  retry 90 shows_login_page
}
