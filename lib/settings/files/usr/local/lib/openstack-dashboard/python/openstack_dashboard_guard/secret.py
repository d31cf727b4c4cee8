"""Follows a rotated secret."""
import logging
import os

import openstack_dashboard_environment as environment
from django.conf import settings

LOG = logging.getLogger('openstack_dashboard.guard')
_seen = None


def pick_up():
    """The secret file is replaced when a rotation is to be followed. Django signs, and sealing.py seals,
    with the current value of SECRET_KEY."""
    global _seen
    try:
        info = os.stat(environment.SECRET_FILE)
        mark = (info.st_ino, info.st_mtime_ns)
        if mark == _seen:
            return
        secrets = environment.secrets(os.environ)
    except (OSError, ValueError, KeyError, TypeError) as error:
        LOG.error('%s: %s; the known secrets stay in use', environment.SECRET_FILE, error)
        return
    _seen = mark
    if secrets['SECRET_KEY'] != settings.SECRET_KEY:
        LOG.info('values are now signed and sealed with another version of the secret')
    # whatever another thread does in between, both are accepted
    settings.SECRET_KEY_FALLBACKS = [secrets['SECRET_KEY'], *secrets['SECRET_KEY_FALLBACKS']]
    settings.SECRET_KEY = secrets['SECRET_KEY']
    settings.SECRET_KEY_FALLBACKS = secrets['SECRET_KEY_FALLBACKS']
