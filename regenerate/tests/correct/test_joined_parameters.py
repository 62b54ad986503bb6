"""One parameter for a whole model id is written as the two that we know."""

import copy
from typing import Any

import pytest
from attrs import evolve

from ...correct._joined_parameters import split_joined_parameters
from ...correct.corrected import correct
from ...document.json_tree import parse_document
from ...naming.operation_names import parse_table, read_table
from ...project.paths import DOCUMENT

OWN: dict[str, Any] = {**parse_document(DOCUMENT.read_bytes())}
RUNS = "/v1/models/{owner}/{slug}/runs"


def joined(name: str, schema: dict[str, Any], *, beside: bool = False) -> dict[str, Any]:
    """Return our document with a whole id in the path of runs."""
    document = copy.deepcopy(OWN)
    item = document["paths"].pop(RUNS)
    whole = {"name": name, "in": "path", "required": True, "schema": schema}
    kept = [one for one in item["post"]["parameters"] if one.get("in") != "path"]
    item["post"]["parameters"] = kept if beside else [whole, *kept]
    if beside:
        item["parameters"] = [whole]
    document["paths"][f"/v1/models/{{{name}}}/runs"] = item
    return document


@pytest.mark.parametrize("name", ["model_id", "model", "id"])
@pytest.mark.parametrize("beside", [False, True])
def test_the_operation_keeps_its_name_and_its_slashes(name: str, beside: bool) -> None:
    found = correct(joined(name, {"type": "string"}, beside=beside))
    assert found.split == (
        f"POST /v1/models/{{{name}}}/runs, as /v1/models/{{owner}}/{{{name}}}/runs",
    )
    operation: Any = found.document["paths"]
    operation = operation[f"/v1/models/{{owner}}/{{{name}}}/runs"]["post"]
    assert operation["operationId"] == "create_run"
    many = [one["name"] for one in operation["parameters"] if one.get("x-many-segments")]
    assert many == [name]


def test_it_is_found_behind_another_prefix_and_before_a_slash() -> None:
    document = joined("model", {"type": "string"})
    paths = document["paths"]
    document["paths"] = {f"/api{path}/": item for path, item in paths.items()}
    found = correct(document)
    assert found.split == (
        "POST /api/v1/models/{model}/runs/, as /api/v1/models/{owner}/{model}/runs/",
    )
    assert "POST /api/v1/models/{owner}/{model}/runs/" in found.names.operations


def test_a_uuid_is_no_model_id() -> None:
    document = joined("model_id", {"type": "string", "format": "uuid"})
    assert correct(document, None, read_table()).split == ()


def test_what_the_table_knows_stays() -> None:
    assert correct(OWN).split == ()
    document = copy.deepcopy(OWN)
    whole = {"name": "model_id", "in": "path", "required": True, "schema": {"type": "string"}}
    document["paths"]["/v1/models/{model_id}/runs"] = {
        "post": {**document["paths"][RUNS]["post"], "parameters": [whole]}
    }
    assert correct(document).split == ()


def test_a_path_of_the_table_stays_although_its_longer_form_is_missing() -> None:
    document, table = joined("model_id", {"type": "string"}), read_table()
    assert correct(copy.deepcopy(document), None, table).split != ()
    name = evolve(table.operations["POST /v1/models/{}/{}/runs"], name="create_run_of_whole_id")
    known = evolve(table, operations={**table.operations, "POST /v1/models/{}/runs": name})
    assert correct(document, None, known).split == ()


TABLE = parse_table(
    {
        "operations": {
            "models": {
                "run": "POST /v1/models/{owner}/{slug}/runs",
                "stop": "DELETE /v1/models/{owner}/{slug}/runs",
                "team_run": "POST /v1/{team}/models/{owner}/{slug}/runs",
                "twice": "POST /v1/{a}/{b}/x/{c}/{d}",
            }
        }
    }
)


def text(name: str, place: str = "path") -> dict[str, Any]:
    """Return a parameter that is any text."""
    return {"name": name, "in": place, "schema": {"type": "string"}}


ID, TEAM = text("id"), text("team")
OWNER = {"name": "owner", "in": "path", "required": True, "schema": {"type": "string"}}
GET: dict[str, Any] = {"summary": "Another."}
SERVERS = [{"url": "https://other.test"}]
WHOLE, PARTS = "/v1/models/{id}/runs", "/v1/models/{owner}/{id}/runs"
Paths = dict[str, dict[str, Any]]
CASES: dict[str, tuple[Paths, Paths]] = {
    "alone": (
        {WHOLE: {"post": {"parameters": [ID]}}},
        {PARTS: {"post": {"parameters": [OWNER, ID]}}},
    ),
    "beside the operations": (
        {WHOLE: {"parameters": [ID], "post": {}, "get": GET}},
        {
            WHOLE: {"parameters": [ID], "get": GET},
            PARTS: {"post": {"parameters": [OWNER, ID]}},
        },
    ),
    "some beside": (
        {WHOLE: {"parameters": [text("q", "query")], "post": {"parameters": [ID]}}},
        {PARTS: {"post": {"parameters": [OWNER, text("q", "query"), ID]}}},
    ),
    "one again, for the operation alone": (
        {WHOLE: {"parameters": [ID], "post": {"parameters": [{**ID, "description": "Ours."}]}}},
        {PARTS: {"post": {"parameters": [OWNER, ID, {**ID, "description": "Ours."}]}}},
    ),
    "servers of the path": (
        {WHOLE: {"parameters": [ID], "servers": SERVERS, "post": {"servers": []}, "get": GET}},
        {
            WHOLE: {"parameters": [ID], "servers": SERVERS, "get": GET},
            PARTS: {"post": {"parameters": [OWNER, ID], "servers": SERVERS}},
        },
    ),
    "servers of the operation": (
        {WHOLE: {"parameters": [ID], "servers": SERVERS, "post": {"servers": [{"url": "/"}]}}},
        {PARTS: {"post": {"parameters": [OWNER, ID], "servers": [{"url": "/"}]}}},
    ),
    "two operations": (
        {WHOLE: {"parameters": [ID], "post": {}, "delete": {}}},
        {
            PARTS: {
                "post": {"parameters": [OWNER, ID]},
                "delete": {"parameters": [OWNER, ID]},
            }
        },
    ),
    "beside one in two parts": (
        {WHOLE: {"post": {"parameters": [ID]}}, PARTS: {"get": GET}},
        {PARTS: {"get": GET, "post": {"parameters": [OWNER, ID]}}},
    ),
    "there in two parts": (
        {WHOLE: {"post": {"parameters": [ID]}}, "/v1/models/{a}/{b}/runs/": {"post": GET}},
        {WHOLE: {"post": {"parameters": [ID]}}, "/v1/models/{a}/{b}/runs/": {"post": GET}},
    ),
    "behind another parameter": (
        {"/v1/{team}/models/{id}/runs": {"post": {"parameters": [ID, TEAM]}}},
        {"/v1/{team}/models/{owner}/{id}/runs": {"post": {"parameters": [OWNER, ID, TEAM]}}},
    ),
    "an owner before": (
        {"/v1/{owner}/models/{id}/runs": {"post": {"parameters": [ID]}}},
        {"/v1/{owner}/models/{id}/runs": {"post": {"parameters": [ID]}}},
    ),
    "in two parts twice": (
        {"/v1/{a}/x/{c}/{d}": {"post": {}}, "/v1/{a}/{b}/x/{c}": {"post": {}}},
        {"/v1/{a}/x/{c}/{d}": {"post": {}}, "/v1/{a}/{b}/x/{c}": {"post": {}}},
    ),
    "no text": (
        {WHOLE: {"post": {"parameters": [{**ID, "schema": {"type": "integer"}}]}}},
        {WHOLE: {"post": {"parameters": [{**ID, "schema": {"type": "integer"}}]}}},
    ),
    "a UUID beside": (
        {
            WHOLE: {
                "parameters": [{**ID, "schema": {"type": "string", "format": "uuid"}}],
                "post": {},
            }
        },
        {
            WHOLE: {
                "parameters": [{**ID, "schema": {"type": "string", "format": "uuid"}}],
                "post": {},
            }
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_path_and_its_parameters_are_rewritten_and_nothing_else(name: str) -> None:
    given, expected = (copy.deepcopy(paths) for paths in CASES[name])
    document: dict[str, Any] = {"paths": given}
    told = split_joined_parameters(document, TABLE)
    assert document["paths"] == expected
    assert bool(told) == (CASES[name][0] != expected)
    holders = [holder for item in given.values() for holder in (item, *item.values())]
    listed = [one for holder in holders for one in parameters(holder)]
    assert len({*map(id, listed)}) == len(listed), "no two operations share a parameter"


def parameters(holder: Any) -> list[dict[str, Any]]:
    """Return the parameters of a path or an operation; what else stands there has none."""
    found: list[dict[str, Any]] = holder.get("parameters", []) if hasattr(holder, "get") else []
    return found
