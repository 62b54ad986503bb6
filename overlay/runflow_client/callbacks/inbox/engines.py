"""The database of an inbox: an SQLite file or PostgreSQL, opened so that what is committed stays."""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.schema import CreateIndex, CreateTable

from ...errors import InvalidArgument

Database = str | URL | os.PathLike[str] | Engine
"""A URL such as `postgresql://user@host/name`, the path of an SQLite file, or an engine of yours."""

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"

PATIENCE: Final = 5
"""Seconds to wait for a lock or a connection. Runflow waits "a few seconds" for its answer, and sends again after a 503."""

_LOCK_PAUSE: Final = 0.01
"""Seconds between two tries for a lock for which SQLite itself does not wait."""

_CREATION_LOCK: Final = 7_270_663_817
"""The key of the advisory lock under which PostgreSQL creates the table: CREATE TABLE IF NOT EXISTS alone can collide."""


def open_engine(database: Database) -> Engine:
    """The engine for this database. Raises InvalidArgument for one that is neither SQLite (in a file) nor PostgreSQL."""
    url = database.url if isinstance(database, Engine) else _url(database)
    kind = url.get_backend_name()
    if kind not in (SQLITE, POSTGRESQL):
        raise InvalidArgument(f"an inbox is kept in SQLite or PostgreSQL, not in {kind}")
    if kind == SQLITE and url.database in (None, "", ":memory:"):
        raise InvalidArgument("an SQLite database in memory forgets what was acknowledged: give the inbox a file")
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
    cursor.execute("PRAGMA synchronous = FULL")  # a commit survives the loss of power, not only of the process
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Let readers not block the writer. SQLite's own timeout does not cover this: at the first use others may do the same."""
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
    """Create the table and its indexes where they are missing; any number of processes may do so at once."""
    with engine.begin() as connection:
        if engine.dialect.name == POSTGRESQL:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATION_LOCK})
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))


def insert_unless_known(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert the row; False if one with the same deduplication is there already."""
    dialect = postgresql if connection.dialect.name == POSTGRESQL else sqlite
    statement = dialect.insert(table).values(row).on_conflict_do_nothing(index_elements=["deduplication"])
    return connection.execute(statement.returning(table.c.id)).first() is not None
