"""Binds the arguments of a vector to typed arguments of the generated operation.

Bodies are made in two ways: with `from_dict`, and with the constructor and a name map of our own,
which notices what reading and writing get wrong in the same way. Arguments that do not fit the
signature raise CannotBind.
"""

import re
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Literal, cast
from uuid import UUID

from attrs import fields, frozen
from runflow_api.free_form import FreeFormObject
from runflow_api.types import Unset
from runflow_mock.contract.recognition import known_values

from ..comparison.date_times import parse_date_time
from ..document import ConformanceDocument, Schema, is_array
from .operations import GeneratedOperation, model_hints, python_name

Way = Literal["from_dict", "constructor"]
_NAMES = re.compile(r"\{([^{}]*)\}")
WAYS: tuple[Way, ...] = ("from_dict", "constructor")


class CannotBind(Exception):
    """A value does not fit the typed signature. The message says where, and the annotation."""


def bind(
    generated: GeneratedOperation,
    document: ConformanceDocument,
    label: str,
    arguments: Mapping[str, Any],
    way: Way,
) -> dict[str, Any]:
    """Return the keyword arguments for a vector's arguments. Raise CannotBind."""
    bound: dict[str, Any] = {}
    given = {**arguments, "path": path_arguments(generated, document, label, arguments)}
    for location in ("path", "query", "headers"):
        for wire_name, text in cast("dict[str, Any]", given.get(location, {})).items():
            name = python_name(wire_name, generated.arguments)
            if name is None:
                raise CannotBind(
                    f"{location} {wire_name}: {generated.operation.name} has no such argument"
                )
            bound[name] = _parameter(generated.arguments[name], text, f"{location} {wire_name}")
    if "body" in arguments:
        if "body" not in generated.arguments:
            raise CannotBind(f"body: {generated.operation.name} takes none")
        schema = document.operations[label].body_schema or {}
        binder = _Binder(document, way)
        bound["body"] = binder.value(generated.arguments["body"], arguments["body"], schema, "body")
    return bound


def path_arguments(
    generated: GeneratedOperation,
    document: ConformanceDocument,
    label: str,
    arguments: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the path's values by the client's names, which may have an id in two parts.

    An id without a slash is taken for both.
    """
    given: dict[str, Any] = arguments.get("path", {})
    theirs, ours = document.operations[label].path, generated.operation.path
    names, own = _NAMES.findall(theirs), _NAMES.findall(ours)
    if len(names) == len(own) or set(given) != set(names):
        return given
    values = known_values(theirs, ours, [given[name] for name in names])
    return dict(zip(own, [value or values[0] for value in values], strict=True))


def has_id_in_parts(
    generated: GeneratedOperation, document: ConformanceDocument, label: str
) -> bool:
    """Return whether the client takes an id in two parts that the document takes whole."""
    theirs, ours = document.operations[label].path, generated.operation.path
    return len(_NAMES.findall(theirs)) != len(_NAMES.findall(ours))


def alternatives(annotation: object) -> tuple[object, ...]:
    """Return the members of a union without UNSET, or the annotation itself."""
    origin = typing.get_origin(annotation)
    members = (
        typing.get_args(annotation) if origin in (typing.Union, types.UnionType) else (annotation,)
    )
    return tuple(member for member in members if member is not Unset)


def _parameter(annotation: object, value: Any, place: str) -> object:
    """Return the typed value of a parameter: text, a list of texts, or an explicit null."""
    offered = alternatives(annotation)
    if value is None and type(None) in offered:
        return None
    for member in offered:
        if is_array(value):
            if typing.get_origin(member) is list:
                (item,) = typing.get_args(member)
                return [_parameter(item, one, place) for one in value]
        elif isinstance(value, str):
            try:
                return _TEXT[cast(type, member)](value)
            except (KeyError, TypeError):
                if isinstance(member, type) and issubclass(member, Enum):
                    return member(value)
            except ValueError:
                continue
    raise CannotBind(f"{place}: {value!r} does not fit {annotation}")


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _moment(text: str) -> datetime:
    moment = parse_date_time(text)
    if moment is None:
        raise ValueError(text)
    return moment


_TEXT: dict[type, typing.Callable[[str], object]] = {
    str: str,
    int: int,
    float: float,
    bool: _boolean,
    UUID: UUID,
    datetime: _moment,
}


@frozen
class _Binder:
    document: ConformanceDocument
    way: Way

    def value(self, annotation: object, value: Any, schema: Schema, place: str) -> Any:
        """Return the JSON value as the annotation requires. Raise CannotBind."""
        branch = self.document.branch_for(schema, value) or {}
        refusals: list[str] = []
        for member in alternatives(annotation):
            try:
                return self._member(member, value, branch, place)
            except CannotBind as refusal:
                refusals.append(str(refusal))
        raise CannotBind("; ".join(refusals) or f"{place}: nothing fits {annotation}")

    def _member(self, member: object, value: Any, branch: Schema, place: str) -> Any:
        if member is Any:
            return value
        if typing.get_origin(member) is list:
            if is_array(value):
                (item,) = typing.get_args(member)
                schema = branch.get("items", {})
                return [
                    self.value(item, one, schema, f"{place}/{index}")
                    for index, one in enumerate(value)
                ]
        elif member is float and isinstance(value, int | float) and not isinstance(value, bool):
            return value
        elif member is int and isinstance(value, float) and value.is_integer():
            return int(value)
        elif member in (str, int, bool, type(None)):
            if type(value) is member:
                return value
        elif (member is UUID or member is datetime) and isinstance(value, str):
            try:
                return _TEXT[cast(type, member)](value)
            except ValueError:
                raise CannotBind(f"{place}: {value!r} is no {member}") from None
        elif isinstance(member, type) and issubclass(member, Enum):
            if isinstance(value, str | int):
                return member(value)
        elif isinstance(member, type) and isinstance(value, dict):
            return self._model(member, cast("dict[str, Any]", value), branch, place)
        raise CannotBind(f"{place}: {type(value).__name__} does not fit {member}")

    def _model(self, model: Any, value: dict[str, Any], branch: Schema, place: str) -> Any:
        if self.way == "from_dict":
            return model.from_dict(value)
        if issubclass(model, FreeFormObject):
            return model(value)
        hints = model_hints(model)
        offered = {field.name: field for field in fields(model) if field.init}
        properties = branch.get("properties", {})
        given: dict[str, Any] = {}
        additional: dict[str, Any] = {}
        for wire_name, item in value.items():
            name = python_name(wire_name, offered)
            if name is not None:
                given[name] = self.value(
                    hints[name], item, properties.get(wire_name, {}), f"{place}/{wire_name}"
                )
            elif wire_name in properties:
                raise CannotBind(
                    f"{place}/{wire_name}: {model.__name__} has no attribute for this property"
                )
            else:
                additional[wire_name] = item
        try:
            made = model(**given)
        except TypeError as error:
            raise CannotBind(
                f"{place}: {model.__name__} is not made of what the document asks for: {error}"
            ) from None
        if additional:
            if "additional_properties" not in {field.name for field in fields(model)}:
                raise CannotBind(f"{place}: {model.__name__} takes no additional properties")
            made.additional_properties = additional
        return made
