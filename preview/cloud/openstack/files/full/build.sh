# shellcheck shell=bash
# Prepares the services of the preview's full cloud in an image that has their packages and Keystone: databases, and
# what people see in it. Its other files are in /opt/cloud.
rm -rf /var/lib/mysql
install -d -o mysql -g mysql /var/lib/mysql
useradd --system --home-dir /var/lib/cloud --create-home cloud
for folder in nova/instances neutron cinder glance/images glance/staging glance/tasks swift/d1; do
  install -d -o cloud -g cloud "/var/lib/cloud/${folder%%/*}" "/var/lib/cloud/$folder"
done
install -m 0640 -g cloud /dev/null /etc/cloud-password
python3 -c 'import secrets; print(secrets.token_urlsafe(18))' >/etc/cloud-password

chmod -R a+rX /etc/{nova,neutron,cinder,glance,placement}
# The middleware of Glance reads its settings (CORS) here, not where Glance itself does.
ln -sf /run/cloud/etc/glance-api.conf /etc/glance/

# Swift's rings: one device, one replica
install -d /etc/swift
cp /opt/cloud/etc/swift.conf /etc/swift/
python3 - <<'END'
from swift.common.ring import RingBuilder

for name, port in [('object', 6200), ('container', 6201), ('account', 6202)]:
    ring = RingBuilder(4, 1, 0)
    ring.add_dev({'id': 0, 'region': 1, 'zone': 1, 'weight': 1, 'device': 'd1', 'meta': '',
                  **{f'{kind}ip': '127.0.0.1' for kind in ('', 'replication_')},
                  **{f'{kind}port': port for kind in ('', 'replication_')}})
    ring.rebalance()
    ring.get_ring().save(f'/etc/swift/{name}.ring.gz')
END

# Nothing of this may meet what listens on the machine that builds the image.
unshare --net /bin/bash -euo pipefail -c '
  ip link set lo up
  python3 /opt/cloud/build.py databases
  python3 /opt/cloud/build.py fill'
rm -rf /var/log/{nova,neutron,cinder,glance,keystone}/* /run/cloud /run/mysqld
