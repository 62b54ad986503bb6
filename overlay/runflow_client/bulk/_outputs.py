"""The files of a bulk run: each output is in the folder once, whole, under the name of its item."""

import errno
import filecmp
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from .._async.run import AsyncRun
from .._errors import InvalidArgument
from ._journal import Journal
from ._settings import file_name


@frozen
class Outputs:
    """The folder of the outputs; None where they are not saved."""

    folder: Path | None
    journal: Journal
    shown: Path | None
    """The folder as the caller named it."""

    @property
    def _staging(self) -> Path | None:
        """Where files are written until they are whole. It is the journal's own, so what a killed
        process left there can be removed.
        """
        return None if self.folder is None else self.folder / f".runflow-bulk-{self.journal.id}"

    def begin(self) -> None:
        """Note the folder in the journal, and remove what a killed process left there."""
        if self.folder is not None and self._staging is not None:
            self.journal.keep_output(self.folder)
            self.end()
            self._staging.mkdir(parents=True)

    def end(self) -> None:
        """Remove what is not whole."""
        if self._staging is not None:
            shutil.rmtree(self._staging, ignore_errors=True)

    def are_whole(self, key: str) -> bool:
        """Whether the files of an item that is done are on the disk as they were saved."""
        if self.folder is None:
            return True
        if not self.journal.was_saved(key):  # it was done in a start without a folder
            return False
        for file in self.journal.files(key):
            with suppress(FileNotFoundError):
                if (self.folder / file.name).stat().st_size == file.bytes:
                    continue
            return False
        return True

    def paths(self, key: str) -> Sequence[Path]:
        """Return the files of an item that is done."""
        if self.shown is None:
            return ()
        return [self.shown / file.name for file in self.journal.files(key)]

    async def save(self, key: str, run: AsyncRun) -> None:
        """Save the outputs that are not there yet.

        Raises FileExistsError where another file has the name, and what `artifact.save` raises.
        """
        if self.folder is None or self._staging is None:
            return
        if not run.outputs:
            self.journal.expect_file(key, 0, "")
        known = {file.number: file for file in self.journal.files(key)}
        for artifact in run.outputs:
            name = file_name(key, artifact.name, artifact.number, len(run.outputs))
            path, file = self.folder / name, known.get(artifact.number)
            if file is not None and path.exists() and file.bytes in (None, path.stat().st_size):
                # Files appear under their name only when they are whole.
                self.journal.saved(key, artifact.number, path.stat().st_size)
                continue
            part = await artifact.save(self._staging / name, overwrite=True)
            if file is None and path.exists() and not filecmp.cmp(part, path, shallow=False):
                raise FileExistsError(
                    errno.EEXIST, "exists, and this journal did not write it", str(path)
                )
            self.journal.expect_file(key, artifact.number, name)
            os.replace(part, path)
            self.journal.saved(key, artifact.number, path.stat().st_size)


def make_folder(folder: Path) -> None:
    """Make the folder. Raises InvalidArgument where it cannot be one, OSError for a full disk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise InvalidArgument(
            f"the outputs cannot be saved in {folder}: {error.strerror}"
        ) from error
