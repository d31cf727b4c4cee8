"""Pages of a list that an API gives as a whole: Horizon would draw thousands of rows, which takes seconds."""
import functools

from horizon.utils import functions

MADE_FOR = {
    'horizon.tables.base:DataTable.get_marker': 'ff057403d131',
    'horizon.tables.base:DataTable.get_prev_marker': '62421da3b08d',
    'horizon.tables.base:DataTable.get_pagination_string': '2dc80ccaa190',
    'horizon.tables.base:DataTable.get_prev_pagination_string': 'e5c0e3deb5e6',
    'horizon.tables.views:MultiTableMixin.handle_table': 'fc2822367fc8',
    'horizon.utils.functions:get_page_size': '61ce95a100f3',
}


def page(items, ids, size, after=None, before=None):
    """Some of the items, and whether others precede and follow. Without its marker, it is the first page."""
    start = 0
    if before in ids:
        start = max(0, ids.index(before) - size)
    elif after in ids:
        start = ids.index(after) + 1
        # the rest of the list may have gone meanwhile
        start = start if start < len(ids) else max(0, start - size)
    return items[start:start + size], start > 0, start + size < len(ids)


def in_pages(view, prepare=lambda view, items: items):
    """Lets a view of a table show pages of what its `get_data` gives."""
    original = view.get_data

    @functools.wraps(original)
    def get_data(self):
        items = prepare(self, original(self))
        ids = [str(self.table.get_object_id(item)) for item in items]
        meta, query = self.table._meta, self.request.GET
        shown, self._previous, self._more = page(
            items, ids, functions.get_page_size(self.request), query.get(meta.pagination_param),
            query.get(meta.prev_pagination_param))
        return shown

    view.get_data = get_data
    view.has_prev_data = lambda self, _table: self._previous
    view.has_more_data = lambda self, _table: self._more
