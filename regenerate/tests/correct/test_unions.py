"""allOf is added up, and discriminators become constants that the generator understands."""

import pytest

from ...correct.all_of import MAX_MERGE_DEPTH
from ...correct.corrected import correct
from ...document.json_tree import DocumentError, JSONObject, JSONValue, object_at, strings_at
from ...lint.linter import lint
from ...naming.operation_names import NamingTable
from ..small_documents import answering, reference

TEXT: JSONObject = {"type": "string"}
NULL: JSONObject = {"type": "null"}

EITHER: JSONObject = {"anyOf": [TEXT, {"type": "integer"}]}


def or_null(schema: JSONObject) -> JSONObject:
    """Return the schema, null allowed besides."""
    return {"anyOf": [schema, NULL]}


def schemas_of(schema: JSONValue, **components: JSONValue) -> JSONObject:
    """Return the component schemas of the corrected document that answers with the schema."""
    document = correct(answering(schema, **components), None, NamingTable()).document
    return object_at(object_at(document, "components"), "schemas")


def answer_of(schema: JSONValue, **components: JSONValue) -> JSONObject:
    """Return the class that the operation answers with."""
    return object_at(schemas_of(schema, **components), "GetThingResponse")


def test_objects_are_added_up_through_references() -> None:
    base: JSONObject = {
        "type": "object",
        "properties": {"id": TEXT, "size": {"type": "number", "minimum": 0}},
        "required": ["id"],
        "description": "Base.",
    }
    middle: JSONObject = {"allOf": [reference("Base"), {"properties": {"name": TEXT}}]}
    whole: JSONObject = {
        "allOf": [
            reference("Middle"),
            {"properties": {"size": {"type": "integer", "minimum": 2}}, "required": ["name"]},
        ],
        "description": "Whole.",
    }
    assert answer_of(reference("Whole"), Base=base, Middle=middle, Whole=whole) == {
        "type": "object",
        "description": "Whole.",
        "properties": {"id": TEXT, "name": TEXT, "size": {"type": "integer", "minimum": 2}},
        "required": ["id", "name"],
    }


SUMS: list[tuple[list[JSONValue], JSONObject]] = [
    ([TEXT, {"maxLength": 5}, {"maxLength": 3}], {"type": "string", "maxLength": 3}),
    ([{"const": "a"}, {"enum": ["a", "b"]}], {"type": "string", "const": "a"}),
    (
        [{"type": "array", "items": {}}, {"type": "array", "items": TEXT}],
        {"type": "array", "items": TEXT},
    ),
    ([EITHER, {"description": "D"}], {**EITHER, "description": "D"}),
    ([or_null(TEXT), or_null({**TEXT, "maxLength": 3})], or_null({**TEXT, "maxLength": 3})),
    ([or_null(TEXT), {**TEXT, "maxLength": 3}], {**TEXT, "maxLength": 3}),
    ([or_null(TEXT), or_null(TEXT), TEXT], TEXT),
    (
        [{**or_null(TEXT), "description": "C"}, {**or_null(TEXT), "description": "D"}],
        {**or_null(TEXT), "description": "D"},
    ),
]


@pytest.mark.parametrize(("parts", "total"), SUMS)
def test_values_are_added_up(parts: list[JSONValue], total: JSONObject) -> None:
    document = correct(
        answering({"properties": {"it": {"allOf": parts}}}), None, NamingTable()
    ).document
    assert lint(document) == []
    schemas = object_at(object_at(document, "components"), "schemas")
    assert object_at(object_at(schemas, "GetThingResponse"), "properties") == {"it": total}


def test_enums_are_added_up_to_what_they_share() -> None:
    found = schemas_of(
        {"allOf": [{"enum": ["a", "b", "c"]}, {"type": "string"}, {"enum": ["d", "c", "b"]}]}
    )
    assert found == {"GetThingResponse": {"type": "string", "enum": ["b", "c"]}}


def test_something_and_one_of_several_is_one_of_several() -> None:
    both: JSONObject = {
        "allOf": [
            {"properties": {"id": TEXT}, "required": ["id"]},
            {"oneOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}]},
        ]
    }
    found = schemas_of(both)
    assert object_at(object_at(found, "GetThingResponseVariant1"), "properties") == {
        "id": TEXT,
        "a": TEXT,
    }
    assert object_at(object_at(found, "GetThingResponseVariant2"), "properties") == {
        "id": TEXT,
        "b": TEXT,
    }


def test_properties_beside_a_union_belong_to_each_variant() -> None:
    found = schemas_of(
        {
            "type": "object",
            "properties": {"id": TEXT},
            "required": ["id"],
            "oneOf": [{"properties": {"a": TEXT}}, reference("B")],
        },
        B={"type": "object", "properties": {"b": TEXT}},
    )
    assert found == {
        f"GetThingResponseVariant{number}": {
            "type": "object",
            "properties": {"id": TEXT, name: TEXT},
            "required": ["id"],
        }
        for number, name in ((1, "a"), (2, "b"))
    }


@pytest.mark.parametrize(
    "parts",
    [
        [TEXT, {"type": "integer"}],
        [{"enum": ["a"]}, {"enum": ["b"]}],
        [{"properties": {"a": TEXT}}, {"properties": {"a": {"type": "integer"}}}],
        [{"const": "c"}, {"enum": ["a", "b"]}],
        [reference("Self"), {"properties": {"a": TEXT}}],
    ],
)
def test_parts_that_contradict_each_other_are_found(parts: list[JSONValue]) -> None:
    document = correct(
        answering(reference("Self"), Self={"allOf": parts}), None, NamingTable()
    ).document
    assert "all-of" in {finding.rule for finding in lint(document)}


def test_many_contradictions_hinder_no_other_parts() -> None:
    contradicting: JSONObject = {"allOf": [TEXT, {"type": "integer"}]}
    fields: JSONObject = {f"a{number}": contradicting for number in range(MAX_MERGE_DEPTH + 2)}
    sound: JSONObject = {"allOf": [TEXT, {"maxLength": 1}]}
    found = answer_of({"type": "object", "properties": {**fields, "b": sound}})
    assert object_at(found, "properties")["b"] == {**TEXT, "maxLength": 1}


def test_parts_of_parts_cannot_take_for_ever() -> None:
    bomb: JSONObject = {
        f"{side}{level}": {
            "type": "object",
            "properties": {
                "p": {"allOf": [reference(f"a{level + 1}"), reference(f"b{level + 1}")]},
                "q": {"allOf": [reference(f"a{level + 1}"), reference(f"b{level + 1}")]},
            },
            "description": side,
        }
        for side in "ab"
        for level in range(25)
    }
    with pytest.raises(DocumentError, match="more than"):
        schemas_of(
            {"allOf": [reference("a0"), reference("b0")]},
            **bomb,
            a25={"maxLength": 1},
            b25={"maxLength": 2},
        )


CAT: JSONObject = {
    "type": "object",
    "properties": {"kind": {"type": "string", "description": "K."}, "meow": TEXT},
}
DOG: JSONObject = {"type": "object", "properties": {"bark": TEXT}}


def pets(discriminator: JSONObject, *, null: bool = False) -> JSONObject:
    """Return a union of Cat and Dog."""
    variants: list[JSONValue] = [reference("Cat"), reference("Dog"), *([NULL] if null else [])]
    return {
        "properties": {
            "pet": {"oneOf": variants, "discriminator": {"propertyName": "kind", **discriminator}}
        }
    }


@pytest.mark.parametrize(
    ("mapping", "cat", "dog"),
    [
        ({}, "Cat", "Dog"),
        (
            {"mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}},
            "cat",
            "dog",
        ),
        ({"mapping": {"cat": "Cat", "dog": "Dog"}}, "cat", "dog"),
    ],
)
def test_the_value_becomes_a_constant_of_its_variant(
    mapping: JSONObject, cat: str, dog: str
) -> None:
    found = schemas_of(pets(mapping, null=True), Cat=CAT, Dog=DOG)
    assert object_at(found, "GetThingResponse")["properties"] == {
        "pet": {
            "anyOf": [
                reference("GetThingResponsePetVariant1"),
                reference("GetThingResponsePetVariant2"),
                reference("JsonObject"),
                NULL,
            ]
        }
    }
    assert object_at(found, "GetThingResponsePetVariant1") == {
        "type": "object",
        "properties": {"kind": {"type": "string", "const": cat, "description": "K."}, "meow": TEXT},
        "required": ["kind"],
    }
    assert object_at(object_at(found, "GetThingResponsePetVariant2"), "properties")["kind"] == {
        "type": "string",
        "const": dog,
    }


def test_a_variant_with_several_values_gets_an_enum() -> None:
    mapping: JSONObject = {"mapping": {"cat": "Cat", "tiger": "Cat", "dog": "Dog"}}
    found = schemas_of(pets(mapping), Cat=CAT, Dog=DOG)
    assert object_at(found, "GetThingResponsePetVariant1Kind") == {
        "type": "string",
        "enum": ["cat", "tiger"],
        "description": "K.",
    }


@pytest.mark.parametrize(
    "mapping",
    [
        {"app__models__Cat-Input__1": "Cat", "app__models__Dog-Input__1": "Dog"},
        {"cat": "Cat", "app__models__Dog": "Dog"},
        {"CAT": "#/components/schemas/Cat"},
    ],
)
def test_a_constant_counts_more_than_a_mapping_that_names_another(mapping: JSONObject) -> None:
    cat: JSONObject = {"type": "object", "properties": {"kind": {"const": "cat"}}}
    dog: JSONObject = {"type": "object", "properties": {"kind": {"const": "dog"}}}
    assert kinds_of(pets({"mapping": mapping}), Cat=cat, Dog=dog) == ["cat", "dog"]


def test_constants_of_the_document_are_kept() -> None:
    cat: JSONObject = {"type": "object", "properties": {"kind": {"const": "chat"}}}
    dog: JSONObject = {"type": "object", "properties": {"kind": {"enum": ["chien"]}}}
    found = schemas_of(pets({}), Cat=cat, Dog=dog)
    assert object_at(object_at(found, "GetThingResponsePetVariant1"), "properties")["kind"] == {
        "type": "string",
        "const": "chat",
    }
    assert object_at(object_at(found, "GetThingResponsePetVariant2"), "properties")["kind"] == {
        "type": "string",
        "const": "chien",
    }


@pytest.mark.parametrize(
    ("written", "may_be_left_out"),
    [
        ({"const": "cat", "default": "cat"}, True),
        ({"type": "string", "const": "cat", "default": "cat", "description": "D."}, True),
        ({"enum": ["cat"], "default": "cat"}, True),
        ({"type": "string", "default": "cat"}, True),
        ({"const": "cat"}, False),
        ({"enum": ["cat"]}, False),
    ],
)
def test_a_constant_that_is_the_default_may_be_left_out(
    written: JSONObject, may_be_left_out: bool
) -> None:
    mapping: JSONObject = {"mapping": {"cat": "Cat", "dog": "Dog"}}
    cat: JSONObject = {"type": "object", "properties": {"kind": written}}
    found = schemas_of(pets(mapping), Cat=cat, Dog=DOG)
    variant = object_at(found, "GetThingResponsePetVariant1")
    kind = object_at(object_at(variant, "properties"), "kind")
    assert kind["const"] == "cat"
    assert kind.get("default") == ("cat" if may_be_left_out else None)
    assert ("kind" in strings_at(variant, "required")) != may_be_left_out


def test_an_enum_that_the_variants_share_is_divided() -> None:
    kinds: JSONObject = {"type": "string", "enum": ["cat", "dog"]}
    mapping: JSONObject = {"mapping": {"cat": "Cat", "dog": "Dog"}}
    variant: JSONObject = {"type": "object", "properties": {"kind": reference("Kinds")}}
    found = schemas_of(pets(mapping), Cat=variant, Dog={**variant}, Kinds=kinds)
    assert object_at(object_at(found, "GetThingResponsePetVariant1"), "properties")["kind"] == {
        "type": "string",
        "const": "cat",
    }


def test_a_discriminator_in_a_base_that_others_extend_chooses_nothing() -> None:
    base: JSONObject = {**CAT, "discriminator": {"propertyName": "kind"}}
    assert answer_of(reference("Base"), Base=base) == CAT


def test_a_discriminator_that_cannot_be_decided_is_found() -> None:
    number: JSONObject = {"type": "object", "properties": {"kind": {"type": "integer"}}}
    document = correct(answering(pets({}), Cat=CAT, Dog=number), None, NamingTable()).document
    assert "discriminator" in {finding.rule for finding in lint(document)}


def kinds_of(schema: JSONObject, **components: JSONValue) -> list[JSONValue]:
    """Return what the property `kind` allows in each variant; no discriminator is left open."""
    document = correct(answering(schema, **components), None, NamingTable()).document
    assert "discriminator" not in {finding.rule for finding in lint(document)}
    found = object_at(object_at(document, "components"), "schemas")
    allowed = [
        object_at(object_at(object_at(found, name), "properties"), "kind")
        for name in sorted(found)
        if "kind" in object_at(object_at(found, name), "properties")
    ]
    named = [found.get(str(kind.get("$ref")).rpartition("/")[2], kind) for kind in allowed]
    return [kind.get("const", kind.get("enum")) for kind in named if isinstance(kind, dict)]


def with_kind(kind: JSONObject) -> JSONObject:
    """Return a variant whose property `kind` has this schema."""
    return {"type": "object", "properties": {"kind": kind}}


def chosen_by_kind(*variants: JSONValue) -> JSONObject:
    """Return a union that `kind` decides, without a mapping."""
    return {"oneOf": [*variants], "discriminator": {"propertyName": "kind"}}


def test_variants_written_in_the_union_itself_have_their_constants() -> None:
    union = chosen_by_kind(
        with_kind({"type": "string", "const": "cat"}),
        with_kind({"type": "string", "enum": ["dog"]}),
    )
    assert kinds_of({"type": "object", "properties": {"pet": union}}) == ["cat", "dog"]


def test_a_variant_may_be_chosen_by_several_values() -> None:
    both: JSONObject = {"type": "string", "enum": ["cat", "cat_2026"]}
    found = kinds_of(pets({}), Cat=with_kind(both), Dog=with_kind({"const": "dog"}))
    assert found == [["cat", "cat_2026"], "dog"]


def test_a_constant_may_be_null_in_the_document() -> None:
    maybe: JSONObject = {"anyOf": [{"type": "string", "enum": ["cat"]}, NULL]}
    assert kinds_of(pets({}), Cat=with_kind(maybe), Dog=with_kind({"const": "dog"})) == [
        "cat",
        "dog",
    ]


def test_a_union_in_a_union_gives_its_variants() -> None:
    inner = chosen_by_kind(reference("Bird"), reference("Cat"))
    outer: JSONObject = {
        "type": "object",
        "properties": {"pet": chosen_by_kind(reference("Inner"), reference("Dog"))},
    }
    parts = {name: with_kind({"const": name.lower()}) for name in ("Bird", "Cat", "Dog")}
    document = correct(answering(outer, Inner=inner, **parts), None, NamingTable()).document
    assert "discriminator" not in {finding.rule for finding in lint(document)}
    found = object_at(object_at(document, "components"), "schemas")
    pet = object_at(object_at(object_at(found, "GetThingResponse"), "properties"), "pet")
    variants = pet["anyOf"]
    assert isinstance(variants, list)
    assert len(variants) == 4  # three variants, and an object for what is new


def test_values_that_choose_two_variants_are_found() -> None:
    both: JSONObject = {"type": "string", "enum": ["cat", "dog"]}
    components: dict[str, JSONValue] = {"Cat": with_kind(both), "Dog": with_kind(both)}
    union = pets({})
    document = correct(answering(union, **components), None, NamingTable()).document
    assert "discriminator" in {finding.rule for finding in lint(document)}
