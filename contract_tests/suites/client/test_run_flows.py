"""Waiting for a run, step by step: in company, alone, and woken by its callback."""

import json
from typing import Any
from uuid import UUID

import pytest
from runflow_api.models.run import Run as RunModel
from runflow_client import PollSchedule, WaitTimeout
from runflow_client._flows.commands import Context, Emit, Flow, Listen, SendRequest, Sleep
from runflow_client._flows.runs import UNDER_CALLBACKS, RunFlows
from runflow_client._models.run import BaseRun, fields_of
from runflow_client.callbacks import CallbackEvent, verify
from runflow_client.testing import sign

from .scripted import SteppedTime, answer

ID = UUID("0198c0de-0000-7000-8000-000000000000")


class Wakeup:
    """Stands for where callbacks arrive; the tests hand the events over themselves."""

    def listen(self, subject_id: str, wake: object) -> CallbackEvent | None:
        return None

    def forget(self, subject_id: str) -> None:
        return


def show(model: RunModel) -> BaseRun:
    return BaseRun(**fields_of(model))


def flows(time: SteppedTime) -> RunFlows[BaseRun]:
    return RunFlows(Context(time.now, lambda: 0.5), PollSchedule(), show)


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
            outcome = None if isinstance(command, Emit | Sleep) else outcomes.pop(0)
    except StopIteration as end:
        return commands, end.value
    except Exception as error:
        return commands, error


def kinds(commands: list[Any]) -> list[str]:
    return [type(command).__name__ for command in commands]


def test_a_run_with_a_client_ref_is_looked_for_in_company() -> None:
    time = SteppedTime()
    queued = state("queued", client_ref="mine")
    done = RunModel.from_dict(run("succeeded"))
    flow = flows(time).wait(ID, queued, timeout=60.0, raise_on_failure=True)
    commands, found = steps(flow, [done])
    assert kinds(commands) == ["Emit", "Poll", "Emit"]
    assert (commands[1].run_id, commands[1].client_ref, commands[1].progress) == (
        str(ID),
        "mine",
        queued.progress,
    )
    assert found.status == "succeeded"


def test_without_company_it_sleeps_and_asks_by_itself() -> None:
    time = SteppedTime()
    sent = SendRequest({"method": "GET", "url": "/"})
    flow = flows(time).wait(
        ID, state("queued", client_ref="mine"), timeout=60.0, raise_on_failure=True
    )
    commands, found = steps(flow, [None, answer(sent, 200, run("succeeded"))])
    assert kinds(commands) == ["Emit", "Poll", "Sleep", "SendRequest", "Emit"]
    assert commands[2].seconds == 0.5
    assert commands[3].timeout == 60.0
    assert found.status == "succeeded"
    flow = flows(time).wait(ID, state("queued"), timeout=60.0, raise_on_failure=True)
    commands, _ = steps(flow, [answer(sent, 200, run("succeeded"))])
    assert kinds(commands) == ["Emit", "Sleep", "SendRequest", "Emit"]


def test_a_callback_ends_the_wait_with_what_it_says() -> None:
    time, wakeup = SteppedTime(), Wakeup()
    flow = (
        flows(time).woken_by(wakeup).wait(ID, state("queued"), timeout=600.0, raise_on_failure=True)
    )
    commands, found = steps(flow, [event(status="succeeded", output={"x": 1}, duration_ms=7)])
    assert kinds(commands) == ["Emit", "Listen", "Emit"]
    assert commands[1] == Listen(wakeup, str(ID), UNDER_CALLBACKS.pause(0, 0.5))
    assert found.status == "succeeded"


def test_underneath_a_callback_there_is_a_slow_poll() -> None:
    time = SteppedTime()
    sent = SendRequest({"method": "GET", "url": "/"})
    flow = (
        flows(time)
        .woken_by(Wakeup())
        .wait(ID, state("queued"), timeout=600.0, raise_on_failure=True)
    )
    running, done = (answer(sent, 200, run(status)) for status in ("running", "succeeded"))
    commands, found = steps(flow, [None, running, None, done])
    assert kinds(commands) == [
        "Emit",
        "Listen",
        "SendRequest",
        "Emit",
        "Listen",
        "SendRequest",
        "Emit",
    ]
    assert [command.seconds for command in commands if isinstance(command, Listen)] == [20.0, 30.0]
    assert [command.timeout for command in commands if isinstance(command, SendRequest)] == [
        600.0,
        600.0,
    ]
    assert found.status == "succeeded"


@pytest.mark.parametrize("woken", [True, False])
def test_after_the_deadline_nothing_more_is_asked(woken: bool) -> None:
    time = SteppedTime()
    made = flows(time).woken_by(Wakeup()) if woken else flows(time)
    flow = made.wait(ID, state("queued"), timeout=15.0, raise_on_failure=True)
    assert isinstance(flow.send(None), Emit)
    command = flow.send(None)
    assert isinstance(command, Listen if woken else Sleep)
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
