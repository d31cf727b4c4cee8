# The name of the provider in Keystone, and in webSso of the dashboard.
IDP=corp
# As in the provider's discovery document, to the letter.
ISSUER=https://login.example.com
CLIENT_ID=keystone
CLIENT_SECRET_FILE=/root/oidc-client-secret
SCOPE='openid email profile groups'
