openstack mapping create --rules saml-mapping.json "$IDP"
# The provider's entity ID, from its metadata.
ENTITY_ID=$(sed -n 's/.*entityID="\([^"]*\)".*/\1/p' /etc/apache2/federation/saml/provider.xml | head -n 1)
openstack identity provider create --remote-id "$ENTITY_ID" "$IDP"
openstack federation protocol create --identity-provider "$IDP" --mapping "$IDP" saml2
