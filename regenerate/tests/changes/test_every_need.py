"""Every word of the list of needs: how it is read, and what is told of a document without it."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ...changes.overlay_needs import Missing, Need, find_missing, read_needs
from ...document.json_tree import DocumentError
from ...document.security import KeyPlace

LIST = """\
features:
  - feature: Making things
    mend: [things.py, _flows/make.py]
    sends: {things.list_things: {limit: 50}}
    answers: {things.list_things: ThingPage, things.create_thing: Thing}
    operations: {things.list_things: [limit, q], things.create_thing: [], things.get_thing: []}
    slashes: [things.get_thing]
    schemas: {Thing: [id, took_ms, made_at], ThingPage: [items, next]}
    values: {Size: [large, small]}
  - feature: Counting them
    schemas: {ThingPage: [items]}
kinds:
  Thing: {id: string, took_ms: integer, made_at: string (date-time)}
units:
  Thing: {took_ms: milliseconds}
always_sent:
  Thing: [id]
security: {feature: The key, mend: [key.py], place: header, name: Authorization, prefix: Bearer}
"""
NEEDS = (
    Need(
        "Making things",
        {
            "things.list_things": ("limit", "q"),
            "things.create_thing": (),
            "things.get_thing": (),
        },
        {"Thing": ("id", "took_ms", "made_at"), "ThingPage": ("items", "next")},
        slashes=("things.get_thing",),
        mend=("overlay/runflow_client/things.py", "overlay/runflow_client/_flows/make.py"),
        sends={"things.list_things": {"limit": 50}},
        values={"Size": ("large", "small")},
        answers={"things.list_things": "ThingPage", "things.create_thing": "Thing"},
        kinds={
            "Thing": {"id": "string", "took_ms": "integer", "made_at": "string (date-time)"},
            "ThingPage": {},
        },
        units={"Thing": {"took_ms": "milliseconds", "made_at": "a date and time"}, "ThingPage": {}},
        always_sent={"Thing": ("id",)},
    ),
    Need(
        "Counting them",
        {},
        {"ThingPage": ("items",)},
        kinds={"ThingPage": {}},
        units={"ThingPage": {}},
    ),
    Need(
        "The key",
        {},
        {},
        mend=("overlay/runflow_client/key.py",),
        security=KeyPlace("header", "Authorization", "Bearer"),
    ),
)


def operation(name: str, answer: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    """Return an operation that answers 200 with a schema, and asks for the key."""
    schema = {"$ref": f"#/components/schemas/{answer}"}
    return {
        "operationId": name,
        "tags": ["things", "later"],
        "parameters": [*parameters],
        "responses": {
            "200": {"content": {"application/json": {"schema": schema}}},
            "404": {"content": {"application/json": {"schema": {"type": "string"}}}},
        },
        "security": [{"key": []}],
    }


DOCUMENT: dict[str, Any] = {
    "paths": {
        "/things": {
            "get": operation(
                "list_things",
                "ThingPage",
                {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 50}},
                {"name": "q", "in": "query", "schema": {"type": "string"}},
            ),
            "post": operation("create_thing", "Thing"),
        },
        "/things/{id}": {
            "get": operation(
                "get_thing",
                "Thing",
                {"name": "id", "in": "path", "required": True, "x-many-segments": True},
            ),
            "delete": operation("delete_thing", "Thing"),
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Thing": {
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "took_ms": {"type": "integer"},
                    "made_at": {"type": "string", "format": "date-time"},
                },
            },
            "ThingPage": {
                "properties": {"items": {"type": "array"}, "next": {"type": ["string", "null"]}}
            },
            "Size": {"enum": ["small", "large"]},
        },
    },
}


def test_every_word_of_the_list_is_read(tmp_path: Path) -> None:
    (tmp_path / "needs.yaml").write_text(LIST)
    assert read_needs(tmp_path / "needs.yaml") == NEEDS
    (tmp_path / "needs.yaml").write_text(LIST.replace("milliseconds", "moons"))
    with pytest.raises(DocumentError, match=r"^Making things: units\.py knows no unit moons$"):
        read_needs(tmp_path / "needs.yaml")


def test_nothing_is_missed_of_a_document_that_has_it_all() -> None:
    assert find_missing(DOCUMENT, NEEDS, DOCUMENT) == ()


Steps = tuple[str | int, ...]


def put(value: object, *steps: str | int) -> Callable[[dict[str, Any]], None]:
    """Return an edit that puts a value at a place of the document."""

    def edit(document: dict[str, Any]) -> None:
        found: Any = document
        for step in steps[:-1]:
            found = found[step]
        found[steps[-1]] = value

    return edit


def leave_out(*steps: str | int) -> Callable[[dict[str, Any]], None]:
    """Return an edit that leaves a place of the document out."""

    def edit(document: dict[str, Any]) -> None:
        found: Any = document
        for step in steps[:-1]:
            found = found[step]
        del found[steps[-1]]

    return edit


LISTING: Steps = ("paths", "/things", "get")
MAKING: Steps = ("paths", "/things", "post")
READING: Steps = ("paths", "/things/{id}", "get")
LIMIT: Steps = (*LISTING, "parameters", 0)
SCHEMAS: Steps = ("components", "schemas")
THING: Steps = (*SCHEMAS, "Thing", "properties")
PAGE: Steps = (*SCHEMAS, "ThingPage", "properties")
KEY: Steps = ("components", "securitySchemes", "key")
MADE, COUNTED, KEYED = "Making things", "Counting them", "The key"
BODY = {"content": {"text/plain": {"schema": {"type": "string"}}}}


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        (
            [put("other_things", *LISTING, "operationId")],
            [(MADE, "the operation things.list_things is not there")],
        ),
        (
            [put(["later", "things"], *READING, "tags")],
            [
                (
                    MADE,
                    "no path parameter of things.get_thing keeps slashes: "
                    "a model id with slashes is not sent",
                ),
                (MADE, "the operation things.get_thing is not there"),
            ],
        ),
        (
            [leave_out(*READING, "parameters", 0, "x-many-segments")],
            [
                (
                    MADE,
                    "no path parameter of things.get_thing keeps slashes: "
                    "a model id with slashes is not sent",
                )
            ],
        ),
        (
            [put("query", *LISTING, "parameters", 1, "name")],
            [(MADE, "the operation things.list_things does not take q")],
        ),
        (
            [
                put("team", *LISTING, "parameters", 1, "name"),
                put(True, *LISTING, "parameters", 1, "required"),
            ],
            [
                (MADE, "the operation things.list_things does not take q"),
                (MADE, "things.list_things must be given team, which the overlay does not give"),
            ],
        ),
        (
            [put(49, *LIMIT, "schema", "maximum")],
            [(MADE, "things.list_things is sent limit=50, and its maximum is 49")],
        ),
        (
            [put(50, *LIMIT, "schema", "exclusiveMaximum")],
            [(MADE, "things.list_things is sent limit=50, and its exclusiveMaximum is 50")],
        ),
        (
            [put(50.5, *LIMIT, "schema", "minimum")],
            [(MADE, "things.list_things is sent limit=50, and its minimum is 50.5")],
        ),
        (
            [put(50, *LIMIT, "schema", "exclusiveMinimum")],
            [(MADE, "things.list_things is sent limit=50, and its exclusiveMinimum is 50")],
        ),
        (
            [put({"type": ["string", "boolean", "null"]}, *LIMIT, "schema")],
            [(MADE, "things.list_things is sent limit=50, which must be string or boolean")],
        ),
        (
            [put({"200": BODY, "202": BODY}, *LISTING, "responses")],
            [(MADE, "things.list_things answers string, string and not ThingPage")],
        ),
        (
            [put({"404": BODY}, *MAKING, "responses")],
            [(MADE, "things.create_thing answers nothing and not Thing")],
        ),
        (
            [leave_out(*SCHEMAS, "Thing"), leave_out(*PAGE, "next")],
            [(MADE, "ThingPage has no field next"), (MADE, "the schema Thing is not there")],
        ),
        (
            [leave_out(*SCHEMAS, "ThingPage")],
            [
                (COUNTED, "the schema ThingPage is not there"),
                (MADE, "the schema ThingPage is not there"),
            ],
        ),
        (
            [leave_out(*THING, "id"), leave_out(*THING, "made_at")],
            [(MADE, "Thing has no field id"), (MADE, "Thing has no field made_at")],
        ),
        (
            [
                leave_out(*THING, "took_ms"),
                put({"type": "integer"}, *THING, "took_seconds"),
                put({"type": "boolean"}, *THING, "made_at"),
            ],
            [
                (
                    MADE,
                    "Thing has no field took_ms: took_seconds is there, "
                    "in seconds (its name says so), "
                    "and the overlay takes it for milliseconds",
                ),
                (MADE, "Thing.made_at is boolean, and the overlay reads string (date-time)"),
            ],
        ),
        (
            [put({"type": ["string", "integer", "null"]}, *THING, "took_ms")],
            [(MADE, "Thing.took_ms is integer or string, and the overlay reads integer")],
        ),
        (
            [put(["took_ms", "id", "made_at"], *SCHEMAS, "Thing", "required")],
            [
                (MADE, f"Thing.{name} must be sent, which the overlay does not always do")
                for name in ("made_at", "took_ms")
            ],
        ),
        (
            [put(["small", "huge", "a few"], *SCHEMAS, "Size", "enum")],
            [
                (MADE, "Size has no value large any more, on which the overlay acts"),
                *(
                    (
                        MADE,
                        f"Size has the value {name}, on which the overlay does not act: "
                        "say what it means",
                    )
                    for name in ("a few", "huge")
                ),
            ],
        ),
        ([leave_out(*SCHEMAS, "Size", "enum")], []),
        (
            [put({"type": "integer", "description": "In seconds."}, *THING, "took_ms")],
            [
                (
                    MADE,
                    "Thing.took_ms is in seconds, as its description says, "
                    "and the overlay takes it for milliseconds",
                )
            ],
        ),
        (
            [put({"type": "apiKey", "in": "header", "name": "X-Key"}, *KEY)],
            [
                (
                    KEYED,
                    "4 operations do not take the key as Bearer header Authorization: "
                    "GET /things, POST /things, GET /things/{id}",
                )
            ],
        ),
        (
            [
                leave_out("components", "securitySchemes"),
                *(
                    put([], "paths", path, method, "security")
                    for path in ("/things", "/things/{id}")
                    for method in ("get", "post" if path == "/things" else "delete")
                ),
            ],
            [(KEYED, "no operation asks for a key")],
        ),
    ],
)
def test_all_is_told_that_a_document_lacks(
    edits: list[Callable[[dict[str, Any]], None]], told: list[tuple[str, str]]
) -> None:
    document = copy.deepcopy(DOCUMENT)
    for edit in edits:
        edit(document)
    mend = {need.feature: need.mend for need in NEEDS}
    assert find_missing(document, NEEDS, DOCUMENT) == tuple(
        Missing(feature, what, mend[feature]) for feature, what in told
    )
