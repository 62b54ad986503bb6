"""What the inbox asks its database: how long each statement may take, how durably it is kept, and
what an error shows of it.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from uuid import uuid4

import pytest
from psycopg import OperationalError
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox, _postgresql
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.event import listen, remove
from sqlalchemy.exc import DBAPIError

from ..snapshot import check_snapshot
from .conftest import OpenInbox
from .deliveries import encode, event_of
from .test_locks_of_the_inbox import loaded

CONNECT: Final = 7
"""Seconds to connect, as the URL says."""
ANSWER: Final = 2 * CONNECT
LEASE: Final = 50.0
Said = list[tuple[str, float | None]]
"""The statements, each with the seconds that its connection gives it."""


@contextmanager
def listening() -> Generator[Said, None, None]:
    """Note every statement."""
    said: Said = []

    def executed(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        seconds = getattr(cursor.connection, "seconds", None)
        said.append((statement, seconds))

    listen(Engine, "before_cursor_execute", executed)
    try:
        yield said
    finally:
        remove(Engine, "before_cursor_execute", executed)


def put(inbox: Inbox, run_id: str) -> object:
    body = encode(run_id)
    return inbox.put(event_of(body), body)


def handle_in(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))


def fail_in(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
    raise ValueError


def lease(inbox: Inbox) -> Any:
    found = inbox.lease()
    assert found is not None
    return found


SHORT, LONG = float(ANSWER), LEASE
Call = tuple[str, Callable[[Inbox], object], Said]
FIRST_USE: Final[Call] = ("first use", lambda inbox: inbox.counts(), [])
CALLS: Final[list[Call]] = [
    ("put first", lambda inbox: put(inbox, "r1"), [("SET", SHORT), ("INSERT", SHORT)]),
    ("put", lambda inbox: put(inbox, "r2"), [("INSERT", SHORT)]),
    ("put again", lambda inbox: put(inbox, "r2"), [("INSERT", SHORT)]),
    ("counts", lambda inbox: inbox.counts(), [("SELECT", LONG)]),
    ("renew", lambda inbox: lease(inbox).renew(), [("UPDATE", SHORT)] * 2),
    ("handled", lambda inbox: lease(inbox).handled(), [("UPDATE", SHORT)] * 2),
    ("no lease", lambda inbox: inbox.lease(), [("UPDATE", SHORT)] * 2),
    ("put 3", lambda inbox: put(inbox, "r3"), [("INSERT", SHORT)]),
    (
        "transactional",
        lambda inbox: inbox.work_once(lambda event, one: handle_in(one), transactional=True),
        [("UPDATE", SHORT), ("UPDATE", SHORT), ("SELECT", LONG)],
    ),
    ("put 4", lambda inbox: put(inbox, "r4"), [("INSERT", SHORT)]),
    (
        "a failure in a transaction",
        lambda inbox: inbox.work_once(lambda event, one: fail_in(one), transactional=True),
        [("UPDATE", SHORT), ("UPDATE", SHORT), ("SELECT", LONG), ("UPDATE", SHORT)],
    ),
    ("dead_letters", lambda inbox: inbox.dead_letters(), [("SELECT", LONG)]),
    ("requeue", lambda inbox: inbox.requeue(), [("UPDATE", LONG)]),
    ("release", lambda inbox: lease(inbox).release(), [("UPDATE", SHORT)] * 2),
    ("prune", lambda inbox: inbox.prune(), [("DELETE", LONG)]),
    ("counts at last", lambda inbox: inbox.counts(), [("SELECT", LONG)]),
]


@pytest.mark.parametrize("shorter", [False, True], ids=["a long lease", "a short lease"])
def test_every_statement_has_its_time_and_the_next_one_its_own(
    postgresql_url: str, shorter: bool
) -> None:
    """Those over many events, and those of a handler, may take as long as a lease."""
    url = make_url(postgresql_url).update_query_dict({"connect_timeout": str(CONNECT)})
    policy = HandlingPolicy(attempts=1, lease=1.0 if shorter else LEASE)
    inbox = Inbox(url, policy=policy, table=f"inbox_{uuid4().hex}")
    with listening() as said:
        inbox.counts()
        assert {seconds for _, seconds in said[:-1]} == {SHORT}
        found: dict[str, Said] = {}
        for name, call, _ in CALLS:
            said.clear()
            call(inbox)
            found[name] = [(statement.split()[0], seconds) for statement, seconds in said]
    inbox.close()
    if shorter:
        assert {seconds for one in found.values() for _, seconds in one} == {SHORT}
    else:
        assert found == {name: expected for name, _, expected in CALLS}


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ({}, 10.0),
        ({"connect_timeout": "3"}, 6.0),
        ({"connect_timeout": "0"}, 10.0),
        ({"connect_timeout": "-1"}, 10.0),
    ],
    ids=str,
)
def test_an_answer_may_take_twice_as_long_as_a_connection(
    postgresql_url: str, query: dict[str, str], seconds: float
) -> None:
    url = make_url(postgresql_url).update_query_dict(query)
    inbox = Inbox(url, table=f"inbox_{uuid4().hex}")
    with listening() as said:
        put(inbox, "r1")
    assert {one for _, one in said} == {seconds}
    waits = inbox._queue.engine
    with waits.connect() as connection:
        raw: Any = connection.connection.driver_connection
        given = raw.info.get_parameters().get("connect_timeout")
    assert given == query.get("connect_timeout", "5")
    inbox.close()


def test_each_of_two_inboxes_has_its_own_time_for_an_answer(postgresql_url: str) -> None:
    inboxes = [
        Inbox(
            make_url(postgresql_url).update_query_dict({"connect_timeout": seconds}),
            table=f"inbox_{uuid4().hex}",
        )
        for seconds in ("3", "7")
    ]
    found: list[set[float | None]] = []
    for inbox in inboxes:
        with listening() as said:
            put(inbox, "r1")
        found.append({seconds for _, seconds in said})
        inbox.close()
    assert found == [{6.0}, {14.0}]


def test_a_connection_that_does_not_answer_is_closed_when_its_time_is_over() -> None:
    module, now, closed = loaded(_postgresql.__name__.rpartition(".")[2]), [100.0], list[float]()
    vars(module)["monotonic"] = lambda: now[0]
    connection = SimpleNamespace(seconds=10.0, close=lambda: closed.append(now[0]))

    def asking() -> Iterator[str]:
        while True:
            yield "an answer"

    step = module.LimitedConnection._limited(connection, asking())
    for moment in (100.0, 109.9):
        now[0] = moment
        assert step.send(None) == "an answer"
    assert closed == []
    now[0] = 110.0
    with pytest.raises(OperationalError, match=r"did not answer within 10 s$"):
        step.send(None)
    assert closed == [110.0]


def test_a_time_to_connect_that_is_no_number_is_refused_by_the_driver() -> None:
    inbox = Inbox("postgresql://user@127.0.0.1:9/name?connect_timeout=soon")
    with pytest.raises(DBAPIError, match="soon"):
        inbox.counts()


def test_what_is_put_waits_a_few_seconds_for_a_lock(postgresql_url: str) -> None:
    waits: list[str] = []

    def executed(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if statement.startswith("INSERT"):
            asking = cursor.connection.cursor()
            waits.append(asking.execute("SHOW lock_timeout").fetchone()[0])

    inbox = Inbox(postgresql_url, table=f"inbox_{uuid4().hex}")
    listen(Engine, "before_cursor_execute", executed)
    try:
        put(inbox, "r1")
        put(inbox, "r2")
    finally:
        remove(Engine, "before_cursor_execute", executed)
    with inbox._queue.engine.connect() as connection:  # of the others
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "0"
    assert waits == ["5s", "5s"]
    inbox.close()


def statements(database: URL | Path) -> Iterator[str]:
    """Give what each call asks."""
    name = f"inbox_{uuid4().hex}"
    inbox = Inbox(database, policy=HandlingPolicy(attempts=1), table=name, now=lambda: 1000.0)
    yield inbox._queue.engine.dialect.name
    first: dict[str, str] = {}
    with listening() as said:
        for call_name, call, _ in (FIRST_USE, *CALLS):
            said.clear()
            call(inbox)
            yield f"    {call_name}"
            for statement, _ in said:
                # what SQLAlchemy asks for tables that are there is its own affair
                if "pg_catalog" not in statement and "PRAGMA" not in statement:
                    line = " ".join(statement.replace(name, "inbox").split())
                    yield (
                        f"        the same as for {first[line]}"
                        if line in first
                        else f"        {line}"
                    )
                    first.setdefault(line, call_name)
    inbox.close()


def test_every_statement_is_that_of_the_list(postgresql_url: str, tmp_path: Path) -> None:
    """Which table is made, which rows are taken, in which order, and with which locks. Tables that
    were made stay: whatever changes in theirs has to be compatible with them.
    """
    databases = (make_url(postgresql_url), tmp_path / "inbox.sqlite3")
    lines = [line for database in databases for line in statements(database)]
    check_snapshot(Path(__file__).with_name("statements.txt"), "\n".join(lines) + "\n")


def test_a_file_is_written_so_that_a_commit_survives_the_loss_of_power(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox.sqlite3")
    put(inbox, "r1")
    settings: list[object] = []

    def ask(event: object, connection: Connection) -> None:
        for name in ("journal_mode", "synchronous", "busy_timeout"):
            settings.append(connection.exec_driver_sql(f"PRAGMA {name}").scalar())

    assert inbox.work_once(ask, transactional=True) == "handled"
    assert settings == ["wal", 2, 5000]
    inbox.close()


def test_an_error_of_the_database_shows_nothing_of_an_event(
    open_inbox: OpenInbox, database_url: str
) -> None:
    """Its body may hold what is private."""
    inbox = open_inbox()
    inbox.counts()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        refuse = "ALTER TABLE runflow_inbox ADD CONSTRAINT refuse CHECK (attempts > 0)"
        if engine.dialect.name == "sqlite":
            refuse = (
                "CREATE TRIGGER refuse BEFORE INSERT ON runflow_inbox "
                "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        connection.exec_driver_sql(refuse)
    engine.dispose()
    body = encode(metadata={"name": "Zacharias"})
    with pytest.raises(Exception, match=r"INSERT INTO") as caught:
        inbox.put(event_of(body), body)
    assert "hidden" in str(caught.value)
    assert "Zacharias" not in str(caught.value)
