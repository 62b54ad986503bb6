"""A storage that sends bit by bit, or hardly takes what is sent: each attempt ends, in both
colours, and nothing is kept of what came.
"""

import gzip
import zlib
from pathlib import Path
from typing import Any

import pytest
from runflow_client import ConnectionLost, DownloadTooLarge, RequestTimeout, RetryPolicy
from runflow_mock import MockRunflow

from ..dripping import PAUSE, dripping, ending_within
from .conftest import output_at
from .storage import PNG

TIMEOUT = 0.2
LATE = 1.0
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"
GZIP = zlib.compressobj(9, zlib.DEFLATED, 31)
GZIPPED = GZIP.compress(PNG + bytes(99)) + GZIP.flush(zlib.Z_SYNC_FLUSH)
END_OF_GZIP = GZIP.flush()


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


IN_GZIP = HEAD + b"content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n" + chunk(GZIPPED)

SLOW_HEADS: dict[str, tuple[bytes, bytes]] = {
    "nothing": (b"", b""),
    "status line": (b"", b"H"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n"),
    "1xx responses": (b"", b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n"),
}
SLOW_BODIES: dict[str, tuple[bytes, bytes]] = {
    "body": (HEAD + b"content-length: 100000\r\n\r\n" + PNG, b" "),
    "body that ends with the connection": (HEAD + b"connection: close\r\n\r\n" + PNG, b" "),
    "chunks": (CHUNKED + chunk(PNG), chunk(b" ")),
    "chunk extension": (CHUNKED + chunk(PNG) + b"1;", b"a"),
    "trailers": (CHUNKED + chunk(PNG) + b"0\r\n", b"x-a: b\r\n"),
    "empty gzip blocks": (IN_GZIP, chunk(EMPTY_BLOCK)),
}


def impatient(connect: Any) -> Any:
    return connect(timeout=TIMEOUT, retries=RetryPolicy(attempts=1))


@pytest.mark.parametrize("what", SLOW_HEADS)
def test_a_download_whose_head_hardly_comes_ends(
    connect: Any, mock: MockRunflow, what: str, tmp_path: Path
) -> None:
    with dripping(*SLOW_HEADS[what]) as url:
        (artifact,) = output_at(impatient(connect), mock, f"{url}/a.png").outputs
        with (
            ending_within(2 * TIMEOUT + LATE),
            pytest.raises(ConnectionLost, match="after 0 bytes"),
        ):
            artifact.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", SLOW_BODIES)
def test_a_download_that_hardly_comes_ends(
    connect: Any, mock: MockRunflow, what: str, tmp_path: Path
) -> None:
    with dripping(*SLOW_BODIES[what]) as url:
        (artifact,) = output_at(impatient(connect), mock, f"{url}/a.png").outputs
        with ending_within(2 * TIMEOUT + LATE), pytest.raises(ConnectionLost) as caught:
            artifact.save(tmp_path)
    assert "ReadTimeout" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_small_file_may_come_slowly(connect: Any, mock: MockRunflow) -> None:
    """Its whole body comes within the time in which a longer one would be measured."""
    content = PNG + bytes(20)
    head = HEAD + b"content-length: %d\r\n\r\n" % len(content)
    with dripping(head + content[:-2], content[-1:]) as url:
        (artifact,) = output_at(connect(timeout=50 * PAUSE), mock, f"{url}/a.png").outputs
        assert artifact.read() == content


@pytest.mark.parametrize("flood", [10_000 * EMPTY_BLOCK, END_OF_GZIP + 2_500 * gzip.compress(b"")])
def test_a_flood_that_holds_nothing_ends(connect: Any, mock: MockRunflow, flood: bytes) -> None:
    with dripping(IN_GZIP + chunk(flood), chunk(flood.removeprefix(END_OF_GZIP)), pause=0.0) as url:
        (artifact,) = output_at(connect(), mock, f"{url}/a.png").outputs
        with pytest.raises(DownloadTooLarge):
            artifact.read(max_bytes=200_000)


UPLOADS: dict[str, tuple[int, int, tuple[bytes, bytes]]] = {
    "nothing is read": (300_000, 0, (b"", b"")),
    "a byte is read now and then": (300_000, 1, (b"", b"")),
    "no answer": (1000, 65536, (b"", b"")),
    "the head of the answer comes bit by bit": (1000, 65536, SLOW_HEADS["headers"]),
    "the body of the answer comes bit by bit": (1000, 65536, SLOW_BODIES["body"]),
}


@pytest.mark.parametrize("what", UPLOADS)
def test_an_upload_that_is_hardly_taken_ends(connect: Any, mock: MockRunflow, what: str) -> None:
    size, reads, answer = UPLOADS[what]
    client = impatient(connect)
    with dripping(*answer, reads=reads) as url:
        mock.fail_next(
            "create_asset_upload", fault="unknown_enum", field="upload_url", value=f"{url}/put"
        )
        limit = max(2 * TIMEOUT, size / 262_144)
        with ending_within(limit + LATE), pytest.raises(RequestTimeout, match="PUT"):
            client.assets.upload(PNG + bytes(size))
    assert len(mock.requests) == 1  # it was not confirmed
