"""Laws of refusals: the error envelope, its code, and the location of each invalid value."""

import json
from uuid import UUID, uuid4

from runflow_api.api.account import get_balance
from runflow_api.api.media import get_asset
from runflow_api.api.runs import get_run, list_runs
from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from ..invariants import LawViolation, require
from ..target import Target
from ._requests import UNKNOWN, Json, get_json, run_arguments
from .batches import batch_arguments

CREDIT = {"INSUFFICIENT_CREDIT", "INSUFFICIENT_CREDITS"}
NO_MEMBER = {"PERMISSION_DENIED", "ORGANIZATION_MEMBERSHIP_REQUIRED"}


def each_refusal_has_its_code(target: Target) -> None:
    """Each kind of refusal has its status and its code in the error envelope."""
    _refusal(target, get_run.build_request(UNKNOWN), 404, {"RUN_NOT_FOUND"})
    _refusal(target, get_asset.build_request(UNKNOWN), 404)
    keyless: RequestArguments = {
        **list_runs.build_request(),
        "headers": {"Authorization": "Bearer rf_live_nobody"},
    }
    _refusal(target, keyless, 401, {"UNAUTHORIZED"})
    key = str(uuid4())
    get_json(target.http, batch_arguments(target, "one", key=key))
    _refusal(target, batch_arguments(target, "two", key=key), 409, {"CONFLICT"})
    if target.no_credit is not None:
        _refusal(target, run_arguments(target), 402, CREDIT, target.no_credit)
    if target.other_org is not None:
        ours = get_json(target.http, get_balance.build_request())["org_id"]
        foreign = get_balance.build_request(x_organization_id=ours)
        _refusal(target, foreign, 403, NO_MEMBER, target.other_org)
        run_id = UUID(get_json(target.http, run_arguments(target))["id"])
        _refusal(target, get_run.build_request(run_id), 404, {"RUN_NOT_FOUND"}, target.other_org)


def invalid_values_are_located(target: Target) -> None:
    """A 422 names the location of each invalid value and what is wrong with it."""
    create = run_arguments(target)
    missing = next(iter(target.input))
    bodies: tuple[tuple[Json, str], ...] = (
        ({}, "input"),
        ({"input": {}}, missing),
        ({"input": {**target.input, missing: 7}}, missing),
        ({"input": dict(target.input), "client_ref": "x" * 256}, "client_ref"),
        ({"input": dict(target.input), "metadata": []}, "metadata"),
    )
    for body, place in bodies:
        arguments: RequestArguments = {**create, "json": body}
        _names(_refusal(target, arguments, 422), place, json.dumps(body)[:80])
    for name, value in (("limit", "0"), ("q", "client_ref.EQ:"), ("pq", "no cursor")):
        wrong: RequestArguments = {**list_runs.build_request(), "params": {name: value}}
        _names(_refusal(target, wrong, 422), name, f"{name}={value}")
    no_id: RequestArguments = {**list_runs.build_request(), "url": "/v1/runs/no-id"}
    _names(_refusal(target, no_id, 422), "id", "an invalid id")


def _names(refusal: Json, place: str, what: str) -> None:
    entries: list[Json] = refusal["errors"] or []
    require(bool(entries), f"{what} is refused without `errors`")
    require(
        all(entry.get("loc") and entry.get("msg") for entry in entries),
        f"{what}: an error has no loc or no msg",
    )
    places = [entry["loc"] for entry in entries]
    require(
        any(place in map(str, loc) for loc in places),
        f"{what} is refused for {places}, expected {place}",
    )


def _refusal(
    target: Target,
    arguments: RequestArguments,
    status: int,
    codes: set[str] | None = None,
    http: httpx.Client | None = None,
) -> Json:
    """Send a request that must be refused with this status and code; return the envelope."""
    response = (http or target.http).request(**arguments)
    label = f"{arguments['method']} {response.request.url.path} returns {response.status_code}"
    require(response.status_code == status, f"{label}, expected {status}")
    try:
        body = response.json()
    except (ValueError, RecursionError):
        raise LawViolation(f"{label} without JSON") from None
    require(
        isinstance(body.get("code"), str) and bool(body.get("message")),
        f"{label} without code or message",
    )
    require(
        codes is None or body["code"] in codes,
        f"{label} with the code {body['code']}, expected {codes}",
    )
    envelope: Json = body
    return envelope


CHECKS = (each_refusal_has_its_code, invalid_values_are_located)
