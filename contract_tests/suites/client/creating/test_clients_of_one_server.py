"""Creates of one client_ref at one server belong together, whichever clients of a process they go
through; and what `put` returns of a run that ended says whether it is new.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count, product
from typing import Any, Final

import pytest
from runflow_client import AsyncRunflow, OutcomeUnknown, Runflow

from ...http_library import httpx
from ..calls import settled
from ..stepped_time import AsyncSteppedTime, SteppedTime

ID: Final = "0198c0de-0000-7000-8000-000000000000"
ENDED: Final = {
    "id": ID,
    "status_code": "succeeded",
    "callback_url": "https://me.test/callbacks",
    "client_ref": "order-7",
}
_NUMBERS: Final = count()


def serve(request: httpx.Request) -> httpx.Response:
    """Give every create the same run, as a proxy does that sends an answer again."""
    if request.method == "POST":
        return httpx.Response(201, json={"id": ID, "client_ref": "order-7"})
    return httpx.Response(200, json={"items": [] if "fields" in request.url.params else [ENDED]})


def lists_none(request: httpx.Request) -> httpx.Response:
    """The same, with lists that show nothing."""
    return serve(request) if request.method == "POST" else httpx.Response(200, json={"items": []})


@asynccontextmanager
async def opened(colour: str, base_url: str, tell: Any = serve) -> AsyncIterator[Any]:
    """A client of this colour."""
    transport = httpx.MockTransport(tell)
    if colour == "sync":
        with (
            httpx.Client(transport=transport) as http,
            Runflow("rf_live_x", base_url=base_url, http_client=http, clock=SteppedTime()) as one,
        ):
            yield one
        return
    async with (
        httpx.AsyncClient(transport=transport) as suspending,
        AsyncRunflow(
            "rf_live_x", base_url=base_url, http_client=suspending, clock=AsyncSteppedTime()
        ) as other,
    ):
        yield other


async def created(colours: tuple[str, str], urls: tuple[str, str]) -> bool:
    """Whether the second client takes the run that the first one got."""
    async with (
        opened(colours[0], urls[0], lists_none) as first,
        opened(colours[1], urls[1], lists_none) as second,
    ):
        await settled(first.submit("a/b", {}, client_ref="order-7"))
        try:
            await settled(second.submit("a/b", {}, client_ref="order-7"))
        except OutcomeUnknown:
            return False
        return True


@pytest.mark.parametrize("colours", [*product(("sync", "async"), repeat=2)])
def test_no_client_takes_the_run_that_another_got_at_the_same_server(
    colours: tuple[str, str],
) -> None:
    name = f"{next(_NUMBERS)}.test"
    same = (f"https://{name}:443", f"https://{name.upper()}/")
    assert not asyncio.run(created(colours, same))
    assert asyncio.run(created(colours, (f"https://{name}:444", f"https://other-{name}")))


ANSWERS: Final[tuple[tuple[object, bool], ...]] = (
    (None, True),
    (True, True),
    (0, True),
    ("", True),
    ("kept", True),
    (False, False),
)


@pytest.mark.parametrize(("answer", "is_new"), ANSWERS)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_event_is_new_unless_put_says_false(colour: str, answer: object, is_new: bool) -> None:
    kept: list[Any] = []

    def put(event: Any, body: bytes) -> object:
        kept.append((event.subject_id, type(body)))
        return answer

    async def reconcile() -> list[Any]:
        async with opened(colour, f"https://{next(_NUMBERS)}.test") as client:
            found: list[Any] = await settled(client.callbacks.reconcile(put, client_ref="order-7"))
            return found

    found = asyncio.run(reconcile())
    assert [event.subject_id for event in found] == ([ID] if is_new else [])
    assert kept == [(ID, bytes)]


async def _later() -> None:
    """Keep an event, when it is awaited."""


@pytest.mark.parametrize("make", [_later, lambda: KeyError("full"), lambda: print])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_event_that_is_not_kept_yet_does_not_count_as_kept(colour: str, make: Any) -> None:
    async def reconcile() -> None:
        async with opened(colour, f"https://{next(_NUMBERS)}.test") as client:
            await settled(
                client.callbacks.reconcile(lambda event, body: make(), client_ref="order-7")
            )

    with pytest.raises(TypeError, match=r"^put returned a"):
        asyncio.run(reconcile())
