"""The writers of the generated client: JSON, paths, queries, headers and forms.

Our document has no form, no cookie and no file; the client that is made of another one has.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from runflow_api import encoding
from runflow_api.models import Feedback, JsonObject, RunStatus
from runflow_api.open_enums import OpenIntEnum
from runflow_api.types import UNSET, File, Operation, RequestArguments

ID = UUID("01980000-0000-7000-8000-0000000000ab")
WHEN = datetime(2026, 3, 1, 12, 30, 0, 5, timezone(timedelta(hours=5, minutes=30)))
OPERATION = Operation("op", "PUT", "/v1/{id}")


class Number(OpenIntEnum):
    ONE = 1


class Form:
    """A body with form fields."""

    def to_dict(self) -> dict[str, Any]:
        return {"b": True, "list": [1, 2]}

    def to_multipart(self) -> object:
        return [("b", (None, b"true", "text/plain"))]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (0, 0),
        (1.5, 1.5),
        ("é", "é"),
        (RunStatus.QUEUED, "queued"),
        (Number(7), 7),
        (ID, str(ID)),
        (WHEN, "2026-03-01T12:30:00.000005+05:30"),
        (datetime(2026, 3, 1, 12), "2026-03-01T12:00:00+00:00"),
        (date(2026, 3, 1), "2026-03-01"),
        (Feedback(is_positive=None), {"is_positive": None}),
        ({"a": [ID, {"b": RunStatus("newer")}]}, {"a": [str(ID), {"b": "newer"}]}),
        ((1, WHEN.replace(tzinfo=UTC)), [1, "2026-03-01T12:30:00.000005+00:00"]),
        (JsonObject({"a": 1}), {"a": 1}),
    ],
)
def test_json(value: object, expected: object) -> None:
    found = encoding.json_value(value)
    assert json.dumps(found) == json.dumps(expected)
    assert type(found) is type(expected)


def test_a_value_of_a_kind_of_its_own_stays_as_it_is() -> None:
    class Name(str):
        """A subclass of str."""

        __slots__ = ()

    name = Name("é")
    assert encoding.json_value([name]) == ["é"]
    assert encoding.text(name) == "é"


def test_a_file_in_json_is_its_tuple() -> None:
    file = File(BytesIO(b"x"), "a.png", "image/png")
    assert encoding.json_object({"file": [file]}) == {
        "file": [("a.png", file.payload, "image/png")]
    }


def test_a_json_object_leaves_out_what_is_unset() -> None:
    assert encoding.json_object({"a": None, "b": UNSET, "c": ID}) == {"a": None, "c": str(ID)}
    assert encoding.json_object({"a": 1, "b": UNSET}, {"a": 2, "b": ID}) == {"a": 1, "b": str(ID)}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a b", "a b"),
        (RunStatus.QUEUED, "queued"),
        (Number.ONE, "1"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1.5, "1.5"),
        (ID, str(ID)),
        (WHEN, "2026-03-01T12:30:00.000005+05:30"),
        ({"a": ID}, f'{{"a": "{ID}"}}'),
        ([1, True], "[1, true]"),
        (Feedback(is_positive=True), '{"is_positive": true}'),
    ],
)
def test_text(value: object, expected: str) -> None:
    found = encoding.text(value)
    assert found == expected
    assert type(found) is str


@pytest.mark.parametrize(("value", "named"), [(None, "None"), (UNSET, "UNSET")])
def test_what_is_not_there_has_no_text(value: object, named: str) -> None:
    with pytest.raises(TypeError, match=f"^{named} has no text form$"):
        encoding.text(value)
    with pytest.raises(ValueError, match=r"^path parameter id is not set$"):
        encoding.path_value("id", value)


def test_paths() -> None:
    assert encoding.path_value("id", "a/b c?é%~") == "a%2Fb%20c%3F%C3%A9%25~"
    assert encoding.path_value("id", "a/b c/1.5", many_segments=True) == "a/b%20c/1.5"
    assert encoding.path_value("id", ID) == str(ID)
    assert encoding.path_value("id", 0) == "0"
    for wrong in ("", ".", "..", "a/", "/a", "a/../b", "a//b"):
        for many in (False, True):
            with pytest.raises(
                ValueError, match=r"^path parameter id: a segment must not be empty"
            ) as caught:
                encoding.path_value("id", wrong, many_segments=many)
            assert repr(wrong) in str(caught.value)


def test_queries_and_headers() -> None:
    values = {
        "n": None,
        "u": UNSET,
        "f": False,
        "z": 0,
        "e": "",
        "l": [1, None, True],
        "t": ("a",),
        "s": RunStatus.QUEUED,
    }
    plain = {"f": "false", "z": "0", "e": "", "s": "queued"}
    assert encoding.query_values(values) == {**plain, "l": ["1", "true"], "t": ["a"]}
    assert encoding.query_values({"object": Form(), "after": 1}) == {
        "b": "true",
        "list": ["1", "2"],
        "after": "1",
    }
    assert encoding.header_values(values) == {**plain, "l": "[1, null, true]", "t": '["a"]'}


def test_parts_of_a_form() -> None:
    file = File(BytesIO(b"x"), "a.png", "image/png")
    known = {
        "file": file,
        "note": "é",
        "unset": UNSET,
        "null": None,
        "object": {"a": ID},
        "ids": [ID, 7],
        "none": [],
    }
    parts = encoding.form_parts(
        {**known, "model": Feedback(is_positive=True)}, {"note": "lost", "more": False}
    )
    named = [(name, content, kind) for name, (_, content, kind) in parts if name != "file"]
    assert sorted(named) == [
        ("ids", str(ID).encode(), "text/plain"),
        ("ids", b"7", "text/plain"),
        ("model", b'{"is_positive": true}', "application/json"),
        ("more", b"false", "text/plain"),
        ("note", "é".encode(), "text/plain"),
        ("null", b"null", "application/json"),
        ("object", json.dumps({"a": str(ID)}).encode(), "application/json"),
    ]
    assert {name for _, (name, _, _) in parts} == {None, "a.png"}
    assert dict(parts)["file"] == ("a.png", file.payload, "image/png")
    assert file.to_tuple() == ("a.png", file.payload, "image/png")


def test_a_request_is_put_together() -> None:
    bare = encoding.request(OPERATION, "/v1/7")
    assert bare == {"method": "PUT", "url": "/v1/7"}
    assert encoding.request(
        OPERATION, "/v1/7", query={"a": None}, headers={"b": UNSET}, cookies={"c": None}
    ) == {
        **bare,
        "params": {},
    }
    full = encoding.request(
        OPERATION, "/v1/7", query={"a": 1}, headers={"B": True}, cookies={"c": "x;y", "d": 2}
    )
    assert full == {
        **bare,
        "params": {"a": "1"},
        "headers": {"B": "true", "Cookie": "c=x%3By; d=2"},
    }


def _arguments() -> RequestArguments:
    return encoding.request(OPERATION, "/v1/7", headers={"A": "1"})


@pytest.mark.parametrize(
    ("add", "added"),
    [
        (
            lambda to: encoding.add_json(to, {"a": ID}, "application/x+json"),
            {"json": {"a": str(ID)}},
        ),
        (lambda to: encoding.add_json(to, [], "application/x+json"), {"json": []}),
        (lambda to: encoding.add_json(to, None, "application/x+json"), {"content": b"null"}),
        (lambda to: encoding.add_content(to, "é", "application/x+json"), {"content": "é".encode()}),
        (lambda to: encoding.add_content(to, b"x", "application/x+json"), {"content": b"x"}),
        (
            lambda to: encoding.add_content(to, File(BytesIO(b"x")), "application/x+json"),
            {"content": b"x"},
        ),
    ],
)
def test_a_body_is_added_with_its_type(
    add: Callable[[RequestArguments], None], added: dict[str, Any]
) -> None:
    arguments = _arguments()
    add(arguments)
    headers = {"A": "1", "Content-Type": "application/x+json"}
    assert arguments == {"method": "PUT", "url": "/v1/7", "headers": headers, **added}


def test_a_file_says_its_own_type_and_a_form_has_none() -> None:
    arguments = encoding.request(OPERATION, "/v1/7")
    encoding.add_content(
        arguments, File(BytesIO(b"x"), mime_type="image/png"), "application/octet-stream"
    )
    assert arguments.get("headers") == {"Content-Type": "image/png"}
    form, parts = _arguments(), _arguments()
    encoding.add_form(form, Form())
    encoding.add_multipart(parts, Form())
    assert form == {**_arguments(), "data": {"b": "true", "list": ["1", "2"]}}
    assert parts == {**_arguments(), "files": [("b", (None, b"true", "text/plain"))]}


def test_a_body_that_is_unset_is_none() -> None:
    arguments = _arguments()
    encoding.add_json(arguments, UNSET, "application/json")
    encoding.add_content(arguments, UNSET, "text/plain")
    encoding.add_form(arguments, UNSET)
    encoding.add_multipart(arguments, UNSET)
    assert arguments == _arguments()
