"""Networking: https://docs.openstack.org/api-ref/network/v2/, as far as Horizon asks for it."""
from data import identifier, one, project_of
from routes import Routes, page

ROUTES = Routes()

EXTENSIONS = [
    'address-group', 'address-scope', 'agent', 'allowed-address-pairs', 'availability_zone',
    'availability_zone_filter', 'binding', 'default-subnetpools', 'dhcp_agent_scheduler',
    'dns-integration', 'dvr', 'ext-gw-mode', 'external-net', 'extra_dhcp_opt', 'extraroute',
    'filter-validation', 'fip-port-details', 'floating-ip-port-forwarding', 'flavors', 'ip_allocation',
    'l3-ha', 'l3_agent_scheduler', 'multi-provider', 'net-mtu', 'net-mtu-writable',
    'network-ip-availability', 'network_availability_zone', 'network-ip-availability-details',
    'pagination', 'port-security', 'project-id', 'provider', 'qos', 'quota_details', 'quotas',
    'rbac-policies', 'revision-if-match', 'router', 'router_availability_zone', 'security-group',
    'security-groups-normalized-cidr', 'security-groups-remote-address-group', 'segment',
    'service-type', 'sorting', 'standard-attr-description', 'standard-attr-revisions',
    'standard-attr-tag', 'standard-attr-timestamp', 'stateful-security-group', 'subnet_allocation',
    'subnet-service-types', 'tag-ports-during-bulk-creation', 'trunk', 'trunk-details']


@ROUTES('GET', '/', public=True)
def versions(request):
    return {'versions': [{'id': 'v2.0', 'status': 'CURRENT',
                          'links': [{'rel': 'self', 'href': f'{request.origin}/v2.0/'}]}]}


@ROUTES('GET', '/v2.0', public=True)
def resources(request):
    return {'resources': [{'name': name, 'collection': f'{name}s', 'links': [
        {'rel': 'self', 'href': f'{request.origin}/v2.0/{name}s'}]}
        for name in ('network', 'subnet', 'port')]}


@ROUTES(r'GET', r'/v2\.0/extensions(?:\.json)?')
def extensions(_request):
    return {'extensions': [
        {'alias': alias, 'name': alias.replace('-', ' ').title(), 'links': [],
         'description': f'Adds {alias.replace("-", " ")} to the API.',
         'updated': '2018-03-01T10:00:00-00:00'} for alias in EXTENSIONS]}


def matches(item, name, values):
    if name == 'fixed_ips':
        wanted = [value.split('=', 1) for value in values]
        return any(fixed.get(key) == value for fixed in item[name] for key, value in wanted)
    if name == 'tenant_id' or name == 'project_id':
        return item['project_id'] in values
    given = item.get(name)
    return str(given).lower() in {value.lower() for value in values}


CONTROLS = {'fields', 'limit', 'marker', 'page_reverse', 'sort_key', 'sort_dir'}
COLLECTIONS = {
    'networks': lambda project: project.visible_networks(),
    'subnets': lambda project: project.visible_subnets(),
    'ports': lambda project: project.ports,
    'routers': lambda project: project.routers,
    'floatingips': lambda project: project.floatingips,
    'security-groups': lambda project: project.security_groups,
    'security-group-rules': lambda project: [
        rule for group in project.security_groups for rule in group['security_group_rules']],
    **{name: lambda project: [] for name in (
        'subnetpools', 'address-scopes', 'address-groups', 'trunks', 'rbac-policies', 'agents',
        'qos/policies', 'availability_zones', 'network-ip-availabilities', 'flavors', 'segments',
        'metering/metering-labels', 'service-providers')},
}
OWN = {'networks': 'networks', 'subnets': 'subnets', 'ports': 'ports', 'routers': 'routers',
       'floatingips': 'floatingips', 'security-groups': 'security_groups'}


def collection(path, visible):
    key = path.rsplit('/', 1)[-1].replace('-', '_')
    single = key[:-3] + 'y' if key.endswith('ies') else key[:-1]
    place = rf'/v2\.0/{path}'

    @ROUTES('GET', rf'{place}(?:\.json)?')
    def listed(request):
        items = visible(project_of(request))
        for name, values in request.queries.items():
            if name not in CONTROLS:
                items = [item for item in items if matches(item, name, values)]
        part, more = page(items, request, f'{key}_links', f'{request.origin}/v2.0/{path}')
        fields = request.queries.get('fields')
        if fields:
            part = [{name: item[name] for name in fields if name in item} for item in part]
        return {key: part, **more}

    @ROUTES('GET', rf'{place}/ID')
    def shown(request, wanted):
        return {single: one(visible(project_of(request)), wanted.removesuffix('.json'))}

    if path in OWN:
        @ROUTES('PUT', rf'{place}/ID')
        def changed(request, wanted):
            found = one(getattr(project_of(request), OWN[path]), wanted)
            found.update({name: value for name, value in request.body[single].items()
                          if name in found and name not in ('id', 'tenant_id', 'project_id')})
            return {single: found}

        @ROUTES('DELETE', rf'{place}/ID')
        def deleted(request, wanted):
            items = getattr(project_of(request), OWN[path])
            items.remove(one(items, wanted))
            return 204, b''

        @ROUTES('POST', place)
        def created(request):
            project = project_of(request)
            items = getattr(project, OWN[path])
            asked = request.body[single]
            own = {'id': identifier(project.id, 'new', path, len(items), str(asked)),
                   'tenant_id': project.id, 'project_id': project.id}
            items.append({**items[0], **asked, **own} if items else {**asked, **own})
            return 201, {single: items[-1]}


for _path, _visible in COLLECTIONS.items():
    collection(_path, _visible)



@ROUTES('GET', r'/v2\.0/floatingips/ID/port_forwardings(?:\.json)?')
def port_forwardings(request, key):
    one(project_of(request).floatingips, key)
    return {'port_forwardings': []}


@ROUTES('GET', r'/v2\.0/networks/ID/dhcp-agents(?:\.json)?')
@ROUTES('GET', r'/v2\.0/routers/ID/l3-agents(?:\.json)?')
def agents(_request, _key):
    return {'agents': []}


QUOTAS = {'network': 100, 'subnet': 100, 'port': 500, 'router': 10, 'floatingip': 50,
          'security_group': 10, 'security_group_rule': 100, 'rbac_policy': 10, 'subnetpool': -1,
          'trunk': -1}


def own(request, key):
    if key != request.caller.project_id and not request.caller.admin:
        raise PermissionError('Policy does not allow it')


@ROUTES('GET', r'/v2\.0/quotas/PROJECT/details(?:\.json)?')
def quota_details(request, key):
    own(request, key)
    project = project_of(request)
    used = {'network': len(project.networks), 'subnet': len(project.subnets),
            'port': len(project.ports), 'router': len(project.routers),
            'floatingip': len(project.floatingips),
            'security_group': len(project.security_groups),
            'security_group_rule': 3 * len(project.security_groups)}
    return {'quota': {name: {'limit': limit, 'used': used.get(name, 0), 'reserved': 0}
                      for name, limit in QUOTAS.items()}}


@ROUTES('GET', r'/v2\.0/quotas/PROJECT(?:\.json)?')
@ROUTES('GET', r'/v2\.0/quotas/PROJECT/default(?:\.json)?')
def quotas(request, key):
    own(request, key)
    return {'quota': QUOTAS}
