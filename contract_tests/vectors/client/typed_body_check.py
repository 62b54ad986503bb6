"""Checks that a typed body has each declared property in its own attribute and type.

Guided by the document and a name map of our own. A round trip alone does not notice a value that is
read wrong and written back the same way, or a declared property that is kept among the additional
ones.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, cast
from uuid import UUID

from attrs import fields, frozen, has
from runflow_api.types import UNSET

from ..comparison.date_times import parse_date_time
from ..comparison.json_values import json_differences
from ..document import ConformanceDocument, Schema, is_array
from .operations import python_name

_MAX_LENGTH = 80  # characters of a value in a difference


@frozen
class TypedBodyCheck:
    """Compares typed values with JSON.

    `null_is_absent` accepts UNSET for a null that the document does not allow.
    """

    document: ConformanceDocument
    null_is_absent: bool = False

    def differences(
        self, schema: Schema, expected: Any, value: object, place: str = ""
    ) -> Iterator[str]:
        """Yield every location where the typed value differs from the JSON."""
        branch = self.document.branch_for(schema, expected)
        if expected is None:
            if not (value is None or (branch is None and self.null_is_absent and value is UNSET)):
                yield f"{place or '/'}: {_excerpt(value)}, the body says null"
        elif isinstance(expected, dict):
            yield from self._object(branch or {}, cast("dict[str, Any]", expected), value, place)
        elif is_array(expected):
            if not is_array(value) or len(expected) != len(value):
                yield f"{place or '/'}: {_excerpt(value)}, the body has {len(expected)} items"
                return
            for index, (item, one) in enumerate(zip(expected, value, strict=True)):
                yield from self.differences(
                    (branch or {}).get("items", {}), item, one, f"{place}/{index}"
                )
        elif not _means(branch or {}, expected, value):
            yield f"{place or '/'}: {_excerpt(value)}, the body says {_excerpt(expected)}"

    def _object(
        self, branch: Schema, expected: dict[str, Any], value: object, place: str
    ) -> Iterator[str]:
        properties = branch.get("properties", {})
        if not has(type(value)):
            if properties or not isinstance(value, Mapping):
                yield f"{place or '/'}: {_excerpt(value)}, which is no model of an object"
            else:
                plain = dict(cast("Mapping[str, Any]", value))
                yield from json_differences(expected, plain, place)
            return
        names = {field.name for field in fields(cast(Any, type(value)))}
        additional: dict[str, Any] = getattr(value, "additional_properties", {})
        for wire_name, inner in expected.items():
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
                model = type(value).__name__
                yield f"{place}/{wire_name}: {model} has no attribute for this property"
            else:
                yield from self.differences(
                    properties[wire_name], inner, getattr(value, name), f"{place}/{wire_name}"
                )


def _means(branch: Schema, expected: Any, value: object) -> bool:
    if isinstance(value, bool) or isinstance(expected, bool):
        return expected is value
    if isinstance(expected, str):
        named = branch.get("format")
        if named == "uuid":
            return isinstance(value, UUID) and value == UUID(expected)
        if named == "date-time":
            moment = parse_date_time(expected)
            return (
                isinstance(value, datetime)
                and moment is not None
                and value == moment
                and value.utcoffset() == moment.utcoffset()
            )
        if "enum" in branch or "x-extensible-enum" in branch:
            return isinstance(value, Enum) and value.value == expected
        return type(value) is str and value == expected
    if branch.get("type") == "integer":
        return type(value) is int and value == expected
    return type(value) in (int, float) and value == expected


def _excerpt(value: object) -> str:
    return repr(value)[:_MAX_LENGTH]
