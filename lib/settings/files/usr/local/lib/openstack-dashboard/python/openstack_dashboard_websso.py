"""The settings of single sign-on: their parsers, what must hold between them, and those that follow."""
import re

import openstack_dashboard_contract as contract

CREDENTIALS = 'credentials'
NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,63}'


def name(text):
    if not isinstance(text, str) or not re.fullmatch(NAME, text):
        raise ValueError(f'must have names of 1 to 64 characters of A-Z a-z 0-9 . _ -, got {text!r} among them')
    return text


def pairs(value):
    """Pairs with different names, which is how dictionaries with unresolved keys are written too."""
    if not isinstance(value, tuple) or not all(isinstance(each, tuple) and len(each) == 2 for each in value):
        raise ValueError('must be a tuple of pairs')
    names = [name(each[0]) for each in value]
    if len(set(names)) < len(names):
        raise ValueError('must have each name once')
    return value


def choices(value):
    for _, label in pairs(value):
        if not isinstance(label, str) or not label.strip() or not label.isprintable():
            raise ValueError(f'must have labels of one line, got {label!r} among them')
    return value


def mapping(value):
    for _, ids in pairs(value):
        if not isinstance(ids, tuple) or len(ids) != 2:
            raise ValueError('must have an identity provider and a protocol for each name')
        for each in ids:
            name(each)
    return dict(value)


def https_url(text):
    if not isinstance(text, str) or not contract.is_https_url(text):
        raise ValueError(f'must be an https URL, got {text!r}')
    return text


def keystone_url(text):
    # Horizon adds paths to it
    return https_url(text).rstrip('/')


def urls(value):
    for _, url in pairs(value):
        https_url(url)
    return dict(value)


def origins(text):
    found = text.split(',')
    for each in found:
        if not contract.is_https_url(each) or re.search('[/?#@]', each.removeprefix('https://')):
            raise ValueError('must be https origins without a path, separated by commas')
    return found


def complete(settings):
    """Adds the settings that follow from others; ValueError if some contradict each other."""
    # Horizon's own default is http://localhost
    settings.setdefault('WEBSSO_KEYSTONE_URL', settings['OPENSTACK_KEYSTONE_URL'].rstrip('/'))
    settings['WEBSSO_DEFAULT_REDIRECT_REGION'] = settings['WEBSSO_KEYSTONE_URL']
    settings['WEBSSO_DEFAULT_REDIRECT_PROTOCOL'] = settings['WEBSSO_DEFAULT_REDIRECT_LOGOUT'] = None
    for key, value in (('WEBSSO_CHOICES', ()), ('WEBSSO_IDP_MAPPING', {}), ('WEBSSO_LOGOUT_URLS', {}),
                       ('WEBSSO_REDIRECT_CHOICE', None), ('WEBSSO_IDENTITY_PROVIDER_ORIGINS', [])):
        settings.setdefault(key, value)
    if settings['WEBSSO_ENABLED']:
        for text in contradictions(settings.__getitem__):
            raise ValueError(text)


def contradictions(setting):
    """What is wrong between the effective settings, as texts."""
    names = [choice for choice, _ in setting('WEBSSO_CHOICES')]
    by_single_sign_on = [choice for choice in names if choice != CREDENTIALS]
    if not by_single_sign_on:
        yield 'WEBSSO_CHOICES must have a choice other than credentials if WEBSSO_ENABLED is true'
    for key, among in (('WEBSSO_IDP_MAPPING', by_single_sign_on), ('WEBSSO_LOGOUT_URLS', by_single_sign_on)):
        for choice in setting(key):
            if choice not in among:
                yield f'{key} must have names of WEBSSO_CHOICES, got {choice!r}'
    if setting('WEBSSO_INITIAL_CHOICE') not in names:
        yield f"WEBSSO_INITIAL_CHOICE must be one of WEBSSO_CHOICES, got {setting('WEBSSO_INITIAL_CHOICE')!r}"
    redirect = setting('WEBSSO_REDIRECT_CHOICE')
    if redirect is not None and redirect not in by_single_sign_on:
        yield f'WEBSSO_REDIRECT_CHOICE must be one of WEBSSO_CHOICES except credentials, got {redirect!r}'
    if not contract.is_https_url(setting('WEBSSO_KEYSTONE_URL')):
        yield f"WEBSSO_KEYSTONE_URL must be an https URL, got {setting('WEBSSO_KEYSTONE_URL')!r}"
    if setting('SESSION_COOKIE_SAMESITE') == 'Strict':
        yield ('SESSION_COOKIE_SAMESITE must be Lax if WEBSSO_ENABLED is true, got Strict: a browser that returns '
               'from the identity provider would not send the cookie of its new session')
