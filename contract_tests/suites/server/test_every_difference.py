"""Every difference between a document and what was sent and answered, and every report of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import evolve
from runflow_conformance import Finding, Interaction, Report, Validator
from runflow_conformance._findings import distinct
from runflow_conformance._report.formats import as_json, junit, markdown, write_reports
from runflow_conformance._report.report import group_findings, read_baseline, write_baseline
from runflow_conformance._validation.schemas import json_type

from ..snapshot import check_snapshot

SNAPSHOTS = Path(__file__).with_name("snapshots")
TEXT = {"type": "string"}
ERROR = {"type": "object", "required": ["code"], "properties": {"code": TEXT}}
THING: dict[str, Any] = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "status": {"type": "string", "enum": ["queued", "done"]},
        "cost": {"anyOf": [{"type": "string", "pattern": "^[0-9.]+$"}, {"type": "null"}]},
        "count": {"type": "integer", "minimum": 1, "maximum": 3},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
    },
}


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a body of JSON as a document describes it."""
    return {"description": "x", "content": {"application/json": {"schema": schema}}}


SHARED = {"$ref": "#/components/schemas/Thing"}
IN_PATH = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/v1/things": {
            "parameters": [{"name": "X-Org", "in": "header", "required": True, "schema": TEXT}],
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                    {"name": "flag", "in": "query", "schema": {"type": ["boolean", "null"]}},
                    {
                        "name": "tags",
                        "in": "query",
                        "schema": {"allOf": [{"type": "array", "items": {"enum": ["a", "b"]}}]},
                    },
                    {"name": "q", "in": "query", "required": True, "schema": TEXT},
                ],
                "responses": {
                    "200": {
                        **json_body({"type": "array", "items": SHARED}),
                        "headers": {
                            "X-Left": {"required": True, "schema": TEXT},
                            "X-Note": {"schema": TEXT},
                        },
                    },
                    "4XX": json_body(ERROR),
                    "404": {"description": "x", "content": {"text/plain": {"schema": TEXT}}},
                    "default": json_body({"type": "object", "required": ["problem"]}),
                },
            },
            "post": {
                "requestBody": {**json_body(SHARED), "required": True},
                "responses": {"201": json_body(SHARED)},
            },
        },
        "/v1/things/{id}": {
            "parameters": [IN_PATH],
            "get": {
                "responses": {
                    "200": {
                        "description": "x",
                        "content": {
                            "application/json": {"schema": SHARED},
                            "text/plain": {"schema": TEXT},
                        },
                    }
                }
            },
            "delete": {"responses": {"204": {"description": "x"}}},
        },
    },
    "components": {"schemas": {"Thing": THING}},
}
ID = "01980000-0000-7000-8000-0000000000ab"
BODY = b'{"id": "%s", "status": "done", "cost": null, "count": 2, "parts": []}' % ID.encode()
JSON = {"content-type": "application/json"}


def interaction(method: str, path: str, status: int, **changed: Any) -> Interaction:
    """Return an interaction that follows the document."""
    values: dict[str, Any] = {
        "query": "",
        "request_headers": {},
        "request_body": b"",
        "response_headers": JSON,
        "response_body": b"",
        **changed,
    }
    return Interaction(method=method, path=path, status=status, **values)


HONEST: dict[str, Interaction] = {
    "list": interaction(
        "GET",
        "/v1/things",
        200,
        query="limit=9&flag=true&tags=a&tags=b&q=",
        request_headers={"x-org": "o"},
        response_headers={**JSON, "x-left": "3"},
        response_body=b"[" + BODY + b"]",
    ),
    "create": interaction(
        "POST",
        "/v1/things",
        201,
        request_headers={**JSON, "x-org": "o"},
        request_body=BODY,
        response_body=BODY,
    ),
    "get": interaction("GET", f"/v1/things/{ID}", 200, response_body=BODY),
    "delete": interaction("DELETE", f"/v1/things/{ID}", 204, response_headers={}),
}
BODIES = (
    b"",
    b"{",
    b"NaN",
    b"[]",
    b"[1]",
    b"{}",
    b'{"code": "x"}',
    b'{"problem": 1}',
    BODY,
    BODY.replace(b'"done"', b'"new"'),
    BODY.replace(b"null", b'"1.x"'),
    BODY.replace(b"2", b"4", 1).replace(b'"count": 2', b'"count": 0'),
    BODY.replace(b'"status": "done", ', b""),
    BODY.replace(ID.encode(), b"7"),
    BODY.replace(b"[]", BODY.join((b"[", b', {"id": 3}]'))),
)
STATUSES = (200, 201, 202, 204, 299, 301, 400, 404, 422, 500, 599)
KINDS = ("", "text/plain", "application/json; charset=utf-8", "APPLICATION/JSON", "text/html")
QUERIES = (
    *("", "q=1", "q=1&q=2", "limit=10&q=1", "limit=x&q=1", "limit=1.0&q=1", "limit=01&q=1"),
    *("flag=True&q=1", "flag=&q=1", "tags=c&q=1", "tags=a&tags=c&q=1", "q=1&new=1&other=2"),
)


def bends(name: str, honest: Interaction) -> Iterator[tuple[str, Interaction]]:
    """Yield the interaction and what it becomes by one change each."""
    yield name, honest
    for status in STATUSES:
        yield f"{name}, status {status}", evolve(honest, status=status)
    for kind in KINDS:
        headers = {**honest.response_headers, "content-type": kind}
        yield f"{name}, type {kind}", evolve(honest, response_headers=headers)
        headers = {**honest.request_headers, "content-type": kind}
        yield f"{name}, sent type {kind}", evolve(honest, request_headers=headers)
    for number, body in enumerate(BODIES):
        yield f"{name}, body {number}", evolve(honest, response_body=body)
        yield f"{name}, sent body {number}", evolve(honest, request_body=body)
        error = evolve(honest, status=400, response_body=body)
        yield f"{name}, error {number}", error
    for query in QUERIES:
        yield f"{name}, query {query}", evolve(honest, query=query)
    for header in (*honest.request_headers, *honest.response_headers):
        left = {one: value for one, value in honest.request_headers.items() if one != header}
        answered = {one: value for one, value in honest.response_headers.items() if one != header}
        bent = evolve(honest, request_headers=left, response_headers=answered)
        yield f"{name}, without {header}", bent
    for method in ("HEAD", "PUT", "PATCH"):
        yield f"{name}, {method}", evolve(honest, method=method)
    for path in ("/", "/v1/things/", "/v1/things/a%2Fb", "/v1/things/a/b", "/v2/things"):
        yield f"{name}, path {path}", evolve(honest, path=path)


ALL = [bend for name, honest in HONEST.items() for bend in bends(name, honest)]


def test_each_difference_is_found_at_its_place() -> None:
    validator = Validator(DOCUMENT)
    lines: list[str] = []
    for name, bent in ALL:
        found = validator.findings(bent)
        lines += [f"{name}: {'conforms' if not found else ''}".rstrip()]
        lines += [f"    {one} observed {one.observed!r}" for one in found]
        answers = validator.findings(bent, check_request=False)
        if answers != [one for one in found if one.where.startswith("response")]:
            lines += [f"    the answer alone: {one}" for one in answers]
    assert not [name for name in HONEST if f"{name}: conforms" not in lines]
    check_snapshot(SNAPSHOTS / "differences.txt", "\n".join(lines) + "\n")


def some_findings() -> list[Finding]:
    """Return the findings of some bends, some of them several times, with commands to repeat."""
    validator = Validator(DOCUMENT)
    return [
        evolve(one, replay=f"curl {number}\n" if number % 3 else "")
        for number, (_, bent) in enumerate(ALL[::7])
        for one in validator.findings(bent)
    ]


def report(findings: list[Finding], baseline: frozenset[tuple[str, str, str]]) -> Report:
    """Return the report of these findings."""
    operations = tuple(map(str, Validator(DOCUMENT).operations))
    return Report(
        base_url="http://127.0.0.1:1",
        document_sha256="0" * 64,
        seed=7,
        profile="quick",
        operations=operations,
        calls={operations[0]: 12, operations[1]: 1},
        seconds={operations[0]: 1.23456, "law of money: x": 0.5},
        differences=group_findings(findings, baseline),
        notes=("One note | with a bar.", "Another\nnote."),
        laws=("law of money: x",),
    )


def test_reports_say_what_they_said_before(tmp_path: Path) -> None:
    findings = some_findings()
    third = frozenset(one.identity for one in findings[::3])
    parts: list[str] = []
    for name, found, baseline in (
        ("nothing", [], frozenset[tuple[str, str, str]]()),
        ("one", findings[:1], frozenset[tuple[str, str, str]]()),
        ("all known", findings, frozenset(one.identity for one in findings)),
        ("some known", findings, third),
        ("none known", findings, frozenset[tuple[str, str, str]]()),
    ):
        made = report(found, baseline)
        written = write_reports(made, tmp_path / name)
        scripts = sorted(path.name for path in (tmp_path / name).glob("*.sh"))
        parts += [
            f"=== {name}: exit {made.exit_code}, {len(made.new)} new, {len(made.rows)} rows",
            f"scripts: {scripts}",
            *(path.read_text(encoding="utf-8") for path in written),
        ]
        assert [junit(made), as_json(made), markdown(made)] == parts[-3:]
    check_snapshot(SNAPSHOTS / "reports.txt", "\n".join(parts))


def test_a_baseline_holds_what_it_was_written_of(tmp_path: Path) -> None:
    differences = group_findings(some_findings(), frozenset())
    write_baseline(tmp_path / "baseline.json", differences)
    known = read_baseline(tmp_path / "baseline.json")
    assert known == {one.finding.identity for one in differences}
    assert report(some_findings(), known).exit_code == 0
    assert report(some_findings(), frozenset(sorted(known)[1:])).exit_code == 1


def test_what_was_observed_is_kept_once_whatever_it_is() -> None:
    first = some_findings()[0]
    seen = (0, "", "b", 0, None, 2.5, "b")
    [one] = group_findings([evolve(first, observed=value) for value in seen], frozenset())
    assert (one.count, one.observed) == (len(seen), (0, "", "b", 2.5))


def test_a_difference_is_kept_as_it_was_first_found() -> None:
    findings = some_findings()
    assert len(distinct(findings)) < len(findings)
    for first, count in distinct(findings):
        same = [one for one in findings if one.identity == first.identity]
        assert first is same[0]
        assert count == len(same)


def test_parameters_are_judged_in_the_style_of_the_document() -> None:
    schema = {"type": "array", "items": {"type": "integer", "maximum": 3}}
    joined = {"name": "ids", "in": "query", "explode": False, "schema": schema}
    in_pairs = {
        "name": "range",
        "in": "query",
        "style": "deepObject",
        "schema": {"type": "object", "properties": {"from": {"type": "integer"}}},
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/v1/things": {
                "get": {
                    "parameters": [joined, in_pairs],
                    "responses": {"200": {"description": "x"}},
                }
            }
        },
    }

    def places(query: str) -> list[tuple[str, str]]:
        sent = interaction("GET", "/v1/things", 200, query=query)
        return [(one.rule, one.where) for one in Validator(document).findings(sent)]

    assert places("ids=1,2&range[from]=3") == []
    assert places("ids=1,9") == [("schema:maximum", "request, query ids/1")]
    assert places("range[from]=x&more=1") == [
        ("schema:type", "request, query range/from"),
        ("undocumented_parameter", "request, query more"),
    ]


def test_each_value_has_the_name_of_its_type() -> None:
    values: tuple[object, ...] = (None, True, False, 0, 7, 1.0, "", "x", [], {}, b"")
    named = " ".join(json_type(value) for value in values)
    assert named == ("null boolean boolean integer integer number string string array object value")
