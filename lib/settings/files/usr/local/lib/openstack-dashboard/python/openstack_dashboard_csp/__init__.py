"""The content security policy of pages, with a nonce per page. docs/decisions/0035-content-security-policy.md
has the reasons.

nonces: gives the scripts in templates the nonce of the response.
sources: the sources that a parameter adds to the policy.
This is also a Django application: its script sends the nonce of the page with requests for parts of it.
"""
import re
import secrets
from urllib.parse import urlsplit

from openstack_dashboard_csp import nonces, sources

APP = 'openstack_dashboard_csp'
SCRIPT = 'openstack_dashboard_csp/page-nonce.js'
ENFORCED, REPORT_ONLY, MINIMAL = 'enforced', 'report-only', 'minimal'
# what Horizon works with unchanged
LEAST = {'object-src': ["'none'"], 'base-uri': ["'self'"], 'frame-ancestors': ["'none'"]}
REPORTS = {'report-uri': ['/csp-report'], 'report-to': ['csp']}
ENDPOINTS = 'csp="/csp-report"'
NONCE = re.compile('[A-Za-z0-9_-]{32}')
PLACE = 'NONCE'


def rendered(directives):
    return '; '.join(' '.join((name, *values)) for name, values in directives.items())


def policy(static_url, extra):
    """By directive, the sources of pages; PLACE stands for the nonce."""
    url = urlsplit(static_url)
    static = [f'{url.scheme}://{url.netloc}'] if url.netloc else []
    directives = {
        'default-src': ["'none'"],
        # Angular's expressions and Hogan's templates are compiled to functions
        'script-src': ["'self'", *static, "'unsafe-eval'", f"'nonce-{PLACE}'"],
        # Horizon's templates have style attributes, and Angular adds style elements
        'style-src': ["'self'", *static, "'unsafe-inline'"],
        'img-src': ["'self'", *static, 'data:'],
        # with `data:,` style sheets refer to fonts that no package has
        'font-src': ["'self'", *static, 'data:'],
        'connect-src': ["'self'", *static],
        'frame-src': ["'self'"],
        'form-action': ["'self'"],
    }
    for name, values in extra.items():
        known = directives.setdefault(name, [])
        known.extend(value for value in values if value not in known)
    return directives | LEAST | REPORTS


def headers(mode, static_url, extra):
    """By name of a header, its value with PLACE."""
    least = rendered(LEAST | REPORTS)
    full = rendered(policy(static_url, extra))
    if mode == ENFORCED:
        return {'Content-Security-Policy': full}
    if mode == REPORT_ONLY:
        return {'Content-Security-Policy': least, 'Content-Security-Policy-Report-Only': full}
    return {'Content-Security-Policy': least}


def begin(request):
    """A new nonce for each response. Part of a page gets that of its page, which only a script of the page can
    send: browsers let no other site set this header, and forms and links cannot."""
    sent = request.META.get('HTTP_X_CSP_NONCE', '')
    from_script = request.META.get('HTTP_X_REQUESTED_WITH') == 'XMLHttpRequest'
    nonces.state.nonce = sent if from_script and NONCE.fullmatch(sent) else secrets.token_urlsafe(24)


def write(response):
    for name, value in _headers().items():
        response.headers[name] = value.replace(PLACE, nonces.state.nonce)
    response.headers['Reporting-Endpoints'] = ENDPOINTS


def _headers():
    global _cached
    if _cached is None:
        from django.conf import settings

        extra = sources.parse(getattr(settings, 'CONTENT_SECURITY_POLICY_SOURCES', ''))
        extra.setdefault('form-action', []).extend(sources.of_single_sign_on(settings))
        _cached = headers(settings.CONTENT_SECURITY_POLICY, settings.STATIC_URL, extra)
    return _cached


_cached = None


def install(namespace, is_build):
    namespace['INSTALLED_APPS'] = [*namespace['INSTALLED_APPS'], APP]
    namespace['HORIZON_CONFIG'].setdefault('js_files', []).append(SCRIPT)
    if not is_build:
        nonces.install()
