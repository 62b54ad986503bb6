"""Who may see the page: browsers on this machine, and only from the page's own address."""

from collections.abc import Mapping

from starlette.types import Scope

from ...contract.answers import Refusal
from ...simulation.sender import is_loopback
from ..web_pages import host_in, is_of_another_origin


def require_loopback(scope: Scope, headers: Mapping[str, str]) -> None:
    """Raise the 403 unless the request comes from this machine and names it as its host.

    A form that another site sends is refused, too.
    """
    client: tuple[str, int] | None = scope.get("client")
    if client is None or not is_loopback(client[0]):
        raise Refusal(403, "the page of the mock server is for this machine only")
    if not is_loopback(host_in(headers)):
        raise Refusal(403, "open the page under a loopback name, such as 127.0.0.1 or localhost")
    if is_of_another_origin(headers):
        raise Refusal(403, "the page of the mock server takes forms of its own only")
