"""Schedule, rows, files, money and the state file do what a few lines of Python say, at random."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from runflow_mock import AcceleratedClock, RealClock, Settings, SteppedClock
from runflow_mock.state.clock import STEPPED_START, Clock
from runflow_mock.state.files import Files
from runflow_mock.state.ledger import Ledger, LedgerEntry
from runflow_mock.state.schedule import Schedule
from runflow_mock.state.state import State
from runflow_mock.state.state_file import StateFile
from runflow_mock.state.tables import Table

SEEDS = range(5)
IDS = [f"0190AAAA-0000-7000-8000-00000000000{number}".lower() for number in range(4)] + [
    "plain",
    "1",
]


class Changes(list[tuple[str, str]]):
    """A listener that keeps what it is told."""

    def changed(self, table: str, identifier: str) -> None:
        """Keep it."""
        self.append((table, identifier))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_due_is_done_once_in_the_order_of_its_instants(seed: int) -> None:
    draw, schedule, changes = Random(seed), Schedule(), list[int]()
    assert (schedule.next_due(), len(schedule), schedule.run_due(STEPPED_START)) == (None, 0, 0)
    schedule.at(STEPPED_START, lambda instant: None)
    assert schedule.run_due(STEPPED_START) == 1
    schedule.on_change = lambda: changes.append(len(schedule))
    waiting: list[tuple[datetime, int]] = []
    done: list[tuple[datetime, int]] = []
    added = 0

    def add(at: datetime) -> None:
        nonlocal added
        entry = (at, added)
        added += 1

        def act(instant: datetime) -> None:
            assert instant == at
            done.append(entry)
            waiting.remove(entry)
            if draw.random() < 0.4:  # what is due at once, and what is due later
                add(at + timedelta(seconds=draw.choice((0, 1, 3))))

        waiting.append(entry)
        schedule.at(at, act)

    now = STEPPED_START
    for _ in range(40):
        for _ in range(draw.randint(0, 3)):
            add(now + timedelta(seconds=draw.randint(-2, 4)))
        assert schedule.next_due() == min(waiting, default=(None, 0))[0]
        before = len(done)
        count = schedule.run_due(now)
        assert (count, len(schedule)) == (len(done) - before, len(waiting))
        assert all(at > now for at, _ in waiting)
        # What is added meanwhile for an earlier instant comes as soon as it can.
        fresh = done[before:]
        assert fresh == sorted(fresh)
        now += timedelta(seconds=draw.choice((0, 1, 2)))
    assert len(changes) == added
    assert min(changes) >= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_are_kept_by_their_ids_in_the_order_of_their_creation(seed: int) -> None:
    draw, changes, expected = Random(seed), Changes(), dict[str, dict[str, Any]]()
    table, told = Table("rows", changes), list[tuple[str, str]]()
    for number in range(80):
        identifier = draw.choice(IDS)
        if draw.random() < 0.6:
            row = {"id": identifier, "kind": draw.choice((None, False, 0, "")), "number": number}
            assert table.put(row) is row
            expected[identifier] = row
            told.append(("rows", identifier))
        else:
            table.delete(identifier)
            told += [("rows", identifier)] if expected.pop(identifier, None) else []
        assert list(table) == list(expected.values())
        assert len(table) == len(expected)
        assert changes == told
        for one in IDS:
            assert table.get(one) is expected.get(one)
            # A UUID is the same in capitals; no other text is.
            assert table.get(one.upper()) is (
                expected.get(one) if len(one) > 6 or one == "1" else None
            )
        for value in (None, False, "", "other"):
            found = [row for row in expected.values() if row["kind"] == value]
            assert table.where(kind=value) == found
            assert table.where(kind=value, number=number) == [
                row for row in found if row["number"] == number
            ]
        assert table.where() == list(expected.values())
    row = Table("quiet").put({"id": 7})
    assert row == {"id": 7}


@pytest.mark.parametrize("seed", SEEDS)
def test_files_are_kept_by_their_ids(seed: int) -> None:
    draw, changes, expected = Random(seed), Changes(), dict[str, bytes]()
    files, told = Files(changes), list[tuple[str, str]]()
    for _ in range(40):
        identifier, content = draw.choice(IDS), draw.choice((b"", b"\0", b"abc"))
        if draw.random() < 0.6:
            files.put(identifier, content)
            expected[identifier] = content
            told.append(("files", identifier))
        else:
            files.delete(identifier)
            told += [("files", identifier)] if expected.pop(identifier, None) is not None else []
        assert {one: files.get(one) for one in IDS} == {one: expected.get(one) for one in IDS}
        assert list(files) == list(expected)
        assert changes == told
    quiet = Files()
    quiet.put("a", b"")
    quiet.delete("a")
    assert quiet.get("a") is None


def entry_of(run: str, organization: str, amount: Decimal) -> LedgerEntry:
    return LedgerEntry(run, "acme/own", amount, organization, "2026-01-01T00:00:00Z")


@pytest.mark.parametrize("seed", SEEDS)
def test_money_is_held_back_released_and_billed_once(seed: int) -> None:
    draw, ledger = Random(seed), Ledger(Decimal(5))
    held: dict[str, tuple[str, Decimal]] = {}
    billed: list[LedgerEntry] = []
    for _ in range(120):
        run, amount = f"run {draw.randint(0, 30)}", Decimal(draw.randint(0, 30)) / 100
        organization = draw.choice(("a", "b"))
        act = draw.choice(("hold", "release", "bill", "bill"))
        known = {one.run_id for one in billed}
        if act == "hold":
            ledger.hold(organization, run, amount)
            held[run] = organization, amount
        elif act == "release":
            ledger.release(run)
            held.pop(run, None)
        elif run in known:
            with pytest.raises(RuntimeError, match=f"run {run} would be billed twice"):
                ledger.bill(entry_of(run, organization, amount))
            held.pop(run, None)
        else:
            ledger.bill(entry_of(run, organization, amount))
            billed.append(entry_of(run, organization, amount))
            held.pop(run, None)
        assert ledger.entries == billed
        for name in ("a", "b"):
            account = ledger.account(name)
            assert account.held == sum(amount for one, amount in held.values() if one == name)
            paid = sum(one.amount for one in billed if one.organization_id == name)
            assert account.balance == Decimal(5) - paid
    again = Ledger(Decimal(5))
    for one in billed:
        again.restore(one)
        with pytest.raises(RuntimeError):
            again.bill(one)
    assert again.entries == billed
    assert dict(again.accounts) == {}


def rooms(path: Path, clock: Any) -> Iterator[tuple[State, StateFile]]:
    """Yield the state of a server on that file, again and again."""
    while True:
        state = State(clock(), Settings(seed=1, opening_balance="7"), "http://mock")
        file = StateFile(path)
        file.read_into(state)
        yield state, file
        file.close()


def seen(state: State) -> dict[str, Any]:
    """Return everything that a state must keep."""
    return {
        "rows": {table.name: list(table) for table in state.tables},
        "files": {identifier: state.files.get(identifier) for identifier in state.files},
        "entries": state.ledger.entries,
        "accounts": {
            name: (one.balance, one.low_balance_threshold, one.changed_at)
            for name, one in state.ledger.accounts.items()
        },
        "keys": [key.describe() for key in state.keys],
        "count": state.identifiers.count,
    }


def change(state: State, draw: Random, number: int) -> None:
    """Change something of a state."""
    table, identifier = draw.choice(state.tables), draw.choice(IDS)
    account = state.ledger.account(draw.choice(("a", "b")))
    changes: tuple[Any, ...] = (
        lambda: table.put(
            {"id": identifier, "none": None, "no": False, "n": number, "ü": "\ud800"}
        ),
        lambda: table.put({"id": identifier, "n": number, "list": [0, ""]}),
        lambda: table.delete(identifier),
        lambda: state.files.put(identifier, draw.choice((b"", b"\0\xff"))),
        lambda: state.files.delete(identifier),
        lambda: setattr(account, "balance", Decimal(number) / 1000),
        lambda: setattr(account, "low_balance_threshold", Decimal(number - 20)),
        lambda: setattr(account, "changed_at", state.now()),
        lambda: state.ledger.bill(entry_of(f"run {number}", "a", Decimal("0.10"))),
        lambda: state.keys.add(f"key {number}", scopes=draw.choice((None, [], ["b", "a"]))),
        lambda: state.keys.add(f"key {number % 3}", organizations=draw.choice((None, [], IDS[:2]))),
        lambda: state.keys.add(f"key {number}", balance="0.5"),
        lambda: state.keys.remove(draw.choice([key.key for key in state.keys] or [""])),
        lambda: state.identifiers.new(state.now()),
    )
    draw.choice(changes)()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("clock", [SteppedClock, RealClock])
def test_a_file_gives_back_everything_that_was_written(
    seed: int, clock: Any, tmp_path: Path
) -> None:
    draw, number, kept = Random(seed), 0, dict[str, Any]()
    now = STEPPED_START
    lives = rooms(tmp_path / "state.sqlite", clock)
    for life in range(7):
        state, file = next(lives)
        if life:
            assert seen(state) == kept
            assert clock is RealClock or state.now() == now
        if life == 6:
            break
        for _ in range(draw.randint(0, 12)):
            number += 1
            if isinstance(state.clock, SteppedClock):
                state.clock.advance(draw.choice((0, 0.5, 100)))
            change(state, draw, number)
            if draw.random() < 0.5:
                file.write(state)
        file.write(state)
        kept, now = seen(state), state.now()


def test_tables_are_kept_by_the_names_that_earlier_files_have(tmp_path: Path) -> None:
    state, _ = next(rooms(tmp_path / "state.sqlite", SteppedClock))
    tables = {name: one for name, one in vars(state).items() if isinstance(one, Table)}
    assert {name: one.name for name, one in tables.items()} == {name: name for name in tables}
    assert state.tables == tuple(tables.values())
    assert set(tables) >= {"runs", "deliveries", "secrets", "replays", "batches", "uploads"}
    assert set(tables) >= {"assets", "evaluations", "webhooks", "webhook_deliveries"}
    assert "webhook_attempts" in tables


def test_what_was_not_written_is_not_there_and_nothing_is_written_twice(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    lives = rooms(path, SteppedClock)
    state, file = next(lives)
    state.runs.put({"id": "written"})
    file.write(state)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    file.write(state)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before
    state.runs.put({"id": "lost"})
    state, _ = next(lives)
    assert [row["id"] for row in state.runs] == ["written"]


def test_a_row_that_cannot_be_written_keeps_no_other_from_being_written_later(
    tmp_path: Path,
) -> None:
    lives = rooms(tmp_path / "state.sqlite", SteppedClock)
    state, file = next(lives)
    state.runs.put({"id": "first"})
    file.write(state)
    state.runs.put({"id": "second"})
    state.files.put("a file", b"")
    state.runs.put({"id": "third", "what": object()})
    state.ledger.bill(entry_of("a run", "a", Decimal(1)))
    with pytest.raises(TypeError):
        file.write(state)
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as other:
        assert other.execute("SELECT id FROM rows").fetchall() == [("first",)]
        assert other.execute("SELECT id FROM files").fetchall() == []
        assert other.execute("SELECT run_id FROM ledger").fetchall() == []
    state.runs.put({"id": "third", "what": None})
    file.write(state)
    again, _ = next(lives)
    assert seen(again) == seen(state)


def test_a_file_of_one_clock_is_read_on_another(tmp_path: Path) -> None:
    clocks: tuple[Callable[[], Clock], ...] = (RealClock, SteppedClock, AcceleratedClock, ahead)
    for number, (clock, other) in enumerate(product(clocks, clocks)):
        path = tmp_path / f"{number}.sqlite"
        state, file = next(rooms(path, clock))
        state.keys.remove(next(iter(state.keys)).key)
        state.keys.add("other")
        before = state.now()
        file.write(state)
        file.close()
        made = other().now()
        again, _ = next(rooms(path, other))
        assert [key.key for key in again.keys] == ["other"]
        # Time continues from where it was, and never back; that of the machine is as it is.
        began = made if other is RealClock else max(made, before)
        assert timedelta(0) <= again.now() - began < timedelta(hours=2)


def ahead() -> AcceleratedClock:
    """Return a clock that is years ahead of the machine's."""
    return AcceleratedClock(2.0, start=datetime(2040, 1, 1, tzinfo=UTC))


def test_a_clock_that_runs_by_itself_is_no_change_to_write(tmp_path: Path) -> None:
    state, file = next(rooms(tmp_path / "state.sqlite", ahead))
    state.runs.put({"id": "a"})
    file.write(state)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    file.write(state)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before
