"""Check the addresses that the names of storage hosts resolve to, before anything is sent there."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from .._urls import check_resolved, is_address
from .network import resolve, resolve_async

_STARTED: Final = "connection.connect_tcp.started"
_COMPLETE: Final = "connection.connect_tcp.complete"

Trace = Callable[[str, dict[str, Any]], None]
AsyncTrace = Callable[[str, dict[str, Any]], Coroutine[Any, Any, None]]


class AddressCheck:
    """Checks one new connection: the name before connecting, and then the address itself.

    It is called by way of httpx's `trace` extension, so only where a connection of the network is
    made. A proxy resolves names itself: its own address is not checked. The second check is for
    names that resolve to another address a moment later. A host that is an address is checked
    with its URL.
    """

    def __init__(self, url: str, host: str, base_url: str) -> None:
        self._url = url
        self._host = host
        self._base_url = base_url
        self._is_direct = False

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Follow the events of a synchronous connection. Raises AddressRefused, ConnectError."""
        if self._begins(event, info):
            self._check(resolve(self._host, info["port"], info.get("timeout")))
        elif event == _COMPLETE and self._is_direct:
            stream = info["return_value"]
            try:
                self._check(_peer(stream))
            except BaseException:
                stream.close()
                raise

    async def trace_async(self, event: str, info: dict[str, Any]) -> None:
        """Follow the events of an asynchronous connection. Raises AddressRefused, ConnectError."""
        if self._begins(event, info):
            self._check(await resolve_async(self._host, info["port"], info.get("timeout")))
        elif event == _COMPLETE and self._is_direct:
            stream = info["return_value"]
            try:
                self._check(_peer(stream))
            except BaseException:
                await stream.aclose()
                raise

    def _begins(self, event: str, info: dict[str, Any]) -> bool:
        if event != _STARTED:
            return False
        self._is_direct = info["host"] == self._host and not is_address(self._host)
        return self._is_direct

    def _check(self, addresses: list[str]) -> None:
        check_resolved(self._url, self._host, addresses, self._base_url)


def _peer(stream: Any) -> list[str]:
    found = stream.get_extra_info("server_addr")
    return [found[0]] if isinstance(found, tuple) and found else []
