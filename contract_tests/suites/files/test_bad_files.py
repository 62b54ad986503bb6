"""Files that cannot be uploaded: told by name before anything is sent, or before an asset or a run
is made of them.
"""

import errno
import io
import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runflow_client import FileChanged, InvalidArgument, ValidationFailed, inputs
from runflow_client._typed_inputs.local_file import MAX_UPLOAD_BYTES, inspect_file
from runflow_mock import MockRunflow

from .conftest import clock_of
from .pictures import PICTURE, Pipe

Use = Callable[[Any, object], object]


def too_large(folder: Path) -> Path:
    path = folder / "large.bin"
    with path.open("wb") as file:
        file.truncate(MAX_UPLOAD_BYTES + 1)
    return path


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "fifo")
    return folder / "fifo"


def empty(folder: Path) -> Path:
    (folder / "empty.png").touch()
    return folder / "empty.png"


def read_to_its_end(folder: Path) -> object:
    stream = io.BytesIO(PICTURE)
    stream.read()
    return stream


def closed(folder: Path) -> object:
    stream = io.BytesIO(PICTURE)
    stream.close()
    return stream


class Unreadable(Pipe):
    """A device that is gone."""

    def readinto(self, buffer: Any) -> int:
        raise OSError(errno.EIO, "gone")


BAD: list[tuple[Callable[[Path], object], str]] = [
    (lambda folder: folder / "missing.png", "missing.png.* cannot be read: No such file"),
    (lambda folder: folder, "is a folder"),
    (empty, "is empty"),
    (lambda folder: b"", "is empty"),
    (lambda folder: Pipe(b""), "is empty"),
    (read_to_its_end, r"seek\(0\)"),
    (too_large, "52428800 bytes"),
    (lambda folder: bytes(MAX_UPLOAD_BYTES + 1), "52428800 bytes"),
    (lambda folder: Pipe(bytes(MAX_UPLOAD_BYTES + 1)), "52428800 bytes"),
    (lambda folder: too_large(folder).open("rb"), "52428800 bytes"),
    (fifo, "not a regular file"),
    (lambda folder: folder / "nul\0l", "cannot be read"),
    (closed, "cannot be read: .*closed"),
    (lambda folder: Unreadable(PICTURE), "cannot be read: gone"),
]

NO_FILES: list[tuple[Callable[[Path], object], str]] = [
    (lambda folder: io.StringIO("text"), "opened as text"),
    (lambda folder: "photo.png", "pathlib.Path"),
    (lambda folder: "https://example.com/a.png", "is a URL already"),
    (lambda folder: 7, "expected a URL"),
]


def upload(client: Any, file: object) -> object:
    """By itself."""
    return client.assets.upload(file)


def run(client: Any, file: object) -> object:
    """On the way of a run, typed."""
    pictures: Any = ["https://example.com/a.png", file]  # bad ones, too
    return client.run(inputs.GoogleNanoBananaProEdit(prompt="x", image_urls=pictures))


EDIT = "google/nano-banana-pro/edit"


def get_or_create(client: Any, file: object) -> object:
    """On the way of a run that is looked for first."""
    asked = {"prompt": "x", "image_urls": [file]}
    return client.runs.get_or_create(EDIT, asked, client_ref="order-7")


def submit_with_a_ref(client: Any, file: object) -> object:
    """On the way of a run before which the runs of its client_ref are listed."""
    asked = {"prompt": "x", "image_urls": [file]}
    return client.submit(EDIT, asked, client_ref="order-7")


def workflow(client: Any, file: object) -> object:
    """On the way of a run of a workflow, whose inputs are not known."""
    return client.submit("comfyui-workflows/acme/poster", {"deep": [{"picture": file}]})


def batch(client: Any, file: object) -> object:
    """In the second input of a batch."""
    asked = [{"image_url": PICTURE}, {"image_url": file}]
    return client.batches.create("runflow/background-removal", asked)


USES = pytest.mark.parametrize("use", [upload, run])


@pytest.mark.parametrize("use", [upload, run, get_or_create, submit_with_a_ref, workflow, batch])
@pytest.mark.parametrize(("make", "reason"), BAD)
def test_what_cannot_be_uploaded_is_refused_before_anything_is_sent(
    client: Any,
    mock: MockRunflow,
    tmp_path: Path,
    make: Callable[[Path], object],
    reason: str,
    use: Use,
) -> None:
    bad = make(tmp_path)
    try:
        with pytest.raises(InvalidArgument, match=reason):
            use(client, bad)
    finally:
        if isinstance(bad, io.IOBase):
            bad.close()
    assert mock.requests == []


@pytest.mark.parametrize("mime_type", ["imäge/png", " image/png", "image/png\n", "x" * 256])
def test_an_invalid_media_type_is_refused_before_anything_is_sent(
    client: Any, mock: MockRunflow, mime_type: str
) -> None:
    with pytest.raises(InvalidArgument, match="not a media type"):
        client.assets.upload(PICTURE, mime_type=mime_type)
    assert mock.requests == []


@pytest.mark.parametrize(("make", "reason"), NO_FILES)
def test_what_is_not_a_file_is_refused_before_anything_is_sent(
    client: Any, mock: MockRunflow, tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    with pytest.raises(InvalidArgument, match=reason):
        upload(client, make(tmp_path))
    assert mock.requests == []


def shrink(path: Path) -> None:
    path.write_bytes(PICTURE[:-1])


def grow(path: Path) -> None:
    path.write_bytes(PICTURE + b"more")


def turn(path: Path) -> None:
    path.write_bytes(PICTURE[:-1] + b"!")


@USES
@pytest.mark.parametrize(
    "change", [shrink, grow, turn, Path.unlink, lambda path: path.write_bytes(b"")]
)
def test_a_file_that_changes_meanwhile_makes_no_asset(
    client: Any, mock: MockRunflow, tmp_path: Path, change: Callable[[Path], object], use: Use
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(PICTURE)
    mock.fail_next("create_asset_upload", status=503)
    clock_of(client).on_sleep = lambda seconds: change(path)
    with pytest.raises(FileChanged, match=r"photo\.png\) changed while it was uploaded") as caught:
        use(client, path)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert not [request for request in mock.requests if "confirmations" in request.raw_path]
    assert mock.runs == []


def test_an_open_file_that_is_closed_meanwhile_makes_no_asset(
    client: Any, mock: MockRunflow
) -> None:
    file = io.BytesIO(PICTURE)
    mock.fail_next("create_asset_upload", status=503)
    clock_of(client).on_sleep = lambda seconds: file.close()
    with pytest.raises(FileChanged, match="changed while it was uploaded"):
        client.assets.upload(file)


def test_a_type_that_the_api_refuses_makes_no_run(client: Any, mock: MockRunflow) -> None:
    mock.fail_next(
        "create_asset_upload", status=422, message="application/x-msdownload is not taken"
    )
    with pytest.raises(ValidationFailed, match="is not taken"):
        run(client, b"\1" + bytes(100))
    assert [request.raw_path for request in mock.requests] == ["/v1/asset-uploads"]


class Broken:
    """An open file, or an archive's member, that fails when it is read."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, size: int = -1) -> bytes:
        raise self._error


@pytest.mark.parametrize(
    "error", [EOFError("cut off"), zlib.error("damaged"), KeyError("gone"), RuntimeError("closed")]
)
def test_a_file_that_fails_when_it_is_read_is_refused(error: Exception) -> None:
    with pytest.raises(InvalidArgument, match="the file cannot be read") as caught:
        inspect_file(Broken(error), "the file")
    assert caught.value.__cause__ is error
