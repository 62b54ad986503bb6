"""A callback wakes the wait for its run; a slow poll underneath finds it when the callback never
comes.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from runflow_client import AsyncRun, AsyncRunflow, RunFailed, WaitTimeout
from runflow_client.callbacks import CallbackEvent, Receiver, Wakeup
from runflow_client.callbacks._receiver import Done, submit_of, submitted_by
from runflow_client.callbacks._wakeup import MAX_EARLY_EVENTS
from runflow_client.callbacks.asgi import CallbackApp
from runflow_mock import MockRunflow, SteppedClock

from .deliveries import encode, event_of
from .servers import serve_asgi

MODEL = "google/nano-banana-pro"
LONGER_THAN_A_RUN = 3600.0


class HeldTime:
    """A clock on which nothing passes until `let_pass` is called: a nap lasts until then, and with
    `always` no other does.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.napping = asyncio.Event()
        self._passed = asyncio.Event()
        self._always = False

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.napping.set()
        await self._passed.wait()
        if not self._always:
            self._passed.clear()
        self.seconds += seconds

    def let_pass(self, *, always: bool = False) -> None:
        self._always = always
        self._passed.set()


Stored = list[CallbackEvent]
Meanwhile = Callable[[MockRunflow, HeldTime], object]


def run_with_callback(
    mock: MockRunflow, meanwhile: Meanwhile, timeout: float | None = None
) -> tuple[AsyncRun, Stored]:
    """Run a model while a receiver listens in this process; `meanwhile` is called once the wait has
    begun.
    """
    stored: Stored = []

    async def scenario() -> AsyncRun:
        time = HeldTime()
        async with AsyncRunflow(mock.api_key, base_url=mock.base_url, clock=time) as client:
            secret = await client.callbacks.secrets.create("test")
            wakeup = Wakeup("http://replaced.test")
            receiver = Receiver(
                secret.plain_secret, wakeup.store(lambda event, body: stored.append(event))
            )
            with serve_asgi(CallbackApp(receiver)) as url:
                wakeup.url = url
                run = asyncio.create_task(
                    client.run(MODEL, {"prompt": "x"}, callback=wakeup, timeout=timeout)
                )
                await time.napping.wait()
                await asyncio.to_thread(meanwhile, mock, time)
                return await run

    return asyncio.run(scenario()), stored


def polls(mock: MockRunflow) -> int:
    return sum(
        request.method == "GET" and request.raw_path.startswith("/v1/runs")
        for request in mock.requests
    )


def test_the_callback_ends_the_wait_and_no_poll_is_sent() -> None:
    with MockRunflow(clock=SteppedClock()) as mock:
        run, stored = run_with_callback(mock, lambda mock, time: mock.advance(LONGER_THAN_A_RUN))
        assert run.status == "succeeded"
        assert len(run.outputs) == 1
        assert run.completed_at is not None
        assert polls(mock) == 0
        assert [event.subject_id for event in stored] == [run.id]


def test_a_failed_run_raises_with_the_reason_in_the_callback() -> None:
    with MockRunflow(clock=SteppedClock()) as mock:
        mock.next_outcome("failed", failure_code="CONTENT_POLICY", failure_message="no")
        with pytest.raises(RunFailed) as caught:
            run_with_callback(mock, lambda mock, time: mock.advance(LONGER_THAN_A_RUN))
        assert caught.value.run.status == "failed"
        assert polls(mock) == 0


def test_a_callback_that_never_comes_is_found_by_the_poll_underneath() -> None:
    def lose_it(mock: MockRunflow, time: HeldTime) -> None:
        mock.fail_next("*", fault="lost_callback")
        mock.advance(LONGER_THAN_A_RUN)
        mock.settle()
        time.let_pass()

    with MockRunflow(clock=SteppedClock()) as mock:
        run, stored = run_with_callback(mock, lose_it)
        assert run.status == "succeeded"
        assert stored == []
        assert polls(mock) == 1


def test_an_event_without_a_status_lets_the_run_be_read_at_once() -> None:
    with MockRunflow(clock=SteppedClock()) as mock:
        seen: list[str | None] = []

        async def scenario() -> AsyncRun:
            time, wakeup = HeldTime(), Wakeup("http://127.0.0.1:9/")
            async with AsyncRunflow(mock.api_key, base_url=mock.base_url, clock=time) as client:

                def see(run: AsyncRun) -> None:
                    seen.append(run.status)

                run = asyncio.create_task(
                    client.run(MODEL, {"prompt": "x"}, callback=wakeup, on_update=see)
                )
                await time.napping.wait()
                await asyncio.to_thread(mock.advance, LONGER_THAN_A_RUN)
                (made,) = mock.runs
                wakeup.deliver(
                    event_of(encode(run_id=str(made["id"]), event="run.noticed", status=None))
                )
                async with asyncio.timeout(60):
                    return await run

        assert asyncio.run(scenario()).cost is not None
        assert seen == ["queued", "succeeded"]
        assert polls(mock) == 1


def test_the_deadline_holds_although_no_callback_comes() -> None:
    def go_on(mock: MockRunflow, time: HeldTime) -> None:
        mock.advance(1)  # the run goes on, and has not ended
        time.let_pass(always=True)

    with MockRunflow(clock=SteppedClock()) as mock:
        with pytest.raises(WaitTimeout) as caught:
            run_with_callback(mock, go_on, timeout=10)
        assert polls(mock) == 1, "shortly before"
        assert caught.value.run.status == "dispatching", "what was seen last"


def test_an_event_that_came_before_anybody_listened_is_kept_a_while() -> None:
    wakeup = Wakeup("https://me.test")
    events = [event_of(encode(run_id=f"run-{number}")) for number in range(MAX_EARLY_EVENTS + 1)]
    for event in events:
        wakeup.deliver(event)
    assert wakeup.listen("run-0", lambda event: None) is None
    assert wakeup.listen("run-1", lambda event: None) == events[1]
    assert "me.test" in repr(wakeup)
    two = [event_of(encode("new", name, status=None)) for name in ("run.noticed", "run.failed")]
    for event in two:
        wakeup.deliver(event)
    assert wakeup.listen("new", lambda event: None) == two[1], "the newest one counts"


def test_an_event_from_another_thread_wakes() -> None:
    wakeup = Wakeup("https://me.test")
    heard: list[CallbackEvent] = []
    listener = heard.append
    assert wakeup.listen("run-1", listener) is None
    event = event_of(encode(run_id="run-1"))
    thread = threading.Thread(target=wakeup.deliver, args=[event])
    thread.start()
    thread.join()
    assert heard == [event]
    wakeup.forget("run-1", listener)
    wakeup.deliver(event)
    assert heard == [event]


class AnyLoopTime:
    """A clock on which nothing passes, under any event loop."""

    def __init__(self) -> None:
        self.napping = anyio.Event()

    def now(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.napping.set()
        await anyio.sleep_forever()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_callback_ends_the_wait_under_every_event_loop(backend: str) -> None:
    with MockRunflow(clock=SteppedClock()) as mock:

        async def scenario() -> str | None:
            time, wakeup = AnyLoopTime(), Wakeup("http://replaced.test")
            statuses: list[str | None] = []
            async with AsyncRunflow(mock.api_key, base_url=mock.base_url, clock=time) as client:
                secret = await client.callbacks.secrets.create("test")
                receiver = Receiver(secret.plain_secret, wakeup.store())

                async def run() -> None:
                    run = await client.run(MODEL, {"prompt": "x"}, callback=wakeup, timeout=None)
                    assert run.model_name == MODEL
                    statuses.append(run.status)

                with serve_asgi(CallbackApp(receiver)) as url:
                    wakeup.url = url
                    with anyio.fail_after(60):
                        async with anyio.create_task_group() as group:
                            group.start_soon(run)
                            await time.napping.wait()
                            await anyio.to_thread.run_sync(mock.advance, LONGER_THAN_A_RUN)
            return statuses[0]

        assert anyio.run(scenario, backend=backend) == "succeeded"
        assert polls(mock) == 0


def test_an_event_wakes_every_wait_for_its_subject_and_no_other() -> None:
    wakeup = Wakeup("https://me.test")
    first, second, other = list[CallbackEvent](), list[CallbackEvent](), list[CallbackEvent]()
    listeners = [heard.append for heard in (first, second, other)]
    for run_id, listener in zip(("run-1", "run-1", "run-2"), listeners, strict=True):
        assert wakeup.listen(run_id, listener) is None
    event = event_of(encode(run_id="run-1"))
    wakeup.deliver(event)
    assert (first, second, other) == ([event], [event], [])
    wakeup.forget("run-1", listeners[0])
    wakeup.deliver(event)
    assert (first, second) == ([event], [event, event])
    wakeup.forget("run-1", listeners[1])
    wakeup.forget("run-1", listeners[1])
    wakeup.forget("never listened", listeners[1])
    wakeup.deliver(event)
    assert wakeup.listen("run-1", listeners[0]) == event


def test_a_wait_that_cannot_be_woken_does_not_hide_that_the_event_is_stored(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stored: list[CallbackEvent] = []
    heard: list[CallbackEvent] = []
    wakeup = Wakeup("https://me.test")
    loop = asyncio.new_event_loop()
    loop.close()

    def fail(event: CallbackEvent) -> None:
        raise ValueError("no use")

    wakeup.listen("run-1", lambda event: loop.call_soon_threadsafe(print))
    wakeup.listen("run-1", fail)
    wakeup.listen("run-1", heard.append)
    store = wakeup.store(lambda event, body: stored.append(event))
    event = event_of(encode(run_id="run-1"))
    store(event, encode(run_id="run-1"))
    assert stored == heard == [event]
    assert "a wait for run-1 was not woken" in caplog.text
    assert "Event loop is closed" in caplog.text
    assert "no use" in caplog.text


def test_threads_may_deliver_and_listen_at_once() -> None:
    wakeup = Wakeup("https://me.test")
    ids = [f"run-{number}" for number in range(500)]
    events = {run_id: event_of(encode(run_id=run_id)) for run_id in ids}
    heard: dict[str, list[CallbackEvent]] = {run_id: [] for run_id in ids}

    def listen(run_id: str) -> None:
        early = wakeup.listen(run_id, heard[run_id].append)
        if early is not None:
            heard[run_id].append(early)

    with ThreadPoolExecutor(8) as pool:
        for run_id in ids:
            pool.submit(listen, run_id)
            pool.submit(wakeup.deliver, events[run_id])
    assert heard == {run_id: [events[run_id]] for run_id in ids}


def test_a_wakeup_holds_nothing_of_waits_that_are_over() -> None:
    wakeup = Wakeup("https://me.test/callbacks")

    def held() -> dict[str, int]:
        return {name: len(one) for name, one in vars(wakeup).items() if isinstance(one, dict)}

    nothing = held()
    wakeup.deliver(event_of(b'{"event": "balance.low"}'))
    assert held() == nothing, "an event of no run is kept for no wait"

    def first(event: CallbackEvent) -> None:
        """Wake the first."""

    def second(event: CallbackEvent) -> None:
        """Wake the second."""

    for number in range(3):
        assert wakeup.listen(f"run-{number}", first) is None
        assert wakeup.listen(f"run-{number}", second) is None
        wakeup.forget(f"run-{number}", first)
        wakeup.forget(f"run-{number}", first)
        assert held() != nothing, "the second waits"
        wakeup.forget(f"run-{number}", second)
        wakeup.forget(f"run-{number}", second)
    assert held() == nothing
    event = event_of(encode("run-1"))
    wakeup.deliver(event)
    assert wakeup.listen("run-1", first) == event
    assert held() == nothing
    assert wakeup.listen("run-1", first) is None
    wakeup.deliver(event)
    wakeup.forget("run-1", first)
    assert held() == nothing, "what was heard is kept"


def test_a_wait_that_ends_when_it_is_woken_hides_the_event_from_no_other() -> None:
    wakeup, heard = Wakeup("https://me.test"), list[CallbackEvent]()

    def once(event: CallbackEvent) -> None:
        wakeup.forget("run-1", once)

    for listener in (once, heard.append):
        assert wakeup.listen("run-1", listener) is None
    event = event_of(encode("run-1"))
    wakeup.deliver(event)
    assert heard == [event]


class Storing:
    """A store that returns or raises this, at once or when it is submitted."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.stored: list[tuple[CallbackEvent, bytes]] = []

    @submitted_by("submit")
    def put(self, event: CallbackEvent, body: bytes) -> Any:
        self.stored.append((event, body))
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def submit(self, event: CallbackEvent, body: bytes, done: Done) -> None:
        self.stored.append((event, body))
        done(self.result)


@pytest.mark.parametrize("result", [True, False, OSError("full")], ids=repr)
@pytest.mark.parametrize("submitted", [False, True], ids=["called", "submitted"])
def test_a_wait_ends_when_the_event_is_stored_and_not_where_it_is_not(
    result: bool | Exception, submitted: bool
) -> None:
    steps: list[object] = []
    wakeup, storing = Wakeup("https://me.test"), Storing(result)
    event, body = event_of(encode(run_id="run-1")), encode(run_id="run-1")
    wakeup.listen("run-1", lambda event: steps.append("woken"))
    store = wakeup.store(storing.put)
    if submitted:
        submit = submit_of(store)
        assert submit is not None
        submit(event, body, steps.append)
    else:
        try:
            steps.append(store(event, body))
        except OSError as error:
            steps.append(error)
    assert storing.stored == [(event, body)]
    assert steps == ([result] if isinstance(result, Exception) else ["woken", result])


def test_only_a_store_that_can_be_submitted_to_is() -> None:
    wakeup = Wakeup("https://me.test")
    for then in (None, lambda event, body: True, Storing(True).submit, Storing.put):
        assert submit_of(wakeup.store(then)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("submitted", [False, True], ids=["called", "submitted"])
def test_a_wait_that_exits_hides_from_no_caller_what_was_stored(submitted: bool) -> None:
    def leave(event: CallbackEvent) -> None:
        raise SystemExit

    told: list[object] = []
    wakeup = Wakeup("https://me.test")
    wakeup.listen("run-1", leave)
    store = wakeup.store(Storing(True).put)
    event, body = event_of(encode(run_id="run-1")), encode(run_id="run-1")
    submit = submit_of(store)
    assert submit is not None
    with pytest.raises(SystemExit):
        submit(event, body, told.append) if submitted else store(event, body)
    assert told == [True] * submitted
