"""References: resolved wherever they lead, named where they lead inside, refused without end."""

import pytest

from ...document.json_tree import (
    DocumentError,
    JSONObject,
    object_at,
)
from ..small_documents import (
    THING,
    answering,
    corrected,
    json_answer,
    reference,
    with_operation,
)


def test_a_path_item_behind_a_reference_is_resolved() -> None:
    document = answering(THING)
    shared = object_at(object_at(document, "paths"), "/v1/things/{id}")
    object_at(document, "components")["pathItems"] = {"thing": shared}
    # What stands beside the reference holds, too.
    beside = object_at(shared, "get").pop("parameters")
    object_at(document, "paths")["/v1/things/{id}"] = {
        "$ref": "#/components/pathItems/thing",
        "parameters": beside,
    }
    assert corrected(document) == corrected(answering(THING))


def test_what_stands_beside_the_reference_of_a_path_wins() -> None:
    document = answering(THING)
    paths = object_at(document, "paths")
    other: JSONObject = {"get": {"summary": "Another.", "responses": {}}}
    object_at(document, "components")["pathItems"] = {"other": other}
    own = object_at(paths, "/v1/things/{id}")
    paths["/v1/things/{id}"] = {**own, "$ref": "#/components/pathItems/other"}
    assert corrected(document) == corrected(answering(THING))


@pytest.mark.parametrize(
    "way",
    [
        "components/schemas/Holder/$defs/Part",
        "components/schemas/Holder/properties/part/anyOf/0",
        "components/responses/Found/content/application~1json/schema",
        "components/schemas/Alias/items",
    ],
)
def test_a_reference_may_find_a_schema_inside_anything(way: str) -> None:
    part: JSONObject = {
        "type": "object",
        "properties": {"size": {"type": "integer", "nullable": True}},
    }
    holder: JSONObject = {
        "$defs": {"Part": part},
        "properties": {"part": {"anyOf": [part, {"type": "null"}]}},
    }
    alias: JSONObject = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Holder/$defs/Part"},
    }
    document = answering({"properties": {"one": {"$ref": f"#/{way}"}}}, Holder=holder, Alias=alias)
    object_at(document, "components")["responses"] = {"Found": json_answer(part)}
    assert corrected(document) == corrected(answering({"properties": {"one": part}}))


def test_what_refers_into_a_schema_and_what_stands_there_are_one() -> None:
    part: JSONObject = {"type": "object", "properties": {"size": {"type": "integer"}}}
    text: JSONObject = {"type": "string"}
    places: list[tuple[JSONObject, str]] = [(part, ""), ({"anyOf": [text, part]}, "/anyOf/1")]
    for first, way in places:
        answer: JSONObject = {
            "type": "object",
            "properties": {
                "first": first,
                "second": {"$ref": f"#/components/schemas/Thing/properties/first{way}"},
            },
        }
        found = object_at(
            object_at(corrected(answering(reference("Thing"), Thing=answer)), "components"),
            "schemas",
        )
        one = reference("GetThingResponseFirst")
        members = object_at(object_at(found, "GetThingResponse"), "properties")
        assert members["first"] == ({"anyOf": [text, one]} if way else one)
        assert members["second"] == one


def test_a_discriminator_may_choose_schemas_inside_another() -> None:
    variants: JSONObject = {
        name: {"type": "object", "properties": {name: {"type": "string"}}} for name in ("a", "b")
    }
    places: list[str] = [f"#/components/schemas/Holder/$defs/{name}" for name in variants]
    union: JSONObject = {
        "oneOf": [{"$ref": place} for place in places],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"first": places[0], "second": places[1]},
        },
    }
    found = object_at(
        object_at(
            corrected(answering({"properties": {"it": union}}, Holder={"$defs": variants})),
            "components",
        ),
        "schemas",
    )
    kinds = [
        object_at(object_at(found, f"GetThingResponseItVariant{number}"), "properties")["kind"]
        for number in (1, 2)
    ]
    assert kinds == [{"type": "string", "const": "first"}, {"type": "string", "const": "second"}]


def test_references_in_a_circle_are_refused() -> None:
    document = with_operation({"responses": {"200": {"$ref": "#/components/responses/a"}}})
    object_at(document, "components")["responses"] = {
        "a": {"$ref": "#/components/responses/b"},
        "b": {"$ref": "#/components/responses/a"},
    }
    with pytest.raises(DocumentError, match="in a circle"):
        corrected(document)


def test_aliases_inside_aliases_cannot_fill_the_memory() -> None:
    bomb: JSONObject = {
        f"a{level}": {
            "type": "array",
            "prefixItems": [reference(f"a{level + 1}"), reference(f"a{level + 1}")],
        }
        for level in range(30)
    }
    bomb["a30"] = {"type": "string"}
    with pytest.raises(DocumentError, match="holds more than"):
        corrected(answering(reference("a0"), **bomb))


def test_a_document_of_too_many_levels_is_refused() -> None:
    deep: JSONObject = {}
    for _ in range(100):
        deep = {"x": deep}
    with pytest.raises(DocumentError, match=r"^nested deeper than 100 levels$"):
        corrected({**answering(THING), "x-deep": deep})


def test_references_through_too_many_levels_are_refused() -> None:
    chain: JSONObject = {
        f"a{level}": {"type": "array", "items": reference(f"a{level + 1}")} for level in range(2000)
    }
    with pytest.raises(DocumentError, match="too many levels"):
        corrected(answering(reference("a0"), **chain, a2000={"type": "string"}))
