"""An accepted document never breaks the overlay in silence: each kind of need is missed by name."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ...changes.overlay_needs import Need, find_missing, read_needs
from ...correct.corrected import correct
from ...document.json_tree import JSONObject, parse_document
from ...project.paths import DOCUMENT

OWN: dict[str, Any] = {**parse_document(DOCUMENT.read_bytes())}
NEEDS = read_needs()
NULL: JSONObject = {"type": "null"}


def missed(edit: Callable[[dict[str, Any]], object]) -> list[str]:
    """Return what the overlay misses in our document with an edit."""
    document = copy.deepcopy(OWN)
    edit(document)
    return [str(one) for one in find_missing(correct(document).document, NEEDS)]


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of the document."""
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def field(name: str, part: str, schema: JSONObject) -> Callable[[dict[str, Any]], object]:
    """Return an edit of a field."""
    return lambda document: schemas(document)[name]["properties"].update({part: schema})


def limits(document: dict[str, Any]) -> None:
    """Let pages hold 100 items at most."""
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                if parameter.get("name") == "limit":
                    parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": 20}


def statuses(values: list[str]) -> Callable[[dict[str, Any]], object]:
    """Return an edit of the statuses of a run."""

    def edit(document: dict[str, Any]) -> None:
        schemas(document)["RunStatus"]["enum"] = values

    return edit


def key_in_header(document: dict[str, Any]) -> None:
    """Ask for the key in another header."""
    schemes = document["components"]["securitySchemes"]
    for name in schemes:
        schemes[name] = {"type": "apiKey", "in": "header", "name": "X-API-Key"}


def client_ref_must_be_sent(document: dict[str, Any]) -> None:
    """Demand a field that the overlay does not always send."""
    schemas(document)["RunCreate"]["required"].append("client_ref")


def team_must_be_given(document: dict[str, Any]) -> None:
    """Demand a parameter that the overlay does not know."""
    document["paths"]["/v1/runs"]["get"]["parameters"].append(
        {"name": "team", "in": "query", "required": True, "schema": {"type": "string"}}
    )


def nothing(_document: dict[str, Any]) -> None:
    """Change nothing."""


KNOWN = ["queued", "dispatching", "running", "succeeded", "failed", "canceled", "partial_succeeded"]


@pytest.mark.parametrize(
    ("edit", "feature", "what"),
    [
        (limits, "Waiting for many runs at once", "limit=50, and its maximum is 20"),
        (
            field("Run", "duration_ms", {"anyOf": [{"type": "string"}, NULL]}),
            "The run as the client shows it",
            "Run.duration_ms is string",
        ),
        (
            field("Run", "created_at", {"type": "integer"}),
            "The run as the client shows it",
            "Run.created_at is integer",
        ),
        (
            statuses([*KNOWN, "completed"]),
            "Waiting for a run",
            "RunStatus has the value completed, on which the overlay does not act",
        ),
        (
            statuses(["done" if one == "succeeded" else one for one in KNOWN]),
            "Waiting for a run",
            "RunStatus has no value succeeded any more",
        ),
        (
            client_ref_must_be_sent,
            "Creating a run, once",
            "RunCreate.client_ref must be sent",
        ),
        (
            team_must_be_given,
            "Waiting for many runs at once",
            "runs.list_runs must be given team",
        ),
        (key_in_header, "The key", "do not take the key as Bearer header Authorization"),
    ],
)
def test_what_is_hit_is_named_by_feature_with_the_place_to_mend(
    edit: Callable[[dict[str, Any]], object], feature: str, what: str
) -> None:
    found = [line for line in missed(edit) if line.startswith(f"{feature}: ")]
    assert any(what in line for line in found), missed(edit)
    assert all("(mend: overlay/runflow_client/" in line for line in found)


def required(document: dict[str, Any]) -> None:
    """Say of each field of a run that it is always there."""
    schemas(document)["Run"]["required"] = [*schemas(document)["Run"]["properties"]]


def success_is(status: str) -> Callable[[dict[str, Any]], object]:
    """Return an edit that lets every 201 be another status."""

    def edit(document: dict[str, Any]) -> None:
        for item in document["paths"].values():
            for operation in item.values():
                responses = operation.get("responses", {})
                if "201" in responses:
                    responses[status] = responses.pop("201")

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        nothing,
        required,
        field("Run", "cost", {"type": "number"}),
        field("Run", "output", {"anyOf": [{"type": "object"}, {"type": "string"}, NULL]}),
        success_is("200"),
        success_is("202"),
    ],
)
def test_what_the_overlay_survives_is_not_missed(edit: Callable[[dict[str, Any]], object]) -> None:
    assert missed(edit) == []


TYPES: dict[str, JSONObject] = {
    "any": {},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "integer or null": {"type": ["integer", "null"]},
    "integer or number": {"type": ["integer", "number"]},
    "integer or string": {"type": ["integer", "string"]},
    "string": {"type": "string"},
    "string (date-time)": {"type": "string", "format": "date-time"},
    "B": {"$ref": "#/components/schemas/B"},
    "B or string": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/B"}]},
}
TAKEN = {
    "integer": {"integer", "integer or null"},
    "number": {"number", "integer or number"},
    "integer or number": {"integer", "number", "integer or null", "integer or number"},
    "integer or string": {"integer", "integer or null", "integer or string", "string"},
    "string": {"string"},
    "string (date-time)": {"string (date-time)"},
    "B or string": {"B", "string", "B or string"},
    "any": {"any"},
    "": {*TYPES},
}
"""The types that a field may have where the overlay reads each of these."""


@pytest.mark.parametrize("wanted", TAKEN)
def test_a_field_of_another_type_is_missed(wanted: str) -> None:
    need = Need("Reading", {}, {"A": ("x",)}, kinds={"A": {"x": wanted}})
    taken = set[str]()
    for name, schema in TYPES.items():
        document: JSONObject = {"components": {"schemas": {"A": {"properties": {"x": schema}}}}}
        told = [one.what for one in find_missing(document, (need,))]
        taken |= set() if told else {name}
        kinds = "number" if name == "integer or number" else name.removesuffix(" or null")
        assert told in ([], [f"A.x is {kinds}, and the overlay reads {wanted}"])
    assert taken == TAKEN[wanted]


def test_every_feature_says_where_to_mend() -> None:
    root = DOCUMENT.parent
    for need in NEEDS:
        assert need.mend
        assert all((root / place).exists() for place in need.mend), need
