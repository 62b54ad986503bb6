"""Lint rules about schemas.

They find what the generator would remove with everything that uses it, or misread.
"""

import json
from collections.abc import Iterator
from typing import Final

from ..correct.all_of import can_merge
from ..correct.normalise import NULL
from ..document.json_tree import (
    JSONObject,
    at_pointer,
    local_pointer,
    object_at,
    objects_at,
    pointer,
    strings_at,
    text_at,
    walk,
)
from ..document.schemas import COMBINING, as_schema, is_raw, resolved
from .findings import Complaint, Rule, component_schemas, schemas

_KNOWN_DIALECTS: Final = (
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://json-schema.org/draft/2020-12/schema",
)


def references(document: JSONObject) -> Iterator[Complaint]:
    """Report references that leave the document or lead nowhere.

    Some tools would fetch the former. The latter remove what uses them.
    """
    for place, value in walk(document):
        reference = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(reference, str) or place.endswith("/properties"):
            continue
        where = local_pointer(reference)
        if where is None:
            yield (
                place,
                f"the reference {reference!a} leaves the document",
                "Bundle it into one document first.",
            )
            continue
        try:
            at_pointer(document, where)
        except KeyError:
            yield (
                place,
                f"the reference {reference!a} leads nowhere",
                "Correct it, or ask for a sound document.",
            )


def dialects(document: JSONObject) -> Iterator[Complaint]:
    """Report another base or dialect of JSON Schema.

    References would mean something else, and tools might fetch it.
    """
    remedy = "Remove it with a correction."
    if document.get("jsonSchemaDialect", _KNOWN_DIALECTS[0]) not in _KNOWN_DIALECTS:
        yield "/jsonSchemaDialect", "the JSON Schema dialect is unknown", remedy
    for place, schema in schemas(document):
        for key in ("$id", "$dynamicRef", "$recursiveRef"):
            if key in schema:
                yield f"{place}/{key}", f"{key} changes what references mean", remedy
        if schema.get("$schema", _KNOWN_DIALECTS[1]) not in _KNOWN_DIALECTS:
            yield f"{place}/$schema", "the JSON Schema dialect is unknown", remedy


def head(document: JSONObject) -> Iterator[Complaint]:
    """Report a missing title or version in `info`, and an unsupported OpenAPI version.

    The generator refuses the whole document.
    """
    info = object_at(document, "info")
    for key in ("title", "version"):
        if not isinstance(info.get(key), str):
            yield f"/info/{key}", f"info.{key} is missing", "Add it with a correction."
    if not text_at(document, "openapi").startswith(("3.0.", "3.1.")):
        yield (
            "/openapi",
            f"OpenAPI {document.get('openapi')!a} is not supported",
            "Ask for a 3.0 or 3.1 document.",
        )


def enums(document: JSONObject) -> Iterator[Complaint]:
    """Report empty enums, mixed ones, and those of numbers or booleans.

    The generator refuses the document for the first, and removes what uses the others.
    """
    for place, schema in schemas(document):
        values = schema.get("enum")
        if not isinstance(values, list):
            continue
        kinds = {type(value) for value in values if value is not None}
        if not values:
            yield (
                f"{place}/enum",
                "the enum is empty",
                "Remove it, or add its values with a correction.",
            )
        elif len(kinds) > 1:
            yield f"{place}/enum", "the enum mixes types", "Correct it to values of one type."
        elif not kinds <= {str, int}:
            yield (
                f"{place}/enum",
                "an enum can hold strings or whole numbers only",
                "Remove the enum, keep the type.",
            )
        elif {"string": {str}, "integer": {int}}.get(text_at(schema, "type"), kinds) != kinds:
            yield (
                f"{place}/enum",
                f"the values are not of type {text_at(schema, 'type')}",
                "Correct the type.",
            )


def arrays(document: JSONObject) -> Iterator[Complaint]:
    """Report arrays without items: the generator removes them and the operations that use them."""
    for place, schema in schemas(document):
        if schema.get("type") == "array" and not {"items", "prefixItems"} & set(schema):
            yield place, "the array does not say what it holds", "Add items, {} for anything."


def recursive_arrays(document: JSONObject) -> Iterator[Complaint]:
    """Report schemas that reach themselves through arrays and unions alone, without an object."""
    for name in component_schemas(document):
        place = pointer("components", "schemas", name)
        if _reaches(document, place, [as_schema(component_schemas(document)[name])]):
            yield (
                place,
                f"{name} holds itself without an object in between",
                "End it in {} with a correction.",
            )


def _reaches(document: JSONObject, target: str, waiting: list[JSONObject]) -> bool:
    seen: set[str] = set()
    for schema in waiting:
        where = local_pointer(text_at(schema, "$ref"))
        if where == target:
            return True
        if where is not None:
            if where not in seen:
                seen.add(where)
                waiting.append(resolved(document, schema))
        elif not object_at(schema, "properties"):
            waiting += [
                object_at(schema, key) for key in ("items",) if isinstance(schema.get(key), dict)
            ]
            waiting += [
                part for key in ("prefixItems", *COMBINING) for part in objects_at(schema, key)
            ]
    return False


def all_of(document: JSONObject) -> Iterator[Complaint]:
    """Report parts of an allOf that cannot be merged: the generator removes the schema."""
    for place, schema in schemas(document):
        if isinstance(schema.get("allOf"), list) and not can_merge(document, schema):
            yield (
                f"{place}/allOf",
                "the parts cannot be merged into one schema",
                "Write the merged schema with a correction.",
            )


def discriminators(document: JSONObject) -> Iterator[Complaint]:
    """Report discriminators whose variants lack a constant.

    The generator ignores the discriminator and takes the first variant that parses.
    """
    for place, schema in schemas(document):
        name = text_at(object_at(schema, "discriminator"), "propertyName")
        variants = [*objects_at(schema, "oneOf"), *objects_at(schema, "anyOf")]
        undecided = objects_at(object_at(schema, "discriminator"), "x-undecided")
        if undecided:
            yield from _undecided(document, place, name, variants, undecided)
            continue
        for index, variant in enumerate(variants if name else ()):
            written = object_at(object_at(resolved(document, variant), "properties"), name)
            if variant != NULL and "const" not in written and not written.get("enum"):
                yield (
                    place,
                    f"variant {index + 1} has no constant {name}",
                    "Add const to it with a correction.",
                )


def _undecided(
    document: JSONObject,
    place: str,
    name: str,
    variants: list[JSONObject],
    undecided: list[JSONObject],
) -> Iterator[Complaint]:
    """Report the variants alone that the correction could not give a constant."""
    variants = [variant for variant in variants if variant != NULL]
    for one in undecided:
        index = one.get("variant")
        variant = variants[index] if isinstance(index, int) and index < len(variants) else {}
        number = index + 1 if isinstance(index, int) else 1
        wanted = strings_at(one, "wants")
        found = resolved(document, variant)
        written = resolved(document, object_at(found, "properties").get(name))
        where = local_pointer(text_at(variant, "$ref"))
        if wanted and (strings_at(written, "enum") or "const" in written) and where is not None:
            yield (
                where + pointer("properties", name),
                f"a union chooses this variant by {name}, which allows no {json.dumps(wanted[0])}",
                "Add the value to its enum, or correct the mapping of the discriminator.",
            )
        else:
            yield (
                place,
                f"variant {number} has no constant {name}",
                "Add const to it with a correction, or remove the discriminator.",
            )


def properties_beside_unions(document: JSONObject) -> Iterator[Complaint]:
    """Report properties beside anyOf or oneOf: the generator reads the union only."""
    for place, schema in schemas(document):
        if object_at(schema, "properties") and (schema.get("anyOf") or schema.get("oneOf")):
            yield (
                place,
                "the properties beside the union would be lost",
                "Put them into each variant.",
            )


def two_unions(document: JSONObject) -> Iterator[Complaint]:
    """Report anyOf beside oneOf, or a list of types beside either.

    The generator makes one union of both.
    """
    for place, schema in schemas(document):
        unions = [key for key in ("anyOf", "oneOf") if schema.get(key)]
        if len(unions) > 1 or (unions and isinstance(schema.get("type"), list)):
            yield (
                place,
                "two unions in one schema would become one",
                "Write their combination with a correction.",
            )


def null_references(document: JSONObject) -> Iterator[Complaint]:
    """Report `nullable` beside a reference: it is ignored, and null then breaks the answer."""
    for place, schema in schemas(document):
        if "$ref" in schema and schema.get("nullable") is True:
            yield (
                place,
                "nullable beside a reference is ignored",
                "Lint the corrected document: it is a union there.",
            )


def files(document: JSONObject) -> Iterator[Complaint]:
    """Report bytes as OpenAPI 3.1 writes them: the generator knows a file by its format only."""
    for place, schema in schemas(document):
        if is_raw(schema) and schema.get("format") != "binary":
            kind = text_at(schema, "contentMediaType")
            yield (
                place,
                f"{kind} would be read as text",
                "Lint the corrected document: it has format: binary there.",
            )


def impossible(document: JSONObject) -> Iterator[Complaint]:
    """Report schemas that forbid everything: the generator reads them as any value."""
    for place, value in walk(document):
        holds_schema = place.endswith(("/schema", "/items")) or place.rpartition("/")[0].endswith(
            "/properties"
        )
        if value is False and holds_schema:
            yield (
                place,
                "the schema forbids everything",
                "Remove the property, or say what it holds.",
            )


SCHEMA_RULES: Final[dict[str, Rule]] = {
    "reference": references,
    "dialect": dialects,
    "head": head,
    "enum": enums,
    "array": arrays,
    "recursive-array": recursive_arrays,
    "all-of": all_of,
    "discriminator": discriminators,
    "properties-beside-union": properties_beside_unions,
    "two-unions": two_unions,
    "null-reference": null_references,
    "file": files,
    "impossible": impossible,
}
