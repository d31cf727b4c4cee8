"""The first middleware, and the one of sessions.

secret: follows a rotated secret.
sessions: explains a session that cannot be used.
headers: keeps the headers of requests and responses to what both sides can read.
reports: logs browsers' reports of the content security policy.

openstack_dashboard_login.limits answers for an account that got too many wrong passwords.
"""
import openstack_dashboard_csp as csp
import openstack_dashboard_operations as operations
from openstack_dashboard_guard import headers, reports, secret, sessions
from openstack_dashboard_guard.sessions import Sessions
from openstack_dashboard_login import limits

__all__ = ['Sessions', 'guard']


def guard(get_response):
    def handle(request):
        headers.take_address(request)
        if request.path_info == reports.PATH:
            return reports.report(request)
        headers.read_cookies(request)
        secret.pick_up()
        csp.begin(request)
        operations.begin(request)
        response = limits.respond(lambda asked: sessions.respond(get_response, asked), request)
        headers.write_headers(response)
        csp.write(response)
        operations.write(request, response)
        return response
    return handle
