"""Keeps the headers of requests and responses to what both sides can read."""
import email.header
import ipaddress
import re
from urllib.parse import quote, unquote

# Horizon's cookies with names from the cloud, in any script, which it reads again
NAMES = ('login_domain', 'login_region', 'recent_project', 'services_region')


def take_address(request):
    """Sets REMOTE_ADDR to the address that nginx saw: gunicorn has none on a Unix socket, and Horizon
    writes it to its logs."""
    text = request.META.get('HTTP_X_FORWARDED_FOR', '').rpartition(',')[2].strip()
    try:
        address = str(ipaddress.ip_address(text))
    except ValueError:
        request.META.pop('HTTP_X_FORWARDED_FOR', None)
        return
    request.META['REMOTE_ADDR'] = request.META['HTTP_X_FORWARDED_FOR'] = address


def read_cookies(request):
    """Decodes cookies to what Horizon set, and removes one on which it would fail: otherwise anyone who can
    set a cookie could turn each page into an error."""
    for name in NAMES:
        if name in request.COOKIES:
            request.COOKIES[name] = unquote(request.COOKIES[name])
    try:
        request.COOKIES.get('logout_reason', '').encode('ascii').decode('unicode_escape')
    except UnicodeError:
        del request.COOKIES['logout_reason']


def write_headers(response):
    """Encodes headers in ASCII: gunicorn refuses a cookie with other characters, and clients guess the
    encoding of other headers."""
    for name, cookie in response.cookies.items():
        if not cookie.value.isascii() or name in NAMES and '%' in cookie.value:
            value = quote(cookie.value, safe="!#$&'()*+/:<=>?@[]^_`{|}~")
            cookie.set(name, value, value)
    disposition = response.headers.get('Content-Disposition', '')
    if not disposition.isascii() or '=?utf-8?' in disposition:
        response.headers['Content-Disposition'] = ascii_disposition(disposition)


def ascii_disposition(text):
    """RFC 6266. Horizon sets UTF-8 that Django takes for Latin-1, or encodes it as in mail."""
    if '=?utf-8?' in text:
        text = str(email.header.make_header(email.header.decode_header(text)))
    else:
        try:
            text = text.encode('latin-1').decode()
        except UnicodeError:
            pass
    kind, _, rest = text.partition(';')
    match = re.search(r'filename="?(.*?)"?\s*$', rest, re.S)
    name = match[1] if match else 'download'
    plain = re.sub(r'[^A-Za-z0-9._ -]', '_', name)
    return f'{kind.strip()}; filename="{plain}"; filename*=UTF-8\'\'{quote(name, safe="")}'
