"""What a client is made with, checked before anything is sent: the key, the base URL, the organization."""

import ipaddress
import os
import re
import sys
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from .errors import InvalidArgument

API_KEY_VARIABLE: Final = "RUNFLOW_API_KEY"
BASE_URL_VARIABLE: Final = "RUNFLOW_BASE_URL"
PRODUCTION: Final = "https://api.runflow.io"

_KEY: Final = re.compile(r"[\x21-\x7e]+")


def find_api_key(api_key: str | None) -> str:
    """The argument, else RUNFLOW_API_KEY. Raises InvalidArgument, without showing it, for none or one no header can carry."""
    key = api_key if api_key is not None else os.environ.get(API_KEY_VARIABLE, "")
    if not key:
        raise InvalidArgument(
            f"no API key: pass api_key=... or set {API_KEY_VARIABLE}. Keys are made at https://app.runflow.io."
        )
    if _KEY.fullmatch(key) is None:
        raise InvalidArgument("the API key holds white space, a line break or a non-ASCII character: copy it again")
    return key


def find_base_url(base_url: str | None, insecure_hosts: Collection[str]) -> str:
    """The argument, else RUNFLOW_BASE_URL, else production; without a trailing slash.

    Raises InvalidArgument for a URL without scheme or host, with white space, a query or a password, and for plain http,
    which would show the key to the network, unless the host is loopback or among `insecure_hosts`.
    """
    url = base_url if base_url is not None else os.environ.get(BASE_URL_VARIABLE) or PRODUCTION
    if " " in url or not url.isprintable():
        raise InvalidArgument("the base URL holds white space, a line break or another invisible character")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidArgument(f"the base URL cannot be read: {error}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidArgument(f"the base URL needs a scheme and a host, such as {PRODUCTION}")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise InvalidArgument("the base URL has a query, a fragment or a user: expected scheme, host and path only")
    if parts.scheme == "http" and host not in insecure_hosts and not is_loopback(host):
        raise InvalidArgument(
            f"plain http to {host} would show the API key to the network: use https, or name the host in insecure_hosts"
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def user_agent() -> str:
    """How this client names itself to the server: its version and Python's."""
    from importlib.metadata import PackageNotFoundError, version  # slow to load, and needed here alone

    try:
        own = version("runflow-client")
    except PackageNotFoundError:
        own = "unknown"
    return f"runflow-client/{own} python/{sys.version.split()[0]}"
