"""What changes on the wire: told as breaking, as new, or as neither."""

from typing import Any

import pytest

from ...changes.change import Change, Weight
from ...changes.wire import wire_changes
from ...document.json_tree import JSONObject
from ..changing import NULLABLE, Edit, corrected, document, field, get, post, schema

A = "#/components/schemas/A"
BREAKING: dict[str, tuple[Edit, str]] = {
    "operation gone": (lambda d: d["paths"]["/runs"].pop("post"), "POST /runs: is gone"),
    "operation in another package": (
        lambda d: get(d).update(tags=["other"]),
        "GET /runs: was called runs.",
    ),
    "path parameter renamed": (
        lambda d: d["paths"].update(
            {"/runs/{run_id}": {**d["paths"].pop("/runs/{id}"), "parameters": []}}
        ),
        "path id: is gone",
    ),
    "parameter gone": (lambda d: get(d).update(parameters=[]), "query limit: is gone"),
    "parameter must be given": (
        lambda d: get(d)["parameters"].append(
            {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}
        ),
        "query q: is new and must be given",
    ),
    "parameter became required": (
        lambda d: get(d)["parameters"][0].update(required=True),
        "query limit: must be given now",
    ),
    "parameter of another type": (
        lambda d: get(d)["parameters"][0].update(schema={"type": "string"}),
        "query limit: was integer, is string",
    ),
    "default of a parameter": (
        lambda d: get(d)["parameters"][0]["schema"].update(default=50),
        "query limit: the default was 20, is 50",
    ),
    "body gone": (lambda d: post(d).pop("requestBody"), "POST /runs body: is gone"),
    "body must be sent": (
        lambda d: post(d)["requestBody"].update(required=True),
        "POST /runs body: must be sent now",
    ),
    "body of another kind": (
        lambda d: post(d).update(
            requestBody={"content": {"text/plain": {"schema": {"type": "string"}}}}
        ),
        "POST /runs body: application/json is gone",
    ),
    "success gone": (
        lambda d: post(d).update(responses={"202": post(d)["responses"]["201"]}),
        "201: is not an answer any more",
    ),
    "field of an answer gone": (
        lambda d: schema(d, "Run")["properties"].pop("cost"),
        "Run.cost: is gone",
    ),
    "field of an answer of another type": (
        lambda d: field(d, "Run", "cost").update(type="number"),
        "Run.cost: was string, is number",
    ),
    "field of an answer may be missing": (
        lambda d: schema(d, "Run").update(required=[]),
        "Run.id: may be missing now",
    ),
    "field of an answer may be null": (
        lambda d: schema(d, "Run")["properties"].update(id={"type": ["string", "null"]}),
        "Run.id: may be null now",
    ),
    "deep field of an answer gone": (
        lambda d: field(d, "Run", "nodes")["items"]["properties"].pop("name"),
        "RunNode.name: is gone",
    ),
    "field of a body gone": (
        lambda d: schema(d, "RunCreate")["properties"].pop("mode"),
        "RunCreate.mode: is gone",
    ),
    "field of a body must be sent": (
        lambda d: schema(d, "RunCreate")["required"].append("mode"),
        "RunCreate.mode: must be sent now",
    ),
    "new field of a body must be sent": (
        lambda d: (
            schema(d, "RunCreate")["properties"].update(team={"type": "string"}),
            schema(d, "RunCreate")["required"].append("team"),
        ),
        "RunCreate.team: is new and must be sent",
    ),
    "value gone": (
        lambda d: field(d, "RunCreate", "mode").update(enum=["fast"]),
        "the value good is gone",
    ),
    "limit tightened": (
        lambda d: field(d, "RunCreate", "count").update(maximum=2),
        "RunCreate.count: maximum was 4, is 2",
    ),
    "limit new": (
        lambda d: field(d, "RunCreate", "count").update(minimum=1),
        "RunCreate.count: minimum was none, is 1",
    ),
    "rule new": (
        lambda d: field(d, "RunCreate", "count").update(multipleOf=2),
        "multipleOf was none, is 2",
    ),
    "default of a field": (
        lambda d: field(d, "RunCreate", "count").pop("default"),
        "RunCreate.count: the default was 1, is none",
    ),
    "must be shown to be let in": (
        lambda d: (
            d["components"].update(securitySchemes={"key": {"type": "http", "scheme": "bearer"}}),
            get(d).update(security=[{"key": []}]),
        ),
        "GET /runs: what must be shown to be let in changed",
    ),
    "server": (
        lambda d: d.update(servers=[{"url": "https://other.example"}]),
        "servers: were https://example.com",
    ),
}

HARMLESS: dict[str, tuple[Edit, str, Weight]] = {
    "operation new": (
        lambda d: d["paths"]["/runs/{id}"].update(
            delete={"tags": ["runs"], "responses": {"204": {"description": "Gone."}}}
        ),
        "DELETE /runs/{id}: is new",
        Weight.ADDITION,
    ),
    "parameter new": (
        lambda d: get(d)["parameters"].append(
            {"name": "q", "in": "query", "schema": {"type": "string"}}
        ),
        "query q: is new",
        Weight.ADDITION,
    ),
    "field of an answer new": (
        lambda d: schema(d, "Run")["properties"].update(batch=NULLABLE),
        "Run.batch: is new: integer",
        Weight.ADDITION,
    ),
    "field of a body new": (
        lambda d: schema(d, "RunCreate")["properties"].update(batch=NULLABLE),
        "RunCreate.batch: is new",
        Weight.ADDITION,
    ),
    "field of a body may be null": (
        lambda d: schema(d, "RunCreate")["properties"].update(
            mode={"anyOf": [field(d, "RunCreate", "mode"), {"type": "null"}]}
        ),
        "RunCreate.mode: may be null now",
        Weight.ADDITION,
    ),
    "value of an answer new": (
        lambda d: field(d, "Run", "status")["enum"].append("paused"),
        "the value paused is new",
        Weight.ADDITION,
    ),
    "field of an answer always there": (
        lambda d: schema(d, "Run")["required"].append("cost"),
        "Run.cost: is always there now",
        Weight.OTHER,
    ),
    "limit loosened": (
        lambda d: field(d, "RunCreate", "count").update(maximum=8),
        "maximum was 4, is 8",
        Weight.OTHER,
    ),
    "limit of an answer": (
        lambda d: field(d, "Run", "cost").update(maxLength=9),
        "maxLength was 20, is 9",
        Weight.OTHER,
    ),
    "error not named any more": (
        lambda d: get(d)["responses"].pop("404"),
        "404: is not named any more",
        Weight.OTHER,
    ),
    "description": (
        lambda d: get(d).update(description="Better."),
        "the description changed",
        Weight.OTHER,
    ),
    "deprecated": (
        lambda d: get(d).update(deprecated=True),
        "GET /runs: is deprecated now",
        Weight.OTHER,
    ),
}


def between(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Return the changes on the wire from one document to another."""
    return wire_changes(corrected(old), corrected(new))


def with_list(**style: Any) -> Edit:
    """Return the edit that adds a parameter with a list, written in this style."""
    schema = {"type": "array", "items": {"type": "string"}}
    return lambda d: get(d)["parameters"].append(
        {"name": "ids", "in": "query", "schema": schema, **style}
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            {},
            {"explode": False},
            "was sent with each item under the name: ids=a&ids=b; "
            "is sent with the items joined by ',': ids=a,b",
        ),
        (
            {"explode": False},
            {"style": "pipeDelimited"},
            "was sent with the items joined by ',': ids=a,b; "
            "is sent with the items joined by '|': ids=a|b",
        ),
        ({"style": "spaceDelimited"}, {"style": "spaceDelimited", "explode": False}, None),
        ({}, {"style": "form", "explode": True}, None),
        ({}, {"style": "pipeDelimited", "explode": True}, None),
    ],
)
def test_another_style_is_told_once_where_something_else_is_sent(
    before: dict[str, Any], after: dict[str, Any], told: str | None
) -> None:
    old, new = document(), document()
    with_list(**before)(old)
    with_list(**after)(new)
    changes = between(old, new)
    expected = [Change(Weight.BREAKING, "GET /runs query ids", told)] if told else []
    assert changes == expected


def test_the_style_of_a_single_value_says_nothing() -> None:
    new = document()
    get(new)["parameters"][0].update(explode=False, style="spaceDelimited")
    assert corrected(new) == corrected(document())


MODE = {"$ref": "#/components/schemas/Mode"}


def with_defaults(parameter: str | None, field: str | None) -> dict[str, Any]:
    """Return a document with defaults beside references; None for none."""
    new = document()
    new["components"]["schemas"]["Mode"] = {"type": "string", "enum": ["fast", "good"]}
    beside = {} if parameter is None else {"default": parameter}
    get(new)["parameters"].append({"name": "mode", "in": "query", "schema": {**MODE, **beside}})
    beside = {} if field is None else {"default": field}
    schema(new, "RunCreate")["properties"]["style"] = {"allOf": [MODE], **beside}
    schema(new, "RunCreate")["properties"]["kind"] = {**MODE, **beside}
    return new


def test_defaults_beside_references_are_told() -> None:
    what = 'the default was "fast", is "good"'
    assert between(with_defaults("fast", "fast"), with_defaults("good", "good")) == [
        Change(Weight.BREAKING, "GET /runs query mode", what),
        Change(Weight.BREAKING, "RunCreate.kind", what),
        Change(Weight.BREAKING, "RunCreate.style", what),
    ]
    fresh = between(with_defaults(None, None), with_defaults("good", None))
    assert fresh == [
        Change(Weight.OTHER, "GET /runs query mode", 'the default was none, is "good"')
    ]


def with_paths(count: int, end: str) -> JSONObject:
    """Return so many operations whose paths end in this, in no order."""
    paths: JSONObject = {
        f"/{name}{end}": {"get": {"operationId": name, "responses": {}}}
        for name in "gcbadfe"[-count:]
    }
    return {"paths": paths}


@pytest.mark.parametrize("count", [1, 4, 5, 6, 7])
@pytest.mark.parametrize("slash", [True, False])
def test_five_paths_that_gained_or_lost_a_slash_are_named_and_the_rest_counted(
    count: int, slash: bool
) -> None:
    ends = ("", "/") if slash else ("/", "")
    [change] = wire_changes(*(with_paths(count, end) for end in ends))
    named = ", ".join(f"GET /{name}{ends[1]}" for name in sorted("gcbadfe"[-count:])[:5])
    what = "end in a slash now" if slash else "do not end in a slash any more"
    more = f" and {count - 5} more" if count > 5 else ""
    assert change == Change(Weight.BREAKING, "paths", f"{count} {what}: {named}{more}")


@pytest.mark.parametrize(
    ("methods", "told"),
    [
        (("get", "get", "get"), "3 operations moved from /v1 to /api/v1"),
        (("get", "get", "put"), "2 operations moved from /v1 to /api/v1"),
        (("get", "put", "put"), "1 operation moved from /v1 to /api/v1"),
    ],
)
def test_operations_that_begin_elsewhere_are_counted(methods: tuple[str, ...], told: str) -> None:
    def beginning(prefix: str, *methods: str) -> JSONObject:
        paths: JSONObject = {
            f"{prefix}/{name}": {method: {"operationId": name, "responses": {}}}
            for name, method in zip("abc", methods, strict=True)
        }
        return {"paths": paths}

    found = wire_changes(beginning("/v1", "get", "get", "get"), beginning("/api/v1", *methods))
    assert [one.what for one in found if one.where == "paths"] == [told]


@pytest.mark.parametrize("kind", ["sent", "read"])
@pytest.mark.parametrize("is_gone", [True, False])
def test_a_class_that_came_into_use_or_went_out_of_it_is_used(kind: str, is_gone: bool) -> None:
    """What changed in it at the same time breaks those that used it, or will."""

    def using(uses: bool, *required: str) -> JSONObject:
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}
        operation: dict[str, Any] = {"responses": {"204": {}}}
        if uses and kind == "sent":
            operation["requestBody"] = {"content": content}
        elif uses:
            operation["responses"] = {"200": {"content": content}}
        fields: JSONObject = {"type": "object", "properties": {"a": {}}, "required": [*required]}
        return {"paths": {"/a": {"post": operation}}, "components": {"schemas": {"A": fields}}}

    before, after = (("a",), ()) if kind == "read" else ((), ("a",))
    found = wire_changes(using(is_gone, *before), using(not is_gone, *after))
    what = "may be missing now" if kind == "read" else "must be sent now"
    assert Change(Weight.BREAKING, "A.a", what) in found


def used(servers: str, *statuses: str, is_read: bool = True, needs: str = "") -> dict[str, Any]:
    """Return a document with these servers and answers.

    Its class is sent, and read if so, with the fields that it must have.
    """
    body: dict[str, Any] = {"content": {"application/json": {"schema": {"$ref": A}}}}
    operation: dict[str, Any] = {
        "requestBody": body,
        "responses": {**{one: {} for one in statuses}, "200": body if is_read else {}},
    }
    fields: dict[str, Any] = {"properties": {"x": {}}, "required": [*(needs or "x" * is_read)]}
    return {
        "servers": [{"url": one} for one in servers],
        "paths": {"/a": {"post": operation}},
        "components": {"schemas": {"A": fields}},
    }


USES: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "other servers first": (used("ab"), used("ba"), ["BREAKING servers: were a, b, are b, a"]),
    "a server where none was": (used(""), used("a"), ["BREAKING servers: were none, are a"]),
    "a server without an address": (
        used("a"),
        {**used(""), "servers": [{"description": "Somewhere."}]},
        ["BREAKING servers: were a, are none"],
    ),
    "no server any more": (
        used("ab"),
        used(""),
        ["OTHER servers: were a, b; the document names none any more"],
    ),
    "a class that is sent, and is read now": (
        used("", is_read=False, needs="x"),
        used("", needs="y"),
        [
            "BREAKING A.x: may be missing now",
            "BREAKING POST /a 200: application/json is new",
        ],
    ),
    "answers that are gone": (
        used("", "201", "302", "404"),
        used(""),
        [
            "BREAKING POST /a 201: is not an answer any more",
            "OTHER POST /a 302: is not named any more",
            "OTHER POST /a 404: is not named any more",
        ],
    ),
    "a class that is sent, and was read": (
        used(""),
        used("", is_read=False),
        [
            "BREAKING A.x: may be missing now",
            "BREAKING POST /a 200: application/json is gone",
        ],
    ),
}


@pytest.mark.parametrize("name", USES)
def test_what_was_in_use_before_counts(name: str) -> None:
    before, after, expected = USES[name]
    assert [f"{one.weight.name} {one}" for one in wire_changes(before, after)] == expected


def changed(edit: Edit) -> tuple[Change, ...]:
    """Return the changes on the wire after an edit of the document."""
    new = document()
    edit(new)
    return tuple(between(document(), new))


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_a_caller_is_told_as_breaking(name: str) -> None:
    edit, told = BREAKING[name]
    found = changed(edit)
    assert any(told in str(change) and change.weight is Weight.BREAKING for change in found), found


@pytest.mark.parametrize("name", HARMLESS)
def test_what_breaks_nobody_is_told_as_what_it_is(name: str) -> None:
    edit, told, weight = HARMLESS[name]
    found = changed(edit)
    assert any(told in str(change) and change.weight is weight for change in found), found
    assert all(change.weight is not Weight.BREAKING for change in found)


def test_names_order_and_spelling_of_a_document_are_no_change() -> None:
    new = document()
    get(new).update(operationId="fetch_all_of_them_get")
    schema(new, "Run")["title"] = "FullValidator"
    new["paths"] = dict(reversed(new["paths"].items()))
    assert between(document(), new) == []
