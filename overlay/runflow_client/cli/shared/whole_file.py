"""A file that appears when it is whole: it is written beside its place, and then given its name."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from ..._flows.save import check_target, copy_owner_and_mode, new_part


def check_room(folder: Path) -> None:
    """Make a file in the folder, and remove it. Raises OSError where none can be made."""
    with TemporaryFile(dir=folder):
        pass


@contextmanager
def whole_file(path: Path, *, private: bool = False) -> Generator[BinaryIO]:
    """Open a file that takes the place of this one at the end of the block.

    A link stays, and what it leads to is replaced. A file that is replaced gives its owner and
    mode, unless the new one is `private`, readable by its owner alone. Nothing is left behind where
    the block fails. Raises OSError for a folder, a device, a FIFO or a socket.
    """
    check_target(path, overwrite=True)
    real = Path(os.path.realpath(path))
    part = new_part(real)
    mode = 0o600 if private or real.exists() else 0o666
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        if not private:
            copy_owner_and_mode(real, part)
        os.replace(part, real)
    finally:
        part.unlink(missing_ok=True)
