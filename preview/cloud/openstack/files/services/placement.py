"""Placement: https://docs.openstack.org/api-ref/placement/, as far as Horizon's hypervisors ask for it."""
from nova import HYPERVISOR
from routes import Routes

ROUTES = Routes(lambda _request: {'OpenStack-API-Version': 'placement 1.6'})
KEY = HYPERVISOR['id']
INVENTORIES = {'VCPU': (64, 40), 'MEMORY_MB': (262144, 131072), 'DISK_GB': (4000, 1200)}


@ROUTES('GET', '/', public=True)
def versions(_request):
    return {'versions': [{'id': 'v1.0', 'status': 'CURRENT', 'min_version': '1.0',
                          'max_version': '1.39', 'links': [{'rel': 'self', 'href': ''}]}]}


def administrator(request, key=KEY):
    if not request.caller.admin:
        raise PermissionError('Placement: administrators only')
    if key != KEY:
        raise PermissionError(f'no resource provider {key}')


@ROUTES('GET', '/resource_providers')
def providers(request):
    administrator(request)
    return {'resource_providers': [
        {'uuid': KEY, 'name': 'compute-1', 'generation': 7, 'root_provider_uuid': KEY,
         'parent_provider_uuid': None, 'links': []}]}


@ROUTES('GET', '/resource_providers/ID/inventories')
def inventories(request, key):
    administrator(request, key)
    return {'resource_provider_generation': 7, 'inventories': {
        name: {'total': total, 'allocation_ratio': 1.0, 'min_unit': 1, 'max_unit': total,
               'reserved': 0, 'step_size': 1} for name, (total, _) in INVENTORIES.items()}}


@ROUTES('GET', '/resource_providers/ID/usages')
def usages(request, key):
    administrator(request, key)
    return {'resource_provider_generation': 7,
            'usages': {name: used for name, (_, used) in INVENTORIES.items()}}


@ROUTES('GET', '/resource_providers/ID/aggregates')
def aggregates(request, key):
    administrator(request, key)
    return {'aggregates': []}


@ROUTES('GET', '/resource_providers/ID/traits')
def traits(request, key):
    administrator(request, key)
    return {'traits': ['COMPUTE_NODE', 'HW_CPU_X86_AVX2'], 'resource_provider_generation': 7}


@ROUTES('GET', '/usages')
def project_usages(request):
    own = request.query.get('project_id') == request.caller.project_id
    if not own:
        administrator(request)
    return {'usages': {name: used for name, (_, used) in INVENTORIES.items()} if own else {}}
