"""A page with a tab whose service does not answer is a page with a message, not an error 500.

Horizon shows the message and gives the tab False as its data, which Django does not accept."""
import functools

from horizon.tabs.base import Tab

MADE_FOR = {'Horizon 25.3.0': {
    'horizon.tabs.base:Tab.render': '8d1006ad92ff',
    'horizon.tabs.base:TabGroup.load_tab_data': 'dcfcc69f2706',
}}


def without_data(original):
    @functools.wraps(original)
    def render(self):
        if getattr(self, '_data', None) is False:
            self._data = {}
        return original(self)
    return render


def install():
    Tab.render = without_data(Tab.render)
