"""A storage whose answers contradict each other: what is saved is the file, whole and unmixed, or
the error is ours.
"""

import base64
import random
from pathlib import Path
from typing import Any

import pytest
from runflow_client import AddressRefused, ConnectionLost, RunflowError
from runflow_mock import MockRunflow

from .conftest import output_at
from .storage import PNG, Act, Storage, answering, breaking, changing, serve, whole

MANY = 6_000_000
"""Bytes of a file so large that the client takes heart again on its way."""


def beginning(storage: Storage, size: int) -> Act:
    """So many bytes of the whole file, and then the connection breaks."""
    length = str(len(storage.content))
    return answering(
        200, storage.content[:size], "image/png", Content_Length=length, ETag='"first"'
    )


def unmeasured(storage: Storage, size: int) -> Act:
    """So many bytes of a file whose length is not told, and then the connection breaks."""
    piece = b"%x\r\n%b\r\n" % (size, storage.content[:size])
    return answering(200, piece, "image/png", Content_Length="", Transfer_Encoding="chunked")


def part(storage: Storage, begin: int, end: int, more: bytes = b"") -> Act:
    """The bytes between two places, as the answer's head says, and more bytes of which it says
    nothing.
    """
    told = f"bytes {begin}-{end - 1}/{len(storage.content)}"
    return answering(
        206, storage.content[begin:end] + more, "image/png", Content_Length="", Content_Range=told
    )


def test_bytes_that_came_again_in_vain_are_not_passed_over_later(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    storage.content = PNG + random.Random(7).randbytes(MANY)
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [breaking(2_000_000), beginning(storage, 1_000_000), serve]
    assert artifact.save(tmp_path).read_bytes() == storage.content
    assert len(storage.requests) == 3


def test_nothing_is_passed_over_in_another_file(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    storage.content, other = (PNG + random.Random(seed).randbytes(MANY) for seed in (7, 8))
    (artifact,) = output_at(client, mock, storage.url).outputs
    another = changing(whole, content=other, tag='"second"')
    storage.acts = [breaking(2_000_000), beginning(storage, 1_000_000), another]
    assert artifact.read() == other


def test_a_part_that_says_how_long_the_whole_is_is_no_whole(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [unmeasured(storage, 300_000), part(storage, 300_000, 350_000)]
    assert artifact.save(tmp_path).read_bytes() == storage.content
    assert [request.headers.get("range") for request in storage.requests] == [
        None,
        "bytes=300000-",
        "bytes=350000-",
    ]


def test_bytes_beyond_the_end_are_not_kept(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.acts = [breaking(300_000), part(storage, 300_000, len(storage.content), b"and more")]
    assert artifact.save(tmp_path).read_bytes() == storage.content
    storage.acts = [breaking(300_000), part(storage, 300_000, len(storage.content), b"and more")]
    with pytest.raises(ConnectionLost, match="more bytes than it declared"):
        list(artifact.stream())


@pytest.mark.parametrize("told", ["bytes 300000-300009/700008", "bytes 300000-299990/700008"])
def test_bytes_beyond_the_range_that_the_storage_names_are_not_kept(
    client: Any, mock: MockRunflow, storage: Storage, told: str
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    other = random.Random(8).randbytes(400_008)
    storage.acts = [breaking(300_000), answering(206, other, "image/png", Content_Range=told)]
    assert artifact.read() == storage.content


@pytest.mark.parametrize("tag", ['"\xe9"', '"first', "first", 'W/"first"', '"a b"', '"a"b"'])
def test_a_tag_that_is_no_strong_one_does_not_resume(
    client: Any, mock: MockRunflow, storage: Storage, tag: str
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    storage.tag, storage.acts = tag, [breaking(300_000)]
    assert artifact.read() == storage.content
    assert "range" not in storage.requests[-1].headers


def test_a_content_length_beside_chunks_does_not_count(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(storage.content), storage.content)
    both = {"Content_Length": "300000", "Transfer_Encoding": "chunked"}
    storage.acts = [answering(200, chunked, "image/png", **both)]
    assert artifact.read() == storage.content
    assert len(storage.requests) == 1


def test_a_length_that_no_file_has_is_no_length(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    told = f"bytes 300000-700007/{'9' * 5000}"
    storage.acts = [
        breaking(300_000),
        answering(206, storage.content[300_000:], "image/png", Content_Range=told),
    ]
    assert artifact.read() == storage.content


def test_what_cannot_be_unpacked_is_a_connection_that_broke(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    packed = answering(200, b"not packed at all", "image/png", Content_Encoding="gzip")
    storage.acts = [packed]
    assert artifact.read() == storage.content
    storage.acts = [packed] * 9
    with pytest.raises(ConnectionLost, match="DecodingError"):
        artifact.read()


def test_a_redirect_to_what_is_no_url_is_refused(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    nowhere = answering(302, Location="data:image/png;base64,AAAA")
    storage.acts = [nowhere] * 9
    with pytest.raises(AddressRefused, match=r"an invalid URL|its scheme") as caught:
        artifact.read()
    assert "5ec4e7" not in str(caught.value)
    mock.fail_next(
        "create_asset_upload", fault="unknown_enum", field="upload_url", value=storage.url
    )
    with pytest.raises(AddressRefused, match="an invalid URL"):
        client.assets.upload(PNG + b"small")


def test_what_the_storage_says_of_an_upload_need_not_be_readable(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    mock.fail_next(
        "create_asset_upload", fault="unknown_enum", field="upload_url", value=storage.url
    )
    storage.acts = [answering(200, b"not packed at all", Content_Encoding="gzip")]
    # the next step: the mock server did not get the file
    with pytest.raises(RunflowError, match="confirmations"):
        client.assets.upload(PNG + b"small")


PACKED = base64.b64encode(PNG + bytes(range(255))).decode()


@pytest.mark.parametrize(
    "uri",
    [
        "data:image/png;base64,"
        + PACKED.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
        "data:image/png;base64,"
        + "\r\n".join(PACKED[begin : begin + 76] for begin in range(0, len(PACKED), 76)),
        "data:image/png;base64, " + PACKED.rstrip("="),
        "data:image/png;name=a.png;BASE64," + PACKED,
        "data:imagé/png;base64," + PACKED,
    ],
)
def test_an_inline_output_is_read_as_browsers_read_it(
    client: Any, mock: MockRunflow, uri: str
) -> None:
    (artifact,) = output_at(client, mock, uri).outputs
    assert artifact.read() == PNG + bytes(range(255))
