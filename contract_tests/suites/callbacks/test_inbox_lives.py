"""Each step of an event changes what the list says in the inbox, and nothing else."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

from runflow_client.callbacks.inbox import Inbox

from ..snapshot import check_snapshot
from . import inbox_lives

LIST = Path(__file__).with_name("inbox_lives.txt")


def test_the_steps_of_an_event_are_those_of_the_list(database_url: str) -> None:
    check_snapshot(LIST, "\n".join(inbox_lives.lines(database_url)) + "\n")


def test_of_events_that_are_stored_together_one_that_is_refused_spoils_no_other(
    tmp_path: Path,
) -> None:
    inbox = Inbox(tmp_path / "inbox.sqlite3")
    life = inbox_lives.Life(inbox)
    assert life.put(0)
    with closing(sqlite3.connect(tmp_path / "inbox.sqlite3")) as connection, connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON runflow_inbox WHEN new.subject_id = 'run-2'"
            " BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
    lease = inbox.lease()
    assert lease is not None
    ready = Barrier(6)

    def put(number: int) -> object:
        ready.wait()
        return life.put(number)

    with ThreadPoolExecutor(5) as threads:
        with lease.transaction():
            # None can be stored meanwhile: those that come wait, and share the next transaction.
            puts = [threads.submit(put, number) for number in range(1, 6)]
            ready.wait()
        found = [one.exception() or one.result() for one in puts]
    assert [one is True for one in found] == [True, False, True, True, True]
    assert "not this one" in str(found[1])
    assert inbox.counts().waiting == 4
    inbox.close()
