a2enmod -q ssl wsgi auth_openidc auth_mellon
a2dissite -q 000-default
grep -qx "Listen $KEYSTONE_PORT" /etc/apache2/ports.conf || echo "Listen $KEYSTONE_PORT" >>/etc/apache2/ports.conf
install -d /etc/apache2/federation /etc/apache2/federation/providers
install -d -m 0750 -g www-data /etc/apache2/federation/oidc /etc/apache2/federation/saml
if [[ ! -e /etc/apache2/federation/passphrase ]]; then
  (umask 077 && openssl rand -hex 32 >/etc/apache2/federation/passphrase)
fi
cat >"/etc/apache2/sites-available/$KEYSTONE_NAME.conf" <<CONF
Define DASHBOARD $DASHBOARD
Define KEYSTONE_NAME $KEYSTONE_NAME
Define KEYSTONE_PORT $KEYSTONE_PORT
Define KEYSTONE_V3 $KEYSTONE_PATH/v3
Define KEYSTONE_MOUNT ${KEYSTONE_PATH:-/}
Define KEYSTONE_CERTIFICATE $KEYSTONE_CERTIFICATE
Define KEYSTONE_CERTIFICATE_KEY $KEYSTONE_CERTIFICATE_KEY
Include /etc/apache2/federation/keystone.conf
CONF
a2ensite -q "$KEYSTONE_NAME"
