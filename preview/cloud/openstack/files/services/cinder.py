"""Block storage: https://docs.openstack.org/api-ref/block-storage/v3/, as far as Horizon asks for it."""
import datetime

from data import VOLUME_TYPES, ZONE, identifier, moment, one, project_of
from routes import Routes, page

LATEST = '3.71'


def headers(request):
    service, _, number = request.headers.get('openstack-api-version', '').partition(' ')
    number = number if service == 'volume' and number != 'latest' else '3.0'
    return {'OpenStack-API-Version': f'volume {number}', 'Vary': 'OpenStack-API-Version'}


ROUTES = Routes(headers)
HERE = '/v3/PROJECT'


def document(request):
    return {'id': 'v3.0', 'status': 'CURRENT', 'version': LATEST, 'min_version': '3.0',
            'updated': '2023-08-31T00:00:00Z',
            'links': [{'rel': 'self', 'href': f'{request.origin}/v3/'},
                      {'rel': 'describedby', 'type': 'text/html',
                       'href': 'https://docs.openstack.org/'}],
            'media-types': [{'base': 'application/json',
                             'type': 'application/vnd.openstack.volume+json;version=3'}]}


@ROUTES('GET', '/', public=True)
def versions(request):
    return 300, {'versions': [document(request)]}


@ROUTES('GET', '/v3', public=True)
def this_version(request):
    return {'versions': [document(request)]}


def owned(request, project):
    """The project in the path has to be the token's."""
    if project != request.caller.project_id:
        raise PermissionError('Policy does not allow it')
    return project_of(request)


# of a volume, by the default policy
OF_ADMINISTRATORS = ('os-vol-host-attr:host',)


def visible(request, item):
    return {name: value for name, value in item.items()
            if request.caller.admin or name not in OF_ADMINISTRATORS}


def listing(path, attribute, name, detail=True):
    """A list of a project's own, one of it and its removal."""
    @ROUTES('GET', f'{HERE}/{path}/detail' if detail else f'{HERE}/{path}')
    def listed(request, project):
        items = getattr(owned(request, project), attribute, [])
        for filtered in ('name', 'status', 'volume_id', 'bootable', 'id'):
            if filtered in request.query:
                items = [item for item in items if item[filtered] == request.query[filtered]]
        key, _, direction = request.query.get('sort', '').partition(':')
        if key in ('created_at', 'name', 'id'):
            items = sorted(items, key=lambda item: item[key], reverse=direction != 'asc')
        part, more = page(items, request, f'{name}s_links',
                          f'{request.origin}/v3/{project}/{path}/detail')
        return {f'{name}s': [visible(request, item) for item in part], **more}

    @ROUTES('GET', f'{HERE}/{path}/ID')
    def shown(request, project, key):
        return {name: visible(request, one(getattr(owned(request, project), attribute, []), key))}

    @ROUTES('PUT', f'{HERE}/{path}/ID')
    def changed(request, project, key):
        found = one(getattr(owned(request, project), attribute, []), key)
        found.update({field: value for field, value in request.body[name].items()
                      if field in ('name', 'description', 'metadata')})
        return {name: found}

    @ROUTES('DELETE', f'{HERE}/{path}/ID')
    def deleted(request, project, key):
        items = getattr(owned(request, project), attribute, [])
        items.remove(one(items, key))
        return 202, b''


@ROUTES('POST', f'{HERE}/volumes')
def create(request, project):
    owner, asked = owned(request, project), request.body['volume']
    now = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.%f')
    owner.volumes.append({
        **owner.volumes[-1], 'id': identifier(owner.id, 'new volume', now), 'created_at': now,
        'updated_at': None, 'user_id': request.caller.user_id,
        **{name: asked[name] for name in ('name', 'description', 'size') if name in asked}})
    return 202, {'volume': owner.volumes[-1]}


listing('volumes', 'volumes', 'volume')
listing('snapshots', 'snapshots', 'snapshot')
listing('backups', 'backups', 'backup')
listing('groups', 'groups', 'group')
listing('group_snapshots', 'group_snapshots', 'group_snapshot')
listing('os-volume-transfer', 'transfers', 'transfer')
listing('volume-transfers', 'transfers', 'transfer')
listing('messages', 'messages', 'message', detail=False)
listing('attachments', 'attachments', 'attachment')


@ROUTES('GET', f'{HERE}/types')
def types(request, project):
    owned(request, project)
    return {'volume_types': VOLUME_TYPES}


@ROUTES('GET', f'{HERE}/types/default')
def default_type(request, project):
    owned(request, project)
    return {'volume_type': VOLUME_TYPES[0]}


@ROUTES('GET', f'{HERE}/types/ID')
def volume_type(request, project, key):
    owned(request, project)
    return {'volume_type': one(VOLUME_TYPES, key)}


@ROUTES('GET', f'{HERE}/types/ID/extra_specs')
def extra_specs(request, project, key):
    owned(request, project)
    return {'extra_specs': one(VOLUME_TYPES, key)['extra_specs']}


@ROUTES('GET', f'{HERE}/types/ID/encryption')
def encryption(request, project, key):
    owned(request, project)
    one(VOLUME_TYPES, key)
    return {}


@ROUTES('GET', f'{HERE}/group_types')
def group_types(request, project):
    owned(request, project)
    return {'group_types': []}


@ROUTES('GET', f'{HERE}/limits')
def limits(request, project):
    owner = owned(request, project)
    return {'limits': {'rate': [], 'absolute': {
        'maxTotalVolumes': 100, 'maxTotalVolumeGigabytes': 10000, 'maxTotalSnapshots': 100,
        'maxTotalBackups': 50, 'maxTotalBackupGigabytes': 1000,
        'totalVolumesUsed': len(owner.volumes), 'totalSnapshotsUsed': len(owner.snapshots),
        'totalGigabytesUsed': sum(item['size'] for item in [*owner.volumes, *owner.snapshots]),
        'totalBackupsUsed': len(owner.backups), 'totalBackupGigabytesUsed': 0}}}


@ROUTES('GET', f'{HERE}/os-quota-sets/ID')
@ROUTES('GET', f'{HERE}/os-quota-sets/ID/defaults')
def quotas(request, project, key):
    owner = owned(request, project)
    if key != project and not request.caller.admin:
        raise PermissionError('Policy does not allow it')
    limit = {'volumes': 100, 'gigabytes': 10000, 'snapshots': 100, 'backups': 50,
             'backup_gigabytes': 1000, 'groups': 10, 'per_volume_gigabytes': -1}
    if request.query.get('usage', '').lower() != 'true':
        return {'quota_set': {'id': key, **limit}}
    used = {'volumes': len(owner.volumes), 'snapshots': len(owner.snapshots),
            'gigabytes': sum(item['size'] for item in [*owner.volumes, *owner.snapshots])}
    return {'quota_set': {'id': key, **{
        name: {'limit': most, 'in_use': used.get(name, 0), 'reserved': 0, 'allocated': 0}
        for name, most in limit.items()}}}


EXTENSIONS = ['os-admin-actions', 'backups', 'capabilities', 'os-extended-services', 'os-hosts',
              'encryption', 'os-image-create', 'os-quota-class-sets', 'os-quota-sets', 'qos-specs',
              'scheduler-stats', 'os-services', 'os-extended-snapshot-attributes',
              'os-snapshot-actions', 'os-types-extra-specs', 'os-types-manage',
              'os-volume-type-access', 'os-used-limits', 'os-vol-host-attr',
              'os-vol-image-meta', 'os-vol-mig-status-attr', 'os-vol-tenant-attr',
              'os-volume-actions', 'os-volume-encryption-metadata', 'os-volume-manage',
              'os-volume-transfer', 'os-volume-unmanage', 'os-availability-zone']


@ROUTES('GET', f'{HERE}/extensions')
def extensions(request, project):
    owned(request, project)
    return {'extensions': [
        {'alias': alias, 'name': ''.join(word.title() for word in alias.split('-')), 'links': [],
         'description': f'Adds {alias}.', 'updated': '2014-08-25T00:00:00+00:00'}
        for alias in EXTENSIONS]}


@ROUTES('GET', f'{HERE}/os-availability-zone')
def zones(request, project):
    owned(request, project)
    return {'availabilityZoneInfo': [{'zoneName': ZONE, 'zoneState': {'available': True}}]}


@ROUTES('GET', f'{HERE}/os-services')
def services(request, project):
    owned(request, project)
    if not request.caller.admin:
        raise PermissionError('Policy does not allow it')
    return {'services': [
        {'binary': name, 'host': host, 'zone': ZONE, 'status': 'enabled', 'state': 'up',
         'updated_at': moment(800, '.000000'), 'disabled_reason': None}
        for name, host in [('cinder-scheduler', 'control-1'),
                           ('cinder-volume', 'storage-1@ssd'),
                           ('cinder-backup', 'storage-1')]]}


@ROUTES('GET', f'{HERE}/scheduler-stats/get_pools')
def pools(request, project):
    owned(request, project)
    return {'pools': [{'name': 'storage-1@ssd#ssd', 'capabilities': {
        'total_capacity_gb': 20000, 'free_capacity_gb': 12000, 'volume_backend_name': 'ssd',
        'driver_version': '1.0', 'storage_protocol': 'ceph', 'QoS_support': False}}]}


@ROUTES('GET', f'{HERE}/qos-specs')
def qos(request, project):
    owned(request, project)
    return {'qos_specs': []}
