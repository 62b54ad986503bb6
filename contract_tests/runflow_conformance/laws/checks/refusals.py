"""Laws of refusals: each is the error envelope, with the code of its kind and, for a wrong value, its place."""

import json
from uuid import UUID, uuid4

from runflow_api.api.account import get_balance
from runflow_api.api.media import get_asset
from runflow_api.api.runs import get_run, list_runs
from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from ..invariants import LawBroken, law
from ..target import Stage
from ._requests import UNKNOWN, Json, run_arguments, told
from .batches import batch_arguments

CREDIT = {"INSUFFICIENT_CREDIT", "INSUFFICIENT_CREDITS"}
NO_MEMBER = {"PERMISSION_DENIED", "ORGANIZATION_MEMBERSHIP_REQUIRED"}


def each_says_its_code(stage: Stage) -> None:
    """A refusal says in its envelope which kind it is: no key, no credit, not yours, not there, a key used otherwise."""
    _refusal(stage, get_run.build_request(UNKNOWN), 404, {"RUN_NOT_FOUND"})
    _refusal(stage, get_asset.build_request(UNKNOWN), 404)
    keyless: RequestArguments = {
        **list_runs.build_request(),
        "headers": {"Authorization": "Bearer rf_live_nobody"},
    }
    _refusal(stage, keyless, 401, {"UNAUTHORIZED"})
    key = str(uuid4())
    told(stage.http, batch_arguments(stage, "one", key=key))
    _refusal(stage, batch_arguments(stage, "two", key=key), 409, {"CONFLICT"})
    if stage.penniless is not None:
        _refusal(stage, run_arguments(stage), 402, CREDIT, stage.penniless)
    if stage.stranger is not None:
        ours = told(stage.http, get_balance.build_request())["org_id"]
        foreign = get_balance.build_request(x_organization_id=ours)
        _refusal(stage, foreign, 403, NO_MEMBER, stage.stranger)
        run_id = UUID(told(stage.http, run_arguments(stage))["id"])
        _refusal(stage, get_run.build_request(run_id), 404, {"RUN_NOT_FOUND"}, stage.stranger)


def a_wrong_value_is_named(stage: Stage) -> None:
    """A 422 names each wrong value by its place, with what is wrong there."""
    target = run_arguments(stage)
    missing = next(iter(stage.input))
    bodies: tuple[tuple[Json, str], ...] = (
        ({}, "input"),
        ({"input": {}}, missing),
        ({"input": {**stage.input, missing: 7}}, missing),
        ({"input": dict(stage.input), "client_ref": "x" * 256}, "client_ref"),
        ({"input": dict(stage.input), "metadata": []}, "metadata"),
    )
    for body, place in bodies:
        arguments: RequestArguments = {**target, "json": body}
        _names(_refusal(stage, arguments, 422), place, json.dumps(body)[:80])
    for name, value in (("limit", "0"), ("q", "client_ref.EQ:"), ("pq", "no cursor")):
        wrong: RequestArguments = {**list_runs.build_request(), "params": {name: value}}
        _names(_refusal(stage, wrong, 422), name, f"{name}={value}")
    no_id: RequestArguments = {**list_runs.build_request(), "url": "/v1/runs/no-id"}
    _names(_refusal(stage, no_id, 422), "id", "an id that is none")


def _names(refusal: Json, place: str, what: str) -> None:
    entries: list[Json] = refusal["errors"] or []
    law(bool(entries), f"{what} is refused without `errors`")
    law(
        all(entry.get("loc") and entry.get("msg") for entry in entries),
        f"{what}: an error has no place or no text",
    )
    places = [entry["loc"] for entry in entries]
    law(
        any(place in map(str, loc) for loc in places),
        f"{what} is refused for {places}, wrong is {place}",
    )


def _refusal(
    stage: Stage,
    arguments: RequestArguments,
    status: int,
    codes: set[str] | None = None,
    http: httpx.Client | None = None,
) -> Json:
    """Send what must be refused so, and return the envelope. Raise LawBroken if it is none, or of another code."""
    response = (http or stage.http).request(**arguments)
    label = f"{arguments['method']} {response.request.url.path} answers {response.status_code}"
    law(response.status_code == status, f"{label}, expected {status}")
    try:
        body = response.json()
    except ValueError:
        raise LawBroken(f"{label} without JSON") from None
    law(
        isinstance(body.get("code"), str) and bool(body.get("message")),
        f"{label} without code or message",
    )
    law(
        codes is None or body["code"] in codes,
        f"{label} with the code {body['code']}, expected {codes}",
    )
    envelope: Json = body
    return envelope


CHECKS = (each_says_its_code, a_wrong_value_is_named)
