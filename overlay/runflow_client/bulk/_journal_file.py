"""The file of a journal: its schema, its lock, and where it cannot be kept."""

import os
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from attrs import fields

from .._estimate import check_model_id
from .._validation import check_arguments, check_blocking
from ._errors import JournalInUse, JournalRefused
from ._items import GONE, Entry, Summary

VERSION: Final = 1
"""Of the schema. A journal with a higher one is refused."""

APPLICATION: Final = 0x52464A31
"""What SQLite's `application_id` of a journal is."""

SCHEMA: Final = """
CREATE TABLE meta (
    id TEXT NOT NULL, model TEXT NOT NULL, template TEXT NOT NULL, created_at REAL NOT NULL,
    session INTEGER NOT NULL DEFAULT 0, owner TEXT NOT NULL DEFAULT '',
    output TEXT NOT NULL DEFAULT ''
);
CREATE TABLE items (
    key TEXT NOT NULL PRIMARY KEY, number INTEGER NOT NULL, place TEXT NOT NULL,
    input TEXT NOT NULL, fingerprint TEXT NOT NULL, state TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 1, session INTEGER NOT NULL,
    failure_code TEXT, failure TEXT, updated_at REAL NOT NULL
);
CREATE INDEX items_by_state ON items (state);
CREATE TABLE runs (
    key TEXT NOT NULL, attempt INTEGER NOT NULL, client_ref TEXT NOT NULL, estimate TEXT,
    run_id TEXT, status TEXT, cost TEXT, duration_ms INTEGER, failure_code TEXT, failure TEXT,
    intended_at REAL NOT NULL, created_at REAL, ended_at REAL,
    PRIMARY KEY (key, attempt)
);
CREATE TABLE files (
    key TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, bytes INTEGER, saved_at REAL,
    PRIMARY KEY (key, number)
);
"""

ENTRY: Final = (
    "SELECT items.key, number, place, input, fingerprint, state, items.attempt, session,"
    " items.failure_code, items.failure, client_ref, estimate, run_id, status, cost, duration_ms,"
    " intended_at, created_at, ended_at"
    " FROM items LEFT JOIN runs ON runs.key = items.key AND runs.attempt = items.attempt"
)

"""Selects what `entry_of` takes."""

FILES: Final = "SELECT number, name, bytes FROM files WHERE key = ? ORDER BY number"

RETRY: Final = (
    "UPDATE items SET attempt = attempt + (SELECT count(*) FROM runs WHERE"
    " runs.key = items.key AND runs.attempt = items.attempt"
    " AND runs.status IN ('failed', 'canceled', 'cancelled')), state = CASE"
    " WHEN EXISTS (SELECT 1 FROM runs WHERE runs.key = items.key AND"
    " runs.attempt = items.attempt AND runs.run_id IS NOT NULL AND"
    " (runs.status IS NULL OR runs.status NOT IN ('failed', 'canceled', 'cancelled')))"
    " THEN 'created' ELSE 'waiting' END, failure = NULL,"
    f" failure_code = CASE failure_code WHEN '{GONE}' THEN failure_code END"
    " WHERE state IN ('failed', 'refused')"
)
"""Lets failed and refused items be tried again."""

LOSE: Final = (
    "UPDATE items SET state = 'waiting', attempt = attempt + 1, failure_code = NULL,"
    " updated_at = ? WHERE key = ?"
)
"""Lets another run be made for an item."""

_RESTORE: Final = "Restore a copy of it: nothing that it lacks is paid for twice"

_HEADER: Final = 100
"""Bytes with which every SQLite file begins."""

_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "fuse.s3fs", "ceph"}
)
"""File systems on which SQLite's locks cannot be trusted."""


class _Connection(sqlite3.Connection):
    """One that keeps each text as `storable` has it, and no number beyond those of SQLite."""

    def execute(self, statement: str, values: Any = (), /) -> sqlite3.Cursor:
        return super().execute(statement, tuple(map(_kept, values)))


def _kept(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    is_too_large = isinstance(value, int) and not -(2**63) <= value < 2**63
    return None if is_too_large else value


def storable(text: str) -> str:
    """Return the text with the number of each half of a character, which SQLite cannot keep."""
    return text.encode("utf-8", "backslashreplace").decode()


def connect(uri: str) -> sqlite3.Connection:
    # Autocommit: transactions are begun by name. Threads take turns: the core has one at a time.
    return sqlite3.connect(
        uri,
        uri=True,
        isolation_level=None,
        timeout=10.0,
        check_same_thread=False,
        factory=_Connection,
    )


def beside(file: Path, end: str) -> Path:
    """Return the file of this name beside the journal; beside what it leads to, if it is a link."""
    real = Path(os.path.realpath(file))
    return real.with_name(f"{real.name}{end}")


def connect_to_read(file: Path) -> sqlite3.Connection:
    """Connect to a journal that another process may work with, and to one on a read-only medium."""
    uri, log = f"{file.absolute().as_uri()}?mode=ro", beside(file, "-wal")
    # SQLite makes files beside a journal to read it, unless it is told that no process writes.
    is_kept = not os.access(log.parent, os.W_OK) and not (log.exists() and log.stat().st_size)
    return connect(f"{uri}&immutable=1" if is_kept else uri)


@contextmanager
def kept(file: Path) -> Generator[None]:
    """Raise JournalRefused where the system takes no such path."""
    try:
        yield
    except OSError as error:
        raise JournalRefused(f"the journal cannot be kept there: {error}") from error


def is_blank(connection: sqlite3.Connection) -> bool:
    """Say whether the file holds nothing yet, as one that is new or whose process was killed."""
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return tables == 0 and application == 0


def make_schema(connection: sqlite3.Connection, meta: tuple[str, str, str, float]) -> None:
    """Make the tables, and the row with id, model, template and time: all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute(
            "INSERT INTO meta (id, model, template, created_at) VALUES (?, ?, ?, ?)", meta
        )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def exists(file: Path) -> bool:
    """Say whether there is a file that holds something. What it holds is not checked."""
    with kept(file):
        if not file.exists():
            return False
        if not file.is_file() or 0 < file.stat().st_size < _HEADER:
            return True
    with explained(file):
        connection = connect_to_read(file)
        try:
            return not is_blank(connection)
        finally:
            connection.close()


def check_whole(file: Path, connection: sqlite3.Connection) -> None:
    """Refuse what is no journal, and one that was cut off or damaged: what it lost might be paid
    for again.
    """
    check_schema(file, connection)
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise JournalRefused(f"{file} is damaged: {found}. {_RESTORE}")


def check_schema(file: Path, connection: sqlite3.Connection) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION:
        raise JournalRefused(f"{file} is not a journal of a bulk run")
    if version > VERSION:
        raise JournalRefused(
            f"{file} was written by a newer version of this package (schema {version}, and this "
            f"one knows {VERSION}): upgrade runflow-client"
        )


def check_opening(
    path: str | os.PathLike[str], model: str, template: str, now: Callable[[], float]
) -> Path:
    """Return the path of a journal that is to be opened for work. Raises InvalidArgument for
    arguments of another kind, and what `check_path` raises.
    """
    check_arguments(path=path, template=template, now=now)
    check_blocking("expected a function that returns Unix seconds", now=now)
    check_model_id(model)
    file = Path(path)
    check_path(file)
    return file


def check_path(file: Path) -> None:
    """Refuse a path where a journal cannot be kept."""
    with kept(file):
        _check_place(file)


def _check_place(file: Path) -> None:
    if not file.parent.is_dir():
        raise JournalRefused(f"there is no folder {file.parent} for the journal")
    if file.is_dir():
        raise JournalRefused(f"{file} is a folder: the journal is a file")
    if file.exists() and not file.is_file():
        raise JournalRefused(f"{file} is no file, as a journal is")
    if file.exists() and 0 < file.stat().st_size < _HEADER:  # SQLite takes some for empty
        raise JournalRefused(f"{file} is not a journal of a bulk run: file is not a database")
    try:
        mounts = Path("/proc/self/mountinfo").read_text()
        kind = file_system_of(beside(file, "").parent, mounts)
    except OSError:  # not Linux
        kind = None
    if kind in _NETWORK:
        raise JournalRefused(
            f"{file} is on a network file system ({kind}), where locks cannot be trusted: keep the "
            "journal on a disk of this machine. The outputs may go to the network"
        )
    made = file if file.exists() else beside(file, "").parent
    writable = os.access(made, os.W_OK)
    if not writable:
        raise JournalRefused(f"the journal {file} cannot be written: it is read-only here")


def check_in_place(file: Path, inode: int) -> None:
    """Raise OSError where the file was removed or replaced: the next start would know nothing."""
    with suppress(FileNotFoundError):
        if file.stat().st_ino == inode:
            return
    raise OSError(f"the journal {file} was removed or replaced while it was in use")


def check_session(file: Path, connection: sqlite3.Connection, session: int) -> None:
    """Raise OSError where another process began to work with the journal: its lock was removed."""
    newest, owner = connection.execute("SELECT session, owner FROM meta").fetchone()
    if newest != session:
        other = owner or "another process"
        raise OSError(f"{other} began to work with the journal {file} meanwhile, without its lock")


def file_system_of(folder: Path, mounts: str) -> str | None:
    """Return the type of the file system that holds the folder, by Linux's mountinfo."""
    best, found = -1, None
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:
            continue
        point = fields[4].replace("\\040", " ")
        if folder.is_relative_to(point) and len(point) >= best:
            best, found = len(point), after.split()[0]
    return found


def take_lock(file: Path) -> sqlite3.Connection:
    """Lock the journal for this process, until it ends in whatever way."""
    place = beside(file, "-lock")
    with explained(file):
        lock = sqlite3.connect(place, isolation_level=None, timeout=0.0, check_same_thread=False)
        try:
            lock.execute("PRAGMA journal_mode = MEMORY")
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            lock.close()
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise JournalInUse(file, _owner_of(file)) from None
    return lock


def is_locked(file: Path) -> bool:
    """Say whether a process has locked the journal."""
    try:
        take_lock(file).close()
    except JournalInUse:
        return True
    except (JournalRefused, OSError):  # no process here can work with it
        return False
    return False


def _owner_of(file: Path) -> str:
    with suppress(sqlite3.Error, OSError):
        connection = connect_to_read(file)
        try:
            if owner := connection.execute("SELECT owner FROM meta").fetchone()[0]:
                return str(owner)
        finally:
            connection.close()
    return "another process"


@contextmanager
def explained(file: Path) -> Generator[None]:
    """Raise what SQLite says as an OSError of the file, or as JournalRefused."""
    try:
        yield
    except (UnicodeDecodeError, InvalidOperation) as error:
        why = error if isinstance(error, UnicodeDecodeError) else "an amount is no number"
        raise JournalRefused(f"{file} is damaged: {why}. {_RESTORE}") from error
    except sqlite3.DatabaseError as error:
        is_of_python = isinstance(error, sqlite3.OperationalError)  # for text that is not UTF-8
        if is_of_python and not hasattr(error, "sqlite_errorcode"):
            raise JournalRefused(f"{file} is damaged: {error}. {_RESTORE}") from error
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            raise JournalRefused(f"{file} is not a journal of a bulk run: {error}") from error
        if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
            raise JournalRefused(f"the journal {file} cannot be used: {error}") from error
        raise OSError(f"the journal {file} cannot be used: {error}") from error


def entry_of(row: Any) -> Entry:
    names = [attribute.name for attribute in fields(Entry)]
    values: dict[str, Any] = dict(zip(names, row, strict=True))
    for name in ("estimate", "cost"):
        values[name] = None if values[name] is None else Decimal(values[name])
    return Entry(**values)


def summarize(connection: sqlite3.Connection) -> Summary:
    """Count the items and the money of a journal."""
    counts: dict[str, int] = dict(
        connection.execute("SELECT state, count(*) FROM items GROUP BY state").fetchall()
    )
    costs = connection.execute(
        "SELECT cost, count(*) FROM runs WHERE cost IS NOT NULL GROUP BY cost"
    )
    under_way = connection.execute(
        "SELECT estimate, count(*) FROM items JOIN runs ON runs.key = items.key AND"
        " runs.attempt = items.attempt WHERE state IN ('intended', 'created')"
        " AND ended_at IS NULL AND estimate IS NOT NULL GROUP BY estimate"
    )
    return Summary(
        done=counts.get("done", 0),
        failed=counts.get("failed", 0),
        refused=counts.get("refused", 0),
        running=sum(counts.get(state, 0) for state in ("intended", "created", "ended")),
        waiting=counts.get("waiting", 0),
        spent=sum((Decimal(cost) * count for cost, count in costs), Decimal(0)),
        reserved=sum((Decimal(price) * count for price, count in under_way), Decimal(0)),
    )
