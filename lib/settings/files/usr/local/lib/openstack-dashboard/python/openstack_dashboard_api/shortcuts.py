"""Objects that make a call to an API quicker, or unnecessary: openstack_dashboard_quick installs them here,
and bounds.py, which has the only hook, calls them."""
from keystoneauth1.session import TCPKeepAliveAdapter
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy

# objects with the methods of `Shortcut`, in the order in which they are called
installed = []
# they do not handle longer answers
LIMIT = 1 << 17
PLAIN = (HTTPAdapter, TCPKeepAliveAdapter)


class Asked:
    """A call to an API, with what `requests.adapters.HTTPAdapter.send` was given."""

    def __init__(self, adapter, request, stream, verify, cert, proxies):
        self.adapter, self.request, self.stream = adapter, request, stream
        # glanceclient gives (None, None)
        self.cert = None if isinstance(cert, tuple) and not any(cert) else cert
        self.verify, self.proxies = verify, proxies
        # whether a streamed answer is read at once, unless it is long
        self.wanted = False
        # of the page, when the call began; what other threads with the same call wait for
        self.answers, self.asking = None, None
        # with a client certificate, a proxy, or an adapter that does more, it stays as it is
        self.plain = (type(adapter) in PLAIN and not self.cert and not adapter.max_retries.total
                      and not select_proxy(request.url, proxies))

    def reads(self, response):
        length = response.headers.get('Content-Length') or ''
        return self.wanted and length.isascii() and length.isdigit() and int(length) <= LIMIT


class Shortcut:
    def answer(self, asked):
        """An answer without a call, or None. It may also change how the call is made."""

    def learn(self, asked, response):
        """The call was answered. If it was not streamed, the body has been read."""

    def instead(self, asked):
        """An answer for a call that was not answered, or None."""

    def end(self, asked):
        """Called last, whatever the result of the call."""


def answer(asked):
    return first(shortcut.answer(asked) for shortcut in installed) if asked.plain else None


def learn(asked, response):
    if asked.plain:
        for shortcut in installed:
            shortcut.learn(asked, response)


def instead(asked):
    return first(shortcut.instead(asked) for shortcut in installed) if asked.plain else None


def end(asked):
    if asked.plain:
        for shortcut in installed:
            shortcut.end(asked)


def first(answers):
    return next((answer for answer in answers if answer is not None), None)
