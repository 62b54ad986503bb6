"""Changes of JSON values: of a field wherever it stands, of lists, and of single values."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

Change = Callable[[Any], Any]
LONGER: Final = timedelta(days=2, milliseconds=500)
ENDS: Final = {"succeeded": "failed", "failed": "succeeded", "canceled": "succeeded"}


def another(value: Any) -> Any:
    """Return another value of the same type; text for a null."""
    if value is None:
        return "another"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, list):
        return value[:-1] if value else [None]
    if isinstance(value, dict):
        return {**value, "another": 1}
    if value[:2] == "20" and value[10:11] == "T":
        return f"2019{value[4:]}"
    if value.replace(".", "", 1).isdigit():
        return f"{float(value) + 1:g}"
    return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"


def two_more(value: Any) -> Any:
    """Return a number that is larger by two; anything else as it is."""
    return value + 2 if type(value) in (int, float) else value


def one_more(value: Any) -> Any:
    """Return a list with its first member once more at the end; anything else as it is."""
    return [*value, *value[:1]] if isinstance(value, list) else value


def begun_otherwise(value: Any) -> Any:
    """Return a secret with another first letter; anything else as it is."""
    is_secret = isinstance(value, str) and value.startswith("whsec_")
    return f"?{value[1:]}" if is_secret else value


def ended_otherwise(value: Any) -> Any:
    """Return another status of an end; anything else as it is."""
    return ENDS.get(value, value) if isinstance(value, str) else value


def empty(value: Any) -> Any:
    """Return what is false, zero or empty in the value's type; null stays null."""
    return None if value is None else type(value)()


def empty_inside(value: Any) -> Any:
    """Return an object whose members are empty; anything else as it is."""
    return {name: empty(one) for name, one in value.items()} if isinstance(value, dict) else value


def null(_: Any) -> Any:
    """Return null."""
    return None


def always(value: Any) -> Change:
    """Return a change to this value, whatever was there."""
    return lambda _: value


def of_field(field: str, change: Change) -> Change:
    """Change the field at any depth."""

    def changed(value: Any) -> Any:
        if isinstance(value, list):
            return [changed(one) for one in value]
        if isinstance(value, dict):
            return {
                name: change(inner) if name == field else changed(inner)
                for name, inner in value.items()
            }
        return value

    return changed


def at_the_top(field: str, change: Change) -> Change:
    """Change the field of an object, not those of what is in it."""
    return lambda value: (
        {**value, field: change(value[field])} if _is_object(value) and field in value else value
    )


def without(field: str) -> Change:
    """Take the field away, at any depth."""

    def changed(value: Any) -> Any:
        if isinstance(value, list):
            return [changed(one) for one in value]
        if isinstance(value, dict):
            return {name: changed(inner) for name, inner in value.items() if name != field}
        return value

    return changed


def added(field: str, given: Any = "another") -> Change:
    """Add the field to each row of a page, and to an object that is no page and no refusal."""

    def changed(value: Any) -> Any:
        if not _is_object(value) or "code" in value:
            return value
        if isinstance(value.get("items"), list):
            return {**value, "items": [changed(row) for row in value["items"]]}
        return {field: given, **value}

    return changed


def taking_longer(value: Any) -> Any:
    """Let all that has ended end later and take as much longer, also in the text of a payload."""
    if isinstance(value, list):
        return [taking_longer(one) for one in value]
    if not _is_object(value):
        return value
    changed = {name: taking_longer(inner) for name, inner in value.items()}
    if isinstance(value.get("payload_bytes"), str):
        changed["payload_bytes"] = json.dumps(taking_longer(json.loads(value["payload_bytes"])))
    if isinstance(value.get("completed_at"), str) and value.get("duration_ms") is not None:
        ended = datetime.fromisoformat(value["completed_at"]) + LONGER
        changed["completed_at"] = ended.isoformat()
        changed["duration_ms"] = value["duration_ms"] + LONGER // timedelta(milliseconds=1)
    return changed


def says_more(value: Any) -> Any:
    """Add a field that no document has to an object, or to each row of a list."""
    if rows_in(value) is not None:
        return of_rows(lambda rows: [says_more(row) for row in rows])(value)
    return {**value, "more": "another"} if _is_object(value) else value


def names(value: Any) -> set[str]:
    """Return the names of all fields, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = set(value) if isinstance(value, dict) else set[str]()
    return own.union(*map(names, inner))


def first_of(field: str, value: Any) -> Any:
    """Return the first value of the field, at any depth; null if there is none."""
    if isinstance(value, dict) and field in value:
        return value[field]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = (first_of(field, one) for one in inner)
    return next((one for one in found if one is not None), None)


def rows_in(content: Any) -> list[Any] | None:
    """Return the rows of a page or of a list, None for anything else, such as a batch."""
    rows = content
    if _is_object(content):
        rows = None if "id" in content else content.get("items")
    return rows if isinstance(rows, list) else None


def of_rows(change: Callable[[list[Any]], list[Any]]) -> Change:
    """Change the rows of a page or of a list."""

    def changed(value: Any) -> Any:
        rows = rows_in(value)
        if rows is None:
            return value
        return {**value, "items": change(rows)} if isinstance(value, dict) else change(rows)

    return changed


def one_after_the_other(*changes: Change) -> Change:
    """Make several changes."""

    def changed(value: Any) -> Any:
        for change in changes:
            value = change(value)
        return value

    return changed


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)
