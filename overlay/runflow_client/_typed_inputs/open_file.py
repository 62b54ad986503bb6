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


_READ_NOW: Final[dict[int, _Shared]] = {}
"""By the identity of the file."""
_LOCK: Final = threading.RLock()  # a reading that is left may end wherever memory is taken


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
    with _LOCK:
        shared = _READ_NOW.get(id(file))
        if shared is None:
            shared = _Shared(file, file.tell() if start is None else start)
            _READ_NOW[id(file)] = shared
        shared.readers += 1
    try:
        yield Reader(shared, shared.start if start is None else start)
    finally:
        with _LOCK:
            shared.readers -= 1
            if not shared.readers:
                _READ_NOW.pop(id(file), None)
                with suppress(OSError, ValueError):  # it was closed meanwhile
                    file.seek(shared.start)
