"""One row of the API's catalog in the terms of ours.

The API's reference does not say what the rows hold in full, so what is not understood is reported
and left alone.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, cast

from attrs import evolve

from ..document.json_tree import JSONObject, JSONValue, objects_at
from .catalog import FILE_TYPES, INPUT_TYPES, Input, Price
from .checks import fits, of_type

_TYPE_CODES: Final = {
    "float": "number",
    "double": "number",
    "int": "integer",
    "bool": "boolean",
    "text": "string",
}
_ALLOWED_KEYS: Final = ("allowed", "allowed_values", "enum", "choices", "options", "values")
_LIMIT_KEYS: Final = {
    "min": ("min", "minimum", "ge", "min_value"),
    "max": ("max", "maximum", "le", "max_value"),
    "min_chars": ("min_length", "min_chars"),
    "max_chars": ("max_length", "max_chars"),
    "min_items": ("min_items",),
    "max_items": ("max_items",),
}
_PRICE: Final = re.compile(
    r"\$([0-9]+(?:\.[0-9]+)?)\s*(?:/|per )\s*(image|second|megapixel|MP|request)\b"
)


def model_id_of(row: JSONObject, known: Collection[str]) -> str | None:
    """Return the model id (`owner/slug`) of a row.

    A row may give its slug alone. It is None when the owner is unknown.
    """
    slug = row.get("slug")
    for candidate in (row.get("model_id"), slug):
        if isinstance(candidate, str) and candidate in known:
            return candidate
    if not isinstance(slug, str) or not slug.strip("/"):
        return None
    for key in ("owner", "owner_slug", "organization", "model_creator"):
        owner = row.get(key)
        owner = owner.get("slug") if isinstance(owner, dict) else owner
        if isinstance(owner, str) and owner:
            return slug if slug.startswith(f"{owner}/") else f"{owner}/{slug}"
    owned = [model_id for model_id in known if model_id.partition("/")[2] == slug]
    return owned[0] if len(owned) == 1 else None


def inputs_of(row: JSONObject, known: Sequence[Input], notes: list[str]) -> list[Input]:
    """Return the inputs that a row lists, in its order.

    What only our catalog says of an input stays. Problems are added to the notes.
    """
    ours = {described.name: described for described in known}
    rows = sorted(
        objects_at(row, "inputs"), key=lambda declared: _order(declared.get("sort_order"))
    )
    inputs: list[Input] = []
    for declared in rows:
        name = declared.get("name")
        if (
            not isinstance(name, str)
            or not name
            or any(name == described.name for described in inputs)
        ):
            notes.append(f"an input without a name of its own: {name!r}")
            continue
        inputs.append(_input(name, declared, ours.get(name), notes))
    names = {described.name for described in inputs}
    return [
        evolve(item, excludes=[other for other in item.excludes if other in names])
        for item in inputs
    ]


def price_of(row: JSONObject, known: Price | None) -> Price | None:
    """Return the price that the row's pricing note says.

    It is ours where the note has no price that can be read.
    """
    note = row.get("pricing_note")
    found = _PRICE.search(note) if isinstance(note, str) else None
    if found is None:
        return known
    amount, unit = found[1], {"MP": "megapixel"}.get(found[2], found[2])
    if known is not None and known.unit == unit:
        return known if float(known.amount) == float(amount) else evolve(known, amount=amount)
    return Price(amount, unit)


def _order(value: JSONValue) -> float:
    return value if isinstance(value, int | float) else float("inf")


def _input(name: str, declared: JSONObject, ours: Input | None, notes: list[str]) -> Input:
    found = _typed(name, declared, ours, notes)
    validator = declared.get("validator_attrs")
    rules = validator if isinstance(validator, dict) else {}
    allowed = _allowed(rules)
    if wrong := [value for value in allowed if not of_type(found, value)]:
        notes.append(f"{name}: allowed values that are not of type {found.type}: {wrong}")
        allowed = []
    if allowed:
        found = evolve(found, allowed=allowed, suggested=())
    limits = _limits(rules, found)
    if limits:
        found = evolve(found, limits=limits)
    if rules and not allowed and not limits:
        notes.append(
            f"{name}: a rule that is not understood: {declared.get('validator_code')} "
            f"{sorted(rules)}"
        )
    default = _default(declared.get("default_value"))
    if default is not None and fits(found, default):
        found = evolve(found, default=default)
    return (
        found
        if found.default is None or fits(found, found.default)
        else evolve(found, default=None)
    )


def _typed(name: str, declared: JSONObject, ours: Input | None, notes: list[str]) -> Input:
    """Return the input with its type and required flag.

    If the type is the same, what ours says of it stays.
    """
    code = declared.get("variable_type_code")
    kind = _TYPE_CODES.get(str(code), str(code))
    if code is None and ours is not None:
        kind = ours.type
    elif kind not in INPUT_TYPES:
        notes.append(f"{name}: the type {code!r} is not known, so any value passes")
        kind = "json"
    required = declared.get("is_required")
    required = (
        required if isinstance(required, bool) else ours.required if ours is not None else None
    )
    if ours is not None and _agree(kind, ours):
        return evolve(ours, required=required, origin="table")
    text = next(
        (
            text
            for key in ("description", "display_name")
            if isinstance(text := declared.get(key), str)
        ),
        "",
    )
    description = (
        ours.description
        if ours is not None
        else " ".join(text.split()) or f"{name}, not described."
    )
    return Input(name, kind, required, description)


def _agree(kind: str, ours: Input) -> bool:
    """Return whether our finer type is one that the API writes as text or as a list.

    A picture is text there, a list of pictures a list.
    """
    finer = {"string": FILE_TYPES, "array": ("image_list",), "json": ("object", "array")}.get(
        kind, ()
    )
    return kind in ours.types or any(own in finer for own in ours.types)


def _allowed(rules: Mapping[str, JSONValue]) -> list[object]:
    for key in _ALLOWED_KEYS:
        values = rules.get(key)
        if isinstance(values, list) and values:
            return [value.get("value") if isinstance(value, dict) else value for value in values]
    return []


def _limits(rules: Mapping[str, JSONValue], described: Input) -> dict[str, float]:
    found: dict[str, float] = {}
    for limit, keys in _LIMIT_KEYS.items():
        value = next((rules[key] for key in keys if key in rules), None)
        if isinstance(value, int | float) and not isinstance(value, bool):
            counted = (
                limit.replace("_chars", "_items")
                if {"array", "image_list"} & set(described.types)
                else limit
            )
            found[counted] = value
    return found


def _default(value: JSONValue) -> object:
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("value", "default"):
        return cast("object", next(iter(value.values())))
    return value if value != {} else None
