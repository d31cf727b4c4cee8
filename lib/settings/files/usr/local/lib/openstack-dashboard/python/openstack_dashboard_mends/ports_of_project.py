"""The launch wizard offers ports of the user's project, not all ports of a shared network.

As upstream's dd399e1b2 (bug 1996108), which fails if the script names the project itself."""
import functools

from openstack_dashboard.api.rest.neutron import Ports

MADE_FOR = {'Horizon 25.3.0': {'openstack_dashboard.api.rest.neutron:Ports.get': '87dc2c52f07f'}}
HAVE_IT = {'Horizon 25.7.3': {'openstack_dashboard.api.rest.neutron:Ports.get': 'a8ea9155a5a0'}}


def of_project(original):
    @functools.wraps(original)
    def get(self, request):
        project = getattr(request.user, 'project_id', None)
        if project and not {'project_id', 'tenant_id'}.intersection(request.GET):
            query = request.GET.copy()
            query['project_id'] = project
            request.GET = query
        return original(self, request)
    return get


def install():
    Ports.get = of_project(Ports.get)
