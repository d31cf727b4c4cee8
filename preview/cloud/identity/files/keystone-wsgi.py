"""Keystone's WSGI script as Debian has it, with the latency that the preview sets."""
import time

from keystone.server.wsgi import initialize_public_application

LATENCY = '/run/keystone/latency'
keystone = initialize_public_application()


def application(environ, start_response):
    """Waits as long as the services do. What they ask for themselves is part of their time."""
    try:
        with open(LATENCY) as file:
            delay = float(file.read() or 0) / 1000
    except FileNotFoundError:
        delay = 0
    if delay and environ.get('HTTP_USER_AGENT') != 'preview-services':
        time.sleep(delay)
    return keystone(environ, start_response)
