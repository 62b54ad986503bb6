"""What a run made: artifacts, each of which can be saved, read or streamed. Their URLs are signed and expire."""

import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from attrs import field, frozen
from runflow_api.api.runs import get_run

from .downloads import DEFAULT_MAX_BYTES, Progress, Source, fetch
from .drivers import AsyncDriver, Driver
from .exchanges import deliver
from .flows import Context, Flow
from .json_shapes import as_object
from .media_types import kind_of
from .output_shapes import read_artifacts
from .reading import read_object
from .sinks import CallerSink, FileSink, MemorySink, exists_already
from .storage_errors import show_address

READ_MAX_BYTES: Final = 256 * 1024 * 1024
"""Bytes that `read` takes into memory unless told otherwise."""


@frozen(kw_only=True)
class BaseArtifact:
    """One file that a run made.

    `type` is `image`, `video` or `audio` where it is known; `width` and `height` are pixels, `duration` seconds,
    `size_bytes` bytes, where the server says so. `name` is safe as a file name, and no other artifact of the run has it.
    `details` holds everything the server said about it.
    """

    url: str = field(repr=show_address)
    type: str | None
    media_type: str | None
    width: int | None
    height: int | None
    duration: float | None
    size_bytes: int | None
    name: str
    number: int
    """Its place among the run's artifacts, from 0."""
    run_id: str
    details: Mapping[str, Any] = field(repr=False)

    def source(self, context: Context, *, queued: bool = True) -> Source:
        """Where its file is, and the way to a fresh URL when that has expired: the run, read again with new signatures."""

        def renew() -> Flow[str | None]:
            arguments = get_run.build_request(UUID(self.run_id), add_signature=True)
            run = read_object((yield from deliver(context, arguments)))
            again = read_artifacts(as_object(run.get("output")))
            return str(again[self.number]["url"]) if self.number < len(again) else None

        return Source(url=self.url, kinds=(self.type, kind_of(self.media_type)), renew=renew, queued=queued)


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

        Nothing half-written ever stands under the final name. A connection that breaks is taken up where it broke, an expired
        URL renewed once. `progress` is called with the bytes received and the bytes in all (None if not known). Raises
        FileExistsError for a target that is there already unless `overwrite`, OSError when the disk is full, StorageRefused,
        WrongContent for what is not the file (an error page), DownloadTooLarge beyond `max_bytes`, AddressRefused for a URL
        that is not gone to, ConnectionLost when the connection keeps breaking, InvalidArgument for a data URI that is none.
        """
        return self._driver.drive(save(self, self._driver.context, path, overwrite, max_bytes, progress))

    def read(self, *, max_bytes: int = READ_MAX_BYTES, progress: Progress | None = None) -> bytes:
        """Its bytes, all at once in memory. Raises as `save` does, without FileExistsError and OSError."""
        return self._driver.drive(read(self, self._driver.context, max_bytes, progress))

    def stream(self, *, max_bytes: int = DEFAULT_MAX_BYTES, progress: Progress | None = None) -> Iterator[bytes]:
        """Its bytes piece by piece as they come. Raises as `read` does, in the middle too."""
        return self._driver.each(stream(self, self._driver.context, max_bytes, progress))


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
        """Stream it to a file, or into a folder under its own name, and give back the path; as Artifact.save."""
        return await self._driver.drive(save(self, self._driver.context, path, overwrite, max_bytes, progress))

    async def read(self, *, max_bytes: int = READ_MAX_BYTES, progress: Progress | None = None) -> bytes:
        """Its bytes, all at once in memory; as Artifact.read."""
        return await self._driver.drive(read(self, self._driver.context, max_bytes, progress))

    def stream(self, *, max_bytes: int = DEFAULT_MAX_BYTES, progress: Progress | None = None) -> AsyncIterator[bytes]:
        """Its bytes piece by piece as they come; as Artifact.stream, with `async for`."""
        return self._driver.each(stream(self, self._driver.context, max_bytes, progress))


def save(
    artifact: BaseArtifact,
    context: Context,
    path: str | os.PathLike[str],
    overwrite: bool,
    max_bytes: int,
    progress: Progress | None,
) -> Flow[Path]:
    """Stream the artifact to a file, as Artifact.save does."""
    target = Path(path)
    if target.is_dir():
        target = target / artifact.name
    elif os.fspath(path).endswith(("/", os.sep)):
        raise NotADirectoryError(f"{target} is not a folder: make it first")
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a folder")
    if target.exists() and not overwrite:
        raise exists_already(target)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{target.parent} is not a folder: make it first")
    sink = FileSink(target)
    try:
        yield from fetch(context, artifact.source(context), sink, max_bytes=max_bytes, progress=progress)
        yield from sink.finish(overwrite=overwrite)
    finally:
        sink.discard()
    return target


def read(artifact: BaseArtifact, context: Context, max_bytes: int, progress: Progress | None) -> Flow[bytes]:
    """The artifact's bytes."""
    sink = MemorySink()
    yield from fetch(context, artifact.source(context), sink, max_bytes=max_bytes, progress=progress)
    return bytes(sink.content)


def stream(artifact: BaseArtifact, context: Context, max_bytes: int, progress: Progress | None) -> Flow[None]:
    """The artifact's bytes, as updates. It waits for no place: the caller may have many open and read none."""
    source = artifact.source(context, queued=False)
    yield from fetch(context, source, CallerSink(), max_bytes=max_bytes, progress=progress)


def make_folder(directory: str | os.PathLike[str]) -> Path:
    """The folder, made if it is not there. Raises NotADirectoryError for a file of that name."""
    folder = Path(directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(f"{folder} is a file, not a folder") from None
    return folder


def all_saved(results: Sequence[Path | Exception]) -> list[Path]:
    """The paths, or the first of the failures with what became of the others."""
    paths = [result for result in results if isinstance(result, Path)]
    failures = [result for result in results if isinstance(result, Exception)]
    if not failures:
        return paths
    first, *others = failures
    if paths:
        first.add_note(f"Saved: {', '.join(str(path) for path in paths)}")
    for other in others:
        first.add_note(f"Not saved either: {other}")
    raise first
