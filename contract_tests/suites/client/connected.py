"""A client of either colour, whose requests a function of the test answers."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from runflow_api.http_library import httpx
from runflow_client import AsyncRunflow, Runflow
from runflow_client._time import DEFAULT_TIMEOUT

from .stepped_time import AsyncSteppedTime, SteppedTime


@asynccontextmanager
async def connected(
    colour: str, answer: Callable[[httpx.Request], httpx.Response], **options: Any
) -> AsyncGenerator[Any]:
    """Give a client, `sync` or `async`. By default its time is stepped."""
    network = httpx.MockTransport(answer)
    if colour == "sync":
        options.setdefault("clock", SteppedTime())
        with (
            httpx.Client(transport=network, timeout=DEFAULT_TIMEOUT) as blocking,
            Runflow("rf_live_x", http_client=blocking, **options) as client,
        ):
            yield client
    else:
        options.setdefault("clock", AsyncSteppedTime())
        async with (
            httpx.AsyncClient(transport=network, timeout=DEFAULT_TIMEOUT) as suspending,
            AsyncRunflow("rf_live_x", http_client=suspending, **options) as awaited,
        ):
            yield awaited
