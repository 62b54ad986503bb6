"""What the overlay relies on: one list, and what a document lacks of it."""

import operator
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from ..document.json_tree import (
    DocumentError,
    JSONObject,
    JSONValue,
    Operation,
    object_at,
    objects_at,
    operations,
    strings_at,
    text_at,
)
from ..document.security import KeyPlace, accepted_places
from ..document.yaml_files import read_yaml
from ..project.paths import NEEDS
from ._schema import kind_of_schema, without_null
from .units import MOMENT, is_unit, other_unit, renamed_to

_MOMENT: Final = "string (date-time)"
_LIMITS: Final = {
    "maximum": operator.gt,
    "exclusiveMaximum": operator.ge,
    "minimum": operator.lt,
    "exclusiveMinimum": operator.le,
}
"""The limits of a number, and when a value is beyond each."""


@frozen
class Need:
    """What a feature of the overlay needs.

    These are operations with the parameters that it gives, and schemas with their fields.
    """

    feature: str
    operations: Mapping[str, tuple[str, ...]]
    schemas: Mapping[str, tuple[str, ...]]
    slashes: tuple[str, ...] = ()
    """Operations with a path parameter whose slashes must arrive as they are."""
    mend: tuple[str, ...] = ()
    """Where in the overlay the feature is."""
    sends: Mapping[str, JSONObject] = {}
    """Values of parameters, by operation, that the document must allow."""
    values: Mapping[str, tuple[str, ...]] = {}
    """Every value of an enum: the overlay acts on them, and on no other."""
    answers: Mapping[str, str] = {}
    """The class of the body of an operation's success."""
    kinds: Mapping[str, Mapping[str, str]] = {}
    """What a field of a schema may be."""
    units: Mapping[str, Mapping[str, str]] = {}
    """The unit in which a field of a schema is read or sent."""
    always_sent: Mapping[str, tuple[str, ...]] = {}
    """The fields of a body that are always sent."""
    security: KeyPlace | None = None
    """Where the key is sent."""


@frozen(order=True)
class Missing:
    """Something that a feature needs and a document does not have, and where to mend it."""

    feature: str
    what: str
    mend: tuple[str, ...] = ()

    def __str__(self) -> str:
        places = f" (mend: {', '.join(self.mend)})" if self.mend else ""
        return f"{self.feature}: {self.what}{places}"


def read_needs(path: Path = NEEDS) -> tuple[Need, ...]:
    """Return the list of a YAML file.

    Raises:
        DocumentError: the file holds no such list, or names a unit that is not known.
    """
    value = read_yaml(path)
    entries = objects_at(value, "features")
    if not entries:
        raise DocumentError(f"{path.name}: holds no list under features")
    needs = [_need(entry, value) for entry in entries]
    key = object_at(value, "security")
    if key:
        place = KeyPlace(*(text_at(key, word) for word in ("place", "name", "prefix")))
        needs.append(Need(text_at(key, "feature"), {}, {}, mend=_mend(key), security=place))
    return tuple(needs)


def _need(entry: JSONObject, value: JSONObject) -> Need:
    always = object_at(value, "always_sent")
    found = Need(
        text_at(entry, "feature"),
        _lists(entry, "operations"),
        _lists(entry, "schemas"),
        tuple(strings_at(entry, "slashes")),
        _mend(entry),
    )
    sends, answers = object_at(entry, "sends"), object_at(entry, "answers")
    kinds = _of_fields(found, object_at(value, "kinds"))
    units = _of_fields(found, object_at(value, "units"))
    found = evolve(
        found,
        sends={name: object_at(sends, name) for name in sends},
        values=_lists(entry, "values"),
        answers={name: text_at(answers, name) for name in answers},
        kinds=kinds,
        units={
            name: {
                **{field: MOMENT for field, kind in of.items() if kind == _MOMENT},
                **units[name],
            }
            for name, of in kinds.items()
        },
        always_sent={
            name: tuple(strings_at(always, name)) for name in found.schemas if name in always
        },
    )
    named = {one for of in found.units.values() for one in of.values()}
    if unknown := sorted(one for one in named if not is_unit(one)):
        raise DocumentError(f"{found.feature}: units.py knows no unit {', '.join(unknown)}")
    return found


def _of_fields(need: Need, said: JSONObject) -> dict[str, dict[str, str]]:
    """Return what is said of the fields of each schema that a feature needs."""
    return {
        name: {
            field: text_at(object_at(said, name), field)
            for field in fields
            if field in object_at(said, name)
        }
        for name, fields in need.schemas.items()
    }


def _mend(entry: JSONObject) -> tuple[str, ...]:
    return tuple(f"overlay/runflow_client/{place}" for place in strings_at(entry, "mend"))


def _lists(entry: JSONObject, key: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(strings_at(object_at(entry, key), name)) for name in object_at(entry, key)}


def find_missing(
    document: JSONObject, needs: tuple[Need, ...], before: JSONObject | None = None
) -> tuple[Missing, ...]:
    """Return what a corrected document lacks of what the features need, by feature.

    Limits are compared with those of the corrected document before, if it is given: one that moved
    by as much as two units differ tells of another unit.
    """
    return tuple(
        sorted(
            {
                Missing(need.feature, what, need.mend)
                for need in needs
                for what in (*_missing(document, need), *_other_units(document, need, before or {}))
            }
        )
    )


def _missing(document: JSONObject, need: Need) -> Iterator[str]:
    there = {
        f"{tag}.{text_at(operation.data, 'operationId')}": operation
        for operation in operations(document)
        for tag in strings_at(operation.data, "tags")[:1]
    }
    for name, parameters in need.operations.items():
        if name not in there:
            yield f"the operation {name} is not there"
            continue
        yield from _parameters_missing(name, there[name], parameters)
    for name in need.slashes:
        parameters_there = objects_at(there[name].data, "parameters") if name in there else []
        if not any(one.get("x-many-segments") is True for one in parameters_there):
            yield f"no path parameter of {name} keeps slashes: a model id with slashes is not sent"
    for name, sent in need.sends.items():
        if name in there:
            yield from _refused(name, there[name], sent)
    for name, answer in need.answers.items():
        if name in there and answer not in (found := _answers(there[name])):
            yield f"{name} answers {', '.join(found) or 'nothing'} and not {answer}"
    yield from _schemas_missing(document, need)
    if need.security is not None:
        yield from _key_missing(document, need.security)


def _parameters_missing(name: str, operation: Operation, given: tuple[str, ...]) -> Iterator[str]:
    there = objects_at(operation.data, "parameters")
    known = {text_at(one, "name") for one in there}
    yield from (f"the operation {name} does not take {one}" for one in given if one not in known)
    for one in there:
        spoken = text_at(one, "name")
        if one.get("required") is True and one.get("in") != "path" and spoken not in given:
            yield f"{name} must be given {spoken}, which the overlay does not give"


def _refused(name: str, operation: Operation, sent: JSONObject) -> Iterator[str]:
    """Yield the values of parameters that we send and the document does not allow."""
    for one in objects_at(operation.data, "parameters"):
        spoken, schema = text_at(one, "name"), without_null(object_at(one, "schema"))[0]
        value = sent.get(spoken)
        if not isinstance(value, int):
            continue
        for word, is_beyond in _LIMITS.items():
            limit = schema.get(word)
            if isinstance(limit, int | float) and is_beyond(value, limit):
                yield f"{name} is sent {spoken}={value}, and its {word} is {limit}"
        kinds = kind_of_schema(schema).split(" or ")
        if not {"integer", "number", "any"} & set(kinds):
            yield f"{name} is sent {spoken}={value}, which must be {' or '.join(kinds)}"


def _answers(operation: Operation) -> list[str]:
    """Return the classes of the bodies of an operation's successes."""
    found: list[str] = []
    responses = object_at(operation.data, "responses")
    for status in responses:
        if status.startswith("2"):
            content = object_at(object_at(responses, status), "content")
            found += [
                kind_of_schema(object_at(object_at(content, kind), "schema")) for kind in content
            ]
    return found


def _schemas_missing(document: JSONObject, need: Need) -> Iterator[str]:
    named = object_at(object_at(document, "components"), "schemas")
    for name, fields in need.schemas.items():
        if name not in named:
            yield f"the schema {name} is not there"
            continue
        schema = object_at(named, name)
        properties = object_at(schema, "properties")
        for one in fields:
            if one not in properties:
                unit = need.units.get(name, {}).get(one)
                like_it = renamed_to(unit, one, _fields(document, name)) if unit else ""
                yield f"{name} has no field {one}" + (
                    f": {like_it}, and the overlay takes it for {unit}" if like_it else ""
                )
                continue
            wanted = set(need.kinds.get(name, {}).get(one, "").split(" or "))
            found = set(kind_of_schema(object_at(properties, one)).split(" or ")) - {"null"}
            if "number" in found:  # an integer is a number
                found.discard("integer")
            if wanted != {""} and not found <= wanted:
                yield (
                    f"{name}.{one} is {' or '.join(sorted(found))}, "
                    f"and the overlay reads {' or '.join(sorted(wanted))}"
                )
        if name in need.always_sent:
            left = set(strings_at(schema, "required")) - set(need.always_sent[name])
            yield from (
                f"{name}.{one} must be sent, which the overlay does not always do"
                for one in sorted(left)
            )
    for name, values in need.values.items():
        there = set(strings_at(object_at(named, name), "enum"))
        if not there:
            continue
        yield from (
            f"{name} has no value {one} any more, on which the overlay acts"
            for one in values
            if one not in there
        )
        yield from (
            f"{name} has the value {one}, on which the overlay does not act: say what it means"
            for one in sorted(there - set(values))
        )


def _other_units(document: JSONObject, need: Need, before: JSONObject) -> Iterator[str]:
    """Yield the fields that the document says to be in another unit than ours."""
    for name, fields in need.units.items():
        now, was = _fields(document, name), _fields(before, name)
        for one, unit in fields.items():
            if one in now and (found := other_unit(unit, one, now[one], was.get(one))):
                yield (
                    f"{name}.{one} is in {found[0]}, as {found[1]} says, "
                    f"and the overlay takes it for {unit}"
                )


def _fields(document: JSONObject, name: str) -> dict[str, JSONObject]:
    schemas = object_at(object_at(document, "components"), "schemas")
    properties = object_at(object_at(schemas, name), "properties")
    return {one: without_null(object_at(properties, one))[0] for one in properties}


def _key_missing(document: JSONObject, wanted: KeyPlace) -> Iterator[str]:
    refused = [
        operation.title
        for operation in operations(document)
        if (places := accepted_places(document, operation.data)) is not None
        and wanted not in places
    ]
    if refused:
        sent = f"{wanted.prefix} {wanted.place} {wanted.name}".strip()
        yield f"{len(refused)} operations do not take the key as {sent}: {', '.join(refused[:3])}"
    schemes: JSONValue = object_at(object_at(document, "components"), "securitySchemes")
    if not schemes and any(True for _ in operations(document)):
        yield "no operation asks for a key"
