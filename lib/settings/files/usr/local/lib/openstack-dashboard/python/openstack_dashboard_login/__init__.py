"""Logins with a password or a one-time password: a Django application that wraps Horizon's back end.

attempts: counts wrong passwords per account and client address, in memory that all workers of a host share.
limits: stops calling Keystone for an account from an address that sent too many.
region: the default region of services.
messages: the messages of a site, a middleware.
"""
