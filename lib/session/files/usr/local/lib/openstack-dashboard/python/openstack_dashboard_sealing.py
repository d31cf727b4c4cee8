"""Seals bytes, and hashes names, under keys from Django's SECRET_KEY.

A sealed value is encrypted and authenticated: version (1 byte), id of the secret (4), salt (12),
nonce (12), then text and tag of AES-256-GCM. Its key is HKDF-SHA256 of the secret, with purpose, salt
and name of the value as info. AES-GCM alone is safe for 2**32 random nonces per key, which a busy fleet
would use in weeks; salt and nonce together are 192 random bits. (AES-GCM-SIV, the alternative, takes 5 to
20 times as long.) Header and name are authenticated too: a value only opens under its own name.

SECRET_KEY seals; SECRET_KEY and SECRET_KEY_FALLBACKS open, chosen by id.

A hashed name is HMAC-SHA512 under HKDF-SHA256 of the secret, with a label of its own as info.
"""
import hmac
import json
import logging
import os
import threading
import time
from base64 import urlsafe_b64encode
from collections import Counter

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

LOG = logging.getLogger('openstack_dashboard.sealing')
VERSION = b'\x01'
HEADER = 29
OVERHEAD = HEADER + 16
LOG_SECONDS = 60
# (purpose, reason): how often a value was refused in this process
refusals = Counter()
# of these, how many have been logged
_reported = Counter()
_logged, _timer = float('-inf'), None
_ring = ((), {})


def _expand(secret, info):
    """HKDF-Expand (RFC 5869), one block."""
    return hmac.digest(secret, info + b'\x01', 'sha256')


def _secrets():
    """Id: secret after HKDF-Extract, that of SECRET_KEY first."""
    global _ring
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    known, ring = _ring
    if secrets != known:
        ring = {}
        for secret in secrets:
            extracted = hmac.digest(bytes(32), secret.encode(), 'sha256')
            ring.setdefault(_expand(extracted, b'openstack-dashboard id')[:4], extracted)
        _ring = (secrets, ring)
    return ring


class Names:
    """Keyed hashes of names, which reveal nothing about them."""

    def __init__(self, purpose):
        self.label = b'openstack-dashboard ' + purpose.encode()
        self._keys = (None, ())

    def __call__(self, name):
        """Two hashes of the name, of 43 letters, digits, - and _, under each secret: that of
        SECRET_KEY first."""
        ring = _secrets()
        known, keys = self._keys
        if known is not ring:
            keys = [_expand(secret, self.label) for secret in ring.values()]
            self._keys = ring, keys
        name = name.encode()
        pairs = []
        for key in keys:
            digest = hmac.digest(key, name, 'sha512')
            pairs.append((_text(digest[:32]), _text(digest[32:])))
        return pairs


def _text(digest):
    return urlsafe_b64encode(digest)[:43]


def _log():
    global _logged, _timer
    _logged, _timer = time.monotonic(), None
    fresh = {}
    for (purpose, reason), total in sorted(refusals.items()):
        if count := total - _reported[purpose, reason]:
            fresh.setdefault(purpose, {'purpose': purpose})[reason.replace(' ', '_')] = count
            _reported[purpose, reason] = total
    for counts in fresh.values():
        # not totals: a metric filter of HostLogGroup adds them up
        LOG.warning('values refused: %s', json.dumps(counts))


def refuse(purpose, reason):
    """Counts a refused value. The counts are logged at most once a minute, so that forged values do not fill
    the log, and the last ones are logged too."""
    global _timer
    refusals[purpose, reason] += 1
    # a fork leaves timers behind
    if _timer is None or not _timer.is_alive():
        _timer = threading.Timer(max(0, _logged + LOG_SECONDS - time.monotonic()), _log)
        _timer.daemon = True
        _timer.start()


class Sealer:
    def __init__(self, purpose, limit):
        self.purpose, self.limit = purpose, limit
        self.label = b'openstack-dashboard ' + purpose.encode()

    def _cipher(self, secret, header, name):
        # lengths of label (a constant of the program) and salt are fixed: different inputs never concatenate alike
        return AESGCM(_expand(secret, self.label + b'\0' + header[5:17] + name))

    def seal(self, name, data):
        identity, secret = next(iter(_secrets().items()))
        header, name = VERSION + identity + os.urandom(24), name.encode()
        return header + self._cipher(secret, header, name).encrypt(header[17:], data, header + name)

    @staticmethod
    def current(sealed):
        """Whether SECRET_KEY sealed it, and not a fallback."""
        return sealed[1:5] == next(iter(_secrets()))

    def open(self, name, sealed):
        """The bytes, or None if this fleet did not seal them under that name."""
        if not OVERHEAD <= len(sealed) <= self.limit:
            return refuse(self.purpose, 'length')
        if sealed[:1] != VERSION:
            return refuse(self.purpose, 'version')
        secret = _secrets().get(sealed[1:5])
        if secret is None:
            return refuse(self.purpose, 'unknown secret')
        header, name = sealed[:HEADER], name.encode()
        try:
            return self._cipher(secret, header, name).decrypt(
                header[17:], sealed[HEADER:], header + name)
        except InvalidTag:
            return refuse(self.purpose, 'forged')
