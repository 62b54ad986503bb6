"""Bytes, files and text in each place of an operation: what is sent as a file, and what as text."""

import json
from collections.abc import Iterator
from typing import Any, Final

from suites.snapshot import check_snapshot

from ...document.json_tree import JSONObject, JSONValue
from ...naming.operation_names import NamingTable
from ..every_word import SNAPSHOTS
from ..small_documents import corrected_with, reference, with_paths

TEXT: Final[JSONObject] = {"type": "string"}
BYTES: Final[JSONObject] = {**TEXT, "format": "binary"}
FILE: Final[JSONObject] = {**TEXT, "contentMediaType": "image/png"}
ONE, TWO, LOOP, CAT, DOG = map(reference, ("One", "Two", "Loop", "Cat", "Dog"))


def fields(**properties: JSONValue) -> JSONObject:
    return {"type": "object", "properties": properties}


def listed(items: JSONValue) -> JSONObject:
    return {"type": "array", "items": items}


COMPONENTS: Final[dict[str, JSONValue]] = {
    "One": fields(a=FILE, b=BYTES),
    "Two": ONE,
    "Three": fields(x=reference("Two")),
    "Old~1": fields(a=FILE),
    "Odd": fields(kind={"type": "integer"}, a=FILE),
    "Loop": fields(a=BYTES, next=LOOP),
    "Cat": fields(kind={"const": "cat"}, a=FILE),
    "Dog": fields(kind={"const": "dog"}, b=TEXT),
}
CHOICE: Final[JSONObject] = {
    "propertyName": "kind",
    "mapping": {"cat": "#/components/schemas/Cat", "dog": "Dog"},
}
BY_NAME: Final[JSONObject] = {"propertyName": "kind", "mapping": {"cat": "Cat"}}
SHAPES: Final[dict[str, JSONObject]] = {
    "bytes": BYTES,
    "file": FILE,
    "file in a field": fields(a=FILE, b=TEXT),
    "bytes in a field": fields(a=BYTES),
    "list of files": fields(a=listed(FILE)),
    "list of lists of files": fields(a=listed(listed(FILE))),
    "map of files": {"type": "object", "additionalProperties": FILE},
    "map of lists of files": {"type": "object", "additionalProperties": listed(FILE)},
    "file in an object in a field": fields(a=fields(b=FILE)),
    "file or null": fields(a={"anyOf": [FILE, {"type": "null"}]}),
    "file in a part": {"allOf": [ONE, fields(c=TEXT)]},
    "class": ONE,
    "class of another name": TWO,
    "class in a field": fields(a=ONE),
    "list of classes": fields(a=listed(TWO)),
    "class in itself": LOOP,
    "one of two classes": {"oneOf": [CAT, DOG], "discriminator": CHOICE},
    "one of two classes by name": {"oneOf": [CAT, DOG], "discriminator": BY_NAME},
    "one of two classes, undecided": {
        "oneOf": [reference("Odd"), DOG],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"odd": "#/components/schemas/Odd", "even": "Odd", "dog": "Dog"},
        },
    },
    "class with a class with files": reference("Three"),
    "class with a sign in its name": {"$ref": "#/components/schemas/Old~01"},
    "field of one of two classes": fields(a={"oneOf": [CAT, DOG], "discriminator": CHOICE}),
}
JSON, MULTIPART, ENCODED = (
    "application/json",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
)


def body(schema: JSONObject, *kinds: str) -> JSONObject:
    content: JSONObject = {kind: {"schema": schema} for kind in kinds}
    return {"content": content}


def places(schema: JSONObject) -> dict[str, JSONObject]:
    """Return an operation for each place of a schema."""
    told: JSONObject = {"post": {"requestBody": body(schema, JSON), "responses": {}}}
    here: JSONObject = {"name": "q", "in": "query", "schema": schema}
    kinds = ((JSON,), (MULTIPART,), (ENCODED,), (JSON, MULTIPART))
    own: JSONObject = {ENCODED: {"schema": schema}, MULTIPART: {"schema": fields(own=TEXT)}}
    return {
        "two unlike forms": {"requestBody": {"content": own}},
        **{f"body {' and '.join(one)}": {"requestBody": body(schema, *one)} for one in kinds},
        "answer": {"responses": {"200": body(schema, JSON)}},
        "parameter": {"parameters": [here]},
        "callback": {"callbacks": {"done": {"{$request.body#/url}": told}}},
    }


def uses() -> Iterator[str]:
    for shape, schema in SHAPES.items():
        yield f"== {shape}"
        said: dict[str, str] = {}
        for place, operation in places(schema).items():
            whole: JSONObject = {"responses": {}, **operation}
            corrected = corrected_with(
                with_paths({"/a": {"post": whole}}, **COMPONENTS), NamingTable()
            )
            document: Any = corrected.document
            found = document["paths"]["/a"]["post"]
            for word in ("operationId", "tags"):
                del found[word]
            schemas = document.get("components", {}).get("schemas", {})
            places_of = {
                name: where.removeprefix("/components/schemas/")
                for name, where in corrected.names.published.items()
                if where.startswith("/components")
            }
            line = json.dumps([found, schemas, places_of], sort_keys=True)
            line = line.replace("#/components/schemas/", "#").replace('"type": "string"', "TEXT")
            same = next((one for one, before in said.items() if before == line), None)
            said[place] = line
            yield f"{place}: {f'as {same}' if same else line}"


def test_bytes_are_sent_and_read_as_before() -> None:
    check_snapshot(SNAPSHOTS / "bytes.txt", "\n".join(uses()) + "\n")
