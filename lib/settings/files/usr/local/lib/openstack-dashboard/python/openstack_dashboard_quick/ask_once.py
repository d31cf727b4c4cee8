"""A page does not ask an API the same thing twice.

What was asked with the same token, URL and headers is answered again from memory while the page is
made, for a few seconds at most: what waits for a change by asking again sees it. Who asks what another
thread of the page is asking waits for its answer. A call that may change something makes all answers
forgotten.
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
    # one that each client makes up
    headers.pop('x-openstack-request-id', None)
    return request.url, str(asked.verify), *sorted(headers.items())


def may_change(request):
    return request.method not in READS and not request.url.endswith('/auth/tokens')


class Remembered(Answer):
    def __init__(self, asked, response):
        super().__init__(response)
        self.asked, self.since = asked, time.monotonic()
        # whether the page has had it, and not only who asked ahead of it
        self.used = not bounds.works_ahead()

    def is_old(self):
        # a page that takes long still has what was asked ahead of it once
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
        # if it is none to remember, this thread asks as well
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
            # it may have been done
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
