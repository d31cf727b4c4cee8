"""All of Cinder in one process: its in-memory message bus reaches no further. cinder/cmd has the start of each."""
import sys

import eventlet
eventlet.monkey_patch()
import __original_module_threading
import threading
__original_module_threading.current_thread.__globals__['_active'] = threading._active

from cinder import i18n
i18n.enable_lazy()
import os_brick
from cinder.common import config, constants
from cinder import coordination, objects, rpc, service, utils, version
from oslo_config import cfg
from oslo_log import log
from oslo_privsep import priv_context

CONF = cfg.CONF
report_state = service.Service.report_state


def report(self):
    """The class has the row of the service, as each is a process of its own elsewhere."""
    service.Service.service_id = self.origin_service_id
    report_state(self)


service.Service.report_state = report


def main():
    objects.register_all()
    CONF(sys.argv[1:], project='cinder', version=version.version_string())
    config.set_middleware_defaults()
    log.setup(CONF, 'cinder')
    priv_context.init(root_helper=['sudo'])
    utils.monkey_patch()
    os_brick.setup(CONF)
    coordination.COORDINATOR.start()
    rpc.init(CONF)
    launcher = service.service.launch(CONF, service.Service.create(binary='cinder-scheduler'))
    for backend in CONF.enabled_backends:
        CONF.register_opt(cfg.StrOpt('backend_host'), group=backend)
        launcher.launch_service(service.Service.create(
            host=f'{CONF.host}@{backend}', service_name=backend, binary=constants.VOLUME_BINARY,
            coordination=True))
    launcher.launch_service(service.WSGIService('osapi_volume'))
    launcher.wait()


main()
