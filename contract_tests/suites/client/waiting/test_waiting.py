"""Waiting: one deadline, a gentle schedule, every ending, and an id on whatever ends it early."""

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from runflow_api.http_library import httpx
from runflow_api.models.run import Run as RunModel
from runflow_client import (
    AsyncRunflow,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    PollSchedule,
    RunCanceled,
    RunFailed,
    WaitTimeout,
)
from runflow_client._flows.commands import Context, SendRequest
from runflow_client._flows.runs import RunFlows
from runflow_client._models.run import BaseRun, fields_of, listed
from runflow_mock import MockRunflow

from ..scripted import Answer, answer, drive
from ..stepped_time import SteppedTime
from .test_shared_polling import ListServer, VirtualTime, carry_out, run_many

RUN_ID = UUID("0198c0de-0000-7000-8000-000000000000")


def show(model: RunModel | Mapping[str, Any], model_name: str | None = None) -> BaseRun:
    if not isinstance(model, RunModel):
        return listed(BaseRun, model, model_name=model_name)
    return BaseRun(model_name=model_name, **fields_of(model))


def wait(
    time: SteppedTime,
    server: Callable[[SendRequest], Answer],
    *,
    timeout: float | None = 600.0,
    fresh: bool = False,
    raise_on_failure: bool = True,
    updates: list[Any] | None = None,
) -> BaseRun:
    flows = RunFlows(Context(time.now, lambda: 0.5), PollSchedule(), show)
    flow = flows.wait(RUN_ID, None, timeout=timeout, raise_on_failure=raise_on_failure, fresh=fresh)
    return drive(flow, time, server, updates)


def script(*answers: Any) -> Callable[[SendRequest], Answer]:
    """A server that gives these answers in turn and the last one for ever: a status word, a status
    code or an exception.
    """
    left = list(answers)

    def serve(send: SendRequest) -> Answer:
        told = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(told, BaseException):
            return told
        if isinstance(told, int):
            return answer(send, told, {"code": "X", "message": "no"})
        if isinstance(told, dict):
            return answer(send, 200, {"id": str(RUN_ID), **told})
        return answer(send, 200, {"id": str(RUN_ID), "status_code": told})

    return serve


@pytest.mark.parametrize("status", ["succeeded", "partial_succeeded"])
def test_an_ending_with_output_is_given_back(status: str) -> None:
    run = wait(SteppedTime(), script("queued", "dispatching", "running", status))
    assert run.status == status
    assert run.is_partial == (status == "partial_succeeded")


@pytest.mark.parametrize("status", ["canceled", "cancelled"])
def test_both_spellings_of_canceled_end_the_wait(status: str) -> None:
    with pytest.raises(RunCanceled) as caught:
        wait(SteppedTime(), script("running", status))
    assert caught.value.run.status == status


def test_a_failed_run_raises_with_its_reasons_or_is_a_value() -> None:
    failed = {
        "status_code": "failed",
        "failure_code": "PROVIDER_ERROR",
        "failure_message": "the provider said no",
        "failure_stage_code": "dispatch",
    }
    with pytest.raises(
        RunFailed, match=r"failed at stage dispatch: PROVIDER_ERROR: the provider said no"
    ) as caught:
        wait(SteppedTime(), script(failed))
    assert caught.value.run_id == str(RUN_ID)
    assert (
        wait(SteppedTime(), script(failed), raise_on_failure=False).failure_code == "PROVIDER_ERROR"
    )


def test_an_unknown_status_is_neither_an_end_nor_an_error() -> None:
    updates: list[BaseRun] = []
    wait(SteppedTime(), script("queued", "dreaming", "dreaming", "succeeded"), updates=updates)
    assert [run.status for run in updates] == ["queued", "dreaming", "succeeded"]


@pytest.mark.parametrize("status", ["completed", "expired"])
def test_an_unknown_status_with_completed_at_ends_the_wait(status: str) -> None:
    ended = {"status_code": status, "completed_at": "2026-11-29T05:00:00Z"}
    run = wait(SteppedTime(), script("queued", status, ended))
    assert (run.status, run.has_ended) == (status, True)


@pytest.mark.parametrize("status", ["queued", "dispatching", "running"])
def test_a_status_that_is_no_end_stays_none_with_completed_at(status: str) -> None:
    stamped = {"status_code": status, "completed_at": "2026-11-29T05:00:00Z"}
    assert wait(SteppedTime(), script(stamped, "succeeded")).status == "succeeded"


@pytest.mark.parametrize("cost", ["0.15", 0.15])
def test_a_cost_is_read_from_a_string_and_from_a_number(cost: object) -> None:
    run = wait(SteppedTime(), script({"status_code": "succeeded", "cost": cost}))
    assert run.cost == Decimal("0.15")


def test_trouble_is_waited_out() -> None:
    trouble = [
        httpx.ReadError("reset"),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        500,
        429,
        503,
    ]
    assert wait(SteppedTime(), script("running", *trouble, "succeeded")).status == "succeeded"


def test_a_refusal_ends_the_wait_and_says_how_to_resume() -> None:
    with pytest.raises(PermissionDenied) as caught:
        wait(SteppedTime(), script("running", 403))
    assert any(str(RUN_ID) in note for note in caught.value.__notes__)


def test_a_404_is_waited_out_only_right_after_the_create() -> None:
    assert wait(SteppedTime(), script(404, 404, "succeeded"), fresh=True).status == "succeeded"
    with pytest.raises(NotFound):
        wait(SteppedTime(), script(404, "succeeded"))
    with pytest.raises(NotFound):
        wait(SteppedTime(), script(404), fresh=True)


def test_one_deadline_holds_for_the_whole_wait_and_each_request() -> None:
    time = SteppedTime()
    begun = time.now()
    timeouts: list[float] = []
    serve = script("running")

    def watch(send: SendRequest) -> Answer:
        assert send.timeout is not None
        timeouts.append(send.timeout - (begun + 30 - time.now()))
        return serve(send)

    with pytest.raises(WaitTimeout) as caught:
        wait(time, watch, timeout=30.0)
    assert time.now() - begun == pytest.approx(30.0)
    assert timeouts == pytest.approx([0.0] * len(timeouts))
    assert f"client.runs.attach('{RUN_ID}').wait()" in str(caught.value)
    assert caught.value.run.status == "running"


def test_a_timeout_after_nothing_but_trouble_names_the_trouble() -> None:
    with pytest.raises(WaitTimeout) as caught:
        wait(SteppedTime(), script(httpx.ConnectError("refused")), timeout=10.0)
    assert caught.value.run_id == str(RUN_ID)
    assert "refused" in str(caught.value.__cause__)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_carries_the_run_id_and_how_to_resume(
    interruption: type[BaseException],
) -> None:
    with pytest.raises(interruption) as caught:
        wait(SteppedTime(), script("running", interruption()))
    assert caught.value.__notes__ == [
        f"Run {RUN_ID} continues: client.runs.attach('{RUN_ID}').wait() waits for it again."
    ]


def test_polls_are_quick_at_first_and_gentle_later() -> None:
    time = SteppedTime()
    wait(time, script(*["running"] * 20, "succeeded"))
    assert time.slept[0] == pytest.approx(0.5)
    assert time.slept == sorted(time.slept)
    assert time.slept[-1] == pytest.approx(4.0)


def test_a_retry_after_is_honoured() -> None:
    time = SteppedTime()
    served: list[Answer] = []

    def serve(send: SendRequest) -> Answer:
        served.append(
            answer(send, 429, {"code": "RATE_LIMITED", "message": "no"}, {"Retry-After": "20"})
            if not served
            else answer(send, 200, {"id": str(RUN_ID), "status_code": "succeeded"})
        )
        return served[-1]

    wait(time, serve)
    assert time.slept == [20.0]


def test_progress_is_emitted_when_it_changes() -> None:
    updates: list[BaseRun] = []
    steps = [
        {"status_code": "running", "nodes_total": 3, "nodes_completed": done}
        for done in (0, 1, 1, 2, 3)
    ]
    wait(SteppedTime(), script(*steps, "succeeded"), updates=updates)
    assert [run.nodes_completed for run in updates] == [0, 1, 2, 3, None]


def test_fields_of_a_new_form_do_not_lose_the_run() -> None:
    odd = {
        "status_code": "succeeded",
        "cost": {"amount": 1},
        "duration_ms": "fast",
        "brand_new": [1],
    }
    run = wait(SteppedTime(), script(odd))
    assert run.status == "succeeded"
    assert run.cost is None
    assert run.raw.additional_properties["cost"] == {"amount": 1}
    assert run.raw.additional_properties["brand_new"] == [1]


@pytest.mark.parametrize(
    ("random", "pauses"),
    [
        (0.5, [0.5, 0.65, 0.845, 1.0985]),
        (0.0, [0.4, 0.52, 0.676, 0.8788]),
        (1.0, [0.6, 0.78, 1.014, 1.3182]),
    ],
)
def test_the_pauses_grow_and_keep_out_of_step(random: float, pauses: list[float]) -> None:
    schedule = PollSchedule()
    assert [schedule.pause(polls, random) for polls in range(4)] == pytest.approx(pauses)
    assert schedule.pause(10_000, random) == pytest.approx(4.0 * (0.8 + 0.4 * random))
    assert PollSchedule(first=1e-9, growth=1.5, longest=1e9, jitter=0).pause(
        10_000, 0.9
    ) == pytest.approx(1e-9 * 1.5**32)


@pytest.mark.parametrize(
    "wrong",
    [{"first": 0.0}, {"longest": 0.4}, {"growth": 0.9}, {"jitter": -0.1}, {"jitter": 1.0}],
    ids=str,
)
def test_an_invalid_schedule_is_refused_with_the_bound(wrong: dict[str, float]) -> None:
    (name,) = wrong
    with pytest.raises(InvalidArgument, match=f"{name} is .*: expected a finite number"):
        PollSchedule(**wrong)


def test_the_bounds_of_a_schedule_are_within_it() -> None:
    schedule = PollSchedule(first=4.0, growth=1.0, longest=4.0, jitter=0.0)
    assert [schedule.pause(polls, 0.9) for polls in (0, 1, 50)] == [4.0] * 3


def test_after_trouble_the_pause_is_the_longest_of_all_that_ask_for_one() -> None:
    time = SteppedTime()
    wait(time, script("running", 500, 500, 500, 500, 500, "running", "running", "succeeded"))
    # Each poll has its pause; failures ask for a backoff of 0.25, 0.5, 1, 2 and 4 seconds.
    assert time.slept == pytest.approx(
        [0.5, 0.65, 0.845, 1.0985, 2.0, 4.0, 0.5 * 1.3**6, 0.5 * 1.3**7]
    )


def test_the_first_read_is_at_once_and_a_failed_one_is_followed_by_a_pause() -> None:
    time = SteppedTime()
    wait(time, script(500, "succeeded"))
    assert time.slept == pytest.approx([0.5])
    time = SteppedTime()
    wait(time, script("succeeded"))
    assert time.slept == []


def test_a_server_in_trouble_is_left_alone_for_as_long_as_it_asks() -> None:
    time = SteppedTime()
    served: list[Answer] = []

    def serve(send: SendRequest) -> Answer:
        again = answer(send, 503, {}, {"Retry-After": "30"})
        served.append(
            again
            if len(served) < 2
            else answer(send, 200, {"id": str(RUN_ID), "status_code": "succeeded"})
        )
        return served[-1]

    wait(time, serve)
    assert time.slept == [30.0, 30.0]


def test_a_new_run_may_be_invisible_for_ten_seconds() -> None:
    time = SteppedTime()
    with pytest.raises(NotFound) as caught:
        wait(time, script(404), fresh=True)
    assert 10.0 <= sum(time.slept) < 18.0
    assert caught.value.__notes__ == [
        f"Run {RUN_ID} continues: client.runs.attach('{RUN_ID}').wait() waits for it again."
    ]


def test_a_run_that_was_just_created_may_be_invisible(mock: MockRunflow, client: Any) -> None:
    mock.fail_next("get_run", status=404, count=3)
    run = client.run("google/nano-banana-pro", {"prompt": "x", "resolution": "1K"})
    assert run.status == "succeeded"
    assert len(mock.runs) == len(mock.ledger) == 1


def test_a_wait_that_times_out_says_for_how_long_it_was_and_needs_no_note() -> None:
    with pytest.raises(WaitTimeout) as caught:
        wait(SteppedTime(), script("queued"), timeout=12.5)
    error = caught.value
    assert (error.kind, error.id, error.seconds, error.state.status) == (
        "run",
        str(RUN_ID),
        12.5,
        "queued",
    )
    assert str(error) == (
        f"Run {RUN_ID} was still queued after 12.5 s of waiting. The run itself continues: "
        f"wait again with client.runs.attach('{RUN_ID}').wait()."
    )
    assert error.__cause__ is None
    assert not hasattr(error, "__notes__")
    with pytest.raises(InvalidArgument, match="timeout is 0"):
        wait(SteppedTime(), script("queued"), timeout=0)


def test_what_a_wait_that_times_out_saw_last_is_in_its_error() -> None:
    shown: dict[str, Any] = {
        "id": str(RUN_ID),
        "client_ref": "order-7",
        "created_at": "2026-05-06T10:00:00.5+02:00",
        "status_code": "running",
        "nodes_completed": 0,
        "nodes_total": 3,
    }
    served = [{**shown, "status_code": "queued", "nodes_total": None}, shown]

    def serve(send: SendRequest) -> Answer:
        return answer(send, 200, served.pop(0) if len(served) > 1 else served[0])

    with pytest.raises(WaitTimeout) as caught:
        wait(SteppedTime(), serve, timeout=60.0)
    state = caught.value.state
    assert (state.id, state.client_ref, state.status) == (str(RUN_ID), "order-7", "running")
    assert (state.nodes_completed, state.nodes_total) == (0, 3)
    assert state.created_at.isoformat() == "2026-05-06T10:00:00.500000+02:00"


def test_one_attempt_is_made_for_each_poll_and_the_clients_own_number_for_a_read() -> None:
    served: list[SendRequest] = []

    def serve(send: SendRequest) -> Answer:
        served.append(send)
        return answer(
            send, 500 if len(served) < 3 else 200, {"id": str(RUN_ID), "status_code": "running"}
        )

    time = SteppedTime()
    flows = RunFlows(Context(time.now, lambda: 0.5), PollSchedule(), show)
    assert drive(flows.get(RUN_ID), time, serve).status == "running"
    assert [send.arguments["url"] for send in served] == [f"/v1/runs/{RUN_ID}"] * 3
    assert [send.timeout for send in served] == [None] * 3


def test_a_list_that_shows_no_change_ends_the_trouble_of_those_before() -> None:
    time = VirtualTime()
    refused = httpx.Response(503, json={"code": "X", "message": "no"})
    server = ListServer(
        time,
        lengths=lambda number: 1e9,
        list_answer=lambda number: refused if number < 6 else None,
    )

    async def work(client: AsyncRunflow) -> list[object]:
        async def late(number: int) -> object:
            with pytest.raises(WaitTimeout) as raised:
                await client.run("a/b", {"n": number}, timeout=120.0)
            return raised.value.__cause__

        return await asyncio.gather(*map(late, range(20)))

    assert carry_out(time, server, work) == [None] * 20


@pytest.mark.parametrize(
    "body",
    [{"items": [], "next": False}, {"items": [], "next": {"pq": "a"}}, {"items": None}, "no"],
)
def test_after_lists_that_cannot_be_read_the_runs_are_read_singly(body: object) -> None:
    time = VirtualTime()
    server = ListServer(time, list_answer=lambda number: httpx.Response(200, json=body))
    assert len(run_many(time, server, 20, timeout=60.0)) == 20
    assert time.now() < 30.0
