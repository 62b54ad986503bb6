"""The document as the vectors see it: its bytes' sha256, its operations by label, and its schemas
one step at a time.
"""

import functools
import hashlib
from pathlib import Path
from typing import Any, TypeGuard, cast

from runflow_mock.document import Document, Operation, find_document, json_schema

Schema = dict[str, Any]

_KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class ConformanceDocument:
    """The document that client and vectors are held against."""

    def __init__(self, path: Path | None = None) -> None:
        place = path or find_document()
        self.sha256 = hashlib.sha256(place.read_bytes()).hexdigest()
        self._document = Document.read(place)
        self.content = self._document.content
        self.operations: dict[str, Operation] = {
            str(operation): operation for operation in self._document.operations
        }

    def response_schema(self, label: str, status: int) -> Schema | None:
        """Return the JSON schema of the answer of that status, None if it has no JSON or is not
        documented.
        """
        response = self.operations[label].response(status)
        return None if response is None else json_schema(response)

    def callback_schema(self, label: str) -> Schema | None:
        """Return the JSON schema of the body that the operation's callback posts, None if it has no
        callback.
        """
        return self._document.callback_schema(self.operations[label].signature)

    def branches(self, schema: Schema) -> list[Schema]:
        """Return the alternatives that a schema offers, references followed; a schema without any
        is its own one.
        """
        schema = self._document.resolve(schema)
        offered = [branch for keyword in ("anyOf", "oneOf") for branch in schema.get(keyword, ())]
        if offered:
            return [one for branch in offered for one in self.branches(branch)]
        if len(schema.get("allOf", ())) == 1:
            return self.branches(schema["allOf"][0])
        types = schema.get("type")
        if isinstance(types, list):
            return [{**schema, "type": kind} for kind in cast("list[str]", types)]
        return [schema]

    def branch_for(self, schema: Schema, value: object) -> Schema | None:
        """Return the first alternative that takes this kind of JSON value, None if none does."""
        return next((branch for branch in self.branches(schema) if takes(branch, value)), None)

    def meant(self, schema: Schema, value: Any) -> Any:
        """Return the JSON value without the nulls that the schema does not allow: they mean "not
        there".
        """
        branch = self.branch_for(schema, value) or {}
        if isinstance(value, dict):
            properties = branch.get("properties", {})
            return {
                name: self.meant(properties.get(name, {}), inner)
                for name, inner in cast("dict[str, Any]", value).items()
                if inner is not None
                or name not in properties
                or self.branch_for(properties[name], None) is not None
            }
        if is_array(value):
            return [self.meant(branch.get("items", {}), inner) for inner in value]
        return value

    def shape(self, schema: Schema) -> Schema:
        """Return the alternative of a schema that is not null: the first one."""
        offered = [branch for branch in self.branches(schema) if branch.get("type") != "null"]
        return offered[0] if offered else schema


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Return whether a JSON value is an array."""
    return isinstance(value, list)


def takes(branch: Schema, value: object) -> bool:
    """Return whether an alternative takes this kind of JSON value. 3.0 is an integer."""
    kind = branch.get("type")
    if kind is None:
        return True
    if isinstance(value, bool):
        return bool(kind == "boolean")
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _KINDS[str(kind)])


@functools.cache
def default_document() -> ConformanceDocument:
    """Return the document that the distribution ships, read once."""
    return ConformanceDocument()
