"""How fast a file has to come, and how much of it is handed over together: for a body that comes in
pieces at moments of this test.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Final

import pytest
from attrs import define
from runflow_client._flows.commands import OpenDownload
from runflow_client._transport import downloads

from ..client.stepped_time import SteppedTime
from ..http_library import httpx

Piece = tuple[float, int]
"""The seconds until it comes, and its bytes."""
COLOURS: Final = pytest.mark.parametrize("colour", ["sync", "async"])


@define(eq=False)
class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Pieces that each come after a while."""

    pieces: list[Piece]
    time: SteppedTime

    def __iter__(self) -> Iterator[bytes]:
        for seconds, size in self.pieces:
            self.time.seconds += seconds
            yield bytes(size)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def handed_over(colour: str, pieces: list[Piece], enough: int, seconds: float | None) -> list[int]:
    """Return the bytes that are handed over each time. Raises what reading the body raises."""
    time = SteppedTime()
    response = httpx.Response(200, stream=Body(pieces, time))
    command = OpenDownload("https://storage.test/1.png", {}, gathered=enough)

    async def suspending() -> list[int]:
        read = downloads.decoded_async(response, command, seconds)
        return [sum(map(len, some)) async for some in read]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(downloads, "time", SimpleNamespace(monotonic=time.now))
        if colour == "async":
            return asyncio.run(suspending())
        return [sum(map(len, some)) for some in downloads.decoded(response, command, seconds)]


PACES: Final[dict[str, tuple[list[Piece], str]]] = {
    "just as fast as it must": ([(10.0, 10_240)] * 3, ""),
    "a byte too slow": ([(10.0, 10_239)], "only 10239 bytes came in 10 s"),
    "slow for less than the time": ([(5.0, 10), (4.9, 10)], ""),
    "slow, with all of it in the end": ([(5.0, 1), (4.0, 1), (1.0, 10_240)], ""),
    "slow for the time": ([(5.0, 10), (5.0, 10)], "only 20 bytes came in 10 s"),
    "fast, then slow": (
        [(10.0, 1_000_000), (5.0, 10), (5.0, 10), (5.0, 10)],
        "only 20 bytes came in 10 s",
    ),
    "fast, then slow for less than the time": ([(10.0, 10_240), (9.0, 1)], ""),
    "slow for longer": ([(25.0, 10)], "only 10 bytes came in 25 s"),
}


@COLOURS
@pytest.mark.parametrize("name", PACES)
def test_a_body_has_to_bring_a_kibibyte_a_second_in_each_timeout(name: str, colour: str) -> None:
    pieces, told = PACES[name]
    if told:
        with pytest.raises(httpx.ReadTimeout, match=f"^{told}, .* 1024 bytes a second$"):
            handed_over(colour, pieces, 1, 10.0)
    else:
        assert handed_over(colour, pieces, 1, 10.0) == [size for _, size in pieces]
    assert sum(handed_over(colour, pieces, 1, None)) == sum(size for _, size in pieces)


GATHERINGS: Final[dict[str, tuple[list[Piece], int, list[int]]]] = {
    "each for itself": ([(0.0, 10)] * 3, 1, [10, 10, 10]),
    "until there are enough": ([(0.0, 10)] * 5, 20, [20, 20, 10]),
    "until there are more than enough": ([(0.0, 10)] * 5, 25, [30, 20]),
    "until a quarter of a second is over": ([(0.125, 10)] * 5, 1000, [20, 20, 10]),
    "a wait, then many at once": ([(0.5, 10), *[(0.0, 10)] * 4], 1000, [10, 40]),
    "many at once, then a wait": ([(0.0, 10), (0.0, 10), (0.5, 10)], 1000, [30]),
}


@COLOURS
@pytest.mark.parametrize("name", GATHERINGS)
def test_pieces_are_handed_over_when_there_are_enough_or_it_is_time(name: str, colour: str) -> None:
    pieces, enough, expected = GATHERINGS[name]
    assert handed_over(colour, pieces, enough, 60.0) == expected


class Breaking(Body):
    """A body that breaks at its end."""

    def __iter__(self) -> Iterator[bytes]:
        yield from super().__iter__()
        raise httpx.ReadError("it broke")


@COLOURS
def test_what_came_before_a_break_is_handed_over_before_it(colour: str) -> None:
    seen: list[bytes] = []
    body = Breaking([(0.0, 10)] * 3, SteppedTime())
    command = OpenDownload("https://storage.test/1.png", {}, gathered=1000)
    response = httpx.Response(200, stream=body)

    async def suspending() -> None:
        async for some in downloads.decoded_async(response, command, 60.0):
            seen.extend(some)

    def blocking() -> None:
        for some in downloads.decoded(response, command, 60.0):
            seen.extend(some)

    with pytest.raises(httpx.ReadError):
        blocking() if colour == "sync" else asyncio.run(suspending())
    assert b"".join(seen) == bytes(30)
