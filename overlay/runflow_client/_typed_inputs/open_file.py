"""An open file of the caller's, read from where it stands as often as it is sent."""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import BinaryIO, Final

from attrs import define, field


@define(eq=False)
class _Shared:
    """An open file that one or several read, from where it stood before the first of them."""

    file: BinaryIO
    start: int
    readers: int = 0
    lock: threading.Lock = field(factory=threading.Lock)


@define(eq=False)
class _Readings:
    """The files that one process reads."""

    shared: dict[int, _Shared] = field(factory=dict[int, _Shared])
    """By the identity of the file."""
    # A reading that is left may end wherever memory is taken.
    lock: threading.RLock = field(factory=threading.RLock)


_of_processes: Final[dict[int, _Readings]] = {}


def _readings() -> _Readings:
    """Return those of this process: a fork inherits what threads of its parent read, which ends
    there alone, and a lock that one of them may hold.
    """
    process = os.getpid()
    return _of_processes.get(process) or _of_processes.setdefault(process, _Readings())


@define(eq=False)
class Reader:
    """Reads a file from a position of its own."""

    _shared: _Shared
    position: int

    def read(self, size: int) -> bytes:
        """Return the next bytes, or whatever else the file gives."""
        file = self._shared.file
        with self._shared.lock:
            if file.tell() != self.position:  # another has read it, too
                file.seek(self.position)
            piece = file.read(size)
            self.position = file.tell()
        return piece

    def left(self) -> int:
        """Return how many bytes follow."""
        with self._shared.lock:
            return self._shared.file.seek(0, os.SEEK_END) - self.position


def is_seekable(file: object) -> bool:
    """Whether the file can be read again. Raises ValueError if it is closed."""
    seekable: object = getattr(file, "seekable", None)
    return callable(seekable) and bool(seekable())


@contextmanager
def reading(file: BinaryIO, start: int | None = None) -> Generator[Reader]:
    """Read a seekable file for the length of a `with` block, from `start` or from where it stands.
    It stands there again when the last one has read it.
    """
    readings = _readings()
    with readings.lock:
        shared = readings.shared.get(id(file))
        if shared is None:
            shared = _Shared(file, file.tell() if start is None else start)
            readings.shared[id(file)] = shared
        shared.readers += 1
    try:
        yield Reader(shared, shared.start if start is None else start)
    finally:
        readings = _readings()
        with readings.lock:
            shared.readers -= 1
            if not shared.readers:
                readings.shared.pop(id(file), None)
                with suppress(OSError, ValueError):  # it was closed meanwhile
                    file.seek(shared.start)
