install -d /etc/keystone/keystone.conf.d
cat >/etc/keystone/keystone.conf.d/federation.conf <<CONF
[auth]
methods = password,token,application_credential,openid,saml2
[federation]
trusted_dashboard = https://$DASHBOARD/auth/websso/
[openid]
remote_id_attribute = OIDC-iss
[saml2]
remote_id_attribute = MELLON_IDP
CONF
