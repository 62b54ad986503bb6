"""Write down what is said of a journal that cannot be used: to one who opens it for work, who reads
it, who opens it whatever it is of, and who plans.
"""

import os
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, chdir, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen
from runflow_client import bulk
from runflow_client.bulk._journal_file import take_lock

MODEL: Final = "google/nano-banana-pro"
FILE: Final = Path("j.sqlite")


def of(model: str = MODEL, template: str = "") -> Callable[[], object]:
    return lambda: bulk.Journal.open(FILE, model=model, template=template).close()


def foreign(*statements: str) -> Callable[[], object]:
    """Return what makes a database with these statements, of which the first makes a journal."""

    def make() -> None:
        with closing(sqlite3.connect(FILE)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    return make


def newer() -> None:
    of()()
    foreign("PRAGMA user_version = 9")()


@contextmanager
def locked() -> Generator[None]:
    """Lock the journal as a process does that has not yet said who it is."""
    of()()
    with closing(take_lock(FILE)):
        yield


def _locked_by_a_folder() -> None:
    of()()
    Path("j.sqlite-lock").unlink()
    Path("j.sqlite-lock").mkdir()


def _locked_by_a_note() -> None:
    of()()
    Path("j.sqlite-lock").write_text(7000 * "x")


def _note(length: int) -> Callable[[], object]:
    return lambda: FILE.write_text(length * "x")


@frozen
class Case:
    """What is done before, what holds meanwhile, and how it is asked for."""

    before: Callable[[], object] = field(default=lambda: None)
    meanwhile: Callable[[], AbstractContextManager[object]] = field(default=nullcontext)
    path: str = "j.sqlite"
    options: Mapping[str, Any] = field(factory=dict[str, Any])


CASES: Final[Mapping[str, Case]] = {
    "as it should be": Case(of()),
    "of another model": Case(of("acme/lamp")),
    "of another template": Case(of(template="a {lamp}"), options={"template": "a {chair}"}),
    "of a template": Case(of(template="a {lamp}")),
    "of a template in half a character": Case(
        of(template="\ud83d"), options={"template": "\ud83d"}
    ),
    "of no template": Case(of(), options={"template": "a {chair}"}),
    "of another model and template": Case(of("acme/lamp", "x"), options={"template": "y"}),
    "newer": Case(newer),
    "of another program": Case(foreign("CREATE TABLE x (y)")),
    "of another program, and empty": Case(foreign("PRAGMA application_id = 7")),
    "nothing": Case(),
    "an empty file": Case(FILE.touch),
    "a note": Case(_note(7)),
    "a long note": Case(_note(7000)),
    "a folder": Case(FILE.mkdir),
    "a FIFO": Case(lambda: os.mkfifo(FILE)),
    "in no folder": Case(path="none/j.sqlite"),
    "in use": Case(meanwhile=lambda: bulk.Journal.open(FILE, model=MODEL)),
    "in use by one that has not said so": Case(meanwhile=locked),
    "one whose lock is a folder": Case(_locked_by_a_folder),
    "one whose lock is a note": Case(_locked_by_a_note),
}


def _looks(case: Case) -> Mapping[str, Callable[[], object]]:
    journal, options = case.path, case.options
    return {
        "open": lambda: bulk.Journal.open(journal, model=MODEL, **options).close(),
        "read": lambda: bulk.Journal.read(journal).close(),
        "reopen": lambda: bulk.Journal.reopen(journal).close(),
        "plan": lambda: bulk.plan(MODEL, [], journal=journal, **options),
    }


def _said(act: Callable[[], object]) -> str:
    try:
        act()
    except (bulk.JournalRefused, OSError) as error:
        me = f"process {os.getpid()} on {socket.gethostname()}"
        return f"{type(error).__name__}: {error}".replace(me, "ME")
    return "well"


def _intend(journal: bulk.Journal) -> Callable[[], object]:
    return lambda: journal.intend("a", 1, "ref", None)


def _while_it_works() -> Iterator[tuple[str, str]]:
    """Give what is said before a create is sent."""
    with bulk.Journal.open(FILE, model=MODEL) as journal:
        yield "it is alone", _said(_intend(journal))
        Path("j.sqlite-lock").unlink()
        with bulk.Journal.open(FILE, model=MODEL) as other:
            yield "another works", _said(_intend(journal))
            yield "another works, to that one", _said(_intend(other))
        yield "another has worked", _said(_intend(journal))
        copy = FILE.read_bytes()
        FILE.unlink()
        yield "it is removed", _said(_intend(journal))
        FILE.write_bytes(copy)
        yield "it is replaced", _said(_intend(journal))


ASKED: Final[Mapping[str, Callable[[bulk.Journal], object]]] = {
    "find": lambda journal: journal.find("a"),
    "entries": lambda journal: list(journal.entries()),
    "add": lambda journal: journal.add("a", 1, "", "{}", ""),
    "refuse": lambda journal: journal.refuse("a", 1, "", "no"),
    "meet": lambda journal: journal.meet("a", 1, ""),
    "replace": lambda journal: journal.replace("a", "{}", ""),
    "intend": lambda journal: journal.intend("a", 1, "ref", None),
    "take back": lambda journal: journal.take_back("a", 1),
    "created": lambda journal: journal.created("a", 1, "run"),
    "ended": lambda journal: journal.ended(
        "a", 1, "ended", status=None, cost=None, duration_ms=None
    ),
    "lose": lambda journal: journal.lose("a"),
    "settle": lambda journal: journal.settle("a", "done"),
    "has runs": lambda journal: journal.has_runs(),
    "retry": lambda journal: journal.retry(),
    "files": lambda journal: journal.files("a"),
    "was saved": lambda journal: journal.was_saved("a"),
    "expect a file": lambda journal: journal.expect_file("a", 0, "x"),
    "saved": lambda journal: journal.saved("a", 0, 1),
    "keep the output": lambda journal: journal.keep_output(Path("out")),
    "forget what was refused": lambda journal: journal.forget_refused(),
    "summary": lambda journal: journal.summary(),
}
"""All that is asked of an open journal."""


def _once_it_is_broken() -> Iterator[tuple[str, str]]:
    """Give what is said to each question after another program has emptied the journal."""
    with bulk.Journal.open(FILE, model=MODEL) as journal:
        foreign(*(f"DROP TABLE {name}" for name in ("meta", "items", "runs", "files")))()
        for name, ask in ASKED.items():
            yield name, _said(partial(ask, journal))


def lines() -> Iterator[str]:
    """Give the list."""
    for name, case in CASES.items():
        yield f"{name}:"
        for kind, look in _looks(case).items():
            with tempfile.TemporaryDirectory() as folder, chdir(folder):
                case.before()
                with case.meanwhile():
                    yield f"    {kind}: {_said(look)}"
    yield "before a create:"
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for when, said in _while_it_works():
            yield f"    {when}: {said.replace(os.getcwd(), 'FOLDER')}"
    yield "once it is broken:"
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for name, said in _once_it_is_broken():
            yield f"    {name}: {said}"
