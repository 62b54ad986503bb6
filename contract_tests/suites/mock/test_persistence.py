"""State in a file: a server that is started again continues where it stopped."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from runflow_mock import MockRunflow, Settings, SteppedClock
from runflow_mock.state.state import State
from runflow_mock.state.state_file import StateFile

from .calling import RUN_SECONDS, create_run, error_of, get_run
from .receiver import Receiver


def running(path: Path, port: int = 0) -> MockRunflow:
    return MockRunflow(SteppedClock(), port=port, settings=Settings(state_file=path))


def client_of(mock: MockRunflow) -> httpx.Client:
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    return httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False)


def test_everything_continues_after_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    file = tmp_path / "state.sqlite"
    wanted = {"input": {"prompt": "x"}, "callback_url": receiver.url}
    key = {"Idempotency-Key": "k"}
    with running(file) as mock, client_of(mock) as api:
        port = int(mock.base_url.rpartition(":")[2])
        done = create_run(api)["id"]
        mock.advance(RUN_SECONDS)
        api.post("/v1/callback-secrets", json={})
        mock.keys.add("rf_live_poor", balance="0.01")
        lived = api.post("/v1/models/google/nano-banana-pro/runs", json=wanted, headers=key).json()[
            "id"
        ]
        mock.advance(2.5)
        wanted_file = {"filename": "a", "mime_type": "image/png", "size_bytes": 1}
        session, late = (api.post("/v1/asset-uploads", json=wanted_file).json() for _ in range(2))
        httpx.put(session["upload_url"], content=b"x")
        deleted = api.post("/v1/webhooks", json={"url": receiver.url}).json()["id"]
        api.delete(f"/v1/webhooks/{deleted}")
        before = [get_run(api, done), get_run(api, lived)]
        balance = mock.balance
    with running(file, port) as mock, client_of(mock) as api:
        assert [get_run(api, done), get_run(api, lived)] == before
        assert before[1]["status_code"] == "running"
        assert mock.balance == balance
        assert (
            api.post("/v1/models/google/nano-banana-pro/runs", json=wanted, headers=key).json()[
                "id"
            ]
            == lived
        )
        poor = {"Authorization": "Bearer rf_live_poor"}
        error_of(api.post("/v1/models/google/nano-banana-pro/runs", json=wanted, headers=poor), 402)
        made = api.post(f"/v1/asset-uploads/{session['asset_id']}/confirmations")
        assert (made.status_code, httpx.get(made.json()["url"]).content) == (201, b"x")
        # URLs that the server has given before are good until they expire.
        assert httpx.get(before[0]["output"]["outputs"][0]["url"]).status_code == 200
        assert httpx.put(late["upload_url"], content=b"x").status_code == 200
        assert api.get("/v1/webhooks").json()["items"] == []
        mock.advance(3.5)
        mock.settle()
        assert get_run(api, lived)["completed_at"] == "2026-01-01T00:00:12Z"
        assert [entry.run_id for entry in mock.ledger] == [done, lived]
        assert mock.balance == balance - Decimal("0.15")
        assert receiver.received[0].headers["runflow-signature"]
        assert create_run(api)["id"] not in (done, lived)


def test_everything_is_written_before_it_is_answered(tmp_path: Path) -> None:
    """A server that is killed then has lost nothing that a client knows of."""
    file = tmp_path / "state.sqlite"

    def kept() -> Iterator[tuple[str, ...]]:
        with closing(sqlite3.connect(file)) as other:
            for table in ("rows", "files", "ledger", "facts"):
                yield from other.execute(f"SELECT * FROM {table}")

    with running(file) as mock, client_of(mock) as api:
        session = {"filename": "a", "mime_type": "image/png", "size_bytes": 1}
        url = api.post("/v1/asset-uploads", json=session).json()["upload_url"]
        storage = httpx.Client(trust_env=False)
        before = list(kept())
        with storage:
            answers: tuple[Callable[[], httpx.Response], ...] = (
                lambda: api.post("/v1/callback-secrets", json={}),
                lambda: storage.put(url, content=b"x", headers={"Content-Type": "image/png"}),
                lambda: api.post("/_mock/balance", json={"balance": "7"}),
                lambda: api.post("/_mock/page/advance", data={"seconds": "1.5"}),
            )
            for answer in answers:
                assert answer().status_code < 400
                after = list(kept())
                assert after != before
                before = after


def test_a_retry_that_was_due_is_made_after_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    file = tmp_path / "state.sqlite"
    receiver.answers = [500]
    with running(file) as mock, client_of(mock) as api:
        create_run(api, callback_url=receiver.url)
        mock.advance(RUN_SECONDS)
        mock.settle()
    assert len(receiver.received) == 1
    with running(file) as mock:
        mock.advance(1)
        mock.settle()
        assert len(receiver.received) == 2
        assert [attempt["status_code"] for attempt in mock.deliveries[0]["attempts"]] == [500, 200]


def test_ids_continue_after_a_restart(tmp_path: Path) -> None:
    ids: list[str] = []
    for _ in range(2):
        with running(tmp_path / "state.sqlite") as mock, client_of(mock) as api:
            ids.append(create_run(api)["id"])
    assert ids == sorted(set(ids))


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, " * 100, encoding="utf-8")
    with pytest.raises(ValueError, match=r"notes\.txt is not a state file"):
        running(file).start()
    assert file.read_text(encoding="utf-8").startswith("not a database")


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ("CREATE TABLE files (name TEXT)", "it has other tables"),
        ("CREATE TABLE notes (id TEXT, content BLOB)", "it has other tables"),
        (
            "CREATE TABLE rows (a); CREATE TABLE files (a); CREATE TABLE ledger (a);"
            "CREATE TABLE facts (a)",
            "no such column: kind",
        ),
    ],
)
def test_a_database_of_something_else_is_refused_and_left_alone(
    made: str, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "app.sqlite"
    with closing(sqlite3.connect(file)) as other:
        other.executescript(made)
        before = [*other.iterdump()]
    with pytest.raises(ValueError, match=rf"app\.sqlite is not a state file .*: {says}"):
        running(file).start()
    with closing(sqlite3.connect(file)) as other:
        assert [*other.iterdump()] == before


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        ("INSERT INTO rows VALUES ('runs', 'x', '{')", "JSONDecodeError"),
        ("INSERT INTO rows VALUES ('runs', 'x', '[]')", "TypeError"),
        ("INSERT INTO rows VALUES ('runs', 'x', '{}')", "KeyError.'id'"),
        ("""INSERT INTO ledger VALUES ('x', '{"amount": "much"}')""", "InvalidOperation"),
        ("""INSERT INTO ledger VALUES ('x', '{"amount": "1", "more": 1}')""", "TypeError.*'more'"),
        ("INSERT INTO ledger VALUES ('x', '7')", "AttributeError"),
        ("UPDATE facts SET body = '{}'", "KeyError.'identifiers'"),
        ("UPDATE facts SET body = '[]'", "TypeError"),
    ],
)
def test_a_state_file_that_was_spoiled_is_refused_by_its_name(
    spoiled: str, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "state.sqlite"
    state = State(SteppedClock(), Settings(), "http://mock")
    written = StateFile(file)
    written.read_into(state)
    written.write(state)
    written.close()
    with closing(sqlite3.connect(file)) as other:
        other.execute(spoiled)
        other.commit()
    again = StateFile(file)
    with pytest.raises(ValueError, match=rf"state\.sqlite is not a state file of .*: {says}"):
        again.read_into(State(SteppedClock(), Settings(), "http://mock"))
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        again.write(state)


@pytest.mark.parametrize("table", ["runs", "deliveries", "evaluations", "webhook_deliveries"])
def test_rows_of_another_version_are_refused_by_the_name_of_the_file(
    table: str, tmp_path: Path
) -> None:
    file = tmp_path / "state.sqlite"
    written = StateFile(file)
    written.close()
    with closing(sqlite3.connect(file)) as other:
        other.execute("INSERT INTO rows VALUES (?, 'x', ?)", (table, '{"id": "x"}'))
        other.commit()
    with pytest.raises(ValueError, match=r"state\.sqlite is not a state file of runflow-mock: Key"):
        running(file).start()


def test_a_place_without_a_folder_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"the state file .*absent.*state\.sqlite cannot be opened: unable to open"
    ):
        running(tmp_path / "absent" / "state.sqlite").start()


def test_a_late_callback_is_as_late_after_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    file = tmp_path / "state.sqlite"
    with running(file) as mock, client_of(mock) as api:
        mock.fail_next("*", fault="late_callback", delay=30.0)
        run = create_run(api, callback_url=receiver.url)["id"]
        mock.advance(RUN_SECONDS)
        mock.settle()
        [delivery] = api.get(f"/v1/runs/{run}/callback").json()
        assert delivery["next_attempt_at"] == "2026-01-01T00:00:36Z"
    with running(file) as mock:
        counts: list[int] = []
        for seconds in (29, 1):
            mock.advance(seconds)
            mock.settle()
            counts.append(len(receiver.received))
    assert counts == [0, 1]


def test_the_balance_is_never_negative_across_restarts(tmp_path: Path) -> None:
    """What unfinished runs hold back is held back after a restart, too."""
    file = tmp_path / "state.sqlite"
    created, refused = 0, False
    for restart in range(6):
        with running(file) as mock, client_of(mock) as api:
            if not restart:
                mock.balance = "1.00"
            for _ in range(4):
                answer = api.post(
                    "/v1/models/google/nano-banana-pro/runs", json={"input": {"prompt": "x"}}
                )
                refused = refused or answer.status_code == 402
                created += answer.status_code == 201
            assert mock.balance >= 0
            mock.advance(RUN_SECONDS / 3)
            assert mock.balance >= 0
    assert refused
    with running(file) as mock:
        mock.advance(RUN_SECONDS)
        assert created == 6
        assert len(mock.ledger) == 6
        assert mock.balance == Decimal("0.10")


def test_a_price_that_rises_meanwhile_costs_no_more_than_was_held_back(
    tmp_path: Path,
) -> None:
    file = tmp_path / "state.sqlite"
    with running(file) as mock, client_of(mock) as api:
        mock.balance = "0.50"
        mock.models.add("acme/own", price="0.40")
        create_run(api, "acme/own")
        mock.models.add("acme/own", price="4.00")
        mock.advance(RUN_SECONDS)
        assert mock.balance == Decimal("0.10")
    with running(file) as mock, client_of(mock) as api:
        mock.models.add("acme/own", price="0.10")
        create_run(api, "acme/own")
    with running(file) as mock:
        mock.advance(RUN_SECONDS)
        assert mock.balance == 0
