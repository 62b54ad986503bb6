"""What is proposed for an answer allows this answer: each keyword of a schema, and each status."""

import json
from typing import Any, Final

import pytest
from attrs import evolve
from runflow_conformance import Finding, Validator
from runflow_conformance._report.proposals import REMOVED, propose
from runflow_conformance._report.report import group_findings
from runflow_conformance._validation.json_pointers import DocumentTree
from suites.server.things import JSON, interaction
from suites.snapshot import check_snapshot

from ...correct.overlays import apply_overlay, parse_overlay
from ...document.json_tree import copy_document
from ..every_word import SNAPSHOTS

TEXT, NUMBER, NULL = {"type": "string"}, {"type": "integer"}, {"type": "null"}
LIMITS: Final[dict[str, tuple[Any, Any]]] = {
    "additionalProperties": (False, {"a": 1}),
    "const": (7, 8),
    "exclusiveMaximum": (3, 3),
    "exclusiveMinimum": (3, 3),
    "format": ("uuid", "x"),
    "maxItems": (1, [1, 2]),
    "maxLength": (1, "ab"),
    "maxProperties": (0, {"a": 1}),
    "maximum": (3, 4),
    "minItems": (1, []),
    "minLength": (1, ""),
    "minProperties": (1, {}),
    "minimum": (3, 2),
    "multipleOf": (2, 3),
    "pattern": ("^a", "b"),
    "unevaluatedProperties": (False, {"a": 1}),
    "uniqueItems": (True, [1, 1]),
}
"""A value of each keyword that is taken away, and an answer that it does not allow."""
SCHEMAS: Final[dict[str, tuple[dict[str, Any], tuple[Any, ...]]]] = {
    **{name: ({name: value}, (wrong,)) for name, (value, wrong) in LIMITS.items()},
    "no other property": ({"properties": {"b": {}}, "additionalProperties": False}, ({"a": 1},)),
    "no property of this name": ({"properties": {"a": False}}, ({"a": 1},)),
    "no item": ({"items": False}, ([1],)),
    "type": (TEXT, (7, None, [], {}, True, 0.5)),
    "several types": ({"type": ["string", "null"]}, (7,)),
    "enum": ({"enum": ["a"]}, ("b", "c")),
    "enum and null": ({"type": "string", "enum": ["a"]}, (None,)),
    "required": ({"required": ["a", "it's", "c"]}, ({"a": 1}, {"c": 1})),
    "anyOf": ({"anyOf": [TEXT, NUMBER]}, (None, [])),
    "oneOf": ({"oneOf": [TEXT, NUMBER]}, (None, [])),
    "anyOf, null": ({"anyOf": [TEXT, NULL]}, (7, [])),
    "oneOf, null": ({"oneOf": [NULL, TEXT]}, (7,)),
    "allOf": ({"allOf": [TEXT]}, (7,)),
    "anyOf, null, below": ({"anyOf": [{"type": "array", "items": TEXT}, NULL]}, ([7],)),
}
NOT_CORRECTED: Final[dict[str, tuple[dict[str, Any], Any]]] = {
    "a value that is no word": ({"enum": ["a"]}, "Alice Example"),
    "not": ({"not": TEXT}, "x"),
    "contains": ({"contains": TEXT}, [1]),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
    "propertyNames": ({"propertyNames": {"maxLength": 1}}, {"ab": 1}),
    "two of one": ({"oneOf": [TEXT, {"minLength": 1}]}, "x"),
}


def document(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a document with one operation, which answers 200 with this schema, or a problem."""
    content = {"application/json": {"schema": schema}}
    responses = {
        "200": {"description": "x", "content": content},
        "404": {"description": "x", "content": {"application/json": {"schema": TEXT}}},
    }
    paths = {"/v1/things": {"get": {"responses": responses}}}
    return {"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": paths}


def found(content: dict[str, Any], *values: Any) -> list[Finding]:
    """Return what is found in answers with these values."""
    validator = Validator(content)
    return [
        one
        for value in values
        for one in validator.findings(
            interaction("GET", "/v1/things", 200, response_body=json.dumps(value).encode())
        )
    ]


def proposed(content: dict[str, Any], findings: list[Finding]) -> Any:
    return propose(group_findings(findings, frozenset()), DocumentTree(content))


def corrected(content: dict[str, Any], overlay: Any) -> dict[str, Any]:
    """Return the document after what is proposed."""
    made: Any = copy_document(content)
    apply_overlay(made, parse_overlay(overlay, "proposed"))
    return {**made}


def test_each_keyword_is_corrected_so_that_the_answers_are_allowed() -> None:
    assert LIMITS.keys() == set(REMOVED)
    lines: list[str] = []
    for name, (schema, values) in SCHEMAS.items():
        content = document(schema)
        overlay = proposed(content, found(content, *values))
        after = corrected(content, overlay)
        assert found(after, *values) == [], name
        allowed = after["paths"]["/v1/things"]["get"]["responses"]["200"]["content"]
        lines += [f"{name}: {json.dumps(schema)}, seen {json.dumps(values)}"]
        lines += [f"    {json.dumps(allowed['application/json'].get('schema'))}"]
    check_snapshot(SNAPSHOTS / "proposed_schemas.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("name", NOT_CORRECTED)
def test_what_a_person_must_correct_is_found_and_not_proposed(name: str) -> None:
    schema, value = NOT_CORRECTED[name]
    content = document(schema)
    differences = found(content, value)
    assert [one.operation for one in differences] == ["GET /v1/things"]
    assert proposed(content, differences) is None


def test_what_a_request_breaks_is_not_proposed() -> None:
    content = document({"maximum": 3})
    sent = [evolve(one, where="request, body") for one in found(content, 4)]
    assert sent
    assert proposed(content, sent) is None


@pytest.mark.parametrize(
    ("status", "body"), [(204, b""), (205, b""), (201, b"7"), (418, b'"x"'), (500, b'"x"')]
)
def test_another_status_is_proposed_so_that_its_answer_is_allowed(status: int, body: bytes) -> None:
    headers = JSON if body else {}
    answer = interaction("GET", "/v1/things", status, response_headers=headers, response_body=body)
    content = document(NUMBER)
    findings = Validator(content).findings(answer)
    assert [one.rule for one in findings] == ["undocumented_status"]
    after = Validator(corrected(content, proposed(content, findings)))
    assert after.findings(answer) == []
    wrong = after.findings(evolve(answer, response_headers=JSON, response_body=b"[]"))
    assert [one.rule for one in wrong] == ["schema:type" if body else "unexpected_body"]
