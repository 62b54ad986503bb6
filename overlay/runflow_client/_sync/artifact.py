"""One output of a run, with the synchronous client that fetches it."""

import os
from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from .._flows.download import DEFAULT_MAX_BYTES, Progress
from .._flows.save import READ_MAX_BYTES, read, save, stream
from .._models.artifact import BaseArtifact
from .._transport.driver import Driver


@frozen(kw_only=True)
class Artifact(BaseArtifact):
    """An artifact of a synchronous client."""

    _driver: Driver = field(repr=False, eq=False, alias="driver")

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        progress: Progress | None = None,
    ) -> Path:
        """Stream it to a file, or into a folder under its own name, and give back the path.

        Nothing half-written ever stands under the final name. A connection that breaks is taken up
        where it broke, an expired URL renewed once. `progress` is called with the bytes received
        and the bytes in all (None if not known). Raises FileExistsError for a target that is there
        already unless `overwrite`, OSError when the disk is full, StorageRefused, WrongContent for
        what is not the file (an error page), DownloadTooLarge beyond `max_bytes`, AddressRefused
        for a URL that is not gone to, ConnectionLost when the connection keeps breaking,
        InvalidArgument for a data URI that is none.
        """
        return self._driver.drive(
            save(self, self._driver.context, path, overwrite, max_bytes, progress)
        )

    def read(self, *, max_bytes: int = READ_MAX_BYTES, progress: Progress | None = None) -> bytes:
        """Its bytes, all at once in memory. Raises as `save` does, without FileExistsError and
        OSError.
        """
        return self._driver.drive(read(self, self._driver.context, max_bytes, progress))

    def stream(
        self, *, max_bytes: int = DEFAULT_MAX_BYTES, progress: Progress | None = None
    ) -> Iterator[bytes]:
        """Its bytes piece by piece as they come. Raises as `read` does, in the middle too."""
        return self._driver.each(stream(self, self._driver.context, max_bytes, progress))
