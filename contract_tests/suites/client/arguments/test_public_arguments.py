"""Every parameter of every public function refuses values of another kind by its name, before
anything is sent. The walk finds functions and parameters by itself: a new parameter fails until it
is in the table of what it takes.
"""

import asyncio
import contextlib
import inspect
import logging
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import runflow_client
from runflow_client import (
    Artifact,
    AsyncArtifact,
    AsyncBatch,
    AsyncBatchItem,
    AsyncRun,
    AsyncRunflow,
    Batch,
    BatchItem,
    InvalidArgument,
    PollSchedule,
    RetryPolicy,
    Run,
    Runflow,
    callbacks,
)
from runflow_client.callbacks import asgi, django, flask, starlette, wsgi
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox, Lease
from runflow_client.inputs import GoogleNanoBananaPro
from runflow_client.testing import AsyncSkippingClock, SkippingClock, sign
from runflow_mock import MockRunflow, SteppedClock

MODEL, INPUT = "google/nano-banana-pro", {"prompt": "x"}
BATCH_MODEL = "runflow/background-removal"
NEEDED = {"api_key", "input", "values", "client_ref"}
ID = "0198c0de-0000-7000-8000-000000000000"
SECRET = "whsec_" + "a" * 40
EVENT = b'{"event":"run.completed","run_id":"0198c0de-0000-7000-8000-000000000000"}'


async def coroutine_function(*values: Any) -> None:
    """A synchronous caller would never await it."""


class Awaiting:
    """Its call is a coroutine."""

    async def __call__(self, *values: Any) -> None:
        """Do nothing."""


class SecretStore:
    """Takes secrets for receivers."""

    def add(self, secret: object) -> None:
        """Deploy it."""

    def remove(self, secret: object) -> None:
        """Forget it."""


def generator_function(*values: Any) -> Iterator[None]:
    """A call of it runs nothing."""
    yield


class Unshowable:
    """Its repr fails."""

    def __repr__(self) -> str:
        raise ValueError("no repr")


VALUES: Final[Mapping[str, object]] = {
    "none": None,
    "bool": True,
    "integer": 7,
    "zero": 0,
    "negative": -1,
    "beyond floats": 10**400,
    "float": 1.5,
    "nan": float("nan"),
    "infinity": float("inf"),
    "decimal": Decimal("1.5"),
    "number in text": "7",
    "empty text": "",
    "text with a line end": "a\n",
    "bytes": b"7",
    "timedelta": timedelta(seconds=5),
    "timeout": httpx.Timeout(5),
    "list": ["x"],
    "empty list": [],
    "list of numbers": [7],
    "dict": {"a": 1},
    "set": {"x"},
    "path": Path("x.png"),
    "uuid": uuid.UUID(ID),
    "url": httpx.URL("https://a.test"),
    "moment": datetime(2026, 1, 1, tzinfo=UTC),
    "naive moment": datetime(2026, 1, 1),  # the point
    "function": lambda *values: None,
    "coroutine function": coroutine_function,
    "awaiting object": Awaiting(),
    "part of a coroutine function": partial(coroutine_function, 1),
    "generator function": generator_function,
    "class": dict,
    "object": object(),
    "unshowable object": Unshowable(),
}

NONE = {"none"}
TEXT = {"number in text"}
NUMBER = {"integer", "float"}
POSITIVE = {"integer", "beyond floats"}
COUNT = {"integer", "zero", "beyond floats"}
FLAG = {"bool"}
MAPPING = {"dict"}
ANY_TEXT = TEXT | {"empty text", "text with a line end"}
FUNCTION = {"function"}
AWAITED = FUNCTION | {"coroutine function", "awaiting object", "part of a coroutine function"}
MONEY = {"integer", "zero", "beyond floats", "float", "decimal", "number in text"}
PATH = ANY_TEXT | {"path"}
REF = NONE | TEXT
SECRETS = ANY_TEXT | {"none", "bytes", "list", "set", "empty list", "list of numbers", "function"}

TAKEN: Final[Mapping[str, set[str]]] = {
    "api_key": NONE | ANY_TEXT,
    "asset_id": {"uuid"},
    "evaluation_id": {"uuid"},
    "seconds": NUMBER | {"zero"},
    "attempts": POSITIVE,
    "backward": FLAG,
    "base_url": NONE | ANY_TEXT,
    "batch_id": NONE | {"uuid"},
    "body": {"bytes"},
    "callback": NONE,
    "callback_url": NONE,
    "client_ref": REF,
    "clock": NONE,
    "created_after": NONE | {"moment"},
    "created_before": NONE | {"moment"},
    "cursor": NONE | ANY_TEXT,
    "database": {"path"},
    "dead_letters": FLAG,
    "directory": PATH,
    "error": set(),
    "evaluation_instructions": NONE | ANY_TEXT,
    "event": set(),
    "extra": MAPPING,
    "file": {"bytes", "path"},
    "first": NUMBER,
    "first_backoff": NUMBER | {"zero"},
    "folder_id": NONE | {"uuid"},
    "generated_image_url": ANY_TEXT,
    "generation_prompt": NONE | ANY_TEXT,
    "growth": NUMBER,
    "handler": FUNCTION,
    "headers": {"dict", "empty list"},
    "http_client": NONE,
    "idempotency_key": REF,
    "ids": NONE | {"list of numbers", "empty list"},
    "inline_below": COUNT,
    "input": NONE | MAPPING,
    "input_attributes": NONE | MAPPING,
    "inputs": {"empty list"},
    "insecure_hosts": {"list", "set", "empty list"},
    "jitter": NUMBER | {"zero"},
    "job_class": NONE | ANY_TEXT,
    "keep": NUMBER,
    "label": NONE | ANY_TEXT,
    "lease": NUMBER,
    "level": NONE | TEXT,
    "longest": NUMBER,
    "longest_backoff": NUMBER | {"zero"},
    "longest_retry_after": NUMBER | {"zero"},
    "look_first": FLAG,
    "max_body_bytes": POSITIVE,
    "max_bytes": COUNT,
    "max_cost": NONE | MONEY,
    "metadata": NONE | MAPPING,
    "mime_type": NONE,
    "model": set(),
    "monotonic": NONE | FUNCTION,
    "name": NONE | ANY_TEXT,
    "now": FUNCTION,
    "older_than": NONE | NUMBER | {"zero"},
    "on_unknown_outcome": set(),
    "on_update": NONE | FUNCTION,
    "organization_id": NONE | {"uuid"},
    "overwrite": FLAG,
    "page_size": POSITIVE,
    "path": PATH,
    "policy": NONE,
    "poll": NUMBER,
    "progress": NONE | FUNCTION,
    "put": FUNCTION,
    "q": NONE | ANY_TEXT,
    "quiet": NUMBER,
    "raise_on_failure": FLAG,
    "reason": NONE | ANY_TEXT,
    "receiver": set(),
    "reference_images": NONE | {"empty list"},
    "retries": NONE,
    "run_id": {"uuid"},
    "schedule": NONE,
    "secret_id": {"uuid"},
    "secret": ANY_TEXT | {"bytes"},
    "slug": NONE | TEXT,
    "sort_by": NONE,
    "status": NONE,
    "stop": NONE,
    "store": FUNCTION,
    "strict": FLAG,
    "table": set(),
    "task_description": NONE | ANY_TEXT,
    "task_type": ANY_TEXT,
    "tasks": POSITIVE,
    "then": NONE | FUNCTION,
    "threads": POSITIVE,
    "timeout": NONE | NUMBER,
    "transactional": FLAG,
    "upload_progress": NONE | FUNCTION,
    "url": set(),
    "values": NONE | MAPPING,
    "workflow": set(),
}
"""What a parameter of this name takes. Whether the value itself is right is tried elsewhere."""

GIVEN: Final[Mapping[str, object]] = {
    "model": MODEL,
    "input": INPUT,
    "inputs": [{"image_url": "https://a.test/x.png"}],
    "values": INPUT,
    "seconds": 0.0,
    "run_id": ID,
    "batch_id": ID,
    "evaluation_id": ID,
    "asset_id": ID,
    "secret_id": ID,
    "label": "x",
    "client_ref": "order-1",
    "path": "x.png",
    "directory": "x",
    "file": b"x",
    "put": print,
    "generated_image_url": "https://a.test/x.png",
    "task_type": "text_to_image",
    "workflow": "acme/poster",
    "api_key": "rf_live_x",
    "body": EVENT,
    "headers": {"Runflow-Signature": "0" * 64},
    "secrets": SECRET,
    "secret": SECRET,
    "store": print,
    "url": "https://me.test/callbacks",
    "handler": print,
}
"""What the other parameters are given, where they have no default."""

TAKEN_THERE: Final[Mapping[str, set[str]]] = {
    "AsyncRunflow.timeout": NUMBER,
    "Runflow.timeout": NUMBER,
    "AsyncEvaluations.submit.run_id": NONE | {"uuid"},
    "Evaluations.submit.run_id": NONE | {"uuid"},
    "AsyncCallbackSecrets.rename.label": ANY_TEXT,
    "CallbackSecrets.rename.label": ANY_TEXT,
    "AsyncRuns.get_or_create.client_ref": TEXT,
    "Runs.get_or_create.client_ref": TEXT,
    "AsyncCallbackSecrets.rotate.store": {"set"},
    "CallbackSecrets.rotate.store": {"set"},
    "AsyncRunflow.run.on_update": NONE | AWAITED,
    "AsyncHandle.wait.on_update": NONE | AWAITED,
    "AsyncRunHandle.wait.on_update": NONE | AWAITED,
    "Inbox.working_async.handler": AWAITED,
    "AsyncEvaluations.list.run_id": NONE | {"uuid"},
    "Evaluations.list.run_id": NONE | {"uuid"},
    "AsyncEvaluations.list.task_type": NONE | TEXT,
    "Evaluations.list.task_type": NONE | TEXT,
    "AsyncRunflow.estimate.model": ANY_TEXT,
    "Runflow.estimate.model": ANY_TEXT,
    "estimate.model": ANY_TEXT,
    "callback_blueprint.path": set(),
    "callback_route.path": set(),
    "callback_blueprint.name": TEXT | {"text with a line end"},
    "callback_route.name": TEXT | {"text with a line end"},
    "GoogleNanoBananaPro.from_input.values": MAPPING,
    "Receiver.secrets": SECRETS,
    "verify.secrets": SECRETS,
}
"""Parameters that take something else than their name does elsewhere."""

LEFT_OUT: Final = {
    "of": "the client makes runs, batches and evaluations",
    "backoff": "the client calculates its pauses",
    "pause": "the client calculates its pauses",
    "listen": "the client waits for events",
    "forget": "the client waits for events",
    "evolve": "the fields of each input are tried with the inputs",
    "event": "a property in the form of a method",
}
"""Methods that users do not call, or whose arguments have tests of their own."""


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
    inbox = Inbox(tmp_path_factory.mktemp("inbox") / "inbox.sqlite3")
    event = callbacks.verify(EVENT, {"Runflow-Signature": sign(EVENT, SECRET)}, SECRET)
    inbox.put(event, EVENT)
    with (
        asyncio.Runner() as loop,
        Runflow(mock.api_key, base_url=mock.base_url) as client,
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
