"""How often events are tried to be stored: once more where the connection that was kept has broken,
for a server that begins anew breaks all, and once in every other case.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import define, field, frozen
from runflow_client.callbacks.inbox import Inbox
from sqlalchemy import Engine, create_engine
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError

from .deliveries import encode, event_of

BROKEN: Final = "the connection broke"
LOCKED: Final = "the table is locked"


@define(eq=False)
class Trouble:
    """What the next insertions into a database raise, one after the other."""

    left: list[str] = field(factory=list[str])
    tried: int = 0

    def insert(self, cursor: Any, statement: str, *others: Any) -> None:
        """Count an insertion, and let it fail."""
        if statement.startswith("INSERT"):
            self.tried += 1
            if self.left:
                raise sqlite3.OperationalError(self.left.pop(0))

    def judge(self, context: Any) -> None:
        """Say of an error whether the connection can be used on."""
        context.is_disconnect = str(context.original_exception) == BROKEN


@frozen
class Case:
    """An insertion: whether the engine is the application's, and an event was stored before."""

    errors: tuple[str, ...]
    tried: int
    is_stored: bool = False
    was_used: bool = True
    of_application: bool = False


CASES: Final[dict[str, Case]] = {
    "nothing": Case((), 1, is_stored=True),
    "it breaks": Case((BROKEN,), 2, is_stored=True),
    "it breaks twice": Case((BROKEN, BROKEN), 2),
    "it breaks, and is locked": Case((BROKEN, LOCKED), 2),
    "it is locked": Case((LOCKED,), 1),
    "a new one breaks": Case((BROKEN,), 1, was_used=False),
    "a new one is locked": Case((LOCKED,), 1, was_used=False),
    # which is new each time
    "one of the application breaks": Case((BROKEN,), 1, of_application=True),
}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'inbox.sqlite3'}")
    yield engine
    engine.dispose()


def put(inbox: Inbox, run_id: str) -> bool:
    body = encode(run_id)
    return inbox.put(event_of(body), body)


@pytest.mark.parametrize("name", CASES)
def test_so_often_an_event_is_tried(name: str, engine: Engine, tmp_path: Path) -> None:
    case, trouble = CASES[name], Trouble()
    inbox = Inbox(engine if case.of_application else tmp_path / "inbox.sqlite3")
    listen(inbox._queue.engine, "do_execute", trouble.insert)
    listen(inbox._queue.engine, "handle_error", trouble.judge)
    if case.was_used:
        assert put(inbox, "before")
    trouble.left, trouble.tried = [*case.errors], 0
    if case.is_stored:
        assert put(inbox, "r1")
    else:
        with pytest.raises(DBAPIError, match=case.errors[-1]):
            put(inbox, "r1")
    assert (trouble.tried, trouble.left) == (case.tried, [])
    assert put(inbox, "r1") is not case.is_stored, "what failed is not stored"
    assert put(inbox, "after")
    assert inbox.counts().waiting == 2 + case.was_used
    inbox.close()
