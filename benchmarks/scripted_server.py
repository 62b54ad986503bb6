"""A server that is never the bottleneck: the mock server's own answers, played back by a bare
asyncio protocol.

The mock server checks every request and every answer against the document, which takes it
milliseconds. Five hundred polls a second of a naive loop would measure that. So the answers of one
run are taken from the mock server once, and only ids, references and instants are filled in. As a
command it prints its base URL and serves until its standard input ends.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
from attrs import define, field
from runflow_mock import MockRunflow, SteppedClock

_ID_PREFIX: Final = "00000000-0000-7000-8000-"
_REFERENCE: Final = "reference-of-the-template"
_COMPLETED: Final = "2000-01-01T00:00:00+00:00"
MODEL: Final = "google/nano-banana-pro"
BODY: Final[Mapping[str, Any]] = {"prompt": "A cathedral made entirely of stained glass"}


def record() -> dict[bool, dict[str, Any]]:
    """One run as the mock server shows it: while it runs (False) and when it has ended (True)."""
    states: dict[bool, dict[str, Any]] = {}
    with (
        MockRunflow(SteppedClock()) as mock,
        httpx.Client(
            base_url=mock.base_url, headers={"Authorization": f"Bearer {mock.api_key}"}
        ) as http,
    ):
        created = http.post(
            f"/v1/models/{MODEL}/runs", json={"input": BODY, "client_ref": _REFERENCE}
        ).json()
        for ended, seconds in ((False, 2.5), (True, 60.0)):
            mock.advance(seconds)
            states[ended] = http.get(f"/v1/runs/{created['id']}").json()
    states[True]["completed_at"] = _COMPLETED
    return states


@define
class Script:
    """The runs of this server: number n has the n-th reference and ends at the n-th instant
    (seconds of the wall clock).
    """

    states: dict[bool, dict[str, Any]] = field(factory=record)
    references: list[str] = field(factory=list[str])
    ends: list[float] = field(factory=list[float])
    others: int = 0
    """Runs of another program that a list shows first: they are newer."""
    answers: dict[str, bytes] = field(factory=dict[str, bytes])
    """What other paths are answered with: the servers of other clients."""

    def answer(self, method: str, target: str, body: bytes) -> bytes:
        """The JSON that this request is answered with. Raises what comes of a request that no
        client here sends.
        """
        parts = urlsplit(target)
        if parts.path == "/_bench/ends":
            return self._end_all(**json.loads(body))
        if parts.path == "/_bench/others":
            self.others = json.loads(body)["count"]
            return b"{}"
        if parts.path == "/_bench/answers":
            given = json.loads(body)
            self.answers[given["path"]] = json.dumps(given["answer"]).encode()
            return b"{}"
        if parts.path in self.answers:
            return self.answers[parts.path]
        if method == "POST":
            return self._create(json.loads(body)["client_ref"])
        if parts.path == "/v1/runs":
            return self._list({name: values[0] for name, values in parse_qs(parts.query).items()})
        return self._show(int(parts.path.rpartition("-")[2], 16), "", time.time())

    def _create(self, reference: str) -> bytes:
        number = len(self.ends)
        self.references.append(reference)
        self.ends.append(float("inf"))
        return self._show(number, "", 0.0)

    def _end_all(self, after: float, within: float) -> bytes:
        """Let all runs end, in random order and evenly spread, from `after` to `after + within`
        seconds from now.
        """
        order = list(range(len(self.ends)))
        random.Random(0).shuffle(order)
        start = time.time() + after
        for place, number in enumerate(order):
            self.ends[number] = start + within * place / len(order)
        return b"{}"

    def _list(self, query: Mapping[str, str]) -> bytes:
        total = len(self.ends) + self.others
        start, now = int(query.get("pq", 0)), time.time()
        end = start + int(query["limit"])
        # newest first: the numbers after the last are those of others
        items = b",".join(
            self._show(total - 1 - place, query.get("fields", ""), now)
            for place in range(start, min(end, total))
        )
        following = json.dumps(str(end) if end < total else None).encode()
        return b'{"items":[' + items + b'],"first":null,"next":' + following + b',"previous":null}'

    def _show(self, number: int, fields: str, now: float) -> bytes:
        known = number < len(self.ends)
        ended = known and now >= self.ends[number]
        shown = _template(self, ended, fields).replace(
            self.states[ended]["id"].encode(), f"{_ID_PREFIX}{number:012x}".encode()
        )
        if ended:
            shown = shown.replace(
                _COMPLETED.encode(),
                datetime.fromtimestamp(self.ends[number], UTC).isoformat().encode(),
            )
        reference = self.references[number] if known else "of-another-program"
        return shown.replace(_REFERENCE.encode(), reference.encode())

    def __hash__(self) -> int:
        return id(self)


@lru_cache
def _template(script: Script, ended: bool, fields: str) -> bytes:
    state = script.states[ended]
    wanted = fields.split(",") if fields else state
    return json.dumps({name: state[name] for name in wanted}, separators=(",", ":")).encode()


class Exchange(asyncio.Protocol):
    """One connection that stays open: requests with a Content-Length or without a body."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end].decode("latin-1")
            request_line, *lines = head.split("\r\n")
            lengths = [
                line.partition(":")[2]
                for line in lines
                if line.lower().startswith("content-length:")
            ]
            stop = end + 4 + int(lengths[0] if lengths else 0)
            if len(self._received) < stop:
                return
            body, self._received = self._received[end + 4 : stop], self._received[stop:]
            method, target, _ = request_line.split(" ")
            self._write(self._script.answer(method, target, body), 201 if method == "POST" else 200)

    def _write(self, body: bytes, status: int) -> None:
        assert self._transport is not None
        head = (
            f"HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\ncontent-length: "
            f"{len(body)}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)


async def serve() -> None:
    """Serve on a free port of 127.0.0.1 until standard input ends."""
    loop = asyncio.get_running_loop()
    script = Script()
    server = await loop.create_server(lambda: Exchange(script), "127.0.0.1", 0, backlog=4096)
    host, port = server.sockets[0].getsockname()[:2]
    print(f"http://{host}:{port}", flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
