"""Every kind of schema, in every place.

The types of the client hold for mypy and pyright, and its values go round.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ...generate.generator import generate
from ..trap_document import (
    DATE_TIME,
    NOTHING,
    TEXT,
    UUID,
    JSONObject,
    document,
    json_response,
    nullable,
    operation,
    parameter,
    reference,
)

PACKAGE = "types_api"
INTEGER: JSONObject = {"type": "integer"}
NUMBER: JSONObject = {"type": "number"}
BOOLEAN: JSONObject = {"type": "boolean"}
NULL: JSONObject = {"type": "null"}
DATE: JSONObject = {"type": "string", "format": "date"}
# Names that a client may use for something else.
NAMES = (
    "date",
    "datetime",
    "uuid",
    "list",
    "dict",
    "str",
    "type",
    "cls",
    "self",
    "source",
    "fields",
    "cast",
    "json",
)


def many(items: JSONObject) -> JSONObject:
    """Describe a list."""
    return {"type": "array", "items": items}


def any_of(*variants: JSONObject) -> JSONObject:
    """Describe a union."""
    return {"anyOf": [*variants]}


FIELDS: JSONObject = {
    "nested": many(many(many(INTEGER))),
    "ids": many(nullable(UUID)),
    "times": nullable(many(nullable(many(DATE_TIME)))),
    "texts": many(any_of(TEXT, INTEGER)),
    "mixed": many(any_of(reference("Word"), UUID, DATE_TIME, NULL)),
    "lists": any_of(many(reference("Cat")), many(reference("Dog")), reference("Cat"), TEXT),
    "one": {"const": 1},
    "yes": {"const": True},
    "half": {"const": 1.5},
    "letters": any_of({"const": "x"}, {"const": "y"}, INTEGER),
    "constants": many({"const": "z"}),
    "anything": {},
    "any_list": many({}),
    "any_or_null": nullable({}),
    "nothing": NULL,
    "nothings": many(NULL),
    "grade": any_of(reference("Grade"), TEXT),
    "enums": any_of(reference("Word"), reference("Other"), reference("Grade"), NUMBER),
    "type_list": {"type": ["string", "integer", "null"]},
    "pet": {"oneOf": [reference("Cat"), reference("Dog"), NULL, TEXT]},
    "pair": {"type": "array", "prefixItems": [TEXT, INTEGER]},
    "tree_or_free": any_of(reference("Tree"), reference("Free")),
    "tree_or_pet": any_of(reference("Tree"), reference("Cat"), reference("Dog")),
    "day": DATE,
    "by_name": {
        "type": "object",
        "additionalProperties": any_of(TEXT, reference("Cat"), many(INTEGER)),
    },
    "by_id": {"type": "object", "additionalProperties": nullable(many(UUID))},
    "inline": {
        "type": "object",
        "properties": {"deep": {"type": "object", "properties": {"day": DATE}}},
    },
    **dict.fromkeys(NAMES, DATE_TIME),
}
SCHEMAS: JSONObject = {
    "Word": {"type": "string", "enum": ["a", "b"]},
    "Other": {"type": "string", "enum": ["c"]},
    "Grade": {"type": "integer", "enum": [1, 2]},
    "Free": {"type": "object"},
    "Cat": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": "cat"}, "lives": INTEGER},
    },
    "Dog": {
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": {"type": "string", "enum": ["dog"]},
            "friends": many(any_of(reference("Cat"), reference("Dog"))),
        },
    },
    "Tree": {
        "type": "object",
        "properties": {
            "value": any_of(TEXT, INTEGER, NUMBER, BOOLEAN, NULL),
            "children": many(reference("Tree")),
            "by_name": {"type": "object", "additionalProperties": reference("Tree")},
        },
    },
    "All": {
        "type": "object",
        "required": ["whatever"],
        "properties": {
            "whatever": any_of(
                TEXT,
                INTEGER,
                NUMBER,
                BOOLEAN,
                NULL,
                many(TEXT),
                reference("Cat"),
                reference("Free"),
            ),
            **FIELDS,
        },
    },
}
BODIES: list[JSONObject] = [
    reference("All"),
    many(reference("All")),
    any_of(reference("All"), reference("Cat"), TEXT, NULL),
    {},
    TEXT,
    many({}),
    reference("Word"),
    UUID,
    many(many(DATE_TIME)),
    {"type": "object", "additionalProperties": INTEGER},
    nullable(INTEGER),
    {"const": "x"},
    NULL,
    {"oneOf": [reference("Cat"), reference("Dog")]},
]
# Arguments that are called like what a module uses.
USED_NAMES = (
    "client",
    "url",
    "response",
    "request",
    "encoding",
    "decoding",
    "errors",
    "httpx",
    "class",
    "cast",
)
ARGUMENTS: JSONObject = {
    **dict.fromkeys(USED_NAMES, TEXT),
    "OPERATION": TEXT,
    "word": reference("Word"),
    "union": any_of(UUID, INTEGER),
    "words": many(reference("Word")),
    "or_null": nullable(many(TEXT)),
    "constant": {"const": "v"},
    "tree": reference("Tree"),
}


def paths() -> JSONObject:
    """Describe operations with every kind of body and response, alone and beside others."""
    result: JSONObject = {}
    for number, schema in enumerate(BODIES):
        responses = {
            "200": json_response(schema),
            "201": NOTHING,
            "400": json_response(reference("Tree")),
        }
        result[f"/v1/{number}"] = {
            "post": operation(
                f"send{number}",
                {**responses, "default": json_response(TEXT)},
                parameters=[parameter("query", name, value) for name, value in ARGUMENTS.items()],
                content={"application/json": {"schema": schema}},
            ),
            "get": operation(f"get{number}", {"200": json_response(schema)}),
        }
    content: JSONObject = {
        "application/json": {"schema": many(INTEGER)},
        "application/merge-patch+json": {"schema": any_of(reference("Cat"), reference("Dog"))},
        "text/plain": {},
        "image/png": {},
    }
    result["/v1/bodies"] = {
        "post": operation(
            "send_many", {"200": NOTHING, "404": NOTHING}, content=content, body_required=False
        )
    }
    # Types that are the same although their texts are not.
    picture = {"application/json": {"schema": nullable(reference("Cat"))}, "image/png": {}}
    answers = {
        "200": json_response(TEXT),
        "404": json_response(reference("Word")),
        "409": json_response({"const": "x"}),
    }
    result["/v1/same"] = {
        "get": operation("get_same", answers),
        "put": operation(
            "put_same", {"200": {"description": "Several.", "content": picture}, "404": NOTHING}
        ),
    }
    result["/v1/never"] = {"get": operation("never", {"400": json_response(TEXT)})}
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, warm_types: None) -> Path:
    """Generate the client, through all gates."""
    made = tmp_path_factory.mktemp("types")
    generate(document(paths(), SCHEMAS), made / PACKAGE, PACKAGE, type_checkers=("mypy", "pyright"))
    return made


ID = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"
TIME = "2026-01-02T03:04:05+00:00"
CAT: JSONObject = {"kind": "cat", "lives": 9}
VALUES: JSONObject = {
    "nested": [[[1], []], []],
    "ids": [ID, None],
    "times": [[TIME], None],
    "texts": ["1", 1],
    "mixed": ["a", ID, TIME, None, "new"],
    "lists": [{"kind": "dog", "friends": [CAT, {"kind": "fish", "fins": 2}]}],
    "one": 1,
    "yes": True,
    "half": 1.5,
    "letters": "new",
    "constants": ["z", "new"],
    "anything": {"a": [None]},
    "any_list": [1, "a", None],
    "any_or_null": None,
    "nothing": None,
    "nothings": [None],
    "grade": "text",
    "enums": "new",
    "type_list": None,
    "pet": {"kind": "fish"},
    "pair": ["a", 1],
    "tree_or_free": {"children": [{"value": 1.5, "by_name": {"a": {"value": None}}}]},
    "tree_or_pet": CAT,
    "day": "2026-01-02",
    "by_name": {"a": "text", "b": CAT, "c": [1]},
    "by_id": {"a": None, "b": [ID]},
    "inline": {"deep": {"day": "2026-01-02"}},
    **dict.fromkeys(NAMES, TIME),
}


def test_every_kind_of_value_goes_round(folder: Path) -> None:
    assert VALUES.keys() == FIELDS.keys()
    code = (
        "import json, pickle, sys; from types_api import models;"
        "sources = json.load(sys.stdin); alls = [models.All.from_dict(source) for source in "
        "sources];"
        "assert [one.to_dict() for one in alls] == sources, alls;"
        "assert not any(one.additional_properties for one in alls);"
        "kinds = lambda values: [type(value).__name__ for value in values]; one = alls[0];"
        "assert kinds(one.mixed) == ['Word', 'UUID', 'datetime', 'NoneType', 'Word'];"
        "assert kinds([one.tree_or_pet, one.tree_or_free, one.pet]) == ['Cat', 'Tree', "
        "'UnknownVariant'];"
        "assert kinds(one.lists[0].friends) == ['Cat', 'UnknownVariant'] and kinds(one.texts) "
        "== ['str', 'int'];"
        "assert pickle.loads(pickle.dumps(alls)) == alls; json.dumps([one.to_dict() for one in "
        "alls])"
    )
    whatever = ["text", 1, 1.5, True, None, ["a"], CAT, {"kind": "fish"}]
    sources = [{"whatever": value, **VALUES} for value in whatever] + [{"whatever": None}]
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        input=json.dumps(sources).encode(),
        check=True,
    )
