"""Downloads over HTTP/2 that are reset or cut off in the middle: resumed where the storage names a
strong validator, else begun again; whole or not at all.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from runflow_client import ConnectionLost
from runflow_mock import MockRunflow

from ..client.conftest import authority
from ..http2_server import Stream, serving
from .conftest import output_at
from .storage import PNG

__all__ = ["authority"]

CONTENT = PNG + bytes(range(251)) * 100
HALF = 12_000  # within the window that the client opens

End = Callable[[Stream], None]


def reset(code: int) -> End:
    def end(stream: Stream) -> None:
        stream.http2.reset_stream(stream.number, error_code=code)
        stream.flush()

    return end


def gone_away(last: int, code: int = 0) -> End:
    def end(stream: Stream) -> None:
        stream.http2.close_connection(error_code=code, last_stream_id=last)
        stream.hang_up()

    return end


def hung_up(stream: Stream) -> None:
    stream.hang_up()


def ended_early(stream: Stream) -> None:
    stream.http2.end_stream(stream.number)
    stream.flush()


ENDS: dict[str, End] = {
    "reset without an error": reset(0),
    "reset by an error of the server": reset(2),
    "refused stream": reset(7),
    "cancelled": reset(8),
    "told to calm down": reset(11),
    "gone away before the stream": gone_away(0),
    "gone away after the stream": gone_away(99),
    "gone away with an error": gone_away(0, 2),
    "connection closed": hung_up,
    "stream ended early": ended_early,
}


class Storage:
    """Serves CONTENT, and ends the first answers early."""

    def __init__(self, end: End, times: int, tag: str | None, length: bool = True) -> None:
        self._end, self._left, self._length = end, times, length
        self._tag = {} if tag is None else {"etag": tag}
        self.ranges: list[str | None] = []

    def treat(self, stream: Stream) -> None:
        asked = stream.asked.get("range")
        self.ranges.append(asked)
        begin = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        rest = CONTENT[begin:]
        part = (
            {"content_range": f"bytes {begin}-{len(CONTENT) - 1}/{len(CONTENT)}"} if begin else {}
        )
        length = len(rest) if self._length else None
        stream.start(
            206 if begin else 200, length=length, content_type="image/png", **self._tag, **part
        )
        if self._left:
            self._left -= 1
            stream.send(rest[:HALF])
            self._end(stream)
        else:
            stream.send(rest)
            ended_early(stream)


@pytest.mark.parametrize("tag", ['"first"', 'W/"first"', None])
@pytest.mark.parametrize("end", ENDS)
def test_a_download_that_is_cut_off_is_whole_in_the_end(
    authority: trustme.CA,
    client: Any,
    mock: MockRunflow,
    tmp_path: Path,
    end: str,
    tag: str | None,
) -> None:
    storage = Storage(ENDS[end], 1, tag)
    with serving(authority, storage.treat) as url:
        (artifact,) = output_at(client, mock, f"{url}/a.png").outputs
        assert artifact.save(tmp_path).read_bytes() == CONTENT
    (first, *more) = storage.ranges
    assert first is None
    assert more in ([f"bytes={HALF}-"] if tag == '"first"' else [None], [None])


@pytest.mark.parametrize("end", ENDS)
def test_a_download_that_is_always_cut_off_leaves_nothing(
    authority: trustme.CA, client: Any, mock: MockRunflow, tmp_path: Path, end: str
) -> None:
    storage, folder = Storage(ENDS[end], 99, None), tmp_path / "saved"
    folder.mkdir()
    with serving(authority, storage.treat) as url:
        (artifact,) = output_at(client, mock, f"{url}/a.png").outputs
        with pytest.raises(ConnectionLost, match="the download broke off after"):
            artifact.save(folder)
    assert list(folder.iterdir()) == []
    assert len(storage.ranges) == 3


@pytest.mark.parametrize("end", [end for end in ENDS if end != "stream ended early"])
def test_a_reset_is_no_end_where_the_length_is_not_told(
    authority: trustme.CA, client: Any, mock: MockRunflow, end: str
) -> None:
    storage = Storage(ENDS[end], 1, '"first"', length=False)
    with serving(authority, storage.treat) as url:
        (artifact,) = output_at(client, mock, f"{url}/a.png").outputs
        assert artifact.read() == CONTENT
