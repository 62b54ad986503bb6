"""Names of schemas.

Each class gets the name of the place where it stands, and only our names remain.

The document's own schema names and titles have no say: the way to a schema begins at an operation
and is walked in an order that does not depend on them.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import evolve, frozen

from ..document.json_tree import JSONObject, JSONValue, object_at, objects_at, pointer, text_at
from ..document.schemas import ANNOTATIONS, all_operations, as_schema, schema_holders
from .class_schemas import FREE_FORM_NAME, ClassReader, is_free_form
from .operation_names import (
    NamingTable,
    OperationName,
    pascal_case,
    place_key,
    singular,
    table_spelling,
)

# A name becomes a file's: schemas that stand deep inside others would have one that no disk takes.
MAX_NAME_LENGTH: Final = 100
_SUCCESSES: Final = ("200", "201", "202")


@frozen
class SchemaNames:
    """The name of every class by its pointer, each name's first place, and what did not fit."""

    names: Mapping[str, str]
    places: Mapping[str, str]
    conflicts: tuple[str, ...]
    unmatched: tuple[str, ...]


def name_schemas(
    document: JSONObject, table: NamingTable, operation_names: Mapping[str, OperationName]
) -> SchemaNames:
    """Name every class that an operation, a callback or a webhook of the expanded document reaches.

    What the table knows comes first, beginning at the operations; then, one by one, the rest after
    its first place: `GetRunResponse`, `CreateRunBody`, `RunFlow`. Free-form objects outside the
    table are all `JsonObject`.
    """
    namer = _Namer(document, table, operation_names)
    namer.name_everything()
    unmatched = tuple(sorted(set(table.schemas) - namer.matched))
    return SchemaNames(
        namer.names, dict(sorted(namer.places.items())), tuple(namer.conflicts), unmatched
    )


@frozen
class _Place:
    """One place of a class.

    It has the names of the place in the table, most exact first, a made-up name, and a pointer.
    `error` is the status where it is the whole body of an error, and `operation` whose error it is.
    """

    keys: tuple[str, ...]
    derived: str
    schema: str
    error: str = ""
    operation: str = ""


class _Namer(ClassReader):
    def __init__(
        self, document: JSONObject, table: NamingTable, operation_names: Mapping[str, OperationName]
    ) -> None:
        super().__init__(document)
        self._root = document
        self._table = table.schemas
        self._spelling = table_spelling(document, table)
        self._operation_names = operation_names
        # Pointers by lower-case name: two names that differ in case only would be one file on some
        # disks.
        self._owners: dict[str, str] = {FREE_FORM_NAME.lower(): ""}
        self._reserved = {name.lower() for name in table.schemas.values()}
        self._fresh: deque[str] = deque()
        self._pending: deque[_Place] = deque()
        self.names: dict[str, str] = {}
        self.places: dict[str, str] = {}
        self.conflicts: list[str] = []
        self.matched: set[str] = set()

    def name_everything(self) -> None:
        order = {place: number for number, place in enumerate(self._table)}
        places = self._with_error_names(list(self._operation_places()))
        known = [place for place in places if any(key in order for key in place.keys)]
        # The table's own order decides which place a name is taken from, where it gives one name to
        # unlike schemas.
        for place in sorted(
            known, key=lambda place: min(order[key] for key in place.keys if key in order)
        ):
            self._from_table(place)
        for place in places:
            self._wait(place)
        while self._fresh or self._pending:
            if self._fresh:
                self._members_of(self._fresh.popleft())
                continue
            place = self._pending.popleft()
            if place.schema not in self.names:
                self._claim(place, self._free_name(place.derived))

    def _with_error_names(self, places: list[_Place]) -> list[_Place]:
        """Return the places, those of errors with the keys of their shape and names of their own.

        An error body that several operations share is made up a name of its lowest status, so that
        it keeps its name when operations are added before the first that uses it.
        """
        uses: defaultdict[str, set[str]] = defaultdict(set)
        statuses: defaultdict[str, set[str]] = defaultdict(set)
        for place in places:
            if place.error:
                uses[place.schema].add(place.operation)
                statuses[place.schema].add(place.error)
        shared = {
            schema: f"ErrorResponse{pascal_case(min(statuses[schema]))}"
            for schema, operations in uses.items()
            if len(operations) > 1
        }
        several = {name for name in shared.values() if list(shared.values()).count(name) > 1}
        result: list[_Place] = []
        for place in places:
            if place.error:
                fields = _fields(self.at(place.schema))
                error_class = f"{place.error[:1]}XX"
                keys = (f"* {place.error} {fields}", f"* {error_class} {fields}")
                place = evolve(place, keys=(place.keys[0], *keys, *place.keys[1:]))
                name = shared.get(place.schema, place.derived)
                place = evolve(place, derived=name + pascal_case(fields) * (name in several))
            result.append(place)
        return result

    def _members_of(self, where: str) -> None:
        name = self.names[where]
        for suffix, inner in self.members(where):
            place = _Place((name + suffix,), name + _spoken(suffix), inner)
            self._from_table(place)
            self._wait(place)

    def _from_table(self, place: _Place) -> None:
        known = [key for key in place.keys if key in self._table]
        self.matched.update(known)
        if not known:
            return
        name, current = self._table[known[0]], self.names.get(place.schema)
        owner = self._owners.get(name.lower())
        if current is not None:
            if current != name:
                self.conflicts.append(f"{known[0]}: the table says {name}, it is {current} already")
        elif owner is None:
            self._claim(place, name)
        elif self._alike(self.at(owner), self.at(place.schema), set()):
            self.names[place.schema] = name
        else:
            self.conflicts.append(
                f"{known[0]}: the table says {name}, but it is not like {self.places[name]}"
            )

    def _wait(self, place: _Place) -> None:
        if place.schema in self.names:
            return
        if is_free_form(self.at(place.schema)):
            self.names[place.schema] = FREE_FORM_NAME
            self.places.setdefault(FREE_FORM_NAME, place.keys[0])
        else:
            self._pending.append(place)

    def _claim(self, place: _Place, name: str) -> None:
        self.names[place.schema] = name
        self.places[name] = place.keys[0]
        self._owners[name.lower()] = place.schema
        self._fresh.append(place.schema)

    def _free_name(self, wanted: str) -> str:
        wanted = wanted[:MAX_NAME_LENGTH]
        number, name = 1, wanted
        while name.lower() in self._owners or name.lower() in self._reserved:
            number += 1
            name = f"{wanted}{number}"
        return name

    def _alike(self, one: JSONObject, other: JSONObject, assumed: set[tuple[int, int]]) -> bool:
        """Return whether two schemas allow the same values, whatever their names.

        Descriptions do not count.
        """
        found, against = self.target(one), self.target(other)
        if found is None or against is None:
            return one == other
        one, other = found[1], against[1]
        if one is other or (id(one), id(other)) in assumed:
            return True
        # A pair met again, in a circle or beside, need not be looked at again: one difference
        # anywhere decides.
        assumed.add((id(one), id(other)))
        keys = {key for key in one if key not in ANNOTATIONS}
        return keys == {key for key in other if key not in ANNOTATIONS} and all(
            self._same(key, one[key], other[key], assumed) for key in keys
        )

    def _same(
        self, key: str, one: JSONValue, other: JSONValue, assumed: set[tuple[int, int]]
    ) -> bool:
        if isinstance(one, dict) and isinstance(other, dict):
            if key != "properties":
                return self._alike(one, other, assumed)
            return one.keys() == other.keys() and all(
                self._alike(object_at(one, name), object_at(other, name), assumed) for name in one
            )
        if isinstance(one, list) and isinstance(other, list):
            pairs = zip(one, other, strict=False)
            return len(one) == len(other) and all(self._same("", a, b, assumed) for a, b in pairs)
        return one == other

    def _operation_places(self) -> Iterator[_Place]:
        """Yield every class that an operation names directly, by path, method and place."""
        callbacks = 0
        for way, operation in all_operations(self._root):
            section, path, method = way[:3]
            callbacks = callbacks + 1 if len(way) > 3 else 0
            number = str(callbacks) if callbacks > 1 else ""
            title = f"{method.upper()} {path}"
            if section == "paths":
                key = place_key(f"{method.upper()} {self._spelling.as_known(path)}")
                base = pascal_case(self._operation_names[title].name)
            else:
                key, base = f"webhook {path}", f"{pascal_case(path)}Webhook"
            if callbacks:
                key, base = f"{key} callback{number}", f"{base}Callback{number}"
            holders = sorted(
                schema_holders(operation), key=lambda found: found[0][0] == "parameters"
            )
            for inner, holder in holders:
                # What a callback or webhook brings is its body; who answers it is not this client.
                if inner[0] == "requestBody" or (section == "paths" and not callbacks):
                    keys, derived = _direct_place(key, base, inner, operation)
                    where = pointer(*way, *inner, "schema")
                    for suffix, found in self.classes(where, as_schema(holder["schema"])):
                        error = inner[1] if inner[0] == "responses" and not suffix else ""
                        yield _Place(
                            tuple(one + suffix for one in keys),
                            derived + _spoken(suffix),
                            found,
                            error=error if error[:1] in ("4", "5", "d") else "",
                            operation=title,
                        )


def _direct_place(
    key: str, base: str, inner: tuple[str, ...], operation: JSONObject
) -> tuple[tuple[str, ...], str]:
    """Return what the table may call a parameter, a body or an answer, and a made-up name."""
    if inner[0] == "parameters":
        parameter = objects_at(operation, "parameters")[int(inner[1])]
        spoken = f"{text_at(parameter, 'in')} {text_at(parameter, 'name')}"
        return (f"{key} {spoken}", f"* {spoken}"), base + pascal_case(text_at(parameter, "name"))
    responses = object_at(operation, "responses")
    keys: tuple[str, ...]
    if inner[0] == "requestBody":
        keys, derived, content = (
            (f"{key} body",),
            f"{base}Body",
            object_at(operation, "requestBody"),
        )
    else:
        status = inner[1]
        success = min((known for known in responses if known.startswith("2")), default=None)
        keys = (f"{key} {status}", f"* {status}", f"* {status[:1]}XX")
        if status == success:
            # A table that knows another status of success means this one.
            others = (other for other in _SUCCESSES if other not in responses)
            keys = (keys[0], *(f"{key} {other}" for other in others), *keys[1:])
        derived = f"{base}Response" if status == success else f"{base}Response{pascal_case(status)}"
        content = object_at(responses, status)
    kinds = object_at(content, "content")
    if inner[-1] != min(kind for kind in kinds if "schema" in object_at(kinds, kind)):
        # A further content type: the table's places speak of the first that says what is inside.
        return tuple(f"{one} {inner[-1]}" for one in keys), derived + pascal_case(inner[-1])
    return keys, derived


def _fields(schema: JSONObject) -> str:
    """Return the fields of an object as the table writes them: `{code,errors[]}`."""
    properties = object_at(schema, "properties")
    names = (
        f"{name}[]" if text_at(as_schema(properties[name]), "type") == "array" else name
        for name in sorted(properties)
    )
    return f"{{{','.join(names)}}}"


def _spoken(suffix: str) -> str:
    """Return the end of a place as the end of a class name.

    `.event_subscriptions[]` is `EventSubscription`.
    """
    name, *marks = re.findall(
        r"^\.?(?:(?!\[\]|\{\}|[|&][0-9]).)*|\[\]|\{\}|[|&][0-9]+", suffix, re.DOTALL
    )
    if name and marks[:1] == ["[]"]:
        name, marks = singular(name), marks[1:]
    words = {"[]": "Item", "{}": "Value"}
    return pascal_case(name) + "".join(words.get(mark, f"Variant{mark[1:]}") for mark in marks)
