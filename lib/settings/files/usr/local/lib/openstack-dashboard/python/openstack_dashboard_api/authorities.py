"""Whether TLS contexts of Python can use CA certificates. OpenSSL refuses each certificate of a CA whose own
certificate breaks rules of RFC 5280, and some versions of the clients do not check that yet."""
import datetime
import re
import ssl
import subprocess
import tempfile

SYSTEM = '/etc/ssl/certs/ca-certificates.crt'


def certificates(path):
    from cryptography import x509

    with open(path, 'rb') as file:
        return x509.load_pem_x509_certificates(file.read())


def reason(certificate):
    """Why the certificates of a CA are refused, or None."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        constraints, usage, _ = map(certificate.extensions.get_extension_for_class, (
            x509.BasicConstraints, x509.KeyUsage, x509.SubjectKeyIdentifier))
    except x509.ExtensionNotFound as error:
        return f'it lacks the extension {error.oid._name}'
    if not constraints.value.ca:
        return 'it is not a CA certificate'
    if not constraints.critical:
        return 'its basicConstraints are not critical'
    if not usage.value.key_cert_sign:
        return 'its keyUsage does not contain keyCertSign'
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate.public_bytes(Encoding.PEM))
        file.flush()
        # Strict checks of a CA itself need a certificate of it; this checks its key and its form
        found = subprocess.run(
            ['openssl', 'verify', '-x509_strict', '-partial_chain', '-no_check_time', '-auth_level', '2',
             '-CAfile', file.name, file.name], capture_output=True, text=True, timeout=30)
    return re.sub(r'\s+', ' ', found.stdout + found.stderr).strip() if found.returncode else None


def problems(path):
    """What is wrong with a file, as texts."""
    try:
        ssl.create_default_context(cafile=path)
        given = certificates(path)
        system = set(certificates(SYSTEM))
    except (OSError, ValueError) as error:
        return [f'{path} does not have certificates in PEM format: {error}']
    if system <= set(given):
        given = [certificate for certificate in given if certificate not in system]
    now = datetime.datetime.now(datetime.timezone.utc)
    current = [certificate for certificate in given
               if certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc]
    if given and not current:
        return [f'{path}: all CA certificates have expired or are not valid yet']
    return [f'{path}: the CA certificate {certificate.subject.rfc4514_string()} cannot be used: {why}'
            for certificate in current if (why := reason(certificate))]
