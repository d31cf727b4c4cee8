"""Middleware: a page that cannot be made without an API says so, where Horizon would show its error
500. What Horizon knows to handle comes here no more: its own middleware is asked first."""
import logging

from openstack_dashboard_api import bounds
from openstack_dashboard_pages import error_page

LOG = logging.getLogger('openstack_dashboard.api')


def cause(error):
    """The call that was not answered, among the exceptions that led to one."""
    seen = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, bounds.Unanswered):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def middleware(get_response):
    def handle(request):
        return get_response(request)

    def process_exception(request, error):
        unanswered = cause(error)
        if not unanswered:
            return None
        LOG.error('%s: a page without %s', type(error).__name__, unanswered)
        response = error_page(request, 503, 'A service does not answer',
                              'A service of this cloud that the page needs did not answer in time. '
                              'Please try again in a moment.')
        response['Retry-After'] = str(int(bounds.CLOSED))
        return response

    handle.process_exception = process_exception
    return handle
