"""Cinder's versions are determined once a minute, not for each panel of the menu.

Some panels only exist with some versions of Cinder. The document with the versions is kept (kept_documents),
but the client parses it each time, which takes as long as a small call.
"""
from cinderclient import client
from openstack_dashboard_quick.timed_cache import cached_for

MADE_FOR = {'python-cinderclient 9.7.0': {'cinderclient.client:get_server_version': '189d57395dcd'}}
NEEDS = 'QUICK_KEPT_DOCUMENTS'
SECONDS = 60
AT_MOST = 256


def keep(original):
    # the client's answer for a service that does not tell its versions ends with 0
    versions = cached_for(SECONDS, original, AT_MOST, lambda found: found[1].ver_minor)

    def get_server_version(url, insecure=False, cacert=None, cert=None):
        return versions(url, insecure, cacert, cert)
    return get_server_version


def install(namespace):
    client.get_server_version = keep(client.get_server_version)
