"""The operation log: one line of JSON for each login, logout and request that may change something.
docs/decisions/0036-operation-log.md explains why it is not Horizon's own.

The guard calls `begin` and `write`; `middleware` keeps the user of the request, whom a logout forgets. Lines are
entries of the journal, or lines of a logger where there is no journal. A line that cannot be written at once
is dropped and counted: no request waits for the log, or fails because of it.
"""
import datetime
import json
import logging
import re
import socket
import time
import uuid
from urllib.parse import parse_qs, urlsplit

LOG = logging.getLogger('openstack_dashboard.operations')
IDENTIFIER = 'openstack-dashboard-operations'
JOURNAL = '/run/systemd/journal/socket'
MIDDLEWARE = f'{__name__}.middleware'
METHODS = ('POST', 'PUT', 'PATCH', 'DELETE')
# requests that change a session, each with the name that follows in its path: of a user, a project, a region
SESSION = re.compile(r'/auth/(login|logout|totp|password|websso|switch(?:_services_region|_keystone_provider|_system_scope)?)'
                     r'(?:/([^/]*))?(?:/|$)')
MASK = '********'
# names of parameters, in lower case and with underscores
SECRET = re.compile(
    r'pass(word|wd|phrase|code)|(^|_)pass$|pwd|secret|token|totp|(^|_)otp|csrf|admin_?pass|user_?data|private|credential|'
    r'(^|_)keys?($|_(?!name|type|pair))|apikey|signature|cookie|authori[sz]ation|saml|assertion|personality|blob|kubeconfig|'
    r'(^|_)(code|state|pin|environment|template|script|content|file)s?($|_data)')
# values that look like a secret, whatever their name is
VALUES = re.compile(
    r'gAAAA[\w-]{16,}={0,2}|eyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)*|-----BEGIN [\s\S]*|(?<=://)[^/@\s]+:[^/@\s]+(?=@)|'
    r'(?i:(?<=token=)|(?<=password=)|(?<=secret=)|(?<=sessionid=)|(?<=csrftoken=)|(?<=code=)|(?<=key=))[^&\s;"\']+')
# of parameters: characters of a text, entries of a list or a dict, depth, bytes of all
TEXT, ENTRIES, DEPTH, ALL = 256, 40, 6, 4000
BODY = 65536
_lost = 0
_channel = None


def text_of(value, tokens=(), limit=TEXT):
    text = str(value)
    for token in tokens:
        text = text.replace(token, MASK)
    text = VALUES.sub(MASK, text)
    return text if len(text) <= limit else f'{text[:limit]}…'


def is_secret(name):
    words = re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', str(name)).lower()
    return bool(SECRET.search(re.sub('[^a-z0-9]+', '_', words)))


def masked(value, tokens, depth=DEPTH):
    """A copy without secrets, of a bounded size."""
    if isinstance(value, dict):
        if depth == 0:
            return '…'
        found = {text_of(name, tokens, 64): MASK if is_secret(name) else masked(item, tokens, depth - 1)
                 for name, item in list(value.items())[:ENTRIES]}
        # as in lists of `{"name": "password", "value": "x"}`
        if 'value' in found and any(is_secret(value.get(key, '')) for key in ('name', 'key')):
            found['value'] = MASK
        return found
    if isinstance(value, (list, tuple)):
        return [masked(item, tokens, depth - 1) for item in value[:ENTRIES]] if depth else '…'
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return text_of(value, tokens)


def parameters(request, tokens):
    """What the view has read: nothing is read here, as a body may be large."""
    found = {}
    if query := request.META.get('QUERY_STRING'):
        found['query'] = parse_qs(query[:BODY], keep_blank_values=True)
    # set by Django once they have been read
    if form := vars(request).get('_post'):
        found['form'] = dict(form.lists())
    elif body := vars(request).get('_body'):
        try:
            found['body'] = json.loads(body) if len(body) <= BODY else {'bytes': len(body)}
        except (ValueError, RecursionError):
            found['body'] = {'bytes': len(body)}
    if files := vars(request).get('_files'):
        found['files'] = {name: {'bytes': file.size} for name, file in files.items()}
    result = {kind: {name: item if kind == 'files' else masked(item, tokens) if not is_secret(name) else MASK
                     for name, item in list(values.items())[:ENTRIES]} if isinstance(values, dict)
              else masked(values, tokens) for kind, values in found.items()}
    size = len(json.dumps(result))
    return result if size <= ALL else {'bytes': size}


def is_logged_in(user):
    return bool(getattr(user, 'is_authenticated', False))


def token_of(user):
    return getattr(getattr(user, 'token', None), 'id', None)


def session_part(path):
    match = SESSION.match(path)
    return match.groups() if match else (None, None)


def event_of(path, before, after, status, location='', region=None):
    """The kind of the event, by the path below the web root, the user before and after the request, where the response
    leads, and the region of the session."""
    kind, name = session_part(path)
    target = urlsplit(location)
    to_login = session_part(target.path)[0] == 'login'
    if 'csrf_failure' in parse_qs(target.query, keep_blank_values=True) and to_login:
        return 'refused'
    done = status < 400
    # a form may also be answered without a look at the password, for a user who is logged in already
    renewed = done and is_logged_in(after) and token_of(after) != token_of(before)
    if kind in ('login', 'totp'):
        if renewed:
            return 'login'
        # to the second factor, to the change of an expired password, or to an identity provider
        return 'login_continues' if done and location and not to_login else 'login_failed'
    if kind == 'websso':
        return 'sso_login' if renewed else 'sso_login_failed'
    if kind == 'password':
        return 'password_changed' if done and to_login else 'password_change_failed'
    if kind == 'logout':
        # a request of another site is only asked about
        return 'logout' if done and not is_logged_in(after) else 'refused'
    if kind:
        happened = region == name if kind == 'switch_services_region' else renewed
        return 'switch' if done and is_logged_in(before) and happened else 'refused'
    return 'refused' if status in (401, 403, 429) or to_login or not is_logged_in(before) else 'operation'


def applies(request):
    if request.method in METHODS:
        return True
    return request.method == 'GET' and bool(re.match('/auth/(logout|switch)', request.path_info))


def begin(request):
    request.operation_began = time.monotonic()


def middleware(get_response):
    """Keeps the user as before the view."""
    def handle(request):
        if applies(request):
            user = getattr(request, 'user', None)
            # evaluates Django's lazy object
            request.operation_user = user if getattr(user, 'is_authenticated', False) else None
        return get_response(request)
    return handle


def entry_of(request, response):
    after = getattr(request, 'user', None)
    # without it, another middleware has answered, and nothing has changed
    reached = 'operation_user' in vars(request)
    before = request.operation_user if reached else after
    path = request.path_info
    kind, name = session_part(path)
    region = request.session.get('services_region') if kind == 'switch_services_region' and is_logged_in(after) else None
    # Horizon's redirects of scripts have another header
    location = response.get('Location') or response.get('X-Horizon-Location') or ''
    event = event_of(path, before, after, response.status_code, location, region)
    if event == 'operation' and not reached:
        event = 'refused'
    # a user who is logged in may log in as another one
    user = after if event in ('login', 'sso_login') else None if event.startswith(('login_', 'sso_', 'password_')) else (
        before if is_logged_in(before) else after if is_logged_in(after) else None)
    tokens = [token for each in (before, after) for token in (
        token_of(each), getattr(each, 'unscoped_token', None)) if token]
    form = vars(request).get('_post') or {}
    return {
        'event': event,
        'time': datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='milliseconds'),
        'request_id': str(uuid.uuid4()),
        'client': request.META.get('REMOTE_ADDR', ''),
        'user': text_of(getattr(user, 'username', None) or form.get('username') or (name if kind == 'totp' else ''), tokens),
        'user_id': getattr(user, 'id', None) or (text_of(name, tokens) if kind == 'password' else None),
        'domain': getattr(user, 'user_domain_name', None) or text_of(form.get('domain') or '', tokens),
        'project': getattr(user, 'project_name', None),
        'project_id': getattr(user, 'project_id', None),
        'method': request.method,
        'path': text_of(path, tokens, 512),
        'status': response.status_code,
        'ms': round((time.monotonic() - request.operation_began) * 1000),
        'parameters': parameters(request, tokens),
    }


def write(request, response):
    global _lost
    from django.conf import settings

    if not settings.OPERATION_LOG or not applies(request):
        return
    try:
        entry = entry_of(request, response)
        if _lost:
            entry['lost'] = _lost
        if send(json.dumps(entry)):
            _lost = 0
        else:
            _lost += 1
    except Exception as error:
        # the log is not a reason to fail
        _lost += 1
        LOG.error('an operation was not logged: %s', type(error).__name__)


def send(line):
    """Whether it was written. JSON in ASCII has no line break."""
    global _channel
    try:
        if _channel is None:
            channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            channel.setblocking(False)
            channel.connect(JOURNAL)
            _channel = channel
        _channel.send(f'SYSLOG_IDENTIFIER={IDENTIFIER}\nPRIORITY=6\nMESSAGE={line}\n'.encode())
        return True
    except (FileNotFoundError, ConnectionRefusedError, PermissionError):
        # a container, whose log is its output
        _channel = None
        LOG.info('%s', line)
        return True
    except OSError:
        _channel = None
        return False
