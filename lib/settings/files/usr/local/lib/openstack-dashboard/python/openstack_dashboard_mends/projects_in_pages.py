"""The list of projects has pages, and a member can search it.

Keystone gives all projects at once and Horizon draws them all: 1,500 take seconds, and 2 MB. It also ignores what
a member who may not list all projects of the domain searches for."""
from openstack_dashboard import policy
from openstack_dashboard.dashboards.identity.projects.views import IndexView
from openstack_dashboard_mends import pages

MADE_FOR = {'Horizon 25.3.0': {
    **pages.MADE_FOR,
    'openstack_dashboard.dashboards.identity.projects.views:IndexView': '4d5432387c15',
    'openstack_dashboard.dashboards.identity.projects.tables:TenantFilterAction': '75cb03532a63',
    'openstack_dashboard.dashboards.identity.projects.tables:TenantsTable': '5b0fa961dffb',
    'openstack_dashboard.api.keystone:tenant_list': 'cbe5f43d4680',
}}
ALL_PROJECTS = (('identity', 'identity:list_projects'),)
YES = ('yes', 'true', '1')


def matching(projects, filters):
    """As Keystone filters, but a part of the name is enough."""
    for key, text in filters.items():
        text = str(text).lower()
        if key == 'name':
            projects = [project for project in projects if text in project.name.lower()]
        elif key == 'id':
            projects = [project for project in projects if project.id.lower() == text]
        elif key == 'enabled':
            projects = [project for project in projects if project.enabled == (text in YES)]
    return projects


def prepare(view, projects):
    if not policy.check(ALL_PROJECTS, view.request):
        projects = matching(projects, view.get_filters())
    return sorted(projects, key=lambda project: (project.name.lower(), project.id))


def install():
    pages.in_pages(IndexView, prepare)
