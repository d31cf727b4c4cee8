"""The messages of a site after a login that leads to the page that was requested.

Horizon adds them in the view of `/` alone, to which a login leads if no page was requested.
"""
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from horizon import notifications

# the requests with which a login ends
ENDS = ('/auth/login/', '/auth/totp/', '/auth/websso/')


def middleware(get_response):
    """Outside that of single sign-on, which decides where a login leads."""
    def handle(request):
        response = get_response(request)
        if request.method == 'POST' and request.path_info.startswith(ENDS) and request.user.is_authenticated:
            page = urlsplit(response.get('Location', ''))
            # no provider, and not the view that adds them itself
            if page.path and not page.netloc and page.path != reverse('splash') and not page.path.startswith('/auth/'):
                notifications.process_message_notification(request, settings.MESSAGES_PATH)
        return response
    return handle
