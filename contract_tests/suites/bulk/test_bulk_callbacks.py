"""A callback ends the wait of its item; one that is lost, forged or of another run changes
nothing.
"""

import asyncio
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_client import AsyncRunflow, InvalidArgument, Runflow, bulk
from runflow_client.callbacks import Receiver, Wakeup
from runflow_client.callbacks.asgi import CallbackApp
from runflow_client.callbacks.inbox import Inbox
from runflow_mock import MockRunflow, SteppedClock

from ..callbacks.deliveries import encode, event_of, signed
from ..callbacks.servers import serve_asgi
from .test_bulk_runs import items, make

LONGER_THAN_A_RUN = 3600.0
KEYS = ("a", "b", "c", "d", "e")
HANGS = 60
"""Seconds; only what hangs takes so long."""

Collect = Callable[[bulk.BulkRun], list[bulk.ItemResult]]


class StillClock:
    """A clock that stands still, so that only a callback ends a wait, until it is let go."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self.is_still = True

    def now(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        due = self._seconds + seconds
        while self._seconds < due:
            await asyncio.sleep(0.01)
            if not self.is_still:
                self._seconds += 0.1


def each(started: bulk.BulkRun) -> list[bulk.ItemResult]:
    return list(started)


def each_awaited(started: bulk.BulkRun) -> list[bulk.ItemResult]:
    async def collect() -> list[bulk.ItemResult]:
        return [result async for result in started]

    return asyncio.run(collect())


@pytest.fixture(params=[each, each_awaited], ids=["for", "async for"])
def collect(request: Any) -> Collect:
    chosen: Collect = request.param
    return chosen


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(SteppedClock()) as running:
        yield running


@contextmanager
def receiving(mock: MockRunflow, inbox: Inbox, *, here: bool = True) -> Generator[Wakeup]:
    """Serve a receiver that stores in the inbox. One that is not here knows only the inbox."""
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        secret = client.callbacks.secrets.create("test").plain_secret
    wakeup = Wakeup("http://replaced.test")
    receiver = Receiver(secret, wakeup.store(inbox.put) if here else inbox.put)
    with serve_asgi(CallbackApp(receiver)) as wakeup.url:
        yield wakeup


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    opened = Inbox(tmp_path / "inbox.sqlite")
    yield opened
    opened.close()


@contextmanager
def working(
    mock: MockRunflow, folder: Path, wakeup: Wakeup, collect: Collect
) -> Generator[tuple[StillClock, Callable[[], list[bulk.ItemResult]]]]:
    """Make a bulk run in a thread; all its runs are under way when the block begins."""
    clock = StillClock()

    def client() -> AsyncRunflow:
        return AsyncRunflow(mock.api_key, base_url=mock.base_url, clock=clock)

    started = make(mock, folder, items(*KEYS), client=client, clock=clock, callback=wakeup)
    with ThreadPoolExecutor(1) as pool:
        results = pool.submit(collect, started)
        until(lambda: len(mock.runs) == len(KEYS) or results.done())
        try:
            yield clock, lambda: results.result(HANGS)
        finally:
            started.stop()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < deadline, "it hangs"
        time.sleep(0.01)


def reads(mock: MockRunflow) -> list[str]:
    paths = (one.raw_path for one in mock.requests if one.method == "GET")
    return [path for path in paths if path.startswith("/v1/runs")]


def assert_done(mock: MockRunflow, results: list[bulk.ItemResult]) -> None:
    assert sorted((one.key, one.status, one.cost) for one in results) == [
        (key, "done", Decimal("0.15")) for key in KEYS
    ]
    assert len(mock.runs) == len(mock.ledger) == len(KEYS)


def test_a_callback_ends_the_wait_and_each_run_is_read_once(
    mock: MockRunflow, inbox: Inbox, tmp_path: Path, collect: Collect
) -> None:
    with (
        receiving(mock, inbox) as wakeup,
        working(mock, tmp_path, wakeup, collect) as (_, results),
    ):
        mock.advance(LONGER_THAN_A_RUN)
        assert_done(mock, results())
    assert sorted(reads(mock)) == sorted(f"/v1/runs/{run['id']}" for run in mock.runs)
    assert inbox.counts().waiting == len(KEYS), "they are stored, too"


def test_an_inbox_that_a_receiver_elsewhere_fills_does_the_same(
    mock: MockRunflow, inbox: Inbox, tmp_path: Path, collect: Collect
) -> None:
    with (
        receiving(mock, inbox, here=False) as wakeup,
        inbox.working(wakeup.deliver, poll=0.05),
        working(mock, tmp_path, wakeup, collect) as (_, results),
    ):
        mock.advance(LONGER_THAN_A_RUN)
        assert_done(mock, results())
    assert len(reads(mock)) == len(KEYS)


def test_a_callback_that_is_lost_loses_nothing(
    mock: MockRunflow, inbox: Inbox, tmp_path: Path, collect: Collect
) -> None:
    mock.fail_next("*", fault="lost_callback", count=None)
    with (
        receiving(mock, inbox) as wakeup,
        working(mock, tmp_path, wakeup, collect) as (clock, results),
    ):
        mock.advance(LONGER_THAN_A_RUN)
        mock.settle()
        clock.is_still = False
        assert_done(mock, results())


def test_forged_and_foreign_callbacks_change_nothing(
    mock: MockRunflow, inbox: Inbox, tmp_path: Path, collect: Collect
) -> None:
    with (
        receiving(mock, inbox) as wakeup,
        working(mock, tmp_path, wakeup, collect) as (_, results),
    ):
        mine = str(mock.runs[0]["id"])
        forged = encode(run_id=mine, event="run.failed", status="failed")
        answer = httpx.post(wakeup.url, content=forged, headers=signed(forged, "whsec_another"))
        assert answer.status_code == 401
        wakeup.deliver(event_of(encode()))  # of a run that is not of this bulk run
        assert reads(mock) == []
        wakeup.deliver(event_of(forged))  # what it says is not taken for true
        until(lambda: reads(mock) == [f"/v1/runs/{mine}"])
        mock.advance(LONGER_THAN_A_RUN)
        assert_done(mock, results())


def test_what_is_no_wakeup_is_refused(mock: MockRunflow, tmp_path: Path, inbox: Inbox) -> None:
    for given in (inbox, "https://me.test"):
        with pytest.raises(InvalidArgument, match="callback is"):
            make(mock, tmp_path, items("a"), callback=given)
