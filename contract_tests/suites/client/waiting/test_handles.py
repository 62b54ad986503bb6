"""What a handle on a run, a batch or an evaluation keeps, tells and asks for, in both colours."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import anyio
import pytest
import trio
from runflow_api.http_library import httpx
from runflow_client import AsyncRunflow, InvalidArgument, RunFailed, Runflow, WaitTimeout
from runflow_mock import MockRunflow

from ..answering import Asked, Told, ask, ask_together
from ..stepped_time import AsyncSteppedTime, SteppedTime

ID = "0198c0de-0000-7000-8000-000000000000"
MODEL = "google/nano-banana-pro"
INPUT = {"prompt": "x"}


def test_a_handle_emits_every_change_and_keeps_the_last_state(
    client: Any, mock: MockRunflow
) -> None:
    handle, heard = client.submit(MODEL, INPUT), list[Any]()
    assert repr(handle).endswith(f"Handle({handle.id!r}, {handle.state.progress!r})")
    assert repr(client.runs.attach(handle.id)).endswith(f"Handle({handle.id!r}, 'not read yet')")
    kept: list[str] = []

    def see(state: Any) -> None:
        heard.append(state)
        kept.append(handle.state.status)

    run = handle.wait(on_update=see)
    assert kept == [state.status for state in heard], "the handle has the state that is told"
    assert (
        [state.status for state in heard][-1]
        == run.status
        == handle.state.status
        == handle.run.status
        == "succeeded"
    )
    assert len({state.status for state in heard}) > 1
    asked = len(mock.requests)
    assert handle.wait().id == run.id
    assert [state.status for state in handle.updates()] == ["succeeded"]
    assert len(mock.requests) == asked
    assert handle.refresh().status == "succeeded"
    assert len(mock.requests) == asked + 1


def test_a_run_that_failed_is_raised_by_a_wait_but_not_by_its_updates(
    client: Any, mock: MockRunflow
) -> None:
    mock.next_outcome("failed")
    handle = client.submit(MODEL, INPUT)
    assert [state.status for state in handle.updates()][-1] == handle.state.status == "failed"
    with pytest.raises(RunFailed):
        handle.wait()
    assert handle.wait(raise_on_failure=False).status == "failed"


def test_updates_end_with_the_time_they_were_given(client: Any) -> None:
    with pytest.raises(WaitTimeout, match=r"after 0\.5 s") as caught:
        list(client.submit(MODEL, INPUT).updates(timeout=0.5))
    assert caught.value.seconds == 0.5


@pytest.mark.parametrize("way", ["wait", "updates"])
@pytest.mark.parametrize("how", ["attached", "submitted"])
def test_a_loop_of_short_waits_learns_of_the_end(client: Any, how: str, way: str) -> None:
    """Each is shorter than the pause between two reads."""
    handle = client.submit(MODEL, INPUT)
    if how == "attached":
        handle = client.runs.attach(handle.id)
    for _ in range(200):
        with suppress(WaitTimeout):
            if way == "wait":
                handle.wait(timeout=0.1)
            else:
                list(handle.updates(timeout=0.1))
    assert handle.state.status == "succeeded"


def test_a_state_is_kept_as_it_is_emitted() -> None:
    def tell(asked: Asked) -> Told:
        if asked.method == "POST":
            return Told({"id": ID, "status_code": "queued"}, 201)
        done = sum(one == "GET" for one in methods)
        methods.append(asked.method)
        return Told(
            {
                "id": ID,
                "status_code": "processing" if done < 2 else "succeeded",
                "nodes_completed": done,
            }
        )

    def work(client: Runflow) -> None:
        handle = client.submit(MODEL, INPUT)
        for state in handle.updates():
            assert handle.state is state
            assert handle.run is state

    methods: list[str] = []
    ask(tell, work)
    assert len(methods) == 3


@pytest.mark.parametrize("how", ["run", "submitted", "submitted for updates", "attached"])
def test_what_was_submitted_just_now_is_not_read_at_once(how: str) -> None:
    time, looked = SteppedTime(0.0), list[float]()

    def tell(asked: Asked) -> Told:
        if asked.method == "GET":
            looked.append(time.now())
            return Told({"id": ID, "status_code": "succeeded"})
        return Told({"id": ID, "status_code": "queued"}, 201)

    def work(client: Runflow) -> None:
        if how == "run":
            assert client.run(MODEL, INPUT).status == "succeeded"
            return
        handle = client.runs.attach(ID) if how == "attached" else client.submit(MODEL, INPUT)
        if how == "submitted for updates":
            assert [state.status for state in handle.updates()][-1] == "succeeded"
        else:
            assert handle.wait().status == "succeeded"

    ask(tell, work, time=time)
    assert len(looked) == 1
    assert (looked[0] > 0) == (how != "attached")


def test_a_wait_that_timed_out_shows_the_progress_of_the_run() -> None:
    told = {
        "id": ID,
        "status_code": "dreaming",
        "client_ref": "mine",
        "nodes_completed": 2,
        "nodes_total": 5,
    }
    with pytest.raises(WaitTimeout, match="still dreaming") as caught:
        ask(lambda asked: Told(told), lambda client: client.runs.attach(ID).wait(timeout=3))
    run = caught.value.run
    assert (run.id, run.status, run.client_ref) == (ID, "dreaming", "mine")
    assert (run.nodes_completed, run.nodes_total) == (2, 5)
    with pytest.raises(WaitTimeout, match="without a status") as caught:
        ask(lambda asked: Told({"id": ID}), lambda client: client.runs.attach(ID).wait(timeout=3))
    assert caught.value.run.status is None


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_a_time_that_cannot_be_is_named_before_anything_is_sent(
    client: Any, mock: MockRunflow, seconds: float
) -> None:
    with pytest.raises(InvalidArgument, match=r"^timeout "):
        client.run(MODEL, INPUT, timeout=seconds)
    assert mock.requests == []


WAITS: dict[str, Callable[..., Any]] = {
    "run": lambda client, hear: client.run(MODEL, INPUT, on_update=hear),
    "runs": lambda client, hear: client.runs.attach(ID).wait(on_update=hear),
    "batches": lambda client, hear: client.batches.attach(ID).wait(on_update=hear),
    "evaluations": lambda client, hear: client.evaluations.attach(ID).wait(on_update=hear),
}


@pytest.mark.parametrize("what", WAITS)
def test_a_coroutine_function_is_awaited_at_every_change(what: str) -> None:
    heard: list[str | None] = []

    async def hear(state: Any) -> None:
        await anyio.sleep(0)
        heard.append(state.status)

    async def wait(client: AsyncRunflow) -> None:
        ended = await WAITS[what](client, hear)
        assert heard[-1] == ended.status, "before the wait ends"

    ended = "completed" if what == "evaluations" else "succeeded"
    ask_together(lambda asked: Told({"id": ID, "status_code": ended}), wait)
    assert heard == [ended]


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_run_is_waited_for_in_either_event_loop(loop: str) -> None:
    statuses = ["queued", "running", "running", "succeeded"]
    time = AsyncSteppedTime(0.0)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id": ID, "status_code": statuses.pop(0)})

    async def scenario() -> None:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http,
            AsyncRunflow("rf_live_x", http_client=http, clock=time) as client,
        ):
            assert (await client.run(MODEL, INPUT)).status == "succeeded"

    asyncio.run(scenario()) if loop == "asyncio" else trio.run(scenario)
    assert (statuses, len(time.slept)) == ([], 3)
