"""Write down when what is asked while several runs are waited for together: lists and single
reads, by the seconds of a clock that jumps.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from attrs import define, field
from runflow_client import AsyncRunflow, PollSchedule, RetryPolicy

from ...http_library import httpx
from .test_shared_polling import ListServer, VirtualTime

EXACT: Final = 20.0
"""Seconds after which five seconds are summed up."""


@define
class Server(ListServer):
    """Remembers when it was asked for what."""

    log: dict[float, Counter[str]] = field(factory=dict[float, Counter[str]])

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        limit: float = request.extensions["timeout"]["read"]
        is_list = request.url.path == "/v1/runs"
        what = f"list within {limit:.3g}" if is_list else "read"
        if request.method != "POST":
            now = self.time.now()
            moment = round(now, 2) if now < EXACT else now // 5 * 5
            self.log.setdefault(moment, Counter())[what] += 1
        return await super().__call__(request)


def _refused(status: int, first: int, last: int, **headers: str) -> Callable[[int], Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(number: int) -> httpx.Response | None:
        if first <= number <= last:
            return httpx.Response(status, json={"code": "X", "message": "no"}, headers=named)
        return None

    return answer


def _ending(seconds: float) -> Callable[[int], float]:
    return lambda number: seconds + number / 2


SCENES: Final[dict[str, tuple[int, dict[str, Any], dict[str, Any]]]] = {
    "three runs": (3, {}, {}),
    "four runs": (4, {}, {}),
    "six runs": (6, {}, {}),
    "six runs, the lists hide all": (6, {"hides": lambda number: True}, {}),
    "nine runs, the lists hide all": (9, {"hides": lambda number: True}, {}),
    "six runs, the lists hide one": (6, {"hides": lambda number: number == 0}, {}),
    "six runs, lists are refused once": (6, {"list_answer": _refused(403, 1, 1)}, {}),
    "six long runs, lists are refused once": (
        6,
        {"list_answer": _refused(403, 1, 1), "lengths": _ending(125.0)},
        {},
    ),
    "six runs, trouble once": (6, {"list_answer": _refused(500, 2, 2)}, {}),
    "six runs, trouble for long": (6, {"list_answer": _refused(503, 2, 4)}, {}),
    "six runs, asked to wait": (6, {"list_answer": _refused(429, 2, 2, Retry_After="3")}, {}),
    "six runs, slow lists": (6, {"list_seconds": 2.0}, {}),
    "nine runs, slow lists hide all": (
        9,
        {"list_seconds": 2.0, "hides": lambda number: True, "lengths": _ending(30.0)},
        {},
    ),
    "six runs, no time": (6, {"lengths": _ending(50.0)}, {"timeout": 4.0}),
    "nine runs behind others": (9, {"others": 600}, {}),
}
"""How many runs there are, what is special of the server, and the options of the waits."""


async def _wait_for_all(
    time: VirtualTime, server: Server, count: int, options: dict[str, Any]
) -> None:
    """Create so many runs and wait for all. Nothing is drawn, so who comes first does not show."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(server), timeout=600.0)
    async with (
        http,
        AsyncRunflow(
            "rf_live_x",
            base_url="https://api.test",
            http_client=http,
            clock=time,
            schedule=PollSchedule(jitter=0.0),
            retries=RetryPolicy(first_backoff=0.0),
        ) as client,
    ):
        await asyncio.gather(*(client.run("a/b", {"n": n}, **options) for n in range(count)))


def _told(count: int, special: dict[str, Any], options: dict[str, Any]) -> str:
    time = VirtualTime()
    given: dict[str, Any] = {"lengths": _ending(4.0), **special}
    server = Server(time, **given)
    try:
        asyncio.run(time.carry_out(_wait_for_all(time, server, count, options)))
        end = "well"
    except Exception as error:
        end = type(error).__name__
    asked = [
        f"{moment:g} {' '.join(f'{number} {what}' for what, number in sorted(what_of.items()))}"
        for moment, what_of in server.log.items()
    ]
    return f"{end} at {time.now():.2f}: {', '.join(asked)}"


def lines() -> list[str]:
    """Return the list."""
    return [f"{name}: {_told(*scene)}" for name, scene in SCENES.items()]
