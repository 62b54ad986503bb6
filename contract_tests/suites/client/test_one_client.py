"""A client belongs to one event loop and one process, sends with an HTTP client of its own colour,
ends with close(), is shared and not copied; and an HTTP client of the caller's may have hooks.
"""

import asyncio
import copy
import json
import os
import pickle
import signal
import threading
import traceback
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import anyio
import pytest
import trio
from runflow_client import (
    AsyncPublicCatalog,
    AsyncRunflow,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    PublicCatalog,
    RetryPolicy,
    Runflow,
    RunflowError,
    SendFailed,
    UnreadableAnswer,
)
from runflow_client._time import AsyncSystemClock
from runflow_mock import MockRunflow

from ..http_library import httpx
from ..processes import in_a_child
from .conftest import AsyncMockTime, MockTime
from .test_memories import is_gone

MODEL = "google/nano-banana-pro"
INPUT = {"prompt": "x"}
NOTHING_LISTENS = "http://127.0.0.1:9"


def async_client(mock: MockRunflow, **options: Any) -> AsyncRunflow:
    return AsyncRunflow(
        mock.api_key, base_url=mock.base_url, **{"clock": AsyncMockTime(mock), **options}
    )


def sync_client(mock: MockRunflow, **options: Any) -> Runflow:
    return Runflow(mock.api_key, base_url=mock.base_url, **{"clock": MockTime(mock), **options})


# One event loop.


def test_a_second_event_loop_is_refused_before_anything_is_sent(mock: MockRunflow) -> None:
    client = async_client(mock)

    async def run() -> Any:
        return await client.run(MODEL, INPUT)

    async def stream(run: Any) -> None:
        async for _ in run.outputs[0].stream():
            """Never comes so far."""

    own, other = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        first = own.run_until_complete(run())
        before = len(mock.requests)
        for work in (run, client.account.balance, first.outputs[0].read, lambda: stream(first)):
            with pytest.raises(RunflowError, match="make one AsyncRunflow in each event loop"):
                other.run_until_complete(work())
        assert len(mock.requests) == before
        own.run_until_complete(client.close())
    finally:
        own.close()
        other.close()


def test_without_an_event_loop_nothing_is_sent() -> None:
    """As in a child that was forked inside of one."""
    client = AsyncRunflow("rf_live_x", base_url=NOTHING_LISTENS)
    with pytest.raises(RunflowError, match="no event loop runs here"):
        client.submit(MODEL, INPUT).send(None)


def in_trio(work: Callable[[], Any]) -> Any:
    return trio.run(work)


def in_asyncio(work: Callable[[], Any]) -> Any:
    async def main() -> Any:
        return await work()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("first", "second"), [(in_trio, in_trio), (in_trio, in_asyncio), (in_asyncio, in_trio)]
)
def test_a_second_event_loop_of_another_library_is_refused_too(first: Any, second: Any) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"balance": "7"})

    own = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    client = AsyncRunflow("rf_live_x", base_url=NOTHING_LISTENS, http_client=own)
    assert first(client.account.balance) == 7
    for work in (client.account.balance, lambda: client.submit(MODEL, INPUT)):
        with pytest.raises(RunflowError, match="make one AsyncRunflow in each event loop"):
            second(work)
    assert len(sent) == 1


def test_of_two_event_loops_at_once_one_is_refused_and_none_hangs(mock: MockRunflow) -> None:
    client = async_client(mock)
    errors: list[Exception] = []
    both = threading.Barrier(2, timeout=10.0)

    async def many() -> None:
        both.wait()
        await asyncio.gather(*(client.run(MODEL, INPUT) for _ in range(10)))
        await client.close()

    def in_a_loop() -> None:
        try:
            asyncio.run(many())
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=in_a_loop) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20.0)
        assert not thread.is_alive(), "it hangs"
    assert [type(error) for error in errors] == [RunflowError]
    assert len(mock.runs) == 10


# One colour.


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
def test_an_http_client_of_the_other_colour_is_refused(kind: Any) -> None:
    other: Any = httpx.AsyncClient() if kind is Runflow else httpx.Client()
    with pytest.raises(InvalidArgument, match=r"http_client is \w*Client, and \w+ needs an httpx"):
        kind("rf_live_x", http_client=other)


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
@pytest.mark.parametrize(
    "other", ["http://proxy", 7, object(), httpx, httpx.Client, httpx.AsyncClient]
)
def test_what_is_no_http_client_is_refused(kind: Any, other: object) -> None:
    with pytest.raises(
        InvalidArgument, match=r"http_client is (of|the) \w+ \w+: expected an httpx"
    ):
        kind("rf_live_x", http_client=other)


def test_a_closed_http_client_is_refused() -> None:
    http = httpx.Client()
    http.close()
    with pytest.raises(InvalidArgument, match="closed already"):
        Runflow("rf_live_x", http_client=http)


# One end.


def test_after_close_a_client_refuses_to_send(mock: MockRunflow) -> None:
    client = sync_client(mock)
    run = client.run(MODEL, INPUT)
    client.close()
    client.close()
    before = len(mock.requests)
    uses: list[Callable[[], object]] = [
        client.account.balance,
        lambda: client.run(MODEL, INPUT),
        lambda: client.assets.upload(b"\x89PNG\r\n\x1a\n"),
        run.outputs[0].read,
        lambda: list(client.runs.list()),
    ]
    for use in uses:
        with pytest.raises(RunflowError, match="this client is closed"):
            use()
    assert len(mock.requests) == before


def test_after_close_an_asynchronous_client_refuses_to_send(mock: MockRunflow) -> None:
    async def scenario() -> None:
        client = async_client(mock)
        await client.close()
        await client.close()
        with pytest.raises(RunflowError, match="this client is closed"):
            await client.account.balance()

    asyncio.run(scenario())
    assert mock.requests == []


def test_an_http_client_that_its_owner_closed_is_reported(mock: MockRunflow) -> None:
    http = httpx.Client()
    client = sync_client(mock, http_client=http)
    http.close()
    with pytest.raises(RunflowError, match="http_client was closed"):
        client.account.balance()


# One process.


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_in_a_child_only_an_unused_http_client_of_the_callers_can_be_used(
    mock: MockRunflow,
) -> None:
    with httpx.Client() as http:
        client = sync_client(mock, http_client=http)
        assert in_a_child(client.account.balance) == "100"
        assert client.account.balance() == Decimal(100)
        told = in_a_child(client.account.balance)
        assert told.startswith("RunflowError: http_client was used before this process was forked")
        assert client.account.balance() == Decimal(100)


def test_a_client_that_is_gone_leaves_nothing_behind() -> None:
    with Runflow("rf_live_x", base_url=NOTHING_LISTENS) as client:
        gone = weakref.ref(client)
    del client
    assert is_gone(gone)


# Copies and pickles.


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_share_the_client(mock: MockRunflow, copied: Callable[[Any], Any]) -> None:
    with sync_client(mock) as client:
        assert copied(client) is client
        run = copied(client.run(MODEL, INPUT))
        assert run.outputs[0].read()[:4] == b"\x89PNG"
        handle = copied(client.runs.attach(run.id))
        assert handle.wait().status == "succeeded"
        assert copied({"held": client})["held"].account.balance() is not None


def test_a_client_and_what_needs_one_are_not_pickled(mock: MockRunflow) -> None:
    with sync_client(mock) as client:
        with pytest.raises(RunflowError, match="a client cannot be pickled: make one in each"):
            pickle.dumps(client)
        with pytest.raises(RunflowError, match=r"a handle cannot be pickled, .*: keep its id"):
            pickle.dumps(client.runs.attach(client.run(MODEL, INPUT).id))


@pytest.mark.parametrize("part", ["api", "account", "assets", "callbacks", "models"])
def test_a_part_of_a_client_is_copied_and_not_pickled(mock: MockRunflow, part: str) -> None:
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        found = getattr(client, part)
        with pytest.raises(RunflowError, match="the parts of a client"):
            pickle.dumps(found)
        copied = copy.deepcopy(client.account)
        assert copied.balance() == client.account.balance()
        assert type(copy.deepcopy(found)) is type(found)


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow, PublicCatalog, AsyncPublicCatalog])
def test_clients_of_every_kind_are_shared_by_their_copies_and_not_pickled(kind: Any) -> None:
    client = kind() if "Catalog" in kind.__name__ else kind("rf_live_x")
    assert copy.copy(client) is client
    assert copy.deepcopy([client]) == [client]
    with pytest.raises(RunflowError, match=r"a (client|public catalog) cannot be pickled: make"):
        pickle.dumps(client)


def test_a_pickled_run_says_what_it_lacks(mock: MockRunflow) -> None:
    with sync_client(mock) as client:
        run = pickle.loads(pickle.dumps(client.run(MODEL, INPUT)))
        assert run.status == "succeeded"
        with pytest.raises(RunflowError, match=r"client\.runs\.get\(run\.id\)"):
            run.outputs[0].read()


# Hooks.


def read_it(response: httpx.Response) -> None:
    response.read()


def read_and_raise(response: httpx.Response) -> None:
    response.read()
    response.raise_for_status()


def raise_at_once(response: httpx.Response) -> None:
    response.raise_for_status()


def take_it(response: httpx.Response) -> None:
    for _ in response.iter_raw():
        """Keep nothing."""


def fail(response: httpx.Response) -> None:
    raise KeyError("no such tenant")


@contextmanager
def hooked(mock: MockRunflow, hook: Callable[[httpx.Response], None]) -> Generator[Runflow]:
    with httpx.Client(event_hooks={"response": [hook]}, timeout=5.0) as http:
        yield sync_client(mock, http_client=http, retries=RetryPolicy(attempts=1))


@pytest.mark.parametrize("hook", [read_it, read_and_raise, raise_at_once])
def test_hooks_may_read_bodies_and_raise_for_a_status(
    mock: MockRunflow, hook: Callable[[httpx.Response], None]
) -> None:
    with hooked(mock, hook) as client:
        run = client.run(MODEL, INPUT)
        assert run.status == "succeeded"
        assert run.outputs[0].read()[:4] == b"\x89PNG"
        with pytest.raises(NotFound):
            client.runs.get("0198c0de-0000-7000-8000-000000000000")


def test_asynchronous_hooks_may_too(mock: MockRunflow) -> None:
    async def read(response: httpx.Response) -> None:
        await response.aread()

    async def scenario() -> None:
        http = httpx.AsyncClient(event_hooks={"response": [read]}, timeout=5.0)
        async with http, async_client(mock, http_client=http) as client:
            run = await client.run(MODEL, INPUT)
            assert (await run.outputs[0].read())[:4] == b"\x89PNG"

    asyncio.run(scenario())


def test_a_hook_that_keeps_the_body_for_itself_is_named(mock: MockRunflow) -> None:
    with (
        hooked(mock, take_it) as client,
        pytest.raises(UnreadableAnswer, match=r"a hook of http_client .* response\.read\(\)"),
    ):
        client.account.balance()


def test_what_a_hook_raises_is_an_error_of_this_client(mock: MockRunflow) -> None:
    with (
        hooked(mock, fail) as client,
        pytest.raises(SendFailed, match="the HTTP client raised KeyError") as caught,
    ):
        client.account.balance()
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_body_that_a_hook_has_read_keeps_its_refusal() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403, json={"code": "X", "message": "not you"})

    http = httpx.Client(
        transport=httpx.MockTransport(answer), event_hooks={"response": [read_and_raise]}
    )
    with pytest.raises(PermissionDenied, match="X: not you"):
        Runflow("rf_live_x", http_client=http).account.balance()


# Interruptions.


class Queued:
    """Creates runs that never end."""

    def __init__(self) -> None:
        self.created: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        run_id = f"0198c0de-0000-7000-8000-{len(self.created):012}"
        if request.method == "POST":
            self.created.append(run_id)
            ref = json.loads(request.content)["client_ref"]
            return httpx.Response(
                201, json={"id": run_id, "status_code": "queued", "client_ref": ref}
            )
        return httpx.Response(
            200, json={"id": request.url.path.rpartition("/")[2], "status_code": "running"}
        )

    async def wait_for(self, runs: int) -> None:
        """Let the other tasks go on until so many runs are waited for."""
        while len(self.created) < runs:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)


def test_what_gather_raises_after_a_cancellation_names_every_run() -> None:
    server = Queued()

    async def scenario() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(server)) as http:
            client = AsyncRunflow("rf_live_x", http_client=http)
            waits = asyncio.gather(*(client.run("a/b", {}) for _ in range(3)))
            await server.wait_for(3)
            waits.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await waits
        notes = " ".join(caught.value.__notes__)
        assert [run_id in notes for run_id in server.created] == [True] * 3

    asyncio.run(scenario())


def test_the_runs_of_a_task_group_that_is_cancelled_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = Queued()

    async def group(client: AsyncRunflow) -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(client.run("a/b", {}))

    async def scenario() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(server)) as http:
            task = asyncio.create_task(group(AsyncRunflow("rf_live_x", http_client=http)))
            await server.wait_for(3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with caplog.at_level("INFO", logger="runflow_client"):
        asyncio.run(scenario())
    logged = [f"Run {run_id} continues" in caplog.text for run_id in server.created]
    assert logged == [True] * 3


async def in_a_task_group(client: AsyncRunflow, server: Queued, more: Callable[[], Any]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(client.run("a/b", {}))
        await server.wait_for(3)
        more()


async def in_a_group_of_anyio(
    client: AsyncRunflow, server: Queued, more: Callable[[], Any]
) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(client.run, "a/b", {})
        await server.wait_for(3)
        more()


async def in_a_gather(client: AsyncRunflow, server: Queued, more: Callable[[], Any]) -> None:
    async def last() -> None:
        await server.wait_for(3)
        more()

    await asyncio.gather(*(client.run("a/b", {}) for _ in range(3)), last())


def raise_own() -> None:
    raise ValueError("of the caller")


def cancel() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    ("together", "interrupt", "raised"),
    [
        (in_a_task_group, raise_own, ExceptionGroup),
        (in_a_task_group, cancel, asyncio.CancelledError),
        (in_a_task_group, press_ctrl_c, KeyboardInterrupt),
        (in_a_group_of_anyio, raise_own, ExceptionGroup),
        (in_a_group_of_anyio, cancel, asyncio.CancelledError),
        (in_a_group_of_anyio, press_ctrl_c, KeyboardInterrupt),
        (in_a_gather, press_ctrl_c, KeyboardInterrupt),
    ],
)
def test_what_leaves_the_client_names_every_run_that_was_interrupted(
    together: Callable[..., Any], interrupt: Callable[[], object], raised: type[BaseException]
) -> None:
    server = Queued()

    async def scenario() -> None:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(server)) as http,
            AsyncRunflow("rf_live_x", http_client=http) as client,
        ):
            await together(client, server, interrupt)

    with pytest.raises(raised) as caught:
        asyncio.run(scenario())
    # what a traceback shows: asyncio raises KeyboardInterrupt out of the CancelledError
    shown = "".join(traceback.format_exception(caught.value))
    for run_id in server.created:
        assert f"client.runs.attach('{run_id}').wait() waits for it again" in shown


def test_an_interruption_of_long_ago_is_not_named_again() -> None:
    server, moment = Queued(), [0.0]

    class Clock(AsyncSystemClock):
        def now(self) -> float:
            return moment[0]

    async def scenario() -> None:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(server)) as http,
            AsyncRunflow("rf_live_x", http_client=http, clock=Clock()) as client,
        ):
            task = asyncio.create_task(client.run("a/b", {}))
            await server.wait_for(1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            moment[0] += 60.0
            raise_own()

    with pytest.raises(ValueError, match="of the caller") as caught:
        asyncio.run(scenario())
    assert getattr(caught.value, "__notes__", []) == []
