"""Where a place of the corrected document stands in the document as it was published."""

from collections.abc import Iterator

from ..document.json_tree import (
    JSONObject,
    JSONValue,
    at_pointer,
    local_pointer,
    object_at,
    objects_at,
    pointer,
    pointer_parts,
    text_at,
)

_WRAPPERS = ("allOf", "anyOf", "oneOf")
_MAX_STEPS = 200
_MAX_DEPTH = 60


def published_place(
    published: JSONObject, corrected: JSONObject, names: dict[str, str], place: str
) -> str:
    """Return the pointer in the published document, as long as it can be followed there.

    `names` says where the schema of a name was found. References are followed to what they lead to,
    and parameters are found by name: the corrected document has them in another order.
    """
    parts = pointer_parts(place)
    if parts[:2] == ["components", "schemas"] and len(parts) > 2 and parts[2] in names:
        parts = pointer_parts(names[parts[2]]) + parts[3:]
    if parts[:2] == ["components", "schemas"] and len(parts) > 2 and parts[2].startswith("/"):
        # A schema that a reference found inside something else: its name is its pointer.
        parts = pointer_parts(parts[2]) + parts[3:]
    return _Walk(published, corrected).follow(parts)


class _Walk:
    def __init__(self, published: JSONObject, corrected: JSONObject) -> None:
        self._published = published
        self._corrected = corrected

    def follow(self, parts: list[str]) -> str:
        if parts[:1] == ["paths"] and parts[3:4] == ["parameters"] and len(parts) > 4:
            return self._parameter(parts)
        return self._longest("", self._published, parts)[1]

    def _longest(
        self, where: str, value: JSONValue, parts: list[str], depth: int = 0
    ) -> tuple[int, str]:
        """Return how many parts could be followed from here, and the pointer where they end."""
        if not parts or depth > _MAX_DEPTH:
            return 0, where
        where, value = self._behind(where, value)
        best = (0, where)
        for inner_where, inner, used in _steps(where, value, parts[0]):
            count, end = self._longest(inner_where, inner, parts[used:], depth + 1)
            count += used if inner_where != where else 0
            if count > best[0]:
                best = (count, end)
        return best

    def _behind(self, where: str, value: JSONValue) -> tuple[str, JSONValue]:
        """Return what a reference leads to, references to references followed."""
        for _ in range(_MAX_STEPS):
            found = value if isinstance(value, dict) else {}
            target = local_pointer(text_at(found, "$ref"))
            if target is None:
                break
            try:
                where, value = target, at_pointer(self._published, target)
            except KeyError:
                break
        return where, value

    def _parameter(self, parts: list[str]) -> str:
        operation = object_at(object_at(object_at(self._corrected, "paths"), parts[1]), parts[2])
        written = objects_at(operation, "parameters")
        index = int(parts[4]) if parts[4].isdigit() else len(written)
        wanted = written[index] if index < len(written) else {}
        item_place, item = self._behind(
            pointer("paths", parts[1]), object_at(object_at(self._published, "paths"), parts[1])
        )
        holders = [(f"{item_place}/{parts[2]}", object_at(_object(item), parts[2]))]
        holders.append((item_place, _object(item)))
        for place, holder in holders:
            for number, one in enumerate(objects_at(holder, "parameters")):
                where, found = self._behind(f"{place}/parameters/{number}", one)
                if all(_object(found).get(key) == wanted.get(key) for key in ("in", "name")):
                    return self._longest(where, found, parts[5:])[1]
        return holders[0][0]


def _steps(where: str, value: JSONValue, part: str) -> Iterator[tuple[str, JSONValue, int]]:
    """Yield what a part may lead to, and how many parts that uses: none for a wrapper's inside."""
    if isinstance(value, list):
        if part.isdigit() and int(part) < len(value):
            yield where + pointer(part), value[int(part)], 1
        return
    found = _object(value)
    # Statuses and content types are written in one case in the corrected document.
    for key in sorted(found, key=lambda key: key != part):
        if key == part or key.strip().lower() == part.lower():
            yield where + pointer(key), found[key], 1
    if part in _WRAPPERS and not any(word in found for word in _WRAPPERS):
        yield where, found, 2  # A list of types is a union in the corrected document.
    for word in _WRAPPERS:
        if word in found and part in _WRAPPERS and part not in found:
            yield where + pointer(word), found[word], 1
        for index, inner in enumerate(objects_at(found, word)):
            yield where + pointer(word, index), inner, 0


def _object(value: JSONValue) -> JSONObject:
    return value if isinstance(value, dict) else {}
