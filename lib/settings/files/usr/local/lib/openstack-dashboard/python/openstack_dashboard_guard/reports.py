"""Logs browsers' reports of the content security policy."""
import json
import logging
from urllib.parse import urlsplit

from django.http import HttpResponse

LOG = logging.getLogger('openstack_dashboard.guard')
PATH = '/csp-report'
# Chromium sends all reports of a minute at once, each with the policy; nginx has the same limit
LIMIT = 65536


def report(request):
    """Logs a browser's report: limited in length, and without paths of other sites, query strings and
    samples, any of which may contain a token."""
    if request.method != 'POST':
        return HttpResponse(status=405)
    try:
        if int(request.META.get('CONTENT_LENGTH') or 0) > LIMIT:
            return HttpResponse(status=413)
        found = json.loads(request.read(LIMIT))
        for entry in (found if isinstance(found, list) else [found])[:5]:
            body = entry.get('csp-report') or entry.get('body') or {}

            def field(*names):
                return next((str(body[name]) for name in names if body.get(name)), '')

            blocked = urlsplit(field('blocked-uri', 'blockedURL'))
            LOG.warning('content security policy: %s', json.dumps({
                'directive': field('effective-directive', 'effectiveDirective',
                                   'violated-directive')[:64],
                'blocked': (f'{blocked.scheme}://{blocked.hostname}' if blocked.hostname else
                            blocked.path if blocked.path in ('inline', 'eval', 'data', 'blob') else
                            'other'),
                'page': urlsplit(field('document-uri', 'documentURL')).path[:200],
                'client': request.META.get('REMOTE_ADDR', ''),
            }))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return HttpResponse(status=400)
    return HttpResponse(status=204)
