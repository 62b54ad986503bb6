"""Bytes: only a part of a multipart form, or a whole body, can hold them as they are.

In JSON, in a parameter and in an encoded form they are text, whatever the document says of their
format: pydantic writes `format: binary` for every field of type bytes.
"""

from typing import Final

from ..document.content_types import ENCODED_FORM, MULTIPART, essence_of
from ..document.json_tree import (
    JSONObject,
    JSONValue,
    local_pointer,
    object_at,
    objects_at,
    pointer_parts,
    text_at,
)
from ..document.schemas import (
    COMBINING,
    all_operations,
    as_schema,
    contents,
    is_raw,
    map_subschemas,
    reference,
    resolved,
    subschemas,
    variants,
)

TEXT, FORM, PART = "text", "form", "part"
_SEPARATOR: Final = "@"


def settle_bytes(document: JSONObject) -> None:
    """Make strings of the bytes that stand where no bytes can be, in place.

    The document is expanded and normalised. A component that is used in both ways becomes two.
    """
    _Settler(document).settle()


def send_files_in_parts(document: JSONObject) -> None:
    """Make multipart forms of the encoded forms that hold files, in place: no others can.

    FastAPI publishes a model of form fields as an encoded form, also where a field is a file. The
    document is expanded and not normalised: afterwards a file cannot be told from a field of bytes,
    which pydantic takes as text.
    """
    for _, operation in all_operations(document):
        body = object_at(operation, "requestBody")
        content = object_at(body, "content")
        for kind in [*content]:
            schema = object_at(content, kind).get("schema")
            if essence_of(kind) == ENCODED_FORM and _holds_files(document, schema):
                content.setdefault(MULTIPART, content.pop(kind))


def _holds_files(document: JSONObject, schema: JSONValue) -> bool:
    """Return whether a property is a file or a list of files."""
    whole = resolved(document, schema)
    parts = [resolved(document, part) for part in objects_at(whole, "allOf")]
    for properties in (object_at(part, "properties") for part in (whole, *parts)):
        values = [one for name in properties for one in variants(document, properties[name])]
        items = [one for value in values for one in variants(document, value.get("items"))]
        if any(is_raw(one) for one in (*values, *items)):
            return True
    return False


def without_mode(name: str) -> str:
    """Return the name of the component that a component of this name was made from."""
    return name.partition(_SEPARATOR)[0] if name.endswith((FORM, PART)) else name


class _Settler:
    def __init__(self, document: JSONObject) -> None:
        self._document = document
        self._schemas = object_at(object_at(document, "components"), "schemas")
        self._holding = self._components_with_bytes()
        self._made: dict[str, JSONObject] = {}

    def _components_with_bytes(self) -> set[str]:
        uses: dict[str, set[str]] = {}
        holding: set[str] = set()
        for name in self._schemas:
            waiting = [as_schema(self._schemas[name])]
            uses[name] = set()
            for schema in waiting:
                if _is_bytes(schema):
                    holding.add(name)
                uses[name].add(_component(schema))
                waiting += [inner for _, inner in subschemas(schema)]
        size = -1
        while size != len(holding):
            size = len(holding)
            holding |= {name for name, used in uses.items() if used & holding}
        return holding

    def settle(self) -> None:
        for _, operation in all_operations(self._document):
            for parameter in objects_at(operation, "parameters"):
                if "schema" in parameter:
                    parameter["schema"] = self._as(TEXT, as_schema(parameter["schema"]))
            for _, content in contents(operation):
                for kind in content:
                    media = object_at(content, kind)
                    if "schema" in media:  # only bodies with fields have one by now
                        mode = FORM if essence_of(kind) == MULTIPART else TEXT
                        media["schema"] = self._as(mode, as_schema(media["schema"]))
        self._schemas.update(self._made)

    def _as(self, mode: str, schema: JSONObject) -> JSONObject:
        name = _component(schema)
        if name in self._holding:
            return reference(self._component(mode, name))
        if _is_bytes(schema):
            text = {key: value for key, value in schema.items() if key != "format"}
            return schema if mode == PART else text
        return map_subschemas(
            schema, lambda way, inner: self._as(_mode_below(mode, str(way[0])), inner)
        )

    def _component(self, mode: str, name: str) -> str:
        made = name if mode == TEXT else f"{name}{_SEPARATOR}{mode}"
        if made not in self._made:
            self._made[made] = {}
            self._made[made] = self._as(mode, as_schema(self._schemas[name]))
        return made


def _mode_below(mode: str, key: str) -> str:
    """Return what a schema below one of this mode is: a part of a form, a form, or text."""
    if key in COMBINING:
        return mode
    if mode == FORM:
        return PART if key in ("properties", "additionalProperties") else TEXT
    return PART if mode == PART and key == "items" else TEXT


def _is_bytes(schema: JSONObject) -> bool:
    return schema.get("format") == "binary" and schema.get("type") == "string"


def _component(schema: JSONObject) -> str:
    *folder, name = pointer_parts(local_pointer(text_at(schema, "$ref")) or "/")
    return name if folder == ["components", "schemas"] else ""
