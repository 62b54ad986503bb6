"""Each public call of both clients sends what the list says, in its order, and returns the same."""

import asyncio
from pathlib import Path

import pytest
from runflow_api.http_library import httpx
from runflow_client import Runflow

from ..snapshot import check_snapshot
from . import calls

LIST = Path(__file__).with_name("calls.txt")


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_is_sent_and_returned_is_that_of_the_list(colour: str) -> None:
    check_snapshot(LIST, "\n".join(asyncio.run(calls.lines(colour))) + "\n")


@pytest.mark.parametrize(
    ("size", "timeout", "seconds"),
    [
        (1000, 60.0, 120),
        (1000, 7.0, 14),
        (31_457_280, 60.0, 120),
        (41_943_040, 60.0, 160),
        (52_428_800, 60.0, 200),
    ],
)
def test_a_larger_file_has_more_time_to_be_put(size: int, timeout: float, seconds: float) -> None:
    """A second for each 256 KiB, and twice the client's timeout at the least."""
    granted: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            granted.append(request.extensions["timeout"]["read"])
        return httpx.Response(200, json=calls.body_of(request))

    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as http,
        Runflow("rf_live_x", base_url=calls.BASE, http_client=http, timeout=timeout) as client,
    ):
        client.assets.upload(calls.FILE + bytes(size - len(calls.FILE)))
    assert granted == [seconds]
