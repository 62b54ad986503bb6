"""A task that is canceled while a thread reads or writes for it: the thread is not waited for and
leaves nothing behind.
"""

import asyncio
import io
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from runflow_client import AsyncRunflow
from runflow_mock import MockRunflow

from ..client.conftest import AsyncMockTime
from .conftest import INPUT, MODEL
from .storage import PNG, Storage

PATIENCE = 60.0
"""Seconds that no test waits."""


class Gate:
    """Where a thread says that it has come so far, and stays until it may go on."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reached = asyncio.Event()
        self._open = threading.Event()

    def pass_through(self) -> None:
        """Called in the thread."""
        self._loop.call_soon_threadsafe(self._reached.set)
        assert self._open.wait(PATIENCE)

    async def cancel_there(self, task: "asyncio.Task[object]") -> None:
        """Cancel the task while its thread is at the gate, and let the thread go on when the task
        has ended.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                await self._reached.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
        finally:
            self._open.set()


class Guarded(io.BytesIO):
    """A file that calls a function before it is read from its beginning for the second time: when
    it is uploaded.
    """

    def __init__(self, content: bytes, before: Callable[[], object]) -> None:
        super().__init__(content)
        self._before = before
        self._times = 0

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() == 0:
            self._times += 1
            if self._times == 2:
                self._before()
        return super().read(size)


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "AnyIO worker thread":
            thread.join(PATIENCE)
            assert not thread.is_alive()


def test_an_upload_is_canceled_while_its_file_is_read(mock: MockRunflow) -> None:
    async def scenario() -> None:
        async with AsyncRunflow(
            mock.api_key, base_url=mock.base_url, clock=AsyncMockTime(mock)
        ) as client:
            gate = Gate()
            file = Guarded(PNG + b"small", gate.pass_through)
            await gate.cancel_there(asyncio.create_task(client.assets.upload(file)))

    asyncio.run(scenario())
    wait_for_threads()


def test_a_save_is_canceled_while_its_file_is_made(
    mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    gates: list[Gate] = []

    # a hook cannot be taken away again
    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if gates and event == "open" and Path(str(arguments[0])).match(f"{tmp_path}/*.part"):
            gates.pop().pass_through()

    sys.addaudithook(watch)

    async def scenario() -> None:
        async with AsyncRunflow(
            mock.api_key, base_url=mock.base_url, clock=AsyncMockTime(mock)
        ) as client:
            mock.fail_next(
                "get_run",
                fault="unknown_enum",
                field="output.outputs.0.url",
                value=storage.url,
                count=None,
            )
            (artifact,) = (await client.run(MODEL, INPUT)).outputs
            gates.append(gate := Gate())
            await gate.cancel_there(asyncio.create_task(artifact.save(tmp_path)))

    asyncio.run(scenario())
    wait_for_threads()
    assert gates == []
    assert list(tmp_path.iterdir()) == []
