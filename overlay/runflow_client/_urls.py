"""Which URLs the client may use: the base URL of the API, and the storage URLs of answers."""

import ipaddress
import os
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from runflow_api.http_library import httpx

from ._errors import AddressRefused, InvalidArgument

_PRIVATE_SUFFIXES: Final = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home.arpa")


def check_storage_url(url: str, base_url: str, *, secure: bool) -> httpx.URL:
    """The URL, read. Raises AddressRefused for one that this client must not go to.

    Allowed are public hosts, over https only where `secure` is asked for, and the API's own host,
    with every address of this machine if that is where the API is (as the mock server is). A name
    that resolves to a private address is not noticed.
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
        # A last label that begins with a digit makes it a number to resolvers: 0x7f.1 and
        # 2130706433 are 127.0.0.1.
        return (
            "." not in host
            or host.endswith(_PRIVATE_SUFFIXES)
            or host.rpartition(".")[2][:1].isdigit()
        )
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            address = inner
        elif address.is_reserved or address.is_site_local:
            # reserved, too, are those that hold an IPv4 address for a translator: 64:ff9b::10.0.0.1
            return True
    return not address.is_global or address.is_multicast


BASE_URL_VARIABLE: Final = "RUNFLOW_BASE_URL"


PRODUCTION: Final = "https://api.runflow.io"


def find_base_url(base_url: str | None, insecure_hosts: Collection[str]) -> str:
    """Return the argument, else RUNFLOW_BASE_URL, else production, without a trailing slash.

    Raises InvalidArgument for a URL without scheme or host, with white space, a query or a
    password. Plain http would show the key to the network, so it is refused too, unless the host is
    loopback or among `insecure_hosts`.
    """
    if isinstance(insecure_hosts, str):
        raise InvalidArgument(
            f"insecure_hosts is the text {insecure_hosts!r}: expected a list of hosts, such as "
            f"[{insecure_hosts!r}]"
        )
    url = base_url if base_url is not None else os.environ.get(BASE_URL_VARIABLE) or PRODUCTION
    if " " in url or not url.isprintable():
        raise InvalidArgument(
            "the base URL holds white space, a line break or another invisible character"
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidArgument(f"the base URL cannot be read: {error}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidArgument(f"the base URL needs a scheme and a host, such as {PRODUCTION}")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise InvalidArgument(
            "the base URL has a query, a fragment or a user: expected scheme, host and path only"
        )
    if parts.scheme == "http" and host not in insecure_hosts and not is_loopback(host):
        raise InvalidArgument(
            f"plain http to {host} would show the API key to the network: use https, or name the "
            "host in insecure_hosts"
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
