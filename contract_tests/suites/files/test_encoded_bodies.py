"""Encoded bodies of the storage: decoded whole or not at all, in little memory."""

import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, strategies as st
from runflow_client import ConnectionLost, DownloadTooLarge, StorageRefused
from runflow_client._transport.decoding import BodyDecoder, BodyTooLarge
from runflow_mock import MockRunflow

from .conftest import output_at
from .storage import PNG, Act, Storage, answering

PICTURE = PNG + random.Random(9).randbytes(50_000)


def raw_deflate(content: bytes) -> bytes:
    packed = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packed.compress(content) + packed.flush()


def six_times(content: bytes) -> bytes:
    for _ in range(6):
        content = gzip.compress(content)
    return content


def encoded(body: bytes, encoding: str, length: bool = True) -> Act:
    extra = {} if length else {"Content_Length": ""}
    return answering(200, body, "image/png", Content_Encoding=encoding, **extra)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(PICTURE), "gzip"),
        (gzip.compress(PICTURE), "X-GZIP"),
        (zlib.compress(PICTURE), "deflate"),
        (raw_deflate(PICTURE), "deflate"),
        (gzip.compress(gzip.compress(PICTURE)), "gzip, gzip"),
        (gzip.compress(zlib.compress(PICTURE)), "deflate, gzip"),
        (gzip.compress(PICTURE), "identity, gzip"),
        (gzip.compress(PICTURE[:9000]) + gzip.compress(PICTURE[9000:]), "gzip"),
        (gzip.compress(PICTURE) + bytes(300), "gzip"),
    ],
)
def test_an_encoded_file_is_decoded(
    client: Any, mock: MockRunflow, storage: Storage, body: bytes, encoding: str
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [encoded(body, encoding)] * 2
    assert artifact.read() == PICTURE
    assert b"".join(artifact.stream()) == PICTURE


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(PICTURE)[:-1], "gzip"),
        (gzip.compress(PICTURE)[:-8], "gzip"),
        (gzip.compress(PICTURE)[:20_000], "gzip"),
        (zlib.compress(PICTURE)[:-1], "deflate"),
        (gzip.compress(gzip.compress(PICTURE)[:-1]), "gzip, gzip"),
        (gzip.compress(PICTURE)[:9000] + b"!" + gzip.compress(PICTURE)[9001:], "gzip"),
        (gzip.compress(PICTURE) + b"more", "gzip"),
        (gzip.compress(PICTURE), "br"),
        (gzip.compress(PICTURE), "gzip, zstd"),
        (PICTURE, "compress"),
        (six_times(PICTURE), ", ".join(["gzip"] * 6)),
    ],
)
@pytest.mark.parametrize("length", [True, False])
def test_what_cannot_be_decoded_to_its_end_is_no_file(
    client: Any, mock: MockRunflow, storage: Storage, body: bytes, encoding: str, length: bool
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [encoded(body, encoding, length)]
    assert artifact.read() == storage.content, "the next attempt gives the file"
    storage.acts = [encoded(body, encoding, length)] * 3
    with pytest.raises(ConnectionLost, match="DecodingError"):
        artifact.read()
    assert storage.acts == []


def bomb(layers: int, mebibytes: int = 64) -> bytes:
    """So many encodings around so many MiB of zeros behind the beginning of a picture."""
    packed = zlib.compressobj(9, wbits=31)
    body = packed.compress(PNG)
    for _ in range(mebibytes):
        body += packed.compress(bytes(1024 * 1024))
    body += packed.flush()
    for _ in range(layers - 1):
        body = gzip.compress(body)
    return body


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_small_body_that_decodes_to_a_huge_one_fills_no_memory(
    client: Any, mock: MockRunflow, storage: Storage, layers: int
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [encoded(bomb(layers), ", ".join(["gzip"] * layers))]
    tracemalloc.start()
    try:
        with pytest.raises(DownloadTooLarge, match="max_bytes"):
            artifact.read(max_bytes=1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def test_what_stands_between_two_encodings_is_bounded_too(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    empty_members = gzip.compress(gzip.compress(b"") * 100_000)
    storage.acts = [encoded(empty_members, "gzip, gzip")]
    told = "it has at least 1000001 bytes, and max_bytes is 1000000"
    with pytest.raises(DownloadTooLarge, match=told):
        artifact.read(max_bytes=1_000_000)


def test_the_error_page_of_a_storage_is_decoded_within_bounds(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    page = gzip.compress(b"<Error><Code>AccessDenied</Code>" + bytes(64 * 1024 * 1024))
    storage.acts = [answering(400, page, Content_Encoding="gzip")]
    tracemalloc.start()
    try:
        with pytest.raises(StorageRefused) as caught:
            artifact.read()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.code == "AccessDenied"
    assert peak < 8 * 1024 * 1024


def test_the_answer_to_an_upload_is_not_decoded(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    storage.acts = [answering(400, bomb(2), Content_Encoding="gzip, gzip")]
    mock.fail_next(
        "create_asset_upload", fault="unknown_enum", field="upload_url", value=storage.url
    )
    tracemalloc.start()
    try:
        with pytest.raises(StorageRefused) as caught:
            client.assets.upload(PICTURE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (caught.value.status, caught.value.code) == (400, None)
    assert peak < 8 * 1024 * 1024


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "identity": bytes,
}


def decode_whole(body: bytes, decoder: BodyDecoder) -> bytes:
    found = b"".join(decoder.feed(body))
    decoder.finish()
    return found


@given(st.binary(max_size=3000), st.lists(st.sampled_from([*ENCODERS]), max_size=5), st.data())
def test_however_a_body_is_encoded_and_cut_it_is_decoded_to_the_same(
    content: bytes, names: list[str], data: st.DataObject
) -> None:
    body = content
    for name in names:
        body = ENCODERS[name](body)
    decoder = BodyDecoder(", ".join(names), 100_000)
    size = data.draw(st.integers(min_value=1, max_value=max(1, len(body))))
    found = b"".join(
        piece
        for start in range(0, len(body), size)
        for piece in decoder.feed(body[start : start + size])
    )
    decoder.finish()
    assert found == content
    if any(name != "identity" for name in names) and body:
        cut = body[: data.draw(st.integers(1, len(body) - 1))]
        with pytest.raises(httpx.DecodingError):
            decode_whole(cut, BodyDecoder(", ".join(names), 100_000))


def test_pieces_are_small_and_bounds_are_kept() -> None:
    decoder = BodyDecoder("gzip", 10)
    sizes = [len(piece) for piece in decoder.feed(gzip.compress(bytes(1_000_000)))]
    assert sum(sizes) == 1_000_000
    assert max(sizes) == 64 * 1024
    inner = gzip.compress(b"x" * 50)
    assert b"".join(BodyDecoder("gzip, gzip", len(inner)).feed(gzip.compress(inner))) == b"x" * 50
    with pytest.raises(BodyTooLarge):
        list(BodyDecoder("gzip, gzip", len(inner) - 1).feed(gzip.compress(inner)))
