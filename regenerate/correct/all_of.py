"""Merge `allOf`: parts that must all hold become one schema.

The generator removes a schema, and everything that uses it, when it cannot merge the parts itself:
scalars, an enum with a constant, parts inside parts, a union among them.
"""

from ..document.json_tree import (
    DocumentError,
    JSONObject,
    JSONValue,
    at_pointer,
    local_pointer,
    object_at,
    objects_at,
    strings_at,
    text_at,
)
from ..document.schemas import (
    ANNOTATIONS,
    NOT_READ,
    NOT_SENT,
    as_schema,
    map_schemas,
    map_subschemas,
)
from .normalise import NULL, normalise_schema

# Far above any real document: parts of parts, each with several of them, grow exponentially.
MAX_JOINS = 100_000
# Deeper than any real document: a union that holds itself through its parts has no end.
MAX_MERGE_DEPTH = 50

_LARGER = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_SMALLER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_ONE_IS_ENOUGH = ("pattern", "multipleOf", "contentMediaType", "contentEncoding", "uniqueItems")


def merge_all_of(document: JSONObject) -> None:
    """Merge the parts of every `allOf` of an expanded and normalised document, in place.

    Parts that contradict each other, or that hold themselves, stay as they are.

    Raises:
        DocumentError: the parts never end.
    """
    merger = _Merger(document)
    map_schemas(document, merger.visit)


def can_merge(document: JSONObject, schema: JSONObject) -> bool:
    """Return whether the parts of a schema's `allOf`, wherever they stand, can be merged."""
    try:
        _Merger(document).merge(schema)
    except _Contradiction:
        return False
    return True


class _Contradiction(Exception):
    """The parts cannot be merged."""


class _Merger:
    def __init__(self, document: JSONObject) -> None:
        self._document = document
        self._joined = 0
        self._depth = 0

    def visit(self, schema: JSONObject) -> JSONObject:
        schema = map_subschemas(schema, lambda _, inner: self.visit(inner))
        # Properties beside a union belong to each of its variants, as parts of an allOf would.
        if "properties" in schema and "anyOf" in schema and "allOf" not in schema:
            union: JSONObject = {
                key: schema[key] for key in ("anyOf", "discriminator") if key in schema
            }
            schema = {**{key: schema[key] for key in schema if key not in union}, "allOf": [union]}
        try:
            return self.merge(schema) if "allOf" in schema else schema
        except _Contradiction:
            return schema

    def merge(self, schema: JSONObject, inside: tuple[str, ...] = ()) -> JSONObject:
        outer = {key: value for key, value in schema.items() if key != "allOf"}
        merged: JSONObject = {}
        for part in [*objects_at(schema, "allOf"), outer]:
            merged = self._join(merged, self._flat(part, inside), inside)
        return normalise_schema(merged)

    def _flat(self, schema: JSONObject, inside: tuple[str, ...]) -> JSONObject:
        """Return the schema with a reference followed and its own `allOf` merged."""
        while "$ref" in schema:
            where = local_pointer(text_at(schema, "$ref"))
            if where is None or where in inside:
                raise _Contradiction
            inside = (*inside, where)
            try:
                schema = as_schema(at_pointer(self._document, where))
            except KeyError:
                raise _Contradiction from None
        return self.merge(schema, inside) if "allOf" in schema else schema

    def _join(self, one: JSONObject, other: JSONObject, inside: tuple[str, ...]) -> JSONObject:
        self._joined += 1
        if self._joined > MAX_JOINS:
            raise DocumentError(f"the document holds more than {MAX_JOINS} parts of allOf to merge")
        if self._depth > MAX_MERGE_DEPTH:
            raise _Contradiction
        self._depth += 1
        try:
            return self._sum_of_two(one, other, inside)
        finally:
            self._depth -= 1

    def _sum_of_two(
        self, one: JSONObject, other: JSONObject, inside: tuple[str, ...]
    ) -> JSONObject:
        if NULL in objects_at(one, "anyOf") and NULL in objects_at(other, "anyOf"):
            first, second = (self._without_null(part, inside) for part in (one, other))
            return _or_null(self._join(first, second, inside))
        for union, rest in ((one, other), (other, one)):
            if "anyOf" in union and any(key not in ANNOTATIONS for key in rest):
                return self._distribute(union, rest, inside)
        result = dict(one)
        for key, value in other.items():
            result[key] = value if key not in one else self._member(key, one[key], value, inside)
        if "const" in result and "enum" in result:
            values = result.pop("enum")
            if not isinstance(values, list) or result["const"] not in values:
                raise _Contradiction
        return result

    def _without_null(self, schema: JSONObject, inside: tuple[str, ...]) -> JSONObject:
        """Return what a nullable schema allows besides null."""
        solid = [variant for variant in objects_at(schema, "anyOf") if variant != NULL]
        outer = {key: value for key, value in schema.items() if key != "anyOf"}
        if len(solid) != 1:
            return {**outer, "anyOf": [*solid]}
        return self._join(self._flat(solid[0], inside), outer, inside)

    def _distribute(
        self, union: JSONObject, rest: JSONObject, inside: tuple[str, ...]
    ) -> JSONObject:
        """Merge a part into every variant of a union."""
        if "anyOf" in rest:
            raise _Contradiction
        outer = {
            key: value for key, value in union.items() if key not in ("anyOf", "discriminator")
        }
        rest = self._join(outer, rest, inside)
        variants = [variant for variant in objects_at(union, "anyOf") if variant != NULL]
        joined: list[JSONValue] = [
            self._join(rest, self._flat(variant, inside), inside) for variant in variants
        ]
        marks = {key: union[key] for key in ("discriminator",) if key in union}
        return {
            **{key: value for key, value in rest.items() if key in ANNOTATIONS},
            **marks,
            "anyOf": joined,
        }

    def _member(
        self, key: str, one: JSONValue, other: JSONValue, inside: tuple[str, ...]
    ) -> JSONValue:
        if one == other:
            return one
        if key in ANNOTATIONS:
            return other
        if key in _ONE_IS_ENOUGH:
            return one
        if key == "type" and (one, other) in (("integer", "number"), ("number", "integer")):
            return "integer"
        if (
            isinstance(one, (int, float))
            and isinstance(other, (int, float))
            and key in (*_LARGER, *_SMALLER)
        ):
            return max(one, other) if key in _LARGER else min(one, other)
        if isinstance(one, dict) and isinstance(other, dict):
            if key == "properties":
                return self._properties(one, other, inside)
            if key in ("items", "additionalProperties"):
                return self._both(one, other, inside)
        if key in ("required", NOT_SENT, NOT_READ):
            return [*sorted({*strings_at({key: one}, key), *strings_at({key: other}, key)})]
        if key == "enum" and isinstance(one, list) and isinstance(other, list):
            common = [value for value in one if value in other]
            if common:
                return common
        raise _Contradiction

    def _properties(
        self, one: JSONObject, other: JSONObject, inside: tuple[str, ...]
    ) -> JSONObject:
        result = dict(one)
        for name in other:
            result[name] = (
                self._both(object_at(one, name), object_at(other, name), inside)
                if name in one
                else other[name]
            )
        return result

    def _both(self, one: JSONObject, other: JSONObject, inside: tuple[str, ...]) -> JSONObject:
        if one == other or all(key in ANNOTATIONS for key in other):
            return one
        if all(key in ANNOTATIONS for key in one):
            return other
        return self._join(self._flat(one, inside), self._flat(other, inside), inside)


def _or_null(schema: JSONObject) -> JSONObject:
    """Return a schema that allows null as well."""
    outer = {key: value for key, value in schema.items() if key in ANNOTATIONS}
    inner = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
    if "anyOf" in inner:
        return {**schema, "anyOf": [*objects_at(inner, "anyOf"), NULL]}
    return {**outer, "anyOf": [inner, NULL]}
