"""What blocks is done in threads by a client that is awaited, so that its event loop is free, and
in the caller's own thread by the other.
"""

import asyncio
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import trio
from runflow_client import AsyncRunflow, Runflow

from ..client.calls import FILE, FILES, ID, body_of, settled
from ..client.stepped_time import AsyncSteppedTime, SteppedTime
from ..http_library import httpx

BASE: Final = "https://api-with-threads.test"
EDIT: Final = "google/nano-banana-pro/edit"
BATCHED: Final = "runflow/background-removal"

Note = Callable[[], None]


class Noted(io.BytesIO):
    """A file that notes when it is read."""

    def __init__(self, note: Note) -> None:
        super().__init__(FILE)
        self._note = note

    def read(self, size: int | None = -1, /) -> bytes:
        self._note()
        return super().read(size)


def serve(request: httpx.Request) -> httpx.Response:
    """The API and its storage."""
    if request.url.path.endswith(".png"):
        return httpx.Response(200, content=FILE, headers={"Content-Type": "image/png"})
    return httpx.Response(200, json=body_of(request, FILES))


async def _submit(client: Any, note: Note, **options: Any) -> None:
    given = {"prompt": "x", "image_urls": [Noted(note)]}
    await settled(client.submit(EDIT, given, **options))


async def _save(client: Any, folder: Path) -> None:
    run = await settled(client.runs.get(ID))
    await settled(run.outputs[0].save(folder / "1.png"))
    await settled(run.save_all(folder / "all"))


CALLS: Final[dict[str, Callable[[Any, Note, Path], Any]]] = {
    "upload": lambda client, note, folder: client.assets.upload(Noted(note)),
    "submit": lambda client, note, folder: _submit(client, note),
    "submit with the file inside": lambda client, note, folder: _submit(
        client, note, inline_below=9000
    ),
    "a batch": lambda client, note, folder: client.batches.create(
        BATCHED, [{"image_url": Noted(note)}]
    ),
    "save": lambda client, note, folder: _save(client, folder),
    "feed an inbox": lambda client, note, folder: client.callbacks.reconcile(
        lambda event, body: note(), client_ref="order-of-the-server"
    ),
}
"""Each call, which notes when it reads a file, writes one or keeps an event."""


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("colour", ["sync", "async", "async in trio"])
def test_what_blocks_keeps_no_event_loop(
    colour: str, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()
    real = os.fsync

    def note() -> None:
        threads.add(threading.get_ident())

    def fsync(descriptor: int) -> None:
        note()
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    transport = httpx.MockTransport(serve)

    async def suspending() -> None:
        async with (
            httpx.AsyncClient(transport=transport) as http,
            AsyncRunflow(
                "rf_live_x", base_url=BASE, http_client=http, clock=AsyncSteppedTime()
            ) as client,
        ):
            await settled(CALLS[call](client, note, tmp_path))

    if colour != "sync":
        trio.run(suspending) if "trio" in colour else asyncio.run(suspending())
        assert threads
        assert threading.get_ident() not in threads
        return
    with (
        httpx.Client(transport=transport) as http,
        Runflow("rf_live_x", base_url=BASE, http_client=http, clock=SteppedTime()) as client,
    ):
        asyncio.run(settled(CALLS[call](client, note, tmp_path)))
    assert threads == {threading.get_ident()}
