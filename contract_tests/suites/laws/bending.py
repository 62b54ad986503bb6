"""Bends what a check is told: each field that it reads, each page, refusal and callback."""

import json
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any, Final

from attrs import evolve
from runflow_conformance.laws import ReceivedCallback
from runflow_mock.contract.document import Document

from .replaying import Answer, Check, Recording

FIELDS: Final = frozenset(
    name
    for schema in Document.read().content["components"]["schemas"].values()
    for name in schema.get("properties", ())
)
"""The names of fields in the document."""
Change = Callable[[Any], Any]
Bend = tuple[str, Recording]


def bends(check: Check, recording: Recording) -> Iterator[Bend]:
    """Yield what the check could be told instead, with a name for each."""
    contents = [answer.content for answer in recording.answers]
    words = words_of(check)
    for field in sorted({name for content in contents for name in _names(content)}):
        if field in words or field.removesuffix("_code") in words:
            yield f"{field} null", _everywhere(recording, contents, _set(field, lambda _: None))
            yield f"{field} other", _everywhere(recording, contents, _set(field, another))
            yield f"{field} empty", _everywhere(recording, contents, _set(field, empty))
            having = [n for n, content in enumerate(contents) if field in _names(content)]
            if len(having) > 1:
                yield f"{field} other at last", _at(recording, having[-1], _set(field, another))
    present = {name for content in contents for name in _names(content)}
    for field in sorted(words & FIELDS - present):
        yield f"{field} added", _everywhere(recording, contents, _added(field))
    if any(_rows(content) for content in contents):
        for name, change in PAGES.items():
            yield f"page: {name}", _everywhere(recording, contents, _of_pages(change))
        row = next(rows[0] for content in contents if (rows := _rows(content)))
        if any(_is_empty_page(content) for content in contents):
            yield (
                "page: an empty one has a row",
                _everywhere(
                    recording,
                    contents,
                    lambda one: {**one, "items": [row]} if _is_empty_page(one) else one,
                ),
            )
    if any(_errors(content) for content in contents):
        for name, change in ERRORS.items():
            yield f"one error more: {name}", _everywhere(recording, contents, _of_errors(change))
    for number, answer in enumerate(recording.answers):
        if answer.status >= 400:
            label = f"{answer.method} {answer.status} no {number}"
            yield f"{label} is a success", _with_status(recording, number, 200)
            yield f"{label} is another", _with_status(recording, number, answer.status + 5)
    if any(recording.callbacks):
        for name, changed in CALLBACKS.items():
            yield (
                f"callbacks: {name}",
                evolve(recording, callbacks=[changed(found) for found in recording.callbacks]),
            )
    if any(recording.billed):
        twice = [[*found, *found[:1]] for found in recording.billed]
        yield "billed twice", evolve(recording, billed=twice)


def words_of(check: Check) -> set[str]:
    """Return the names and texts in the code of a check and of what its module defines for it."""
    assert isinstance(check, FunctionType)
    found: set[str] = set()
    seen: set[int] = set()
    left: list[Any] = [check]
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, str):
            found.add(one)
        elif isinstance(one, FunctionType) and one.__module__ == check.__module__:
            left.append(one.__code__)
        elif isinstance(one, CodeType):
            found.update(one.co_names)
            left += one.co_consts
            left += [check.__globals__[name] for name in one.co_names if name in check.__globals__]
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, tuple | list | set | frozenset):
            left += one
    return found


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


def empty(value: Any) -> Any:
    """Return what is false, zero or empty in the value's type; null stays null."""
    return None if value is None else type(value)()


def _set(field: str, change: Change) -> Change:
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


def _added(field: str) -> Change:
    """Add the field to each row of a page, and to an object that is no page."""

    def changed(value: Any) -> Any:
        if not isinstance(value, dict) or "code" in value:
            return value
        if isinstance(value.get("items"), list):
            return {**value, "items": [changed(row) for row in value["items"]]}
        return {field: "another", **value}

    return changed


def _names(value: Any) -> set[str]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = set(value) if isinstance(value, dict) else set[str]()
    return own.union(*map(_names, inner))


def _rows(content: Any) -> list[Any]:
    rows = content.get("items") if isinstance(content, dict) else None
    return rows if isinstance(rows, list) else []


def _is_empty_page(content: Any) -> bool:
    return isinstance(content, dict) and content.get("items") == []


def _of_pages(change: Callable[[list[Any]], list[Any]]) -> Change:
    return lambda value: {**value, "items": change(value["items"])} if _rows(value) else value


PAGES: Final[dict[str, Callable[[list[Any]], list[Any]]]] = {
    "the first twice": lambda rows: [rows[0], *rows],
    "the last lost": lambda rows: rows[:-1],
    "in reverse": lambda rows: rows[::-1],
}


ERRORS: Final[dict[str, Change]] = {
    "without a place": lambda entry: {**entry, "loc": []},
    "without a text": lambda entry: {**entry, "msg": ""},
}


def _errors(content: Any) -> list[Any]:
    errors = content.get("errors") if isinstance(content, dict) else None
    return errors if isinstance(errors, list) else []


def _of_errors(change: Change) -> Change:
    return lambda value: (
        {**value, "errors": [*value["errors"], change(value["errors"][0])]}
        if _errors(value)
        else value
    )


def _renamed(received: ReceivedCallback, name: str, value: str | None) -> ReceivedCallback:
    headers = [(one, old) for one, old in received.headers if one.lower() != name]
    return ReceivedCallback(headers if value is None else [*headers, (name, value)], received.body)


CALLBACKS: Final[dict[str, Callable[[list[ReceivedCallback]], list[ReceivedCallback]]]] = {
    "none come": lambda _: [],
    "each comes twice": lambda found: [one for one in found for _ in range(2)],
    "the last is lost": lambda found: found[:-1],
    "in reverse": lambda found: found[::-1],
    "unsigned": lambda found: [_renamed(one, "runflow-signature", None) for one in found],
    "signed otherwise": lambda found: [
        _renamed(one, "runflow-signature", "0" * 64) for one in found
    ],
    "of another request": lambda found: [_renamed(one, "runflow-request-id", "x") for one in found],
}


def _bent(answer: Answer, content: Any, change: Change) -> Answer:
    changed = content if content is None else change(content)
    return answer if changed == content else evolve(answer, body=json.dumps(changed).encode())


def _everywhere(recording: Recording, contents: list[Any], change: Change) -> Recording:
    pairs = zip(recording.answers, contents, strict=True)
    return evolve(recording, answers=[_bent(answer, content, change) for answer, content in pairs])


def _at(recording: Recording, place: int, change: Change) -> Recording:
    answer = recording.answers[place]
    return _with_answer(recording, place, _bent(answer, answer.content, change))


def _with_status(recording: Recording, place: int, status: int) -> Recording:
    return _with_answer(recording, place, evolve(recording.answers[place], status=status))


def _with_answer(recording: Recording, place: int, answer: Answer) -> Recording:
    answers = list(recording.answers)
    answers[place] = answer
    return evolve(recording, answers=answers)
