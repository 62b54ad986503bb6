"""Hooks of the caller's HTTP client see transfers too: what they raise is told as it is."""

import asyncio
import gzip
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
from runflow_client import (
    ApiError,
    AsyncRunflow,
    Runflow,
    RunflowError,
    SendFailed,
    StorageRefused,
)

from .storage import PNG

API = "http://127.0.0.1:9"
ID = "0198c0de-0000-7000-8000-000000000000"

SECRET = "5ec4e7"

Hook = Callable[[httpx.Response], None]


def serve(request: httpx.Request) -> httpx.Response:
    """The API and its storage, in which every file is refused that is named so."""
    path = request.url.path
    if path == "/refused":
        return httpx.Response(403)
    if path == "/file":
        return httpx.Response(200, content=PNG)
    if path == "/v1/asset-uploads":
        url = f"{API}/refused?signature={SECRET}"
        return httpx.Response(201, json={"asset_id": ID, "upload_url": url})
    outputs = [
        {"url": f"{API}/{name}?signature={SECRET}", "type": "image"} for name in ("file", "refused")
    ]
    body = {"id": ID, "status_code": "succeeded", "output": {"outputs": outputs}}
    return httpx.Response(200, json=body)


def upload(client: Runflow) -> object:
    return client.assets.upload(PNG, name="a.png")


def read(client: Runflow) -> object:
    return client.runs.get(ID).outputs[0].read()


def read_refused(client: Runflow) -> object:
    return client.runs.get(ID).outputs[1].read()


async def read_together(client: AsyncRunflow, number: int) -> object:
    return await (await client.runs.get(ID)).outputs[number].read()


def ended(work: Callable[[Runflow], object], hook: Hook) -> RunflowError:
    """The error of this work where the hook sees every answer."""
    http = httpx.Client(transport=httpx.MockTransport(serve), event_hooks={"response": [hook]})
    with (
        Runflow("rf_live_x", base_url=API, http_client=http) as client,
        pytest.raises(RunflowError) as caught,
    ):
        work(client)
    return caught.value


def ended_together(number: int, hook: Hook) -> RunflowError:
    """The same for an asynchronous client that reads an output."""

    async def see(response: httpx.Response) -> None:
        hook(response)

    async def scenario() -> Any:
        transport = httpx.MockTransport(serve)
        http = httpx.AsyncClient(transport=transport, event_hooks={"response": [see]})
        async with AsyncRunflow("rf_live_x", base_url=API, http_client=http) as client:
            with pytest.raises(RunflowError) as caught:
                await read_together(client, number)
        return caught.value

    error: RunflowError = asyncio.run(scenario())
    return error


def of_storage(raised: Exception) -> Hook:
    def hook(response: httpx.Response) -> None:
        if response.request.url.path in {"/file", "/refused"}:
            raise raised

    return hook


@pytest.mark.parametrize(
    "raised",
    [
        ValueError("x"),
        TimeoutError(),
        ExceptionGroup("g", [ValueError()]),
        httpx.DecodingError("d"),
    ],
)
def test_what_a_hook_raises_of_a_transfer_is_the_clients_error(raised: Exception) -> None:
    hook = of_storage(raised)
    for error in (ended(upload, hook), ended(read, hook), ended_together(0, hook)):
        assert isinstance(error, SendFailed)
        assert error.__cause__ is raised
        assert error.path.startswith(f"{API}/")
        assert SECRET not in f"{error} {vars(error)}"


def test_a_hook_that_refuses_the_storages_status_changes_nothing() -> None:
    def hook(response: httpx.Response) -> None:
        response.raise_for_status()

    for error in (ended(upload, hook), ended(read_refused, hook), ended_together(1, hook)):
        assert isinstance(error, StorageRefused)
        assert error.status == 403


@pytest.mark.parametrize(
    "raised", [LookupError("mine"), OSError(28, "mine"), TimeoutError("mine"), ValueError("mine")]
)
def test_what_the_progress_function_raises_is_raised_as_it_is(raised: Exception) -> None:
    def show(sent: int, total: int | None) -> None:
        raise raised

    transport = httpx.MockTransport(serve)
    http = httpx.Client(transport=transport)
    with Runflow("rf_live_x", base_url=API, http_client=http) as client:
        output = client.runs.get(ID).outputs[0]
        works: list[Callable[..., object]] = [partial(client.assets.upload, PNG), output.read]
        for work in works:
            with pytest.raises(type(raised)) as caught:
                work(progress=show)
            assert caught.value is raised

    async def scenario() -> None:
        http = httpx.AsyncClient(transport=transport)
        async with AsyncRunflow("rf_live_x", base_url=API, http_client=http) as client:
            output = (await client.runs.get(ID)).outputs[0]
            for work in (client.assets.upload(PNG, progress=show), output.read(progress=show)):
                with pytest.raises(type(raised)) as caught:
                    await work
                assert caught.value is raised

    asyncio.run(scenario())


def serve_packed(request: httpx.Request) -> httpx.Response:
    """The same, packed."""
    plain = serve(request)
    headers = {"Content-Encoding": "gzip"}
    return httpx.Response(plain.status_code, content=gzip.compress(plain.content), headers=headers)


def serve_refusals(request: httpx.Request) -> httpx.Response:
    """A refusal of everything but the run, packed."""
    if request.method == "GET" and request.url.path != "/refused":
        return serve_packed(request)
    refusal = b"<Error><Code>ItIsSo</Code></Error>"
    if request.url.path.startswith("/v1/"):
        refusal = b'{"code": "IT_IS_SO", "message": "no"}'
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain"}
    return httpx.Response(422, content=gzip.compress(refusal), headers=headers)


def _read_and_refuse(response: httpx.Response) -> None:
    response.read()
    response.raise_for_status()


async def _read_and_refuse_awaited(response: httpx.Response) -> None:
    await response.aread()
    response.raise_for_status()


def test_a_refusal_that_a_hook_has_read_is_told_with_its_code() -> None:
    transport = httpx.MockTransport(serve_refusals)
    hooks = {"response": [_read_and_refuse]}
    http = httpx.Client(transport=transport, event_hooks=hooks)
    told: list[str] = []
    with Runflow("rf_live_x", base_url=API, http_client=http) as client:
        for work in (upload, read_refused):
            with pytest.raises((ApiError, StorageRefused)) as caught:
                work(client)
            told.append(str(caught.value))

    async def scenario() -> None:
        hooks = {"response": [_read_and_refuse_awaited]}
        http = httpx.AsyncClient(transport=transport, event_hooks=hooks)
        async with AsyncRunflow("rf_live_x", base_url=API, http_client=http) as client:
            for work in (client.assets.upload(PNG), read_together(client, 1)):
                with pytest.raises((ApiError, StorageRefused)) as caught:
                    await work
                told.append(str(caught.value))

    asyncio.run(scenario())
    assert ["422 IT_IS_SO" in told[0], "422 ItIsSo" in told[1]] == [True, True]
    assert told[2:] == told[:2]


async def _hear(response: httpx.Response) -> None:
    await response.aread()


def test_a_hook_that_has_read_what_was_packed_changes_nothing() -> None:
    heard = {"response": [lambda response: response.read()]}
    transport = httpx.MockTransport(serve_packed)
    with Runflow(
        "rf_live_x", base_url=API, http_client=httpx.Client(transport=transport, event_hooks=heard)
    ) as client:
        assert read(client) == PNG

    async def scenario() -> object:
        http = httpx.AsyncClient(transport=transport, event_hooks={"response": [_hear]})
        async with AsyncRunflow("rf_live_x", base_url=API, http_client=http) as client:
            return await read_together(client, 0)

    assert asyncio.run(scenario()) == PNG
