kcadm.sh create clients --target-realm "$REALM" --file - <<JSON
{
  "clientId": "$CLIENT_ID",
  "secret": "$(cat "$CLIENT_SECRET_FILE")",
  "redirectUris": ["$KEYSTONE/v3/redirect_uri"],
  "attributes": {
    "pkce.code.challenge.method": "S256",
    "post.logout.redirect.uris": "https://$DASHBOARD/logged-out"
  },
  "protocolMappers": [
    {
      "name": "groups",
      "protocol": "openid-connect",
      "protocolMapper": "oidc-group-membership-mapper",
      "config": {
        "claim.name": "groups",
        "full.path": "false",
        "id.token.claim": "true",
        "userinfo.token.claim": "true"
      }
    }
  ]
}
JSON
