#!/bin/bash
# Makes of a fresh Debian root directory what a machine image of EC2 is, as far as hosts can tell.
# usage: customize.sh ROOT APT_PROXY
set -euo pipefail
root=$1 proxy=$2

# The only way out of the preview's network.
echo "Acquire::http::Proxy \"http://$proxy\";" >"$root/etc/apt/apt.conf.d/90preview"

cat >"$root/etc/cloud/cloud.cfg.d/90_preview.cfg" <<'END'
datasource_list: [ Ec2 ]
datasource:
  Ec2:
    strict_id: false
    metadata_urls: [ 'http://169.254.169.254' ]
    max_wait: 30
    timeout: 5
# The network card has its address from the start, as from DHCP.
network: { config: disabled }
# No udev in a container, hence no network card that comes later.
updates: { network: { when: [boot-new-instance] } }
END

# Every host makes its own.
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
# Names are in /etc/hosts; there is no name server to wait for.
: >"$root/etc/resolv.conf"

# Nothing but the hosts' own work should be measured, and a terminal's hang-up would end the console.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer \
  e2scrub_all.timer getty@.service console-getty.service serial-getty@.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
