"""What must be true of the catalog before anything is made of it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import cast

from .catalog import (
    FILE_TYPES,
    INPUT_TYPES,
    KINDS,
    LIMITS,
    OUTPUT_KINDS,
    PRICE_UNITS,
    Catalog,
    CatalogError,
    Input,
    Model,
    Price,
)
from .names import attribute_name, class_name, module_path

_MODEL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)+", re.ASCII)
_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "image_list": (list,),
    **dict.fromkeys(FILE_TYPES, (str,)),
}


def check_catalog(catalog: Catalog) -> None:
    """Check everything that the classes and the estimates rely on.

    Raises:
        CatalogError: all problems, one a line.
    """
    problems = [problem for model in catalog for problem in _model_problems(model)]
    for what, values in (
        ("the id", [model.id for model in catalog]),
        ("the class name", [class_name(model.id) for model in catalog]),
        ("the module", [".".join(module_path(model.id)) for model in catalog]),
    ):
        problems += [
            f"{value}: {what} of {count} models"
            for value, count in Counter(values).items()
            if count > 1
        ]
    if problems:
        raise CatalogError("\n".join(problems))


def _model_problems(model: Model) -> Iterator[str]:
    if _MODEL_ID.fullmatch(model.id) is None:
        yield f"{model.id!r} is not a model id"
    if model.kind not in KINDS:
        yield f"{model.id}: kind {model.kind!r}, expected one of {KINDS}"
    if f"/{model.id}/" not in model.endpoint:
        yield f"{model.id}: the endpoint {model.endpoint!r} is that of another model"
    if model.output.kind not in OUTPUT_KINDS:
        yield f"{model.id}: output kind {model.output.kind!r}, expected one of {OUTPUT_KINDS}"
    names = [described.name for described in model.inputs]
    yield from (
        f"{model.id}: {name} is listed {count} times"
        for name, count in Counter(names).items()
        if count > 1
    )
    attributes = Counter(attribute_name(name) for name in set(names))
    yield from (
        f"{model.id}: {count} fields make {name}" for name, count in attributes.items() if count > 1
    )
    for described in model.inputs:
        yield from (
            f"{model.id} {described.name}: {problem}"
            for problem in _input_problems(described, names)
        )
    if model.price is not None:
        yield from (f"{model.id} price: {problem}" for problem in _price_problems(model.price))
    for name, value in (model.example or {}).items():
        if not any(described.name == name and fits(described, value) for described in model.inputs):
            yield f"{model.id}: the example's {name} is not known or does not fit"


def _input_problems(described: Input, names: list[str]) -> Iterator[str]:
    if unknown := [kind for kind in described.types if kind not in INPUT_TYPES]:
        yield f"unknown type {unknown}, expected one of {INPUT_TYPES}"
        return
    if described.allowed and described.suggested:
        yield "values are either allowed or suggested"
    if wrong := [
        value
        for value in (*described.allowed, *described.suggested)
        if not of_type(described, value)
    ]:
        yield f"values that are not of type {described.type}: {wrong}"
    if described.default is not None and not fits(described, described.default):
        yield f"the default {described.default!r} does not fit"
    if wrong := [name for name in described.limits if name not in LIMITS]:
        yield f"unknown limits {wrong}"
    if wrong := [name for name in described.excludes if name not in names]:
        yield f"excludes {wrong}, which the model does not have"
    if not described.description.strip():
        yield "no description"


def _price_problems(price: Price) -> Iterator[str]:
    if price.unit not in PRICE_UNITS:
        yield f"unit {price.unit!r}, expected one of {PRICE_UNITS}"
    for amount in (price.amount, *(surcharge.amount for surcharge in price.surcharges)):
        try:
            valid = Decimal(amount).is_finite() and Decimal(amount) > 0
        except InvalidOperation:
            valid = False
        if not valid:
            yield f"{amount!r} is not an amount"


def of_type(described: Input, value: object) -> bool:
    """Return whether the value has one of the types of the field.

    A type without a rule holds any value.
    """
    for kind in described.types:
        types = _JSON_TYPES.get(kind)
        if types is None or (
            isinstance(value, types) and (not isinstance(value, bool) or bool in types)
        ):
            return True
    return False


def fits(described: Input, value: object) -> bool:
    """Return whether the value has the type and is allowed, with its members if it is a mapping."""
    if isinstance(value, Mapping):
        return of_type(described, dict(cast("Mapping[str, object]", value)))
    return of_type(described, value) and (not described.allowed or value in described.allowed)
