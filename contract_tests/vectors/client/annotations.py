"""Checks values against annotations, at any depth: nothing enforces them at run time."""

import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from attrs import fields, has
from runflow_api.types import UNSET, Unset

from .arguments import alternatives
from .operations import model_hints


def annotation_differences(annotation: Any, value: object, place: str = "") -> Iterator[str]:
    """Yield every location whose value is not of its annotated type, or a naive datetime."""
    if annotation is Any:
        return
    if value is UNSET:
        if Unset not in (annotation, *typing.get_args(annotation)):
            yield f"{place or 'value'}: UNSET, annotated {annotation}"
        return
    fitting = [member for member in alternatives(annotation) if _is_a(member, value)]
    if not fitting:
        yield f"{place or 'value'}: {type(value).__name__}, annotated {annotation}"
        return
    if isinstance(value, list):
        (item,) = typing.get_args(fitting[0])
        for index, one in enumerate(cast("list[object]", value)):
            yield from annotation_differences(item, one, f"{place}[{index}]")
    elif has(type(value)):
        model = cast(Any, type(value))
        hints = model_hints(model)
        for field in fields(model):
            yield from annotation_differences(
                hints[field.name], getattr(value, field.name), f"{place}.{field.name}"
            )
    elif isinstance(value, datetime) and value.utcoffset() is None:
        yield f"{place}: a datetime without a time zone"


def _is_a(member: Any, value: object) -> bool:
    if member is Any:
        return True
    origin = typing.get_origin(member) or member
    if origin is dict:
        return isinstance(value, Mapping)
    if origin is float:
        return type(value) in (int, float)
    return type(value) is origin or (isinstance(value, origin) and origin not in (int, str))
