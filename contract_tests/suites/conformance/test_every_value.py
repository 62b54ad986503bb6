"""Every reader and writer of the generated client on every kind of value, compared with before."""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from runflow_api import decoding, encoding, instants
from runflow_api.errors import DecodingError
from runflow_api.free_form import FreeFormObject, UnknownVariant
from runflow_api.models import ErrorResponse, Feedback, FlowNodeRun, RunStatus
from runflow_api.open_enums import OpenIntEnum, OpenStrEnum
from runflow_api.types import UNSET, File, Operation, RequestArguments

from ..snapshot import check_snapshot

SNAPSHOTS = Path(__file__).with_name("snapshots")
ID = "01980000-0000-7000-8000-0000000000ab"


class Colour(StrEnum):
    RED = "red"
    EMPTY = ""


class Count(IntEnum):
    ZERO = 0
    ONE = 1


class Word(OpenStrEnum):
    YES = "yes"
    NONE = ""


class Number(OpenIntEnum):
    ZERO = 0
    ONE = 1


class Form:
    """A body with form fields."""

    def to_dict(self) -> dict[str, Any]:
        return {"zero": 0, "no": False, "empty": "", "null": None, "list": [1, None, False, ""]}

    def to_multipart(self) -> object:
        return [("zero", (None, b"0", "text/plain"))]


RUN = {"id": ID, "state_code": "running", "new": 0, "retry_count": 2}
JSON_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 3.0, 1.5, -0.0, 10**30, 1e300, math.inf),
    *("", "x", "red", "yes", "true", "0", "é\ud800", "null", "a/b?c=d&e f", " x "),
    *(ID, ID.upper(), ID.replace("-", ""), ID[:-1], ID + "0", ID[:-1] + "g", "{" + ID + "}"),
    *("2026-03-01", "2026-3-1", "2026-02-30", "20260301", "2026-03-01T00:00:00Z"),
    *("2026-03-01T12:30:00", "2026-03-01T12:30:00.5Z", "2026-03-01t12:30:00z"),
    *("2026-03-01 12:30:00+05:30", "2026-03-01T12:30:60Z", "2026-03-01T12:30:61Z"),
    *("2026-03-01T12:30:00.123456789Z", "2026-03-01T12:30:00+25:00"),
    *("2026-03-01T12:30:00-00:00", "2026-03-01T12:30Z", "2026-03-01T12:30:00,5Z", "2026-W09-7"),
    *("2026-03-01T12:30:00.Z", "\uff12026-03-01T12:30:00Z", "2026-03-01T12:30:60.5+01:00"),
    *([], [None], [0, False, ""], ["x", 1], [[1], [2]], {}, {"a": None}, {"a": [{"b": 1}]}),
    *({"kind": "a", "n": 1}, {"kind": "b"}, {"kind": 1}, {"kind": True}, {"n": 0}, RUN),
    {**RUN, "retry_count": "many"},
    {**RUN, "retry_count": None, "state_code": None},
    {"code": "X", "message": "m", "errors": [{"loc": ["a", 0], "msg": "m", "type": "t"}]},
    {"code": 3, "message": None},
)
OBJECTS: tuple[Any, ...] = (
    *(UNSET, Colour.RED, Colour.EMPTY, Count.ZERO, Count.ONE, Word("new"), Word.YES, Number(7)),
    *(Number.ZERO, RunStatus.QUEUED, RunStatus("newer"), UUID(ID), date(2026, 3, 1)),
    *(datetime(2026, 3, 1, 12), datetime(2026, 3, 1, 12, tzinfo=UTC), (1, 2), ()),
    datetime(2026, 3, 1, 12, 30, 0, 5, timezone(timedelta(hours=5, minutes=30))),
    *(Feedback(is_positive=None), Feedback(is_positive=False, reason=""), FreeFormObject({"a": 0})),
    *(UnknownVariant({}), Form(), b"\xff", bytearray(b"x"), {1, 2}, {"a": UUID(ID), "b": UNSET}),
)


def tag(name: str) -> Callable[[Any], Any]:
    """Return a reader of the objects whose `kind` is this."""
    return decoding.tagged({"kind": name}, decoding.object_of)


READERS: Mapping[str, Callable[[Any], Any]] = {
    **{
        one.__name__: one
        for one in (
            *(decoding.anything, decoding.null, decoding.text, decoding.boolean, decoding.integer),
            *(decoding.number, decoding.uuid, decoding.date, decoding.date_time),
            *(decoding.object_of, instants.read_instant),
        )
    },
    "file": lambda value: decoding.file(value).payload.read(),
    "known enum": decoding.known(Colour),
    "known number": decoding.known(Count),
    "open enum": decoding.member(Word),
    "open number": decoding.member(Number),
    "nullable text": decoding.nullable(decoding.text),
    "list of integers": decoding.list_of(decoding.integer),
    "list of lists": decoding.list_of(decoding.list_of(decoding.integer)),
    "integer or text": decoding.either(decoding.integer, decoding.text),
    "a or b": decoding.either(tag("a"), tag("b")),
    "true": decoding.tagged({"kind": True}, decoding.object_of, ("kind",)),
    "one": decoding.tagged({"kind": 1}, decoding.object_of),
    "kind and n": decoding.tagged({"kind": "a", "n": 1}, FlowNodeRun.from_dict),
    "model": FlowNodeRun.from_dict,
    "part of a model": FlowNodeRun.from_part,
    "error": ErrorResponse.from_dict,
    "part of an error": ErrorResponse.from_part,
    "free form": FreeFormObject.from_dict,
    "word": Word,
    "number of its own": Number,
}


def request_of(fill: Callable[[RequestArguments, Any], None]) -> Callable[[Any], Any]:
    """Return what a body makes of a request."""

    def made(body: Any) -> Any:
        arguments = RequestArguments(method="PUT", url="/x")
        fill(arguments, body)
        return arguments

    return made


def sent(name: str) -> Callable[[Any], Any]:
    """Return the request with a value in this place."""

    def made(value: Any) -> Any:
        operation = Operation("op", "GET", "/v1")
        return encoding.request(operation, "/v1", **{name: {"a": value, "b": 1}})

    return made


WRITERS: Mapping[str, Callable[[Any], Any]] = {
    **{one.__name__: one for one in (encoding.json_value, encoding.text, encoding.json_text)},
    "json_object": lambda value: encoding.json_object({"a": value, "b": 0}, {"a": 1, "c": value}),
    "json_object alone": lambda value: encoding.json_object({"a": value}),
    "path_value": lambda value: encoding.path_value("id", value),
    "joined by ','": lambda value: encoding.joined("ids", value, ","),
    "joined by '|'": lambda value: encoding.joined("ids", value, "|"),
    "deep_object": lambda value: encoding.deep_object("filter", {"a": value, "b": 0}),
    "path_value with a list": lambda value: encoding.path_value("ids", value, separator=","),
    "path_value with slashes": lambda value: encoding.path_value("id", value, many_segments=True),
    "query_values": lambda value: encoding.query_values({"a": value, "b": [value, 0]}),
    "header_values": lambda value: encoding.header_values({"a": value}),
    "form_parts": lambda value: encoding.form_parts({"a": value}, {"a": 1, "b": value}),
    "query": sent("query"),
    "headers": sent("headers"),
    "cookies": sent("cookies"),
    "add_json": request_of(lambda one, body: encoding.add_json(one, body, "application/x+json")),
    "add_content": request_of(lambda one, body: encoding.add_content(one, body, "text/x")),
    "add_form": request_of(encoding.add_form),
    "add_multipart": request_of(encoding.add_multipart),
}


def result(call: Callable[[Any], Any], value: Any) -> str:
    """Return what a call gives, or its error, with the types that a repr does not show."""
    try:
        found = call(value)
    except Exception as error:
        # Python's own messages differ from version to version.
        own = isinstance(error, DecodingError) or "path parameter" in str(error)
        return f"{type(error).__name__}: {ascii(str(error)) if own else 'no message of ours'}"
    shown = ascii(sorted(found)) if isinstance(found, set) else ascii(found)
    return f"{type(found).__name__} {shown}"


def lines(calls: Mapping[str, Callable[[Any], Any]], values: tuple[Any, ...]) -> Iterator[str]:
    """Yield the results of every call; values for which it raises the same stand together."""
    for name, call in calls.items():
        yield f"* {name}"
        refused: dict[str, list[str]] = {}
        for value in values:
            found = result(call, value)
            shown = ascii(value) if not isinstance(value, Form) else "a form"
            if "Error: " in found and not found.startswith("str "):
                refused.setdefault(found, []).append(shown)
            else:
                yield f"    {shown}: {found}"
        for error, given in refused.items():
            yield f"    {error}: {', '.join(given)}"


def test_every_reader_takes_what_it_took_before() -> None:
    check_snapshot(SNAPSHOTS / "readers.txt", "\n".join(lines(READERS, JSON_VALUES)) + "\n")


def test_every_writer_writes_what_it_wrote_before() -> None:
    short = tuple(one for one in JSON_VALUES if not isinstance(one, str) or len(one) < 16)
    text = "\n".join(lines(WRITERS, (*short, *OBJECTS)))
    check_snapshot(SNAPSHOTS / "writers.txt", text + "\n")


def test_files_are_sent_as_they_were_before() -> None:
    made = [
        File(BytesIO(b"x"), name, kind) for name in (None, "", "a.png") for kind in (None, "a/b")
    ]
    found: list[str] = []
    for file in made:
        parts = encoding.form_parts({"a": [file, file]}, {"b": file})
        found += [
            f"{name} {part[0]!r} {part[1] is file.payload} {part[2]!r}" for name, part in parts
        ]
        arguments = RequestArguments(method="PUT", url="/x")
        encoding.add_content(arguments, file, "text/x")
        found.append(str(arguments))
    check_snapshot(SNAPSHOTS / "files.txt", "\n".join(found) + "\n")
