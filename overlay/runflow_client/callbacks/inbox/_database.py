"""The database of an inbox: its engine and its table."""

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, Self, cast
from urllib.parse import unquote

from attrs import frozen
from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Dialect,
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
    inspect,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.dml import ReturningInsert

from ..._errors import InvalidArgument
from ..._validation import wrong_kind
from .._events import CallbackEvent
from ._sqlite_file import FILES, SQLITE, DatabaseFiles, check_file, in_memory
from ._writer import WAIT_TIMEOUT, Row

Database = str | URL | os.PathLike[str] | Engine
"""A URL such as `postgresql://user@host/name`, the path of an SQLite file, or an engine of yours.
"""

POSTGRESQL: Final = "postgresql"
PSYCOPG: Final = "psycopg"
"""The driver that the extra `postgresql` brings."""

_LOCK_PAUSE: Final = 0.01
"""Seconds between two tries for a lock for which SQLite itself does not wait."""

_CREATION_LOCK: Final = 7_270_663_817
"""The key of the advisory lock under which PostgreSQL creates the table: CREATE TABLE IF NOT EXISTS
alone can collide.
"""

_REMEDIES: Final = {
    POSTGRESQL: 'pass a postgresql:// URL, and pip install "runflow-client[inbox,postgresql]"',
    SQLITE: "pass a file as a Path",
}
"""What to do where the driver of a URL is not installed."""


def open_engine(database: Database) -> Engine:
    """Return the engine for this database.

    Raises InvalidArgument for a database that is neither PostgreSQL nor SQLite in a file, and for
    an asynchronous driver; ModuleNotFoundError where the driver is not installed.
    """
    if isinstance(database, Engine):
        _check_url(database.url)
        return database
    if not isinstance(cast("object", database), str | URL | os.PathLike):
        expected = "a postgresql:// URL or an engine; pass a file as a Path"
        raise wrong_kind("database", database, expected)
    url = _read_url(database)
    _check_url(url)
    kind = url.get_backend_name()
    try:
        return _make_postgresql(url) if kind == POSTGRESQL else _make_sqlite(url)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{url.drivername} needs {error.name}, which is not installed: {_REMEDIES[kind]}",
            name=error.name,
        ) from None


def _read_url(database: "str | URL | os.PathLike[str]") -> URL:
    if isinstance(database, os.PathLike):
        return URL.create(SQLITE, database=str(Path(database)))
    try:
        url = make_url(database)
    except (ArgumentError, ValueError):  # ValueError: its port is no number
        # The text may hold a password: it is not repeated.
        raise InvalidArgument(
            "database is neither a database URL nor an engine: pass a file as a Path"
        ) from None
    if isinstance(database, str) and database != database.strip():
        raise InvalidArgument("the database URL has white space or a line end around it")
    name, plus, driver = url.drivername.lower().partition("+")
    if name == "postgres":  # as Heroku, Render and others spell it
        name = POSTGRESQL
    if name == POSTGRESQL and not plus:
        plus, driver = "+", PSYCOPG
    return url.set(drivername=f"{name}{plus}{driver}")


def _check_url(url: URL) -> None:
    kind = url.get_backend_name()
    if kind not in (SQLITE, POSTGRESQL):
        raise InvalidArgument(f"an inbox is kept in SQLite or PostgreSQL, not in {kind}")
    try:
        asynchronous = url.get_dialect().is_async
    except NoSuchModuleError:
        raise InvalidArgument(f"SQLAlchemy has no database driver {url.drivername}") from None
    if asynchronous:
        raise InvalidArgument(f"{url.drivername} is an asynchronous driver: pass a {kind}:// URL")
    if kind == SQLITE:
        _check_sqlite(url)


def _check_sqlite(url: URL) -> None:
    if url.host or url.username:
        raise InvalidArgument("an SQLite URL has no host: sqlite:///file, or pass a file as a Path")
    if _is_in_memory(url):
        raise in_memory()
    check_file(url.database or "")


def _is_in_memory(url: URL) -> bool:
    """Whether this SQLite URL names a database in memory, in any spelling that SQLite reads."""
    name = unquote(url.database or "").casefold()
    path, _, query = name.partition("?")
    options = query.split("&") + [f"{key}={value}".casefold() for key, value in url.query.items()]
    return (
        path.removeprefix("file:").strip("/") in ("", ":memory:")
        or "mode=memory" in options
        or "vfs=memdb" in options
    )


def _make_postgresql(url: URL) -> Engine:
    timeout = {} if "connect_timeout" in url.query else {"connect_timeout": WAIT_TIMEOUT}
    engine = create_engine(
        url,
        connect_args=timeout,
        pool_pre_ping=True,
        pool_timeout=WAIT_TIMEOUT,
        hide_parameters=True,
    )
    if engine.driver == PSYCOPG:
        from ._postgresql import limit

        limit(engine, _answer_timeout(url))
    return engine


def _answer_timeout(url: URL) -> float:
    """Return the seconds for a statement: twice the connect_timeout of the URL."""
    try:
        given = float(str(url.query.get("connect_timeout", WAIT_TIMEOUT)))
    except ValueError:  # psycopg says so
        given = 0.0
    return 2 * (given if given > 0 else WAIT_TIMEOUT)


def _make_sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": WAIT_TIMEOUT},
        pool_timeout=WAIT_TIMEOUT,
        hide_parameters=True,
    )
    given = os.path.abspath(url.database or "")
    event.listen(engine, "connect", partial(_set_up_sqlite, given))
    return engine


def _set_up_sqlite(given: str, connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    _write_ahead(cursor)
    # a commit survives the loss of power, not only of the process
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("SELECT count(*) FROM sqlite_master")  # opens the write-ahead log
    cursor.fetchall()
    cursor.execute("PRAGMA database_list")
    record.info[FILES] = DatabaseFiles.at(cursor.fetchall()[0][2], given)
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Let readers not block the writer. SQLite's own timeout does not cover this: at the first use
    others may do the same.
    """
    deadline = time.monotonic() + WAIT_TIMEOUT
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
        # PostgreSQL locks the table before it sees that an index exists: all would wait for a
        # transactional handler.
        existing = {index["name"] for index in inspect(connection).get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in existing:
                connection.execute(CreateIndex(index, if_not_exists=True))


def limit_lock_waits(connection: Connection) -> None:
    """Let this connection, which stores events and nothing else, wait WAIT_TIMEOUT for a lock. It
    does not go back to the pool. In SQLite each connection does so.
    """
    if connection.dialect.name == POSTGRESQL:
        connection.detach()
        with connection.begin():
            connection.exec_driver_sql(f"SET lock_timeout = '{WAIT_TIMEOUT}s'")


@contextmanager
def answered_within(connection: Connection, seconds: float) -> Generator[None]:
    """Let each statement of the block take so many seconds, where the connection limits them."""
    raw: Any = connection.connection.driver_connection
    usual = getattr(raw, "seconds", None)
    if usual is None:
        yield
        return
    raw.seconds = max(usual, seconds)
    try:
        yield
    finally:
        raw.seconds = usual


@frozen
class Insertion:
    """Inserts rows, each but once: one with the deduplication of a stored one is left out.

    Its statements are made once: to build one takes longer than to execute it.
    """

    _many: ReturningInsert[tuple[str]]
    _single: str
    """For one row, as the driver takes it. What SQLAlchemy does for each statement takes longer
    than to execute this one.
    """
    _names: Sequence[str] | None
    """Of its parameters, where the driver takes them by position."""

    @classmethod
    def into(cls, table: Table, dialect: Dialect) -> Self:
        """Prepare the insertion into this table."""
        kind = postgresql if dialect.name == POSTGRESQL else sqlite
        insert: postgresql.Insert | sqlite.Insert = kind.insert(table)
        insert = insert.on_conflict_do_nothing(index_elements=["deduplication"])
        compiled = insert.compile(dialect=dialect, column_keys=ROW_COLUMNS)
        names: Sequence[str] | None = getattr(compiled, "positiontup", None)
        return cls(insert.returning(table.c.deduplication), compiled.string, names)

    def execute(self, connection: Connection, rows: list[Row]) -> list[bool]:
        """Insert the rows in one statement; which of them are new."""
        if len(rows) == 1:
            names, (row,) = self._names, rows
            parameters = row if names is None else tuple(row[name] for name in names)
            return [connection.exec_driver_sql(self._single, parameters).rowcount == 1]
        new = set(connection.execute(self._many, rows).scalars())
        results: list[bool] = []
        for row in rows:
            results.append(row["deduplication"] in new)
            new.discard(row["deduplication"])  # the same event twice: the first of them is new
        return results


WAITING: Final = "waiting"
HANDLED: Final = "handled"
DEAD: Final = "dead"

_MAX_NAME: Final = 255
_MAX_REASON: Final = 2000


def inbox_table(name: str) -> Table:
    """Return the table of this name, which belongs to no metadata of the application's."""
    return Table(
        name,
        MetaData(),
        Column(
            "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        Column("deduplication", String(64), nullable=False, unique=True),
        Column("event", String(_MAX_NAME), nullable=False),
        Column("subject_id", String(_MAX_NAME)),
        Column("request_id", String(_MAX_NAME)),
        Column("body", LargeBinary, nullable=False),
        Column("received_at", Double, nullable=False),
        Column("state", String(16), nullable=False),
        # From when on a waiting event may be leased. A lease moves it to the lease's end, so a
        # crash needs no clean-up.
        Column("due_at", Double, nullable=False),
        # When `due_at` was set: a moment in the future shows that the clock was set back.
        Column("scheduled_at", Double, nullable=False),
        Column("lease", String(32)),
        Column("attempts", Integer, nullable=False),
        Column("reason", Text),
        Column("settled_at", Double),
        Index(f"{name}_due", "state", "due_at", "id"),
    )


ROW_COLUMNS: Final = (
    "deduplication",
    "event",
    "subject_id",
    "request_id",
    "body",
    "received_at",
    "state",
    "due_at",
    "scheduled_at",
    "attempts",
)
"""What an event that has just arrived is stored with."""


def new_row(event: CallbackEvent, body: bytes, request_id: str | None, now: float) -> Row:
    """Make the row of an event that has just arrived."""
    return {
        "deduplication": _deduplication(event, body),
        "event": storable_text(event.event, _MAX_NAME),
        "subject_id": None
        if event.subject_id is None
        else storable_text(event.subject_id, _MAX_NAME),
        "request_id": None if request_id is None else storable_text(request_id, _MAX_NAME),
        "body": body,
        "received_at": now,
        "state": WAITING,
        "due_at": now,
        "scheduled_at": now,
        "attempts": 0,
    }


def storable_text(text: str, max_length: int = _MAX_REASON) -> str:
    """Return the text as every database can keep it: no NUL, no lone surrogates, not too long."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")[:max_length]


def _deduplication(event: CallbackEvent, body: bytes) -> str:
    """Return a hash, which fits any index. An event that names no subject is identified by its
    whole body.
    """
    subject, name = event.deduplication_key
    key = body if subject is None else json.dumps([subject, name]).encode()
    return hashlib.sha256(key).hexdigest()
