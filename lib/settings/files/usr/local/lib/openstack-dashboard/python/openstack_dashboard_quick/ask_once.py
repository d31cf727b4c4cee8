"""A page does not make the same call to an API twice.

While the page is made, a call with the same token, URL and headers is answered from memory, for a few
seconds at most: code that polls for a change sees it. If another thread of the page is making the same call,
a thread waits for its answer. A call that may change something drops all answers.
"""
import threading
import time

from openstack_dashboard_api import bounds, shortcuts
from openstack_dashboard_quick.replay import Answer, has_arrived

NEEDS_HOOK = True
MADE_FOR = {}
SECONDS = 3.0
AT_MOST = 64
SIZE = 1 << 20
READS = ('GET', 'HEAD', 'OPTIONS')


def key(asked):
    request = asked.request
    if request.method != 'GET' or request.body or asked.stream:
        return None
    headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
    # each client generates its own
    headers.pop('x-openstack-request-id', None)
    return request.url, str(asked.verify), *sorted(headers.items())


def may_change(request):
    return request.method not in READS and not request.url.endswith('/auth/tokens')


class Remembered(Answer):
    def __init__(self, asked, response):
        super().__init__(response)
        self.asked, self.since = asked, time.monotonic()
        # whether the page itself has used it, and not only a thread that made the call ahead
        self.used = not bounds.works_ahead()

    def is_old(self):
        # even a page that takes long can use each answer that was fetched ahead once
        return self.used and time.monotonic() - self.since > SECONDS

    def response(self, asked):
        if not bounds.works_ahead() and not self.used:
            self.used, self.since = True, time.monotonic()
        return super().response(asked)


class AskOnce(shortcuts.Shortcut):
    def answer(self, asked):
        page = bounds.page()
        if not page:
            return None
        if may_change(asked.request):
            self.forget(page)
            return None
        asked.answers = page.answers
        name = key(asked)
        if name is None:
            return None
        return self.remembered(asked, name) or self.of_another_thread(asked, name, page)

    @staticmethod
    def remembered(asked, name):
        answer = asked.answers.get(name)
        if answer is None or answer.is_old():
            return None
        return answer.response(asked)

    def of_another_thread(self, asked, name, page):
        mine = threading.Event()
        asking, other = page.asking, page.asking.setdefault(name, mine)
        if other is mine:
            asked.asking = asking, name, mine
            return None
        other.wait(min(max(0.0, page.deadline - time.monotonic()), threading.TIMEOUT_MAX))
        # if that answer is not kept, this thread makes the call too
        return self.remembered(asked, name)

    def learn(self, asked, response):
        page = bounds.page()
        if not page:
            return
        if may_change(asked.request):
            self.forget(page)
            return
        name = key(asked)
        # another thread of the page may have changed something meanwhile
        if (name and asked.answers is page.answers and len(page.answers) < AT_MOST
                and response.status_code == 200 and 'Set-Cookie' not in response.headers
                and has_arrived(asked, response) and len(response.content) <= SIZE):
            page.answers[name] = Remembered(asked, response)

    def instead(self, asked):
        page = bounds.page()
        if page and may_change(asked.request):
            # the change may have been made
            self.forget(page)

    def end(self, asked):
        if asked.asking:
            asking, name, mine = asked.asking
            asking.pop(name)
            mine.set()

    @staticmethod
    def forget(page):
        page.answers, page.asking = {}, {}


def install(namespace):
    shortcuts.installed.append(AskOnce())
