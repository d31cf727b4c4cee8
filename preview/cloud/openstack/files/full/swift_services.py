"""All of Swift in one process, with one device and one replica."""
import eventlet
eventlet.monkey_patch()
from eventlet import wsgi
from swift.common.utils import get_logger
from swift.common.wsgi import SwiftHttpProtocol, loadapp

PORTS = {'object': 6200, 'container': 6201, 'account': 6202, 'proxy': 8080}


def main():
    logger = get_logger({}, 'swift', log_to_console=True)
    servers = []
    for name, port in PORTS.items():
        app = loadapp(f'/run/cloud/etc/swift-{name}.conf')
        socket = eventlet.listen(('127.0.0.1', port), backlog=256)
        servers.append(eventlet.spawn(wsgi.server, socket, app, log=logger, log_output=False,
                                      protocol=SwiftHttpProtocol, keepalive=name != 'proxy'))
    for server in servers:
        server.wait()


main()
