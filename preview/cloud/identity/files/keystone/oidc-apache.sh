# The names of the files are the issuer, encoded for a URL.
file=/etc/apache2/federation/oidc/$(sed 's|^https://||; s|:|%3A|g; s|/|%2F|g' <<<"$ISSUER")
curl --fail --silent --show-error "$ISSUER/.well-known/openid-configuration" >"$file.provider"
cat >"$file.client" <<JSON
{ "client_id": "$CLIENT_ID", "client_secret": "$(cat "$CLIENT_SECRET_FILE")" }
JSON
cat >"$file.conf" <<JSON
{ "scope": "$SCOPE", "response_type": "code", "pkce_method": "S256" }
JSON
chgrp www-data "$file".*
chmod 0640 "$file".*
cat >"/etc/apache2/federation/providers/$IDP.conf" <<CONF
<Location \${KEYSTONE_V3}/auth/OS-FEDERATION/identity_providers/$IDP/protocols/openid/websso>
    OIDCDiscoverURL https://\${KEYSTONE_NAME}:\${KEYSTONE_PORT}\${KEYSTONE_V3}/redirect_uri?iss=$(sed 's|:|%3A|g; s|/|%2F|g' <<<"$ISSUER")
    AuthType openid-connect
    Require valid-user
</Location>
CONF
