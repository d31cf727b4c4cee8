openstack group create "$GROUP"
openstack role add --group "$GROUP" --project "$PROJECT" "$ROLE"
