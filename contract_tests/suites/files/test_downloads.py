"""Outputs on disk, in memory and piece by piece, from a storage that breaks off, lies and
forgets.
"""

import random
import resource
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from runflow_api.http_library import httpx
from runflow_client import (
    AddressRefused,
    ConnectionLost,
    DownloadTooLarge,
    RetryPolicy,
    StorageRefused,
    WrongContent,
)
from runflow_client._transport.storage import MAX_CONCURRENT_TRANSFERS
from runflow_mock import MockRunflow

from .conftest import INPUT, MODEL, output_at, pauses_of
from .flaky import Flaky
from .storage import PNG, Act, Storage, answering, breaking, changing, endless, serve, whole

DAYS = 24 * 3600.0


def test_saved_read_and_streamed_are_the_same_bytes(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    heard: list[tuple[int, int | None]] = []
    saved = artifact.save(
        tmp_path, progress=lambda received, total: heard.append((received, total))
    )
    assert saved == tmp_path / "picture.png"
    assert saved.read_bytes() == storage.content
    assert heard[-1] == (len(storage.content), len(storage.content))
    assert artifact.read() == storage.content
    pieces = list(artifact.stream())
    assert len(pieces) > 1
    assert b"".join(pieces) == storage.content
    assert list(tmp_path.iterdir()) == [saved]


def test_nothing_of_the_client_goes_to_the_storage(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    run = output_at(client, mock, storage.url)
    run.outputs[0].read()
    (request,) = storage.requests
    assert set(request.headers) == {"host", "accept", "accept-encoding", "user-agent"}
    assert mock.api_key not in repr(request)


@pytest.mark.parametrize("auth", [None, ("of", "the-caller")])
def test_nothing_of_the_callers_own_http_client_goes_to_the_storage(
    through: Any, mock: MockRunflow, storage: Storage, auth: tuple[str, str] | None
) -> None:
    client = through(Flaky([]), auth)
    output_at(client, mock, storage.url).outputs[0].read()
    (request,) = storage.requests
    assert not {"authorization", "cookie", "x-of-the-caller"} & set(request.headers)
    client.assets.upload(PNG + b"small")


def test_downloads_that_fail_leave_room_for_those_that_do_not(
    through: Any, mock: MockRunflow, storage: Storage
) -> None:
    flaky = Flaky(
        [httpx.ConnectError("refused")] * 100, method="GET", host=urlsplit(storage.url).netloc
    )
    client = through(flaky)
    (artifact,) = output_at(client, mock, storage.url).outputs
    for _ in range(MAX_CONCURRENT_TRANSFERS + 1):
        with pytest.raises(ConnectionLost):
            artifact.read()
    flaky.troubles.clear()
    assert artifact.read() == storage.content


def test_an_expired_url_is_renewed_by_reading_the_run_again(
    client: Any, mock: MockRunflow, tmp_path: Path
) -> None:
    (artifact,) = client.run(MODEL, INPUT).outputs
    mock.advance(30 * DAYS)
    assert artifact.save(tmp_path).read_bytes().startswith(PNG)
    renewals = [request for request in mock.requests if ("add_signature", "true") in request.query]
    assert len(renewals) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refused_url_is_renewed_once_only(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path, status: int
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [answering(status, b"<Error><Code>ExpiredToken</Code></Error>")] * 3
    with pytest.raises(StorageRefused, match="ExpiredToken") as caught:
        artifact.save(tmp_path)
    assert caught.value.status == status
    assert caught.value.code == "ExpiredToken"
    assert "5ec4e7" not in str(caught.value)
    assert len(storage.requests) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_cannot_be_read_again_is_named_in_a_note(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    mock.faults.clear()
    mock.fail_next("get_run", status=404)
    storage.acts = [answering(403)]
    with pytest.raises(StorageRefused) as caught:
        artifact.read()
    assert "404" in caught.value.__notes__[0]


def test_a_broken_connection_is_taken_up_where_it_broke(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [breaking(300_000), breaking(200_000), serve]
    waited = pauses_of(client)
    assert artifact.save(tmp_path).read_bytes() == storage.content
    asked = [
        (request.headers.get("range"), request.headers.get("if-range"))
        for request in storage.requests
    ]
    assert asked == [(None, None), ("bytes=300000-", '"first"'), ("bytes=500000-", '"first"')]
    assert waited == [0.25, 0.75]


def test_a_stream_resumes_where_it_broke(client: Any, mock: MockRunflow, storage: Storage) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [breaking(300_000), answering(503), answering(403), serve]
    assert b"".join(artifact.stream()) == storage.content
    assert storage.requests[-1].headers["range"] == "bytes=300000-"


def test_a_connection_that_breaks_at_once_is_tried_again_from_the_beginning(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [breaking(100)]
    assert artifact.read() == storage.content
    assert "range" not in storage.requests[1].headers


@pytest.mark.parametrize(
    "then",
    [
        whole,
        answering(416),
        answering(206, b"rest", "image/png", Content_Range="bytes 5-8/700008"),
        answering(206, b"rest", "image/png"),
        answering(206, b"rest", "image/png", Content_Range="bytes 300000-300003/300004"),
    ],
)
def test_a_storage_without_ranges_gives_the_whole_file_again(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path, then: Act
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [breaking(300_000), then]
    assert artifact.save(tmp_path).read_bytes() == storage.content


def test_a_file_that_changed_meanwhile_is_fetched_anew(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    other = PNG + random.Random(8).randbytes(700_000)
    storage.acts = [breaking(600_000), changing(serve, content=other, tag='"second"')]
    assert artifact.save(tmp_path).read_bytes() == other


def test_the_rest_of_another_file_is_not_appended(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    other = PNG + random.Random(8).randbytes(700_000)
    rest = answering(
        206,
        other[300_000:],
        "image/png",
        Content_Range=f"bytes 300000-{len(other) - 1}/{len(other)}",
    )
    # If-Range is ignored
    storage.acts = [breaking(300_000), changing(rest, content=other, tag='"second"')]
    assert artifact.save(tmp_path).read_bytes() == other


def test_a_stream_is_not_mixed_of_two_files(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [breaking(600_000), changing(serve, content=PNG + b"other", tag='"second"')]
    with pytest.raises(ConnectionLost, match="another file"):
        list(artifact.stream())


def test_a_connection_that_keeps_breaking_is_given_up(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [breaking(1000)] * 9
    with pytest.raises(ConnectionLost, match="after 3000 bytes") as caught:
        artifact.save(tmp_path / "picture.png")
    assert "5ec4e7" not in str(caught.value)
    assert len(storage.requests) == 3
    assert list(tmp_path.iterdir()) == []


def test_without_retries_a_download_is_tried_once(
    connect: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(connect(retries=RetryPolicy(attempts=1)), mock, storage.url).outputs
    storage.acts = [answering(503)]
    with pytest.raises(StorageRefused):
        artifact.read()
    assert len(storage.requests) == 1


def test_a_storage_in_trouble_is_tried_three_times(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [answering(503), answering(500)]
    assert artifact.save(tmp_path).read_bytes() == storage.content
    storage.acts = [answering(503)] * 9
    with pytest.raises(StorageRefused) as caught:
        artifact.read()
    assert caught.value.status == 503
    assert len(storage.acts) == 6


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"<!DOCTYPE html><title>Sorry</title>", "text/html"),
        (b"\n  <html><body>", "image/png"),
        (b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "application/xml"),
        (b'{"error": "no"}', "application/json"),
        (b"\0\0\0\x18ftypisom" + bytes(40), "video/mp4"),
        (b"", "image/png"),
    ],
)
def test_what_is_no_picture_is_refused(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path, body: bytes, media_type: str
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [answering(200, body, media_type)]
    # what the storage itself says is believed as much as what the run says
    if media_type == "video/mp4":
        assert artifact.save(tmp_path).read_bytes() == body
        return
    with pytest.raises(WrongContent):
        artifact.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_film_where_a_picture_should_be_is_refused(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [answering(200, b"\0\0\0\x18ftypisom" + bytes(40), "image/png")]
    with pytest.raises(WrongContent, match="video/mp4, not image"):
        artifact.read()


def test_redirects_are_followed_three_times(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [
        answering(302, Location=f"{storage.base_url}/b"),
        answering(307, Location="/c"),
        answering(301, Location="/d"),
    ]
    assert artifact.read() == storage.content
    storage.acts = [answering(302, Location="/again")] * 4
    with pytest.raises(AddressRefused, match="more than 3 redirects"):
        artifact.read()


@pytest.mark.parametrize(
    "place",
    [
        "http://10.0.0.1/x",
        "http://example.com/x",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "https://user:pw@example.com/x",
    ],
)
def test_redirects_to_other_places_are_refused(
    client: Any, mock: MockRunflow, storage: Storage, place: str
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [answering(302, Location=place)]
    with pytest.raises(AddressRefused):
        artifact.read()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://storage.example/a.png?s=5ec4e7",
        "http://10.1.2.3/a.png?s=5ec4e7",
        "file:///etc/passwd",
        "javascript:x",
    ],
)
def test_outputs_at_other_places_are_listed_and_refused(
    client: Any, mock: MockRunflow, tmp_path: Path, url: str
) -> None:
    (artifact,) = output_at(client, mock, url).outputs
    with pytest.raises(AddressRefused) as caught:
        artifact.save(tmp_path)
    assert "5ec4e7" not in str(caught.value) + repr(artifact)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("act", [serve, endless])
def test_a_file_over_the_cap_is_refused(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path, act: Act
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [act, act]
    with pytest.raises(DownloadTooLarge, match="max_bytes is 10000"):
        artifact.save(tmp_path, max_bytes=10_000)
    with pytest.raises(DownloadTooLarge):
        artifact.read(max_bytes=10_000)
    assert artifact.read(max_bytes=len(storage.content)) == storage.content
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_exists_is_kept_by_default(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    target = tmp_path / "picture.png"
    target.write_bytes(b"mine")
    for path in (target, tmp_path):
        with pytest.raises(FileExistsError, match="overwrite=True"):
            artifact.save(path)
    assert target.read_bytes() == b"mine"
    assert storage.requests == []
    assert artifact.save(target, overwrite=True).read_bytes() == storage.content
    assert list(tmp_path.iterdir()) == [target]


def test_a_large_file_is_saved_in_little_memory(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.content = PNG + bytes(48 * 1024 * 1024)
    tracemalloc.start()
    try:
        saved = artifact.save(tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert saved.stat().st_size == len(storage.content)
    assert peak < 8 * 1024 * 1024


def test_a_target_that_appears_meanwhile_is_kept(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    target = tmp_path / "picture.png"
    with pytest.raises(FileExistsError):
        artifact.save(target, progress=lambda received, total: target.write_bytes(b"mine"))
    assert target.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [target]


def test_invalid_targets_are_refused_before_anything_is_sent(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    (tmp_path / "picture.png").mkdir()
    with pytest.raises(IsADirectoryError):
        artifact.save(tmp_path)
    with pytest.raises(FileNotFoundError):
        artifact.save(tmp_path / "missing" / "a.png")
    with pytest.raises(NotADirectoryError):
        artifact.save(f"{tmp_path}/missing/")
    assert storage.requests == []


def test_a_progress_that_raises_leaves_nothing_behind(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs

    def stop(received: int, total: int | None) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError):
        artifact.save(tmp_path, progress=stop)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def full_disk(after: int) -> Iterator[None]:
    """No file may grow over so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_no_part_of_the_file(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    with full_disk(100_000), pytest.raises(OSError, match=r"File too large: '.*\.png'"):
        artifact.save(tmp_path)
    assert list(tmp_path.iterdir()) == []
