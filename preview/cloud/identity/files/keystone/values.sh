# The name of the dashboard, with the port if that is not 443.
DASHBOARD=dashboard.example.com
# Keystone as browsers reach it: https://NAME:PORT PATH /v3. The path is empty or, for example, /identity.
KEYSTONE_NAME=keystone.example.com
KEYSTONE_PORT=5000
KEYSTONE_PATH=
KEYSTONE_CERTIFICATE=/etc/keystone/ssl/fullchain.pem
KEYSTONE_CERTIFICATE_KEY=/etc/keystone/ssl/private.pem
KEYSTONE=https://$KEYSTONE_NAME:$KEYSTONE_PORT
KEYSTONE=${KEYSTONE%:443}$KEYSTONE_PATH
# Members of this group of the provider get the role in the project.
GROUP=cloud-users
ROLE=member
PROJECT=demo
