kcadm.sh config credentials --server "$KEYCLOAK" --realm master --user admin
