"""The connection below ASGI: uvicorn's protocol, which lets the application break it."""

import asyncio
import functools
import socket
import struct
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

EXTENSION = "runflow_mock.connection"


class Connection:
    """One client's connection, as the application sees it."""

    def __init__(self, protocol: H11Protocol) -> None:
        self._protocol = protocol

    async def reset(self) -> None:
        """Break the connection at once: the client gets a TCP reset."""
        transport = self._protocol.transport
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None:
            # Linger 0 makes the kernel send a reset instead of an orderly end.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await self._lost()

    async def close(self) -> None:
        """Close the connection in order after what was written, even in the middle of a body."""
        self._protocol.transport.close()
        await self._lost()

    async def _lost(self) -> None:
        """Wait until the protocol has noticed that the connection is gone.

        Otherwise the protocol would send an answer of its own.
        """
        while not self._protocol.cycle.disconnected:
            self._protocol.cycle.message_event.clear()
            await self._protocol.cycle.message_event.wait()


class MockProtocol(H11Protocol):
    """uvicorn's protocol with the Connection as an extension of the ASGI scope."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        inner = cast(ASGIApp, self.app)
        self.app = cast(Any, functools.partial(_with_connection, inner, Connection(self)))


async def _with_connection(
    inner: ASGIApp, connection: Connection, scope: Scope, receive: Receive, send: Send
) -> None:
    scope.setdefault("extensions", {})[EXTENSION] = connection
    await inner(scope, receive, send)
