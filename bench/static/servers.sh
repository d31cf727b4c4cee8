#!/bin/bash
# Starts all servers that are compared in one throw-away copy of an image, on one core, without a
# network but loopback. Says `ready` and where the copy is; serves until its standard input ends.
# usage: servers.sh LAYERS HOST GROUP CORE NAME   (in mount, net and pid namespaces of its own)
#   HOST   what was taken from a static host: its nginx configuration, certificate and release
#   GROUP  a control group, with one below it for each server
set -euo pipefail
layers=$1 host=$2 group=$3 core=$4 name=$5
here=$(dirname "$0")
source "$here/../../harness/copy-of-image.sh"
root=$(copy_of_image "$layers")
ip link set lo up
hostname "$name"
echo "127.0.0.1 $name localhost" >"$root/etc/hosts"

cp -a "$host/." "$root/"
cp "$here/bare.conf" "$here/sendfile.py" "$root/usr/local/lib/"
# the same configuration, to be compared in plain HTTP as well
sed -i 's/^\( *\)listen 443 ssl \(default_server.*;\)/&\n\1listen 8080 \2/' \
  "$root/etc/nginx/nginx.conf"
grep -q 'listen 8080' "$root/etc/nginx/nginx.conf"
# on one core one worker, or the cost of a request hangs on how connections fall to two
sed -i 's/^worker_processes auto;/worker_processes 1;/' \
  "$root/etc/nginx/nginx.conf" "$root/usr/local/lib/bare.conf"
# Apache, as its package sets it up for a virtual host without TLS, serves the same files
for site in 000-default default-ssl openstack-dashboard-alias-only; do
  rm "$root/etc/apache2/sites-enabled/$site.conf"
done
ln -s ../sites-available/openstack-dashboard.conf "$root/etc/apache2/sites-enabled/"
apache=$root/var/lib/openstack-dashboard/static
rm -rf "$apache"
cp -a "$root/var/lib/openstack-dashboard-static/static" "$apache"
find "$apache" '(' -name '*.gz' -o -name '*.br' ')' -delete

# start SERVER COMMAND...
start() {
  (
    echo 0 >"$group/$1/cgroup.procs"
    shift
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
      taskset -c "$core" chroot "$root" "$@"
  )
}
start tier nginx
start bare nginx -c /usr/local/lib/bare.conf
start apache apachectl start
start sendfile python3 /usr/local/lib/sendfile.py 8083 /var/lib/openstack-dashboard-static 8 &
for port in 80 443 8080 8082 8083 8443; do
  for ((i = 0; i < 100; i++)); do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue 2; fi
    sleep 0.1
  done
  echo "nobody listens at port $port" >&2
  exit 1
done
echo "ready $root"
cat >/dev/null
