"""What all models and operations share: UNSET, open enums, free objects, errors, pickling."""

import copy
import json
import pickle
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import runflow_api
from runflow_api import client, errors, free_form, models, open_enums, responses, types
from runflow_api.decoding import text
from runflow_api.errors import (
    ApiError,
    DecodingError,
    ErrorStatus,
    InvalidResponse,
    UnexpectedStatus,
)
from runflow_api.free_form import FreeFormObject, UnknownVariant
from runflow_api.http_library import httpx
from runflow_api.models import Asset, CallbackSecretCreated, ErrorResponse, JsonObject, RunStatus
from runflow_api.open_enums import UNKNOWN, OpenIntEnum
from runflow_api.representation import without_secrets
from runflow_api.types import UNSET, File, Operation, Response, Unset

OPERATION = Operation("get_thing", "GET", "/v1/things/{id}")
URL = "https://user:hidden@a.example/v1/things/7?key=hidden"
TRAVELS: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    *(
        lambda value, protocol=protocol: pickle.loads(pickle.dumps(value, protocol))
        for protocol in range(2, 6)
    ),
]


class Number(OpenIntEnum):
    """An open enum of integers: our document has none."""

    ONE = 1


def answer(
    status: int, content: bytes = b"", kind: str | None = "application/json"
) -> httpx.Response:
    headers = {} if kind is None else {"Content-Type": kind}
    return httpx.Response(
        status, content=content, headers=headers, request=httpx.Request("GET", URL)
    )


@pytest.mark.parametrize("travel", TRAVELS)
def test_what_is_one_stays_one(travel: Callable[[Any], Any]) -> None:
    assert travel(UNSET) is UNSET
    assert travel([UNSET])[0] is UNSET
    assert travel(RunStatus.QUEUED) is RunStatus.QUEUED
    assert travel(Number.ONE) is Number.ONE
    for newer, known in ((RunStatus("newer"), RunStatus.QUEUED), (Number(7), Number.ONE)):
        there = travel(newer)
        assert there == newer
        assert type(there) is type(newer)
        assert (there.name, there.value, there.is_known, known.is_known) == (
            UNKNOWN,
            newer.value,
            False,
            True,
        )


def test_unset_is_nothing() -> None:
    assert Unset() is UNSET
    assert not UNSET
    assert (repr(UNSET), UNSET is None) == ("UNSET", False)


@pytest.mark.parametrize(
    ("enum", "value", "wrong"),
    [(RunStatus, "newer", (7, None)), (Number, 7, ("7", None, 7.5, False))],
)
def test_an_open_enum_takes_what_is_newer(enum: Any, value: Any, wrong: tuple[object, ...]) -> None:
    members = list(enum)
    newer = enum(value)
    assert newer == value
    assert hash(newer) == hash(value)
    assert {value: 1}[newer] == 1
    assert (str(newer), json.dumps(newer), newer.name, newer.value) == (
        str(value),
        json.dumps(value),
        UNKNOWN,
        value,
    )
    assert type(newer.value) is type(value)
    assert UNKNOWN == "UNKNOWN"
    assert (newer.is_known, members[0].is_known, str(members[0])) == (
        False,
        True,
        str(members[0].value),
    )
    assert copy.copy(newer) is newer
    assert copy.deepcopy(newer) is newer
    assert list(enum) == members, "unknown members are not kept"
    for one in wrong:
        with pytest.raises(ValueError, match="is not a valid"):
            enum(one)
    assert f"{newer}" == str(value)


@pytest.mark.parametrize("kind", [JsonObject, UnknownVariant, FreeFormObject])
def test_a_free_object_is_like_a_dict(kind: Any) -> None:
    source = {"a": 1, "b": None}
    free = kind(source)
    assert (kind(), kind(None), len(kind())) == ({}, {}, 0)
    assert free == source == free.to_dict() == kind.from_dict(source) == dict(free)
    assert free != kind({"a": 2})
    assert list(free) == ["a", "b"]
    assert (len(free), free["a"], free.get("x"), "b" in free, "x" in free) == (
        2,
        1,
        None,
        True,
        False,
    )
    free["c"] = [2]
    del free["a"]
    assert (free, source) == ({"b": None, "c": [2]}, {"a": 1, "b": None}), "it holds a copy"
    read = kind.from_dict(source)
    read["c"] = [2]
    assert source == {"a": 1, "b": None}, "what is read holds a copy, too"
    shown = free.to_dict()
    shown["d"] = 1
    assert "d" not in free
    with pytest.raises(KeyError):
        free["x"]
    with pytest.raises(KeyError):
        del free["x"]
    others: dict[str, Any] = {
        "null": None,
        "a boolean": True,
        "a list": [],
        "bytes": b"",
        "Asset": Asset(),
    }
    for told, value in others.items():
        with pytest.raises(DecodingError, match=rf"^expected an object, got {told}$"):
            kind.from_dict(value)
    assert (
        repr(kind({"url": "https://u:p@a.example/?hidden"}))
        == f"{kind.__name__}({{'url': 'https://a.example/?...'}})"
    )
    assert [travel(free) for travel in TRAVELS] == [free] * len(TRAVELS)


def test_a_model_shows_what_is_set_and_no_secret() -> None:
    asset = Asset(name="a.png", url="https://u:p@a.example:1/b?X-Sig=hidden#x", folder_id=None)
    shown = repr(asset)
    told = ("Asset(", "name='a.png'", "folder_id=None", "'https://a.example:1/b?...'")
    hidden = ("hidden", "u:p", "UNSET", "additional_properties")
    assert [word for word in (*told, *hidden) if word in shown] == list(told)
    asset.additional_properties = {"newer": 1}
    assert "additional_properties={'newer': 1}" in repr(asset)
    secret = CallbackSecretCreated(plain_secret="whsec_hidden", key_prefix="whsec_hid")
    assert "plain_secret=..." in repr(secret)
    assert "whsec_hidden" not in repr(secret)
    assert repr(secret).startswith("CallbackSecretCreated(")
    assert repr(secret).endswith(")")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("see https://u:p@a.example/b?c=d, then", "see https://a.example/b?... then"),
        ("http://a.example", "http://a.example"),
        ("http://a@b@c.example/?", "http://c.example/?..."),
        (
            "'https://a.example/x?y' \"http://b.example?z\"",
            "'https://a.example/x?...' \"http://b.example?...\"",
        ),
        ("https://a.example/x@y?z<br>", "https://a.example/x@y?...<br>"),
        ("ftp://u:p@a.example/?b", "ftp://u:p@a.example/?b"),
    ],
)
def test_addresses_lose_their_secrets(written: str, shown: str) -> None:
    assert without_secrets(written) == shown


BODY = b'{"code": "RUN_NOT_FOUND", "message": "no  run\\n at https://a.example/?hidden"}'


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (
            BODY,
            "application/json",
            f"application/json, {len(BODY)} bytes: RUN_NOT_FOUND: no run at https://a.example/?...",
        ),
        (b'{"code": "C"}', None, "no Content-Type, 13 bytes: C"),
        (b'{"code": "two words", "message": 7}', "text/x", "text/x, 35 bytes"),
        (b'{"message": "m"}', "text/x", "text/x, 16 bytes: m"),
        (b'{"code": 7}', "text/x", "text/x, 11 bytes"),
        (b"[7]", "text/x", "text/x, 3 bytes"),
        (b"<html>", "text/html", "text/html, 6 bytes"),
        (b"[" * 100_000, "text/x", "text/x, 100000 bytes"),
    ],
)
def test_an_error_says_what_was_asked_and_answered(
    content: bytes, kind: str | None, said: str
) -> None:
    response = answer(404, content, kind)
    where = "get_thing: GET https://a.example/v1/things/7 answered 404"
    error = ErrorStatus(OPERATION, response, {"parsed": 1})
    assert str(error) == f"{where} ({said})"
    assert error.finding == f"answered 404 ({said})"
    assert (
        str(UnexpectedStatus(OPERATION, response))
        == f"{where}, which the document does not name ({said})"
    )
    broken = InvalidResponse(OPERATION, response, "is missing", "a[1]")
    size = said.partition(": ")[0]
    assert str(broken) == f"{where} with an unreadable body: at a[1]: is missing ({size})"
    assert (
        str(InvalidResponse(OPERATION, response, "is empty"))
        == f"{where} with an unreadable body: is empty ({size})"
    )
    facts: tuple[ApiError, ...] = (error, broken)
    assert [(one.operation, one.response, one.status_code, one.content) for one in facts] == [
        (OPERATION, response, 404, content)
    ] * 2
    assert (error.parsed, broken.reason, broken.path) == ({"parsed": 1}, "is missing", "a[1]")


def test_a_long_message_is_cut_and_a_request_may_be_unknown() -> None:
    response = httpx.Response(
        500, content=json.dumps({"message": "x" * 301, "code": "c" * 81}).encode()
    )
    said = str(UnexpectedStatus(OPERATION, response))
    assert said.startswith("get_thing: GET /v1/things/{id} answered 500")
    assert said.count("x") == 300
    assert "ccc" not in said
    named = httpx.Response(500, content=json.dumps({"code": "c" * 80}).encode())
    assert "c" * 80 in str(UnexpectedStatus(OPERATION, named))
    message = "x" * 285 + " https://u:hidden@a.example/"
    signed = httpx.Response(500, content=json.dumps({"message": message}).encode())
    assert "u:hid" not in str(UnexpectedStatus(OPERATION, signed)), "before it is cut"


@pytest.mark.parametrize("travel", TRAVELS[1:])
def test_errors_travel(travel: Callable[[Any], Any]) -> None:
    response = answer(404, BODY)
    body = ErrorResponse.from_dict(json.loads(BODY))
    for error in (
        UnexpectedStatus(OPERATION, response),
        ErrorStatus(OPERATION, response, body),
        InvalidResponse(OPERATION, response, "is missing", "a"),
    ):
        there = travel(error)
        assert type(there) is type(error)
        assert str(there) == str(error)
        assert (there.operation, there.content, there.status_code) == (OPERATION, BODY, 404)
        for name in ("parsed", "reason", "path"):
            assert getattr(there, name, None) == getattr(error, name, None)


def test_bodies_are_read_as_what_they_are() -> None:
    assert responses.json_body(OPERATION, answer(200, b'"x"'), text) == "x"
    assert (
        responses.text_body(OPERATION, answer(200, "é".encode(), "text/plain; charset=utf-8"), text)
        == "é"
    )
    for kind in (
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/problem+json ",
    ):
        assert responses.json_or_file_body(OPERATION, answer(200, b'"x"', kind), text) == "x"
    for other in ("image/png", None):
        file = responses.json_or_file_body(OPERATION, answer(200, b'"x"', other), text)
        assert isinstance(file, File)
        assert (file.payload.read(), file.file_name, file.mime_type) == (b'"x"', None, other)
    detailed = responses.detailed(answer(200, b'"x"'), lambda response: response.text)
    assert detailed == Response(200, b'"x"', detailed.headers, '"x"')
    assert detailed.headers["content-type"] == "application/json"
    assert repr(detailed) == "Response(status_code=200, parsed='\"x\"')"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<html>", "is not JSON (JSONDecodeError)"),
        (b"\xff", "is not JSON (UnicodeDecodeError)"),
        (b"NaN", "is not JSON (ValueError)"),
        (b"[" * 100_000, "is not JSON (RecursionError)"),
        (b"7", "expected a string, got an integer"),
    ],
)
def test_a_body_that_cannot_be_read_says_why(content: bytes, reason: str) -> None:
    for read in (responses.json_body, responses.json_or_file_body):
        with pytest.raises(InvalidResponse) as caught:
            read(OPERATION, answer(200, content), text)
        assert (caught.value.reason, caught.value.path) == (reason, "")
        assert caught.value.__cause__ is None

    def refuse(value: Any) -> str:
        raise DecodingError("is odd", "a")

    with pytest.raises(InvalidResponse) as caught:
        responses.text_body(OPERATION, answer(200, b"x"), refuse)
    assert (caught.value.reason, caught.value.path) == ("is odd", "a")


def test_packages_know_their_names() -> None:
    for package in (runflow_api, models):
        names: list[str] = list(package.__all__)
        assert set(names) <= set(dir(package))
        assert dir(package) == sorted(dir(package))
        for name in names:
            value = getattr(package, name)
            assert value is vars(package)[name] is getattr(package, name), "found once, it stays"
        with pytest.raises(
            AttributeError, match=f"^module '{package.__name__}' has no attribute 'Nothing'$"
        ):
            getattr(package, "Nothing")  # noqa: B009 # a name that type checkers know to be none
    assert runflow_api.AuthenticatedClient.__mro__[1] is runflow_api.Client
    assert models.RunStatus is RunStatus
    assert errors.ApiError is ApiError


def test_each_module_exports_what_it_has() -> None:
    modules = (client, errors, free_form, open_enums, types)
    lost = {name for one in modules for name in one.__all__ if not hasattr(one, name)}
    assert lost == set()


def test_files_and_operations_are_plain() -> None:
    file = File(BytesIO(b"x"))
    assert (file.file_name, file.mime_type) == (None, None)
    assert file == File(file.payload)
    assert repr(OPERATION) == "Operation(name='get_thing', method='GET', path='/v1/things/{id}')"
    assert Operation("get_thing", "GET", "/v1/things/{id}") == OPERATION
    with pytest.raises(AttributeError):
        OPERATION.name = "other"  # type: ignore[misc]  # that it cannot be set is what is tested
