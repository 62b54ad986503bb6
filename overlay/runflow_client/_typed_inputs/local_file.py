"""A local file, inspected once and then read as often as it is sent."""

import hashlib
import io
import os
import re
import stat
import tempfile
from collections.abc import Callable, Collection, Generator
from contextlib import AbstractContextManager, nullcontext
from inspect import isawaitable, iscoroutine
from pathlib import Path
from typing import BinaryIO, Final, cast

from attrs import evolve, field, frozen

from .._errors import FileChanged, InvalidArgument
from .._files.media_problems import media_problem
from .._files.media_types import HEAD_BYTES, suffix_of, type_of, write_data_uri
from .._files.names import shorten
from .files import file_problem, is_local_file
from .open_file import is_seekable, reading
from .pictures import encode_picture, is_array, is_pillow_image

MAX_UPLOAD_BYTES: Final = 52_428_800
"""Bytes that Runflow takes in one file."""

MAX_NAME: Final = 500
MAX_TYPE: Final = 255

_TYPE: Final = re.compile(r"[!-~]([ -~]*[!-~])?")
_PIECE: Final = 256 * 1024
_IN_MEMORY: Final = 1024 * 1024


@frozen(kw_only=True)
class LocalFile:
    """A file as it was when it was inspected. `digest` is its SHA-256 in hexadecimal."""

    place: str
    """What errors call it: its path, or where in the input it stands."""
    name: str
    media_type: str
    size: int
    digest: str
    head: bytes = field(repr=False)
    """Its first bytes."""
    open: Callable[[], AbstractContextManager[BinaryIO]] = field(repr=False)
    close: Callable[[], object] = field(repr=False)
    is_constant: bool = False
    """Whether nothing can change its bytes."""

    def pieces(self) -> Generator[bytes, None, None]:
        """Read its bytes from the beginning.

        Raises FileChanged, before the last of them, when it is not the same any more.
        """
        changed = FileChanged(
            f"{self.place} changed while it was uploaded: no asset was made of it. Upload it "
            "when nothing writes to it."
        )
        digest, left = hashlib.sha256(), self.size
        try:
            with self.open() as file:
                while left:
                    piece = _read(file, min(_PIECE, left), self.place)
                    left -= len(piece)
                    if not self.is_constant:
                        digest.update(piece)
                        if not piece or (
                            not left
                            and (digest.hexdigest() != self.digest or _read(file, 1, self.place))
                        ):
                            raise changed
                    yield piece
        except (OSError, ValueError) as error:  # it is gone, or closed
            raise changed from error

    def check_kind(self, kinds: Collection[str]) -> None:
        """Raise InvalidArgument for a file that is certainly none of these kinds (`image`, ...)."""
        problem = media_problem(self.head, self.size, self.media_type, kinds)
        if problem is not None:
            raise InvalidArgument(
                f"{self.place} {problem}. Nothing was sent. strict=False sends it all the same."
            )

    def data_uri(self) -> str:
        """Write the whole file as a data URI."""
        return write_data_uri(b"".join(self.pieces()), self.media_type)


def inspect_file(
    file: object, place: str, *, name: str | None = None, media_type: str | None = None
) -> LocalFile:
    """Read the file once, in pieces, and find its name and media type where they are not given.

    An open file counts from its present position, and stands there again afterwards; one that
    cannot be rewound is read to its end. Raises InvalidArgument for what is no file, cannot be
    read, is empty or over 50 MiB.
    """
    if not is_local_file(file):
        problem = file_problem(file) or "is a URL already: it need not be uploaded"
        raise InvalidArgument(f"{place} {problem}")
    try:
        if isinstance(file, os.PathLike):
            path = Path(os.fsdecode(cast("os.PathLike[str] | os.PathLike[bytes]", file)))
            place = f"{place} ({path})"
            return _inspect(
                lambda: _open_file(path, place), lambda: None, place, name, path.name, media_type
            )
        if is_pillow_image(file) or is_array(file):
            file = encode_picture(file, place)
        if isinstance(file, bytes | bytearray | memoryview):
            content = bytes(cast("bytes | bytearray", file))  # a memoryview, too
            _check_size(len(content), place)
            return evolve(
                _inspect(lambda: io.BytesIO(content), lambda: None, place, name, None, media_type),
                is_constant=True,
            )
        return _inspect_stream(cast("BinaryIO", file), place, name, media_type)
    except InvalidArgument:
        raise
    # a null byte in the path, a file that is closed, an archive that is damaged, an object whose
    # read() is not that of a file, ...
    except Exception as error:
        raise InvalidArgument(
            f"{place} cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from error


def _open_file(path: Path, place: str) -> BinaryIO:
    facts = path.stat()
    if stat.S_ISDIR(facts.st_mode):
        raise InvalidArgument(f"{place} is a folder, not a file")
    if not stat.S_ISREG(facts.st_mode):
        raise InvalidArgument(
            f"{place} is not a regular file: open it yourself and pass the open file"
        )
    _check_size(facts.st_size, place)
    return open(path, "rb")


def _inspect_stream(
    file: BinaryIO, place: str, name: str | None, media_type: str | None
) -> LocalFile:
    own: object = getattr(file, "name", None)
    hint = os.path.basename(own) if isinstance(own, str) else None
    if is_seekable(file):
        with reading(file) as reader:
            start = reader.position
            _check_size(reader.left(), place, "from its present position on: seek(0) first?")

            def rewound() -> AbstractContextManager[BinaryIO]:
                return cast("AbstractContextManager[BinaryIO]", reading(file, start))

            return _inspect(rewound, lambda: None, place, name, hint, media_type)
    kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 # lives as long as the upload
    try:
        size = 0
        while piece := _read(file, _PIECE, place):
            size += kept.write(piece)
            if size > MAX_UPLOAD_BYTES:
                break
        _check_size(size, place, "or was read before: pass its bytes to send it more than once")

        def again() -> AbstractContextManager[BinaryIO]:
            kept.seek(0)
            return nullcontext(cast("BinaryIO", kept))

        return _inspect(again, kept.close, place, name, hint, media_type)
    except BaseException:
        kept.close()
        raise


def _inspect(
    open_again: Callable[[], AbstractContextManager[BinaryIO]],
    close: Callable[[], object],
    place: str,
    name: str | None,
    hint: str | None,
    media_type: str | None,
) -> LocalFile:
    digest, size, head = hashlib.sha256(), 0, b""
    with open_again() as file:
        while piece := _read(file, _PIECE, place):
            if len(head) < HEAD_BYTES:
                head += piece[: HEAD_BYTES - len(head)]
            digest.update(piece)
            size += len(piece)
            if size > MAX_UPLOAD_BYTES:
                break
    _check_size(size, place)
    found = media_type or type_of(head, name or hint or "")
    if not 0 < len(found) <= MAX_TYPE or _TYPE.fullmatch(found) is None:
        raise InvalidArgument(f"{place}: {found[:80]!r} is not a media type")
    return LocalFile(
        place=place,
        name=_sendable_name(name or hint or f"upload{suffix_of(found)}"),
        media_type=found,
        size=size,
        digest=digest.hexdigest(),
        head=head,
        open=open_again,
        close=close,
    )


def _read(file: BinaryIO, size: int, place: str) -> bytes:
    piece = cast("object", file.read(size))  # an open file of the caller's may return anything
    if isawaitable(piece):
        if iscoroutine(piece):
            piece.close()
        raise InvalidArgument(
            f"{place} is read asynchronously: pass its path, or the bytes of `await file.read()`"
        )
    if not isinstance(piece, bytes | bytearray):
        raise InvalidArgument(
            f"{place} returns {type(piece).__name__} when read, not bytes: open it in mode 'rb'"
        )
    return bytes(piece)


def _check_size(size: int, place: str, remark: str = "") -> None:
    if size <= 0:
        raise InvalidArgument(f"{place} is empty{f' {remark}' if remark else ''}")
    if size > MAX_UPLOAD_BYTES:
        raise InvalidArgument(
            f"{place} is larger than {MAX_UPLOAD_BYTES} bytes (50 MiB), which is what Runflow "
            "takes: make it smaller, "
            "or put it where it has a URL and pass that"
        )


def _sendable_name(name: str) -> str:
    """Make the name one that JSON can hold and Runflow takes."""
    return shorten(name.encode("utf-8", "replace").decode("utf-8"), MAX_NAME)
