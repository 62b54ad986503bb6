"""Each connection to SQLite waits for others as long as it should, and is closed by name, whatever
is done with a journal and how it ends.
"""

import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_client import AsyncRunflow, InvalidArgument, bulk

from .test_refusals import JOURNALS

MODEL: Final = "google/nano-banana-pro"


class Noted(sqlite3.Connection):
    """Notes that it is closed, and what it was made with."""

    is_closed = False
    place = ""
    patience: float | None = None
    """Seconds for which it waits for others."""

    def close(self) -> None:
        """Close it."""
        self.is_closed = True
        super().close()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Noted]:
    """The connections that are made from now on."""
    found: list[Noted] = []
    connect = sqlite3.connect

    def noted(*given: Any, **options: Any) -> Noted:
        connection = connect(*given, **{**options, "factory": Noted})
        assert isinstance(connection, Noted)
        connection.place = str(given[0]).rpartition("/")[2]
        connection.patience = options.get("timeout")
        found.append(connection)
        return connection

    monkeypatch.setattr(sqlite3, "connect", noted)
    return found


def _open(path: Path) -> None:
    bulk.Journal.open(path, model=MODEL).close()


def _look(path: Path) -> None:
    with bulk.Journal.read(path) as journal:
        journal.is_in_use()
        list(journal.entries())
        bulk.export(journal, io.BytesIO(), "csv")


def _items(broken: bool) -> Iterator[bulk.Item]:
    yield bulk.Item("", {"prompt": "x"})
    if broken:
        raise ValueError("no more")


def _loop(path: Path, **options: Any) -> bulk.BulkRun:
    return bulk.run(
        MODEL,
        **{"items": [], "journal": path, "client": lambda: AsyncRunflow("rf_live_x"), **options},
    )


def _left(path: Path) -> None:
    for _ in _loop(path, items=_items(broken=False)):
        break


def _locked_by_a_note(path: Path) -> None:
    _open(path)
    path.with_name(f"{path.name}-lock").write_text(7000 * "x")


STATES: Final[dict[str, Callable[[Path], None]]] = {
    **JOURNALS,
    "whole": _open,
    "in use": _open,
    "locked by a note": _locked_by_a_note,
}


ACTS: Final[dict[str, Callable[[Path], object]]] = {
    "open": _open,
    "look": _look,
    "reopen": lambda path: bulk.Journal.reopen(path).close(),
    "plan": lambda path: bulk.plan(MODEL, [], journal=path),
    "plan of broken items": lambda path: bulk.plan(MODEL, _items(broken=True), journal=path),
    "loop": lambda path: list(_loop(path)),
    "loop that is left": _left,
    "loop of broken items": lambda path: list(_loop(path, items=_items(broken=True))),
    "loop without a client": lambda path: list(_loop(path, client=lambda: None)),
    "summary": lambda path: _loop(path).summary,
}


@pytest.mark.parametrize("state", ["new", *STATES])
def test_each_connection_is_closed(tmp_path: Path, made: list[Noted], state: str) -> None:
    for act, do in ACTS.items():
        path = tmp_path / act / "j.sqlite"
        path.parent.mkdir()
        if state != "new":
            STATES[state](path)
        with bulk.Journal.open(path, model=MODEL) if state == "in use" else nullcontext():
            before = len(made)
            with suppress(InvalidArgument, bulk.BulkStopped, ValueError):
                do(path)
            assert len(made) > before or state == "new", act
            assert all(one.is_closed for one in made[before:]), act


def test_a_lock_is_had_at_once_or_not_at_all_and_a_reader_is_waited_for(
    tmp_path: Path, made: list[Noted]
) -> None:
    _open(tmp_path / "j.sqlite")
    _look(tmp_path / "j.sqlite")
    assert {(one.place, one.patience) for one in made} == {
        ("j.sqlite-lock", 0.0),
        ("j.sqlite?mode=rwc", 10.0),
        ("j.sqlite?mode=ro", 10.0),
    }
