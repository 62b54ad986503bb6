"""The journal of a bulk run: one SQLite file that says what was meant, created, billed and saved.

    meta     one row: the journal's id, the model, the template, who works with it
    items    one row an item: its key, its input, its state, why it ended badly
    runs     one row a run of an item (a run that failed may be made anew): the intent is written
             before the create is sent, then the run's id, then how it ended
    files    one row an output: its name is written before the file appears, its size afterwards

States of an item: `waiting` (nothing was sent), `intended` (its create may have reached Runflow),
`created` (its run is known), `ended` (its run has ended well, files may be missing), `done`,
`failed`, `refused`. Times are Unix seconds, money is a decimal text of US dollars.
"""

import os
import socket
import sqlite3
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from .._validation import check_arguments
from ._errors import JournalRefused
from ._items import Entry, SavedFile, Summary
from ._journal_file import (
    ENTRY,
    FILES,
    LOSE,
    RETRY,
    check_in_place,
    check_opening,
    check_schema,
    check_session,
    check_whole,
    connect,
    connect_to_read,
    entry_of,
    explained,
    is_blank,
    is_locked,
    kept,
    make_schema,
    storable,
    summarize,
    take_lock,
)


class Journal:
    """One journal, open. `Journal.open` locks it for work, `Journal.read` only looks.

    Raises OSError where the disk is full or fails, JournalRefused where the file is no journal.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, lock: sqlite3.Connection | None
    ) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        self._place = path.absolute()  # the process may work in another folder later
        self._inode = os.stat(path).st_ino
        row = self._query("SELECT id, model, template, session, output FROM meta")[0]
        self.id, self.model, self.template, self.session, output = row
        self.output = Path(output) if output else None
        """The folder of the outputs, if they were saved."""

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        model: str,
        template: str = "",
        now: Callable[[], float] = time.time,
    ) -> "Journal":
        """Open the journal for work, or make it.

        Raises JournalInUse where another process works with it, and JournalRefused where it is of
        another model or template, newer, no journal, or on a path that cannot be written.
        """
        file = check_opening(path, model, template, now)
        lock = take_lock(file)
        try:
            journal = cls._connect(file, lock, model, template, now)
            try:
                journal.check(model, template)
                journal._begin_session()
            except BaseException:
                journal._connection.close()
                raise
        except BaseException:
            lock.close()
            raise
        return journal

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "Journal":
        """Open a journal to look at it, while another process works with it, too."""
        check_arguments(path=path)
        file = Path(path)
        with kept(file):
            if not file.exists():
                raise JournalRefused(f"there is no journal {file}")
            if not file.is_file():
                raise JournalRefused(f"{file} is no file, as a journal is")
        with explained(file):
            connection = connect_to_read(file)
            try:
                check_schema(file, connection)
                return cls(file, connection, None)
            except BaseException:
                connection.close()
                raise

    @classmethod
    def reopen(cls, path: str | os.PathLike[str]) -> "Journal":
        """Open a journal that exists for work, whatever its model and template are.

        Raises JournalRefused and JournalInUse as `open` does.
        """
        with cls.read(path) as journal:
            model, template = journal.model, journal.template
        return cls.open(path, model=model, template=template)

    @classmethod
    def _connect(
        cls,
        file: Path,
        lock: sqlite3.Connection,
        model: str,
        template: str,
        now: Callable[[], float],
    ) -> "Journal":
        with explained(file):
            connection = connect(f"{file.absolute().as_uri()}?mode=rwc")
            try:
                if is_blank(connection):
                    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                    if mode != "wal":
                        raise JournalRefused(f"{file}: its file system cannot hold a journal")
                    make_schema(connection, (str(uuid.uuid4()), model, template, now()))
                check_whole(file, connection)
                connection.execute("PRAGMA synchronous = NORMAL")
                return cls(file, connection, lock)
            except BaseException:
                connection.close()
                raise

    def check(self, model: str, template: str = "") -> None:
        """Raise JournalRefused where the journal is of another model or template."""
        if self.model != model:
            raise JournalRefused(
                f"{self.path} is the journal of {self.model}, not of {model}: give another journal"
            )
        if self.template != storable(template):
            raise JournalRefused(
                f"{self.path} was begun with another template ({self.template or 'none'}): its "
                "items would be other pictures. Give another journal"
            )

    def _begin_session(self) -> None:
        owner = f"process {os.getpid()} on {socket.gethostname()}"
        began = "UPDATE meta SET session = session + 1, owner = ? RETURNING session"
        self.session = self._query(began, (owner,))[0][0]

    def forget_refused(self) -> None:
        """Forget the items for which nothing was ever sent: their rows are read again."""
        self._write(
            "DELETE FROM items WHERE state = 'refused'"
            " AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.key = items.key)"
        )

    def is_in_use(self) -> bool:
        """Say whether a process works with the journal now."""
        return is_locked(self._place)

    def keep_output(self, folder: Path) -> None:
        """Note the folder of the outputs."""
        self.output = folder.absolute()
        self._write("UPDATE meta SET output = ?", (str(self.output),))

    def close(self) -> None:
        """Close the file and let others work with it."""
        if self._lock is not None:
            with suppress(OSError):  # the disk may be full: then the next start looks once more
                self._write("UPDATE meta SET owner = '' WHERE session = ?", (self.session,))
        self._connection.close()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    # Items

    def find(self, key: str) -> Entry | None:
        """Return the item with this key, with its newest run."""
        with explained(self.path):
            row = self._connection.execute(f"{ENTRY} WHERE items.key = ?", (key,)).fetchone()
            return None if row is None else entry_of(row)

    def entries(self, *states: str) -> Iterator[Entry]:
        """Give the items in these states, or all, in the order in which they came."""
        chosen = f" WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        with explained(self.path):
            cursor = self._connection.execute(f"{ENTRY}{chosen} ORDER BY number, items.key", states)
            for row in cursor:
                yield entry_of(row)

    def add(self, key: str, number: int, place: str, shown: str, fingerprint: str) -> None:
        """Note a new item, as `waiting`."""
        self._write(
            "INSERT INTO items (key, number, place, input, fingerprint, state, session, updated_at)"
            " VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?)",
            (key, number, place, shown, fingerprint, self.session, time.time()),
        )

    def refuse(self, key: str, number: int, place: str, reason: str) -> None:
        """Note an item that could not be read, unless something was made for its key before."""
        self._write(
            "INSERT OR IGNORE INTO items (key, number, place, input, fingerprint, state, session,"
            " failure, updated_at) VALUES (?, ?, ?, '{}', '', 'refused', ?, ?, ?)",
            (key, number, place, self.session, reason, time.time()),
        )

    def meet(self, key: str, number: int, place: str) -> None:
        """Note that an item of an earlier start came again in this one."""
        self._write(
            "UPDATE items SET session = ?, number = ?, place = ? WHERE key = ?",
            (self.session, number, place, key),
        )

    def replace(self, key: str, shown: str, fingerprint: str) -> None:
        """Give an item of which nothing was ever sent another input."""
        self._write(
            "UPDATE items SET input = ?, fingerprint = ?, state = 'waiting', failure_code = NULL,"
            " failure = NULL, updated_at = ? WHERE key = ?",
            (shown, fingerprint, time.time(), key),
        )

    def intend(self, key: str, attempt: int, client_ref: str, estimate: Decimal | None) -> None:
        """Note, before it is sent, that a create will be sent."""
        check_in_place(self._place, self._inode)
        now = time.time()
        with self._transaction():
            check_session(self._place, self._connection, self.session)
            self._connection.execute(
                "INSERT OR IGNORE INTO runs (key, attempt, client_ref, estimate, intended_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (key, attempt, client_ref, _text(estimate), now),
            )
            self._connection.execute(
                "UPDATE items SET state = 'intended', attempt = ?, failure_code = NULL,"
                " failure = NULL, updated_at = ? WHERE key = ?",
                (attempt, now, key),
            )

    def take_back(self, key: str, attempt: int) -> None:
        """Note that a create certainly made no run."""
        with self._transaction():
            self._connection.execute(
                "DELETE FROM runs WHERE key = ? AND attempt = ? AND run_id IS NULL", (key, attempt)
            )
            self._connection.execute(
                "UPDATE items SET state = 'waiting', updated_at = ? WHERE key = ?",
                (time.time(), key),
            )

    def created(self, key: str, attempt: int, run_id: str) -> None:
        """Note the run of the item."""
        now = time.time()
        with self._transaction():
            self._connection.execute(
                "UPDATE runs SET run_id = ?, created_at = coalesce(created_at, ?)"
                " WHERE key = ? AND attempt = ?",
                (run_id, now, key, attempt),
            )
            self._set_state(key, "created", now)

    def ended(
        self,
        key: str,
        attempt: int,
        state: str,
        *,
        status: str | None,
        cost: Decimal | None,
        duration_ms: int | None,
        failure_code: str | None = None,
        failure: str | None = None,
    ) -> None:
        """Note how the run ended; `state` is `ended` with outputs, `failed` or `waiting` without.
        `waiting` means that another run will be made for the item.
        """
        now = time.time()
        with self._transaction():
            self._connection.execute(
                "UPDATE runs SET status = ?, cost = ?, duration_ms = ?, failure_code = ?,"
                " failure = ?, ended_at = ? WHERE key = ? AND attempt = ?",
                (status, _text(cost), duration_ms, failure_code, failure, now, key, attempt),
            )
            self._set_state(key, state, now, failure_code, failure)

    def lose(self, key: str) -> None:
        """Note that the item's run is gone for good, and that another will be made."""
        self._write(LOSE, (time.time(), key))

    def settle(
        self, key: str, state: str, failure_code: str | None = None, failure: str | None = None
    ) -> None:
        """Note that the item is `done`, `failed` or `refused`."""
        with self._transaction():
            self._set_state(key, state, time.time(), failure_code, failure)

    def has_runs(self) -> bool:
        """Say whether any run was created."""
        return bool(self._query("SELECT 1 FROM runs WHERE run_id IS NOT NULL LIMIT 1"))

    def retry(self) -> int:
        """Let every failed and refused item be tried again at the next start; say how many.

        A run that ended well stays the item's. One that is gone does, too, with the code that says
        so: another is made only if it is still gone.
        """
        with self._transaction():
            return self._connection.execute(RETRY).rowcount

    def files(self, key: str) -> list[SavedFile]:
        """Return the outputs of the item that are saved or meant to be."""
        rows = self._query(FILES, (key,))
        return [SavedFile(*row) for row in rows if row[1]]

    def was_saved(self, key: str) -> bool:
        """Say whether there was a folder for the item's outputs, if it has any."""
        return bool(self._query(FILES, (key,)))

    def expect_file(self, key: str, number: int, name: str) -> None:
        """Note the name under which an output will appear; no name, if the run has no outputs."""
        self._write(
            "INSERT OR REPLACE INTO files (key, number, name) VALUES (?, ?, ?)",
            (key, number, name),
        )

    def saved(self, key: str, number: int, size: int) -> None:
        """Note that an output is whole on the disk, with so many bytes."""
        self._write(
            "UPDATE files SET bytes = ?, saved_at = ? WHERE key = ? AND number = ?",
            (size, time.time(), key, number),
        )

    def summary(self) -> Summary:
        """Count the items and the money."""
        with explained(self.path):
            return summarize(self._connection)

    def _set_state(
        self,
        key: str,
        state: str,
        now: float,
        failure_code: str | None = None,
        failure: str | None = None,
    ) -> None:
        self._connection.execute(
            "UPDATE items SET state = ?, failure_code = ?, failure = ?, updated_at = ?"
            " WHERE key = ?",
            (state, failure_code, failure, now, key),
        )

    def _query(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with explained(self.path):
            return self._connection.execute(statement, values).fetchall()

    def _write(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        with explained(self.path):
            self._connection.execute(statement, values)

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
