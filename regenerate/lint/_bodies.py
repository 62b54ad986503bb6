"""Lint rules about bodies.

They find values that would not arrive as they are, and ambiguous bodies.
"""

from collections.abc import Iterator
from typing import Final

from ..correct.bodies import settle_bodies
from ..document.content_types import MULTIPART, essence_of, is_form, is_json
from ..document.json_tree import JSONObject, local_pointer, object_at, objects_at, pointer, text_at
from ..document.schemas import as_schema, resolved, subschemas
from .findings import Complaint, Place, Rule, contents, operations, parameters, path_operations

_KINDS: Final = {
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "null": "None",
}
_TEXTS: Final = {"uuid": "UUID", "date": "date", "date-time": "datetime", "binary": "File"}


def forms(document: JSONObject) -> Iterator[Complaint]:
    """Report forms that are not objects: a form is made from the properties of an object."""
    for place, kind, media in contents(document):
        if "requestBody" in place and is_form(kind):
            schema = resolved(document, media.get("schema"))
            if (
                "properties" not in schema
                and schema.get("type") != "object"
                and "allOf" not in schema
            ):
                yield (
                    place,
                    f"a body of {kind} must be an object",
                    "Correct its schema to an object with the parts.",
                )


def bodies(document: JSONObject) -> Iterator[Complaint]:
    """Report request bodies without content.

    Their operation is not generated, or takes no body.
    """
    for place, operation in operations(document):
        body = operation.get("requestBody")
        if isinstance(body, dict) and not object_at(resolved(document, body), "content"):
            yield (
                f"{place}/requestBody",
                "the body has no content",
                "Add its content type and schema, or remove it.",
            )


def bytes_in_text(document: JSONObject) -> Iterator[Complaint]:
    """Report bytes inside JSON, in a parameter or in an encoded form.

    Only a part of a multipart form can be bytes.
    """
    found: dict[Place, str] = {}
    in_json: set[Place] = set()
    for place, kind, media in contents(document):
        schema = as_schema(media.get("schema"))
        if is_json(kind):
            found |= dict.fromkeys(_bytes(document, f"{place}/schema", schema, in_json), "JSON")
        elif is_form(kind):
            # A part that is an object is JSON; one that is bytes, or a list of them, is a file.
            is_multipart = essence_of(kind) == MULTIPART
            parts = _bytes(document, f"{place}/schema", schema, set(), at_top=is_multipart)
            found |= dict.fromkeys(parts, "JSON in a form" if is_multipart else kind)
    for place, parameter in parameters(document):
        schema = as_schema(parameter.get("schema"))
        found |= dict.fromkeys(_bytes(document, f"{place}/schema", schema, set()), "a parameter")
    for place, kind in found.items():
        yield (
            place,
            f"{kind} cannot hold bytes",
            "Remove the format with a correction: what comes is a string.",
        )


def _bytes(
    document: JSONObject,
    place: Place,
    schema: JSONObject,
    seen: set[Place],
    *,
    at_top: bool = False,
) -> Iterator[Place]:
    """Yield the places of bytes below a schema.

    With `at_top`, its own properties and their lists are left out.
    """
    followed = _followed(document, place, schema, seen)
    if followed is None:
        return
    place, schema = followed
    if at_top:
        properties = object_at(schema, "properties")
        ways = [
            (place + pointer("properties", name), as_schema(properties[name]))
            for name in properties
        ]
        for inner_place, inner in ways:
            for part_place, part in _parts(document, inner_place, inner, set()):
                yield from _bytes(document, part_place, part, seen)
        return
    if schema.get("format") == "binary" and schema.get("type") == "string":
        yield place
    for way, inner in subschemas(schema):
        yield from _bytes(document, place + pointer(*way), inner, seen)


def _parts(
    document: JSONObject, place: Place, schema: JSONObject, seen: set[Place]
) -> Iterator[tuple[Place, JSONObject]]:
    """Yield what a property of a multipart form sends as JSON: no files and no lists of them."""
    followed = _followed(document, place, schema, seen)
    if followed is None:
        return
    place, schema = followed
    for way, inner in subschemas(schema):
        if way[0] in ("items", "anyOf", "oneOf", "allOf"):
            yield from _parts(document, place + pointer(*way), inner, seen)
        else:
            yield place + pointer(*way), inner


def _followed(
    document: JSONObject, place: Place, schema: JSONObject, seen: set[Place]
) -> tuple[Place, JSONObject] | None:
    """Return what a reference leads to, with its place; None where that was seen already."""
    where = local_pointer(text_at(schema, "$ref"))
    if where is None:
        return place, schema
    if where in seen:
        return None
    seen.add(where)
    return where, resolved(document, schema)


def body_types(document: JSONObject) -> Iterator[Complaint]:
    """Report two content types that take the same kind of value.

    The client cannot tell them apart.
    """
    settled = settle_bodies(document).document
    for path, method, operation in path_operations(settled):
        content = object_at(resolved(settled, operation.get("requestBody")), "content")
        seen: dict[str, str] = {}
        for content_type in content:
            kinds = set(_kinds(settled, object_at(object_at(content, content_type), "schema")))
            if "anything" in kinds:
                kinds |= seen.keys()
            shared = sorted(kinds & seen.keys()) or (["anything"] if "anything" in seen else [])
            for kind in shared[:1]:
                yield (
                    pointer("paths", path, method, "requestBody", "content", content_type),
                    f"takes {kind}, as {seen[kind]} does",
                    "Remove one of the two with a correction.",
                )
            seen |= dict.fromkeys(kinds - seen.keys(), content_type)


def _kinds(document: JSONObject, schema: JSONObject) -> Iterator[str]:
    """Yield the kinds of Python values that a schema of a body takes."""
    waiting, seen = [schema], set[str]()
    for written in waiting:
        found, reference = resolved(document, written), text_at(written, "$ref")
        variants = [*objects_at(found, "anyOf"), *objects_at(found, "oneOf")]
        kind = text_at(found, "type")
        if reference in seen:
            continue
        if variants:
            seen |= {reference} - {""}
            waiting += variants
        elif reference and (found.get("enum") or kind == "object"):
            yield reference.rpartition("/")[2]
        elif kind == "string" or isinstance(found.get("const"), str):
            yield _TEXTS.get(text_at(found, "format"), "str")
        else:
            yield _KINDS.get(kind, "anything")


BODY_RULES: Final[dict[str, Rule]] = {
    "form": forms,
    "body": bodies,
    "bytes": bytes_in_text,
    "body-type": body_types,
}
