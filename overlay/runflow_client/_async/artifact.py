"""One output of a run, with the asynchronous client that fetches it."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

from attrs import field, frozen

from .._flows.download import DEFAULT_MAX_BYTES, Progress
from .._flows.save import READ_MAX_BYTES, read, save, stream
from .._models.artifact import BaseArtifact
from .._transport.driver import AsyncDriver


@frozen(kw_only=True)
class AsyncArtifact(BaseArtifact):
    """An artifact of an asynchronous client."""

    _driver: AsyncDriver = field(repr=False, eq=False, alias="driver")

    async def save(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        progress: Progress | None = None,
    ) -> Path:
        """Stream it to a file, or into a folder under its own name, and give back the path; as
        Artifact.save.
        """
        return await self._driver.drive(
            save(self, self._driver.context, path, overwrite, max_bytes, progress)
        )

    async def read(
        self, *, max_bytes: int = READ_MAX_BYTES, progress: Progress | None = None
    ) -> bytes:
        """Its bytes, all at once in memory; as Artifact.read."""
        return await self._driver.drive(read(self, self._driver.context, max_bytes, progress))

    def stream(
        self, *, max_bytes: int = DEFAULT_MAX_BYTES, progress: Progress | None = None
    ) -> AsyncIterator[bytes]:
        """Its bytes piece by piece as they come; as Artifact.stream, with `async for`."""
        return self._driver.each(stream(self, self._driver.context, max_bytes, progress))
