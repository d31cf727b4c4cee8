"""The overview of a project has pages of its instances, and that of a cloud pages of its projects.

Horizon draws a row for each of them, which takes seconds if there are thousands. The sums, and the files for
spreadsheets, remain those of all of them."""
from openstack_dashboard.dashboards.admin.overview.views import GlobalOverview
from openstack_dashboard.dashboards.identity.projects.views import ProjectUsageView
from openstack_dashboard.dashboards.project.overview.views import ProjectOverview
from openstack_dashboard_mends import pages

FUNCTIONS = {
    **pages.MADE_FOR,
    'openstack_dashboard.dashboards.admin.overview.views:GlobalOverview': '0528fa3e146e',
    'openstack_dashboard.dashboards.identity.projects.views:ProjectUsageView': '1228e3553119',
    'openstack_dashboard.dashboards.project.overview.views:ProjectOverview': 'cc574fcc26f7',
    'openstack_dashboard.usage.tables:GlobalUsageTable': 'c5dda64f3394',
    'openstack_dashboard.usage.tables:ProjectUsageTable': 'cdb2ab5b6381',
    'openstack_dashboard.usage.views:UsageView': 'b4356917e50c',
}
MADE_FOR = {'Horizon 25.3.0': FUNCTIONS}
# other words, and a table of its own for the instances of a project in identity
OR_FOR = {'Horizon 25.7.3': {
    **FUNCTIONS,
    'openstack_dashboard.dashboards.identity.projects.views:ProjectUsageView': 'bec5e5405955',
    'openstack_dashboard.usage.tables:GlobalUsageTable': '673a3b42674a',
    'openstack_dashboard.usage.tables:IdentityProjectUsagesTable': 'd78a01afd9a0',
}}


def install():
    for view in (ProjectOverview, ProjectUsageView, GlobalOverview):
        pages.in_pages(view)
