"""Waiting for a run, step by step: what the flow asks for, whatever the driver answers."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from runflow_api.http_library import httpx
from runflow_api.models.run import Run as RunModel
from runflow_client import (
    ConnectFailed,
    ConnectionLost,
    NotFound,
    PollSchedule,
    RateLimited,
    RequestTimeout,
    RunCanceled,
    RunFailed,
    RunflowError,
    ServerError,
    UnreadableAnswer,
    WaitTimeout,
)
from runflow_client._flows.commands import AwaitChange, Context, Emit, Flow, SendRequest
from runflow_client._flows.create_run import Create
from runflow_client._flows.runs import UNDER_CALLBACKS, RunFlows
from runflow_client._models.run import BaseRun, fields_of, listed
from runflow_client._time import Deadline
from runflow_client.callbacks import CallbackEvent, verify
from runflow_client.testing import sign

from ..scripted import Answer, answer, drive
from ..stepped_time import SteppedTime

ID = UUID("0198c0de-0000-7000-8000-000000000000")


class Wakeup:
    """Stands for where callbacks arrive; the tests hand the events over themselves."""

    def listen(self, subject_id: str, wake: object) -> CallbackEvent | None:
        return None

    def forget(self, subject_id: str, wake: object) -> None:
        return


def show(model: RunModel | Mapping[str, Any], model_name: str | None = None) -> BaseRun:
    if not isinstance(model, RunModel):
        return listed(BaseRun, model, model_name=model_name)
    return BaseRun(model_name=model_name, **fields_of(model))


def flows(time: SteppedTime) -> RunFlows[BaseRun]:
    return RunFlows(Context(time.now, lambda: 0.5), PollSchedule(), show)


def under_a_callback(time: SteppedTime, wakeup: Wakeup | None = None) -> Flow[BaseRun]:
    """Return a wait that a callback may end."""
    woken = flows(time).woken_by(wakeup or Wakeup())
    return woken.wait(ID, state("queued"), timeout=600.0, raise_on_failure=True)


def state(status: str | None, **facts: Any) -> BaseRun:
    return show(RunModel.from_dict({"id": str(ID), "status_code": status, **facts}))


def run(status: str, **facts: Any) -> dict[str, Any]:
    return {"id": str(ID), "status_code": status, **facts}


def event(name: str = "run.completed", **facts: Any) -> CallbackEvent:
    body = json.dumps({"event": name, "run_id": str(ID), **facts}).encode()
    return verify(body, {"Runflow-Signature": sign(body, "whsec_x")}, "whsec_x")


def steps(flow: Flow[BaseRun], outcomes: list[Any]) -> tuple[list[Any], Any]:
    """The commands of a flow that gets these outcomes, and what it ends with."""
    commands: list[Any] = []
    outcome: Any = None
    try:
        while True:
            command = flow.send(outcome)
            commands.append(command)
            outcome = None if isinstance(command, Emit) else outcomes.pop(0)
    except StopIteration as end:
        return commands, end.value
    except Exception as error:
        return commands, error


def kinds(commands: list[Any]) -> list[str]:
    return [type(command).__name__ for command in commands]


def test_a_run_that_a_list_shows_to_have_changed_is_not_read() -> None:
    time = SteppedTime()
    created_at = "2026-01-02T03:04:05Z"
    queued = state("queued", client_ref="mine", created_at=created_at)
    done = RunModel.from_dict(run("succeeded"))
    flow = flows(time).wait(ID, queued, timeout=60.0, raise_on_failure=True)
    commands, found = steps(flow, [done])
    assert kinds(commands) == ["Emit", "AwaitChange", "Emit"]
    assert commands[1] == AwaitChange(
        run_id=str(ID),
        progress=queued.progress,
        created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        due=time.now() + 0.5,
        until=time.now() + 60.0,
    )
    assert found.status == "succeeded"


def test_a_run_of_which_nothing_was_seen_is_read_at_once() -> None:
    """The driver has waited until it was due: a second pause would be one too many."""
    time = SteppedTime()
    sent = SendRequest({"method": "GET", "url": "/"})
    flow = flows(time).wait(ID, state("queued"), timeout=60.0, raise_on_failure=True)
    commands, found = steps(flow, [None, answer(sent, 200, run("succeeded"))])
    assert kinds(commands) == ["Emit", "AwaitChange", "SendRequest", "Emit"]
    assert commands[2].timeout == 60.0
    assert found.status == "succeeded"


def test_no_pause_goes_beyond_the_deadline() -> None:
    time = SteppedTime()
    flow = flows(time).wait(ID, state("queued"), timeout=0.1, raise_on_failure=True)
    assert isinstance(flow.send(None), Emit)
    command = flow.send(None)
    assert isinstance(command, AwaitChange)
    assert command.due == command.until == time.now() + 0.1
    time.sleep(0.1)
    with pytest.raises(WaitTimeout) as caught:
        flow.throw(ConnectionLost("gone", method="GET", path="/"))
    assert isinstance(caught.value.__cause__, ConnectionLost)


def test_a_callback_ends_the_wait_with_what_it_says() -> None:
    time, wakeup = SteppedTime(), Wakeup()
    flow = under_a_callback(time, wakeup)
    commands, found = steps(flow, [event(status="succeeded", output={"x": 1}, duration_ms=7)])
    assert kinds(commands) == ["Emit", "AwaitChange", "Emit"]
    assert commands[1].wakeup is wakeup
    assert commands[1].due == time.now() + UNDER_CALLBACKS.pause(0, 0.5)
    assert found.status == "succeeded"


def test_underneath_a_callback_there_is_a_slow_poll() -> None:
    time = SteppedTime()
    sent = SendRequest({"method": "GET", "url": "/"})
    flow = under_a_callback(time)
    running, done = (answer(sent, 200, run(status)) for status in ("running", "succeeded"))
    commands, found = steps(flow, [None, running, None, done])
    assert kinds(commands) == [
        "Emit",
        "AwaitChange",
        "SendRequest",
        "Emit",
        "AwaitChange",
        "SendRequest",
        "Emit",
    ]
    assert [one.due - time.now() for one in commands if isinstance(one, AwaitChange)] == [20, 30]
    assert [one.timeout for one in commands if isinstance(one, SendRequest)] == [600.0, 600.0]
    assert found.status == "succeeded"


def test_a_callback_that_does_not_say_how_the_run_ended_lets_it_be_read_at_once() -> None:
    time = SteppedTime()
    sent = SendRequest({"method": "GET", "url": "/"})
    flow = under_a_callback(time)
    commands, found = steps(flow, [event(), answer(sent, 200, run("succeeded"))])
    assert kinds(commands) == ["Emit", "AwaitChange", "SendRequest", "Emit"]
    assert found.status == "succeeded"


@pytest.mark.parametrize("status", ["failed", "canceled", "cancelled"])
def test_an_end_that_is_no_success_names_the_create(status: str) -> None:
    time = SteppedTime()
    create = Create(model="a/b", input={}, client_ref="mine")
    flow = flows(time).wait_for_new(
        create,
        state("queued", client_ref="mine"),
        timeout=60.0,
        deadline=Deadline.after(time.now, 60.0),
        raise_on_failure=True,
    )
    _, error = steps(flow, [RunModel.from_dict(run(status, client_ref="mine"))])
    assert isinstance(error, RunFailed | RunCanceled)
    assert (error.client_ref, error.idempotency_key) == ("mine", create.idempotency_key)
    assert error.run.model_name == "a/b"


@pytest.mark.parametrize("woken", [True, False])
def test_after_the_deadline_nothing_more_is_asked(woken: bool) -> None:
    time = SteppedTime()
    made = flows(time).woken_by(Wakeup()) if woken else flows(time)
    flow = made.wait(ID, state("queued"), timeout=15.0, raise_on_failure=True)
    assert isinstance(flow.send(None), Emit)
    command = flow.send(None)
    assert isinstance(command, AwaitChange)
    assert (command.wakeup is None) != woken
    time.sleep(15.0)
    with pytest.raises(WaitTimeout) as caught:
        flow.send(None)
    assert (caught.value.id, caught.value.run.status) == (str(ID), "queued")


def test_of_a_run_that_was_never_seen_the_timeout_knows_the_id() -> None:
    time = SteppedTime()
    flow = flows(time).wait(ID, None, timeout=15.0, raise_on_failure=True)
    command = flow.send(None)
    assert isinstance(command, SendRequest)
    time.sleep(15.0)
    refused = answer(command, 500, {"code": "X", "message": "no"})
    with pytest.raises(WaitTimeout, match="was still without a status after 15 s") as caught:
        flow.send(refused)
    assert caught.value.run.id == str(ID)
    assert "was answered 500" in str(caught.value.__cause__)


TROUBLES: dict[str, tuple[Callable[[SendRequest], Answer], type[RunflowError]]] = {
    "not shown yet": (lambda send: answer(send, 404, {"code": "X"}), NotFound),
    "too many": (lambda send: answer(send, 429, {"code": "X"}), RateLimited),
    "in trouble": (lambda send: answer(send, 503, {"code": "X"}), ServerError),
    "a list": (lambda send: answer(send, 200, []), UnreadableAnswer),
    "lost": (lambda send: httpx.ReadError("lost"), ConnectionLost),
    "late": (lambda send: httpx.ReadTimeout("late"), RequestTimeout),
    "not reached": (lambda send: httpx.ConnectError("away"), ConnectFailed),
}


@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("name", TROUBLES)
def test_the_cause_of_a_timeout_is_the_trouble_that_was_not_over(name: str, over: bool) -> None:
    trouble, kind = TROUBLES[name]
    time, sent = SteppedTime(), list[SendRequest]()

    def serve(send: SendRequest) -> Answer:
        sent.append(send)
        if len(sent) == 1 or (over and len(sent) > 3):
            return answer(send, 200, run("running"))
        return trouble(send)

    flow = flows(time).wait(ID, None, timeout=9.0, raise_on_failure=True, fresh=True)
    with pytest.raises(WaitTimeout) as caught:
        drive(flow, time, serve)
    assert len(sent) > 4
    assert type(caught.value.__cause__) is (type(None) if over else kind)
