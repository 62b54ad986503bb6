"""The database of an inbox: its engine and its table."""

import hashlib
import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Double,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.schema import CreateIndex, CreateTable

from ..._errors import InvalidArgument
from .._events import CallbackEvent

Database = str | URL | os.PathLike[str] | Engine
"""A URL such as `postgresql://user@host/name`, the path of an SQLite file, or an engine of yours.
"""


SQLITE: Final = "sqlite"


POSTGRESQL: Final = "postgresql"


PATIENCE: Final = 5
"""Seconds to wait for a lock or a connection. Runflow waits "a few seconds" for its answer, and
sends again after a 503.
"""


_LOCK_PAUSE: Final = 0.01
"""Seconds between two tries for a lock for which SQLite itself does not wait."""


_CREATION_LOCK: Final = 7_270_663_817
"""The key of the advisory lock under which PostgreSQL creates the table: CREATE TABLE IF NOT EXISTS
alone can collide.
"""


def open_engine(database: Database) -> Engine:
    """The engine for this database. Raises InvalidArgument for one that is neither SQLite (in a
    file) nor PostgreSQL.
    """
    url = database.url if isinstance(database, Engine) else _url(database)
    kind = url.get_backend_name()
    if kind not in (SQLITE, POSTGRESQL):
        raise InvalidArgument(f"an inbox is kept in SQLite or PostgreSQL, not in {kind}")
    if kind == SQLITE and url.database in (None, "", ":memory:"):
        raise InvalidArgument(
            "an SQLite database in memory forgets what was acknowledged: give the inbox a file"
        )
    return database if isinstance(database, Engine) else _make(url)


def _url(database: "str | URL | os.PathLike[str]") -> URL:
    if isinstance(database, os.PathLike):
        return URL.create(SQLITE, database=str(Path(database)))
    try:
        url = make_url(database)
    except ArgumentError:
        # The text may hold a password: it is not repeated.
        raise InvalidArgument("that is no database URL; a file is given as a Path") from None
    return url.set(drivername="postgresql+psycopg") if url.drivername == POSTGRESQL else url


def _make(url: URL) -> Engine:
    options: dict[str, Any] = {"hide_parameters": True, "pool_timeout": PATIENCE}
    if url.get_backend_name() != SQLITE:
        if "connect_timeout" not in url.query:
            options["connect_args"] = {"connect_timeout": PATIENCE}
        return create_engine(url, pool_pre_ping=True, **options)
    engine = create_engine(url, connect_args={"timeout": PATIENCE}, **options)
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    _write_ahead(cursor)
    # a commit survives the loss of power, not only of the process
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Let readers not block the writer. SQLite's own timeout does not cover this: at the first use
    others may do the same.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_LOCK_PAUSE)
        else:
            return


def create_table(engine: Engine, table: Table) -> None:
    """Create the table and its indexes where they are missing; any number of processes may do so at
    once.
    """
    with engine.begin() as connection:
        if engine.dialect.name == POSTGRESQL:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATION_LOCK})
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))


def insert_unless_known(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert the row; False if one with the same deduplication is there already."""
    dialect = postgresql if connection.dialect.name == POSTGRESQL else sqlite
    statement = (
        dialect.insert(table).values(row).on_conflict_do_nothing(index_elements=["deduplication"])
    )
    return connection.execute(statement.returning(table.c.id)).first() is not None


WAITING: Final = "waiting"


HANDLED: Final = "handled"


SET_ASIDE: Final = "set_aside"


_LONGEST_NAME: Final = 255


_LONGEST_REASON: Final = 2000


def inbox_table(name: str) -> Table:
    """The table of this name, which belongs to no metadata of the application's."""
    return Table(
        name,
        MetaData(),
        Column(
            "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        Column("deduplication", String(64), nullable=False, unique=True),
        Column("event", String(_LONGEST_NAME), nullable=False),
        Column("subject_id", String(_LONGEST_NAME)),
        Column("request_id", String(_LONGEST_NAME)),
        Column("body", LargeBinary, nullable=False),
        Column("received_at", Double, nullable=False),
        Column("state", String(16), nullable=False),
        # From when on a waiting event may be claimed. A claim moves it to the end of its lease: a
        # crash needs no clean-up.
        Column("due_at", Double, nullable=False),
        Column("claim", String(32)),
        Column("attempts", Integer, nullable=False),
        Column("reason", Text),
        Column("settled_at", Double),
        Index(f"{name}_due", "state", "due_at"),
    )


def new_row(
    event: CallbackEvent, body: bytes, request_id: str | None, now: float
) -> dict[str, Any]:
    """The row of an event that has just arrived."""
    return {
        "deduplication": _deduplication(event, body),
        "event": plain(event.event, _LONGEST_NAME),
        "subject_id": None if event.subject_id is None else plain(event.subject_id, _LONGEST_NAME),
        "request_id": None if request_id is None else plain(request_id, _LONGEST_NAME),
        "body": body,
        "received_at": now,
        "state": WAITING,
        "due_at": now,
        "attempts": 0,
    }


def plain(text: str, longest: int = _LONGEST_REASON) -> str:
    """The text as every database can keep it: no NUL, no lone surrogates, not too long."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")[:longest]


def _deduplication(event: CallbackEvent, body: bytes) -> str:
    """A hash, for it fits any index. An event that names no subject is told apart by its whole
    body.
    """
    subject, name = event.deduplication_key
    key = body if subject is None else json.dumps([subject, name]).encode()
    return hashlib.sha256(key).hexdigest()
