"""The connections of an inbox: how long they are waited for, what they leave to others, and that
none is left.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Final
from uuid import uuid4

import pytest
from runflow_client.callbacks import CallbackEvent
from runflow_client.callbacks._receiver import submit_of
from runflow_client.callbacks.inbox import Inbox
from runflow_client.callbacks.inbox._database import open_engine
from runflow_client.callbacks.inbox._writer import WAIT_TIMEOUT
from sqlalchemy import Connection, Engine, QueuePool, create_engine, make_url, text
from sqlalchemy.event import listen

from .conftest import OpenInbox
from .deliveries import encode, event_of

BODY: Final = encode()


def put(inbox: Inbox) -> object:
    return inbox.put(event_of(BODY), BODY)


def submit(inbox: Inbox) -> object:
    """Let the thread of the inbox store an event."""
    take, results = submit_of(inbox.put), SimpleQueue[object]()
    assert take is not None
    take(event_of(BODY), BODY, results.put)
    return results.get(timeout=30)


USES: Final[dict[str, Callable[[Inbox], object]]] = {
    "put": put,
    "submit": submit,
    "counts": lambda inbox: inbox.counts(),
    "work": lambda inbox: inbox.work_once(lambda event: None),
    "put and work": lambda inbox: (put(inbox), inbox.work_once(lambda event: None)),
}


@pytest.mark.parametrize("use", USES)
def test_a_closed_inbox_holds_no_connection(open_inbox: OpenInbox, use: str) -> None:
    inbox = open_inbox()
    opened, closed = list[object](), list[object]()
    engine = inbox._queue.engine
    listen(engine, "connect", lambda raw, record: opened.append(raw))
    for kind in ("close", "close_detached"):
        listen(engine, kind, lambda raw, *record: closed.append(raw))
    USES[use](inbox)
    inbox.close()
    assert [one.name for one in threading.enumerate() if one.name == "runflow-inbox-writer"] == []
    assert len(opened) == len(closed) >= 1
    assert {id(one) for one in opened} == {id(one) for one in closed}


def test_a_connection_is_waited_for_no_longer_than_an_answer(database_url: str) -> None:
    engine = open_engine(database_url)
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.timeout() == WAIT_TIMEOUT


@pytest.fixture
def named(postgresql_url: str) -> Iterator[tuple[str, Callable[[str], Any]]]:
    """A name for an inbox's connections and table, and what asks the server beside it."""
    name = f"inbox_{uuid4().hex}"
    engine = create_engine(postgresql_url)

    def ask(statement: str) -> Any:
        with engine.begin() as connection:
            return connection.execute(text(statement))

    yield name, ask
    ask(f"DROP TABLE IF EXISTS {name}")
    engine.dispose()


def named_inbox(url: str, name: str) -> Inbox:
    return Inbox(make_url(url).update_query_dict({"application_name": name}), table=name)


def lock_timeouts(engine: Engine) -> set[object]:
    """What the connections say that the pool gives out."""
    connections = [engine.connect() for _ in range(3)]
    try:
        return {one.exec_driver_sql("SHOW lock_timeout").scalar() for one in connections}
    finally:
        for one in connections:
            one.close()


def test_a_worker_inherits_no_limit_of_what_stores_events(
    postgresql_url: str, named: tuple[str, Callable[[str], Any]]
) -> None:
    """A transactional handler may wait for a lock as long as it likes."""
    name, ask = named
    inbox = named_inbox(postgresql_url, name)
    assert put(inbox)
    ask(f"DROP TABLE {name}")
    with pytest.raises(Exception, match=name):
        put(inbox)
    assert lock_timeouts(inbox._queue.engine) == {"0"}
    inbox.close()
    assert lock_timeouts(inbox._queue.engine) == {"0"}
    inbox.close()


def test_an_engine_of_the_application_is_given_back_as_it_was(
    postgresql_url: str, named: tuple[str, Callable[[str], Any]]
) -> None:
    name, _ = named
    engine = create_engine(postgresql_url)
    inbox = Inbox(engine, table=name)
    assert put(inbox)
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedout() == 0
    assert lock_timeouts(engine) == {"0"}
    with engine.connect() as connection:
        assert connection.get_isolation_level() == "READ COMMITTED"
        assert not connection.connection.driver_connection.autocommit  # type: ignore[union-attr]
    engine.dispose()


CALLS: Final[dict[str, tuple[Callable[[Inbox], object], object]]] = {
    "counts": (lambda inbox: inbox.counts().waiting, 1),
    "dead_letters": (lambda inbox: inbox.dead_letters(), []),
    "lease": (lambda inbox: inbox.lease() is not None, True),
    "put": (put, False),
    "requeue": (lambda inbox: inbox.requeue(), 0),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_server_that_ended_the_connections_is_asked_again(
    postgresql_url: str, named: tuple[str, Callable[[str], Any]], call: str
) -> None:
    """As it does when it begins anew."""
    name, ask = named
    inbox = named_inbox(postgresql_url, name)
    assert put(inbox)
    inbox.counts()
    end = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name ="
    assert ask(f"{end} '{name}'").rowcount >= 2
    ask_again, expected = CALLS[call]
    assert ask_again(inbox) == expected
    inbox.close()


def test_handlers_in_transactions_work_at_the_same_time(
    postgresql_url: str, named: tuple[str, Callable[[str], Any]]
) -> None:
    """In SQLite one has to wait for the other."""
    name, _ = named
    inbox = named_inbox(postgresql_url, name)
    for run_id in ("r1", "r2"):
        body = encode(run_id)
        assert inbox.put(event_of(body), body)
    gate = threading.Barrier(2)

    def handle(event: CallbackEvent, connection: Connection) -> None:
        gate.wait(2 * WAIT_TIMEOUT)

    def work(_: int) -> object:
        return inbox.work_once(handle, transactional=True)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, range(2))) == ["handled", "handled"]
    inbox.close()
