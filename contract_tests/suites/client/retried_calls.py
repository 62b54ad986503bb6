"""Write down what becomes of each public call whose first request, or each of whose requests, is
answered that the server is in trouble: how often which request is sent, and how the call ends.
"""

import asyncio
import random
from collections.abc import Iterable
from itertools import count, groupby
from typing import Any, Final

from runflow_api.http_library import httpx
from runflow_client import AsyncPublicCatalog, AsyncRunflow, PublicCatalog, RetryPolicy, Runflow

from .calls import BASE, Recorder, calls, methods, settled, unified
from .stepped_time import AsyncSteppedTime, SteppedTime

RETRIES: Final = RetryPolicy(attempts=2, first_backoff=0.0)
_NUMBERS: Final = count()


class Troubled(Recorder):
    """Answers requests, some of them with 503."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 0.0
        self.sent: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of the API."""
        self.sent.append(unified(f"{request.method} {request.url.path}"))
        if self.left > 0 and str(request.url).startswith(f"{BASE}/v1/"):
            self.left -= 1
            body = {"code": "X", "message": "no"}
            return httpx.Response(503, json=body, request=request)
        return super().answer(request)


def _counted(items: Iterable[str]) -> str:
    counts = [(one, len(list(same))) for one, same in groupby(items)]
    return ", ".join(one if times == 1 else f"{times} x {one}" for one, times in counts)


async def _tried(network: Troubled, name: str, method: Any, troubles: float) -> str:
    random.seed(7)
    given = next(calls(name, method))
    if "client_ref" in given:  # creates of one reference would belong together
        given["client_ref"] = f"order-{next(_NUMBERS)}"
    network.sent, network.left = [], troubles
    try:
        await settled(method(**given))
        end = "well"
    except Exception as error:
        end = f"{type(error).__name__}, noted {len(getattr(error, '__notes__', ()))} times"
    return f"{_counted(network.sent) or 'nothing is sent'}: {end}"


async def _of_a_client(network: Troubled, client: Any) -> list[str]:
    lines: list[str] = []
    for name, method in methods(client):
        once = await _tried(network, name, method, 1)
        always = await _tried(network, name, method, float("inf"))
        lines += [f"{name}:", f"    once {once}", f"    always {always}"]
    return lines


async def _of_the_catalog(network: Troubled, catalog: Any) -> list[str]:
    lines: list[str] = []
    for name in ("models", "compare"):
        method, title = getattr(catalog, name), f"PublicCatalog.{name}"
        once = await _tried(network, title, method, 1)
        always = await _tried(network, title, method, float("inf"))
        lines += [f"{title}:", f"    once {once}", f"    always {always}"]
    return lines


async def _lines(colour: str) -> list[str]:
    network = Troubled()
    transport = httpx.MockTransport(network.answer)
    if colour == "sync":
        with (
            httpx.Client(transport=transport) as http,
            Runflow(
                "rf_live_x", base_url=BASE, http_client=http, clock=SteppedTime(), retries=RETRIES
            ) as client,
            PublicCatalog(base_url=BASE, http_client=http, retries=RETRIES) as catalog,
        ):
            return [
                *await _of_a_client(network, client),
                *await _of_the_catalog(network, catalog),
            ]
    async with (
        httpx.AsyncClient(transport=transport) as suspending,
        AsyncRunflow(
            "rf_live_x",
            base_url=BASE,
            http_client=suspending,
            clock=AsyncSteppedTime(),
            retries=RETRIES,
        ) as awaited,
        AsyncPublicCatalog(base_url=BASE, http_client=suspending, retries=RETRIES) as listed,
    ):
        return [*await _of_a_client(network, awaited), *await _of_the_catalog(network, listed)]


def lines(colour: str) -> list[str]:
    """Return the list as one of the clients makes it, `sync` or `async`."""
    return asyncio.run(_lines(colour))
