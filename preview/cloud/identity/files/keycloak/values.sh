KEYCLOAK=https://login.example.com
REALM=corp
CLIENT_ID=keystone
CLIENT_SECRET_FILE=/root/oidc-client-secret
DASHBOARD=dashboard.example.com
KEYSTONE=https://keystone.example.com:5000
# A copy of /etc/apache2/federation/saml/$KEYSTONE_NAME.xml, from the host of Keystone.
KEYSTONE_METADATA=keystone.example.com.xml
