"""Write down what each public call of a client sends and what it returns.

Each method is called with all of its arguments, and with those alone that it needs. The server
answers every call with one body, in which each field that an answer may have is different from all
others.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

import attrs
from runflow_api.http_library import httpx
from runflow_client import RunflowError
from runflow_client._config import user_agent
from runflow_client._time import DEFAULT_TIMEOUT

from .arguments.test_public_arguments import parts
from .connected import connected

BASE: Final = "https://api.test"
FILES: Final = "https://storage.test"
FILE: Final = b"\x89PNG\r\n\x1a\n of this test"


def _id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}"


ID: Final = _id(1)
RUNNING: Final = _id(99)
"""The id of what never ends."""

ARGUMENTS: Final[Mapping[str, Any]] = {
    "asset_id": _id(2),
    "backward": True,
    "batch_id": _id(3),
    "callback_url": "https://me.test/callbacks",
    "client_ref": "order-7",
    "created_after": datetime(2026, 1, 2, 3, tzinfo=UTC),
    "created_before": datetime(2027, 1, 2, 3, tzinfo=UTC),
    "cursor": "cursor-1",
    "evaluation_id": _id(4),
    "evaluation_instructions": "strictly",
    "file": FILE,
    "folder_id": _id(5),
    "generated_image_url": "https://a.test/made.png",
    "generation_prompt": "a lamp",
    "idempotency_key": "key-7",
    "inline_below": 8,
    "input": {"prompt": "a lamp", "image_urls": [FILE], "resolution": "1K"},
    "input_attributes": {"colour": "red"},
    "job_class": "batch",
    "label": "of December",
    "level": "error",
    "longest": 30.0,
    "look_first": True,
    "max_cost": "0.15",
    "metadata": {"order": 7, "note": None},
    "mime_type": "image/png",
    "model": "google/nano-banana-pro/edit",
    "name": "lamp.png",
    "on_unknown_outcome": "raise",
    "page_size": 7,
    "put": lambda event, body: None,
    "q": "metadata.order.EQ:'7'",
    "quiet": 10.0,
    "raise_on_failure": False,
    "reference_images": [{"url": "https://a.test/of.png", "role": "product"}],
    "run_id": _id(6),
    "secret_id": _id(7),
    "slug": "nano-banana-pro",
    "sort_by": "created_at:asc",
    "status": "running",
    "strict": False,
    "task_description": "a picture of a lamp",
    "task_type": "text_to_image",
    "timeout": 30.0,
    "workflow": "acme/poster",
}
ARGUMENTS_THERE: Final[Mapping[str, Any]] = {
    "Batches.create.max_cost": None,
    "Batches.create.model": "runflow/background-removal",
    "Batches.create.inputs": [{"image_url": FILE, "client_ref": f"order-{one}"} for one in "78"],
    "Runflow.estimate.input": {"prompt": "a lamp", "num_images": 2},
}
EMPTY: Final[Mapping[str, Any]] = {
    "metadata": {},
    "input_attributes": {},
    "reference_images": [],
    "task_description": "",
    "folder_id": None,
    "inline_below": 0,
    "label": "",
}
"""Values that are empty, and given."""
NOT_GIVEN: Final = {"callback", "on_update", "progress", "store", "upload_progress"}
"""Functions of the caller."""

TEXTS: Final = (
    *("failure_code", "failure_message", "filename", "key_prefix", "label", "level_code"),
    *("message", "mime_type", "name", "owner", "request_id", "slug"),
)
NUMBERS: Final = (
    *("attempt_count", "duration_ms", "items_canceled", "items_cancelled", "items_failed"),
    *("items_succeeded", "items_total", "nodes_completed", "nodes_total", "sequence_index"),
    "size_bytes",
)
MOMENTS: Final = (
    *("completed_at", "created_at", "disabled_at", "last_used_at", "started_at", "timestamp"),
    "updated_at",
)

_FILTER = re.compile(r"([a-z_.]+)\.EQ:'([^']*)'")
"""A condition of a filter: the rows of a list fit it."""


def body_of(request: httpx.Request, files: str = FILES, created: int = 0) -> Any:
    """Return the one body, or for deliveries a list of it.

    `files` is where the storage is, `created` how many creates were answered before.
    """
    numbers = count(11)
    path = request.url.path
    is_list_of_secrets = path.endswith("/callback-secrets")
    body: dict[str, Any] = {name: f"{name} {next(numbers)}" for name in TEXTS}
    body |= {name: next(numbers) for name in NUMBERS}
    body |= {name: f"2026-05-06T07:08:{next(numbers)}+00:00" for name in MOMENTS}
    body |= {
        "asset_id": _id(93 + 1000 * created),
        "attempts": [{"attempt_number": 1, "status_code": 503}, {"error_message": "no answer"}],
        "balance": "12.50",
        "batch_id": _id(92),
        "callback_url": "https://me.test/callbacks",
        "client_ref": "order-of-the-server",
        "cost": "0.25",
        "error": {"code": "code of the item", "message": "message of the item"},
        "failure_stage_code": "provider",
        "id": ([_id(1 + 1000 * created), *_ID.findall(path)])[-1],
        "input": {"prompt": "as it was"},
        "is_current": request.method != "GET" or is_list_of_secrets or path.endswith("2"),
        "metadata": {"order": 9},
        "output": {
            "outputs": [{"url": f"{files}/1.png", "type": "image", "width": 6, "height": 4}],
            "seed": 5,
            "timing": {"inference": 1.5},
            "nsfw_detected": False,
        },
        "overall_passed": True,
        "plain_secret": "whsec_of_this_test",
        "run_id": _id(91),
        "status_code": "completed" if "evaluation" in path else "succeeded",
        "upload_url": f"{files}/put?signature=s",
        "url": f"{files}/asset.png",
        "weighted_pass_rate": 0.75,
    }
    conditions = dict(_FILTER.findall(request.url.params.get("q", "")))
    if conditions.keys() != {"client_ref"}:  # alone: a create looks whether its run is there
        for name, value in conditions.items():
            body |= {"metadata": {"order": value}} if "." in name else {name: value}
    if RUNNING in path:
        body |= {"status_code": "running", "completed_at": None}
    if request.method == "POST" and path.endswith(("/runs", "/evaluations")):
        body["client_ref"] = json.loads(request.content)["client_ref"]
    if request.method == "POST" and is_list_of_secrets:  # not one of those that are there
        body["id"] = _id(2 + 1000 * created)
        body["label"] = json.loads(request.content).get("label", body["label"])
    if path.endswith("/confirmations"):
        body["size_bytes"] = 52_428_800  # as large as a file may be
    if request.method == "GET" and path.endswith("/callback"):
        return [body]
    if request.method == "GET":
        cursor = request.url.params.get("pq")
        body |= {"items": [dict(body)], "previous": cursor and "cursor-0"}
        body["next"] = None if cursor or "q" in request.url.params else "cursor-2"
    return body


_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class Store:
    """Takes the secrets of a rotation."""

    def add(self, secret: object) -> None:
        """Deploy it."""

    def remove(self, secret: object) -> None:
        """Forget it."""


_USUAL: Final = {
    "accept: */*",
    "accept-encoding: gzip, deflate",
    "authorization: Bearer rf_live_x",
    "connection: keep-alive",
    f"x-organization-id: {_id(8)}",
}
"""Headers of each request to the API, which the list leaves out."""


class Recorder:
    """Answers requests, and writes them down."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._created = -1

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Write the request down and answer it."""
        assert request.headers["User-Agent"] == user_agent()
        limits: dict[str, float] = request.extensions["timeout"]
        shown = [f"{phase} {one:g}" for phase, one in limits.items() if one != DEFAULT_TIMEOUT]
        told = f" within {', '.join(shown)}" if shown else ""
        # older versions of httpx write a space in a query as %20, and spaces in JSON
        path, mark, query = str(request.url).partition("?")
        url = path + mark + query.replace("%20", "+")
        self.lines.append(f"    {request.method} {unified(url)}{told}")
        headers = {
            unified(f"{name}: {value}")
            for name, value in request.headers.items()
            if name not in {"host", "content-length", "user-agent"}
        }
        usual = _USUAL if str(request.url).startswith(BASE) else set[str]()
        others = [*sorted(headers - usual), *(f"no {one}" for one in sorted(usual - headers))]
        if others:
            self.lines.append(f"        {'; '.join(others)}")
        if request.content:
            content = request.content
            if request.headers.get("content-type") == "application/json":
                content = json.dumps(json.loads(content), separators=(",", ":")).encode()
            self.lines.append(f"        {unified(str(content)[2:-1])}")
        is_create = request.method == "POST" and _ID.search(request.url.path) is None
        self._created += is_create
        body = body_of(request, created=self._created if is_create else 0)
        return httpx.Response(201 if request.method == "POST" else 200, json=body)


_MADE_UP: Final = re.compile(r"(?!00000000)" + _ID.pattern)


def unified(text: str) -> str:
    """Put a sign in place of each id that is made up."""
    return _MADE_UP.sub("*", text)


def shown(value: Any) -> str:
    """Return all that a value holds, on one line."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, BaseException):
        return f"raised {type(value).__name__}: {value}"
    kind = type(value)
    if kind.__module__.startswith("runflow_api"):
        return f"{kind.__name__} {value.id}"
    if isinstance(value, datetime):
        return value.isoformat()
    if not attrs.has(kind):
        return repr(value).removeprefix("Async")
    fields = {one.name for one in attrs.fields(kind)} - {"raw", "driver"}
    names = [
        name
        for name in dir(kind)
        if name[0] != "_" and (name in fields or isinstance(getattr(kind, name), property))
    ]
    members = [f"{name}={shown(getattr(value, name))}" for name in names]
    return f"{kind.__name__.removeprefix('Async')}({', '.join(members)})"


def methods(client: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Give each public method of a client and of its parts, by its name in the synchronous one."""
    for kind, owner in parts(client).items():
        for name, method in inspect.getmembers(owner, inspect.ismethod):
            if name[0] != "_" and name not in {"close", "updates"}:
                yield f"{kind.removeprefix('Async')}.{name}", method


def calls(name: str, method: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """Give the arguments of the calls: all, those alone that it needs, and empty ones."""
    parameters = inspect.signature(method).parameters.values()
    every = {
        one.name: ARGUMENTS_THERE.get(f"{name}.{one.name}", ARGUMENTS.get(one.name))
        for one in parameters
        if one.name not in NOT_GIVEN
    }
    if "store" in {one.name for one in parameters}:
        every["store"] = Store()
    yield every
    needed = {one.name for one in parameters if one.default is one.empty} | {"input", "store"}
    least = {key: value for key, value in every.items() if key in needed}
    if least != every:
        yield least
    if empty := {key: value for key, value in EMPTY.items() if key in every}:
        yield {**least, **empty}


async def settled(result: Any) -> Any:
    """Await the result, or go through it."""
    if inspect.isawaitable(result):
        return await result
    if hasattr(result, "__aiter__"):
        return [item async for item in result]
    return list(result) if hasattr(result, "__next__") else result


async def _record(recorder: Recorder, client: Any) -> None:
    for name, method in methods(client):
        for given in calls(name, method):
            recorder.lines.append(f"{name}({', '.join(given)})")
            try:
                result = await settled(method(**given))
            except RunflowError as error:
                result = error
            recorder.lines.append(f"    = {unified(shown(result))}")


async def lines(colour: str) -> list[str]:
    """Return the list as one of the clients makes it, `sync` or `async`."""
    recorder = Recorder()
    common: dict[str, Any] = {"base_url": BASE, "organization_id": _id(8)}
    async with connected(colour, recorder.answer, **common) as client:
        await _record(recorder, client)
    return recorder.lines
