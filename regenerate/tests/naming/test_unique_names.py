"""Whatever a document holds, what it holds gets names that differ and that Python takes."""

import keyword
from collections import Counter

from hypothesis import example, given, settings, strategies as st

from ...document.json_tree import DocumentError, JSONObject, object_at
from ...naming.operation_names import NamingTable, OperationName, name_operations, parse_table
from ..edits import edits
from ..small_documents import THING, answering, corrected_with, json_answer, with_paths


def path_of(segments: list[str]) -> str:
    """Return the path of these segments."""
    return "/" + "/".join(segments)


SEGMENTS = st.sampled_from(
    ["a", "A", "a-b", "a_b", "a.b", "aB", "as", "as_", "class", "é", "1", "~", "{id}", "{ID}", "v1"]
    + ["s", ":x"]
)  # fmt: skip
PATHS = st.lists(SEGMENTS, max_size=4).map(path_of)
TITLES = st.lists(
    st.tuples(st.sampled_from(["get", "put", "post", "delete", "patch", "head"]), PATHS),
    min_size=1,
    max_size=12,
    unique=True,
)
TAGS = st.sampled_from(["Things", "things", "class", "é", "", "2"])
FIELDS = st.sampled_from(["a", "A", "a_b", "aB", "a-b", "response", "2", "_", "é", "thing", "type"])


def named(titles: list[tuple[str, str]], tag: str) -> dict[str, OperationName]:
    """Name the operations with these methods and paths."""
    paths: JSONObject = {}
    for number, (method, path) in enumerate(titles):
        item = object_at(paths, path)
        item[method] = {"operationId": f"op{number}", "tags": [tag], "responses": {}}
        paths[path] = item
    return name_operations(with_paths(paths), NamingTable())


@given(TITLES, TAGS)
@settings(derandomize=True)
@example([("get", "/a-b"), ("get", "/a_b"), ("get", "/aB")], "Things")
@example([("get", "/a/{b}"), ("get", "/as/{c}"), ("get", "/a-by-b")], "Things")
def test_no_two_operations_have_one_name(titles: list[tuple[str, str]], tag: str) -> None:
    names = named(titles, tag)
    assert len(names) == len(titles)
    assert [one for one, count in Counter(names.values()).items() if count > 1] == []
    for one in names.values():
        assert one.name.isidentifier(), one
        assert not keyword.iskeyword(one.name), one
    assert named(titles[::-1], tag) == names


@given(TITLES, TAGS, st.lists(st.integers(0, 11), min_size=1, max_size=6))
@settings(derandomize=True)
@example([("get", "/a"), ("get", "/b")], "things", [1])
def test_a_name_that_the_table_gives_away_is_given_once(
    titles: list[tuple[str, str]], tag: str, chosen: list[int]
) -> None:
    """The table gives operations the names that others of the document would have got."""
    derived = named(titles, tag)
    given_away = dict.fromkeys(titles[number % len(titles)] for number in chosen)
    others = [*derived.values()][1:] + [*derived.values()][:1]
    packages: JSONObject = {}
    for (method, path), name in zip(given_away, others, strict=False):
        package = object_at(packages, name.package)
        package[name.name] = f"{method.upper()} {path}"
        packages[name.package] = package
    try:
        table = parse_table({"operations": packages})
    except DocumentError:
        return
    paths: JSONObject = {}
    for number, (method, path) in enumerate(titles):
        item = object_at(paths, path)
        item[method] = {"operationId": f"op{number}", "tags": [tag], "responses": {}}
        paths[path] = item
    names = name_operations(with_paths(paths), table)
    assert [one for one, count in Counter(names.values()).items() if count > 1] == []
    assert {*table.operations.values()} <= {*names.values()}


def objects(fields: list[str], depth: int) -> JSONObject:
    """Return an object with these fields, each of which is such an object down to a depth."""
    inner = THING if depth == 0 else objects(fields[1:] or fields, depth - 1)
    properties: JSONObject = {name: {**inner, "title": f"{name}{depth}"} for name in fields}
    return {"type": "object", "properties": properties}


@given(st.lists(FIELDS, min_size=1, max_size=4, unique=True), st.integers(0, 2))
@settings(derandomize=True, max_examples=60)
@example(["a_b", "aB", "a-b"], 1)
def test_no_two_classes_have_one_name(fields: list[str], depth: int) -> None:
    schemas = object_at(
        object_at(
            corrected_with(answering(objects(fields, depth)), NamingTable()).document, "components"
        ),
        "schemas",
    )
    folded = Counter(name.lower() for name in schemas)
    assert [name for name, count in folded.items() if count > 1] == []
    assert schemas
    for name in schemas:
        assert name.isidentifier(), name
        assert not keyword.iskeyword(name), name


def answers() -> JSONObject:
    """Return a document whose operations answer with objects that differ."""
    paths: JSONObject = {}
    for path, field in (("/a", "x"), ("/a/{id}", "y"), ("/a-b", "z"), ("/b", "v")):
        inner: JSONObject = {"type": "object", "properties": {field: {"type": "string"}}}
        schema: JSONObject = {"type": "object", "properties": {field: inner, "same": inner}}
        operation: JSONObject = {"tags": ["t"], "responses": {"200": json_answer(schema)}}
        if "{" in path:
            here: JSONObject = {"name": "id", "in": "path", "required": True, "schema": {}}
            operation["parameters"] = [here]
        paths[path] = {"get": operation}
    return with_paths(paths)


def test_a_class_name_that_the_table_gives_away_is_given_once() -> None:
    """The table gives each class, inner ones too, the name that another class would have got."""
    derived = corrected_with(answers(), NamingTable()).names.schemas
    assert len(derived) == 12
    for name in derived:
        for other, place in derived.items():
            if place.startswith(f"{name}."):
                continue
            table = parse_table({"schemas": {name: [place]}})
            names = corrected_with(answers(), table).names
            assert names.schemas[name] == place, (name, other)
            assert names.conflicts == (), (name, other)
            folded = Counter(one.lower() for one in names.schemas)
            assert [one for one, count in folded.items() if count > 1] == []
            assert len(names.schemas) == len(derived), (name, other)


RICH: JSONObject = {
    "type": "object",
    "title": "A title",
    "description": "A text.",
    "required": ["a"],
    "minProperties": 1,
    "properties": {
        "a": {"type": "string", "enum": ["x", "y"], "description": "A text."},
        "b": {"type": "array", "items": {"type": "integer", "maximum": 3}, "minItems": 0},
        "c": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "integer"}]},
        "d": {"type": "object", "properties": {"e": {"type": "boolean"}}},
    },
    "additionalProperties": {"type": "string"},
}


def test_one_name_for_two_schemas_is_a_conflict_where_they_differ_in_anything() -> None:
    table = parse_table({"schemas": {"Shared": ["GET /a 200", "GET /b 200"]}})

    def conflicts(other: JSONObject) -> tuple[str, ...]:
        operations: JSONObject = {
            path: {"get": {"tags": ["t"], "responses": {"200": json_answer(schema)}}}
            for path, schema in (("/a", RICH), ("/b", other))
        }
        return corrected_with(with_paths(operations), table).names.conflicts

    assert conflicts(RICH) == ()
    alike = [name for name, other in edits(RICH) if conflicts(other) == ()]
    assert [name for name in alike if name.split()[0] not in TEXTS] == SAME_MEANING
    assert {name.split()[0] for name in alike} >= set(TEXTS)


TEXTS = ("title", "description", "properties/a/description")
SAME_MEANING = [
    "type is of another type",  # that is no class, so it takes no name
    "type may be null",
    "type is taken out",
    "properties/a/type is taken out",
    "properties/b/type is taken out",
    "properties/d/type is taken out",
]
"""Edits after which a schema still allows the same values."""
