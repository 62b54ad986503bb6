"""Raw requests of the generated operations, as the laws send them."""

import json
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from runflow_api.api.models import create_run
from runflow_api.api.runs import get_run
from runflow_api.http_library import httpx
from runflow_api.models.run_create import RunCreate
from runflow_api.types import RequestArguments
from runflow_client._http import REQUEST_ID
from runflow_client._models.statuses import is_terminal
from runflow_client._redaction import redact
from runflow_client.callbacks import CallbackError, CallbackEvent
from runflow_client.callbacks._events import read_event

from ..callback_receiver import ReceivedCallback
from ..invariants import LawViolation, require
from ..target import Target

Json = dict[str, Any]
UNKNOWN = UUID("01980000-0000-7000-8000-00000000dead")
POLL_INTERVAL = 15.0  # seconds
MAX_POLLS = 40


def get_json(http: httpx.Client, arguments: RequestArguments) -> Json:
    """Send the request and return the JSON object in the response, which must be a success."""
    return _object(succeed(http, arguments), arguments)


def without_key(http: httpx.Client, arguments: RequestArguments) -> Json:
    """Send the request without the client's key and return the JSON object in the response.

    The response must be a success.
    """
    request = http.build_request(**arguments)
    del request.headers["Authorization"]
    return _object(_successful(http.send(request), " without a key"), arguments)


def get_json_list(http: httpx.Client, arguments: RequestArguments) -> list[Json]:
    """Send the request and return the JSON array in the response, which must be a success."""
    body = _json(succeed(http, arguments))
    if not isinstance(body, list):
        raise LawViolation(
            f"{arguments['method']} {arguments['url']}: the response is not an array"
        )
    return cast("list[Json]", body)


def succeed(http: httpx.Client, arguments: RequestArguments) -> httpx.Response:
    """Send the request and return the response, which must be a success."""
    return _successful(http.request(**arguments))


def _successful(response: httpx.Response, how: str = "") -> httpx.Response:
    require(
        response.is_success,
        f"{_label(response)}{how} and must succeed: {redact(response.text)[:300]}",
    )
    return response


def _object(response: httpx.Response, arguments: RequestArguments) -> Json:
    body = _json(response)
    if not isinstance(body, dict):
        raise LawViolation(
            f"{arguments['method']} {arguments['url']}: the response is not an object"
        )
    return cast(Json, body)


def expect_refusal(
    http: httpx.Client, arguments: RequestArguments, why: str, *statuses: int
) -> None:
    """Send a request that must be refused with one of these statuses (without any: a 4xx)."""
    response = http.request(**arguments)
    holds = response.status_code in statuses if statuses else response.is_client_error
    wanted = " or ".join(str(status) for status in statuses) or "4xx"
    require(holds, f"{_label(response)}, {why}: expected {wanted}")


def split_model_id(model: str) -> tuple[str, str]:
    """Return the owner and the slug of a model id."""
    owner, _, slug = model.partition("/")
    return owner, slug


def new_run(target: Target, **fields: Any) -> Json:
    """Create a run of the target's model, with these further fields, and return it."""
    return get_json(target.http, run_arguments(target, **fields))


def run_arguments(target: Target, **fields: Any) -> RequestArguments:
    """Return the request that creates a run of the target's model, with these further fields."""
    body = RunCreate.from_dict({"input": dict(target.input), **fields})
    return create_run.build_request(*split_model_id(target.model), body=body)


def read_run(target: Target, run_id: str) -> Json:
    """Return the run with that id."""
    run = get_json(target.http, get_run.build_request(UUID(run_id)))
    require(run.get("id") == run_id, f"GET of run {run_id} returns run {run.get('id')}")
    return run


def wait_until_ended(target: Target, read: Callable[[], Json]) -> Json:
    """Let time pass until the resource has ended, and return it. `read` reads it."""
    state = read()
    for _ in range(MAX_POLLS):
        if is_terminal(state["status_code"]):
            return state
        target.pass_time(POLL_INTERVAL)
        state = read()
    raise LawViolation(
        f"{state['id']} is still {state['status_code']} after {POLL_INTERVAL * MAX_POLLS:g} s"
    )


def ended_run(target: Target, status: str | None = None, **fields: Any) -> Json:
    """Create a run, let it end and return it. `status` is used if the target can choose it."""
    if status is not None and target.end_next is not None:
        target.end_next(status)
    run_id = new_run(target, **fields)["id"]
    return wait_until_ended(target, lambda: read_run(target, run_id))


def parse_event(received: ReceivedCallback) -> CallbackEvent:
    """Return the event of a callback without verifying its signature."""
    try:
        return read_event(received.body, received.header(REQUEST_ID))
    except CallbackError as problem:
        raise LawViolation(f"a callback cannot be read: {problem}") from problem


def items_of(page: Json) -> list[Json]:
    """Return the items of a page."""
    items = page.get("items")
    require(isinstance(items, list), f"a page has no `items`, only {sorted(page)}")
    return cast("list[Json]", items)


def ids_of(page: Json) -> list[str]:
    """Return the ids of the items of a page, in order."""
    return [item["id"] for item in items_of(page)]


def _json(response: httpx.Response) -> object:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        raise LawViolation(f"{_label(response)}: the response is not JSON") from None


def _label(response: httpx.Response) -> str:
    return f"{response.request.method} {response.request.url.path} returns {response.status_code}"
