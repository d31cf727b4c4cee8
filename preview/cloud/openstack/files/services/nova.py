"""Compute: https://docs.openstack.org/api-ref/compute/, as far as Horizon asks for it."""
import datetime

from data import FLAVORS, ZONE, Project, identifier, moment, one, project_of
from routes import Routes, page

LATEST = '2.100'


def version(request):
    """The microversion that is asked for.

    https://docs.openstack.org/api-guide/compute/microversions.html"""
    asked = request.headers.get('x-openstack-nova-api-version') or '2.1'
    service, _, number = request.headers.get('openstack-api-version', '').partition(' ')
    asked = number if service == 'compute' else asked
    return tuple(map(int, (LATEST if asked == 'latest' else asked).split('.')))


def headers(request):
    text = '.'.join(map(str, version(request)))
    return {'X-OpenStack-Nova-API-Version': text, 'OpenStack-API-Version': f'compute {text}',
            'Vary': 'X-OpenStack-Nova-API-Version'}


ROUTES = Routes(headers)


def document(request):
    return {'id': 'v2.1', 'status': 'CURRENT', 'version': LATEST, 'min_version': '2.1',
            'updated': '2013-07-23T11:33:21Z',
            'links': [{'rel': 'self', 'href': f'{request.origin}/v2.1/'}]}


@ROUTES('GET', '/', public=True)
def versions(request):
    return {'versions': [document(request)]}


@ROUTES('GET', '/v2.1', public=True)
def this_version(request):
    return {'version': {**document(request), 'media-types': [
        {'base': 'application/json', 'type': 'application/vnd.openstack.compute+json;version=2.1'}]}}


def links(request, kind, key):
    return [{'rel': 'self', 'href': f'{request.origin}/v2.1/{kind}/{key}'},
            {'rel': 'bookmark', 'href': f'{request.origin}/{kind}/{key}'}]


def flavor_of(request, flavor):
    shown = {**flavor, 'links': links(request, 'flavors', flavor['id'])}
    return shown if version(request) >= (2, 61) else {
        name: value for name, value in shown.items() if name not in ('description', 'extra_specs')}


def server_of(request, server):
    shown = {**server, 'links': links(request, 'servers', server['id'])}
    flavor, at = server['flavor'], version(request)
    if at >= (2, 47):
        shown['flavor'] = {
            'vcpus': flavor['vcpus'], 'ram': flavor['ram'], 'disk': flavor['disk'], 'swap': 0,
            'ephemeral': 0, 'original_name': flavor['name'], 'extra_specs': flavor['extra_specs']}
    else:
        shown['flavor'] = {'id': flavor['id'], 'links': links(request, 'flavors', flavor['id'])[1:]}
    if server['image']:
        shown['image'] = {'id': server['image'], 'links': links(request, 'images',
                                                                 server['image'])[1:]}
    newer = {'locked': (2, 9), 'host_status': (2, 16), 'description': (2, 19), 'tags': (2, 26),
             'trusted_image_certificates': (2, 63), 'server_groups': (2, 71),
             'locked_reason': (2, 73)}
    return {name: value for name, value in shown.items() if at >= newer.get(name, (2, 1))}


@ROUTES('GET', '/v2.1/servers/detail')
def servers(request):
    chosen = project_of(request).servers
    for name in ('name', 'status'):
        if name in request.query:
            asked = request.query[name].lower()
            chosen = [server for server in chosen if asked in server[name].lower()]
    for name in ('tenant_id', 'project_id'):
        # of other projects there is nothing to be seen
        if name in request.query and request.query[name] != request.caller.project_id:
            chosen = []
    newest = sorted(chosen, key=lambda server: server['created'], reverse=True)
    part, more = page(newest, request, 'servers_links', f'{request.origin}/v2.1/servers/detail')
    return {'servers': [server_of(request, server) for server in part], **more}


@ROUTES('GET', '/v2.1/servers')
def server_names(request):
    return {'servers': [{'id': server['id'], 'name': server['name'],
                         'links': links(request, 'servers', server['id'])}
                        for server in project_of(request).servers]}


@ROUTES('POST', '/v2.1/servers')
def create(request):
    project, asked = project_of(request), request.body['server']
    key = identifier(project.id, 'new server', asked['name'], len(project.servers), moment(0),
                     datetime.datetime.now().isoformat())
    flavor = one(FLAVORS, asked['flavorRef'])
    project.servers.append({
        **project.servers[0], 'id': key, 'name': asked['name'], 'flavor': flavor, 'image':
        asked.get('imageRef') or '', 'user_id': request.caller.user_id, 'addresses': {},
        'key_name': asked.get('key_name'), 'metadata': asked.get('metadata') or {},
        'created': datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ'),
        'description': asked.get('description'), 'os-extended-volumes:volumes_attached': []})
    return 202, {'server': {'id': key, 'links': links(request, 'servers', key),
                            'adminPass': identifier(key)[:12]}}


@ROUTES('GET', '/v2.1/servers/SERVER')
def server(request, key):
    return {'server': server_of(request, one(project_of(request).servers, key))}


@ROUTES('PUT', '/v2.1/servers/SERVER')
def rename(request, key):
    found = one(project_of(request).servers, key)
    found.update({name: value for name, value in request.body['server'].items()
                  if name in ('name', 'description')})
    return {'server': server_of(request, found)}


@ROUTES('DELETE', '/v2.1/servers/SERVER')
def delete(request, key):
    project = project_of(request)
    project.servers.remove(one(project.servers, key))
    return 204, b''


POWER = {'os-start': ('ACTIVE', 'active', 1), 'os-stop': ('SHUTOFF', 'stopped', 4),
         'pause': ('PAUSED', 'paused', 3), 'unpause': ('ACTIVE', 'active', 1),
         'reboot': ('ACTIVE', 'active', 1)}


@ROUTES('POST', '/v2.1/servers/SERVER/action')
def act(request, key):
    found, action = one(project_of(request).servers, key), next(iter(request.body))
    if action == 'os-getConsoleOutput':
        return {'output': f'{found["name"]} login: '}
    if action in POWER:
        found['status'], found['OS-EXT-STS:vm_state'], found['OS-EXT-STS:power_state'] = POWER[action]
    if action in ('lock', 'unlock'):
        found['locked'] = action == 'lock'
    return 202, b''


@ROUTES('GET', '/v2.1/servers/SERVER/os-volume_attachments')
def attachments(request, key):
    found = one(project_of(request).servers, key)
    return {'volumeAttachments': [
        {'id': volume['id'], 'volumeId': volume['id'], 'serverId': key, 'device': '/dev/vdb'}
        for volume in found['os-extended-volumes:volumes_attached']]}


@ROUTES('GET', '/v2.1/servers/SERVER/os-interface')
def interfaces(request, key):
    project = project_of(request)
    one(project.servers, key)
    return {'interfaceAttachments': [
        {'port_id': port['id'], 'net_id': port['network_id'], 'mac_addr': port['mac_address'],
         'port_state': port['status'], 'fixed_ips': port['fixed_ips']}
        for port in project.ports if port['device_id'] == key]}


@ROUTES('GET', '/v2.1/servers/SERVER/os-security-groups')
def security_groups(request, key):
    project = project_of(request)
    names = {group['name'] for group in one(project.servers, key)['security_groups']}
    return {'security_groups': [
        {'id': group['id'], 'name': group['name'], 'description': group['description'],
         'tenant_id': project.id, 'rules': []}
        for group in project.security_groups if group['name'] in names]}


@ROUTES('GET', '/v2.1/servers/SERVER/os-instance-actions')
def actions(request, key):
    found = one(project_of(request).servers, key)
    return {'instanceActions': [
        {'action': 'create', 'instance_uuid': key, 'message': None, 'project_id':
         found['tenant_id'], 'user_id': found['user_id'], 'start_time': found['created'][:-1] +
         '.000000', 'updated_at': found['updated'][:-1] + '.000000',
         'request_id': f'req-{identifier(key, "create")}'}]}


@ROUTES('GET', '/v2.1/servers/SERVER/metadata')
def metadata(request, key):
    return {'metadata': one(project_of(request).servers, key)['metadata']}


@ROUTES('GET', '/v2.1/servers/SERVER/ips')
def addresses(request, key):
    return {'addresses': one(project_of(request).servers, key)['addresses']}


@ROUTES('GET', '/v2.1/flavors/detail')
def flavors(request):
    part, more = page(FLAVORS, request, 'flavors_links', f'{request.origin}/v2.1/flavors/detail')
    return {'flavors': [flavor_of(request, flavor) for flavor in part], **more}


@ROUTES('GET', '/v2.1/flavors/FLAVOR')
def flavor(request, key):
    return {'flavor': flavor_of(request, one(FLAVORS, key))}


@ROUTES('GET', '/v2.1/flavors/FLAVOR/os-extra_specs')
def extra_specs(request, key):
    return {'extra_specs': one(FLAVORS, key)['extra_specs']}


# for more servers than there are
SCALE = max(1, Project.SERVERS // 20)
QUOTAS = {'instances': 50 * SCALE, 'cores': 200 * SCALE, 'ram': 512000 * SCALE, 'key_pairs': 100,
          'metadata_items': 128, 'server_groups': 10, 'server_group_members': 10}


def used(project):
    flavors = [server['flavor'] for server in project.servers]
    return {'instances': len(flavors), 'cores': sum(flavor['vcpus'] for flavor in flavors),
            'ram': sum(flavor['ram'] for flavor in flavors)}


@ROUTES('GET', '/v2.1/limits')
def limits(request):
    project = project_of(request)
    uses = used(project)
    return {'limits': {'rate': [], 'absolute': {
        'maxTotalInstances': QUOTAS['instances'], 'maxTotalCores': QUOTAS['cores'],
        'maxTotalRAMSize': QUOTAS['ram'],
        'maxTotalKeypairs': 100, 'maxServerMeta': 128, 'maxImageMeta': 128, 'maxPersonality': 5,
        'maxPersonalitySize': 10240, 'maxSecurityGroups': -1, 'maxSecurityGroupRules': -1,
        'maxServerGroups': 10, 'maxServerGroupMembers': 10, 'maxTotalFloatingIps': -1,
        'totalInstancesUsed': uses['instances'], 'totalCoresUsed': uses['cores'],
        'totalRAMUsed': uses['ram'], 'totalSecurityGroupsUsed': 0, 'totalFloatingIpsUsed': 0,
        'totalServerGroupsUsed': len(project.server_groups)}}}


@ROUTES('GET', '/v2.1/os-quota-sets/PROJECT')
@ROUTES('GET', '/v2.1/os-quota-sets/PROJECT/defaults')
def quotas(request, key):
    own(request, key)
    return {'quota_set': {'id': key, **QUOTAS}}


@ROUTES('GET', '/v2.1/os-quota-sets/PROJECT/detail')
def quota_details(request, key):
    own(request, key)
    uses = used(project_of(request))
    return {'quota_set': {'id': key, **{
        name: {'limit': limit, 'in_use': uses.get(name, 0), 'reserved': 0}
        for name, limit in QUOTAS.items()}}}


def own(request, key):
    """Reads of another project's quotas and usage are an administrator's."""
    if key != request.caller.project_id and not request.caller.admin:
        raise PermissionError("Policy doesn't allow it to be performed.")


@ROUTES('GET', '/v2.1/os-simple-tenant-usage/PROJECT')
def usage(request, key):
    own(request, key)
    servers = project_of(request).servers if key == request.caller.project_id else []
    hours = 240.0
    usages = [{
        'instance_id': server['id'], 'name': server['name'], 'tenant_id': key, 'hours': hours,
        'flavor': server['flavor']['name'], 'vcpus': server['flavor']['vcpus'],
        'memory_mb': server['flavor']['ram'], 'local_gb': server['flavor']['disk'],
        'started_at': server['created'][:-1] + '.000000', 'ended_at': None,
        'state': server['OS-EXT-STS:vm_state'], 'uptime': int(hours * 3600)} for server in servers]
    usages, more = page([{**item, 'id': item['instance_id']} for item in usages], request,
                        'tenant_usage_links',
                        f'{request.origin}/v2.1/os-simple-tenant-usage/{key}')
    if not usages:
        return {'tenant_usage': {}}
    return {'tenant_usage': {
        'tenant_id': key, 'start': request.query.get('start', moment(0, '')),
        'stop': request.query.get('end', moment(900, '')), 'total_hours': hours * len(usages),
        'total_vcpus_usage': sum(item['vcpus'] for item in usages) * hours,
        'total_memory_mb_usage': sum(item['memory_mb'] for item in usages) * hours,
        'total_local_gb_usage': sum(item['local_gb'] for item in usages) * hours,
        'server_usages': [{name: value for name, value in item.items() if name != 'id'}
                          for item in usages]}, **more}


@ROUTES('GET', '/v2.1/os-simple-tenant-usage')
def all_usage(request):
    if not request.caller.admin:
        raise PermissionError("Policy doesn't allow it to be performed.")
    given = usage(request, request.caller.project_id)['tenant_usage']
    return {'tenant_usages': [given] if given else []}


def keypairs_of(request):
    """Of a user, not of a project."""
    return project_of(request).keypairs.setdefault(request.caller.user_id, [{
        'name': 'laptop', 'type': 'ssh', 'user_id': request.caller.user_id, 'id': 1,
        'fingerprint': ':'.join(identifier(request.caller.user_id)[at:at + 2]
                                for at in (0, 2, 4, 6, 9, 11)),
        'public_key': f'ssh-ed25519 AAAA {request.caller.user_name}@laptop',
        'created_at': moment(2, '.000000'), 'deleted': False, 'deleted_at': None,
        'updated_at': None}])


@ROUTES('GET', '/v2.1/os-keypairs')
def keypairs(request):
    shown = ('name', 'fingerprint', 'public_key', 'type')
    return {'keypairs': [{'keypair': {name: pair[name] for name in shown}}
                         for pair in keypairs_of(request)]}


@ROUTES('POST', '/v2.1/os-keypairs')
def add_keypair(request):
    asked, pairs = request.body['keypair'], keypairs_of(request)
    pairs.append({**pairs[0], 'name': asked['name'], 'id': len(pairs) + 1,
                  'public_key': asked.get('public_key', 'ssh-ed25519 AAAA')})
    return 201, {'keypair': pairs[-1]}


@ROUTES('GET', '/v2.1/os-keypairs/KEYPAIR')
def keypair(request, key):
    return {'keypair': one(keypairs_of(request), key, 'name')}


@ROUTES('DELETE', '/v2.1/os-keypairs/KEYPAIR')
def remove_keypair(request, key):
    pairs = keypairs_of(request)
    pairs.remove(one(pairs, key, 'name'))
    return 202, b''


@ROUTES('GET', '/v2.1/os-server-groups')
def server_groups(request):
    return {'server_groups': project_of(request).server_groups}


@ROUTES('GET', '/v2.1/os-availability-zone')
@ROUTES('GET', '/v2.1/os-availability-zone/detail')
def zones(request):
    return {'availabilityZoneInfo': [
        {'zoneName': ZONE, 'zoneState': {'available': True}, 'hosts': None}]}


EXTENSIONS = ['NMN', 'OS-DCF', 'OS-EXT-AZ', 'OS-EXT-SRV-ATTR', 'OS-EXT-STS', 'OS-FLV-DISABLED',
              'OS-FLV-EXT-DATA', 'OS-SCH-HNT', 'OS-SRV-USG', 'os-access-ips', 'os-admin-actions',
              'os-aggregates', 'os-attach-interfaces', 'os-availability-zone', 'os-config-drive',
              'os-console-output', 'os-deferred-delete', 'os-evacuate', 'os-extended-volumes',
              'os-flavor-access', 'os-hypervisors', 'os-instance-actions', 'os-keypairs',
              'os-migrations', 'os-quota-sets', 'os-security-groups', 'os-server-groups',
              'os-services', 'os-shelve', 'os-simple-tenant-usage', 'os-used-limits', 'os-volumes']


@ROUTES('GET', '/v2.1/extensions')
def extensions(_request):
    return {'extensions': [
        {'alias': alias, 'name': alias.removeprefix('os-').title(), 'description': alias,
         'links': [], 'namespace': '', 'updated': '2014-12-03T00:00:00Z'} for alias in EXTENSIONS]}


def of_administrators(path, body):
    """What only administrators see, and what is empty or the same for all of them."""
    @ROUTES('GET', path)
    def answer(request):
        if not request.caller.admin:
            raise PermissionError("Policy doesn't allow it to be performed.")
        return body
    return answer


HYPERVISOR = {
    'id': identifier('hypervisor'), 'hypervisor_hostname': 'compute-1', 'state': 'up',
    'status': 'enabled', 'hypervisor_type': 'QEMU', 'hypervisor_version': 8002002,
    'host_ip': '192.0.2.20', 'vcpus': 64, 'vcpus_used': 40, 'memory_mb': 262144,
    'memory_mb_used': 131072, 'free_ram_mb': 131072, 'local_gb': 4000, 'local_gb_used': 1200,
    'free_disk_gb': 2800, 'disk_available_least': 2500, 'running_vms': 20, 'current_workload': 0,
    'uptime': None, 'cpu_info': {'arch': 'x86_64', 'model': 'EPYC', 'vendor': 'AMD',
                                 'features': ['aes', 'avx2'], 'topology':
                                 {'cores': 32, 'threads': 2, 'sockets': 1}},
    'service': {'id': identifier('compute-1'), 'host': 'compute-1', 'disabled_reason': None}}
of_administrators('/v2.1/os-hypervisors/detail', {'hypervisors': [HYPERVISOR]})
of_administrators('/v2.1/os-hypervisors', {'hypervisors': [HYPERVISOR]})
of_administrators('/v2.1/os-hypervisors/statistics', {'hypervisor_statistics': {
    **{name: value for name, value in HYPERVISOR.items() if isinstance(value, int)}, 'count': 1}})
of_administrators('/v2.1/os-aggregates', {'aggregates': []})
of_administrators('/v2.1/os-migrations', {'migrations': []})
of_administrators('/v2.1/os-services', {'services': [
    {'id': identifier(name), 'binary': name, 'host': host, 'zone': zone, 'status': 'enabled',
     'state': 'up', 'updated_at': moment(800, '.000000'), 'disabled_reason': None,
     'forced_down': False}
    for name, host, zone in [('nova-scheduler', 'control-1', 'internal'),
                             ('nova-conductor', 'control-1', 'internal'),
                             ('nova-compute', 'compute-1', ZONE)]]})
