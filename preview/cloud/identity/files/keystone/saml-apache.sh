cd /etc/apache2/federation/saml
curl --fail --silent --show-error "$METADATA_URL" >provider.xml
mellon_create_metadata "$KEYSTONE/v3/mellon/metadata" "$KEYSTONE/v3/mellon"
for kind in key cert xml; do
  mv "$(sed 's/[^0-9A-Za-z.]/_/g; s/__*/_/g' <<<"$KEYSTONE/v3/mellon/metadata").$kind" "$KEYSTONE_NAME.$kind"
  chgrp www-data "$KEYSTONE_NAME.$kind"
  chmod 0640 "$KEYSTONE_NAME.$kind"
done
