"""Read a request, and send an answer: in one piece, or broken as a fault says."""

import asyncio
from datetime import datetime, timedelta
from email.utils import format_datetime

from starlette.types import Message, Receive, Scope, Send

from ..contract.answers import Refusal, Reply
from ..contract.json_types import json_text
from ..contract.requests import IncomingRequest
from ..faults.body_faults import apply_body_fault
from ..faults.plan import (
    CLOCK_SKEW,
    IN_THE_BODY,
    RESET_AFTER,
    RESET_BEFORE,
    SLOW_HEADERS,
    STALL,
    TRICKLE,
    TRUNCATE,
    Fault,
)
from .transport import EXTENSION, Connection

TRICKLE_BYTES = 16


async def read_request(scope: Scope, receive: Receive, largest_body: int) -> IncomingRequest | None:
    """Return the request with its body, None if the client disconnected.

    Raise the 413 for a body of more than `largest_body` bytes.
    """
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > largest_body:
            raise Refusal(413, f"the body is larger than {largest_body} bytes")
        more = message.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    return IncomingRequest(
        scope["method"],
        raw_path.partition(b"?")[0].decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        headers,
        b"".join(chunks),
    )


class Wire:
    """Sends the answer to one client."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._method: str = scope["method"]
        self._receive = receive
        self._send = send
        self._connection: Connection | None = scope.get("extensions", {}).get(EXTENSION)

    async def instead(self, fault: Fault, now: datetime) -> None:
        """Carry out a fault that replaces the answer."""
        if fault.kind == RESET_BEFORE:
            await self._break()
        elif fault.kind == STALL:
            while (await self._receive())["type"] != "http.disconnect":
                pass
        else:
            await self.answer(fault.reply(), now)

    async def answer(self, reply: Reply, now: datetime, fault: Fault | None = None) -> None:
        """Send the answer, changed by the fault if there is one."""
        kind = None if fault is None else fault.kind
        if kind == RESET_AFTER:
            await self._break()
            return
        body = reply.body
        if fault is not None and kind in IN_THE_BODY:
            before, body = body, apply_body_fault(body, fault)
            fault.changed = fault.changed or body != before
        if fault is not None and kind == CLOCK_SKEW:
            now += timedelta(seconds=fault.skew)
            fault.changed = True
        content = (
            body if isinstance(body, bytes) else b"" if body is None else json_text(body).encode()
        )
        if fault is not None and kind == SLOW_HEADERS:
            await asyncio.sleep(fault.delay)
        status = reply.status if reply.status is not None else 200
        await self._send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": _headers(reply, status, len(content), now),
            }
        )
        if self._method == "HEAD":
            content = b""
        if fault is not None and kind == TRICKLE:
            for start in range(0, len(content), TRICKLE_BYTES):
                await self._body(content[start : start + TRICKLE_BYTES], more=True)
                await asyncio.sleep(fault.delay)
            content = b""
        elif kind == TRUNCATE and self._connection is not None:
            await self._body(content[: len(content) // 2], more=True)
            await self._connection.close()
            return
        await self._body(content)

    async def _body(self, content: bytes, more: bool = False) -> None:
        await self._send({"type": "http.response.body", "body": content, "more_body": more})

    async def _break(self) -> None:
        if self._connection is None:
            raise RuntimeError(
                "the server does not run on the mock's own protocol, so no connection can be reset"
            )
        await self._connection.reset()


def _headers(reply: Reply, status: int, length: int, now: datetime) -> list[tuple[bytes, bytes]]:
    headers = [(b"date", format_datetime(now, usegmt=True).encode())]
    if reply.body is not None:
        headers.append((b"content-type", reply.media_type.encode()))
    if status not in (204, 304):
        headers.append((b"content-length", str(length).encode()))
    return headers + [
        (name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers.items()
    ]
