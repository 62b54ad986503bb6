"""Arguments of another kind are refused by name, before anything is sent."""

import asyncio
import functools
import inspect
import uuid
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from runflow_client import (
    AsyncRun,
    AsyncRunflow,
    InvalidArgument,
    PollSchedule,
    RetryPolicy,
    Runflow,
    callbacks,
)
from runflow_client._validation.arguments import _KINDS, check_arguments
from runflow_client.callbacks import Wakeup
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox
from runflow_mock import MockRunflow, SteppedClock

from ..stepped_time import SteppedTime

MODEL, INPUT = "google/nano-banana-pro", {"prompt": "x"}
ID = "0198c0de-0000-7000-8000-000000000000"


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    """A server on which a run that should not have been created ends at once."""
    with MockRunflow(SteppedClock(step=10.0)) as server:
        yield server


async def coroutine_function(*values: Any) -> None:
    """A synchronous client would never await it."""


def generator_function(*values: Any) -> Iterator[None]:
    """A call of it runs nothing."""
    yield


class CoroutineCall:
    """An object that is called like a coroutine function."""

    async def __call__(self, *values: Any) -> None:
        """Do nothing."""


def refused(call: Any) -> InvalidArgument:
    """The error of the call, awaited or walked where it has to be."""
    with pytest.raises(InvalidArgument) as caught:
        finish(call())
    return caught.value


def finish(result: Any) -> None:
    async def awaited(result: Any) -> None:
        await result

    if inspect.isawaitable(result):
        asyncio.run(awaited(result))
    elif hasattr(result, "__anext__"):
        asyncio.run(awaited(anext(result)))
    else:
        next(result)


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", 7),
        ("api_key", b"rf_live_x"),
        ("base_url", 7),
        ("timeout", "60"),
        ("timeout", True),
        ("timeout", timedelta(seconds=5)),
        ("timeout", httpx.Timeout(5)),
        ("timeout", float("nan")),
        ("timeout", 0),
        ("timeout", 10**400),
        ("timeout", None),
        ("retries", 3),
        ("retries", RetryPolicy),
        ("schedule", 2.0),
        ("schedule", PollSchedule),
        ("clock", 7),
        ("clock", SteppedTime),
        ("clock", SimpleNamespace(now=SteppedTime().now)),
        ("clock", SimpleNamespace(sleep=SteppedTime().sleep)),
        ("insecure_hosts", "mock.internal"),
        ("insecure_hosts", 7),
        ("insecure_hosts", None),
        ("http_client", 3),
        ("insecure_hosts", [7]),
    ],
)
def test_a_client_is_not_made_with_arguments_of_another_kind(
    kind: Any, name: str, value: object
) -> None:
    with pytest.raises(InvalidArgument, match=f"^{name} is "):
        kind(**{"api_key": "rf_live_x", name: value})


WRONG: list[tuple[str, object]] = [
    ("model", 7),
    ("model", None),
    ("input", "a cat"),
    ("input", [("prompt", "x")]),
    ("metadata", ["a"]),
    ("client_ref", 7),
    ("idempotency_key", uuid.UUID(ID)),
    ("callback_url", httpx.URL("https://a.test")),
    ("on_unknown_outcome", "Raise"),
    ("on_unknown_outcome", "error"),
    ("on_unknown_outcome", True),
    ("max_cost", [1]),
    ("max_cost", True),
    ("inline_below", "1"),
    ("inline_below", 1.5),
    ("upload_progress", 3),
]


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
@pytest.mark.parametrize("method", ["run", "submit"])
@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_create_of_another_kind_sends_nothing(
    mock: MockRunflow, kind: Any, method: str, name: str, value: object
) -> None:
    client = kind(mock.api_key, base_url=mock.base_url)
    arguments = {"model": MODEL, "input": INPUT, name: value}
    error = refused(lambda: getattr(client, method)(**arguments))
    assert str(error).startswith(f"{name} is ")
    assert not mock.requests


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout", "5"),
        ("timeout", timedelta(seconds=5)),
        ("timeout", httpx.Timeout(5)),
        ("timeout", -1),
        ("raise_on_failure", "no"),
        ("on_update", 3),
        ("on_update", list),
        ("on_update", generator_function),
    ],
)
def test_a_wait_of_another_kind_is_refused_before_the_run_is_created(
    mock: MockRunflow, kind: Any, name: str, value: object
) -> None:
    client = kind(mock.api_key, base_url=mock.base_url)
    assert name in str(refused(lambda: client.run(MODEL, INPUT, **{name: value})))
    assert name in str(refused(lambda: client.runs.attach(ID).wait(**{name: value})))
    assert not mock.requests


class Order(Enum):
    """Words of another class, which only look like those of an option."""

    NEWEST = "created_at:desc"


@pytest.mark.parametrize(
    "sort_by",
    ["created_at:dsc", "created_at:DESC", ":desc", "created_at desc", "a:asc,,b", "", Order.NEWEST],
)
def test_an_order_that_is_misspelt_is_refused(mock: MockRunflow, sort_by: Any) -> None:
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        lists: list[Any] = [client.runs.list, client.models.list, client.assets.list]
        for lister in [*lists, client.batches.list, client.evaluations.list]:
            with pytest.raises(InvalidArgument, match=r"^sort_by is "):
                list(lister(sort_by=sort_by))
    assert not mock.requests


@pytest.mark.parametrize("sort_by", ["created_at", "id:asc", "created_at:desc,id:asc"])
def test_an_order_that_is_right_is_sent(mock: MockRunflow, sort_by: str) -> None:
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        assert client.runs.page(sort_by=sort_by).items == []


@pytest.mark.parametrize(
    "function",
    [coroutine_function, functools.partial(coroutine_function, 1), CoroutineCall()],
)
@pytest.mark.parametrize("name", ["on_update", "upload_progress"])
def test_a_synchronous_client_takes_no_coroutine_functions(
    mock: MockRunflow, name: str, function: Any
) -> None:
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        with pytest.raises(InvalidArgument, match=f"^{name} is a coroutine function"):
            client.run(MODEL, INPUT, **{name: function})
        with pytest.raises(InvalidArgument, match=r"^on_update is a coroutine function"):
            client.runs.attach(ID).wait(on_update=function)
        with pytest.raises(InvalidArgument, match=r"^put is a coroutine function"):
            client.callbacks.reconcile(function, client_ref="x")
    assert not mock.requests


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda client: client.runs.list(q=7), "q"),
        (lambda client: client.runs.list(page_size="10"), "page_size"),
        (lambda client: client.runs.list(cursor=b"x"), "cursor"),
        (lambda client: client.runs.list(backward="yes"), "backward"),
        (lambda client: client.runs.page(sort_by=["created_at"]), "sort_by"),
        (lambda client: client.models.list(q=7), "q"),
        (lambda client: client.models.get(7), "model"),
        (lambda client: client.batches.create(MODEL, {"prompt": "x"}), "inputs"),
        (lambda client: client.batches.create(MODEL, None), "inputs"),
        (lambda client: client.batches.create(MODEL, [INPUT], metadata="x"), "metadata"),
        (lambda client: client.evaluations.submit("u", 7), "task_type"),
        (lambda client: client.assets.upload(b"x", name=7), "name"),
        (lambda client: client.assets.upload(b"x", progress=7), "progress"),
        (lambda client: client.callbacks.secrets.create(7), "label"),
        (lambda client: client.callbacks.secrets.rename(ID, 7), "label"),
        (lambda client: client.batches.create(MODEL, [1]), "inputs[0]"),
        (lambda client: client.batches.create(MODEL, [INPUT, None]), "inputs[1]"),
        (lambda client: client.estimate([], INPUT), "model"),
        (lambda client: client.estimate(MODEL, 3), "input"),
        (lambda client: client.callbacks.secrets.rotate(None), "store"),
        (lambda client: client.callbacks.reconcile(7, client_ref="x"), "put"),
        (lambda client: client.callbacks.reconcile(print, created_after="now"), "created_after"),
    ],
)
def test_every_method_refuses_arguments_of_another_kind(
    mock: MockRunflow, kind: Any, call: Any, name: str
) -> None:
    client = kind(mock.api_key, base_url=mock.base_url)
    assert str(refused(lambda: call(client))).startswith(f"{name} is ")
    assert not mock.requests


@pytest.mark.parametrize("value", ["1", None, True, timedelta(seconds=1), float("inf")])
def test_policies_refuse_arguments_of_another_kind(value: Any) -> None:
    for name in ("attempts", "first_backoff", "longest_backoff", "longest_retry_after"):
        with pytest.raises(InvalidArgument, match=f"^{name} is "):
            RetryPolicy(**{name: value})
    for name in ("first", "growth", "longest", "jitter"):
        with pytest.raises(InvalidArgument, match=f"^{name} is "):
            PollSchedule(**{name: value})


async def read_run(mock: MockRunflow, run_id: str) -> AsyncRun:
    async with AsyncRunflow(mock.api_key, base_url=mock.base_url) as client:
        return await client.runs.get(run_id)


class PathOfBytes:
    """As `os.scandir(b".")` gives them."""

    def __fspath__(self) -> bytes:
        return b"a.png"


@pytest.mark.parametrize("path", [None, 7, b"a.png", "a\0.png", "a\ud800.png", PathOfBytes()])
@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
def test_a_target_that_is_no_path_is_refused(mock: MockRunflow, kind: Any, path: Any) -> None:
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        ended = client.run(MODEL, INPUT)
    run = asyncio.run(read_run(mock, ended.id)) if kind is AsyncRunflow else ended
    assert str(refused(lambda: run.outputs[0].save(path))).startswith("path is ")
    assert str(refused(lambda: run.save_all(path))).startswith("directory is ")


@pytest.mark.parametrize("callback", [3, Wakeup, "https://me.test"])
def test_a_callback_that_is_no_wakeup_sends_nothing(mock: MockRunflow, callback: Any) -> None:
    client = AsyncRunflow(mock.api_key, base_url=mock.base_url)
    error = refused(lambda: client.run(MODEL, INPUT, callback=callback))
    assert str(error).startswith("callback is ")
    assert not mock.requests


def test_a_wakeup_and_another_callback_url_exclude_each_other(mock: MockRunflow) -> None:
    client = AsyncRunflow(mock.api_key, base_url=mock.base_url)
    wakeup = Wakeup("https://me.test")
    error = refused(
        lambda: client.run(MODEL, INPUT, callback=wakeup, callback_url="https://other.test")
    )
    assert "exclude each other" in str(error)
    assert not mock.requests


@pytest.mark.parametrize("headers", [None, 7, "Runflow-Signature: 0"])
def test_a_callback_with_headers_of_another_kind_is_refused(headers: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^headers is of type "):
        callbacks.verify(b"{}", headers, "whsec_" + "a" * 40)


@pytest.mark.parametrize("limit", [None, 0, "8", True])
def test_a_limit_of_another_kind_is_refused(limit: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^max_body_bytes is "):
        callbacks.verify(b"{}", {}, "whsec_" + "a" * 40, max_body_bytes=limit)


@pytest.mark.parametrize(
    ("name", "value"),
    [("policy", 5), ("policy", HandlingPolicy), ("now", 7), ("table", ""), ("table", 7)],
)
def test_an_inbox_is_not_made_with_arguments_of_another_kind(
    tmp_path: Path, name: str, value: Any
) -> None:
    database = tmp_path / "inbox.sqlite3"
    with pytest.raises(InvalidArgument, match=f"^{name} is "):
        Inbox(database, **{name: value})
    assert not database.exists()


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
def test_an_output_or_an_asset_given_as_an_input_says_how_to_pass_it(
    mock: MockRunflow, kind: Any
) -> None:
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        run = client.run(MODEL, INPUT)
        asset = client.assets.upload(b"\x89PNG\r\n\x1a\n" + bytes(99))
    sent = len(mock.requests)
    for value in (run.outputs[0], asset, run):
        for wrong in ({"image_urls": [value]}, {"image": value}, {"deep": {"er": (1, value)}}):
            client = kind(mock.api_key, base_url=mock.base_url)
            error = refused(lambda c=client, w=wrong: c.run(MODEL, {**INPUT, **w}))
            assert str(error).startswith("input.")
            assert "pass the `url` of an output, or the `ref` of an asset" in str(error)
        error = refused(lambda c=client, v=value: c.assets.upload(v))
        assert str(error).startswith("the file is an A") or value is run
    assert len(mock.requests) == sent


class Odd:
    """What no argument takes."""


@pytest.mark.parametrize("name", _KINDS)
def test_a_refusal_names_the_argument_and_what_was_given(name: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        check_arguments(**{name: Odd()})
    assert str(caught.value).startswith(f"{name} is ")
    assert "Odd" in str(caught.value)
