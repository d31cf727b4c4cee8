# shellcheck shell=bash
# Prepares an identity service on SQLite, so that it starts quickly later.
cat >/etc/keystone/keystone.conf <<'END'
[DEFAULT]
use_stderr = true
[database]
connection = sqlite:////var/lib/keystone/keystone.db
[token]
provider = fernet
[fernet_tokens]
key_repository = /etc/keystone/fernet-keys
[credential]
key_repository = /etc/keystone/credential-keys
END
install -d -o keystone -g keystone /var/lib/keystone
rm -f /var/lib/keystone/*.db
runuser -u keystone -- keystone-manage db_sync
keystone-manage fernet_setup --keystone-user keystone --keystone-group keystone
keystone-manage credential_setup --keystone-user keystone --keystone-group keystone
# A reader in one process must not lock a writer in another out.
python3 -c 'import sqlite3; sqlite3.connect("/var/lib/keystone/keystone.db").execute("pragma journal_mode=wal")'
chown -R keystone: /var/lib/keystone
