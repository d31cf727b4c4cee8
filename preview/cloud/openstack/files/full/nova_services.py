"""All of Nova in one process: its in-memory message bus reaches no further.

nova/cmd has the start of each; compute asks the database itself, as the conductor would for it."""
import sys
import time

import nova.monkey_patch
import nova.conf
from keystoneauth1 import exceptions
from nova import config, objects, service
from nova.compute import rpcapi as compute
from nova.conductor import rpcapi as conductor
from nova.scheduler import rpcapi as scheduler
from oslo_log import log

from cloud_drivers.nova import install


def main():
    config.parse_args(['nova', *sys.argv[1:]])
    log.setup(nova.conf.CONF, 'nova')
    objects.register_all()
    objects.Service.enable_min_version_cache()
    install()
    launcher = service.service.launch(
        nova.conf.CONF, create('nova-conductor', conductor.RPC_TOPIC), restart_method='mutate')
    launcher.launch_service(create('nova-scheduler', scheduler.RPC_TOPIC))
    launcher.launch_service(create('nova-compute', compute.RPC_TOPIC))
    launcher.launch_service(service.WSGIService('osapi_compute'))
    launcher.wait()


def create(binary, topic):
    """Asks Keystone, which may start at the same time."""
    while True:
        try:
            return service.Service.create(binary=binary, topic=topic)
        except exceptions.ConnectFailure:
            time.sleep(0.5)


main()
