kcadm.sh create client-description-converter --target-realm "$REALM" --output \
  --header Content-Type=application/xml --file "$KEYSTONE_METADATA" >keystone-client.json
# Debian's mod_auth_mellon cannot decrypt with Keycloak's defaults.
client=$(kcadm.sh create clients --target-realm "$REALM" --file keystone-client.json --id \
  --set 'attributes."saml.encryption.keyAlgorithm"=http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p' \
  --set 'attributes."saml.encryption.digestMethod"=http://www.w3.org/2000/09/xmldsig#sha1')
kcadm.sh create "clients/$client/protocol-mappers/add-models" --target-realm "$REALM" --file - <<JSON
[
  {
    "name": "uid",
    "protocol": "saml",
    "protocolMapper": "saml-user-property-mapper",
    "config": { "user.attribute": "username", "attribute.name": "uid" }
  },
  {
    "name": "email",
    "protocol": "saml",
    "protocolMapper": "saml-user-property-mapper",
    "config": { "user.attribute": "email", "attribute.name": "email" }
  },
  {
    "name": "groups",
    "protocol": "saml",
    "protocolMapper": "saml-group-membership-mapper",
    "config": { "attribute.name": "groups", "single": "true", "full.path": "false" }
  }
]
JSON
