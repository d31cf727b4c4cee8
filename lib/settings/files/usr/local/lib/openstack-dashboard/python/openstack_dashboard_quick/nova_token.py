"""Nova's client uses the given token and URL.

Horizon passes both, and still the client requests another token from Keystone on each page.
"""
import functools

import novaclient.client
from keystoneauth1.token_endpoint import Token

MADE_FOR = {
    'python-novaclient 18.9.0': {
        'novaclient.client:_construct_http_client': '112d6370c9f0',
        'novaclient.client:SessionClient': 'fbb76a34fada',
    },
    'keystoneauth1 5.10.0': {'keystoneauth1.token_endpoint:Token': 'af325433e38f'},
}


def with_token(original):
    @functools.wraps(original)
    def construct(**options):
        if options.get('auth_token') and options.get('endpoint_override') and not (
                options.get('session') or options.get('auth')):
            options['auth'] = Token(options['endpoint_override'], options['auth_token'])
        return original(**options)
    return construct


def install(namespace):
    novaclient.client._construct_http_client = with_token(novaclient.client._construct_http_client)
