"""Write a download to a file, or give it as bytes or pieces."""

import os
import secrets
from collections.abc import Callable, Sequence
from io import FileIO
from pathlib import Path
from typing import Final
from uuid import UUID

from attrs import define, field
from runflow_api.api.runs import get_run

from .._json import as_object
from .._media_types import kind_of
from .._models.artifact import BaseArtifact, read_artifacts
from .._responses import read_object
from .commands import Context, Emit, Flow, RunBlocking
from .download import Progress, Source, fetch
from .request import send_with_retries

READ_MAX_BYTES: Final = 256 * 1024 * 1024
"""Bytes that `read` takes into memory unless told otherwise."""


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
        yield from fetch(
            context,
            artifact_source(artifact, context),
            sink,
            max_bytes=max_bytes,
            progress=progress,
        )
        yield from sink.finish(overwrite=overwrite)
    finally:
        sink.discard()
    return target


def read(
    artifact: BaseArtifact, context: Context, max_bytes: int, progress: Progress | None
) -> Flow[bytes]:
    """The artifact's bytes."""
    sink = MemorySink()
    yield from fetch(
        context, artifact_source(artifact, context), sink, max_bytes=max_bytes, progress=progress
    )
    return bytes(sink.content)


def stream(
    artifact: BaseArtifact, context: Context, max_bytes: int, progress: Progress | None
) -> Flow[None]:
    """The artifact's bytes, as updates. It waits for no place: the caller may have many open and
    read none.
    """
    source = artifact_source(artifact, context, queued=False)
    yield from fetch(context, source, CallerSink(), max_bytes=max_bytes, progress=progress)


def artifact_source(artifact: BaseArtifact, context: Context, *, queued: bool = True) -> Source:
    """Say where the file is, and how to renew its URL when that has expired.

    The run is read again with new signatures.
    """

    def renew() -> Flow[str | None]:
        arguments = get_run.build_request(UUID(artifact.run_id), add_signature=True)
        run = read_object((yield from send_with_retries(context, arguments)))
        renewed = read_artifacts(as_object(run.get("output")))
        return str(renewed[artifact.number]["url"]) if artifact.number < len(renewed) else None

    kinds = (artifact.type, kind_of(artifact.media_type))
    return Source(url=artifact.url, kinds=kinds, renew=renew, queued=queued)


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


_BUFFER: Final = 512 * 1024
"""Bytes that are written at once."""


@define(eq=False)
class MemorySink:
    """Keeps everything."""

    content: bytearray = field(factory=bytearray)

    def write(self, chunk: bytes) -> Flow[None]:
        """Keep these bytes."""
        self.content += chunk
        yield from ()

    def start_again(self) -> Flow[bool]:
        """Keep nothing any more."""
        self.content.clear()
        yield from ()
        return True


class CallerSink:
    """Hands every piece to the caller at once, as an update of the flow."""

    def write(self, chunk: bytes) -> Flow[None]:
        """Hand these bytes over."""
        yield Emit(chunk)

    def start_again(self) -> Flow[bool]:
        """What was handed over cannot be taken back."""
        yield from ()
        return False


@define(eq=False)
class FileSink:
    """Writes beside the target and gives the file its name when it is whole."""

    target: Path
    _part: Path = field(init=False)
    _file: FileIO | None = field(init=False, default=None)
    _waiting: list[bytes] = field(init=False, factory=list[bytes])
    _size: int = field(init=False, default=0)
    _at_work: bool = field(init=False, default=False)
    _discarded: bool = field(init=False, default=False)

    def __attrs_post_init__(self) -> None:
        # Not of the target's name, which may be as long as names can be.
        self._part = self.target.with_name(f".runflow-{secrets.token_hex(8)}.part")

    def write(self, chunk: bytes) -> Flow[None]:
        """Write these bytes, some more at a time. Raises OSError when the disk is full."""
        self._waiting.append(chunk)
        self._size += len(chunk)
        if self._size >= _BUFFER:
            yield from self._do(self._flush)

    def start_again(self) -> Flow[bool]:
        """Empty the file."""
        self._waiting.clear()
        self._size = 0
        yield from self._do(lambda: self._opened().truncate(0) + self._opened().seek(0))
        return True

    def finish(self, *, overwrite: bool) -> Flow[None]:
        """Write the rest to the disk and give the file its name. Raises FileExistsError for a
        target that is there.
        """
        yield from self._do(lambda: self._publish(overwrite))

    def discard(self) -> None:
        """Leave nothing behind. Does nothing after `finish`.

        The thread that writes may be at work still, if the task that waited for it was canceled:
        then it clears up itself.
        """
        self._discarded = True
        if not self._at_work:
            self._clear_up()

    def _clear_up(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()
            self._part.unlink(missing_ok=True)

    def _do(self, function: Callable[[], object]) -> Flow[None]:
        yield RunBlocking(lambda: self._work(function))

    def _work(self, function: Callable[[], object]) -> None:
        self._at_work = True
        try:
            function()
        finally:
            self._at_work = False
            if self._discarded:
                self._clear_up()

    def _opened(self) -> FileIO:
        if self._file is None:
            self._file = open(self._part, "xb", buffering=0)  # noqa: SIM115 # lives as long as the download
        return self._file

    def _flush(self) -> None:
        left = memoryview(b"".join(self._waiting))
        self._waiting.clear()
        self._size = 0
        while left:
            left = left[self._opened().write(left) :]

    def _publish(self, overwrite: bool) -> None:
        self._flush()
        file = self._opened()
        os.fsync(file.fileno())
        file.close()
        if self._discarded:
            return
        if overwrite:
            os.replace(self._part, self.target)
        else:
            _name_if_free(self._part, self.target)
        self._file = None


def _name_if_free(part: Path, target: Path) -> None:
    try:
        os.link(part, target)
    except FileExistsError:
        raise exists_already(target) from None
    # a file system without links: the moment between looking and naming cannot be helped
    except OSError:
        if target.exists():
            raise exists_already(target) from None
        os.replace(part, target)
    else:
        part.unlink()


def exists_already(target: Path) -> FileExistsError:
    """The error for a target that is kept."""
    return FileExistsError(f"{target} exists already: give another name or overwrite=True")
