"""What becomes of each small edit of a document with what is rarely written, and of its names."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from suites.snapshot import check_snapshot

from ...correct.corrected import CorrectedDocument
from ...document.json_tree import DocumentError, JSONObject, JSONValue, object_at, strings_at, walk
from ...document.yaml_files import read_yaml
from ...naming.operation_names import NamingTable, parse_table
from ..edits import edits
from ..every_word import SNAPSHOTS, difference
from ..small_documents import corrected_with, reference, with_paths

FOLDER = Path(__file__).parents[1] / "documents"
MAX_LINES = 8
"""Lines of one edit: the first ones show what it is about."""


@cache
def rare() -> JSONObject:
    """Return the document. It is not to be changed."""
    return read_yaml(FOLDER / "rare_words.yaml")


def names(found: CorrectedDocument) -> Iterator[str]:
    """Yield the names of operations and schemas, and what did not fit."""
    yield from (
        f"{title}: {one.package}.{one.name}" for title, one in found.names.operations.items()
    )
    for name, place in found.names.schemas.items():
        yield f"{name}: {place}, {found.names.published.get(name)}"
    yield from (f"conflict: {one}" for one in found.names.conflicts)
    yield from (f"unmatched: {one}" for one in found.unmatched_names)


def edited() -> Iterator[str]:
    base = corrected_with(rare(), NamingTable())
    for place, value in walk(base.document):
        if place.count("/") == 3:
            yield f"{place} {json.dumps(value)}"
    before = [*names(base)]
    yield from before
    silent: list[str] = []
    for name, document in edits(rare()):
        if name.endswith(("ends otherwise", "has one more")):
            continue
        try:
            found = corrected_with(document, NamingTable())
        except DocumentError as error:
            yield from (f"* {name}", f"    refused: {error}")
            continue
        after = [*names(found)]
        lines = [one for one in after if one not in before]
        lines += [f"gone: {one}" for one in before if one not in after]
        lines += difference(base.document, found.document)
        if lines:
            yield f"* {name}"
            yield from (f"    {one}" for one in lines[:MAX_LINES])
            yield from [f"    and {len(lines) - MAX_LINES} more"] * (len(lines) > MAX_LINES)
        else:
            silent.append(name)
    yield f"Nothing by {'; '.join(silent)}"


def test_each_edit_is_corrected_as_before() -> None:
    check_snapshot(SNAPSHOTS / "rare_words.txt", "\n".join(edited()) + "\n")


TABLE: JSONObject = {
    "operations": {
        "files": {"store": "PUT /v1/files/{x}/{y}", "get_shared": "GET /v1/other"},
        "shared": {"pets": "GET /v1/shared"},
    },
    "schemas": {
        "Pet": ["GET /v1/shared 200[]"],
        "Animal": ["PUT /v1/files/{x}/{y} callback body"],
        "Cat": ["webhook pet.born body", "GET /v1/shared 200[]|1"],
        "Problem": ["* 4XX {data,made,secret}", "* default"],
        "Upload": ["PUT /v1/files/{a}/{b} body"],
        "Inner": ["Upload.inner"],
        "Never": ["Upload.none", "GET /v1/none 200"],
    },
}


def named() -> Iterator[str]:
    """Yield what each edit of a naming table changes of the names, or why it is refused."""
    before = [*names(corrected_with(rare(), parse_table(TABLE)))]
    yield from before
    for name, table in edits(TABLE):
        yield f"* {name}"
        try:
            after = [*names(corrected_with(rare(), parse_table(table)))]
        except DocumentError as error:
            yield f"    refused: {error}"
            continue
        yield from (f"    {one}" for one in after if one not in before)
        yield from (f"    gone: {one}" for one in before if one not in after)


def test_a_table_names_what_it_named_before() -> None:
    check_snapshot(SNAPSHOTS / "named.txt", "\n".join(named()) + "\n")


def marked(word: str) -> dict[str, JSONObject]:
    """Return the ways in which a field may say that it travels one way only, and may not."""
    parts: list[JSONValue] = [reference("Marked"), {"type": "string", "maxLength": 3}]
    return {
        "itself": {"type": "string", word: True},
        "false": {"type": "string", word: False},
        "a text": {"type": "string", word: "true"},
        "beside a reference": {**reference("Plain"), word: True},
        "behind a reference": reference("Marked"),
        "behind a part": {"allOf": [reference("Marked")]},
        "beside a part": {"allOf": [reference("Plain")], word: True},
        "in the first of two parts": {"allOf": parts},
        "in the last of two parts": {"allOf": parts[::-1]},
        "behind nine references": reference("R1"),
        "behind ten references": reference("R0"),
        "in a union": {"anyOf": [reference("Marked"), {"type": "null"}]},
        "behind nothing": reference("None"),
        "in a circle": reference("Circle"),
    }


def directions() -> Iterator[str]:
    """Yield what is required of an object by the way that a field is marked, and by its use."""
    for word in ("readOnly", "writeOnly"):
        fields = marked(word)
        thing: JSONObject = {"type": "object", "properties": {**fields}, "required": [*fields]}
        schemas: dict[str, JSONValue] = {
            "Thing": thing,
            "Plain": {"type": "string"},
            "Marked": {"type": "string", word: True},
            "Circle": reference("Circle"),
            **{f"R{number}": reference(f"R{number + 1}") for number in range(9)},
            "R9": {"type": "string", word: True},
        }
        body: JSONObject = {"content": {"application/json": {"schema": reference("Thing")}}}
        told: JSONObject = {"post": {"requestBody": body, "responses": {"200": {}}}}
        uses: dict[str, JSONObject] = {
            "sent": {"requestBody": body},
            "read": {"responses": {"200": body}},
            "sent and read": {"requestBody": body, "responses": {"200": body}},
            "told": {"callbacks": {"done": {"{$request.body#/a}": told}}},
            "told and sent": {
                "requestBody": body,
                "callbacks": {"done": {"{$request.body#/a}": told}},
            },
        }
        for use, operation in uses.items():
            whole: JSONObject = {"responses": {"204": {}}, **operation}
            document = with_paths({"/v1/things": {"post": whole}}, **schemas)
            found = corrected_with(document, NamingTable()).document
            for name, schema in object_at(object_at(found, "components"), "schemas").items():
                left = strings_at(schema, "required") if isinstance(schema, dict) else []
                gone = [one for one in fields if one not in left]
                yield f"{word}, {use}, {name}: not required are {', '.join(gone) or 'none'}"


def test_what_travels_one_way_is_required_as_before() -> None:
    check_snapshot(SNAPSHOTS / "directions.txt", "\n".join(directions()) + "\n")
