"""Who may see the page: browsers on this machine, and only from the page's own address."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.types import Scope

from ...contract.answers import Refusal


def require_loopback(scope: Scope, headers: Mapping[str, str]) -> None:
    """Raise the 403 unless the request comes from this machine and names it as its host.

    Other sites can send a browser here under a name of theirs (DNS rebinding), so the name counts
    too. A form that another site sends is refused.
    """
    client: tuple[str, int] | None = scope.get("client")
    if client is None or not _is_loopback(client[0]):
        raise Refusal(403, "the page of the mock server is for this machine only")
    host = headers.get("host", "")
    if not _is_loopback(urlsplit(f"//{host}").hostname or ""):
        raise Refusal(403, "open the page under a loopback name, such as 127.0.0.1 or localhost")
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        raise Refusal(403, "the page of the mock server takes forms of its own only")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
