"""What is proposed for one difference between the document and the API."""

import json
from typing import Any

import pytest
from runflow_conformance import Interaction, Validator
from runflow_conformance._findings import Finding
from runflow_conformance._report.proposals import propose
from runflow_conformance._report.report import group_findings
from runflow_conformance._validation.json_pointers import DocumentTree
from runflow_mock.contract.document import Document

CONTENT: dict[str, Any] = Document.read().content
RESPONSES = "/paths/~1v1~1models~1{owner}~1{slug}~1runs/post/responses"


@pytest.mark.parametrize(
    ("status", "schema"),
    [(200, "Run"), (202, "Run"), (418, "ErrorResponse"), (502, "ErrorResponse")],
)
def test_another_status_is_proposed_with_the_body_of_its_kind(status: int, schema: str) -> None:
    finding = Finding(
        operation="POST /v1/models/{owner}/{slug}/runs",
        rule="undocumented_status",
        where=f"response {status}",
        pointer=RESPONSES,
        what=f"the status {status} is not documented",
        observed=status,
    )
    proposed = propose(group_findings([finding], frozenset()), DocumentTree(CONTENT))
    assert proposed is not None
    (action,) = proposed["actions"]
    (answer,) = action["update"].values()
    assert action["update"].keys() == {str(status)}
    reference = answer["content"]["application/json"]["schema"]["$ref"]
    assert reference == f"#/components/schemas/{schema}"


BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
TEXT: dict[str, Any] = {"schema": {"type": "string"}}


@pytest.mark.parametrize(
    ("rule", "pointer", "seen", "update"),
    [
        ("content_type", f"{RESPONSES}/201/content", ["text/html"], {"text/html": TEXT}),
        ("content_type", f"{RESPONSES}/201/content", ["image/png"], {"image/png": BYTES}),
        (
            "unexpected_body",
            "/paths/~1v1~1webhooks~1{id}/delete/responses/204",
            ["text/plain", "image/png"],
            {"content": {"image/png": BYTES, "text/plain": TEXT}},
        ),
        (
            "required_header",
            f"{RESPONSES}/201",
            ["X-Other", "X-Left"],
            [{"headers": {name: {"required": False}}} for name in ("X-Other", "X-Left")],
        ),
        ("another_rule", f"{RESPONSES}/201", ["x"], None),
        ("unexpected_body", "", ["text/plain"], None),
    ],
)
def test_each_rule_has_its_correction_or_none(
    rule: str, pointer: str, seen: list[str], update: dict[str, Any] | list[Any] | None
) -> None:
    findings = [
        Finding(
            operation="POST /v1/webhooks",
            rule=rule,
            where="response 201, body",
            pointer=pointer,
            what="it is another",
            observed=one,
        )
        for one in seen
    ]
    proposed = propose(group_findings(findings, frozenset()), DocumentTree(CONTENT))
    updates = update if isinstance(update, list) or update is None else [update]
    assert (proposed and [one["update"] for one in proposed["actions"]]) == updates


REFUSALS: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    (
        "limit=500",
        {"loc": ["query", "limit"], "type": "less_than_equal", "msg": "-", "ctx": {"le": 100}},
        {"maximum": 100},
    ),
    (
        "limit=500",
        {"loc": ["query", "limit"], "type": "less_than", "msg": "should be less than 101"},
        {"exclusiveMaximum": 101},
    ),
    (
        "limit=1",
        {"loc": ["query", "limit"], "type": "minimum", "msg": "1 is less than the minimum of 5"},
        {"minimum": 5},
    ),
    (
        "q=abcdef",
        {"loc": ["query", "q"], "type": "string_too_long", "ctx": {"max_length": 3}},
        {"maxLength": 3},
    ),
    # The document refuses it as well, the parameter was not sent, or it is no limit.
    ("limit=501", {"loc": ["query", "limit"], "type": "maximum", "msg": "of 500"}, None),
    ("", {"loc": ["query", "limit"], "type": "maximum", "msg": "of 100"}, None),
    ("limit=500", {"loc": ["query", "limit"], "type": "missing", "msg": "of 100"}, None),
    ("limit=500", {"loc": ["body", "limit"], "type": "maximum", "msg": "of 100"}, None),
    ("limit=500", {"loc": ["query", "limit"], "type": "maximum", "msg": "too many"}, None),
]


@pytest.mark.parametrize("envelope", ["errors", "detail"])
@pytest.mark.parametrize(("query", "entry", "limit"), REFUSALS)
def test_a_limit_of_the_server_is_proposed_where_it_refuses_what_is_documented(
    query: str, entry: dict[str, Any], limit: dict[str, Any] | None, envelope: str
) -> None:
    body = {"code": "validation_error", "message": "-", envelope: [entry]}
    refused = Interaction(
        method="GET",
        path="/v1/runs",
        query=query,
        request_headers={},
        request_body=b"",
        status=422,
        response_headers={"content-type": "application/json"},
        response_body=json.dumps(body).encode(),
    )
    found = [
        one
        for one in Validator(CONTENT).findings(refused, check_request=False)
        if one.rule.startswith("refused:")
    ]
    proposed = propose(group_findings(found, frozenset()), DocumentTree(CONTENT))
    assert (proposed and [one["update"] for one in proposed["actions"]]) == (limit and [limit])
