"""A server that is restarted under a living client: its ids are its own, unless a seed says so."""

import asyncio
import logging
import re
import socket
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_client import Runflow
from runflow_mock import MockRunflow, RealClock, Settings, SteppedClock, Timings
from runflow_mock.server.service import Service, listen
from runflow_mock.state.keys import DEFAULT_ORGANIZATION
from runflow_mock.state.state import State
from runflow_mock.state.state_file import StateFile

MODEL = "google/nano-banana-pro"
HANGS = 30.0
"""Seconds that only what hangs takes."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def create_run(client: Runflow, client_ref: str | None = None) -> str:
    return client.submit(MODEL, {"prompt": "x"}, client_ref=client_ref).id


def create_batch(client: Runflow, client_ref: str | None = None) -> str:
    return client.batches.create("runflow/tag-removal", [{"image_url": "https://a.test/1.png"}]).id


def create_evaluation(client: Runflow, client_ref: str | None = None) -> str:
    return client.evaluations.submit("https://a.test/1.png", "edit").id


def create_secret(client: Runflow, client_ref: str | None = None) -> str:
    return client.callbacks.secrets.create().plain_secret


def test_a_callers_own_client_ref_outlives_a_restart() -> None:
    port = free_port()
    with Runflow("rf_live_x", base_url=f"http://127.0.0.1:{port}") as client:
        ids: list[str] = []
        for _ in range(3):
            with MockRunflow(SteppedClock(), port=port) as mock:
                mock.keys.add("rf_live_x")
                ids += [create_run(client, "order-7"), create_run(client, "order-7")]
        assert len(set(ids)) == 6


@pytest.mark.parametrize("create", [create_run, create_batch, create_evaluation, create_secret])
@pytest.mark.parametrize(("seed", "differ"), [(None, True), (7, False)])
def test_each_start_has_ids_of_its_own_unless_a_seed_is_given(
    create: Callable[[Runflow], str], seed: int | None, differ: bool
) -> None:
    ids: list[str] = []
    for _ in range(2):
        mock = MockRunflow(SteppedClock(), settings=Settings(seed=seed))
        with mock, mock.client() as client:
            ids.append(create(client))
    assert (ids[0] != ids[1]) == differ


def test_a_server_stops_in_the_moment_in_which_something_is_planned() -> None:
    async def main() -> None:
        service = Service(listen("127.0.0.1", 0), RealClock(), Settings())
        await service.start()
        state = service.simulation.state
        later = state.now() + timedelta(hours=1)
        state.schedule.at(later, lambda instant: None)
        for _ in range(10):  # until the server waits for that
            await asyncio.sleep(0)
        state.schedule.at(later, lambda instant: None)
        async with asyncio.timeout(HANGS):
            await asyncio.create_task(service.stop())

    asyncio.run(main())


@pytest.mark.parametrize("problem", [RuntimeError("broken"), OSError("broken")])
def test_what_fails_when_it_is_due_is_told_and_the_rest_is_done(
    problem: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(instant: object) -> None:
        raise problem

    async def main() -> None:
        service = Service(listen("127.0.0.1", 0), SteppedClock(), Settings())
        await service.start()
        state, done = service.simulation.state, asyncio.Event()
        for _ in range(10):  # until the server waits for something to be planned
            await asyncio.sleep(0)
        state.schedule.at(state.now(), fails)
        state.schedule.at(state.now(), lambda instant: done.set())
        try:
            async with asyncio.timeout(HANGS):
                await done.wait()
        finally:
            await service.stop()

    with caplog.at_level(logging.ERROR, "runflow_mock"):
        asyncio.run(main())
    [told] = caplog.records
    assert told.getMessage() == "the mock server could not do what was due"
    assert told.exc_info is not None
    assert told.exc_info[1] is problem


def test_what_is_due_is_written_as_soon_as_it_is_done(tmp_path: Path) -> None:
    """A server that is killed then has lost nothing of it."""
    file = tmp_path / "state.sqlite"

    def kept() -> list[tuple[str]]:
        with closing(sqlite3.connect(file)) as other:
            return other.execute("SELECT id FROM rows").fetchall()

    async def main() -> None:
        service = Service(listen("127.0.0.1", 0), SteppedClock(), Settings(state_file=file))
        await service.start()
        state = service.simulation.state

        def act(instant: object) -> None:
            state.secrets.put({"id": "due"})

        state.schedule.at(state.now(), act)
        try:
            async with asyncio.timeout(HANGS):
                while kept() != [("due",)]:
                    await asyncio.sleep(0)
        finally:
            await service.stop()

    asyncio.run(main())


def test_a_port_can_be_taken_again_at_once_and_no_answer_is_held_back() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
        assert listener.proto == socket.IPPROTO_TCP  # asyncio looks at it before it sets NODELAY


def test_what_nobody_asked_for_is_in_the_state_file_after_a_stop(tmp_path: Path) -> None:
    settings = Settings(state_file=tmp_path / "state.sqlite", seed=0)
    with MockRunflow(SteppedClock(), settings=settings) as mock:
        mock.keys.add("rf_live_kept", scopes=["runs:read"])
        mock.balance = "7.50"
    state = State(SteppedClock(), settings, "http://mock")
    file = StateFile(tmp_path / "state.sqlite")
    file.read_into(state)
    file.close()
    assert [one.key for one in state.keys if one.scopes] == ["rf_live_kept"]
    assert state.ledger.account(DEFAULT_ORGANIZATION).balance == Decimal("7.50")


def is_free(port: int) -> bool:
    """Return whether no socket holds the port."""
    with socket.socket() as other:
        return other.connect_ex(("127.0.0.1", port)) != 0 and _binds(port)


def _binds(port: int) -> bool:
    with socket.socket() as other:
        try:
            other.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def servers() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "runflow-mock"]


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"document": Path("nowhere.json")}, FileNotFoundError),
        ({"public_url": "ftp://mock.example"}, ValueError),
        ({"public_url": "https://"}, ValueError),
        ({"state_file": Path("nowhere") / "state.sqlite"}, Exception),
    ],
)
def test_a_start_that_fails_leaves_nothing_behind(
    settings: dict[str, Any], kind: type[Exception]
) -> None:
    port = free_port()
    mock = MockRunflow(SteppedClock(), port=port, settings=Settings(**settings))
    with pytest.raises(kind) as failed:
        mock.start()
    assert (is_free(port), servers()) == (True, [])
    with pytest.raises(RuntimeError, match="does not run"):
        mock.base_url  # noqa: B018 # it is read
    with pytest.raises(kind) as again:
        mock.start()
    assert str(again.value) == str(failed.value)
    mock.stop()


def test_a_stop_leaves_nothing_behind_and_a_port_that_is_taken_is_told() -> None:
    port = free_port()
    mock = MockRunflow(SteppedClock(), port=port)
    for _ in range(2):
        assert mock.start() is mock
        with pytest.raises(RuntimeError, match="is running already"):
            mock.start()
        with pytest.raises(OSError, match="in use"):
            MockRunflow(SteppedClock(), port=port).start()
        # Who forgets to stop it can end all the same.
        assert [one.daemon for one in servers()] == [True]
        mock.stop()
        mock.stop()
        assert (is_free(port), servers()) == (True, [])


ANYTHING: Any = object()
WRONG: dict[str, tuple[Callable[[MockRunflow], object], str]] = {
    "clock": (lambda _: MockRunflow(ANYTHING), "TypeError clock is <object: expected one such as"),
    "settings": (
        lambda _: MockRunflow(settings=ANYTHING),
        "TypeError settings is <object: expected one such as Settings(strict=True)",
    ),
    "timings": (
        lambda mock: mock.set_timings(ANYTHING),
        "TypeError timings is <object: expected one such as Timings(running=2.0)",
    ),
    "timings of a model": (lambda mock: mock.set_timings(Timings(), "a/b"), "ValueError "),
    "timings of no model": (lambda mock: mock.set_timings(Timings(), ""), "ValueError "),
    "an outcome of no model": (lambda mock: mock.next_outcome("failed", model=""), "ValueError "),
    "a port": (lambda _: MockRunflow(port=-1).start(), "ValueError there is no port -1"),
    "a run": (lambda mock: mock.cancel("x"), "KeyError 'x'"),
    "an outcome": (lambda mock: mock.next_outcome("happy"), "ValueError there is no outcome"),
    "an outcome of a model": (lambda mock: mock.next_outcome("failed", model="a/b"), "ValueError "),
    "a certificate": (
        lambda mock: mock.ca_certificate,
        "RuntimeError the mock server speaks http: start it with Settings(tls=True)",
    ),
    "a status of a fault": (
        lambda mock: mock.fail_next("get_run", fault="null", status=500),
        "ValueError the fault 'null' does not take a status: plan one of the two",
    ),
    "no status of a fault": (lambda mock: mock.fail_next("get_run", status=0), "ValueError "),
    "no path": (lambda mock: mock.fail_next("get_run", ""), "ValueError "),
    "an operation": (lambda mock: mock.fail_next("get_rum"), "ValueError the document has no"),
    "the server's own thread": (
        lambda mock: mock._call(lambda _: mock.runs),
        "RuntimeError the mock server's own thread cannot wait for itself",
    ),
}


@pytest.mark.parametrize("empty", [0, "", False, {}, ()])
def test_what_is_empty_is_neither_a_clock_nor_settings_nor_timings(empty: Any) -> None:
    with MockRunflow(SteppedClock()) as mock:
        for name, use in (
            ("clock", lambda: MockRunflow(empty)),
            ("settings", lambda: MockRunflow(settings=empty)),
            ("timings", lambda: mock.set_timings(empty)),
        ):
            with pytest.raises(TypeError, match=f"^{name} is {re.escape(repr(empty))}: "):
                use()


@pytest.mark.parametrize("amount", ["much", "NaN", "Infinity", Decimal("-Infinity"), ""])
def test_a_balance_that_is_no_amount_is_refused(amount: Decimal | str) -> None:
    with MockRunflow(SteppedClock()) as mock:
        with pytest.raises(ValueError, match="expected US dollars") as caught:
            mock.balance = amount
        assert str(caught.value).startswith(f"balance is {amount!r}: ")
        assert mock.balance == 100


def test_what_is_used_wrongly_is_told_and_changes_nothing() -> None:
    with MockRunflow(SteppedClock()) as mock:
        for name, (use, said) in WRONG.items():
            with pytest.raises(Exception) as caught:  # noqa: PT011 # its text is compared
                use(mock)
            text = f"{type(caught.value).__name__} {caught.value}".replace("<object object at", "<")
            assert text.partition(" 0x")[0].startswith(said.partition("object")[0]), name
            assert said.rpartition(": ")[2] in text, name
        assert (mock.balance, list(mock.faults), mock.unused) == (Decimal(100), [], [])


@pytest.mark.parametrize("is_daemon", [False, True])
def test_any_thread_but_the_servers_own_may_call_it(mock: MockRunflow, is_daemon: bool) -> None:
    found: list[object] = []

    def call() -> None:
        mock.balance = "7"
        found.append(mock.balance)

    thread = threading.Thread(target=call, daemon=is_daemon)
    thread.start()
    thread.join()
    assert found == [Decimal(7)] == [mock.balance]


def test_what_was_left_can_be_read_after_a_stop() -> None:
    mock = MockRunflow(SteppedClock(), settings=Settings(opening_balance=Decimal(0)))
    assert mock.unused == []
    with mock:
        mock.balance = "7.50"
        assert mock.balance == Decimal("7.50")
        mock.fail_next("get_run", status=503)
        planned = mock.fail_next("get", "/v1/runs", fault="html", status=504, count=None)
        assert (planned.status, planned.count) == (504, None)
        mock.next_outcome("failed", failure_code="C", count=2)
        left = mock.unused
    assert left == mock.unused
    assert [one.partition(" for ")[0] for one in left] == [
        "fault 'status'",
        "fault 'html'",
        "outcome 'failed'",
    ]
    with mock:
        assert (mock.unused, mock.balance) == ([], Decimal(0))
    assert mock.unused == []


def test_clients_skip_their_pauses_only_where_the_clock_jumps() -> None:
    for clock, jumps in ((SteppedClock(), False), (SteppedClock(idle=10_000.0), True)):
        with MockRunflow(clock) as mock:
            url = {"RUNFLOW_SKIP_WAITS_AT": mock.base_url} if jumps else {}
            key = {"RUNFLOW_BASE_URL": mock.base_url, "RUNFLOW_API_KEY": mock.api_key}
            assert mock.environment == {**key, **url}
            with mock.client() as client, mock.client(api_key="rf_live_other") as other:
                assert client.account.balance() == 100
                with pytest.raises(Exception, match="401"):
                    other.account.balance()
            assert httpx.get(f"{mock.base_url}/v1/health").status_code == 200
