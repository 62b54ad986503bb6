"""Which URLs the client may use: the base URL of the API, and the storage URLs of answers."""

import ipaddress
import os
import re
import socket
from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import urlsplit

from runflow_api.http_library import httpx

from ._errors import AddressRefused, InvalidArgument
from ._redaction import redact_url, show_value
from ._validation import check_arguments, refuse_misspelt

_PRIVATE_SUFFIXES: Final = (
    ".local",
    ".localhost",
    ".localdomain",
    ".internal",
    ".intranet",
    ".private",
    ".corp",
    ".home",
    ".lan",
    ".svc",
    ".home.arpa",
)


_OWN_NAMES: Final = frozenset(
    {"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"}
)

_METADATA_HOSTS: Final = frozenset(
    {
        "metadata.goog",
        "metadata.tencentyun.com",
        "metadata.platformequinix.com",
        "metadata.packet.net",
        "168.63.129.16",  # Azure's
    }
)
"""Names and public addresses where clouds serve the credentials of their machines."""


_SPECIAL_IPV4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
"""What the IANA IPv4 Special-Purpose Address Registry takes out of the internet, and multicast."""


_GLOBAL_IPV6: Final = ipaddress.IPv6Network("2000::/3")


_SPECIAL_IPV6: Final = tuple(
    ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20")
)
"""What the IANA IPv6 Special-Purpose Address Registry takes out of 2000::/3."""


_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


_HOST: Final = re.compile(r"[a-z0-9._:-]+")

MAX_PORT: Final = 65_535


def check_storage_url(url: str, base_url: str, *, secure: bool) -> httpx.URL:
    """Parse a storage URL. Raises AddressRefused for one that this client must not contact.

    Allowed are public hosts, over https only with `secure`, and the API's own host; where that is
    this machine (as with the mock server), every address of this machine. Names are resolved, and
    checked with `check_resolved`, when a connection is made.
    """
    try:
        address = httpx.URL(url)
        host = host_of(address)
        _ = address.host  # the HTTP library decodes it, too
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefused(url, f"it cannot be read ({type(error).__name__})") from None
    if address.scheme not in {"http", "https"}:
        raise AddressRefused(url, f"its scheme is {address.scheme or 'missing'}, not https")
    if not host:
        raise AddressRefused(url, "it has no host")
    if address.userinfo:
        raise AddressRefused(url, "it has a user or a password in it")
    if not _HOST.fullmatch(host):  # %2F or %00 in it: a proxy may read another host
        raise AddressRefused(url, "its host is no host name and no IP address")
    if address.port is not None and not 0 < address.port <= MAX_PORT:  # the system takes others
        raise AddressRefused(url, f"its port is not between 1 and {MAX_PORT}")
    own_host = _read_host(base_url) or ""
    if is_loopback(own_host) and is_loopback(host):
        return address
    if host == own_host and address.scheme in {urlsplit(base_url).scheme, "https"}:
        return address
    if is_private(host):
        raise AddressRefused(url, "its host is a private address")
    if secure and address.scheme != "https":
        raise AddressRefused(url, "expected https")
    return address


def check_resolved(url: str, host: str, addresses: Iterable[str], base_url: str) -> None:
    """Raise AddressRefused where the host of a storage URL has a private address.

    The API's own host may have any, and where that is this machine, others may be it too.
    """
    own_host = _read_host(base_url) or ""
    if host.rstrip(".") == own_host:
        return
    for address in addresses:
        if is_loopback(own_host) and is_loopback(address):
            continue
        if is_private(address):
            raise AddressRefused(url, f"its host resolves to {address}, which is a private address")


def host_of(address: httpx.URL) -> str:
    """Return the host as it is connected to: ASCII, without brackets and a trailing dot."""
    return address.raw_host.decode("ascii").strip("[]").rstrip(".").lower()


def is_address(host: str) -> bool:
    """Whether the host is an IP address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_private(host: str) -> bool:
    """Whether the host, a name or an address in lower case, is outside the public internet."""
    if host in _METADATA_HOSTS:
        return True
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
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is None:
            return address not in _GLOBAL_IPV6 or any(address in part for part in _SPECIAL_IPV6)
        address = inner
    return str(address) in _METADATA_HOSTS or any(address in part for part in _SPECIAL_IPV4)


BASE_URL_VARIABLE: Final = "RUNFLOW_BASE_URL"


PRODUCTION: Final = "https://api.runflow.io"


def find_base_url(base_url: str | None, insecure_hosts: Collection[str]) -> str:
    """Return the argument, else RUNFLOW_BASE_URL, else production, without a trailing slash.

    Raises InvalidArgument for a URL without scheme or host, with white space, a query or a
    password. Plain http would show the key to the network, so it is refused too, unless the host is
    loopback or among `insecure_hosts`.
    """
    hosts = read_hosts(insecure_hosts)
    url, name = base_url, "the base URL"
    if url is None:
        url, name = os.environ.get(BASE_URL_VARIABLE), f"{name} ({BASE_URL_VARIABLE})"
        if not url:
            url = PRODUCTION
            refuse_misspelt(BASE_URL_VARIABLE)
    if " " in url or not url.isprintable():
        raise InvalidArgument(
            f"{name} holds white space, a line break or another invisible character"
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidArgument(f"{name} cannot be read: {error}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidArgument(f"{name} needs a scheme and a host, such as {PRODUCTION}")
    # An empty query counts, too: all that is added to it would be a query.
    if not {"?", "#"}.isdisjoint(url) or "@" in parts.netloc:
        raise InvalidArgument(
            f"{name} has a query, a fragment or a user: expected scheme, host and path only"
        )
    host = _read_host(url)
    if host is None:
        raise InvalidArgument(f"the host of {name} is no host name and no IP address")
    if parts.scheme == "http" and host not in hosts and not is_loopback(host):
        raise InvalidArgument(
            f"{name}: plain http to {host} would show the API key to the network: use https, or "
            "name the host in insecure_hosts"
        )
    return url.rstrip("/")


def read_hosts(insecure_hosts: Collection[str]) -> frozenset[str]:
    """Return the hosts as `host_of` gives them. Raises InvalidArgument for what is not a host
    alone.
    """
    check_arguments(insecure_hosts=insecure_hosts)
    found: set[str] = set()
    for given in insecure_hosts:
        scheme, separator, rest = given.partition("://")
        bare = rest if separator else scheme
        host = _read_host(f"//[{bare}]" if bare.count(":") > 1 and "[" not in bare else f"//{bare}")
        if host is None:
            raise InvalidArgument(
                f"insecure_hosts holds {show_value(redact_url(given))}, which is no host"
            )
        if given.strip("[]").rstrip(".").lower() != host and given.isascii():
            raise InvalidArgument(
                f"insecure_hosts holds {show_value(redact_url(given))}: expected the host alone, "
                f"{host!r}"
            )
        found.add(host)
    return frozenset(found)


def _read_host(url: str) -> str | None:
    """Return the host as `host_of` gives it; None for one that programs read differently."""
    try:
        address = httpx.URL(url)
        host = host_of(address)
        _ = address.host  # the HTTP library decodes it, too
    except (httpx.InvalidURL, ValueError):
        return None
    return host if _HOST.fullmatch(host) else None


SKIP_WAITS_VARIABLE: Final = "RUNFLOW_SKIP_WAITS_AT"
"""Holds the base URL of a mock server on this machine at which clients skip their pauses. The
fixture `runflow_mock` sets it.
"""


def skips_waits(base_url: str) -> bool:
    """Whether a client of this base URL skips its pauses.

    Only the environment says so, for one base URL by name, and only for a server on this machine.
    Nothing that a server answers has this effect.
    """
    named = os.environ.get(SKIP_WAITS_VARIABLE, "").rstrip("/")
    if not named or named != base_url:
        return False
    return is_loopback(urlsplit(named).hostname or "")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, however it is spelled: `127.1`, `localhost.`, `0.0.0.0`,
    `::ffff:127.0.0.1`.
    """
    host = host.rstrip(".").lower()
    try:
        # resolvers read 127.1 and 0x7f000001, too
        address = ipaddress.ip_address(
            socket.inet_aton(host) if host[:1].isdigit() and ":" not in host else host
        )
    except (ValueError, OSError):
        return host in _OWN_NAMES or host.endswith(".localhost")
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    return address.is_loopback or address.is_unspecified
