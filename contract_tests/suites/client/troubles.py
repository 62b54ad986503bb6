"""Write down what becomes of a call when its requests meet trouble, once and each time.

A line has the requests that were sent, the seconds that were waited in between (with the same
jitter each time), and the result or the error with its notes.
"""

import math
import random
from collections.abc import Callable, Iterable
from itertools import count, groupby
from typing import Any, Final

from attrs import define, field
from runflow_api.http_library import httpx
from runflow_client import AsyncRunflow, Runflow
from runflow_client._time import DEFAULT_TIMEOUT

from .calls import FILE, RUNNING, Store, body_of, settled, unified
from .creating.losing import kind_of
from .stepped_time import AsyncSteppedTime, SteppedTime

ID: Final = "00000000-0000-7000-8000-000000000001"
BATCHED: Final = "runflow/background-removal"
MODEL: Final = "google/nano-banana-pro"
INPUT: Final = {"prompt": "a lamp", "resolution": "1K"}


def _answer(status: int, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"code": "TROUBLE", "message": "there is trouble", "errors": []}
    told["Runflow-Request-Id"] = "request-7"
    return lambda request: httpx.Response(status, headers=told, json=body, request=request)


def _raise(kind: type[httpx.TransportError]) -> Callable[[httpx.Request], httpx.Response]:
    def fail(request: httpx.Request) -> httpx.Response:
        raise kind("trouble", request=request)

    return fail


TROUBLES: Final[dict[str, Callable[[httpx.Request], httpx.Response]]] = {
    "307": _answer(307, Location="https://other.test/?signature=s"),
    "400": _answer(400),
    "401": _answer(401),
    "402": _answer(402),
    "404": _answer(404),
    "408": _answer(408),
    "409": _answer(409),
    "425": _answer(425),
    "429": _answer(429),
    "429 for 7 s": _answer(429, Retry_After="7"),
    "429 for 100 s": _answer(429, Retry_After="100"),
    "500": _answer(500),
    "503 for 7 s": _answer(503, Retry_After="7"),
    "no JSON": lambda request: httpx.Response(200, text="<html>no", request=request),
    "no connection": _raise(httpx.ConnectError),
    "no connection in time": _raise(httpx.ConnectTimeout),
    "no answer in time": _raise(httpx.ReadTimeout),
    "a broken connection": _raise(httpx.ReadError),
}


async def _read_file(client: Any) -> object:
    run = await settled(client.runs.get(ID))
    return await settled(run.outputs[0].read())


CALLS: Final[dict[str, Callable[[Any], Any]]] = {
    "read": lambda client: client.account.balance(),
    "read a run": lambda client: client.runs.get(ID),
    "delete": lambda client: client.assets.delete(ID),
    "list": lambda client: client.runs.list(),
    "create a run": lambda client: client.submit(MODEL, INPUT),
    "create a run of the caller's ref": lambda client: client.submit(
        MODEL, INPUT, client_ref="order-7", on_unknown_outcome="raise"
    ),
    "get or create": lambda client: client.runs.get_or_create(MODEL, INPUT, client_ref="order-7"),
    "run": lambda client: client.run(MODEL, INPUT, timeout=30.0),
    "wait": lambda client: client.runs.attach(ID).wait(timeout=30.0),
    "wait for what never ends": lambda client: client.runs.attach(RUNNING).wait(timeout=5.0),
    "wait for a batch that never ends": lambda client: client.batches.attach(RUNNING).wait(5.0),
    "create a batch": lambda client: client.batches.create(
        BATCHED, [{"image_url": "https://a.test/a.png"}]
    ),
    "create an evaluation": lambda client: client.evaluations.submit(
        "https://a.test/a.png", "text_to_image"
    ),
    "create a secret": lambda client: client.callbacks.secrets.create("of a test"),
    "promote a secret": lambda client: client.callbacks.secrets.promote(ID),
    "rotate": lambda client: client.callbacks.secrets.rotate(Store(), quiet=10.0, longest=30.0),
    "promote in a rotation": lambda client: client.callbacks.secrets.rotate(
        Store(), quiet=10.0, longest=30.0
    ),
    "redeliver": lambda client: client.callbacks.redeliver(ID),
    "download what was read": _read_file,
    "upload": lambda client: client.assets.upload(FILE),
    "put a file": lambda client: client.assets.upload(FILE),
    "confirm an upload": lambda client: client.assets.upload(FILE),
}


_NUMBERS: Final = count()


UNDISTURBED: Final = {
    "download what was read": 1,
    "put a file": 1,
    "confirm an upload": 2,
    "promote in a rotation": 3,
}
"""How many requests of a call are answered before the first that meets trouble."""


FACTS: Final = ("client_ref", "idempotency_key", "request_id", "retry_after")
"""What an error may carry beside its text."""


@define(eq=False)
class Network:
    """Lets some requests meet trouble, and answers the others."""

    trouble: str
    undisturbed: int
    left: float
    then: str | None = None
    """What all that come after those meet."""
    sent: list[str] = field(factory=list[str])

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.sent.append(kind_of(request))
        if self.undisturbed > 0:
            self.undisturbed -= 1
        elif self.left > 0:
            self.left -= 1
            return TROUBLES[self.trouble](request)
        elif self.then is not None:
            return TROUBLES[self.then](request)
        if request.url.path.endswith(".png"):
            return httpx.Response(200, content=FILE, headers={"Content-Type": "image/png"})
        return httpx.Response(201 if request.method == "POST" else 200, json=body_of(request))


def _counted(items: Iterable[str]) -> str:
    counts = [(one, len(list(same))) for one, same in groupby(items)]
    return ", ".join(one if times == 1 else f"{times} x {one}" for one, times in counts)


async def _outcome(call: Callable[[Any], Any], client: Any) -> list[str]:
    try:
        await settled(call(client))
    except Exception as error:
        notes = [f"note: {note}" for note in getattr(error, "__notes__", ())]
        cause = [] if error.__cause__ is None else [f"cause: {type(error.__cause__).__name__}"]
        facts = [name for name in FACTS if getattr(error, name, None) is not None]
        told = f" (has {', '.join(facts)})" if facts else ""
        return [f"{type(error).__name__}: {error}{told}", *notes, *cause]
    return ["well"]


async def lines(colour: str, *, hooks: bool = False) -> list[str]:
    """Return the list as one of the clients makes it, `sync` or `async`.

    With `hooks` the caller's HTTP client raises for each answer that is no success.
    """
    found: list[str] = []
    for name in CALLS:
        for trouble in TROUBLES:
            once = await _told(name, trouble, 1, colour, hooks)
            always = await _told(name, trouble, math.inf, colour, hooks)
            if once == always:
                found += [f"{name}, {trouble}:", *always]
            else:
                found += [f"{name}, once {trouble}:", *once]
                found += [f"{name}, always {trouble}:", *always]
    return found


async def _told(name: str, trouble: str, left: float, colour: str, hooks: bool) -> list[str]:
    network = Network(trouble, UNDISTURBED.get(name, 0), left)
    outcome, slept = await tried(CALLS[name], network, colour, hooks=hooks)
    waited = _counted(f"{seconds:.3g}" for seconds in slept)
    told = [_counted(network.sent), *([f"waits {waited}"] if waited else []), *outcome]
    return [f"    {unified(line)}" for line in told]


async def tried(
    call: Callable[[Any], Any], network: Network, colour: str, *, hooks: bool = False
) -> tuple[list[str], list[float]]:
    """Make the call by way of this network. Return what became of it, and the pauses."""
    random.seed(7)
    # A server of its own: creates of one client_ref at one server belong together.
    base = f"https://{next(_NUMBERS)}.test"
    clock = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    outcome = await _tried(call, base, network, clock, hooks)
    return [line.replace(base[8:], "api.test") for line in outcome], clock.slept


async def _tried(
    call: Callable[[Any], Any], base: str, network: Network, clock: SteppedTime, hooks: bool
) -> list[str]:
    transport = httpx.MockTransport(network.answer)
    if isinstance(clock, AsyncSteppedTime):
        async with (
            httpx.AsyncClient(
                transport=transport,
                timeout=DEFAULT_TIMEOUT,
                event_hooks={"response": [_raise_for_status_async] if hooks else []},
            ) as suspending,
            AsyncRunflow(
                "rf_live_x", base_url=base, http_client=suspending, clock=clock
            ) as awaited,
        ):
            return await _outcome(call, awaited)
    with (
        httpx.Client(
            transport=transport,
            timeout=DEFAULT_TIMEOUT,
            event_hooks={"response": [_raise_for_status] if hooks else []},
        ) as blocking,
        Runflow("rf_live_x", base_url=base, http_client=blocking, clock=clock) as client,
    ):
        return await _outcome(call, client)


def _raise_for_status(response: httpx.Response) -> None:
    response.raise_for_status()


async def _raise_for_status_async(response: httpx.Response) -> None:
    response.raise_for_status()
