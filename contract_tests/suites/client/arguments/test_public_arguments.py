"""Every parameter of every public function refuses values of another kind by its name, before
anything is sent. The walk finds functions and parameters by itself: a new parameter fails until it
is in the table of what it takes.
"""

import asyncio
import contextlib
import inspect
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import runflow_client
from runflow_client import (
    Artifact,
    AsyncArtifact,
    AsyncBatch,
    AsyncBatchItem,
    AsyncPublicCatalog,
    AsyncRun,
    AsyncRunflow,
    Batch,
    BatchItem,
    InvalidArgument,
    PollSchedule,
    PublicCatalog,
    RetryPolicy,
    Run,
    Runflow,
    bulk,
    callbacks,
)
from runflow_client.callbacks import asgi, django, flask, starlette, wsgi
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox, Lease
from runflow_client.inputs import GoogleNanoBananaPro
from runflow_client.testing import AsyncSkippingClock, SkippingClock, sign
from runflow_mock import MockRunflow, SteppedClock

from .kinds import (
    BATCH_MODEL,
    EVENT,
    GIVEN,
    ID,
    INPUT,
    LEFT_OUT,
    MODEL,
    NEEDED,
    SECRET,
    TAKEN,
    TAKEN_THERE,
    VALUES,
    SecretStore,
)


def sync_client() -> Runflow:
    return Runflow("rf_live_x", base_url="http://127.0.0.1:9")


def async_client() -> AsyncRunflow:
    return AsyncRunflow("rf_live_x", base_url="http://127.0.0.1:9")


def parts(client: Any) -> dict[str, Any]:
    """The objects that hang on a client, by the names of their classes."""
    made = [
        client,
        *(getattr(client, name) for name in PARTS),
        client.callbacks.secrets,
        client.runs.attach(ID),
        client.batches.attach(ID),
    ]
    return {type(one).__name__: one for one in made}


PARTS: Final = (
    *("account", "assets", "batches", "callbacks", "evaluations", "models", "runs", "workflows"),
)

FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    one.__name__: one
    for one in (
        runflow_client.estimate,
        callbacks.verify,
        sign,
        flask.callback_blueprint,
        django.callback_view,
        starlette.callback_route,
        starlette.callback_event,
    )
} | {
    f"bulk.{one.__qualname__}": one
    for one in (
        bulk.BadItem,
        bulk.Item,
        bulk.Journal.open,
        bulk.Journal.read,
        bulk.Journal.reopen,
        bulk.Retries,
        bulk.client_ref_of,
        bulk.export,
        bulk.form_of,
        bulk.plan,
        bulk.read_items,
        bulk.report,
        bulk.run,
        bulk.template_mark,
    )
}

CONSTRUCTORS: Final[Mapping[str, Callable[..., Any]]] = {
    one.__name__: one
    for one in (
        Runflow,
        AsyncRunflow,
        RetryPolicy,
        PollSchedule,
        HandlingPolicy,
        Inbox,
        callbacks.Receiver,
        callbacks.Wakeup,
        SkippingClock,
        AsyncSkippingClock,
        PublicCatalog,
        AsyncPublicCatalog,
    )
} | {"asgi.CallbackApp": asgi.CallbackApp, "wsgi.CallbackApp": wsgi.CallbackApp}

METHODS_OF: Final[Mapping[str, type]] = {
    kind.__name__: kind
    for kind in (
        *(type(one) for one in parts(sync_client()).values()),
        *(type(one) for one in parts(async_client()).values()),
        Run,
        AsyncRun,
        Artifact,
        AsyncArtifact,
        Batch,
        AsyncBatch,
        BatchItem,
        AsyncBatchItem,
        Inbox,
        Lease,
        callbacks.Wakeup,
        GoogleNanoBananaPro,
        PublicCatalog,
        AsyncPublicCatalog,
    )
}


def public_methods(kind: type) -> Iterator[str]:
    for name, member in inspect.getmembers(kind, callable):
        if not (name.startswith("_") or name in LEFT_OUT or isinstance(member, type)):
            yield name


def parameters(function: Callable[..., Any]) -> Iterator[str]:
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name != "self" and parameter.kind is not parameter.VAR_KEYWORD:
            yield parameter.name


INBOX_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "work": ("stop", "poll", "transactional"),
    "working": ("threads", "poll", "transactional"),
}
"""Typed by overloads, so that the signature does not list them."""


def cases() -> Iterator[tuple[str, str]]:
    """Each function, as `Class.method`, `Class` or `function`, with each of its parameters."""
    for name, function in {**FUNCTIONS, **CONSTRUCTORS}.items():
        yield from ((name, parameter) for parameter in parameters(function))
    for name, kind in METHODS_OF.items():
        for method in public_methods(kind):
            found = [*parameters(getattr(kind, method))]
            if kind is Inbox:
                found += INBOX_OPTIONS.get(method, ())
            yield from ((f"{name}.{method}", parameter) for parameter in found)


CASES: Final = sorted(set(cases()))


@pytest.fixture(scope="module")
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(SteppedClock(step=10.0)) as server:
        yield server


async def first(items: AsyncIterator[Any]) -> Any:
    return await anext(items)


@pytest.fixture(scope="module")
def objects(
    mock: MockRunflow, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Any]]:
    """An object of every class whose methods are walked."""
    folder = tmp_path_factory.mktemp("objects")
    inbox = Inbox(folder / "inbox.sqlite3")
    event = callbacks.verify(EVENT, {"Runflow-Signature": sign(EVENT, SECRET)}, SECRET)
    inbox.put(event, EVENT)
    with (
        asyncio.Runner() as loop,
        Runflow(mock.api_key, base_url=mock.base_url) as client,
        bulk.Journal.open(folder / "j.sqlite", model=MODEL) as journal,
    ):
        awaiting = AsyncRunflow(mock.api_key, base_url=mock.base_url)
        run, awaited = client.run(MODEL, INPUT), loop.run(awaiting.run(MODEL, INPUT))
        batch = client.batches.create(BATCH_MODEL, [{"image_url": "https://a.test/x.png"}]).wait()
        awaited_batch = loop.run(awaiting.batches.get(batch.id))
        items = (next(client.batches.items(batch.id)), aiter(awaiting.batches.items(batch.id)))
        yield {
            **parts(client),
            **parts(awaiting),
            "Run": run,
            "AsyncRun": awaited,
            "Artifact": run.outputs[0],
            "AsyncArtifact": awaited.outputs[0],
            "Batch": batch,
            "AsyncBatch": awaited_batch,
            "BatchItem": items[0],
            "AsyncBatchItem": loop.run(first(items[1])),
            "Inbox": inbox,
            "Lease": inbox.lease(),
            "Wakeup": callbacks.Wakeup("https://me.test"),
            "GoogleNanoBananaPro": GoogleNanoBananaPro(prompt="x"),
            "PublicCatalog": PublicCatalog(base_url=mock.base_url),
            "AsyncPublicCatalog": AsyncPublicCatalog(base_url=mock.base_url),
            "journal": journal,
            "event": event,
            "receiver": callbacks.Receiver(SECRET, print),
            "loop": loop,
        }
        loop.run(awaiting.close())
    inbox.close()


def finish(result: Any, loop: asyncio.Runner) -> None:
    """Await the result, or take the first item of it, or enter it."""

    async def awaited() -> None:
        if hasattr(result, "__aenter__"):
            async with result:
                return
        await (anext(result) if hasattr(result, "__anext__") else result)

    if isinstance(result, contextlib.AbstractContextManager):
        with result:
            return
    if inspect.isawaitable(result) or hasattr(result, "__anext__") or hasattr(result, "__aenter__"):
        loop.run(awaited())
    elif hasattr(result, "__next__"):
        next(result)


@pytest.mark.parametrize(("function", "parameter"), CASES, ids=lambda value: str(value))
def test_values_of_another_kind_are_refused_by_name_and_nothing_is_sent(
    mock: MockRunflow,
    objects: Mapping[str, Any],
    function: str,
    parameter: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.CRITICAL)
    monkeypatch.chdir(tmp_path)
    owner, _, method = function.rpartition(".")
    if function in FUNCTIONS or function in CONSTRUCTORS:
        call = {**FUNCTIONS, **CONSTRUCTORS}[function]
    else:
        call = getattr(objects[owner], method)
    given: dict[str, Any] = {
        name: GIVEN[name] if name in GIVEN else objects[name]
        for name in needed(call)
        if name != parameter
    }
    if "path" in given and "receiver" in given:
        given["path"] = "/runflow"
    if method == "rotate":
        given |= {"store": SecretStore()} if parameter != "store" else {}
    if "Batches.create" in function:
        given |= {"model": BATCH_MODEL} if parameter != "model" else {}
    if function in ("bulk.export", "bulk.report"):
        given |= {"journal": objects["journal"]} if parameter != "journal" else {}
    if function == "Inbox.work" and parameter != "stop":
        stopped = threading.Event()
        stopped.set()
        given["stop"] = stopped
    taken = TAKEN_THERE.get(f"{function}.{parameter}", TAKEN.get(parameter))
    assert taken is not None, f"{parameter} is not in the table of what parameters take"
    before = len(mock.requests)
    wrong = {}
    for label, value in VALUES.items():
        if label not in taken:
            try:
                finish(call(**given, **{parameter: value}), objects["loop"])
            except (InvalidArgument, callbacks.BodyNotRaw) as error:
                if not names(str(error), parameter):
                    wrong[label] = f"InvalidArgument without the name: {error}"
            except Exception as error:
                wrong[label] = repr(error)[:200]
            else:
                wrong[label] = "taken"
    assert not wrong
    assert len(mock.requests) == before


def needed(call: Callable[..., Any]) -> list[str]:
    """The parameters without a default, and those without which nothing is right."""
    return [
        parameter.name
        for parameter in inspect.signature(call).parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD
        and (parameter.default is parameter.empty or parameter.name in NEEDED)
    ]


def names(message: str, parameter: str) -> bool:
    """Whether the message begins with the parameter, or with a part of it as in `inputs[0]`."""
    begins = (f"{parameter} ", f"{parameter}[", f"{parameter}.", f"the {parameter} ")
    return message.startswith(begins)


SECRET_TEXT = "rf_live_" + 9000 * "a"


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.run(SECRET_TEXT, INPUT),
        lambda client: client.run(MODEL, INPUT, client_ref=SECRET_TEXT),
        lambda client: client.run(MODEL, INPUT, max_cost=SECRET_TEXT),
        lambda client: client.run(MODEL, INPUT, on_unknown_outcome=SECRET_TEXT),
        lambda client: client.run(MODEL, INPUT, callback_url=SECRET_TEXT),
        lambda client: client.run(MODEL, INPUT, idempotency_key=f"{SECRET_TEXT}\n"),
        lambda client: client.run(MODEL, {"prompt": "x", "resolution": SECRET_TEXT}),
        lambda client: client.runs.get(SECRET_TEXT),
        lambda client: client.runs.list(status=SECRET_TEXT),
        lambda client: client.runs.list(sort_by=f"{SECRET_TEXT}!"),
        lambda client: client.runs.logs(ID, level=f"{SECRET_TEXT}'"),
        lambda client: client.assets.upload(b"x", mime_type=SECRET_TEXT),
        lambda client: client.run(MODEL, INPUT, timeout=-(10**5000)),
        lambda client: client.callbacks.secrets.create(SECRET_TEXT.ljust(256)),
        lambda client: client.callbacks.secrets.rename(ID, SECRET_TEXT.ljust(256)),
    ],
)
def test_a_refused_value_is_shown_short_and_without_secrets(
    mock: MockRunflow, call: Callable[[Runflow], Any]
) -> None:
    before = len(mock.requests)
    with (
        Runflow(mock.api_key, base_url=mock.base_url) as client,
        pytest.raises(InvalidArgument) as caught,
    ):
        next(iter(call(client)))
    assert len(str(caught.value)) < 500
    assert "aaaa" not in str(caught.value)
    assert len(mock.requests) == before
