"""The overview of a project is a page even if its usage cannot be computed, not an error.

As upstream's 7e0c8c252."""
from openstack_dashboard.usage.tables import CSVSummary

MADE_FOR = {'Horizon 25.3.0': {
    'openstack_dashboard.usage.tables:CSVSummary': 'acffa9db791c',
    'openstack_dashboard.usage.views:UsageView.get_data': 'af7b6b08beb7',
}}
HAVE_IT = {'Horizon 25.7.3': {'openstack_dashboard.usage.tables:CSVSummary': '82c1bf8a53b8'}}


def get_link_url(self, usage=None):
    found = self.table.kwargs.get('usage')
    return found.csv_link() if found else ''


def install():
    CSVSummary.get_link_url = get_link_url
