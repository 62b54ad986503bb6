"""Real databases for the inbox: an SQLite file and a PostgreSQL server, or the one of
RUNFLOW_TEST_DATABASE_URL.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from runflow_client.callbacks.inbox import Inbox
from sqlalchemy import create_engine, make_url, text

from ..processes import without_trio
from .postgresql import postgresql

__all__ = ["without_trio"]


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL server's URL."""
    given = os.environ.get("RUNFLOW_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database's URL, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'inbox.sqlite3'}"
        return
    server = make_url(request.getfixturevalue("postgresql_url"))
    schema = f"test_{uuid4().hex}"
    engine = create_engine(server)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        inside = server.update_query_dict({"options": f"-csearch_path={schema}"})
        yield inside.render_as_string(hide_password=False)
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    finally:
        engine.dispose()


class WallClock:
    """A wall clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


OpenInbox = Callable[..., Inbox]


def _threads_of_inboxes() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.name.startswith("runflow-inbox")}


@pytest.fixture
def open_inbox(database_url: str, clock: WallClock) -> Iterator[OpenInbox]:
    """Opens inboxes on the same database, as several processes would. None leaves a thread."""
    before = _threads_of_inboxes()
    with ExitStack() as stack:

        def open_one(**options: Any) -> Inbox:
            inbox = Inbox(database_url, **{"now": clock, **options})
            stack.callback(inbox.close)
            return inbox

        yield open_one
    left = _threads_of_inboxes() - before
    assert left == set(), "an inbox that was closed still works"


@pytest.fixture
def inbox(open_inbox: OpenInbox) -> Inbox:
    return open_inbox()
