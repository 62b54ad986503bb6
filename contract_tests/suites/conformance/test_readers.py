"""The readers of the generated client: what each accepts and refuses, and where it locates errors.

Our document reaches most of them in a few ways only, and some not at all; other documents do.
"""

import copy
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

import pytest
from runflow_api import decoding
from runflow_api.errors import DecodingError
from runflow_api.instants import read_instant
from runflow_api.models import CallbackAttempt, ErrorResponse, FlowNodeRun, RunStatus
from runflow_api.open_enums import OpenIntEnum
from runflow_api.types import UNSET

from .shared_edges import Row, fill

ID = "01980000-0000-7000-8000-0000000000Ab"
KINDS: dict[str, Any] = {
    "null": None,
    "a boolean": True,
    "an integer": 1,
    "a number": 1.5,
    "a string": "x",
    "a list": [1],
    "an object": {"a": 1},
}


class Colour(StrEnum):
    RED = "red"


class Count(IntEnum):
    ONE = 1


class Number(OpenIntEnum):
    ONE = 1


class Word(StrEnum):
    YES = "yes"


READERS: list[tuple[Callable[[Any], Any], str, set[str]]] = [
    (decoding.anything, "anything", set(KINDS)),
    (decoding.null, "null", {"null"}),
    (decoding.text, "a string", {"a string"}),
    (decoding.boolean, "a boolean", {"a boolean"}),
    (decoding.integer, "an integer", {"an integer"}),
    (decoding.number, "a number", {"an integer", "a number"}),
    (decoding.uuid, "a UUID", set()),
    (decoding.date, "a date", set()),
    (decoding.date_time, "a date-time", set()),
    (decoding.known(Colour), "a known Colour", set()),
    (decoding.known(Count), "a known Count", {"an integer"}),
    (decoding.member(RunStatus), "a value of RunStatus", {"a string"}),
    (decoding.member(Number), "a value of Number", {"an integer"}),
    (decoding.list_of(decoding.anything), "a list", {"a list"}),
    (decoding.object_of, "an object", {"an object"}),
    (decoding.nullable(decoding.text), "a string", {"null", "a string"}),
]


@pytest.mark.parametrize(
    ("read", "named", "taken"), READERS, ids=[named for _, named, _ in READERS]
)
def test_a_reader_takes_its_kind_and_names_the_others(
    read: Callable[[Any], Any], named: str, taken: set[str]
) -> None:
    for kind, value in KINDS.items():
        if kind in taken:
            got = read(value)
            assert got == value
            assert isinstance(got, type(value))
            continue
        with pytest.raises(DecodingError) as caught:
            read(value)
        ending = "another string" if kind == "a string" and named[:7] not in _PLAIN else kind
        assert str(caught.value) == f"expected {named}, got {ending}"
        assert (caught.value.path, caught.value.decisive) == ("", False)


_PLAIN = {
    named[:7]
    for named in (
        "null",
        "a boolean",
        "an integer",
        "a number",
        "a list",
        "an object",
        "a value of",
    )
}


def test_numbers_keep_their_digits() -> None:
    assert decoding.integer(3.0) == 3
    assert type(decoding.integer(3.0)) is int
    assert decoding.integer(2**70) == 2**70
    assert type(decoding.number(2**70)) is int
    for read in (decoding.integer, decoding.number, decoding.known(Count), decoding.member(Number)):
        for wrong in (True, False):
            with pytest.raises(DecodingError):
                read(wrong)
    with pytest.raises(DecodingError):
        decoding.integer(math.inf)


def test_texts_of_a_form() -> None:
    assert decoding.uuid(ID) == copy.deepcopy(decoding.uuid(ID)) == UUID(ID)
    assert decoding.date("2024-02-29") == date(2024, 2, 29)
    assert decoding.file("é").payload.read() == "é".encode()
    assert decoding.known(Colour)("red") is Colour.RED
    assert decoding.member(RunStatus)("queued") is RunStatus.QUEUED
    assert decoding.member(RunStatus)("newer") == "newer"
    for wrong in (
        ID.replace("-", ""),
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        ID + "0",
        " " + ID,
        ID[:-1] + "_",
        ID[:-1] + "٣",
        ID[:-1] + "-",
        ID[:9] + " " + ID[10:],
    ):
        with pytest.raises(DecodingError):
            decoding.uuid(wrong)
    for wrong in ("2023-02-29", "20240229", "2024-02-29T00:00:00Z", "2024-W01-1", "2024-02-29 "):
        with pytest.raises(DecodingError, match=r"^expected a date, got another string$"):
            decoding.date(wrong)
    with pytest.raises(DecodingError):
        decoding.file(7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01 12:00:00z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01t12:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        (
            "2026-03-01T12:00:00.5-11:30",
            datetime(2026, 3, 1, 12, 0, 0, 500000, timezone(-timedelta(hours=11.5))),
        ),
        ("2026-03-01T12:00:00.123456789Z", datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-03-01T12:00:60.25Z", datetime(2026, 3, 1, 12, 0, 59, 250000, UTC)),
        ("2026-03-01T12:00:00Z12Z", None),
        ("2026-03-01T12:00:00.1_2Z", None),
        ("2026-03-01T12:00:00.٣Z", None),
        ("2026-W09-7T12:00:00Z", None),
        ("2026-03-01", None),
        ("2026-03-01T12:00Z", None),
        ("2026-03-01T12:00:61Z", None),
        ("2026-03-01T25:00:00Z", None),
        ("2026-02-30T12:00:00Z", None),
        ("2026-03-01T12:00:00+25:00", None),
        ("2026-03-01T12:00:00.Z", None),
        ("2026-03-01T12:00:00Z ", None),
        ("٢٠٢٦-03-01T12:00:00Z", None),
        (7, None),
        (None, None),
    ],
)
def test_instants(text: object, expected: datetime | None) -> None:
    found = read_instant(text)
    assert found == expected
    assert (found and found.utcoffset()) == (expected and expected.utcoffset())
    if expected is not None:
        assert decoding.date_time(text) == expected


def test_an_error_says_its_place_from_the_outside() -> None:
    read = decoding.list_of(decoding.list_of(decoding.text))
    assert read((["a"], [])) == [["a"], []]
    with pytest.raises(DecodingError) as caught:
        read([["a"], ["b", 7]])
    assert (caught.value.path, caught.value.reason) == (
        "[1][1]",
        "expected a string, got an integer",
    )
    assert str(caught.value.within("rows")) == "rows[1][1]: expected a string, got an integer"
    assert caught.value.within("b").within("a").within(3).path == "[3].a.b[1][1]"
    assert DecodingError("is missing", "a").within("b").path == "b.a"
    assert str(DecodingError("is missing")) == "is missing"
    body = {"code": "C", "message": "m", "errors": [{"loc": []}, {"loc": 7}]}
    with pytest.raises(DecodingError) as caught:
        ErrorResponse.from_dict(body)
    assert caught.value.path == "errors[1].loc"


def test_the_first_reader_that_fits_is_taken() -> None:
    read = decoding.either(
        decoding.null, decoding.either(decoding.integer, decoding.list_of(decoding.text))
    )
    assert [read(None), read(7), read(["a"])] == [None, 7, ["a"]]
    with pytest.raises(DecodingError) as caught:
        read("x")
    for said in (
        "expected null, got a string",
        "expected an integer, got a string",
        "expected a list, got a string",
    ):
        assert said in str(caught.value)
    assert (caught.value.path, caught.value.decisive) == ("", False)


def test_a_variant_that_is_named_is_the_only_one() -> None:
    cat = decoding.tagged(
        {"kind": "cat", "legs": 4}, lambda value: ("cat", decoding.integer(value["age"]))
    )
    dog = decoding.tagged({"kind": "dog"}, lambda value: ("dog", decoding.text(value["age"])))
    read = decoding.either(cat, dog)
    assert read({"kind": "cat", "legs": 4, "age": 7}) == ("cat", 7)
    assert read({"kind": "dog", "age": "old"}) == ("dog", "old")
    assert read({"age": 7}) == ("cat", 7), "nothing speaks against the first one"
    assert read({"age": "old"}) == ("dog", "old")
    with pytest.raises(DecodingError) as caught:
        read({"kind": "cat", "legs": 4, "age": "old"})
    assert (str(caught.value), caught.value.decisive) == ("expected an integer, got a string", True)
    with pytest.raises(DecodingError) as caught:
        read({"kind": "dog", "age": 7})
    assert (str(caught.value), caught.value.decisive) == ("expected a string, got an integer", True)
    for other in (
        {"kind": "cow", "age": 7},
        {"kind": "cat", "legs": 4.0, "age": 7},
        {"kind": "cat", "legs": 3},
    ):
        with pytest.raises(DecodingError) as caught:
            read(other)
        assert "fits no variant" in str(caught.value)
        assert "names another variant" in str(caught.value)
        assert not caught.value.decisive
    with pytest.raises(DecodingError, match="expected an object, got a list"):
        cat([])
    old = [{"kind": "cat", "legs": 4, "age": "old"}]
    assert decoding.either(decoding.list_of(cat), decoding.anything)(old) == old, "alone, no list"


def test_null_means_what_the_document_says() -> None:
    fields = decoding.Fields(
        Row,
        fill,
        {
            "id": decoding.required("id", decoding.text),
            "class": decoding.required_or_null("class_", decoding.text),
            "note": decoding.optional("note", decoding.text),
            "price": decoding.optional_or_null("price", decoding.number),
        },
        decoding.integer,
    )
    row = fields.read(Row, {"more": 1, "price": None, "note": None, "class": None, "id": "a"})
    assert (row.price, row.note, row.class_, row.id) == (None, UNSET, None, "a")
    assert row.additional_properties == {"more": 1}
    for body, said in (
        ({"id": "a"}, "class: is missing"),
        ({"class": "b"}, "id: is missing"),
        ({"id": None, "class": "b"}, "id: expected a string, got null"),
        ({"id": "a", "class": 7}, "class: expected a string, got an integer"),
        ({"id": "a", "class": "b", "more": "x"}, "more: expected an integer, got a string"),
        (["id"], "expected an object, got a list"),
    ):
        with pytest.raises(DecodingError) as caught:
            fields.read(Row, body)
        assert str(caught.value) == said


def test_an_object_is_copied() -> None:
    source = {"a": 1}
    copy = decoding.object_of(source)
    assert copy == source
    assert copy is not source


def test_a_model_reads_its_own_fields() -> None:
    read = decoding.list_of(CallbackAttempt.from_dict)
    [attempt] = read([{"attempt_number": 2, "x_newer": [1]}])
    assert (attempt.attempt_number, attempt.id) == (2, UNSET)
    assert attempt.additional_properties == {"x_newer": [1]}
    with pytest.raises(DecodingError) as caught:
        FlowNodeRun.from_dict({"started_at": "now"})
    assert caught.value.path == "started_at"
