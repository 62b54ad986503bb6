"""The document: its sha256, its operations by label, and its schemas."""

import functools
import hashlib
from pathlib import Path
from typing import Any, TypeGuard, cast

from runflow_mock.contract.document import Document, Operation, find_document, json_schema

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
    """The document that the client and the vectors are checked against."""

    def __init__(self, path: Path | None = None) -> None:
        place = path or find_document()
        self.sha256 = hashlib.sha256(place.read_bytes()).hexdigest()
        self._document = Document.read(place)
        self.content = self._document.content
        self._branches: dict[int, tuple[Schema, list[Schema]]] = {}
        self.operations: dict[str, Operation] = {
            str(operation): operation for operation in self._document.operations
        }

    def response_schema(self, label: str, status: int) -> Schema | None:
        """Return the JSON schema of the response with that status, None if there is none."""
        response = self.operations[label].response(status)
        return None if response is None else json_schema(response)

    def callback_schema(self, label: str) -> Schema | None:
        """Return the JSON schema of the callback body, None if the operation has no callback."""
        return self._document.callback_schema(self.operations[label].signature)

    def branches(self, schema: Schema) -> list[Schema]:
        """Return the alternatives of a schema, references followed; itself if it has none.

        They are found once for each schema that is asked for: the document does not change.
        """
        if not schema:
            return [schema]
        known = self._branches.get(id(schema))
        if known is None:  # the schema is kept as well, so that its id stays its own
            known = self._branches[id(schema)] = schema, self._find_branches(schema)
        return known[1]

    def _find_branches(self, schema: Schema) -> list[Schema]:
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
        """Return the first alternative that accepts this type of JSON value, None if none does."""
        return next((branch for branch in self.branches(schema) if takes(branch, value)), None)

    def without_implied_nulls(self, schema: Schema, value: Any) -> Any:
        """Return the value without nulls that the schema does not allow: they mean "absent"."""
        branch = self.branch_for(schema, value) or {}
        if isinstance(value, dict):
            properties = branch.get("properties", {})
            return {
                name: self.without_implied_nulls(properties.get(name, {}), inner)
                for name, inner in cast("dict[str, Any]", value).items()
                if inner is not None
                or name not in properties
                or self.branch_for(properties[name], None) is not None
            }
        if is_array(value):
            return [self.without_implied_nulls(branch.get("items", {}), inner) for inner in value]
        return value

    def shape(self, schema: Schema) -> Schema:
        """Return the first alternative of a schema that is not null."""
        offered = [branch for branch in self.branches(schema) if branch.get("type") != "null"]
        return offered[0] if offered else schema


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Return whether a JSON value is an array."""
    return isinstance(value, list)


def takes(branch: Schema, value: object) -> bool:
    """Return whether an alternative accepts this type of JSON value. 3.0 is an integer."""
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
    """Return the document that the package ships, read once."""
    return ConformanceDocument()
