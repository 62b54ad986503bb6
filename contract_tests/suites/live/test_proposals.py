"""What is proposed for one difference between the document and the API."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from runflow_conformance import Interaction, Validator
from runflow_conformance._findings import Finding
from runflow_conformance._report.proposals import PROPOSAL, path_of, propose, write_proposal
from runflow_conformance._report.report import group_findings
from runflow_conformance._validation.json_pointers import DocumentTree
from runflow_mock.contract.document import Document

from ..server.things import DOCUMENT, HONEST, bends
from ..snapshot import check_snapshot

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
CREATED: dict[str, Any] = DocumentTree(CONTENT).get(f"{RESPONSES}/201/content/application~1json")


@pytest.mark.parametrize(
    ("rule", "pointer", "seen", "update"),
    [
        ("content_type", f"{RESPONSES}/201/content", ["text/html"], {"text/html": TEXT}),
        ("content_type", f"{RESPONSES}/201/content", ["image/png"], {"image/png": BYTES}),
        ("content_type", f"{RESPONSES}/201/content", ["a/b+json"], {"a/b+json": CREATED}),
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


BORN = "/components/schemas/Run/properties/created_at"
AT_BORN = "$['components']['schemas']['Run']['properties']['created_at']"
TYPES = [{"type": "boolean"}, {"type": "integer"}]


@pytest.mark.parametrize(
    ("keyword", "pointer", "action"),
    [  # of an integer and a boolean
        ("type", f"{BORN}/anyOf/0/type", {"target": AT_BORN, "update": {"anyOf": TYPES}}),
        ("type", f"{BORN}/oneOf/12/type", {"target": AT_BORN, "update": {"oneOf": TYPES}}),
        ("anyOf", f"{BORN}/anyOf", {"target": AT_BORN, "update": {"anyOf": TYPES}}),
        ("oneOf", f"{BORN}/oneOf", {"target": AT_BORN, "update": {"oneOf": TYPES}}),
        ("falseSchema", f"{BORN}/not", {"target": f"{AT_BORN}['not']", "remove": True}),
        ("propertyNames", f"{BORN}/propertyNames", None),
    ],
)
@pytest.mark.parametrize("where", ["response 200, body /x", "request, body /x"])
def test_a_schema_is_corrected_at_its_place_for_what_was_answered_alone(
    where: str, keyword: str, pointer: str, action: dict[str, Any] | None
) -> None:
    rule, what = f"schema:{keyword}", "it is another"
    findings = [
        Finding(
            operation="GET /v1/runs",
            rule=rule,
            where=where,
            pointer=pointer,
            what=what,
            observed=seen,
        )
        for seen in ("integer", "boolean")
    ]
    proposed = propose(group_findings(findings, frozenset()), DocumentTree(CONTENT))
    if action is None or where.startswith("request"):
        assert proposed is None
    else:
        reason = {"description": f"GET /v1/runs, {where}: {what}"}
        assert proposed is not None
        assert proposed["actions"] == [{**action, **reason}]


def test_null_is_allowed_by_the_type_and_by_the_list_of_values() -> None:
    stated = CONTENT["components"]["schemas"]["RunStatus"]
    for seen, values in ((("null",), {"enum": [None]}), (("integer",), {})):
        findings = [
            Finding(
                operation="GET /v1/runs",
                rule="schema:type",
                where="response 200, body /x",
                pointer="/components/schemas/RunStatus/type",
                what="it is another",
                observed=one,
            )
            for one in seen
        ]
        proposed = propose(group_findings(findings, frozenset()), DocumentTree(CONTENT))
        assert proposed is not None
        removed, updated = proposed["actions"]
        assert removed["target"] == f"{updated['target']}['type']"
        assert updated["update"] == {"type": [stated["type"], *seen], **values}


def test_a_type_is_added_to_those_that_are_stated() -> None:
    finding = Finding(
        operation="GET /v1/x",
        rule="schema:type",
        where="response 200, body /x",
        pointer="/a/type",
        what="it is another",
        observed="number",
    )
    tree = DocumentTree({"a": {"type": ["string", "null"]}})
    proposed = propose(group_findings([finding], frozenset()), tree)
    assert proposed is not None
    assert proposed["actions"][1]["update"] == {"type": ["string", "null", "number"]}


REFUSALS: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    (
        "q=",
        {"loc": ["query", "q"], "type": "string_too_short", "ctx": {"min_length": 1}},
        {"minLength": 1},
    ),
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
    (
        "limit=500",
        {"loc": ["query", "limit"], "type": "less_than_equal", "ctx": {"strict": False, "le": 9}},
        {"maximum": 9},
    ),
    (
        "limit=500",
        {"loc": ["query", "limit"], "type": "maximum", "ctx": {"any": True}, "msg": "of 7.5"},
        {"maximum": 7.5},
    ),
    (
        "limit=500",
        {"loc": ["query", "limit"], "type": "less_than_equal", "ctx": {"le": 9, "given": 500}},
        {"maximum": 9},
    ),
    (
        "limit=500",
        {"loc": ["query", "limit"], "type": "maximum", "msg": "At 2026-01-31 of v2: 9, not 9x."},
        {"maximum": 9},
    ),
    ("limit=500", {"loc": ["query", "limit"], "type": "maximum", "msg": "on 2026-01-31"}, None),
    ("limit=500", {"loc": ["query", "limit"], "type": "maximum", "msg": "of 007"}, None),
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


@pytest.mark.parametrize(
    ("keyword", "narrowest"),
    [
        *(("maximum", 3), ("exclusiveMaximum", 3), ("maxLength", 3)),
        *(("minimum", 7), ("exclusiveMinimum", 7), ("minLength", 7)),
    ],
)
def test_the_narrowest_of_several_limits_is_proposed(keyword: str, narrowest: int) -> None:
    findings = [
        Finding(
            operation="GET /v1/runs",
            rule=f"refused:{keyword}",
            where="request, query limit",
            pointer="/components/schemas/Run",
            what="another limit",
            observed=one,
        )
        for one in (5, 3, 7)
    ]
    proposed = propose(group_findings(findings, frozenset()), DocumentTree(CONTENT))
    assert proposed is not None
    assert [one["update"] for one in proposed["actions"]] == [{keyword: narrowest}]


def test_each_difference_has_the_proposal_that_it_had_before(tmp_path: Path) -> None:
    validator = Validator(DOCUMENT)
    differences = group_findings(
        [
            finding
            for name, honest in HONEST.items()
            for _, bent in bends(name, honest)
            for finding in validator.findings(bent)
        ],
        frozenset(),
    )
    lines: list[str] = []
    alone: list[dict[str, Any]] = []
    for one in differences:
        actions = (propose([one], validator.tree) or {"actions": []})["actions"]
        lines += [f"{one.finding.rule} {one.finding.pointer or '-'} {one.observed}"]
        lines += [
            f"    {action['target']} {json.dumps(action.get('update', 'is removed'))}"
            for action in actions
        ]
        reason = f"{one.finding.operation}, {one.finding.where}: {one.finding.what}"
        assert {action["description"] for action in actions} <= {reason[:400]}
        alone += [action for action in actions if action not in alone]
    together = propose(differences, validator.tree)
    assert together is not None
    assert len(together["actions"]) < len(alone)
    targets = [(one["target"], one.get("update", True)) for one in together["actions"]]
    assert all(targets.count(one) == 1 for one in targets)
    written = write_proposal(together, tmp_path)
    assert written is not None
    assert written == tmp_path / PROPOSAL
    assert yaml.safe_load(written.read_text("utf-8")) == together
    assert write_proposal(None, tmp_path) is None
    assert not written.exists()
    check_snapshot(Path(__file__).with_name("snapshots") / "proposals.txt", "\n".join(lines) + "\n")


def test_a_path_names_what_a_pointer_does() -> None:
    tree = DocumentTree({"it's": [{"a/b": {"c\\d": {}}}], "0": {"1": []}})
    assert path_of("", tree) == "$"
    assert path_of("/it's/0/a~1b/c\\d", tree) == r"$['it\'s'][0]['a/b']['c\\d']"
    assert path_of("/0/1/2", tree) == "$['0']['1'][2]"


def test_references_are_followed_and_circles_are_told() -> None:
    circle: dict[str, Any] = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}, "c": {"$ref": "x.json"}}
    tree = DocumentTree({**circle, "d": {"$ref": "#/e/1"}, "e": [{}, {"f": {"$ref": "#/e/0"}}]})
    assert [tree.follow(one) for one in ("/d", "/c", "/nothing")] == ["/e/1", "/c", "/nothing"]
    assert tree.child("/d", "f") == "/e/0"
    assert [tree.child("/d", "f", "g"), tree.child("/d", "g"), tree.get("/e/7")] == [None] * 3
    assert [tree.get(one) for one in ("/c/$ref/x", "/c/$ref/x/0", "/e/x", "/e/-1")] == [None] * 4
    with pytest.raises(ValueError, match="form a circle"):
        tree.follow("/a")
