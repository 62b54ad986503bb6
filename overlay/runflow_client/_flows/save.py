"""Write a download to a file, or return it as bytes or pieces."""

import os
import secrets
import stat
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import ClassVar, Final
from uuid import UUID

from attrs import define, field
from runflow_api.api.runs import get_run

from .._files.media_types import kind_of, suffix_of
from .._files.names import has_suffix
from .._json import as_object
from .._models.artifact import BaseArtifact, read_artifacts
from .._responses import read_object
from .commands import Context, Emit, Flow, Progress, RunBlocking
from .download import Source, fetch
from .request import send_with_retries


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
    in_folder = target.is_dir()
    if in_folder:
        target = target / artifact.name
    elif os.fspath(path).endswith(("/", os.sep)):
        raise NotADirectoryError(f"{target} is not a folder: make it first")
    check_target(target, overwrite)
    sink = FileSink(target)
    try:
        yield from sink.open()
        media_type = yield from fetch(
            context,
            artifact_source(artifact, context),
            sink,
            max_bytes=max_bytes,
            progress=progress,
        )
        is_bare = in_folder and not has_suffix(target.name)
        suffix = suffix_of(media_type) if is_bare and media_type is not None else ""
        return (yield from sink.finish(overwrite=overwrite, suffix=suffix))
    finally:
        sink.discard()


def read(
    artifact: BaseArtifact, context: Context, max_bytes: int, progress: Progress | None
) -> Flow[bytes]:
    """Read the artifact into memory."""
    sink = MemorySink()
    yield from fetch(
        context, artifact_source(artifact, context), sink, max_bytes=max_bytes, progress=progress
    )
    return bytes(sink.content)


def stream(
    artifact: BaseArtifact, context: Context, max_bytes: int, progress: Progress | None
) -> Flow[None]:
    """Emit the artifact's bytes piece by piece.

    It takes no permit for transfers: the caller may hold many streams open without reading them.
    """
    source = artifact_source(artifact, context, queued=False)
    yield from fetch(context, source, CallerSink(), max_bytes=max_bytes, progress=progress)


def artifact_source(artifact: BaseArtifact, context: Context, *, queued: bool = True) -> Source:
    """Return where the file is, and how to renew its URL when that has expired.

    The run is read again with new signatures.
    """

    def renew() -> Flow[str | None]:
        if not artifact.run_id:  # an item of a batch whose run the server did not name
            return None
        arguments = get_run.build_request(UUID(artifact.run_id), add_signature=True)
        run = read_object((yield from send_with_retries(context, arguments)))
        renewed = read_artifacts(as_object(run.get("output")))
        return str(renewed[artifact.number]["url"]) if artifact.number < len(renewed) else None

    kinds = (artifact.type, kind_of(artifact.media_type))
    return Source(
        url=artifact.url, kinds=kinds, size=artifact.size_bytes, renew=renew, queued=queued
    )


def make_folder(directory: str | os.PathLike[str]) -> Path:
    """Make the folder unless it is there. Raises NotADirectoryError for a file of that name."""
    folder = Path(directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(f"{folder} is a file, not a folder") from None
    return folder


def shared_targets(folder: Path, names: Iterable[str]) -> dict[int, FileExistsError]:
    """Return an error for each position whose name a link leads to the file of one before."""
    firsts: dict[str, str] = {}
    found: dict[int, FileExistsError] = {}
    for position, name in enumerate(names):
        first = firsts.setdefault(os.path.realpath(folder / name), name)
        if first != name:
            found[position] = FileExistsError(
                f"{folder / name} and {folder / first} are one file, by a link: remove the link"
            )
    return found


def all_saved(results: Sequence[Path | Exception]) -> list[Path]:
    """Return the paths, or raise the first failure with notes about the other files."""
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


_GATHERED: Final = 1024 * 1024
"""Bytes that are kept or written at once."""


@define(eq=False)
class MemorySink:
    """Keeps the bytes in memory."""

    gathered: ClassVar[int] = _GATHERED
    content: bytearray = field(factory=bytearray)

    def write(self, chunks: Sequence[bytes]) -> Flow[None]:
        """Keep these bytes."""
        for chunk in chunks:
            self.content += chunk
        yield from ()

    def start_again(self) -> Flow[bool]:
        """Drop what was kept."""
        self.content.clear()
        yield from ()
        return True


class CallerSink:
    """Emits every piece to the caller at once."""

    gathered: ClassVar[int] = 1

    def write(self, chunks: Sequence[bytes]) -> Flow[None]:
        """Emit these bytes."""
        for chunk in chunks:
            yield Emit(chunk)

    def start_again(self) -> Flow[bool]:
        """Refuse: the caller has the bytes already."""
        yield from ()
        return False


@define(eq=False)
class FileSink:
    """Writes beside the target and renames it to the target when it is whole."""

    gathered: ClassVar[int] = _GATHERED
    target: Path
    _absolute: Path = field(init=False)
    """The target, although the program changes its folder meanwhile."""
    _part: Path = field(init=False)
    _file: FileIO | None = field(init=False, default=None)
    _at_work: bool = field(init=False, default=False)
    _discarded: bool = field(init=False, default=False)

    def __attrs_post_init__(self) -> None:
        self._absolute = self.target.absolute()
        self._part = new_part(self._absolute)

    def open(self) -> Flow[None]:
        """Open the file. Raises OSError for a folder in which no file can be made."""
        yield from self._do(self._open)

    def write(self, chunks: Sequence[bytes]) -> Flow[None]:
        """Write these bytes. Raises OSError when the disk is full."""
        yield from self._do(lambda: self._write(chunks))

    def start_again(self) -> Flow[bool]:
        """Empty the file."""
        yield from self._do(lambda: self._opened().truncate(0) + self._opened().seek(0))
        return True

    def finish(self, *, overwrite: bool, suffix: str = "") -> Flow[Path]:
        """Wait until all is on the disk, rename the file and return its path, with the suffix.

        Raises FileExistsError for a target that exists, unless it may be overwritten.
        """
        name = self.target.name + suffix
        yield from self._do(lambda: self._publish(self._absolute.with_name(name), overwrite))
        return self.target.with_name(name)

    def discard(self) -> None:
        """Remove what was written. Does nothing after `finish`.

        If the task that waited for the writing thread was canceled, the thread may still be at
        work: then it removes the file itself.
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
        except OSError as error:
            if error.errno is not None and error.filename is None:
                error.filename = str(self.target)  # a full disk names no file
            raise
        finally:
            self._at_work = False
            if self._discarded:
                self._clear_up()

    def _open(self) -> None:
        # A file that replaces another gets its mode in the end, and is private until then.
        mode = 0o666 if _mode(self._absolute) is None else 0o600
        try:
            self._file = open(  # noqa: SIM115 # lives as long as the download
                self._part, "xb", buffering=0, opener=lambda path, flags: os.open(path, flags, mode)
            )
        except OSError as error:
            error.filename = str(self._part.parent)  # the part is no name that the caller knows
            raise

    def _opened(self) -> FileIO:
        assert self._file is not None, "open comes first"
        return self._file

    def _write(self, chunks: Sequence[bytes]) -> None:
        file = self._opened()
        for chunk in chunks:  # joined, they would be copied into new memory each time
            left = memoryview(chunk)
            while left:
                left = left[file.write(left) :]

    def _publish(self, target: Path, overwrite: bool) -> None:
        file = self._opened()
        os.fsync(file.fileno())
        file.close()
        if self._discarded:
            return
        check_target(target, overwrite)
        real = Path(os.path.realpath(target))
        if overwrite:
            copy_owner_and_mode(real, self._part)
            os.replace(self._part, real)
        else:
            _name_if_free(self._part, real)
        self._file = None


def check_target(target: Path, overwrite: bool) -> None:
    """Check that a file can be saved here; a link stands for the file that it leads to.

    Raises IsADirectoryError for a folder, FileExistsError for a device, FIFO or socket, and for a
    file unless it may be overwritten, FileNotFoundError where the folder is missing.
    """
    mode = _mode(target)
    if mode is not None and stat.S_ISDIR(mode):
        raise IsADirectoryError(f"{target} is a folder")
    if mode is not None and not stat.S_ISREG(mode):
        raise FileExistsError(
            f"{target} is a device, FIFO or socket, not a regular file: choose another name"
        )
    if mode is not None and not overwrite:
        raise exists_already(target)
    folder = Path(os.path.realpath(target)).parent
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder: make it first")


def _mode(path: Path) -> int | None:
    """Return the mode of the file; None if there is none. Raises OSError for a circle of links."""
    try:
        return os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def new_part(target: Path) -> Path:
    """Return where to write what is to replace the target: beside the file that a link leads to,
    with a name of its own, for the target's may be as long as names can be.
    """
    return Path(os.path.realpath(target)).parent / f".runflow-{secrets.token_hex(8)}.part"


def copy_owner_and_mode(old: Path, new: Path) -> None:
    """Give the new file the owner and the mode of the old one, where there is one."""
    try:
        facts = os.stat(old)
    except FileNotFoundError:
        return
    if hasattr(os, "chown"):
        with suppress(PermissionError):  # only an administrator may give files away
            os.chown(new, facts.st_uid, facts.st_gid)
    os.chmod(new, stat.S_IMODE(facts.st_mode))


def _name_if_free(part: Path, target: Path) -> None:
    try:
        os.link(part, target)
    except FileExistsError:
        raise exists_already(target) from None
    # A file system without hard links: another process may name a file in between.
    except OSError:
        if target.exists():
            raise exists_already(target) from None
        os.replace(part, target)
    else:
        part.unlink()


def exists_already(target: Path) -> FileExistsError:
    """Make the error for a target that must not be overwritten."""
    return FileExistsError(f"{target} exists already: choose another name or overwrite=True")
