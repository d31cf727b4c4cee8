"""CONTENT_SECURITY_POLICY_SOURCES: `img-src https://a.example.org; connect-src wss://b.example.org:6083`."""
import re
from urllib.parse import urlsplit

import openstack_dashboard_contract as contract

DIRECTIVES = contract.POLICY_SOURCES['directives']


def is_source(directive, text):
    kinds = ('origin', *DIRECTIVES[directive])
    return (any(re.fullmatch(contract.POLICY_SOURCES[kind], text) for kind in kinds)
            # direct uploads to an image service whose origin is not given
            or directive == 'connect-src' and text == 'https:')


def parse(text):
    """Sources by directive; ValueError for what would make the policy useless, and anything else."""
    found = {}
    for part in filter(None, map(str.split, (text or '').split(';'))):
        name, *values = part
        if name not in DIRECTIVES:
            raise ValueError(f'must have the directives {", ".join(DIRECTIVES)} only')
        for value in values:
            if not is_source(name, value):
                raise ValueError(f'must have https or wss origins, such as {name} https://example.org, not {value}')
        found.setdefault(name, []).extend(values)
    return found


def of_single_sign_on(settings):
    """The login form leads to Keystone, and on to the identity provider; that of the logout may too."""
    if not settings.WEBSSO_ENABLED:
        return []
    urls = [settings.WEBSSO_KEYSTONE_URL or settings.OPENSTACK_KEYSTONE_URL,
            *(url for url, *_ in settings.AVAILABLE_REGIONS),
            *dict(getattr(settings, 'WEBSSO_LOGOUT_URLS', None) or {}).values(),
            *(getattr(settings, 'WEBSSO_IDENTITY_PROVIDER_ORIGINS', None) or ())]
    parts = [urlsplit(url) for url in urls]
    return list(dict.fromkeys(f'{part.scheme}://{part.netloc}'.lower() for part in parts if part.netloc))


def checked(text):
    parse(text)
    return text
