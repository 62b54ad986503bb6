"""Write down what handles do: what is asked for, how long is waited, what is told and kept."""

import asyncio
import random
from collections.abc import Callable
from itertools import count
from typing import Any, Final

from attrs import define, field
from runflow_api.http_library import httpx
from runflow_client import AsyncRunflow, Runflow

from ..calls import settled, unified
from ..stepped_time import AsyncSteppedTime, SteppedTime

ID: Final = "00000000-0000-7000-8000-000000000001"
_NUMBERS: Final = count()

Told = tuple[int, str]
"""A status, and the state that it comes with."""
RUNNING: Final[Told] = (200, "running")
LIVES: Final[dict[str, tuple[Told, ...]]] = {
    "ends well": (RUNNING, RUNNING, (200, "well")),
    "fails": (RUNNING, (200, "failed")),
    "is canceled": ((200, "cancelled"),),
    "never ends": (RUNNING,),
    "shows late": ((404, ""), (404, ""), (200, "well")),
    "is not there": ((404, ""),),
    "is in trouble": ((503, ""), RUNNING, (503, ""), (200, "well")),
    "is refused": (RUNNING, (403, "")),
}
"""What reads are answered, in turn; the last again and again."""

WELL: Final = {"runs": "succeeded", "batches": "succeeded", "evaluations": "completed"}

MAKERS: Final[dict[str, dict[str, Callable[[Any], Any]]]] = {
    "attached": {
        "runs": lambda client: client.runs.attach(ID),
        "batches": lambda client: client.batches.attach(ID),
        "evaluations": lambda client: client.evaluations.attach(ID),
    },
    "created": {
        "runs": lambda client: client.submit("a/b", {}),
        "batches": lambda client: client.batches.create("a/b", [{}], strict=False),
        "evaluations": lambda client: client.evaluations.submit("https://a.test/1.png", "t"),
    },
}


async def _updates(handle: Any, **options: Any) -> object:
    states = await settled(handle.updates(**options))
    return [state.status for state in states]


def _shown(result: Any) -> str:
    return str(result if isinstance(result, list) else result.status)


CALLS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "refresh": lambda handle, note: handle.refresh(),
    "wait": lambda handle, note: handle.wait(on_update=note),
    "wait for 7 s": lambda handle, note: handle.wait(7.0),
    "wait for any end": lambda handle, note: handle.wait(None, raise_on_failure=False),
    "updates": lambda handle, note: _updates(handle),
    "updates for 7 s": lambda handle, note: _updates(handle, timeout=7.0),
}
TRIED: Final = {
    "never ends": ("wait for 7 s", "updates for 7 s"),
    "ends well": tuple(CALLS),
    "fails": tuple(CALLS),
    "is canceled": ("wait", "wait for any end", "updates"),
    "shows late": ("refresh", "wait", "updates"),
    "is not there": ("wait", "updates"),
    "is in trouble": ("refresh", "wait"),
    "is refused": ("wait", "updates"),
}


USUALLY: Final = {("attached", "runs", "never ends"): ("wait", "updates")}
"""Calls that are tried once, for they wait for long."""


@define(eq=False)
class Server:
    """Answers creates well, and reads as told."""

    kind: str
    left: list[Told]
    reads: int = 0
    notes: list[str] = field(factory=list[str])

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        status, state = 201, "running"
        if request.method == "GET":
            self.reads += 1
            status, state = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        if status >= 400:
            return httpx.Response(status, json={"code": "X", "message": "no"}, request=request)
        state = WELL[self.kind] if state == "well" else state
        return httpx.Response(status, json={"id": ID, "status_code": state}, request=request)


async def _carry_out(client: Any, server: Server, how: str, call: str) -> list[str]:
    handle = await settled(MAKERS[how][server.kind](client))
    note: Callable[[Any], None] = lambda state: server.notes.append(state.status)  # noqa: E731
    try:
        result = _shown(await settled(CALLS[call](handle, note)))
    except Exception as error:
        notes = [f"note: {one}" for one in getattr(error, "__notes__", ())]
        result = "; ".join([f"{type(error).__name__}: {error}", *notes])
    seen = "none" if handle.state is None else handle.state.status
    told = [f"told {', '.join(server.notes)}"] if server.notes else []
    return [f"= {result}", *told, f"has {seen}: {handle!r}"]


async def _told(colour: str, kind: str, how: str, life: str, call: str) -> list[str]:
    random.seed(7)
    server = Server(kind, [*LIVES[life]])
    transport, base = httpx.MockTransport(server.answer), f"https://{next(_NUMBERS)}.test"
    clock: Any = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    if colour == "sync":
        with (
            httpx.Client(transport=transport) as http,
            Runflow("rf_live_x", base_url=base, http_client=http, clock=clock) as client,
        ):
            lines = await _carry_out(client, server, how, call)
    else:
        async with (
            httpx.AsyncClient(transport=transport) as suspending,
            AsyncRunflow(
                "rf_live_x", base_url=base, http_client=suspending, clock=clock
            ) as awaited,
        ):
            lines = await _carry_out(awaited, server, how, call)
    waited = f"{server.reads} reads in {clock.seconds - SteppedTime().seconds:.2f} s"
    text = " | ".join([waited, *lines]).replace(base[8:], "api.test").replace("Async", "")
    return [unified(text).replace(ID, "ID")]


def lines(colour: str) -> list[str]:
    """Return the list as one of the clients makes it, `sync` or `async`."""

    async def all_of_them() -> list[str]:
        return [
            f"{how} {kind}, what {life}, {call}: {line}"
            for kind in WELL
            for how in MAKERS
            for life, calls in TRIED.items()
            if (kind, life) != ("evaluations", "is canceled")  # which none can be
            for call in (*calls, *USUALLY.get((how, kind, life), ()))
            for line in await _told(colour, kind, how, life, call)
        ]

    return asyncio.run(all_of_them())
