"""Requests that a web page may have sent through a browser on this machine.

A page of another site is known by its Origin, and under a name of its own that leads here
(DNS rebinding) by the Host. Headers of proxies, such as X-Forwarded-Host, do not count.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address

_NAME = r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?"
_AUTHORITY = re.compile(rf"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>{_NAME}))(?::\d{{1,5}})?")


def host_in(headers: Mapping[str, str]) -> str:
    """Return the host that the Host header names, without port, brackets and the dot of the root.

    It is empty where the header is missing or more than a host and a port.
    """
    found = _AUTHORITY.fullmatch(headers.get("host", "").lower())
    return "" if found is None else (found["six"] or found["name"]).removesuffix(".")


def is_of_another_origin(headers: Mapping[str, str]) -> bool:
    """Whether the request has an Origin that is not the server's own."""
    origin, host = headers.get("origin"), headers.get("host", "").lower()
    return origin is not None and origin.lower() not in {f"http://{host}", f"https://{host}"}


def is_private_name(host: str) -> bool:
    """Whether the host is an IP address, or a name that no public DNS server answers for."""
    try:
        ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or host.endswith((".localhost", ".internal")))
    return True
