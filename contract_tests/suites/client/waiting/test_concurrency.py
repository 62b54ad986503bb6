"""At most so many requests are under way, also when some that wait for a permit are cancelled."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from attrs import define, field
from runflow_client import AsyncRunflow, ConnectFailed
from runflow_client._transport.driver import MAX_CONCURRENT_REQUESTS
from runflow_client._transport.storage import MAX_CONCURRENT_TRANSFERS

from ...http_library import httpx
from ..calls import FILE, ID, body_of
from ..conftest import ENDING

STEPS = 50
"""Steps of the event loop after which every task has come as far as it can."""


@define
class Gate:
    """A server that answers nothing before it opens, and counts the requests inside."""

    opened: asyncio.Event = field(factory=asyncio.Event)
    inside: int = 0
    most: int = 0
    answered: int = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.opened.wait()
        finally:
            self.inside -= 1
        self.answered += 1
        return httpx.Response(
            200, json={"id": request.url.path.rpartition("/")[2], "status_code": "succeeded"}
        )


async def settle() -> None:
    for _ in range(STEPS):
        await asyncio.sleep(0)


def carry_out(work: Callable[[AsyncRunflow, Gate], Awaitable[None]]) -> Gate:
    async def scenario() -> Gate:
        gate = Gate()
        http = httpx.AsyncClient(transport=httpx.MockTransport(gate))
        async with (
            http,
            AsyncRunflow("rf_live_x", base_url="https://api.test", http_client=http) as client,
        ):
            await work(client, gate)
        return gate

    return asyncio.run(scenario())


def test_requests_wait_for_a_permit_outside_the_http_library() -> None:
    async def work(client: AsyncRunflow, gate: Gate) -> None:
        tasks = [
            asyncio.create_task(client.runs.get(uuid4()))
            for _ in range(5 * MAX_CONCURRENT_REQUESTS)
        ]
        await settle()
        assert gate.inside == MAX_CONCURRENT_REQUESTS
        gate.opened.set()
        await asyncio.gather(*tasks)

    gate = carry_out(work)
    assert gate.answered == 5 * MAX_CONCURRENT_REQUESTS
    assert gate.most == MAX_CONCURRENT_REQUESTS


def test_a_cancelled_request_keeps_no_permit() -> None:
    async def work(client: AsyncRunflow, gate: Gate) -> None:
        tasks = [
            asyncio.create_task(client.runs.get(uuid4()))
            for _ in range(4 * MAX_CONCURRENT_REQUESTS)
        ]
        await settle()
        for task in tasks[
            MAX_CONCURRENT_REQUESTS : 2 * MAX_CONCURRENT_REQUESTS
        ]:  # they wait for a permit
            task.cancel()
        await settle()
        for task in tasks[:MAX_CONCURRENT_REQUESTS]:  # they have one, and release it
            task.cancel()
        await asyncio.sleep(0)
        for task in tasks[
            2 * MAX_CONCURRENT_REQUESTS : 3 * MAX_CONCURRENT_REQUESTS
        ]:  # they get one now
            task.cancel()
        await settle()
        assert gate.inside == MAX_CONCURRENT_REQUESTS
        gate.opened.set()
        await asyncio.gather(*tasks[3 * MAX_CONCURRENT_REQUESTS :])
        again = [
            asyncio.create_task(client.runs.get(uuid4()))
            for _ in range(2 * MAX_CONCURRENT_REQUESTS)
        ]
        await asyncio.gather(*again)

    gate = carry_out(work)
    assert gate.most == MAX_CONCURRENT_REQUESTS
    assert gate.answered == 3 * MAX_CONCURRENT_REQUESTS


def test_a_create_that_gets_no_permit_in_time_was_never_sent() -> None:
    async def work(client: AsyncRunflow, gate: Gate) -> None:
        tasks = [
            asyncio.create_task(client.runs.get(uuid4())) for _ in range(MAX_CONCURRENT_REQUESTS)
        ]
        await settle()
        # A slow machine notices before it asks for a permit that time is up.
        with pytest.raises(ConnectFailed, match=r"never sent|before the create was sent"):
            await client.run("google/nano-banana-pro", {"prompt": "x"}, timeout=0.01)
        gate.opened.set()
        await asyncio.gather(*tasks)

    assert carry_out(work).answered == MAX_CONCURRENT_REQUESTS


def test_downloads_wait_for_a_permit_of_their_own() -> None:
    gate = Gate()

    async def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith(".png"):
            return httpx.Response(200, json=body_of(request))
        await gate(request)
        return httpx.Response(200, content=FILE, headers={"Content-Type": "image/png"})

    async def scenario() -> None:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http,
            AsyncRunflow("rf_live_x", base_url="https://api.test", http_client=http) as client,
        ):
            artifact = (await client.runs.get(ID)).outputs[0]
            tasks = [
                asyncio.create_task(artifact.read()) for _ in range(2 * MAX_CONCURRENT_TRANSFERS)
            ]
            await settle()
            assert gate.inside == MAX_CONCURRENT_TRANSFERS
            gate.opened.set()
            assert {*await asyncio.gather(*tasks)} == {FILE}

    asyncio.run(scenario())
    assert gate.most == MAX_CONCURRENT_TRANSFERS


def test_streams_that_are_left_open_keep_no_transfer_waiting() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(".png"):
            return httpx.Response(200, content=FILE, headers={"Content-Type": "image/png"})
        return httpx.Response(200, json=body_of(request))

    async def scenario() -> None:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http,
            AsyncRunflow("rf_live_x", base_url="https://api.test", http_client=http) as client,
            asyncio.timeout(ENDING),
        ):
            artifact = (await client.runs.get(ID)).outputs[0]
            streams: list[Any] = [artifact.stream() for _ in range(MAX_CONCURRENT_TRANSFERS + 1)]
            assert {await anext(one) for one in streams} == {FILE}
            assert await artifact.read() == FILE
            for one in streams:
                await one.aclose()

    asyncio.run(scenario())


def test_waits_that_fail_together_name_each_its_own_run() -> None:
    """Other than those that are interrupted together."""
    ids = [f"0198c0de-0000-7000-8000-{number:012}" for number in range(3)]
    refused = httpx.MockTransport(lambda request: httpx.Response(403, json={"message": "no"}))

    async def work() -> list[object]:
        async with (
            httpx.AsyncClient(transport=refused) as http,
            AsyncRunflow("rf_live_x", http_client=http) as client,
        ):
            waits = (client.runs.attach(one).wait() for one in ids)
            return await asyncio.gather(*waits, return_exceptions=True)

    notes = [" ".join(getattr(error, "__notes__", ())) for error in asyncio.run(work())]
    assert [[one for one in ids if one in note] for note in notes] == [[one] for one in ids]
