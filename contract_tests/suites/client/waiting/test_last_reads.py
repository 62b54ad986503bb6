"""A wait reads once more shortly before its deadline, so that no end during its last pause is
missed.
"""

from typing import Any, Final
from uuid import UUID

import pytest
from runflow_api.http_library import httpx
from runflow_client import PollSchedule, WaitTimeout
from runflow_client._flows.commands import AwaitChange, Context, SendRequest
from runflow_client._flows.evaluations import EvaluationFlows
from runflow_client._flows.poll import WaitFlows
from runflow_client._flows.runs import RunFlows

from ..scripted import Answer, answer, drive
from ..stepped_time import SteppedTime
from .test_waiting import show

ID: Final = UUID("0198c0de-0000-7000-8000-000000000000")
ENDED: Final = {"run": "succeeded", "evaluation": "completed"}


def waited(
    kind: str, timeout: float | None, ends: float, trouble: httpx.Response | None = None
) -> tuple[list[float], float | None]:
    """Return the seconds at which it is read, and those after which its end was seen."""
    time = SteppedTime(0.0)
    context, schedule = Context(time.now, lambda: 0.5), PollSchedule(4.0, 1.0, 4.0, 0.0)
    flows: WaitFlows[Any] = (
        RunFlows(context, schedule, show) if kind == "run" else EvaluationFlows(context, schedule)
    )
    reads: list[float] = []

    def serve(send: SendRequest) -> Answer:
        reads.append(time.now())
        if trouble is not None:
            return trouble
        status = ENDED[kind] if time.now() >= ends else "running"
        return answer(send, 200, {"id": str(ID), "status_code": status})

    flow = flows.wait(ID, None, timeout=timeout, raise_on_failure=True)
    try:
        drive(flow, time, serve)
    except WaitTimeout:
        assert time.now() == timeout
        return reads, None
    return reads, time.now()


@pytest.mark.parametrize("kind", ENDED)
@pytest.mark.parametrize(
    ("timeout", "ends", "reads", "seen"),
    [
        (3.0, 1.0, [0.0, 2.0], 2.0),
        (3.0, 2.5, [0.0, 2.0], None),
        (0.5, 0.25, [0.0, 0.25], 0.25),
        (0.2, 0.1, [0.0, 0.1], 0.1),
        (0.19, 0.01, [0.0], None),
        (4.0, 3.0, [0.0, 3.0], 3.0),
        (10.0, 8.5, [0.0, 4.0, 8.0, 9.0], 9.0),
        (10.0, 9.5, [0.0, 4.0, 8.0, 9.0], None),
        (12.0, 11.0, [0.0, 4.0, 8.0, 11.0], 11.0),
        (None, 9.0, [0.0, 4.0, 8.0, 12.0], 12.0),
    ],
)
def test_it_is_read_once_more_before_the_deadline(
    kind: str, timeout: float | None, ends: float, reads: list[float], seen: float | None
) -> None:
    assert waited(kind, timeout, ends) == (reads, seen)


def test_a_server_that_asks_to_be_left_alone_is_not_read_once_more() -> None:
    busy = httpx.Response(
        503,
        json={"code": "X", "message": "no"},
        headers={"Retry-After": "60"},
        request=httpx.Request("GET", "https://api.test/"),
    )
    assert waited("run", 20.0, 0.0, busy) == ([0.0], None)


@pytest.mark.parametrize("late", [httpx.ReadTimeout, httpx.ConnectTimeout])
@pytest.mark.parametrize("earlier", ["running", "broken"])
def test_a_last_read_that_has_too_little_time_is_no_cause(
    late: type[httpx.TransportError], earlier: str
) -> None:
    time = SteppedTime(0.0)
    context, schedule = Context(time.now, lambda: 0.5), PollSchedule(4.0, 1.0, 4.0, 0.0)

    def serve(send: SendRequest) -> Answer:
        assert send.timeout is not None
        if send.timeout <= 1.0:
            time.seconds += send.timeout
            return late("slow")
        if earlier == "broken":
            return httpx.ReadError("broken")
        return answer(send, 200, {"id": str(ID), "status_code": "running"})

    flow = RunFlows(context, schedule, show).wait(ID, None, timeout=10.0, raise_on_failure=True)
    with pytest.raises(WaitTimeout) as caught:
        drive(flow, time, serve)
    cause = caught.value.__cause__
    assert (cause is not None) is (earlier == "broken")


def test_a_wait_that_was_woken_early_is_read_once_more_all_the_same() -> None:
    time = SteppedTime(0.0)
    context, schedule = Context(time.now, lambda: 0.5), PollSchedule(60.0, 1.0, 60.0, 0.0)
    flow = RunFlows(context, schedule, show).wait(ID, None, timeout=30.0, raise_on_failure=True)
    told: list[object] = []

    def carry_out() -> None:
        outcome: Any = None
        while True:
            command = flow.send(outcome)
            outcome = None
            if isinstance(command, SendRequest):
                told.append(time.now())
                outcome = answer(command, 200, {"id": str(ID), "status_code": "running"})
            elif isinstance(command, AwaitChange):
                # while the first pause lasts, an event comes that says nothing of the status
                time.seconds = command.due if "until 29" in told else 3.0
                told.append(f"until {command.due:g}")

    with pytest.raises(WaitTimeout):
        carry_out()
    assert told == [0.0, "until 29", 3.0, "until 29", 29.0, "until 30"]
