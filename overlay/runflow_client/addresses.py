"""Where this client sends requests that are not the API's: the storage behind URLs that answers carry."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from runflow_api.http_library import httpx

from .settings import is_loopback
from .storage_errors import AddressRefused

_PRIVATE_SUFFIXES: Final = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home.arpa")


def check_address(url: str, base_url: str, *, secure: bool) -> httpx.URL:
    """The URL, read. Raises AddressRefused for one that this client must not go to.

    Allowed are public hosts, over https only where `secure` is asked for, and the API's own host, with every address of
    this machine if that is where the API is (as the mock server is). A name that resolves to a private address is not
    noticed.
    """
    try:
        address = httpx.URL(url)
        host = address.raw_host.decode("ascii").strip("[]").rstrip(".").lower()
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise AddressRefused(url, f"it cannot be read ({type(error).__name__})") from None
    if address.scheme not in {"http", "https"}:
        raise AddressRefused(url, f"its scheme is {address.scheme or 'missing'}, not https")
    if not host:
        raise AddressRefused(url, "it has no host")
    if address.userinfo:
        raise AddressRefused(url, "it has a user or a password in it")
    own = urlsplit(base_url)
    own_host = (own.hostname or "").rstrip(".")
    if is_loopback(own_host) and is_loopback(host):
        return address
    if host == own_host and address.scheme in {own.scheme, "https"}:
        return address
    if is_private(host):
        raise AddressRefused(url, "its host is a private address")
    if secure and address.scheme != "https":
        raise AddressRefused(url, "expected https")
    return address


def is_private(host: str) -> bool:
    """Whether the host, a name or an address in lower case, is not one of the public internet."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # A last label that begins with a digit makes it a number to resolvers: 0x7f.1 and 2130706433 are 127.0.0.1.
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES) or host.rpartition(".")[2][:1].isdigit()
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            address = inner
        elif address.is_reserved or address.is_site_local:
            return True  # reserved, too, are those that hold an IPv4 address for a translator: 64:ff9b::10.0.0.1
    return not address.is_global or address.is_multicast
