"""The file of an SQLite database: whether it can be one, and whether it is still there."""

import errno
import os
import stat
from typing import Final, Self

from attrs import frozen
from sqlalchemy import Connection

from ..._errors import InvalidArgument

SQLITE: Final = "sqlite"
"""SQLAlchemy's name of the dialect."""


def in_memory() -> InvalidArgument:
    """Make the error for a database in memory."""
    return InvalidArgument(
        "an SQLite database in memory loses acknowledged events: pass a file to the inbox"
    )


def check_file(path: str) -> None:
    """Raise InvalidArgument for what can never be the file of a database. A file or a folder that
    is missing may be there later.
    """
    try:
        path.encode()
        mode = os.stat(path).st_mode
    except UnicodeEncodeError:
        raise InvalidArgument(f"database is {path!r}: SQLite takes names in UTF-8") from None
    except ValueError:  # a NUL in it
        raise InvalidArgument(f"database is {path!r}, which no file can be called") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise InvalidArgument("database is a link that leads in a circle") from None
        return
    if stat.S_ISDIR(mode):
        raise InvalidArgument("database is a folder: pass a file in it to the inbox")
    if not stat.S_ISREG(mode):
        raise InvalidArgument("database is a device, a pipe or a socket: pass a file to the inbox")


FILES: Final = "runflow_inbox_files"
"""The key in a connection's `info` of the files that it opened."""


@frozen
class DatabaseFiles:
    """The files of an SQLite database as they were when a connection opened them.

    Deleting or replacing them leaves the connection with files that no longer have a name:
    what it commits there is lost.
    """

    path: str
    given: str
    """The path that the inbox was given, which may lead there through links."""
    identities: tuple[tuple[int, int] | None, ...]

    @classmethod
    def at(cls, path: str, given: str) -> Self:
        """Return the files that are at this path now. Raises InvalidArgument for a database in
        memory.
        """
        if not path:
            raise in_memory()
        names = (given, path, f"{path}-wal", f"{path}-shm")
        return cls(path, given, tuple(_identity(name) for name in names))

    @classmethod
    def of(cls, connection: Connection) -> "Self | None":
        """Return the files that this connection opened; None for a server's database."""
        if connection.dialect.name != SQLITE:
            return None
        found: Self | None = connection.info.get(FILES)
        if found is None:
            path = connection.exec_driver_sql("PRAGMA database_list").all()[0][2]
            found = cls.at(path, given=path)
            connection.info[FILES] = found
        return found

    def are_gone(self) -> bool:
        """Whether one of them was deleted, replaced or emptied, or a link leads elsewhere now."""
        present = type(self).at(self.path, self.given).identities
        # A log that was not there yet is not compared.
        return any(
            opened is not None and opened != now
            for opened, now in zip(self.identities, present, strict=True)
        )


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    # An empty log is usual, an empty database after a commit is one that was truncated.
    is_log = path.endswith(("-wal", "-shm"))
    return (found.st_dev, found.st_ino) if is_log or found.st_size else None
