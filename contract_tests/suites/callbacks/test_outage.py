"""The receiver was away: one call makes the inbox whole again, end to end on the mock server."""

import os
import socket
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from runflow_client import InvalidArgument, NotFound, Runflow
from runflow_client.callbacks import CallbackEvent, Receiver
from runflow_client.callbacks.asgi import CallbackApp
from runflow_client.callbacks.inbox import Inbox
from runflow_mock import MockRunflow, SteppedClock
from runflow_mock.state.settings import Settings

from .colours import MockTime, callbacks_of
from .deliveries import encode, event_of
from .servers import HOST, PATH, under_uvicorn

MODEL = "google/nano-banana-pro"
INPUT = {"prompt": "a cathedral"}
DONE = 60.0
"""Seconds in which a run ends, and its callback is retried for the last time."""


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(clock=SteppedClock(), settings=Settings(opening_balance="1000")) as server:
        yield server


@pytest.fixture
def client(mock: MockRunflow) -> Iterator[Runflow]:
    with Runflow(mock.api_key, base_url=mock.base_url, clock=MockTime(mock)) as client:
        yield client


@pytest.fixture(params=["sync", "async"])
def callbacks(request: pytest.FixtureRequest, mock: MockRunflow) -> Iterator[Any]:
    with callbacks_of(mock, request.param) as callbacks:
        yield callbacks


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    inbox = Inbox(tmp_path / "inbox.sqlite3")
    yield inbox
    inbox.close()


class Place:
    """A place where a receiver can be up or down: while it is down, connections are refused."""

    def __init__(self, reserved: socket.socket) -> None:
        self.address: tuple[str, int] = reserved.getsockname()
        self.url = f"http://{HOST}:{self.address[1]}{PATH}"

    @contextmanager
    def receiver(self, inbox: Inbox, secret: str) -> Generator[None, None, None]:
        """A receiver is up."""
        with _socket() as listener:
            listener.bind(self.address)
            with under_uvicorn(CallbackApp(Receiver(secret, inbox.put)), listener):
                yield


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # one socket holds the port, another may listen
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return made


@pytest.fixture
def place() -> Iterator[Place]:
    with _socket() as reserved:
        reserved.bind((HOST, 0))
        yield Place(reserved)


def run_all(client: Runflow, mock: MockRunflow, url: str, count: int) -> list[str]:
    """Create so many runs and let them end, callbacks and retries too."""
    ids = [client.submit(MODEL, INPUT, callback_url=url).id for _ in range(count)]
    for _ in range(12):
        mock.advance(DONE / 12)
        mock.settle()
    return [str(run_id) for run_id in ids]


@pytest.mark.skipif(os.name == "nt", reason="SO_REUSEPORT")
def test_five_hundred_runs_and_a_receiver_that_is_down_for_a_third_of_them(
    mock: MockRunflow, client: Runflow, callbacks: Any, inbox: Inbox, place: Place
) -> None:
    secret = callbacks.secrets.create("receiver").plain_secret
    began = mock.clock.now()
    with place.receiver(inbox, secret):
        ids = run_all(client, mock, place.url, 167)
    lost = run_all(client, mock, place.url, 167)
    with ExitStack() as stack:
        stack.enter_context(place.receiver(inbox, secret))
        ids += run_all(client, mock, place.url, 166)
        assert inbox.counts().waiting == 333

        found = callbacks.reconcile(inbox.put, created_after=began - timedelta(seconds=1))
        assert sorted(event.subject_id for event in found) == sorted(lost)
        assert callbacks.reconcile(inbox.put, created_after=began - timedelta(seconds=1)) == []

        handled: Counter[str | None] = Counter()
        while inbox.work_once(lambda event: handled.update([event.subject_id])):
            pass
        assert handled == Counter(ids + lost)

        again = callbacks.redeliver(lost[0])
        mock.settle()
        assert str(again.run_id) == lost[0]
        automatic, manual = callbacks.deliveries(lost[0])
        assert (automatic.is_automatic, automatic.status_code, automatic.attempt_count) == (
            True,
            "failed",
            3,
        )
        assert [attempt.status_code for attempt in automatic.attempts] == [None, None, None]
        assert (manual.is_automatic, manual.status_code) == (False, "succeeded")
        assert manual.attempts[0].response_body == "stored before"
        assert inbox.work_once(lambda event: None) is None


def test_a_reconciled_event_is_that_of_the_callback(
    mock: MockRunflow, client: Runflow, callbacks: Any
) -> None:
    for outcome in ("succeeded", "partial_succeeded", "failed", "canceled", "cancelled"):
        mock.next_outcome(outcome)
        client.submit(
            MODEL,
            INPUT,
            callback_url="http://127.0.0.1:9/",
            metadata={"order": outcome},
            client_ref="same",
        )
    mock.advance(DONE)
    mock.settle()
    stored: dict[str | None, CallbackEvent] = {}

    def put(event: CallbackEvent, body: bytes) -> None:
        assert event_of(body) == attrs.evolve(event, request_id="req_1")
        stored[event.subject_id] = event

    callbacks.reconcile(put, client_ref="same")
    told = [event_of(delivery["payload_bytes"].encode()) for delivery in mock.deliveries]
    assert len(told) == len(stored) == 5
    for event in told:
        found = stored[event.subject_id]
        assert type(found) is type(event)
        assert found.deduplication_key == event.deduplication_key
        ours, theirs = (
            attrs.asdict(
                one,
                filter=lambda field, value: (
                    field.name not in ("request_id", "payload", "status", "event")
                ),
            )
            for one in (found, event)
        )
        assert ours == theirs


def test_only_runs_that_ended_and_call_back_here_are_searched(
    mock: MockRunflow, client: Runflow, callbacks: Any
) -> None:
    mock.next_outcome("never")
    here, elsewhere = "http://127.0.0.1:9/here", "http://127.0.0.1:9/elsewhere"
    client.submit(MODEL, INPUT, callback_url=here)
    client.submit(MODEL, INPUT)
    old = client.submit(MODEL, INPUT, callback_url=here)
    mock.advance(DONE)
    middle = mock.clock.now()
    mock.advance(DONE)
    wanted = client.submit(MODEL, INPUT, callback_url=here)
    client.submit(MODEL, INPUT, callback_url=elsewhere)
    mock.advance(DONE)
    seen: list[str | None] = []

    def put(event: CallbackEvent, body: bytes) -> None:
        seen.append(event.subject_id)

    callbacks.reconcile(put, created_after=middle, callback_url=here)
    assert seen == [str(wanted.id)]
    seen.clear()
    callbacks.reconcile(put, created_after=middle - timedelta(days=1), callback_url=here)
    assert seen == [str(wanted.id), str(old.id)]
    seen.clear()
    callbacks.reconcile(put, created_after=middle)
    assert len(seen) == 2


def test_a_page_that_is_old_ends_the_search(
    mock: MockRunflow, client: Runflow, callbacks: Any
) -> None:
    for _ in range(3):
        client.submit(MODEL, INPUT, callback_url="http://127.0.0.1:9/")
        mock.advance(DONE)
    before = len(mock.requests)
    assert callbacks.reconcile(lambda event, body: True, created_after=mock.clock.now()) == []
    assert len(mock.requests) - before == 1


@pytest.mark.parametrize(
    "search",
    [{}, {"created_after": datetime(2026, 1, 1)}, {"client_ref": "it's"}, {"client_ref": ""}],
)
def test_a_search_without_limits_is_refused(callbacks: Any, search: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        callbacks.reconcile(lambda event, body: True, **search)


def test_a_run_that_is_not_there_cannot_be_delivered_again(callbacks: Any) -> None:
    missing = "0198c0de-0000-7000-8000-000000000000"
    for ask in (
        callbacks.redeliver,
        callbacks.deliveries,
        callbacks.redeliver_batch,
        callbacks.batch_deliveries,
    ):
        with pytest.raises(NotFound, match=missing):
            ask(missing)
        with pytest.raises(InvalidArgument):
            ask("nonsense")


def test_the_deliveries_of_a_batch(mock: MockRunflow, client: Runflow, callbacks: Any) -> None:
    mock.models.add("acme/template", batches=True)
    batch = client.batches.create(
        "acme/template", [INPUT, INPUT], callback_url="http://127.0.0.1:9/"
    )
    mock.advance(DONE)
    mock.settle()
    batch_id = str(batch.refresh().id)
    again = callbacks.redeliver_batch(batch_id)
    assert str(again.batch_id) == batch_id
    assert [delivery.is_automatic for delivery in callbacks.batch_deliveries(batch_id)] == [
        True,
        False,
    ]


def test_what_a_coroutine_function_would_keep_is_not_reconciled(
    mock: MockRunflow, client: Runflow, callbacks: Any
) -> None:
    client.submit(MODEL, INPUT, callback_url="http://127.0.0.1:9/", client_ref="one")
    mock.advance(DONE)
    refusal = "put (returned an awaitable|is a coroutine function)"
    with pytest.raises((TypeError, InvalidArgument), match=refusal):
        callbacks.reconcile(keep_later, client_ref="one")
    assert len(callbacks.reconcile(lambda event, body: True, client_ref="one")) == 1


async def keep_later(event: CallbackEvent, body: bytes) -> bool:
    """Keeps the event, if only somebody awaited it."""
    return True


def test_what_is_reconciled_and_what_comes_late_are_one_event(inbox: Inbox) -> None:
    late = encode(event="run.completed", run_id="r1", created_at="2026-05-06T10:00:00+00:00")
    early = encode(event="run.completed", run_id="r1", created_at="2026-05-06T10:00:00Z")
    assert inbox.put(event_of(early), early)
    assert not inbox.put(event_of(late), late)
