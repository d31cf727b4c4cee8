openstack mapping create --rules oidc-mapping.json "$IDP"
openstack identity provider create --remote-id "$ISSUER" "$IDP"
openstack federation protocol create --identity-provider "$IDP" --mapping "$IDP" openid
