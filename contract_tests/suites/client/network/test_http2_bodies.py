"""HTTP/2: an answer whose body is cut off is an error and never a part of an answer, and frames
that drip keep no wait beyond its deadline.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import pytest
import trustme
from runflow_client import (
    AsyncRunflow,
    RetryPolicy,
    Runflow,
    TransportError,
    WaitTimeout,
)

from ...http2_server import Stream, serving

RUN_ID = "0198c0de-0000-7000-8000-000000000000"
BODY = json.dumps({"balance": "12.50"}).encode()
PART = BODY[:9]
ONE_ATTEMPT = RetryPolicy(attempts=1)
TIMEOUT = 0.3
LATEST = TIMEOUT + 1.0
PAUSE = 0.02


def closed_in_the_body(stream: Stream) -> None:
    stream.start()
    stream.http2.send_data(stream.number, PART)
    stream.hang_up()


def closed_before_the_told_length(stream: Stream) -> None:
    stream.start(length=len(BODY))
    stream.http2.send_data(stream.number, PART)
    stream.hang_up()


def closed_after_the_headers(stream: Stream) -> None:
    stream.start()
    stream.hang_up()


def closed_before_the_headers(stream: Stream) -> None:
    stream.hang_up()


def ended_before_the_told_length(stream: Stream) -> None:
    stream.start(length=len(BODY))
    stream.http2.send_data(stream.number, PART, end_stream=True)
    stream.flush()


def ended_in_the_body(stream: Stream) -> None:
    stream.start()
    stream.http2.send_data(stream.number, PART, end_stream=True)
    stream.flush()


def ended_without_a_body(stream: Stream) -> None:
    stream.start()
    stream.http2.end_stream(stream.number)
    stream.flush()


def reset_in_the_body(stream: Stream) -> None:
    stream.start()
    stream.http2.send_data(stream.number, PART)
    stream.http2.reset_stream(stream.number)
    stream.flush()


def gone_away_in_the_body(stream: Stream) -> None:
    stream.start()
    stream.http2.send_data(stream.number, PART)
    stream.http2.close_connection(last_stream_id=0)
    stream.hang_up()


CUTS = [
    closed_in_the_body,
    closed_before_the_told_length,
    closed_after_the_headers,
    closed_before_the_headers,
    ended_before_the_told_length,
    ended_in_the_body,
    ended_without_a_body,
    reset_in_the_body,
    gone_away_in_the_body,
]


def use(
    colour: str,
    base_url: str,
    sync_use: Callable[[Runflow], object],
    async_use: Callable[[AsyncRunflow], Awaitable[object]],
) -> None:
    """Do the one or the other with a client of this colour."""

    async def in_a_loop() -> None:
        async with AsyncRunflow("rf_live_x", base_url=base_url, retries=ONE_ATTEMPT) as client:
            await async_use(client)

    if colour == "async":
        asyncio.run(in_a_loop())
        return
    with Runflow("rf_live_x", base_url=base_url, retries=ONE_ATTEMPT) as client:
        sync_use(client)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_answer_that_is_cut_off_is_an_error(
    authority: trustme.CA, colour: str, cut: Callable[[Stream], None]
) -> None:
    with serving(authority, cut) as base_url, pytest.raises(TransportError, match="/v1/"):
        use(
            colour,
            base_url,
            lambda client: client.account.balance(),
            lambda client: client.account.balance(),
        )


def dripping(write: Callable[[Stream], None], *, first: bool = True) -> Callable[[Stream], None]:
    """Answer with what `write` sends again and again."""

    async def drip(stream: Stream) -> None:
        if first:
            stream.start()
        while True:
            write(stream)
            stream.flush()
            await asyncio.sleep(PAUSE)

    tasks: set[asyncio.Task[None]] = set()

    def treat(stream: Stream) -> None:
        tasks.add(asyncio.get_running_loop().create_task(drip(stream)))

    return treat


DRIPS: dict[str, Callable[[Stream], None]] = {
    "bytes": dripping(lambda stream: stream.http2.send_data(stream.number, b" ")),
    "empty data": dripping(lambda stream: stream.http2.send_data(stream.number, b"")),
    "padding": dripping(lambda stream: stream.http2.send_data(stream.number, b"", pad_length=9)),
    "pings": dripping(lambda stream: stream.http2.ping(b"01234567"), first=False),
    "windows": dripping(lambda stream: stream.http2.increment_flow_control_window(1), first=False),
    "settings": dripping(lambda stream: stream.http2.update_settings({}), first=False),
    "1xx": dripping(
        lambda stream: stream.http2.send_headers(stream.number, [(":status", "103")]),
        first=False,
    ),
}


@pytest.mark.parametrize("drip", list(DRIPS))
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_wait_ends_at_its_deadline_whatever_frames_drip(
    authority: trustme.CA, colour: str, drip: str
) -> None:
    with serving(authority, DRIPS[drip]) as base_url:
        started = time.monotonic()
        with pytest.raises(WaitTimeout):
            use(
                colour,
                base_url,
                lambda client: client.runs.attach(RUN_ID).wait(TIMEOUT),
                lambda client: client.runs.attach(RUN_ID).wait(TIMEOUT),
            )
        assert time.monotonic() - started <= LATEST
