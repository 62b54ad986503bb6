"""Uploads in three steps: from whatever holds bytes, once a file, and nothing of a file that is not
as it was.
"""

import asyncio
import io
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_client import (
    AddressRefused,
    AsyncRunflow,
    ConnectionLost,
    InvalidArgument,
    NotFound,
    RequestTimeout,
    Runflow,
    ServerError,
    StorageRefused,
    UnreadableAnswer,
    ValidationFailed,
)
from runflow_client._typed_inputs.local_file import MAX_UPLOAD_BYTES
from runflow_mock import MockRunflow

from ..client.conftest import MockTime
from .conftest import clock_of, pauses_of
from .flaky import Flaky, Trouble
from .pictures import PICTURE, Pipe
from .storage import Storage


def at_a_path(folder: Path) -> object:
    path = folder / "photo.png"
    path.write_bytes(PICTURE)
    return path


def opened(folder: Path) -> object:
    stream = io.BytesIO(b"skipped" + PICTURE)
    stream.seek(len(b"skipped"))
    return stream


MAKERS: list[Callable[[Path], object]] = [
    at_a_path,
    opened,
    lambda folder: PICTURE,
    lambda folder: bytearray(PICTURE),
    lambda folder: Pipe(PICTURE),
]


def steps(mock: MockRunflow) -> list[str]:
    """The requests that came, each as method and the beginning of its path."""
    return [
        f"{request.method} /{request.raw_path.split('/')[-1 if 'conf' in request.raw_path else 1]}"
        for request in mock.requests
    ]


@pytest.mark.parametrize("make", MAKERS, ids=["path", "open file", "bytes", "bytearray", "pipe"])
def test_whatever_holds_bytes_is_uploaded(
    client: Any, mock: MockRunflow, tmp_path: Path, make: Callable[[Path], object]
) -> None:
    heard: list[tuple[int, int]] = []
    asset = client.assets.upload(
        make(tmp_path), progress=lambda sent, total: heard.append((sent, total))
    )
    assert asset.ref == f"runflow://assets/{asset.id}"
    assert (asset.mime_type, asset.size_bytes) == ("image/png", len(PICTURE))
    assert asset.name == ("photo.png" if make is at_a_path else "upload.png")
    assert httpx.get(asset.url, trust_env=False).content == PICTURE
    assert heard[0][0] < heard[-1][0] == heard[-1][1] == len(PICTURE)
    del heard[:]
    client.assets.upload(make(tmp_path), progress=lambda sent, total: heard.append((sent, total)))
    assert heard == [(len(PICTURE), len(PICTURE))]  # it is there already
    put = mock.requests[1]
    assert steps(mock)[:3] == ["POST /v1", "PUT /_uploads", "POST /confirmations"]
    assert put.headers["content-type"] == "image/png"
    assert put.headers["content-length"] == str(len(PICTURE))
    assert "authorization" not in put.headers
    assert "X-Amz" not in repr(asset)


def test_an_asset_is_read_again_with_a_fresh_url(client: Any, mock: MockRunflow) -> None:
    asset = client.assets.upload(PICTURE, name="photo.png")
    again = client.assets.get(asset.id)
    assert (again.id, again.name, again.ref) == (asset.id, "photo.png", asset.ref)
    with pytest.raises(InvalidArgument, match="asset_id"):
        client.assets.get("7")
    with pytest.raises(NotFound):
        client.assets.get("0198c0de-0000-7000-8000-000000000000")


@pytest.mark.parametrize(
    ("beginning", "name", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "photo.png", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", None, "image/webp"),
        (b"GIF89a", None, "image/gif"),
        (b"\0\0\0\x18ftypisom", None, "video/mp4"),
        (b"\0\0\0\x18ftypisom", "voice.m4a", "audio/mp4"),
        (b"\0\0\0\x18ftypisom", "voice.mp3", "video/mp4"),
        (b"OggS", None, "audio/ogg"),
        (b"\0\0\0\x18ftypqt  ", None, "video/quicktime"),
        (b"ID3\x04", None, "audio/mpeg"),
        (b"\xff\xfb\x90\x64", None, "audio/mpeg"),
        (b"RIFF\0\0\0\0WAVEfmt ", None, "audio/wav"),
        (b"%PDF-1.7", None, "application/pdf"),
        (b"PK\x03\x04", "masks.zip", "application/zip"),
        (b"nobody knows", "sound.flac", "audio/flac"),
        (b"nobody knows", "thing", "application/octet-stream"),
    ],
)
def test_the_type_is_found_from_the_content_with_the_name_as_a_hint(
    client: Any, beginning: bytes, name: str | None, media_type: str
) -> None:
    assert client.assets.upload(beginning + bytes(20), name=name).mime_type == media_type


def test_name_type_and_folder_can_be_passed(client: Any, mock: MockRunflow) -> None:
    folder = "0198c0de-0000-7000-8000-000000000000"
    asset = client.assets.upload(
        PICTURE, name="a\udcff" + "b" * 600 + ".png", mime_type="image/x-own", folder_id=folder
    )
    assert asset.mime_type == "image/x-own"
    assert len(asset.name) == 500
    assert asset.name.endswith(".png")
    assert str(asset.raw.folder_id) == folder


def test_a_file_of_the_largest_size_goes_through_in_little_memory(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(MAX_UPLOAD_BYTES)
    sizes: list[int] = []

    def swallow(handler: Any, storage: Storage) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    storage.swallow = sizes
    storage.acts = [swallow]
    mock.fail_next(
        "create_asset_upload", fault="unknown_enum", field="upload_url", value=storage.url
    )
    tracemalloc.start()
    try:
        with pytest.raises(NotFound):  # the mock server's own storage did not get it
            client.assets.upload(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sizes == [MAX_UPLOAD_BYTES]
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize("operation", ["create_asset_upload", "confirm_asset_upload"])
def test_each_step_at_the_api_is_tried_three_times(
    client: Any, mock: MockRunflow, operation: str
) -> None:
    waited = pauses_of(client)
    mock.fail_next(operation, status=503)
    mock.fail_next(operation, fault="reset_before")
    assert client.assets.upload(PICTURE).size_bytes == len(PICTURE)
    assert waited == [0.25, 0.75]
    mock.fail_next(operation, status=500, count=None)
    with pytest.raises(ServerError):
        client.assets.upload(PICTURE[:-1])
    assert waited == [0.25, 0.75] * 2


@pytest.mark.parametrize(
    ("troubles", "error"),
    [
        ([500, httpx.ReadError("broken")], None),
        ([httpx.WriteTimeout("slow"), 503], None),
        ([503, 503, 503], StorageRefused),
        ([403], StorageRefused),
        ([httpx.ReadTimeout("slow")] * 3, RequestTimeout),
        ([httpx.WriteError("broken")] * 3, ConnectionLost),
    ],
)
def test_the_storage_is_tried_three_times_but_not_after_a_refusal(
    through: Any, mock: MockRunflow, troubles: list[Trouble], error: type[Exception] | None
) -> None:
    flaky = Flaky(list(troubles))
    client = through(flaky)
    waited = pauses_of(client)
    if error is None:
        assert client.assets.upload(PICTURE).size_bytes == len(PICTURE)
        assert waited == [0.25, 0.75]
    else:
        with pytest.raises(error) as caught:
            client.assets.upload(PICTURE)
        assert "X-Amz" not in str(caught.value)
        assert "PUT http" in str(caught.value)
        assert len(flaky.seen) == len(troubles)
    for request in flaky.seen:
        assert not {"authorization", "cookie", "x-of-the-caller"} & set(request.headers)


def test_an_upload_that_is_too_slow_is_given_up_and_a_slow_one_is_not(
    client: Any, mock: MockRunflow
) -> None:
    clock = clock_of(client)

    def pass_time(seconds: float) -> Callable[[int, int], None]:
        def on_progress(sent: int, total: int) -> None:
            clock._seconds += seconds

        return on_progress

    assert client.assets.upload(PICTURE, progress=pass_time(55)).size_bytes == len(PICTURE)
    with pytest.raises(RequestTimeout):
        client.assets.upload(PICTURE[:-1], progress=pass_time(65))
    assert len([request for request in mock.requests if "confirmations" in request.raw_path]) == 1


def test_a_refusal_of_the_api_is_not_tried_again(client: Any, mock: MockRunflow) -> None:
    mock.fail_next("create_asset_upload", status=422, message="image/png is not taken")
    with pytest.raises(ValidationFailed, match="is not taken"):
        client.assets.upload(PICTURE)
    assert len(mock.requests) == 1


@pytest.mark.parametrize(("retry_after", "pause"), [("3", 3.0), ("0", 0.25), (None, 0.25)])
def test_a_rate_limit_is_waited_for_and_never_less_than_after_any_failure(
    client: Any, mock: MockRunflow, retry_after: str | None, pause: float
) -> None:
    waited = pauses_of(client)
    mock.fail_next("create_asset_upload", status=429, retry_after=retry_after)
    client.assets.upload(PICTURE)
    assert waited == [pause]


def test_an_asset_whose_confirmation_was_lost_is_found(client: Any, mock: MockRunflow) -> None:
    mock.fail_next("confirm_asset_upload", fault="reset_after")
    mock.fail_next("confirm_asset_upload", status=409)
    asset = client.assets.upload(PICTURE)
    assert httpx.get(asset.url, trust_env=False).content == PICTURE
    assert steps(mock)[:5] == [
        "POST /v1",
        "PUT /_uploads",
        "POST /confirmations",
        "POST /confirmations",
        "GET /v1",
    ]


def test_an_expired_upload_url_is_an_error_and_the_next_upload_has_a_new_one(
    through: Any, mock: MockRunflow
) -> None:
    client = through(Flaky([503]))
    clock_of(client).on_sleep = lambda seconds: mock.advance(30 * 24 * 3600)
    with pytest.raises(StorageRefused, match="signed URLs expire") as caught:
        client.assets.upload(PICTURE)
    assert caught.value.status == 403
    assert client.assets.upload(PICTURE).size_bytes == len(PICTURE)


@pytest.mark.parametrize(
    "url",
    [
        "http://storage.example/put?X-Amz-Signature=5ec4e7",
        "https://10.0.0.1/put",
        "ftp://a.example/x",
        "nothing",
    ],
)
def test_an_upload_url_that_is_not_https_is_refused(
    client: Any, mock: MockRunflow, url: str
) -> None:
    mock.fail_next("create_asset_upload", fault="unknown_enum", field="upload_url", value=url)
    with pytest.raises(AddressRefused) as caught:
        client.assets.upload(PICTURE)
    assert "5ec4e7" not in str(caught.value)
    assert len(mock.requests) == 1


@pytest.mark.parametrize("field", ["upload_url", "asset_id"])
def test_a_session_without_its_fields_is_refused(
    client: Any, mock: MockRunflow, field: str
) -> None:
    mock.fail_next("create_asset_upload", fault="null", field=field)
    with pytest.raises(UnreadableAnswer, match="upload session"):
        client.assets.upload(PICTURE)


def test_a_file_is_uploaded_once(client: Any, mock: MockRunflow, tmp_path: Path) -> None:
    first = client.assets.upload(at_a_path(tmp_path))
    second = client.assets.upload(PICTURE)
    assert first.id == second.id
    assert steps(mock) == ["POST /v1", "PUT /_uploads", "POST /confirmations", "GET /v1"]
    assert client.assets.upload(PICTURE[:-1]).id != first.id


def test_an_asset_that_was_deleted_is_uploaded_again(client: Any, mock: MockRunflow) -> None:
    first = client.assets.upload(PICTURE)
    httpx.delete(
        f"{mock.base_url}/v1/assets/{first.id}",
        headers={"Authorization": f"Bearer {mock.api_key}"},
        trust_env=False,
    )
    assert client.assets.upload(PICTURE).id != first.id


@pytest.mark.parametrize(("hours", "is_read"), [(0.99, False), (1.0, True), (5.0, True)])
def test_a_file_of_an_input_is_looked_up_again_after_an_hour(
    client: Any, mock: MockRunflow, hours: float, is_read: bool
) -> None:
    """It may have been deleted since; the run would fail for want of it."""
    asked = {"prompt": "x", "image_urls": [PICTURE]}
    client.submit("google/nano-banana-pro/edit", asked)
    MockTime.sleep(clock_of(client), hours * 3600.0)
    before = len(mock.requests)
    client.submit("google/nano-banana-pro/edit", asked)
    reads = [one for one in mock.requests[before:] if one.raw_path.startswith("/v1/assets/")]
    assert [one.method for one in reads] == (["GET"] if is_read else [])


def test_tasks_that_upload_the_same_file_at_once_upload_it_once(mock: MockRunflow) -> None:
    async def scenario() -> set[str]:
        async with AsyncRunflow(mock.api_key, base_url=mock.base_url) as client:
            return {
                asset.id
                for asset in await asyncio.gather(
                    *(client.assets.upload(PICTURE) for _ in range(8))
                )
            }

    assert len(asyncio.run(scenario())) == 1
    assert len([request for request in mock.requests if request.method == "PUT"]) == 1


def test_threads_that_upload_the_same_file_at_once_upload_it_once(mock: MockRunflow) -> None:
    found: list[str] = []
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        threads = [
            threading.Thread(target=lambda: found.append(client.assets.upload(PICTURE).id))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert len([request for request in mock.requests if request.method == "PUT"]) == 1


def test_a_confirmation_that_is_refused_at_once_is_not_taken_for_a_lost_one(
    client: Any, mock: MockRunflow
) -> None:
    mock.fail_next("confirm_asset_upload", status=422, message="the file is empty")
    with pytest.raises(ValidationFailed, match="the file is empty"):
        client.assets.upload(PICTURE)
    assert [request.method for request in mock.requests] == ["POST", "PUT", "POST"]


def test_a_file_that_the_storage_did_not_keep_whole_is_no_asset(
    client: Any, mock: MockRunflow
) -> None:
    mock.fail_next(
        "confirm_asset_upload", fault="unknown_enum", field="size_bytes", value=len(PICTURE) - 1
    )
    with pytest.raises(UnreadableAnswer, match="did not keep all of it"):
        client.assets.upload(PICTURE)
    assert client.assets.upload(PICTURE).size_bytes == len(PICTURE)
    assert [request.method for request in mock.requests].count("PUT") == 2
