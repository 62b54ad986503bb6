"""Bends what a check is told: each field that it reads, each list, file, refusal and callback."""

import json
import re
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any, Final

from attrs import evolve
from runflow_client.testing import sign
from runflow_conformance.laws import ReceivedCallback
from runflow_mock.contract.document import Document

from . import bent_values as values
from .bent_recordings import at, everywhere, with_answer, with_status
from .bent_values import Change, names, of_field, of_rows, rows_in
from .replaying import Answer, Check, Recording

FIELDS: Final = frozenset(
    name
    for schema in Document.read().content["components"]["schemas"].values()
    for name in schema.get("properties", ())
)
"""The names of fields in the document."""
STORED: Final = ("/_outputs/", "/_assets/", "/_uploads/")
"""The beginnings of the paths of files."""
UTC: Final = re.compile(rb'(?<=\d)(?:Z|\+00:00)(?=")')
VERSION: Final = re.compile(rb"(?<=-)7(?=[0-9a-f]{3}-[89ab])")
MORE: Final = "an answer says more"
"""What no law needs to see, but those that compare answers as a whole."""
Bend = tuple[str, str, Recording]
"""What is bent, how, and what the check is then told."""


def bends(check: Check, recording: Recording) -> Iterator[Bend]:
    """Yield what the check could be told instead, each difference once."""
    contents, words = [answer.content for answer in recording.answers], words_of(check)
    told = {_bodies(recording)}
    for what, how, bent in (
        *_of_fields(recording, contents, words),
        *_of_lists(recording, contents),
        *_of_single_answers(recording, words),
        *_of_the_whole(recording, contents, words),
        *_of_callbacks(recording, _secrets(contents, words)),
        *_of_times(recording, contents, words),
    ):
        if _bodies(bent) not in told:
            told.add(_bodies(bent))
            yield what, how, bent


def _bodies(recording: Recording) -> int:
    answers = tuple(
        (one.path, one.status, one.headers.get("content-type"), one.body)
        for one in recording.answers
    )
    called = tuple((*one.headers, one.body) for found in recording.callbacks for one in found)
    counts = tuple(map(len, recording.callbacks))
    rest = (str(recording.billed), recording.is_endless, recording.lacks)
    return hash((answers, called, counts, *rest))


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


def _of_fields(recording: Recording, contents: list[Any], words: set[str]) -> Iterator[Bend]:
    named = [names(content) for content in contents]
    for field in sorted(set[str]().union(*named) | (words & FIELDS)):
        if field not in words and field.removesuffix("_code") not in words:
            continue
        yield field, "added", everywhere(recording, contents, values.added(field))
        yield field, "added empty", everywhere(recording, contents, values.added(field, []))
        having = [n for n, content in enumerate(named) if field in content]
        if not having:
            continue
        as_at_first = of_field(field, values.always(values.first_of(field, contents[having[0]])))
        if len(having) > 2:
            how = "as at first just before the last"
            yield field, how, at(recording, contents, having[-2:-1], as_at_first)
        for how, change in _changes(field).items():
            yield field, how, at(recording, contents, having, change)
        other = of_field(field, values.another)
        for how, places in (
            ("other at last", having[-1:]),
            ("other in lists", [n for n in having if rows_in(contents[n]) is not None]),
            *((f"other after {method}", _after(method, recording)) for method in ("POST", "PATCH")),
        ):
            yield field, how, at(recording, contents, places, other)
        yield field, "the same everywhere", at(recording, contents, having, as_at_first)
        for how, change in (("empty", values.empty), ("one more", values.one_more)):
            bent = at(recording, contents, having[-1:], of_field(field, change))
            yield field, f"{how} at last", bent


def _after(method: str, recording: Recording) -> list[int]:
    """Return the places of the answers to accepted requests of a method."""
    answers = enumerate(recording.answers)
    return [n for n, one in answers if one.method == method and one.status < 400]


def _changes(field: str) -> dict[str, Change]:
    """Return how a field can be bent in every answer that has it."""
    changes: dict[str, Change] = {
        "null": values.null,
        "other": values.another,
        "empty": values.empty,
        "two more": values.two_more,
        "one more": values.one_more,
        "begun otherwise": values.begun_otherwise,
        "ended otherwise": values.ended_otherwise,
        "empty inside": values.empty_inside,
    }
    return {
        "absent": values.without(field),
        **{how: of_field(field, change) for how, change in changes.items()},
        "other at the top": values.at_the_top(field, values.another),
    }


ROWS: Final[dict[str, Callable[[list[Any]], list[Any]]]] = {
    "the first twice": lambda rows: [*rows[:1], *rows],
    "the last lost": lambda rows: rows[:-1],
    "in reverse": lambda rows: rows[::-1],
}


def _of_lists(recording: Recording, contents: list[Any]) -> Iterator[Bend]:
    places = [n for n, content in enumerate(contents) if rows_in(content) is not None]
    for how, change in ROWS.items():
        yield "lists", how, everywhere(recording, contents, of_rows(change))
    row = next((rows[0] for content in contents if (rows := rows_in(content))), {"id": "another"})
    yield (
        "lists",
        "an empty one has a row",
        everywhere(recording, contents, of_rows(lambda rows: rows or [row])),
    )
    fewer = of_rows(ROWS["the last lost"])
    for place in places:
        yield "lists", f"the last lost at no {place}", at(recording, contents, [place], fewer)
    shown = recording
    for place in places:
        seen = [one for content in contents[:place] for one in _things(content)]
        everything = of_rows(_with(seen))
        shown = at(shown, contents, [place], everything)
        if place == places[-1]:
            bent = at(recording, contents, [place], everything)
            yield "lists", "all that was seen at last", bent
            more = of_rows(_with([{**row, "id": "another"}]))
            yield "lists", "one more at last", at(recording, contents, [place], more)
    yield "lists", "all that was seen", shown


def _with(more: list[Any]) -> Change:
    return lambda rows: [*rows, *(one for one in more if one not in rows)]


def _things(content: Any) -> list[Any]:
    """Return the objects with an id in an answer; of an upload, what it will be."""
    found = rows_in(content)
    things = [content] if found is None else found
    named = [
        one if "id" in one else {**one, "id": one.get("asset_id")}
        for one in things
        if isinstance(one, dict)
    ]
    return [one for one in named if one["id"]]


def _of_single_answers(recording: Recording, words: set[str]) -> Iterator[Bend]:
    for number, answer in enumerate(recording.answers):
        label, place = f"{answer.method} {answer.status}", f"no {number}"
        if answer.status < 400 and answer.content:
            more = at(recording, {number: answer.content}, [number], values.says_more)
            yield MORE, place, more
        if answer.status >= 400:
            yield label, f"{place} is a success", with_status(recording, number, 200)
            yield label, f"{place} is another", with_status(recording, number, answer.status + 5)
            if "json" in words:
                bent = with_answer(recording, number, evolve(answer, body=b"<"))
                yield label, f"{place} is no JSON", bent
            if answer.path.startswith(STORED):
                later = [evolve(one, status=200) for one in recording.answers[number:]]
                answers = [*recording.answers[:number], *later]
                bent = evolve(recording, answers=answers)
                yield label, f"{place} and all later are successes", bent
        elif answer.path.startswith(STORED):
            for how, changed in FILES.items():
                yield label, f"{place} {how}", with_answer(recording, number, changed(answer))
        elif isinstance(answer.content, dict) and "id" in answer.content:
            other = values.at_the_top("id", values.another)
            bent = at(recording, {number: answer.content}, [number], other)
            yield label, f"{place} is of another", bent


FILES: Final[dict[str, Callable[[Answer], Answer]]] = {
    "fails": lambda answer: evolve(answer, status=500),
    "is empty": lambda answer: evolve(answer, body=b""),
    "has other bytes": lambda answer: evolve(answer, body=answer.body + b"x"),
    "is of another type": lambda answer: evolve(
        answer, headers={**answer.headers, "content-type": "text/plain"}
    ),
}
ERRORS: Final[dict[str, Change]] = {
    "without a place": lambda entry: {**entry, "loc": []},
    "without a text": lambda entry: {**entry, "msg": ""},
}


def _of_the_whole(recording: Recording, contents: list[Any], words: set[str]) -> Iterator[Bend]:
    for how, change in ERRORS.items():
        yield "one error more", how, everywhere(recording, contents, _of_errors(change))
    posts = [
        n for n, one in enumerate(recording.answers) if one.method == "POST" and one.status < 400
    ]
    if len(posts) > 1:
        first, last = recording.answers[posts[0]], recording.answers[posts[-1]]
        again = evolve(last, body=first.body)
        yield "POST", "is answered at last as at first", with_answer(recording, posts[-1], again)
    secret = next(filter(None, (values.first_of("plain_secret", one) for one in contents)), None)
    if secret is not None:
        at_last = max(n for n, one in enumerate(contents) if isinstance(one, dict))
        bent = at(recording, contents, [at_last], values.added(secret))
        yield "a secret", "is repeated at last", bent
    if "ID_VERSION" in words:
        answers = [
            evolve(
                one,
                path=_of_version_4(one.path),
                asked=_of_version_4(one.asked),
                body=VERSION.sub(b"4", one.body),
            )
            for one in recording.answers
        ]
        yield "ids", "are of version 4", evolve(recording, answers=answers)
    if "MAX_POLLS" in words:
        looks = dict[tuple[str, str], Answer]()
        answers = [looks.setdefault((one.method, one.path), one) for one in recording.answers]
        bent = evolve(recording, answers=answers, is_endless=True)
        yield "each look", "shows for ever what the first one did", bent
        yield "each look", "and nothing calls back", evolve(bent, callbacks=[])
    if "MAX_PAGES" in words:
        cursor = next(filter(None, (values.first_of("next", one) for one in contents)))
        endless = everywhere(recording, contents, of_field("next", values.always(cursor)))
        yield "next", "the same for ever", evolve(endless, is_endless=True)
    if "image_urls" in words:
        for how, change in SHAPES.items():
            yield "output", how, everywhere(recording, contents, of_field("output", change))
    if any(b'"canceled"' in answer.body for answer in recording.answers):
        answers = [evolve(one, body=_spelt_otherwise(one.body)) for one in recording.answers]
        spelt = evolve(recording, answers=answers)
        yield "canceled", "has two l in answers", spelt
        called = [
            [evolve(one, body=_spelt_otherwise(one.body)) for one in found]
            for found in recording.callbacks
        ]
        yield "canceled", "has two l everywhere", evolve(spelt, callbacks=called)
    for part in sorted(PARTS & words):
        callbacks = [] if part == "callback_url" else recording.callbacks
        bent = evolve(recording, lacks=part, callbacks=callbacks)
        yield "the target", f"lacks {part}", bent
    if any(recording.billed):
        twice = [[*found, *found[:1]] for found in recording.billed]
        yield "billed", "twice", evolve(recording, billed=twice)


def _as_addresses(output: Any) -> Any:
    """Return the output with nothing but its addresses, the other shape that outputs have."""
    entries = values.first_of("outputs", output)
    return entries and {"image_urls": [one["url"] for one in entries]}


SHAPES: Final[dict[str, Change]] = {
    "in the other shape": _as_addresses,
    "in the other shape, empty": lambda output: output and {"image_urls": []},
    "in the other shape, of other files": values.one_after_the_other(
        _as_addresses,
        of_field("image_urls", lambda urls: [one.replace("?", "x?") for one in urls]),
    ),
}
PARTS: Final = {
    *("billed_runs", "callback_url", "end_next", "no_credit"),
    *("other_org", "read_only", "refuse_next"),
}
"""What a target may not have."""


def _spelt_otherwise(body: bytes) -> bytes:
    return body.replace(b'"canceled"', b'"cancelled"')


def _of_version_4(text: str) -> str:
    return VERSION.sub(b"4", text.encode()).decode()


def _of_errors(change: Change) -> Change:
    return lambda value: (
        {**value, "errors": [*value["errors"], change(value["errors"][0])]}
        if isinstance(value, dict) and value.get("errors")
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
    "without a payload": lambda found: [evolve(one, body=b"{}") for one in found],
}


def _secrets(contents: list[Any], words: set[str]) -> set[str]:
    """Return what may have signed: secrets that answers show, and those that a check has made."""
    shown = (values.first_of("plain_secret", content) for content in contents)
    return {*filter(None, shown), *(word for word in words if word.startswith("whsec_"))}


def _of_callbacks(recording: Recording, secrets: set[str]) -> Iterator[Bend]:
    told = recording.callbacks
    if not any(told):
        return
    for how, change in CALLBACKS.items():
        yield "callbacks", how, evolve(recording, callbacks=[change(found) for found in told])
    yield "callbacks", "come a look earlier", evolve(recording, callbacks=[*told[1:], []])
    first = next(one for found in told for one in found)
    alike = [[first for _ in found] for found in told]
    yield "callbacks", "all are the first", evolve(recording, callbacks=alike)
    last = max(n for n, found in enumerate(told) if found)
    for how, some in (
        ("the last look shows none", []),
        ("the last look shows two", [*told[last], *told[last]]),
        (
            "the last one says another time",
            [*told[last][:-1], _saying(told[last][-1], "duration_ms", values.two_more, secrets)],
        ),
    ):
        yield "callbacks", how, evolve(recording, callbacks=[*told[:last], some, *told[last + 1 :]])
    payload = json.loads(first.body)
    counts = {name: value for name, value in payload.items() if isinstance(value, dict)}
    for name, how, change in (
        *((name, f"another {name}", values.another) for name in payload),
        *((name, f"null as {name}", values.null) for name in payload),
        *(
            (name, f"another {inner} in {name}", of_field(inner, values.another))
            for name, value in counts.items()
            for inner in value
        ),
    ):
        said = [[_saying(one, name, change, secrets) for one in found] for found in told]
        yield "callbacks", f"say {how}", evolve(recording, callbacks=said)
        if change is values.another:
            changed = [*told[last][:-1], _saying(told[last][-1], name, change, secrets)]
            said = [*told[:last], changed, *told[last + 1 :]]
            yield "callbacks", f"the last says {how}", evolve(recording, callbacks=said)
    longer = [
        [_saying(one, "duration_ms", values.two_more, secrets) for one in found] for found in told
    ]
    contents = [answer.content for answer in recording.answers]
    taken = values.one_after_the_other(
        of_field("duration_ms", values.two_more), of_field("payload_bytes", _longer)
    )
    bent = evolve(everywhere(recording, contents, taken), callbacks=longer)
    yield "callbacks", "and answers say another duration_ms", bent


def _of_times(recording: Recording, contents: list[Any], words: set[str]) -> Iterator[Bend]:
    """Yield what is as right as what was told: all takes longer, or times are spelt otherwise."""
    reads_times = any(word.endswith("_at") for word in words & FIELDS)
    for ending in (b"Z", b"+00:00") if reads_times else ():
        spelt = [evolve(one, body=UTC.sub(ending, one.body)) for one in recording.answers]
        how = f"end with {ending.decode()} in answers"
        yield "the times", how, evolve(recording, answers=spelt)
    if {"completed_at", "duration_ms"} <= words:
        secrets = _secrets(contents, words)
        told = [
            [_telling(one, values.taking_longer(json.loads(one.body)), secrets) for one in found]
            for found in recording.callbacks
        ]
        bent = everywhere(recording, contents, values.taking_longer)
        yield "the times", "say that all took longer", evolve(bent, callbacks=told)


def _longer(payload: Any) -> str:
    received = ReceivedCallback([], str(payload).encode())
    return _saying(received, "duration_ms", values.two_more, set()).body.decode()


def _saying(
    received: ReceivedCallback, name: str, change: Change, secrets: set[str]
) -> ReceivedCallback:
    """Change a field of a callback, and sign it anew by the secret that has signed it."""
    payload = json.loads(received.body)
    return _telling(received, {**payload, name: change(payload.get(name))}, secrets)


def _telling(received: ReceivedCallback, payload: Any, secrets: set[str]) -> ReceivedCallback:
    body = json.dumps(payload).encode()
    signature = received.header("runflow-signature")
    changed = evolve(received, body=body)
    for secret in secrets:
        if sign(received.body, secret) == signature:
            return _renamed(changed, "runflow-signature", sign(body, secret))
    return changed
