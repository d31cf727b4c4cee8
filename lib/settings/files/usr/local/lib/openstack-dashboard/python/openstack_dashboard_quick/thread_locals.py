"""Language, time zone and URLs of a request are in Python's own thread locals.

Django reads the language thousands of times per page, and asgiref's `Local` uses a lock and a context manager
each time, for asynchronous views. Horizon has none, and gunicorn's worker here does not support them.
"""
import threading

from django.urls import base
from django.utils import timezone
from django.utils.translation import trans_real

MADE_FOR = {
    'asgiref 3.8.1': {'asgiref.local:Local': 'c03e9fa4fe5c'},
    'Django 4.2': {
        'django.utils.translation.trans_real:activate': 'cb22e83e7005',
        'django.utils.translation.trans_real:get_language': '70c4899af911',
        'django.utils.timezone:activate': '779d51c45866',
        'django.urls.base:set_urlconf': 'ebce325142b1',
        'django.urls.base:set_script_prefix': 'b989600b5894',
    },
}
NAMES = ((trans_real, '_active'), (timezone, '_active'), (base, '_prefixes'), (base, '_urlconfs'))


def install(namespace):
    for module, name in NAMES:
        before, after = getattr(module, name), threading.local()
        if hasattr(before, 'value'):
            after.value = before.value
        setattr(module, name, after)
