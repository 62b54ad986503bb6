"""Whether a typed body says what its JSON says: each declared property under its own attribute, in
the type it means.

Guided by the document and a name map of our own. A round trip alone is blind to what is read wrong
and written back the same way, and to a property that nobody read and that was kept among the
additional ones.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, cast
from uuid import UUID

from attrs import fields, frozen, has
from runflow_api.types import UNSET

from ..comparison.date_times import instant
from ..comparison.json_values import json_differences
from ..document import ConformanceDocument, Schema, is_array
from .operations import python_name

_MAX_LENGTH = 80  # characters of a value in a difference


@frozen
class Understanding:
    """Compares typed values with JSON. `null_is_absent` takes UNSET for a null that the document
    does not name.
    """

    document: ConformanceDocument
    null_is_absent: bool = False

    def differences(
        self, schema: Schema, said: Any, value: object, place: str = ""
    ) -> Iterator[str]:
        """Yield every place where the typed value is not what the JSON says."""
        branch = self.document.branch_for(schema, said)
        if said is None:
            if not (value is None or (branch is None and self.null_is_absent and value is UNSET)):
                yield f"{place or '/'}: {_shown(value)}, the body says null"
        elif isinstance(said, dict):
            yield from self._object(branch or {}, cast("dict[str, Any]", said), value, place)
        elif is_array(said):
            if not is_array(value) or len(said) != len(value):
                yield f"{place or '/'}: {_shown(value)}, the body has {len(said)} items"
                return
            for index, (item, one) in enumerate(zip(said, value, strict=True)):
                yield from self.differences(
                    (branch or {}).get("items", {}), item, one, f"{place}/{index}"
                )
        elif not _means(branch or {}, said, value):
            yield f"{place or '/'}: {_shown(value)}, the body says {_shown(said)}"

    def _object(
        self, branch: Schema, said: dict[str, Any], value: object, place: str
    ) -> Iterator[str]:
        properties = branch.get("properties", {})
        if not has(type(value)):
            if properties or not isinstance(value, Mapping):
                yield f"{place or '/'}: {_shown(value)}, which is no model of an object"
            else:
                plain = dict(cast("Mapping[str, Any]", value))
                yield from json_differences(said, plain, place)
            return
        names = {field.name for field in fields(cast(Any, type(value)))}
        additional: dict[str, Any] = getattr(value, "additional_properties", {})
        for wire_name, inner in said.items():
            if wire_name not in properties:
                if wire_name not in additional:
                    yield f"{place}/{wire_name}: an unknown field that was not kept"
                else:
                    yield from json_differences(
                        inner, additional[wire_name], f"{place}/{wire_name}"
                    )
                continue
            if wire_name in additional:
                yield f"{place}/{wire_name}: a declared property among the additional ones"
            name = python_name(wire_name, names)
            if name is None:
                yield f"{place}/{wire_name}: {type(value).__name__} has no attribute for this property"
            else:
                yield from self.differences(
                    properties[wire_name], inner, getattr(value, name), f"{place}/{wire_name}"
                )


def _means(branch: Schema, said: Any, value: object) -> bool:
    if isinstance(value, bool) or isinstance(said, bool):
        return said is value
    if isinstance(said, str):
        named = branch.get("format")
        if named == "uuid":
            return isinstance(value, UUID) and value == UUID(said)
        if named == "date-time":
            moment = instant(said)
            return (
                isinstance(value, datetime)
                and moment is not None
                and value == moment
                and value.utcoffset() == moment.utcoffset()
            )
        if "enum" in branch or "x-extensible-enum" in branch:
            return isinstance(value, Enum) and value.value == said
        return type(value) is str and value == said
    if branch.get("type") == "integer":
        return type(value) is int and value == said
    return type(value) in (int, float) and value == said


def _shown(value: object) -> str:
    return repr(value)[:_MAX_LENGTH]
