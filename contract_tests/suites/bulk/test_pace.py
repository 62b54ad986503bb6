"""The pace of creates, step by step: what a 429, an outage and a success change, and the budget."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from inspect import isawaitable
from types import SimpleNamespace
from typing import Any

import pytest
from runflow_client import AsyncRunflow, errors
from runflow_client._validation import MAX_SECONDS
from runflow_client.bulk._pace import Budget, Pace, wait_for
from runflow_mock import MockRunflow, SteppedClock

from ..client.stepped_time import AsyncSteppedTime

Step = Callable[[Pace], Any]
Seen = tuple[float, float, float, int, float | None]
"""The moment, the interval, when the next create may be sent, failures in a row, the outage."""


def after(seconds: float, step: Step) -> Step:
    def later(pace: Pace) -> Any:
        assert isinstance(pace.clock, AsyncSteppedTime)
        pace.clock.seconds += seconds
        return step(pace)

    return later


def refused(retry_after: float | None = None, sent: float = 1000.0) -> Step:
    def refuse(pace: Pace) -> None:
        pace.slow_down(retry_after, sent)

    return refuse


async def walk(steps: list[Step]) -> list[Seen]:
    clock, seen = AsyncSteppedTime(0.0), list[Seen]()
    pace = Pace(clock, shortest=0.5)
    for step in steps:
        result = step(pace)
        told = await result if isawaitable(result) else result
        seen.append(
            (
                round(clock.seconds, 3),
                round(pace.interval, 4),
                round(pace.not_before, 4),
                pace.failures,
                told,
            )
        )
    return seen


STEPS: dict[str, list[tuple[Step, Seen]]] = {
    "a rate": [
        (Pace.wait, (0.0, 0.0, 0.5, 0, None)),
        (Pace.wait, (0.5, 0.0, 1.0, 0, None)),
        (after(2.0, Pace.wait), (2.5, 0.0, 3.0, 0, None)),
    ],
    "refusals": [
        (Pace.wait, (0.0, 0.0, 0.5, 0, None)),
        (refused(), (0.0, 0.1, 0.5, 0, None)),
        (refused(sent=-1.0), (0.0, 0.1, 0.5, 0, None)),
        (after(1.0, refused(7.0)), (1.0, 0.2, 8.0, 0, None)),
        (Pace.wait, (8.0, 0.2, 8.5, 0, None)),
        (refused(100.0), (8.0, 0.4, 68.0, 0, None)),
        (refused(), (8.0, 0.8, 68.0, 0, None)),
        (refused(), (8.0, 1.6, 68.0, 0, None)),
        (refused(), (8.0, 3.2, 68.0, 0, None)),
        (refused(), (8.0, 6.4, 68.0, 0, None)),
        (refused(), (8.0, 10.0, 68.0, 0, None)),
        (refused(), (8.0, 10.0, 68.0, 0, None)),
        (Pace.wait, (68.0, 10.0, 78.0, 0, None)),
        (Pace.wait, (78.0, 10.0, 88.0, 0, None)),
        (after(100.0, refused(1.0)), (178.0, 10.0, 179.0, 0, None)),
    ],
    "a refusal of what was sent in the moment of another, and before it": [
        (refused(), (0.0, 0.1, 0.1, 0, None)),
        (refused(sent=0.0), (0.0, 0.2, 0.2, 0, None)),
        (refused(sent=-0.1), (0.0, 0.2, 0.2, 0, None)),
        (refused(0.0, sent=-0.1), (0.0, 0.2, 0.2, 0, None)),
    ],
    "recovery": [
        (refused(), (0.0, 0.1, 0.1, 0, None)),
        *(
            (Pace.succeed, (0.0, interval, 0.1, 0, None))
            for interval in (
                *(0.09, 0.081, 0.0729, 0.0656, 0.059, 0.0531, 0.0478, 0.043, 0.0387, 0.0349),
                *(0.0314, 0.0282, 0.0254, 0.0229, 0.0, 0.0),
            )
        ),
    ],
    "an outage": [
        (Pace.fail, (0.0, 0.0, 1.0, 1, 0.0)),
        (Pace.fail, (0.0, 0.0, 1.0, 1, 0.0)),
        (after(1.0, Pace.fail), (1.0, 0.0, 3.0, 2, 1.0)),
        (after(2.0, Pace.fail), (3.0, 0.0, 7.0, 3, 3.0)),
        (after(4.0, Pace.fail), (7.0, 0.0, 15.0, 4, 7.0)),
        (after(500.0, Pace.fail), (507.0, 0.0, 523.0, 5, 507.0)),
        (after(500.0, Pace.fail), (1007.0, 0.0, 1039.0, 6, 1007.0)),
        (after(500.0, Pace.fail), (1507.0, 0.0, 1567.0, 7, 1507.0)),
        (Pace.succeed, (1507.0, 0.0, 1567.0, 0, None)),
        (after(60.0, Pace.fail), (1567.0, 0.0, 1568.0, 1, 0.0)),
    ],
}


@pytest.mark.parametrize("name", STEPS)
def test_each_step_of_the_pace(name: str) -> None:
    steps = STEPS[name]
    assert asyncio.run(walk([step for step, _ in steps])) == [seen for _, seen in steps]


@pytest.mark.parametrize("max_outage", [1e12, float("inf")])
def test_an_outage_may_be_waited_out_for_ever(max_outage: float) -> None:
    async def wait(mock: MockRunflow) -> str | None:
        clock = AsyncSteppedTime()
        async with AsyncRunflow(mock.api_key, base_url=mock.base_url, clock=clock) as client:
            handle = await client.submit("google/nano-banana-pro", {"prompt": "x"})
            mock.advance(600.0)
            return (await wait_for(handle, Pace(clock), max_outage)).status

    with MockRunflow(SteppedClock()) as mock:
        assert asyncio.run(wait(mock)) == "succeeded"


class Scripted:
    """A handle whose waits end as they are told to."""

    def __init__(self, *ends: object) -> None:
        self._ends = list(ends)
        self.asked: list[tuple[float, bool]] = []

    async def wait(self, timeout: float, *, raise_on_failure: bool) -> object:
        """End the next wait."""
        self.asked.append((timeout, raise_on_failure))
        end = self._ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end


def timed_out(cause: Exception | None = None) -> errors.WaitTimeout:
    error = errors.WaitTimeout(
        "run", "1", SimpleNamespace(status="running"), seconds=1.0, resume_hint="x"
    )
    error.__cause__ = cause
    return error


OUTAGES: tuple[Exception, ...] = (
    errors.RateLimited(status=429, method="GET", path="/x"),
    errors.ServerError(status=503, method="GET", path="/x"),
    errors.ConnectionLost("it broke", method="GET", path="/x"),
)
MET: dict[str, tuple[tuple[object, ...], object, int]] = {
    "the end": (("run",), "run", 0),
    "three waits": ((timed_out(), timed_out(), "run"), "run", 0),
    "a wait that another error ended": ((timed_out(OSError("full")), "run"), "run", 0),
    **{
        f"a wait that ended with {type(one).__name__}": ((timed_out(one), "run"), one, 3)
        for one in OUTAGES
    },
    **{
        f"{type(one).__name__} after a wait": ((timed_out(), timed_out(one)), one, 0)
        for one in OUTAGES
    },
}
"""How the waits for a run end, what comes of it, and the failures in a row of three before."""


@pytest.mark.parametrize("name", MET)
def test_what_ends_a_wait_and_what_ends_an_outage(name: str) -> None:
    ends, outcome, failures = MET[name]
    pace, handle = Pace(AsyncSteppedTime(), failures=3), Scripted(*ends)
    found: object
    try:
        found = asyncio.run(wait_for(handle, pace, 80.0))  # type: ignore[arg-type] # it has what is called
    except errors.RunflowError as error:
        found = error
        assert error.__cause__ is None
    assert (found, pace.failures) == (outcome, failures)
    assert {*handle.asked} == {(10.0, False)}


@pytest.mark.parametrize(
    ("max_outage", "seconds"),
    [(0.0, 1.0), (8.0, 1.0), (8.8, 1.1), (3600.0, 450.0), (float("inf"), MAX_SECONDS)],
)
def test_a_wait_lasts_an_eighth_of_the_longest_outage(max_outage: float, seconds: float) -> None:
    handle: Any = Scripted("run")
    ended: object = asyncio.run(wait_for(handle, Pace(AsyncSteppedTime()), max_outage))
    assert ended == "run"
    assert handle.asked == [(pytest.approx(seconds), False)]


def test_each_step_of_a_budget() -> None:
    budget = Budget(Decimal("1.00"), Decimal("0.50"), Decimal("0.20"))
    assert [budget.allows(Decimal(cents) / 100) for cents in (30, 31)] == [True, False]
    assert not budget.allows(None)
    seen: list[tuple[Decimal, Decimal]] = []
    steps: tuple[tuple[Callable[..., None], tuple[Decimal | None, ...]], ...] = (
        (budget.reserve, (Decimal("0.15"),)),
        (budget.reserve, (None,)),
        (budget.release, (Decimal("0.15"), Decimal("0.10"))),
        (budget.release, (Decimal("0.20"),)),
        (budget.release, (None, Decimal("0.05"))),
    )
    for step, amounts in steps:
        step(*amounts)
        seen.append((budget.spent, budget.reserved))
    cents = [(50, 35), (50, 35), (60, 20), (60, 0), (65, 0)]
    assert seen == [(Decimal(spent) / 100, Decimal(held) / 100) for spent, held in cents]
    assert Budget(None, Decimal(9), Decimal(9)).allows(None)
    kept = Budget(Decimal(2), Decimal("1.50"), Decimal("0.30"))
    assert [
        one.refusal("a", price) for one in (budget, kept) for price in (None, Decimal("0.1"))
    ] == [
        "max_cost is $1.00, and the price of 'a' is not known",
        "max_cost is $1.00, and the price of 'a' is $0.1",
        "max_cost is $2, and the price of 'a' is not known",
        "max_cost is $2, and the price of 'a' is $0.1, beside $0.30 for earlier runs whose items "
        "have not come yet",
    ]
    nothing = Budget(Decimal(0), Decimal(0), Decimal(0))
    assert [nothing.allows(Decimal(cents)) for cents in (0, 1)] == [True, False]
