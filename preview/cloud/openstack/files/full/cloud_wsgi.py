"""The services that are no more than an API, for gunicorn."""
import os
import sys

ETC = '/run/cloud/etc'


def plain_arguments():
    """oslo.config would read those of gunicorn."""
    del sys.argv[1:]


def neutron():
    plain_arguments()
    os.environ['OS_NEUTRON_CONFIG_DIR'] = ETC
    os.environ['OS_NEUTRON_CONFIG_FILES'] = 'neutron.conf'
    from neutron.cmd.server import main_api_uwsgi
    return main_api_uwsgi()


def glance():
    plain_arguments()
    os.environ['OS_GLANCE_CONFIG_DIR'] = ETC
    from glance.common import wsgi_app
    return wsgi_app.init_app()


def keystone():
    """While the image is made; it has a program of its own later."""
    plain_arguments()
    from keystone.wsgi import api
    return api.application


def placement():
    plain_arguments()
    os.environ['OS_PLACEMENT_CONFIG_DIR'] = ETC
    from placement.wsgi import api
    return api.application
