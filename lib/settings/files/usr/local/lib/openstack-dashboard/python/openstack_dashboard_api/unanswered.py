"""Middleware: if a page needs an API that does not answer, the page says so, where Horizon would show its error
500. Errors that Horizon itself handles do not reach this: its own middleware comes first."""
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


def home(request):
    """The first page of the user after login, if it is known: customizations may decide it."""
    try:
        user = getattr(request, 'user', None)
        if user is None or not user.is_authenticated:
            return None
        # settings cannot import it
        import horizon
        return horizon.get_user_home(user)
    except Exception:
        LOG.exception('The page has no link to the home page of its user')
        return None


def middleware(get_response):
    def handle(request):
        return get_response(request)

    def process_exception(request, error):
        unanswered = cause(error)
        if not unanswered:
            return None
        LOG.error('%s: a page needed %s', type(error).__name__, unanswered)
        response = error_page(request, 503, 'A service does not answer',
                              'A service of this cloud that this page needs did not answer in time. '
                              'Please try again in a moment.', home=home(request))
        response['Retry-After'] = str(int(bounds.CLOSED))
        return response

    handle.process_exception = process_exception
    return handle
