"""A user who uploads an image through the dashboard gets an answer when Glance has the image, or has refused it.

Horizon answers first, and sends the image afterwards: a failure is seen by nobody, and an image without data
stays in the list. The worker of the hosts (openstack_dashboard_worker) sends it in a thread, while the answer
waits; any other worker sends it itself."""
import functools
import logging
import threading

from openstack_dashboard_pages import error_page

MADE_FOR = {'Horizon 25.3.0': {'openstack_dashboard.api.glance:image_create': '6789a906874f'}}
# in the environment of WSGI: whether the worker looks for `transfer` of a response
WORKER_TRANSFERS = 'openstack_dashboard.transfers'
# answers of Glance that say what the user can change
OF_THE_USER = {403, 409, 413}
LOG = logging.getLogger('openstack_dashboard.image_upload')
_this = threading.local()


class Transfer:
    """Sends an image to Glance. Returns the response that tells the user of a failure, or None."""

    def __init__(self, function, arguments):
        self.function, self.arguments = function, arguments
        self.request = self.image = None

    def __call__(self):
        try:
            self.function(*self.arguments)
        except Exception as error:
            LOG.warning('Image %s was not uploaded: %s: %s', self.image, type(error).__name__, error)
            self.remove()
            status = getattr(error, 'code', None)
            return error_page(
                self.request, status if status in OF_THE_USER else 502, 'The image was not uploaded',
                f'The image service has not accepted it: {error}'[:500])

    def remove(self):
        """An image without data is of no use."""
        from openstack_dashboard.api import glance

        try:
            glance.image_delete(self.request, self.image)
        except Exception as error:
            LOG.warning('Image %s has no data and was not deleted: %s', self.image, error)


class Transfers:
    """In place of the module `_thread`."""

    @staticmethod
    def start_new_thread(function, arguments):
        _this.transfer = Transfer(function, arguments)


def noting(original):
    @functools.wraps(original)
    def image_create(request, **kwargs):
        image = original(request, **kwargs)
        transfer = getattr(_this, 'transfer', None)
        if transfer and transfer.image is None:
            transfer.request, transfer.image = request, image.id
        return image
    return image_create


def middleware(get_response):
    def handle(request):
        _this.transfer = None
        response = get_response(request)
        transfer, _this.transfer = _this.transfer, None
        if not transfer:
            return response
        if request.META.get(WORKER_TRANSFERS):
            response.transfer = transfer
            return response
        return transfer() or response
    return handle


def install():
    from openstack_dashboard.api import glance

    glance.thread = Transfers
    glance.image_create = noting(glance.image_create)
