"""Each option of whatever saves, reads or streams files matters, wherever it can be given."""

import asyncio
import inspect
import tempfile
from collections.abc import Callable
from functools import cache
from itertools import count, product
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_client import AsyncRunflow, DownloadTooLarge, Runflow

from ..client.calls import FILE, ID, settled
from ..client.stepped_time import AsyncSteppedTime, SteppedTime
from ..http_library import httpx

FILES: Final = "https://storage.test"
OTHER: Final = FILE + b" and another"
_NUMBERS: Final = count()


def serve(request: httpx.Request) -> httpx.Response:
    """A run, and a batch of it, with one file."""
    if request.url.path.endswith(".png"):
        return httpx.Response(200, content=FILE, headers={"Content-Type": "image/png"})
    made: dict[str, Any] = {
        "id": ID,
        "status_code": "succeeded",
        "run_id": ID,
        "output": {"outputs": [{"url": f"{FILES}/1.png", "type": "image"}]},
        "sequence_index": 7,
    }
    return httpx.Response(200, json={**made, "items": [dict(made)]})


async def _artifact(client: Any) -> Any:
    return (await settled(client.runs.get(ID))).outputs[0]


async def _item(client: Any) -> Any:
    return (await settled(client.batches.items(ID)))[0]


async def _run(client: Any) -> Any:
    return await settled(client.runs.get(ID))


async def _batch(client: Any) -> Any:
    return await settled(client.batches.get(ID))


OWNERS: Final[dict[str, Callable[[Any], Any]]] = {
    "Artifact": _artifact,
    "BatchItem": _item,
    "Run": _run,
    "Batch": _batch,
}
CALLS: Final = {
    "Artifact.save": "1.png",
    "Artifact.read": None,
    "Artifact.stream": None,
    "BatchItem.save": "1.png",
    "BatchItem.save_all": "1.png",
    "Run.save_all": "1.png",
    "Batch.save_all": "7-1.png",
}
"""Each method, and the name that it gives to the file."""


async def carry_out(colour: str, call: str, folder: Path, options: dict[str, Any]) -> Any:
    """Call this method with these options."""
    transport, base = httpx.MockTransport(serve), f"https://{next(_NUMBERS)}.test"
    if colour == "sync":
        with (
            httpx.Client(transport=transport) as http,
            Runflow("rf_live_x", base_url=base, http_client=http, clock=SteppedTime()) as client,
        ):
            return await _call(client, call, folder, options)
    async with (
        httpx.AsyncClient(transport=transport) as suspending,
        AsyncRunflow(
            "rf_live_x", base_url=base, http_client=suspending, clock=AsyncSteppedTime()
        ) as awaited,
    ):
        return await _call(awaited, call, folder, options)


async def _call(client: Any, call: str, folder: Path, options: dict[str, Any]) -> Any:
    owner, _, name = call.partition(".")
    method = getattr(await OWNERS[owner](client), name)
    target = [] if CALLS[call] is None else [folder]
    if options.pop("signature", False):
        return set(inspect.signature(method).parameters) - {"path", "directory"}
    result = await settled(method(*target, **options))
    return b"".join(result) if call == "Artifact.stream" else result


def outcome(
    colour: str, call: str, *, is_free: bool = False, **options: Any
) -> tuple[Any, bytes | None]:
    """What the call returns or raises where a file of its name is there, unless the name `is_free`,
    and what is in the file then.
    """
    with tempfile.TemporaryDirectory() as name:
        target = None if CALLS[call] is None else Path(name) / str(CALLS[call])
        if target is not None and not is_free:
            target.write_bytes(OTHER)
        try:
            found: Any = asyncio.run(carry_out(colour, call, Path(name), options))
        except Exception as error:
            found = error
        return found, target.read_bytes() if target is not None and target.is_file() else None


@cache
def options_of(colour: str, call: str) -> frozenset[str]:
    """Return the names of the options."""
    return frozenset(outcome(colour, call, signature=True)[0])


EVERY: Final = [*product(("sync", "async"), CALLS)]


@pytest.mark.parametrize(("colour", "call"), EVERY)
def test_every_option_has_a_test(colour: str, call: str) -> None:
    known = {"max_bytes", "progress"} | ({"overwrite"} if CALLS[call] else set())
    assert options_of(colour, call) == known


@pytest.mark.parametrize(("colour", "call"), [one for one in EVERY if CALLS[one[1]]])
def test_a_file_that_is_there_stays_unless_it_may_be_replaced(colour: str, call: str) -> None:
    for options in ({}, {"overwrite": False}):
        found, content = outcome(colour, call, **options)
        assert (type(found), content) == (FileExistsError, OTHER)
    found, content = outcome(colour, call, overwrite=True)
    paths = found if isinstance(found, list) else [found]
    assert [path.name for path in paths] == [CALLS[call]]
    assert content == FILE


@pytest.mark.parametrize(("colour", "call"), EVERY)
def test_a_file_has_at_most_so_many_bytes(colour: str, call: str) -> None:
    for too_few in (len(FILE) - 1, 0):
        found, content = outcome(colour, call, is_free=True, max_bytes=too_few)
        assert (type(found), content) == (DownloadTooLarge, None)
    found, content = outcome(colour, call, is_free=True, max_bytes=len(FILE))
    assert FILE in (found, content)


@pytest.mark.parametrize(("colour", "call"), EVERY)
def test_progress_is_told_to_the_end(colour: str, call: str) -> None:
    heard: list[tuple[int, int | None]] = []
    outcome(colour, call, is_free=True, progress=lambda *told: heard.append(told))
    assert heard[-1] == (len(FILE), len(FILE))
