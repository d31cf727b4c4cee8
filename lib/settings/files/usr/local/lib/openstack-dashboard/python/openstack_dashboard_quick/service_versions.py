"""Cinder's versions are worked out once for some minutes, and not for each panel of the menu.

Several panels are there in some versions of Cinder only. The document with these is kept (kept_documents);
the client parses it anew each time, which takes as long as a small call.
"""
import time

from cinderclient import client

MADE_FOR = {'python-cinderclient 9.7.0': {'cinderclient.client:get_server_version': '189d57395dcd'}}
NEEDS = 'QUICK_KEPT_DOCUMENTS'
SECONDS = 60
AT_MOST = 256


def keep(original):
    kept = {}

    def get_server_version(url, insecure=False, cacert=None, cert=None):
        key, now = (url, insecure, cacert, cert), time.monotonic()
        since, versions = kept.get(key, (float('-inf'), None))
        if now - since > SECONDS:
            versions = original(url, insecure, cacert, cert)
            # what the client answers for a service that told it nothing ends with 0
            if versions[1].ver_minor:
                if len(kept) >= AT_MOST:
                    kept.clear()
                kept[key] = now, versions
        return versions
    return get_server_version


def install(namespace):
    client.get_server_version = keep(client.get_server_version)
