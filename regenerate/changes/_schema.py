"""Two versions of a schema: what changed, and what that means for who sends and for who reads."""

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from ..document.json_tree import (
    JSONObject,
    JSONValue,
    canonical_bytes,
    object_at,
    objects_at,
    strings_at,
    text_at,
)
from .change import Change, addition, breaking, other

_FLOORS: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_CEILINGS: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_RULES: Final = (
    "pattern",
    "multipleOf",
    "uniqueItems",
    "const",
    "additionalProperties",
    "discriminator",
)
_DEFAULT: Final = re.compile(
    r' ?Default of the server(?: of ([^:"]+))?: ("(?:[^"\\]|\\.)*"|[^" ]+)\.(?= |$)'
)
_UNIONS: Final = ("anyOf", "oneOf")
_VARIANTS: Final = (*_UNIONS, "allOf")


@frozen
class Use:
    """How a schema is used: values of it are sent by callers, read by callers, or both."""

    sent: bool
    read: bool


def schema_changes(old: JSONObject, new: JSONObject, use: Use, where: str) -> Iterator[Change]:
    """Yield what changed between two versions of a schema.

    References are compared by name and not followed.
    """
    old, old_null = without_null(old)
    new, new_null = without_null(new)
    if old_null != new_null:
        what = "may be null now" if new_null else "is never null any more"
        breaks = use.read if new_null else use.sent
        yield breaking(where, what) if breaks else addition(where, what)
    was, now = kind_of_schema(old), kind_of_schema(new)
    if was != now:
        yield from _kind_changes(old, new, use, where)
    if any(word in old or word in new for word in _VARIANTS):
        yield from _variant_changes(old, new, use, where)
    if was != now:
        return
    yield from _enum_changes(old, new, use, where)
    yield from _limit_changes(old, new, use, where)
    yield from _field_changes(old, new, use, where)
    if "items" in old or "items" in new:  # without them, an item may be anything
        yield from schema_changes(
            object_at(old, "items"), object_at(new, "items"), use, f"{where}[]"
        )
    before, after = old.get("additionalProperties"), new.get("additionalProperties")
    if isinstance(before, dict) and isinstance(after, dict):
        yield from schema_changes(before, after, use, f"{where}{{}}")
    yield from _place_changes(old, new, use, where)
    yield from description_changes(old, new, use, where)


def description_changes(old: JSONObject, new: JSONObject, use: Use, where: str) -> Iterator[Change]:
    """Yield what changed in a description, and in the defaults that it tells.

    The corrected document has no defaults, so that the client does not freeze them.
    """
    was_told, now_told = text_at(old, "description"), text_at(new, "description")
    if _DEFAULT.sub("", was_told) != _DEFAULT.sub("", now_told):
        yield other(where, "the description changed")
    was, now = dict(_DEFAULT.findall(was_told)), dict(_DEFAULT.findall(now_told))
    for field in was.keys() | now.keys():
        before, after = was.get(field, "none"), now.get(field, "none")
        if before != after:
            place = f"{where}.{field}" if field else where
            what = f"the default was {before}, is {after}"
            # A default that is told for the first time was there before.
            yield breaking(place, what) if use.sent and field in was else other(place, what)


def _place_changes(old: JSONObject, new: JSONObject, use: Use, where: str) -> Iterator[Change]:
    """Yield what changed in the places of an array that have a schema each."""
    was, now = objects_at(old, "prefixItems"), objects_at(new, "prefixItems")
    for number, (before, after) in enumerate(zip(was, now, strict=False)):
        yield from schema_changes(before, after, use, f"{where}[{number}]")
    for number in range(len(now), len(was)):
        yield breaking(f"{where}[{number}]", "has no schema of its own any more")
    for number in range(len(was), len(now)):
        place, kind = f"{where}[{number}]", kind_of_schema(without_null(now[number])[0])
        least = new.get("minItems")
        demanded = use.sent and isinstance(least, int) and number < least
        yield (
            breaking(place, f"is new and must be sent: {kind}")
            if demanded
            else addition(place, f"is new: {kind}")
        )


def without_null(schema: JSONObject) -> tuple[JSONObject, bool]:
    """Return the schema of what is not null, and whether null may stand there as well."""
    for word in _UNIONS:
        variants = objects_at(schema, word)
        solid = [variant for variant in variants if variant != {"type": "null"}]
        if variants and len(solid) < len(variants):
            rest = {key: value for key, value in schema.items() if key != word}
            return ({**solid[0], **rest} if len(solid) == 1 else {**rest, word: [*solid]}), True
    kinds = strings_at(schema, "type")
    if "null" in kinds:
        solid_kinds: list[JSONValue] = [kind for kind in kinds if kind != "null"]
        return {**schema, "type": solid_kinds[0] if len(solid_kinds) == 1 else solid_kinds}, True
    return schema, False


def kind_of_schema(schema: JSONObject) -> str:
    """Return what a schema is, in a word: `Run`, `string (uuid)`, `array`, `A or B`."""
    if "$ref" in schema:
        return text_at(schema, "$ref").rsplit("/", 1)[-1]
    for word in (*_UNIONS, "allOf"):
        variants = objects_at(schema, word)
        if variants:
            joint = " and " if word == "allOf" else " or "
            return joint.join(sorted({kind_of_schema(variant) for variant in variants}))
    kinds = strings_at(schema, "type") or [
        text_at(schema, "type") or ("object" if "properties" in schema else "any")
    ]
    form = text_at(schema, "format")
    return " or ".join(kinds) + (f" ({form})" if form else "")


def _kind_changes(old: JSONObject, new: JSONObject, use: Use, where: str) -> Iterator[Change]:
    was, now = set(kind_of_schema(old).split(" or ")), set(kind_of_schema(new).split(" or "))
    what = f"was {kind_of_schema(old)}, is {kind_of_schema(new)}"
    narrower, wider = now <= was or was == {"any"}, was <= now or now == {"any"}
    harmless = (narrower or not use.read) and (wider or not use.sent)
    yield addition(where, what) if harmless else breaking(where, what)


def _variant_changes(old: JSONObject, new: JSONObject, use: Use, where: str) -> Iterator[Change]:
    """Yield what changed inside the variants of a union, and inside the parts of an `allOf`.

    Those of one kind are compared with each other, in their order. Of two kinds, what came and went
    is a change of the kind, which is told already.
    """
    was, now = _variants(old), _variants(new)
    for kind in sorted(was.keys() & now.keys()):
        before, after = was[kind], now[kind]
        # Plain equal ones are taken out first, so that a new variant in front is no change of all.
        changed = [one for one in before if one not in after]
        into = [one for one in after if one not in before]
        label = f"{where}({kind})"
        for one, other_one in zip(changed, into, strict=False):
            yield from schema_changes(one, other_one, use, label)
        for one in changed[len(into) :]:
            what = f"the variant {_sketch(one)} is gone"
            yield breaking(label, what) if use.sent else addition(label, what)
        for one in into[len(changed) :]:
            what = f"the variant {_sketch(one)} is new"
            yield breaking(label, what) if use.read else addition(label, what)


def _variants(schema: JSONObject) -> dict[str, list[JSONObject]]:
    """Return the variants by kind; a schema without any is its own only one."""
    found: dict[str, list[JSONObject]] = {}
    listed = [one for word in _VARIANTS for one in objects_at(schema, word)]
    for one in listed or [schema]:
        found.setdefault(kind_of_schema(one), []).append(one)
    return found


def _sketch(schema: JSONObject) -> str:
    """Return a schema in some words: its fields, or its kind."""
    fields = sorted(object_at(schema, "properties"))
    return f"{{{', '.join(fields[:4])}}}" if fields else kind_of_schema(schema)


def _enum_changes(old: JSONObject, new: JSONObject, use: Use, where: str) -> Iterator[Change]:
    was, now = _values(old), _values(new)
    if was is None or now is None:
        if was != now:
            what = (
                "any value is allowed now"
                if now is None
                else f"only {', '.join(sorted(now))} from now on"
            )
            yield breaking(where, what) if use.sent and was is None else addition(where, what)
        return
    for value in sorted(now - was):
        # Enums of the client are open: a program that reads meets a value it did not know, as it
        # always could.
        yield addition(where, f"the value {value} is new")
    for value in sorted(was - now):
        # The member of the Python class goes, whoever uses it.
        yield breaking(where, f"the value {value} is gone")


def _values(schema: JSONObject) -> set[str] | None:
    values = schema.get("enum")
    return (
        {value if isinstance(value, str) else str(value) for value in values}
        if isinstance(values, list)
        else None
    )


def _limit_changes(old: JSONObject, new: JSONObject, use: Use, where: str) -> Iterator[Change]:
    for word in (*_FLOORS, *_CEILINGS):
        was, now = old.get(word), new.get(word)
        if was == now:
            continue
        what = f"{word} was {_formatted(was)}, is {_formatted(now)}"
        yield (
            breaking(where, what)
            if use.sent and _is_tighter(word, was, now)
            else other(where, what)
        )
    for word in _RULES:
        was, now = old.get(word), new.get(word)
        if was == now or (
            isinstance(was, dict) and isinstance(now, dict) and word == "additionalProperties"
        ):
            continue
        what = f"{word} was {_formatted(was)}, is {_formatted(now)}"
        loosened = now is None or (word == "additionalProperties" and now is True)
        yield breaking(where, what) if use.sent and not loosened else other(where, what)


def _is_tighter(word: str, was: JSONValue, now: JSONValue) -> bool:
    if now is None:
        return False
    if isinstance(was, int | float) and isinstance(now, int | float):
        return now > was if word in _FLOORS else now < was
    return True


def _formatted(value: JSONValue) -> str:
    return "none" if value is None else canonical_bytes(value).decode("utf-8")[:60]


def _field_changes(old: JSONObject, new: JSONObject, use: Use, where: str) -> Iterator[Change]:
    was, now = object_at(old, "properties"), object_at(new, "properties")
    required_before, required_now = (
        set(strings_at(old, "required")),
        set(strings_at(new, "required")),
    )
    for name in sorted(was.keys() - now.keys()):
        yield breaking(f"{where}.{name}", "is gone")
    for name in sorted(now.keys() - was.keys()):
        demanded = name in required_now and use.sent
        yield (
            breaking(f"{where}.{name}", "is new and must be sent")
            if demanded
            else addition(
                f"{where}.{name}",
                f"is new: {kind_of_schema(without_null(object_at(now, name))[0])}",
            )
        )
    for name in sorted(was.keys() & now.keys()):
        yield from _demand_changes(
            name in required_before, name in required_now, use, f"{where}.{name}"
        )
        yield from schema_changes(
            object_at(was, name), object_at(now, name), use, f"{where}.{name}"
        )


def _demand_changes(before: bool, after: bool, use: Use, where: str) -> Iterator[Change]:
    if before == after:
        return
    if after:
        yield (
            breaking(where, "must be sent now") if use.sent else other(where, "is always there now")
        )
    else:
        yield (
            breaking(where, "may be missing now")
            if use.read
            else addition(where, "may be left out now")
        )
