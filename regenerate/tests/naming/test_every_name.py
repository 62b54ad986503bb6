"""The names of many words and of every place of a class, held against those that were stored."""

from collections.abc import Iterator
from typing import Any, Final

from suites.snapshot import check_snapshot

from ...naming.class_schemas import is_class, is_free_form
from ...naming.operation_names import parse_table, pascal_case, singular, snake_case
from ..every_word import SNAPSHOTS
from ..small_documents import THING, corrected_with, json_answer, reference, with_paths

WORDS: Final = """
    runs run_logs batches addresses classes boxes wishes statuses
    campuses categories ties series status access analysis bus
    s news ss asset_folders Größe STRASSE Straße
    naïveCafé HTTPServer getURL2Path a.b-c ﬁle Ⅷ İstanbul 日本
    x-日本-y v2Runs __init__ 9lives ABC aBC a1B2
    """
SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "free": {"type": "object"},
    "free with a description": {"type": "object", "description": "Any.", "deprecated": True},
    "free with required": {"type": "object", "required": ["a"]},
    "free with bounds": {"type": "object", "minProperties": 1, "maxProperties": 2},
    "open": {"type": "object", "additionalProperties": True},
    "with fields": {"type": "object", "properties": {}},
    "fields alone": {"properties": {"a": {}}},
    "enum": {"enum": ["a"]},
    "no member": {"enum": []},
    "parts": {"allOf": []},
    "union": {"anyOf": [THING]},
    "union of an object": {"type": "object", "oneOf": [THING]},
    "union with fields": {"anyOf": [THING], "properties": {"a": {}}},
    "reference": {"$ref": "#/components/schemas/A", "type": "object"},
    "text": {"type": "string"},
    "nothing": {},
}


def words() -> Iterator[str]:
    """Yield what becomes of words and of schemas by themselves."""
    for word in (*WORDS.split(), "", "a b-c"):
        yield f"{word!r}: {singular(word)!r} {snake_case(word)!r} {pascal_case(word)!r}"
    for name, schema in SCHEMAS.items():
        yield f"{name}: free {is_free_form(schema)}, class {is_class(schema)}"


def test_words_are_written_as_before() -> None:
    check_snapshot(SNAPSHOTS / "words.txt", "\n".join(words()) + "\n")


def of_paths(paths: Any, **components: Any) -> dict[str, Any]:
    """Return a document."""
    return dict(with_paths(paths, **components))


def fields(**properties: Any) -> dict[str, Any]:
    """Return an object with these fields."""
    return {"type": "object", "properties": properties}


def listed(schema: Any, *more: Any) -> dict[str, Any]:
    """Return an array of a schema, or one with a schema for each place."""
    return {"type": "array", "prefixItems": [schema, *more]} if more else {"items": schema}


def query(name: str, schema: Any) -> dict[str, Any]:
    """Return a parameter."""
    return {"name": name, "in": "query", "schema": schema}


ORDER: Final = {"type": "string", "enum": ["up", "down"]}
OK: Final[dict[str, Any]] = {"description": "OK."}
CREATED: Final = {"description": "Made.", "content": {"text/plain": {"schema": ORDER}}}


def sent(schema: Any) -> dict[str, Any]:
    """Return a body."""
    return {"content": {"application/json": {"schema": schema}}}


def operation(*parameters: Any, body: Any = None, **answers: Any) -> dict[str, Any]:
    """Return an operation; the answers are named `s` and their status."""
    responses = {"204": OK, **{status[1:]: json_answer(one) for status, one in answers.items()}}
    taken = {} if body is None else {"requestBody": sent(body)}
    return {"parameters": [*parameters], "responses": responses, **taken}


DOCUMENTS: Final[dict[str, dict[str, Any]]] = {
    "a list of lists, places and unions": of_paths(
        {
            "/v1/a": {
                "get": operation(
                    s200=fields(
                        lists=listed(listed(THING)),
                        pair=listed(THING, ORDER),
                        half=listed({"type": "string"}, THING),
                        union={"anyOf": [THING, listed(THING), {"type": "null"}]},
                        maps={"type": "object", "additionalProperties": listed(THING)},
                        parts={"allOf": [THING, fields(more=ORDER)]},
                    )
                )
            }
        }
    ),
    "a schema that is sent and asked for is named by the body": of_paths(
        {"/v1/a": {"post": operation(query("order", reference("O")), body=reference("O"))}},
        O=ORDER,
    ),
    "parameters by number, with errors beside": of_paths(
        {
            f"/v1/{name}": {
                "get": operation(
                    *(query(f"q{number}", {**ORDER, "enum": [f"{number}"]}) for number in range(6)),
                    s404=reference("E"),
                    s500=listed(reference("F")),
                    sdefault=reference("E"),
                )
            }
            for name in ("a", "b")
        },
        E=fields(code=ORDER, errors=listed(THING)),
        F=THING,
    ),
    "an array that holds itself": of_paths(
        {"/v1/a": {"get": operation(s200=reference("Tree"))}},
        Tree={"anyOf": [listed(reference("Tree")), reference("Leaf")]},
        Leaf=THING,
    ),
    "a reference that leads nowhere, and one in a circle": of_paths(
        {"/v1/a": {"get": operation(s200=fields(gone=reference("Gone"), round=reference("R")))}},
        R=reference("S"),
        S=reference("R"),
    ),
    "a callback and a webhook with answers": {
        **of_paths(
            {
                "/v1/a": {
                    "post": {
                        **operation(),
                        "callbacks": {
                            "done": {
                                "{$request.body#/url}": {
                                    "post": operation(
                                        query("kind", ORDER), body=THING, s200=fields(said=ORDER)
                                    )
                                }
                            }
                        },
                    }
                }
            }
        ),
        "webhooks": {"run.done": {"post": operation(body=THING, s200=fields(told=ORDER))}},
    },
    "a union with a text before and between": of_paths(
        {
            "/v1/a": {
                "get": operation(
                    s200={
                        "anyOf": [{"type": "string"}, fields(a=ORDER), {"type": "integer"}, THING]
                    }
                )
            }
        }
    ),
    "a success beside another": of_paths(
        {
            "/v1/a": {
                "post": {
                    **operation(s200=fields(old=ORDER), s202=fields(later=ORDER)),
                }
            },
            "/v1/b": {"post": {**operation(), "responses": {"201": CREATED, "default": OK}}},
        }
    ),
}
TABLES: Final[dict[str, Any]] = {
    "no table": {},
    "a table": {
        "Thing": ["GET /v1/a 200", "POST /v1/a 201", "POST /v1/a body", "GET /v1/a 500[]"],
        "Order": ["* query order", "* query q5", "Thing.pair[]|2", "POST /v1/a callback body"],
        "Problem": ["* 4XX {code,errors[]}", "* default", "webhook run.done body"],
        "Part": ["Thing.lists[][]", "Thing.union|1", "Thing.maps{}[]", "Problem.errors[]"],
    },
}


def places() -> Iterator[str]:
    """Yield the names of each document, without a table and with one."""
    for title, document in DOCUMENTS.items():
        for table, schemas in TABLES.items():
            found = corrected_with(document, parse_table({"schemas": schemas})).names
            yield f"* {title}, {table}"
            yield from (f"    {name}: {place}" for name, place in found.schemas.items())
            yield from (f"    conflict: {one}" for one in found.conflicts)


def test_places_are_named_as_before() -> None:
    check_snapshot(SNAPSHOTS / "classes.txt", "\n".join(places()) + "\n")


def named(table: Any, first: Any, second: Any) -> dict[str, str]:
    """Return the names of two answers to which the table gives one name, by their places."""
    paths = {"/v1/a": {"get": operation(s200=first)}, "/v1/b": {"get": operation(s200=second)}}
    found = corrected_with(of_paths({**paths}), parse_table({"schemas": table})).names
    return dict(found.schemas) | {"": ", ".join(found.conflicts)}


def test_fields_count_whatever_they_are_called_and_texts_do_not() -> None:
    table = {"Thing": ["GET /v1/a 200", "GET /v1/b 200"]}
    for field in ("id", "description", "deprecated", "readOnly", "title", "type", "properties"):
        text, number = fields(**{field: {"type": "string"}}), fields(**{field: {"type": "number"}})
        assert named(table, text, {**text, "description": "Another."}).keys() == {"Thing", ""}
        assert named(table, text, number).keys() == {"Thing", "GetBResponse", ""}
        less = fields(other={"type": "string"})
        assert named(table, text, less).keys() == {"Thing", "GetBResponse", ""}


def test_any_object_that_does_not_fit_the_name_of_the_table_is_told() -> None:
    for places in (["GET /v1/a 200", "GET /v1/b 200"], ["GET /v1/a 200", "Thing.free"]):
        second = {"type": "object"} if places[1].startswith("GET") else {"type": "string"}
        assert named({"Thing": places}, fields(free={"type": "object"}), second) == {
            "JsonObject": places[1],
            "Thing": "GET /v1/a 200",
            "": f"{places[1]}: the table says Thing, but it is not like GET /v1/a 200",
        }


def test_of_two_paths_of_one_shape_the_first_has_the_name_of_the_table() -> None:
    table = parse_table({"operations": {"runs": {"fetch": "GET /v1/runs/{}"}}})
    paths = {f"/v1/runs/{{{name}}}": {"get": operation()} for name in ("b", "a")}
    found = corrected_with(of_paths(paths), table).names.operations
    assert {title: f"{one.package}.{one.name}" for title, one in found.items()} == {
        "GET /v1/runs/{a}": "runs.fetch",
        "GET /v1/runs/{b}": "default.get_run",
    }
