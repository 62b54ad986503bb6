"""Rewrite every schema in one spelling, so that equal documents become the same document.

What the generator misreads is rewritten on the way: null in a type list or beside a reference,
wrappers around a single schema, extensible enums, server defaults that a client must not freeze.
"""

import re
from collections.abc import Callable, Iterator

from ..document.json_tree import (
    JSONObject,
    JSONValue,
    canonical_bytes,
    object_at,
    objects_at,
    operations,
    strings_at,
    text_at,
)
from ..document.schemas import (
    ANNOTATIONS,
    COMBINING,
    KEYWORDS_OF_TYPE,
    KNOWN_KEYWORDS,
    all_operations,
    as_schema,
    is_raw,
    map_schemas,
    map_subschemas,
)
from ._defaults import default_of_reference, told_default, with_defaults_of_references

NULL: JSONObject = {"type": "null"}

DEPRECATED = "Deprecated."
"""The sentence of a description that a deprecated thing gets."""

_UUID = re.compile(r"uuid[1-8]")
_TYPE_OF_KIND = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


def normalise_schemas(document: JSONObject) -> None:
    """Rewrite every schema of an expanded document in place, to the one spelling."""
    for _, called in all_operations(document):
        for parameter in objects_at(called, "parameters"):
            told = default_of_reference(object_at(parameter, "schema"))
            if told:
                parameter["description"] = f"{text_at(parameter, 'description')} {told}".strip()
    map_schemas(document, normalise_schema)
    for operation in operations(document):
        for parameter in objects_at(operation.data, "parameters"):
            if parameter.get("in") == "path" and "schema" in parameter:
                parameter["schema"] = _not_null(object_at(parameter, "schema"))


def _not_null(schema: JSONObject) -> JSONObject:
    """Take null out of a union: a path has no place for it."""
    variants = [variant for variant in objects_at(schema, "anyOf") if variant != NULL]
    if not variants:
        return schema
    return normalise_schema({**schema, "anyOf": [*variants]})


def normalise_schema(schema: JSONObject) -> JSONObject:
    """Return the one spelling of a schema and of everything inside it."""
    told = with_defaults_of_references(schema)
    return _rewrite(map_subschemas(told, lambda _, inner: normalise_schema(inner)))


def _rewrite(schema: JSONObject) -> JSONObject:
    for rule in _RULES:
        schema = rule(schema)
    return schema


def _without(schema: JSONObject, *keys: str) -> JSONObject:
    return {key: value for key, value in schema.items() if key not in keys}


def _annotations(schema: JSONObject) -> JSONObject:
    return {key: schema[key] for key in ANNOTATIONS if key in schema}


def _has_only(schema: JSONObject, *keys: str) -> bool:
    return all(key in (*keys, *ANNOTATIONS) for key in schema)


def _type_of(value: object) -> str | None:
    return _TYPE_OF_KIND.get(type(value).__name__)


def _or_null(schema: JSONObject) -> JSONObject:
    inner = _rewrite(_without(schema, *ANNOTATIONS))
    return _flat_union({**_annotations(schema), "anyOf": [inner, dict(NULL)]})


def _extensible_enum(schema: JSONObject) -> JSONObject:
    """Turn `x-extensible-enum` into `enum`: the client's enums are open."""
    values = schema.get("x-extensible-enum")
    if isinstance(values, list) and "enum" not in schema:
        return {**_without(schema, "x-extensible-enum"), "enum": values}
    return schema


def _deprecated(schema: JSONObject) -> JSONObject:
    """Say in the description that a value is deprecated: the generator drops the mark."""
    if schema.get("deprecated") is not True or "$ref" in schema:
        return schema
    return {**schema, "description": and_deprecated(text_at(schema, "description"))}


def and_deprecated(text: str) -> str:
    """Return a description that says at its end that the thing is deprecated."""
    return text if text.endswith(DEPRECATED) else f"{text} {DEPRECATED}".strip()


def _any_uuid(schema: JSONObject) -> JSONObject:
    """Turn the formats of pydantic's `UUID4` or `UUID7` into the one of any UUID."""
    is_uuid = _UUID.fullmatch(text_at(schema, "format")) is not None
    return {**schema, "format": "uuid"} if is_uuid else schema


def _bare_reference(schema: JSONObject) -> JSONObject:
    """Drop what stands beside a reference, and turn null beside it into a union.

    The generator reads nothing beside a reference.
    """
    if "$ref" not in schema:
        return schema
    bare: JSONObject = {"$ref": schema["$ref"]}
    return _or_null({**_annotations(schema), **bare}) if schema.get("nullable") is True else bare


def _exclusive_bounds(schema: JSONObject) -> JSONObject:
    """Turn `exclusiveMinimum: true` beside a bound (OpenAPI 3.0) into the bound itself (3.1)."""
    result = dict(schema)
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        flag = result.get(exclusive)
        if isinstance(flag, bool):
            del result[exclusive]
            if flag and bound in result:
                result[exclusive] = result.pop(bound)
    return result


def _nullable(schema: JSONObject) -> JSONObject:
    """Turn `nullable` (OpenAPI 3.0) into a union with null."""
    return _or_null(_without(schema, "nullable")) if schema.get("nullable") is True else schema


def _known_keywords(schema: JSONObject) -> JSONObject:
    """Drop titles, examples, unknown extensions, unread keywords, and empty ones."""
    empty_says_nothing = (
        "deprecated",
        "readOnly",
        "writeOnly",
        "description",
        "uniqueItems",
        "required",
        "properties",
    )
    return {
        key: value
        for key, value in schema.items()
        if key in KNOWN_KEYWORDS and (value or key not in empty_says_nothing)
    }


def _file(schema: JSONObject) -> JSONObject:
    """Turn raw bytes as OpenAPI 3.1 writes them into `format: binary`.

    The generator knows a file by that format only.
    """
    if is_raw(schema):
        return {**_without(schema, "contentMediaType"), "type": "string", "format": "binary"}
    return schema


def _constant(schema: JSONObject) -> JSONObject:
    """Return a constant its type, and turn the constant null into null."""
    if "const" not in schema:
        return schema
    if schema["const"] is None:
        return {**_annotations(schema), **NULL}
    kind = schema.get("type") or _type_of(schema["const"])
    return {**_without(schema, "enum"), **({"type": kind} if kind else {})}


def _enum(schema: JSONObject) -> JSONObject:
    """Return an enum its type, or each of its types, without repeats; null stands beside it.

    Both booleans are a boolean.
    """
    values = schema.get("enum")
    if not isinstance(values, list) or not values:
        return schema
    kept: list[JSONValue] = []
    for value in values:
        if value is not None and not any(
            value == other and type(value) is type(other) for other in kept
        ):
            kept.append(value)
    types = list(dict.fromkeys(_type_of(value) for value in kept))
    result: JSONObject = {**schema, "enum": kept}
    if len(types) > 1 and None not in types and "type" not in schema:
        return {**result, "type": [*types, *(["null"] if None in values else [])]}
    if len(kept) == 1 and {*types} <= {"boolean", "number"}:
        result = _without({**schema, "const": kept[0]}, "enum")
    elif types == ["boolean"]:
        result = _without(schema, "enum")
    if len(types) == 1 and "type" not in schema:
        result["type"] = types[0]
    if None not in values:
        return result
    return _or_null(result) if kept else {**_annotations(schema), **NULL}


def _implied_type(schema: JSONObject) -> JSONObject:
    """Return a schema with properties the type object, and one with items the type array."""
    if "type" in schema or "$ref" in schema:
        return schema
    if "properties" in schema or isinstance(schema.get("additionalProperties"), dict):
        return {**schema, "type": "object"}
    return {**schema, "type": "array"} if "items" in schema else schema


def _any_items(schema: JSONObject) -> JSONObject:
    """Write an array of anything as one of `{}`: the generator reads nothing else.

    An array that has no items but its first ones (`items: false`) gets their number as its limit.
    """
    if schema.get("items") is False and "prefixItems" in schema:
        most = len(objects_at(schema, "prefixItems"))
        return {"maxItems": most, **_without(schema, "items")}
    says_nothing = schema.get("items", True) is True and "prefixItems" not in schema
    is_array = schema.get("type") == "array" or "items" in schema
    return {**schema, "items": {}} if is_array and says_nothing else schema


def _type_list(schema: JSONObject) -> JSONObject:
    """Turn a list of types into a union, each keyword with the type that it belongs to."""
    if not isinstance(schema.get("type"), list):
        return schema
    types = list(dict.fromkeys(strings_at(schema, "type")))
    some = [name for name in types if name != "null"]
    rest = _without(schema, "type")
    if not some:
        return {**_annotations(schema), **NULL}
    if len(some) == 1:
        single: JSONObject = {**rest, "type": some[0]}
        return _rewrite(single) if types == some else _or_null(single)
    if any(key in schema for key in (*COMBINING, "const")):
        return schema
    variants: list[JSONValue] = [_of_type(rest, name, some) for name in some]
    if types != some:
        variants.append(dict(NULL))
    return _flat_union({**_annotations(schema), "anyOf": variants})


def _of_type(schema: JSONObject, name: str, names: list[str]) -> JSONObject:
    result: JSONObject = {
        key: schema[key] for key in KEYWORDS_OF_TYPE.get(name, ()) if key in schema
    }
    if "string" in names and name != "string":
        result.pop("format", None)
    values = schema.get("enum")
    if isinstance(values, list):
        result["enum"] = [value for value in values if _type_of(value) == name]
    return _rewrite({**result, "type": name})


def _one_of(schema: JSONObject) -> JSONObject:
    """Turn `oneOf` into `anyOf`: the generator tries the variants in turn for both.

    The same list under both is one union.
    """
    if "oneOf" in schema and schema.get("anyOf") == schema["oneOf"]:
        return _without(schema, "oneOf")
    if "oneOf" in schema and "anyOf" not in schema:
        return {**_without(schema, "oneOf"), "anyOf": schema["oneOf"]}
    return schema


def _flat_union(schema: JSONObject) -> JSONObject:
    """Flatten a union: no unions in it, no repeats, null at its end.

    A union of one schema is that schema.
    """
    listed = objects_at(schema, "anyOf")
    if not listed:
        return schema
    outer = _without(schema, "anyOf")
    if all("required" in variant and _has_only(variant, "required") for variant in listed):
        return _rewrite(outer)  # Which properties go together: a rule for the sender, no type.
    kind = outer.get("type")
    found = [_with_type(variant, kind) for variant in _variants(listed)]
    if isinstance(kind, str):
        del outer["type"]
    if any(_has_only(variant) for variant in found) and _has_only(outer):
        return outer
    some = {canonical_bytes(variant): variant for variant in found if variant.get("type") != "null"}
    null: list[JSONValue] = (
        [dict(NULL)] if any(variant.get("type") == "null" for variant in found) else []
    )
    if not some:
        return {**_annotations(schema), **NULL}
    if len(some) == 1 and not null and _has_only(outer):
        return _wrapped(outer, next(iter(some.values())))
    return {**outer, "anyOf": [*some.values(), *null]}


def _variants(listed: list[JSONObject]) -> Iterator[JSONObject]:
    for variant in listed:
        if "anyOf" in variant and _has_only(variant, "anyOf"):
            yield from objects_at(variant, "anyOf")
        else:
            yield variant


def _with_type(variant: JSONObject, kind: JSONValue) -> JSONObject:
    """Move the type that stands beside a union into a variant: nothing is read beside a union."""
    if isinstance(kind, str) and not {"type", "$ref", *COMBINING} & set(variant):
        return _rewrite({**variant, "type": kind})
    return variant


def _wrapped(outer: JSONObject, inner: JSONObject) -> JSONObject:
    return dict(inner) if "$ref" in inner else {**inner, **outer}


def _single_all_of(schema: JSONObject) -> JSONObject:
    """Unwrap `allOf` around one schema.

    Generators of documents write it to add something to a reference.
    """
    listed = schema.get("allOf")
    if not isinstance(listed, list):
        return schema
    parts = [as_schema(part) for part in listed]
    outer = _without(schema, "allOf")
    for part in parts:
        if _has_only(part):
            outer = {**part, **outer}
    kept: list[JSONObject] = [part for part in parts if not _has_only(part)]
    if not kept:
        return outer
    if len(kept) == 1 and _has_only(outer, "type"):
        return _wrapped(_without(outer, "type"), kept[0])
    return {**outer, "allOf": [*kept]}


def _object(schema: JSONObject) -> JSONObject:
    """Open an object: a server may send more than the document says, and it must not get lost."""
    if schema.get("type") != "object":
        return schema
    result = dict(schema)
    if _has_only(object_at(result, "additionalProperties")):
        result.pop("additionalProperties", None)
    if "required" in result:
        result["required"] = [*sorted(set(strings_at(result, "required")))]
    return result


_RULES: tuple[Callable[[JSONObject], JSONObject], ...] = (
    _extensible_enum,
    told_default,
    _deprecated,
    _any_uuid,
    _bare_reference,
    _exclusive_bounds,
    _nullable,
    _known_keywords,
    _file,
    _constant,
    _enum,
    _implied_type,
    _any_items,
    _type_list,
    _one_of,
    _flat_union,
    _single_all_of,
    _object,
)
