"""The server's certificate for https, from an authority that it makes for itself."""

import ipaddress
import ssl
import tempfile
from pathlib import Path

from attrs import frozen

CA_FILE = "ca.pem"


@frozen
class Certificate:
    """A certificate for the server, and the authority that clients must trust.

    `authority` is the authority's certificate as PEM. Neither private key is written to a file
    that outlives the call of `make_certificate`.
    """

    context: ssl.SSLContext
    authority: bytes


def make_certificate(*hosts: str) -> Certificate:
    """Return a certificate for these host names and addresses, signed by an authority of its own.

    Raise ValueError if the extra `mock-tls` is not installed.
    """
    try:
        import trustme
    except ImportError:
        raise ValueError(
            'https needs trustme: pip install "runflow-client[mock,mock-tls]"'
        ) from None
    authority = trustme.CA()
    certificate = authority.issue_cert(*dict.fromkeys(_identity(host) for host in hosts))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
    return Certificate(context, authority.cert_pem.bytes())


def write_authority(certificate: Certificate, path: Path | None) -> Path:
    """Write the authority's certificate and return the file: `path`, by default a temporary one."""
    if path is None:
        path = Path(tempfile.mkdtemp(prefix="runflow-mock-")) / CA_FILE
    path.write_bytes(certificate.authority)
    return path


def _identity(host: str) -> str:
    """Return the host as certificates name it: an address in its canonical form."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host
