"""Makes schemathesis' valid cases realistic; invalid cases are left as they were drawn.

The document says "any string" or "any object" where the API takes a filter, an input of the model,
or a URL. Half of the ids in paths are replaced by ids that exist, except in the stateful phase,
which has ids of its own.
"""

import os
import random
import uuid
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, cast

from runflow_api.http_library import httpx
from runflow_mock.simulation.catalog import Catalog
from schemathesis import Case

from .._proxies import ProxiedTransport

BATCH_MODEL = ("runflow", "skin-fix")
# The one field that the items of every list have: a server may refuse any other.
FILTERS = ("id.EQ:'x'", "NOT (id:x OR id:y)", "id!=x AND NOT id:y")
ORDERS = ("id", "id:desc")
FIELDS = "id"
LISTS = {
    "run": "/v1/runs",
    "batch": "/v1/batches",
    "evaluation": "/v1/evaluations",
    "asset": "/v1/assets",
    "callback-secret": "/v1/callback-secrets",
    "webhook": "/v1/webhooks",
    "model": "/v1/models",
}
# The list that an id in a path comes from, by the beginning of the path. The first match counts.
IDS = {
    "/v1/runs/{": "run",
    "/v1/batches/{": "batch",
    "/v1/evaluations/{": "evaluation",
    "/v1/assets/{": "asset",
    "/v1/asset-uploads/{": "asset",
    "/v1/callback-secrets/{": "callback-secret",
    "/v1/webhooks/{": "webhook",
    "/v1/models/{model_id}": "model",
}
REFRESH_EVERY = 40  # calls

_catalog = Catalog()
_ids: dict[str, list[str]] = {}
_calls = 0


def make_realistic(case: Case[Any]) -> None:
    """Make a valid case realistic. Reads RUNFLOW_BASE_URL and RUNFLOW_API_KEY."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # What was not drawn has no text of its own: its repr holds an address of this process.
    body = case.body if isinstance(case.body, dict | list | str | bytes) else ""
    source = random.Random(f"{case.operation.label}/{case.path_parameters}/{case.query}/{body!r}")
    _realistic_query(case, source)
    _repair_links(case, source)
    if case.meta.phase.name.value != "stateful":
        _existing_id(case, source)
    if isinstance(case.body, dict):
        _realistic_body(case, case.body)


def _realistic_query(case: Case[Any], source: random.Random) -> None:
    query = case.query
    if query.get("q"):
        query["q"] = source.choice(FILTERS)
    if query.get("sort_by"):
        query["sort_by"] = source.choice(ORDERS)
    if query.get("fields"):
        query["fields"] = FIELDS
    if query.get("pq"):
        del query["pq"]


def _repair_links(case: Case[Any], source: random.Random) -> None:
    """Repair what schemathesis' links between operations get wrong.

    A null in a response (an evaluation without a run) becomes the id "None", and requests name a
    made-up organization, in which nothing that was created is found.
    """
    for name, value in case.path_parameters.items():
        if value is None or value == "None":
            case.path_parameters[name] = str(uuid.UUID(int=source.getrandbits(128), version=4))
    headers = cast("MutableMapping[str, Any] | None", cast(Any, case).headers)
    if headers:
        headers.pop("X-Organization-Id", None)


def _realistic_body(case: Case[Any], body: dict[str, Any]) -> None:
    label = case.operation.label
    if label.startswith("POST /v1/models/") and label.endswith("/runs"):
        model = _catalog.get(
            f"{case.path_parameters.get('owner')}/{case.path_parameters.get('slug')}"
        )
        if model is not None and isinstance(body.get("input"), dict):
            declared = {entry.name for entry in model.inputs}
            kept = {name: value for name, value in body["input"].items() if name not in declared}
            body["input"] = {**kept, **(model.example_input or {})}
    elif label.endswith("/batches"):
        case.path_parameters["owner"], case.path_parameters["slug"] = BATCH_MODEL
        for item in body["input"]:
            item["image_url"] = "https://example.com/picture.png"
    elif "/v1/webhooks" in label:
        for name in ("event_subscriptions", "secret"):
            body.pop(name, None)
        if "url" in body or label.startswith("POST"):
            body["url"] = "https://example.com/webhook"
    elif label == "POST /v1/asset-uploads":
        body["mime_type"] = "image/png"
    elif label == "PATCH /v1/assets/{id}":
        for name in ("name", "folder_id"):
            body.pop(name, None)


def _existing_id(case: Case[Any], source: random.Random) -> None:
    """Replace the first id of the path by one that exists, half of the time."""
    global _calls
    kind = next(
        (kind for start, kind in IDS.items() if case.operation.path.startswith(start)), None
    )
    if kind is None or source.random() < 0.5:
        return
    if _calls % REFRESH_EVERY == 0:
        _refresh()
    _calls += 1
    name = case.operation.path.partition("{")[2].partition("}")[0]
    if _ids.get(kind) and name in case.path_parameters:
        case.path_parameters[name] = source.choice(_ids[kind])


def _refresh() -> None:
    """Read the ids anew. Where a list has no answer, those of the earlier look are kept."""
    headers = {"Authorization": f"Bearer {os.environ['RUNFLOW_API_KEY']}"}
    with httpx.Client(
        base_url=os.environ["RUNFLOW_BASE_URL"], headers=headers, transport=ProxiedTransport()
    ) as client:
        for kind, path in LISTS.items():
            with suppress(httpx.RequestError):
                response = client.get(path, params={"fields": "id", "limit": 20})
                _ids[kind] = _ids_in(response)


def _ids_in(response: httpx.Response) -> list[str]:
    """Return the ids of the page; empty if the response is not a page. The checks report that."""
    try:
        items = response.json()["items"]
        return [row["id"] for row in items if isinstance(row["id"], str)]
    except (ValueError, KeyError, TypeError):
        return []
