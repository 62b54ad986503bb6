"""Make the HTTP client that a Runflow client sends with, as the environment says.

The HTTP library reads HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR and
SSLKEYLOGFILE. What it cannot use of them is an InvalidArgument that names the variable.
"""

import os
import re
import ssl
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from importlib.util import find_spec
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from runflow_api.http_library import httpx

from .._errors import InvalidArgument
from .._redaction import redact, redact_url
from .._urls import MAX_PORT, is_loopback

HttpClient = TypeVar("HttpClient", httpx.Client, httpx.AsyncClient)

_LOOPBACK: Final = ("127.0.0.1", "[::1]", "localhost", "*.localhost")

_HOST: Final = r"[A-Za-z0-9._-]+"

_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
"""Variables of which the HTTP library finds out at once whether it can use them."""

_REMEDY: Final = "correct or unset it, or pass an http_client of your own"


def make_http_client(
    kind: type[HttpClient],
    *,
    base_url: str,
    timeout: httpx.Timeout,
    insecure_hosts: Collection[str] = (),
) -> HttpClient:
    """Make an HTTP client: HTTP/2 where the extra `http2` is installed, no redirects.

    A base URL on this machine is contacted directly, whatever the proxy variables say. A proxy
    would see the API key of plain http requests, so a plain http base URL behind a proxy is
    refused, unless the proxy is on this machine or among `insecure_hosts`.

    Raises InvalidArgument for variables of the environment that cannot be used.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    direct = [*_LOOPBACK]
    if is_loopback(host) or (parts.scheme == "http" and not _proxy_for(host, insecure_hosts)):
        direct.append(f"[{host}]" if ":" in host else host)
    certificates = os.environ.get("SSL_CERT_FILE")
    if certificates and not Path(certificates).is_file():  # httpx 0.27 would use its own instead
        raise InvalidArgument(_no_certificates(certificates))
    folder = os.environ.get("SSL_CERT_DIR", "")
    if folder and not (certificates or any(map(os.path.isdir, folder.split(os.pathsep)))):
        raise InvalidArgument(
            f"SSL_CERT_DIR is {folder!r}, not a folder of certificates: {_REMEDY}"
        )
    for scheme, proxy in _proxies():
        if not _has_host(proxy):  # the library finds out when it connects
            raise InvalidArgument(_unusable_proxy(scheme, proxy))
    # without a proxy everything is direct, and the library looks for no mount at each request
    mounts = {f"all://{name}": None for name in direct} if getproxies() else {}
    is_lazy = parts.scheme == "http" and not any(map(os.environ.get, _CERTIFICATES))
    try:
        verify = _LazyContext(ssl.PROTOCOL_TLS_CLIENT) if is_lazy else True
        http2 = find_spec("h2") is not None
        return kind(timeout=timeout, http2=http2, mounts=mounts, verify=verify)
    except Exception as error:  # the library raises what it meets: OSError, ValueError, ImportError
        reason = next(_unusable_variables(), None) or (
            "the HTTP client cannot be made: check the proxy and certificate variables of the "
            "environment"
        )
        # it may show a part of a password as the port
        says = "" if any("@" in proxy for _, proxy in _proxies()) else f": {error}"
        text = redact(f"{reason} ({type(error).__name__}{says})")
        raise InvalidArgument(text) from None


class _LazyContext(ssl.SSLContext):
    """The HTTP library's own TLS context, made when a connection is first encrypted.

    To read its certificates takes a fifth of the time until a client's first answer, and a client
    whose base URL is plain http needs them only for files that are elsewhere.
    """

    _protocols: Iterable[str] = ()

    @cached_property
    def _made(self) -> ssl.SSLContext:
        made = httpx.create_ssl_context()
        made.set_alpn_protocols(self._protocols)  # the same for each connection of a client
        return made

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Offer these protocols to the servers."""
        self._protocols = alpn_protocols

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        """Encrypt a connection of a synchronous client."""
        return self._made.wrap_socket(*args, **options)

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        """Encrypt a connection of an asynchronous client."""
        return self._made.wrap_bio(*args, **options)


def _proxy_for(host: str, insecure_hosts: Collection[str]) -> str:
    """Return the proxy of plain http requests to this host, empty if they go there directly.

    Raises InvalidArgument for a proxy that may not see the key.
    """
    proxies = getproxies()
    scheme = "http" if proxies.get("http") else "all"
    proxy = proxies.get(scheme)
    if not proxy or proxy_bypass(host):
        return ""
    try:
        proxy_host = urlsplit(_with_scheme(proxy)).hostname or ""
    except ValueError:
        return proxy  # refused as unusable when the client is made
    if not (is_loopback(proxy_host) or proxy_host in insecure_hosts):
        raise InvalidArgument(
            f"{_variable(scheme)} sends plain http to {host} through the proxy {proxy_host}, which "
            "would see the API key: use https, add the host to NO_PROXY, or name the proxy in "
            "insecure_hosts"
        )
    return proxy


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def _variable(scheme: str) -> str:
    """Return the name of the variable that sets the proxy of this scheme."""
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY")
    return next((name for name in names if os.environ.get(name)), f"the system's {scheme} proxy")


def _no_certificates(path: str) -> str:
    return f"SSL_CERT_FILE is {path!r}, not a file of certificates: {_REMEDY}"


def _unusable_variables() -> Iterator[str]:
    """Give a sentence about each variable that the HTTP library cannot use."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if key_log := os.environ.get("SSLKEYLOGFILE"):
        try:
            context.keylog_filename = key_log
        except OSError:
            yield f"SSLKEYLOGFILE is {key_log!r}, which cannot be written: {_REMEDY}"
    if certificates := os.environ.get("SSL_CERT_FILE"):
        try:
            context.load_verify_locations(cafile=certificates)
        except OSError:  # an ssl.SSLError is one
            yield _no_certificates(certificates)
    for scheme, proxy in _proxies():
        if not _is_usable_proxy(proxy):
            yield _unusable_proxy(scheme, proxy)
    for entry in getproxies().get("no", "").split(","):
        if not _is_usable_exception(entry.strip()):
            yield f"{_variable('no')} has the unusable entry {entry.strip()!r}: {_REMEDY}"


def _proxies() -> list[tuple[str, str]]:
    """Return the proxies by the scheme that they are for."""
    proxies = getproxies()
    return [(scheme, proxies[scheme]) for scheme in ("http", "https", "all") if proxies.get(scheme)]


def _unusable_proxy(scheme: str, proxy: str) -> str:
    kind, _, rest = _with_scheme(proxy).partition("://")
    # a password that is not written as in a URL may have a slash
    shown = redact_url(f"{kind}://{rest.rpartition('@')[2]}")
    return (
        f"{_variable(scheme)} is {shown!r}, which is not an http, https "
        f"or socks5 URL that can be used here (socks5 needs the package socksio): {_REMEDY}"
    )


def _has_host(proxy: str) -> bool:
    """Whether the proxy has a host, and a port that there is. What cannot be read is left to the
    library, which refuses it.
    """
    try:
        url = httpx.URL(_with_scheme(proxy))
    except (httpx.InvalidURL, ValueError):
        return True
    host = url.raw_host.decode("ascii")
    is_right = ":" in host or re.fullmatch(_HOST, host) is not None
    return is_right and (url.port or 1) <= MAX_PORT


def _is_usable_proxy(proxy: str) -> bool:
    try:
        httpx.HTTPTransport(proxy=httpx.Proxy(_with_scheme(proxy))).close()
    except Exception:
        return False
    return True


def _is_usable_exception(entry: str) -> bool:
    """Whether the HTTP library can use this entry of NO_PROXY, which it makes a URL pattern of."""
    if entry in {"", "*"}:
        return True
    try:
        IPv6Address(entry.partition("/")[0])
        pattern = f"all://[{entry}]"
    except ValueError:
        pattern = entry if "://" in entry else f"all://*{entry}"
    try:
        httpx.URL(pattern)
    except (httpx.InvalidURL, ValueError):
        return False
    return True
